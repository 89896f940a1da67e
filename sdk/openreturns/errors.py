"""Everything openreturns raises, sorted by what to do next.

    OpenReturnsError
    ├── ContractError        the document is wrong: fix the document
    ├── MappingError         the mapping, a setting or a code table is wrong: edit it
    ├── RejectedError        the other system said no: a person decides
    ├── RetryableError       not now: try again after `.retry_after` seconds
    └── OutcomeUnknownError  no answer came: look up by key before sending again

Every error carries its `problems`: all of them, not the first one, each with the place on both sides.
What came over a network also has the answer's `status`, the vendor's own code (`vendor_code`) and the
`correlation_id` that the request carried.
No message or attribute holds a secret or a value of a field that the schema marks as personal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "ContractError",
    "MappingError",
    "OpenReturnsError",
    "OutcomeUnknownError",
    "Problem",
    "RejectedError",
    "RetryableError",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or worth knowing, at one place.

    `code` is stable and machine-readable; `canonical` and `native` are JSON pointers into the canonical
    document and the vendor's payload, empty where that side is not concerned; `rule` names the mapping
    rule or invariant; `known` lists what would have been accepted.
    """

    code: str
    message: str
    canonical: str = ""
    native: str = ""
    rule: str = ""
    known: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return one line: where on both sides, then what."""
        where = " <- ".join(p for p in (self.canonical, self.native) if p)
        head = f"{where}: " if where else ""
        tail = f" (known: {', '.join(self.known[:12])}{', ...' if len(self.known) > 12 else ''})"
        return f"{head}{self.message}{tail if self.known else ''}"

    def to_dict(self) -> dict[str, object]:
        """Return the problem as plain data, empty parts left out."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


class OpenReturnsError(Exception):
    """Base of all errors raised by openreturns; catch this to catch everything."""

    retryable = False
    status = 0
    vendor_code = ""
    correlation_id = ""

    def __init__(self, message: str, *, kind: str = "", problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.args, self.__dict__)  # as it is: some classes need more than the message

    def __str__(self) -> str:
        """Return the message and every problem, one a line; where the only problem says the same, that."""
        message = super().__str__()
        if [problem.message for problem in self.problems] == [message]:
            return str(self.problems[0])
        return "\n".join([message, *(f"  {problem}" for problem in self.problems)])


def _again(kind: type[OpenReturnsError], said: tuple[object, ...], state: dict[str, object]) -> OpenReturnsError:
    error = kind.__new__(kind, *said)
    error.__dict__.update(state)
    return error


class ContractError(OpenReturnsError):
    """A document breaks its contract: not JSON, not its schema, or an invariant. Fix the document.

    `kind` is one of `json`, `encoding`, `size`, `schema`, `version`, `invariant`, `contract_drift`, and on the
    command line `unreadable`, for a file or folder that may not be read.
    """


class MappingError(OpenReturnsError):
    """A mapping, setting or code table cannot say this document on the other side. Edit it.

    `kind` is one of `translation`, `declaration`, `setting`, `unknown_name`.
    """


class RejectedError(OpenReturnsError):
    """The other system refused for a business reason, a missing approval, a permission. A person decides.

    `kind` is one of `validation`, `business_rule`, `needs_confirmation`, `needs_approval`, `conflict`, `not_found`,
    `auth`, `unsupported`, `not_yet`, and `refused` for any other no.
    """


class RetryableError(OpenReturnsError):
    """The other system cannot answer now, and has done nothing. Trying again after `retry_after` seconds may help.

    `kind` is one of `throttled`, `timeout`, `unavailable`, `incomplete`.
    """

    retryable = True

    def __init__(self, message: str, *, retry_after: float, kind: str = "", problems: Iterable[Problem] = ()) -> None:
        super().__init__(message, kind=kind, problems=problems)
        self.retry_after = retry_after


class OutcomeUnknownError(OpenReturnsError):
    """No answer came after a write. Look the effect up by `key`; never send again blindly."""

    def __init__(self, message: str, *, key: str, kind: str = "", problems: Iterable[Problem] = ()) -> None:
        super().__init__(message, kind=kind, problems=problems)
        self.key = key
