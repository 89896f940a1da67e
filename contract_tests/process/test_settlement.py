"""What the customer has of a credit: all at once or in parts, and when the return that waits for it ends."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from openreturns.invariants import check
from openreturns.process import events
from process.systems import EXAMPLES, POLICY, Told, told

CREDIT = "disposition-RMA-1001-credit"


def test_a_return_waits_for_its_settlement_where_the_policy_says_so() -> None:
    process = told("await_settlement = true\n" + POLICY)
    process.asked_for()
    process.came_in(("R1", "1"))
    assert process.event(events.Settled, by="bank", credit=CREDIT) == "unknown_credit"
    process.inspected()
    assert process.state().stage == "awaiting_settlement"
    given = {"by": "bank", "credit": CREDIT, "method": "bank_transfer", "reference": "T-1"}
    assert process.event(events.Settled, **given) == "new"
    assert process.event(events.Settled, **given) == "duplicate"
    [credit] = process.state().credits
    assert (process.state().stage, str(credit.totals.due.amount)) == ("closed", "0.00")


def credited() -> Told:
    """Have a credit of 12.10 out, and its return wait until the customer has it."""
    process = told("await_settlement = true\n" + POLICY)
    process.asked_for()
    process.came_in(("R1", "1"))
    process.inspected()
    assert process.state().stage == "awaiting_settlement"
    return process


def settled(process: Told, amount: str = "", currency: str = "EUR") -> str:
    given: dict[str, Any] = {"amount": {"amount": amount, "currency": currency}} if amount else {}
    return process.event(events.Settled, by="bank", credit=CREDIT, method="bank_transfer", **given)


# what is paid, one after the other; "": all that is due yet
@pytest.mark.parametrize(
    ("paid", "parts", "due", "too_much"),
    [
        ((), (), "12.10", ()),
        (("5.00",), ("5.00",), "7.10", ()),
        (("5.00", "7.09"), ("5.00", "7.09"), "0.01", ()),
        (("5.00", "7.10"), ("5.00", "7.10"), "0.00", ()),
        (("5.00", ""), ("5.00", "7.10"), "0.00", ()),
        (("12.10",), ("12.10",), "0.00", ()),
        (("12.1",), ("12.10",), "0.00", ()),
        (("5.00", "9.00"), ("5.00", "7.10"), "0.00", ("1.90",)),
        (("20.00",), ("12.10",), "0.00", ("7.90",)),
        (("", "12.10", "3.00"), ("12.10",), "0.00", ("12.10", "3.00")),
    ],
)
def test_a_return_ends_when_the_parts_come_to_what_the_credit_gives(
    paid: tuple[str, ...], parts: tuple[str, ...], due: str, too_much: tuple[str, ...]
) -> None:
    process = credited()
    assert [settled(process, one) for one in paid] == ["new"] * len(paid)
    state = process.state()
    [credit] = state.credits
    assert tuple(str(one.amount.amount) for one in credit.settlements or ()) == parts
    assert str(credit.totals.due.amount) == due
    assert state.stage == ("awaiting_settlement" if Decimal(due) else "closed")
    found = [one for one in state.findings if one.code == "settled_too_much"]
    assert tuple(str(one.value.amount) for one in found) == too_much
    assert not check(credit)


@pytest.mark.parametrize(
    ("amount", "currency", "code", "why"),
    [
        ("12.10", "USD", "currency", "the credit is in EUR, the settlement in USD"),
        ("0.00", "EUR", "amount", "nobody can have been paid 0.00 EUR"),
        ("5.001", "EUR", "amount", "nobody can have been paid 5.001 EUR"),
    ],
)
def test_what_cannot_be_a_part_of_the_credit_changes_nothing(amount: str, currency: str, code: str, why: str) -> None:
    process = credited()
    before = process.state()
    assert settled(process, amount, currency) == code
    assert process.state() == before
    assert [one.why for one in process.store.kept("RMA-1001")] == [why]


def test_the_event_on_the_page_is_one() -> None:
    page = (EXAMPLES.parents[2] / "docs" / "process.md").read_text("utf-8")
    [body] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    event = events.EVENT.validate_json(body)
    process = credited()
    assert process.engine.submit("RMA-1001", event) == "new"
    assert process.state().credits[0].totals.due.amount == Decimal("7.10")
