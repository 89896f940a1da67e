"""Segregation of duties: who may do what with a return, six persons by eight actions, exactly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from openreturns.errors import RetryableError
from openreturns.process import events
from process.systems import LIMITS, POLICY, Told, World, disposition, told

RULES = (
    POLICY.replace('up_to = { EUR = "500" }', 'up_to = { EUR = "1" }')
    + LIMITS
    + """
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


def refuses_the_return(process: Told, by: str) -> str:
    asked_for(process)
    return process.event(events.ApprovalRefused, by=by, step="return", reason="worn")


def refuses_a_credit(process: Told, by: str) -> str:
    inspected(process)
    return process.event(events.ApprovalRefused, by=by, step="credit", subject=CREDIT, reason="not as described")


def refuses_a_write_off(process: Told, by: str) -> str:
    inspected(process, code="scrap")
    return process.event(events.ApprovalRefused, by=by, step="write_off", subject=WRITE_OFF, reason="can be mended")


PERSONS = ("portal", "dora", "ines", "carl", "cora", "sam")  # asked for it, desk, inspected, clerk, controller, nobody
S, L, OK = "segregation", "limit", "new"
TABLE: dict[Callable[[Told, str], str], tuple[str, ...]] = {
    approves_the_return: (S, OK, S, S, S, S),
    approves_a_small_credit: (S, L, S, OK, OK, L),
    approves_a_large_credit: (S, L, S, L, OK, L),
    approves_a_write_off: (S, L, S, OK, OK, L),
    approves_both: (S, L, S, S, S, L),
    refuses_the_return: (OK, OK, S, S, S, S),
    refuses_a_credit: (OK, S, OK, OK, OK, S),
    refuses_a_write_off: (OK, S, OK, OK, OK, S),
}


@pytest.mark.parametrize(
    ("action", "person", "answer"),
    [(action, *one) for action, answers in TABLE.items() for one in zip(PERSONS, answers, strict=True)],
)
def test_each_may_do_exactly_what_the_table_says(action: Callable[[Told, str], str], person: str, answer: str) -> None:
    assert action(told(RULES), person) == answer


# ---------------------------------------------------------------- what may still be decided


def refused(process: Told, step: str, subject: str = "", by: str = "cora") -> str:
    return process.event(events.ApprovalRefused, by=by, step=step, subject=subject, reason="a mistake")


def agreed(process: Told, step: str, subject: str = "", by: str = "cora") -> str:
    return process.event(events.ApprovalGiven, by=by, step=step, subject=subject)


@pytest.mark.parametrize("decides", [refused, agreed])
def test_what_is_out_is_neither_refused_nor_agreed_to_any_more(decides: Callable[..., str]) -> None:
    process = told("await_settlement = true\n" + RULES.replace('write_off_free = { EUR = "5" }\n', ""))
    asked_for(process, "5")
    assert agreed(process, "return", by="dora") == "new"
    process.came_in(("R1", "3"), status="partially_received")
    process.inspected(id_="d1", code="scrap", quantity="3")
    assert agreed(process, "write_off", "d1") == "new"
    assert agreed(process, "credit", "d1-credit", by="carl") == "new"
    before = process.state()
    assert decides(process, "return", by="dave") in {"too_late", "duplicate", "conflict"}
    assert decides(process, "credit", "d1-credit") in {"too_late", "duplicate", "conflict"}
    assert decides(process, "write_off", "d1") in {"too_late", "duplicate", "conflict"}
    assert process.state() == before
    assert [one.status for one in before.credits] == ["issued"]


@pytest.mark.parametrize("decides", [refused, agreed])
@pytest.mark.parametrize(
    "rules", [POLICY, POLICY + '[preliminary_refund]\nat = "authorized"\nup_to = { EUR = "100" }\n']
)
def test_what_went_out_without_anybody_is_not_refused_afterwards(rules: str, decides: Callable[..., str]) -> None:
    """Else the ERP has a credit that we call rejected, and the same goods would be credited again."""
    limits = (
        '[approvals]\ncredit_free = { EUR = "50" }\ncredit_limits = [{ role = "clerk" }]\nreturn_roles = ["clerk"]\n'
    )
    process = told(limits + rules + '[roles]\ncora = ["clerk"]\n')
    asked_for(process, "2")
    assert decides(process, "return") == "too_late"
    process.came_in(("R1", "1"), status="partially_received")
    process.inspected(id_="d1")
    [credit] = process.state().credits
    assert credit.status == "issued"
    assert decides(process, "credit", credit.number) == "too_late"
    process.came_in(("R1", "1"), ("R2", "1"))
    process.inspected(id_="d2")
    assert sum(line.quantity.value for one in process.state().credits for line in one.lines) == 2
    assert process.state().stage == "closed"


