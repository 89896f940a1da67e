"""What is sent instead of goods that come back: ordered by the ERP, or by somebody who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from openreturns.errors import RejectedError
from openreturns.process import events
from openreturns.process.outbox import Outbox
from process.systems import NOON, POLICY, Told, World, asked_for, told

BY_ERP = POLICY + 'replacements = "erp"\n'


def exchange(process: Told, kind: str) -> None:
    line = asked_for("RMA-1001").lines[0]
    replacement = {"item": {"sku": "SKU-78"}, "quantity": {"value": "1", "uom": "EA"}}
    process.asked_for(type=kind, lines=(line.replace(replacement=replacement),))


def orders(process: Told) -> int:
    return process.world.count("order_replacement")


@pytest.mark.parametrize(("kind", "before", "after"), [("replacement_in_advance", 1, 1), ("exchange", 0, 1)])
def test_the_erp_orders_what_is_sent_instead_once_and_when_it_is_due(kind: str, before: int, after: int) -> None:
    process = told(BY_ERP)
    exchange(process, kind)
    assert orders(process) == before
    process.came_in(("R1", "1"))
    assert orders(process) == after
    process.inspected()
    state = process.state()
    assert (state.stage, orders(process)) == ("closed", after)
    assert state.return_.lines[0].replacement.order.id == "order_replacement-RMA-1001/1"


def test_somebody_is_told_where_the_erp_does_not_order_and_the_return_waits_for_the_order() -> None:
    process = told()
    exchange(process, "exchange")
    process.came_in(("R1", "1"))
    process.inspected()
    assert (process.state().stage, orders(process)) == ("awaiting_settlement", 0)
    placed: dict[str, Any] = {"kind": "replacement", "subject": "1"}
    order = {"type": "replacement_order", "id": "SO-9"}
    assert process.event(events.OrderPlaced, by="sales", **{**placed, "subject": "7"}, ref=order) == "not_asked_for"
    assert process.event(events.OrderPlaced, by="sales", **placed, ref=order) == "new"
    assert process.event(events.OrderPlaced, by="sales", **placed, ref=order) == "duplicate"
    assert process.event(events.OrderPlaced, by="sales", **placed, ref={**order, "id": "SO-10"}) == "conflict"
    state = process.state()
    assert (state.stage, state.return_.lines[0].replacement.order.id) == ("closed", "SO-9")


# ---------------------------------------------------------------- what is not wanted any more


EXPIRING = '\n[[service_levels]]\nstage = "awaiting_goods"\nhours = 24\nthen = "expire"\n'
ORDER = {"type": "replacement_order", "id": "SO-9"}


def in_vain(process: Told) -> list[tuple[str, str, str]]:
    """Which replacements the world was told are not wanted any more: line, order, why."""
    told_ = [one.event for one in Outbox(process.store, "https://returns.example.com").waiting("t", NOON, 1000)]
    data = [one.to_dict()["data"] for one in told_ if one.type == "org.openreturns.replacement.not_wanted"]
    return [(one["line"], one.get("order", {}).get("id", ""), one["status"]) for one in data]


def ended(process: Told, how: str) -> None:
    if how == "cancelled":
        assert process.event(events.CancelRequested) == "new"
    else:
        process.engine.advance(timedelta(hours=25))
    assert process.state().stage == how


@pytest.mark.parametrize("how", ["cancelled", "expired"])
@pytest.mark.parametrize("by", ["erp", "others"])
def test_somebody_is_told_of_the_order_that_stands_when_its_return_ends_without_goods(by: str, how: str) -> None:
    process = told((BY_ERP if by == "erp" else POLICY) + EXPIRING)
    exchange(process, "replacement_in_advance")
    if by == "others":
        assert process.event(events.OrderPlaced, by="sales", kind="replacement", subject="1", ref=ORDER) == "new"
    assert in_vain(process) == []
    ended(process, how)
    assert in_vain(process) == [("1", "order_replacement-RMA-1001/1" if by == "erp" else "SO-9", how)]
    process.came_in(("R1", "1"))  # after the end: nothing more is told of the order
    assert len(in_vain(process)) == 1


def test_who_was_told_to_place_an_order_is_told_not_to_and_of_the_one_that_was_placed_all_the_same() -> None:
    process = told()
    exchange(process, "replacement_in_advance")
    ended(process, "cancelled")
    assert in_vain(process) == [("1", "", "cancelled")]
    assert process.event(events.OrderPlaced, by="sales", kind="replacement", subject="1", ref=ORDER) == "new"
    assert in_vain(process) == [("1", "", "cancelled"), ("1", "SO-9", "cancelled")]


def test_nobody_is_told_of_an_order_that_was_never_asked_for_or_never_placed_by_the_erp() -> None:
    process = told()
    exchange(process, "exchange")  # the goods come first
    ended(process, "cancelled")
    assert in_vain(process) == []
    no = [RejectedError("no stock", kind="business_rule")]
    process = told(BY_ERP, World(failing={"order_replacement": no}))
    exchange(process, "replacement_in_advance")
    process.event(events.CancelRequested)
    [key] = process.state().dead_letters
    process.event(events.DeadLetterDiscarded, by="dora", key=key, reason="the customer took the request back")
    assert (process.state().stage, in_vain(process)) == ("cancelled", [])


def test_nobody_is_told_while_the_warehouse_has_yet_to_say_whether_the_return_ends() -> None:
    no = [RejectedError("the goods are there", kind="business_rule")]
    process = told(BY_ERP, World(failing={"cancel_announcement": no}))
    exchange(process, "replacement_in_advance")
    process.event(events.CancelRequested)
    assert (process.state().stage, in_vain(process)) == ("awaiting_goods", [])
