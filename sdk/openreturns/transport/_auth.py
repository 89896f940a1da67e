"""Credentials that never change: an API key, a name and password, a token. Printed without their secrets."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from openreturns.transport._message import Answer, Outgoing

__all__ = ["ApiKey", "Auth", "Basic", "Bearer", "Fetch"]

Fetch = Callable[[Outgoing], Answer]
"""Sends a request of the credentials' own: for a token."""


class Auth(Protocol):
    """What puts credentials on a request. One object may serve many clients and threads."""

    def headers(self, request: Outgoing, fetch: Fetch) -> Mapping[str, str]:
        """Return the headers that carry the credentials of this request."""
        ...

    def refused(self, headers: Mapping[str, str], answer: Answer) -> bool:
        """Take note that a request with these headers was answered 401; return whether new ones may do better."""
        ...


class _Lasting:
    """Credentials that are right or wrong, and stay it."""

    def refused(self, headers: Mapping[str, str], answer: Answer) -> bool:
        """Return False: the next request would carry the same."""
        return False


@dataclass(frozen=True)
class ApiKey(_Lasting):
    """A key in a header of the vendor's choice."""

    key: str = field(repr=False)
    header: str = "X-API-Key"

    def headers(self, request: Outgoing, fetch: Fetch) -> Mapping[str, str]:
        """Return the header with the key."""
        return {self.header: self.key}


@dataclass(frozen=True)
class Basic(_Lasting):
    """A name and a password, or an account id and a licence key."""

    name: str
    password: str = field(repr=False)

    def headers(self, request: Outgoing, fetch: Fetch) -> Mapping[str, str]:
        """Return the header with both."""
        return {"Authorization": basic(self.name, self.password)}


@dataclass(frozen=True)
class Bearer(_Lasting):
    """A token that somebody made in the vendor's console."""

    token: str = field(repr=False)

    def headers(self, request: Outgoing, fetch: Fetch) -> Mapping[str, str]:
        """Return the header with the token."""
        return {"Authorization": f"Bearer {self.token}"}


def basic(name: str, password: str) -> str:
    """Return the value of an Authorization header, as RFC 7617 has it."""
    if ":" in name:
        raise ValueError("a name with a colon cannot be told from its password")
    return f"Basic {b64encode(f'{name}:{password}'.encode()).decode('ascii')}"
