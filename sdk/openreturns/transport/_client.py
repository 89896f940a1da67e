"""A client of one account at one vendor: send a request, and return its answer or say what to do next."""

from __future__ import annotations

import math
import random
import re
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from openreturns._json import MAX_RECORD_BYTES, dump
from openreturns.errors import ContractError, Problem, RetryableError
from openreturns.transport._address import Params, Plain, checked, join, same_place
from openreturns.transport._auth import Auth
from openreturns.transport._body import read, read_if_json
from openreturns.transport._call import Call, Expects
from openreturns.transport._exchange import READS, Exchange
from openreturns.transport._limits import Budget, OutOfTime, limits_of
from openreturns.transport._message import Answer, Outgoing
from openreturns.transport._rules import Failed, Idempotency, Throttled, Verdicts
from openreturns.transport._time import SYSTEM, Time
from openreturns.transport._wire import Trust, Wire, Within

__all__ = ["Client", "Retry", "Timeouts"]

_AGENT = f"openreturns/{version('openreturns')}"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, between two pieces of an answer, and for a request with all its waits and attempts."""

    connect: float = 10.0
    read: float = 60.0
    total: float = 300.0


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a request is sent at most, and the longest wait before the second time; it doubles up to `cap`.

    The waits are drawn between nothing and that ("full jitter"), unless the vendor said how long to wait.
    """

    attempts: int = 5
    base: float = 0.5
    cap: float = 30.0


