"""What a worker does beside carrying events: tells the world, reconciles, says how systems stand, forgets what is old.

Each of it is one worker's at a time, whichever it is.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert

from openreturns.process import reconcile, seals
from openreturns.process._tables import VENDOR
from openreturns.process._values import micros
from openreturns.process.config import Config
from openreturns.process.engine import Systems, VendorStanding
from openreturns.process.jobs import Jobs
from openreturns.process.outbox import Outbox
from openreturns.process.policy import Policy
from openreturns.process.relay import Relay
from openreturns.process.store import Store
from openreturns.process.targets import Target

__all__ = ["Chores"]

_PAUSE = 0.5  # seconds between two looks
_SHOWN = timedelta(seconds=5)
_KEPT = timedelta(days=1)
_ASKED = timedelta(minutes=1)  # how often to ask whether it is anybody's turn
_LONG = timedelta(minutes=30)
_SEALED = timedelta(minutes=15)
_log = logging.getLogger("openreturns.process")


def _now() -> datetime:
    return datetime.now(UTC)


class Chores:
    """A worker's chores, over its store and systems; in a thread of their own from `start` to `stop`.

    `forget` is called with a moment: what the engine has done with before it is of no use any more.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        systems: Systems,
        targets: Mapping[str, Target],
        policy: Callable[[], Policy],
        worker: str,
        *,
        forget: Callable[[datetime], object] = lambda before: None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._config, self._store, self._systems = config, store, systems
        self._policy, self._worker, self._forget, self._clock = policy, worker, forget, clock
        self._jobs = Jobs(store, worker)
        self._outbox = Outbox(store, config.source)
        self._targets = targets
        self._relay = Relay(self._outbox, targets, self._jobs)
        self._next: dict[str, datetime] = {}
        self._shown = datetime.min.replace(tzinfo=UTC)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keeping, name="openreturns-chores", daemon=True)

    def __enter__(self) -> Chores:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._show([])

    def once(self) -> None:
        """Do what is due now."""
        now = self._clock()
        while self._relay.once(now) and not self._stopping.is_set():
            pass
        if now - self._shown >= _SHOWN:
            self._show([*self._systems.standing()])
            self._shown = now
        if self._config.reconcile_hours and self._systems.by_name():
            every = timedelta(hours=self._config.reconcile_hours)
            self._alone("reconcile", now, every, self._reconcile)
        self._alone("seal", now, _SEALED, lambda now: seals.seal(self._store, now))
        self._alone("unclaimed", now, timedelta(hours=1), self._unclaimed)
        self._alone("forget", now, timedelta(hours=1), self._forget_old)

    def _alone(self, name: str, now: datetime, every: timedelta, work: Callable[[datetime], object]) -> None:
        """Do what one worker does every now and then; what fails is tried again, later each time."""
        if now < self._next.get(name, now):
            return
        self._next[name] = now + _ASKED
        if not self._jobs.claim(name, now, _LONG):
            return
        try:
            work(now)
        except Exception as error:
            self._jobs.failed(name, type(error).__name__, now, timedelta(minutes=1))
            raise
        self._jobs.done(name, now + every)

    def _reconcile(self, now: datetime) -> None:
        since = now - timedelta(days=self._config.reconcile_days)
        found = reconcile.examine(self._store, self._systems.by_name(), self._policy(), since, now)
        _log.log(logging.WARNING if found else logging.INFO, "reconciled: %d findings", len(found))

    def _unclaimed(self, now: datetime) -> None:
        reconcile.unclaimed(self._store, self._policy(), now)

    def _forget_old(self, now: datetime) -> None:
        before = now - timedelta(days=self._config.retention_days)
        self._outbox.purge(before, untold=not self._targets)  # or what nobody is to be told would be kept for ever
        self._forget(before)

    def _show(self, standing: list[VendorStanding]) -> None:
        """Write down how systems stand with this worker, for `vendor_health`."""
        now = self._clock()
        rows = [
            {
                "worker": self._worker,
                "system": one.system,
                "at": micros(now),
                "concurrent": one.concurrent,
                "running": one.running,
                "calls": one.calls,
                "per_seconds": one.per_seconds,
                "used": one.used,
                "failures": one.failures,
                "left_alone_until": micros(now + timedelta(seconds=one.left_alone)) if one.left_alone else None,
            }
            for one in standing
        ]
        with self._store._writing() as connection:
            gone = (VENDOR.c.worker == self._worker) | (VENDOR.c.at < micros(now - _KEPT))
            connection.execute(delete(VENDOR).where(gone))
            if rows:
                connection.execute(insert(VENDOR), rows)

    def _keeping(self) -> None:
        while not self._stopping.wait(_PAUSE):
            try:
                self.once()
            except Exception as error:  # noqa: BLE001 - a database or vendor may be away: the next turn tries again
                _log.warning("worker %s could not do its chores: %s", self._worker, type(error).__name__)
