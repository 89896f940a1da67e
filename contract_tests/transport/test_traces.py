"""Every request can be followed: one line in the log, one span by the conventions, the same ids in the headers."""

from __future__ import annotations

import logging
import re
import subprocess
import sys

import httpx
import pytest
import respx
from openreturns.errors import RejectedError, RetryableError
from openreturns.transport import Bearer, Retry
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from transport.collected import SPANS
from transport.made import BASE, client

OK = httpx.Response(200, json={})


@pytest.fixture
def spans() -> InMemorySpanExporter:
    SPANS.clear()
    return SPANS


def finished(spans: InMemorySpanExporter) -> list[ReadableSpan]:
    return list(spans.get_finished_spans())


def test_a_request_is_a_client_span_by_the_conventions(
    spans: InMemorySpanExporter, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.post(url__startswith=BASE).mock(return_value=OK)
    client().request(
        "announce",
        "POST",
        "/return/{id}",
        at={"id": "RMA-1"},
        params={"who": "bob"},
        json={},
        correlation_id="c-1",
    )
    [span] = finished(spans)
    assert (span.name, span.kind, span.status.status_code) == (
        "POST /api/return/{id}",
        SpanKind.CLIENT,
        StatusCode.UNSET,
    )
    assert dict(span.attributes or {}) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "server.address": "vendor.example",
        "server.port": 443,
        "url.full": f"{BASE}/return/{{id}}",
        "url.template": "/api/return/{id}",
        "openreturns.verb": "announce",
        "openreturns.vendor": "acme",
        "openreturns.correlation_id": "c-1",
    }
    context = span.get_span_context()
    assert context is not None
    sent = route.calls.last.request.headers
    assert sent["traceparent"].rpartition("-")[0] == f"00-{context.trace_id:032x}-{context.span_id:016x}"
    assert sent["x-correlation-id"] == "c-1"


def test_each_attempt_is_a_span_of_its_own_within_the_callers(
    spans: InMemorySpanExporter, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(f"{BASE}/it").mock(side_effect=[httpx.Response(503), httpx.ReadTimeout, OK])
    with trace.get_tracer("test").start_as_current_span("the caller's") as outer:
        client().request("read", "GET", "/it")
    *attempts, _ = finished(spans)
    told = [dict(span.attributes or {}) for span in attempts]
    assert [one.get("error.type") for one in told] == ["503", "timeout", None]
    assert [one.get("http.request.resend_count") for one in told] == [None, 1, 2]
    assert [span.status.status_code for span in attempts] == [StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET]
    assert {span.parent.span_id if span.parent else 0 for span in attempts} == {outer.get_span_context().span_id}
    assert not any(span.events for span in attempts)


def test_one_line_a_request_and_nothing_from_the_library(
    respx_mock: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    respx_mock.get(url__startswith=f"{BASE}/return/78101").mock(side_effect=[httpx.ConnectTimeout, httpx.Response(404)])
    with pytest.raises(RejectedError):
        client().request("read", "GET", "/return/{id}", at={"id": 78101}, params={"q": "bob"}, correlation_id="c-1")
    lines = [f"{record.name} {record.levelname} {record.getMessage()}" for record in caplog.records]
    head = "openreturns.transport WARNING vendor=acme verb=read method=GET path=/api/return/{id}"
    assert lines == [
        f"{head} status=timeout ms=0 attempt=1 correlation=c-1",
        f"{head} status=404 ms=0 attempt=2 correlation=c-1",
    ]


def test_the_library_still_logs_what_others_do_with_it(
    respx_mock: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    respx_mock.get(url__startswith=BASE).mock(return_value=OK)
    client().request("read", "GET", "/it")
    httpx.get(f"{BASE}/other")
    assert [record.name for record in caplog.records] == ["openreturns.transport", "httpx"]


def test_a_correlation_id_is_made_once_a_request_and_is_in_the_error(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{BASE}/it").mock(return_value=httpx.Response(503))
    with pytest.raises(RetryableError) as caught:
        client(retry=Retry(attempts=2)).request("read", "GET", "/it")
    [made] = {call.request.headers["x-correlation-id"] for call in route.calls}
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    assert caught.value.correlation_id == made
    respx_mock.get(f"{BASE}/it").mock(return_value=OK)
    assert client().request("read", "GET", "/it", correlation_id=made).correlation_id == made


WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
import httpx, respx
from openreturns.transport import Client
with respx.mock:
    route = respx.get("https://vendor.example/it").respond(200, json={})
    with Client("https://vendor.example", vendor="acme") as client:
        client.request("read", "GET", "/it", correlation_id="0123456789abcdef0123456789abcdef")
        client.request("read", "GET", "/it", correlation_id="c-1")
print(*(call.request.headers["traceparent"] for call in route.calls))
"""


def test_without_opentelemetry_the_header_is_sent_all_the_same() -> None:
    ran = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    first, second = ran.stdout.split()
    assert re.fullmatch(r"00-0123456789abcdef0123456789abcdef-[0-9a-f]{16}-01", first)
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", second)


def test_a_bearer_is_in_no_span(spans: InMemorySpanExporter, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{BASE}/it").mock(return_value=OK)
    client(auth=Bearer("hunter2")).request("read", "GET", "/it")
    assert "hunter2" not in "".join(span.to_json() for span in finished(spans))
