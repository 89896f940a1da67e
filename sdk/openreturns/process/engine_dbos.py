"""The durable engine: DBOS on SQLite or PostgreSQL. Events survive crashes; a dead worker's work is taken over.

Each event is one short workflow. It records no steps of its own: what is decided and what came of it is in the
process's tables, written once, so a workflow that is run again goes on where the tables say, and a new version of
the code may take over what an old one left. Of DBOS it takes the queue, priorities, recovery and their limits; an
event whose workflow ended without carrying it through, for whatever reason, is given another.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import ClassVar, TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, WorkflowStatus
from dbos._serialization import DBOSPortableJSON
from sqlalchemy import Connection
from sqlalchemy import Engine as Database
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from openreturns.errors import RetryableError
from openreturns.process import events, telemetry
from openreturns.process._database import database
from openreturns.process._model import WrittenLaterError
from openreturns.process.engine import Carrier, Systems
from openreturns.process.policy import Policy
from openreturns.process.store import Accepted, Store

__all__ = ["DbosEngine", "migrate", "submit"]

VERSION = "openreturns-process-1"  # pinned: DBOS's own, a hash of the code, would strand what an older one left
_NAME = "openreturns"
_QUEUE = "returns"
_SUSPECTS = "suspects"  # what was in the hands of workers that died, one at a time: only one of them killed them
_WORKFLOW = "openreturns.transition"
_SUSPECT = "openreturns.suspect"
_RECOVERIES = 3
_FAILURES = 5
_LAST = 1000  # the priority of what nothing is known of
_BATCH = 500
_ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_WAITING = frozenset({"ENQUEUED", "DELAYED"})
_T = TypeVar("_T")
_log = logging.getLogger("openreturns.process")


def _now() -> datetime:
    return datetime.now(UTC)


def _is_away(error: DBAPIError) -> bool:
    """Whether the database is down, full or locked: it may be back."""
    return isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated


def _engine() -> DbosEngine:
    if DbosEngine.current is None:
        raise RuntimeError("no engine runs in this process")
    return DbosEngine.current


@DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=_RECOVERIES)
def _transition(number: str, event_id: str) -> str:
    return _engine().run(number, event_id)


@DBOS.workflow(name=_SUSPECT, max_recovery_attempts=_RECOVERIES)
def _suspect(number: str, event_id: str) -> str:
    return _engine().run(number, event_id, alone=True)


def migrate(url: str) -> None:
    """Make the tables of the process and of DBOS that are not there."""
    store = Store(url)
    store.migrate()
    store.close()
    DBOS.migrate(url)


def submit(url: str, number: str, event: events.Event, policy: Policy) -> Accepted:
    """Take an event in from a process that does not work itself; a worker decides on it.

    Raises RetryableError if the database does not answer: the event may be submitted again, it is taken once.
    """
    with _answering(), ExitStack() as stack:
        store = Store(url)
        stack.callback(store.close)
        queue = _Queue(url, database(url))
        stack.callback(queue.close)
        return _submit(store, queue, number, event, policy, _now())


def _submit(store: Store, queue: _Queue, number: str, event: events.Event, policy: Policy, now: datetime) -> Accepted:
    def put(connection: Connection, known: int | None) -> None:
        asked = policy.priority(event.return_) if isinstance(event, events.ReturnRequested) else _LAST
        queue.put(number, event.id, known or asked, connection)

    with telemetry.taking_in(number, event):
        return store.accept(number, event, now, put)


@contextmanager
def _answering() -> Iterator[None]:
    """Say in the terms of the library that the database, or its disk, does not answer."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        if isinstance(error, DBAPIError) and not _is_away(error):
            raise
        message = "the database of the process does not answer; the event may be submitted again"
        raise RetryableError(message, retry_after=5, kind="unavailable") from error


def _run_id(event_id: str, runs: int) -> str:
    """Return the id of an event's workflow: another one each time its work is begun anew."""
    return f"ret#{runs}/{event_id}" if runs else f"ret/{event_id}"


