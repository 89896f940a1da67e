"""Where a fault is tried: a database, the vendors' books, workers let loose on them; and what is to be seen after."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from openreturns.process.doctor import examine
from openreturns.process.state import ProcessState
from openreturns.process.store import Store
from process.children import Child, forked
from process.worker import Books, Told, work
from sqlalchemy import text

__all__ = ["Case", "Databases", "Seen", "Stage"]

_RECORDED_TWICE = text("SELECT key FROM command WHERE status = 'done' GROUP BY key HAVING count(*) > 1")
PATIENCE = 120.0  # seconds until a worker is said to hang; none of the runs is anywhere near


@dataclass(frozen=True)
class Databases:
    """What makes the databases of the cases: a migrated SQLite file to copy, a PostgreSQL to make one in."""

    sqlite: Path
    postgresql: Callable[[], str]
    """Makes a migrated database and returns its address."""


@dataclass(frozen=True)
class Seen:
    """What a case came to: how many runs it was, what was lost, done twice, left to a person; what was wrong."""

    runs: int = 1
    lost: int = 0
    duplicated: int = 0
    held: int = 0
    took: float = 0.0
    """Seconds until another worker had taken over, where that is what the case is about."""
    wrong: tuple[str, ...] = ()
    caught: int = 0
    """What was done twice because keys were taken away, and was seen; where they are not it would be as well."""


@dataclass(frozen=True)
class Case:
    """One thing that may go wrong: the suite it belongs to, its name, and what tries it."""

    suite: str
    name: str
    run: Callable[[Stage], Seen]
    database: str = "sqlite"
    sample: bool = False
    """Whether it is one of those that `make test` has too."""


@dataclass
class Stage:
    """The place of one case."""

    folder: Path
    databases: Databases
    told: Told
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        Books(told_to=self.told)

    def worker(self, **changes: Any) -> Child:
        """Let a worker loose."""
        return forked(partial(work, self.told.but(**changes)), self.folder / "log")

    def run(self, **changes: Any) -> int:
        """Let a worker work to its end."""
        return self.worker(**changes).wait(PATIENCE)

    def check(self, good: object, what: str) -> None:
        """Note what is wrong, if it is not good."""
        if not good:
            self.wrong.append(what)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The database, closed again before anything is forked."""
        store = Store(self.told.url)
        try:
            yield store
        finally:
            store.close()

    def state(self, number: str = "RMA-1") -> ProcessState | None:
        with self.store() as store:
            return store.load(number)

    def until(self, what: Callable[[Store], object], seconds: float = PATIENCE) -> float:
        """Wait until something is so, and return how long that took."""
        begun = time.monotonic()
        with self.store() as store:
            while not what(store):
                if time.monotonic() > begun + seconds:
                    raise TimeoutError("it does not come to that")
                time.sleep(0.02)
        return time.monotonic() - begun

    def counted(self, table: str) -> Counter[tuple[str, str]]:
        """How often each thing was done, called for or looked up, by verb and subject."""
        with closing(sqlite3.connect(self.told.vendors, timeout=30)) as books:
            rows = books.execute(f"SELECT verb, subject, count(*) FROM {table} GROUP BY verb, subject")
            return Counter({(verb, subject): count for verb, subject, count in rows})

    def seen(self, *, runs: int = 1, took: float = 0.0) -> Seen:
        """Look at everything: where each return is, how often each thing was done, whether the books add up."""
        effects = self.counted("effect")
        lost = held = 0
        with self.store() as store:
            for number in self.told.returns:
                state = store.load(number)
                if state is None or not (state.stage == "closed" or state.dead_letters):
                    lost += 1
                    self.wrong.append(f"{number} is lost: {state.stage if state else 'never asked for'}")
                elif state.dead_letters:
                    held += 1
            health = examine(store, datetime.now(UTC), lease=timedelta(seconds=self.told.lease))
            self.wrong += [str(one) for one in health.problems]
            self.check(health.total == len(self.told.returns), f"there are {health.total} returns")
            with store.engine.connect() as connection:
                self.check(not connection.execute(_RECORDED_TWICE).all(), "something was recorded twice")
        twice = {what: times for what, times in effects.items() if times > 1}
        self.check(not twice, f"done twice: {twice}")
        return Seen(runs, lost, len(twice), held, took, tuple(self.wrong))
