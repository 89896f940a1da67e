"""What NetSuite offers, as a table: where, what it takes, what it may answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from openreturns.sandbox import Answer, Call, Operation, Reply

from openreturns_adapters.netsuite.simulator._access import Access, Limit
from openreturns_adapters.netsuite.simulator._calls import FLAG, NAMES, body, choice, is_async
from openreturns_adapters.netsuite.simulator._jobs import Jobs
from openreturns_adapters.netsuite.simulator._kinds import KINDS, Kind
from openreturns_adapters.netsuite.simulator._problems import Refused
from openreturns_adapters.netsuite.simulator._queries import Queries
from openreturns_adapters.netsuite.simulator._records import RESOURCE, Records
from openreturns_adapters.netsuite.simulator._schemas import catalog, described, ref, sent

__all__ = ["operations"]

Schema = Mapping[str, Any]
Do = Callable[[Call], Reply]

_TEXT: Schema = {"type": "string"}
_ID: Schema = {"type": "string", "pattern": "^([1-9][0-9]{0,17}|eid:[^/]+)$"}
_NUMBER: Schema = {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}
_EXTERNAL: Schema = {"type": "string", "minLength": 1, "maxLength": 255}
_VALIDATION: Mapping[str, Schema] = {f"X-NetSuite-Property{what}Validation": NAMES for what in ("Name", "Value")}
_PAGED = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
    "offset": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
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
_LATER = {202: Answer("Taken on; Location names the job.")}
_WRITTEN = {204: Answer("Done; Location says where."), **_LATER}
_ASYNC: Mapping[str, Schema] = {"Prefer": _TEXT, "X-NetSuite-Idempotency-Key": _TEXT}
_LATER_ONLY = {**_VALIDATION, **_ASYNC}


class _Loose(Operation):
    """An operation whose address does not mind capitals, as the vendor's samples do not."""

    def pattern(self) -> re.Pattern[str]:
        """Return the path as a regular expression."""
        return re.compile(super().pattern().pattern, re.IGNORECASE)


def operations(records: Records, queries: Queries, jobs: Jobs, access: Access, limit: Limit) -> list[Operation]:
    """Return everything that is offered. What is due of jobs is done before anything else."""
    found = [
        *_of_catalog(),
        *(one for kind in KINDS.values() if kind.readable for one in _of_kind(records, kind)),
        *(one for kind in KINDS.values() if kind.writable for one in _of_many(records, kind)),
        *(one for kind in KINDS.values() for target in kind.to for one in _transform(records, kind, KINDS[target])),
        *_of_jobs(jobs),
        _query(queries),
        _limits(limit),
        _token(access),
    ]
    return [one if one.open else replace(one, do=_done(one, jobs)) for one in found]


def _done(operation: Operation, jobs: Jobs) -> Do:
    """Return an operation's function: answered later where that is asked for, with the vendor's answer to errors."""

    def now(call: Call) -> Reply:
        try:
            return operation.do(call)
        except Refused as refused:
            return refused.reply()

    def run(call: Call) -> Reply:
        jobs.work()
        try:
            if {202, 204} <= operation.answers.keys() and is_async(call):
                if operation.takes is not None:  # what is no JSON, or a wrong header, is refused at once
                    body(call, optional=True)
                    for name in _VALIDATION:
                        choice(call, name, "Error")
                return jobs.submit(call, [lambda: now(call)])
        except Refused as refused:
            return refused.reply()
        return now(call)

    return run


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
        do,
        summary,
        {**answers, **(_MEDIA if takes else {}), **_EVERYWHERE},
        takes=ref(takes) if takes else None,
        query=query or {},
        headers=headers or {},
        parameters=parameters or {},
        required=required,
    )


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
    listed = {"replace": _TEXT}
    yield _operation(
        f"POST {home}",
        records.create(kind),
        f"Make a record: {kind.label}.",
        {**_WRITTEN, **_WRONG},
        takes=sent(kind),
        headers={**_VALIDATION, **_ASYNC},
    )
    yield _operation(
        f"PUT {home}/eid:{{externalId}}",
        records.upsert(kind),
        f"Make a record under a key of your own, or change it: {kind.label}.",
        {**_WRITTEN, **_WRONG},
        takes=sent(kind),
        query=listed,
        headers={**_VALIDATION, **_ASYNC},
        parameters={"externalId": _EXTERNAL},
    )
    yield _operation(
        f"PATCH {home}/{{id}}",
        records.change(kind),
        f"Change a record: {kind.label}.",
        {**_WRITTEN, **_WRONG, **_NONE},
        takes=sent(kind),
        query={**listed, "replaceSelectedFields": FLAG},
        headers={**_VALIDATION, **_ASYNC},
        parameters=one,
    )
    yield _operation(
        f"DELETE {home}/{{id}}",
        records.delete(kind),
        f"Delete a record: {kind.label}.",
        {204: Answer("Done."), **_LATER, **_WRONG, **_NONE},
        headers=_ASYNC,
        parameters=one,
    )


