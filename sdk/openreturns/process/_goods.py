"""What receipts and inspections change in the state of a return."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from openreturns import flow
from openreturns.models import Disposition, Return, ReturnStatus
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._facts import NotApplied, found
from openreturns.process.policy import Policy
from openreturns.process.state import TERMINAL, ProcessState

__all__ = ["came_in", "inspected", "reversed_", "taken_back"]


def came_in(state: ProcessState, event: events.GoodsReceived, policy: Policy) -> ProcessState:
    """Take in what the warehouse counted; an excess, a lack and strange goods are found."""
    if state.return_.status == "requested" and not state.ending:
        raise NotApplied("early", "goods came in on a return that nobody has agreed to yet")
    counted = tuple(line for line in event.seen.lines if line.receipts)
    if not counted:
        raise NotApplied("nothing_new", "nothing was counted yet")
    numbers, strangers = flow.find_lines(event.seen.replace(lines=counted), state.return_)
    before = state
    for line_id in strangers:
        message = "goods came in that no line of the return expects"
        state = found(state, "blind_receipt", message, event.at, line_id)
    ours = tuple(line for line in counted if line.line_id in numbers)
    seen = flow.match_lines(event.seen.replace(lines=ours), numbers) if ours else None
    after = documents.taken_in(state.return_, seen) if seen else state.return_
    ended = event.seen.status in _ALL_IN and state.return_.status == "partially_received"
    if after is state.return_ and not ended:  # that no more will come is news too
        if state is before:
            raise NotApplied("nothing_new", "no receipt that was not known")
        return state
    if state.ending or state.stage in TERMINAL:
        message = f"goods came in on a return that is {state.ending or state.stage}"
        return found(state, "goods_after_the_end", message, event.at)
    state = _over_or_short(state, after, event)
    complete = documents.whole_in(after) or event.seen.status in _ALL_IN
    to: ReturnStatus = "received" if complete else "partially_received"
    if state.return_.status == to:
        return state.replace(return_=documents.next_revision(after, event.at))
    return state.replace(return_=documents.advanced(after, to, event.at, event.id))


_ALL_IN = frozenset({"received", "inspected", "dispositioned", "credited", "closed"})


def _over_or_short(state: ProcessState, after: Return, event: events.GoodsReceived) -> ProcessState:
    for line in after.lines:
        agreed = (line.authorized or line.requested).value
        came = line.received.value if line.received else Decimal(0)
        if came > agreed:
            message = f"{came:f} came in of {agreed:f} agreed to"
            state = found(state, "over_receipt", message, event.at, line.line_id)
        elif came < agreed and event.seen.status in _ALL_IN:
            state = found(state, "short_receipt", f"{came:f} came in of {agreed:f}", event.at, line.line_id)
    return state


def inspected(state: ProcessState, event: events.GoodsInspected, policy: Policy) -> ProcessState:
    """Take in what was decided about goods, once, and not before they came in."""
    seen = event.disposition
    if seen.status != "final":
        raise NotApplied("not_final", f"the disposition is {seen.status}; nothing follows from it yet")
    numbers, strangers = flow.find_lines(seen, state.return_)
    for line_id in strangers:
        state = found(state, "blind_disposition", "goods were inspected that no line expects", event.at, line_id)
    if strangers:
        if not numbers:
            return state
        seen = seen.replace(lines=tuple(line for line in seen.lines if line.return_line_id in numbers))
    matched = flow.match_receipts(flow.match_lines(seen, numbers), state.return_)
    disposition = documents.judged(matched, policy.not_creditable)
    _refuse_decided(state, disposition)
    if state.ending or state.stage in TERMINAL:
        message = f"goods were inspected of a return that is {state.ending or state.stage}"
        return found(state, "goods_after_the_end", message, event.at)
    _refuse_unreceived(state, disposition)
    return _reported(state.replace(dispositions=(*state.dispositions, disposition)), disposition, event)


def _reported(state: ProcessState, disposition: Disposition, event: events.GoodsInspected) -> ProcessState:
    """Note who told of an inspection. One by who approved before is found and not refused: goods have to move on."""
    if event.by and event.by not in state.reported_by:
        state = state.replace(reported_by=(*state.reported_by, event.by))
    approved = {one.by for one in state.decisions if one.decision == "approved" and one.step != "return"}
    if approved & {event.by, *documents.inspectors_of(disposition)}:
        message = "who inspected the goods has approved a credit or a write-off of this return before"
        state = found(state, "segregation", message, event.at, disposition.meta.document_id)
    return state


def _refuse_decided(state: ProcessState, disposition: Disposition) -> None:
    for known in state.dispositions:
        if known.meta.document_id == disposition.meta.document_id:
            if known.lines == disposition.lines:
                raise NotApplied("duplicate", "this was decided before")
            raise NotApplied("conflict", "a final disposition says something else now; reverse it first")


def _refuse_unreceived(state: ProcessState, disposition: Disposition) -> None:
    """Decisions may come before the receipts they are about; then they wait."""
    never = {"customer_keeps", "field_destroy"}
    for line in disposition.lines:
        ours = next(one for one in state.return_.lines if one.line_id == line.return_line_id)
        came = ours.received.value if ours.received else Decimal(0)
        inspected = sum(
            (
                split.quantity.value
                for known in (*state.standing, disposition)
                for other in known.lines
                if other.return_line_id == line.return_line_id
                for split in other.splits
                if split.disposition.code not in never
            ),
            Decimal(0),
        )
        if inspected > came:
            raise NotApplied(
                "early", f"{inspected:f} inspected of line {line.return_line_id}, {came:f} received so far"
            )


def reversed_(state: ProcessState, event: events.DispositionReversed, policy: Policy) -> ProcessState:
    """Take a decision back, with what followed from it."""
    known = {one.meta.document_id for one in state.dispositions}
    if event.document_id not in known:
        raise NotApplied("unknown_disposition", f"no disposition {event.document_id} was decided")
    if event.document_id in state.reversed_:
        raise NotApplied("duplicate", "it was reversed before")
    state = state.replace(reversed_=(*state.reversed_, event.document_id))
    for credit in state.credits:
        if any(line.disposition and line.disposition.document_id == event.document_id for line in credit.lines):
            state = taken_back(state, credit.number, event.at)
    return state


def taken_back(state: ProcessState, number: str, at: datetime) -> ProcessState:
    """Return the state with a credit to be taken back, wherever it is.

    One that a person did instead of the ERP's verb is for a person again.
    """
    issued = state.effect("issue_credit", number)
    if issued is not None and issued.status == "discarded":
        state = found(state, "credit_to_reverse", "a credit that somebody issued by hand is taken back", at, number)
    return state if number in state.to_void else state.replace(to_void=(*state.to_void, number))
