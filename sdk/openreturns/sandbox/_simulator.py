"""A vendor's API in memory, as an ASGI application: operations, state rules of the vendor's own, faults, a call log.

Nothing here knows our adapters: any client of the vendor can be pointed at it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from openreturns._json import dump, parse
from openreturns.errors import ContractError
from openreturns.sandbox._faults import Fault, Faults
from openreturns.sandbox._http import Call, Operation, Reply, Schema, describe
from openreturns.sandbox._outbox import Outbox

__all__ = ["Clock", "Logged", "Simulator", "Vendor", "WallClock"]


class Clock:
    """A clock that tests set and move; every look at it moves it by `step`, so that no two moments are one."""

    def __init__(self, start: datetime | None = None, step: timedelta = timedelta(seconds=1)) -> None:
        self._now = start or datetime.now(UTC).replace(microsecond=0)
        self._step = step
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time, in UTC."""
        with self._lock:
            self._now += self._step
            return self._now

    def text(self) -> str:
        """Return the time as RFC 3339 text to the second."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        with self._lock:
            self._now += by


class WallClock(Clock):
    """The clock of this machine, for simulators that strangers call: their tokens and signatures are of today.

    Time that was let pass stays passed.
    """

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC), timedelta(microseconds=1))
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the time, in UTC, later than the time before."""
        with self._lock:
            self._now = max(datetime.now(UTC) + self._ahead, self._now + self._step)
            return self._now

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        with self._lock:
            self._ahead += by


@dataclass(frozen=True)
class Logged:
    """One call that arrived: what it was, what came of it, and the fault that hit it."""

    method: str
    path: str
    status: int
    fault: str = ""


@dataclass(frozen=True)
class Vendor:
    """What one vendor's simulator is made of.

    `refuse` looks at each call before its operation and returns the vendor's answer to a call it does not let
    in (no or wrong credentials, over the limit), or None. `problem(status, message)` is the vendor's error
    body. `seed` fills the state, `steps` are what happens on the vendor's side and no client can call (goods
    arrive, a warehouse inspects), each a function of keyword arguments. `held` returns what business data there is,
    as dicts, lists and dataclasses: two vendors that were told the same hold the same, but for times.
    """

    name: str
    title: str
    version: str
    base: str
    operations: Sequence[Operation]
    security: Schema
    definitions: Schema
    refuse: Callable[[Operation, Call], Reply | None]
    problem: Callable[[int, str], Reply]
    seed: Callable[[], Mapping[str, Any]]
    steps: Mapping[str, Callable[..., Any]]
    held: Callable[[], Any] | None = None


class Simulator:
    """A vendor to be served: an ASGI application with switches.

    `base` paths belong to the vendor; `/_sandbox/...` is ours: `GET calls`, `POST faults`, `POST seed`,
    `POST step/{name}`, and `GET /openapi.json` describes the vendor's part. `calls` are those that came, `busiest`
    is how many were under way at one time.
    """

    def __init__(self, vendor: Vendor, outbox: Outbox | None = None) -> None:
        self.vendor = vendor
        self.name = vendor.name
        self.faults = Faults()
        self.outbox = outbox or Outbox()
        self.calls: list[Logged] = []
        self._routes = [(operation, operation.pattern()) for operation in vendor.operations]
        self.busiest = 0
        self._running = 0
        self._last: dict[str, Reply] = {}
        self._last_done: dict[tuple[str, str], Reply] = {}
        self._lock = threading.Lock()

    @cached_property
    def description(self) -> dict[str, Any]:
        """The OpenAPI 3.1 description of the vendor's part."""
        vendor = self.vendor
        return describe(
            vendor.title, vendor.version, vendor.base, tuple(vendor.operations), vendor.security, vendor.definitions
        )

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count the block as a call under way."""
        self._running += 1
        self.busiest = max(self.busiest, self._running)
        try:
            yield
        finally:
            self._running -= 1

    def kind_of(self, call: Call, path: str) -> tuple[str, str]:
        """Return the method and the operation's path that a call is for."""
        found = [o.path for o, p in self._routes if o.method == call.method and p.fullmatch(path)]
        return call.method, next((one for one in found if "}:" in one), found[0] if found else path)

    def counts(self, call: Logged) -> bool:
        """Whether a call needs credentials: logging in is not what an account is granted."""
        found = [o for o, p in self._routes if o.method == call.method and p.fullmatch(call.path)]
        return not any(operation.open for operation in found)

    def answered_before(self, call: Call, path: str) -> Reply | None:
        """Return the answer to the last write of a call's kind that was done."""
        return self._last_done.get(self.kind_of(call, path))

    def step(self, name: str, **given: Any) -> Any:  # noqa: ANN401 - the vendor's own
        """Let something happen on the vendor's side. Raises KeyError for a step there is not."""
        with self._lock:
            return self.vendor.steps[name](**given)

    def answer(self, call: Call, path: str) -> Reply:
        """Return the vendor's answer to a call at a path below the base."""
        with self._lock:
            found = [(o, m) for o, p in self._routes if (m := p.fullmatch(path))]
            found = [(o, m) for o, m in found if "}:" in o.path] or found  # /return/7:cancel is no /return/{id}
            mine = [(o, m) for o, m in found if o.method == call.method]
            if not mine:
                allowed = ", ".join(sorted({o.method for o, _ in found}))
                reply = self.vendor.problem(
                    405 if found else 404, "method not allowed" if found else "no such resource"
                )
                return Reply(reply.status, reply.body, {**reply.headers, **({"Allow": allowed} if found else {})})
            operation, match = mine[0]
            given = Call(
                call.method,
                call.url,
                {name: unquote(value) for name, value in match.groupdict().items()},
                call.query,
                call.headers,
                call.body,
            )
            refused = self.vendor.refuse(operation, given)
            if refused is not None:
                return refused
            try:
                return operation.do(given)
            except ContractError as error:
                return self.vendor.problem(400, str(error))

    @cached_property
    def app(self) -> Callable[[Scope, Receive, Send], Any]:
        """The ASGI application."""
        routes = [
            Route("/openapi.json", self._describe),
            Route("/_sandbox/calls", self._list_calls),
            Route("/_sandbox/faults", self._set_faults, methods=["POST", "DELETE"]),
            Route("/_sandbox/seed", self._seed, methods=["POST"]),
            Route("/_sandbox/step/{name}", self._step, methods=["POST"]),
        ]
        served = Starlette(routes=routes)
        served.router.default = _Vendor(self)  # all the rest; a route would pass over a path with a line break
        return served

    async def _describe(self, request: Request) -> Response:
        here = f"{request.url.scheme}://{request.url.netloc}{self.vendor.base}"
        return _json({**self.description, "servers": [{"url": here}]})

    async def _list_calls(self, request: Request) -> Response:
        return _json([vars(call) for call in self.calls])

    async def _set_faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.faults.clear()
            return _json([])
        listed = await request.json()
        try:
            self.faults.add(*(Fault(**one) for one in (listed if isinstance(listed, list) else [listed])))
        except (TypeError, ValueError) as error:
            return _json({"error": str(error)}, 400)
        return _json(listed)

    async def _seed(self, request: Request) -> Response:
        with self._lock:
            return _json(self.vendor.seed())

    async def _step(self, request: Request) -> Response:
        body = await request.body()
        try:
            return _json(self.step(request.path_params["name"], **(parse(body) if body else {})))
        except (ContractError, KeyError, TypeError, ValueError) as error:
            return _json({"error": str(error), "steps": sorted(self.vendor.steps)}, 400)


