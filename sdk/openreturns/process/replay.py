"""Doing again what did not get through, once its cause is mended: which calls that would make, and making them.

What is done is never done again. A dead letter is given out again under its key, and an event that could not be
decided on (`poison`) is decided on anew. The plan is what `decide` says of it, so it is exact as long as nothing else
happens to the return meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from openreturns.idempotency import Rule
from openreturns.process import events
from openreturns.process._inbox import DISCARDED, POISON
from openreturns.process._model import reading
from openreturns.process._tables import INBOX
from openreturns.process.commands import QUESTIONS
from openreturns.process.machine import decide
from openreturns.process.policy import Policy
from openreturns.process.state import Command, ProcessState
from openreturns.process.store import Store

__all__ = ["Call", "discard", "plan", "reopen", "replay"]

_SAFE: Mapping[Rule, str] = {
    "native": "the system knows the key again",
    "lookup": "it is looked up before it is sent",
    "none": "it may be done twice: look first",
}


@dataclass(frozen=True)
class Call:
    """A call that a replay makes: why, where, under which key, what is known of it, and what keeps it from two."""

    number: str
    cause: str
    system: str
    verb: str
    step: str
    subject: str
    key: str
    rule: Rule
    attempts: int
    known: str

    @property
    def safety(self) -> str:
        """What keeps it from being done twice."""
        return "it changes nothing" if self.verb in QUESTIONS else _SAFE[self.rule]


def plan(
    store: Store,
    policy: Policy,
    rule: Callable[[str, str], Rule],
    now: datetime,
    *,
    numbers: Collection[str] = (),
    systems: Collection[str] = (),
) -> list[Call]:
    """Return every call that a replay makes, of some returns or all; dead letters of some systems or all.

    `rule` says of a system and a verb how it is kept from being done twice. Nothing is changed and nobody asked.
    """
    calls: list[Call] = []
    for number in _stuck(store, numbers):
        state = store.load(number)
        for cause, event in _again(store, number, state, systems, now, ""):
            decision = decide(state, event, policy)
            calls += [_call(number, cause, one, state, rule) for one in decision.commands]
            state = decision.state
    return calls


def replay(
    store: Store,
    submit: Callable[[str, events.Event], object],
    now: datetime,
    by: str,
    *,
    numbers: Collection[str] = (),
    systems: Collection[str] = (),
) -> int:
    """Let all of it be done again, by workers; return how many dead letters and events that are."""
    count = 0
    for number in _stuck(store, numbers):
        for _, event in _again(store, number, store.load(number), systems, now, by):
            if isinstance(event, events.DeadLetterRetried):
                submit(number, event)
            else:
                reopen(store, event.id)
            count += 1
    return count


def reopen(store: Store, event_id: str) -> bool:
    """Let an event that could not be decided on be decided on anew; return whether it is one of those."""
    kept = (INBOX.c.id == event_id) & (INBOX.c.status == "kept") & (INBOX.c.reason == POISON)
    again = {"status": "received", "reason": "", "why": None}
    with store._writing() as connection:
        return connection.execute(update(INBOX).where(kept).values(again)).rowcount == 1


def discard(store: Store, event_id: str, reason: str, by: str) -> bool:
    """Give up an event that only a person takes further, and say who did and why; return whether it is one of those."""
    if event_id not in {one.id for one in store.stranded()}:
        return False
    gone = {"reason": DISCARDED, "why": f"{by}: {reason}"}
    with store._writing() as connection:
        return connection.execute(update(INBOX).where(INBOX.c.id == event_id).values(gone)).rowcount == 1


def _stuck(store: Store, numbers: Collection[str]) -> list[str]:
    dead = [row.number for row in store.board() if row.dead]
    poisoned = [one.number for one in store.stranded() if one.reason == POISON]
    return [one for one in dict.fromkeys([*dead, *poisoned]) if not numbers or one in numbers]


def _again(
    store: Store, number: str, state: ProcessState | None, systems: Collection[str], now: datetime, by: str
) -> Iterator[tuple[str, events.Event]]:
    """Yield what is to happen again, with what it is called."""
    for key, effect in (state.dead_letters if state else {}).items():
        if not systems or effect.system in systems:
            id_ = f"replay/{key}/{effect.at.isoformat()}"  # the same letter is taken once, however often it is asked
            yield f"dead letter {key}", events.DeadLetterRetried(id=id_, at=now, by=by, key=key)
    for id_, body in _poisoned(store, number) if not systems else ():
        yield f"event {id_}", reading(events.EVENT.validate_json, body, f"event {id_}")


def _poisoned(store: Store, number: str) -> list[tuple[str, str]]:
    chosen = select(INBOX.c.id, INBOX.c.body).where(
        INBOX.c.number == number, INBOX.c.status == "kept", INBOX.c.reason == POISON
    )
    with store._reading() as connection:
        return [(row.id, row.body) for row in connection.execute(chosen.order_by(INBOX.c.received))]


def _call(
    number: str, cause: str, command: Command, state: ProcessState | None, rule: Callable[[str, str], Rule]
) -> Call:
    effect = state.effects.get(command.key) if state else None
    if effect is None:
        known = "never sent"
    else:
        known = f"{effect.status} {effect.kind}: {'; '.join(effect.problems)}".strip(": ")
    return Call(
        number,
        cause,
        command.system,
        command.verb,
        command.step,
        command.subject,
        command.key,
        "native" if command.verb in QUESTIONS else rule(command.system, command.verb),
        effect.attempts if effect else 0,
        known,
    )
