"""What follows from the goods that were decided on: the return's status, the moves of stock, the end."""

from __future__ import annotations

from openreturns import flow
from openreturns.models import Adjustment, Credit, Disposition, ReturnStatus
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._crediting import NOT_CREDITABLE
from openreturns.process._facts import found
from openreturns.process._orders import wanted_orders
from openreturns.process.policy import Policy, Route
from openreturns.process.state import ProcessState
from openreturns.process.steps import is_excess_asked

__all__ = ["adjusted", "closed", "disposed", "is_dealt_with", "is_settled"]


def disposed(state: ProcessState, event: events.Event) -> ProcessState:
    """Let the return's status follow what was decided about its goods, once all of them are in."""
    if state.return_.type == "credit_only" and state.return_.status == "authorized":  # nothing is to come
        return state.replace(return_=documents.advanced(state.return_, "dispositioned", event.at, event.id))
    if not state.standing or state.return_.status not in {"received", "inspected"}:
        return state
    to: ReturnStatus = "dispositioned" if documents.all_disposed(state.return_, state.standing) else "inspected"
    return state.replace(return_=documents.advanced(state.return_, to, event.at, event.id))


def adjusted(state: ProcessState, event: events.Event, route: Route) -> ProcessState:
    """Derive the stock moves of what was decided, and of what was taken back."""
    state = _without_overtaken(state)
    known = {one.meta.document_id for one in state.adjustments}
    moved = {line.disposition.document_id for one in state.adjustments for line in one.lines if line.disposition}
    new = []
    for disposition in state.standing:
        moves = [] if disposition.meta.document_id in moved else _moves(disposition, route)
        if _location(disposition, route):
            new += moves
        elif moves:
            message = "neither the route nor the disposition says where the goods are; no stock is moved"
            state = found(state, "no_location", message, event.at, disposition.meta.document_id)
    for adjustment in state.adjustments:
        ids = {line.disposition.document_id for line in adjustment.lines if line.disposition}
        reversal = f"{adjustment.meta.document_id}-reversal"
        if ids & {*state.reversed_} and adjustment.reverses is None and reversal not in known:
            new.append(documents.reversal_of(adjustment, event.at))
    return state.replace(adjustments=(*state.adjustments, *new)) if new else state


def _location(disposition: Disposition, route: Route) -> str:
    """Return where goods wait that were decided on, if anybody says."""
    return route.location or (disposition.warehouse.id if disposition.warehouse else "")


def _moves(disposition: Disposition, route: Route) -> list[Adjustment]:
    """Return the moves of a decision that the ERP is told."""
    location = _location(disposition, route) or "unknown"
    moves = flow.adjustments_of(disposition, location=location) if route.erp else []
    return [one for one in moves if one.meta.document_id.rpartition("-")[2] in route.adjustments]


def _without_overtaken(state: ProcessState) -> ProcessState:
    """Drop the moves of decisions that were taken back before anybody was told to make them."""
    told = {one.subject for one in state.of_step("post_adjustment")}
    moves = {one.meta.document_id for id_ in state.reversed_ for one in documents.moves_of(id_, state.adjustments)}
    if not moves - told:
        return state
    kept = tuple(one for one in state.adjustments if one.meta.document_id not in moves - told)
    return state.replace(adjustments=kept)


def closed(state: ProcessState, event: events.Event, policy: Policy, route: Route) -> ProcessState:
    """Close the return when nothing more is to come."""
    return_ = state.return_
    if return_.status not in {"dispositioned", "credited"} or not is_dealt_with(state, policy, route):
        return state
    if _live(state):
        return_ = documents.advanced(return_, "credited", event.at, event.id)
    if is_settled(state, policy):
        return_ = documents.advanced(return_, "closed", event.at, event.id)
    return state.replace(return_=return_)


def _live(state: ProcessState) -> list[Credit]:
    return [one for one in state.credits if one.status not in {"rejected", "voided"}]


def is_dealt_with(state: ProcessState, policy: Policy, route: Route) -> bool:
    """Whether all goods are decided on and moved, and all credits out that are to be, and no others."""
    if not documents.all_disposed(state.return_, state.standing) or is_excess_asked(state, policy, route):
        return False
    if any(one.code == NOT_CREDITABLE for one in state.findings):
        return False  # somebody has to say what the customer gets
    if any(one.number in state.to_void and one.status != "voided" for one in state.credits):
        return False
    live = _live(state)
    out = all(not route.erp or state.over("issue_credit", one.number) for one in live if one.status == "issued")
    return out and all(one.status != "draft" for one in live) and _moved(state, route)


def is_settled(state: ProcessState, policy: Policy) -> bool:
    """Whether customers have their credits, where that is waited for, and orders and claims are placed."""
    settled = not policy.await_settlement or all(one.number in state.settled for one in _live(state))
    return settled and all(f"{kind}/{subject}" in state.placed for kind, subject, _ in wanted_orders(state))


def _moved(state: ProcessState, route: Route) -> bool:
    if any(not _location(one, route) and _moves(one, route) for one in state.standing):
        return False
    told = route.wms and route.put_away
    if told and not all(state.over("put_away", one.meta.document_id) for one in state.standing):
        return False
    steps = (("post_adjustment", False), ("reverse_adjustment", True))
    return not route.erp or all(
        state.over(step, one.meta.document_id)
        for step, reverses in steps
        for one in state.adjustments
        if (one.reverses is not None) == reverses
    )
