"""Credits ahead of their goods, or without any, over NetSuite, ShipBob and AvaTax: once, found again, and counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from demo import run
from demo.sandbox import running
from openreturns.models import Credit, Disposition
from openreturns.process import events
from openreturns.process.policy import load_policy
from openreturns.process.reconcile import compare, held_by
from openreturns.sandbox import Fault
from process.shipped import ASKED, Flow, flowing

POLICY = (
    run.POLICY.read_text("utf-8")
    + """
[preliminary_refund]
at = "authorized"
up_to = { USD = "5000" }

[[service_levels]]
stage = "awaiting_goods"
hours = 240
then = "expire"
"""
)
PUMPS = ASKED["six pumps back in stock"]
TWO_LINES = ASKED["two cartons, one pump short, two damaged"]
BEGAN = datetime.now(UTC) - timedelta(days=1)
RMA = "RMA-1"


@pytest.fixture
def flow() -> Iterator[Flow]:
    """A process that refunds ahead of the goods, where the account allows that."""
    with running(refund_in_advance=True) as sandbox, flowing(sandbox, POLICY) as one:
        yield one


@pytest.fixture
def inspecting() -> Iterator[Flow]:
    """A process that refunds what was decided on only, where the account would allow more."""
    with running(refund_in_advance=True) as sandbox, flowing(sandbox, run.POLICY.read_text("utf-8")) as one:
        yield one


def matched(flow: Flow) -> list[tuple[int, int, int]]:
    """Units of each line of the RMA in NetSuite: authorized, received, credited."""
    client: Any = flow.ports["netsuite"]
    names = ("quantity", "quantityReceived", "quantityBilled")
    lines = client._rma(RMA)["item"]["items"]
    return [(int(line[names[0]]), int(line[names[1]]), int(line[names[2]])) for line in lines]


def memos(flow: Flow) -> list[str]:
    """Credit memos in NetSuite that are not void, by their external ids."""
    return [
        memo.number
        for memo in (flow.ports["netsuite"].read(one.ref) for one in flow.ports["netsuite"].changes(BEGAN))
        if isinstance(memo, Credit) and memo.status != "voided"
    ]


def credits_of(flow: Flow) -> list[tuple[str, str]]:
    return [(one.status, str(one.totals.tax_exclusive.amount)) for one in flow.known(RMA).credits]


def found(flow: Flow) -> dict[tuple[str, str], Decimal | None]:
    """What reconciliation finds in what the systems hold and in our own story: of what, and its value."""
    policy = load_policy(POLICY)
    books = held_by({name: [port] for name, port in flow.ports.items()}, policy, BEGAN)
    return {(one.code, one.subject): one.value for one in compare(books, [flow.known(RMA)], policy)}


def voided(flow: Flow) -> None:
    """Let somebody void in NetSuite what the process wants taken back, and say so."""
    state = flow.known(RMA)
    for number in state.to_void:
        effect = state.effect("issue_credit", number)
        assert effect is not None
        assert effect.ref is not None
        flow.sandbox.simulators["netsuite"].step("void", id=effect.ref.id)
    flow.done_by_hand(RMA)


def kept(flow: Flow, line: str, sku: str, units: str) -> Disposition:
    """A service desk's decision that the customer keeps goods of a line, and is credited."""
    split = {
        "splitId": "1",
        "quantity": {"value": units, "uom": "EA"},
        "condition": {"code": "used_good"},
        "disposition": {"code": "customer_keeps"},
        "creditable": True,
    }
    meta = {"schema": "openreturns/disposition/1.1", "documentId": "desk-1", "revision": 1, "sourceSystem": "desk"}
    return Disposition.model_validate(
        {
            "meta": {**meta, "issuedAt": flow.engine.now.isoformat(), "correlationId": RMA},
            "status": "final",
            "return": {"type": "return", "id": RMA},
            "lines": [
                {
                    "lineId": "1",
                    "returnLineId": line,
                    "item": {"sku": sku},
                    "inspected": {"value": units, "uom": "EA"},
                    "splits": [split],
                }
            ],
        }
    )


# ---------------------------------------------------------------- the goods come later


def test_goods_that_come_after_their_refund_are_not_credited_again(flow: Flow) -> None:
    flow.asked_for(RMA, PUMPS)
    assert (flow.known(RMA).stage, matched(flow), found(flow)) == ("awaiting_goods", [(6, 0, 6)], {})
    flow.came_in(RMA, PUMPS["inspected"])
    assert (flow.known(RMA).stage, matched(flow), found(flow)) == ("closed", [(6, 6, 6)], {})
    assert credits_of(flow) == [("issued", "723.00")]
    assert memos(flow) == [f"return-{RMA}-credit"]
    rma: Any = flow.ports["netsuite"]
    with pytest.raises(ValueError, match="invalid reference"):
        flow.sandbox.simulators["netsuite"].step("credit", id=rma._rma(RMA)["id"])


