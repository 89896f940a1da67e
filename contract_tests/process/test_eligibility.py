"""What a request claims is not believed: its price, that goods were sold, that it was agreed to, that they came in."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from openreturns.errors import RejectedError
from openreturns.models import Quantity
from openreturns.process import events
from process.systems import NOON, POLICY, Told, World, asked_for, told

WINDOW = "[[windows]]\ndays = 30\n"
LONG_AGO = {"type": "invoice", "id": "INV-1", "issueDate": "2020-01-01"}


def line(amount: str = "", **more: Any) -> dict[str, Any]:
    """Changes of a request: its only line, at a price if one is said."""
    price = {"unit_price": {"amount": amount, "currency": "EUR"}} if amount else {}
    return {"lines": (asked_for("RMA-1001").lines[0].replace(**price, **more),)}


def codes(process: Told) -> list[str]:
    return [one.code for one in process.state().findings]


def unsupported() -> World:
    return World(failing={"check_eligibility": [RejectedError("no such verb", kind="unsupported")]})


# ---------------------------------------------------------------- the price


@pytest.mark.parametrize(
    ("asked", "paid", "credited", "stage"),
    [
        ("400.00", "10.00", "10.00", "awaiting_approval"),
        ("8.00", "10.00", "8.00", "awaiting_approval"),
        ("10.0", "10.00", "10.00", "awaiting_goods"),
        ("", "10.00", "10.00", "awaiting_goods"),
        ("400.00", "none", "400.00", "awaiting_approval"),
    ],
)
def test_no_more_is_credited_than_the_erp_says_was_paid(asked: str, paid: str, credited: str, stage: str) -> None:
    process = told(world=World(paid=paid))
    process.asked_for(**line(asked))
    assert process.state().stage == stage
    assert codes(process) == (["price_mismatch"] if stage == "awaiting_approval" else [])
    process.event(events.ApprovalGiven, by="dora", step="return")
    process.came_in(("R1", "1"))
    process.inspected()
    [credit] = process.state().credits
    assert credit.totals.lines.amount == Decimal(credited)


def test_a_price_that_is_put_right_is_no_higher_than_what_was_paid() -> None:
    process = told(world=World(paid="10.00"))
    process.asked_for(type="credit_only", **line("400.00"))
    assert (process.state().stage, codes(process)) == ("awaiting_approval", ["price_mismatch"])
    process.event(events.ApprovalGiven, by="dora", step="return")
    assert [str(one.totals.lines.amount) for one in process.state().credits] == ["10.00"]


@pytest.mark.parametrize(
    ("uom", "stage", "price"), [("EA", "awaiting_goods", "3.332857"), ("XBX", "awaiting_approval", "5.00")]
)
def test_a_price_of_several_is_compared_and_credited_as_the_price_of_one(uom: str, stage: str, price: str) -> None:
    process = told(world=World(paid="23.33", paid_for=Quantity(value=Decimal(7), uom=uom)))
    process.asked_for(**line("3.332857" if uom == "EA" else "5.00"))
    state = process.state()
    assert (state.stage, codes(process)) == (stage, [] if uom == "EA" else ["price_mismatch"])
    assert state.return_.lines[0].unit_price.amount == Decimal(price)


# ---------------------------------------------------------------- what was sold


@pytest.mark.parametrize("without", ["the verb", "an ERP", "an answer"])
def test_without_an_answer_of_what_may_come_back_somebody_has_to_agree(without: str) -> None:
    world = {
        "the verb": unsupported(),
        "an ERP": World(),
        "an answer": World(failing={"check_eligibility": [RejectedError("no such record", kind="not_found")]}),
    }[without]
    process = told(POLICY.replace('erp = "erp"\n', "") if without == "an ERP" else POLICY, world)
    process.asked_for(**line("10.00"))
    for key in process.state().dead_letters:
        process.event(events.DeadLetterDiscarded, by="dora", key=key, reason="looked it up by hand")
    assert process.state().stage == "awaiting_approval"
    process.event(events.ApprovalGiven, by="dora", step="return")
    assert process.state().stage == "awaiting_goods"


@pytest.mark.parametrize("erp", [True, False])
def test_a_window_holds_whatever_the_erp_can_answer(erp: bool) -> None:
    process = told((POLICY if erp else POLICY.replace('erp = "erp"\n', "")) + WINDOW, unsupported())
    process.asked_for(**line("10.00", original_invoice=LONG_AGO), requested_at=NOON)
    assert (process.state().stage, codes(process)) == ("declined", ["not_eligible"])


def test_the_day_that_the_erp_knows_counts_and_not_the_one_that_is_claimed() -> None:
    process = told(POLICY + WINDOW, World(sold_on=(NOON - timedelta(days=31)).date()))
    process.asked_for(**line(original_invoice={**LONG_AGO, "issueDate": NOON.date().isoformat()}), requested_at=NOON)
    assert (process.state().stage, codes(process)) == ("declined", ["not_eligible"])


def test_of_a_line_that_the_erp_does_not_speak_of_nothing_may_come_back() -> None:
    process = told(world=World(unknown=frozenset({"1"})))
    process.asked_for(**line("400.00"))
    assert (process.state().stage, codes(process)) == ("declined", ["not_eligible"])


# ---------------------------------------------------------------- what was agreed to, and what came in

ALL = {"value": "1", "uom": "EA"}


@pytest.mark.parametrize(
    ("trusted", "stage"), [((), "declined"), (("other",), "declined"), ("portal", "awaiting_goods")]
)
def test_only_who_is_trusted_says_that_a_return_was_agreed_to(trusted: tuple[str, ...] | str, stage: str) -> None:
    source = asked_for("RMA-1001").meta.source_system
    named = [source] if trusted == "portal" else [*trusted]
    process = told(f"trusted_sources = {json.dumps(named)}\n{POLICY}", World(returnable=lambda _, asked: Decimal(0)))
    process.asked_for(status="authorized", **line("9000.00"))
    state = process.state()
    assert state.stage == stage
    assert process.world.count("authorize") == (1 if named == [source] else 0)
    assert ("not_trusted" in codes(process)) == (named != [source])


def test_a_request_that_agrees_to_more_than_it_asks_for_is_agreed_to_as_it_asks() -> None:
    process = told()
    process.asked_for(**line(authorized={"value": "5", "uom": "EA"}, expected={"value": "5", "uom": "EA"}))
    [agreed] = process.state().return_.lines
    assert (agreed.authorized.value, agreed.expected.value) == (1, 1)


@pytest.mark.parametrize("trusted", [True, False])
def test_goods_come_in_when_the_warehouse_says_so_and_not_the_request(trusted: bool) -> None:
    source = asked_for("RMA-1001").meta.source_system
    receipt = {"receiptId": "X", "quantity": ALL, "receivedAt": NOON}
    process = told((f'trusted_sources = ["{source}"]\n' if trusted else "") + POLICY)
    status = {"status": "authorized"} if trusted else {}
    process.asked_for(**status, **line("10.00", received=ALL, receipts=(receipt,), original_invoice=LONG_AGO))
    assert (process.state().stage, codes(process)) == ("awaiting_goods", ["receipt_not_believed"])
    assert process.inspected() == "early"
    assert process.world.count("issue_credit") == 0
    process.came_in(("R1", "1"))
    assert process.state().stage == "closed"
    assert process.world.count("receive") == process.world.count("issue_credit") == 1
