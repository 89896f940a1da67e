"""What of a return's line may come back: sold on its invoice, and not yet on another RMA."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from openreturns.models import DocumentRef, Money, Quantity, Return, ReturnLine
from openreturns.ports import EligibleLine

__all__ = ["eligible"]

Record = Mapping[str, Any]


def eligible(line: ReturnLine, return_: Return, invoice: Record | None, earlier: Iterable[Record]) -> EligibleLine:
    """Return how much of a line may come back, at the invoice's price; nothing without an invoice that has it.

    `earlier` are the RMAs made from the invoice or from its sales order; the return's own, if it is there already,
    takes nothing. Of an order with several invoices all RMAs count against each invoice: too little is for a
    person to look at, too much would be credited twice.
    """
    nothing = Quantity(value=Decimal(0), uom=line.requested.uom)
    if invoice is None:
        return EligibleLine(line.line_id, nothing, reason="no invoice was found")
    sold = _sold(line, invoice)
    if sold is None:
        return EligibleLine(line.line_id, nothing, reason="the invoice has no such line")
    others = (rma for rma in earlier if rma.get("externalId") != return_.number)
    taken = sum((_taken(rma, invoice, sold) for rma in others), Decimal(0))
    left = max(Decimal(sold["quantity"]) - taken, Decimal(0))
    asked = line.requested.value
    reason = "" if asked <= left else f"{left.normalize():f} of {asked.normalize():f} are left of what was sold"
    original = DocumentRef.model_validate(
        {
            "type": "invoice",
            "id": str(invoice["tranId"]),
            "lineId": str(sold["line"]),
            "system": "netsuite",
            "issueDate": invoice["tranDate"],
        }
    )
    return EligibleLine(
        line.line_id,
        Quantity(value=min(asked, left), uom=line.requested.uom),
        unit_price=Money(amount=abs(Decimal(sold["rate"])), currency=return_.currency) if "rate" in sold else None,
        original=original,
        reason=reason,
    )


def _sold(line: ReturnLine, invoice: Record) -> Record | None:
    """Return the invoice's line: the one that the return names, else the one with the item."""
    named = line.original_invoice.line_id if line.original_invoice else None
    lines: list[Record] = invoice["item"]["items"]
    if named:
        return next((one for one in lines if str(one["line"]) == named), None)
    return next((one for one in lines if (one.get("item") or {}).get("refName") == line.item.sku), None)


def _taken(rma: Record, invoice: Record, sold: Record) -> Decimal:
    """Return how many units of an invoice's line are on an RMA; of a closed line only those that came."""
    from_invoice = str((rma.get("createdFrom") or {}).get("id")) == str(invoice["id"])
    number = sold["line"] if from_invoice else sold.get("orderLine")
    lines = [one for one in rma["item"]["items"] if number is not None and one.get("orderLine") == number]
    units = (one.get("quantityReceived", 0) if one.get("isClosed") else one["quantity"] for one in lines)
    return sum((Decimal(count) for count in units), Decimal(0))
