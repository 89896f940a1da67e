"""Provers: numbers to the last digit, signs, currencies, moments, units, and what goods are told apart by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from openreturns._fields import Field, generic
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import Translator
from openreturns.mapping._interpret import present
from openreturns.mapping._rules import Direction
from openreturns.testing._apart import Made, apart, covered, translated, with_value, with_value_at
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure, NoEvidence
from openreturns.testing._ends import ends
from openreturns.testing._over import directions
from openreturns.testing._reach import Carried, as_number, carried, in_currency, reaches
from openreturns.testing._rough import without
from openreturns.testing._smallest import held

__all__ = [
    "currencies",
    "digits",
    "floats",
    "lots",
    "lots_over",
    "moments",
    "moments_over",
    "numbers_in",
    "numbers_over",
    "signs",
    "units",
    "units_over",
]

# Pairs that differ in the last digit that a canonical decimal may have; the first two are one binary float each.
_CLOSE = (
    ("123456789012345.123456", "123456789012345.123457"),
    ("9007199254740992.1", "9007199254740993.1"),
    ("2.000001", "2.000002"),
    ("100000000000.01", "100000000000.02"),
    ("0.1", "0.2"),
    ("9007199254740992", "9007199254740993"),
    ("1001", "1002"),  # whole and small, for what holds no more
)
_BY_CURRENCY = {"JPY": ("1234", "1235"), "KWD": ("1.233", "1.234"), "CLF": ("1.2341", "1.2342")}
# A number as it was, and as a binary float has it after some reckoning: above it, and below it.
_NOISY = (("0.3", "0.30000000000000004"), ("3", "2.9999999999999996"), ("1.1", "1.1000000000000001"))
_DAY = "2026-10-06"
_ONE_TIME = f"{_DAY}T00:30:00+02:00", f"{_DAY}T00:30:00Z"
_UNITS = ("EA", "KGM", "LTR", "XBX")


def _moments(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> list[Field]:
    return [one for one in candidate.fields(mapping, way).values() if one.kind == "timestamp"]


def _units(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> list[Field]:
    return [one for one in candidate.fields(mapping, way).values() if one.definition == "UnitOfMeasure"]


def _lots(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> list[str]:
    """Return the paths that say which goods move: of an adjustment, or of a receipt that is written."""
    receipts = mapping.split is not None
    return [
        path
        for path in candidate.fields(mapping, way)
        if path.rpartition(".")[2] in {"lot", "serials"}
        and (mapping.canonical == "adjustment" or (receipts and "receipts" in path))
    ]


_NONE = "no decimal number reaches the other side"
numbers_over = directions("in", "out", having=reaches, nothing=_NONE)
numbers_in = directions("in", having=reaches, nothing=_NONE)
units_over = directions("out", having=lambda *one: bool(_units(*one)), nothing="no document has quantities")
moments_over = directions("in", "out", having=lambda *one: bool(_moments(*one)), nothing="no contract has a moment")
lots_over = directions("out", having=lambda *one: bool(_lots(*one)), nothing="no document that is written moves stock")


def digits(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by numbers that differ in their last digit, in every field whose number reaches the other side."""
    pairs = [(sign + one, sign + another) for one, another in _CLOSE for sign in ("", "-")]
    _told_apart(candidate, mapping, way, pairs)


