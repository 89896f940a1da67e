"""Whatever the network does to ten thousand webhooks: none forged taken, none applied twice, none lost."""

from __future__ import annotations

import hmac
import random
import threading
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openreturns._json import dump, parse
from openreturns.errors import RejectedError, RetryableError
from openreturns.webhooks import (
    SCHEMES,
    Event,
    FileStore,
    Inbox,
    MemoryStore,
    Received,
    Store,
    revision_of,
    verify,
)

STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda folder: MemoryStore(),
    "file": lambda folder: FileStore(folder / "inbox.sqlite"),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = STORES[request.param](tmp_path)
    yield made
    if isinstance(made, FileStore):
        made.close()


def test_ten_thousand_webhooks_over_a_bad_network(store: Store) -> None:
    # A file makes sure of each event on the disk: a tenth of them is enough there.
    many = 1_000 if isinstance(store, FileStore) else 10_000
    entities, few = many // 20, many // 100
    chance, key, now, inbox = random.Random(7), b"k" * 24, 1_795_518_000, Inbox(store)
    secret = f"whsec_{b64encode(key).decode()}"

    def delivery(n: int, *, signed_with: bytes = key, at: int = now) -> Received:
        body = dump({"id": n % entities, "revision": n // entities + 1})
        signature = b64encode(hmac.digest(signed_with, b"msg_%d.%d.%s" % (n, at, body), "sha256")).decode()
        return Received(
            body,
            {"webhook-id": f"msg_{n}", "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"},
        )

    valid = [delivery(n) for n in range(many)]
    forged = [delivery(n + 100_000, signed_with=b"x" * 24) for n in range(few)]
    stale = [delivery(n + 200_000, at=now - 3600) for n in range(few)]
    order = [
        (place + (chance.uniform(0, many / 3) if chance.random() < 0.1 else 0), one) for place, one in enumerate(valid)
    ]
    order += [(chance.uniform(0, many), one) for one in [*forged, *stale, *chance.sample(valid, many // 10)]]
    arriving = [one for _, one in sorted(order, key=lambda pair: pair[0])]

    refused: Counter[str] = Counter()
    applied: Counter[str] = Counter()
    state: dict[str, int] = {}
    superseded: list[Event] = []
    repeats = 0

    def apply(event: Event) -> None:
        applied[event.id] += 1
        assert state.get(event.entity, 0) <= event.revision, "an older revision over a newer one"
        state[event.entity] = event.revision

    for place, received in enumerate(arriving):
        try:
            genuine = verify(SCHEMES["shipbob"], received, [secret], now=now)
        except RejectedError as error:
            refused[error.problems[0].code] += 1
        else:
            said = parse(received.body)
            repeats += not inbox.receive(
                Event("shipbob", genuine.id, f"return/{said['id']}", said["revision"], received.body)
            )
        if place % (many // 25) == 0:
            superseded += inbox.work(apply).superseded
    superseded += inbox.work(apply).superseded

    assert refused == {"wrong_signature": few, "stale": few}
    assert repeats == many // 10
    assert set(applied.values()) == {1}
    assert set(applied) | {event.id for event in superseded} == {f"msg_{n}" for n in range(many)}
    assert len(applied) + len(superseded) == many
    assert superseded, "this network is not bad enough to show anything"
    assert state == {f"return/{n}": 20 for n in range(entities)}
    assert list(store.waiting()) == []


def event(id_: str, revision: int, entity: str = "return/1", source: str = "acme") -> Event:
    return Event(source, id_, entity, revision, b"{}")


def test_events_of_one_entity_are_applied_in_their_order(store: Store) -> None:
    inbox, seen = Inbox(store), list[str]()
    for each in (event("c", 3), event("a", 1), event("b", 2), event("z", 1, "return/2")):
        assert inbox.receive(each)
    assert not inbox.receive(event("b", 2))
    worked = inbox.work(lambda each: seen.append(each.id))
    assert (seen, len(worked.applied)) == (["a", "b", "c", "z"], 4)
    assert not inbox.receive(event("a", 1)), "an id is remembered after it is done"


def test_an_event_older_than_what_was_applied_is_told_and_not_applied(store: Store) -> None:
    inbox, seen = Inbox(store), list[str]()
    inbox.receive(event("new", 5))
    inbox.work(lambda each: seen.append(each.id))
    for late in (event("old", 4), event("same moment", 5)):
        inbox.receive(late)
    worked = inbox.work(lambda each: seen.append(each.id))
    assert [each.id for each in worked.superseded] == ["old"]
    assert seen == ["new", "same moment"]
    assert (store.newest("acme", "return/1"), store.newest("acme", "return/2")) == (5, None)


def test_what_fails_waits_with_all_that_comes_after_it(store: Store) -> None:
    inbox, seen = Inbox(store), list[str]()
    for each in (event("a", 1), event("b", 2), event("other", 1, "return/2")):
        inbox.receive(each)

    def failing(each: Event) -> None:
        if each.id == "a":
            raise RetryableError("busy", retry_after=1)
        seen.append(each.id)

    worked = inbox.work(failing)
    assert [each.id for each, _ in worked.failed] == ["a"]
    assert [each.id for each in worked.held] == ["b"]
    inbox.work(lambda each: seen.append(each.id))
    assert seen == ["other", "a", "b"]


@pytest.mark.parametrize("wrong", [RetryableError("busy", retry_after=1), KeyError("oops"), ZeroDivisionError()])
def test_whatever_goes_wrong_with_one_entity_the_rest_goes_on(store: Store, wrong: Exception) -> None:
    inbox, seen = Inbox(store), list[str]()
    for each in (event("a", 1), event("b", 2), event("c", 1, "return/0"), event("a", 1, source="other")):
        assert inbox.receive(each)

    def apply(each: Event) -> None:
        if (each.source, each.id) == ("acme", "a"):
            raise wrong
        seen.append(f"{each.source} {each.id}")

    worked = inbox.work(apply)
    assert seen == ["acme c", "other a"]
    assert worked.failed == [(event("a", 1), wrong)]
    assert worked.held == [event("b", 2)]
    inbox.work(lambda each: seen.append(f"{each.source} {each.id}"))
    assert seen == ["acme c", "other a", "acme a", "acme b"], "nothing is lost"


def test_ids_and_entities_are_those_of_their_source(store: Store) -> None:
    inbox, seen = Inbox(store), list[Event]()
    ours, theirs = event("1", 5, source="stripe"), event("1", 4, source="aftership")
    assert inbox.receive(ours)
    inbox.work(seen.append)
    assert inbox.receive(theirs), "the other's id is another event's"
    assert inbox.work(seen.append).applied == [theirs], "the other's entity was never changed before"
    assert not inbox.receive(ours)
    assert not inbox.receive(theirs)
    assert seen == [ours, theirs]
    assert [store.newest(source, "return/1") for source in ("stripe", "aftership", "loop")] == [5, 4, None]


def test_eight_threads_receiving_and_working_apply_everything_once(store: Store) -> None:
    inbox, applied, lock, start = Inbox(store), Counter[str](), threading.Lock(), threading.Barrier(8)

    def apply(each: Event) -> None:
        with lock:
            applied[each.id] += 1

    def work() -> None:
        start.wait()
        for n in range(100):
            inbox.receive(event(str(n), n, f"return/{n}"))
            if n % 10 == 0:
                inbox.work(apply)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    inbox.work(apply)
    assert applied == Counter({str(n): 1 for n in range(100)})


def test_a_file_is_still_there_after_the_process(tmp_path: Path) -> None:
    first = FileStore(tmp_path / "inbox.sqlite")
    first.add(event("waits", 2))
    first.add(event("done", 1))
    first.done(event("done", 1))
    first.close()
    again = FileStore(tmp_path / "inbox.sqlite")
    assert [each.id for each in again.waiting()] == ["waits"]
    assert not again.add(event("done", 1))
    assert again.newest("acme", "return/1") == 1
    again.close()


def test_memory_is_bounded_and_never_drops_what_waits() -> None:
    store = MemoryStore(bound=3)
    for n in range(10):
        store.add(event(str(n), n, f"return/{n}"))
    assert len(store.waiting()) == 10
    for each in store.waiting():
        store.done(each)
    assert not store.add(event("9", 9))
    assert store.add(event("0", 0))
    assert (store.newest("acme", "return/9"), store.newest("acme", "return/0")) == (9, None)


def test_a_moment_orders_exactly() -> None:
    moment = datetime(2026, 11, 24, 11, 0, 0, 123456, UTC)
    assert revision_of(moment) == 1_795_518_000_123_456
    assert revision_of(moment + timedelta(microseconds=1)) == revision_of(moment) + 1


def test_bodies_are_not_printed() -> None:
    assert (
        repr(Event("acme", "a", "return/1", 1, b"secret"))
        == "Event(source='acme', id='a', entity='return/1', revision=1)"
    )
