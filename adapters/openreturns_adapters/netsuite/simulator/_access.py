"""Who may call: signed assertions for tokens that expire, OAuth 1.0a signatures, and how many calls at a time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import jwt
from openreturns.sandbox import Call, Clock, Operation, Reply

from openreturns_adapters.netsuite.simulator._problems import refusal

__all__ = ["ALGORITHMS", "SCOPES", "Access", "Limit", "Running"]

ALGORITHMS = ("PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SCOPES = ("restlets", "rest_webservices", "suite_analytics")

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_AUDIT = "Setup > Users/Roles > User Management > View Login Audit Trail"
_LOGIN = f"Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at {_AUDIT}."
_LONGEST = timedelta(minutes=60)
_WINDOW = timedelta(minutes=5)
_parameter = re.compile(r'\s*(\w+)="([^"]*)"\s*').fullmatch


class Running(Clock):
    """The clock on the wall, moved on by as much as it is told: who signs with a time looks at the same one."""

    def __init__(self) -> None:
        super().__init__()
        self._moved = timedelta()

    def now(self) -> datetime:
        """Return the time, in UTC."""
        with self._lock:
            return datetime.now(UTC) + self._moved

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        with self._lock:
            self._moved += by


class Limit:
    """How many calls the account may have going on at a time, web services and RESTlets together.

    A call goes on for `seconds` of the clock; `taken` are those of the account's other integrations.
    """

    def __init__(self, clock: Clock, concurrent: int, seconds: int, overload: Literal[429, 401]) -> None:
        self._clock = clock
        self._seconds = timedelta(seconds=seconds)
        self._overload = overload
        self._going_on: deque[datetime] = deque()
        self.concurrent = concurrent
        self.taken = 0

    def refuse(self) -> Reply | None:
        """Begin a call; return the vendor's answer if it is one too many."""
        now = self._clock.now()
        while self._going_on and self._going_on[0] <= now:
            self._going_on.popleft()
        if len(self._going_on) + self.taken >= self.concurrent:
            return login() if self._overload == 401 else too_many()
        if self._seconds:
            self._going_on.append(now + self._seconds)
        return None


def too_many() -> Reply:
    """Return what NetSuite says to one call too many."""
    return refusal(429, "Concurrent request limit exceeded. Request blocked.")


def login() -> Reply:
    """Return what NetSuite says to a caller it does not know, without a word of what was sent."""
    reply = refusal(401, _LOGIN, "INVALID_LOGIN")
    return Reply(401, reply.body, {**reply.headers, "WWW-Authenticate": "Bearer"})


@dataclass(frozen=True)
class _Token:
    scopes: frozenset[str]
    certificate: str
    until: datetime


