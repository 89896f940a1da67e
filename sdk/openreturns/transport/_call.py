"""One request through all its attempts: what was asked for, and what has been learned so far."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from openreturns.errors import OpenReturnsError, OutcomeUnknownError
from openreturns.transport._message import Outgoing
from openreturns.transport._rules import Failed, Idempotency, Throttled

__all__ = ["Call", "Expects"]

Expects = Literal["json", "any"]


@dataclass
class Call:
    """A request. `said` names it in messages: vendor, verb, method and path, without a value of anything."""

    verb: str
    said: str
    address: str
    outgoing: Outgoing
    idempotency: Idempotency
    key: str
    correlation_id: str
    accepts: Collection[int]
    expects: Expects
    deadline: float
    attempt: int = 0
    doubt: bool = False
    seen: dict[Throttled, int] = field(default_factory=dict)

    def may_repeat(self, failed: BaseException) -> bool:
        """Return whether another attempt can help and cannot hurt."""
        if not isinstance(failed, Failed) or not failed.transient:
            return False
        return not failed.executed or self.idempotency in {"safe", "native"}

    def error(self, failed: Failed) -> OpenReturnsError:
        """Return what to raise when there is no further attempt: what nobody knows comes before what was said last."""
        error = failed.error
        error.correlation_id = self.correlation_id
        if not self.doubt or self.idempotency == "safe":
            return error
        unknown = OutcomeUnknownError(
            f"{error.args[0]}; look it up by its key before sending again",
            key=self.key,
            kind=error.kind,
            problems=error.problems,
        )
        unknown.status, unknown.vendor_code = error.status, error.vendor_code
        unknown.correlation_id = self.correlation_id
        return unknown
