"""What people change in the state of a return: they agree or not, pay, place orders, deal with dead letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias

from openreturns import flow
from openreturns.models import Credit, Money, Settlement
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._facts import NotApplied, found, refuse_ended, route_of, with_credit, with_effect, with_order
from openreturns.process.policy import Limit, Policy
from openreturns.process.state import Decided, Effect, ProcessState
from openreturns.process.steps import TAX_UNKNOWN, credit_with_others, is_quoted, written_off_with_others

__all__ = ["approval", "discarded", "placed", "retried", "settled"]

Said: TypeAlias = events.ApprovalGiven | events.ApprovalRefused


def approval(state: ProcessState, event: Said, policy: Policy) -> ProcessState:
    """Take in what a person said, as far as the policy lets them, of what may still be decided."""
    if not event.by:
        raise NotApplied("nobody", "an approval is somebody's")
    refuse_ended(state)
    given = isinstance(event, events.ApprovalGiven)
    before = state.decided(event.step, event.subject)
    if before is not None:
        same = (before.decision == "approved") == given
        raise NotApplied("duplicate" if same else "conflict", "it was decided before")
    decided = Decided(
        step=event.step, subject=event.subject, decision="approved" if given else "rejected", by=event.by, at=event.at
    )
    return _DECIDED[event.step](state, event, policy).replace(decisions=(*state.decisions, decided))


def _return(state: ProcessState, event: Said, policy: Policy) -> ProcessState:
    if state.return_.status != "requested":
        raise NotApplied("too_late", f"the return is {state.return_.status}")
    roles = policy.approvals.return_roles
    if roles:
        _refuse_roleless(event, policy, roles)
    if isinstance(event, events.ApprovalRefused):
        return state.replace(ending="declined")
    _refuse_requester(state, event)
    return state


def _credit(state: ProcessState, event: Said, policy: Policy) -> ProcessState:
    credit = next((one for one in state.credits if one.number == event.subject), None)
    if credit is None:
        raise NotApplied("unknown_credit", f"there is no credit {event.subject}")
    if credit.status != "draft":
        raise NotApplied("too_late", f"the credit is {credit.status}")
    limits = policy.credit_limits
    if isinstance(event, events.ApprovalRefused):
        _refuse_roleless(event, policy, [limit.role for limit in limits])
        return with_credit(state, event.subject, status="rejected")
    _refuse_involved(state, event)
    if not is_quoted(state, credit, route_of(state, policy)):
        raise NotApplied("early", "nobody knows yet what tax the credit gives back")
    if any(one.code == TAX_UNKNOWN and one.subject == credit.number and event.at < one.at for one in state.findings):
        raise NotApplied("overtaken", "it was agreed to before anybody knew that its tax is unknown")
    _refuse_above(state, event, policy, limits, credit_with_others(state, credit))
    agreed = documents.approved(credit, event.by, state.requested_by, event.at)
    return state.replace(credits=tuple(agreed if one is credit else one for one in state.credits))


def _write_off(state: ProcessState, event: Said, policy: Policy) -> ProcessState:
    disposition = next((one for one in state.standing if one.meta.document_id == event.subject), None)
    if disposition is None:
        raise NotApplied("unknown_disposition", f"there is no disposition {event.subject}")
    if not documents.written_off(disposition, state.return_):
        raise NotApplied("not_asked_for", f"nothing of {event.subject} is written off")
    moves = {one.meta.document_id for one in documents.moves_of(event.subject, state.adjustments)}
    if any(one.subject in moves for one in state.of_step("post_adjustment")):
        raise NotApplied("too_late", "the goods are written off")
    limits = policy.approvals.write_off_limits
    if isinstance(event, events.ApprovalRefused):
        _refuse_roleless(event, policy, [limit.role for limit in limits])
        return found(state, "write_off_refused", "the goods are not to be written off", event.at, event.subject)
    _refuse_involved(state, event)
    _refuse_above(state, event, policy, limits, written_off_with_others(state, disposition))
    return state


_DECIDED: Mapping[events.ApprovalStep, Callable[[ProcessState, Said, Policy], ProcessState]] = {
    "return": _return,
    "credit": _credit,
    "write_off": _write_off,
}


# ---------------------------------------------------------------- segregation of duties


def _refuse_roleless(event: Said, policy: Policy, roles: Iterable[str]) -> None:
    roles = sorted({*roles})
    if not policy.has_role(event.by, roles):
        raise NotApplied("segregation", f"a {event.step} is decided by: {', '.join(roles) or 'nobody'}")


def _refuse_requester(state: ProcessState, event: Said) -> None:
    if event.by == state.requested_by:
        raise NotApplied("segregation", "nobody approves what they asked for")


def _refuse_involved(state: ProcessState, event: Said) -> None:
    """Refuse an approval by who asked, who inspected, or who approved the other of write-off and credit."""
    _refuse_requester(state, event)
    inspectors = {by for one in state.dispositions for by in documents.inspectors_of(one)}
    if event.by in inspectors.union(state.reported_by):
        raise NotApplied("segregation", "who inspected the goods approves neither their credit nor their write-off")
    other = "write_off" if event.step == "credit" else "credit"
    if any(one.step == other and one.by == event.by for one in state.decisions):
        raise NotApplied("segregation", "one person does not approve both a write-off and a credit of a return")


def _refuse_above(state: ProcessState, event: Said, policy: Policy, limits: tuple[Limit, ...], amount: Decimal) -> None:
    if not policy.may_approve(event.by, limits, amount, state.return_.currency):
        raise NotApplied("limit", "the amount is above what this person may approve")


# ---------------------------------------------------------------- what is done elsewhere


def settled(state: ProcessState, event: events.Settled, policy: Policy) -> ProcessState:
    """Take in that the customer has what a credit gives, or a part of it; what is beyond it is found."""
    credit = next((one for one in state.credits if one.number == event.credit), None)
    if credit is None or not state.over("issue_credit", event.credit):
        raise NotApplied("early" if credit else "unknown_credit", f"no credit {event.credit} is out")
    if event.credit in state.settled and event.amount is None:
        raise NotApplied("duplicate", "it was settled before")
    due = credit.totals.due.amount
    paid = due if event.amount is None else _paid(event.amount, credit)
    counted = min(paid, due)
    if event.credit not in state.settled:
        state = _with_settlement(state, credit, event, counted)
    if paid > counted:
        excess = documents.money(paid - counted, credit.currency)
        message = f"{excess.amount:f} {excess.currency} more was settled than the credit gives"
        return found(state, "settled_too_much", message, event.at, _more(state, credit.number), excess)
    return state


def _paid(amount: Money, credit: Credit) -> Decimal:
    """Return an amount that can be a part of what a credit gives."""
    if amount.currency != credit.currency:
        raise NotApplied("currency", f"the credit is in {credit.currency}, the settlement in {amount.currency}")
    if not amount.amount or amount.amount != flow.rounded(amount.amount, amount.currency):
        raise NotApplied("amount", f"nobody can have been paid {amount.amount:f} {amount.currency}")
    return amount.amount


def _with_settlement(state: ProcessState, credit: Credit, event: events.Settled, amount: Decimal) -> ProcessState:
    """Return the state with a part of a credit settled, and the credit as settled once nothing of it is due."""
    part, totals = documents.money(amount, credit.currency), credit.totals
    settlement = Settlement(
        method=event.method, amount=part, status="completed", at=event.at, reference=event.reference or None
    )
    before = totals.settled.amount if totals.settled else Decimal(0)
    sums = {"settled": before + amount, "due": totals.due.amount - amount}
    told = {name: documents.money(value, credit.currency) for name, value in sums.items()}
    settlements = (*(credit.settlements or ()), settlement)
    state = with_credit(state, credit.number, settlements=settlements, totals=totals.replace(**told))
    return state if sums["due"] else state.replace(settled=(*state.settled, credit.number))


def _more(state: ProcessState, number: str) -> str:
    """Return what tells a credit's next payment that is too much from those before: each is somebody's to look at."""
    before = sum(one.code == "settled_too_much" and one.subject.startswith(f"{number}/") for one in state.findings)
    return f"{number}/{before + 1}"


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
    return with_effect(state, event.key, effect.replace(status="started", attempts=1, away=None, at=event.at))


def discarded(state: ProcessState, event: events.DeadLetterDiscarded, policy: Policy) -> ProcessState:
    """Give a dead letter up."""
    effect = _dead(state, event.key)
    return with_effect(state, event.key, effect.replace(status="discarded", reason=event.reason, at=event.at))


def _dead(state: ProcessState, key: str) -> Effect:
    effect = state.effects.get(key)
    if effect is None or not effect.dead:
        raise NotApplied("no_dead_letter", f"there is no dead letter {key}")
    return effect
