"""Returns and dispositions of any shape that the contract allows, for laws that must hold for all of them."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from openreturns._schemas import code_list
from openreturns.models import Disposition, Return

BASES: dict[str, Any] = json.loads((Path(__file__).parent / "invariants" / "cases.json").read_text("utf-8"))["bases"]
MINOR_UNITS = {row["code"]: int(row["minorUnits"]) for row in code_list("currency")["values"]}
POSITIONS: dict[str, list[dict[str, Any]]] = {
    row["code"]: [row["position"], *row.get("also", ())] if "position" in row else []
    for row in code_list("disposition-position")["values"]
}
DOCK = "DC1"
# Three lines of four parts at the highest price still have 15 digits before the point, which an amount may have.
MOST_OF_A_PART = 10**7
HIGHEST_PRICE = 10**6


def as_return(data: dict[str, Any]) -> Return:
    return Return.model_validate_json(json.dumps(data))


def as_disposition(data: dict[str, Any]) -> Disposition:
    return Disposition.model_validate_json(json.dumps(data))


def exactly(value: Fraction, digits: int) -> str:
    """A fraction as decimal text with this many digits after the point, which must be enough."""
    scaled = value * 10**digits
    assert scaled.denominator == 1
    whole, part = divmod(int(scaled), 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


def fraction(text: str | Decimal) -> Fraction:
    return Fraction(Decimal(text))


@st.composite
def splits(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """One part of a batch, decided in any way the contract allows."""
    code = draw(st.sampled_from(sorted(POSITIONS)))
    made: dict[str, Any] = {"splitId": str(number), "condition": {"code": "new_sealed"}, "disposition": {"code": code}}
    if POSITIONS[code]:
        position = draw(st.sampled_from(POSITIONS[code]))
        outside = position["status"] == "external"
        made["to"] = position if outside else {**position, "location": {"id": draw(st.sampled_from([DOCK, "DC2"]))}}
    if code == "return_to_vendor":
        made["vendor"] = {"id": "V-1"}
    if code == "restock_as_other_grade":
        made["targetItem"] = {"sku": "GRADE-B"}
    if draw(st.booleans()):
        made["creditable"] = draw(st.booleans())
    return made


@st.composite
def decided(draw: st.DrawFn) -> tuple[Return, Disposition]:
    """A return received whole, and a final disposition of it whose splits add up."""
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
    asked, seen = [], []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        digits = draw(st.integers(0, 6))
        parts = draw(st.lists(st.integers(1, MOST_OF_A_PART), min_size=1, max_size=4))
        price = draw(st.integers(0, HIGHEST_PRICE))
        uom = draw(st.sampled_from(["EA", "KGM"]))
        rows = [draw(splits(index)) for index in range(1, len(parts) + 1)]
        for part, row in zip(parts, rows, strict=True):
            row["quantity"] = {"value": exactly(Fraction(part, 10**digits), digits), "uom": uom}
        total = {"value": exactly(Fraction(sum(parts), 10**digits), digits), "uom": uom}
        item = {"sku": f"P-{number}"}
        asked.append(
            {
                "lineId": f"r{number}",
                "item": item,
                "requested": total,
                "received": total,
                "reason": {"code": "defective"},
                "unitPrice": {
                    "amount": exactly(Fraction(price, 10 ** MINOR_UNITS[currency]), MINOR_UNITS[currency]),
                    "currency": currency,
                },
                "originalInvoice": {"type": "invoice", "id": "INV-1", "lineId": str(number)},
            }
        )
        seen.append(
            {"lineId": str(number), "returnLineId": f"r{number}", "item": item, "inspected": total, "splits": rows}
        )
    return_ = as_return({**BASES["return"], "currency": currency, "lines": asked})
    return return_, as_disposition({**BASES["disposition"], "lines": seen})
