"""What every event's rule needs: how a state is changed in its parts, and the answer that it is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openreturns.models import DocumentRef, Money
from openreturns.process import _documents as documents
from openreturns.process.policy import Policy, Route
from openreturns.process.state import TERMINAL, Effect, Finding, ProcessState

__all__ = ["NotApplied", "end_of", "found", "refuse_ended", "route_of", "with_credit", "with_effect", "with_order"]


@dataclass(frozen=True)
class NotApplied(Exception):  # noqa: N818 - it is an answer, not a mistake of ours
    """The event changes nothing; it is kept with this reason."""

    code: str
    reason: str

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"


def found(
    state: ProcessState, code: str, message: str, at: datetime, subject: str = "", value: Money | None = None
) -> ProcessState:
    """Return the state with a finding, once; `value` is what is at stake."""
    if any(one.code == code and one.subject == subject for one in state.findings):
        return state
    finding = Finding(code=code, subject=subject, message=message, at=at, value=value)
    return state.replace(findings=(*state.findings, finding))


def end_of(state: ProcessState) -> str:
    """Return what a return has come to, empty while it goes on, whatever of it is under way."""
    over = state.stage in TERMINAL or state.stage == "ending"
    return state.ending or (state.return_.status if over else "")


def refuse_ended(state: ProcessState) -> None:
    """Raise NotApplied for a return that is at its end."""
    if end := end_of(state):
        raise NotApplied("ended", f"the return is {end}")


def route_of(state: ProcessState, policy: Policy) -> Route:
    """Return the systems that a return runs over: those it was opened with, whatever the policy says by now."""
    return state.route or policy.route(state.return_)


def with_credit(state: ProcessState, number: str, **changes: Any) -> ProcessState:  # noqa: ANN401 - Credit's fields
    """Return the state with one of its credits changed."""
    credits_ = tuple(one.replace(**changes) if one.number == number else one for one in state.credits)
    return state.replace(credits=credits_)


def with_effect(state: ProcessState, key: str, effect: Effect) -> ProcessState:
    """Return the state with what became of a command."""
    return state.replace(effects={**state.effects, key: effect})


def with_order(state: ProcessState, subject: str, ref: DocumentRef, at: datetime) -> ProcessState:
    """Return the state with an order that is placed; what is sent instead of a line is told on the line."""
    lines = tuple(
        line.replace(replacement=line.replacement.replace(order=ref))
        if line.replacement is not None and subject == f"replacement/{line.line_id}"
        else line
        for line in state.return_.lines
    )
    if lines != state.return_.lines:
        state = state.replace(return_=documents.next_revision(state.return_.replace(lines=lines), at))
    return state.replace(placed={**state.placed, subject: ref})
