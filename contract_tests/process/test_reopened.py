"""Decisions that are taken back and made again, also after the end; returns of which not all comes in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from openreturns.process import events
from process.systems import NOON, POLICY, Told, disposition, told

EXPIRING = """
[[service_levels]]
stage = "awaiting_goods"
hours = 24
then = "expire"
"""
AHEAD = """
[preliminary_refund]
at = "authorized"
up_to = { EUR = "100" }
"""
OURS = "disposition-RMA-1001"


def closed(policy: str = POLICY, code: str = "scrap") -> Told:
    process = told(policy)
    process.asked_for()
    process.came_in(("R1", "1"))
    process.inspected(code=code)
    assert process.state().stage == "closed"
    return process


def take_back(process: Told, id_: str = OURS) -> str:
    return process.event(events.DispositionReversed, by="ines", document_id=id_, reason="mistaken")


def credits_of(process: Told) -> list[tuple[str, str, str]]:
    return [(one.number, one.status, str(one.totals.lines.amount)) for one in process.state().credits]


def stands(process: Told, *verbs: str) -> list[set[str]]:
    return [process.world.stands()[verb] for verb in verbs]


def test_a_decision_that_is_taken_back_after_the_end_is_made_again() -> None:
    process = closed()
    assert take_back(process) == "new"
    state = process.state()
    assert (state.stage, [one.code for one in state.findings]) == ("awaiting_inspection", ["reopened"])
    assert list(state.deadlines) == ["stage/awaiting_inspection"]
    assert stands(process, "issue_credit", "commit", "post_adjustment") == [set(), set(), set()]
    assert process.inspected(code="return_to_vendor") == "new"
    assert process.state().stage == "awaiting_settlement"  # the vendor's claim
    again = f"{OURS}-r2"
    assert stands(process, "issue_credit", "commit", "post_adjustment") == [
        {f"{again}-credit"}, {f"{again}-credit"}, {f"{again}-stock"}
    ]  # fmt: skip
    ref = {"type": "vendor_return", "id": "V-1"}
    process.event(events.OrderPlaced, by="buying", kind="vendor_claim", subject=f"{again}/1/1", ref=ref)
    assert process.state().stage == "closed"


def test_a_claim_for_goods_that_are_decided_on_otherwise_is_not_waited_for() -> None:
    process = told()
    process.asked_for()
    process.came_in(("R1", "1"))
    process.inspected(code="return_to_vendor")
    take_back(process)
    process.inspected(code="restock")
    assert process.state().stage == "closed"


def test_a_claim_is_waited_for_as_such_though_the_credit_was_refused() -> None:
    limits = '[approvals]\ncredit_limits = [{ role = "clerk" }]\n[approvals'
    process = told(POLICY.replace("[approvals", limits, 1) + '[roles]\ncora = ["clerk"]\n')
    process.asked_for()
    process.came_in(("R1", "1"))
    process.inspected(code="return_to_vendor")
    process.event(events.ApprovalRefused, by="cora", step="credit", subject=f"{OURS}-credit", reason="worn")
    assert process.state().stage == "awaiting_settlement"


@pytest.mark.parametrize("times", [1, 2])
def test_a_decision_may_be_taken_back_under_the_id_that_its_system_gives_it(times: int) -> None:
    process = told()
    process.asked_for(quantity="3")
    process.came_in(("R1", "2"), status="partially_received")
    process.inspected(quantity="2", code="scrap")
    for count in range(times):
        assert take_back(process) == "new"
        assert take_back(process) == "duplicate"
        assert process.inspected(quantity="1", code=("restock", "scrap")[count % 2]) == "new"
    standing = f"{OURS}-r{times + 1}"
    assert [one.meta.document_id for one in process.state().standing] == [standing]
    assert stands(process, "issue_credit", "commit") == [{f"{standing}-credit"}] * 2
    assert process.state().stage == "awaiting_goods"


def test_what_was_taken_back_is_not_decided_again_by_being_told_again() -> None:
    process = closed()
    take_back(process)
    assert process.inspected(code="scrap") == "duplicate"
    later = disposition("RMA-1001", code="scrap")
    later = later.replace(meta=later.meta.replace(issued_at=NOON + timedelta(days=9)))
    assert process.event(events.GoodsInspected, by="wms", disposition=later) == "new"
    assert process.state().stage == "closed"


def test_a_later_decision_waits_until_the_one_that_stands_is_taken_back() -> None:
    process = closed()
    later = disposition("RMA-1001", code="restock")
    later = later.replace(meta=later.meta.replace(issued_at=NOON + timedelta(days=9)))
    assert process.inspected(code="restock") == "conflict"
    assert process.event(events.GoodsInspected, by="wms", disposition=later) == "early"
    take_back(process)
    assert process.state().stage == "closed"
    assert credits_of(process) == [(f"{OURS}-credit", "voided", "10.00"), (f"{OURS}-r2-credit", "issued", "10.00")]


def test_a_refund_ahead_is_held_to_what_is_decided_in_the_end() -> None:
    process = closed('not_creditable = ["worn"]\n' + POLICY + AHEAD)
    take_back(process)
    assert [status for _, status, _ in credits_of(process)] == ["issued"]
    process.inspected(code="scrap", note="worn")
    assert process.state().stage == "closed"
    assert [status for _, status, _ in credits_of(process)] == ["voided"]
    assert stands(process, "issue_credit", "commit") == [set(), set()]


# ---------------------------------------------------------------- not all comes in time


def test_what_has_come_in_by_the_deadline_is_dealt_with_and_the_rest_is_short() -> None:
    process = told(POLICY + EXPIRING)
    process.asked_for(quantity="2")
    process.came_in(("R1", "1"), status="partially_received")
    process.engine.advance(timedelta(hours=30))
    state = process.state()
    assert (state.stage, state.return_.status, state.ending) == ("awaiting_inspection", "received", "")
    assert [one.code for one in state.findings] == ["short_receipt"]
    process.inspected()
    assert (process.state().stage, process.world.count("cancel_rma")) == ("closed", 0)
    assert [amount for _, _, amount in credits_of(process)] == ["10.00"]


def test_what_comes_after_the_deadline_is_dealt_with_too() -> None:
    process = told(POLICY + EXPIRING)
    process.asked_for(quantity="3")
    process.came_in(("R1", "1"), status="partially_received")
    process.engine.advance(timedelta(hours=30))
    process.came_in(("R1", "1"), ("R2", "1"), status="partially_received")
    process.inspected(id_="d1")
    assert process.state().stage == "awaiting_inspection"
    process.inspected(id_="d2")
    assert (process.state().stage, process.world.count("receive")) == ("closed", 2)
    assert [amount for _, _, amount in credits_of(process)] == ["10.00", "10.00"]


@pytest.mark.parametrize("came", [(), (("R1", "1"),)])
def test_a_refund_ahead_of_goods_of_which_a_part_came_in_time(came: tuple[tuple[str, str], ...]) -> None:
    process = told(POLICY + AHEAD + EXPIRING)
    process.asked_for(quantity="2")
    if came:
        process.came_in(*came, status="partially_received")
    process.engine.advance(timedelta(hours=30))
    if came:
        process.inspected()
    assert process.state().stage == ("closed" if came else "expired")
    assert [amount for _, status, amount in credits_of(process) if status == "issued"] == ["10.00"][: len(came)]
    assert len(process.world.stands()["issue_credit"]) == len(process.world.stands()["commit"]) == len(came)


def test_goods_that_the_customer_keeps_are_credited_though_the_rest_never_comes() -> None:
    process = told(POLICY + EXPIRING)
    process.asked_for(quantity="2")
    kept = disposition("RMA-1001").to_dict()
    kept["lines"][0]["splits"][0] |= {"disposition": {"code": "customer_keeps"}}
    del kept["lines"][0]["splits"][0]["to"]
    process.event(events.GoodsInspected, by="wms", disposition=kept)
    assert [amount for _, _, amount in credits_of(process)] == ["10.00"]
    process.engine.advance(timedelta(hours=30))
    assert (process.state().stage, process.world.count("cancel_rma")) == ("closed", 0)
    assert len(process.world.stands()["issue_credit"]) == 1