class _Queue:
    """Where events wait for a worker."""

    def __init__(self, url: str, engine: Database) -> None:
        self._engine = engine
        self._client = DBOSClient(
            system_database_url=url,
            system_database_engine=engine,
            serializer=DBOSPortableJSON,
            application_name=_NAME,
        )

    def close(self) -> None:
        self._client.destroy()
        self._engine.dispose()

    def put(self, number: str, event_id: str, priority: int, connection: Connection) -> None:
        """Put an event in, within a transaction."""
        self._client.enqueue_in_transaction(connection, self._options(event_id, 0, priority), number, event_id)

    def put_again(self, number: str, event_id: str, runs: int, *, suspect: bool = False) -> None:
        """Put in what was left over: it goes first."""
        self._client.enqueue(self._options(event_id, runs, 1, suspect=suspect), number, event_id)

    def _options(self, event_id: str, runs: int, priority: int, *, suspect: bool = False) -> EnqueueOptions:
        return {
            "queue_name": _SUSPECTS if suspect else _QUEUE,
            "workflow_name": _SUSPECT if suspect else _WORKFLOW,
            "workflow_id": _run_id(event_id, runs),
            "app_version": VERSION,
            "priority": priority,
        }


class DbosEngine:
    """A worker of the process, one a Python process: takes events in, and does what follows from its queue.

    `url` is a SQLAlchemy address: `sqlite:///returns.sqlite`, or of PostgreSQL for several machines. `policy` is
    asked anew for each decision, so a changed policy file is followed at once. `lease` is how long a worker may be
    silent until the others take its work over. `worker` is what the worker is called; the name that it holds its
    lease under is never anybody else's, before or after.

    `trouble` is what went wrong when the worker last tried to show that it lives; None when it could.
    """

    current: ClassVar[DbosEngine | None] = None

    def __init__(
        self,
        url: str,
        systems: Systems,
        policy: Policy | Callable[[], Policy],
        *,
        worker: str = "",
        threads: int = 8,
        lease: timedelta = timedelta(seconds=15),
        poll: float = 0.05,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.url = url
        self.worker = f"{worker or f'{socket.gethostname()}-{os.getpid()}'}-{secrets.token_hex(4)}"
        self.trouble: Exception | None = None
        self.store = Store(url, self.worker)
        self._policy = policy if callable(policy) else lambda: policy
        self._threads, self._lease, self._poll, self._clock = threads, lease, poll, clock
        self._database: Database = database(url)  # DBOS has its own way to begin transactions
        self._queue: _Queue | None = None
        self._carrier = Carrier(self.store, systems.do, systems.rule, self._policy, clock, self._insist)
        self._stopping, self._stopped = threading.Event(), threading.Event()
        self._keeper: threading.Thread | None = None

    # ------------------------------------------------------------ life

    def start(self) -> None:
        """Begin to work: make the tables, take over what dead workers left, then take from the queue."""
        if DbosEngine.current is not None:
            raise RuntimeError("an engine runs in this process already")
        self.store.migrate()
        self.store.beat(self.worker)  # before anything is taken: whoever has work has a lease
        DBOS(config=self._config())
        DbosEngine.current = self
        DBOS.launch()
        self._queue = _Queue(self.url, self._database)
        register = partial(DBOS.register_queue, on_conflict="always_update")
        register(_QUEUE, worker_concurrency=self._threads, polling_interval_sec=self._poll)
        register(_SUSPECTS, global_concurrency=1, polling_interval_sec=1.0)
        self._keep()
        self._keeper = threading.Thread(target=self._keeping, name="openreturns-keeper", daemon=True)
        self._keeper.start()

    def stop(self, patience: timedelta = timedelta(seconds=30)) -> None:
        """Stop gracefully: take nothing more, let running transitions end, give up the lease.

        The lease is held until they have ended: nobody takes over what is still being done.
        """
        self._stopping.set()
        DBOS.destroy(workflow_completion_timeout_sec=int(patience.total_seconds()))
        self._stopped.set()
        if self._keeper is not None:
            self._keeper.join()
        DbosEngine.current = None
        try:
            self.store.leave(self.worker)
        except DBAPIError:
            _log.warning("the database is away; the lease of %s runs out by itself", self.worker)
        self._waiting.close()
        self.store.close()

    def __enter__(self) -> DbosEngine:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _config(self) -> DBOSConfig:
        return DBOSConfig(
            name=_NAME,
            system_database_url=self.url,
            system_database_engine=self._database,
            application_version=VERSION,
            executor_id=self.worker,
            serializer=DBOSPortableJSON,
            log_level="ERROR",
            max_executor_threads=self._threads + 8,
        )

    # ------------------------------------------------------------ events

    def submit(self, number: str, event: events.Event) -> Accepted:
        """Take an event in: it is durable when this returns, and is decided on by whichever worker comes to it.

        Raises RetryableError if the database does not answer: the event may be submitted again, it is taken once.
        """
        with _answering():
            return _submit(self.store, self._waiting, number, event, self._policy(), self._clock())

    def run(self, number: str, event_id: str, *, alone: bool = False) -> str:
        """Carry an event through: see `openreturns.process.engine.Carrier`.

        What a later version has written is left to a worker of that one: it is given another turn, and no dead letter.
        """
        try:
            return self._carrier.carry(number, event_id, alone=alone)
        except WrittenLaterError as error:
            _log.error("event %s of %s waits for a newer worker: %s", event_id, number, error)
            return "left_alone"

    def _insist(self, call: Callable[[], _T], /) -> _T:
        """Call until the database answers, or the worker is to stop: then another one goes on."""
        pause = 0.1
        while True:
            try:
                return call()
            except DBAPIError as error:
                if not _is_away(error) or self._stopping.wait(pause):
                    raise
                pause = min(2 * pause, 5.0)

    @property
    def _waiting(self) -> _Queue:
        if self._queue is None:
            raise RuntimeError("the engine is not started")
        return self._queue

    def tick(self) -> int:
        """Submit the deadlines that have passed."""
        now = self._clock()
        passed = self.store.due(now)
        for number, name, at in passed:
            id_ = f"{number}/{name}/{at.isoformat()}"
            with telemetry.continued(partial(self.store.trace, number)):
                self.submit(number, events.DeadlinePassed(id=id_, at=max(now, at), by="clock", name=name))
        return len(passed)

    def forget(self, before: datetime) -> int:
        """Forget the workflows that ended before a moment; return how many. What they did is in the tables."""
        count = 0
        while ended := DBOS.list_workflows(
            status=[*_ENDED], completed_before=before.isoformat(), limit=_BATCH, load_input=False, load_output=False
        ):
            DBOS.delete_workflows([one.workflow_id for one in ended])
            count += len(ended)
        return count

    # ------------------------------------------------------------ keeping

    def _keeping(self) -> None:
        """Show that this worker lives, see to those that do not, and let deadlines pass."""
        while not self._stopped.wait(self._lease.total_seconds() / 3):
            try:
                self._keep()
                self.trouble = None
            except Exception as error:  # noqa: BLE001 - the database may be away for a while: the next beat tries again
                self.trouble = error
                _log.exception("worker %s cannot show that it lives; others take over from it", self.worker)

    def _keep(self) -> None:
        self.store.beat(self.worker)
        if self._stopping.is_set():
            return
        self._take_over()
        self._begin_anew()
        self.tick()

    def _take_over(self) -> None:
        """Put back into the queue what is in the hands of workers that are not heard of any more."""
        begun = DBOS.list_workflows(status="PENDING", name=[_WORKFLOW, _SUSPECT], load_input=False, load_output=False)
        alive = {self.worker, *self.store.alive(self._lease)}  # it lives, however long it took to show that
        dead = {one.executor_id for one in begun if one.executor_id} - alive
        if dead:
            _log.warning("taking over from %s", ", ".join(sorted(dead)))
            DBOS._recover_pending_workflows(sorted(dead))
        self.store.forget(self._lease)

    def _begin_anew(self) -> None:
        """Give another workflow to events that were not carried through and have none that will.

        They were accepted by a process that died before it could enqueue them, or their workflow failed, was left by
        an older version, or killed its workers time and again: then they are dead letters.
        """
        stale = self.store.stale(self._clock() - self._lease)
        ids = [_run_id(event_id, runs) for _, event_id, runs in stale]
        found = DBOS.list_workflows(workflow_ids=ids, load_input=False) if ids else []
        known = {one.workflow_id: one for one in found}
        for number, event_id, runs in stale:
            workflow = known.get(_run_id(event_id, runs))
            if workflow is None:
                self._waiting.put_again(number, event_id, runs)
            elif not self._will_run(workflow):
                self._again(number, event_id, runs, workflow)

    def _will_run(self, workflow: WorkflowStatus) -> bool:
        if workflow.app_version == VERSION:
            return workflow.status in {*_WAITING, "PENDING"}
        return workflow.status == "PENDING" and workflow.executor_id in self.store.alive(self._lease)

    def _again(self, number: str, event_id: str, runs: int, workflow: WorkflowStatus) -> None:
        if not self.store.again(event_id, runs):
            return
        if workflow.status in _WAITING:
            DBOS.cancel_workflow(workflow.workflow_id)
        killed = workflow.status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED"
        why = ""
        if killed and workflow.name == _SUSPECT:
            why = "workers died of it time and again"
        elif workflow.status == "ERROR" and runs and runs % _FAILURES == 0:
            why = f"it failed time and again: {type(workflow.error).__name__}"
        if why:
            self.store.bury(number, event_id, why, self._policy(), self._clock())
        self._waiting.put_again(number, event_id, runs + 1, suspect=killed and not why)
