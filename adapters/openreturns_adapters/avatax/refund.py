"""Whether a credit takes back whole lines of a recorded sale: then AvaTax refunds the very tax it charged."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from openreturns.models import Credit, CreditLine

__all__ = ["refund_of"]


def refund_of(credit: Credit, sale: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the RefundTransactionModel of a credit, or None if it is no refund of whole lines.

    A credit with charges of its own (a restocking fee, freight) is none: a refund has no room for them.
    """
    if credit.charges:
        return None
    sold = {str(line["lineNumber"]): line for line in sale["lines"]}
    taken = [_whole(line, sold) for line in credit.lines]
    if None in taken or len(set(taken)) != len(taken):
        return None
    model: dict[str, Any] = {
        "refundTransactionCode": credit.number,
        "refundDate": credit.issue_date.isoformat(),
        "refundType": "Full" if len(taken) == len(sold) else "Partial",
        "referenceCode": str(sale["code"]),
    }
    if model["refundType"] == "Partial":
        model["refundLines"] = taken
    return model


def _whole(line: CreditLine, sold: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the number of the sale's line that a credit's line takes back to the last piece and cent."""
    number = line.original_invoice.line_id if line.original_invoice else None
    there = sold.get(number or "")
    if there is None or number is None:
        return None
    same = Decimal(there["quantity"]) == line.quantity.value and Decimal(there["lineAmount"]) == line.amount.amount
    return number if same else None
