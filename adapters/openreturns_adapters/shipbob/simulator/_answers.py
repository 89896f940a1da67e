"""The three error bodies that ShipBob answers with, and which status has which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from openreturns.sandbox import Reply

__all__ = ["api_error", "gateway", "problem", "problem_details"]

_SECTION = {400: "15.5.1", 404: "15.5.5", 405: "15.5.6", 500: "15.6.1"}  # of RFC 9110


def problem_details(status: int, detail: str, instance: str = "") -> Reply:
    """Return ProblemDetails: what the services say of a wrong address, parameter or state."""
    kind = f"https://tools.ietf.org/html/rfc9110#section-{_SECTION[status]}" if status in _SECTION else "about:blank"
    body = {
        "type": kind,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": instance or None,
    }
    return Reply(status, body)


def api_error(*errors: str, message: str = "Validation failed") -> Reply:
    """Return ApiError with status 422: what is wrong with the data sent."""
    return Reply(422, {"message": message, "errors": list(errors), "details": None, "stackTrace": None})


def gateway(status: int, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Return what the gateway in front of the services says: 401, 403, 429."""
    return Reply(status, {"statusCode": status, "message": message}, headers or {})


def problem(status: int, message: str, retry_after: int = 1, errors: Sequence[str] = ()) -> Reply:
    """Return the vendor's error body for a status."""
    if status == 429:
        text = f"Rate limit is exceeded. Try again in {retry_after} seconds."
        return gateway(429, text, {"x-retry-after": str(retry_after), "x-remaining-calls": "0"})
    if status in (401, 403):
        return gateway(status, message)
    return api_error(*(errors or (message,))) if status == 422 else problem_details(status, message)