@pytest.mark.parametrize("decides", [refused, agreed])
def test_what_is_not_there_is_not_decided_on(decides: Callable[..., str]) -> None:
    process = told(RULES)
    asked_for(process, "2")
    assert agreed(process, "return", by="dora") == "new"
    process.came_in(("R1", "1"), status="partially_received")
    process.inspected()
    assert decides(process, "credit", "another-credit") == "unknown_credit"
    assert decides(process, "write_off", "another") == "unknown_disposition"
    assert decides(process, "write_off", WRITE_OFF) == "not_asked_for"  # it is all back in stock
    assert process.event(events.DispositionReversed, by="ines", document_id=WRITE_OFF, reason="mistaken") == "new"
    assert decides(process, "write_off", WRITE_OFF) == "unknown_disposition"
    assert decides(process, "credit", CREDIT) == "too_late"


def test_what_was_refused_ahead_of_the_goods_goes_out_later_only_if_somebody_agrees() -> None:
    ahead = '[preliminary_refund]\nat = "authorized"\nup_to = { EUR = "100" }\n'
    automatic = RULES.replace('up_to = { EUR = "1" }', 'up_to = { EUR = "500" }')
    process = told(automatic.replace('credit_free = { EUR = "5" }', 'credit_free = { EUR = "15" }') + ahead)
    asked_for(process, "2")
    [credit] = process.state().credits
    assert refused(process, "credit", credit.number) == "new"
    process.came_in(("R1", "1"), status="partially_received")
    process.inspected(id_="d1")
    assert [one.status for one in process.state().credits] == ["rejected", "draft"]
    assert process.world.count("issue_credit") == 0
    assert agreed(process, "credit", "d1-credit", by="carl") == "new"
    assert [subject for verb, subject in process.world.done if verb == "issue_credit"] == ["d1-credit"]


def test_a_credit_is_not_agreed_to_before_its_tax_is_known() -> None:
    """It is 50.00 net, which carl may approve, and 60.50 as it goes out, which he may not."""
    world = World(failing={"quote": [RetryableError("down", retry_after=60, kind="unavailable")]})
    process = told(RULES, world)
    inspected(process, "5")
    assert agreed(process, "credit", CREDIT, by="carl") == "early"
    process.engine.advance(timedelta(hours=1))
    assert [one.reason for one in process.store.kept("RMA-1001")] == ["limit"]
    [credit] = process.state().credits
    assert (credit.status, str(credit.totals.tax_inclusive.amount)) == ("draft", "60.50")
    assert agreed(process, "credit", CREDIT, by="cora") == "new"
    assert process.state().stage == "closed"


def test_who_agreed_before_the_tax_was_known_is_taken_at_their_word_once_it_is() -> None:
    world = World(failing={"quote": [RetryableError("down", retry_after=60, kind="unavailable")]})
    process = told(RULES, world)
    inspected(process, "5")
    assert agreed(process, "credit", CREDIT, by="cora") == "early"
    assert process.world.count("issue_credit") == 0
    process.engine.advance(timedelta(hours=1))
    assert (process.state().stage, process.store.kept("RMA-1001")) == ("closed", [])


# ---------------------------------------------------------------- who inspected


def test_who_told_of_an_inspection_that_names_nobody_is_taken_for_the_inspector() -> None:
    process = told(RULES)
    asked_for(process)
    agreed(process, "return", by="dora")
    process.came_in(("R1", "1"))
    whole = disposition("RMA-1001")
    nameless = whole.replace(lines=(whole.lines[0].replace(inspection=None),))
    assert process.event(events.GoodsInspected, by="ines", disposition=nameless) == "new"
    assert agreed(process, "credit", CREDIT, by="ines") == "segregation"
    assert agreed(process, "credit", CREDIT, by="cora") == "new"


@pytest.mark.parametrize(
    ("reporter", "inspector"), [("cora", "cora"), ("wms", "cora"), ("cora", "otto"), ("wms", "otto")]
)
def test_goods_that_their_approver_inspects_are_taken_in_and_somebody_is_told(reporter: str, inspector: str) -> None:
    automatic = RULES.replace('up_to = { EUR = "1" }', 'up_to = { EUR = "500" }')
    process = told(automatic + '[preliminary_refund]\nat = "authorized"\nup_to = { EUR = "100" }\n')
    asked_for(process)
    assert agreed(process, "credit", process.state().credits[0].number) == "new"
    process.came_in(("R1", "1"))
    said = disposition("RMA-1001", by=inspector)
    assert process.event(events.GoodsInspected, by=reporter, disposition=said) == "new"
    found = [(one.code, one.subject) for one in process.state().findings]
    assert found == ([("segregation", WRITE_OFF)] if "cora" in {reporter, inspector} else [])
    assert process.state().stage == "closed"
