"""Watches everything that a test makes this project say: log records, spans, errors, and output of commands.

Fails the test that gives a secret or a person away. Of what commands print, the documents themselves may name
persons (`translate` is there to hand them over), and `sandbox` tells what lets a client in.
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import pytest
from click.testing import CliRunner
from openreturns.errors import OpenReturnsError
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from secrecy.markers import persons_in, secrets_in
from transport.collected import PROVIDER

# What these commands print on standard output is a document, or is meant to let somebody in.
HANDS_OVER = frozenset({"translate", "explain"})
LETS_IN = frozenset({"sandbox"})


class Said:
    """What was said during a test, and by what."""

    def __init__(self) -> None:
        self.leaks: list[str] = []

    def hear(self, where: str, text: str, *, persons: bool = True, secrets: bool = True) -> None:
        """Look at a text; what it gives away is told by what it is, never quoted."""
        found = [*(secrets_in(text) if secrets else ()), *(persons_in(text) if persons else ())]
        self.leaks += [f"{where}: {marker!r}" for marker in found]

    def take(self) -> list[str]:
        """Return what was given away since the last time."""
        leaks, self.leaks = self.leaks, []
        return leaks


SAID = Said()


class _Records(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        text = f"{record.getMessage()} {record.args!r} {record.exc_text or ''} {record.exc_info or ''}"
        SAID.hear(f"log {record.name}", text)


class _Spans(SpanExporter):
    def export(self, spans: Any) -> SpanExportResult:
        for span in spans:
            assert isinstance(span, ReadableSpan)
            SAID.hear(f"span {span.name}", span.to_json())
        return SpanExportResult.SUCCESS


def _error_made(plain: Callable[..., None]) -> Callable[..., None]:
    @wraps(plain)
    def init(self: OpenReturnsError, *args: Any, **given: Any) -> None:
        plain(self, *args, **given)
        SAID.hear(type(self).__name__, f"{self}\n{vars(self)!r}")

    return init


def _attribute_set(self: OpenReturnsError, name: str, value: object) -> None:
    object.__setattr__(self, name, value)
    if not name.startswith("_"):
        SAID.hear(f"{type(self).__name__}.{name}", repr(value))


def _command_run(plain: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(plain)
    def invoke(self: CliRunner, cli: Any, args: Any = None, **given: Any) -> Any:
        result = plain(self, cli, args, **given)
        _output(" ".join(map(str, args or ())), result.stdout, result.stderr)
        return result

    return invoke


def _process_run(plain: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(plain)
    def communicate(self: subprocess.Popen[Any], *args: Any, **given: Any) -> Any:
        out, err = plain(self, *args, **given)
        words = self.args if isinstance(self.args, str) else " ".join(map(str, self.args))  # type: ignore[arg-type] # a path is text too
        if "openreturns" in words:
            _output(words, *(one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in (out, err)))
        return out, err

    return communicate


def _output(words: str, out: str | None, err: str | None) -> None:
    said = frozenset(words.split())
    SAID.hear("standard output", out or "", persons=not said & HANDS_OVER, secrets=not said & LETS_IN)
    SAID.hear("standard error", err or "")


@pytest.fixture(autouse=True, scope="session")
def _watching() -> Iterator[None]:
    patched = pytest.MonkeyPatch()
    patched.setattr(OpenReturnsError, "__init__", _error_made(OpenReturnsError.__init__))
    patched.setattr(OpenReturnsError, "__setattr__", _attribute_set)
    patched.setattr(CliRunner, "invoke", _command_run(CliRunner.invoke))
    patched.setattr(subprocess.Popen, "communicate", _process_run(subprocess.Popen.communicate))
    ours, records = logging.getLogger("openreturns"), _Records()
    logging.getLogger().addHandler(records)
    before = ours.level
    ours.setLevel(logging.DEBUG)
    spans = SimpleSpanProcessor(_Spans())
    PROVIDER.add_span_processor(spans)
    yield
    logging.getLogger().removeHandler(records)
    ours.setLevel(before)
    patched.undo()


@pytest.fixture(autouse=True)
def _nothing_given_away(_watching: None) -> Iterator[None]:
    SAID.take()
    yield
    leaks = SAID.take()
    assert not leaks, "given away by " + "; ".join(sorted(set(leaks)))
