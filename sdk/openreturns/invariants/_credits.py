"""Rules inside a Credit: every amount follows from the others, and the credit says what it corrects."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from openreturns.invariants._exact import ZERO, near, shown, total
from openreturns.invariants._parts import Finding, Parts
from openreturns.invariants._rule import Options
from openreturns.models import Credit, CreditEffect, CreditLine, DocumentRef

__all__ = [
    "amounts_are_quantity_times_price",
    "credits_name_their_invoice",
    "reversed_taxes_name_their_origin",
    "taxable_is_never_negative",
    "totals_add_up",
    "what_is_due_adds_up",
]

_ISSUED = ("issued", "applied", "refunded")
# Goods bought for stock come from many purchases: a vendor credits against our return or order.
_VENDOR_BASIS = ("invoice", "vendor_return", "purchase_order")


def amounts_are_quantity_times_price(parts: Parts, _: Options) -> Iterator[Finding]:
    """C1. Source: Peppol BIS Billing 3, rule R120, which allows 0.02; a tie may be rounded either way."""
    for at, line in parts.of(CreditLine):
        base = line.price_base.value if line.price_base is not None else Decimal(1)
        if base == ZERO:
            yield f"{at}/priceBase", "is zero"
            continue
        reckoned = line.quantity.value * line.unit_price.amount / base - total([line.discount])
        if not near(line.amount.amount, reckoned, line.amount.currency):
            yield f"{at}/amount", f"is {shown(line.amount.amount)}, quantity x price - discount is {shown(reckoned)}"


def totals_add_up(parts: Parts, _: Options) -> Iterator[Finding]:
    """C2. A fee the customer was let off has the amount zero. Source: EN 16931, BR-CO-10 to BR-CO-12."""
    for _at, credit in parts.of(Credit):
        totals = credit.totals
        yield from _adds("lines", totals.lines.amount, total(line.amount for line in credit.lines))
        yield from _adds("decreases", total([totals.decreases]), _charged(credit, "decreases_credit"))
        yield from _adds("increases", total([totals.increases]), _charged(credit, "increases_credit"))


def taxable_is_never_negative(parts: Parts, _: Options) -> Iterator[Finding]:
    """C3. Source: EN 16931, BR-CO-13."""
    for _at, credit in parts.of(Credit):
        totals = credit.totals
        reckoned = totals.lines.amount - total([totals.decreases]) + total([totals.increases])
        if reckoned < ZERO:
            yield "/totals/taxExclusive", f"deductions exceed the credit by {shown(-reckoned)}"
        else:
            yield from _adds("taxExclusive", totals.tax_exclusive.amount, reckoned)


def _charged(credit: Credit, effect: CreditEffect) -> Decimal:
    return total(charge.amount for charge in credit.charges or () if charge.effect == effect)


def _adds(name: str, stated: Decimal, reckoned: Decimal) -> Iterator[Finding]:
    if stated != reckoned:
        yield f"/totals/{name}", f"is {shown(stated)}, adds up to {shown(reckoned)}"


def what_is_due_adds_up(parts: Parts, _: Options) -> Iterator[Finding]:
    """C5. Source: EN 16931, BR-CO-15 and BR-CO-16."""
    for _at, credit in parts.of(Credit):
        totals, rounding = credit.totals, credit.totals.rounding or ZERO
        yield from _adds("taxInclusive", totals.tax_inclusive.amount, totals.tax_exclusive.amount + totals.tax.amount)
        yield from _adds("due", totals.due.amount, totals.tax_inclusive.amount - total([totals.settled]) + rounding)
        paid = total(s.amount for s in credit.settlements or () if s.status == "completed")
        if paid > totals.tax_inclusive.amount + rounding:
            yield "/settlements", f"{shown(paid)} settled of {shown(totals.tax_inclusive.amount + rounding)} credited"


def credits_name_their_invoice(parts: Parts, _: Options) -> Iterator[Finding]:
    """C8. A credit that takes back another names that one instead."""
    for _at, credit in parts.of(Credit):
        if credit.status not in _ISSUED or credit.reverses is not None or _named(credit):
            continue
        for index, line in enumerate(credit.lines):
            free = line.reason.code in ("goodwill", "allowance_or_rebate")
            if line.original_invoice is None and not free:
                yield f"/lines/{index}", "an issued credit names the original invoice"


def _named(credit: Credit) -> bool:
    """Say whether the document as a whole names what it corrects."""
    accepted = ("invoice",) if credit.direction == "to_customer" else _VENDOR_BASIS
    return bool(credit.original_invoices) or any(ref.type in accepted for ref in credit.refs or ())


def reversed_taxes_name_their_origin(parts: Parts, options: Options) -> Iterator[Finding]:
    """C10. The tax transaction is there once the credit is issued; rates are compared where the invoice is known."""
    for _at, credit in parts.of(Credit):
        if credit.tax_method == "none" and credit.totals.tax.amount != ZERO:
            yield "/taxMethod", f"is none, the tax is {shown(credit.totals.tax.amount)}"
        if credit.tax_method != "reversed_from_original":
            continue
        if credit.tax_transaction is None and credit.status in (*_ISSUED, "voided"):
            yield "/taxMethod", "a reversed tax names the tax transaction it reverses"
        for index, line in enumerate(credit.lines):
            charged = _charged_rate(line.original_invoice, options)
            if charged is not None and line.tax_rate is not None and line.tax_rate != charged:
                yield f"/lines/{index}/taxRate", f"is {shown(line.tax_rate)} %, the invoice charged {shown(charged)} %"


def _charged_rate(ref: DocumentRef | None, options: Options) -> Decimal | None:
    if ref is None or ref.line_id is None:
        return None
    invoiced = options.invoiced.get((ref.id, ref.line_id))
    return invoiced.tax_rate if invoiced is not None else None
