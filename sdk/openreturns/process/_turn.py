"""A return under decision, in a transaction of its own: what is known of it, and all that is written in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from openreturns.errors import ContractError, OpenReturnsError
from openreturns.process import _rows as rows
from openreturns.process import _statements as sql
from openreturns.process._facts import NotApplied
from openreturns.process._inbox import Incoming
from openreturns.process.machine import Decision, decide
from openreturns.process.policy import Policy
from openreturns.process.state import Command, ProcessState
from openreturns.process.telemetry import Decided

__all__ = ["Turn"]

_ORDER = (
    sql.ADD_EVENT,
    sql.MARK,
    sql.FINISH_COMMANDS,  # before another attempt at one of them is given out
    sql.ADD_COMMANDS,
    sql.MOVE_DEADLINE,
    sql.DROP_DEADLINES,
    sql.ADD_DEADLINES,
    sql.ADD_NOTICES,
    sql.ADD_FINDINGS,
    sql.ADD_AUDIT,
)


_ITS_OWN_TURN = NotApplied("", "what is wrong with it comes out when it is decided on by itself")


@dataclass
class Turn:
    """A return under decision. `taken` says that the event was decided on before, `others` that more of them wait."""

    connection: Connection
    number: str
    policy: Policy
    now: datetime
    worker: str
    state: ProcessState | None = None
    taken: bool = False
    others: bool = True
    written: int = 0
    """The version of the state in the table."""
    entries: int = 0
    last: str = "0" * 64
    """How many entries the audit has, and the last one's hash."""
    decided: list[Decided] = field(default_factory=list)
    _told: list[rows.Told] = field(default_factory=list)
    _rows: dict[sql.Statement, list[sql.Row]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(
        cls,
        connection: Connection,
        number: str,
        event_id: str,
        policy: Policy,
        now: datetime,
        worker: str,
        known: ProcessState | None = None,
    ) -> Turn:
        """Return a return as it is. What is `known` of it need not be read again, unless it was changed since."""
        asked = {"return": number, "event": event_id, "known": known.version if known else 0}
        found = sql.STATE_OF(connection, asked).one_or_none()
        if found is None:
            return cls(connection, number, policy, now, worker)
        state = known if found.body is None else ProcessState.read(found.body, number)
        return cls(
            connection, number, policy, now, worker, state,
            taken=bool(found.taken), others=bool(found.others), written=found.version, entries=found.audit_count,
            last=found.audit_hash,
        )  # fmt: skip

    def take(self, incoming: Incoming, *, alone: bool) -> tuple[tuple[Command, ...], NotApplied | None]:
        """Decide on an event, and on those that came too early for what they are about, as often as that helps.

        Unless it is to be `alone`, what came in meanwhile is decided on too.
        """
        commands, kept = self._decided(incoming, incoming.root)
        if kept is None and self.others:
            commands += self._others(incoming, alone=alone)
        self._write()
        return commands, kept

    def _decided(self, incoming: Incoming, root: str) -> tuple[tuple[Command, ...], NotApplied | None]:
        before = self.state
        try:
            decision = decide(before, incoming.event, self.policy)
        except OpenReturnsError as error:  # this event's documents are wrong: it is kept, the return goes on
            decision = Decision(before, kept=NotApplied("poison", str(error.args[0])))
        except Exception:
            if not incoming.fresh:
                raise
            return (), _ITS_OWN_TURN
        if decision.kept is not None:
            self._keep(incoming, decision.kept)
            return (), decision.kept
        state = decision.state
        assert state is not None  # what is not kept has a state
        self.state = state
        self.decided.append(Decided(before, incoming.event, state))
        self._mark(incoming, "applied", version=state.version)
        self._add(sql.FINISH_COMMANDS, rows.finished(before, state, self.now))
        self._add(sql.ADD_COMMANDS, [self._given(one, before, root) for one in decision.commands])
        moved, gone, new = rows.deadlines(before, state)
        self._add(sql.MOVE_DEADLINE, moved)
        self._add(sql.DROP_DEADLINES, gone)
        self._add(sql.ADD_DEADLINES, new)
        self._add(sql.ADD_NOTICES, rows.notices(state, decision, incoming.id, self.now))
        self._add(sql.ADD_FINDINGS, rows.findings(before, state, self.now))
        self._told += rows.told(incoming, state, decision)
        return decision.commands, None

    def _keep(self, incoming: Incoming, kept: NotApplied) -> None:
        if incoming.reason == kept.code:
            return
        self._mark(incoming, "kept", kept)
        if self.state is not None:
            self._told.append(rows.kept(incoming, kept.code, kept.reason))

    def _mark(
        self, incoming: Incoming, status: str, kept: NotApplied | None = None, version: int | None = None
    ) -> None:
        code, why = (kept.code, kept.reason) if kept else ("", None)
        marked = {"status": status, "reason": code, "why": why, "version": version}
        if incoming.row is None:
            self._add(sql.MARK, [{"event": incoming.id, **marked}])
        else:
            self._add(sql.ADD_EVENT, [{**incoming.row, **marked}])

    def _given(self, command: Command, before: ProcessState | None, root: str) -> sql.Row:
        attempt = 1
        if before is not None and command.key in before.effects:
            attempt += sql.ATTEMPTS(self.connection, {"key": command.key}).scalar_one()
        return rows.given(command, self.number, root, attempt, self.now, self.worker)

    def _others(self, cause: Incoming, *, alone: bool) -> tuple[Command, ...]:
        """Decide on other events of the return, until none of them can be applied."""
        self._write_rows()  # what one decision writes comes before the next one's
        found = sql.WAITING(self.connection, {"return": self.number, "event": cause.id})
        events = [Incoming.of(one, fresh=one.status == "received") for one in found]
        waiting = [one for one in events if not (alone and one.fresh)]
        commands: tuple[Command, ...] = ()
        place = 0
        while place < len(waiting):
            given, kept = self._decided(waiting[place], cause.root)
            if kept is not None and kept.code in sql.EARLY_REASONS:
                waiting[place] = replace(waiting[place], reason=kept.code, fresh=False)
                place += 1
                continue
            del waiting[place]
            if kept is None:
                self._write_rows()
                commands += given
                place = 0
        return commands

    # ------------------------------------------------------------ writing

    def _add(self, statement: sql.Statement, added: Iterable[sql.Row]) -> None:
        self._rows[statement].extend(added)

    def _write_rows(self) -> None:
        for statement in _ORDER:
            if values := self._rows.pop(statement, None):
                statement(self.connection, values if len(values) > 1 else values[0])

    def _write(self) -> None:
        state, told = self.state, self._told
        for one in told:
            entry = rows.entry(self.number, self.entries + 1, self.last, one, self.now)
            self.entries, self.last = entry["place"], entry["hash"]
            self._add(sql.ADD_AUDIT, [entry])
        self._write_rows()
        if state is None or not told:
            return
        values = {**rows.state_row(state, self.policy, self.now), "audit_count": self.entries, "audit_hash": self.last}
        if not self.written:
            sql.ADD_STATE(self.connection, values)
        elif sql.PUT_STATE(self.connection, {**values, "before": self.written}).rowcount != 1:
            raise ContractError(f"{self.number} was changed by somebody else meanwhile", kind="version")
