"""What receipts and inspections change in the state of a return."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from openreturns import flow
from openreturns.models import Disposition, Return, ReturnStatus
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._facts import NotApplied, end_of, found
from openreturns.process.policy import Policy
from openreturns.process.state import TERMINAL, ProcessState

__all__ = ["came_in", "inspected", "no_more_comes", "reversed_", "taken_back"]


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
    if end := _end_of(state):
        message = f"goods came in on a return that is {end}"
        return found(state, "goods_after_the_end", message, event.at)
    state = _over_or_short(state, after, event.at, ended=event.seen.status in _ALL_IN)
    complete = documents.whole_in(after) or event.seen.status in _ALL_IN
    to: ReturnStatus = "received" if complete else "partially_received"
    if state.return_.status == to or state.return_.status not in _TO_COME:
        return state.replace(return_=documents.next_revision(after, event.at))
    return state.replace(return_=documents.advanced(after, to, event.at, event.id))


def _end_of(state: ProcessState) -> str:
    """Return what a return has come to, if it has. Goods wait while that depends on the warehouse's answer."""
    if state.ending and state.stage not in TERMINAL and state.return_.status != state.ending:
        raise NotApplied("early", "it is not known yet whether the return ends")
    return end_of(state)


def no_more_comes(state: ProcessState, at: datetime, cause: str) -> ProcessState:
    """Go on with what came in; what did not is short."""
    state = _over_or_short(state, state.return_, at, ended=True)
    return state.replace(return_=documents.advanced(state.return_, "received", at, cause))


_TO_COME = frozenset({"authorized", "in_transit", "partially_received"})
_ALL_IN = frozenset({"received", "inspected", "dispositioned", "credited", "closed"})


def _over_or_short(state: ProcessState, after: Return, at: datetime, *, ended: bool) -> ProcessState:
    for line in after.lines:
        agreed = (line.authorized or line.requested).value
        came = line.received.value if line.received else Decimal(0)
        if came > agreed:
            message = f"{came:f} came in of {agreed:f} agreed to"
            state = found(state, "over_receipt", message, at, line.line_id)
        elif came < agreed and ended:
            state = found(state, "short_receipt", f"{came:f} came in of {agreed:f}", at, line.line_id)
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
    disposition = _refuse_decided(state, disposition)
    if end := _end_of(state):
        message = f"goods were inspected of a return that is {end}"
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


def _refuse_decided(state: ProcessState, disposition: Disposition) -> Disposition:
    """Return a decision that is news, under an id of its own if it takes the place of one that was taken back."""
    ids = _ids_of(state, disposition.meta.document_id)
    for known in state.dispositions:
        if known.meta.document_id not in ids:
            continue
        same = _fates(known) == _fates(disposition)
        newer = _told_at(disposition) > _told_at(known)
        if known.meta.document_id in state.reversed_:
            if same and not newer:
                raise NotApplied("duplicate", "this was decided before, and taken back")
        elif same:
            raise NotApplied("duplicate", "this was decided before")
        else:
            code = "early" if newer else "conflict"
            raise NotApplied(code, "a final disposition says something else now; reverse it first")
    return disposition.replace(meta=disposition.meta.replace(document_id=ids[-1]))


def _ids_of(state: ProcessState, id_: str) -> list[str]:
    """Return the ids under which a decision is known here, by the one its system has for it: the last may stand.

    What follows from a decision is known by its id; one that is made again after it was taken back has another.
    """
    ids = [id_]
    while ids[-1] in state.reversed_:
        ids.append(f"{id_}-r{len(ids) + 1}")
    return ids


def _fates(disposition: Disposition) -> list[tuple[str, object]]:
    return [(line.return_line_id, line.splits) for line in disposition.lines]


def _told_at(disposition: Disposition) -> tuple[datetime, int]:
    return disposition.meta.issued_at, disposition.meta.revision


def _refuse_unreceived(state: ProcessState, disposition: Disposition) -> None:
    """Decisions may come before the receipts they are about; then they wait."""
    inspected: dict[str, Decimal] = defaultdict(Decimal)
    for known in (*state.standing, disposition):
        for line in known.lines:
            for split in line.splits:
                if split.disposition.code not in documents.NEVER_SENT:
                    inspected[line.return_line_id] += split.quantity.value
    came = {one.line_id: one.received.value for one in state.return_.lines if one.received}
    for line in disposition.lines:
        id_ = line.return_line_id
        if inspected[id_] > came.get(id_, 0):
            told = f"{inspected[id_]:f} inspected of line {id_}, {came.get(id_, Decimal(0)):f} received so far"
            raise NotApplied("early", told)


def reversed_(state: ProcessState, event: events.DispositionReversed, policy: Policy) -> ProcessState:
    """Take a decision back, with what followed from it."""
    known = {one.meta.document_id for one in state.dispositions}
    *before, id_ = _ids_of(state, event.document_id)
    if id_ not in known:
        if before:
            raise NotApplied("duplicate", "it was reversed before")
        raise NotApplied("unknown_disposition", f"no disposition {event.document_id} was decided")
    state = state.replace(reversed_=(*state.reversed_, id_))
    if end_of(state):
        state = found(state, "reopened", "a decision was taken back after the end: one has to be made", event.at, id_)
    for credit in state.credits:
        lines = credit.lines if credit.status != "rejected" else ()
        if any(line.disposition and line.disposition.document_id == id_ for line in lines):
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
