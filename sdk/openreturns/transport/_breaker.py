"""A circuit breaker: when an account's calls fail again and again, ask nothing for a while, then try with one."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from openreturns.transport._time import SYSTEM, Time

__all__ = ["Breaker"]


@dataclass
class Breaker:
    """Opens after `failures` failed calls in a row, for `seconds`; then one call may try, and closes it or not.

    (pybreaker does this too, holding a lock for as long as a call takes: one call at a time.)
    """

    failures: int = 10
    seconds: float = 30.0
    time: Time = SYSTEM
    _in_a_row: int = 0
    _open_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def wait(self) -> float:
        """Return 0 if a call may go, or the seconds until it is worth asking again."""
        with self._lock:
            if self._in_a_row < self.failures:
                return 0.0
            now = self.time.monotonic()
            if now < self._open_until:
                return self._open_until - now
            self._open_until = now + self.seconds  # this call tries, the others go on waiting
            return 0.0

    def standing(self) -> tuple[int, float]:
        """Return how many calls failed in a row, and the seconds until one may go; asking changes nothing."""
        with self._lock:
            left = self._open_until - self.time.monotonic() if self._in_a_row >= self.failures else 0.0
            return self._in_a_row, max(left, 0.0)

    def worked(self) -> None:
        """Tell that a call was answered."""
        with self._lock:
            self._in_a_row = 0

    def failed(self) -> None:
        """Tell that a call was not."""
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row == self.failures:
                self._open_until = self.time.monotonic() + self.seconds
