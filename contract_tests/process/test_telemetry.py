"""One trace from whoever tells of an event to the calls that adapters make; and the figures that matter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from openreturns.errors import RetryableError
from openreturns.idempotency import Outcome
from openreturns.models import Return
from openreturns.process import events, telemetry
from openreturns.process.engine_dbos import DbosEngine
from openreturns.process.jobs import Jobs
from openreturns.process.outbox import Outbox
from openreturns.process.policy import load_policy
from openreturns.process.relay import Relay
from openreturns.process.targets import Webhook
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from process.receiver import SECRET, receiving
from process.systems import NOON, POLICY, MemoryErp, Told, World, connected, story, told
from process.test_engine_dbos import until_closed
from process.test_reconcile import without
from transport.collected import SPANS
from transport.made import BASE, client

READER = InMemoryMetricReader()
metrics.set_meter_provider(MeterProvider([READER]))


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    SPANS.clear()
    yield SPANS
    SPANS.clear()


def traces(spans: InMemorySpanExporter) -> dict[int, list[ReadableSpan]]:
    found: dict[int, list[ReadableSpan]] = {}
    for span in spans.get_finished_spans():
        assert span.context is not None
        found.setdefault(span.context.trace_id, []).append(span)
    return found


class CallingErp(MemoryErp):
    """An ERP whose adapter makes a call over the transport, as every real one does."""

    def authorize(self, return_: Return) -> Outcome:
        client().request("authorize", "POST", "/rma", json={}, correlation_id=return_.meta.correlation_id or "")
        return super().authorize(return_)


def test_one_trace_goes_from_the_portal_over_event_and_decision_to_the_vendors_call(
    spans: InMemorySpanExporter, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.post(url__startswith=BASE).mock(return_value=httpx.Response(200, json={}))
    process = told()
    process.engine._systems._ports["erp", "erp"] = CallingErp(process.world)
    with trace.get_tracer("portal").start_as_current_span("POST /returns") as portal:
        process.asked_for("RMA-1")
    [(trace_id, of_it)] = traces(spans).items()
    by_name = {span.name: span for span in of_it}
    assert trace_id == portal.get_span_context().trace_id
    chain = [
        by_name[name]
        for name in ("POST /api/rma", "erp.authorize", "process return.requested", "take in return.requested")
    ]
    for child, parent in zip(chain, [*chain[1:], by_name["POST /returns"]], strict=True):
        assert child.parent is not None
        assert parent.context is not None
        assert child.parent.span_id == parent.context.span_id
    assert [span.kind for span in chain] == [SpanKind.CLIENT, SpanKind.INTERNAL, SpanKind.CONSUMER, SpanKind.PRODUCER]
    assert f"{trace_id:032x}" in route.calls[0].request.headers["traceparent"]
    attributes = by_name["process return.requested"].attributes
    assert attributes is not None
    assert attributes["openreturns.correlation_id"] == "case-RMA-1"
    assert attributes["openreturns.outcome"] == "applied"


def test_what_the_world_is_told_bears_the_trace_it_was_decided_in(spans: InMemorySpanExporter) -> None:
    process = told()
    with trace.get_tracer("portal").start_as_current_span("POST /returns") as portal:
        process.asked_for("RMA-1")
    with receiving() as receiver:
        targets = {"t": Webhook(receiver.url, [SECRET])}
        Relay(Outbox(process.store, "/test"), targets, Jobs(process.store, "one")).once(NOON)
    told_in = {event.traceparent[3:35] if event.traceparent else "" for event in receiver.news}
    assert told_in == {f"{portal.get_span_context().trace_id:032x}"}


def test_what_is_tried_again_later_is_in_the_trace_of_its_return(spans: InMemorySpanExporter) -> None:
    process = told()
    process.world.failing["authorize"] = [RetryableError("down", retry_after=1, kind="unavailable")]
    with trace.get_tracer("portal").start_as_current_span("POST /returns"):
        process.asked_for("RMA-1")
    process.engine.advance(timedelta(hours=1))
    [of_it] = traces(spans).values()
    tries = [span for span in of_it if span.name == "erp.authorize"]
    assert [span.status.status_code for span in tries] == [StatusCode.ERROR, StatusCode.UNSET]
    assert tries[0].attributes is not None
    assert tries[0].attributes["error.type"] == "unavailable"


def test_a_worker_of_the_durable_engine_goes_on_in_the_trace_of_who_told_it(
    spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    world = World()
    with DbosEngine(f"sqlite:///{tmp_path}/p.sqlite", connected(world), load_policy(POLICY), threads=2) as engine:
        with trace.get_tracer("portal").start_as_current_span("story") as whole:
            for event in story("RMA-1"):
                engine.submit("RMA-1", event)
        until_closed(engine, "RMA-1")
    names = {span.name for span in traces(spans)[whole.get_span_context().trace_id]}
    assert {"process return.requested", "erp.authorize", "erp.issue_credit", "take in goods.inspected"} <= names


def figures() -> dict[str, list[tuple[dict[str, Any], Any]]]:
    """What was measured so far: by name, each point's attributes and its sum or value."""
    data = READER.get_metrics_data()
    assert data is not None
    return {
        metric.name: [(dict(point.attributes or {}), point) for point in metric.data.data_points]
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


def of(name: str, **attributes: str) -> tuple[int, float]:
    """How often something was measured, and the sum of it."""
    points = [point for told_, point in figures().get(name, []) if attributes.items() <= told_.items()]
    return sum(point.count for point in points), sum(point.sum for point in points)


def finished() -> Told:
    process = told()
    process.asked_for("RMA-1")
    process.engine.advance(timedelta(days=3))
    process.came_in(("R1", "1"), number="RMA-1")
    process.inspected("RMA-1")
    return process


def test_cycle_and_issuance_time_and_adjustment_latency_are_measured() -> None:
    names = ("openreturns.return.cycle_time", "openreturns.credit.issuance_time", "openreturns.adjustment.latency")
    before = [of(name) if READER.get_metrics_data() else (0, 0.0) for name in names]
    process = finished()
    state = process.state("RMA-1")
    inspected = max(one.meta.issued_at for one in state.dispositions)
    moves = sum(1 for one in state.effects.values() if one.step == "post_adjustment")
    after = [of(name) for name in names]
    grown: list[Any] = [(now[0] - then[0], now[1] - then[1]) for now, then in zip(after, before, strict=True)]
    late = (process.engine.now - inspected).total_seconds()
    requested = state.return_.requested_at or state.return_.meta.issued_at
    assert grown == [
        (1, pytest.approx((process.engine.now - requested).total_seconds())),
        (1, pytest.approx(late)),
        (moves, pytest.approx(moves * late)),
    ]


def test_what_people_do_is_counted() -> None:
    def touches() -> int:
        points = figures().get("openreturns.manual_touches", [])
        return sum(point.value for told_, point in points if told_["openreturns.event.type"] == "approval.given")

    finished()
    before = touches()
    process = told(POLICY.replace("500", "1"))
    process.asked_for("RMA-1")
    process.event(events.ApprovalGiven, "RMA-1", by="dora", step="return")
    assert touches() == before + 1


def test_leakage_is_what_reconciliation_finds_until_it_is_gone() -> None:
    from openreturns.process.reconcile import compare

    def leakage() -> dict[str, int]:
        return {told_["openreturns.code"]: point.value for told_, point in figures()["openreturns.leakage"]}

    found = compare([], [without(finished().state("RMA-1"), "commit")], load_policy(POLICY))
    telemetry.leaked([one.row() for one in found])
    assert leakage()["tax_not_reversed"] == 210
    telemetry.leaked([])
    assert leakage()["tax_not_reversed"] == 0


WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
from process.test_relay import finished, written
process = finished()
assert process.state("RMA-1").stage == "closed"
assert not any(name.startswith("opentelemetry.") for name in sys.modules)
"""


def test_without_opentelemetry_the_process_does_the_same() -> None:
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], env={"PYTHONPATH": f"{tests}:{tests.parent / 'docs'}"}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
