"""Every fault of the sandbox, once, on a vendor that only counts: what the caller sees, and what was done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from openreturns.sandbox import KINDS, Answer, Call, Fault, Operation, Reply, Simulator, Vendor, serving


class Counter:
    """`POST /count` counts one more and says where it stands, as does `GET /count`."""

    def __init__(self) -> None:
        self.count = 0

    def said(self, status: int) -> Reply:
        return Reply(status, {"count": self.count})

    def read(self, call: Call) -> Reply:
        return self.said(200)

    def add(self, call: Call) -> Reply:
        self.count += int(call.json["by"]) if call.body else 1
        return self.said(201)

    def simulator(self) -> Simulator:
        return Simulator(
            Vendor(
                name="counter",
                title="Counter",
                version="1",
                base="/api",
                operations=(
                    Operation("GET", "/count", self.read, "read", {200: Answer("where it stands")}),
                    Operation("POST", "/count", self.add, "count", {201: Answer("where it stands")}),
                ),
                security={},
                definitions={},
                refuse=lambda operation, call: None,
                problem=lambda status, message: Reply(status, {"error": message}),
                seed=dict,
                steps={},
            )
        )


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Counter, Simulator, str]]:
    counter = Counter()
    simulator = counter.simulator()
    with serving([simulator]) as addresses:
        yield counter, simulator, addresses["counter"]


def seen(method: str, base: str) -> tuple[Any, ...]:
    """Call once, and say what came: status and body, or the name of what went wrong."""
    with httpx.Client(base_url=base, timeout=60) as client:
        try:
            answer = client.request(method, "/count", json={"by": 1} if method == "POST" else None)
        except httpx.HTTPError as error:
            return (type(error).__name__,)
        return answer.status_code, answer.text


# The count stands at 1 when the GET or POST comes, and was 0 at the GET before.
READ, COUNTED = (200, '{"count":1}'), (201, '{"count":2}')
BUSY, DOWN = (429, '{"error":"rate limit exceeded"}'), (500, '{"error":"internal error"}')
DOWN_UNSAID = (500, '{"error":""}')
PROXY, CUT = (502, "<html><body><h1>502 Bad Gateway</h1></body></html>"), ("RemoteProtocolError",)

# kind -> what a GET sees, what a POST sees, and where the POST leaves the count
FAULTS: dict[str, tuple[tuple[Any, ...], tuple[Any, ...], int]] = {
    "slow": (READ, COUNTED, 2),
    "throttled": (BUSY, BUSY, 1),
    "error_before": (DOWN, DOWN, 1),
    "error_after": (DOWN, DOWN, 2),
    "cut_before": (CUT, CUT, 1),
    "cut_after": (CUT, CUT, 2),
    "hang_after": (READ, COUNTED, 2),
    "html": (PROXY, PROXY, 1),
    "truncated": ((200, '{"cou'), (201, '{"cou'), 2),
    "stale": ((200, '{"count":0}'), COUNTED, 2),
    "doubled": (READ, COUNTED, 3),
    "unheeded": (READ, (201, '{"count":7}'), 1),  # as it was when the count was seven
    "altered": (READ, (201, '{"count":3}'), 3),
    "mislabelled": (("DecodingError",), ("DecodingError",), 2),
    "answer": (DOWN_UNSAID, DOWN_UNSAID, 1),
    "meanwhile": (READ, COUNTED, 2),
}


def test_every_fault_is_shown() -> None:
    assert set(FAULTS) == set(KINDS)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_does_what_its_kind_says_and_only_once(
    kind: Any, method: str, served: tuple[Counter, Simulator, str]
) -> None:
    counter, simulator, base = served
    simulator.faults.clear()
    counter.count = 6
    assert seen("POST", base) == (201, '{"count":7}')
    counter.count = 0
    assert seen("GET", base) == (200, '{"count":0}')
    counter.count = 1
    simulator.faults.add(Fault(kind))
    on_get, on_post, after = FAULTS[kind]
    simulator.calls.clear()
    assert seen(method, base) == (on_get if method == "GET" else on_post)
    assert counter.count == (1 if method == "GET" else after)
    assert [(call.method, call.fault) for call in simulator.calls] == [(method, kind)]
    assert seen("GET", base) == (200, f'{{"count":{counter.count}}}'), "the next call is sound"


def test_an_answer_can_be_put_into_the_vendor_s_mouth(served: tuple[Counter, Simulator, str]) -> None:
    _, simulator, base = served
    simulator.faults.add(Fault("answer", status=422, body={"errors": ["no"]}, headers={"Retry-After": "7"}))
    with httpx.Client(base_url=base) as client:
        answer = client.post("/count")
    assert (answer.status_code, answer.json(), answer.headers["Retry-After"]) == (422, {"errors": ["no"]}, "7")


def test_something_else_can_happen_in_between(served: tuple[Counter, Simulator, str]) -> None:
    counter, simulator, base = served
    counter.count = 0
    simulator.faults.add(Fault("meanwhile", "GET *", action=lambda: seen("POST", base)))
    assert seen("GET", base) == READ


def test_calls_under_way_at_one_time_are_counted() -> None:
    counter = Counter()
    simulator = counter.simulator()
    with serving([simulator]) as addresses, ThreadPoolExecutor(3) as pool:
        simulator.faults.add(Fault("slow", times=3, seconds=0.3))
        list(pool.map(lambda _: seen("GET", addresses["counter"]), range(3)))
    assert simulator.busiest == 3


@pytest.mark.parametrize(("kind", "done"), [("slow", 0), ("hang_after", 1)])
def test_an_answer_that_takes_its_time_comes_after_or_before_the_effect(kind: Any, done: int) -> None:
    counter = Counter()
    simulator = counter.simulator()
    simulator.faults.add(Fault(kind, seconds=3600))

    async def count() -> bool:
        transport = httpx.ASGITransport(app=simulator.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://counter/api") as client:
            waiting = asyncio.create_task(client.post("/count"))
            for _ in range(1000):  # far more turns of the loop than a call takes that waits for nothing
                await asyncio.sleep(0)
            return waiting.cancel()

    assert asyncio.run(count()), "the answer came before its time"
    assert counter.count == done
