"""What came of commands, and what questions brought, in the state of a return."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from openreturns.invariants._exact import exact, shown
from openreturns.models import DocumentRef, Money, Quantity, ReturnLine
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._facts import found, with_effect, with_order
from openreturns.process.commands import DEFECT, NOT_ASKED
from openreturns.process.policy import Policy, VendorBudget
from openreturns.process.state import Effect, ProcessState
from openreturns.process.steps import CANCEL_REFUSED
from openreturns.readback import NOT_AS_SENT

__all__ = ["DOUBTS", "finished", "in_time"]

_SALE_DAY_UNKNOWN = "sale_day_unknown"
_PRICE_MISMATCH = "price_mismatch"
DOUBTS = frozenset({_SALE_DAY_UNKNOWN, _PRICE_MISMATCH})
"""Findings for which a person has to agree to a return."""


def finished(state: ProcessState, event: events.CommandsFinished, policy: Policy) -> ProcessState:
    """Take in what came of commands; a result that is known already changes nothing."""
    for result in event.results:
        effect = state.effects.get(result.key)
        if effect is None or effect.over:
            continue  # a worker that was thought dead answers late: its result is known, or nobody asked
        state = with_effect(state, result.key, _after(effect, result, policy, event.at))
        if result.status == "done":
            state = _learned(state, effect, result, event.at)
        elif result.status in {"later", "unknown"} and state.effects[result.key].status == "later":
            pause = _pause(effect, result, policy)
            state = state.replace(deadlines={**state.deadlines, f"retry/{result.key}": event.at + pause})
        elif result.status == "rejected":
            state = _refused(state, result, event.at)
    return state


def _after(effect: Effect, result: events.Result, policy: Policy, at: datetime) -> Effect:
    doubt = effect.doubt or result.status == "unknown" or result.kind in _MAYBE_THERE
    away = (effect.away or at) if result.kind in _AWAY else None
    told = {"at": at, "kind": result.kind, "problems": result.problems, "doubt": doubt, "away": away}
    if result.status == "done":
        return effect.replace(status="done", ref=result.ref, **told)
    if result.status in {"rejected", "poison"}:
        return effect.replace(status=result.status, **told)
    if result.status == "unknown" and result.kind == "none":
        return effect.replace(status="held", **told)  # it may be done and may not be repeated: a person looks
    if result.kind == NOT_ASKED:
        return effect.replace(status="later", attempts=effect.attempts - 1, **{**told, "away": effect.away})
    budget = policy.vendors.get(effect.system, _BUDGET)
    patient = away is not None and at - away < timedelta(hours=budget.patience_hours)
    attempts = 1 if effect.away and not away else effect.attempts  # what it took until the system was back counts not
    more = patient or attempts < budget.attempts
    return effect.replace(status="later" if more else "poison", attempts=attempts, **told)


_AWAY = frozenset({"unavailable", "throttled", "timeout"})
_MAYBE_THERE = frozenset({NOT_AS_SENT, DEFECT})
_BUDGET = VendorBudget()
_LONGEST = 6 * 3600  # seconds; a number, as what a system asks for may be more than a timedelta holds


def _pause(effect: Effect, result: events.Result, policy: Policy) -> timedelta:
    """Return how long to wait: what the system asked for, at least twice as long as the last time."""
    base = policy.vendors.get(effect.system, _BUDGET).retry_seconds
    seconds = max(base * 2 ** min(effect.attempts, 16) // 2, result.retry_after or 0)
    return timedelta(seconds=min(seconds, _LONGEST))


def _learned(state: ProcessState, effect: Effect, result: events.Result, at: datetime) -> ProcessState:
    """Take in what a question brought, and the order that was placed."""
    if effect.step == "order_replacement" and result.ref is not None:
        return with_order(state, f"replacement/{effect.subject}", result.ref, at)
    if not result.answer:
        return state
    name = effect.step if not effect.subject else f"{effect.step}/{effect.subject}"
    checks = {**state.checks, name: json.loads(result.answer)}
    state = state.replace(checks=checks)
    if effect.step == "check_excess":
        return _excess(state, name, at)
    return _eligible(state, at) if effect.step == "check_eligibility" else state


def _excess(state: ProcessState, name: str, at: datetime) -> ProcessState:
    """Agree to what came too much as far as all of it was sold."""
    told = {one["lineId"]: Quantity.model_validate(one["returnable"]) for one in state.checks[name]}
    lines = []
    for line in state.return_.lines:
        may = told.get(line.line_id)
        sold = may is not None and line.received is not None and may.uom == line.received.uom
        enough = sold and may.value >= line.received.value  # type: ignore[union-attr] # both are there if it was sold
        lines.append(documents.raised(line) if documents.is_over(line) and enough else line)
    raised = state.return_.replace(lines=tuple(lines))
    return state if raised == state.return_ else state.replace(return_=documents.next_revision(raised, at))


def _eligible(state: ProcessState, at: datetime) -> ProcessState:
    """Agree to no more than may come back, at no more than was paid."""
    told = {one["lineId"]: one for one in state.checks["check_eligibility"]}
    comes_back = state.return_.type != "credit_only"
    lines = []
    for line in state.return_.lines:
        one = told.get(line.line_id, {"returnable": {"value": "0", "uom": line.requested.uom}, "reason": _UNKNOWN})
        if comes_back:
            state, line = _agreed(state, line, one, at)
        paid = _paid(one, line.requested.uom)
        none = line.authorized is not None and not line.authorized.value
        if not none and (why := _disputed(line.unit_price, paid, comes_back=comes_back)):
            state = found(state, _PRICE_MISMATCH, why, at, line.line_id)
        lines.append(_dated(line.replace(unit_price=_lower(line.unit_price, paid)), one.get("original")))
    return state.replace(return_=state.return_.replace(lines=tuple(lines)))


_UNKNOWN = "the ERP does not speak of it"


def _agreed(
    state: ProcessState, line: ReturnLine, one: Mapping[str, Any], at: datetime
) -> tuple[ProcessState, ReturnLine]:
    asked, may = line.requested, Quantity.model_validate(one["returnable"])
    if may.uom != asked.uom:
        state = found(state, "unit_mismatch", f"sold by {may.uom}, asked for by {asked.uom}", at, line.line_id)
        may = Quantity(value=Decimal(0), uom=asked.uom)
    elif may.value < asked.value:
        why = one.get("reason") or "the rest was returned before"
        message = f"{may.value:f} of {asked.value:f} may come back: {why}"
        state = found(state, "not_eligible", message, at, line.line_id)
    return state, line.replace(authorized=Quantity(value=min(may.value, asked.value), uom=asked.uom))


def _paid(one: Mapping[str, Any], uom: str) -> Money | None:
    """Return what was paid for one of the unit that is asked for, to six places; nothing where it is of another."""
    price = Money.model_validate(one["unitPrice"]) if one.get("unitPrice") else None
    base = Quantity.model_validate(one["priceBase"]) if one.get("priceBase") else None
    if price is None or uom != (base.uom if base else one["returnable"]["uom"]):
        return None
    if base is None:
        return price
    with exact():
        return price.replace(amount=Decimal(shown(price.amount / base.value))) if base.value else None


def _disputed(asked: Money | None, paid: Money | None, *, comes_back: bool) -> str:
    """Return what there is to say about an asked price that is not what was paid; a price is put right by a part."""
    if asked is None:
        return ""
    said = f"asked for at {asked.amount:f} {asked.currency}"
    if paid is None:
        return f"{said}, the ERP does not say what was paid"
    same = asked.currency == paid.currency
    fits = same and (asked.amount == paid.amount if comes_back else asked.amount <= paid.amount)
    return "" if fits else f"{said}, {paid.amount:f} {paid.currency} was paid"


def _lower(asked: Money | None, paid: Money | None) -> Money | None:
    """Return the lower price, or what was paid where they cannot be compared."""
    if asked is None or paid is None:
        return asked or paid
    return asked if asked.currency == paid.currency and asked.amount < paid.amount else paid


def _dated(line: ReturnLine, told: Mapping[str, Any] | None) -> ReturnLine:
    """Return a line with the invoice that the ERP knows, and its day, whatever day was claimed."""
    original = DocumentRef.model_validate(told) if told else None
    if original is None or original.type != "invoice":
        return line
    if line.original_invoice is None:
        return line.replace(original_invoice=original)
    if original.id != line.original_invoice.id or original.issue_date is None:
        return line
    return line.replace(original_invoice=line.original_invoice.replace(issue_date=original.issue_date))


def in_time(state: ProcessState, policy: Policy, at: datetime) -> ProcessState:
    """Agree to nothing that is asked for later than its window; where nobody knows the day, a person looks."""
    if not policy.windows:
        return state
    asked = (state.return_.requested_at or state.return_.meta.issued_at).date()
    lines = []
    for line in state.return_.lines:
        window = policy.window(line.reason.code)
        origins = (line.original_invoice, line.original_order)
        sold = next((one.issue_date for one in origins if one is not None and one.issue_date), None)
        if window is not None and sold is None:
            state = found(state, _SALE_DAY_UNKNOWN, f"{window.days} days are allowed, since when?", at, line.line_id)
        elif window is not None and sold is not None and (asked - sold).days > window.days:
            message = f"asked for {(asked - sold).days} days after it was sold, {window.days} are allowed"
            state = found(state, "not_eligible", message, at, line.line_id)
            line = line.replace(authorized=Quantity(value=Decimal(0), uom=line.requested.uom))
        lines.append(line)
    return state.replace(return_=state.return_.replace(lines=tuple(lines)))


def _refused(state: ProcessState, result: events.Result, at: datetime) -> ProcessState:
    """Answer a no that the story knows an answer to; any other stays a dead letter.

    So does one that may have been done before, or of what is not there: whether goods are expected is for a person.
    """
    effect = state.effects[result.key]
    if effect.step != "cancel_announcement" or documents.receipts_of(state.return_):
        return state
    message = "the warehouse would not cancel: the goods are on their way and are dealt with"
    if not effect.doubt and effect.kind != "not_found":
        gone_on = effect.replace(status="discarded", reason="the warehouse would not cancel, and the return goes on")
        state = with_effect(state, result.key, gone_on)
    return found(state.replace(ending=""), CANCEL_REFUSED, message, at, effect.subject)
