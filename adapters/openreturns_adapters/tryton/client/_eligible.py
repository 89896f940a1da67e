"""What of a line may come back: sold on its order, and on no other complaint yet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openreturns.models import DocumentRef, Money, Quantity, Return, ReturnLine
from openreturns.ports import EligibleLine

from openreturns_adapters.tryton.client._records import Records

__all__ = ["eligible"]

_SOLD = ["type", "quantity", "unit_price", "product.code", "sale.number", "sale.currency.code"]
_TAKEN = ["quantity", "line.id", "action.complaint.reference", "action.complaint.state"]


def eligible(records: Records, line: ReturnLine, return_: Return) -> EligibleLine:
    """Return how much of a line may come back, at the price it was sold for."""
    nothing = Quantity(value=Decimal(0), uom=line.requested.uom)
    number = line.original_order.id if line.original_order else ""
    if not number:
        return EligibleLine(line.line_id, nothing, reason="no sale is named")
    rows = [*records.rest.find("check_eligibility", "sale.line", [["sale.number", "=", number]], _SOLD)]
    sold = _sold(line, [row for row in rows if row["type"] == "line"])
    if sold is None:
        reason = "the sale has no such line" if rows else "no such sale was found"
        return EligibleLine(line.line_id, nothing, reason=reason)
    condition = [["line", "=", sold["id"]]]
    earlier = records.rest.find("check_eligibility", "sale.complaint.action-sale.line", condition, _TAKEN)
    taken = sum((_took(row, sold, return_) for row in earlier), Decimal(0))
    left = max(Decimal(sold["quantity"]) - taken, Decimal(0))
    asked = line.requested.value
    reason = "" if asked <= left else f"{left.normalize():f} of {asked.normalize():f} are left of what was sold"
    return EligibleLine(
        line.line_id,
        Quantity(value=min(asked, left).normalize(), uom=line.requested.uom),
        unit_price=Money(amount=sold["unit_price"], currency=sold["sale"]["currency"]["code"]),
        original=DocumentRef.model_validate(
            {"type": "sales_order", "id": number, "lineId": str(sold["id"]), "system": "tryton"}
        ),
        reason=reason,
    )


def _sold(line: ReturnLine, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    named = line.original_order.line_id if line.original_order else None
    if named:
        return next((row for row in rows if str(row["id"]) == named), None)
    return next((row for row in rows if row["product"]["code"] == line.item.sku), None)


def _took(row: dict[str, Any], sold: dict[str, Any], return_: Return) -> Decimal:
    complaint = row["action"]["complaint"]
    if complaint["reference"] == return_.number or complaint["state"] in {"cancelled", "rejected"}:
        return Decimal(0)
    return Decimal(row["quantity"] if row["quantity"] is not None else sold["quantity"])
