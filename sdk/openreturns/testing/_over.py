"""What checks run over: mappings, directions, recorded records, code tables, settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._rules import Direction
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import Case, Inapplicable, NoEvidence, Over
from openreturns.testing._evidence import Record

__all__ = ["adapter_itself", "directions", "mappings", "read_back", "records", "written_records"]


def named(mapping: DocumentMapping, way: str = "") -> str:
    """Return what a mapping, or a direction of it, is called in reports."""
    return f"{mapping.native}-{mapping.canonical}" + (f".{way}" if way else "")


def adapter_itself(candidate: Candidate) -> Iterator[Case]:
    """Yield the adapter as a whole."""
    yield Case(candidate.name)


def mappings(candidate: Candidate) -> Iterator[Case]:
    """Yield each mapping."""
    yield from (Case(named(mapping), (mapping,)) for mapping in candidate.mappings)


Having = Callable[[Candidate, DocumentMapping, Direction], bool]


def directions(*ways: Direction, having: Having | None = None, nothing: str = "") -> Over:
    """Return what yields each direction of each mapping, of those named, for which `having` holds.

    `nothing` says why there may be none.
    """
    why = nothing or f"no mapping {'writes' if ways == ('out',) else 'reads'} records"

    def over(candidate: Candidate) -> Iterator[Case]:
        found = [(mapping, way) for mapping in candidate.mappings for way in mapping.directions if way in ways]
        found = [one for one in found if having is None or having(candidate, *one)]
        if not found:
            raise Inapplicable(why)
        yield from (Case(named(mapping, way), (mapping, way)) for mapping, way in found)

    return over


def read_back(candidate: Candidate) -> Iterator[Case]:
    """Yield each mapping that goes both ways."""
    found = [mapping for mapping in candidate.mappings if len(mapping.directions) == 2]
    if not found:
        raise Inapplicable("no mapping both reads and writes a record")
    yield from (Case(named(mapping), (mapping,)) for mapping in found)


def _recorded(candidate: Candidate) -> tuple[Record, ...]:
    if not candidate.evidence.records:
        raise NoEvidence("there is no recorded record (*.json beside tenant.toml)")
    return candidate.evidence.records


def records(candidate: Candidate) -> Iterator[Case]:
    """Yield each recorded record."""
    found = _recorded(candidate)
    yield from (Case(record.name, (record,)) for record in found)


def written_records(candidate: Candidate) -> Iterator[Case]:
    """Yield each recorded record that tells the document it was written from."""
    written = [mapping for mapping in candidate.mappings if "out" in mapping.directions]
    if not written:
        raise Inapplicable("no mapping writes records")
    found = [record for record in _recorded(candidate) if record.written_from is not None]
    if not found:
        raise NoEvidence("no recorded record tells the document it was written from (written_from)")
    yield from (Case(record.name, (record,)) for record in found)
