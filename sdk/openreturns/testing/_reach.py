"""Sources in which a number reaches the other side, and the same sources in another currency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from itertools import islice
from typing import Any

from openreturns._fields import Field
from openreturns.errors import MappingError
from openreturns.invariants._exact import minor_units
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._interpret import present
from openreturns.mapping._rules import Direction
from openreturns.mapping._table import plain, rows
from openreturns.testing._apart import translated, with_value_at
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import NoEvidence
from openreturns.testing._drawn import drawn

__all__ = ["Carried", "as_number", "carried", "in_currency", "numbers", "reaches"]

_NUMBERS = {"in": "number", "out": "decimal"}
_TWO = (("2", "3"), ("-2", "-3"))
_DRAWN = 12  # of the drawn sources that have a field, so many are asked whether its number reaches the other side


@dataclass(frozen=True)
class Carried:
    """A number that reaches the other side: its field, where it is, and a source in which it does."""

    field: Field
    pointer: str
    source: dict[str, Any]


def numbers(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> list[Field]:
    """Return the fields of a source that are decimal numbers."""
    return [one for one in candidate.fields(mapping, way).values() if one.kind == _NUMBERS[way]]


def as_number(way: Direction, text: str) -> Decimal | str:
    """Return a number as a source of this direction has it."""
    return Decimal(text) if way == "in" else text


def carried(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> tuple[Carried, ...]:
    """Return each number that reaches the other side, once: of others only tells whether there is one."""
    return _found(candidate, mapping, way)[0]


def reaches(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> bool:
    """Whether a number reaches the other side, or nothing tells that none does: each source with it is refused."""
    try:
        found, undecided = _found(candidate, mapping, way) if numbers(candidate, mapping, way) else ((), False)
    except (NoEvidence, MappingError):
        return True  # told by the case
    return bool(found) or undecided


def _found(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> tuple[tuple[Carried, ...], bool]:
    """Return the numbers that reach the other side, and whether of another nothing tells."""
    key = f"carried:{mapping.native}:{mapping.canonical}:{way}"
    if key not in candidate.memory:
        tried = [_tried(candidate, mapping, way, field) for field in numbers(candidate, mapping, way)]
        candidate.memory[key] = tuple(one for one in tried if isinstance(one, Carried)), None in tried
    found: tuple[tuple[Carried, ...], bool] = candidate.memory[key]
    return found


def _tried(candidate: Candidate, mapping: DocumentMapping, way: Direction, field: Field) -> Carried | bool | None:
    """Return a source in which a number counts, False where it counts in none, None where all are refused."""
    translator, told = candidate.translator(mapping), None
    for source, pointer in _places(candidate, mapping, way, field):
        for pair in _TWO:
            both = [with_value_at(source, pointer, as_number(way, text)) for text in pair]
            one, other = (translated(translator, way, each) for each in both)
            if one and other and one.documents != other.documents:
                return Carried(field, pointer, source)
            told = False if one and other else told
    return told


def _places(
    candidate: Candidate, mapping: DocumentMapping, way: Direction, field: Field
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the sources that have a field, with its place: the one that has everything, then drawn ones."""
    whole = candidate.whole(mapping, way)
    yield from ((whole, pointer) for pointer in present(whole, field.path))
    there = ((one, next(present(one, field.path), "")) for one in drawn(candidate, mapping, way))
    yield from islice((pair for pair in there if pair[1]), _DRAWN)


def in_currency(
    candidate: Candidate, mapping: DocumentMapping, way: Direction, source: dict[str, Any], currency: str
) -> tuple[Candidate, dict[str, Any]] | None:
    """Return a source in another currency and the tenant that takes it, or None where no tenant does.

    A tenant may have all in one currency, its books' say; a source may have two, as an exchange rate does.
    """
    places = _currencies(candidate, mapping, way, source, currency)
    ours = _dealing_in(candidate, currency)
    every = [places, *([*places[:n], *places[n + 1 :]] for n in range(len(places)) if len(places) > 1)]
    for one in every:
        made = reduce(lambda at, place: with_value_at(at, *place), one, source)
        for tenant in (ours, candidate):
            if translated(tenant.translator(mapping), way, made):
                return tenant, made
    return None


def _dealing_in(candidate: Candidate, currency: str) -> Candidate:
    """Return the candidate with another currency in each setting that is one."""
    settings = candidate.configured.tenant.settings
    theirs = {name: currency for name, value in settings.items() if str(value) in minor_units()}
    return replace(candidate, settings=theirs, memory={})


def _currencies(
    candidate: Candidate, mapping: DocumentMapping, way: Direction, source: dict[str, Any], currency: str
) -> list[tuple[str, str]]:
    """Return each place of a source that says a currency, with the word for another one."""
    words = {path: currency for path, one in candidate.fields(mapping, way).items() if one.definition == "CurrencyCode"}
    if way == "in":
        for row in rows(mapping):
            if row.native and row.canonical.rpartition(".")[2] == "currency":
                table = candidate.configured.tenant.tables.get(row.codec.table) if row.codec else None
                words[plain(row.native)] = table.write.get(currency, currency) if table else currency
        same = {path.rpartition(".")[2] for path in words if "currency" in path.rpartition(".")[2].lower()}
        beside = (path for path in candidate.fields(mapping, way) if path.rpartition(".")[2] in same)
        words = {**dict.fromkeys(beside, currency), **words}
    return [(pointer, word) for path, word in words.items() for pointer in present(source, path)]
