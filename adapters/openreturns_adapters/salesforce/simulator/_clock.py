"""A clock that goes on by itself: clients sign their tokens by the time of day."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from openreturns.sandbox import Clock

__all__ = ["LiveClock"]

_STEP = timedelta(milliseconds=1)


class LiveClock(Clock):
    """The time of day in UTC, to the millisecond and never twice the same; `move` puts it ahead."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead = timedelta(0)
        self._last = datetime.min.replace(tzinfo=UTC)
        self._turn = threading.Lock()

    def now(self) -> datetime:
        """Return the time, in UTC."""
        with self._turn:
            now = datetime.now(UTC) + self._ahead
            now = now.replace(microsecond=now.microsecond // 1000 * 1000)
            self._last = max(now, self._last + _STEP)
            return self._last

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        with self._turn:
            self._ahead += by
