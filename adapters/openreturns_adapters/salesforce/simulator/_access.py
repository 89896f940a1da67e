"""Who may call: the token endpoint, sessions that end, permission, and the daily limit of calls."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, unquote, urlsplit

from openreturns.sandbox import Call, Clock, Operation, Reply

from openreturns_adapters.salesforce.simulator._errors import Refused, not_found, problem
from openreturns_adapters.salesforce.simulator._rsa import claims, public_numbers

__all__ = ["Access", "App"]

_DAY = timedelta(hours=24)
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True)
class App:
    """The connected app that clients come as, and the user it acts for."""

    client_id: str
    client_secret: str
    username: str
    public_key: str | None
    audiences: tuple[str, ...]
    scope: str
    org_id: str
    user_id: str


@dataclass(frozen=True)
class Limits:
    """How long and how often: the session's and the assertion's life, clock skew allowed, calls in 24 hours."""

    session: timedelta
    assertion: timedelta
    skew: timedelta
    daily: int
    api_enabled: bool
    versions: range


class Access:
    """The gate in front of the API."""

    def __init__(self, app: App, limits: Limits, clock: Clock) -> None:
        self.app = app
        self.limits = limits
        self.denied = ""
        self.unavailable = 0
        self.crowded = 0
        self._clock = clock
        self._key = public_numbers(app.public_key) if app.public_key else None
        self._sessions: dict[str, datetime] = {}
        self._calls: deque[datetime] = deque()

    # Tokens

    def token(self, call: Call) -> Reply:
        """Answer a request for a token."""
        media_type = call.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in ("application/x-www-form-urlencoded", ""):
            return _denied("invalid_request", "content type must be application/x-www-form-urlencoded")
        form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        grants: Mapping[str, Callable[[Call, Mapping[str, str]], Reply | None]] = {
            "client_credentials": self._client_credentials,
            _JWT: self._jwt_bearer,
        }
        if not form.get("grant_type"):
            return _denied("invalid_request", "missing required parameter: grant_type")
        if form["grant_type"] not in grants:
            return _denied("unsupported_grant_type", "grant type not supported")
        refused = grants[form["grant_type"]](call, form)
        if refused is None and self.denied:
            refused = _denied("invalid_grant", self.denied)
        return refused or self._granted(call)

    def _client_credentials(self, call: Call, form: Mapping[str, str]) -> Reply | None:
        given = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return _denied("invalid_client", "invalid client credentials")
            given = unquote(name), unquote(secret)
        if not given[0]:
            return _denied("invalid_request", "missing required parameter: client_id")
        if given[0] != self.app.client_id:
            return _denied("invalid_client_id", "client identifier invalid")
        if not hmac.compare_digest(given[1].encode("utf-8", "replace"), self.app.client_secret.encode()):
            return _denied("invalid_client", "invalid client credentials")
        return None

    def _jwt_bearer(self, call: Call, form: Mapping[str, str]) -> Reply | None:
        if not form.get("assertion"):
            return _denied("invalid_request", "missing required parameter: assertion")
        said = claims(form["assertion"], self._key) if self._key else None
        if said is None:
            return _denied("invalid_grant", "invalid assertion")
        if said.get("iss") != self.app.client_id:
            return _denied("invalid_client_id", "client identifier invalid")
        if said.get("aud") not in self.app.audiences:
            return _denied("invalid_grant", "audience is invalid")
        if said.get("sub") != self.app.username:
            return _denied("invalid_grant", "user hasn't approved this consumer")
        expires = str(said.get("exp", ""))
        if not expires.isdecimal() or not expires.isascii() or len(expires) > 12:
            return _denied("invalid_grant", "invalid assertion")
        left = int(expires) - self._clock.now().timestamp()
        skew = self.limits.skew.total_seconds()
        if left <= -skew:
            return _denied("invalid_grant", "expired authorization code")
        if left > self.limits.assertion.total_seconds() + skew:
            return _denied("invalid_grant", "invalid assertion")
        return None

    def open_session(self) -> str:
        """Return the id of a new session."""
        session = f"{self.app.org_id[:15]}!{secrets.token_urlsafe(60)}"
        self._sessions[session] = self._clock.now()
        return session

    def _granted(self, call: Call) -> Reply:
        here = "{0.scheme}://{0.netloc}".format(urlsplit(call.url))
        identity = f"{here}/id/{self.app.org_id}/{self.app.user_id}"
        issued = str(int(self._clock.now().timestamp() * 1000))
        signed = hmac.new(self.app.client_secret.encode(), (identity + issued).encode(), hashlib.sha256).digest()
        body = {
            "access_token": self.open_session(),
            "signature": base64.b64encode(signed).decode(),
            "token_format": "opaque",
            "instance_url": here,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued,
            "scope": self.app.scope,
        }
        return Reply(200, body, {"Cache-Control": "no-store"})

    def end_sessions(self) -> None:
        """End all sessions, as an administrator does."""
        self._sessions.clear()

    # Calls

    def refuse(self, operation: Operation, call: Call) -> Reply | None:
        """Return the answer to a call that is not let in, or None."""
        if self.unavailable:
            self.unavailable -= 1
            return problem(503, "Server unavailable")
        try:
            if "version" in call.path:
                self._check_version(call.path["version"])
            if not operation.open:
                self._check_session(call)
                self._count()
        except Refused as refused:
            return refused.reply()
        return None

    def _check_version(self, text: str) -> None:
        number, _, rest = text.partition(".")
        if rest != "0" or not number.isascii() or not number.isdecimal() or len(number) > 3:
            raise not_found()
        if int(number) not in self.limits.versions:
            raise not_found()

    def _check_session(self, call: Call) -> None:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        now = self._clock.now()
        used = self._sessions.get(token)
        if scheme.lower() not in ("bearer", "oauth") or used is None or now - used > self.limits.session:
            self._sessions.pop(token, None)
            raise Refused("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        if not {"api", "full"} & set(self.app.scope.split()):
            raise Refused("INVALID_SESSION_ID", "This session is not valid for use with the REST API", status=401)
        if not self.limits.api_enabled:
            message = "The REST API is not enabled for this Organization."
            raise Refused("API_DISABLED_FOR_ORG", message, status=403)
        self._sessions[token] = now

    def _count(self) -> None:
        if self.crowded:
            self.crowded -= 1
            message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
            raise Refused("REQUEST_LIMIT_EXCEEDED", message, status=403)
        if self.used >= self.limits.daily:
            raise Refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        self._calls.append(self._clock.now())

    @property
    def used(self) -> int:
        """How many calls there were in the last 24 hours."""
        since = self._clock.now() - _DAY
        while self._calls and self._calls[0] < since:
            self._calls.popleft()
        return len(self._calls)

    def headers(self) -> dict[str, str]:
        """Return what every answer of the API has."""
        return {"Sforce-Limit-Info": f"api-usage={len(self._calls)}/{self.limits.daily}"}


def _denied(error: str, description: str) -> Reply:
    return Reply(400, {"error": error, "error_description": description}, {"Cache-Control": "no-store"})
