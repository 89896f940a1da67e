"""Provers: what the vendor's answers mean: errors in their class, how long to wait, how often to call, pages."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from glob import escape
from typing import Any

from openreturns._fields import generic
from openreturns._json import parse
from openreturns.adapters import Adapter
from openreturns.errors import OpenReturnsError, RejectedError, RetryableError
from openreturns.sandbox import Fault
from openreturns.testing._at import At, clients, connection
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import Case, CheckFailure, Inapplicable, NoEvidence
from openreturns.testing._filled import leaves
from openreturns.testing._verbs import Run, Verb, at, row, rows
from openreturns.transport import Time
from openreturns.validation import document_validator

__all__ = [
    "budgets",
    "calls_of",
    "complete",
    "discreet",
    "errors",
    "heeded",
    "kept",
    "listed",
    "reads",
    "sorted_in",
]

_RETRYABLE = {"throttled", "timeout", "unavailable", "incomplete"}
_WAIT = 7
_WRONG: tuple[Any, ...] = ("error_before", "throttled", "html", "truncated", "cut_before")
_LONG_AGO = timedelta(hours=12)
_FAR_EAST = timezone(timedelta(hours=14))  # whose clocks, taken for ours, show what is still to come


@dataclass
class Elapsed:
    """A clock that only waiting moves, and what was waited for."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def time(self) -> Time:
        """Return it as the client takes it."""
        return Time(monotonic=lambda: self.seconds, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def reads(candidate: Candidate) -> Verb:
    """Return a row that only reads. Raises NoEvidence where there is none."""
    found = [one for one in rows(candidate).values() if not one.write]
    if not found:
        raise NoEvidence("no row of verbs.toml only reads")
    return next((one for one in found if one.verb in {"read", "status"}), found[0])


def errors(candidate: Candidate) -> Iterator[Case]:
    """Yield each error that the manifest names."""
    clients(candidate)
    listed = candidate.manifest.get("errors", ())
    if not listed:
        raise NoEvidence("the manifest names no errors of the vendor ([[errors]])")
    yield from (Case(f"{one['status']}{'-' if one.get('code') else ''}{one.get('code', '')}", (one,)) for one in listed)


def sorted_in(candidate: Candidate, error: Mapping[str, Any]) -> None:
    """Prove by letting the vendor answer a read with it: class, kind, whether and when to try again."""
    verb = reads(candidate)
    with at(candidate, verb, time=Elapsed().time()) as there:
        run = Run(candidate, there, 1)
        run.done(verb)
        calls = calls_of(there, run, verb)
        body = parse(error["body"].encode()) if "body" in error else None
        headers = {name: str(value) for name, value in error.get("headers", {}).items()}
        said = {"status": error["status"], "body": body, "headers": headers}
        there.simulator.faults.add(*(Fault("answer", call, times=1000, **said) for call in calls))
        raised = _raised(run, verb)
    kind, wanted = error["kind"], RetryableError if error["kind"] in _RETRYABLE else RejectedError
    told: dict[str, Any] = {
        "value": f"{type(raised).__name__} ({getattr(raised, 'kind', '')}): {raised}",
        "document": dict(error),
    }
    if not isinstance(raised, wanted) or raised.kind != kind:
        raise CheckFailure(f"{error['status']} should be a {wanted.__name__} of the kind {kind!r}", **told)
    if error.get("code") and raised.vendor_code != error["code"]:
        raise CheckFailure(f"the vendor's code is told as {raised.vendor_code!r}, not {error['code']!r}", **told)
    if isinstance(raised, RetryableError) and raised.retry_after < error.get("retry_after", 0):
        raise CheckFailure(f"it says to try again after {raised.retry_after} seconds: too early", **told)


def calls_of(there: At, run: Run, verb: Verb) -> list[str]:
    """Do a verb, and return the calls that it makes."""
    before = len(there.simulator.calls)
    run.act(verb)
    return list(dict.fromkeys(f"{call.method} {escape(call.path)}" for call in there.simulator.calls[before:]))


def _raised(run: Run, verb: Verb) -> Exception | None:
    try:
        run.act(verb)
    except OpenReturnsError as error:
        return error
    except Exception as error:
        raise CheckFailure(f"{type(error).__name__}, which is none of our errors: {error}") from error
    return None


def heeded(candidate: Candidate) -> None:
    """Prove by a vendor that asks for seven seconds: the client waits them, tries again, and gets its answer."""
    header = candidate.manifest.get("rate_limit", {}).get("retry_after_header", "Retry-After")
    throttled = [one for one in candidate.manifest.get("errors", ()) if one["kind"] == "throttled"]
    if not throttled:
        raise NoEvidence("the manifest names no error of the kind throttled ([[errors]])")
    error, verb, clock = throttled[0], reads(candidate), Elapsed()
    with at(candidate, verb, time=clock.time()) as there:
        run = Run(candidate, there, 1)
        run.done(verb)
        call = calls_of(there, run, verb)[0]
        clock.slept.clear()
        body = parse(error["body"].encode()) if "body" in error else None
        said: dict[str, Any] = {"status": error["status"], "body": body, "headers": {header: str(_WAIT)}}
        there.simulator.faults.add(Fault("answer", call, **said))
        try:
            run.act(verb)
        except OpenReturnsError as raised:
            raise CheckFailure(f"one {error['status']} that asks for {_WAIT} seconds ends in {raised}") from raised
    if sum(clock.slept) < _WAIT:
        raise CheckFailure(f"the vendor asks for {_WAIT} seconds by {header}, the client waits {sum(clock.slept):g}")


def budgets(candidate: Candidate) -> Iterator[Case]:
    """Yield each limit that the manifest names: calls in a time, calls at one time."""
    clients(candidate)
    limit = candidate.manifest.get("rate_limit", {})
    found = [name for name in ("requests", "concurrent") if name in limit]
    if not found:
        raise Inapplicable("the manifest names no rate (rate_limit.requests, rate_limit.concurrent)")
    yield from (Case(name, (name,)) for name in found)


def kept(candidate: Candidate, name: str) -> None:
    """Prove by a manifest with a small limit, and more calls than it allows."""
    limit, verb, clock = 3, reads(candidate), Elapsed()

    def small(adapter: Adapter) -> None:
        limits: Any = {**adapter.manifest["rate_limit"], name: limit}
        adapter.manifest["rate_limit"] = limits

    options: dict[str, Any] = {"time": clock.time()} if name == "requests" else {}
    with at(candidate, verb, change=small, budget=None, **options) as there:
        run = Run(candidate, there, 1)
        if name == "requests":
            moments = _moments(there, run, verb, clock, 4 * limit)
            window = candidate.manifest["rate_limit"]["per_seconds"]
            for place, moment in enumerate(moments):
                inside = [one for one in moments[place:] if one < moment + window]
                if len(inside) > limit:
                    said = f"{len(inside)} calls in {window} seconds, where the manifest allows {limit}"
                    raise CheckFailure(said)
            return
        run.done(verb)
        there.simulator.busiest = 0
        there.simulator.faults.add(Fault("slow", times=1000, seconds=0.02))
        with ThreadPoolExecutor(4 * limit) as pool:
            for done in [pool.submit(run.act, verb) for _ in range(4 * limit)]:
                done.result()
        if there.simulator.busiest > limit:
            said = f"{there.simulator.busiest} calls at one time, where the manifest allows {limit}"
            raise CheckFailure(said)


def _moments(there: At, run: Run, verb: Verb, clock: Elapsed, times: int) -> list[float]:
    """Return when each call came, by the client's clock."""
    moments: list[float] = []
    there.simulator.faults.add(Fault("meanwhile", times=10_000, action=lambda: moments.append(clock.seconds)))
    with suppress(RetryableError):  # it would have to wait longer than it may
        run.done(verb)
        for _ in range(times):
            run.act(verb)
    calls = there.simulator.calls[-len(moments) :] if moments else []
    return [moment for moment, call in zip(moments, calls, strict=True) if there.simulator.counts(call)]


def listed(candidate: Candidate) -> Iterator[Case]:
    """Yield how many records a list has: none, one, a page, one more; and one that grows while it is read."""
    clients(candidate)
    told = candidate.evidence.verbs.get("pages")
    if not told:
        raise NoEvidence("verbs.toml has no [pages] that says which row makes what `changes` lists (made_by)")
    verb, size = row(candidate, told["made_by"]), int(told.get("page_size", 3))
    for name, number in {"none": 0, "one": 1, "a page": size, "a page and one": size + 1}.items():
        yield Case(name, (verb, size, number, ""))
    yield Case("while it grows", (verb, size, 2 * size, told.get("list", "GET *")))


def complete(candidate: Candidate, verb: Verb, size: int, number: int, grows: str) -> None:
    """Prove by making records and asking what changed since a moment of another zone: all of them, each once."""
    since = datetime.now(_FAR_EAST) - _LONG_AGO
    with at(candidate, verb, simulator={"page_size": size}) as there:
        before = {change.ref for change in there.client.changes(since)}
        made = [Run(candidate, there, place).done(verb) for place in range(number)]
        if grows:
            later = Run(candidate, there, number)
            first, second = Fault("slow", grows), Fault("meanwhile", grows, action=lambda: later.done(verb))
            there.simulator.faults.add(first, second)
        found = [change.ref for change in there.client.changes(since)]
        if grows and there.simulator.faults.waiting:
            raise NoEvidence(f"[pages] list = {grows!r} does not match the calls that list a second page")
    missing = [ref for ref in made if (ref.type, ref.id) not in {(one.type, one.id) for one in found}]
    if missing:
        raise CheckFailure(
            f"{len(missing)} of {number} records are not listed since {since.isoformat()}, such as {missing[0]}"
        )
    again = [ref for ref in made if found.count(ref) > 1]
    if again and not grows:
        raise CheckFailure(f"{again[0]} is listed {found.count(again[0])} times")
    if len(set(found) - before) < number:
        raise CheckFailure(f"{len(set(found) - before)} records are new, {number} were made")


def discreet(candidate: Candidate, verb: Verb) -> None:
    """Prove by reading all that is logged and said while everything goes wrong that can."""
    _, credentials = connection(candidate)
    secrets = [str(value) for name, value in credentials.items() if isinstance(value, str) and "id" not in name]
    said: list[str] = []
    handler = _Heard(said)
    logger = logging.getLogger("openreturns")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with at(candidate, verb) as there:
            run = Run(candidate, there, 1)
            said.append(repr(there.client))
            run.prepare(verb)
            for kind in _WRONG:
                there.simulator.faults.add(Fault(kind, times=2))
            for _ in range(5):
                said.append(_told(run, verb))
            document = run.document(verb) if not verb.on else None
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    text = "\n".join(said)
    for secret in [*secrets, *_personal(candidate, document)]:
        if secret in text:
            line = next(one for one in said if secret in one)
            raise CheckFailure(f"a secret or personal value is repeated: {line.replace(secret, '***')[:200]}")


class _Heard(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(f"{record.getMessage()} {record.__dict__}")


def _told(run: Run, verb: Verb) -> str:
    try:
        return repr(run.act(verb))
    except OpenReturnsError as error:
        return "\n".join(map(str, (error, repr(error), *error.problems)))


def _personal(candidate: Candidate, document: Any) -> Iterator[str]:
    """Yield the values of a document that name or reach a person."""
    if not isinstance(document, dict) or "meta" not in document:
        return
    fields = document_validator(document["meta"]["schema"].split("/")[1]).fields
    for pointer, value in leaves(document):
        field = fields.get(generic(pointer).removesuffix("[]"))
        if field and field.personal and isinstance(value, str) and len(value) > 5:
            yield value
