"""Provers: numbers to the last digit, signs, currencies, moments, units, and what goods are told apart by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from openreturns._fields import Field, generic
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import Translator
from openreturns.mapping._interpret import present
from openreturns.mapping._rules import Direction
from openreturns.mapping._table import plain, rows
from openreturns.testing._apart import Made, apart, covered, translated, with_value
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure
from openreturns.testing._ends import ends
from openreturns.testing._over import directions
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
]

# Pairs that differ in the last digit that a canonical decimal may have; the first two are one binary float each.
_CLOSE = (
    ("123456789012345.123456", "123456789012345.123457"),
    ("9007199254740992.1", "9007199254740993.1"),
    ("2.000001", "2.000002"),
    ("100000000000.01", "100000000000.02"),
    ("0.1", "0.2"),
)
_BY_CURRENCY = {"JPY": ("1234", "1235"), "KWD": ("1.233", "1.234"), "CLF": ("1.2341", "1.2342")}
# A number as it was, and as a binary float has it after some reckoning: above it, and below it.
_NOISY = (("0.3", "0.30000000000000004"), ("3", "2.9999999999999996"), ("1.1", "1.1000000000000001"))
_DAY = "2026-10-06"
_ONE_TIME = f"{_DAY}T00:30:00+02:00", f"{_DAY}T00:30:00Z"
_UNITS = ("EA", "KGM", "LTR", "XBX")
_NUMBERS = {"in": "number", "out": "decimal"}


def _numbers(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> list[Field]:
    return [one for one in candidate.fields(mapping, way).values() if one.kind == _NUMBERS[way]]


def _moments(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> list[Field]:
    return [one for one in candidate.fields(mapping, way).values() if one.kind == "timestamp"]


def _lots(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> list[str]:
    """Return the paths that say which goods move: of an adjustment, or of a receipt that is written."""
    receipts = mapping.split is not None
    return [
        path
        for path in candidate.fields(mapping, way)
        if path.rpartition(".")[2] in {"lot", "serials"}
        and (mapping.canonical == "adjustment" or (receipts and "receipts" in path))
    ]


numbers_over = directions("in", "out", having=lambda *one: bool(_numbers(*one)), nothing="no contract has a decimal")
numbers_in = directions("in", having=lambda *one: bool(_numbers(*one)), nothing="no record has a number")
moments_over = directions("in", "out", having=lambda *one: bool(_moments(*one)), nothing="no contract has a moment")
lots_over = directions("out", having=lambda *one: bool(_lots(*one)), nothing="no document that is written moves stock")


def _as(way: Direction, text: str) -> Decimal | str:
    return Decimal(text) if way == "in" else text


def _carried(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> Iterator[Field]:
    """Yield the fields whose number reaches the other side: of others only tells whether there is one."""
    translator, whole = candidate.translator(mapping), candidate.whole(mapping, way)
    for field in _numbers(candidate, mapping, way):
        for pair in (("2", "3"), ("-2", "-3")):
            made = [translated(translator, way, with_value(whole, field.path, _as(way, text))) for text in pair]
            if made[0] and made[1] and made[0].documents != made[1].documents:
                yield field
                break


def digits(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by numbers that differ in their last digit, in every field whose number reaches the other side."""
    for field in _carried(candidate, mapping, way):
        for one, another in _CLOSE:
            apart(candidate, mapping, way, field, (_as(way, one), _as(way, another)))
            apart(candidate, mapping, way, field, (_as(way, f"-{one}"), _as(way, f"-{another}")))


def signs(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a number and its negative, in every field whose number reaches the other side."""
    for field in _carried(candidate, mapping, way):
        apart(candidate, mapping, way, field, (_as(way, "2.5"), _as(way, "-2.5")))
        apart(candidate, mapping, way, field, (_as(way, "2"), _as(way, "-2")))


def floats(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by numbers as binary floats spell them, in every field whose number arrives."""
    translator, whole = candidate.translator(mapping), candidate.whole(mapping, way)
    for field in _carried(candidate, mapping, way):
        for exact, noisy in _NOISY:
            made = translated(translator, way, with_value(whole, field.path, Decimal(noisy)))
            meant = translated(translator, way, with_value(whole, field.path, Decimal(exact)))
            if made and (meant is None or made.documents != meant.documents) and not _in_full(made.documents, noisy):
                said = f"{noisy} in {field.path} is neither {exact}, nor as it came, nor refused"
                document = with_value(whole, field.path, Decimal(noisy))
                raise CheckFailure(said, native=field.path, value=noisy, document=document)


def _in_full(documents: Any, number: str) -> bool:
    """Whether all digits of a number arrive, with whatever sign and point: what has too many is refused then."""
    wanted = _only_digits(number)
    return any(wanted == _only_digits(text) for text in _texts(documents))


def _only_digits(text: str) -> str:
    return text.lstrip("-").replace(".", "").strip("0")


def currencies(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by amounts of currencies with no, three and four decimal places, wherever a number arrives."""
    whole, numbers = candidate.whole(mapping, way), [*_carried(candidate, mapping, way)]
    for currency, pair in _BY_CURRENCY.items():
        in_it = _in_currency(candidate, mapping, way, whole, currency)
        if in_it is None or translated(candidate.translator(mapping), way, in_it) is None:
            continue
        for field in numbers:
            apart(candidate, mapping, way, field, (_as(way, pair[0]), _as(way, pair[1])), in_it)


def _in_currency(
    candidate: Candidate, mapping: DocumentMapping, way: Direction, whole: dict[str, Any], currency: str
) -> dict[str, Any] | None:
    """Return a whole source in another currency, or None where the tenant has no word for it."""
    made = whole
    if way == "out":
        for path, field in candidate.fields(mapping, way).items():
            if field.definition == "CurrencyCode":
                made = with_value(made, path, currency)
        return made
    for row in rows(mapping):
        if row.native and row.canonical.rpartition(".")[2] == "currency" and row.codec:
            table = candidate.configured.tenant.tables.get(row.codec.table)
            if table is not None and currency not in table.write:
                return None
            made = with_value(made, plain(row.native), table.write[currency] if table else currency)
    return made


def moments(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by the same time of day in two zones: two moments, and each must be the one that it was."""
    translator, whole = candidate.translator(mapping), candidate.whole(mapping, way)
    for field in _moments(candidate, mapping, way):
        if _both(translator, way, field, whole) is None:
            continue  # refused, or the field means a day
        apart(candidate, mapping, way, field, _ONE_TIME)

        def stays(record: dict[str, Any], field: Field = field) -> None:
            made = _both(translator, way, field, record) if any(present(record, field.path)) else None
            seen = [[*_instants(one.documents)] for one in made or ()]
            told = [datetime.fromisoformat(text) for text in _ONE_TIME]
            if seen and seen[0].count(told[0]) < seen[1].count(told[1]):
                said = f"{_ONE_TIME[0]} in {field.path} becomes another moment"
                raise CheckFailure(said, value=_ONE_TIME[0], **ends(mapping, way, field.path))

        held(stays, [with_value(whole, field.path, _ONE_TIME[0])])


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
    fields = [one for one in candidate.fields(mapping, way).values() if one.definition == "UnitOfMeasure"]
    for field in fields:
        for unit in _UNITS[1:]:
            apart(candidate, mapping, way, field, (_UNITS[0], unit))


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
