"""The durable engine: DBOS on SQLite or PostgreSQL. Events survive crashes; a dead worker's work is taken over.

Each event is one short workflow. It records no steps of its own: what is decided and what came of it is in the
process's tables, written once, so a workflow that is run again goes on where the tables say, and a new version of
the code may take over what an old one left. Of DBOS it takes the queue, priorities, recovery and their limits.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from dbos import (
    DBOS,
    DBOSClient,
    DBOSConfig,
    EnqueueOptions,
    SetEnqueueOptions,
    SetWorkflowID,
)
from dbos._serialization import DBOSPortableJSON
from sqlalchemy import Engine as Database

from openreturns.process import events
from openreturns.process.engine import Systems, carry
from openreturns.process.policy import Policy
from openreturns.process.store import Accepted, Store, database

__all__ = ["DbosEngine", "migrate", "submit"]

VERSION = "openreturns-process-1"  # pinned: DBOS's own, a hash of the code, would strand what an older one left
_NAME = "openreturns"
_QUEUE = "returns"
_WORKFLOW = "openreturns.transition"
_RECOVERIES = 5
_log = logging.getLogger("openreturns.process")


def _now() -> datetime:
    return datetime.now(UTC)


@DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=_RECOVERIES)
def _transition(number: str, event_id: str) -> str:
    engine = DbosEngine.current
    if engine is None:
        raise RuntimeError("no engine runs in this process")
    return engine.run(number, event_id)


def _priority(event: events.Event, policy: Policy, store: Store, number: str) -> int:
    if isinstance(event, events.ReturnRequested):
        return policy.priority(event.return_)
    return store.priority(number)


def migrate(url: str) -> None:
    """Make the tables of the process and of DBOS that are not there."""
    store = Store(url)
    store.migrate()
    store.close()
    DBOS.migrate(url)


def submit(url: str, number: str, event: events.Event, policy: Policy) -> Accepted:
    """Take an event in from a process that does not work itself; a worker decides on it."""
    store = Store(url)
    client = DBOSClient(system_database_url=url, serializer=DBOSPortableJSON, application_name=_NAME)
    try:
        accepted = store.accept(number, event, _now())
        if accepted == "new":
            options: EnqueueOptions = {
                "queue_name": _QUEUE,
                "workflow_name": _WORKFLOW,
                "workflow_id": f"ret/{event.id}",
                "app_version": VERSION,
                "priority": _priority(event, policy, store, number),
            }
            client.enqueue(options, number, event.id)
        return accepted
    finally:
        client.destroy()
        store.close()


class DbosEngine:
    """A worker of the process, one a Python process: takes events in, and does what follows from its queue.

    `url` is a SQLAlchemy address: `sqlite:///returns.sqlite`, or of PostgreSQL for several machines. `policy` is
    asked anew for each decision, so a changed policy file is followed at once. `lease` is how long a worker may be
    silent until the others take its work over.
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
        self.worker = worker or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._database: Database = database(url)  # DBOS has its own way to begin transactions
        self.store = Store(url)
        self._systems = systems
        self._policy = policy if callable(policy) else lambda: policy
        self._threads, self._lease, self._poll, self._clock = threads, lease, poll, clock
        self._stopping = threading.Event()
        self._keeper: threading.Thread | None = None

    # ------------------------------------------------------------ life

    def start(self) -> None:
        """Begin to work: make the tables, take over what dead workers left, then take from the queue."""
        if DbosEngine.current is not None:
            raise RuntimeError("an engine runs in this process already")
        self.store.migrate()
        DBOS(config=self._config())
        DbosEngine.current = self
        DBOS.launch()
        DBOS.register_queue(
            _QUEUE, worker_concurrency=self._threads, polling_interval_sec=self._poll, on_conflict="always_update"
        )
        self._keep()
        self._keeper = threading.Thread(target=self._keeping, name="openreturns-keeper", daemon=True)
        self._keeper.start()

    def stop(self, patience: timedelta = timedelta(seconds=30)) -> None:
        """Stop gracefully: take nothing more, let running transitions end, give up the lease."""
        self._stopping.set()
        if self._keeper is not None:
            self._keeper.join()
        DBOS.destroy(workflow_completion_timeout_sec=int(patience.total_seconds()))
        DbosEngine.current = None
        self.store.leave(self.worker)
        self.store.close()
        self._database.dispose()

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
        """Take an event in: it is durable when this returns, and is decided on by whichever worker comes to it."""
        accepted = self.store.accept(number, event, self._clock())
        if accepted == "new":
            self._enqueue(number, event)
        return accepted

    def _enqueue(self, number: str, event: events.Event) -> None:
        self._start(number, event.id, _priority(event, self._policy(), self.store, number))

    def _start(self, number: str, event_id: str, priority: int = 1000) -> None:
        with SetWorkflowID(f"ret/{event_id}"), SetEnqueueOptions(priority=priority):
            DBOS.enqueue_workflow(_QUEUE, _transition, number, event_id)

    def run(self, number: str, event_id: str) -> str:
        """Carry an event through: see `openreturns.process.engine.carry`."""
        systems = self._systems
        return carry(self.store, systems.do, systems.rule, self._policy, self._clock, number, event_id)

    def tick(self) -> int:
        """Submit the deadlines that have passed."""
        now = self._clock()
        passed = self.store.due(now)
        for number, name, at in passed:
            id_ = f"{number}/{name}/{at.isoformat()}"
            self.submit(number, events.DeadlinePassed(id=id_, at=max(now, at), by="clock", name=name))
        return len(passed)

    # ------------------------------------------------------------ keeping

    def _keeping(self) -> None:
        """Show that this worker lives, see to those that do not, and let deadlines pass."""
        while not self._stopping.wait(self._lease.total_seconds() / 3):
            try:
                self._keep()
            except Exception:  # noqa: BLE001 - the database may be away for a while: the next beat tries again
                _log.exception("the keeper of worker %s failed; it goes on", self.worker)

    def _keep(self) -> None:
        now = self._clock()
        self.store.beat(self.worker, now)
        dead = self.store.reap(now - self._lease)
        if dead:
            _log.warning("taking over from %s", ", ".join(dead))
            DBOS._recover_pending_workflows(dead)
        for number, event_id in self.store.received(now - self._lease):
            self._start(number, event_id)  # accepted by a process that died before it could enqueue
        self._bury()
        self.tick()

    def _bury(self) -> None:
        """Make dead letters of what killed its worker time and again."""
        for one in DBOS.list_workflows(status="MAX_RECOVERY_ATTEMPTS_EXCEEDED", name=_WORKFLOW):
            number, event_id = one.input["args"] if one.input else ("", "")
            self.store.bury(number, event_id, self._policy(), self._clock())
            DBOS.delete_workflows([one.workflow_id])
