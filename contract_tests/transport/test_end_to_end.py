"""Over real connections, against a vendor whose answers are late, cut, garbled or missing."""

from __future__ import annotations

import gzip
import socket
import threading
import tracemalloc
import uuid
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from openreturns.errors import ContractError, MappingError, OutcomeUnknownError, RejectedError, RetryableError
from openreturns.idempotency import Done, Rule, Unknown, act
from openreturns.models import DocumentRef
from openreturns.sandbox import KINDS, Fault, Reply, Simulator, serving
from openreturns.transport import SYSTEM, Bearer, Budget, Client, Rate, Retry, Timeouts
from transport.made import client
from transport.toys import Toy, raw_server

SOON = Retry(attempts=4, base=0.001, cap=0.002)
HANG = 0.6
SHORT = Timeouts(connect=5, read=0.3, total=30)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Toy, Simulator, str]]:
    """One server for all: starting one takes longer than most of these tests."""
    toy = Toy()
    simulator = toy.simulator()
    with serving([simulator]) as addresses:
        yield toy, simulator, addresses["toy"]


@pytest.fixture
def toy(served: tuple[Toy, Simulator, str]) -> Toy:
    toy, simulator, _ = served
    toy.reset()
    simulator.faults.clear()
    simulator.calls.clear()
    return toy


@pytest.fixture
def simulator(served: tuple[Toy, Simulator, str], toy: Toy) -> Simulator:
    return served[1]


@pytest.fixture
def base(served: tuple[Toy, Simulator, str], toy: Toy) -> str:
    return served[2]


@pytest.fixture
def n() -> str:
    """A note that no other test knows."""
    return uuid.uuid4().hex


def at(base: str, **settings: Any) -> Client:
    return client(base, **{"retry": SOON, "time": SYSTEM, "timeouts": SHORT, **settings})


# fault -> may the vendor have done it?
FAULTS = {
    "slow": False,
    "throttled": False,
    "error_before": True,  # a 500 does not tell whether it came before or after
    "error_after": True,
    "cut_before": True,
    "cut_after": True,
    "hang_after": True,
    "html": True,
    "truncated": True,
    "stale": False,
    "mislabelled": False,
    "answer": True,
    "meanwhile": False,
}
# A transport cannot see through these; each adapter is held to them by the contract kit.
BEYOND = {"doubled", "unheeded", "altered"}


def test_every_fault_of_the_sandbox_is_shown_here() -> None:
    assert set(FAULTS) | BEYOND == set(KINDS)


@pytest.mark.parametrize("kind", FAULTS)
def test_a_read_survives_every_fault(kind: Any, base: str, simulator: Simulator, toy: Toy, n: str) -> None:
    toy.notes[n] = 1
    simulator.faults.add(Fault(kind, times=2, seconds=HANG if kind == "hang_after" else 0))
    with at(base) as ours:
        assert ours.request("read", "GET", "/notes/{key}", at={"key": n}).json == {"id": n}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_write_that_repeats_safely_survives_every_fault(
    kind: Any, base: str, simulator: Simulator, toy: Toy, n: str
) -> None:
    simulator.faults.add(Fault(kind, times=2, seconds=HANG if kind == "hang_after" else 0))
    with at(base) as ours:
        ours.request("write", "PUT", "/notes/{key}", at={"key": n}, json={}, idempotency="native", key=n)
    assert toy.notes == {n: 1}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_write_whose_outcome_is_unknown_is_never_sent_again(
    kind: Any, base: str, simulator: Simulator, toy: Toy, n: str
) -> None:
    simulator.faults.add(Fault(kind, seconds=HANG if kind == "hang_after" else 0))
    with at(base) as ours:
        if not FAULTS[kind]:
            assert ours.request("write", "POST", "/notes/{key}", at={"key": n}, json={}, key=n).status == 201
            assert toy.notes == {n: 1}
            return
        with pytest.raises(OutcomeUnknownError) as caught:
            ours.request("write", "POST", "/notes/{key}", at={"key": n}, json={}, key=n)
    assert caught.value.key == n
    assert len(simulator.calls) == 1
    assert toy.notes.get(n, 0) <= 1


