"""Things that go wrong between two systems, switched on for the next calls that match."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

__all__ = ["KINDS", "Fault", "Faults", "Kind"]

Kind = Literal[
    "slow",
    "throttled",
    "error_before",
    "error_after",
    "cut_before",
    "cut_after",
    "hang_after",
    "html",
    "truncated",
    "stale",
    "doubled",
    "unheeded",
    "altered",
    "mislabelled",
    "answer",
    "meanwhile",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Fault:
    """One fault, for the next `times` calls that match (`POST /return*`; `*` is any call).

    - `slow`: answers after `seconds`;
    - `throttled`: the vendor's own "too many requests";
    - `error_before`, `error_after`: the vendor's own 500, before or after the effect;
    - `cut_before`, `cut_after`: the connection ends in the middle of the answer, before or after the effect;
    - `hang_after`: the effect happens and the answer comes after `seconds`;
    - `html`: a proxy's HTML page with status 502 instead of the answer, without an effect;
    - `truncated`: the effect happens and half of the answer's JSON arrives, with status 200 and a length to fit;
    - `stale`: a read gives what it gave the time before;
    - `doubled`: the call arrives twice, as from a gateway that sends again; the first answer is given;
    - `unheeded`: a write is answered as the last one of its kind was, and nothing is done;
    - `altered`: a write does something else than it says: its JSON is what `change` makes of it, or with each number
      one more;
    - `mislabelled`: the answer says that its body is packed with gzip, and it is not;
    - `answer`: `status` with the JSON `body` and `headers`, without an effect; without a body, the vendor's own
      error of that status;
    - `meanwhile`: `action` is called, in a thread of its own, before the call is looked at.
    """

    kind: Kind
    match: str = "*"
    times: int = 1
    seconds: float = 0.0
    status: int = 500
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    action: Callable[[], object] | None = field(default=None, repr=False)
    change: Callable[[Any], Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault {self.kind!r}; there are: {', '.join(KINDS)}")


class Faults:
    """The faults that are still to happen, first come first served. Safe to share between threads."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._waiting = list(faults)
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Switch faults on."""
        with self._lock:
            self._waiting += faults

    @property
    def waiting(self) -> int:
        """How many faults have not been used up."""
        with self._lock:
            return len(self._waiting)

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._waiting.clear()

    def next(self, method: str, path: str) -> Fault | None:
        """Return the fault that hits this call, and count it."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.match == "*" or fnmatchcase(f"{method} {path}", fault.match):
                    rest = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    self._waiting[place : place + 1] = rest
                    return fault
        return None
