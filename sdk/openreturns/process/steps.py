"""The table of what the process does in other systems: for each step, what it is due for, by the facts of a return.

A step is due when its facts hold and it was never given out; so events may come in any order, early, late or
twice, and what follows is the same. Nothing here changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from typing import TypeAlias

from openreturns.models import (
    Credit,
    Disposition,
    Document,
    DocumentRef,
)
from openreturns.process import _documents as documents
from openreturns.process._orders import is_ordered_by_erp, replaced
from openreturns.process.policy import Policy, Route
from openreturns.process.state import Effect, ProcessState

__all__ = [
    "CANCEL_REFUSED",
    "STEPS",
    "TAX_UNKNOWN",
    "Due",
    "Step",
    "Subject",
    "cancellation",
    "credit_with_others",
    "is_excess_asked",
    "is_quoted",
    "needs_credit_approval",
    "needs_write_off_approval",
    "still_wanted",
    "written_off_with_others",
]


@dataclass(frozen=True)
class Subject:
    """What a step is done for: an id within the return (empty for the return itself) and what the verb is given."""

    id: str
    given: Document | DocumentRef


Due: TypeAlias = Callable[[ProcessState, Policy, Route], Iterator[Subject]]


@dataclass(frozen=True)
class Step:
    """One thing that is done in another system: a verb of a role's port, and when it is due."""

    name: str
    role: str
    sentence: str
    due: Due
    verb: str = ""
    superseded: bool = False
    """Whether what comes after it says all that it said: then nobody need know if it was done."""

    @property
    def calls(self) -> str:
        """The verb of the port."""
        return self.verb or self.name


# ---------------------------------------------------------------- the request


