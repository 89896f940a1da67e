"""What is to be seen of all returns: where each is, what is due, what was kept and why, and the audit's entries."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from openreturns.process import _statements as sql
from openreturns.process._database import Tables
from openreturns.process._inbox import DISCARDED, POISON
from openreturns.process._model import WrittenLaterError
from openreturns.process._tables import AUDIT, COMMAND, DEADLINE, FINDING, INBOX, STATE
from openreturns.process._values import micros, moment
from openreturns.process.state import ProcessState

__all__ = ["Board", "Kept"]


_log = logging.getLogger("openreturns.process")


@dataclass(frozen=True)
class Kept:
    """An event that changed nothing, since when, with the reason."""

    id: str
    number: str
    type: str
    at: datetime
    reason: str
    why: str
    """The reason in words."""


class Board(Tables):
    """The tables as they are looked at; of what it shows it keeps only the findings of reconciliations."""

    def board(self) -> list[Any]:
        """Return every return's row, without its body, with its next deadline."""
        columns = [column for column in STATE.columns if column.name != "body"]
        deadline = select(func.min(DEADLINE.c.at)).where(DEADLINE.c.number == STATE.c.number).scalar_subquery()
        with self._reading() as connection:
            chosen = select(*columns, deadline.label("deadline")).order_by(STATE.c.priority, STATE.c.entered)
            return list(connection.execute(chosen))

    def load(self, number: str) -> ProcessState | None:
        """Return the state of a return."""
        with self._reading() as connection:
            body = connection.execute(select(STATE.c.body).where(STATE.c.number == number)).scalar_one_or_none()
        return ProcessState.read(body, number) if body is not None else None

    def states(self) -> list[ProcessState]:
        """Return the states of all returns, but of those that only a later version can read."""
        found = []
        for number in self.numbers():
            try:
                found.append(self.load(number))
            except WrittenLaterError as error:
                _log.warning("%s", error)
        return [one for one in found if one is not None]

    def numbers(self) -> list[str]:
        """Return the numbers of all returns."""
        with self._reading() as connection:
            return list(connection.execute(select(STATE.c.number).order_by(STATE.c.number)).scalars())

    def due(self, now: datetime, limit: int = 1000) -> list[tuple[str, str, datetime]]:
        """Return deadlines that have passed: return number, name, moment; the oldest first."""
        passed = select(DEADLINE).where(DEADLINE.c.at <= micros(now)).order_by(DEADLINE.c.at).limit(limit)
        with self._reading() as connection:
            return [(row.number, row.name, moment(row.at)) for row in connection.execute(passed)]

    def received(self, before: datetime | None = None) -> list[tuple[str, str]]:
        """Return the events (return number, id) that were accepted, before a moment, and are not decided on yet."""
        waiting = select(INBOX.c.number, INBOX.c.id).where(INBOX.c.status == "received").order_by(INBOX.c.received)
        if before is not None:
            waiting = waiting.where(INBOX.c.received < micros(before))
        with self._reading() as connection:
            return [(row.number, row.id) for row in connection.execute(waiting)]

    def in_hand(self) -> list[Any]:
        """Return what was given out and has no result yet: the return's number, step, subject, worker and moment."""
        columns = (COMMAND.c.number, COMMAND.c.step, COMMAND.c.subject, COMMAND.c.worker, COMMAND.c.given)
        with self._reading() as connection:
            return list(connection.execute(select(*columns).where(COMMAND.c.finished.is_(None))))

    def unfinished(self) -> list[tuple[str, str]]:
        """Return the events (return number, id) whose commands have no result yet."""
        open_ = select(COMMAND.c.number, COMMAND.c.event).where(COMMAND.c.finished.is_(None)).distinct()
        with self._reading() as connection:
            return [(row.number, row.event) for row in connection.execute(open_)]

    def stale(self, before: datetime) -> list[tuple[str, str, int]]:
        """Return the events (return number, id, runs) that were to be decided on, or carried through, before a moment.

        The oldest first; `runs` is how often their work was begun anew.
        """
        with self._reading() as connection:
            chosen = [one(connection, {"before": micros(before)}).all() for one in (sql.OVERDUE, sql.OPEN_COMMANDS)]
        found = {row.id: (row.number, row.id, row.runs) for rows in chosen for row in rows}
        return list(found.values())

    def origin(self, event_id: str) -> tuple[str, str | None]:
        """Return an event's type, and the trace that it came in with."""
        with self._reading() as connection:
            row = connection.execute(select(INBOX.c.type, INBOX.c.trace).where(INBOX.c.id == event_id)).one()
        return row.type, row.trace

    def trace(self, number: str) -> str | None:
        """Return the trace that a return's first event came in with, of those that had one."""
        told = select(INBOX.c.trace).where(INBOX.c.number == number, INBOX.c.trace.is_not(None))
        with self._reading() as connection:
            return connection.execute(told.order_by(INBOX.c.received).limit(1)).scalar_one_or_none()

    def kept(self, number: str = "") -> list[Kept]:
        """Return the events that changed nothing, and why; of one return or of all."""
        return self._kept(INBOX.c.number == number) if number else self._kept()

    def stranded(self) -> list[Kept]:
        """Return the events that only a person takes further: that could not be decided on, or of no known return."""
        unknown = INBOX.c.number.not_in(select(STATE.c.number)) & (INBOX.c.reason != DISCARDED)
        return self._kept((INBOX.c.reason == POISON) | unknown)

    def _kept(self, *conditions: ColumnElement[bool]) -> list[Kept]:
        chosen = select(INBOX).where(INBOX.c.status == "kept", *conditions).order_by(INBOX.c.received)
        with self._reading() as connection:
            rows = connection.execute(chosen).all()
        return [Kept(row.id, row.number, row.type, moment(row.received), row.reason, row.why or "") for row in rows]

    def became(self, event_id: str) -> str | None:
        """Return what became of an event: why it changed nothing, "" if it did, None if nobody decided on it yet."""
        with self._reading() as connection:
            row = connection.execute(select(INBOX.c.status, INBOX.c.reason).where(INBOX.c.id == event_id)).one()
        return None if row.status == "received" else str(row.reason)

    def audit(self, number: str) -> list[Any]:
        """Return the audit's rows of a return, in their order."""
        chosen = select(AUDIT).where(AUDIT.c.number == number).order_by(AUDIT.c.place)
        with self._reading() as connection:
            return list(connection.execute(chosen))

    def chains(self) -> list[tuple[str, int, str]]:
        """Return where each return's audit has to end: number, how many entries, the last one's hash."""
        with self._reading() as connection:
            chosen = select(STATE.c.number, STATE.c.audit_count, STATE.c.audit_hash).order_by(STATE.c.number)
            return [(row.number, row.audit_count, row.audit_hash) for row in connection.execute(chosen)]

    def keep_findings(
        self, found: Sequence[Mapping[str, Any]], now: datetime, source: str = "reconciliation"
    ) -> list[dict[str, Any]]:
        """Keep the rows of a source's findings; what is not among them any more is gone. Return them as kept."""
        at = micros(now)
        ours = FINDING.c.source == source
        with self._writing() as connection:
            chosen = select(FINDING.c.id, FINDING.c.first_seen, FINDING.c.gone).where(ours)
            known = {row.id: row for row in connection.execute(chosen)}
            ids = {one["id"] for one in found}
            again = [{"_id": id_} for id_ in known if id_ in ids]
            gone = [{"_id": id_} for id_, row in known.items() if id_ not in ids and row.gone is None]
            # By rows of one value each: no database takes a statement with any number of values.
            for statement, rows in ((delete(FINDING), again), (update(FINDING).values(gone=at), gone)):
                if rows:
                    connection.execute(statement.where(FINDING.c.id == bindparam("_id")), rows)
            seen = {"source": source, "last_seen": at, "gone": None}
            first = {id_: row.first_seen for id_, row in known.items()}
            kept = [{**one, **seen, "first_seen": first.get(one["id"], at)} for one in found]
            if kept:
                sql.ADD_FINDINGS(connection, kept)
        return kept
