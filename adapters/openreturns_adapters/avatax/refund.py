"""Which refund of a recorded sale a credit is, if any: then AvaTax gives back the very tax it charged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from openreturns.decimals import exactly
from openreturns.flow import rounded
from openreturns.models import Credit, CreditLine

__all__ = ["Refund", "gives_tax_only", "refund_of"]

Record = Mapping[str, Any]

ZERO, WHOLE = Decimal(0), Decimal(100)
_FINEST = Decimal("0.0001")  # percent


@dataclass(frozen=True)
class Refund:
    """A refund: the RefundTransactionModel to send, and what the ReturnInvoice that is made of it has to say.

    Its tax is foretold where nothing of it is rounded: how AvaTax rounds a part of one is its own affair.
    """

    model: Record
    made: Record


def gives_tax_only(credit: Credit) -> bool:
    """Say whether a credit gives back tax and nothing else."""
    taxed = credit.totals.tax.amount > ZERO
    return taxed and all(line.reason.code == "tax_correction" and not line.amount.amount for line in credit.lines)


def refund_of(credit: Credit, sale: Record) -> Refund | None:
    """Return the refund of a sale that a credit is, or None if it is none.

    The lines say which: all or some of the sale's lines, to the last piece, for all of their net value or for the
    same percentage of it (Full, Partial, Percentage); or no net value and all of the sale's tax (TaxOnly). A
    percentage is one only where it makes each amount to the cent: how AvaTax rounds it is not published.

    A credit with charges of its own (a restocking fee, freight) is none, a refund has no room for them; nor is one
    that gives back another tax than is foretold of the refund.
    """
    with exactly():
        found = None if credit.charges else _refund_of(credit, sale)
    same = found and found.made.get("totalTax") == credit.totals.tax.amount.copy_negate()
    return found if same else None


def _refund_of(credit: Credit, sale: Record) -> Refund | None:
    if gives_tax_only(credit):
        all_of_it = Decimal(sale["totalTax"]) == credit.totals.tax.amount
        return _refund(credit, sale, sale["lines"], ZERO, {"refundType": "TaxOnly"}) if all_of_it else None
    sold = {str(line["lineNumber"]): line for line in sale["lines"]}
    taken = [_taken(line, sold) for line in credit.lines]
    if None in taken or len(set(taken)) != len(taken):
        return None
    lines = [sold[str(number)] for number in taken]
    part = _percentage([line.amount.amount for line in credit.lines], lines)
    if part is None:
        return None
    some = len(taken) < len(sold)
    model: dict[str, Any] = {"refundType": "Partial" if some else "Full" if part == WHOLE else "Percentage"}
    model |= {"refundLines": taken} if some else {}
    model |= {"refundPercentage": part} if part != WHOLE else {}
    return _refund(credit, sale, lines, part, model)


def _refund(credit: Credit, sale: Record, lines: Sequence[Record], part: Decimal, model: Record) -> Refund:
    made: dict[str, Any] = {
        "lines": [{"lineNumber": str(line["lineNumber"]), "lineAmount": _back(line, part)} for line in lines]
    }
    taxes = [_taxed(line, part or WHOLE, str(sale["currencyCode"])) for line in lines]
    if None not in taxes:
        made["totalTax"] = sum(filter(None, taxes), ZERO).copy_negate()
    named = {
        "refundTransactionCode": credit.number,
        "refundDate": credit.issue_date.isoformat(),
        "referenceCode": str(sale["code"]),
    }
    return Refund({**named, **model}, made)


def _taken(line: CreditLine, sold: Mapping[str, Record]) -> str | None:
    """Return the number of the sale's line that a credit's line takes back to the last piece."""
    number = line.original_invoice.line_id if line.original_invoice else None
    there = sold.get(number or "")
    return number if there is not None and Decimal(there["quantity"]) == line.quantity.value else None


def _net(line: Record) -> Decimal:
    return Decimal(line["lineAmount"]) - Decimal(line.get("discountAmount", 0))


def _back(line: Record, part: Decimal) -> Decimal:
    return -Decimal(line["lineAmount"]) * part / WHOLE + ZERO  # zero has no sign


def _taxed(line: Record, part: Decimal, currency: str) -> Decimal | None:
    """Return a percentage of the tax of a sale's line, or None where it is rounded: AvaTax rounds each authority's."""
    taxes = [Decimal(one["tax"]) * part / WHOLE for one in (line, *line.get("details", ()))]
    return taxes[0] if all(rounded(tax, currency) == tax for tax in taxes) else None


def _percentage(credited: Sequence[Decimal], lines: Sequence[Record]) -> Decimal | None:
    """Return the one percentage that makes each amount of a sale's line, exactly, if there is one."""
    sold = [_net(line) for line in lines]
    if credited == sold:
        return WHOLE
    whole = sum(sold, ZERO)
    if not whole or any(line.get("discountAmount") for line in lines):  # a part of the discount would be rounded too
        return None
    part = (sum(credited, ZERO) * WHOLE / whole).quantize(_FINEST)
    exact = ZERO < part < WHOLE and all(part * of == one * WHOLE for one, of in zip(credited, sold, strict=True))
    return Decimal(f"{part:f}".rstrip("0").rstrip(".")) if exact else None