def signs(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a number and its negative, in every field whose number reaches the other side."""
    _told_apart(candidate, mapping, way, [("2.5", "-2.5"), ("2", "-2")])


def _told_apart(
    candidate: Candidate, mapping: DocumentMapping, way: Direction, pairs: Sequence[tuple[str, str]]
) -> None:
    """Hold pairs of numbers apart wherever one counts. Raises NoEvidence where none of them was taken anywhere."""
    taken = [_apart(candidate, mapping, way, one, pair) for one in carried(candidate, mapping, way) for pair in pairs]
    if not any(taken):
        raise NoEvidence("values.toml needs values with which a number is taken: each is refused, and nothing compared")


def _apart(candidate: Candidate, mapping: DocumentMapping, way: Direction, one: Carried, pair: tuple[str, str]) -> bool:
    two = as_number(way, pair[0]), as_number(way, pair[1])
    return apart(candidate, mapping, way, one.field, two, one.source, one.pointer)


def floats(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by numbers as binary floats spell them, in every field whose number arrives."""
    translator, taken = candidate.translator(mapping), False
    for one in carried(candidate, mapping, way):
        field = one.field
        for exact, noisy in _NOISY:
            document = with_value_at(one.source, one.pointer, Decimal(noisy))
            made = translated(translator, way, document)
            meant = translated(translator, way, with_value_at(one.source, one.pointer, Decimal(exact)))
            taken = taken or bool(made or meant)
            if made and (meant is None or made.documents != meant.documents) and not _in_full(made.documents, noisy):
                said = f"{noisy} in {field.path} is neither {exact}, nor as it came, nor refused"
                raise CheckFailure(said, native=field.path, value=noisy, document=document)
    if not taken:
        raise NoEvidence("values.toml needs values with which a number with a fraction is taken")


def _in_full(documents: Any, number: str) -> bool:
    """Whether all digits of a number arrive, with whatever sign and point: what has too many is refused then."""
    wanted = _only_digits(number)
    return any(wanted == _only_digits(text) for text in _texts(documents))


def _only_digits(text: str) -> str:
    return text.lstrip("-").replace(".", "").strip("0")


def currencies(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by amounts of currencies with no, three and four decimal places, wherever a number arrives."""
    taken = False
    for one in carried(candidate, mapping, way):
        for currency, pair in _BY_CURRENCY.items():
            other = in_currency(candidate, mapping, way, one.source, currency)
            if other is not None:
                taken |= _apart(other[0], mapping, way, replace(one, source=other[1]), pair)
    if not taken:
        said = f"needs a source that is taken in one of {', '.join(_BY_CURRENCY)}"
        raise NoEvidence(f"values.toml {said}: in each all is refused, and nothing compared")


def moments(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by the same time of day in two zones: two moments, and each must be the one that it was."""
    translator, whole = candidate.translator(mapping), candidate.whole(mapping, way)
    taken = False
    for field in _moments(candidate, mapping, way):
        if _both(translator, way, field, whole) is None:
            continue  # refused, or the field means a day
        taken |= apart(candidate, mapping, way, field, _ONE_TIME)

        def stays(record: dict[str, Any], field: Field = field) -> None:
            made = _both(translator, way, field, record) if any(present(record, field.path)) else None
            seen = [[*_instants(one.documents)] for one in made or ()]
            told = [datetime.fromisoformat(text) for text in _ONE_TIME]
            if seen and seen[0].count(told[0]) < seen[1].count(told[1]):
                said = f"{_ONE_TIME[0]} in {field.path} becomes another moment"
                raise CheckFailure(said, value=_ONE_TIME[0], **ends(mapping, way, field.path))

        held(stays, [with_value(whole, field.path, _ONE_TIME[0])])
    if not taken:
        raise NoEvidence("values.toml needs values with which a moment is taken: each is refused, or is a day")


def _both(translator: Translator, way: Direction, field: Field, record: dict[str, Any]) -> list[Made] | None:
    """Return what both times make, or nothing where one is refused, or the day is all that is left of it."""
    made = [translated(translator, way, with_value(record, field.path, text)) for text in _ONE_TIME]
    taken = [one for one in made if one is not None and _DAY not in _texts(one.documents)]
    return taken if len(taken) == len(made) else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def _instants(value: Any) -> Iterator[datetime]:
    """Yield every moment in a document; one without a zone is taken as UTC, as its reader would."""
    for text in _texts(value):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            continue
        if len(text) > len(_DAY):
            yield moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def units(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by each quantity in several units."""
    pairs = [(_UNITS[0], unit) for unit in _UNITS[1:]]
    fields = _units(candidate, mapping, way)
    taken = [apart(candidate, mapping, way, field, pair) for field in fields for pair in pairs]
    if not any(taken):
        raise NoEvidence("values.toml needs values with which a quantity is taken in one unit at least")


def lots(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a lot, and by a serial number, wherever a document that moves stock may have them."""
    translator, whole = candidate.translator(mapping), candidate.whole(mapping, way)
    for path in _lots(candidate, mapping, way):
        document = whole
        for other in candidate.fields(mapping, way):
            if other.rpartition(".")[2] in {"lot", "serials"}:
                document = without(document, other)
        value: object = "L-1" if path.endswith("lot") else ["S-1"]
        held(partial(_goes_along, translator, way, path, value), [with_value(document, path, value)])


def _goes_along(translator: Translator, way: Direction, path: str, value: object, document: dict[str, Any]) -> None:
    made = translated(translator, way, document) if any(present(document, path)) else None
    lost = {generic(loss.canonical) for loss in made.losses} if made else set()
    if made and (covered(path, lost) or made.documents == _without_it(translator, way, document, path)):
        said = f"{path} is left out of a record that moves stock: the goods could not be found again"
        raise CheckFailure(said, value=value, **ends(translator.mapping, way, path))


def _without_it(translator: Translator, way: Direction, document: dict[str, Any], path: str) -> object:
    made = translated(translator, way, without(document, path))
    return made.documents if made else None
