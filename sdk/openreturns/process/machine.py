"""`decide`: what a return's state becomes by an event, and what is to be done about it. Pure: no clock, no I/O.

    state + event --absorb--> facts --follow--> documents --due--> commands, notices, deadlines

Doing the same event twice decides the same; what an event may not change is answered with a reason, not an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from openreturns import flow
from openreturns.idempotency import key
from openreturns.invariants import check
from openreturns.invariants._exact import exact
from openreturns.models import (
    Adjustment,
    Authorization,
    Credit,
    Disposition,
    Document,
    DocumentRef,
    Return,
    ReturnStatus,
)
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._absorb import absorb, opened
from openreturns.process._crediting import NOT_CREDITABLE, credited
from openreturns.process._facts import NotApplied, found, route_of
from openreturns.process._results import DOUBTS, in_time
from openreturns.process.commands import QUESTIONS
from openreturns.process.policy import Policy, Route
from openreturns.process.state import FORMAT, TERMINAL, Command, Effect, Notice, ProcessState, Stage
from openreturns.process.steps import (
    STEPS,
    Step,
    is_excess_asked,
    is_quoted,
    needs_credit_approval,
    needs_write_off_approval,
    wanted_orders,
)

__all__ = ["Decision", "decide", "waits_for"]

_PATIENCE = timedelta(days=30)


@dataclass(frozen=True)
class Decision:
    """What an event leads to. `kept` says why it changed nothing, if it did not: then the state is as it was."""

    state: ProcessState | None
    commands: tuple[Command, ...] = ()
    notices: tuple[Notice, ...] = ()
    kept: NotApplied | None = None


def decide(state: ProcessState | None, event: events.Event, policy: Policy) -> Decision:
    """Return what an event leads to for a return in this state (None: nothing is known of it yet)."""
    with exact():
        try:
            after = opened(event, policy) if state is None else absorb(state, event, policy)
        except NotApplied as reason:
            return Decision(state, kept=reason)
        after = after.replace(route=route_of(after, policy))
        after = _follow(after, event, policy)
        after, commands = _given_out(after, event, policy)
        after, notices = _told(state, after, route_of(after, policy))
        after = _timed(after, event, policy)
        version = 0 if state is None else state.version
        return Decision(after.replace(version=version + 1, format=FORMAT), commands, notices)


# ---------------------------------------------------------------- documents


def _follow(state: ProcessState, event: events.Event, policy: Policy) -> ProcessState:
    """Carry the documents on as far as the facts allow."""
    route = route_of(state, policy)
    state = _answered(state, event, policy, route)
    state = _disposed(state, event)
    state = _adjusted(state, event, route)
    state = credited(state, event, policy, route)
    return _closed(state, event, policy, route)


def _answered(state: ProcessState, event: events.Event, policy: Policy, route: Route) -> ProcessState:
    """Authorise or decline the return once everything that is asked has been answered."""
    return_ = state.return_
    if state.ending == "declined" and return_.status == "requested":
        return state.replace(return_=_authorization(state, "declined", event))
    if state.ending in {"cancelled", "expired"}:
        if _may_go_on(state, route):
            return state
        return state.replace(return_=documents.advanced(return_, state.ending, event.at, event.id))
    if state.ending or return_.status != "requested" or not _checked(state, policy, route):
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
    return any(one.uncertain for one in told) or (bool(to_cancel) and not state.over("cancel_announcement"))


def _checked(state: ProcessState, policy: Policy, route: Route) -> bool:
    asks = route.crm and policy.approvals.automatic_return.good_standing
    return (not route.erp or state.over("check_eligibility")) and (not asks or state.over("standing"))


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


def _disposed(state: ProcessState, event: events.Event) -> ProcessState:
    """Let the return's status follow what was decided about its goods, once all of them are in."""
    if state.return_.type == "credit_only" and state.return_.status == "authorized":  # nothing is to come
        return state.replace(return_=documents.advanced(state.return_, "dispositioned", event.at, event.id))
    if not state.standing or state.return_.status not in {"received", "inspected"}:
        return state
    to: ReturnStatus = "dispositioned" if documents.all_disposed(state.return_, state.standing) else "inspected"
    return state.replace(return_=documents.advanced(state.return_, to, event.at, event.id))


def _adjusted(state: ProcessState, event: events.Event, route: Route) -> ProcessState:
    """Derive the stock moves of what was decided, and of what was taken back."""
    state = _without_overtaken(state)
    known = {one.meta.document_id for one in state.adjustments}
    new = []
    for disposition in state.standing:
        location, moves = _moves(disposition, route)
        if location:
            new += [one for one in moves if one.meta.document_id not in known]
        elif moves:
            message = "neither the route nor the disposition says where the goods are; no stock is moved"
            state = found(state, "no_location", message, event.at, disposition.meta.document_id)
    for adjustment in state.adjustments:
        ids = {line.disposition.document_id for line in adjustment.lines if line.disposition}
        reversal = f"{adjustment.meta.document_id}-reversal"
        if ids & {*state.reversed_} and adjustment.reverses is None and reversal not in known:
            new.append(documents.reversal_of(adjustment, event.at))
    return state.replace(adjustments=(*state.adjustments, *new)) if new else state


