"""Where the process keeps what it knows. One decision is one transaction: state, commands, outbox, audit, deadlines.

Works on SQLite and on PostgreSQL. Needs `openreturns[process]`.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, select, update

from openreturns.errors import ContractError, OpenReturnsError
from openreturns.invariants._exact import minor_unit
from openreturns.process import _documents as documents
from openreturns.process import _statements as sql
from openreturns.process import events
from openreturns.process._absorb import NotApplied
from openreturns.process._tables import AUDIT, COMMAND, DEADLINE, FINDING, INBOX, LEASE, METADATA, STATE
from openreturns.process.machine import Decision, decide, waits_for
from openreturns.process.policy import Policy
from openreturns.process.state import Command, ProcessState

__all__ = ["Accepted", "Applied", "Kept", "Store", "database", "digest", "micros", "moment"]

Accepted = Literal["new", "duplicate", "conflict"]

_WITH_TRANSACTION_TIMEOUT = 170000  # PostgreSQL's version
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def digest(*parts: str) -> str:
    """Return the SHA-256 of texts, each with its length before it."""
    exact = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(exact.encode()).hexdigest()


def database(url: str) -> Engine:
    """Return a database engine: SQLite in WAL mode, or PostgreSQL."""
    if not url.startswith("sqlite"):
        postgresql = create_engine(url, pool_size=20)
        event.listen(postgresql, "connect", _bounded)
        return postgresql
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _opened(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _bounded(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own
    """Bound a session's transactions: a worker that stands still in one would hold up whoever takes over from it."""
    connection.execute("SET idle_in_transaction_session_timeout = '10s'")
    if connection.info.server_version >= _WITH_TRANSACTION_TIMEOUT:  # also one that stands still in a pipeline
        connection.execute("SET transaction_timeout = '30s'")
    connection.commit()


