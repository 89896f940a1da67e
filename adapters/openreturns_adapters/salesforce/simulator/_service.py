"""What the org offers over HTTP: every address, what it takes, what it may answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from openreturns.errors import ContractError
from openreturns.sandbox import Answer, Call, Operation, Reply

from openreturns_adapters.salesforce.simulator._access import Access
from openreturns_adapters.salesforce.simulator._bulk import Jobs
from openreturns_adapters.salesforce.simulator._composite import Composite
from openreturns_adapters.salesforce.simulator._errors import Refused, problem
from openreturns_adapters.salesforce.simulator._metadata import SObject, summary
from openreturns_adapters.salesforce.simulator._org import Org
from openreturns_adapters.salesforce.simulator._queries import Queries
from openreturns_adapters.salesforce.simulator._rows import Rows, base_of
from openreturns_adapters.salesforce.simulator._schemas import answers, ref

__all__ = ["Service"]

_DATA = "/services/data/v{version}"
_VERSION = {"version": {"type": "string", "pattern": "^[0-9]{2}[.]0$"}}
_ID = {**_VERSION, "id": {"type": "string", "pattern": "^[0-9A-Za-z]{15}([A-Z0-5]{3})?$"}}
_TEXT: Mapping[str, Any] = {"type": "string"}
_MATCHED = {"If-Unmodified-Since": _TEXT}
_DUPLICATES = {"Sforce-Duplicate-Rule-Header": {"type": "string", "examples": ["allowSave=true"]}}
_BATCH = re.compile(r"\bbatchsize\s*=\s*(\d{1,5})\b", re.IGNORECASE)


class _Address(Operation):
    """An operation whose address may end in a slash, as clients of the vendor write it."""

    def pattern(self) -> re.Pattern[str]:
        return re.compile(super().pattern().pattern + "/?")


class Service:
    """The API of one org."""

    def __init__(self, org: Org, access: Access, queries: Queries, jobs: Jobs) -> None:
        self._org = org
        self._access = access
        self._queries = queries
        self._jobs = jobs
        self._composite = Composite(org, lambda: self._single)
        self._single = tuple(self._singly())
        self.operations: tuple[Operation, ...] = (*self._openly(), *self._single, *self._others())

    def _served(self, do: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        """Return a function that answers refusals too, takes back what they interrupt, and tells the calls used."""

        def answer(call: Call) -> Reply:
            try:
                with self._org.transaction():
                    reply = do(call)
            except Refused as refused:
                reply = refused.reply()
            except ContractError as error:
                reply = problem(400, str(error))
            return Reply(reply.status, reply.body, {**reply.headers, **self._access.headers()})

        return answer

    def _at(
        self,
        method: str,
        path: str,
        do: Callable[[Call], Reply],
        summary: str,
        given: Mapping[int, Answer],
        **more: Any,  # noqa: ANN401 - what an operation takes
    ) -> Operation:
        parameters = more.pop("parameters", _VERSION)
        return _Address(method, _DATA + path, self._served(do), summary, given, parameters=parameters, **more)

    def _openly(self) -> Iterator[Operation]:
        token = {200: Answer("a token", ref("Token")), 400: Answer("no token", ref("TokenError"))}
        token |= {status: Answer("no token now", ref("Errors")) for status in (500, 503)}
        form = {
            "type": "object",
            "required": ["grant_type"],
            "properties": {
                "grant_type": {"enum": ["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"]},
                "client_id": _TEXT,
                "client_secret": _TEXT,
                "assertion": _TEXT,
            },
        }
        yield Operation(
            "POST",
            "/services/oauth2/token",
            self._access.token,
            "Get an access token",
            token,
            takes=form,
            media_type="application/x-www-form-urlencoded",
            open=True,
        )
        versions = {200: Answer("the versions", ref("Versions"))}
        versions |= {status: Answer("not now", ref("Errors")) for status in (500, 503)}
        yield _Address("GET", "/services/data", self._versions, "List the versions", versions, open=True)
        yield self._at("GET", "", self._resources, "List the resources", answers(s200=ref("Resources")))

    def _singly(self) -> Iterator[Operation]:
        """Give the operations that can also be parts of a composite."""
        yield self._at("GET", "/sobjects", self._objects, "List the objects", answers(s200=ref("Objects")))
        yield self._at("GET", "/limits", self._limits, "Tell the limits", answers(s200=ref("Limits")))
        for known in self._org.objects.values():
            yield from self._of(known)
        for name, deleted in (("query", False), ("queryAll", True)):
            yield self._at(
                "GET",
                f"/{name}",
                self._asking(deleted=deleted),
                "Run a query" + (", deleted records too" if deleted else ""),
                answers(400, s200=ref("Page")),
                query={"q": _TEXT},
                headers={"Sforce-Query-Options": {"type": "string", "examples": ["batchSize=200"]}},
                required=frozenset({"q"}),
            )
            yield self._at(
                "GET", f"/{name}/{{locator}}", self._more, "Go on with a result", answers(400, s200=ref("Page"))
            )

    def _of(self, known: SObject) -> Iterator[Operation]:
        """Give the operations of one object."""
        rows, path, name = Rows(self._org, known), f"/sobjects/{known.name}", known.name
        yield self._at("GET", path, rows.about, f"Tell of {name}", answers(s200=ref("About")))
        yield self._at("GET", f"{path}/describe", rows.describe, f"Describe {name}", answers(s200=ref("Description")))
        reading = {
            "query": {"fields": _TEXT},
            "headers": {**_MATCHED, "If-Modified-Since": _TEXT},
        }
        read = {200: ref(name), 304: None}
        yield self._at(
            "GET", f"{path}/{{id}}", rows.read, f"Read a {name}", _answers((400, 412), read), parameters=_ID, **reading
        )
        by = f"{path}/{{field}}/{{value}}"
        several = {**read, 300: ref("Urls")}
        yield self._at(
            "GET", by, rows.read_by, f"Read a {name} by an external id", _answers((400, 412), several), **reading
        )
        if known.writeable:
            yield from self._writing(known, rows, path, by)

    def _writing(self, known: SObject, rows: Rows, path: str, by: str) -> Iterator[Operation]:
        name = known.name
        create = answers(400, 415, s201=ref("Saved"))
        headers = {**_MATCHED, **_DUPLICATES}
        creating, changing = {"takes": ref(f"{name}Create")}, {"takes": ref(f"{name}Update"), "headers": headers}
        yield self._at("POST", path, rows.create, f"Create a {name}", create, headers=_DUPLICATES, **creating)
        one = f"{path}/{{id}}"
        changed = answers(400, 412, 415, s204=None)
        yield self._at("PATCH", one, rows.update, f"Change a {name}", changed, parameters=_ID, **changing)
        gone = answers(400, 412, s204=None)
        yield self._at("DELETE", one, rows.delete, f"Delete a {name}", gone, parameters=_ID, headers=_MATCHED)
        upserted = answers(400, 412, 415, s200=ref("Saved"), s201=ref("Saved"), s204=None, s300=ref("Urls"))
        query = {"updateOnly": {"type": "boolean"}}
        yield self._at("PATCH", by, rows.upsert, f"Change or create a {name}", upserted, query=query, **changing)
        gone_by = answers(400, 412, s204=None, s300=ref("Urls"))
        yield self._at("DELETE", by, rows.delete_by, f"Delete a {name} by an external id", gone_by, headers=_MATCHED)

    def _others(self) -> Iterator[Operation]:
        composite = answers(400, 415, s200=ref("CompositeResponse"))
        takes = ref("CompositeRequest")
        yield self._at("POST", "/composite", self._composite.run, "Make several calls at once", composite, takes=takes)
        jobs, job = "/jobs/ingest", "/jobs/ingest/{job}"
        listed = {200: Answer("the jobs", {"type": "object"})}
        yield self._at("GET", jobs, self._jobs.listed, "List the jobs", {**answers(), **listed})
        opened = answers(400, 415, s200=ref("Job"))
        yield self._at("POST", jobs, self._jobs.open, "Open a job", opened, takes=ref("JobRequest"))
        yield self._at("GET", job, self._jobs.read, "Tell how a job is", answers(s200=ref("Job")))
        yield self._at("PATCH", job, self._jobs.change, "Close a job", opened, takes=ref("JobChange"))
        yield self._at("DELETE", job, self._jobs.delete, "Delete a job", answers(400, s204=None))
        fed = answers(400, 415, s201=None)
        takes = {"type": "string"}
        yield self._at(
            "PUT", f"{job}/batches", self._jobs.upload, "Upload rows", fed, takes=takes, media_type="text/csv"
        )
        for name, which in (
            ("successfulResults", "done"),
            ("failedResults", "failed"),
            ("unprocessedrecords", "unprocessed"),
        ):
            given = {200: Answer("rows", {"type": "string"}, "text/csv")}
            yield self._at("GET", f"{job}/{name}", self._jobs.results(which), f"Give {name}", {**answers(), **given})

    # Small answers

    def _versions(self, call: Call) -> Reply:
        supported = self._access.limits.versions
        return Reply(
            200,
            [{"label": f"Release {n}", "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in supported],
        )

    def _resources(self, call: Call) -> Reply:
        names = ("sobjects", "query", "queryAll", "composite", "limits", "jobs")
        return Reply(200, {name: f"{base_of(call)}/{name}" for name in names})

    def _objects(self, call: Call) -> Reply:
        listed = [summary(known, base_of(call)) for known in self._org.objects.values()]
        return Reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})

    def _limits(self, call: Call) -> Reply:
        most = self._access.limits.daily
        return Reply(200, {"DailyApiRequests": {"Max": most, "Remaining": max(0, most - self._access.used)}})

    def _asking(self, *, deleted: bool) -> Callable[[Call], Reply]:
        def ask(call: Call) -> Reply:
            if not call.query.get("q", "").strip():
                raise Refused("MALFORMED_QUERY", "SOQL statements cannot be empty or null")
            options = _BATCH.search(call.headers.get("sforce-query-options", ""))
            size = min(max(int(options[1]), 200), 2000) if options else None
            return Reply(200, self._queries.ask(call.query["q"], base_of(call), size, deleted=deleted))

        return ask

    def _more(self, call: Call) -> Reply:
        return Reply(200, self._queries.more(call.path["locator"], base_of(call)))


def _answers(refused: tuple[int, ...], good: Mapping[int, Any]) -> dict[int, Answer]:
    return answers(*refused, **{f"s{status}": schema for status, schema in good.items()})