def _moves(disposition: Disposition, route: Route) -> tuple[str, list[Adjustment]]:
    """Return where goods wait that were decided on, if anybody says, and the moves that the ERP is told."""
    location = route.location or (disposition.warehouse.id if disposition.warehouse else "")
    moves = flow.adjustments_of(disposition, location=location or "unknown") if route.erp else []
    return location, [one for one in moves if one.meta.document_id.rpartition("-")[2] in route.adjustments]


def _without_overtaken(state: ProcessState) -> ProcessState:
    """Drop the moves of decisions that were taken back before anybody was told to make them."""
    told = {one.subject for one in state.of_step("post_adjustment")}
    moves = {one.meta.document_id for id_ in state.reversed_ for one in documents.moves_of(id_, state.adjustments)}
    if not moves - told:
        return state
    kept = tuple(one for one in state.adjustments if one.meta.document_id not in moves - told)
    return state.replace(adjustments=kept)


def _closed(state: ProcessState, event: events.Event, policy: Policy, route: Route) -> ProcessState:
    """Close the return when nothing more is to come."""
    return_ = state.return_
    if return_.status not in {"dispositioned", "credited"} or not _is_dealt_with(state, policy, route):
        return state
    if _live(state):
        return_ = documents.advanced(return_, "credited", event.at, event.id)
    if _is_settled(state, policy):
        return_ = documents.advanced(return_, "closed", event.at, event.id)
    return state.replace(return_=return_)


def _live(state: ProcessState) -> list[Credit]:
    return [one for one in state.credits if one.status not in {"rejected", "voided"}]


def _is_dealt_with(state: ProcessState, policy: Policy, route: Route) -> bool:
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


def _is_settled(state: ProcessState, policy: Policy) -> bool:
    """Whether customers have their credits, where that is waited for, and orders and claims are placed."""
    settled = not policy.await_settlement or all(one.number in state.settled for one in _live(state))
    return settled and all(f"{kind}/{subject}" in state.placed for kind, subject, _ in wanted_orders(state))


def _moved(state: ProcessState, route: Route) -> bool:
    for disposition in state.standing:
        location, moves = _moves(disposition, route)
        if moves and not location:
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


# ---------------------------------------------------------------- commands


def _given_out(state: ProcessState, event: events.Event, policy: Policy) -> tuple[ProcessState, tuple[Command, ...]]:
    """Give out what is due: what was never begun, and what is to be tried again because of this event."""
    again = _again(event)
    state, commands = _pass(state, event, policy, again)
    overtaken = again - {one.key for one in commands}
    if overtaken:  # what was to be told is not true any more: what is true now may be told instead
        gone = {key_: _overtaken(state.effects[key_]) for key_ in overtaken}
        state, more = _pass(state.replace(effects={**state.effects, **gone}), event, policy, frozenset())
        commands += more
    return state, commands


def _overtaken(effect: Effect) -> Effect:
    """Return what is not to be tried again: dropped, or, where it may be there all the same, left to a person."""
    if not effect.doubt or effect.step in _SUPERSEDED:
        return effect.replace(status="discarded", reason="not due any more when it could be tried again")
    said = "it is not wanted any more, and may be there: see, and take it back by hand"
    return effect.replace(status="held", kind="overtaken", problems=(said,))


_SUPERSEDED = frozenset(step.name for step in STEPS if step.superseded or step.calls in QUESTIONS)


def _pass(
    state: ProcessState, event: events.Event, policy: Policy, again: frozenset[str]
) -> tuple[ProcessState, tuple[Command, ...]]:
    route = route_of(state, policy)
    commands = []
    effects = dict(state.effects)
    keys = {(one.step, one.subject): key_ for key_, one in effects.items()}
    checked: dict[int, tuple[Document | DocumentRef, str]] = {}  # several steps may be given the same
    for step in STEPS:
        system = getattr(route, step.role)
        for subject in step.due(state, policy, route) if system else ():
            known = keys.get((step.name, subject.id))
            if known is not None and known not in again:
                continue
            given = subject.given
            command = _command(state, step, subject.id, given, system)
            if id(given) not in checked:
                checked[id(given)] = given, _unfit(given)
            unfit = checked[id(given)][1]
            keys[step.name, subject.id] = command.key
            if unfit or known is None:
                effects[command.key] = Effect(
                    step=step.name,
                    subject=subject.id,
                    system=system,
                    status="poison" if unfit else "started",
                    at=event.at,
                    kind="invariant" if unfit else "",
                    problems=(unfit,) if unfit else (),
                )
            if not unfit:
                commands.append(command)
    return state.replace(effects=effects), tuple(commands)


