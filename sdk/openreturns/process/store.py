"""Where the process keeps what it knows. One decision is one transaction: state, commands, outbox, audit, deadlines.

Works on SQLite and on PostgreSQL. Needs `openreturns[process]`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from openreturns.errors import ContractError
from openreturns.process import _statements as sql
from openreturns.process import events
from openreturns.process._board import Board, Kept
from openreturns.process._inbox import Accepted, Incoming, put_in
from openreturns.process._leases import Leases
from openreturns.process._model import reading
from openreturns.process._turn import Turn
from openreturns.process._values import digest, micros
from openreturns.process.policy import Policy
from openreturns.process.state import Command, ProcessState
from openreturns.process.telemetry import Decided

__all__ = ["Accepted", "Applied", "Kept", "Store"]


@dataclass(frozen=True)
class Applied:
    """What became of an event: `applied` or `kept` (with the reason), and the commands to be done now.

    `state` is the return's then, for whoever decides on it next, and `decided` what was decided on the way there.
    """

    status: Literal["applied", "kept"]
    commands: tuple[Command, ...] = ()
    reason: str = ""
    state: ProcessState | None = None
    decided: tuple[Decided, ...] = ()


class Store(Board, Leases):
    """The process's tables in one database, and the decisions that change them.

    `worker` is the name under which who decides here holds a lease: what is given out is in its hands.
    """

    def __init__(self, url: str, worker: str = "") -> None:
        super().__init__(url)
        self.worker = worker

    def accept(
        self,
        number: str,
        event: events.Event,
        now: datetime,
        queue: Callable[[Connection, int | None], object] | None = None,
    ) -> Accepted:
        """Keep an event, durably, before anybody is told that it was received.

        The same id again is a duplicate; with other content it is a conflict: it is kept beside the first, with
        that reason, and never applied. For a new one `queue` is called in the same transaction, with the return's
        priority (None: nothing is known of it yet).

        Raises ContractError for a request under another number than its return's.
        """
        if isinstance(event, events.ReturnRequested) and event.return_.number != number:
            raise ContractError(f"the return {event.return_.number} is asked for as {number}", kind="invariant")
        with self._writing() as connection:
            accepted = put_in(connection, number, event, now)
            if accepted == "new" and queue is not None:
                queue(connection, sql.PRIORITY(connection, {"return": number}).scalar_one_or_none())
            return accepted

    def apply(self, number: str, id_: str, policy: Policy, now: datetime, *, alone: bool = False) -> Applied:
        """Decide on an accepted event and write all that follows, in one transaction.

        Doing it again after a crash gives the commands again that have no result: what is decided stays decided.
        Other events of the return that wait are decided on too, unless this one is to be `alone`.
        """
        with self._turn(number) as connection:
            row = sql.EVENT(connection, {"event": id_}).one()
            if row.status == "applied":
                commands = _given(connection, id_)
                if commands:
                    sql.TAKE(connection, {"event": id_, "worker": self.worker})
                return Applied("applied", commands)
            if row.status == "kept":  # one that came too early is looked at again whenever its return changes
                return Applied("kept", reason=row.reason)
            return _taken(Turn.of(connection, number, id_, policy, now, self.worker), Incoming.of(row), alone=alone)

    def finish(
        self,
        number: str,
        root: str,
        results: Sequence[events.Result],
        policy: Policy,
        now: datetime,
        known: ProcessState | None = None,
    ) -> Applied:
        """Take in what came of commands that the event `root` led to, and decide on it, in one transaction.

        Where somebody else has done so before (a worker that took over from this one) nothing more is given out.
        `known` is the return's state after the decision before, if that is at hand.
        """
        keys = sorted(result.key for result in results)
        id_ = f"{root}#{digest(*keys)[:16]}"
        event = events.CommandsFinished(id=id_, at=now, by="process", results=tuple(results))
        incoming = Incoming.new(number, event, now)
        with self._turn(number) as connection:
            turn = Turn.of(connection, number, id_, policy, now, self.worker, known)
            return Applied("kept", reason="overtaken") if turn.taken else _taken(turn, incoming, alone=True)

    def begin(self, key: str, now: datetime) -> bool:
        """Mark that a command is about to be done; return False if it was before, by who may have died of it."""
        with self._writing() as connection:
            return sql.BEGIN(connection, {"key": key, "begun": micros(now)}).rowcount == 1

    def bury(self, number: str, event_id: str, why: str, policy: Policy, now: datetime) -> None:
        """Make dead letters of an event that nobody can carry through: of itself, or of the commands it led to."""
        with self._turn(number) as connection:
            commands = _given(connection, event_id)
            if not commands:
                poison = {"event": event_id, "status": "kept", "reason": "poison", "why": why, "version": None}
                sql.MARK(connection, poison)
        if commands:
            results = [events.Result(key=one.key, status="poison", kind="killed", problems=(why,)) for one in commands]
            self.finish(number, event_id, results, policy, now)

    def again(self, event_id: str, runs: int) -> bool:
        """Count that an event's work is begun anew; return False if somebody else has done so."""
        with self._writing() as connection:
            return sql.AGAIN(connection, {"event": event_id, "before": runs}).rowcount == 1


def _taken(turn: Turn, incoming: Incoming, *, alone: bool) -> Applied:
    commands, kept = turn.take(incoming, alone=alone)
    return (
        Applied("applied", commands, state=turn.state, decided=tuple(turn.decided))
        if kept is None
        else Applied("kept", reason=kept.code)
    )


def _given(connection: Connection, event_id: str) -> tuple[Command, ...]:
    bodies = sql.GIVEN(connection, {"event": event_id}).scalars()
    what = f"a command of {event_id}"
    return tuple(reading(Command.model_validate_json, body, what) for body in bodies)
