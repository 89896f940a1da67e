"""OAuth 2.0 between machines: a client's secret, a signed grant, a signature instead of a secret."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

import jwt

from openreturns.errors import MappingError
from openreturns.transport._auth import Fetch, basic
from openreturns.transport._message import Answer, Outgoing
from openreturns.transport._skew import Skew
from openreturns.transport._time import SYSTEM, Time
from openreturns.transport._tokens import Token, TokenCache, read_token

__all__ = ["ALGORITHMS", "ClientAssertion", "ClientCredentials", "JwtBearer"]

ALGORITHMS = ("ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512")

# An assertion is used at once. Salesforce grants it three minutes; half a minute back covers a slow clock there.
_BACK, _AHEAD = 30, 150


@dataclass(kw_only=True)
class _Granted:
    """A bearer token from a token endpoint.

    `more` is sent along (`{"scope": ..}`), `lifetime` holds if the endpoint does not say how long a token
    lasts. Share one object between the clients of an account, and they share its token.
    """

    token_url: str
    more: Mapping[str, str] = field(default_factory=dict, repr=False)
    lifetime: float = 900.0
    time: Time = field(default=SYSTEM, repr=False)

    def __post_init__(self) -> None:
        self._tokens = TokenCache(self.time)

    def headers(self, request: Outgoing, fetch: Fetch) -> Mapping[str, str]:
        """Return the header with the token, asking for one where none is kept."""
        return {"Authorization": f"Bearer {self._tokens.get(lambda: self._ask(fetch))}"}

    def refused(self, headers: Mapping[str, str], answer: Answer) -> bool:
        """Forget the token; return whether it was one that had worked before."""
        return self._tokens.refused(headers["Authorization"].removeprefix("Bearer "))

    def _ask(self, fetch: Fetch) -> Token:
        return read_token(fetch(self._request()), self.lifetime)

    def _request(self, **form: str) -> Outgoing:
        body = urlencode({**form, **self.more}).encode("ascii")
        sent = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return Outgoing("POST", self.token_url, sent, body)


@dataclass(kw_only=True)
class ClientCredentials(_Granted):
    """A client id and its secret; in the form, or with `in_header` as RFC 6749, 2.3.1 prefers."""

    client_id: str
    client_secret: str = field(repr=False)
    in_header: bool = False

    def _request(self, **form: str) -> Outgoing:
        if not self.in_header:
            return super()._request(
                grant_type="client_credentials", client_id=self.client_id, client_secret=self.client_secret
            )
        request = super()._request(grant_type="client_credentials")
        who = basic(quote_plus(self.client_id), quote_plus(self.client_secret))
        return Outgoing(request.method, request.url, {**request.headers, "Authorization": who}, request.content)


@dataclass(kw_only=True)
class _Signed(_Granted):
    """An assertion signed with a private key (PEM), which the vendor knows by `key_id` or by the issuer.

    `claims` are added to those every assertion has. If the endpoint refuses and its clock is not ours, the
    assertion is made once more by its clock.
    """

    private_key: str = field(repr=False)
    algorithm: str
    issuer: str
    audience: str = ""
    subject: str = ""
    key_id: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._skew = Skew()
        if self.algorithm not in ALGORITHMS:
            known = ", ".join(ALGORITHMS)
            raise MappingError(f"the algorithm {self.algorithm!r} is not one of {known}", kind="setting")

    def _ask(self, fetch: Fetch) -> Token:
        answer = fetch(self._request())
        if answer.status in {400, 401} and self._skew.learn(answer.date, self.time.wall()):
            answer = fetch(self._request())
        return read_token(answer, self.lifetime)

    def _assertion(self) -> str:
        now = int(self.time.wall() + self._skew.seconds)
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.audience or self.token_url,
            "iat": now - _BACK,
            "exp": now + _AHEAD,
            "jti": uuid.uuid4().hex,
            **({"sub": self.subject} if self.subject else {}),
            **self.claims,
        }
        named = {"kid": self.key_id} if self.key_id else None
        try:
            return jwt.encode(claims, self.private_key, algorithm=self.algorithm, headers=named)
        except (jwt.InvalidKeyError, ValueError, TypeError):
            message = f"the private key is not a PEM key that {self.algorithm} can sign with"
            raise MappingError(message, kind="setting") from None  # the reason might quote the key


@dataclass(kw_only=True)
class JwtBearer(_Signed):
    """RFC 7523, 2.1: the assertion is the grant (Salesforce)."""

    def _request(self, **form: str) -> Outgoing:
        return super()._request(grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=self._assertion())


@dataclass(kw_only=True)
class ClientAssertion(_Signed):
    """RFC 7523, 2.2: the assertion stands for the client's secret (NetSuite)."""

    def _request(self, **form: str) -> Outgoing:
        return super()._request(
            grant_type="client_credentials",
            client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion=self._assertion(),
        )
