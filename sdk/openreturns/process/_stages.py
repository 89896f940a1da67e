"""Where a return stands, how long that may last, and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._answering import unanswered
from openreturns.process._closing import is_dealt_with, is_settled
from openreturns.process._facts import route_of
from openreturns.process.policy import Policy, Route
from openreturns.process.state import TERMINAL, ProcessState, Stage
from openreturns.process.steps import STEPS, is_quoted, needs_credit_approval, needs_write_off_approval

__all__ = ["timed", "waits_for"]

_PATIENCE = timedelta(days=30)


def timed(state: ProcessState, event: events.Event, policy: Policy) -> ProcessState:
    """Set the stage, and how long it may last. Whatever waits has a deadline."""
    stage = _stage(state, policy)
    retries = {
        name: at
        for name, at in state.deadlines.items()
        if name.startswith("retry/") and state.effects[name.removeprefix("retry/")].status == "later"
    }
    entered = event.at if stage != state.stage or state.version == 0 else state.entered
    name = f"stage/{stage}"
    if stage not in TERMINAL:
        level = policy.service_level(stage)
        within = level.within if level else _PATIENCE
        old = state.deadlines.get(name)
        retries[name] = old if old is not None and stage == state.stage else max(entered, event.at) + within
    return state.replace(stage=stage, entered=entered, deadlines=retries)


def _stage(state: ProcessState, policy: Policy) -> Stage:
    return_ = state.return_
    open_ = any(not one.over for one in state.effects.values())
    if state.ending == "declined" or return_.status == "declined":
        return "declined" if not open_ else "ending"
    if state.ending in {"cancelled", "expired"}:
        return state.ending if not open_ else "ending"
    route = route_of(state, policy)
    if return_.status == "closed" and not _is_reopened(state, policy, route):
        return "closed" if not open_ else "ending"
    if return_.status == "requested":
        return "checking" if unanswered(state, policy, route) else "awaiting_approval"
    return _stage_of_goods(state, policy, open_=open_)


def _is_reopened(state: ProcessState, policy: Policy, route: Route) -> bool:
    """Whether a decision was taken back after the end, and what follows from another is not done yet."""
    return bool(state.reversed_) and not (is_dealt_with(state, policy, route) and is_settled(state, policy))


def _stage_of_goods(state: ProcessState, policy: Policy, *, open_: bool) -> Stage:
    waits = any(
        needs_credit_approval(state, policy, one) and is_quoted(state, one, route_of(state, policy))
        for one in state.credits
        if one.status == "draft"
    ) or any(
        needs_write_off_approval(state, policy, one) and state.decided("write_off", one.meta.document_id) is None
        for one in state.standing
    )
    if waits:
        return "awaiting_credit_approval"
    status = state.return_.status
    if status in {"authorized", "in_transit", "partially_received"}:
        route = route_of(state, policy)
        return "authorizing" if _untold(state, route) else "awaiting_goods"
    if status in {"received", "inspected"} or not documents.all_disposed(state.return_, state.standing):
        return "awaiting_inspection"
    if not open_ and is_dealt_with(state, policy, route_of(state, policy)):
        return "awaiting_settlement"
    return "crediting"


def waits_for(state: ProcessState, policy: Policy) -> str:
    """Return in words what a return waits for, and from whom: only what its stage depends on and has not come yet."""
    route = route_of(state, policy)
    warehouse = route.wms or "the warehouse"
    match state.stage:
        case "checking":
            return _listed(unanswered(state, policy, route))
        case "authorizing":
            return _listed(_untold(state, route))
        case "awaiting_goods":
            return f"goods at {warehouse}"
        case "awaiting_inspection":
            return f"a disposition from {warehouse}"
        case "crediting":
            return _listed(_open_at(state)) or "somebody to look at what was found"
        case "ending":
            return f"the last commands at {_listed(_open_at(state))}"
        case stage:
            return _ASKED_FOR.get(stage, "nothing")


_ASKED_FOR: Mapping[Stage, str] = {
    "awaiting_approval": "an approval of the return",
    "awaiting_credit_approval": "an approval of a credit or a write-off",
    "awaiting_settlement": "the settlement of a credit, or an order to be placed",
}


def _untold(state: ProcessState, route: Route) -> tuple[str, ...]:
    """Return the systems that have yet to be told of an authorised return."""
    told = {"authorize": route.erp, "announce": route.wms}
    return tuple(system for step, system in told.items() if system and not state.over(step))


def _open_at(state: ProcessState) -> tuple[str, ...]:
    """Return the systems that have something to do yet, in the order of the story: a case holds up only the end."""
    open_ = {one.step: one.system for one in state.effects.values() if not one.over}
    steps = [step for step in STEPS if step.name in open_]
    chosen = [step for step in steps if step.role != "crm"] or steps
    return tuple(dict.fromkeys(open_[step.name] for step in chosen))


def _listed(systems: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(systems[:-1]), *systems[-1:])))
