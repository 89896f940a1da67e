"""What NetSuite says when it refuses: one body, several details, the place of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from openreturns.sandbox import Reply

__all__ = ["Detail", "Refused", "broken", "invalid", "missing", "parameter", "refusal", "unknown"]

_TYPE = "application/vnd.oracle.resource+json; type=error"
_SPEC = "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html"
_SECTIONS = {400: "4.1", 403: "4.4", 404: "4.5", 405: "4.6", 415: "4.16", 500: "5.1"}
_CODES = {
    400: "INVALID_CONTENT",
    403: "INSUFFICIENT_PERMISSION",
    404: "INVALID_URL",
    405: "METHOD_NOT_ALLOWED",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "CONCURRENCY_LIMIT_EXCEEDED",
    500: "UNEXPECTED_ERROR",
}


@dataclass(frozen=True)
class Detail:
    """One thing that is wrong: in words, as a code, and where (a path in the body, a header, a parameter)."""

    text: str
    code: str
    path: str = ""
    header: str = ""
    parameter: str = ""
    url: str = ""

    def body(self) -> dict[str, str]:
        """Return it as it is answered."""
        places = {
            "o:errorHeader": self.header,
            "o:errorPath": self.path,
            "o:errorQueryParam": self.parameter,
            "o:errorUrl": self.url,
        }
        said = {"detail": self.text, "o:errorCode": self.code}
        return said | {name: place for name, place in places.items() if place}


class Refused(Exception):  # noqa: N818 - an answer, no mistake of ours
    """NetSuite says no."""

    def __init__(
        self, details: Iterable[Detail], status: int = 400, title: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self.details = tuple(details)
        self.status = status
        self.title = title
        self.headers = headers or {}

    def reply(self) -> Reply:
        """Return the answer."""
        anchor = f"#sec10.{_SECTIONS[self.status]}" if self.status in _SECTIONS else ""
        body = {
            "type": f"{_SPEC}{anchor}",
            "title": self.title or HTTPStatus(self.status).phrase,
            "status": self.status,
            "o:errorDetails": [detail.body() for detail in self.details],
        }
        return Reply(self.status, body, {"Content-Type": _TYPE, **self.headers})


def refusal(status: int, text: str, code: str = "") -> Reply:
    """Return an answer with one detail; the code is the usual one of the status where none is told."""
    return Refused([Detail(text, code or _CODES.get(status, "USER_ERROR"))], status).reply()


def broken(text: str, path: str = "") -> Refused:
    """Return the refusal of what breaks a rule of the business."""
    return Refused([Detail(f"Error while accessing a resource. {text}", "USER_ERROR", path)])


def missing(label: str, path: str) -> Refused:
    """Return the refusal of a record that lacks a value."""
    return broken(f"Please enter value(s) for: {label}.", path)


def unknown(value: object, name: str, path: str) -> Detail:
    """Return what is said of a reference to nothing."""
    text = f"Error while accessing resource: You have entered an Invalid Field Value {value} for the following field: "
    return Detail(text + name, "INVALID_CONTENT", path)


def invalid(name: str, path: str) -> Detail:
    """Return what is said of a value that a field cannot hold."""
    text = f"Invalid value for the resource or sub-resource field '{name}'. Provide a valid value."
    return Detail(text, "INVALID_CONTENT", path)


def parameter(name: str, text: str) -> Refused:
    """Return the refusal of a query parameter."""
    return Refused([Detail(text, "INVALID_PARAMETER", parameter=name)])
