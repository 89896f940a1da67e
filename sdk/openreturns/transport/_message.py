"""What goes out and what comes back. Neither shows its headers or body when printed: secrets are in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

__all__ = ["Answer", "Outgoing", "http_date"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request, ready to be sent. Names of headers are as written here."""

    method: str
    url: str = field(repr=False)  # its query may hold a person's data
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other system said: `json` with exact numbers where the body is JSON, `content` the bytes as they came.

    Names of headers are in lower case. `garbled` says why the body could not be read, on an answer whose
    status alone tells enough.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)
    json: Any = field(default=None, repr=False)
    correlation_id: str = ""
    garbled: str = ""

    @property
    def media_type(self) -> str:
        """The media type, in lower case and without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def date(self) -> datetime | None:
        """The other system's time of day, if it said so."""
        return http_date(self.headers.get("date", ""))


def http_date(text: str) -> datetime | None:
    """Return the moment that an HTTP date names, or None if it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
