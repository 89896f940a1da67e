"""Two workers on one PostgreSQL: one is killed, stands still for a while, or is told to stop; nothing is stranded."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from openreturns.process.store import Store
from process.children import Child
from process.faults.stage import PATIENCE, Case, Seen, Stage
from process.worker import VERBS

__all__ = ["cases"]

TIMES = 10
LEASE = 1.5
RETURNS = tuple(f"RMA-{number}" for number in range(8))
_EVER = timedelta(days=1)


def cases() -> Iterator[Case]:
    """Yield each way ten times."""
    for time in range(TIMES):
        verb = VERBS[time % len(VERBS)]
        yield Case("2 workers, kill -9", verb, partial(killed, verb=verb), "postgresql", sample=time == 1)
        still = partial(stood_still, verb=verb)
        yield Case("2 workers, one stands still", verb, still, "postgresql", sample=time == 0)
        yield Case("2 workers, rolling restart", str(time), restarted, "postgresql", sample=time == 0)


def killed(stage: Stage, *, verb: str) -> Seen:
    """Kill one of two at the effect of a verb; the other takes over."""
    other, one = _both(stage, kill=(verb, "after"))
    ended = one.wait(PATIENCE)
    stage.check(ended == -signal.SIGKILL, f"the worker was not killed, it ended with {ended}")
    took = stage.until(lambda store: _leases(store) <= 1)
    _ends_well(stage, other)
    return _all_closed(stage, took)


def stood_still(stage: Stage, *, verb: str) -> Seen:
    """Let one of two stand still at the effect of a verb; the other takes over; the first finds everything done."""
    other, one = _both(stage, kill=(verb, "after"), how=signal.SIGSTOP)
    stage.until(lambda _: one.stands_still())
    took = stage.until(lambda store: _leases(store) <= 1)
    _ends_well(stage, other)
    one.send(signal.SIGCONT)
    _ends_well(stage, one)
    return _all_closed(stage, took)


def restarted(stage: Stage) -> Seen:
    """Stop each of two workers gracefully in the middle, and put another in its place."""
    first = [*_both(stage, ends=False)]
    others = []
    for count, one in enumerate(first):
        _done(stage, 10 + 40 * count)
        one.send(signal.SIGTERM)
        others.append(stage.worker())
    for one in (*first, *others):
        _ends_well(stage, one)
    return _all_closed(stage)


def _both(stage: Stage, **changes: object) -> tuple[Child, Child]:
    """Let two workers loose: the first is there before the second, which has the changes, begins."""
    stage.told = stage.told.but(returns=RETURNS, lease=LEASE, slow=0.03)
    other = stage.worker(**{**changes, "kill": ("", "")})
    stage.until(lambda store: _leases(store) == 1)
    return other, stage.worker(**changes)


def _done(stage: Stage, effects: int) -> None:
    """Wait until so much was done."""
    stage.until(lambda _: sum(stage.counted("effect").values()) >= effects)


def _leases(store: Store) -> int:
    return len(store.alive(_EVER))


def _ends_well(stage: Stage, worker: Child) -> None:
    ended = worker.wait(PATIENCE)
    stage.check(ended == 0, f"a worker ended with {ended}")


def _all_closed(stage: Stage, took: float = 0.0) -> Seen:
    for number in stage.told.returns:
        state = stage.state(number)
        stage.check(state and state.stage == "closed", f"{number} is {state.stage if state else 'nowhere'}")
    return stage.seen(took=took)
