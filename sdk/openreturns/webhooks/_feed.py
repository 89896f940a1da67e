"""Asking for what changed, where nobody calls: with overlap, so that nothing slips through, and nothing comes twice."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Literal, TypeVar

__all__ = ["Polled", "poll"]

T = TypeVar("T")


Verdict = Literal["new", "seen", "older"]
Seen = frozenset[tuple[Hashable, datetime]]


@dataclass(frozen=True, slots=True)
class Polled(Generic[T]):
    """What a poll brought, oldest first, and where to go on: keep `since` and `seen` once `new` is dealt with.

    `log` has one line a record that was fetched: its key, when it changed, and whether that is news, was seen
    before, or is from before what was asked for (some vendors can only be asked for whole days).
    """

    new: tuple[T, ...]
    since: datetime
    seen: Seen = field(repr=False)
    log: tuple[tuple[Hashable, datetime, Verdict], ...] = field(default=(), repr=False)


def poll(
    fetch: Callable[[datetime], Iterable[T]],
    since: datetime,
    *,
    overlap: timedelta,
    seen: Seen,
    key: Callable[[T], Hashable],
    at: Callable[[T], datetime],
    now: datetime,
) -> Polled[T]:
    """Fetch what changed since `overlap` before `since`, and return what of it was not seen before.

    A record that changes becomes visible some time after the moment it bears; `overlap` is the longest such
    time. `at` says when a record changed, `key` names it; where two changes can bear one moment, `key` has to
    tell them apart too (a revision, a digest). `now` is when the poll began: `since` never goes beyond it,
    whatever date a record bears, and never back.
    """
    first = since - overlap
    new: list[T] = []
    log: list[tuple[Hashable, datetime, Verdict]] = []
    known, latest = set(seen), since
    for record in sorted(fetch(first), key=at):
        change = (key(record), at(record))
        verdict: Verdict = "older" if change[1] < first else "seen" if change in known else "new"
        log.append((*change, verdict))
        if verdict == "new":
            new.append(record)
            known.add(change)
            latest = max(latest, min(change[1], now))
    # What the next poll cannot fetch again need not be remembered.
    return Polled(tuple(new), latest, frozenset(one for one in known if one[1] >= latest - overlap), tuple(log))
