"""Provers: what the generator guessed of money, quantities and the vendor's words, a person has confirmed."""

from __future__ import annotations

from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._table import Row, plain, rows
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure

__all__ = ["confirmed"]

_EXACT = frozenset({"decimal", "Quantity", "Money", "SignedMoney"})


def confirmed(candidate: Candidate, mapping: DocumentMapping) -> None:
    """Prove by the marks in the mapping and in the code tables that it uses."""
    guesses = [row for row in rows(mapping) if row.proposed and _exact(candidate, mapping, row)]
    if guesses:
        said = "; ".join(f"{row.canonical} <- {row.native} ({row.how})" for row in guesses)
        first = guesses[0]
        raise CheckFailure(f"nobody has confirmed {said}", canonical=first.canonical, native=first.native)
    for row in rows(mapping):
        table = candidate.configured.tenant.tables.get(row.codec.table) if row.codec else None
        if table is not None and table.proposed:
            words = ", ".join(f"{word!r} = {code!r}" for word, code in table.proposed.items())
            said = (
                f"nobody has confirmed {words} in the code table {table.name!r}: move it to read, with the right code"
            )
            raise CheckFailure(said, canonical=row.canonical, native=row.native)


def _exact(candidate: Candidate, mapping: DocumentMapping, row: Row) -> bool:
    """Whether a row carries an amount, a count, or the unit of one."""
    fields = candidate.fields(mapping, "out")
    paths = [plain(row.canonical), plain(row.canonical).rpartition(".")[0]]
    found = [fields[path] for path in paths if path in fields]
    return any(_EXACT & {field.kind, field.definition} for field in found)
