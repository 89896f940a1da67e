"""What is sent instead of goods that come back: ordered by the ERP, or by somebody who is told."""

from __future__ import annotations

from typing import Any

import pytest
from openreturns.process import events
from process.systems import POLICY, Told, asked_for, told

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
