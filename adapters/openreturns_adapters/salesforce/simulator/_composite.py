"""Composite: up to 25 calls in one, each able to use what those before it were answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from openreturns._json import dump
from openreturns.sandbox import Call, Operation, Reply

from openreturns_adapters.salesforce.simulator._errors import Refused, not_found
from openreturns_adapters.salesforce.simulator._org import Org
from openreturns_adapters.salesforce.simulator._rows import body_of

__all__ = ["Composite"]

_MOST = 25
_REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.\w+|\[\d+\])*)\}")
_FORBIDDEN = {"accept", "authorization", "content-type"}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class _RolledBackError(Exception):
    """A part failed and all are to be taken back."""


@dataclass(frozen=True)
class _Part:
    method: str
    url: str
    name: str
    body: Any
    headers: Mapping[str, str]


class Composite:
    """The composite resource over operations that are also there singly."""

    def __init__(self, org: Org, operations: Callable[[], tuple[Operation, ...]]) -> None:
        self._org = org
        self._operations = operations

    def run(self, call: Call) -> Reply:
        """Answer all parts; the answer is 200 whatever became of them."""
        given = body_of(call)
        if not isinstance(given, Mapping) or not isinstance(given.get("compositeRequest"), list):
            raise Refused("JSON_PARSER_ERROR", "Required field missing: compositeRequest")
        together = given.get("allOrNone", False)
        if not isinstance(together, bool):
            raise Refused("JSON_PARSER_ERROR", "Cannot deserialize instance of boolean: allOrNone")
        parts = [_part(one) for one in given["compositeRequest"]]
        self._check(parts)
        answers: list[tuple[_Part, Reply]] = []
        try:
            with self._org.transaction():
                for part in parts:
                    reply = self._answer(part, {p.name: r for p, r in answers}, call)
                    answers.append((part, reply))
                    if together and reply.status >= 300:
                        raise _RolledBackError
        except _RolledBackError:
            failed = answers[-1]
            halted = _halted("The transaction was rolled back since another operation in the same transaction failed.")
            answers = [failed if part is failed[0] else (part, halted) for part in parts]
        return Reply(200, {"compositeResponse": [_told(part, reply) for part, reply in answers]})

    def _check(self, parts: list[_Part]) -> None:
        names = [part.name for part in parts]
        if not parts or len(parts) > _MOST:
            message = f"The composite request has {len(parts)} subrequests; there may be 1 to {_MOST}."
            raise Refused("INVALID_INPUT" if not parts else "LIMIT_EXCEEDED", message)
        for name in names:
            if not re.fullmatch(r"[A-Za-z0-9_]{1,}", name):
                raise Refused("INVALID_INPUT", f"Invalid reference id: {name[:60]}")
            if names.count(name) > 1:
                raise Refused("INVALID_INPUT", f"Duplicate reference id: {name[:60]}")

    def _answer(self, part: _Part, before: Mapping[str, Reply], outer: Call) -> Reply:
        try:
            url = _filled(part.url, before)
            body = _filled(part.body, before)
        except LookupError as error:
            return _halted(str(error))
        try:
            address = urlsplit(url)
            operation, values = self._route(part.method, address.path)
        except Refused as refused:
            return refused.reply()
        except ValueError:
            return not_found().reply()
        headers = {**{name.lower(): value for name, value in part.headers.items()}, "content-type": "application/json"}
        content = b"" if body is None else dump(body)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        return operation.do(Call(part.method, url, values, query, headers, content))

    def _route(self, method: str, path: str) -> tuple[Operation, Mapping[str, str]]:
        found = [(o, m) for o in self._operations() if (m := o.pattern().fullmatch(path))]
        mine = [(o, m) for o, m in found if o.method == method]
        if not found:
            raise not_found()
        if not mine:
            raise Refused("METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed.", status=405)
        operation, match = mine[0]
        return operation, {name: unquote(value) for name, value in match.groupdict().items()}


def _part(given: object) -> _Part:
    if not isinstance(given, Mapping):
        raise Refused("JSON_PARSER_ERROR", "Cannot deserialize instance of a subrequest")
    for name in ("method", "url", "referenceId"):
        if not isinstance(given.get(name), str):
            raise Refused("JSON_PARSER_ERROR", f"Required field missing: {name}")
    if given["method"] not in _METHODS:
        raise Refused("JSON_PARSER_ERROR", f"Cannot deserialize instance of httpmethod from {given['method'][:20]}")
    headers = given.get("httpHeaders") or {}
    if not isinstance(headers, Mapping) or not all(isinstance(value, str) for value in headers.values()):
        raise Refused("JSON_PARSER_ERROR", "Cannot deserialize instance of httpHeaders")
    if forbidden := _FORBIDDEN & {name.lower() for name in headers}:
        raise Refused("INVALID_INPUT", f"A subrequest must not set the header {sorted(forbidden)[0]}")
    return _Part(given["method"], given["url"], given["referenceId"], given.get("body"), headers)


def _filled(value: Any, before: Mapping[str, Reply]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value with its references replaced. Raises LookupError for one that leads nowhere."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda m: _referred(m[1], m[2], before), value)
    if isinstance(value, Mapping):
        return {name: _filled(one, before) for name, one in value.items()}
    return [_filled(one, before) for one in value] if isinstance(value, list) else value


def _referred(name: str, way: str, before: Mapping[str, Reply]) -> str:
    reply = before.get(name)
    found: Any = reply.body if reply is not None and reply.status < 300 else None
    for step in re.findall(r"\w+", way):
        found = found.get(step) if isinstance(found, Mapping) else _nth(found, step)
    if found is None or isinstance(found, Mapping | list):
        raise LookupError(f"Invalid reference specified. No value for {name}{way} found in {name}.")
    return str(found).lower() if isinstance(found, bool) else str(found)


def _nth(found: object, step: str) -> object:
    place = int(step) if step.isdecimal() and len(step) < 6 else -1
    return found[place] if isinstance(found, list) and 0 <= place < len(found) else None


def _halted(message: str) -> Reply:
    return Refused("PROCESSING_HALTED", message).reply()


def _told(part: _Part, reply: Reply) -> dict[str, Any]:
    headers = {name: value for name, value in reply.headers.items() if name == "Location"}
    return {"body": reply.body, "httpHeaders": headers, "httpStatusCode": reply.status, "referenceId": part.name}
