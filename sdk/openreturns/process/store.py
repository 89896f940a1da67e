"""Where the process keeps what it knows. One decision is one transaction: state, commands, outbox, audit, deadlines.

Works on SQLite and on PostgreSQL. Needs `openreturns[process]`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, delete, event, insert, select, update

from openreturns.errors import ContractError, OpenReturnsError
from openreturns.invariants._exact import minor_unit
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process._absorb import NotApplied
from openreturns.process._tables import AUDIT, COMMAND, DEADLINE, FINDING, INBOX, METADATA, OUTBOX, STATE
from openreturns.process.machine import Decision, decide, waits_for
from openreturns.process.policy import Policy
from openreturns.process.state import Command, ProcessState

__all__ = ["Accepted", "Applied", "Kept", "Store", "database", "micros", "moment"]

Accepted = Literal["new", "duplicate", "conflict"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Events that came before what they are about: looked at again after each change of their return.
_EARLY = ("early", "unknown_return")


@dataclass(frozen=True)
class Applied:
    """What became of an event: `applied` or `kept` (with the reason), and the commands to be done now."""

    status: Literal["applied", "kept"]
    commands: tuple[Command, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Kept:
    """An event that changed nothing, with the reason."""

    id: str
    number: str
    type: str
    at: datetime
    reason: str


def micros(at: datetime) -> int:
    """Return a moment as whole microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """Return the moment of whole microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at)


def database(url: str) -> Engine:
    """Return a database engine: SQLite in WAL mode with a lock taken at the start of each write, or PostgreSQL."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=20, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _opened(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own
        connection.isolation_level = None  # or the driver begins transactions itself, and late
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        looks = connection.get_execution_options().get("looks", False)
        connection.exec_driver_sql("BEGIN" if looks else "BEGIN IMMEDIATE")

    return engine


