"""What an answer means: done, later, no, or nobody knows. A vendor's own ways are rows of data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from openreturns.errors import ContractError, MappingError, OpenReturnsError, Problem, RejectedError, RetryableError
from openreturns.transport._message import Answer, http_date

__all__ = ["Failed", "Idempotency", "Throttled", "Verdicts", "retry_after"]

Idempotency = Literal["safe", "native", "lookup", "none"]
"""What a repeat does: nothing ever (a read), nothing the second time, or the thing again."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """An answer by which the vendor says "too much, not executed": a status, with one of its error codes or any.

    `times` is how often per request it is believed (0: always): NetSuite's 401 may be overload once, twice it
    is a wrong token.
    """

    status: int
    code: str = ""
    times: int = 0


@dataclass
class Failed(Exception):  # noqa: N818 - never leaves this package
    """An attempt that did not work: the error to raise, and whether and when another attempt makes sense.

    `executed` says whether the other system may have done it; `after` are the seconds it asked for, -1 for none.
    """

    error: OpenReturnsError
    transient: bool
    executed: bool = False
    after: float = -1.0
    ill: bool = False
    """Whether the other system seems to be down, as against busy or unwilling."""


# What a vendor's refusal is called; any other 4xx is `refused`.
_KINDS = {
    400: "validation",
    401: "auth",
    403: "auth",
    404: "not_found",
    409: "conflict",
    410: "not_found",
    412: "conflict",
    422: "validation",
}
_MAY_RETRY_AFTER = ("retry-after", "x-retry-after")
_NOT_THERE_YET = 1.0


@dataclass(frozen=True)
class Verdicts:
    """How one vendor's answers are to be read.

    `explain` returns the problems that an error answer tells, the vendor's own code in the first of them, with
    no personal data in their messages.
    """

    throttled: Sequence[Throttled] = (Throttled(429),)
    explain: Callable[[Answer], Sequence[Problem]] | None = None

    def problems(self, answer: Answer) -> tuple[Problem, ...]:
        """Return what the vendor says is wrong; nothing, if its answer has not the form it should have."""
        if self.explain is None or answer.garbled:
            return ()
        try:
            return tuple(self.explain(answer))
        except (LookupError, TypeError, ValueError, AttributeError):
            return ()

    def failure(self, answer: Answer, said: str, seen: dict[Throttled, int], now: float) -> Failed:
        """Return what an answer that is none of the welcome ones means; `seen` counts the rules that applied."""
        problems = self.problems(answer)
        code = problems[0].code if problems else ""
        message = f"{said} answered {answer.status}{f' ({code})' if code else ''}"
        after = retry_after(answer, now)
        for rule in self.throttled:
            if rule.status == answer.status and rule.code in {"", code}:
                seen[rule] = seen.get(rule, 0) + 1
                if not rule.times or seen[rule] <= rule.times:
                    later = RetryableError(message, retry_after=max(after, 0.0), kind="throttled", problems=problems)
                    return Failed(_told(later, answer, code), transient=True, after=after)
        status = answer.status
        error: OpenReturnsError
        if status >= 500 or status in {408, 425}:
            kind = "timeout" if status in {408, 504} else "unavailable"
            error = RetryableError(message, retry_after=max(after, _NOT_THERE_YET), kind=kind, problems=problems)
            # Some 5xx come from a gateway that has passed the request on, so nobody knows whether it was done.
            return Failed(_told(error, answer, code), transient=True, executed=status != 425, after=after, ill=True)
        if 300 <= status < 400:
            error = MappingError(f"{message}: the base address is not where the API is", kind="setting")
            # 301, 302 and 303 may follow upon a done deed; 307 and 308 say that it is to be done elsewhere.
            return Failed(_told(error, answer, code), transient=False, executed=status not in {304, 307, 308})
        if status < 200:
            error = ContractError(message, kind="contract_drift")
            return Failed(_told(error, answer, code), transient=False, executed=True)
        error = RejectedError(message, kind=_KINDS.get(status, "refused"), problems=problems)
        return Failed(_told(error, answer, code), transient=False)


def _told(error: OpenReturnsError, answer: Answer, code: str) -> OpenReturnsError:
    error.status, error.vendor_code = answer.status, code
    return error


def retry_after(answer: Answer, now: float) -> float:
    """Return the seconds that an answer asks to wait, -1 if it does not: a number, or a date by the answer's clock."""
    for name in _MAY_RETRY_AFTER:
        text = answer.headers.get(name, "").strip()
        try:
            seconds = float(text) if text.isascii() else -1.0
        except ValueError:
            until = http_date(text)
            if until is None:
                continue
            ours = answer.date.timestamp() if answer.date else now
            seconds = max(until.timestamp() - ours, 0.0)
        if 0 <= seconds < float("inf"):
            return seconds
    return -1.0
