"""Goods as they are: of several fates at once, of no line, of a return that is over; what is taken back with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from growth import LINEAR, grows
from openreturns import flow
from openreturns.errors import RejectedError, RetryableError
from openreturns.models import Adjustment, Disposition
from openreturns.process import _closing, events
from openreturns.process._facts import route_of
from openreturns.process.policy import load_policy
from openreturns.process.steps import STEPS
from process.systems import POLICY, Told, World, asked_for, disposition, seen, told

GENEROUS = POLICY.replace("500", "50000")
AVAILABLE = {"status": "available", "location": {"id": "W1"}}
FATES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("2", "restock", {"to": AVAILABLE}),
    ("1", "restock_as_other_grade", {"to": AVAILABLE, "targetItem": {"sku": "SKU-77-B"}}),
    ("1", "quarantine", {"to": {"status": "quarantine", "location": {"id": "W1"}}}),
    ("1", "return_to_vendor", {"to": {"status": "vendor_return", "location": {"id": "W1"}}, "vendor": {"id": "V1"}}),
    ("1", "scrap", {"to": {"status": "external", "boundary": "scrap"}}),
    ("1", "customer_keeps", {}),
)


def in_parts(number: str) -> Disposition:
    """A batch of seven, each fate a split."""
    data = disposition(number, quantity="7").to_dict()
    data["lines"][0]["splits"] = [
        {
            "splitId": str(place),
            "quantity": {"value": quantity, "uom": "EA"},
            "condition": {"code": "defective"},
            "disposition": {"code": code},
            **more,
        }
        for place, (quantity, code, more) in enumerate(FATES, 1)
    ]
    return Disposition.model_validate(data)


def test_each_part_of_a_batch_goes_its_own_way_and_all_is_credited_that_earns_it() -> None:
    process = told()
    process.asked_for(quantity="7")
    process.came_in(("R1", "6"))  # one is never sent
    process.event(events.GoodsInspected, by="wms", disposition=in_parts("RMA-1001"))
    state = process.state()
    stock, exit_ = state.adjustments
    assert [(str(one.quantity.value), one.to.status) for one in stock.lines] == [
        ("2", "available"),
        ("1", "available"),
        ("1", "quarantine"),
        ("1", "vendor_return"),
    ]
    assert stock.lines[1].to_item.sku == "SKU-77-B"
    assert [(str(one.quantity.value), one.to.boundary) for one in exit_.lines] == [("1", "scrap")]
    [credit] = state.credits
    assert [str(one.amount.amount) for one in credit.lines] == ["20.00", *["10.00"] * 5]
    assert state.asked == ("vendor_claim/disposition-RMA-1001/1/4",)
    assert process.world.count("post_adjustment") == 2


def test_goods_that_no_line_expects_are_told_of_and_neither_received_nor_credited() -> None:
    process = told()
    process.asked_for()
    whole = seen(process.state().return_, (("R1", "1"),), "received")
    stranger = whole.lines[0].replace(line_id="X-9", item={"sku": "SKU-99"})
    blind = whole.replace(lines=(*whole.lines, stranger))
    assert process.event(events.GoodsReceived, by="wms", seen=blind) == "new"
    state = process.state()
    assert [(one.code, one.subject) for one in state.findings] == [("blind_receipt", "X-9")]
    assert [one.item.sku for one in state.return_.lines] == ["SKU-77"]
    data = disposition("RMA-1001").to_dict()
    data["lines"].append({**data["lines"][0], "lineId": "2", "returnLineId": "X-9", "item": {"sku": "SKU-99"}})
    process.event(events.GoodsInspected, by="wms", disposition=Disposition.model_validate(data))
    state = process.state()
    assert [one.code for one in state.findings] == ["blind_receipt", "blind_disposition"]
    assert [str(one.totals.lines.amount) for one in state.credits] == ["10.00"]
    assert state.stage == "closed"


def test_a_box_of_nothing_that_was_asked_for_is_told_of_and_the_return_goes_on_waiting() -> None:
    process = told()
    process.asked_for()
    whole = seen(process.state().return_, (("R1", "1"),), "received")
    stranger = whole.lines[0].replace(line_id="X-9", item={"sku": "SKU-99"})
    assert process.event(events.GoodsReceived, by="wms", seen=whole.replace(lines=(stranger,))) == "new"
    assert [one.code for one in process.state().findings] == ["blind_receipt"]
    assert process.state().stage == "awaiting_goods"
    assert process.world.count("receive") == 0


# ---------------------------------------------------------------- compensation, by how far the return has come


def nothing(process: Told) -> None:
    process.world.failing["check_eligibility"] = [RejectedError("no such invoice", kind="business_rule")]
    process.asked_for()


def authorized_only(process: Told) -> None:
    process.world.failing["announce"] = [RejectedError("unknown channel", kind="validation")]
    process.asked_for()
    [key] = process.state().dead_letters
    process.event(events.DeadLetterDiscarded, by="dora", key=key, reason="told by telephone")


def announced(process: Told) -> None:
    process.asked_for()


def received(process: Told) -> None:
    process.asked_for()
    process.came_in(("R1", "1"))


def credited(process: Told) -> None:
    received(process)
    process.inspected(code="scrap")


def cancelled(process: Told) -> str:
    return process.event(events.CancelRequested)


def reversed_(process: Told) -> str:
    return process.event(events.DispositionReversed, by="ines", document_id="disposition-RMA-1001", reason="mistaken")


UNDONE = ("cancel_announcement", "cancel_rma", "post_adjustment", "void_credit", "void")
# how far -> what is taken back -> what is said, the return's status, how often each thing is done that undoes one
STATES: dict[tuple[Callable[[Told], None], Callable[[Told], str]], tuple[str, str, tuple[int, ...]]] = {
    (nothing, cancelled): ("new", "cancelled", (0, 0, 0, 0, 0)),
    (authorized_only, cancelled): ("new", "cancelled", (0, 1, 0, 0, 0)),
    (announced, cancelled): ("new", "cancelled", (1, 1, 0, 0, 0)),
    (received, cancelled): ("too_late", "received", (0, 0, 0, 0, 0)),
    (credited, cancelled): ("ended", "closed", (0, 0, 1, 0, 0)),
    (received, reversed_): ("unknown_disposition", "received", (0, 0, 0, 0, 0)),
    (credited, reversed_): ("new", "closed", (0, 0, 2, 1, 1)),
}


@pytest.mark.parametrize(("far", "back"), STATES, ids=lambda one: one.__name__.strip("_"))
def test_what_was_done_is_undone_as_far_as_it_was(far: Callable[[Told], None], back: Callable[[Told], str]) -> None:
    said, status, undone = STATES[far, back]
    process = told(POLICY)
    far(process)
    assert back(process) == said
    assert process.state().return_.status == status
    assert tuple(process.world.count(verb) for verb in UNDONE) == undone
    again = process.event(events.CancelRequested)
    assert again in {"ended", "too_late"}
    assert tuple(process.world.count(verb) for verb in UNDONE) == undone


@pytest.mark.parametrize("case", ["told", "slow"])
def test_goods_that_come_after_the_end_are_told_of_whether_or_not_the_last_command_is_done(case: str) -> None:
    down: list[Exception] = [RetryableError("down", retry_after=60, kind="unavailable")]
    process = told(world=World(failing={"update_case": down * 9} if case == "slow" else {}))
    process.asked_for()
    process.came_in(("R1", "1"))
    process.inspected(id_="d1")
    assert process.state().stage == ("ending" if case == "slow" else "closed")
    assert process.came_in(("R1", "1"), ("R2", "1")) == "new"
    assert [(one.code, one.message) for one in process.state().findings] == [
        ("goods_after_the_end", "goods came in on a return that is closed")
    ]
    assert process.event(events.CancelRequested) == "ended"
    process.event(events.DispositionReversed, by="ines", document_id="d1", reason="mistaken")
    assert [one.code for one in process.state().findings] == ["goods_after_the_end", "reopened"]
    assert process.state().stage == "awaiting_inspection"


def of_lines(document: Any, size: int) -> Any:
    """A return or a disposition of as many lines, each of goods of its own."""
    [line] = document.lines
    name = "return_line_id" if isinstance(document, Disposition) else "line_id"
    lines = (
        line.replace(**{"line_id": str(place), name: str(place), "item": line.item.replace(sku=f"SKU-{place}")})
        for place in range(size)
    )
    return document.replace(lines=tuple(lines))


def test_a_return_of_many_lines_takes_as_much_longer_as_it_is_larger() -> None:
    def of_size(size: int) -> Callable[[], object]:
        process = told(GENEROUS)
        asked = of_lines(asked_for("RMA-1001"), size)

        def story() -> None:
            process.event(events.ReturnRequested, return_=asked)
            came = of_lines(
                seen(process.state().return_.replace(lines=asked.lines[:1]), (("R1", "1"),), "received"), size
            )
            process.event(events.GoodsReceived, by="wms", seen=came)
            process.event(events.GoodsInspected, by="wms", disposition=of_lines(disposition("RMA-1001"), size))
            assert process.state().stage == "closed"

        return story

    assert grows(of_size) < LINEAR


def decided(size: int) -> Told:
    """A return of which as many pieces were decided on, one at a time."""
    process = told(GENEROUS)
    process.asked_for(quantity=str(size + 1))
    process.came_in(("R1", str(size + 1)))
    for place in range(size):
        process.inspected(id_=f"disposition-{place}")
    return process


def test_what_is_due_is_looked_up_in_what_was_decided_once() -> None:
    due = next(step.due for step in STEPS if step.name == "post_adjustment")
    policy = load_policy(GENEROUS)

    def of_size(size: int) -> Callable[[], object]:
        state = decided(size).state()
        return lambda: list(due(state, policy, route_of(state, policy)))

    assert grows(of_size, 10) < LINEAR


def test_the_moves_of_what_was_decided_before_are_not_derived_again(monkeypatch: pytest.MonkeyPatch) -> None:
    process, derived = decided(3), Counter[str]()

    def adjustments_of(disposition: Disposition, **given: Any) -> list[Adjustment]:
        derived[disposition.meta.document_id] += 1
        return flow.adjustments_of(disposition, **given)

    monkeypatch.setattr(_closing, "flow", SimpleNamespace(adjustments_of=adjustments_of))
    process.inspected(id_="last")
    assert derived == {"last": 1}
    assert len(process.state().adjustments) == 4
