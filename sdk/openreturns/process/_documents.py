"""The documents of a return as the process carries them on: statuses, receipts, credits. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from openreturns import flow, state
from openreturns.models import (
    Adjustment,
    Approval,
    Credit,
    CreditCharge,
    Disposition,
    DispositionSplit,
    Money,
    Quantity,
    ReceiptEntry,
    Return,
    ReturnLine,
    ReturnStatus,
    StatusChange,
)

__all__ = [
    "LET_GO",
    "NEVER_SENT",
    "advanced",
    "all_disposed",
    "approved",
    "beyond",
    "capped",
    "creditable",
    "credited",
    "deliveries",
    "earned",
    "fee_of",
    "inspectors_of",
    "is_over",
    "issued",
    "judged",
    "moves_of",
    "raised",
    "receipts_of",
    "requested",
    "reversal_of",
    "taken_in",
    "value_of",
    "whole_in",
    "with_fee",
    "written_off",
]

ZERO = Decimal(0)

LET_GO = frozenset({"scrap", "recycle", "donate", "field_destroy"})
"""Dispositions that let goods go for nothing."""

NEVER_SENT = frozenset({"customer_keeps", "field_destroy"})
"""Dispositions of goods that never come in."""


def advanced(return_: Return, to: ReturnStatus, at: datetime, cause: str) -> Return:
    """Return the next revision of a return, brought to a status along the status table.

    A status that cannot follow leaves the return as it is.
    """
    facts = {"type": return_.type}
    chain = state.path("return", return_.status, to, **facts)
    if len(chain) < 2:
        return return_
    history = return_.history or (StatusChange(to=return_.status, at=return_.requested_at or return_.meta.issued_at),)
    steps = [
        StatusChange(from_=start, to=end, at=max(at, history[-1].at), cause=cause) for start, end in pairwise(chain)
    ]
    return next_revision(return_, at).replace(status=to, history=(*history, *steps))


def next_revision(return_: Return, at: datetime) -> Return:
    """Return the same return as a new revision."""
    meta = return_.meta.replace(revision=return_.meta.revision + 1, issued_at=max(at, return_.meta.issued_at))
    return return_.replace(meta=meta)


def ahead_of(return_: Return) -> str:
    """Return the number of the credit of all that a return agrees to, ahead of its goods or without any."""
    return f"{return_.meta.document_id}-credit"


def value_of(return_: Return) -> Decimal:
    """Return what the requested goods cost, as far as prices are known."""
    return sum((one.requested.value * one.unit_price.amount for one in return_.lines if one.unit_price), ZERO)


def requested(return_: Return, *, agreed: bool) -> Return:
    """Return what is asked for, without what only others can say: what came in, and what was agreed to unless it is."""
    claims = {"received": None, "receipts": None} | ({} if agreed else {"authorized": None, "expected": None})
    asked = return_.replace(lines=tuple(line.replace(**claims) for line in return_.lines))
    return asked if agreed else asked.replace(status="requested", authorization=None, history=None)


# ---------------------------------------------------------------- goods


def taken_in(return_: Return, seen: Return) -> Return:
    """Return the return with the receipts that another view of it has more, under our line ids.

    More than was agreed to is said to be over: no invariant lets an excess stand unexplained. What the other system
    has of its own about the receipts comes along: an ERP may ask for it.
    """
    after = flow.received(return_, seen)
    if after is return_:
        return return_
    after = after.replace(lines=tuple(_explained(line) for line in after.lines))
    return after.replace(extensions=_merged(after.extensions, seen.extensions)) if seen.extensions else after


def _merged(ours: Mapping[str, Any] | None, seen: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(ours or {})
    for name, told in seen.items():
        known = merged.get(name)
        merged[name] = {**known, **told} if isinstance(known, Mapping) and isinstance(told, Mapping) else told
    return merged


def _explained(line: ReturnLine) -> ReturnLine:
    receipts = line.receipts or ()
    if not is_over(line) or any(one.discrepancy not in {None, "none", "short"} for one in receipts):
        return line
    return line.replace(receipts=(*receipts[:-1], receipts[-1].replace(discrepancy="over")))


def _agreed(line: ReturnLine) -> Decimal:
    return (line.authorized or line.requested).value


def receipts_of(return_: Return) -> tuple[ReceiptEntry, ...]:
    """Return all receipts of a return."""
    return tuple(one for line in return_.lines for one in line.receipts or ())


def deliveries(return_: Return) -> str:
    """Return how many deliveries came in, as text."""
    return str(len({one.receipt_id for one in receipts_of(return_)}))


def is_over(line: ReturnLine) -> bool:
    """Say whether more came in than was agreed to."""
    return line.received is not None and line.received.value > _agreed(line)


def raised(line: ReturnLine) -> ReturnLine:
    """Return a line of which all that came in is agreed to."""
    return line.replace(requested=line.received, authorized=line.received, expected=line.received)


def all_disposed(return_: Return, standing: Iterable[Disposition]) -> bool:
    """Say whether everything that came in was decided on."""
    disposed: dict[str, Decimal] = {}
    for disposition in standing:
        for line in disposition.lines:
            for split in line.splits:
                if split.disposition.code not in {"pending", *NEVER_SENT}:
                    disposed[line.return_line_id] = disposed.get(line.return_line_id, ZERO) + split.quantity.value
    return all(
        disposed.get(line.line_id, ZERO) >= (line.received.value if line.received else ZERO) for line in return_.lines
    )


def whole_in(return_: Return) -> bool:
    """Say whether everything that was agreed to has come in."""
    return all((line.received.value if line.received else ZERO) >= _agreed(line) for line in return_.lines)


# ---------------------------------------------------------------- credits


_FEE: Literal["restocking_fee"] = "restocking_fee"


def _standing(credits_: Iterable[Credit]) -> Iterator[Credit]:
    """Yield the credits that are given, or will be."""
    return (one for one in credits_ if one.status not in {"rejected", "voided"})


def creditable(return_: Return, credits_: Iterable[Credit]) -> dict[str, Decimal]:
    """Return how much of each line may still be credited: no more than was agreed to, less what is credited."""
    taken: dict[str, Decimal] = {}
    for credit in _standing(credits_):
        for line_id, quantity in credited(credit).items():
            taken[line_id] = taken.get(line_id, ZERO) + quantity
    return {one.line_id: max(_agreed(one) - taken.get(one.line_id, ZERO), ZERO) for one in return_.lines}


def capped(disposition: Disposition, return_: Return, credits_: Iterable[Credit]) -> tuple[Disposition, Decimal]:
    """Return a disposition of which no more can be credited than was agreed to, and the quantity that is too much."""
    left = creditable(return_, credits_)
    excess = ZERO
    lines = []
    for line in disposition.lines:
        rest = left.get(line.return_line_id, ZERO)
        splits = []
        for split in line.splits:
            wanted = split.quantity.value if _earns(split) else ZERO
            granted = min(wanted, rest)
            rest -= granted
            excess += wanted - granted
            splits.append(split if granted == wanted else _only(split, granted))
        left[line.return_line_id] = rest
        lines.append(line.replace(splits=tuple(splits)))
    return disposition.replace(lines=tuple(lines)), excess


def earned(dispositions: Iterable[Disposition], return_: Return) -> dict[str, Decimal]:
    """Return how much of each line was found creditable: no more than was agreed to."""
    found: dict[str, Decimal] = {}
    for disposition in dispositions:
        for line in disposition.lines:
            quantity = sum((split.quantity.value for split in line.splits if _earns(split)), ZERO)
            found[line.return_line_id] = found.get(line.return_line_id, ZERO) + quantity
    return {line.line_id: min(found.get(line.line_id, ZERO), _agreed(line)) for line in return_.lines}


def credited(credit: Credit) -> dict[str, Decimal]:
    """Return how much of each return line a credit gives."""
    given: dict[str, Decimal] = {}
    for line in credit.lines:
        if line.return_ is not None and line.return_.line_id:
            given[line.return_.line_id] = given.get(line.return_.line_id, ZERO) + line.quantity.value
    return given


def beyond(dispositions: Iterable[Disposition], covered: Mapping[str, Decimal]) -> Iterator[Disposition]:
    """Yield the dispositions with what a credit covers already no longer creditable, first come first covered."""
    left = dict(covered)
    for disposition in dispositions:
        lines = []
        for line in disposition.lines:
            splits = []
            for split in line.splits:
                taken = min(left.get(line.return_line_id, ZERO), split.quantity.value) if _earns(split) else ZERO
                left[line.return_line_id] = left.get(line.return_line_id, ZERO) - taken
                splits.append(_only(split, split.quantity.value - taken) if taken else split)
            lines.append(line.replace(splits=tuple(splits)))
        yield disposition.replace(lines=tuple(lines))


def _earns(split: DispositionSplit) -> bool:
    return split.creditable is not False and split.disposition.code != "pending"


def _only(split: DispositionSplit, quantity: Decimal) -> DispositionSplit:
    """Return the part of a split that is credited; serial numbers of the rest go with the rest."""
    if not quantity:
        return split.replace(creditable=False)
    serials = split.serials[: int(quantity)] if split.serials else None
    return split.replace(quantity=Quantity(value=quantity, uom=split.quantity.uom), serials=serials)


def judged(disposition: Disposition, not_creditable: Collection[str]) -> Disposition:
    """Return the disposition with what the customer has to bear: splits whose note is one of those given."""
    lines = tuple(
        line.replace(
            splits=tuple(
                split.replace(creditable=False, customer_liable=True)
                if split.disposition.note in not_creditable
                else split
                for split in line.splits
            )
        )
        for line in disposition.lines
    )
    return disposition.replace(lines=lines)


def with_fee(
    credit: Credit, percent: Decimal, return_: Return, waived_for: Iterable[str], credits_: Iterable[Credit]
) -> Credit:
    """Return a draft credit less the restocking fee that is owed: see `fee_of`."""
    fee = fee_of(credit, return_, percent, waived_for, credits_)
    if not fee:
        return credit
    charge = CreditCharge(kind=_FEE, effect="decreases_credit", amount=money(fee, credit.currency))
    return totalled(credit.replace(charges=(*(credit.charges or ()), charge)))


def fee_of(
    credit: Credit, return_: Return, percent: Decimal, waived_for: Iterable[str], credits_: Iterable[Credit]
) -> Decimal:
    """Return the restocking fee of a credit: what the return agreed on, else `percent`; never more than its base.

    It is of the lines that do not waive it by their return reason; a price that is put right pays none. A fixed
    amount is of the return: what others of its `credits_` took of it is paid.
    """
    if return_.type == "credit_only":
        return ZERO
    reasons = {line.line_id: line.reason.code for line in return_.lines}
    waived = set(waived_for)
    base = sum(
        (
            line.amount.amount
            for line in credit.lines
            if line.return_ is not None and reasons.get(line.return_.line_id or "") not in waived
        ),
        ZERO,
    )
    agreed = return_.restocking_policy
    if agreed and agreed.flat:
        others = (one for one in _standing(credits_) if one.number != credit.number)
        paid = sum((one.amount.amount for it in others for one in it.charges or () if one.kind == _FEE), ZERO)
        return min(max(agreed.flat.amount - paid, ZERO), base)
    part = agreed.percent if agreed and agreed.percent is not None else percent
    return min(flow.rounded(base * part / 100, credit.currency), base)


def totalled(credit: Credit) -> Credit:
    """Return a credit whose totals are those of its lines, charges and taxes."""
    lines = sum((one.amount.amount for one in credit.lines), ZERO)
    charges = credit.charges or ()
    less = sum((one.amount.amount for one in charges if one.effect == "decreases_credit"), ZERO)
    more = sum((one.amount.amount for one in charges if one.effect == "increases_credit"), ZERO)
    tax = sum((one.tax.amount for one in credit.taxes or ()), ZERO)
    before = lines - less + more
    amounts = {"lines": lines, "tax_exclusive": before, "tax": tax, "tax_inclusive": before + tax, "due": before + tax}
    amounts |= {name: value for name, value in (("decreases", less), ("increases", more)) if value}
    told: Mapping[str, Money] = {name: money(value, credit.currency) for name, value in amounts.items()}
    return credit.replace(totals=dict(told))


def money(amount: Decimal, currency: str) -> Money:
    """Return an amount with the digits its currency pays."""
    return Money(amount=flow.rounded(amount, currency), currency=currency)


def approved(credit: Credit, by: str, requested_by: str, at: datetime) -> Credit:
    """Return a credit that somebody agreed to."""
    approval = Approval(
        step="credit", decision="approved", requested_by=requested_by or None, decided_by=by, decided_at=at
    )
    return credit.replace(approvals=(*(credit.approvals or ()), approval))


def issued(credit: Credit) -> Credit:
    """Return a credit as it goes out."""
    return credit.replace(status="issued", meta=credit.meta.replace(revision=credit.meta.revision))


# ---------------------------------------------------------------- inspections and stock


def inspectors_of(disposition: Disposition) -> Iterator[str]:
    """Yield who looked at the goods of a disposition, as far as it says."""
    return (line.inspection.by for line in disposition.lines if line.inspection is not None)


def written_off(disposition: Disposition, return_: Return) -> Decimal:
    """Return what the goods cost that a disposition lets go for nothing, as far as prices are known."""
    prices = {line.line_id: line.unit_price.amount for line in return_.lines if line.unit_price}
    return sum(
        (
            split.quantity.value * prices.get(line.return_line_id, ZERO)
            for line in disposition.lines
            for split in line.splits
            if split.disposition.code in LET_GO
        ),
        ZERO,
    )


def moves_of(disposition: str, adjustments: Iterable[Adjustment]) -> Iterator[Adjustment]:
    """Yield the adjustments that move what a disposition decided; not those that take such a move back."""
    for adjustment in adjustments:
        if any(line.disposition and line.disposition.document_id == disposition for line in adjustment.lines):
            yield adjustment


def reversal_of(adjustment: Adjustment, at: datetime) -> Adjustment:
    """Return the adjustment that takes another back: every line the other way."""
    key = f"{adjustment.meta.document_id}-reversal"
    meta = adjustment.meta.replace(
        document_id=key, issued_at=at, causation_id=adjustment.meta.document_id, revision=1, idempotency_key=None
    )
    lines = tuple(
        line.replace(from_=line.to, to=line.from_, reason={"code": "reversal"}, disposition=None)
        for line in adjustment.lines
    )
    return adjustment.replace(
        meta=meta,
        number=key,
        reverses={"type": "adjustment", "id": adjustment.number},
        posting_date=at.date().isoformat(),
        lines=lines,
    )