@pytest.mark.parametrize("rule", ["native", "lookup", "none"])
@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("kind", FAULTS)
def test_whatever_happens_there_is_never_more_than_one_effect(
    kind: Any, times: int, rule: Rule, base: str, simulator: Simulator, toy: Toy, n: str
) -> None:
    which = "GET*" if kind == "stale" else "P*"
    simulator.faults.add(Fault(kind, which, times=times, seconds=HANG if kind == "hang_after" else 0))
    with at(base) as ours:

        def write() -> DocumentRef:
            method = "PUT" if rule == "native" else "POST"
            answer = ours.request("write", method, "/notes/{key}", at={"key": n}, json={}, idempotency=rule, key=n)
            return DocumentRef(type="return", id=answer.json["id"])

        def lookup() -> DocumentRef | None:
            answer = ours.request("find", "GET", "/notes/{key}", at={"key": n}, accepts={404})
            return None if answer.status == 404 else DocumentRef(type="return", id=answer.json["id"])

        try:
            outcome = act(write, lookup if rule != "none" else None, rule, key=n, settle=(0.0,))
        except RetryableError:
            assert toy.notes == {}, "what may be tried again was not done"
            return
    assert toy.notes in ({}, {n: 1})
    if isinstance(outcome, Done):
        assert toy.notes == {n: 1}
    else:
        assert outcome == Unknown(n)


# ---------------------------------------------------------------- bodies that lie