class Store:
    """The process's tables in one database."""

    def __init__(self, engine: Engine | str) -> None:
        self.engine = database(engine) if isinstance(engine, str) else engine

    def migrate(self) -> None:
        """Make the tables that are not there."""
        METADATA.create_all(self.engine)

    # ------------------------------------------------------------ events in

    def accept(self, number: str, event_: events.Event, now: datetime) -> Accepted:
        """Keep an event, durably, before anybody is told that it was received.

        The same id again is a duplicate; with other content it is a conflict: it is kept beside the first, with
        that reason, and never applied.
        """
        body = event_.to_json()
        digest = _digest(number, body)
        row = {
            "id": event_.id, "number": number, "type": event_.type, "at": micros(event_.at), "received": micros(now),
            "status": "received", "reason": "", "digest": digest, "body": body,
        }  # fmt: skip
        with self.engine.begin() as connection:
            if self._inserted(connection, row):
                return "new"
            known = connection.execute(select(INBOX.c.digest).where(INBOX.c.id == event_.id)).scalar_one()
            if known == digest:
                return "duplicate"
            self._inserted(
                connection, {**row, "id": f"{event_.id}#{digest[:16]}", "status": "kept", "reason": "conflict"}
            )
            return "conflict"

    def _inserted(self, connection: Connection, row: dict[str, Any]) -> bool:
        if self.engine.dialect.name == "sqlite":
            from sqlalchemy.dialects.sqlite import insert as insert_
        else:
            from sqlalchemy.dialects.postgresql import insert as insert_  # type: ignore[assignment] # the same call
        return connection.execute(insert_(INBOX).values(row).on_conflict_do_nothing()).rowcount == 1

    def apply(self, id_: str, policy: Policy, now: datetime) -> Applied:
        """Decide on a kept event and write all that follows, in one transaction.

        Doing it again after a crash gives the same commands again: what was decided stays decided.
        """
        with self.engine.begin() as connection:
            row = connection.execute(select(INBOX).where(INBOX.c.id == id_)).mappings().one()
            if row["status"] == "applied":
                return Applied("applied", tuple(_given(connection, id_)))
            if row["status"] == "kept" and row["reason"] not in _EARLY:
                return Applied("kept", reason=row["reason"])
            state = self._locked(connection, row["number"])
            applied, state = self._decided(connection, row, state, policy, now)
            if applied.status == "applied" and state is not None:
                more = self._again(connection, state, policy, now, id_)
                return Applied("applied", (*applied.commands, *more))
            return applied

    def _locked(self, connection: Connection, number: str) -> ProcessState | None:
        """Return a return's state, held until the transaction ends: two events of one return take turns."""
        if self.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (number,))
        body = connection.execute(select(STATE.c.body).where(STATE.c.number == number)).scalar_one_or_none()
        return ProcessState.model_validate_json(body) if body is not None else None

    def _decided(
        self,
        connection: Connection,
        row: Any,  # noqa: ANN401 - a row
        state: ProcessState | None,
        policy: Policy,
        now: datetime,
    ) -> tuple[Applied, ProcessState | None]:
        event_ = events.EVENT.validate_json(row["body"])
        try:
            decision = decide(state, event_, policy)
        except OpenReturnsError as error:  # this event's documents are wrong: it is kept, the return goes on
            decision = Decision(state, kept=NotApplied("poison", str(error.args[0])))
        if decision.kept is not None or decision.state is None:
            reason = decision.kept.code if decision.kept else "nothing"
            self._keep(connection, row, decision, now)
            return Applied("kept", reason=reason), state
        self._write(connection, row, state, decision, policy, now)
        return Applied("applied", decision.commands), decision.state

    def _keep(self, connection: Connection, row: Any, decision: Decision, now: datetime) -> None:  # noqa: ANN401 - a row
        reason = decision.kept.code if decision.kept else "nothing"
        known = row["reason"] == reason
        connection.execute(update(INBOX).where(INBOX.c.id == row["id"]).values(status="kept", reason=reason))
        if decision.kept and not known and decision.state is not None:
            told = {"event": row["id"], "type": row["type"], "code": reason, "reason": decision.kept.reason}
            self._audited(connection, row["number"], [("event.kept", _by(row), told)], now)

    def _write(
        self,
        connection: Connection,
        row: Any,  # noqa: ANN401 - a row
        before: ProcessState | None,
        decision: Decision,
        policy: Policy,
        now: datetime,
    ) -> None:
        state = decision.state
        assert state is not None  # the caller has looked
        connection.execute(
            update(INBOX).where(INBOX.c.id == row["id"]).values(status="applied", reason="", version=state.version)
        )
        self._put_state(connection, before, state, policy, now)
        self._put_commands(connection, row["id"], before, state, decision.commands, now)
        connection.execute(delete(DEADLINE).where(DEADLINE.c.number == state.number))
        if state.deadlines:
            rows = [{"number": state.number, "name": name, "at": micros(at)} for name, at in state.deadlines.items()]
            connection.execute(insert(DEADLINE), rows)
        if decision.notices:
            connection.execute(insert(OUTBOX), list(_outgoing(state, decision, row, now)))
        self._put_findings(connection, before, state, now)
        self._audited(connection, state.number, _audit_of(row, before, decision), now)

    def _put_state(
        self, connection: Connection, before: ProcessState | None, state: ProcessState, policy: Policy, now: datetime
    ) -> None:
        values = {
            "version": state.version,
            "stage": state.stage,
            "status": state.return_.status,
            "entered": micros(state.entered),
            "updated": micros(now),
            "priority": state.priority,
            "customer": state.return_.customer.id,
            "currency": state.return_.currency,
            "value_minor": _minor(documents.value_of(state.return_), state.return_.currency),
            "credited_minor": sum(
                _minor(one.totals.tax_inclusive.amount, one.currency)
                for one in state.credits
                if state.over("issue_credit", one.number)
            ),
            "running": len(state.running),
            "dead": len(state.dead_letters),
            "waits_for": waits_for(state, policy),
            "body": state.to_json(),
        }
        if before is None:
            connection.execute(insert(STATE).values(number=state.number, audit_count=0, audit_hash=_ZERO, **values))
            return
        written = connection.execute(
            update(STATE).where(STATE.c.number == state.number, STATE.c.version == before.version).values(**values)
        )
        if written.rowcount != 1:
            raise ContractError(f"{state.number} was changed by somebody else meanwhile", kind="version")

    def _put_commands(
        self,
        connection: Connection,
        event_id: str,
        before: ProcessState | None,
        state: ProcessState,
        commands: Iterable[Command],
        now: datetime,
    ) -> None:
        for key, effect in state.effects.items():
            old = before.effects.get(key) if before else None
            if old is not None and old.status == "started" and effect.status != "started":
                connection.execute(
                    update(COMMAND)
                    .where(COMMAND.c.key == key, COMMAND.c.finished.is_(None))
                    .values(status=effect.status, finished=micros(now))
                )
        rows = [
            {
                "key": one.key, "number": state.number, "step": one.step, "subject": one.subject,
                "system": one.system, "status": "given", "given": micros(now), "event": event_id,
                "attempt": _attempt(connection, one.key), "body": one.to_json(),
            }
            for one in commands
        ]  # fmt: skip
        if rows:
            connection.execute(insert(COMMAND), rows)

    def _put_findings(
        self, connection: Connection, before: ProcessState | None, state: ProcessState, now: datetime
    ) -> None:
        known = set(before.findings) if before else set()
        rows = [
            {
                "id": _digest(state.number, one.code, one.subject), "number": state.number, "source": "process",
                "code": one.code, "subject": one.subject, "message": one.message, "systems": "", "owner": "",
                "action": "", "first_seen": micros(one.at), "last_seen": micros(now),
                "currency": one.value.currency if one.value else None,
                "value_minor": _minor(one.value.amount, one.value.currency) if one.value else None,
            }
            for one in state.findings
            if one not in known
        ]  # fmt: skip
        if rows:
            connection.execute(insert(FINDING), rows)

    def _audited(
        self, connection: Connection, number: str, entries: Sequence[tuple[str, str, dict[str, Any]]], now: datetime
    ) -> None:
        """Append to a return's chain: each hash is of the one before and of the entry."""
        at = micros(now)
        where = STATE.c.number == number
        count, last = connection.execute(select(STATE.c.audit_count, STATE.c.audit_hash).where(where)).one()
        rows = []
        for kind, by, told in entries:
            count += 1
            body = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            last = _digest(last, number, str(count), str(at), kind, by, body)
            rows.append(
                {"number": number, "place": count, "at": at, "kind": kind, "by": by, "body": body, "hash": last}
            )
        connection.execute(insert(AUDIT), rows)
        connection.execute(update(STATE).where(where).values(audit_count=count, audit_hash=last))

    def _again(
        self, connection: Connection, state: ProcessState, policy: Policy, now: datetime, cause: str
    ) -> Iterator[Command]:
        """Look again at the events of a return that came too early, until none of them can be applied."""
        commands: list[Command] = []
        current: ProcessState | None = state
        while True:
            waiting = select(INBOX).where(
                INBOX.c.number == state.number, INBOX.c.status == "kept", INBOX.c.reason.in_(_EARLY)
            )
            for row in connection.execute(waiting.order_by(INBOX.c.received)).mappings().all():
                applied, current = self._decided(connection, row, current, policy, now)
                if applied.status == "applied":
                    ours = COMMAND.c.event == row["id"]
                    connection.execute(update(COMMAND).where(ours).values(event=cause))
                    commands += applied.commands
                    break
            else:
                yield from commands
                return

    # ------------------------------------------------------------ reading

    def load(self, number: str) -> ProcessState | None:
        """Return the state of a return."""
        with self._reading() as connection:
            body = connection.execute(select(STATE.c.body).where(STATE.c.number == number)).scalar_one_or_none()
        return ProcessState.model_validate_json(body) if body is not None else None

    def due(self, now: datetime, limit: int = 1000) -> list[tuple[str, str, datetime]]:
        """Return deadlines that have passed: return number, name, moment; the oldest first."""
        passed = select(DEADLINE).where(DEADLINE.c.at <= micros(now)).order_by(DEADLINE.c.at).limit(limit)
        with self._reading() as connection:
            return [(row.number, row.name, moment(row.at)) for row in connection.execute(passed)]

    def received(self) -> list[str]:
        """Return the ids of events that were accepted and are not decided on yet."""
        waiting = select(INBOX.c.id).where(INBOX.c.status == "received").order_by(INBOX.c.received)
        with self._reading() as connection:
            return list(connection.execute(waiting).scalars())

    def kept(self, number: str = "") -> list[Kept]:
        """Return the events that changed nothing, and why; of one return or of all."""
        chosen = select(INBOX).where(INBOX.c.status == "kept").order_by(INBOX.c.received)
        if number:
            chosen = chosen.where(INBOX.c.number == number)
        with self._reading() as connection:
            rows = connection.execute(chosen).all()
        return [Kept(row.id, row.number, row.type, moment(row.at), row.reason) for row in rows]

    def number_of(self, event_id: str) -> str:
        """Return the number of the return that an event is about."""
        with self._reading() as connection:
            return str(connection.execute(select(INBOX.c.number).where(INBOX.c.id == event_id)).scalar_one())

    def unfinished(self) -> list[tuple[str, str]]:
        """Return the events (return number, id) whose commands have no result yet."""
        open_ = select(COMMAND.c.number, COMMAND.c.event).where(COMMAND.c.finished.is_(None)).distinct()
        with self._reading() as connection:
            return [(row.number, row.event) for row in connection.execute(open_)]

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(looks=True) as connection:  # no write lock for a look
            yield connection


