"""Segregation of duties: who may do what with a return, six persons by six actions, exactly."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from openreturns.process import events
from process.systems import POLICY, Told, told

RULES = (
    POLICY.replace('up_to = { EUR = "500" }', 'up_to = { EUR = "1" }')
    + """
[approvals]
return_roles = ["desk"]
credit_free = { EUR = "5" }
credit_limits = [{ role = "clerk", up_to = { EUR = "50" } }, { role = "controller" }]
write_off_free = { EUR = "5" }
write_off_limits = [{ role = "controller" }, { role = "clerk" }]

[roles]
portal = ["desk", "controller"]
dora = ["desk"]
ines = ["controller"]
carl = ["clerk"]
cora = ["controller"]
dave = ["desk"]
"""
)
CREDIT = "disposition-RMA-1001-credit"
WRITE_OFF = "disposition-RMA-1001"


def asked_for(process: Told, quantity: str = "1") -> None:
    process.asked_for(quantity=quantity)


def inspected(process: Told, quantity: str = "1", code: str = "restock") -> None:
    asked_for(process, quantity)
    assert process.event(events.ApprovalGiven, by="dave", step="return") == "new"
    process.came_in(("R1", quantity))
    process.inspected(quantity=quantity, code=code)


def approves_the_return(process: Told, by: str) -> str:
    asked_for(process)
    return process.event(events.ApprovalGiven, by=by, step="return")


def approves_a_small_credit(process: Told, by: str) -> str:
    inspected(process)
    return process.event(events.ApprovalGiven, by=by, step="credit", subject=CREDIT)


def approves_a_large_credit(process: Told, by: str) -> str:
    inspected(process, "5")
    return process.event(events.ApprovalGiven, by=by, step="credit", subject=CREDIT)


def approves_a_write_off(process: Told, by: str) -> str:
    inspected(process, code="scrap")
    return process.event(events.ApprovalGiven, by=by, step="write_off", subject=WRITE_OFF)


def approves_both(process: Told, by: str) -> str:
    approves_a_write_off(process, by)
    return process.event(events.ApprovalGiven, by=by, step="credit", subject=CREDIT)


def refuses_a_credit(process: Told, by: str) -> str:
    inspected(process)
    return process.event(events.ApprovalRefused, by=by, step="credit", subject=CREDIT, reason="not as described")


PERSONS = ("portal", "dora", "ines", "carl", "cora", "sam")  # asked for it, desk, inspected, clerk, controller, nobody
S, L, OK = "segregation", "limit", "new"
TABLE: dict[Callable[[Told, str], str], tuple[str, ...]] = {
    approves_the_return: (S, OK, S, S, S, S),
    approves_a_small_credit: (S, L, S, OK, OK, L),
    approves_a_large_credit: (S, L, S, L, OK, L),
    approves_a_write_off: (S, L, S, OK, OK, L),
    approves_both: (S, L, S, S, S, L),
    refuses_a_credit: (OK, OK, OK, OK, OK, OK),
}


@pytest.mark.parametrize(
    ("action", "person", "answer"),
    [(action, *one) for action, answers in TABLE.items() for one in zip(PERSONS, answers, strict=True)],
)
def test_each_may_do_exactly_what_the_table_says(action: Callable[[Told, str], str], person: str, answer: str) -> None:
    assert action(told(RULES), person) == answer
