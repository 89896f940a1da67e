"""A clock for many threads: it stands still while anybody works, and jumps to the next waker when all wait."""

from __future__ import annotations

import heapq
import itertools
import threading
from datetime import UTC, datetime, timedelta

from openreturns.sandbox import Clock
from openreturns.transport import Time

START = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


class VirtualTime:
    """Time of `workers` threads. Each either works, sleeps here, or waits for another in a `Meeting`."""

    def __init__(self, workers: int) -> None:
        self.now = 0.0
        self._working = workers
        self._sleepers: list[tuple[float, int, threading.Event]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()

    @property
    def time(self) -> Time:
        return Time(lambda: self.now, lambda: START.timestamp() + self.now, self.sleep)

    def sleep(self, seconds: float) -> None:
        wake = threading.Event()
        with self._lock:
            heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), wake))
        self.idle(1)
        assert wake.wait(60), "the clock stands still"

    def idle(self, threads: int) -> None:
        """Count so many threads out of work, or with a negative number in; if nobody works any more, jump."""
        with self._lock:
            self._working -= threads
            if self._working == 0 and self._sleepers:
                self.now = max(self.now, self._sleepers[0][0])
                while self._sleepers and self._sleepers[0][0] <= self.now:
                    self._working += 1
                    heapq.heappop(self._sleepers)[2].set()


class Meeting(threading.Condition):
    """A condition whose waiters count as waiting from when they begin to when somebody notifies them."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time
        self._here = 0

    def wait(self, timeout: float | None = None) -> bool:
        self._here += 1
        self._time.idle(1)
        return super().wait(60)

    def notify_all(self) -> None:
        here, self._here = self._here, 0
        if here:
            self._time.idle(-here)
        super().notify_all()


class VirtualClock(Clock):
    """A simulator's clock that shows virtual time."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__(START)
        self._virtual = time

    def now(self) -> datetime:
        return START + timedelta(seconds=self._virtual.now)
