"""What NetSuite offers, as a table: where, what it takes, what it may answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from openreturns.sandbox import Answer, Call, Operation, Reply

from openreturns_adapters.netsuite.simulator._access import Access, Limit
from openreturns_adapters.netsuite.simulator._calls import FLAG, NAMES
from openreturns_adapters.netsuite.simulator._kinds import KINDS, Kind
from openreturns_adapters.netsuite.simulator._problems import Refused
from openreturns_adapters.netsuite.simulator._records import RESOURCE, Records
from openreturns_adapters.netsuite.simulator._schemas import ref, sent

__all__ = ["operations"]

Schema = Mapping[str, Any]
Do = Callable[[Call], Reply]

_TEXT: Schema = {"type": "string"}
_ID: Schema = {"type": "string", "pattern": "^([1-9][0-9]{0,17}|eid:[^/]+)$"}
_EXTERNAL: Schema = {"type": "string", "minLength": 1, "maxLength": 255}
_WRITE_HEADERS = {"X-NetSuite-PropertyNameValidation": NAMES, "X-NetSuite-PropertyValueValidation": NAMES}
_PAGED = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
    "offset": {"type": "integer", "minimum": 0, "maximum": 1000},
}
_SHOWN = {"expandSubResources": FLAG, "simpleEnumFormat": FLAG, "fields": _TEXT}

_PROBLEM = f"{RESOURCE}; type=error"


def _problem(meaning: str) -> Answer:
    return Answer(meaning, ref("error"), _PROBLEM)


_EVERYWHERE = {
    401: _problem("The caller is not known, or the token has expired."),
    403: _problem("The caller may not do this."),
    429: _problem("Too many calls at a time."),
    500: _problem("The vendor's own mistake."),
}
_WRONG = {400: _problem("Something sent is wrong, or breaks a rule.")}
_NONE = {404: _problem("There is no such record.")}
_MEDIA = {415: _problem("The body is not JSON.")}
_WRITTEN = {204: Answer("Done; Location says where.")}


class _Loose(Operation):
    """An operation whose address does not mind capitals, as the vendor's samples do not."""

    def pattern(self) -> re.Pattern[str]:
        """Return the path as a regular expression."""
        return re.compile(super().pattern().pattern, re.IGNORECASE)


def operations(records: Records, access: Access, limit: Limit) -> list[Operation]:
    """Return everything that is offered."""
    found = [
        *(one for kind in KINDS.values() if kind.readable for one in _of_kind(records, kind)),
        *(one for kind in KINDS.values() for target in kind.to for one in _transform(records, kind, KINDS[target])),
        _limits(limit),
    ]
    return [*found, _token(access)]


def _operation(
    line: str,
    do: Do,
    summary: str,
    answers: Mapping[int, Answer],
    *,
    takes: str = "",
    query: Mapping[str, Schema] | None = None,
    headers: Mapping[str, Schema] | None = None,
    parameters: Mapping[str, Schema] | None = None,
    required: frozenset[str] = frozenset(),
) -> Operation:
    method, path = line.split()
    return _Loose(
        method,
        path,
        _answered(do),
        summary,
        {**answers, **(_MEDIA if takes else {}), **_EVERYWHERE},
        takes=ref(takes) if takes else None,
        query=query or {},
        headers=headers or {},
        parameters=parameters or {},
        required=required,
    )


def _answered(do: Do) -> Do:
    def run(call: Call) -> Reply:
        try:
            return do(call)
        except Refused as refused:
            return refused.reply()

    return run


def _of_kind(records: Records, kind: Kind) -> Iterator[Operation]:
    home = f"/record/v1/{kind.name}"
    one = {"id": _ID}
    yield _operation(
        f"GET {home}",
        records.find(kind),
        f"List records: {kind.label}.",
        {200: Answer("A page.", ref("stubs"), f"{RESOURCE}; type=collection"), **_WRONG, **_NONE},
        query={"q": _TEXT, "ids": _TEXT, "expandRecords": FLAG, **_PAGED, **_SHOWN},
    )
    yield _operation(
        f"GET {home}/{{id}}",
        records.get(kind),
        f"Read a record: {kind.label}.",
        {200: Answer("The record.", ref(kind.name), f"{RESOURCE}; type=singular"), **_WRONG, **_NONE},
        query=_SHOWN,
        parameters=one,
    )
    if not kind.writable:
        return
    replace = {"replace": _TEXT}
    yield _operation(
        f"POST {home}",
        records.create(kind),
        f"Make a record: {kind.label}.",
        {**_WRITTEN, **_WRONG},
        takes=sent(kind),
        headers=_WRITE_HEADERS,
    )
    yield _operation(
        f"PUT {home}/eid:{{externalId}}",
        records.upsert(kind),
        f"Make a record under a key of your own, or change it: {kind.label}.",
        {**_WRITTEN, **_WRONG},
        takes=sent(kind),
        query=replace,
        headers=_WRITE_HEADERS,
        parameters={"externalId": _EXTERNAL},
    )
    yield _operation(
        f"PATCH {home}/{{id}}",
        records.change(kind),
        f"Change a record: {kind.label}.",
        {**_WRITTEN, **_WRONG, **_NONE},
        takes=sent(kind),
        query={**replace, "replaceSelectedFields": FLAG},
        headers=_WRITE_HEADERS,
        parameters=one,
    )
    yield _operation(
        f"DELETE {home}/{{id}}",
        records.delete(kind),
        f"Delete a record: {kind.label}.",
        {204: Answer("Done."), **_WRONG, **_NONE},
        parameters=one,
    )


def _transform(records: Records, source: Kind, target: Kind) -> Iterator[Operation]:
    yield _operation(
        f"POST /record/v1/{source.name}/{{id}}/!transform/{target.name}",
        records.transform(source, target),
        f"Make a record from another one: {source.label} to {target.label}.",
        {**_WRITTEN, **_WRONG, **_NONE},
        takes=sent(target),
        query={"replace": _TEXT},
        headers=_WRITE_HEADERS,
        parameters={"id": _ID},
    )


def _limits(limit: Limit) -> Operation:
    def do(call: Call) -> Reply:
        body = {
            "accountConcurrencyLimit": limit.concurrent,
            "accountUnallocatedConcurrencyLimit": limit.concurrent - limit.taken,
            "concurrencyLimitType": "Account",
        }
        return Reply(200, body)

    answers = {200: Answer("The limits.", ref("governanceLimits"))}
    return _operation("GET /system/v1/governanceLimits", do, "Tell how many calls may go on at a time.", answers)


def _token(access: Access) -> Operation:
    return Operation(
        "POST",
        "/auth/oauth2/v1/token",
        access.token,
        "Get a token for a signed assertion.",
        {
            200: Answer("Done.", ref("token")),
            400: Answer("Refused.", ref("tokenError")),
            500: _EVERYWHERE[500],
        },
        takes=ref("tokenRequest"),
        media_type="application/x-www-form-urlencoded",
        open=True,
    )
