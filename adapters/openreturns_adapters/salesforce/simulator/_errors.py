"""What Salesforce answers to a call it refuses: a JSON array of errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openreturns.sandbox import Reply

__all__ = ["Refused", "not_found", "problem"]

_CODES = {
    400: "JSON_PARSER_ERROR",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    412: "PRECONDITION_FAILED",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "UNKNOWN_EXCEPTION",
    503: "SERVER_UNAVAILABLE",
}
_MESSAGES = {
    404: "The requested resource does not exist",
    429: "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    500: "An unexpected error occurred. Please include this ErrorId if you contact support: 1015025-2026 (-1)",
}


class Refused(Exception):  # noqa: N818 - an answer, not a defect
    """A call that is refused: status, error code, message, the fields concerned, and what else the body has."""

    def __init__(
        self, code: str, message: str, fields: Sequence[str] | None = None, *, status: int = 400, **more: object
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        listed = {} if fields is None else {"fields": list(fields)}
        self.error: Mapping[str, Any] = {"message": message, "errorCode": code, **listed, **more}

    def reply(self) -> Reply:
        """Return the answer."""
        return Reply(self.status, [self.error])


def not_found(message: str = _MESSAGES[404]) -> Refused:
    """Return the refusal of an address behind which nothing is."""
    return Refused("NOT_FOUND", message, status=404)


def problem(status: int, message: str) -> Reply:
    """Return the vendor's answer for a status; "too many requests" is 403 here."""
    text = _MESSAGES.get(status, message)
    return Refused(_CODES.get(status, "UNKNOWN_EXCEPTION"), text, status=403 if status == 429 else status).reply()
