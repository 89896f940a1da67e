"""What came of commands, and what questions brought, in the state of a return."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from openreturns.models import DocumentRef, Quantity
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._facts import found, with_effect, with_order
from openreturns.process.commands import NOT_ASKED
from openreturns.process.policy import Policy
from openreturns.process.state import Effect, ProcessState

__all__ = ["SALE_DAY_UNKNOWN", "finished"]


SALE_DAY_UNKNOWN = "sale_day_unknown"


def finished(state: ProcessState, event: events.CommandsFinished, policy: Policy) -> ProcessState:
    """Take in what came of commands; a result that is known already changes nothing."""
    for result in event.results:
        effect = state.effects.get(result.key)
        if effect is None or effect.over:
            continue  # a worker that was thought dead answers late: its result is known, or nobody asked
        state = with_effect(state, result.key, _after(effect, result, policy, event.at))
        if result.status == "done":
            state = _learned(state, effect, result, policy, event.at)
        elif result.status in {"later", "unknown"} and state.effects[result.key].status == "later":
            pause = _pause(effect, result, policy)
            state = state.replace(deadlines={**state.deadlines, f"retry/{result.key}": event.at + pause})
        elif result.status == "rejected":
            state = _refused(state, effect, event.at)
    return state


def _after(effect: Effect, result: events.Result, policy: Policy, at: datetime) -> Effect:
    told = {"at": at, "kind": result.kind, "problems": result.problems}
    if result.status == "done":
        return effect.replace(status="done", ref=result.ref, **told)
    if result.status in {"rejected", "poison"}:
        return effect.replace(status=result.status, **told)
    if result.status == "unknown" and result.kind == "none":
        return effect.replace(status="held", **told)  # it may be done and may not be repeated: a person looks
    if result.kind == NOT_ASKED:
        return effect.replace(status="later", attempts=effect.attempts - 1, **told)
    limit = policy.vendors[effect.system].attempts if effect.system in policy.vendors else _ATTEMPTS
    return effect.replace(status="later" if effect.attempts < limit else "poison", **told)


_ATTEMPTS = 5
_LONGEST = timedelta(hours=6)


def _pause(effect: Effect, result: events.Result, policy: Policy) -> timedelta:
    """Return how long to wait: what the system asked for, at least twice as long as the last time."""
    base = policy.vendors[effect.system].retry_seconds if effect.system in policy.vendors else 30
    return min(
        max(timedelta(seconds=base * 2 ** min(effect.attempts, 16) // 2), timedelta(seconds=result.retry_after or 0)),
        _LONGEST,
    )


def _learned(state: ProcessState, effect: Effect, result: events.Result, policy: Policy, at: datetime) -> ProcessState:
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
    return _in_time(_eligible(state, at), policy, at) if effect.step == "check_eligibility" else state


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
    """Agree to no more than may come back, at the price it was sold for."""
    told = {one["lineId"]: one for one in state.checks["check_eligibility"]}
    lines = []
    for line in state.return_.lines:
        one = told.get(line.line_id)
        if one is None:
            lines.append(line)
            continue
        may = Quantity.model_validate(one["returnable"])
        if may.uom != line.requested.uom:
            state = found(
                state, "unit_mismatch", f"sold by {may.uom}, asked for by {line.requested.uom}", at, line.line_id
            )
            may = Quantity(value=Decimal(0), uom=line.requested.uom)
        elif may.value < line.requested.value:
            why = one.get("reason") or "the rest was returned before"
            message = f"{may.value:f} of {line.requested.value:f} may come back: {why}"
            state = found(state, "not_eligible", message, at, line.line_id)
        agreed = Quantity(value=min(may.value, line.requested.value), uom=line.requested.uom)
        changes: dict[str, Any] = {"authorized": agreed}
        if line.unit_price is None and one.get("unitPrice"):
            changes["unit_price"] = one["unitPrice"]
        original = DocumentRef.model_validate(one["original"]) if one.get("original") else None
        if original is not None and line.original_invoice is None and original.type == "invoice":
            changes["original_invoice"] = original
        lines.append(line.replace(**changes))
    return state.replace(return_=state.return_.replace(lines=tuple(lines)))


def _in_time(state: ProcessState, policy: Policy, at: datetime) -> ProcessState:
    """Agree to nothing that is asked for later than its window; where nobody knows the day, a person looks."""
    asked = (state.return_.requested_at or state.return_.meta.issued_at).date()
    lines = []
    for line in state.return_.lines:
        window = policy.window(line.reason.code)
        origins = (line.original_invoice, line.original_order)
        sold = next((one.issue_date for one in origins if one is not None and one.issue_date), None)
        if window is not None and sold is None:
            state = found(state, SALE_DAY_UNKNOWN, f"{window.days} days are allowed, since when?", at, line.line_id)
        elif window is not None and sold is not None and (asked - sold).days > window.days:
            message = f"asked for {(asked - sold).days} days after it was sold, {window.days} are allowed"
            state = found(state, "not_eligible", message, at, line.line_id)
            line = line.replace(authorized=Quantity(value=Decimal(0), uom=line.requested.uom))
        lines.append(line)
    return state.replace(return_=state.return_.replace(lines=tuple(lines)))


def _refused(state: ProcessState, effect: Effect, at: datetime) -> ProcessState:
    """Answer a no that the story knows an answer to; any other stays a dead letter."""
    if effect.step == "cancel_announcement" and not documents.receipts_of(state.return_):
        message = "the warehouse would not cancel: the goods are on their way and are dealt with"
        return found(state.replace(ending=""), "cancel_refused", message, at)
    return state
