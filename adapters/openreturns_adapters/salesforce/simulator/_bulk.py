"""Bulk API 2.0, ingest: a job is opened, fed with CSV, closed, worked off, and asked for its results."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from openreturns.sandbox import Call, Reply

from openreturns_adapters.salesforce.simulator._errors import Refused, not_found
from openreturns_adapters.salesforce.simulator._ids import key, new_id
from openreturns_adapters.salesforce.simulator._metadata import SObject
from openreturns_adapters.salesforce.simulator._org import Org
from openreturns_adapters.salesforce.simulator._rows import body_of
from openreturns_adapters.salesforce.simulator._store import Record

__all__ = ["Jobs"]

_OPERATIONS = ("insert", "update", "upsert", "delete")
_DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "TAB": "\t", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
_LARGEST = 150_000_000


@dataclass
class _Job:
    id: str
    object: str
    operation: str
    external: str
    delimiter: str
    ending: str
    version: str
    created: str
    state: str = "Open"
    data: str = ""
    error: str = ""
    polls: int = 0
    done: list[list[str]] = field(default_factory=list)
    failed: list[list[str]] = field(default_factory=list)
    unprocessed: list[list[str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


class Jobs:
    """Ingest jobs. A job is worked off after it was asked for its state `polls` times."""

    def __init__(self, org: Org, polls: int) -> None:
        self._org = org
        self._polls = polls
        self._jobs: dict[str, _Job] = {}

    def open(self, call: Call) -> Reply:
        """`POST jobs/ingest`."""
        given = body_of(call)
        if not isinstance(given, Mapping):
            raise Refused("JSON_PARSER_ERROR", "Cannot deserialize instance of a job")
        known = self._known(given)
        operation = given.get("operation")
        if operation not in _OPERATIONS:
            raise Refused("INVALIDJOB", f"InvalidJob : Unsupported operation; use one of {', '.join(_OPERATIONS)}")
        external = given.get("externalIdFieldName") or ""
        found = known.field(external) if isinstance(external, str) and external else None
        if operation == "upsert" and (found is None or not (found.external or found.type == "id")):
            raise Refused("INVALIDJOB", "InvalidJob : externalIdFieldName must name an external id field")
        delimiter, ending = given.get("columnDelimiter", "COMMA"), given.get("lineEnding", "LF")
        if delimiter not in _DELIMITERS or ending not in _ENDINGS or given.get("contentType", "CSV") != "CSV":
            raise Refused("INVALIDJOB", "InvalidJob : contentType, lineEnding or columnDelimiter is not supported")
        now = self._org.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        job = _Job(
            new_id("750", len(self._jobs) + 1),
            known.name,
            operation,
            found.name if found else "",
            delimiter,
            ending,
            call.path["version"],
            now,
        )
        self._jobs[key(job.id)] = job
        return Reply(200, self._told(job))

    def upload(self, call: Call) -> Reply:
        """`PUT jobs/ingest/{id}/batches`."""
        job = self._job(call)
        if call.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
            raise Refused("UNSUPPORTED_MEDIA_TYPE", "Content type is not supported; use text/csv", status=415)
        if job.state != "Open" or job.data:
            raise Refused("INVALIDJOBSTATE", f"InvalidJobState : Data cannot be uploaded; the state is {job.state}")
        if len(call.body) > _LARGEST:
            raise Refused("INVALIDJOB", "InvalidJob : The data is larger than 150 MB")
        try:
            job.data = call.body.decode()
        except UnicodeDecodeError:
            raise Refused("INVALIDJOB", "InvalidJob : The data is not UTF-8") from None
        return Reply(201)

    def change(self, call: Call) -> Reply:
        """`PATCH jobs/ingest/{id}`."""
        job = self._job(call)
        given = body_of(call)
        state = given.get("state") if isinstance(given, Mapping) else None
        if state not in ("UploadComplete", "Aborted"):
            raise Refused("INVALIDJOB", "InvalidJob : state must be UploadComplete or Aborted")
        if job.state != "Open" and not (state == "Aborted" and job.state in ("UploadComplete", "InProgress")):
            raise Refused("INVALIDJOBSTATE", f"InvalidJobState : The state is {job.state} and cannot become {state}")
        job.state = state
        return Reply(200, self._told(job))

    def read(self, call: Call) -> Reply:
        """`GET jobs/ingest/{id}`."""
        job = self._job(call)
        if job.state in ("UploadComplete", "InProgress"):
            job.polls += 1
            job.state = "InProgress"
            if job.polls > self._polls:
                self._work(job)
        return Reply(200, self._told(job, counts=True))

    def listed(self, call: Call) -> Reply:
        """`GET jobs/ingest`."""
        return Reply(
            200, {"done": True, "nextRecordsUrl": None, "records": [self._told(j) for j in self._jobs.values()]}
        )

    def delete(self, call: Call) -> Reply:
        """`DELETE jobs/ingest/{id}`."""
        job = self._job(call)
        if job.state not in ("UploadComplete", "JobComplete", "Failed", "Aborted"):
            raise Refused("INVALIDJOBSTATE", f"InvalidJobState : A job whose state is {job.state} cannot be deleted")
        del self._jobs[key(job.id)]
        return Reply(204)

    def results(self, which: str) -> Callable[[Call], Reply]:
        """Return the operation that gives successful, failed or unprocessed rows as CSV."""
        heads = {"done": ["sf__Id", "sf__Created"], "failed": ["sf__Id", "sf__Error"], "unprocessed": []}

        def give(call: Call) -> Reply:
            job = self._job(call)
            rows: list[list[str]] = getattr(job, which)
            text = io.StringIO()
            writer = csv.writer(
                text, delimiter=_DELIMITERS[job.delimiter], lineterminator=_ENDINGS[job.ending], quoting=csv.QUOTE_ALL
            )
            writer.writerows([[*heads[which], *job.columns], *rows])
            return Reply(200, text.getvalue().encode(), {"Content-Type": "text/csv"})

        return give

    def _known(self, given: Mapping[str, Any]) -> SObject:
        try:
            return self._org.sobject(given["object"])
        except (KeyError, AttributeError, Refused, TypeError):
            raise Refused("INVALIDJOB", "InvalidJob : Unable to find object") from None

    def _job(self, call: Call) -> _Job:
        job = self._jobs.get(key(call.path["job"]))
        if job is None:
            raise not_found()
        return job

    def _told(self, job: _Job, *, counts: bool = False) -> dict[str, Any]:
        told = {
            "id": job.id,
            "operation": job.operation,
            "object": job.object,
            "createdById": self._org.user_id,
            "createdDate": job.created,
            "systemModstamp": job.created,
            "state": job.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": Decimal(job.version),
            "contentUrl": f"services/data/v{job.version}/jobs/ingest/{job.id}/batches",
            "lineEnding": job.ending,
            "columnDelimiter": job.delimiter,
        }
        if job.external:
            told["externalIdFieldName"] = job.external
        if job.error:
            told["errorMessage"] = job.error
        if counts:
            processed = len(job.done) + len(job.failed)
            told |= {"jobType": "V2Ingest", "numberRecordsProcessed": processed, "numberRecordsFailed": len(job.failed)}
        return told

    def _work(self, job: _Job) -> None:
        known = self._org.objects[job.object]
        reader = csv.reader(io.StringIO(job.data, newline=""), delimiter=_DELIMITERS[job.delimiter], strict=True)
        try:
            head, *rows = [row for row in reader if row] or [[]]
        except csv.Error:
            job.state, job.error = "Failed", "InvalidBatch : Failed to parse CSV"
            return
        job.columns = head
        if unknown := [name for name in head if known.field(name) is None]:
            job.state, job.unprocessed = "Failed", rows
            job.error = f"InvalidBatch : Field name not found : {unknown[0][:80]}"
            return
        for row in rows:
            self._row(job, known, row)
        job.state = "JobComplete"

    def _row(self, job: _Job, known: SObject, row: list[str]) -> None:
        try:
            if len(row) != len(job.columns):
                raise Refused("INVALIDBATCH", "The number of columns is not that of the header")
            self._org.check_permission(known)
            with self._org.transaction():
                record, created = self._apply(job, known, dict(zip(job.columns, row, strict=True)))
        except Refused as refused:
            fields = ",".join(refused.error.get("fields", ()))
            job.failed.append(["", f"{refused.code}:{refused}:{fields}--", *row])
        else:
            job.done.append([record["Id"], str(created).lower(), *row])

    def _apply(self, job: _Job, known: SObject, cells: Mapping[str, str]) -> tuple[Record, bool]:
        values: dict[str, Any] = {}
        for name, text in cells.items():
            found = known.field(name)
            if found is not None:
                truth = found.type == "boolean" and text.casefold() in ("true", "false")
                values[found.name] = text.casefold() == "true" if truth else None if text in ("", "#N/A") else text
        if job.operation == "insert":
            return self._org.create(known, values), True
        name = job.external if job.operation == "upsert" else "Id"
        value = values.pop(name, None)
        if not value:
            raise Refused("MISSING_ARGUMENT", f"{name} not specified")
        found_records = self._org.matching(known, name, value)
        if len(found_records) > 1:
            raise Refused("DUPLICATE_EXTERNAL_ID", f"{name}: more than one record found for external id field")
        if not found_records:
            return self._org.create(known, {**values, name: value}), True
        if job.operation == "delete":
            self._org.delete(known, found_records[0])
            return found_records[0], False
        return self._org.update(known, found_records[0], values), False
