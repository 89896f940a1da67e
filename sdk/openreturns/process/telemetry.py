"""Traces and metrics of the process, where OpenTelemetry is installed and set up; nothing at all otherwise.

One trace goes from whoever tells the process of an event, over its decision and the commands that follow, to the
calls that adapters make: its `traceparent` is kept with the event, and with what the world is told because of it.
No span has a document or anything personal in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from openreturns.models import Adjustment, Credit
from openreturns.process import events
from openreturns.process.state import TERMINAL, Command, ProcessState

try:
    from opentelemetry import metrics, propagate, trace
except ImportError:  # without the extra `telemetry`
    trace = None  # type: ignore[assignment] # the extra is not there

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from opentelemetry.trace import Span

__all__ = ["Decided", "carrying", "continued", "doing", "leaked", "measured", "taking_in", "traceparent"]

_NAME = "openreturns.process"
_HEADER = "traceparent"


@dataclass(frozen=True)
class Decided:
    """A decision that was written: the state before and after it, and the event that led to it."""

    before: ProcessState | None
    event: events.Event
    after: ProcessState


def _listened() -> bool:
    """Return whether spans go anywhere: without a provider every one costs time and tells nobody."""
    if trace is None:  # without the extra `telemetry`
        return False
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


# ---------------------------------------------------------------- traces


def traceparent() -> str | None:
    """Return the trace under way as a W3C traceparent, if there is one that somebody listens to."""
    if not _listened():
        return None
    carried: dict[str, str] = {}
    propagate.inject(carried)
    return carried.get(_HEADER)


def taking_in(number: str, event: events.Event) -> AbstractContextManager[Any]:
    """Trace that an event is taken in, within whatever trace is under way."""
    return _span(f"take in {event.type}", "PRODUCER", _about(number, event.id, event.type))


@contextmanager
def carrying(number: str, event_id: str, origin: Callable[[], tuple[str, str | None]]) -> Iterator[Callable[..., None]]:
    """Trace that an event is carried through, in the trace that it came in with.

    `origin` tells the event's type and traceparent; it is asked only where somebody listens. Yields what is told of it
    in the end: what became of it, and the return's state.
    """
    if not _listened():
        yield _nothing
        return
    kind, parent = origin()
    context = propagate.extract({_HEADER: parent} if parent else {})
    with _span(f"process {kind}", "CONSUMER", _about(number, event_id, kind), context) as span:

        def told(outcome: str, state: ProcessState | None) -> None:
            span.set_attribute("openreturns.outcome", outcome)
            if state is not None and state.return_.meta.correlation_id:
                span.set_attribute("openreturns.correlation_id", state.return_.meta.correlation_id)

        yield told


@contextmanager
def continued(origin: Callable[[], str | None]) -> Iterator[None]:
    """Go on in a trace from before: what time brings about belongs to what was waited for."""
    parent = origin() if _listened() else None
    if parent is None:
        yield
        return
    from opentelemetry import context

    token = context.attach(propagate.extract({_HEADER: parent}))
    try:
        yield
    finally:
        context.detach(token)


@contextmanager
def doing(command: Command) -> Iterator[Callable[[events.Result], None]]:
    """Trace that a command is done by an adapter; its calls are part of it. Yields what is told of the result."""
    if not _listened():
        yield _nothing
        return
    attributes = {
        "openreturns.system": command.system,
        "openreturns.step": command.step,
        "openreturns.subject": command.subject,
        "openreturns.key": command.key,
    }
    with _span(f"{command.role}.{command.verb}", "INTERNAL", attributes) as span:

        def told(result: events.Result) -> None:
            span.set_attribute("openreturns.outcome", result.status)
            if result.status != "done":
                span.set_attribute("error.type", result.kind or result.status)
                span.set_status(trace.StatusCode.ERROR)

        yield told


def _span(
    name: str,
    kind: str,
    attributes: Mapping[str, str],
    context: Any = None,  # noqa: ANN401 - OpenTelemetry's own
) -> AbstractContextManager[Span]:
    if not _listened():
        return nullcontext()  # type: ignore[return-value] # nothing is told of it
    # What an exception says stays out of traces.
    return trace.get_tracer(_NAME).start_as_current_span(
        name,
        context=context,
        kind=getattr(trace.SpanKind, kind),
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    )


def _about(number: str, event_id: str, kind: str) -> dict[str, str]:
    return {"openreturns.return": number, "openreturns.event.id": event_id, "openreturns.event.type": kind}


def _nothing(*_: object) -> None:
    """Nobody listens."""


# ---------------------------------------------------------------- metrics

_TOUCHES = frozenset({"approval.given", "approval.refused", "dead_letter.retried", "dead_letter.discarded"})

if trace is not None:
    _meter = metrics.get_meter(_NAME)
    _cycle = _meter.create_histogram("openreturns.return.cycle_time", "s", "From the request to the end of a return.")
    _issuance = _meter.create_histogram("openreturns.credit.issuance_time", "s", "From the inspection to the credit.")
    _latency = _meter.create_histogram("openreturns.adjustment.latency", "s", "From the inspection to the stock move.")
    _touches = _meter.create_counter("openreturns.manual_touches", "{touch}", "Decisions that took a person.")
    _leakage = _meter.create_gauge("openreturns.leakage", "{minor unit}", "What a reconciliation found to be lost.")
    _leaks: set[tuple[str, str]] = set()


def measured(decisions: Iterable[Decided]) -> None:
    """Measure what decisions brought: the time that returns, credits and stock moves took, and what people did."""
    if trace is None:
        return
    for one in decisions:
        before, after, event = one.before, one.after, one.event
        if event.type in _TOUCHES:
            _touches.add(1, {"openreturns.event.type": event.type})
        if after.stage in TERMINAL and (before is None or before.stage not in TERMINAL):
            requested = after.return_.requested_at or after.return_.meta.issued_at
            _cycle.record(_seconds(requested, event.at), {"openreturns.stage": after.stage})
        known = before.effects if before else {}
        for key, effect in after.effects.items():
            if effect.status == "done" and (key not in known or known[key].status != "done"):
                _done(after, effect.step, effect.subject, effect.at)


def leaked(rows: Iterable[Mapping[str, Any]]) -> None:
    """Measure what a reconciliation found to be lost without any system being wrong, by what it is and currency."""
    if trace is None:
        return
    lost = dict.fromkeys(_leaks, 0)
    for row in rows:
        if row["systems"] == "process" and row["value_minor"] is not None:
            what = (row["code"], row["currency"])
            lost[what] = lost.get(what, 0) + row["value_minor"]
    _leaks.update(lost)
    for (code, currency), minor in lost.items():
        _leakage.set(minor, {"openreturns.code": code, "openreturns.currency": currency})


def _done(state: ProcessState, step: str, subject: str, at: datetime) -> None:
    documents: Iterable[Credit | Adjustment]
    if step == "issue_credit":
        documents, histogram = state.credits, _issuance
    elif step == "post_adjustment":
        documents, histogram = state.adjustments, _latency
    else:
        return
    decided = {one.meta.document_id: one.meta.issued_at for one in state.dispositions}
    ids = {
        line.disposition.document_id
        for one in documents
        if subject in {one.number, one.meta.document_id}
        for line in one.lines
        if line.disposition
    }
    moments = [decided[id_] for id_ in ids if id_ in decided]
    if moments:
        histogram.record(_seconds(max(moments), at), {"openreturns.currency": state.return_.currency})


def _seconds(start: datetime, end: datetime) -> float:
    return max((end - start).total_seconds(), 0.0)
