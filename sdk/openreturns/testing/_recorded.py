"""Provers: recorded records become the documents that they must become, and are what their documents make."""

from __future__ import annotations

from typing import Any

from openreturns._fields import generic
from openreturns._json import dump
from openreturns.errors import ContractError, MappingError
from openreturns.mapping._rules import Direction
from openreturns.models import DOCUMENTS, Document
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure
from openreturns.testing._declared import failure
from openreturns.testing._ends import ends
from openreturns.testing._evidence import Record
from openreturns.testing._filled import difference

__all__ = ["as_written", "becomes", "expected"]


def becomes(candidate: Candidate, record: Record) -> None:
    """Prove by reading the record."""
    ours = candidate.configured
    unknown = ours.check_record(record.native_type, record.native)
    if unknown:
        raise failure(unknown, record.native)
    for canonical, wanted in record.expect.items():
        try:
            read = ours.read(record.native_type, record.native, canonical)
        except (ContractError, MappingError) as error:
            codes = [problem.code for problem in error.problems]
            if codes != wanted.get("problems"):
                raise CheckFailure(f"is refused: {error}", document=record.native) from None
            continue
        if "problems" in wanted:
            raise CheckFailure(f"is read, and should be refused: {wanted['problems']}", document=record.native)
        place, value = difference(wanted["document"], read.document.to_dict())
        if place:
            said = f"{record.name} is not read as expected: {value[0]!r} should be there, {value[1]!r} is"
            places = _made(candidate, record, canonical, "in", place)
            raise CheckFailure(said, value=value[1], document=record.native, **places)
        found = sorted({finding.code for finding in read.findings})
        if found != wanted.get("findings", []):
            raise CheckFailure(f"{found} is found, {wanted.get('findings', [])} expected", document=record.native)


def expected(candidate: Candidate, record: Record) -> None:
    """Prove by what stands in the record's file."""
    readable = {
        mapping.canonical
        for mapping in candidate.mappings
        if mapping.native == record.native_type and "in" in mapping.directions
    }
    missing, strange = sorted(readable - set(record.expect)), sorted(set(record.expect) - readable)
    if missing:
        raise CheckFailure(
            f"{record.name} does not say what it becomes as {', '.join(missing)}", document=record.native
        )
    if strange:
        raise CheckFailure(f"{record.name} says what it becomes as {', '.join(strange)}, which nothing reads")


def as_written(candidate: Candidate, record: Record) -> None:
    """Prove by writing the document again."""
    made = [
        written.record for written in candidate.configured.write(document_of(record.written_from), record.native_type)
    ]
    place, value = difference([record.native], made)
    if place:
        said = f"{record.name} is not written as recorded: {value[0]!r} should be there, {value[1]!r} is"
        places = _made(candidate, record, _kind(record.written_from), "out", place.removeprefix("/0"))
        raise CheckFailure(said, value=value[1], document=record.written_from, **places)


def _made(candidate: Candidate, record: Record, canonical: str, way: Direction, place: str) -> dict[str, str]:
    """Return both places of something that a record is read as, or is written with."""
    ours = (one for one in candidate.mappings if (one.native, one.canonical) == (record.native_type, canonical))
    return ends(next(ours), way, generic(place), place, made=True)


def document_of(data: dict[str, Any]) -> Document:
    """Return a canonical document of plain data, by what it says it is."""
    return DOCUMENTS[_kind(data)].model_validate_json(dump(data))


def _kind(data: dict[str, Any]) -> str:
    return str(data["meta"]["schema"].split("/")[1])