def _again(event: events.Event) -> frozenset[str]:
    """Return the commands that an event allows to be given out once more."""
    if isinstance(event, events.DeadLetterRetried):
        return frozenset({event.key})
    if isinstance(event, events.DeadlinePassed) and event.name.startswith("retry/"):
        return frozenset({event.name.removeprefix("retry/")})
    return frozenset()


def _command(state: ProcessState, step: Step, subject: str, given: Document | DocumentRef, system: str) -> Command:
    return Command(
        key=key(state.number, step.name, subject),
        step=step.name,
        subject=subject,
        role=step.role,  # type: ignore[arg-type] # the table's words are the roles'
        verb=step.calls,
        system=system,
        priority=state.priority,
        document=None if isinstance(given, DocumentRef) else given,
        ref=given if isinstance(given, DocumentRef) else None,
    )


def _unfit(given: Document | DocumentRef) -> str:
    """Return why a document may not go out: nothing wrong ever does."""
    if isinstance(given, DocumentRef):
        return ""
    return "; ".join(f"{one.code} {one.canonical}: {one.message}" for one in check(given))


# ---------------------------------------------------------------- notices and time


def _told(before: ProcessState | None, state: ProcessState, route: Route) -> tuple[ProcessState, tuple[Notice, ...]]:
    """Tell the world what is new: the return's status, findings, orders that somebody has to place."""
    notices = []
    if before is None or before.return_.status != state.return_.status:
        said = {"status": state.return_.status, "revision": state.return_.meta.revision}
        notices.append(Notice(type=f"return.{state.return_.status}", data=said))
    known = set(before.findings) if before else set()
    notices += [
        Notice(type="finding.raised", subject=one.subject, data={"code": one.code, "message": one.message})
        for one in state.findings
        if one not in known
    ]
    dead = set(before.dead_letters) if before else set()
    notices += [
        Notice(type="dead_letter.added", subject=key_, data={"step": one.step, "system": one.system, "kind": one.kind})
        for key_, one in state.dead_letters.items()
        if key_ not in dead
    ]
    for kind, subject, data in wanted_orders(state):
        name = f"{kind}/{subject}"
        if name not in state.asked:
            state = state.replace(asked=(*state.asked, name))
            if kind == "replacement" and route.erp and route.replacements == "erp":
                continue
            notices.append(Notice(type=f"{kind}.wanted", subject=subject, data=dict(data)))
    return state, tuple(notices)


def _timed(state: ProcessState, event: events.Event, policy: Policy) -> ProcessState:
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
        return "awaiting_approval" if _checked(state, policy, route) else "checking"
    return _stage_of_goods(state, policy, open_=open_)


def _is_reopened(state: ProcessState, policy: Policy, route: Route) -> bool:
    """Whether a decision was taken back after the end, and what follows from another is not done yet."""
    return bool(state.reversed_) and not (_is_dealt_with(state, policy, route) and _is_settled(state, policy))


def _stage_of_goods(state: ProcessState, policy: Policy, *, open_: bool) -> Stage:
    waits = any(
        needs_credit_approval(state, policy, one) and is_quoted(state, one, route_of(state, policy))
        for one in state.credits
        if one.status == "draft"
    ) or any(
        needs_write_off_approval(state, policy, one.meta.document_id)
        and state.decided("write_off", one.meta.document_id) is None
        for one in state.standing
    )
    if waits:
        return "awaiting_credit_approval"
    status = state.return_.status
    if status in {"authorized", "in_transit", "partially_received"}:
        route = route_of(state, policy)
        told = (not route.erp or state.over("authorize")) and (not route.wms or state.over("announce"))
        return "awaiting_goods" if told else "authorizing"
    if status in {"received", "inspected"} or not documents.all_disposed(state.return_, state.standing):
        return "awaiting_inspection"
    if not open_ and _is_dealt_with(state, policy, route_of(state, policy)):
        return "awaiting_settlement"
    return "crediting"


def waits_for(state: ProcessState, policy: Policy) -> str:
    """Return in words what a return waits for, and from whom."""
    route = route_of(state, policy)
    return {
        "checking": f"{route.erp or 'the ERP'} and {route.crm or 'the CRM'}",
        "awaiting_approval": "an approval of the return",
        "authorizing": f"{route.erp or 'the ERP'} and {route.wms or 'the warehouse'}",
        "awaiting_goods": f"goods at {route.wms or 'the warehouse'}",
        "awaiting_inspection": f"a disposition from {route.wms or 'the warehouse'}",
        "crediting": f"{route.tax or 'the tax engine'} and {route.erp or 'the ERP'}",
        "awaiting_credit_approval": "an approval of a credit or a write-off",
        "awaiting_settlement": "the settlement of a credit, or an order to be placed",
        "ending": "the last commands",
    }.get(state.stage, "nothing")
