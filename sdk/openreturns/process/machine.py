"""`decide`: what a return's state becomes by an event, and what is to be done about it. Pure: no clock, no I/O.

    state + event --absorb--> facts --follow--> documents --due--> commands, notices, deadlines

Doing the same event twice decides the same; what an event may not change is answered with a reason, not an error.
"""

from __future__ import annotations

from dataclasses import dataclass

from openreturns.idempotency import key
from openreturns.invariants import check
from openreturns.invariants._exact import exact
from openreturns.models import Document, DocumentRef
from openreturns.process import events
from openreturns.process._absorb import absorb, opened
from openreturns.process._answering import answered
from openreturns.process._closing import adjusted, closed, disposed
from openreturns.process._crediting import credited
from openreturns.process._facts import NotApplied, route_of
from openreturns.process._orders import is_ordered_by_erp, not_wanted_orders, wanted_orders
from openreturns.process._stages import timed, waits_for
from openreturns.process.commands import QUESTIONS
from openreturns.process.policy import Policy, Route
from openreturns.process.state import FORMAT, Command, Effect, Notice, ProcessState
from openreturns.process.steps import STEPS, Step, still_wanted

__all__ = ["Decision", "decide", "waits_for"]


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
        after = timed(after, event, policy)
        version = 0 if state is None else state.version
        return Decision(after.replace(version=version + 1, format=FORMAT), commands, notices)


# ---------------------------------------------------------------- documents


def _follow(state: ProcessState, event: events.Event, policy: Policy) -> ProcessState:
    """Carry the documents on as far as the facts allow."""
    route = route_of(state, policy)
    state = answered(state, event, policy, route)
    state = disposed(state, event)
    state = adjusted(state, event, route)
    state = credited(state, event, policy, route)
    return closed(state, event, policy, route)


# ---------------------------------------------------------------- commands


def _given_out(state: ProcessState, event: events.Event, policy: Policy) -> tuple[ProcessState, tuple[Command, ...]]:
    """Give out what is due: what was never begun, and what is to be tried again because of this event."""
    again = _again(event)
    state, commands = _pass(state, event, policy, again)
    missed = again - {one.key for one in commands}
    stopped = {key_: _stopped(state, key_) for key_ in state.effects if key_ in missed or _waits(state, key_)}
    if stopped:  # what was to be told is not true any more: what is true now may be told instead
        state = state.replace(effects={**state.effects, **stopped})
        state, more = _pass(state, event, policy, frozenset())
        commands += more
    return state, commands


def _waits(state: ProcessState, key_: str) -> bool:
    """Whether a command that could be tried again was not due then: it is given out when it is."""
    return state.effects[key_].status == "later" and f"retry/{key_}" not in state.deadlines


def _stopped(state: ProcessState, key_: str) -> Effect:
    """Return what is not due when it could be tried again: it waits for its turn, or never has one any more."""
    effect = state.effects[key_]
    if effect.doubt or not still_wanted(state, effect):
        return _overtaken(effect)
    return effect if _waits(state, key_) else effect.replace(status="later", attempts=effect.attempts - 1)


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
            if known is not None and known not in again and not _waits(state, known):
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
            elif known not in again:
                effect = effects[known]
                effects[known] = effect.replace(status="started", attempts=effect.attempts + 1, at=event.at)
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


# ---------------------------------------------------------------- notices


def _told(before: ProcessState | None, state: ProcessState, route: Route) -> tuple[ProcessState, tuple[Notice, ...]]:
    """Tell the world what is new: the return's status, findings, orders that somebody has to place or take back."""
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
            if kind == "replacement" and is_ordered_by_erp(route):
                continue
            notices.append(Notice(type=f"{kind}.wanted", subject=subject, data=dict(data)))
    in_vain = dict(not_wanted_orders(before, route)) if before else {}
    for line, data in not_wanted_orders(state, route):
        if in_vain.get(line) != data:
            notices.append(Notice(type="replacement.not_wanted", subject=line, data=data))
    return state, tuple(notices)
