"""Clients for the tests: an account of its own each, and a clock that only waiting moves."""

from __future__ import annotations

import itertools
from typing import Any

from openreturns.transport import Client, Time

BASE = "https://vendor.example/api"
_accounts = itertools.count()


class FakeClock:
    """A clock that stands still until somebody sleeps, and remembers how long."""

    def __init__(self, wall: float = 1_795_518_000.0) -> None:
        self.now = 0.0
        self.start = wall
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.slept.append(seconds)
        self.now += seconds

    @property
    def time(self) -> Time:
        return Time(lambda: self.now, lambda: self.start + self.now, self.sleep)


def client(base: str = BASE, *, clock: FakeClock | None = None, **settings: Any) -> Client:
    """A client of an account that no other test has."""
    time = (clock or FakeClock()).time if "time" not in settings else settings.pop("time")
    named = {"vendor": "acme", "account": f"test-{next(_accounts)}", "time": time}
    return Client(base, **{**named, **settings})
