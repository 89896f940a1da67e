"""What of a return's lines may come back: sold on their orders, and on no other complaint nor line of it yet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openreturns.decimals import exact, plain
from openreturns.errors import ContractError
from openreturns.mapping import Environment, Tenant
from openreturns.models import DocumentRef, Money, Quantity, Return, ReturnLine
from openreturns.ports import EligibleLine

from openreturns_adapters.tryton.client._records import Records
from openreturns_adapters.tryton.functions import shared

__all__ = ["eligible"]

Record = dict[str, Any]

_SOLD = [
    *("type", "quantity", "unit_price", "unit.symbol", "unit.digits", "product.code", "sale.number"),
    "sale.currency.code",
]
_TAKEN = ["quantity", "line.id", "action.complaint.reference", "action.complaint.state"]
_PLACES = 6  # of a canonical amount


def eligible(records: Records, return_: Return, tenant: Tenant) -> list[EligibleLine]:
    """Return how much of each line may come back, in the unit and at the price it was sold for.

    What one line of the return takes is not there for the next. Raises MappingError for a unit that the tenant's code
    table does not list, ContractError for a sale with what no document can hold.
    """
    numbers = dict.fromkeys(line.original_order.id for line in return_.lines if line.original_order)
    sales = {number: _rows(records, number) for number in numbers}
    left: dict[int, Decimal] = {}
    try:
        return [_line(records, line, return_, sales, tenant, left) for line in return_.lines]
    except (ValueError, TypeError):
        raise ContractError("a sale is not one of goods at a price", kind="contract_drift") from None


def _rows(records: Records, number: str) -> list[Record]:
    return [*records.rest.find("check_eligibility", "sale.line", [["sale.number", "=", number]], _SOLD)]


def _line(
    records: Records,
    line: ReturnLine,
    return_: Return,
    sales: dict[str, list[Record]],
    tenant: Tenant,
    left: dict[int, Decimal],
) -> EligibleLine:
    asked = line.requested
    nothing = Quantity(value=Decimal(0), uom=asked.uom)
    if line.original_order is None:
        return EligibleLine(line.line_id, nothing, reason="no sale is named")
    number = line.original_order.id
    found = _sold(line, [row for row in sales[number] if row["type"] == "line"])
    for row in found:
        if row["id"] not in left:
            left[row["id"]] = _left(records, row, return_)
    if not found:
        reason = "the sale has no such line" if sales[number] else "no such sale was found"
        return EligibleLine(line.line_id, nothing, reason=reason)
    sold = next((row for row in found if left[row["id"]]), found[0])
    there, unit = left[sold["id"]], Environment(tenant, sold, {}).code("unit_of_measure", sold["unit"]["symbol"])
    if unit != asked.uom:
        may, reason = there, f"sold by {unit}, asked for by {asked.uom}"
    else:
        may = min(asked.value, there)
        left[sold["id"]] = there - may
        reason = "" if may == asked.value else f"{plain(there)} of {plain(asked.value)} are left of what was sold"
    price, base = _price(sold, unit)
    return EligibleLine(
        line.line_id,
        Quantity(value=Decimal(plain(may)), uom=unit),
        unit_price=price,
        price_base=base,
        original=DocumentRef.model_validate(
            {"type": "sales_order", "id": number, "lineId": str(sold["id"]), "system": "tryton"}
        ),
        reason=reason,
    )


def _sold(line: ReturnLine, rows: list[Record]) -> list[Record]:
    """Return the sale's line that the return names, else those with the product."""
    named = line.original_order.line_id if line.original_order else None
    if named:
        return [row for row in rows if str(row["id"]) == named]
    return [row for row in rows if (row["product"] or {}).get("code") == line.item.sku]


def _price(sold: Record, unit: str) -> tuple[Money, Quantity | None]:
    """Return the price and what it is of: of ten or more, where that of one has more digits than a price can."""
    price = exact(sold["unit_price"])
    beyond = max(len(plain(price).partition(".")[2]) - _PLACES, 0)
    money = Money(amount=price.scaleb(beyond), currency=sold["sale"]["currency"]["code"])
    return money, Quantity(value=Decimal(10**beyond), uom=unit) if beyond else None


def _left(records: Records, sold: Record, return_: Return) -> Decimal:
    """Return how many of a sale's line are on no other complaint."""
    earlier = records.rest.find(
        "check_eligibility", "sale.complaint.action-sale.line", [["line", "=", sold["id"]]], _TAKEN
    )
    taken = sum((_took(row, sold, return_) for row in earlier), Decimal(0))
    return max(shared.quantised(exact(sold["quantity"]) - taken, sold["unit"]), Decimal(0))


def _took(row: Record, sold: Record, return_: Return) -> Decimal:
    complaint = row["action"]["complaint"]
    if complaint["reference"] == return_.number or complaint["state"] in {"cancelled", "rejected"}:
        return Decimal(0)
    return exact(row["quantity"] if row["quantity"] is not None else sold["quantity"])