def _check(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    yield from _requested(state)


def _standing(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    if policy.approvals.automatic_return.good_standing:
        yield from _requested(state)


def _requested(state: ProcessState) -> Iterator[Subject]:
    if not state.ending and state.return_.status == "requested":
        yield Subject("", state.return_)


def _open_case(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    yield Subject("", state.return_)


def _authorize(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    agreed = not state.ending and state.return_.status not in {"requested", "declined"}
    if agreed or state.doubtful("authorize"):
        yield Subject("", state.return_)


def _announce(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    expected = state.return_.status in {"authorized", "in_transit", "partially_received"} and not state.ending
    goods = expected and state.return_.type != "credit_only" and _done(state, route.erp, "authorize")
    if goods or (state.ending and state.doubtful("announce")):
        yield Subject("", state.return_)


def _update_case(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    """Let the case follow the return's status, one status at a time."""
    told = [effect for effect in state.of_step("update_case") if not effect.over]
    if state.over("open_case") and not told and state.return_.status not in {"requested"}:
        yield Subject(state.return_.status, state.return_)


# ---------------------------------------------------------------- goods


def _check_excess(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    over = [line for line in state.return_.lines if documents.is_over(line)]
    if over and policy.over_receipts != "hold" and not state.ending:
        lines = tuple(documents.raised(line) if line in over else line for line in state.return_.lines)
        yield Subject(documents.deliveries(state.return_), state.return_.replace(lines=lines))


def is_excess_asked(state: ProcessState, policy: Policy, route: Route) -> bool:
    """Whether the ERP has yet to say if what came too much was sold: until then nobody knows what is agreed to."""
    asked = bool(route.erp) and any(True for _ in _check_excess(state, policy, route))
    return asked and not state.over("check_excess", documents.deliveries(state.return_))


def _raise_rma(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    """Let the RMA have what came, once it was found that so much was sold."""
    count = documents.deliveries(state.return_)
    yield from (Subject(one.subject, state.return_) for one in _doubtful(state, "raise_rma") if one.subject != count)
    raises = policy.over_receipts == "raise" and state.over("check_excess", count)
    if raises and not any(documents.is_over(line) for line in state.return_.lines):
        yield Subject(count, state.return_)


def _receive(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    """Each time new receipts are there: the ERP finds those it has by their ids."""
    count = documents.deliveries(state.return_)
    raising = any(not state.over("raise_rma", one.id) for one in _raise_rma(state, policy, route))
    waits = raising or is_excess_asked(state, policy, route)
    for one in _doubtful(state, "receive"):  # before more are told
        count = one.subject
    if count != "0" and _done(state, route.erp, "authorize") and not waits:
        yield Subject(count, state.return_)


def _put_away(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    for disposition in state.standing if route.put_away and _received(state, route) else ():
        yield Subject(disposition.meta.document_id, disposition)


def _post_adjustment(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    waiting = _not_written_off_yet(state, policy)
    for adjustment in state.adjustments if _received(state, route) else ():
        ids = {line.disposition.document_id for line in adjustment.lines if line.disposition}
        if adjustment.reverses is None and not ids & waiting:
            yield Subject(adjustment.meta.document_id, adjustment)


def _reverse_adjustment(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    for adjustment in state.adjustments:
        if adjustment.reverses is not None and state.over("post_adjustment", adjustment.reverses.id):
            yield Subject(adjustment.meta.document_id, adjustment)


def _received(state: ProcessState, route: Route) -> bool:
    """Whether the ERP has every receipt: goods are moved on only after they came in."""
    count = documents.deliveries(state.return_)
    return count == "0" or _done(state, route.erp, "receive", count)


def _not_written_off_yet(state: ProcessState, policy: Policy) -> set[str]:
    """Return the dispositions whose goods are not let go before somebody has agreed to it."""
    waiting = {one.meta.document_id for one in state.standing if needs_write_off_approval(state, policy, one)}
    return {id_ for id_ in waiting if (said := state.decided("write_off", id_)) is None or said.decision != "approved"}


def needs_write_off_approval(state: ProcessState, policy: Policy, disposition: Disposition) -> bool:
    """Say whether goods that a standing disposition lets go for nothing are worth more than nobody needs to agree to.

    With those of the decisions before it: what is written off in small parts is agreed to like the whole. What was
    refused needs it whatever it is worth.
    """
    rules = policy.approvals
    if not documents.written_off(disposition, state.return_):
        return False
    if state.decided("write_off", disposition.meta.document_id) is not None:
        return True
    free = rules.write_off_free.get(state.return_.currency, Decimal(0))
    return bool(rules.write_off_limits) and written_off_with_others(state, disposition) > free


def written_off_with_others(state: ProcessState, disposition: Disposition) -> Decimal:
    """Return what a disposition writes off, with what was decided before it and not refused."""
    before = takewhile(lambda one: one is not disposition, state.standing)
    refused = {one.subject for one in state.decisions if one.step == "write_off" and one.decision == "rejected"}
    counted = (*(one for one in before if one.meta.document_id not in refused), disposition)
    return sum((documents.written_off(one, state.return_) for one in counted), Decimal(0))


def _order_replacement(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    if is_ordered_by_erp(route) and state.over("authorize"):
        for line in replaced(state):
            yield Subject(line.line_id, state.return_.replace(lines=(line,)))


# ---------------------------------------------------------------- credits


def _quote(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    yield from _credits(state, ("draft",))


def _commit(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    for credit in _credits(state, ("issued",)) if _received(state, route) else ():
        if _is_wanted(state, "commit", credit.id):
            yield credit


def _issue(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    ready = _received(state, route) and _done(state, route.erp, "authorize")
    for credit in _credits(state, ("issued",)) if ready else ():
        if _done(state, route.tax, "commit", credit.id) and _is_wanted(state, "issue_credit", credit.id):
            yield credit


def _is_wanted(state: ProcessState, step: str, number: str) -> bool:
    """Whether a credit stands, or may be there although it is taken back: then it is looked for first."""
    return number not in state.to_void or state.doubtful(step, number)


def _void_credit(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    for credit in _credits(state, ("issued",)):
        if credit.id in state.to_void and _really_done(state, "issue_credit", credit.id):
            yield credit


def _void(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    """Tax that was given back for a credit that is void, or that somebody gave up, is taken again.

    One that the ERP refused may be tried again, when its period is open, say: the tax waits with it.
    """
    for credit in state.credits:
        issue = state.effect("issue_credit", credit.number)
        given_up = issue is not None and issue.status == "discarded"
        if (given_up or credit.status == "voided") and _really_done(state, "commit", credit.number):
            yield Subject(credit.number, credit)


def _credits(state: ProcessState, statuses: Sequence[str]) -> Iterator[Subject]:
    for credit in state.credits:
        if credit.status in statuses:
            yield Subject(credit.number, credit)


TAX_UNKNOWN = "tax_unknown"


def needs_credit_approval(state: ProcessState, policy: Policy, credit: Credit) -> bool:
    """Say whether a credit is above what goes out without anybody's approval; a currency not named always is.

    With the return's others that are out: many small credits are agreed to like a large one. Once somebody refused a
    credit, somebody has to agree to what is credited instead; and to any whose tax nobody knows.
    """
    rules = policy.approvals
    if any(one.code == TAX_UNKNOWN and one.subject == credit.number for one in state.findings):
        return True
    if any(one.step == "credit" and one.decision == "rejected" for one in state.decisions):
        return True
    if not rules.credit_limits and not rules.credit_free:
        return False
    free = rules.credit_free.get(credit.currency)
    return free is None or credit_with_others(state, credit) > free


def credit_with_others(state: ProcessState, credit: Credit) -> Decimal:
    """Return what a credit gives, with what the return's others give that are out and not voided."""
    out = (one for one in state.credits if one.number != credit.number and one.status == "issued")
    return sum((one.totals.tax_inclusive.amount for one in (*out, credit)), Decimal(0))


def is_quoted(state: ProcessState, credit: Credit, route: Route) -> bool:
    """Whether it is known what tax a credit gives back, or a person gave the question up."""
    return not route.tax or credit.tax_method is not None or state.over("quote", credit.number)


def still_wanted(state: ProcessState, effect: Effect) -> bool:
    """Whether the document of a command stands: if that is not due, it only waits, for goods to be recorded, say."""
    credits = {one.number for one in state.credits if one.status == "issued"} - {*state.to_void}
    moved_back = {one.reverses.id for one in state.adjustments if one.reverses}
    moves = {one.meta.document_id for one in state.adjustments if not one.reverses} - moved_back
    decided = {one.meta.document_id for one in state.standing}
    wanted = {"commit": credits, "issue_credit": credits, "post_adjustment": moves, "put_away": decided}
    return effect.subject in wanted.get(effect.step, ())


# ---------------------------------------------------------------- the end


def _cancel_announcement(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    announced = state.effect("announce")
    if state.ending in {"cancelled", "expired"} and announced and announced.status == "done" and announced.ref:
        yield Subject(cancellation(state), announced.ref)


CANCEL_REFUSED = "cancel_refused"


def cancellation(state: ProcessState) -> str:
    """Return which cancellation of the announcement is the return's by now: it went on after each that was refused."""
    refused = sum(one.code == CANCEL_REFUSED for one in state.findings)
    return str(refused + 1) if refused else ""


def _cancel_rma(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    rma = state.effect("authorize")
    announced = state.effect("announce")
    told = announced is None or not announced.ref or state.over("cancel_announcement", cancellation(state))
    settled = announced is None or not (announced.uncertain or announced.status == "later")
    if state.ending in {"cancelled", "expired"} and rma and rma.status == "done" and rma.ref and told and settled:
        yield Subject("", rma.ref)


def _done(state: ProcessState, system: str, step: str, subject: str = "") -> bool:
    """Whether a step is over, or no system takes part that would do it."""
    return not system or state.over(step, subject)


def _doubtful(state: ProcessState, step: str) -> Iterator[Effect]:
    return (one for one in state.of_step(step) if one.doubtful)


def _really_done(state: ProcessState, step: str, subject: str = "") -> bool:
    effect = state.effect(step, subject)
    return effect is not None and effect.status == "done"


STEPS: tuple[Step, ...] = (
    Step("check_eligibility", "erp", "Ask what may come back, by what was sold and not yet returned.", _check),
    Step("standing", "crm", "Ask whether the customer returns goods as a matter of course.", _standing),
    Step("open_case", "crm", "Open the customer's case.", _open_case),
    Step("authorize", "erp", "Record the RMA.", _authorize),
    Step("announce", "wms", "Tell the warehouse what to expect.", _announce, superseded=True),
    Step("check_excess", "erp", "Ask whether what came too much was sold.", _check_excess, "check_eligibility"),
    Step("raise_rma", "erp", "Raise the RMA to what came in.", _raise_rma, "authorize"),
    Step("receive", "erp", "Record the receipts.", _receive),
    Step("put_away", "wms", "Tell the warehouse where to put the goods.", _put_away),
    Step("post_adjustment", "erp", "Move the stock as it was decided.", _post_adjustment),
    Step("reverse_adjustment", "erp", "Move the stock back.", _reverse_adjustment, "post_adjustment"),
    Step("order_replacement", "erp", "Order what is sent instead.", _order_replacement),
    Step("quote", "tax", "Ask what tax a credit gives back.", _quote),
    Step("commit", "tax", "Record the tax of a credit.", _commit),
    Step("issue_credit", "erp", "Record the credit memo.", _issue),
    Step("void_credit", "erp", "Take the credit memo back.", _void_credit),
    Step("void", "tax", "Take the recorded tax of a credit back.", _void),
    Step("cancel_announcement", "wms", "Tell the warehouse to expect nothing.", _cancel_announcement, "cancel"),
    Step("cancel_rma", "erp", "Cancel the RMA.", _cancel_rma, "cancel"),
    Step("update_case", "crm", "Bring the customer's case up to the return's status.", _update_case, superseded=True),
)
"""Every step, in the order of the story."""
