"""Records that NetSuite writes when it has time: too large to wait for, submitted once, followed to their end.

Source: "Sending asynchronous requests" and "Idempotency" of the SuiteTalk REST guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid5

from openreturns.errors import ContractError, OutcomeUnknownError, RejectedError
from openreturns.transport import Answer, Client

from openreturns_adapters.netsuite.client._refusals import explain

__all__ = ["followed", "later"]

# Keys of ours become the UUIDs that NetSuite wants below this one, the same after a restart.
_OURS = UUID("0f0c0a52-8d7b-4b46-9a4b-7a4e6a3d5d11")
_WAITS = (1.0, 2.0, 5.0, *([10.0] * 60))  # seconds between looks; then it is for another day


def later(once: str) -> dict[str, str]:
    """Return the headers that make a job of a call, one however often it is sent."""
    return {"Prefer": "respond-async", "X-NetSuite-Idempotency-Key": str(uuid5(_OURS, once))}


def followed(
    client: Client,
    verb: str,
    answer: Answer,
    sleep: Callable[[float], None],
    *,
    once: str,
    told: Mapping[str, Any],
) -> Answer:
    """Return what the call would have been answered at once, when its job has ended.

    A key that was used already names the job it was used for: its end is ours, even a refusal, until the document
    has another revision. Raises RejectedError for a job that failed, and OutcomeUnknownError for one without an end.
    """
    if answer.status == 400:
        problems = tuple(explain(answer))
        if not problems or problems[0].code != "IDEMPOTENCY_ERROR":
            refused = RejectedError(f"netsuite {verb} answered 400", kind="validation", problems=problems)
            refused.status, refused.vendor_code = 400, problems[0].code if problems else ""
            raise refused
    place = answer.headers.get("location")
    if not place:
        raise ContractError("NetSuite took work on without the address of the job", kind="contract_drift")
    job = client.address(place)
    for wait in _WAITS:
        if client.request(verb, "GET", job, **told).json["completed"]:
            return client.request(verb, "GET", f"{job}/task/1/result", expects="any", **told)
        sleep(wait)
    raise OutcomeUnknownError(f"netsuite {verb}: the job has not ended", key=once, kind="timeout")