def test_a_refund_whose_answer_is_lost_is_found_again(flow: Flow) -> None:
    flow.sandbox.simulators["netsuite"].faults.add(Fault("cut_after", "POST */!transform/creditMemo"))
    flow.asked_for(RMA, PUMPS)
    assert flow.sandbox.hit() == {"cut_after": 1}
    assert (memos(flow), matched(flow), found(flow)) == ([f"return-{RMA}-credit"], [(6, 0, 6)], {})


FEWER: list[list[Mapping[str, Any]]] = [[{"sku": "P-100", "action": "Restock", "units": 2}]]


def test_fewer_than_were_refunded_are_credited_once_the_refund_is_void(flow: Flow) -> None:
    flow.asked_for(RMA, PUMPS)
    flow.came_in(RMA, FEWER)
    assert matched(flow) == [(6, 2, 6)]
    assert found(flow)["credited_too_much", "1"] == Decimal("482.00")
    voided(flow)
    assert (flow.known(RMA).stage, matched(flow), found(flow)) == ("closed", [(6, 2, 2)], {})
    assert credits_of(flow) == [("voided", "723.00"), ("issued", "241.00")]


def test_netsuite_credits_no_goods_twice_though_somebody_says_that_a_refund_is_void_and_it_is_not(flow: Flow) -> None:
    flow.asked_for(RMA, PUMPS)
    flow.came_in(RMA, FEWER)
    flow.done_by_hand(RMA)
    [letter] = flow.known(RMA).dead_letters.values()
    assert (letter.step, letter.status) == ("issue_credit", "rejected")
    assert (memos(flow), matched(flow)) == ([f"return-{RMA}-credit"], [(6, 2, 6)])
    assert ("credits", f"credit return-{RMA}-credit") in found(flow)


# ---------------------------------------------------------------- the goods never come


def test_a_refund_of_goods_that_never_come_is_counted_until_it_is_taken_back(flow: Flow) -> None:
    flow.asked_for(RMA, PUMPS)
    flow.engine.advance(timedelta(days=11))
    [letter] = flow.known(RMA).dead_letters.values()
    assert (letter.step, letter.kind, flow.known(RMA).stage) == ("void_credit", "unsupported", "ending")
    assert found(flow)["credit_without_receipt", "1"] == Decimal("723.00")
    voided(flow)
    assert (flow.known(RMA).stage, matched(flow)) == ("expired", [(6, 0, 0)])
    assert found(flow) == {}
    assert (credits_of(flow), memos(flow)) == ([("voided", "723.00")], [])
    assert [one.status for one in flow.known(RMA).of_step("void")] == ["done"]


# ---------------------------------------------------------------- no goods at all


def test_a_return_without_goods_is_credited_and_nobody_waits_for_them(flow: Flow) -> None:
    state = flow.asked_for(RMA, PUMPS, type="credit_only")
    assert (state.stage, [*state.of_step("announce")], [*state.dead_letters]) == ("closed", [], [])
    assert (matched(flow), memos(flow), found(flow)) == ([(6, 0, 6)], [f"return-{RMA}-credit"], {})


def test_goods_of_a_line_that_the_customer_keeps_are_credited_beside_those_that_come(inspecting: Flow) -> None:
    flow = inspecting
    flow.asked_for(RMA, TWO_LINES)
    flow.happens(RMA, events.GoodsInspected, "desk", disposition=kept(flow, "2", "G-7", "40"))
    assert (matched(flow), found(flow)) == ([(10, 0, 0), (40, 0, 40)], {})
    flow.came_in(RMA, [[{"sku": "P-100", "action": "Restock", "units": 10}]])
    assert (flow.known(RMA).stage, matched(flow), found(flow)) == ("closed", [(10, 10, 10), (40, 0, 40)], {})
    assert credits_of(flow) == [("issued", "120.00"), ("issued", "1205.00")]


# ---------------------------------------------------------------- an account that waits for goods


def test_an_account_that_waits_for_goods_says_that_a_credit_is_ahead_of_them() -> None:
    with running() as sandbox, flowing(sandbox, POLICY) as flow:
        flow.asked_for(RMA, PUMPS)
        [letter] = flow.known(RMA).dead_letters.values()
        assert (letter.step, matched(flow), memos(flow)) == ("issue_credit", [(6, 0, 0)], [])
        assert "ahead_of_goods" in letter.problems[1]
        assert "Refund in Advance of Return" in letter.problems[1]