class Client:
    """A client. Safe to share between threads; clients of one vendor and account share its budget.

    - `auth`: what puts the credentials on each request;
    - `budget`: what the vendor grants the account, `account` (the host, if not given);
    - `throttled`: the answers that mean "too much, not executed";
    - `explain`: returns the problems that an error answer tells, the vendor's code in the first;
    - `trust`: a file of certificates, or a verifying SSLContext, instead of the usual authorities;
    - `allow_http`: credentials may cross a network unencrypted (this machine's own addresses always may).

    Proxies are taken from the environment (`HTTPS_PROXY`, `NO_PROXY`), never to this machine itself.
    """

    def __init__(
        self,
        base_url: str,
        *,
        vendor: str,
        account: str = "",
        auth: Auth | None = None,
        budget: Budget | None = None,
        retry: Retry = Retry(),
        timeouts: Timeouts = Timeouts(),
        throttled: Sequence[Throttled] = (Throttled(429),),
        explain: Callable[[Answer], Sequence[Problem]] | None = None,
        headers: Mapping[str, str] | None = None,
        trust: Trust = None,
        allow_http: bool = False,
        max_bytes: int = MAX_RECORD_BYTES,
        time: Time = SYSTEM,
    ) -> None:
        self.base_url = checked(base_url, "the base address", allow_http=allow_http)
        self.vendor = vendor
        self.limits = limits_of(vendor, account or urlsplit(self.base_url).netloc, budget, time)
        self._auth = auth
        self._retry = retry
        self._timeouts = timeouts
        self._verdicts = Verdicts(tuple(throttled), explain)
        self._headers = dict(headers or {})
        self._time = time
        self._wire = Wire(trust, time)
        within = Within(timeouts.connect, timeouts.read, math.inf, max_bytes)
        self._exchange = Exchange(vendor, self._wire, auth, within, time, allow_http=allow_http)

    def __repr__(self) -> str:
        return f"Client({self.base_url!r}, vendor={self.vendor!r}, auth={self._auth!r})"

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def request(
        self,
        verb: str,
        method: str,
        path: str,
        *,
        at: Mapping[str, Plain] | None = None,
        params: Params = (),
        json: object = None,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        idempotency: Idempotency | None = None,
        key: str = "",
        correlation_id: str = "",
        accepts: Collection[int] = (),
        expects: Expects = "json",
    ) -> Answer:
        """Send a request for a port's verb, as often as it takes and its idempotency allows, and return the answer.

        `path` is below the base address, its places (`/return/{id}`) filled from `at`; or an address on the same
        host that the vendor gave us. `json` is written with exact numbers. Answers with a status of 2xx or in
        `accepts` are returned; `expects` "any" takes bodies other than JSON.

        Raises RejectedError for a no, RetryableError if it was not done and may be later, OutcomeUnknownError
        with `key` if it is not a read and may have been done, ContractError for an answer that is no answer,
        and MappingError (kind `setting`) for a base address, certificate or header that cannot work.
        """
        call = Call(
            verb=verb,
            said=f"{self.vendor} {verb}: {method} {(template := _template(path))}",
            address=self.base_url + template,
            outgoing=Outgoing(
                method,
                join(self.base_url, path, at or {}, params),
                _merged(_basics(json, content), self._headers, headers or {}),
                dump(json) if json is not None else content,
            ),
            idempotency=idempotency or ("safe" if method in READS else "none"),
            key=key,
            correlation_id=_correlation(correlation_id),
            accepts=accepts,
            expects=expects,
            deadline=self._time.monotonic() + self._timeouts.total,
        )
        while True:
            try:
                return self._attempt(call)
            except Failed as failed:
                wait = self._wait(call.attempt, failed)
                late = self._time.monotonic() + wait >= call.deadline
                if late or call.attempt >= self._retry.attempts or not call.may_repeat(failed):
                    raise call.error(failed) from None
            self._time.sleep(wait)

    def address(self, target: str) -> str:
        """Return the whole address of a place on the vendor's host that the vendor named, `/api/page/2` say.

        Raises ContractError (kind `contract_drift`) for one on another host.
        """
        return same_place(self.base_url, target, "the address")

    # ------------------------------------------------------------ attempts

    def _wait(self, attempt: int, failed: Failed) -> float:
        if failed.after >= 0:
            return failed.after
        longest = min(self._retry.base * 2.0 ** (attempt - 1), self._retry.cap)
        return random.uniform(0.0, longest)  # noqa: S311 - no secret depends on it

    def _attempt(self, call: Call) -> Answer:
        call.attempt += 1
        wait = self.limits.breaker.wait()
        if wait:
            later = RetryableError(f"{call.said}: failing again and again", retry_after=wait, kind="unavailable")
            raise Failed(later, transient=False)
        try:
            with self.limits.slot(call.deadline):
                answer = self._exchange.run(call)
            return self._judged(answer, call)
        except OutOfTime as out:
            later = RetryableError(f"{call.said}: the budget is spent", retry_after=out.wait, kind="throttled")
            raise Failed(later, transient=False) from None
        except Failed as failed:
            call.doubt = call.doubt or failed.executed
            if failed.after > 0:
                self.limits.pause(failed.after)
            if failed.ill:
                self.limits.breaker.failed()
            raise

    def _judged(self, answer: Answer, call: Call) -> Answer:
        """Return a welcome answer, read; raise Failed for any other."""
        if not (200 <= answer.status < 300 or answer.status in call.accepts):
            told = replace(answer, json=read_if_json(answer))
            failed = self._verdicts.failure(told, call.said, call.seen, self._time.wall())
            if not failed.ill:
                self.limits.breaker.worked()
            raise failed
        if (answer.status >= 300 or call.expects == "any") and not answer.garbled:
            json = read_if_json(answer)
        else:
            try:
                json = read(answer, call.said)
            except ContractError as error:
                error.status = answer.status
                raise Failed(error, transient=True, executed=True) from None
        self.limits.breaker.worked()
        return replace(answer, json=json, correlation_id=call.correlation_id)


def _basics(json: object, content: bytes) -> Mapping[str, str]:
    kind = {"Content-Type": "application/json"} if json is not None or content else {}
    # Only what can be unpacked within a limit is asked for.
    return {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": _AGENT, **kind}


def _template(path: str) -> str:
    """Return what may be told of a path: its template, and nothing of an address that the vendor made."""
    return "/{address}" if "://" in path else path.partition("?")[0]


def _correlation(given: str) -> str:
    if given and not re.fullmatch(r"[!-~]{1,128}", given):
        raise ValueError("a correlation id has 1 to 128 visible ASCII characters")
    return given or uuid.uuid4().hex


def _merged(*layers: Mapping[str, str]) -> dict[str, str]:
    """Return all headers; a later layer's wins, however its name is written."""
    named = {name.lower(): (name, value) for layer in layers for name, value in layer.items()}
    return dict(named.values())
