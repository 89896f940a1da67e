"""Polling with overlap: every change comes, however late it shows, and none comes twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from openreturns.webhooks import Polled, poll

START = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Record:
    """A vendor's record: which, when it changed, and when a poll can see that."""

    name: str
    at: datetime
    visible: datetime


def ask(
    records: Iterable[Record],
    now: datetime,
    since: datetime = START,
    seen: frozenset[object] = frozenset(),
    *,
    coarse: bool = False,
) -> Polled[Record]:
    def fetch(first: datetime) -> list[Record]:
        if coarse:
            first = first.replace(hour=0, minute=0, second=0)
        return [record for record in records if first <= record.at and record.visible <= now]

    return poll(
        fetch,
        since,
        overlap=timedelta(seconds=60),
        seen=seen,  # type: ignore[arg-type] # what an earlier poll returned
        key=lambda record: record.name,
        at=lambda record: record.at,
        now=now,
    )


@pytest.mark.parametrize("coarse", [False, True])
def test_each_change_comes_once_however_late_it_shows(coarse: bool) -> None:
    chance = Random(3)
    records = [
        Record(f"r{n % 40}", at := after(chance.uniform(0, 3000)), at + timedelta(seconds=chance.uniform(0, 60)))
        for n in range(1000)
    ]
    came: list[Record] = []
    since, seen = START, frozenset[object]()
    for minute in range(60):
        polled = ask(records, after(60 * minute + 60), since, seen, coarse=coarse)
        came += polled.new
        assert polled.since >= since
        since, seen = polled.since, polled.seen
    assert sorted(came, key=lambda record: record.at) == sorted(records, key=lambda record: record.at)


def test_a_date_far_in_the_future_does_not_hide_what_follows() -> None:
    wrong, later = Record("wrong", after(10**8), START), Record("later", after(90), after(90))
    first = ask([wrong], after(30))
    second = ask([wrong, later], after(120), first.since, first.seen)
    assert (first.new, second.new) == ((wrong,), (later,))


def test_every_record_that_was_fetched_is_in_the_log() -> None:
    old, known, new = (Record(name, after(at), START) for name, at in (("old", -90), ("known", -10), ("new", 5)))
    seen = frozenset({("known", known.at)})
    polled = ask([new, known, old], after(60), START, seen, coarse=True)
    assert polled.log == (("old", old.at, "older"), ("known", known.at, "seen"), ("new", new.at, "new"))
    assert polled.since == new.at
    assert polled.seen == {("known", known.at), ("new", new.at)}


def test_nothing_new_moves_nothing() -> None:
    polled = ask([], after(60))
    assert (polled.new, polled.since, polled.log) == ((), START, ())
