"""Events that come twice, early, late or changed: each is applied once at most, the rest is kept with its reason."""

from __future__ import annotations

import pytest
from openreturns.process import events
from process.systems import NOON, Told, story, told
from process.test_segregation import CREDIT, RULES

NUMBER = "RMA-1001"
ASKED, CAME, SEEN = story(NUMBER)
AGREED = events.ApprovalGiven(id="agreed", at=NOON, by="dora", step="return")
PAID = events.Settled(id="paid", at=NOON, by="bank", credit=CREDIT)
APPROVED = events.ApprovalGiven(id="approved", at=NOON, by="cora", step="credit", subject=CREDIT)
BACK = events.DispositionReversed(
    id="back", at=NOON, by="ines", document_id="disposition-RMA-1001", reason="wrong pallet"
)
CANCEL = events.CancelRequested(id="cancel", at=NOON, by="portal")
WHOLE: tuple[events.Event, ...] = (ASKED, AGREED, CAME, SEEN, APPROVED, PAID)
STORIES: dict[str, tuple[events.Event, tuple[events.Event, ...]]] = {
    "requested": (ASKED, WHOLE),
    "agreed": (AGREED, WHOLE),
    "received": (CAME, WHOLE),
    "inspected": (SEEN, WHOLE),
    "settled": (PAID, WHOLE),
    "reversed": (BACK, (*WHOLE, BACK)),
    "cancelled": (CANCEL, (ASKED, AGREED, CANCEL)),
}
KINDS = pytest.mark.parametrize("kind", STORIES)


def process() -> Told:
    return told("await_settlement = true\n" + RULES)


def happened(*all_: events.Event) -> Told:
    one = process()
    for event in all_:
        assert one.engine.submit(NUMBER, event) == "new"
    return one


def kept(one: Told) -> dict[str, str]:
    return {event.id: event.reason for event in one.store.kept(NUMBER)}


@KINDS
def test_an_event_that_comes_twice_is_applied_once(kind: str) -> None:
    event, whole = STORIES[kind]
    one = happened(*whole)
    before = one.state()
    assert one.engine.submit(NUMBER, event) == "duplicate"
    assert one.state() == before
    assert set(one.world.told.values()) == {1}


@KINDS
def test_an_event_whose_content_changed_is_kept_beside_the_first(kind: str) -> None:
    event, whole = STORIES[kind]
    one = happened(*whole)
    before = one.state()
    assert one.engine.submit(NUMBER, event.replace(by="somebody else")) == "conflict"
    assert "conflict" in kept(one).values()
    assert one.state() == before


@KINDS
def test_an_event_that_is_told_again_when_all_is_over_does_nothing(kind: str) -> None:
    event, whole = STORIES[kind]
    one = happened(*whole)
    told_ = dict(one.world.told)
    assert one.engine.submit(NUMBER, event.replace(id="late")) == "new"
    assert kept(one)["late"]
    assert one.world.told == told_


@KINDS
def test_an_event_that_comes_before_all_others_is_applied_when_its_time_comes_or_kept(kind: str) -> None:
    event, whole = STORIES[kind]
    one = happened(event, *(other for other in whole if other is not event))
    assert one.state() is not None
    assert set(one.world.told.values()) <= {1}
    if kind in {"requested", "agreed", "received", "inspected"}:
        assert not kept(one)
        assert one.state().stage == "closed"
    elif kind == "cancelled":
        assert one.state().stage == "cancelled"
    else:
        assert kept(one)[event.id] in {"unknown_credit", "unknown_disposition"}
