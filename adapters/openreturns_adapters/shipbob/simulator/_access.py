"""Who may call: bearer tokens with scopes, the token endpoint, and the sliding window of calls."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import parse_qsl

from openreturns.sandbox import Call, Clock, Reply

from openreturns_adapters.shipbob.simulator._answers import gateway, problem

__all__ = ["SCOPES", "Access"]

SCOPES = (
    "channels_read",
    "fulfillments_read",
    "fulfillments_write",
    "inventory_read",
    "inventory_write",
    "locations_read",
    "orders_read",
    "orders_write",
    "products_read",
    "products_write",
    "receiving_read",
    "receiving_write",
    "returns_read",
    "returns_write",
    "webhooks_read",
    "webhooks_write",
)


@dataclass(frozen=True)
class Grant:
    """What a token stands for: a user's consent to an application; a personal token never ends."""

    application: str
    scopes: frozenset[str]
    ends: datetime | None = None


class Access:
    """Tokens, what each may do, and how often it was used in the last minute."""

    def __init__(
        self,
        clock: Clock,
        tokens: Mapping[str, Collection[str]],
        client: tuple[str, str],
        refresh_token: str,
        *,
        token_seconds: int,
        limit: int,
        window_seconds: int,
    ) -> None:
        self._clock = clock
        self._grants = {token: Grant("API", frozenset(scopes)) for token, scopes in tokens.items()}
        self._client = client
        self._refreshing: dict[str, frozenset[str]] = {refresh_token: frozenset(SCOPES)}
        self._codes: dict[str, frozenset[str]] = {}
        self._numbers = count(1)
        self._token_seconds = token_seconds
        self._limit = limit
        self._window = timedelta(seconds=window_seconds)
        self._calls: dict[str, deque[datetime]] = defaultdict(deque)
        self.remaining = limit
        """How many calls the caller of the moment has left."""

    def refuse(self, scope: str, call: Call) -> Reply | None:
        """Return the answer to a call that is not let in: no token, too many calls, or not this scope."""
        now = self._clock.now()
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        grant = self._grants.get(token.strip()) if kind.lower() == "bearer" else None
        if grant is None or (grant.ends is not None and now >= grant.ends):
            return gateway(401, "Unauthorized. Access token is missing or invalid.", {"WWW-Authenticate": "Bearer"})
        wait = self._count(grant.application, now)
        if wait:
            return problem(429, "", retry_after=wait)
        if scope not in grant.scopes:
            return gateway(403, f"Forbidden. The token has no scope {scope}.")
        return None

    def _count(self, application: str, now: datetime) -> int:
        """Count the call; return the seconds to wait where there were too many, which are not counted."""
        calls = self._calls[application]
        while calls and calls[0] <= now - self._window:
            calls.popleft()
        self.remaining = max(0, self._limit - len(calls) - 1)
        if len(calls) < self._limit:
            calls.append(now)
            return 0
        oldest = calls[0] if calls else now
        left = oldest + self._window - now
        return max(1, -(-left // timedelta(seconds=1)))

    def authorize(self, scopes: Collection[str] = SCOPES) -> str:
        """Let the merchant consent to the application; return the code that the callback gets."""
        unknown = set(scopes) - set(SCOPES)
        if unknown:
            raise ValueError(f"no scope {', '.join(sorted(unknown))}")
        code = f"sandbox-code-{next(self._numbers)}"
        self._codes[code] = frozenset(scopes)
        return code

    def expire(self) -> int:
        """End every OAuth token now; return how many."""
        now = self._clock.now()
        ending = {token: grant for token, grant in self._grants.items() if grant.ends is not None}
        self._grants |= {token: replace(grant, ends=now) for token, grant in ending.items()}
        return len(ending)

    def token(self, call: Call) -> Reply:
        """Answer the token endpoint: a code or a refresh token, each good for one use, becomes two new tokens."""
        form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        if (form.get("client_id"), form.get("client_secret")) != self._client:
            return Reply(400, {"error": "invalid_client"})
        known = {
            "authorization_code": (self._codes, form.get("code", "")),
            "refresh_token": (self._refreshing, form.get("refresh_token", "")),
        }
        if form.get("grant_type") not in known:
            return Reply(400, {"error": "unsupported_grant_type"})
        given, key = known[form["grant_type"]]
        if key not in given:
            return Reply(400, {"error": "invalid_grant"})
        scopes = given.pop(key)
        number = next(self._numbers)
        access, refresh = f"sandbox-access-{number}", f"sandbox-refresh-{number}"
        ends = self._clock.now() + timedelta(seconds=self._token_seconds)
        self._grants[access] = Grant(self._client[0], scopes, ends)
        self._refreshing[refresh] = scopes
        body = {
            "access_token": access,
            "expires_in": self._token_seconds,
            "token_type": "Bearer",
            "refresh_token": refresh,
            "scope": " ".join(sorted(scopes)),
        }
        return Reply(200, body, {"Cache-Control": "no-store"})
