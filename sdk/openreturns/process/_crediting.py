"""The credits of a return: drafted as they are earned or agreed to, taxed, approved, out; made good or taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import cast

from openreturns import flow
from openreturns.errors import ContractError
from openreturns.models import Credit, DocumentRef, Money, Return, TaxAmount, TaxMethod
from openreturns.ports import TaxQuote
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._facts import found
from openreturns.process._goods import taken_back
from openreturns.process.policy import Policy, Route
from openreturns.process.state import ProcessState
from openreturns.process.steps import TAX_UNKNOWN, is_excess_asked, is_quoted, needs_credit_approval

__all__ = ["NOT_CREDITABLE", "credited"]

NOT_CREDITABLE = "not_creditable"


def credited(state: ProcessState, event: events.Event, policy: Policy, route: Route) -> ProcessState:
    """Draft the credits that are earned; carry each on: taxed, agreed to, out; or void it."""
    state = _voided(state)
    ahead = documents.ahead_of(state.return_)
    credit = next((one for one in state.credits if one.number == ahead), None)
    if credit is None and _is_credited_ahead(state, policy):
        drafted = partial(flow.credit_agreed_to, state.return_)
        state = _drafted(state, drafted, state.return_.meta.document_id, event, policy, route)
    elif credit is None or credit.status in {"rejected", "voided"}:
        state = _earned(state, {}, event, policy, route)
    elif state.return_.type != "credit_only":
        state = _made_good(state, credit, event, policy, route)
    state = _untaxed(state, event, route)
    for one in state.credits:  # one after the other: what is out counts towards the next one's limit
        carried = _carried_on(state, one, policy, route)
        if carried is not one:
            state = state.replace(credits=tuple(carried if it is one else it for it in state.credits))
    return state


def _voided(state: ProcessState) -> ProcessState:
    """Let credits be void that the ERP has taken back, or a person who gave the command up, or that are nowhere."""
    gone = {number for number in state.to_void if not _may_be_out(state, number)}
    if not gone:
        return state
    credits_ = (one.replace(status="voided") if one.number in gone else one for one in state.credits)
    return state.replace(credits=tuple(credits_))


def _may_be_out(state: ProcessState, number: str) -> bool:
    """Whether the ERP has a credit, or it or its tax may be recorded for all that is known."""
    issue, commit = state.effect("issue_credit", number), state.effect("commit", number)
    if any(one is not None and one.uncertain for one in (issue, commit)):
        return True
    return issue is not None and issue.status == "done" and not state.over("void_credit", number)


def _is_credited_ahead(state: ProcessState, policy: Policy) -> bool:
    """Whether what was agreed to is credited before any goods are inspected, or without any."""
    return_, rule = state.return_, policy.preliminary_refund
    if return_.type == "credit_only":
        return return_.status == "dispositioned" and not state.ending
    if rule is None or state.ending or state.standing:
        return False
    waits = return_.status in _SENT if rule.at == "authorized" else _is_all_in(return_)
    limit = rule.up_to.get(return_.currency)
    trusted = not rule.customers or return_.customer.id in rule.customers
    priced = all(line.unit_price is not None for line in return_.lines)
    return waits and trusted and priced and limit is not None and documents.value_of(return_) <= limit


def _is_all_in(return_: Return) -> bool:
    """Whether goods wait for inspection, and none that were agreed to are missing: those would be credited too."""
    return return_.status == "received" and documents.whole_in(return_)


_SENT = frozenset({"authorized", "in_transit", "partially_received", "received"})


def _made_good(state: ProcessState, ahead: Credit, event: events.Event, policy: Policy, route: Route) -> ProcessState:
    """Hold a preliminary refund to what the inspection found: more is credited beside it, less takes it back whole.

    What was earned is then credited as if there had been none; so it is where the goods never came.
    """
    if state.ending in {"cancelled", "expired"}:
        return _voided(taken_back(state, ahead.number, event.at))
    ended = state.return_.status in {"dispositioned", "credited", "closed"}
    if not ended or ahead.number in state.to_void or not documents.all_disposed(state.return_, state.standing):
        return state
    found_, given = documents.earned(state.standing, state.return_), documents.credited(ahead)
    if any(found_.get(line, Decimal(0)) < quantity for line, quantity in given.items()):
        return _voided(taken_back(state, ahead.number, event.at))
    return _earned(state, given, event, policy, route)


def _earned(
    state: ProcessState, covered: Mapping[str, Decimal], event: events.Event, policy: Policy, route: Route
) -> ProcessState:
    """Draft a credit for each disposition that earns one, beyond what is covered of each line.

    Nothing while it is asked whether more may come back than was agreed to: a credit is not drafted twice.
    """
    if is_excess_asked(state, policy, route):
        return state
    drafted = {one.number for one in state.credits}
    for disposition in documents.beyond(state.standing, covered):
        id_ = disposition.meta.document_id
        if f"{id_}-credit" in drafted:
            continue
        earned, excess = documents.capped(disposition, state.return_, state.credits)
        if excess and any(one.number in state.to_void and one.status != "voided" for one in state.credits):
            continue  # what is taken back counts until it is
        if excess:
            message = f"{excess:f} more was found creditable than was agreed to; it is not credited"
            state = found(state, "not_credited", message, event.at, id_)
        state = _drafted(state, partial(flow.credit_of, state.return_, earned), id_, event, policy, route)
    return state


def _drafted(
    state: ProcessState,
    draft: Callable[..., Credit | None],
    subject: str,
    event: events.Event,
    policy: Policy,
    route: Route,
) -> ProcessState:
    try:
        credit = draft(seller=route.seller or "seller", issue_date=event.at.date().isoformat())
    except ContractError as error:  # no price, another unit: the goods are decided on all the same
        return found(state, NOT_CREDITABLE, str(error.args[0]), event.at, subject)
    if credit is None:
        return state
    fee = policy.restocking_fee
    credit = documents.with_fee(credit, fee.percent, state.return_, fee.waived_for, state.credits)
    return state.replace(credits=(*state.credits, credit))


def _untaxed(state: ProcessState, event: events.Event, route: Route) -> ProcessState:
    """Find the credits of which nobody will say what tax they give back: they are for a person, and not without tax."""
    for credit in state.credits:
        answered = f"quote/{credit.number}" in state.checks or credit.tax_method is not None
        if route.tax and credit.status == "draft" and not answered and state.over("quote", credit.number):
            message = f"{route.tax} does not say what tax the credit gives back; without it somebody has to agree"
            state = found(state, TAX_UNKNOWN, message, event.at, credit.number)
    return state


def _carried_on(state: ProcessState, credit: Credit, policy: Policy, route: Route) -> Credit:
    if credit.status != "draft":
        return credit
    if not is_quoted(state, credit, route):
        return credit
    quote = state.checks.get(f"quote/{credit.number}")
    if quote is not None and credit.tax_method is None:
        credit = flow.taxed(credit, _quote(quote))
    agreed = state.decided("credit", credit.number)
    if needs_credit_approval(state, policy, credit) and (agreed is None or agreed.decision != "approved"):
        return credit
    return documents.issued(credit)


def _quote(answer: dict[str, object]) -> TaxQuote:
    taxes = answer.get("taxes") or ()
    assert isinstance(taxes, list | tuple)  # as `commands` wrote it
    total, ref, method = (answer.get(name) for name in ("total", "ref", "method"))
    return TaxQuote(
        tuple(TaxAmount.model_validate(one) for one in taxes),
        Money.model_validate(total) if total else None,
        DocumentRef.model_validate(ref) if ref else None,
        cast("TaxMethod | None", method),
    )
