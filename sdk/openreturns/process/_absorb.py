"""What each event changes in the state of a return: one small pure function an event. Nothing is given out here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._facts import NotApplied, found, refuse_ended, with_effect
from openreturns.process._goods import came_in, inspected, no_more_comes, reversed_
from openreturns.process._people import approval, discarded, placed, retried, settled
from openreturns.process._results import finished
from openreturns.process.policy import Policy
from openreturns.process.state import ProcessState

__all__ = ["absorb", "opened"]


def opened(event: events.Event, policy: Policy) -> ProcessState:
    """Return the state of a return that is asked for."""
    if not isinstance(event, events.ReturnRequested):
        raise NotApplied("unknown_return", "no return of that number was asked for; it may still be")
    asked = event.return_
    if asked.status not in {"requested", "authorized"}:
        raise NotApplied("not_a_request", f"a request is requested or authorized, this one is {asked.status}")
    agreed = asked.status == "authorized" and asked.meta.source_system in policy.trusted_sources
    state = ProcessState(
        number=asked.number,
        entered=event.at,
        requested_by=event.by,
        priority=policy.priority(asked),
        return_=documents.requested(asked, agreed=agreed),
    )
    if asked.status == "authorized" and not agreed:
        message = f"{asked.meta.source_system} says that it was agreed to; it is checked like any request"
        state = found(state, "not_trusted", message, event.at)
    if documents.receipts_of(asked) or any(line.received for line in asked.lines):
        message = "goods came in, says the request; they count when the warehouse says so"
        state = found(state, "receipt_not_believed", message, event.at)
    return state


def absorb(state: ProcessState, event: events.Event, policy: Policy) -> ProcessState:
    """Return the state after an event. Raises NotApplied where it may not or need not change anything."""
    return _RULES[type(event)](state, event, policy)


def _requested(state: ProcessState, event: events.ReturnRequested, policy: Policy) -> ProcessState:
    if event.return_.lines == state.return_.lines:
        raise NotApplied("duplicate", "this return was asked for before")
    raise NotApplied("conflict", "another return was asked for under this number")


def _cancelled(state: ProcessState, event: events.CancelRequested, policy: Policy) -> ProcessState:
    refuse_ended(state)
    if documents.receipts_of(state.return_):
        raise NotApplied("too_late", "goods have come in; they are dealt with, not cancelled")
    if state.credits:
        raise NotApplied("too_late", "a credit is on its way")
    return state.replace(ending="cancelled")


def _late(state: ProcessState, event: events.DeadlinePassed, policy: Policy) -> ProcessState:
    due = state.deadlines.get(event.name)
    if due is None or event.at < due:
        raise NotApplied("overtaken", "nothing waits for that any more")
    deadlines = {name: at for name, at in state.deadlines.items() if name != event.name}
    state = state.replace(deadlines=deadlines)
    kind, _, subject = event.name.partition("/")
    if kind == "retry":
        effect = state.effects[subject]
        return with_effect(state, subject, effect.replace(status="started", attempts=effect.attempts + 1, at=event.at))
    level = policy.service_level(subject)
    if level is not None and level.then == "expire" and subject == "awaiting_goods":
        if documents.receipts_of(state.return_) or state.standing:  # what is there is dealt with
            return no_more_comes(state, event.at, event.id)
        return state.replace(ending="expired")
    message = f"{subject} takes longer than agreed"
    if level is not None and level.escalate_to:
        message += f"; {level.escalate_to} is asked to look"
    return found(state, "overdue", message, event.at, f"{subject}/{event.at:%Y-%m-%dT%H:%M}")


_RULES: Mapping[type, Callable[[ProcessState, Any, Policy], ProcessState]] = {
    events.ReturnRequested: _requested,
    events.GoodsReceived: came_in,
    events.GoodsInspected: inspected,
    events.DispositionReversed: reversed_,
    events.ApprovalGiven: approval,
    events.ApprovalRefused: approval,
    events.CancelRequested: _cancelled,
    events.Settled: settled,
    events.OrderPlaced: placed,
    events.DeadlinePassed: _late,
    events.CommandsFinished: finished,
    events.DeadLetterRetried: retried,
    events.DeadLetterDiscarded: discarded,
}
