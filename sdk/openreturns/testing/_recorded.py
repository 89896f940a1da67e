"""Provers: recorded records become the documents that they must become, and are what their documents make."""

from __future__ import annotations

from typing import Any

from openreturns._json import dump
from openreturns.errors import ContractError, MappingError
from openreturns.models import DOCUMENTS, Document
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure
from openreturns.testing._declared import failure
from openreturns.testing._evidence import Record

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
        place, value = _difference(wanted["document"], read.document.to_dict())
        if place:
            said = f"{record.name} is not read as expected: {value[0]!r} should be there, {value[1]!r} is"
            raise CheckFailure(said, canonical=place, value=value[1], document=record.native)
        found = sorted({finding.code for finding in read.findings})
        if found != wanted.get("findings", []):
            raise CheckFailure(f"{found} is found, {wanted.get('findings', [])} expected", document=record.native)


def _difference(wanted: Any, found: Any, at: str = "") -> tuple[str, tuple[Any, Any]]:
    """Return the pointer of the first place where two JSON values differ, and what is there; no place for none."""
    if wanted == found:
        return "", (None, None)
    pairs: list[tuple[Any, Any, Any]] = []
    if isinstance(wanted, dict) and isinstance(found, dict):
        pairs = [(name, wanted.get(name), found.get(name)) for name in {**wanted, **found}]
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = [(place, *pair) for place, pair in enumerate(zip(wanted, found, strict=True))]
    for step, one, other in pairs:
        if one != other:
            return _difference(one, other, f"{at}/{step}")
    return at or "/", (wanted, found)


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
    place, value = _difference([record.native], made)
    if place:
        said = f"{record.name} is not written as recorded: {value[0]!r} should be there, {value[1]!r} is"
        raise CheckFailure(said, native=place.removeprefix("/0"), value=value[1], document=record.written_from)


def document_of(data: dict[str, Any]) -> Document:
    """Return a canonical document of plain data, by what it says it is."""
    return DOCUMENTS[data["meta"]["schema"].split("/")[1]].model_validate_json(dump(data))
