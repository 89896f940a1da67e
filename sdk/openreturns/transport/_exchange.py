"""One attempt: signed, traced, sent, logged, and followed to where it is sent on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from openreturns.errors import ContractError, MappingError, OpenReturnsError, RetryableError
from openreturns.transport._address import checked, same_place
from openreturns.transport._auth import Auth
from openreturns.transport._body import read_if_json
from openreturns.transport._call import Call
from openreturns.transport._message import Answer, Outgoing
from openreturns.transport._rules import Failed
from openreturns.transport._spans import span
from openreturns.transport._time import Time
from openreturns.transport._wire import NoAnswer, NotSent, TooLarge, Wire, Within

__all__ = ["READS", "Exchange"]

log = logging.getLogger("openreturns.transport")

READS = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_REDIRECTS = 5


class Exchange:
    """Sends the attempts of one client. Raises Failed where there is no answer to be judged."""

    def __init__(
        self, vendor: str, wire: Wire, auth: Auth | None, within: Within, time: Time, *, allow_http: bool
    ) -> None:
        self._vendor = vendor
        self._wire = wire
        self._auth = auth
        self._limits = within
        self._time = time
        self._allow_http = allow_http

    def run(self, call: Call) -> Answer:
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
            return self._send(outgoing, {}, call, call.verb, call.address)
        for last in (False, True):
            try:
                given = self._auth.headers(outgoing, lambda request: self._fetch(request, call))
            except OpenReturnsError as error:
                raise Failed(error, transient=error.retryable) from None
            answer = self._send(outgoing, given, call, call.verb, call.address)
            if answer.status != 401 or not self._auth.refused(given, answer) or last:
                break
        return answer

    def _fetch(self, request: Outgoing, call: Call) -> Answer:
        """Send a request of the credentials' own."""
        address = checked(request.url, "the token address", allow_http=self._allow_http)
        try:
            answer = self._send(request, {}, call, "authorize", address)
        except Failed as failed:
            raise failed.error from None
        return replace(answer, json=read_if_json(answer))

    def _send(self, outgoing: Outgoing, given: Mapping[str, str], call: Call, verb: str, address: str) -> Answer:
        """Send once with the headers of the credentials, traced and logged."""
        began, status, outcome = self._time.monotonic(), 0, ""
        with span(outgoing.method, address, verb, self._vendor, call.correlation_id, call.attempt) as current:
            headers = {**outgoing.headers, **given, "X-Correlation-ID": call.correlation_id, **current.headers}
            limits = self._limits
            try:
                answer = self._wire.send(
                    Outgoing(outgoing.method, outgoing.url, headers, outgoing.content),
                    Within(limits.connect, limits.read, call.deadline, limits.size),
                )
                status = current.status = answer.status
                return answer
            except (NotSent, NoAnswer) as lost:
                outcome = current.failed = lost.kind
                raise _lost(lost, call) from None
            finally:
                bad = outcome or (status >= 400 and status not in call.accepts)
                level = logging.WARNING if bad else logging.INFO
                if log.isEnabledFor(level):
                    log.log(
                        level,
                        "vendor=%s verb=%s method=%s path=%s status=%s ms=%d attempt=%d correlation=%s",
                        self._vendor,
                        verb,
                        outgoing.method,
                        urlsplit(address).path,
                        status or outcome,
                        1000 * (self._time.monotonic() - began),
                        call.attempt,
                        call.correlation_id,
                    )


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
    if answer.status not in {301, 302, 303, 307, 308} or outgoing.method not in READS:
        return None
    try:
        return same_place(outgoing.url, answer.headers.get("location", ""), "a redirect")
    except ContractError:
        return None
