"""Events that come twice, early, late or changed: each is applied once at most, the rest is kept with its reason."""

from __future__ import annotations

import pytest
from openreturns.process import events
from openreturns.process.machine import Decision, decide
from openreturns.process.policy import Policy, load_policy
from openreturns.process.state import ProcessState
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


POLICY = load_policy("await_settlement = true\n" + RULES)


def process() -> Told:
    return told(POLICY)


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


def waiting(*all_: events.Event) -> Told:
    """A process whose events have been accepted, and none of them decided on."""
    one = process()
    for event in all_:
        assert one.store.accept(NUMBER, event, one.engine.now) == "new"
    return one


def test_events_that_wait_are_decided_on_together_each_once() -> None:
    one = waiting(*WHOLE[:4])
    one.engine.resume()
    apart = happened(*WHOLE[:4])
    assert one.state().stage == apart.state().stage == "awaiting_credit_approval"
    assert set(one.world.told.values()) == {1}
    assert not one.store.received()
    told_, state = dict(one.world.told), one.state()
    for event in WHOLE[:4]:
        assert not one.store.apply(NUMBER, event.id, POLICY, one.engine.now).commands
    assert (dict(one.world.told), one.state()) == (told_, state)


def test_an_event_goes_alone_where_it_is_to() -> None:
    one = waiting(ASKED, AGREED)
    one.store.apply(NUMBER, ASKED.id, POLICY, one.engine.now, alone=True)
    assert one.store.received() == [(NUMBER, AGREED.id)]


def test_an_event_that_cannot_be_decided_on_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def defective(state: ProcessState | None, event: events.Event, policy: Policy) -> Decision:
        if event.id == AGREED.id:
            raise RuntimeError("a defect")
        return decide(state, event, policy)

    monkeypatch.setattr("openreturns.process._turn.decide", defective)
    one = waiting(ASKED, AGREED)
    assert one.store.apply(NUMBER, ASKED.id, POLICY, one.engine.now).status == "applied"
    assert one.store.received() == [(NUMBER, AGREED.id)]
    with pytest.raises(RuntimeError):
        one.store.apply(NUMBER, AGREED.id, POLICY, one.engine.now)