_ZERO = "0" * 64


def _digest(*parts: str) -> str:
    exact = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(exact.encode()).hexdigest()


def _minor(amount: Any, currency: str) -> int:  # noqa: ANN401 - a Decimal
    return int(amount / minor_unit(currency))


def _given(connection: Connection, event_id: str) -> Iterator[Command]:
    chosen = select(COMMAND.c.body).where(COMMAND.c.event == event_id, COMMAND.c.finished.is_(None))
    return (Command.model_validate_json(body) for body in connection.execute(chosen).scalars().all())


def _attempt(connection: Connection, key: str) -> int:
    return len(connection.execute(select(COMMAND.c.attempt).where(COMMAND.c.key == key)).all()) + 1


def _by(row: Any) -> str:  # noqa: ANN401 - a row
    return str(json.loads(row["body"]).get("by", ""))


def _outgoing(state: ProcessState, decision: Decision, row: Any, now: datetime) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    for place, notice in enumerate(decision.notices):
        body = {"notice": notice.to_dict(), "correlation": state.return_.meta.correlation_id, "causation": row["id"]}
        yield {
            "id": f"{state.number}/{state.version}/{place}",
            "number": state.number,
            "type": notice.type,
            "at": micros(now),
            "body": json.dumps(body, ensure_ascii=False),
        }


def _audit_of(row: Any, before: ProcessState | None, decision: Decision) -> list[tuple[str, str, dict[str, Any]]]:  # noqa: ANN401
    """Return what the audit keeps of a decision: the event, what was given out, what came of it, who agreed."""
    state = decision.state
    assert state is not None  # only decisions that were applied are written
    by = _by(row)
    event_body = json.loads(row["body"])
    entries = [(str(row["type"]), by, {"event": row["id"], "body": event_body, "stage": state.stage})]
    for command in decision.commands:
        told = {"key": command.key, "step": command.step, "subject": command.subject, "system": command.system}
        entries.append(("command.given", "", {**told, "causation": row["id"]}))
    return entries
