"""Rules inside one document: its history and approvals, and what each of the four must add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal

from openreturns import state
from openreturns.invariants._exact import ZERO, minor_unit, near, shown, total
from openreturns.invariants._parts import Finding, Parts
from openreturns.invariants._rule import Options
from openreturns.models import (
    Adjustment,
    Approval,
    CanonicalModel,
    Credit,
    CreditLine,
    Disposition,
    DispositionSplit,
    Return,
    ReturnLine,
    TaxAmount,
)

__all__ = [
    "adjusted_lines_move",
    "amounts_are_quantity_times_price",
    "approvals_are_there",
    "approvers_are_others",
    "authorization_is_whole",
    "credits_name_their_invoice",
    "disposed_is_inspected",
    "history_follows_the_table",
    "positions_fit_dispositions",
    "quantities_follow_each_other",
    "reversed_taxes_name_their_origin",
    "spoiled_goods_stay_out",
    "tax_groups_add_up",
    "taxable_is_never_negative",
    "totals_add_up",
    "valuation_adds_up",
    "what_is_due_adds_up",
]

_NAMES: dict[type[CanonicalModel], str] = {
    Return: "return",
    Disposition: "disposition",
    Adjustment: "adjustment",
    Credit: "credit",
}
_BEYOND_APPROVAL = frozenset({"final", "posted", "approved", "issued", "applied", "refunded"})
# The official rules (EN 16931) let a tax group be wrong by almost 1.00; a ledger does not.
_TAX_TOLERANCE = Decimal("0.01")


def history_follows_the_table(parts: Parts, _: Options) -> Iterator[Finding]:
    """T2."""
    document = parts.document
    name = _NAMES[type(document)]
    history = getattr(document, "history", None) or ()
    facts = {"type": document.type} if isinstance(document, Return) else {}
    for index, change in enumerate(history):
        at = f"/history/{index}"
        before = history[index - 1] if index else None
        if before is not None and change.from_ != before.to:
            yield f"{at}/from", f"{change.from_ or 'nothing'} after a change to {before.to}"
        if change.from_ is not None and not state.allowed(name, change.from_, change.to, **facts):
            yield at, f"a {name} does not go from {change.from_} to {change.to}"
        if before is not None and change.at < before.at:
            yield f"{at}/at", "is before the change above it"
    status = getattr(document, "status", None)
    if history and history[-1].to != status:
        yield "/status", f"is {status}, the history ends in {history[-1].to}"


def approvers_are_others(parts: Parts, _: Options) -> Iterator[Finding]:
    """A1, within the document."""
    for at, approval in parts.of(Approval):
        same = approval.requested_by is not None and approval.requested_by == approval.decided_by
        if approval.decision == "approved" and same:
            yield f"{at}/decidedBy", "who asked for the approval gave it"


def approvals_are_there(parts: Parts, _: Options) -> Iterator[Finding]:
    """A2."""
    document = parts.document
    beyond = getattr(document, "status", None) in _BEYOND_APPROVAL
    for at, approval in parts.of(Approval):
        if beyond and approval.decision not in ("approved", "waived"):
            yield f"{at}/decision", f"is {approval.decision}, the document is {getattr(document, 'status', '')} already"
        if isinstance(document, Credit) and approval.limit is not None and approval.decision == "approved":
            worth = document.totals.tax_inclusive.amount
            if approval.limit.amount < worth:
                yield (
                    f"{at}/limit",
                    f"the limit is {shown(approval.limit.amount)}, the credit {shown(worth)}",
                )


# --- return ------------------------------------------------------------------------------------------------


def quantities_follow_each_other(parts: Parts, _: Options) -> Iterator[Finding]:
    """RT1."""
    for at, line in parts.of(ReturnLine):
        asked, allowed, coming = line.requested.value, line.authorized, line.expected
        if allowed is not None and allowed.value > asked:
            yield f"{at}/authorized", f"{shown(allowed.value)} authorised of {shown(asked)} requested"
        if coming is not None and allowed is not None and coming.value > allowed.value:
            yield f"{at}/expected", f"{shown(coming.value)} expected of {shown(allowed.value)} authorised"
        yield from _received(at, line)


def _received(at: str, line: ReturnLine) -> Iterator[Finding]:
    receipts = line.receipts or ()
    counted = total(receipt.quantity for receipt in receipts)
    if line.received is not None and receipts and line.received.value != counted:
        yield f"{at}/received", f"{shown(line.received.value)} received, the receipts add up to {shown(counted)}"
    limit = line.expected or line.authorized
    came = (line.received.value if line.received else counted) + (line.rejected.value if line.rejected else ZERO)
    explained = any(receipt.discrepancy in ("over", "unannounced", "wrong_item") for receipt in receipts)
    if limit is not None and came > limit.value and not explained:
        what = "rejected and received" if line.rejected else "received"
        yield f"{at}/received", f"{shown(came)} {what} of {shown(limit.value)} expected, and no receipt says over"


def authorization_is_whole(parts: Parts, _: Options) -> Iterator[Finding]:
    """RT2."""
    for _at, document in parts.of(Return):
        given = document.authorization
        if given is None:
            continue
        if given.decision == "declined" and given.decline_reason is None:
            yield "/authorization", "a declined return needs a declineReason"
        if (given.decision == "declined") != (document.status == "declined"):
            yield "/status", f"is {document.status}, the decision is {given.decision}"
        if given.expires_at is not None and given.decided_at is not None and given.expires_at < given.decided_at:
            yield "/authorization/expiresAt", "is before the decision"


# --- disposition -------------------------------------------------------------------------------------------


def disposed_is_inspected(parts: Parts, _: Options) -> Iterator[Finding]:
    """D1."""
    for _at, document in parts.of(Disposition):
        for index, line in enumerate(document.lines):
            split, inspected = total(s.quantity for s in line.splits), line.inspected.value
            draft = document.status in ("draft", "pending_approval")
            if split > inspected or (split < inspected and not draft):
                yield f"/lines/{index}/splits", f"{shown(split)} disposed of {shown(inspected)} inspected"


def positions_fit_dispositions(parts: Parts, _: Options) -> Iterator[Finding]:
    """D3."""
    for at, split in parts.of(DispositionSplit):
        code = split.disposition.code
        fitting = {(p.status, p.boundary) for p in state.positions(code)}
        if split.to is not None and (split.to.status, split.to.boundary) not in fitting:
            yield f"{at}/to", f"{code} does not lead to {split.to.status} {split.to.boundary or ''}".rstrip()
        if code == "return_to_vendor" and split.vendor is None:
            yield at, "return_to_vendor needs a vendor"
        if code == "restock_as_other_grade" and split.target_item is None:
            yield at, "restock_as_other_grade needs a targetItem"


def spoiled_goods_stay_out(parts: Parts, _: Options) -> Iterator[Finding]:
    """D4."""
    for at, split in parts.of(DispositionSplit):
        spoiled = split.condition.code in ("damaged", "defective", "expired", "incomplete")
        if spoiled and split.disposition.code == "restock":
            yield f"{at}/disposition", f"{split.condition.code} goods are restocked under the same item"


# --- adjustment --------------------------------------------------------------------------------------------


def adjusted_lines_move(parts: Parts, _: Options) -> Iterator[Finding]:
    """AJ1."""
    for _at, document in parts.of(Adjustment):
        for index, line in enumerate(document.lines):
            if line.quantity.value == ZERO:
                yield f"/lines/{index}/quantity", "nothing is moved"
            if line.from_ == line.to and line.to_item is None:
                yield f"/lines/{index}/to", "is where the goods already are"


def valuation_adds_up(parts: Parts, _: Options) -> Iterator[Finding]:
    """AJ4."""
    for _at, document in parts.of(Adjustment):
        for index, line in enumerate(document.lines):
            value = line.valuation
            if value is None:
                continue
            at = f"/lines/{index}/valuation"
            if value.method == "zero" and any(m is not None and m.amount for m in (value.unit_cost, value.extended)):
                yield at, "is valued at zero and has a cost"
            if value.unit_cost is not None and value.extended is not None:
                reckoned = line.quantity.value * value.unit_cost.amount
                if not near(value.extended.amount, reckoned, value.extended.currency):
                    said = f"{shown(line.quantity.value)} x {shown(value.unit_cost.amount)} is {shown(reckoned)}"
                    yield f"{at}/extended", f"is {shown(value.extended.amount)}, {said}"


# --- credit ------------------------------------------------------------------------------------------------


def amounts_are_quantity_times_price(parts: Parts, _: Options) -> Iterator[Finding]:
    """C1. Source: Peppol BIS Billing 3, rule R120."""
    for at, line in parts.of(CreditLine):
        base = line.price_base.value if line.price_base is not None else Decimal(1)
        if base == ZERO:
            yield f"{at}/priceBase", "is zero"
            continue
        reckoned = line.quantity.value * line.unit_price.amount / base - total([line.discount])
        if not near(line.amount.amount, reckoned, line.amount.currency):
            yield f"{at}/amount", f"is {shown(line.amount.amount)}, quantity x price - discount is {shown(reckoned)}"


def _charged(credit: Credit, effect: str) -> Decimal:
    return total(charge.amount for charge in credit.charges or () if charge.effect == effect)


def totals_add_up(parts: Parts, _: Options) -> Iterator[Finding]:
    """C2. Source: EN 16931, BR-CO-10 to BR-CO-12."""
    for _at, credit in parts.of(Credit):
        totals = credit.totals
        yield from _adds("lines", totals.lines.amount, total(line.amount for line in credit.lines))
        yield from _adds("decreases", total([totals.decreases]), _charged(credit, "decreases_credit"))
        yield from _adds("increases", total([totals.increases]), _charged(credit, "increases_credit"))


def _adds(name: str, stated: Decimal, reckoned: Decimal) -> Iterator[Finding]:
    if stated != reckoned:
        yield f"/totals/{name}", f"is {shown(stated)}, adds up to {shown(reckoned)}"


def taxable_is_never_negative(parts: Parts, _: Options) -> Iterator[Finding]:
    """C3. Source: EN 16931, BR-CO-13."""
    for _at, credit in parts.of(Credit):
        totals = credit.totals
        reckoned = totals.lines.amount - total([totals.decreases]) + total([totals.increases])
        if reckoned < ZERO:
            yield "/totals/taxExclusive", f"deductions exceed the credit by {shown(-reckoned)}"
        else:
            yield from _adds("taxExclusive", totals.tax_exclusive.amount, reckoned)


def tax_groups_add_up(parts: Parts, _: Options) -> Iterator[Finding]:
    """C4. Source: EN 16931, BR-S-08 and its siblings; tighter than they are."""
    for _at, credit in parts.of(Credit):
        yield from _adds("tax", credit.totals.tax.amount, total(group.tax for group in credit.taxes or ()))
        based = _bases(credit)
        for index, group in enumerate(credit.taxes or ()):
            at = f"/taxes/{index}"
            key = (group.category, group.rate)
            if key in based and group.taxable.amount != based[key] and _alone(credit, group):
                yield (
                    f"{at}/taxable",
                    f"is {shown(group.taxable.amount)}, lines and charges are {shown(based[key])}",
                )
            if group.rate is not None:
                reckoned = group.taxable.amount * group.rate / 100
                allowed = max(_TAX_TOLERANCE, minor_unit(group.tax.currency))
                if abs(group.tax.amount - _rounded(reckoned, group.tax.currency)) > allowed:
                    rate = f"{shown(group.rate)} % of {shown(group.taxable.amount)} is {shown(reckoned)}"
                    yield f"{at}/tax", f"is {shown(group.tax.amount)}, {rate}"


def _bases(credit: Credit) -> dict[tuple[str, Decimal | None], Decimal]:
    """Return what is taxed per category and rate, where every line and charge says its category."""
    sums: dict[tuple[str, Decimal | None], Decimal] = defaultdict(lambda: ZERO)
    for line in credit.lines:
        if line.tax_category is None:
            return {}
        sums[line.tax_category, line.tax_rate] += line.amount.amount
    for charge in credit.charges or ():
        if charge.tax_category is None:
            return {}
        sign = 1 if charge.effect == "increases_credit" else -1
        sums[charge.tax_category, charge.tax_rate] += sign * charge.amount.amount
    return sums


def _alone(credit: Credit, group: TaxAmount) -> bool:
    """Whether no other group (another jurisdiction) taxes the same lines."""
    same = [g for g in credit.taxes or () if (g.category, g.rate) == (group.category, group.rate)]
    return len(same) == 1


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_EVEN)


def what_is_due_adds_up(parts: Parts, _: Options) -> Iterator[Finding]:
    """C5. Source: EN 16931, BR-CO-15 and BR-CO-16."""
    for _at, credit in parts.of(Credit):
        totals = credit.totals
        yield from _adds("taxInclusive", totals.tax_inclusive.amount, totals.tax_exclusive.amount + totals.tax.amount)
        due = totals.tax_inclusive.amount - total([totals.settled]) + (totals.rounding or ZERO)
        yield from _adds("due", totals.due.amount, due)
        paid = total(s.amount for s in credit.settlements or () if s.status == "completed")
        if paid > totals.tax_inclusive.amount + (totals.rounding or ZERO):
            yield "/settlements", f"{shown(paid)} settled of {shown(totals.tax_inclusive.amount)} credited"


def credits_name_their_invoice(parts: Parts, _: Options) -> Iterator[Finding]:
    """C8."""
    for _at, credit in parts.of(Credit):
        if credit.status not in ("issued", "applied", "refunded") or credit.original_invoices:
            continue
        for index, line in enumerate(credit.lines):
            free = line.reason.code in ("goodwill", "allowance_or_rebate")
            if line.original_invoice is None and not free:
                yield f"/lines/{index}", "an issued credit names the original invoice"


def reversed_taxes_name_their_origin(parts: Parts, _: Options) -> Iterator[Finding]:
    """C10, within the document."""
    for _at, credit in parts.of(Credit):
        if credit.tax_method == "reversed_from_original" and credit.tax_transaction is None:
            yield "/taxMethod", "a reversed tax names the tax transaction it reverses"
