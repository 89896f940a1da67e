"""A change feed over a bad network: whatever webhooks are lost, doubled or late, every return is read as it is now."""

from __future__ import annotations

import json
import logging
import random
from datetime import timedelta
from typing import Any

import pytest
from clients.verbs import asked_for, connected, done
from openreturns.errors import RejectedError
from openreturns.models import Document, DocumentRef
from openreturns.sandbox import Outbox, WallClock
from openreturns.webhooks import Event, Feed, Inbox, Received
from openreturns_adapters.shipbob.simulator import simulator

RETURNS = 30


@pytest.mark.parametrize("lost", [0.0, 0.5, 1.0])
def test_every_change_is_read_and_none_is_missed(lost: float, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="openreturns.feed")
    chance, clock = random.Random(11), WallClock()
    outbox = Outbox(duplicates=0.2, reorders=0.3, seed=11)
    vendor = simulator(clock=clock, outbox=outbox, calls=100_000)
    now: dict[str, Any] = {}
    with connected("shipbob", simulator=vendor) as there:
        secret = there.client.subscribe("https://hooks.example.com/shipbob")
        feed = Feed(there.client, Inbox(), "shipbob", secrets=[secret])
        since = clock.now()
        refs = [done(there.client.announce(asked_for(there.client, number))) for number in range(RETURNS)]
        seen: Any = frozenset()
        came: list[str] = []

        def apply(ref: DocumentRef, document: Document) -> None:
            came.append(ref.id)
            now[ref.id] = document.status

        for ref in refs:
            vendor.step(chance.choice(["arrive", "carry_out"]), id=int(ref.id))
            heard = [one for one in outbox.take() if chance.random() >= lost]
            repeated = [feed.hear(Received(one.body, one.headers)) for one in heard]
            assert len(repeated) == len(heard)
            if chance.random() < 0.2:
                assert not feed.work(apply).failed
                polled = feed.poll(since, seen, now=clock.now())
                since, seen = polled.since, polled.seen
        polled = feed.poll(since, seen, now=clock.now())
        feed.work(apply)
        held = {ref.id: there.client.status(ref).status for ref in refs}
        assert now == held
        vendor.step("move_time", seconds=5)
        polled = feed.poll(polled.since, polled.seen, now=clock.now())  # once more what had changed only just then
        feed.work(apply)
        assert now == held
        assert feed.poll(polled.since, polled.seen, now=clock.now()).new == ()
        assert not feed.work(apply).applied
    told = [record.getMessage() for record in caplog.records if record.name == "openreturns.feed"]
    assert sum(line.endswith(" applied") for line in told) == len(came)
    assert {line.split("entity=return/")[1].split()[0] for line in told} == set(held)


def test_what_an_event_says_is_not_believed_but_read() -> None:
    with connected("shipbob") as there:
        ref = done(there.client.announce(asked_for(there.client, 1)))
        inbox = Inbox()
        inbox.receive(Event("shipbob", "msg_1", f"return/{ref.id}", 1, json.dumps({"status": "Completed"}).encode()))
        seen: list[Any] = []
        Feed(there.client, inbox, "shipbob").work(lambda one, document: seen.append(document.status))
    assert seen == ["authorized"]


def test_a_record_that_cannot_be_read_waits_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with connected("shipbob") as there:
        inbox = Inbox()
        inbox.receive(Event("shipbob", "msg_1", "return/1", 1))
        feed = Feed(there.client, inbox, "shipbob")
        for _ in range(2):
            [(event, error)] = feed.work(lambda one, document: None).failed
            assert (event.id, isinstance(error, RejectedError)) == ("msg_1", True)
    assert any(record.getMessage().endswith("entity=return/1 event=msg_1 failed") for record in caplog.records)


def test_a_vendor_that_calls_nobody_can_be_polled_only() -> None:
    with connected("avatax") as there:
        feed = Feed(there.client, Inbox(), "avatax", overlap=timedelta(0))
        with pytest.raises(RejectedError) as raised:
            feed.hear(Received(b"{}", {}))
        assert raised.value.kind == "unsupported"


def test_units_that_are_counted_are_read_though_no_moment_tells_of_them() -> None:
    clock = WallClock()
    vendor = simulator(clock=clock, calls=100_000)
    counts: list[Any] = []
    with connected("shipbob", simulator=vendor) as there:
        ref = done(there.client.announce(asked_for(there.client, 1)))
        item = there.api.get(f"/return/{ref.id}").json()["inventory"][0]["id"]
        feed = Feed(there.client, Inbox(), "shipbob")
        since, seen = clock.now(), frozenset[Any]()

        def polled() -> int:
            nonlocal since, seen
            found = feed.poll(since, seen, now=clock.now())
            since, seen = found.since, found.seen
            worked = feed.work(lambda ref, document: counts.append(document.to_dict()["lines"][0].get("received")))
            return len(worked.applied)

        vendor.step("arrive", id=int(ref.id))
        vendor.step("process", id=int(ref.id), actions=[])
        assert polled() == 1
        for units in (1, 1):
            vendor.step("move_time", seconds=3600)  # long after what any moment tells
            vendor.step(
                "process", id=int(ref.id), actions=[{"inventory_id": item, "action": "Restock", "quantity": units}]
            )
            assert polled() == 1
            assert polled() == 0
        vendor.step("complete", id=int(ref.id))
        assert polled() == 1
        vendor.step("move_time", seconds=86_400)
        assert polled() == 1  # once more what had changed only just then
        assert polled() == 0
    assert [one and one["value"] for one in counts] == [None, "1", "2", "2", "2"]


def test_a_return_that_cannot_be_read_stops_no_other(caplog: pytest.LogCaptureFixture, monkeypatch: Any) -> None:
    with connected("shipbob") as there:
        refs = [done(there.client.announce(asked_for(there.client, number))) for number in (1, 2, 3)]
        bad: dict[str, dict[str, Any]] = {
            refs[0].id: {"status": "Lost In Yard"},
            refs[1].id: {"insert_date": "yesterday", "status_history": None, "awaiting_arrival_date": None},
        }
        listed = there.client._listed
        monkeypatch.setattr(
            there.client, "_listed", lambda asked: ({**one, **bad.get(str(one["id"]), {})} for one in listed(asked))
        )
        get = there.client._get
        monkeypatch.setattr(there.client, "_get", lambda ref: {**get(ref), **bad.get(ref.id, {})})
        feed = Feed(there.client, Inbox(), "shipbob")
        feed.poll(WallClock().now() - timedelta(hours=1), now=WallClock().now())
        read: list[str] = []
        worked = feed.work(lambda ref, document: read.append(ref.id))
    assert read == [refs[2].id]
    assert {event.entity for event, _ in worked.failed} == {f"return/{ref.id}" for ref in refs[:2]}
    assert sum(record.getMessage().endswith(" failed") for record in caplog.records) == 2
