"""Workers that are killed at a command, and vendors whose answer is lost: each thing is done once all the same."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from functools import partial

from openreturns.idempotency import Rule
from process.faults.stage import Case, Seen, Stage
from process.faults.wire import LOST, Lost
from process.worker import VERBS

__all__ = ["cases"]

DATABASES = ("sqlite", "postgresql")
RULES: tuple[Rule, ...] = ("native", "lookup", "none")
_SAMPLE = {("authorize", "after", "native"), ("receive", "before", "lookup"), ("issue_credit", "after", "none")}


def cases(*, keys: bool = True) -> Iterator[Case]:
    """Yield all of them; without `keys` vendors do again what they are told again."""
    for verb, place, rule, database, times in itertools.product(VERBS, ("before", "after"), RULES, DATABASES, range(3)):
        run = partial(killed, verb=verb, place=place, rule=rule, keys=keys)
        sample = times == 0 and (verb, place, rule) in _SAMPLE
        yield Case(f"kill -9, {rule}", f"{verb} {place} on {database}", run, database, sample)
    for verb, how, database in itertools.product(VERBS, LOST, DATABASES):
        run = partial(unanswered, verb=verb, how=how)
        yield Case("answer lost", f"{verb} {how} on {database}", run, database, verb == "issue_credit")


def killed(stage: Stage, *, verb: str, place: str, rule: Rule, keys: bool) -> Seen:
    """Kill a worker at the effect of a verb; let another go on."""
    stage.told = stage.told.but(rule=rule, keys=keys)
    ended = stage.run(kill=(verb, place))
    stage.check(ended == -signal.SIGKILL, f"the worker was not killed, it ended with {ended}")
    ended = stage.run()
    stage.check(ended == 0, f"the second worker ended with {ended}")
    if rule != "none":
        state = stage.state()
        stage.check(state and state.stage == "closed" and not state.dead_letters, "the return is not closed")
        return _each_once(stage)
    return _held(stage, verb, place)


def _each_once(stage: Stage) -> Seen:
    done = {verb for verb, _ in stage.counted("effect")}
    stage.check(done == {*VERBS}, f"never done: {sorted({*VERBS} - done)}")
    return stage.seen()


def _held(stage: Stage, verb: str, place: str) -> Seen:
    """What may have been done and may not be repeated is for a person, and was not tried again."""
    state = stage.state()
    held = {one.step for one in state.dead_letters.values()} if state else set()
    under_way = {"update_case", "post_adjustment", "commit", "issue_credit"}  # beside it, for another event
    stage.check(verb in held and held <= {verb, *under_way}, f"held are {sorted(held)}, not {verb}")
    calls = [times for (name, _), times in stage.counted("call").items() if name == verb]
    stage.check(calls == ([1] if place == "after" else []), f"{verb} was called for {calls}")
    return stage.seen()


def unanswered(stage: Stage, *, verb: str, how: Lost) -> Seen:
    """Lose the answer to a verb that was done; it is looked up, and not done again."""
    stage.told = stage.told.but(rule="lookup", lose=(verb, how))
    ended = stage.run()
    stage.check(ended == 0, f"the worker ended with {ended}")
    looks = max(times for (name, _), times in stage.counted("look").items() if name == verb)
    overtaken = verb == "update_case"  # what the case is told is given up when the return is further by then
    stage.check(looks > 1 or overtaken, f"{verb} was not looked up")
    return _each_once(stage)
