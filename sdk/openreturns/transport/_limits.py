"""How often one account may be called: shared by every client of the process, waited for, never exceeded."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from openreturns.transport._breaker import Breaker
from openreturns.transport._time import SYSTEM, Time

__all__ = ["Budget", "Limits", "OutOfTime", "Rate", "forget", "limits_of"]

# A vendor that asks for more than an hour means something else than "slow down".
MAX_PAUSE = 3600.0


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in any window of so many seconds."""

    calls: int
    seconds: float

    def __post_init__(self) -> None:
        if self.calls < 1 or self.seconds <= 0:
            raise ValueError("a rate is at least one call in a time longer than none")


@dataclass(frozen=True, slots=True)
class Budget:
    """What a vendor grants one account: rates that all hold, and how many calls at one time (0: any number)."""

    rates: Sequence[Rate] = ()
    concurrent: int = 0

    def __post_init__(self) -> None:
        if self.concurrent < 0:
            raise ValueError("the number of calls at one time cannot be negative")


class OutOfTime(Exception):  # noqa: N818 - never leaves this package
    """The wait would be longer than the time that is left."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait)
        self.wait = wait


@dataclass
class Limits:
    """The state of one account's budget.

    A call counts from its start until a whole window after its *end*: the other system saw it at some moment
    in between, so by its own count the budget is never exceeded, however slow the network was. That is why no
    rate-limiting library is used: they count from the start.
    """

    budget: Budget = Budget()
    breaker: Breaker = field(default_factory=Breaker)
    time: Time = SYSTEM
    _running: int = 0
    _ended: list[float] = field(default_factory=list)
    _paused_until: float = 0.0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def slot(self, deadline: float) -> Iterator[None]:
        """Wait until a call may be made, and count the block as one. Raises OutOfTime instead of waiting too long."""
        self._take(deadline)
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                if self.budget.rates:
                    self._ended.append(self.time.monotonic())
                self._changed.notify_all()

    def standing(self) -> tuple[int, int]:
        """Return how many calls run, and how many count in the longest window of the budget."""
        with self._changed:
            longest = max((rate.seconds for rate in self.budget.rates), default=0.0)
            recent = self._ended[bisect_right(self._ended, self.time.monotonic() - longest) :]
            return self._running, self._running + len(recent)

    def pause(self, seconds: float) -> None:
        """Let every caller wait: the other system asked for it."""
        with self._changed:
            until = self.time.monotonic() + min(max(seconds, 0.0), MAX_PAUSE)
            self._paused_until = max(self._paused_until, until)

    def _take(self, deadline: float) -> None:
        while True:
            with self._changed:
                now = self.time.monotonic()
                wait = self._wait(now)
                if wait == 0.0:
                    self._running += 1
                    return
                left = deadline - now
                if left <= 0 or (wait is not None and wait > left):
                    raise OutOfTime(wait or 0.0)
                if wait is None:
                    self._changed.wait(left)
                    continue
            self.time.sleep(wait)

    def _wait(self, now: float) -> float | None:
        """Return the seconds to wait, or None: until a running call ends."""
        waits = [max(self._paused_until - now, 0.0)]
        if self.budget.rates:
            longest = max(rate.seconds for rate in self.budget.rates)
            del self._ended[: bisect_right(self._ended, now - longest)]
        for rate in self.budget.rates:
            recent = self._ended[bisect_right(self._ended, now - rate.seconds) :]
            over = self._running + len(recent) - rate.calls
            if over >= len(recent) and over >= 0:
                return None
            if over >= 0:
                waits.append(recent[over] + rate.seconds - now)
        if self.budget.concurrent and self._running >= self.budget.concurrent:
            return None
        return max(waits)


_shared: dict[tuple[str, str], Limits] = {}
_guard = threading.Lock()


def limits_of(vendor: str, account: str, budget: Budget | None, time: Time) -> Limits:
    """Return the limits that all clients of this account share; the budget last declared holds for all."""
    with _guard:
        limits = _shared.setdefault((vendor, account), Limits(time=time, breaker=Breaker(time=time)))
        if budget is not None:
            limits.budget = budget
        return limits


def forget() -> None:
    """Forget what all accounts have spent: for tests, in which the same account is another one each time."""
    with _guard:
        _shared.clear()
