"""Work that is done later: jobs with tasks, their progress by the clock, their results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from openreturns.sandbox import Call, Clock, Reply

from openreturns_adapters.netsuite.simulator._calls import here
from openreturns_adapters.netsuite.simulator._problems import Detail, Refused

__all__ = ["Jobs", "Task"]

_KEY = "X-NetSuite-Idempotency-Key"

Task = Callable[[], Reply]


@dataclass
class _Job:
    id: str
    tasks: Sequence[Task]
    due: datetime
    results: list[Reply] = field(default_factory=list)
    ended: str = ""


class Jobs:
    """What was asked for with `Prefer: respond-async`. A job is done when its time has come, looked at or not."""

    def __init__(self, clock: Clock, seconds: int) -> None:
        self._clock = clock
        self._seconds = timedelta(seconds=seconds)
        self._jobs: dict[str, _Job] = {}
        self._keys: dict[str, str] = {}
        self._numbers = count(1)

    def submit(self, call: Call, tasks: Sequence[Task]) -> Reply:
        """Take work on. Raises Refused for a key that was used, and tells the job it was used for."""
        key = call.headers.get(_KEY.lower(), "")
        if key and key in self._keys:
            text = "A request with the same idempotency key has been submitted already."
            where = {"Location": f"{here(call)}/async/v1/job/{self._keys[key]}"}
            raise Refused([Detail(text, "IDEMPOTENCY_ERROR", header=_KEY)], 400, "Conflict", where)
        job = _Job(str(next(self._numbers)), tasks, self._clock.now() + self._seconds)
        self._jobs[job.id] = job
        if key:
            self._keys[key] = job.id
        headers = {
            "Location": f"{here(call)}/async/v1/job/{job.id}",
            "Preference-Applied": "respond-async",
        }
        return Reply(202, None, headers)

    def work(self) -> None:
        """Do what is due, in the order in which it was asked for."""
        waiting = [job for job in self._jobs.values() if not job.ended]
        now = self._clock.now() if waiting else None
        for job in waiting:
            if now is not None and job.due <= now:
                job.results = [task() for task in job.tasks]
                job.ended = self._clock.text()

    def job(self, call: Call) -> Reply:
        """Answer how far a job is."""
        job, url = self._found(call)
        body = {"id": job.id, **_progress(job.ended, job.results), "task": _links(f"{url}/task"), **_links(url)}
        return Reply(200, body)

    def tasks(self, call: Call) -> Reply:
        """List a job's tasks."""
        job, url = self._found(call)
        items = [{"id": str(n), **_links(f"{url}/task/{n}")} for n in range(1, len(job.tasks) + 1)]
        counts = {"count": len(items), "hasMore": False, "offset": 0, "totalResults": len(items)}
        return Reply(200, {**_links(f"{url}/task"), **counts, "items": items})

    def task(self, call: Call) -> Reply:
        """Answer how far a task is."""
        job, url = self._found(call)
        number = self._number(job, call)
        body = {"id": str(number), **_progress(job.ended, job.results[number - 1 : number])}
        if job.ended:
            body |= {"startTime": job.due.strftime("%Y-%m-%dT%H:%M:%SZ"), "endTime": job.ended}
        return Reply(200, {**body, **_links(f"{url}/task/{number}")})

    def result(self, call: Call) -> Reply:
        """Answer what the call would have been answered at once."""
        job, _ = self._found(call)
        number = self._number(job, call)
        if not job.ended:
            raise _none("The result of the task is not available yet.")
        return job.results[number - 1]

    def _found(self, call: Call) -> tuple[_Job, str]:
        job = self._jobs.get(call.path["id"])
        if job is None:
            raise _none("The job does not exist. Provide a valid job ID.")
        return job, f"{here(call)}/async/v1/job/{job.id}"

    @staticmethod
    def _number(job: _Job, call: Call) -> int:
        text = call.path["task"]
        known = {str(number): number for number in range(1, len(job.tasks) + 1)}
        if text not in known:
            raise _none("The task does not exist. Provide a valid task ID.")
        return known[text]


def _none(text: str) -> Refused:
    return Refused([Detail(text, "NONEXISTENT_ID")], 404)


def _links(url: str) -> dict[str, Any]:
    return {"links": [{"rel": "self", "href": url}]}


def _progress(ended: str, results: Sequence[Reply]) -> dict[str, Any]:
    failed = any(reply.status >= 400 for reply in results)
    return {"completed": bool(ended), "progress": ("failed" if failed else "succeeded") if ended else "pending"}
