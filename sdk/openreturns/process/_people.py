"""What people change in the state of a return: they agree or not, pay, place orders, deal with dead letters."""

from __future__ import annotations

from decimal import Decimal

from openreturns.models import Settlement
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._facts import NotApplied, refuse_ended, with_credit, with_effect, with_order
from openreturns.process.policy import Limit, Policy
from openreturns.process.state import Decided, Effect, ProcessState

__all__ = ["approval", "discarded", "placed", "retried", "settled"]


def approval(state: ProcessState, event: events.ApprovalGiven | events.ApprovalRefused, policy: Policy) -> ProcessState:
    """Take in what a person said, as far as the policy lets them."""
    if not event.by:
        raise NotApplied("nobody", "an approval is somebody's")
    refuse_ended(state)
    given = isinstance(event, events.ApprovalGiven)
    before = state.decided(event.step, event.subject)
    if before is not None:
        raise NotApplied(
            "duplicate" if (before.decision == "approved") == given else "conflict", "it was decided before"
        )
    if given:
        _refuse_unfit(state, event, policy)
    decided = Decided(
        step=event.step,
        subject=event.subject,
        decision="approved" if given else "rejected",
        by=event.by,
        at=event.at,
    )
    state = state.replace(decisions=(*state.decisions, decided))
    if event.step == "credit":
        credit = next((one for one in state.credits if one.number == event.subject), None)
        if credit is None:
            raise NotApplied("unknown_credit", f"there is no credit {event.subject}")
        if given:
            agreed = documents.approved(credit, event.by, state.requested_by, event.at)
            return state.replace(credits=tuple(agreed if one is credit else one for one in state.credits))
        return with_credit(state, event.subject, status="rejected")
    if event.step == "return" and not given:
        return state.replace(ending="declined")
    return state


def _refuse_unfit(state: ProcessState, event: events.ApprovalGiven | events.ApprovalRefused, policy: Policy) -> None:
    """Refuse an approval by who asked, inspected, or has no such role or limit: segregation of duties."""
    rules = policy.approvals
    if event.by == state.requested_by:
        raise NotApplied("segregation", "nobody approves what they asked for")
    if event.step == "return":
        if rules.return_roles and not policy.has_role(event.by, rules.return_roles):
            raise NotApplied("segregation", "a return is approved by: " + ", ".join(rules.return_roles))
        return
    inspectors = {line.inspection.by for one in state.dispositions for line in one.lines if line.inspection is not None}
    if event.by in inspectors:
        raise NotApplied("segregation", "who inspected the goods approves neither their credit nor their write-off")
    other = "write_off" if event.step == "credit" else "credit"
    if any(one.step == other and one.by == event.by for one in state.decisions):
        raise NotApplied("segregation", "one person does not approve both a write-off and a credit of a return")
    limits, amount = _at_stake(state, event, rules.credit_limits, rules.write_off_limits)
    if not policy.may_approve(event.by, limits, amount, state.return_.currency):
        raise NotApplied("limit", "the amount is above what this person may approve")


def _at_stake(
    state: ProcessState,
    event: events.ApprovalGiven | events.ApprovalRefused,
    credit_limits: tuple[Limit, ...],
    write_off_limits: tuple[Limit, ...],
) -> tuple[tuple[Limit, ...], Decimal]:
    if event.step == "credit":
        for credit in state.credits:
            if credit.number == event.subject:
                return credit_limits, credit.totals.tax_inclusive.amount
        raise NotApplied("unknown_credit", f"there is no credit {event.subject}")
    for disposition in state.dispositions:
        if disposition.meta.document_id == event.subject:
            return write_off_limits, documents.written_off(disposition, state.return_)
    raise NotApplied("unknown_disposition", f"there is no disposition {event.subject}")


def settled(state: ProcessState, event: events.Settled, policy: Policy) -> ProcessState:
    """Take in that the customer has what a credit gives."""
    credit = next((one for one in state.credits if one.number == event.credit), None)
    if credit is None or not state.over("issue_credit", event.credit):
        raise NotApplied("early" if credit else "unknown_credit", f"no credit {event.credit} is out")
    if event.credit in state.settled:
        raise NotApplied("duplicate", "it was settled before")
    total = credit.totals.tax_inclusive
    settlement = Settlement(
        method=event.method, amount=total, status="completed", at=event.at, reference=event.reference or None
    )
    totals = credit.totals.replace(settled=total, due=documents.money(Decimal(0), credit.currency))
    paid = credit.replace(settlements=(settlement,), totals=totals)
    credits_ = tuple(paid if one.number == event.credit else one for one in state.credits)
    return state.replace(settled=(*state.settled, event.credit), credits=credits_)


def placed(state: ProcessState, event: events.OrderPlaced, policy: Policy) -> ProcessState:
    """Take in that an order or a claim was placed."""
    subject = f"{event.kind}/{event.subject}"
    if subject not in state.asked:
        raise NotApplied("not_asked_for", f"nobody asked for a {event.kind} of {event.subject}")
    if subject in state.placed:
        raise NotApplied("duplicate" if state.placed[subject] == event.ref else "conflict", "it is placed already")
    return with_order(state, subject, event.ref, event.at)


def retried(state: ProcessState, event: events.DeadLetterRetried, policy: Policy) -> ProcessState:
    """Let a dead letter be tried again."""
    effect = _dead(state, event.key)
    return with_effect(state, event.key, effect.replace(status="started", attempts=1, at=event.at))


def discarded(state: ProcessState, event: events.DeadLetterDiscarded, policy: Policy) -> ProcessState:
    """Give a dead letter up."""
    effect = _dead(state, event.key)
    return with_effect(state, event.key, effect.replace(status="discarded", reason=event.reason, at=event.at))


def _dead(state: ProcessState, key: str) -> Effect:
    effect = state.effects.get(key)
    if effect is None or not effect.dead:
        raise NotApplied("no_dead_letter", f"there is no dead letter {key}")
    return effect
