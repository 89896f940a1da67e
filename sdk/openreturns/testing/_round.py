"""Provers: there and back again, within what is declared or told as lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from openreturns._fields import generic
from openreturns.errors import ContractError, MappingError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._table import plain, rows
from openreturns.mapping._translator import absent
from openreturns.testing._apart import covered, parts, translated
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure, NoEvidence
from openreturns.testing._drawn import drawn
from openreturns.testing._ends import ends
from openreturns.testing._filled import copied, leaves, values
from openreturns.testing._smallest import held
from openreturns.validation import document_validator

__all__ = ["documents_return", "records_return"]


def documents_return(candidate: Candidate, mapping: DocumentMapping) -> None:
    """Prove by recorded documents and drawn ones, written and read again; a drawn one may be refused.

    What the vendor has to add of its own comes from a whole record, as far as its contract requires it.
    """
    recorded = (part for one in _documents(candidate, mapping) for part in parts(mapping, one))
    held(lambda part: _returns(candidate, mapping, part), recorded)
    others = (part for one in drawn(candidate, mapping, "out") for part in parts(mapping, one))
    held(lambda part: _returns_or_is_refused(candidate, mapping, part), others)


def _returns_or_is_refused(candidate: Candidate, mapping: DocumentMapping, part: Mapping[str, Any]) -> None:
    with suppress(ContractError, MappingError):  # refused aloud: nothing is lost
        _returns(candidate, mapping, part)


def _returns(candidate: Candidate, mapping: DocumentMapping, part: Mapping[str, Any]) -> None:
    translator = candidate.translator(mapping)
    written = translator.to_native(part)
    again = translator.to_canonical(_as_held(candidate, mapping, written.document))
    told = {gap.path for gap in mapping.losses} | {generic(loss.canonical) for loss in written.losses}
    back = dict(leaves(again.document))
    for pointer, one in leaves(part):
        other = back.get(pointer)
        if _same(one, other) or covered(generic(pointer), told) or _named_alike(candidate, one, other):
            continue
        said = f"{one!r} comes back as {other!r}, and nothing tells of a loss"
        raise CheckFailure(said, value=one, document=part, **ends(mapping, "out", generic(pointer), pointer))


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
    made, chosen = copied(written), candidate.values(mapping, "in")
    for path, field in candidate.fields(mapping, "in").items():
        for pointer in absent(made, path) if field.required and field.leaf else ():
            target: Any = made
            *steps, last = pointer.split("/")[1:]
            for step in steps:
                target = target[int(step) if isinstance(target, list) else step]
            target[last] = values(field, chosen)[0]
    return made


def records_return(candidate: Candidate, mapping: DocumentMapping) -> None:
    """Prove by recorded and drawn records that say nothing unknown, read and written again."""
    paths = {plain(row.native) for row in rows(mapping) if row.native and row.direction != "in"}
    records = (*_records(candidate, mapping), *drawn(candidate, mapping, "in"))
    held(lambda record: _is_written_back(candidate, mapping, record, paths), records)


def _is_written_back(candidate: Candidate, mapping: DocumentMapping, record: Any, paths: set[str]) -> None:
    translator = candidate.translator(mapping)
    read = translated(translator, "in", record)
    if read is None or read.told or not document_validator(mapping.canonical).is_valid(read.documents[0]):
        return
    again = translated(translator, "out", read.documents[0])
    if again is None or not again.documents:
        return
    told = {generic(loss.native) for loss in again.losses}
    after = dict(leaves(again.documents[0]))
    for pointer, one in leaves(record):
        path = generic(pointer)
        if path in paths and pointer in after and not _same(one, after[pointer]) and not covered(path, told):
            said = f"{one!r} is written back as {after[pointer]!r}"
            raise CheckFailure(said, value=one, document=record, **ends(mapping, "in", path, pointer))


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
