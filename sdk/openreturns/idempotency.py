"""Doing a thing once: keys made from what the business calls the thing, and `act`, the way adapters write.

A write ends in one of three ways: `Done`, `Rejected`, or `Unknown`, when no answer came and nobody can tell.
How far a vendor helps is a fact of each verb, its rule:

- `native`: the vendor does it once however often it is told (a PUT by our key, an idempotency key);
- `lookup`: the vendor would do it twice, but can be asked first whether it is there;
- `none`: neither; then `Unknown` is for a person, or for the next look at the other system.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
import unicodedata
from base64 import b32encode
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args
from weakref import WeakValueDictionary

from openreturns.errors import (
    ContractError,
    OpenReturnsError,
    OutcomeUnknownError,
    Problem,
    RejectedError,
)

if TYPE_CHECKING:
    from openreturns.models import DocumentRef  # named only: keys and outcomes need no models

__all__ = ["MAX_KEY", "RULES", "Done", "Outcome", "Rejected", "Rule", "Unknown", "act", "alone", "key"]

Rule = Literal["native", "lookup", "none"]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)

MAX_KEY = 50
_READABLE = 23  # characters for people; the rest is a dash and 130 bits in base 32


def key(*parts: str | int) -> str:
    """Return the key of one business action: the same parts give the same key, today and after a restart.

    Name what the business would: `key("credit", "RMA-2026-1002", 1, "issue", 3)`. The key starts with words
    that a person can find again, is at most 50 characters of `a-z`, `0-9` and `-`, and ends in a digest, so
    that no two actions share one, however long or alike their parts are.
    """
    if not parts or any(isinstance(part, bool) or not isinstance(part, str | int) for part in parts):
        raise TypeError("a key is made of one or more texts and whole numbers")
    said = [unicodedata.normalize("NFC", str(part)) for part in parts]
    # With its length before it, no part can lend a letter to its neighbour.
    exact = "".join(f"{len(part)}:{part}" for part in said).encode()
    readable = re.sub(r"[^a-z0-9]+", "-", "-".join(said).lower()).strip("-")[:_READABLE].strip("-")
    digest = b32encode(hashlib.sha256(exact).digest()).decode("ascii")[:26].lower()
    return f"{readable}-{digest}" if readable else digest


@dataclass(frozen=True, slots=True)
class Done:
    """It is there, under this reference; `repeated` if it already was before this time."""

    ref: DocumentRef
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """The other system said no, and why; `kind` is the error's."""

    problems: tuple[Problem, ...]
    kind: str = ""

    @property
    def problem(self) -> Problem:
        """The first problem."""
        return self.problems[0]


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer came. Whether it is there can be asked for by this key, and must be before doing it again."""

    key: str


Outcome: TypeAlias = Done | Rejected | Unknown

# A write that timed out may still be under way on the other side; so "not there" is asked for more than once.
SETTLE = (0.5, 2.0, 5.0)


def act(
    write: Callable[[], DocumentRef],
    lookup: Callable[[], DocumentRef | None] | None = None,
    rule: Rule = "none",
    *,
    key: str,
    repeats: int = 1,
    settle: Sequence[float] = SETTLE,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Write once, and return what came of it. The only way adapters change anything.

    `write` sends a prepared request and returns the reference of what it made; what can be wrong with the
    request belongs before this call, because an error while reading the answer counts as an unknown outcome.
    `lookup` asks the vendor for what `key` names and returns its reference or None. After an unknown outcome,
    under the rule `native` the write is repeated, under `lookup` only when the vendor, asked after each wait of
    `settle` (seconds), always said that it is not there; `repeats` times at most.

    Raises RetryableError or MappingError if nothing was sent, and whatever the look-up before the write raises;
    ValueError for a rule that there is not, before anything is done.
    """
    if rule not in RULES:
        raise ValueError(f"there is no rule {rule!r}; there are: {', '.join(RULES)}")
    if rule == "lookup" and lookup is None:
        raise TypeError("the rule `lookup` needs a lookup")
    with alone(key):
        if rule == "lookup" and lookup and (found := lookup()):
            return Done(found, repeated=True)
        return _Act(write, lookup, rule, key, settle, sleep).run(repeats if rule != "none" else 0)


@dataclass(frozen=True)
class _Act:
    write: Callable[[], DocumentRef]
    lookup: Callable[[], DocumentRef | None] | None
    rule: Rule
    key: str
    settle: Sequence[float]
    sleep: Callable[[float], None]

    def run(self, repeats: int) -> Outcome:
        outcome = self._write(doubt=False)
        for _ in range(repeats):
            if not isinstance(outcome, Unknown):
                return outcome
            # What repeats safely needs no look; what does not is repeated only if it surely is not there.
            if self.rule == "lookup" and (seen := self._look(self.settle)):
                return seen
            outcome = self._write(doubt=True)
        return (self._look(self.settle) or outcome) if isinstance(outcome, Unknown) else outcome

    def _write(self, *, doubt: bool) -> Outcome:
        """Write once; with an earlier write in doubt, only an answer that it is there can end the doubt."""
        try:
            return Done(self.write())
        except RejectedError as error:
            # "It exists already" is what we wanted: from another worker, or from our own earlier write.
            found = self._look((0.0,)) if doubt or self.rule == "lookup" else None
            if isinstance(found, Done):
                return Done(found.ref, repeated=not doubt)
            return Unknown(self.key) if doubt else _rejected(error)
        except (OutcomeUnknownError, ContractError):
            return Unknown(self.key)
        except OpenReturnsError:  # not sent this time
            if doubt:
                return Unknown(self.key)
            raise
        except Exception:
            # A mistake of the adapter's, perhaps in reading the answer to what is done: then done is what it is.
            found = self._look((0.0,))
            if isinstance(found, Done):
                return found
            raise

    def _look(self, waits: Sequence[float]) -> Done | Unknown | None:
        """Return what is there, None if the vendor says after each wait that nothing is, Unknown if it does not say."""
        try:
            for wait in waits if self.lookup else ():
                self.sleep(wait)
                if self.lookup and (found := self.lookup()):
                    return Done(found)
        except OpenReturnsError:
            return Unknown(self.key)
        return None


def _rejected(error: RejectedError) -> Rejected:
    return Rejected(error.problems or (Problem(error.kind or "rejected", str(error)),), error.kind)


# Two threads doing one thing would both look, both find nothing and both write. Processes are kept apart by
# whoever runs them: one case is one worker's.
_locks: WeakValueDictionary[str, AbstractContextManager[bool]] = WeakValueDictionary()
_guard = threading.Lock()


def alone(key: str) -> AbstractContextManager[bool]:
    """Keep other threads of this process out of what `key` names: for a verb of several steps."""
    with _guard:
        return _locks.setdefault(key, threading.RLock())
