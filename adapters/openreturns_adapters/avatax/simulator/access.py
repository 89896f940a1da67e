"""Who may call, and how often: the account's licence key, a user's password, tokens that expire, and the limit."""

from __future__ import annotations

import base64
import hmac
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from openreturns.sandbox import Call, Clock, Operation, Reply

from openreturns_adapters.avatax.simulator.problems import Fault, Refused, fault, refusal

__all__ = ["Access", "Caller", "Limit"]

SCOPE = "avatax_api"
_SCOPES = frozenset({SCOPE, "openid", "profile"})


@dataclass(frozen=True)
class Caller:
    """Somebody who may call: how they showed it, their name, and whether they may change anything."""

    how: str
    name: str
    writes: bool = True


@dataclass(frozen=True)
class _Token:
    caller: Caller
    scope: str
    until: datetime


class Limit:
    """At most so many calls in so many seconds; None is no limit."""

    def __init__(self, clock: Clock, calls: int | None, seconds: int) -> None:
        self._clock = clock
        self._calls = calls
        self._seconds = seconds
        self._seen: deque[datetime] = deque()

    def refuse(self) -> Reply | None:
        """Count a call; return the vendor's answer if it is one too many."""
        if self._calls is None:
            return None
        now = self._clock.now()
        while self._seen and self._seen[0] <= now - timedelta(seconds=self._seconds):
            self._seen.popleft()
        if len(self._seen) < self._calls:
            self._seen.append(now)
            return None
        wait = self._seen[0] + timedelta(seconds=self._seconds) - now
        seconds = max(1, -(-wait // timedelta(seconds=1)))
        said = f"More than {self._calls} requests in {self._seconds} seconds."
        return refusal([Fault("RateLimitExceeded", said)], {"Retry-After": str(seconds)})


class Access:
    """Reads the Authorization header; issues and knows tokens."""

    def __init__(
        self,
        clock: Clock,
        *,
        accounts: Mapping[str, str],
        users: Mapping[str, str],
        clients: Mapping[str, str],
        readers: frozenset[str],
        token_seconds: int,
    ) -> None:
        self._clock = clock
        self._accounts = dict(accounts)
        self._users = dict(users)
        self._clients = dict(clients)
        self._token_seconds = token_seconds
        self._readers = readers
        self._tokens: dict[str, _Token] = {}

    def token(self, call: Call) -> Reply:
        """Answer a client that asks for a token by its secret, in a form; errors are OAuth's."""
        form = {name: values[-1] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
        known = self._clients.get(form.get("client_id", ""))
        if form.get("grant_type") != "client_credentials":
            return Reply(400, {"error": "unsupported_grant_type"})
        if known is None or not hmac.compare_digest(known.encode(), form.get("client_secret", "").encode()):
            return Reply(400, {"error": "invalid_client"})
        scope = form.get("scope", SCOPE)
        if not set(scope.split()) <= _SCOPES:
            return Reply(400, {"error": "invalid_scope"})
        return Reply(200, self._issue(form["client_id"], scope))

    def _issue(self, user: str, scope: str) -> dict[str, Any]:
        token = f"sandbox-token-{len(self._tokens) + 1}"
        caller = Caller("OpenIdBearerToken", user, user not in self._readers)
        self._tokens[token] = _Token(caller, scope, self._clock.now() + timedelta(seconds=self._token_seconds))
        granted = {"access_token": token, "token_type": "Bearer"}
        return {**granted, "expires_in": self._token_seconds, "scope": scope}

    def who(self, call: Call) -> Caller:
        """Return who calls. Raises Refused, without a word of what was sent."""
        kind, _, value = call.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            return self._by_password(value.strip())
        if kind.lower() == "bearer":
            return self._by_token(value.strip())
        raise fault("AuthenticationIncomplete", "Send an Authorization header of type Basic or Bearer.")

    def _by_password(self, value: str) -> Caller:
        try:
            name, colon, secret = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
        except ValueError:
            name, colon, secret = "", "", ""
        if not colon:
            raise fault("BasicAuthIncorrect", "Basic is followed by base64 of a name, a colon and a secret.")
        for how, known in (("AccountIdLicenseKey", self._accounts), ("UsernamePassword", self._users)):
            if name in known and hmac.compare_digest(known[name].encode(), secret.encode()):
                return Caller(how, name, name not in self._readers)
        said = "Missing authentication or unable to authenticate the user or the account."
        raise fault("AuthenticationException", said)

    def _by_token(self, value: str) -> Caller:
        found = self._tokens.get(value)
        if found is None or found.until <= self._clock.now():
            raise fault("BearerTokenInvalid", "The token is not known or has expired; get a new one.")
        if SCOPE not in found.scope.split():
            raise fault("AuthorizationException", f"The token is not for {SCOPE}.")
        return found.caller

    def refuse(self, operation: Operation, call: Call) -> Reply | None:
        """Return the vendor's answer to a caller who is not known, or may not change anything and tries."""
        if operation.open:
            return None
        try:
            caller = self.who(call)
        except Refused as error:
            return refusal(error.faults)
        if operation.method != "GET" and not caller.writes and not operation.path.startswith("/addresses"):
            return refusal([Fault("AuthorizationException", "The user may read, not change.")])
        return None