def _of_many(records: Records, kind: Kind) -> Iterator[Operation]:
    """Give the operations on many records at once, which are done later or not at all."""
    home = f"/record/v1/{kind.name}"
    many = {**_LATER, **_WRONG}
    takes = f"{sent(kind)}-many"
    for method, summary in (("PUT", "Make or change records by your own keys"), ("PATCH", "Change records")):
        do = records.many(kind, method)
        yield _operation(f"{method} {home}", do, f"{summary}: {kind.label}.", many, takes=takes, headers=_LATER_ONLY)
    yield _operation(
        f"DELETE {home}",
        records.many(kind, "DELETE"),
        f"Delete records: {kind.label}.",
        many,
        query={"ids": _TEXT},
        headers=_ASYNC,
        required=frozenset({"ids"}),
    )


def _transform(records: Records, source: Kind, target: Kind) -> Iterator[Operation]:
    yield _operation(
        f"POST /record/v1/{source.name}/{{id}}/!transform/{target.name}",
        records.transform(source, target),
        f"Make a record from another one: {source.label} to {target.label}.",
        {**_WRITTEN, **_WRONG, **_NONE},
        takes=sent(target),
        query={"replace": _TEXT},
        headers={**_VALIDATION, **_ASYNC},
        parameters={"id": _ID},
    )


def _of_jobs(jobs: Jobs) -> Iterator[Operation]:
    home, one = "/async/v1/job/{id}", {"id": _NUMBER, "task": _NUMBER}
    yield _operation(
        f"GET {home}", jobs.job, "Tell how far a job is.", {200: Answer("So far.", ref("job")), **_NONE}, parameters=one
    )
    tasks = {200: Answer("The tasks.", ref("tasks")), **_NONE}
    yield _operation(f"GET {home}/task", jobs.tasks, "List the tasks of a job.", tasks, parameters=one)
    task = {200: Answer("So far.", ref("task")), **_NONE}
    yield _operation(f"GET {home}/task/{{task}}", jobs.task, "Tell how far a task is.", task, parameters=one)
    result = {204: Answer("As the call would have been answered."), **_WRONG, **_NONE}
    yield _operation(f"GET {home}/task/{{task}}/result", jobs.result, "Tell what came of it.", result, parameters=one)


def _of_catalog() -> Iterator[Operation]:
    home = "/record/v1/metadata-catalog"
    yield _operation(
        f"GET {home}",
        catalog,
        "List what records there are.",
        {200: Answer("The names.", ref("catalog"))},
    )
    yield _operation(
        f"GET {home}/{{record}}",
        described,
        "Describe a record's fields.",
        {200: Answer("A schema.", {"type": "object"}, "application/schema+json"), **_NONE},
    )


def _query(queries: Queries) -> Operation:
    return _operation(
        "POST /query/v1/suiteql",
        queries.suiteql,
        "Ask in SuiteQL.",
        {200: Answer("A page of rows.", ref("rows"), f"{RESOURCE}; type=collection"), **_WRONG},
        takes="query",
        query=_PAGED,
        headers={"Prefer": {"const": "transient"}},
        required=frozenset({"Prefer"}),
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
