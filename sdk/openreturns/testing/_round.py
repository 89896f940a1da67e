"""Provers: there and back again, within what is declared or told as lost."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from openreturns._fields import generic
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._table import plain, rows
from openreturns.mapping._translator import absent
from openreturns.testing._apart import covered, translated
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure, NoEvidence
from openreturns.testing._filled import leaves, values

__all__ = ["documents_return", "records_return"]


def documents_return(candidate: Candidate, mapping: DocumentMapping) -> None:
    """Prove by recorded documents, written and read again.

    What the vendor has to add of its own comes from a whole record, as far as its contract requires it.
    """
    translator = candidate.translator(mapping)
    declared = {gap.path for gap in mapping.losses}
    for document in _documents(candidate, mapping):
        for part in mapping.split(document) if mapping.split else (document,):
            written = translator.to_native(part)
            again = translator.to_canonical(_as_held(candidate, mapping, written.document))
            told = declared | {generic(loss.canonical) for loss in written.losses}
            back = dict(leaves(again.document))
            for pointer, one in leaves(part):
                other = back.get(pointer)
                if _same(one, other) or covered(generic(pointer), told):
                    continue
                if not _named_alike(candidate, one, other):
                    said = f"{one!r} comes back as {other!r}, and nothing tells of a loss"
                    raise CheckFailure(said, canonical=pointer, value=one, document=part)


def _named_alike(candidate: Candidate, one: Any, other: Any) -> bool:
    """Whether the tenant's code tables say that two texts name the same thing."""
    tables = candidate.configured.tenant.tables.values()
    return isinstance(one, str) and other is not None and any(table.code(one) == other for table in tables)


def _documents(candidate: Candidate, mapping: DocumentMapping) -> Sequence[dict[str, Any]]:
    recorded = [one for one in candidate.evidence.records if one.native_type == mapping.native]
    schema = f"openreturns/{mapping.canonical}/"
    made = [one.written_from for one in recorded if one.written_from is not None]
    found = [document for document in made if document["meta"]["schema"].startswith(schema)]
    if not found:
        raise NoEvidence(f"no recorded {mapping.native} tells the document it was written from (written_from)")
    return found


def _as_held(candidate: Candidate, mapping: DocumentMapping, written: dict[str, Any]) -> dict[str, Any]:
    """Return a record as the vendor holds it: with a value in every field that its contract requires."""
    made, chosen = copy.deepcopy(written), candidate.values(mapping, "in")
    for path, field in candidate.fields(mapping, "in").items():
        for pointer in absent(made, path) if field.required and field.leaf else ():
            target: Any = made
            *steps, last = pointer.split("/")[1:]
            for step in steps:
                target = target[int(step) if isinstance(target, list) else step]
            target[last] = values(field, chosen)[0]
    return made


def records_return(candidate: Candidate, mapping: DocumentMapping) -> None:
    """Prove by recorded records that say nothing unknown, read and written again."""
    translator = candidate.translator(mapping)
    paths = {plain(row.native) for row in rows(mapping) if row.native and row.direction != "in"}
    for record in _records(candidate, mapping):
        read = translated(translator, "in", record)
        again = translated(translator, "out", read.documents[0]) if read and not read.told else None
        if again is None or not again.documents:
            continue
        told = {generic(loss.native) for loss in again.losses}
        after = dict(leaves(again.documents[0]))
        for pointer, one in leaves(record):
            path = generic(pointer)
            if path in paths and pointer in after and not _same(one, after[pointer]) and not covered(path, told):
                said = f"{one!r} is written back as {after[pointer]!r}"
                raise CheckFailure(said, native=pointer, value=one, document=record)


def _records(candidate: Candidate, mapping: DocumentMapping) -> Sequence[Any]:
    found = [one.native for one in candidate.evidence.records if one.native_type == mapping.native and one.expect]
    if not found:
        raise NoEvidence(f"there is no recorded {mapping.native} that is read")
    return found


def _same(one: Any, other: Any) -> bool:
    """Whether two values mean the same: numbers by value, moments by instant."""
    if one == other:
        return True
    for meaning in (_number, _moment):
        try:
            return bool(meaning(one) == meaning(other))
        except (InvalidOperation, TypeError, ValueError):
            continue
    return False


def _number(value: Any) -> Decimal:
    return Decimal(value)


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)
