"""What Salesforce says when it says no: a list of errors, each with a code, a message and the fields concerned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from openreturns.errors import MappingError, OpenReturnsError, Problem, RejectedError, RetryableError
from openreturns.transport import Answer, Throttled

__all__ = ["THROTTLED", "explain", "refusal", "refused_part", "setting"]

THROTTLED = (
    Throttled(429),
    Throttled(403, "REQUEST_LIMIT_EXCEEDED"),  # calls of the day, or too many long ones at a time
    Throttled(400, "UNABLE_TO_LOCK_ROW"),  # another transaction held the record, or the account above it
    Throttled(400, "DUPLICATE_VALUE", times=1),  # two upserts overlapped; the next one finds the record
)

_KINDS = {
    "DUPLICATE_VALUE": "conflict",
    "DUPLICATES_DETECTED": "conflict",
    "ENTITY_IS_DELETED": "not_found",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "business_rule",
    "INSUFFICIENT_ACCESS_OR_READONLY": "auth",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "auth",
}
"""What a refusal is called where its status does not say enough."""

_TELLING = frozenset(
    (
        *_KINDS,
        "API_DISABLED_FOR_ORG",
        "INVALID_CROSS_REFERENCE_KEY",
        "INVALID_FIELD",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "INVALID_SESSION_ID",
        "INVALID_TYPE",
        "MALFORMED_QUERY",
        "NOT_FOUND",
        "REQUEST_LIMIT_EXCEEDED",
        "REQUIRED_FIELD_MISSING",
        "UNABLE_TO_LOCK_ROW",
    )
)
"""The codes whose messages speak of fields and rules; the others may quote a value, and so a person."""

_IN_PART = {400: "validation", 401: "auth", 403: "auth", 404: "not_found", 409: "conflict", 412: "conflict"}
_column = re.compile(r"No such column '(\w{1,80})'").search


def explain(answer: Answer) -> Sequence[Problem]:
    """Return the problems that an error answer tells."""
    return _problems(answer.json)


def _problems(body: Sequence[Mapping[str, Any]]) -> tuple[Problem, ...]:
    return tuple(_problem(one) for one in body)


def _problem(error: Mapping[str, Any]) -> Problem:
    code, message = str(error["errorCode"])[:80], str(error.get("message", ""))[:200]
    fields = [str(name) for name in error.get("fields") or ()]
    if not fields and (found := _column(message)):
        fields = [found[1]]
    said = message if code in _TELLING else "the value is refused; Salesforce's own words may quote it"
    return Problem(code, said, native="".join(f"/{name}" for name in fields[:1]))


def refusal(error: RejectedError) -> RejectedError:
    """Return a refusal under the kind that its code says."""
    error.kind = _KINDS.get(error.vendor_code, error.kind)
    return error


def refused_part(part: Mapping[str, Any]) -> OpenReturnsError:
    """Return the error of the one part of a composite for which all of it was taken back."""
    status = int(part["httpStatusCode"])
    several = [Problem("several", "several records have this external id")] if status == 300 else ()
    problems = several or _problems(part["body"])
    code = problems[0].code
    message = f"salesforce composite: the part {part['referenceId']} answered {status} ({code})"
    error: OpenReturnsError
    if status >= 500 or any((one.status, one.code) == (status, code) for one in THROTTLED):
        error = RetryableError(message, retry_after=1.0, kind="throttled", problems=problems)
    elif status == 300:
        error = RejectedError(message, kind="conflict", problems=problems)
    else:
        error = RejectedError(message, kind=_KINDS.get(code, _IN_PART.get(status, "refused")), problems=problems)
    error.status, error.vendor_code = status, code
    return error


def setting(message: str) -> MappingError:
    """Return the error for something that the tenant's file has to say."""
    return MappingError(message, kind="setting", problems=[Problem("setting", message)])