class _Vendor:
    """The vendor's part of the application: one call, its fault, its answer."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = self._simulator
        request = Request(scope, receive)
        if not scope["path"].startswith(ours.vendor.base):
            await _json({"error": f"the vendor's part is below {ours.vendor.base}"}, 404)(scope, receive, send)
            return
        path = scope["path"].removeprefix(ours.vendor.base) or "/"
        sent = scope.get("raw_path", b"").decode("ascii") or scope["path"]  # as it was sent: signatures are over it
        raw = sent.removeprefix(ours.vendor.base) or path
        call = Call(
            request.method,
            str(request.url.replace(path=sent)),
            {},
            dict(request.query_params),
            {name.lower(): value for name, value in request.headers.items()},
            await request.body(),
        )
        with ours.counted():
            await self._answered(call, path, raw, scope, receive, send)

    async def _answered(self, call: Call, path: str, raw: str, scope: Scope, receive: Receive, send: Send) -> None:
        ours = self._simulator
        fault = ours.faults.next(call.method, path)
        kind = fault.kind if fault else ""
        if fault and kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault and fault.action:
            await asyncio.to_thread(fault.action)
        if fault and kind == "altered" and call.method != "GET":
            call = _altered(call, fault.change or _one_more)
        reply = _early(ours, fault, call, raw) or _late(ours, kind, call, raw)
        ours.calls.append(Logged(call.method, path, reply.status, kind))
        if fault and kind == "hang_after":
            await asyncio.sleep(fault.seconds)
        if kind.startswith("cut"):
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
            return  # the server closes a connection whose answer does not come to its end
        if kind == "mislabelled":
            reply = replace(reply, headers={**reply.headers, "Content-Encoding": "gzip"})
        await _response(reply, half=kind == "truncated")(scope, receive, send)


def _altered(call: Call, change: Callable[[Any], Any]) -> Call:
    """Return a call whose JSON is another; one that has none is as it was."""
    try:
        return replace(call, body=dump(change(parse(call.body))))
    except ContractError:
        return call


def _one_more(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {name: _one_more(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_one_more(one) for one in value]
    return value + 1 if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _early(ours: Simulator, fault: Fault | None, call: Call, path: str) -> Reply | None:
    """Return the answer of a fault that strikes before the effect."""
    kind = fault.kind if fault else ""
    if fault and kind == "answer":
        made = Reply(fault.status, fault.body) if fault.body is not None else ours.vendor.problem(fault.status, "")
        return Reply(made.status, made.body, {**made.headers, **fault.headers})
    if kind == "unheeded" and call.method != "GET":
        return ours.answered_before(call, path)
    if kind == "throttled":
        return ours.vendor.problem(429, "rate limit exceeded")
    if kind == "error_before":
        return ours.vendor.problem(500, "internal error")
    if kind == "html":
        return Reply(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", {"Content-Type": "text/html"})
    return Reply(200) if kind == "cut_before" else None


def _late(ours: Simulator, kind: str, call: Call, path: str) -> Reply:
    """Return the vendor's answer, or that of a fault that strikes after the effect."""
    read = call.method == "GET"
    if kind == "stale" and read and call.url in ours._last:
        return ours._last[call.url]
    reply = ours.answer(call, path)
    if kind == "doubled":
        ours.answer(call, path)
    if read:
        ours._last[call.url] = reply
    elif reply.status < 300:
        ours._last_done[ours.kind_of(call, path)] = reply
    return ours.vendor.problem(500, "internal error") if kind == "error_after" else reply


def _json(value: object, status: int = 200) -> Response:
    return Response(dump(value), status, media_type="application/json")


def _response(reply: Reply, *, half: bool) -> Response:
    content = reply.body if isinstance(reply.body, bytes) else b"" if reply.body is None else dump(reply.body)
    headers = dict(reply.headers)
    if content and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    return Response(content[: len(content) // 2] if half else content, reply.status, headers)
