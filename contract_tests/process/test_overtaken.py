"""What is not known to be done, and is not wanted any more: it is looked up or held, and then taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from openreturns.errors import OutcomeUnknownError, RejectedError, RetryableError
from openreturns.process import events
from process.systems import POLICY, Rules, Told, World, asked_for, told

EXPIRING = """
[[service_levels]]
stage = "awaiting_goods"
hours = 1
then = "expire"
"""
AHEAD = """
[preliminary_refund]
at = "authorized"
up_to = { EUR = "100" }
"""
DAYS = timedelta(days=3)


def cancelled(process: Told) -> None:
    assert process.event(events.CancelRequested) == "new"


def reversed_(process: Told) -> None:
    process.came_in(("R1", "1"), status="partially_received")
    process.inspected(id_="d1", code="scrap")
    assert process.event(events.DispositionReversed, by="ines", document_id="d1", reason="mistaken") == "new"


LOST: dict[str, Callable[[str], World]] = {
    "answer lost": lambda verb: World(losing={verb: 1}),
    "request lost": lambda verb: World(failing={verb: [OutcomeUnknownError("no answer", key="k")]}),
    "answer lost, then down": lambda verb: World(
        losing={verb: 1}, failing={verb: [None, RetryableError("down", retry_after=60, kind="unavailable")]}
    ),
}
# what is lost, how it is overtaken -> the stage that it comes to, what stands in the other systems
RMA, TOLD = {"authorize": {"RMA-1001"}}, {"announce": {"RMA-1001"}}
OVERTAKEN: dict[tuple[str, Callable[[Told], None]], tuple[str, dict[str, set[str]]]] = {
    ("authorize", cancelled): ("cancelled", {}),
    ("announce", cancelled): ("cancelled", {}),
    ("authorize", reversed_): ("awaiting_goods", RMA | TOLD),
    ("announce", reversed_): ("awaiting_goods", RMA | TOLD),
    ("commit", reversed_): ("awaiting_goods", RMA | TOLD),
    ("issue_credit", reversed_): ("awaiting_goods", RMA | TOLD),
}


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize(("verb", "overtaken"), OVERTAKEN, ids=lambda one: getattr(one, "__name__", one))
def test_what_was_lost_is_found_and_taken_back(verb: str, overtaken: Callable[[Told], None], how: str) -> None:
    stage, stands = OVERTAKEN[verb, overtaken]
    process = told(world=LOST[how](verb))
    process.asked_for(quantity="2")
    overtaken(process)
    process.engine.advance(DAYS)
    _is(process, stage, stands)
    assert all(one.status == "voided" for one in process.state().credits)


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("verb", ["authorize", "announce", "commit", "issue_credit"])
def test_what_was_lost_of_a_return_that_expires_is_taken_back(verb: str, how: str) -> None:
    slow = "".join(f"\n[vendors.{one}]\nretry_seconds = 20000\n" for one in ("erp", "wms", "tax"))
    process = told(POLICY + EXPIRING + AHEAD + slow, LOST[how](verb))
    process.asked_for()
    process.engine.advance(DAYS)
    _is(process, "expired", {})


def _is(process: Told, stage: str, stands: dict[str, set[str]]) -> None:
    state = process.state()
    assert (state.stage, state.dead_letters) == (stage, {})
    assert {what: held for what, held in process.world.stands().items() if held} == stands


@pytest.mark.parametrize("verb", ["authorize", "announce"])
def test_what_may_not_be_repeated_is_for_a_person_and_not_dropped(verb: str) -> None:
    rules: Rules = {system: {verb: "none"} for system in ("erp", "wms")}
    process = told(world=World(losing={verb: 1}), rules=rules)
    process.asked_for()
    process.event(events.CancelRequested)
    process.engine.advance(DAYS)
    state = process.state()
    [(key, effect)] = state.dead_letters.items()
    assert (state.stage, effect.step, effect.status, process.world.told[verb, "RMA-1001"]) == (
        "ending",
        verb,
        "held",
        1,
    )
    process.event(events.DeadLetterRetried, by="dora", key=key)  # who looked, and found nothing
    _is(process, "cancelled", {})


def test_a_credit_whose_turn_to_be_tried_again_comes_while_goods_are_being_recorded_goes_out_after_them() -> None:
    busy = [RetryableError("busy", retry_after=seconds, kind="throttled") for seconds in (60, 7200)]
    process = told(POLICY + AHEAD, World(failing={"issue_credit": busy[:1], "receive": busy[1:]}))
    process.asked_for()
    process.came_in(("R1", "1"), status="received")
    process.engine.advance(timedelta(hours=1))
    assert not process.world.stands()["issue_credit"]
    process.engine.advance(DAYS)
    [credit] = process.state().credits
    assert (process.world.stands()["issue_credit"], process.world.stands()["commit"]) == ({credit.number},) * 2
    assert not process.state().dead_letters


def test_one_that_is_taken_back_while_it_waits_for_its_turn_never_goes_out() -> None:
    busy = [RetryableError("busy", retry_after=seconds, kind="throttled") for seconds in (60, 7200)]
    process = told(POLICY + AHEAD, World(failing={"issue_credit": busy[:1], "receive": busy[1:]}))
    process.asked_for()
    process.came_in(("R1", "1"), status="received")
    process.inspected(id_="d1", code="scrap")
    process.engine.advance(timedelta(hours=1))
    assert process.event(events.DispositionReversed, by="ines", document_id="d1", reason="mistaken") == "new"
    process.engine.advance(DAYS)
    state = process.state()
    assert not state.dead_letters
    assert process.world.stands()["issue_credit"] == process.world.stands()["commit"]
    assert all(one.status != "later" for one in state.effects.values())


def test_a_verb_that_is_not_wanted_any_more_and_was_never_sent_is_given_up() -> None:
    process = told(world=World(failing={"announce": [RetryableError("down", retry_after=60, kind="unavailable")]}))
    process.asked_for()
    process.event(events.CancelRequested)
    process.engine.advance(DAYS)
    _is(process, "cancelled", {})
    assert process.state().effect("announce").status == "discarded"


def test_an_order_in_doubt_is_held_when_the_return_is_taken_back() -> None:
    """Nothing takes an order back but a person."""
    process = told(POLICY + 'replacements = "erp"\n', World(losing={"order_replacement": 1}))
    replacement = {"item": {"sku": "SKU-78"}, "quantity": {"value": "1", "uom": "EA"}}
    lines = (asked_for("RMA-1001").lines[0].replace(replacement=replacement),)
    process.asked_for(type="replacement_in_advance", lines=lines)
    process.event(events.CancelRequested)
    process.engine.advance(DAYS)
    [effect] = process.state().dead_letters.values()
    assert (effect.step, effect.status, effect.kind) == ("order_replacement", "held", "overtaken")


# ---------------------------------------------------------------- a cancellation that is refused


NO = RejectedError("the goods are there", kind="business_rule")


def not_cancelled(process: Told, *failing: Exception | None) -> None:
    """Have a return go on because the warehouse would not cancel it."""
    process.world.failing["cancel_announcement"] = [*failing, NO]
    process.asked_for()
    cancelled(process)
    process.engine.advance(timedelta(minutes=5))
    assert (process.state().stage, process.state().return_.status) == ("awaiting_goods", "authorized")
    assert [one.code for one in process.state().findings] == ["cancel_refused"]


def test_a_return_that_the_warehouse_will_not_cancel_goes_on_as_it_was_and_nothing_is_left_to_do() -> None:
    process = told()
    not_cancelled(process)
    [effect] = process.state().of_step("cancel_announcement")
    assert (effect.status, effect.reason) == ("discarded", "the warehouse would not cancel, and the return goes on")
    process.came_in(("R1", "1"))
    process.inspected()
    assert (process.state().stage, process.state().dead_letters) == ("closed", {})


@pytest.mark.parametrize("ended", ["cancelled", "expired"])
@pytest.mark.parametrize("refused", [0, 1])
def test_a_return_that_went_on_is_cancelled_at_the_warehouse_when_it_ends_after_all(ended: str, refused: int) -> None:
    process = told(POLICY + EXPIRING)
    not_cancelled(process)
    process.world.failing["cancel_announcement"] = [NO] * refused
    if ended == "cancelled":
        cancelled(process)
    else:
        process.engine.advance(timedelta(minutes=90))
    assert len([*process.state().of_step("cancel_announcement")]) == 2
    if refused:  # each time somebody has to tell the customer
        assert [one.code for one in process.state().findings] == ["cancel_refused"] * 2
        cancelled(process)
    _is(process, "cancelled" if refused else ended, {})


def test_whether_goods_are_expected_is_for_a_person_where_the_cancellation_may_have_been_done() -> None:
    """The first answer is lost, and what is said when it is given again need not be about the first."""
    process = told(world=World(losing={"cancel_announcement": 1}))
    not_cancelled(process, None)
    assert process.world.stands()["announce"] == set()
    [(key, effect)] = process.state().dead_letters.items()
    assert (effect.step, effect.status, effect.doubt) == ("cancel_announcement", "rejected", True)
    process.event(events.DeadLetterDiscarded, by="dora", key=key, reason="announced again by telephone")
    assert process.state().stage == "awaiting_goods"
    cancelled(process)
    _is(process, "cancelled", {})
    assert process.world.told["cancel_announcement", "RMA-1001"] == 2  # what was announced by hand is cancelled too


def test_a_warehouse_that_does_not_know_what_to_cancel_is_for_a_person() -> None:
    process = told()
    process.asked_for()
    process.world.done["announce", "RMA-1001"] = 0
    cancelled(process)
    [effect] = process.state().dead_letters.values()
    assert (effect.step, effect.kind, process.state().stage) == ("cancel_announcement", "not_found", "awaiting_goods")


@pytest.mark.parametrize("ended", ["cancelled", "expired"])
@pytest.mark.parametrize("first", [RetryableError("down", retry_after=60, kind="unavailable"), None])
def test_goods_that_come_in_while_nobody_knows_whether_the_return_ends_wait_for_that(
    first: Exception | None, ended: str
) -> None:
    """The warehouse is down, or its answer was lost; then it refuses, as the goods are there: they are not lost."""
    process = told(POLICY + EXPIRING, World(losing={} if first else {"cancel_announcement": 1}))
    process.world.failing["cancel_announcement"] = [first, NO]
    process.asked_for()
    if ended == "cancelled":
        cancelled(process)
    else:
        process.engine.advance(timedelta(minutes=60))
    assert process.state().stage == "ending"
    assert process.came_in(("R1", "1")) == process.inspected() == "early"
    process.engine.advance(timedelta(minutes=5))
    state = process.state()
    assert [one.code for one in state.findings] == ["cancel_refused"]
    assert process.store.kept("RMA-1001") == []
    assert (state.return_.status, process.world.count("issue_credit")) == ("closed", 1)


def test_goods_that_came_in_while_nobody_knew_are_told_of_once_the_return_has_ended() -> None:
    process = told(world=World(losing={"cancel_announcement": 1}))
    process.asked_for()
    cancelled(process)
    assert process.came_in(("R1", "1")) == process.inspected() == "early"
    process.engine.advance(timedelta(minutes=5))
    assert [one.code for one in process.state().findings] == ["goods_after_the_end"]
    _is(process, "cancelled", {})
    assert process.store.kept("RMA-1001") == []
