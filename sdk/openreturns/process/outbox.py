"""What the process has to tell the world, and to whom it was told: written with each decision, delivered afterwards.

Each target gets every notice at least once, with the same id each time, and those of one return in their order: as
long as one is not taken, later ones of its return wait, and no others do.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from openreturns.notices import CloudEvent, cloud_event
from openreturns.process._database import Tables
from openreturns.process._tables import DELIVERY, OUTBOX
from openreturns.process._values import micros, moment

__all__ = ["Outbox", "Refusal", "Standing", "Waiting"]

_ATTEMPTS = 12  # of a notice that a target refuses; then it is left out, and said to be
_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=6)


@dataclass(frozen=True)
class Waiting:
    """A notice that a target has not taken yet."""

    place: int
    number: str
    attempts: int
    row: Any
    source: str

    @property
    def event(self) -> CloudEvent:
        """The notice as it is told. Raises LookupError or ValidationError for one that no schema has."""
        row, told = self.row, json.loads(self.row.body)
        notice = told["notice"]
        return cloud_event(
            row.type,
            notice.get("subject", ""),
            notice.get("data", {}),
            id=row.id,
            source=self.source,
            subject=row.number,
            time=moment(row.at),
            correlationid=told["correlation"],
            causationid=told["causation"],
            traceparent=told.get("trace"),
        )


@dataclass(frozen=True)
class Refusal:
    """A notice that a target would not have, and why."""

    waiting: Waiting
    why: str


@dataclass(frozen=True)
class Standing:
    """How a target stands: notices it has yet to take, since when, and those it refused for good."""

    target: str
    waiting: int
    oldest: datetime | None
    refused: int


class Outbox:
    """The notices of a process. `source` is what their events name as their source, a URI reference."""

    def __init__(self, store: Tables, source: str) -> None:
        self._store, self._source = store, source
        self._put = _PUT[store.engine.dialect.name]

    def waiting(self, target: str, now: datetime, limit: int) -> list[Waiting]:
        """Return notices that may be sent to a target now, in their order."""
        own = _of(target)
        held = select(DELIVERY.c.number).where(
            DELIVERY.c.target == target, DELIVERY.c.status == "waiting", DELIVERY.c.due > micros(now)
        )
        chosen = (
            select(OUTBOX, DELIVERY.c.attempts)
            .outerjoin(DELIVERY, own)
            .where(OUTBOX.c.relayed.is_(None), _untaken(), OUTBOX.c.number.not_in(held))
            .order_by(OUTBOX.c.place)
            .limit(limit)
        )
        with self._store._reading() as connection:
            rows = connection.execute(chosen).all()
        return [Waiting(row.place, row.number, row.attempts or 0, row, self._source) for row in rows]

    def mark(
        self,
        target: str,
        sent: Collection[Waiting],
        refused: Collection[Refusal],
        now: datetime,
        targets: Collection[str],
    ) -> None:
        """Write down what a target took and what it would not have. What all `targets` are through with is relayed."""
        rows = [_row(target, one, "sent", 0, "") for one in sent]
        for refusal in refused:
            count = refusal.waiting.attempts
            last = count + 1 >= _ATTEMPTS
            due = micros(now + min(_FIRST * 2 ** min(count, 16), _LONGEST))
            rows.append(_row(target, refusal.waiting, "refused" if last else "waiting", due, refusal.why))
        if not rows:
            return
        places = [row["place"] for row in rows]
        through = (
            select(func.count())
            .where(
                DELIVERY.c.place == OUTBOX.c.place,
                DELIVERY.c.target.in_(targets),
                DELIVERY.c.status.in_(("sent", "refused")),
            )
            .scalar_subquery()
        )
        all_ = update(OUTBOX).where(OUTBOX.c.place.in_(places), through == len(targets))
        ours = select(OUTBOX.c.place).where(OUTBOX.c.place.in_(places)).order_by(OUTBOX.c.place).with_for_update()
        with self._store._writing() as connection:
            connection.execute(ours)  # of two targets that are through at one time one has to see the other
            connection.execute(self._put, rows)
            connection.execute(all_.values(relayed=micros(now)))

    def again(self, target: str) -> int:
        """Let what a target refused for good be sent again; return how many notices that are."""
        refused = (DELIVERY.c.target == target) & (DELIVERY.c.status == "refused")
        with self._store._writing() as connection:
            places = select(DELIVERY.c.place).where(refused)
            connection.execute(update(OUTBOX).where(OUTBOX.c.place.in_(places)).values(relayed=None))
            return connection.execute(delete(DELIVERY).where(refused)).rowcount

    def standing(self, targets: Iterable[str]) -> list[Standing]:
        """Return how each target stands."""
        found = []
        with self._store._reading() as connection:
            for target in targets:
                chosen = select(func.count(), func.min(OUTBOX.c.at)).select_from(
                    OUTBOX.outerjoin(DELIVERY, _of(target))
                )
                count, oldest = connection.execute(chosen.where(OUTBOX.c.relayed.is_(None), _untaken())).one()
                gone = select(func.count()).where(DELIVERY.c.target == target, DELIVERY.c.status == "refused")
                refused = connection.execute(gone).scalar_one()
                found.append(Standing(target, count, moment(oldest) if oldest is not None else None, refused))
        return found

    def purge(self, before: datetime, *, untold: bool = False) -> int:
        """Forget notices that were relayed before a moment; return how many. `untold`: those that were not, too."""
        old = OUTBOX.c.relayed < micros(before)
        if untold:
            old |= OUTBOX.c.relayed.is_(None) & (OUTBOX.c.at < micros(before))
        with self._store._writing() as connection:
            connection.execute(delete(DELIVERY).where(DELIVERY.c.place.in_(select(OUTBOX.c.place).where(old))))
            return connection.execute(delete(OUTBOX).where(old)).rowcount


def _put(new: Any) -> Any:  # noqa: ANN401 - each dialect's own statement
    """Return the statement that writes down what became of a notice; what was sent stays sent, whoever says else."""
    values = {name: new.excluded[name] for name in ("status", "attempts", "due", "why")}
    return new.on_conflict_do_update(index_elements=["target", "place"], set_=values, where=DELIVERY.c.status != "sent")


_PUT = {name: _put(dialect.insert(DELIVERY)) for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))}


def _of(target: str) -> Any:  # noqa: ANN401 - a condition
    return and_(DELIVERY.c.place == OUTBOX.c.place, DELIVERY.c.target == target)


def _untaken() -> Any:  # noqa: ANN401 - a condition
    return or_(DELIVERY.c.status.is_(None), DELIVERY.c.status == "waiting")


def _row(target: str, one: Waiting, status: str, due: int, why: str) -> dict[str, Any]:
    return {
        "target": target,
        "place": one.place,
        "number": one.number,
        "status": status,
        "attempts": one.attempts + 1,
        "due": due,
        "why": why,
    }
