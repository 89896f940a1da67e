"""A user's session: a token that a login gives, kept until the server refuses it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from openreturns._json import dump
from openreturns.errors import ContractError, RejectedError, RetryableError
from openreturns.transport import SYSTEM, Answer, Fetch, Outgoing, Time, Token, TokenCache

from openreturns_adapters.tryton.client._errors import refuse

__all__ = ["Session"]

_LIFE = 8 * 3600.0  # a session lives thirty days; one that ended earlier is refused with 401 and renewed
_LOCKED = 60.0  # the server does not say for how long


@dataclass(kw_only=True)
class Session:
    """A user's name and password, for `Authorization: Session ..`.

    A wrong password is never sent twice in a row by itself: after a few, Tryton keeps the user out for a while.
    """

    url: str
    login: str
    password: str = field(repr=False)
    time: Time = field(default=SYSTEM, repr=False)

    def __post_init__(self) -> None:
        self._tokens = TokenCache(self.time)

    def headers(self, request: Outgoing, fetch: Fetch) -> Mapping[str, str]:
        """Return the header with the session, logging in where there is none."""
        return {"Authorization": f"Session {self._tokens.get(lambda: self._ask(fetch))}"}

    def refused(self, headers: Mapping[str, str], answer: Answer) -> bool:
        """Forget the session; return whether it was one that had worked before."""
        return self._tokens.refused(headers["Authorization"].removeprefix("Session "))

    def _ask(self, fetch: Fetch) -> Token:
        params = [self.login, {"password": self.password}, "en"]
        body = dump({"id": 1, "method": "common.db.login", "params": params})
        sent = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "gzip"}
        answer = fetch(Outgoing("POST", self.url, sent, body))
        if answer.status == 429:
            message = "Tryton keeps the user out for a while, after wrong passwords"
            raise _status(RetryableError(message, retry_after=_LOCKED, kind="throttled"), 429)
        if answer.status >= 500:
            message = f"the login answered {answer.status}"
            raise _status(RetryableError(message, retry_after=1.0, kind="unavailable"), answer.status)
        if answer.status != 200:
            raise _status(RejectedError(f"the login answered {answer.status}", kind="auth"), answer.status)
        said = answer.json if isinstance(answer.json, dict) else {}
        if "error" in said:
            refuse(said["error"], "the login")
        try:
            user, token = said["result"][:2]
        except (KeyError, TypeError, ValueError):
            raise ContractError("the login answered 200 without a session", kind="contract_drift") from None
        return Token(b64encode(f"{self.login}:{user}:{token}".encode()).decode("ascii"), _LIFE)


def _status(error: RejectedError | RetryableError, status: int) -> RejectedError | RetryableError:
    error.status = status
    return error
