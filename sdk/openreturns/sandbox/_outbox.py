"""Webhooks on their way out: signed by the vendor, retried, and if told to, doubled, delayed and shuffled."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

__all__ = ["Delivery", "Outbox"]


@dataclass(frozen=True)
class Delivery:
    """One webhook to send: where, with which headers, which bytes."""

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Outbox:
    """Webhooks waiting to be delivered.

    `duplicates` and `reorders` are the parts (0 to 1) of deliveries that go out twice, or after their
    successor; the choice comes from `seed`, so that a run can be repeated. A delivery that is not answered
    with 2xx is tried again, `tries` times in all.
    """

    def __init__(self, *, duplicates: float = 0.0, reorders: float = 0.0, seed: int = 0, tries: int = 5) -> None:
        self.duplicates = duplicates
        self.reorders = reorders
        self.tries = tries
        self.failed: list[Delivery] = []
        self._random = random.Random(seed)  # noqa: S311 - no secret depends on it
        self._waiting: deque[Delivery] = deque()
        self._lock = threading.Lock()

    def put(self, delivery: Delivery) -> None:
        """Queue a delivery."""
        with self._lock:
            self._waiting.append(delivery)
            if self._random.random() < self.duplicates:
                self._waiting.append(delivery)
            if len(self._waiting) > 1 and self._random.random() < self.reorders:
                self._waiting[-1], self._waiting[-2] = self._waiting[-2], self._waiting[-1]

    def take(self) -> list[Delivery]:
        """Return what waits, and forget it."""
        with self._lock:
            waiting = list(self._waiting)
            self._waiting.clear()
        return waiting

    def deliver(self, client: httpx.Client) -> int:
        """Send what waits; return how many deliveries were answered with 2xx."""
        done = 0
        for delivery in self.take():
            if self._send(client, delivery):
                done += 1
            else:
                self.failed.append(delivery)
        return done

    def _send(self, client: httpx.Client, delivery: Delivery) -> bool:
        for _ in range(self.tries):
            try:
                answer = client.post(delivery.url, content=delivery.body, headers=dict(delivery.headers))
            except (httpx.HTTPError, httpx.InvalidURL):
                continue
            if answer.is_success:
                return True
        return False
