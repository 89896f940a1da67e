"""The budget that a manifest declares is kept by all clients of the process together, and used up.

Time is virtual: it jumps when every thread waits, so that hours of throttling pass in seconds, the same each time.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from clients.verbs import VENDORS, settings_of
from openreturns import adapter
from openreturns.sandbox import Simulator, serving
from openreturns.transport import Answer, Outgoing
from openreturns.transport._limits import Limits
from openreturns.transport._wire import Wire, Within
from openreturns_adapters.shipbob.simulator import simulator as shipbob
from transport.virtual import Meeting, VirtualClock, VirtualTime

CLIENTS, THREADS = 4, 4  # as much as four processes with four workers each
LATENCY = 0.5  # seconds, there and back


class Seen:
    """When each call was under way, as the vendor sees it."""

    def __init__(self) -> None:
        self.moments: list[float] = []
        self.under_way = self.most = 0
        self._lock = threading.Lock()

    def begins(self, now: float) -> None:
        with self._lock:
            self.moments.append(now)
            self.under_way += 1
            self.most = max(self.most, self.under_way)

    def ends(self) -> None:
        with self._lock:
            self.under_way -= 1

    def most_in(self, seconds: float) -> int:
        """The most calls of any window."""
        moments = sorted(self.moments)
        return max(sum(first <= one < first + seconds for one in moments) for first in moments)


def slow(wire: Wire, time: VirtualTime, seen: Seen) -> Callable[[Outgoing, Within], Answer]:
    """A wire on which each call takes its time; the vendor sees it half way."""
    plain = wire.send

    def send(outgoing: Outgoing, within: Within) -> Answer:
        seen.begins(time.now)
        try:
            time.sleep(LATENCY / 2)
            answer = plain(outgoing, within)
            time.sleep(LATENCY / 2)
            return answer
        finally:
            seen.ends()

    return send


@contextmanager
def crowd(system: str, simulator: Simulator, time: VirtualTime) -> Iterator[tuple[Sequence[Any], Seen]]:
    """Several clients of one account, with the budget of the manifest."""
    simulator.vendor.seed()
    seen, shared = Seen(), VENDORS[system].connection
    with ExitStack() as stack:
        at = stack.enter_context(serving([simulator]))
        clients = [
            stack.enter_context(
                adapter(system, settings_of(system)).connect(base_url=at[system], time=time.time, **shared)
            )
            for _ in range(CLIENTS)
        ]
        limits: Limits = clients[0]._client.limits
        assert all(one._client.limits is limits for one in clients)
        limits.time, limits.breaker.time, limits._changed = time.time, time.time, Meeting(time)
        with pytest.MonkeyPatch.context() as patched:
            for one in clients:
                patched.setattr(one._client._wire, "send", slow(one._client._wire, time, seen))
            yield clients, seen


def run(clients: Sequence[Any], time: VirtualTime, call: Callable[[Any], int], times: int) -> list[int]:
    """Let the threads of all clients call, so often each on average; return the statuses."""
    statuses: list[int] = []
    turns, calls = itertools.count(), len(clients) * THREADS * times

    def work(client: Any) -> None:
        try:
            while next(turns) < calls:  # a thread that had no luck is not left with calls that nobody else makes
                statuses.append(call(client))
        finally:
            time.idle(1)

    threads = [threading.Thread(target=work, args=(client,)) for client in clients for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def test_a_documented_rate_is_used_up_and_never_exceeded() -> None:
    rate = adapter("shipbob").manifest["rate_limit"]
    calls, window = rate["requests"], rate["per_seconds"]
    time, times = VirtualTime(CLIENTS * THREADS), 60
    vendor = shipbob(clock=VirtualClock(time))  # with the limit that the vendor documents
    with crowd("shipbob", vendor, time) as (clients, seen):
        statuses = run(clients, time, lambda one: one._client.request("list", "GET", "/return").status, times)
    assert statuses == [200] * (CLIENTS * THREADS * times), "a call was dropped"
    assert [call.status for call in vendor.calls] == statuses, "the vendor refused a call"
    assert seen.most_in(window) == calls
    # The first window begins with the first call and the last may be cut short.
    full = int((max(seen.moments) - min(seen.moments)) // window)
    assert full >= 5
    used = sum(one < min(seen.moments) + full * window for one in seen.moments) / (full * calls)
    assert used >= 0.9


def test_a_documented_number_at_one_time_is_used_up_and_never_exceeded() -> None:
    concurrent = adapter("netsuite").manifest["rate_limit"]["concurrent"]
    time, times = VirtualTime(CLIENTS * THREADS), 10
    vendor = VENDORS["netsuite"].simulator()
    with crowd("netsuite", vendor, time) as (clients, seen):

        def call(one: Any) -> int:
            return int(one._client.request("list", "GET", "/record/v1/returnAuthorization").status)

        statuses = run(clients, time, call, times)
    assert statuses == [200] * (CLIENTS * THREADS * times)
    assert [call.status for call in vendor.calls] == statuses
    assert seen.most == concurrent
    best = len(statuses) * LATENCY / concurrent
    assert best / time.now >= 0.9


def test_the_clock_waits_for_who_works() -> None:
    time = VirtualTime(2)
    order: list[str] = []

    def early() -> None:
        time.sleep(5.0)
        order.append(f"early at {time.now:g}")
        time.idle(1)

    thread = threading.Thread(target=early)
    thread.start()
    time.sleep(60.0)
    order.append(f"late at {time.now:g}")
    thread.join()
    assert order == ["early at 5", "late at 60"]