class Access:
    """Reads the Authorization header; gives out tokens and knows them."""

    def __init__(
        self,
        clock: Clock,
        account: str,
        client_id: str,
        certificates: Mapping[str, str],
        consumer: tuple[str, str],
        tokens: Mapping[str, str],
        *,
        viewers: Collection[str],
        administrators: Collection[str],
        token_seconds: int,
    ) -> None:
        self._clock = clock
        self._account = account
        self._client_id = client_id
        self.certificates = dict(certificates)
        self._consumer = consumer
        self._secrets = dict(tokens)
        self._viewers = frozenset(viewers)
        self._administrators = frozenset(administrators)
        self._token_seconds = token_seconds
        self._tokens: dict[str, _Token] = {}
        self._nonces: dict[tuple[str, str], datetime] = {}
        self._numbers = count(1)

    # --- calls --------------------------------------------------------------------------------------------------

    def refuse(self, operation: Operation, call: Call) -> Reply | None:
        """Return the answer to a call that is not let in."""
        if operation.open:
            return None
        scheme, _, given = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            token = self._tokens.get(given.strip())
            if token is None or token.until <= self._clock.now() or token.certificate not in self.certificates:
                return login()
            if "rest_webservices" not in token.scopes:
                return refusal(403, "The access token is not for REST web services.")
            who = token.certificate
        elif scheme.lower() == "oauth":
            who = self._signer(call, given)
            if not who:
                return login()
        else:
            return login()
        if operation.path.endswith("/governanceLimits") and who not in self._administrators:
            return refusal(403, "You do not have permission to view the governance limits.")
        if operation.method != "GET" and not operation.path.startswith("/query/") and who in self._viewers:
            return refusal(403, "Permission Violation: You need a higher level permission to access this record.")
        return None

    # --- OAuth 2.0, client credentials --------------------------------------------------------------------------

    def token(self, call: Call) -> Reply:
        """Answer the token endpoint: an assertion signed with a known certificate's key becomes a token."""
        form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != _ASSERTION:
            return Reply(400, {"error": "invalid_request"})
        told = self._claims(form.get("client_assertion", ""), call.url)
        if told is None:
            return Reply(400, {"error": "invalid_grant"})
        certificate, claims = told
        if claims.get("iss") != self._client_id:
            return Reply(400, {"error": "invalid_client"})
        scopes = _scopes(claims.get("scope"))
        if not scopes or not scopes <= set(SCOPES):
            return Reply(400, {"error": "invalid_scope"})
        access = f"sandbox-access-{next(self._numbers)}"
        until = self._clock.now() + timedelta(seconds=self._token_seconds)
        self._tokens[access] = _Token(frozenset(scopes), certificate, until)
        body = {"access_token": access, "expires_in": str(self._token_seconds), "token_type": "bearer"}
        return Reply(200, body, {"Cache-Control": "no-store"})

    def _claims(self, assertion: str, url: str) -> tuple[str, dict[str, Any]] | None:
        try:
            certificate = jwt.get_unverified_header(assertion).get("kid", "")
            key = self.certificates[certificate]
            claims = jwt.decode(
                assertion,
                key,
                algorithms=list(ALGORITHMS),
                options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            return None
        issued, ends = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int) or not isinstance(ends, int) or claims.get("aud") not in self._audiences(url):
            return None
        now = self._clock.now().timestamp()
        timely = issued <= now + _WINDOW.total_seconds() and now < ends
        return (certificate, claims) if timely and ends - issued <= _LONGEST.total_seconds() else None

    def _audiences(self, url: str) -> tuple[str, str]:
        host = self._account.lower().replace("_", "-")
        return url.partition("?")[0], f"https://{host}.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token"

    def expire(self) -> int:
        """End every token now; return how many."""
        ended = len(self._tokens)
        self._tokens.clear()
        return ended

    # --- OAuth 1.0a ---------------------------------------------------------------------------------------------

    def _signer(self, call: Call, header: str) -> str:
        """Return the token that a call is signed with, or nothing if it is not signed well."""
        found = [match.groups() for part in header.split(",") if (match := _parameter(part))]
        given = {name: unquote(value) for name, value in found}
        token = given.get("oauth_token", "")
        known = (
            given.get("oauth_consumer_key") == self._consumer[0]
            and token in self._secrets
            and given.get("realm", "").upper() == self._account.upper()
            and given.get("oauth_signature_method") == "HMAC-SHA256"
            and given.get("oauth_version", "1.0") == "1.0"
        )
        if not known:
            return ""
        signed = {name: value for name, value in given.items() if name not in ("realm", "oauth_signature")}
        wanted = self._signature(call, signed, self._secrets[token])
        same = hmac.compare_digest(wanted.encode(), given.get("oauth_signature", "").encode())
        return token if same and self._fresh(token, given) else ""

    def _fresh(self, token: str, given: Mapping[str, str]) -> bool:
        """Whether the time is about now and the nonce was not seen; a nonce is good for one call."""
        now = self._clock.now()
        stamp, nonce = given.get("oauth_timestamp", ""), given.get("oauth_nonce", "")
        if not re.fullmatch("[0-9]{1,12}", stamp) or abs(int(stamp) - now.timestamp()) > _WINDOW.total_seconds():
            return False
        self._nonces = {one: until for one, until in self._nonces.items() if until > now}
        if not nonce or (token, nonce) in self._nonces:
            return False
        self._nonces[token, nonce] = now + 2 * _WINDOW
        return True

    def _signature(self, call: Call, signed: Mapping[str, str], secret: str) -> str:
        parts = urlsplit(call.url)
        asked = [*parse_qsl(parts.query, keep_blank_values=True), *signed.items()]
        if call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            asked += parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)
        pairs = sorted((_encoded(name), _encoded(value)) for name, value in asked)
        base = "&".join(
            (
                call.method.upper(),
                _encoded(f"{parts.scheme}://{parts.netloc}{parts.path}"),
                _encoded("&".join(f"{name}={value}" for name, value in pairs)),
            )
        )
        key = f"{_encoded(self._consumer[1])}&{_encoded(secret)}"
        return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()


def _scopes(value: object) -> set[str]:
    """Return the scopes that an assertion asks for: a list, or text with commas."""
    words = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return {str(word).strip() for word in words}


def _encoded(text: str) -> str:
    return quote(text, safe="-._~")
