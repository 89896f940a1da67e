"""What each kind of answer, and no answer, becomes: done, later, no, or nobody knows."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx
from openreturns.errors import (
    ContractError,
    MappingError,
    OpenReturnsError,
    OutcomeUnknownError,
    Problem,
    RejectedError,
    RetryableError,
)
from openreturns.transport import Answer, Retry, Throttled, Timeouts
from transport.made import BASE, FakeClock, client

OK = httpx.Response(200, json={"id": 1})
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
BUSY = httpx.Response(429, headers={"Retry-After": "7"})
DOWN = httpx.Response(503)
BROKEN = httpx.Response(500)

Step = httpx.Response | type[httpx.TransportError]


@dataclass(frozen=True)
class Case:
    """What the vendor does in turn, and what must come of it: the answer's status, or the error and its kind."""

    steps: Sequence[Step]
    ends: int | tuple[type[OpenReturnsError], str]
    sent: int
    idempotency: Any = "safe"
    attempts: int = 3


READS = {
    "an answer": Case([OK], 200, 1),
    "nothing to say": Case([httpx.Response(204)], 204, 1),
    "a server error, then an answer": Case([BROKEN, OK], 200, 2),
    "down for good": Case([DOWN], (RetryableError, "unavailable"), 3),
    "a gateway's time-out": Case([httpx.Response(504)], (RetryableError, "timeout"), 3),
    "busy, then an answer": Case([BUSY, BUSY, OK], 200, 3),
    "busy for good": Case([BUSY], (RetryableError, "throttled"), 3),
    "no connection, then an answer": Case([httpx.ConnectError, OK], 200, 2),
    "no connection for good": Case([httpx.ConnectTimeout], (RetryableError, "timeout"), 3),
    "a cut connection, then an answer": Case([httpx.RemoteProtocolError, httpx.ReadError, OK], 200, 3),
    "no answer in time, ever": Case([httpx.ReadTimeout], (RetryableError, "timeout"), 3),
    "not there": Case([httpx.Response(404)], (RejectedError, "not_found"), 1),
    "no permission": Case([httpx.Response(403)], (RejectedError, "auth"), 1),
    "a wrong key": Case([httpx.Response(401)], (RejectedError, "auth"), 1),
    "a conflict": Case([httpx.Response(409)], (RejectedError, "conflict"), 1),
    "a wrong document": Case([httpx.Response(422, json={"message": "no"})], (RejectedError, "validation"), 1),
    "a teapot": Case([httpx.Response(418)], (RejectedError, "refused"), 1),
    "a proxy's page for an error": Case(
        [httpx.Response(502, headers=HTML, text="<h1>Bad")], (RetryableError, "unavailable"), 3
    ),
    "a login page for an answer": Case(
        [httpx.Response(200, headers=HTML, text="<form>")], (ContractError, "contract_drift"), 3
    ),
    "a page once, then an answer": Case([httpx.Response(200, headers=HTML, text="<form>"), OK], 200, 2),
    "half of the JSON": Case([httpx.Response(200, headers=JSON, text='{"id": ')], (ContractError, "json"), 3),
    "half of the JSON once": Case([httpx.Response(200, headers=JSON, text='{"id": '), OK], 200, 2),
    "a member twice": Case([httpx.Response(200, headers=JSON, text='{"a":1,"a":2}')], (ContractError, "json"), 3),
    "sent on to another host": Case(
        [httpx.Response(302, headers={"Location": "https://evil.example/"})], (MappingError, "setting"), 1
    ),
    "sent on to itself": Case([httpx.Response(302, headers={"Location": f"{BASE}/it"})], (MappingError, "setting"), 6),
    "sent on to nowhere": Case([httpx.Response(302, headers={"Location": "http://["})], (MappingError, "setting"), 1),
    "nothing but a promise": Case([httpx.Response(304)], (MappingError, "setting"), 1),
}
WRITES = {
    "an answer": Case([OK], 200, 1),
    "no answer in time": Case([httpx.ReadTimeout], (OutcomeUnknownError, "timeout"), 1),
    "a cut connection": Case([httpx.ReadError], (OutcomeUnknownError, "unavailable"), 1),
    "cut while it was sent": Case([httpx.WriteError], (OutcomeUnknownError, "unavailable"), 1),
    "a server error": Case([BROKEN], (OutcomeUnknownError, "unavailable"), 1),
    "down": Case([DOWN], (OutcomeUnknownError, "unavailable"), 1),
    "half of the JSON": Case([httpx.Response(201, headers=JSON, text='{"id": ')], (OutcomeUnknownError, "json"), 1),
    "a page": Case([httpx.Response(200, headers=HTML, text="<p>")], (OutcomeUnknownError, "contract_drift"), 1),
    "busy, then an answer": Case([BUSY, OK], 200, 2),
    "busy for good": Case([BUSY], (RetryableError, "throttled"), 3),
    "no connection, then an answer": Case([httpx.ConnectError, OK], 200, 2),
    "no connection for good": Case([httpx.ConnectError], (RetryableError, "unavailable"), 3),
    "no connection, then no answer": Case([httpx.ConnectError, httpx.ReadTimeout], (OutcomeUnknownError, "timeout"), 2),
    "refused": Case([httpx.Response(400)], (RejectedError, "validation"), 1),
    "see other": Case([httpx.Response(303, headers={"Location": f"{BASE}/x"})], (OutcomeUnknownError, "setting"), 1),
    "do it elsewhere": Case([httpx.Response(307, headers={"Location": f"{BASE}/x"})], (MappingError, "setting"), 1),
    "a request that never came whole": Case([httpx.Response(408)], (OutcomeUnknownError, "timeout"), 1),
}
NATIVE = {
    "no answer, then an answer": Case([httpx.ReadTimeout, OK], 200, 2),
    "a server error, then an answer": Case([BROKEN, OK], 200, 2),
    "no answer, ever": Case([httpx.ReadTimeout], (OutcomeUnknownError, "timeout"), 3),
    "no answer, then no connection": Case(
        [httpx.ReadTimeout, httpx.ConnectError], (OutcomeUnknownError, "unavailable"), 3
    ),
    "no answer, then refused": Case([httpx.ReadTimeout, httpx.Response(409)], (OutcomeUnknownError, "conflict"), 2),
    "busy for good": Case([BUSY], (RetryableError, "throttled"), 3),
    "half of the JSON, then all": Case([httpx.Response(200, headers=JSON, text="{"), OK], 200, 2),
}
CASES = [
    *(("GET", name, case, "safe") for name, case in READS.items()),
    *(("POST", name, case, rule) for name, case in WRITES.items() for rule in ("lookup", "none")),
    *(("PUT", name, case, "native") for name, case in NATIVE.items()),
]


