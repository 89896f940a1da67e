"""A client of one account at one vendor: send a request, and return its answer or say what to do next."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from openreturns._json import MAX_RECORD_BYTES, dump
from openreturns.errors import ContractError, MappingError, OpenReturnsError, Problem, RetryableError
from openreturns.transport._address import Params, Plain, checked, join, same_place
from openreturns.transport._auth import Auth
from openreturns.transport._body import read, read_if_json
from openreturns.transport._call import Call, Expects
from openreturns.transport._limits import Budget, OutOfTime, limits_of
from openreturns.transport._message import Answer, Outgoing
from openreturns.transport._rules import Failed, Idempotency, Throttled, Verdicts
from openreturns.transport._spans import span
from openreturns.transport._time import SYSTEM, Time
from openreturns.transport._wire import NoAnswer, NotSent, TooLarge, Trust, Wire, Within

__all__ = ["Client", "Retry", "Timeouts"]

log = logging.getLogger("openreturns.transport")

_READS = {"GET", "HEAD", "OPTIONS"}
_MAX_REDIRECTS = 5
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

    Proxies are taken from the environment (`HTTPS_PROXY`, `NO_PROXY`).
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
        self._allow_http = allow_http
        self._max_bytes = max_bytes
        self._time = time
        self._jitter = wait_random_exponential(multiplier=retry.base, max=retry.cap)
        self._wire = Wire(trust, time)

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
                _merged(self._basics(json, content), self._headers, headers or {}),
                dump(json) if json is not None else content,
            ),
            idempotency=idempotency or ("safe" if method in _READS else "none"),
            key=key,
            correlation_id=_correlation(correlation_id),
            accepts=accepts,
            expects=expects,
            deadline=self._time.monotonic() + self._timeouts.total,
        )
        tries = Retrying(
            sleep=self._time.sleep,
            retry=retry_if_exception(call.may_repeat),
            wait=self._wait,
            stop=lambda state: self._enough(state, call),
            reraise=True,
        )
        try:
            return tries(self._attempt, call)
        except Failed as failed:
            raise call.error(failed) from None

    # ------------------------------------------------------------ attempts

    def _wait(self, state: RetryCallState) -> float:
        failed = state.outcome.exception() if state.outcome else None
        after = failed.after if isinstance(failed, Failed) else -1.0
        return after if after >= 0 else self._jitter(state)

    def _enough(self, state: RetryCallState, call: Call) -> bool:
        ends = self._time.monotonic() + (state.upcoming_sleep or 0.0)
        return state.attempt_number >= self._retry.attempts or ends >= call.deadline

    def _attempt(self, call: Call) -> Answer:
        call.attempt += 1
        wait = self.limits.breaker.wait()
        if wait:
            later = RetryableError(f"{call.said}: failing again and again", retry_after=wait, kind="unavailable")
            raise Failed(later, transient=False)
        try:
            with self.limits.slot(call.deadline):
                answer = self._exchange(call)
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
        welcome = 200 <= answer.status < 300 or answer.status in call.accepts
        if welcome and (answer.status >= 300 or call.expects == "any") and not answer.garbled:
            answer = read_if_json(answer)
        elif welcome:
            try:
                answer = read(answer, call.said)
            except ContractError as error:
                error.status = answer.status
                raise Failed(error, transient=True, executed=True) from None
        else:
            failed = self._verdicts.failure(read_if_json(answer), call.said, call.seen, self._time.wall())
            if not failed.ill:
                self.limits.breaker.worked()
            raise failed
        self.limits.breaker.worked()
        return answer

    def _exchange(self, call: Call) -> Answer:
        """Send, and follow where a read is sent on to, as long as it is the same host."""
        outgoing = call.outgoing
        for _ in range(_MAX_REDIRECTS + 1):
            answer = self._authorized(outgoing, call)
            target = _sent_on(outgoing, answer)
            if target is None or answer.status in call.accepts:
                return answer
            outgoing = replace(outgoing, url=target)
        raise Failed(MappingError(f"{call.said} is sent on in a circle", kind="setting"), transient=False)

    def _authorized(self, outgoing: Outgoing, call: Call) -> Answer:
        """Send with credentials; if those kept are refused, nothing was done, so once more with new ones."""
        if self._auth is None:
            return self._send(outgoing, call, call.verb, call.address)
        for last in (False, True):
            try:
                given = self._auth.headers(outgoing, lambda request: self._fetch(request, call))
            except OpenReturnsError as error:
                raise Failed(error, transient=error.retryable) from None
            answer = self._send(replace(outgoing, headers={**outgoing.headers, **given}), call, call.verb, call.address)
            if answer.status != 401 or not self._auth.refused(given, answer) or last:
                break
        return answer

    def _fetch(self, request: Outgoing, call: Call) -> Answer:
        """Send a request of the credentials' own."""
        address = checked(request.url, "the token address", allow_http=self._allow_http)
        try:
            return read_if_json(self._send(request, call, "authorize", address))
        except Failed as failed:
            raise failed.error from None

    def _send(self, outgoing: Outgoing, call: Call, verb: str, address: str) -> Answer:
        """Send once, traced and logged."""
        told = {"verb": verb, "vendor": self.vendor, "correlation_id": call.correlation_id, "attempt": call.attempt}
        began, status, outcome = self._time.monotonic(), 0, ""
        with span(outgoing.method, address, **told) as current:  # type: ignore[arg-type] # by name
            carried = {"X-Correlation-ID": call.correlation_id, **current.headers}
            try:
                answer = self._wire.send(
                    replace(outgoing, headers={**outgoing.headers, **carried}),
                    Within(self._timeouts.connect, self._timeouts.read, call.deadline, self._max_bytes),
                )
                status = current.status = answer.status
                return replace(answer, correlation_id=call.correlation_id)
            except (NotSent, NoAnswer) as lost:
                outcome = current.failed = lost.kind
                raise _lost(lost, call) from None
            finally:
                log.log(
                    logging.WARNING if outcome or status >= 400 else logging.INFO,
                    "vendor=%s verb=%s method=%s path=%s status=%s ms=%d attempt=%d correlation=%s",
                    self.vendor,
                    verb,
                    outgoing.method,
                    urlsplit(address).path,
                    status or outcome,
                    1000 * (self._time.monotonic() - began),
                    call.attempt,
                    call.correlation_id,
                )

    def _basics(self, json: object, content: bytes) -> Mapping[str, str]:
        kind = {"Content-Type": "application/json"} if json is not None or content else {}
        # Only what can be unpacked within a limit is asked for.
        return {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": _AGENT, **kind}


def _lost(lost: NotSent | NoAnswer, call: Call) -> Failed:
    message = f"{call.said}: {lost}"
    if isinstance(lost, TooLarge):
        return Failed(ContractError(message, kind=lost.kind), transient=False, executed=True)
    if isinstance(lost, NotSent) and lost.lasting:
        return Failed(MappingError(message, kind="setting"), transient=False)
    later = RetryableError(message, retry_after=1.0, kind=lost.kind)
    return Failed(later, transient=True, executed=isinstance(lost, NoAnswer), ill=True)


def _sent_on(outgoing: Outgoing, answer: Answer) -> str | None:
    """Return where a read is sent on to, on the same host; credentials follow to no other."""
    if answer.status not in {301, 302, 303, 307, 308} or outgoing.method not in _READS:
        return None
    try:
        return same_place(outgoing.url, answer.headers.get("location", ""), "a redirect")
    except ContractError:
        return None


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
