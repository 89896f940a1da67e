"""Databases that stop at once, are full, or are locked: work goes on when they are back, and nothing is lost."""

from __future__ import annotations

import resource
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial

from openreturns.errors import RetryableError
from openreturns.process.engine_dbos import migrate, submit
from openreturns.process.policy import load_policy
from process import postgres
from process.children import forked
from process.faults.stage import PATIENCE, Case, Seen, Stage
from process.systems import story

__all__ = ["cases"]

_ROUNDS = 5
_FULL = 48 * 1024  # bytes: less than the process's tables have, more than the vendors' books
_LOCKED = 20.0


def cases() -> Iterator[Case]:
    """Yield them: a server that is stopped five times, twice; a file system that is full and a lock, three times."""
    for count in range(2):
        yield Case("PostgreSQL stopped at once", str(count), stopped)
    for count in range(3):
        yield Case("SQLite, no room", str(count), full, sample=count == 0)
        yield Case("SQLite, locked 20 s", str(count), locked)


def stopped(stage: Stage) -> Seen:
    """Stop the server at once while a worker works, five times."""
    with postgres.running() as server:
        url = server.database()
        stage.told = stage.told.but(url=url, slow=0.05)
        returns: tuple[str, ...] = ()
        if forked(partial(migrate, url), stage.folder / "log").wait(PATIENCE):
            raise AssertionError("the tables cannot be made")
        for count in range(_ROUNDS):
            returns += tuple(f"RMA-{count}-{place}" for place in range(3))
            stage.told = stage.told.but(returns=returns)
            before = sum(stage.counted("effect").values())
            worker = stage.worker()
            _until_done(stage, before + 5)
            server.stop(signal.SIGQUIT)
            _submit_fails(stage)
            server.start()
            stage.check(worker.wait(PATIENCE) == 0, "the worker did not go on when the database was back")
        return stage.seen(runs=_ROUNDS)


def _submit_fails(stage: Stage) -> None:
    """Who submits an event is told that it was not taken."""
    try:
        submit(stage.told.url, "RMA-X", story("RMA-X")[0], load_policy(stage.told.policy))
    except RetryableError:
        return
    stage.check(False, "an event was taken without a database")


def full(stage: Stage) -> Seen:
    """Let there be no room for two seconds while a worker works."""
    stage.told = stage.told.but(returns=("RMA-1", "RMA-2", "RMA-3"), slow=0.05)
    worker = stage.worker()
    _until_done(stage, 5)
    resource.prlimit(worker.id, resource.RLIMIT_FSIZE, (_FULL, resource.RLIM_INFINITY))
    time.sleep(2)
    at_rest = sum(stage.counted("effect").values())
    resource.prlimit(worker.id, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    stage.check(worker.wait(PATIENCE) == 0, "the worker did not go on when there was room again")
    stage.check(sum(stage.counted("effect").values()) > at_rest, "the worker never noticed")
    stage.check("disk" in (stage.folder / "log").read_text(errors="replace"), "nothing was said of it")
    return stage.seen()


def locked(stage: Stage) -> Seen:
    """Hold the database's write lock for 20 seconds while a worker works."""
    stage.told = stage.told.but(slow=0.05)
    worker = stage.worker()
    _until_done(stage, 2)
    path = stage.told.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(_LOCKED)
        other.execute("ROLLBACK")
    stage.check(worker.wait(PATIENCE) == 0, "the worker did not go on when the lock was gone")
    return stage.seen()


def _until_done(stage: Stage, effects: int) -> None:
    end = time.monotonic() + PATIENCE
    while sum(stage.counted("effect").values()) < effects:
        if time.monotonic() > end:
            raise TimeoutError("the worker does nothing")
        time.sleep(0.02)
