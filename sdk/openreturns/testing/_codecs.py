"""Provers: what a codec reads it writes back, and code tables leave no word and no code open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from openreturns._fields import Field
from openreturns.errors import MappingError
from openreturns.mapping import CodeTable, Environment
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._table import Row, plain, rows
from openreturns.testing._apart import with_value
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import Case, CheckFailure, Inapplicable
from openreturns.testing._filled import values
from openreturns.testing._over import named

__all__ = ["codecs", "reversible", "tables", "total"]

# Values that a field of a kind may hold, the awkward ones among them.
_NATIVE: dict[str, tuple[Any, ...]] = {
    "text": ("41", "P-100", "a", " spaced ", "ünïcode", ""),
    "integer": (0, 1, 41, 10**15, 2**53 + 1, -41),  # the last that is positive is no binary float
    "number": tuple(map(Decimal, ("0", "1", "2.5", "0.000001", "241.0", "99999999999.99", "-2.5"))),
    "timestamp": ("2026-10-05T14:12:00Z", "2026-10-05T23:12:00+02:00", "2026-10-05T14:12:00.123456Z"),
    "date": ("2026-10-05", "2024-02-29"),
    "boolean": (True, False),
    "array": (["41"], [], ["41", "42"]),
}
_CURRENCIES = ("USD", "JPY", "KWD")
_REFUSES = (ValueError, TypeError, ArithmeticError, MappingError)


def codecs(candidate: Candidate) -> Iterator[Case]:
    """Yield each pair of fields that is joined in both directions, by one record or by two."""
    found = [
        Case(f"{named(mapping)}:{row.native}", (mapping, row, row))
        for mapping in candidate.mappings
        for row in rows(mapping)
        if row.codec is not None and row.direction == "both" and len(mapping.directions) == 2
    ]
    found += _apart(candidate)
    if not found:
        raise Inapplicable("no codec runs in both directions")
    yield from found


def _apart(candidate: Candidate) -> Iterator[Case]:
    """Yield each pair of fields that one record reads and another writes: no document goes round there."""
    ways: dict[str, list[tuple[DocumentMapping, Row]]] = {"in": [], "out": []}
    for mapping in candidate.mappings:
        for row in rows(mapping):
            if (
                row.codec is not None
                and len(mapping.directions) == 1
                and row.direction in {"both", *mapping.directions}
            ):
                ways[mapping.directions[0]].append((mapping, row))
    for reads, read in ways["in"]:
        for writes, written in ways["out"]:
            joins = (reads.canonical, read.canonical, read.native) == (
                writes.canonical,
                written.canonical,
                written.native,
            )
            if joins and reads.native != writes.native:
                name = f"{named(reads)}:{read.native}, written as {writes.native}"
                yield Case(name, (reads, read, written))


def reversible(candidate: Candidate, mapping: DocumentMapping, row: Row, written: Row) -> None:
    """Prove by values of the field's kind: reading and writing give back what means the same, or it is told."""
    there = candidate.fields(mapping, "in").get(plain(row.native))
    if row.codec is None or written.codec is None or there is None:
        raise CheckFailure(f"the contract has no {row.native}", native=row.native)
    bound = row.codec.bind(candidate.configured.tenant)
    writes = written.codec.bind(candidate.configured.tenant).write
    for currency in _CURRENCIES:
        taken = 0
        for value in _tries(candidate, mapping, row, there):
            env = _environment(candidate, currency)
            try:
                parts = {below: part.call(value, env) for below, part in bound.parts.items()}
                if env.findings or env.losses:
                    continue  # told
                back = writes.call(_joined(parts), env)
                again = {below: part.call(back, env) for below, part in bound.parts.items()}
            except _REFUSES:
                continue
            taken += 1
            if not env.losses and (again != parts or _number(back) != _number(value)):
                said = f"{row.codec.name} reads {value!r} as {parts!r}, writes {back!r}, and reads that as {again!r}"
                raise CheckFailure(said, canonical=row.canonical, native=row.native, value=value, document=parts)
        if not taken and currency == _CURRENCIES[0]:
            said = f"{row.codec.name} takes none of the values tried"
            raise CheckFailure(said, canonical=row.canonical, native=row.native)


def _tries(candidate: Candidate, mapping: DocumentMapping, row: Row, there: Field) -> Iterator[Any]:
    table = candidate.configured.tenant.tables.get(row.codec.table) if row.codec else None
    yield from values(there, candidate.values(mapping, "in"))
    if table is None:
        yield from _NATIVE.get(there.kind, ())
    else:
        whole = "integer" in (row.codec.native if row.codec else ())
        yield from (int(word) if whole else word for word in table.read)


def _environment(candidate: Candidate, currency: str) -> Environment:
    env = Environment(candidate.configured.tenant, {}, {})
    env.currency = currency
    return env


def _joined(parts: dict[str, Any]) -> Any:
    if list(parts) == [""]:
        return parts[""]
    made: dict[str, Any] = {}
    for below, value in parts.items():
        made = with_value(made, below, value)
    return made


def _number(value: object) -> object:
    """Return a number as it is, and nothing of other values: what they mean is what they are read as."""
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def tables(candidate: Candidate) -> Iterator[Case]:
    """Yield each code table that a codec of some mapping uses, with the mapping and the fields that it joins."""
    found: dict[str, Case] = {}
    for mapping in candidate.mappings:
        for row in rows(mapping):
            table = candidate.configured.tenant.tables.get(row.codec.table) if row.codec else None
            if table is not None:
                name = f"{named(mapping)}:{table.name}"
                found.setdefault(name, Case(name, (mapping, row, table)))
    if not found:
        raise Inapplicable("no code table is used by a codec")
    yield from found.values()


def total(candidate: Candidate, mapping: DocumentMapping, row: Row, table: CodeTable) -> None:
    """Prove by every word that the contract lists, every code of ours, and every entry of the table."""
    read = "in" in mapping.directions and row.direction != "out"
    written = "out" in mapping.directions and row.direction != "in"
    path, ours = plain(row.canonical), candidate.fields(mapping, "out")
    field, theirs = ours.get(f"{path}.code") or ours.get(path), candidate.fields(mapping, "in").get(plain(row.native))
    codes, listed = field.codes if field else (), theirs.schema.get("x-known-values", ()) if theirs else ()
    found = [*(_read(table, codes, listed) if read else ()), *(_written(table, codes) if written else ())]
    for value, said in found:
        raise CheckFailure(said, canonical=row.canonical, native=row.native, value=value)


def _read(table: CodeTable, codes: Sequence[str], listed: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each word that has no code, and each that has one there is not."""
    for word in listed:
        if table.code(word) is None and not table.unknown and word not in table.proposed:
            yield word, f"{word!r} is listed in the contract and not in the table {table.name!r}"
    for word, code in table.read.items():
        if codes and code not in codes:
            yield word, f"{word!r} is read as {code!r} by the table {table.name!r}, and there is no such code"


def _written(table: CodeTable, codes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each code that is neither written nor refused, or both, and each whose word means another one."""
    for code in codes:
        if (code in table.write) == (code in table.refused):
            how = "both written and refused" if code in table.write else "neither written nor refused"
            yield code, f"{code!r} is {how} by the table {table.name!r}"
    for code, word in table.write.items():
        if table.code(word) not in {code, None} and code not in table.lossy:
            yield code, f"{code!r} is written as {word!r} by the table {table.name!r}, which means something else"
