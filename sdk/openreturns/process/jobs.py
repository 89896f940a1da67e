"""Work that one worker at a time does, whichever it is: claimed for a while, begun again later where it failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from openreturns.process._database import Tables
from openreturns.process._tables import JOB
from openreturns.process._values import micros, moment

__all__ = ["Job", "Jobs"]

_ADD = {
    name: dialect.insert(JOB).on_conflict_do_nothing()
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_LONGEST = timedelta(hours=1)


@dataclass(frozen=True)
class Job:
    """How a job stands: when it is due, how often it failed in a row, and why."""

    name: str
    due: datetime
    failures: int
    why: str


class Jobs:
    """The jobs of a process, as one worker sees them."""

    def __init__(self, store: Tables, worker: str) -> None:
        self._store, self._worker = store, worker
        self._add = _ADD[store.engine.dialect.name]

    def claim(self, name: str, now: datetime, lease: timedelta = timedelta(minutes=1)) -> bool:
        """Take a job that is due and that nobody else has; taken again, it is held for longer."""
        at = micros(now)
        new = {"name": name, "holder": "", "until": 0, "due": 0, "failures": 0, "why": ""}
        free = (JOB.c.until <= at) | (JOB.c.holder == self._worker)
        taken = update(JOB).where(JOB.c.name == name, JOB.c.due <= at, free)
        with self._store._writing() as connection:
            connection.execute(self._add, new)
            held = {"holder": self._worker, "until": at + micros_of(lease)}
            return connection.execute(taken.values(held)).rowcount == 1

    def done(self, name: str, again: datetime) -> None:
        """Give a job back that was done: it is due again at a moment."""
        self._give_back(name, due=micros(again), failures=0, why="")

    def failed(self, name: str, why: str, now: datetime, pause: timedelta = timedelta(seconds=5)) -> None:
        """Give a job back that could not be done: it is tried again after a pause that doubles each time."""
        known = next((one.failures for one in self.known() if one.name == name), 0)
        wait = min(pause * 2 ** min(known, 16), _LONGEST)
        self._give_back(name, due=micros(now + wait), failures=known + 1, why=why)

    def known(self) -> list[Job]:
        """Return how every job stands that was ever begun."""
        with self._store._reading() as connection:
            rows = connection.execute(select(JOB).order_by(JOB.c.name)).all()
        return [Job(row.name, moment(row.due), row.failures, row.why) for row in rows]

    def _give_back(self, name: str, **values: int | str) -> None:
        ours = update(JOB).where(JOB.c.name == name, JOB.c.holder == self._worker)
        with self._store._writing() as connection:
            connection.execute(ours.values(holder="", until=0, **values))


def micros_of(span: timedelta) -> int:
    """Return how many microseconds a span of time has."""
    return span // timedelta(microseconds=1)