def play(steps: Sequence[Step]) -> list[Step]:
    """The steps, the last one for ever."""
    return [*steps, *[steps[-1]] * 10]


@pytest.mark.parametrize(
    ("method", "name", "case", "rule"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_an_answer_means(method: str, name: str, case: Case, rule: Any, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.route(method=method, url=f"{BASE}/it").mock(side_effect=play(case.steps))
    with client(retry=Retry(attempts=case.attempts)) as ours:

        def send() -> Answer:
            return ours.request(
                "verb", method, "/it", idempotency=rule, key="RMA-1", json={} if method != "GET" else None
            )

        if isinstance(case.ends, int):
            assert send().status == case.ends
        else:
            kind, finer = case.ends
            with pytest.raises(kind) as caught:
                send()
            assert (type(caught.value), caught.value.kind) == (kind, finer)
            assert caught.value.correlation_id
            assert str(caught.value).startswith(f"acme verb: {method} /it")
            assert getattr(caught.value, "key", "RMA-1") == "RMA-1"
    assert route.call_count == case.sent


def test_numbers_are_exact_both_ways(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{BASE}/it").respond(200, headers=JSON, content=b'{"total": 10.10, "n": 3}')
    answer = client().request("verb", "POST", "/it", json={"total": Decimal("0.10"), "many": Decimal("1E+2")})
    assert route.calls.last.request.content == b'{"total":0.10,"many":1E+2}'
    assert answer.json == {"total": Decimal("10.10"), "n": 3}
    assert str(answer.json["total"]) == "10.10"
    assert answer.content == b'{"total": 10.10, "n": 3}'


def test_an_answer_that_may_be_anything_is_handed_over_as_it_came(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{BASE}/label").respond(200, headers={"Content-Type": "application/pdf"}, content=b"%PDF-1.7")
    answer = client().request("label", "GET", "/label", expects="any")
    assert (answer.json, answer.content, answer.media_type) == (None, b"%PDF-1.7", "application/pdf")


def test_a_status_that_the_adapter_knows_what_to_do_with_is_an_answer(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{BASE}/it").respond(404, json={"code": "NONEXISTENT_ID"})
    assert client().request("read", "GET", "/it", accepts={404}).json == {"code": "NONEXISTENT_ID"}


def explain(answer: Answer) -> list[Problem]:
    """The problems of a vendor that answers `[{"errorCode": ..}]`."""
    return [Problem(row["errorCode"], "see the vendor's list of codes") for row in answer.json]


LIMIT = httpx.Response(403, json=[{"errorCode": "REQUEST_LIMIT_EXCEEDED"}])
FORBIDDEN = httpx.Response(403, json=[{"errorCode": "INSUFFICIENT_ACCESS"}])
LOGIN = httpx.Response(401, json=[{"errorCode": "INVALID_LOGIN"}])
RULES = (
    Throttled(429),
    Throttled(403, "REQUEST_LIMIT_EXCEEDED"),
    Throttled(401, "INVALID_LOGIN", times=1),
    Throttled(503),
)
OWN_WAYS: dict[str, tuple[list[httpx.Response], Any, int]] = {
    "too much, said as forbidden": ([LIMIT, OK], 200, 2),
    "forbidden": ([FORBIDDEN], (RejectedError, "auth", "INSUFFICIENT_ACCESS"), 1),
    "overload, said as a wrong login": ([LOGIN, OK], 200, 2),
    "a wrong login": ([LOGIN, LOGIN], (RejectedError, "auth", "INVALID_LOGIN"), 2),
    "a 503 that this vendor means as throttling": ([DOWN, OK], 200, 2),
    "a refusal in an unknown form": ([httpx.Response(400, json={"a": "b"})], (RejectedError, "validation", ""), 1),
    "a refusal that is a text": ([httpx.Response(400, text="no")], (RejectedError, "validation", ""), 1),
}


@pytest.mark.parametrize("name", OWN_WAYS)
def test_a_vendors_own_ways_are_rows_of_data(name: str, respx_mock: respx.MockRouter) -> None:
    steps, ends, sent = OWN_WAYS[name]
    route = respx_mock.post(f"{BASE}/it").mock(side_effect=play(steps))
    ours = client(throttled=RULES, explain=explain)
    if isinstance(ends, int):
        assert ours.request("verb", "POST", "/it", json={}).status == ends
    else:
        with pytest.raises(ends[0]) as caught:
            ours.request("verb", "POST", "/it", json={})
        error = caught.value
        assert (error.kind, error.vendor_code, error.status) == (*ends[1:], steps[0].status_code)
        assert [problem.code for problem in error.problems] == ([ends[2]] if ends[2] else [])
    assert route.call_count == sent


# ---------------------------------------------------------------- waiting

HINTS: dict[str, tuple[dict[str, str], float | None]] = {
    "seconds": ({"Retry-After": "7"}, 7),
    "a vendor's own name": ({"x-retry-after": "25"}, 25),
    "a date, by the vendor's clock": (
        {"Retry-After": "Tue, 24 Nov 2026 12:00:30 GMT", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"},
        30,
    ),
    "a date that is over": ({"Retry-After": "Tue, 24 Nov 2020 12:00:30 GMT"}, 0),
    "nothing at all": ({}, None),
    "nonsense": ({"Retry-After": "soon"}, None),
    "less than nothing": ({"Retry-After": "-5"}, None),
    "no number": ({"Retry-After": "nan"}, None),
}


@pytest.mark.parametrize("name", HINTS)
def test_a_vendor_is_given_the_time_it_asks_for(name: str, respx_mock: respx.MockRouter) -> None:
    headers, seconds = HINTS[name]
    respx_mock.get(f"{BASE}/it").mock(side_effect=[httpx.Response(429, headers=headers), OK])
    clock = FakeClock()
    client(clock=clock).request("read", "GET", "/it")
    assert sum(clock.slept) <= 1 if seconds is None else sum(clock.slept) == seconds


def test_what_one_caller_is_told_all_callers_of_the_account_keep(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{BASE}/it").mock(side_effect=[BUSY, OK])
    clock = FakeClock()
    one = client(clock=clock, account="shared", retry=Retry(attempts=1))
    other = client(clock=clock, account="shared")
    stranger = client(clock=clock, account="another")
    with pytest.raises(RetryableError) as caught:
        one.request("read", "GET", "/it")
    assert (caught.value.retry_after, clock.slept) == (7, [])
    respx_mock.get(f"{BASE}/it").mock(return_value=OK)
    stranger.request("read", "GET", "/it")
    assert clock.slept == []
    other.request("read", "GET", "/it")
    assert clock.slept == [7]


def test_waits_grow_and_are_drawn_below_a_cap(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{BASE}/it").mock(return_value=DOWN)
    clock = FakeClock()
    with pytest.raises(RetryableError):
        client(clock=clock, retry=Retry(attempts=8, base=1, cap=4)).request("read", "GET", "/it")
    assert len(clock.slept) == 7
    assert all(0 <= wait <= most for wait, most in zip(clock.slept, [1, 2, 4, 4, 4, 4, 4], strict=True))
    assert len(set(clock.slept)) > 1


def test_a_request_gives_up_before_its_time_is_over(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{BASE}/it").mock(return_value=httpx.Response(429, headers={"Retry-After": "40"}))
    clock = FakeClock()
    with pytest.raises(RetryableError) as caught:
        client(clock=clock, timeouts=Timeouts(total=100), retry=Retry(attempts=50)).request("read", "GET", "/it")
    assert caught.value.retry_after == 40
    assert (sum(clock.slept), route.call_count) == (80, 3)


def test_an_account_that_fails_again_and_again_is_left_alone_for_a_while(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{BASE}/it").mock(return_value=DOWN)
    clock = FakeClock()
    ours = client(clock=clock, retry=Retry(attempts=1))
    for _ in range(12):
        with pytest.raises(RetryableError) as caught:
            ours.request("read", "GET", "/it")
    assert route.call_count == 10
    assert caught.value.retry_after == 30
    clock.now += 30
    with pytest.raises(RetryableError):
        ours.request("read", "GET", "/it")
    assert route.call_count == 11, "one request tries"
    with pytest.raises(RetryableError):
        ours.request("read", "GET", "/it")
    assert route.call_count == 11, "the next waits again"
    clock.now += 30
    route.mock(return_value=OK)
    assert [ours.request("read", "GET", "/it").status for _ in range(3)] == [200] * 3


# ---------------------------------------------------------------- what is sent, and where

ADDRESSES: list[tuple[str, dict[str, Any], str]] = [
    ("/return/{id}", {"at": {"id": 78101}}, "/return/78101"),
    ("/return/{id}", {"at": {"id": "RMA 1/A?x=#&%"}}, "/return/RMA%201%2FA%3Fx%3D%23%26%25"),
    ("/x/eid:{key}", {"at": {"key": "a:b"}}, "/x/eid:a%3Ab"),
    (
        "/r",
        {"params": {"a": "b c", "n": 3, "d": Decimal("1.50"), "yes": True, "no": None}},
        "/r?a=b%20c&n=3&d=1.50&yes=true",
    ),
    ("/r", {"params": [("id", 1), ("id", 2)]}, "/r?id=1&id=2"),
    ("/r?x=1", {"params": {"y": 'q "1" + é'}}, "/r?x=1&y=q%20%221%22%20%2B%20%C3%A9"),
    (f"{BASE}/next?cursor=abc%3D", {}, "/next?cursor=abc%3D"),
]


@pytest.mark.parametrize(("path", "given", "sent"), ADDRESSES, ids=[row[2] for row in ADDRESSES])
def test_where_a_request_goes(path: str, given: dict[str, Any], sent: str, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(url__startswith="https://vendor.example").mock(return_value=OK)
    client().request("read", "GET", path, **given)
    assert str(route.calls.last.request.url) == f"{BASE}{sent}"


WRONG_REQUESTS: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    ("/r/{id}", {}, ValueError, "no value for it"),
    ("/r/{id}", {"at": {"id": ".."}}, ValueError, "would change the path"),
    ("/r/{id}", {"at": {"id": ""}}, ValueError, "would change the path"),
    ("/r", {"params": {"amount": 1.5}}, TypeError, "amount is a float"),
    ("/r", {"json": {"amount": object()}}, TypeError, "is not JSON"),
    ("/r", {"correlation_id": "a\nb"}, ValueError, "visible ASCII"),
    ("https://evil.example/r", {}, ContractError, "another place"),
    ("https://vendor.example:444/r", {}, ContractError, "another place"),
    ("http://vendor.example/r", {}, ContractError, "another place"),
    ("https://user@vendor.example/r", {}, ContractError, "another place"),
    ("/r", {"headers": {"X-Note": "a\r\nX-Evil: 1"}}, MappingError, "X-Note holds a character"),
    ("/r", {"headers": {"X-Note": "é"}}, MappingError, "X-Note holds a character"),
]


@pytest.mark.parametrize(("path", "given", "error", "match"), WRONG_REQUESTS)
def test_a_request_that_cannot_be_right_is_never_sent(
    path: str, given: dict[str, Any], error: type[Exception], match: str, respx_mock: respx.MockRouter
) -> None:
    with pytest.raises(error, match=match):
        client().request("read", "GET", path, **given)
    assert len(respx_mock.calls) == 0


@pytest.mark.parametrize(
    "address",
    [
        "http://vendor.example",
        "https://name:hunter2@vendor.example",
        "https://vendor.example/api?key=1",
        "ftp://vendor.example",
        "vendor.example",
        "https://[::1",
        "https://vendor.example:http",
        "",
    ],
)
def test_a_base_address_that_gives_secrets_away_is_refused(address: str) -> None:
    with pytest.raises(MappingError, match="the base address") as caught:
        client(address)
    assert caught.value.kind == "setting"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://[::1]:8000/x/", "http://localhost", BASE])
def test_this_machine_may_be_called_without_encryption(address: str) -> None:
    assert client(address).base_url == address.rstrip("/")


def test_a_trusted_network_may_be_called_without_encryption_if_said_so() -> None:
    assert client("http://erp:8000", allow_http=True).base_url == "http://erp:8000"


def unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    return context


@pytest.mark.parametrize(
    ("trust", "error"), [(False, TypeError), (True, TypeError), (0, TypeError), (unverified(), ValueError)]
)
def test_certificates_are_always_verified(trust: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="verif"):
        client(trust=trust)


def test_a_verifying_context_may_be_given() -> None:
    client(trust=ssl.create_default_context()).close()


# ---------------------------------------------------------------- bodies that lie

BODIES: dict[str, tuple[dict[str, str], bytes, int | str]] = {
    "packed": ({"Content-Encoding": "gzip"}, gzip.compress(b'{"a":1}'), 200),
    "packed and cut": ({"Content-Encoding": "gzip"}, gzip.compress(b'{"a":1}' * 99)[:-9], "encoding"),
    "packed, and more behind": ({"Content-Encoding": "gzip"}, gzip.compress(b'{"a":1}') + b"more", "encoding"),
    "packed in a way nobody asked for": ({"Content-Encoding": "br"}, b"abc", "encoding"),
    "small, and large when unpacked": ({"Content-Encoding": "gzip"}, gzip.compress(b" " * 9_000_000), "size"),
    "large": ({}, b" " * 100_001, "size"),
    "just as large as may be": ({}, b"[" + b" " * 99_998 + b"]", 200),
    "not spelled in UTF-8": ({}, b'{"a":"\xff"}', "encoding"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_what_it_says_and_not_too_large(name: str, respx_mock: respx.MockRouter) -> None:
    headers, body, ends = BODIES[name]
    respx_mock.get(f"{BASE}/it").mock(
        side_effect=lambda _: httpx.Response(200, headers={**JSON, **headers}, stream=httpx.ByteStream(body))
    )
    ours = client(max_bytes=100_000)
    if isinstance(ends, int):
        assert ours.request("read", "GET", "/it").status == ends
    else:
        with pytest.raises(ContractError) as caught:
            ours.request("read", "GET", "/it")
        assert caught.value.kind == ends