def _ours(url: str) -> Engine:
    """Return a database engine that takes SQLite's lock at the start of each write: to wait, and not to fail, later."""
    engine = database(url)
    if engine.dialect.name != "sqlite":
        return engine

    @event.listens_for(engine, "connect")
    def _opened(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own
        connection.isolation_level = None  # or the driver begins transactions itself, and late
        connection.execute("PRAGMA synchronous=FULL")  # what is accepted outlives a power cut

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        looks = connection.get_execution_options().get("looks", False)
        connection.exec_driver_sql("BEGIN" if looks else "BEGIN IMMEDIATE")

    return engine


@dataclass
class _Row:
    """A return under decision: its state as last written, and the end of its audit chain."""

    state: ProcessState | None = None
    count: int = 0
    last: str = "0" * 64
    written: int = 0
    audit: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class _Incoming:
    """An event of the inbox, parsed."""

    id: str
    number: str
    reason: str
    event: events.Event
    body: str

    @property
    def root(self) -> str:
        """The event from outside that led to this one: commands stay its until they are done, whatever the turn."""
        return self.id.partition("#")[0] if self.event.type == "commands.finished" else self.id

    @classmethod
    def of(cls, row: Any) -> _Incoming:  # noqa: ANN401 - a row of the inbox
        return cls(row.id, row.number, row.reason, events.EVENT.validate_json(row.body), row.body)


class Store:
    """The process's tables in one database."""

    def __init__(self, url: str) -> None:
        self.engine = _ours(url)
        self._accept = sql.ACCEPT[self.engine.dialect.name]
        self._beat = sql.BEAT[self.engine.dialect.name]
        self._postgresql = self.engine.dialect.name == "postgresql"

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def migrate(self) -> None:
        """Make the tables that are not there."""
        METADATA.create_all(self.engine)

    # ------------------------------------------------------------ events in

    def accept(
        self,
        number: str,
        event_: events.Event,
        now: datetime,
        queue: Callable[[Connection, int | None], object] | None = None,
    ) -> Accepted:
        """Keep an event, durably, before anybody is told that it was received.

        The same id again is a duplicate; with other content it is a conflict: it is kept beside the first, with
        that reason, and never applied. For a new one `queue` is called in the same transaction, with the return's
        priority (None: nothing is known of it yet).

        Raises ContractError for a request under another number than its return's.
        """
        if isinstance(event_, events.ReturnRequested) and event_.return_.number != number:
            raise ContractError(f"the return {event_.return_.number} is asked for as {number}", kind="invariant")
        with self.engine.begin() as connection:
            accepted = self._accepted(connection, number, event_, event_.to_json(), now)
            if accepted == "new" and queue is not None:
                queue(connection, connection.execute(sql.PRIORITY, {"return": number}).scalar_one_or_none())
            return accepted

    def _accepted(
        self, connection: Connection, number: str, event_: events.Event, body: str, now: datetime, *, once: bool = False
    ) -> Accepted:
        told = digest(number, body)
        row = {
            "id": event_.id, "number": number, "type": event_.type, "at": micros(event_.at), "received": micros(now),
            "status": "received", "reason": "", "version": None, "runs": 0, "digest": told, "body": body,
        }  # fmt: skip
        if connection.execute(self._accept, row).one_or_none() is not None:  # not every driver counts what it put in
            return "new"
        if once:
            return "duplicate"
        if connection.execute(sql.DIGEST, {"event": event_.id}).scalar_one() == told:
            return "duplicate"
        beside = {**row, "id": f"{event_.id}#{told[:16]}", "status": "kept", "reason": "conflict"}
        connection.execute(self._accept, beside)
        return "conflict"

    def apply(self, number: str, id_: str, policy: Policy, now: datetime) -> Applied:
        """Decide on an accepted event and write all that follows, in one transaction.

        Doing it again after a crash gives the commands again that have no result: what is decided stays decided.
        """
        with self._turn(number) as connection:
            row = connection.execute(sql.EVENT, {"event": id_}).one()
            if row.status == "applied":
                return Applied("applied", tuple(_given(connection, id_)))
            if row.status == "kept" and row.reason not in sql.EARLY_REASONS:
                return Applied("kept", reason=row.reason)
            return self._applied(connection, _Incoming.of(row), policy, now)

    def finish(
        self, number: str, root: str, results: Sequence[events.Result], policy: Policy, now: datetime
    ) -> Applied:
        """Take in what came of commands that the event `root` led to, and decide on it, in one transaction.

        Where somebody else has done so before (a worker that took over from this one) nothing more is given out.
        """
        keys = sorted(result.key for result in results)
        id_ = f"{root}#{digest(*keys)[:16]}"
        event_ = events.CommandsFinished(id=id_, at=now, by="process", results=tuple(results))
        body = event_.to_json()
        with self._turn(number) as connection:
            if self._accepted(connection, number, event_, body, now, once=True) == "new":
                return self._applied(connection, _Incoming(id_, number, "", event_, body), policy, now)
        return Applied("kept", reason="overtaken")

    def _applied(self, connection: Connection, incoming: _Incoming, policy: Policy, now: datetime) -> Applied:
        row = self._row(connection, incoming.number)
        applied = self._decided(connection, incoming, row, policy, now)
        if applied.status == "applied":
            commands = [*applied.commands, *self._early(connection, row, policy, now, incoming)]
            applied = Applied("applied", tuple(commands))
        self._put_state(connection, row, policy, now)
        return applied

    @contextmanager
    def _turn(self, number: str) -> Iterator[Connection]:
        """Begin a transaction that nobody else has of the same return: its events take turns, on every machine.

        The turn comes before anything is read, or two workers could find one event undecided and both decide.
        """
        with self.engine.begin() as connection:
            if self._postgresql:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (number,))
            yield connection

    def _row(self, connection: Connection, number: str) -> _Row:
        found = connection.execute(sql.STATE_OF, {"return": number}).one_or_none()
        if found is None:
            return _Row()
        state = ProcessState.model_validate_json(found.body)
        return _Row(state, found.audit_count, found.audit_hash, found.version)

    def _decided(
        self, connection: Connection, incoming: _Incoming, row: _Row, policy: Policy, now: datetime
    ) -> Applied:
        try:
            decision = decide(row.state, incoming.event, policy)
        except OpenReturnsError as error:  # this event's documents are wrong: it is kept, the return goes on
            decision = Decision(row.state, kept=NotApplied("poison", str(error.args[0])))
        if decision.kept is not None:
            return self._keep(connection, incoming, row, decision.kept, now)
        before, state = row.state, decision.state
        assert state is not None  # what is not kept has a state
        done = {"event": incoming.id, "now_is": "applied", "because": "", "at_version": state.version}
        connection.execute(sql.MARK, done)
        row.state = state
        self._put_commands(connection, incoming.root, before, state, decision.commands, now)
        if before is None or before.deadlines != state.deadlines:
            self._put_deadlines(connection, state, renew=before is not None and bool(before.deadlines))
        if decision.notices:
            connection.execute(sql.ADD_NOTICES, list(_outgoing(state, decision, incoming.id, now)))
        self._put_findings(connection, before, state, now)
        _audited(row, incoming.number, _told(incoming, state, decision), now)
        return Applied("applied", decision.commands)

    def _keep(self, connection: Connection, incoming: _Incoming, row: _Row, kept: NotApplied, now: datetime) -> Applied:
        if incoming.reason != kept.code:
            why = {"event": incoming.id, "now_is": "kept", "because": kept.code, "at_version": None}
            connection.execute(sql.MARK, why)
            if row.state is not None:
                told = {"event": incoming.id, "type": incoming.event.type, "code": kept.code, "reason": kept.reason}
                _audited(row, incoming.number, [("event.kept", incoming.event.by, told)], now)
        return Applied("kept", reason=kept.code)

    def _early(
        self, connection: Connection, row: _Row, policy: Policy, now: datetime, cause: _Incoming
    ) -> Iterator[Command]:
        """Look again at the events of a return that came too early, until none of them can be applied."""
        again = True
        while again:
            again = False
            for one in connection.execute(sql.EARLY, {"return": cause.number}).all():
                applied = self._decided(connection, _Incoming.of(one), row, policy, now)
                if applied.status == "applied":
                    connection.execute(sql.HAND_OVER, {"given_by": one.id, "cause": cause.root})
                    yield from applied.commands
                    again = True
                    break

    # ------------------------------------------------------------ what a decision writes

    def _put_state(self, connection: Connection, row: _Row, policy: Policy, now: datetime) -> None:
        state = row.state
        if row.audit:
            connection.execute(sql.ADD_AUDIT, row.audit)
        if state is None or (not row.audit and state.version == row.written):
            return
        values = {**_columns(state, policy, now), "audit_count": row.count, "audit_hash": row.last}
        if not row.written:
            connection.execute(sql.ADD_STATE, {"number": state.number, **values})
            return
        changed = connection.execute(sql.PUT_STATE, {"return": state.number, "before": row.written, **values})
        if changed.rowcount != 1:
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
        at = micros(now)
        known = before.effects if before else {}
        finished = [
            {"of": key, "became": effect.status, "at": at}
            for key, effect in state.effects.items()
            if effect.status != "started" and key in known and known[key].status == "started"
        ]
        if finished:
            connection.execute(sql.FINISH_COMMAND, finished)
        given = [
            {
                "key": one.key, "number": state.number, "step": one.step, "subject": one.subject,
                "system": one.system, "status": "given", "given": at, "begun": None, "finished": None,
                "event": event_id,
                "attempt": _attempt(connection, one.key) if one.key in known else 1, "body": one.to_json(),
            }
            for one in commands
        ]  # fmt: skip
        if given:
            connection.execute(sql.ADD_COMMANDS, given)

    def _put_deadlines(self, connection: Connection, state: ProcessState, *, renew: bool) -> None:
        if renew:
            connection.execute(sql.DROP_DEADLINES, {"return": state.number})
        rows = [{"number": state.number, "name": name, "at": micros(at)} for name, at in state.deadlines.items()]
        if rows:
            connection.execute(sql.ADD_DEADLINES, rows)

    def _put_findings(
        self, connection: Connection, before: ProcessState | None, state: ProcessState, now: datetime
    ) -> None:
        known = len(before.findings) if before else 0
        rows = [
            {
                "id": digest(state.number, one.code, one.subject), "number": state.number, "source": "process",
                "code": one.code, "subject": one.subject, "message": one.message, "systems": "", "owner": "",
                "action": "", "first_seen": micros(one.at), "last_seen": micros(now), "gone": None,
                "currency": one.value.currency if one.value else None,
                "value_minor": minor(one.value.amount, one.value.currency) if one.value else None,
            }
            for one in state.findings[known:]
        ]  # fmt: skip
        if rows:
            connection.execute(sql.ADD_FINDINGS, rows)

    def begin(self, key: str, now: datetime) -> bool:
        """Mark that a command is about to be done; return False if it was before, by who may have died of it."""
        with self.engine.begin() as connection:
            return connection.execute(sql.BEGIN, {"of": key, "at": micros(now)}).rowcount == 1

    def bury(self, number: str, event_id: str, why: str, policy: Policy, now: datetime) -> None:
        """Make dead letters of an event that nobody can carry through: of itself, or of the commands it led to."""
        with self._turn(number) as connection:
            commands = tuple(_given(connection, event_id))
            if not commands:
                told = {"event": event_id, "now_is": "kept", "because": "poison", "at_version": None}
                connection.execute(sql.MARK, told)
        if commands:
            results = [events.Result(key=one.key, status="poison", kind="killed", problems=(why,)) for one in commands]
            self.finish(number, event_id, results, policy, now)

    # ------------------------------------------------------------ workers

    def _clock(self, connection: Connection) -> int:
        """Return what time it is for all workers: several machines go by the database's clock."""
        if self._postgresql:
            return int(connection.execute(sql.CLOCK).scalar_one())
        return time.time_ns() // 1000

    def beat(self, worker: str) -> None:
        """Show that a worker lives."""
        with self.engine.begin() as connection:
            connection.execute(self._beat, {"worker": worker, "beat": self._clock(connection)})

    def alive(self, lease: timedelta) -> set[str]:
        """Return the workers that were heard of within a lease's time."""
        with self._reading() as connection:
            heard = self._clock(connection) - lease // timedelta(microseconds=1)
            return set(connection.execute(select(LEASE.c.worker).where(LEASE.c.beat >= heard)).scalars())

    def forget(self, lease: timedelta) -> None:
        """Drop the leases of workers that were not heard of for a lease's time, once their work is taken over."""
        with self.engine.begin() as connection:
            silent = self._clock(connection) - lease // timedelta(microseconds=1)
            connection.execute(delete(LEASE).where(LEASE.c.beat < silent))

    def leave(self, worker: str) -> None:
        """End a worker's lease."""
        with self.engine.begin() as connection:
            connection.execute(delete(LEASE).where(LEASE.c.worker == worker))

    def stale(self, before: datetime, limit: int = 500) -> list[tuple[str, str, int]]:
        """Return the events (return number, id, runs) that were to be decided on, or carried through, before a moment.

        The oldest first; `runs` is how often their work was begun anew.
        """
        with self._reading() as connection:
            found: dict[str, tuple[str, str, int]] = {}
            for chosen in (sql.OVERDUE, sql.OPEN_COMMANDS):
                for row in connection.execute(chosen.limit(limit), {"before": micros(before)}):
                    found[row.id] = (row.number, row.id, row.runs)
            return list(found.values())

    def again(self, event_id: str, runs: int) -> bool:
        """Count that an event's work is begun anew; return False if somebody else has done so."""
        with self.engine.begin() as connection:
            return connection.execute(sql.AGAIN, {"event": event_id, "before": runs}).rowcount == 1

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

    def received(self, before: datetime | None = None) -> list[tuple[str, str]]:
        """Return the events (return number, id) that were accepted, before a moment, and are not decided on yet."""
        waiting = select(INBOX.c.number, INBOX.c.id).where(INBOX.c.status == "received").order_by(INBOX.c.received)
        if before is not None:
            waiting = waiting.where(INBOX.c.received < micros(before))
        with self._reading() as connection:
            return [(row.number, row.id) for row in connection.execute(waiting)]

    def kept(self, number: str = "") -> list[Kept]:
        """Return the events that changed nothing, and why; of one return or of all."""
        chosen = select(INBOX).where(INBOX.c.status == "kept").order_by(INBOX.c.received)
        if number:
            chosen = chosen.where(INBOX.c.number == number)
        with self._reading() as connection:
            rows = connection.execute(chosen).all()
        return [Kept(row.id, row.number, row.type, moment(row.at), row.reason) for row in rows]

    def numbers(self) -> list[str]:
        """Return the numbers of all returns."""
        with self._reading() as connection:
            return list(connection.execute(select(STATE.c.number).order_by(STATE.c.number)).scalars())

    def keep_findings(self, found: Sequence[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
        """Keep the rows of a reconciliation; what is not among them any more is gone. Return them as they are kept."""
        at = micros(now)
        ours = FINDING.c.source == "reconciliation"
        with self.engine.begin() as connection:
            known = {row.id: row.first_seen for row in connection.execute(select(FINDING).where(ours))}
            ids = [one["id"] for one in found]
            gone = update(FINDING).where(ours, FINDING.c.gone.is_(None), FINDING.c.id.not_in(ids))
            connection.execute(gone.values(gone=at))
            connection.execute(delete(FINDING).where(ours, FINDING.c.id.in_(ids)))
            seen = {"source": "reconciliation", "last_seen": at, "gone": None}
            rows = [{**one, **seen, "first_seen": known.get(one["id"], at)} for one in found]
            if rows:
                connection.execute(sql.ADD_FINDINGS, rows)
        return rows

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

    def board(self) -> list[Any]:
        """Return every return's row, without its body, with its next deadline."""
        columns = [column for column in STATE.columns if column.name != "body"]
        deadline = select(func.min(DEADLINE.c.at)).where(DEADLINE.c.number == STATE.c.number).scalar_subquery()
        with self._reading() as connection:
            chosen = select(*columns, deadline.label("deadline")).order_by(STATE.c.priority, STATE.c.entered)
            return list(connection.execute(chosen))

    def unfinished(self) -> list[tuple[str, str]]:
        """Return the events (return number, id) whose commands have no result yet."""
        open_ = select(COMMAND.c.number, COMMAND.c.event).where(COMMAND.c.finished.is_(None)).distinct()
        with self._reading() as connection:
            return [(row.number, row.event) for row in connection.execute(open_)]

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(looks=True) as connection:  # no write lock for a look
            yield connection


def minor(amount: Decimal, currency: str) -> int:
    """Return an amount in the smallest units of its currency, whole."""
    return int(amount / minor_unit(currency))


def _columns(state: ProcessState, policy: Policy, now: datetime) -> dict[str, Any]:
    """Return what the tables say of a state, beside its body."""
    return_ = state.return_
    return {
        "version": state.version,
        "stage": state.stage,
        "status": return_.status,
        "entered": micros(state.entered),
        "updated": micros(now),
        "priority": state.priority,
        "customer": return_.customer.id,
        "currency": return_.currency,
        "value_minor": minor(documents.value_of(return_), return_.currency),
        "credited_minor": sum(
            minor(one.totals.tax_inclusive.amount, one.currency)
            for one in state.credits
            if one.status != "voided" and state.over("issue_credit", one.number)
        ),
        "running": len(state.running),
        "dead": len(state.dead_letters),
        "waits_for": waits_for(state, policy),
        "body": state.to_json(),
    }


def _audited(row: _Row, number: str, entries: Sequence[tuple[str, str, dict[str, Any]]], now: datetime) -> None:
    """Append to a return's chain: each hash is of the one before and of the entry."""
    at = micros(now)
    for kind, by, told in entries:
        row.count += 1
        body = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        row.last = digest(row.last, number, str(row.count), str(at), kind, by, body)
        entry = {"number": number, "place": row.count, "at": at, "kind": kind, "by": by, "body": body, "hash": row.last}
        row.audit.append(entry)


def _given(connection: Connection, event_id: str) -> Iterator[Command]:
    bodies = connection.execute(sql.GIVEN, {"event_id": event_id}).scalars().all()
    return (Command.model_validate_json(body) for body in bodies)


def _attempt(connection: Connection, key: str) -> int:
    return len(connection.execute(sql.ATTEMPTS, {"of": key}).all()) + 1


def _outgoing(state: ProcessState, decision: Decision, cause: str, now: datetime) -> Iterator[dict[str, Any]]:
    for place, notice in enumerate(decision.notices):
        body = {"notice": notice.to_dict(), "correlation": state.return_.meta.correlation_id, "causation": cause}
        yield {
            "id": f"{state.number}/{state.version}/{place}",
            "number": state.number,
            "type": notice.type,
            "at": micros(now),
            "relayed": None,
            "body": json.dumps(body, ensure_ascii=False),
        }


def _told(incoming: _Incoming, state: ProcessState, decision: Decision) -> list[tuple[str, str, dict[str, Any]]]:
    """Return what the audit keeps of a decision: the event, whole, and what was given out because of it."""
    event_ = incoming.event
    entries: list[tuple[str, str, dict[str, Any]]] = [
        (event_.type, event_.by, {"event": incoming.id, "body": incoming.body, "stage": state.stage})
    ]
    for command in decision.commands:
        told = {"key": command.key, "step": command.step, "subject": command.subject, "system": command.system}
        entries.append(("command.given", "", {**told, "causation": incoming.id}))
    return entries
