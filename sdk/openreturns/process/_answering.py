"""Whether a return is agreed to: what has to be answered first, who agrees, and what is said then."""

from __future__ import annotations

from openreturns.models import Authorization, Return
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._results import DOUBTS, in_time
from openreturns.process.policy import Policy, Route
from openreturns.process.state import ProcessState
from openreturns.process.steps import cancellation

__all__ = ["answered", "unanswered"]


def answered(state: ProcessState, event: events.Event, policy: Policy, route: Route) -> ProcessState:
    """Authorise or decline the return once everything that is asked has been answered."""
    return_ = state.return_
    if state.ending == "declined" and return_.status == "requested":
        return state.replace(return_=_authorization(state, "declined", event))
    if state.ending in {"cancelled", "expired"}:
        if _may_go_on(state, route):
            return state
        return state.replace(return_=documents.advanced(return_, state.ending, event.at, event.id))
    if state.ending or return_.status != "requested" or unanswered(state, policy, route):
        return state
    state = in_time(state, policy, event.at)
    return_ = state.return_
    agreed_to = [(line.authorized or line.requested).value for line in return_.lines]
    partly = any(value < line.requested.value for value, line in zip(agreed_to, return_.lines, strict=True))
    if not any(agreed_to) or (partly and policy.approvals.decline_ineligible):
        return state.replace(ending="declined", return_=_authorization(state, "declined", event))
    agreed = state.decided("return")
    if (agreed is not None and agreed.decision == "approved") or _automatic(state, policy, route):
        return state.replace(return_=_authorization(state, "authorized", event))
    return state


def _may_go_on(state: ProcessState, route: Route) -> bool:
    """Whether it is not known yet what there is to cancel, or if the warehouse does."""
    told = (one for step in ("authorize", "announce") for one in state.of_step(step))
    announced = state.effect("announce")
    to_cancel = route.wms and announced is not None and announced.status == "done" and announced.ref is not None
    return any(one.uncertain for one in told) or (
        bool(to_cancel) and not state.over("cancel_announcement", cancellation(state))
    )


def unanswered(state: ProcessState, policy: Policy, route: Route) -> tuple[str, ...]:
    """Return the systems whose answer a request waits for."""
    asked = {"check_eligibility": route.erp}
    if policy.approvals.automatic_return.good_standing:
        asked["standing"] = route.crm
    return tuple(system for step, system in asked.items() if system and not state.over(step))


def _automatic(state: ProcessState, policy: Policy, route: Route) -> bool:
    """Whether the return needs nobody's approval: the ERP says that it was sold, and at what price."""
    rule, return_ = policy.approvals.automatic_return, state.return_
    limit = rule.up_to.get(return_.currency)
    priced = all(line.unit_price is not None for line in return_.lines)
    worth = limit is not None and priced and documents.value_of(return_) <= limit
    standing = not rule.good_standing or not route.crm or state.checks.get("standing", {}).get("good") is True
    whole = all((line.authorized or line.requested).value == line.requested.value for line in return_.lines)
    reasons = not rule.reasons or all(line.reason.code in rule.reasons for line in return_.lines)
    certain = "check_eligibility" in state.checks and all(one.code not in DOUBTS for one in state.findings)
    return worth and standing and (whole or not rule.fully_eligible) and reasons and certain


def _authorization(state: ProcessState, decision: str, event: events.Event) -> Return:
    """Return the return with its answer."""
    lines = state.return_.lines
    declined = decision == "declined"
    reasons = [one.message for one in state.findings if one.code in {"not_eligible", "unit_mismatch"}]
    part = any((line.authorized or line.requested).value < line.requested.value for line in lines)
    agreed = state.decided("return")
    answer = Authorization(
        number=state.number,
        decision="declined" if declined else "partially_authorized" if part else "authorized",
        decided_by=agreed.by if agreed else None,
        decided_at=event.at,
        decline_reason=(reasons[0] if reasons else "declined on request") if declined else None,
    )
    advanced = documents.advanced(state.return_, "declined" if declined else "authorized", event.at, event.id)
    if declined:
        return advanced.replace(authorization=answer)
    expected = tuple(
        line.replace(authorized=line.authorized or line.requested, expected=line.authorized or line.requested)
        for line in advanced.lines
    )
    return advanced.replace(authorization=answer, lines=expected)
