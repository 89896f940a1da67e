"""Traces: a `traceparent` on every request, and a span where OpenTelemetry is installed and set up.

Names and attributes are those of the semantic conventions for HTTP clients; addresses without values and query.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

try:
    from opentelemetry import propagate, trace
except ImportError:  # without the extra `telemetry` only the header is sent
    trace = None  # type: ignore[assignment] # without OpenTelemetry there is none

__all__ = ["Span", "span"]


class Span:
    """One request under way: the headers that carry the trace, and what is told when it has ended."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        self.status = 0
        self.failed = ""


@contextmanager
def span(method: str, address: str, verb: str, vendor: str, correlation_id: str, attempt: int) -> Iterator[Span]:
    """Trace the block. `address` is the base address and the path's template."""
    if not _listened():
        yield Span({"traceparent": _parent(correlation_id)})
        return
    parts = urlsplit(address)
    attributes: dict[str, str | int] = {
        "http.request.method": method,
        "server.address": parts.hostname or "",
        "server.port": parts.port or (443 if parts.scheme == "https" else 80),
        "url.full": address,
        "url.template": parts.path,
        "openreturns.verb": verb,
        "openreturns.vendor": vendor,
        "openreturns.correlation_id": correlation_id,
        **({"http.request.resend_count": attempt - 1} if attempt > 1 else {}),
    }
    tracer = trace.get_tracer("openreturns.transport")
    # What an exception says stays out of traces; its kind is told below.
    with tracer.start_as_current_span(
        f"{method} {parts.path}",
        kind=trace.SpanKind.CLIENT,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        ours = Span({})
        propagate.inject(ours.headers)
        ours.headers.setdefault("traceparent", _parent(correlation_id))
        try:
            yield ours
        finally:
            failed = ours.failed or (str(ours.status) if ours.status >= 400 else "")
            if ours.status:
                current.set_attribute("http.response.status_code", ours.status)
            if failed:
                current.set_attribute("error.type", failed)
                current.set_status(trace.StatusCode.ERROR)


def _listened() -> bool:
    """Return whether spans go anywhere: without a provider every one costs time and tells nobody."""
    if trace is None:  # without the extra `telemetry`
        return False
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def _parent(correlation_id: str) -> str:
    """Return a W3C traceparent; a correlation id that can be a trace id is one, so that all attempts are one trace."""
    usable = re.fullmatch(r"[0-9a-f]{32}", correlation_id) and correlation_id.strip("0")
    return f"00-{correlation_id if usable else secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
