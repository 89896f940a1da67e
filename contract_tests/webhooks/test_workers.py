"""Several workers on one store: each event is applied once and in order, and what a dead worker held goes on."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from openreturns.webhooks import Event, FileStore, Inbox, MemoryStore, Store, Worked
from webhooks.workers import (
    PATIENCE,
    SPAWN,
    add_to_each,
    hang_in_the_first,
    killed_at_the_end,
    work_until_nothing_waits,
)

LEASE = timedelta(minutes=10)


class Clock:
    """Stands still until it is moved."""

    now = 1_795_518_000.0

    def __call__(self) -> float:
        return self.now


def pair_in_memory(folder: Path, clock: Clock) -> tuple[Store, Store]:
    store = MemoryStore(clock=clock)
    return store, store


def pair_on_a_file(folder: Path, clock: Clock) -> tuple[Store, Store]:
    return FileStore(folder / "inbox.sqlite", clock=clock), FileStore(folder / "inbox.sqlite", clock=clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=[pair_in_memory, pair_on_a_file])
def inboxes(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock
) -> Iterator[tuple[tuple[Store, Store], tuple[Inbox, Inbox]]]:
    """Two inboxes that look at the same events, with their stores."""
    one, two = request.param(tmp_path, clock)
    yield (one, two), (Inbox(one, lease=LEASE), Inbox(two, lease=LEASE))
    for store in (one, two):
        if isinstance(store, FileStore):
            store.close()


Inboxes = tuple[tuple[Store, Store], tuple[Inbox, Inbox]]


def event(id_: str, revision: int = 1, entity: str = "return/1", source: str = "acme") -> Event:
    return Event(source, id_, entity, revision)


def ids(events: list[Event]) -> list[str]:
    return [one.id for one in events]


def meanwhile(work: Callable[[], Worked]) -> Worked:
    """Let another thread work, and say what it did."""
    done: list[Worked] = []
    thread = threading.Thread(target=lambda: done.append(work()))
    thread.start()
    thread.join()
    return done[0]


def test_what_one_worker_has_in_hand_no_other_takes(inboxes: Inboxes) -> None:
    _, (ours, theirs) = inboxes
    for each in (event("a", 1), event("b", 2), event("other", 1, "return/2")):
        ours.receive(each)
    seen: list[tuple[str, str]] = []
    others: list[Worked] = []

    def apply(each: Event) -> None:
        if each.id == "a":
            others.append(meanwhile(lambda: theirs.work(lambda one: seen.append(("theirs", one.id)))))
        seen.append(("ours", each.id))

    worked = ours.work(apply)
    assert (ids(others[0].elsewhere), ids(others[0].applied)) == (["a", "b"], ["other"])
    assert (ids(worked.elsewhere), ids(worked.applied)) == (["other"], ["a", "b"])
    assert seen == [("theirs", "other"), ("ours", "a"), ("ours", "b")]


def test_what_another_began_since_we_looked_is_left_to_the_next_call(inboxes: Inboxes) -> None:
    _, (ours, theirs) = inboxes
    for each in (event("first", 1, "return/0"), event("a", 1), event("b", 2)):
        ours.receive(each)

    def fails_with_b(each: Event) -> None:
        if each.id == "b":
            raise KeyError(each.id)

    def apply(each: Event) -> None:
        if each.id == "first":
            meanwhile(lambda: theirs.work(fails_with_b))

    worked = ours.work(apply)
    assert (ids(worked.applied), ids(worked.elsewhere)) == (["first"], ["a", "b"])
    assert ids(ours.work(lambda one: None).applied) == ["b"]


def test_what_failed_can_be_taken_at_once_by_any_worker(inboxes: Inboxes) -> None:
    _, (ours, theirs) = inboxes
    for each in (event("a", 1), event("b", 2)):
        ours.receive(each)
    assert ids([each for each, _ in ours.work(lambda one: print(1 // 0)).failed]) == ["a"]
    assert ids(theirs.work(lambda one: None).applied) == ["a", "b"]


def test_a_worker_that_is_stopped_gives_back_what_it_had(inboxes: Inboxes) -> None:
    _, (ours, theirs) = inboxes
    ours.receive(event("a"))

    def stopped(each: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ours.work(stopped)
    assert ids(theirs.work(lambda one: None).applied) == ["a"]


def test_a_lease_holds_for_its_time_and_is_taken_over_after_it(inboxes: Inboxes, clock: Clock) -> None:
    (store, other), _ = inboxes
    a, b, elsewhere = event("a", 1), event("b", 2), event("a", 1, source="other")
    for each in (a, b, elsewhere):
        store.add(each)
    assert store.claim(a, "one", 60)
    assert not other.claim(a, "two", 60)
    assert not other.claim(b, "two", 60), "of one entity, one worker has all"
    assert other.claim(elsewhere, "two", 60), "another source's entity of this name is another entity"
    clock.now += 59
    assert not other.claim(a, "two", 60)
    assert store.claim(b, "one", 60), "its holder has it for another while"
    clock.now += 59
    assert not other.claim(a, "two", 60)
    other.release(a, "two")
    assert not other.claim(a, "two", 60), "only the holder gives it back"
    clock.now += 1
    assert other.claim(a, "two", 60)
    assert not store.claim(a, "one", 60), "who was too slow has it no more"
    store.release(a, "one")
    assert not store.claim(a, "three", 60)
    other.release(a, "two")
    assert store.claim(a, "three", 60)


def test_what_is_done_cannot_be_claimed(inboxes: Inboxes) -> None:
    (store, other), _ = inboxes
    store.add(event("a"))
    store.done(event("a"))
    assert not other.claim(event("a"), "one", 60)
    assert not other.claim(event("never received"), "one", 60)


def test_who_took_longer_than_the_lease_stops_there(inboxes: Inboxes, clock: Clock) -> None:
    _, (ours, theirs) = inboxes
    for each in (event("a", 1), event("b", 2), event("c", 3)):
        ours.receive(each)
    seen: list[tuple[str, str]] = []

    def slow(each: Event) -> None:
        if each.id == "b":
            clock.now += LEASE.total_seconds()
            meanwhile(lambda: theirs.work(lambda one: seen.append(("theirs", one.id))))
        seen.append(("ours", each.id))

    worked = ours.work(slow)
    assert seen == [("ours", "a"), ("theirs", "b"), ("theirs", "c"), ("ours", "b")]
    assert (ids(worked.applied), ids(worked.elsewhere)) == (["a", "b"], ["c"])
    assert theirs.work(lambda one: None) == Worked()


def test_processes_that_open_a_new_file_at_one_moment_all_get_it(tmp_path: Path) -> None:
    files = [tmp_path / f"{n}.sqlite" for n in range(30)]
    together = SPAWN.Barrier(4)
    openers = [SPAWN.Process(target=add_to_each, args=(files, name, together)) for name in "abcd"]
    with killed_at_the_end(openers):
        for opener in openers:
            opener.join(PATIENCE)
        assert [opener.exitcode for opener in openers] == [0, 0, 0, 0]
    for file in files:
        store = FileStore(file)
        assert sorted(each.id for each in store.waiting()) == ["a", "b", "c", "d"]
        store.close()


def test_two_processes_on_one_file_apply_each_of_two_thousand_events_once(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "inbox.sqlite")
    events = [event(f"e{n}", n // 100 + 1, f"return/{n % 100}") for n in range(2000)]
    for each in events:
        assert store.add(each)
    together = SPAWN.Barrier(2)
    workers = [SPAWN.Process(target=work_until_nothing_waits, args=(tmp_path, together)) for _ in range(2)]
    with killed_at_the_end(workers):
        for worker in workers:
            worker.join(PATIENCE)
        assert [worker.exitcode for worker in workers] == [0, 0]
    log = [line.split() for line in (tmp_path / "applied").read_text("ascii").splitlines()]
    assert Counter(id_ for *_, id_ in log) == Counter(one.id for one in events)
    assert {int(pid) for pid, *_ in log} == {worker.pid for worker in workers}, "only one of them worked"
    order = [(entity, int(revision)) for _, entity, revision, _ in log]
    for n in range(100):
        assert [revision for entity, revision in order if entity == f"return/{n}"] == list(range(1, 21))
    assert list(store.waiting()) == []
    store.close()


def test_what_a_killed_process_had_in_hand_is_taken_over_when_its_lease_ends(tmp_path: Path) -> None:
    ahead = 0.0
    store = FileStore(tmp_path / "inbox.sqlite", clock=lambda: time.time() + ahead)
    inbox = Inbox(store)
    inbox.receive(event("a"))
    begun = SPAWN.Event()
    dead = SPAWN.Process(target=hang_in_the_first, args=(tmp_path, begun))
    with killed_at_the_end([dead]):
        assert begun.wait(PATIENCE)
    assert dead.exitcode == -9
    early = inbox.work(lambda one: None)
    assert (ids(early.elsewhere), ids(early.applied)) == (["a"], [])
    ahead = LEASE.total_seconds()
    late = inbox.work(lambda one: None)
    assert (ids(late.elsewhere), ids(late.applied)) == ([], ["a"])
    store.close()
