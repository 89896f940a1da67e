"""Rules about how a document came to its status: its history and who approved it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from openreturns import state
from openreturns.invariants._exact import shown, total
from openreturns.invariants._parts import Finding, Parts
from openreturns.invariants._rule import Options
from openreturns.models import Adjustment, Approval, Credit, Disposition, Document, Money, Return, StatusChange

__all__ = ["approvals_are_there", "approvers_are_others", "history_follows_the_table"]

_NAMES: Mapping[type[Document], str] = {
    Return: "return",
    Disposition: "disposition",
    Adjustment: "adjustment",
    Credit: "credit",
}
# Statuses that need the approvals. Goods that nobody announced are received before anybody could approve them.
_BEYOND_APPROVAL: Mapping[type[Document], frozenset[str]] = {
    Return: frozenset({"authorized", "in_transit", "dispositioned", "credited"}),
    Disposition: frozenset({"final", "reversed"}),
    Adjustment: frozenset({"posted", "reversed"}),
    Credit: frozenset({"approved", "issued", "applied", "refunded", "voided"}),
}
_GRANTED = ("approved", "waived")


def history_follows_the_table(parts: Parts, _: Options) -> Iterator[Finding]:
    """T2. A history is whole or absent: one that starts in the middle cannot be told from one that was cut."""
    document = parts.document
    name, facts = _NAMES[type(document)], _facts(document)
    before: StatusChange | None = None
    for index, change in enumerate(document.history or ()):
        at = f"/history/{index}"
        if before is None:
            yield from _begins(at, name, change)
        elif change.from_ != before.to:
            yield f"{at}/from", f"{change.from_ or 'nothing'} after a change to {before.to}"
        elif not state.allowed(name, before.to, change.to, **facts):
            yield at, f"a {name} does not go from {before.to} to {change.to}"
        if before is not None and change.at < before.at:
            yield f"{at}/at", "is before the change above it"
        before = change
    if before is not None and before.to != document.status:
        yield "/status", f"is {document.status}, the history ends in {before.to}"


def _begins(at: str, name: str, change: StatusChange) -> Iterator[Finding]:
    if change.from_ is not None:
        yield f"{at}/from", f"the first change comes from {change.from_}, so another is missing before it"
    elif change.to not in state.initial(name):
        yield f"{at}/to", f"a {name} does not begin as {change.to}"


def _facts(document: Document) -> dict[str, str]:
    """Return what steps may depend on. Goods of which none arrived may be destroyed or kept by the customer."""
    if not isinstance(document, Return):
        return {}
    arrived = any(line.receipts or (line.received and line.received.value) for line in document.lines)
    return {"type": document.type} | ({} if arrived else {"disposition": "field_destroy"})


def approvers_are_others(parts: Parts, _: Options) -> Iterator[Finding]:
    """A1, within the document. Letting oneself off a step is no better than approving it."""
    for at, approval in parts.of(Approval):
        alone = approval.requested_by is not None and approval.requested_by == approval.decided_by
        if approval.decision in _GRANTED and alone:
            yield f"{at}/decidedBy", "who asked for the approval gave it"


def approvals_are_there(parts: Parts, _: Options) -> Iterator[Finding]:
    """A2. A step refused and asked for again stands there twice; its last decision counts."""
    document = parts.document
    if document.status not in _BEYOND_APPROVAL[type(document)]:
        return
    last = {approval.step: (f"/approvals/{i}", approval) for i, approval in enumerate(document.approvals or ())}
    for at, approval in last.values():
        if approval.decision not in _GRANTED:
            yield f"{at}/decision", f"is {approval.decision}, the document is {document.status} already"
    yield from _within_the_limit(document, [step for step in last.values() if step[1].decision == "approved"])


def _within_the_limit(document: Document, approved: list[tuple[str, Approval]]) -> Iterator[Finding]:
    """Check that one step may approve the amount: in a chain the last has the highest limit, or none."""
    worth = _worth(document)
    limits = [(step.limit, at) for at, step in approved if step.limit is not None]
    if worth is None or not limits or len(limits) < len(approved):
        return
    highest, at = max(limits, key=lambda limit: limit[0].amount)
    if highest.currency == worth[1] and highest.amount < worth[0]:
        yield f"{at}/limit", f"the limit is {shown(highest.amount)}, the document's worth {shown(worth[0])}"


def _worth(document: Document) -> tuple[Decimal, str] | None:
    """Return what is approved, and its currency; None where a document has no value."""
    if isinstance(document, Credit):
        return document.totals.tax_inclusive.amount, document.currency
    if isinstance(document, Return):
        agreed = ((line.authorized or line.requested, line.unit_price) for line in document.lines)
        return sum((q.value * price.amount for q, price in agreed if price), Decimal(0)), document.currency
    if isinstance(document, Adjustment):
        values: list[Money] = [v.extended for line in document.lines if (v := line.valuation) and v.extended]
        return (total(values), values[0].currency) if values else None
    return None
