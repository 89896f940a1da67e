"""A token for an hour: kept, renewed before it ends, asked for once however many threads need it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field

from openreturns.errors import ContractError, OpenReturnsError, RejectedError, RetryableError
from openreturns.transport._message import Answer
from openreturns.transport._time import Time

__all__ = ["Token", "TokenCache", "read_token"]


@dataclass
class Token:
    """What was granted, how long it lasts, and how often it was handed out."""

    value: str = field(repr=False)
    seconds: float
    renew_at: float = 0.0
    uses: int = 0


class TokenCache:
    """The token in use. `early` is how many seconds before its end it is renewed (at most a fifth of its life)."""

    def __init__(self, time: Time, early: float = 60.0) -> None:
        self._time = time
        self._early = early
        self._token: Token | None = None
        self._lock = threading.Lock()
        self._tries = 0
        self._failure: OpenReturnsError | None = None

    def get(self, ask: Callable[[], Token]) -> str:
        """Return a token that is good for a while, asking for one if need be."""
        seen = self._tries
        with self._lock:
            if self._token is None or self._time.monotonic() >= self._token.renew_at:
                self._renew(ask, seen)
            token = self._token
            if token is None:
                raise RuntimeError("a token was asked for and neither came nor failed")
            token.uses += 1
            return token.value

    def _renew(self, ask: Callable[[], Token], seen: int) -> None:
        if self._failure is not None and self._tries != seen:
            raise copy(
                self._failure
            )  # it failed for another thread while this one waited; asking again would be a storm
        self._tries += 1
        asked = self._time.monotonic()  # its life began no earlier than now, whatever the two clocks say
        self._token, self._failure = None, None
        try:
            token = ask()
        except OpenReturnsError as failure:
            self._failure = failure
            raise
        token.renew_at = asked + token.seconds - min(self._early, token.seconds / 5)
        self._token = token

    def refused(self, value: str) -> bool:
        """Forget a token that was answered 401; return whether a new one may do better.

        Another thread may have replaced it already; then there is nothing to forget. One that was refused
        when it was new will not get better.
        """
        with self._lock:
            if self._token is None or self._token.value != value:
                return True
            used, self._token = self._token.uses, None
            return used > 1


def read_token(answer: Answer, lifetime: float) -> Token:
    """Return the token in a token endpoint's answer; `lifetime` holds if it does not say how long it lasts.

    Raises RejectedError (kind `auth`), RetryableError or ContractError. Of what the answer says only its error
    code is told, never its text.
    """
    said = answer.json if isinstance(answer.json, Mapping) else {}
    if answer.status == 429 or answer.status >= 500:
        kind = "throttled" if answer.status == 429 else "unavailable"
        raise RetryableError(f"the token endpoint answered {answer.status}", retry_after=1.0, kind=kind)
    if answer.status != 200:
        error = str(said.get("error", ""))
        code = error if re.fullmatch(r"[a-zA-Z_]{1,40}", error) else ""
        refused = RejectedError(
            f"the token endpoint answered {answer.status}{f' ({code})' if code else ''}", kind="auth"
        )
        refused.status, refused.vendor_code = answer.status, code
        raise refused
    value = said.get("access_token")
    if not isinstance(value, str) or not value:
        raise ContractError("the token endpoint answered 200 without an access_token", kind="contract_drift")
    return Token(value, _seconds(said.get("expires_in"), lifetime))


def _seconds(said: object, lifetime: float) -> float:
    """Return a life in seconds: NetSuite writes the number as text, Salesforce not at all."""
    text = str(said)
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d+)?", text) and float(text) > 0 else lifetime
