"""Which codec joins a canonical field to a vendor's, if any does."""

from __future__ import annotations

from dataclasses import dataclass

from openreturns._fields import Field

__all__ = ["Fit", "fit"]


@dataclass(frozen=True, slots=True)
class Fit:
    """How two fields are joined: the codec as it is written in a mapping, and what it stands for.

    `sacred` is what must not be wrong unseen: money or quantity. `table` is the code table that it needs, `codes`
    the list that the table's codes are of. `part` is the part of the canonical field that is joined, where it is not
    the whole. `weight` is how much the kinds speak for the pair.
    """

    codec: str = ""
    sacred: str = ""
    table: str = ""
    codes: str = ""
    part: str = ""
    weight: float = 1.0


_CODES = {
    "ReturnStatus": ("status", "return_status", "code"),
    "CreditStatus": ("status", "credit_status", "code"),
    "ReturnReason": ("reason", "return_reason", "coded"),
    "CreditReason": ("reason", "credit_reason", "coded"),
    "Resolution": ("resolution", "resolution", "code"),
}
_MONEY = {"integer": "minor_money", "number": "money"}  # whole numbers are cents nearly everywhere
_COUNTS = {"integer": Fit('counted("unit")', "quantity"), "number": Fit("decimal", "quantity", part="value")}
_PLAIN = {
    ("text", "text"): Fit(),
    ("text", "code"): Fit(weight=0.95),
    ("text", "integer"): Fit("digits"),
    ("timestamp", "timestamp"): Fit("timestamp"),
    ("timestamp", "text"): Fit("timestamp", weight=0.86),
    ("timestamp", "integer"): Fit('epoch("seconds")', weight=0.86),  # milliseconds read as seconds are refused
    ("date", "date"): Fit(),
    ("date", "timestamp"): Fit("day"),
    ("date", "text"): Fit("day", weight=0.86),
    ("array", "array"): Fit(),
    ("integer", "integer"): Fit(),
    ("boolean", "boolean"): Fit(),
}


def fit(ours: Field, theirs: Field, path: str) -> Fit | None:
    """Return how the fields are joined, None where nothing joins them."""
    if ours.definition in _CODES:
        table, codes, codec = _CODES[ours.definition]
        return Fit(f'{codec}("{table}")', table=table, codes=codes) if theirs.kind in {"text", "code"} else None
    if ours.definition == "Quantity":
        return _COUNTS.get(theirs.kind)
    if ours.definition == "Money":
        return Fit(_MONEY[theirs.kind], "money") if theirs.kind in _MONEY else None
    if ours.definition == "UnitOfMeasure":
        return (
            Fit('lookup("unit_of_measure")', "quantity", "unit_of_measure", "unit_of_measure", weight=0.84)
            if theirs.kind in {"text", "code"}
            else None
        )
    if ours.kind == "decimal":
        return Fit("decimal", "money") if theirs.kind in _MONEY else None
    return _PLAIN.get((ours.kind, theirs.kind))
