"""Read back what was done and compare: a success status is no proof that anything happened as it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from openreturns.errors import Problem
from openreturns.idempotency import Done, Outcome, Rejected

__all__ = ["differences", "proven"]

NOT_AS_SENT = "not_as_sent"


def proven(outcome: Outcome, compare: Callable[[Done], Sequence[Problem]]) -> Outcome:
    """Return the outcome of a write if what is there now is what was asked for, else Rejected (`not_as_sent`).

    `compare` reads back what the outcome names and returns what differs.
    """
    if not isinstance(outcome, Done):
        return outcome
    found = tuple(compare(outcome))
    return Rejected(found, NOT_AS_SENT) if found else outcome


def differences(sent: object, held: object, *, keys: Mapping[str, str] | None = None, at: str = "") -> list[Problem]:
    """Return what of a sent vendor record the other system does not hold.

    Only what was sent is compared: the vendor may hold more. Numbers are compared by value. `keys` names the
    field that tells the elements of a list apart, by the list's field path (`inventory`); other lists are
    compared in order. A problem's `native` is the place in the vendor's record.
    """
    keys = keys or {}
    if isinstance(sent, Mapping) and isinstance(held, Mapping):
        found = []
        for name, value in sent.items():
            found += differences(value, held.get(name), keys=keys, at=f"{at}/{name}")
        return found
    if isinstance(sent, list) and isinstance(held, list):
        return _listed(sent, held, keys, at)
    if _plain(sent) == _plain(held):
        return []
    return [Problem(NOT_AS_SENT, "the other system does not hold what was sent", native=at)]


def _listed(sent: list[Any], held: list[Any], keys: Mapping[str, str], at: str) -> list[Problem]:
    field = ".".join(step for step in at.split("/")[1:] if not step.isdigit())
    key = keys.get(field)
    if key is not None:
        there = {str(item.get(key)): item for item in held if isinstance(item, Mapping)}
        pairs = [(item, there.get(str(item.get(key)))) for item in sent]
        extra = len(held) > len(sent)
    else:
        pairs = [(item, held[place] if place < len(held) else None) for place, item in enumerate(sent)]
        extra = len(held) > len(sent)
    found = []
    for place, (mine, theirs) in enumerate(pairs):
        found += differences(mine, theirs, keys=keys, at=f"{at}/{place}")
    if extra:
        found.append(Problem(NOT_AS_SENT, f"the other system holds {len(held)} of {len(sent)} sent", native=at))
    return found


def _plain(value: object) -> object:
    if isinstance(value, bool) or value is None:
        return value
    return Decimal(value) if isinstance(value, int) else value