GZIP = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
BODIES: dict[str, tuple[Reply, Any]] = {
    "packed": (Reply(200, gzip.compress(b'{"a":1}'), GZIP), {"a": 1}),
    "packed, it says": (Reply(200, b'{"a":1}', GZIP), {"a": 1}),
    "packed, it says, and long": (Reply(200, b'{"a":' + b" " * 70_000 + b"1}", GZIP), {"a": 1}),
    "packed, it says, and a page": (Reply(200, b"<html>", GZIP), "json"),
    "packed and cut": (Reply(200, gzip.compress(b'{"a":1}' * 99)[:-9], GZIP), "encoding"),
    "small, and large when unpacked": (Reply(200, gzip.compress(b" " * 9_000_000), GZIP), "size"),
    "large": (Reply(200, b" " * 100_001), "size"),
    "a page": (Reply(200, b"<html>", {"Content-Type": "text/html"}), "contract_drift"),
    "no type": (Reply(200, b"{}", {"Content-Type": ""}), "contract_drift"),
    "a vendor's own JSON": (
        Reply(200, b'{"a":1}', {"Content-Type": "application/vnd.acme.resource+json; type=collection"}),
        {"a": 1},
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_what_it_says(name: str, base: str, toy: Toy, n: str) -> None:
    toy.says["it"], ends = BODIES[name]
    with at(base, max_bytes=100_000) as ours:
        if isinstance(ends, dict):
            assert ours.request("read", "GET", "/say/it").json == ends
            return
        with pytest.raises(ContractError) as caught:
            ours.request("read", "GET", "/say/it")
        assert (caught.value.kind, bool(caught.value.correlation_id)) == (ends, True)
        with pytest.raises(OutcomeUnknownError):
            ours.request("write", "POST", "/say/it", json={}, key=n)


def test_a_bomb_is_never_unpacked(base: str, toy: Toy) -> None:
    pack = zlib.compressobj(9, wbits=31)
    bomb = b"".join(pack.compress(bytes(1_000_000)) for _ in range(100)) + pack.flush()
    toy.says["it"] = Reply(200, bomb, GZIP)
    with at(base, max_bytes=100_000) as ours:
        tracemalloc.start()
        try:
            with pytest.raises(ContractError) as caught:
                ours.request("read", "GET", "/say/it")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert caught.value.kind == "size"
    assert peak < 10_000_000, "a hundred megabytes are in there"


def test_an_unreadable_refusal_is_still_a_refusal(base: str, toy: Toy) -> None:
    toy.says["it"] = Reply(400, b"not packed", GZIP)
    with at(base) as ours, pytest.raises(RejectedError) as caught:
        ours.request("write", "POST", "/say/it", json={})
    assert caught.value.status == 400


def test_a_read_is_sent_on_within_the_host_and_no_further(base: str, toy: Toy, n: str) -> None:
    toy.notes[n] = 1
    other = base.replace("127.0.0.1", "localhost")
    toy.says = {
        "near": Reply(302, None, {"Location": "/api/say/nearer"}),
        "nearer": Reply(307, None, {"Location": f"{base}/notes/{n}"}),
        "circle": Reply(301, None, {"Location": "/api/say/circle"}),
        "away": Reply(302, None, {"Location": f"{other}/notes/{n}"}),
    }
    with at(base) as ours:
        assert ours.request("read", "GET", "/say/near").json == {"id": n}
        for name in ("circle", "away"):
            with pytest.raises(MappingError, match=r"circle|not where the API is"):
                ours.request("read", "GET", f"/say/{name}")
    assert [call.headers["host"] for call in toy.heard] == [base.split("/")[2]] * len(toy.heard)


# ---------------------------------------------------------------- connections


def test_nobody_listens(base: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        with at(f"http://127.0.0.1:{taken.getsockname()[1]}") as ours, pytest.raises(RetryableError) as caught:
            ours.request("write", "POST", "/x", json={})
    assert caught.value.kind == "unavailable"


def test_an_answer_that_drips_is_cut_off_at_the_deadline(n: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def drip() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
                while not stop.wait(0.02):
                    peer.sendall(b" ")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        with at(address, timeouts=Timeouts(read=20, total=0.5)) as ours, pytest.raises(OutcomeUnknownError) as caught:
            ours.request("write", "POST", "/x", json={}, key=n)
        stop.set()
        thread.join()
    assert caught.value.kind == "timeout"


def test_an_address_in_ipv6() -> None:
    with raw_server(family=socket.AF_INET6) as (port, heard), at(f"http://[::1]:{port}/api") as ours:
        assert ours.request("read", "GET", "/x").json == {}
    assert heard[0].startswith(b"GET /api/x HTTP/1.1\r\n")
    assert f"host: [::1]:{port}\r\n".encode() in heard[0].lower()


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server() as (port, heard):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "")
        with at("http://vendor.example/api", allow_http=True) as ours:
            assert ours.request("read", "GET", "/x").json == {}
    assert heard[0].startswith(b"GET http://vendor.example/api/x HTTP/1.1\r\n")


def test_what_is_for_this_machine_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain http may carry credentials here because nobody is between."""
    with raw_server() as (proxy, seen), raw_server() as (port, heard):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy}")
        monkeypatch.setenv("NO_PROXY", "")
        with at(f"http://127.0.0.1:{port}/api", auth=Bearer("secret")) as ours:
            assert ours.request("read", "GET", "/x").json == {}
    assert not seen
    assert b"Bearer secret" in heard[0]


# ---------------------------------------------------------------- many at a time


def test_the_budget_holds_by_the_vendors_own_count(base: str, simulator: Simulator, toy: Toy, n: str) -> None:
    """The vendor refuses what is over the budget in any window; so every refusal shows, and none may."""
    budget = Rate(10, 0.25)
    window: list[float] = []

    def refuse(call: Any) -> Reply | None:
        now = SYSTEM.monotonic()
        window[:] = [moment for moment in window if moment > now - budget.seconds]
        window.append(now)
        return Reply(429) if len(window) > budget.calls else None

    toy.refuse = refuse
    toy.notes[n] = 1
    clients = [at(base, account="one", budget=Budget([budget], concurrent=3)) for _ in range(4)]
    statuses: list[int] = []

    def work(ours: Client) -> None:
        for _ in range(8):
            statuses.append(ours.request("read", "GET", f"/notes/{n}").status)

    threads = [threading.Thread(target=work, args=(ours,)) for ours in clients * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for ours in clients:
        ours.close()
    assert statuses == [200] * 64
    assert [call.status for call in simulator.calls] == [200] * 64


def test_no_more_than_so_many_calls_are_under_way_at_once() -> None:
    at_once: list[int] = []
    room = threading.Semaphore(0)

    def count(running: int) -> None:
        at_once.append(running)
        room.acquire(timeout=0.05)  # room for others to come in, were they let

    with raw_server(meanwhile=count) as (port, _), at(f"http://127.0.0.1:{port}", budget=Budget(concurrent=2)) as ours:
        threads = [threading.Thread(target=ours.request, args=("read", "GET", "/x")) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(at_once) == 8
    assert max(at_once) == 2


def test_a_vendor_that_shows_late_what_it_has_done_is_asked_again(
    base: str, simulator: Simulator, toy: Toy, n: str
) -> None:
    simulator.faults.add(Fault("error_after", "POST*"), Fault("stale", "GET*", times=3))
    with at(base) as ours:

        def write() -> DocumentRef:
            answer = ours.request("write", "POST", f"/notes/{n}", json={}, idempotency="lookup", key=n)
            return DocumentRef(type="return", id=answer.json["id"])

        def lookup() -> DocumentRef | None:
            answer = ours.request("find", "GET", f"/notes/{n}", accepts={404})
            return None if answer.status == 404 else DocumentRef(type="return", id=n)

        assert act(write, lookup, "lookup", key=n, settle=(0, 0, 0)) == Done(DocumentRef(type="return", id=n))
    assert toy.notes == {n: 1}
