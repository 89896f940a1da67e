"""What may come back at Tryton, by rows as its server answers them: each of it once, in its own unit and currency."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from openreturns import adapter
from openreturns.errors import ContractError, MappingError
from openreturns.models import Return
from openreturns_adapters.tryton.client._eligible import eligible
from openreturns_adapters.tryton.client._records import Records

HERE = Path(__file__).parent
Asked = tuple[str, str, str, str | None]


def row(number: int, sku: str, quantity: str = "7", price: str = "120.5", unit: str = "u") -> dict[str, Any]:
    """A sale's line as Tryton's REST answers it."""
    return {
        "id": number,
        "type": "line",
        "quantity": Decimal(quantity),
        "unit_price": Decimal(price),
        "unit": {"symbol": unit, "digits": 0 if unit == "u" else 3},
        "product": {"code": sku},
        "sale": {"number": "1", "currency": {"code": "EUR"}},
    }


def taken(quantity: str | None, reference: str = "RMA-9", state: str = "done") -> dict[str, Any]:
    """A complaint's line of the sale's first line."""
    count = None if quantity is None else Decimal(quantity)
    return {"quantity": count, "line": {"id": 1}, "action": {"complaint": {"reference": reference, "state": state}}}


class Answered:
    """The records of a server that holds one sale, and what was complained of it."""

    def __init__(self, sold: Sequence[dict[str, Any]], earlier: Sequence[dict[str, Any]] = ()) -> None:
        self.rest = self
        self._sold, self._earlier = sold, earlier

    def find(self, verb: str, model: str, conditions: Any, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        if model == "sale.line":
            assert {"unit.symbol", "unit.digits", "sale.currency.code"} <= {*fields}
            return iter(self._sold if conditions == [["sale.number", "=", "1"]] else ())
        return (one for one in self._earlier if conditions == [["line", "=", one["line"]["id"]]])


def found(sold: Sequence[dict[str, Any]], earlier: Sequence[dict[str, Any]], *asked: Asked) -> list[Any]:
    """What may come back of lines of item, units, unit of measure, and the sale's line if it is named."""
    data = json.loads((HERE / "verbs" / "return.json").read_text("utf-8").replace("{n}", "1"))
    [line, *_] = data["lines"]
    data["number"] = "RMA-1"
    data["lines"] = [
        {
            "lineId": str(place),
            "item": {"sku": sku},
            "requested": {"value": units, "uom": uom},
            "reason": line["reason"],
        }
        | {"originalOrder": {"type": "sales_order", "id": "1", **({"lineId": named} if named else {})}}
        for place, (sku, units, uom, named) in enumerate(asked, 1)
    ]
    records = cast("Records", Answered(sold, earlier))
    return eligible(records, Return.model_validate(data), adapter("tryton").tenant)


SOLD = [row(1, "P-100"), row(2, "G-7", "3"), row(3, "G-7", "3"), row(4, "OIL", "2.5", unit="l")]
ONE: Asked = ("P-100", "4", "EA", "1")


@pytest.mark.parametrize(
    ("earlier", "asked", "agreed"),
    {
        "one line of the sale twice": ([], [ONE, ONE], ["4 EA", "3 EA"]),
        "named and by its product": ([], [ONE, ("P-100", "4", "EA", None)], ["4 EA", "3 EA"]),
        "a product on two lines": ([], [("G-7", "3", "EA", None)] * 3, ["3 EA", "3 EA", "0 EA"]),
        "after another return": ([taken("5")], [ONE], ["2 EA"]),
        "after one of all of it": ([taken(None)], [ONE], ["0 EA"]),
        "after one that was cancelled": ([taken("5", state="cancelled")], [ONE], ["4 EA"]),
        "after its own": ([taken("5", "RMA-1")], [ONE], ["4 EA"]),
        "in another unit": ([], [("OIL", "2", "EA", None), ("OIL", "2", "LTR", None)], ["2.5 LTR", "2 LTR"]),
    }.values(),
)
def test_lines_share_what_was_sold_in_its_own_unit(earlier: list[Any], asked: list[Asked], agreed: list[str]) -> None:
    told = [f"{one.returnable.value:f} {one.returnable.uom}" for one in found(SOLD, earlier, *asked)]
    assert told == agreed


@pytest.mark.parametrize(
    ("price", "told", "of"), [("120.5", "120.5", None), ("0.33333333", "33.333333", 100), ("0.1234567", "1.234567", 10)]
)
def test_a_price_of_more_digits_than_one_can_have_is_that_of_several(price: str, told: str, of: int | None) -> None:
    [line] = found([row(1, "P-100", price=price)], [], ONE)
    assert line.unit_price.currency == "EUR"
    assert (line.unit_price.amount, line.price_base and line.price_base.value) == (Decimal(told), of)


def test_what_no_document_can_say_is_an_error_of_ours() -> None:
    with pytest.raises(ContractError):
        found([row(1, "P-100", price="1E+15")], [], ONE)
    with pytest.raises(MappingError):
        found([row(1, "P-100", unit="barrel")], [], ONE)
