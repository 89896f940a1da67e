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

    `earlier` are the RMAs made from the same invoice; the return's own, if it is there already, takes nothing.
    """
    nothing = Quantity(value=Decimal(0), uom=line.requested.uom)
    if invoice is None:
        return EligibleLine(line.line_id, nothing, reason="no invoice was found")
    sold = _sold(line, invoice)
    if sold is None:
        return EligibleLine(line.line_id, nothing, reason="the invoice has no such line")
    number = sold["line"]
    taken = sum(
        (
            Decimal(other["quantity"])
            for rma in earlier
            if rma.get("externalId") != return_.number
            for other in rma["item"]["items"]
            if other.get("orderLine") == number
        ),
        Decimal(0),
    )
    left = max(Decimal(sold["quantity"]) - taken, Decimal(0))
    asked = line.requested.value
    reason = "" if asked <= left else f"{left.normalize():f} of {asked.normalize():f} are left of what was sold"
    original = DocumentRef.model_validate(
        {"type": "invoice", "id": str(invoice["tranId"]), "lineId": str(number), "system": "netsuite"}
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
