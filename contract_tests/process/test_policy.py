"""What a policy's rules come to: each as a row, over the process in one thread."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openreturns.errors import MappingError, Problem, RetryableError
from openreturns.process import events
from openreturns.process.policy import PolicyFile, load_policy
from process.systems import NOON, POLICY, Told, World, asked_for, told

AUTOMATIC = '[approvals.automatic_return]\nup_to = { EUR = "500" }\n'


def with_automatic(more: str) -> str:
    return POLICY.replace(AUTOMATIC, AUTOMATIC + more)


def priced(amount: str = "10.00", reason: str = "overstock", **more: Any) -> dict[str, Any]:
    """Changes of a request: its line at a price, for a reason."""
    price = {"amount": amount, "currency": "EUR"}
    return {"lines": (asked_for("RMA-1001").lines[0].replace(unit_price=price, reason={"code": reason}, **more),)}


# ---------------------------------------------------------------- which returns nobody has to approve

# rule -> the rules, changes of the request, the world, the stage it comes to
REQUESTS: Mapping[str, tuple[str, dict[str, Any], World, str]] = {
    "worth no more than the limit": (POLICY, priced("500.00"), World(), "awaiting_goods"),
    "worth more": (POLICY, priced("500.01"), World(), "awaiting_approval"),
    "a currency nobody named": (POLICY, {"currency": "USD"}, World(), "awaiting_approval"),
    "a customer of bad standing": (POLICY, priced(), World(good=False), "awaiting_approval"),
    "standing that nobody asks for": (
        with_automatic("good_standing = false\n"),
        priced(),
        World(good=False),
        "awaiting_goods",
    ),
    "a reason that qualifies": (
        with_automatic('reasons = ["defective"]\n'),
        priced(reason="defective"),
        World(),
        "awaiting_goods",
    ),
    "a reason that does not": (
        with_automatic('reasons = ["defective"]\n'),
        priced(reason="overstock"),
        World(),
        "awaiting_approval",
    ),
    "only a part was sold": (
        POLICY,
        {"quantity": "3"},
        World(returnable=lambda _, asked: Decimal(2)),
        "awaiting_approval",
    ),
    "a part is enough": (
        with_automatic("fully_eligible = false\n"),
        {"quantity": "3"},
        World(returnable=lambda _, asked: Decimal(2)),
        "awaiting_goods",
    ),
    "a part is declined": (
        POLICY.replace(AUTOMATIC, "[approvals]\ndecline_ineligible = true\n" + AUTOMATIC),
        {"quantity": "3"},
        World(returnable=lambda _, asked: Decimal(2)),
        "declined",
    ),
}


@pytest.mark.parametrize("rule", REQUESTS)
def test_a_request_is_agreed_to_declined_or_for_somebody_to_decide(rule: str) -> None:
    rules, changes, world, stage = REQUESTS[rule]
    process = told(rules, world)
    process.asked_for(**changes)
    assert process.state().stage == stage


def test_a_return_that_somebody_refuses_is_declined() -> None:
    process = told(world=World(good=False))
    process.asked_for()
    assert process.event(events.ApprovalRefused, by="dora", step="return", reason="worn") == "new"
    state = process.state()
    assert (state.stage, state.return_.status) == ("declined", "declined")
    assert process.world.count("authorize") == 0
    assert process.event(events.ApprovalGiven, by="dora", step="return") == "ended"


# ---------------------------------------------------------------- windows

WINDOWS = '[[windows]]\nreasons = ["defective"]\ndays = 730\n[[windows]]\ndays = 30\n'


@pytest.mark.parametrize(
    ("days", "reason", "stage"),
    [
        (30, "overstock", "awaiting_goods"),
        (31, "overstock", "declined"),
        (31, "defective", "awaiting_goods"),
        (731, "defective", "declined"),
        (None, "overstock", "awaiting_approval"),
    ],
)
def test_goods_come_back_within_the_window_of_their_reason(days: int | None, reason: str, stage: str) -> None:
    process = told(POLICY + WINDOWS)
    sold = {"type": "invoice", "id": "INV-1"}
    if days is not None:
        sold["issueDate"] = (NOON - timedelta(days=days)).date().isoformat()
    process.asked_for(**priced(reason=reason, original_invoice=sold), requested_at=NOON)
    state = process.state()
    assert state.stage == stage
    if stage == "declined":
        assert f"{days} days after it was sold" in state.return_.authorization.decline_reason
    if stage == "awaiting_approval":
        assert [one.code for one in state.findings] == ["sale_day_unknown"]


# ---------------------------------------------------------------- money


@pytest.mark.parametrize(
    ("reason", "agreed", "fee"),
    [
        ("overstock", {}, "4.50"),
        ("defective", {}, None),
        ("overstock", {"percent": "20"}, "6.00"),
        ("overstock", {"flat": {"amount": "99.00", "currency": "EUR"}}, "30.00"),
    ],
)
def test_a_restocking_fee_is_kept_unless_the_reason_waives_it(
    reason: str, agreed: dict[str, Any], fee: str | None
) -> None:
    process = told(POLICY + '[restocking_fee]\npercent = "15"\n')
    process.asked_for(quantity="3", restocking_policy=agreed or None, **priced(reason=reason))
    line = process.state().return_.lines[0]
    process.came_in(("R1", f"{line.requested.value}"))
    process.inspected(quantity=f"{line.requested.value}")
    [credit] = process.state().credits
    kept = [str(one.amount.amount * 3 / line.requested.value) for one in credit.charges or ()]
    assert [Decimal(one) for one in kept] == ([Decimal(fee)] if fee else [])


@pytest.mark.parametrize(
    ("flat", "kept"),
    [
        ("15.00", ["15.00", "0.00", "0.00"]),
        ("25.00", ["20.00", "5.00", "0.00"]),
        ("99.00", ["20.00", "20.00", "10.00"]),
    ],
)
def test_a_fixed_fee_is_kept_once_a_return_however_many_credits_it_has(flat: str, kept: list[str]) -> None:
    process = told()
    five = priced(requested={"value": "5", "uom": "EA"})
    process.asked_for(restocking_policy={"flat": {"amount": flat, "currency": "EUR"}}, **five)
    receipts = [("R1", "2"), ("R2", "2"), ("R3", "1")]
    for place, (_, count) in enumerate(receipts, 1):
        process.came_in(*receipts[:place], status="received" if place == 3 else "partially_received")
        process.inspected(id_=f"d{place}", quantity=count)
    credits_ = process.state().credits
    fees = [sum((charge.amount.amount for charge in one.charges or ()), Decimal(0)) for one in credits_]
    assert fees == [Decimal(one) for one in kept]


def test_a_credit_that_somebody_refuses_is_not_issued_and_the_return_ends_without() -> None:
    limits = '[approvals]\ncredit_free = { EUR = "5" }\ncredit_limits = [{ role = "clerk" }]\n'
    process = told(POLICY.replace(AUTOMATIC, limits + AUTOMATIC) + '[roles]\ncarl = ["clerk"]\n')
    process.asked_for()
    process.came_in(("R1", "1"))
    process.inspected()
    subject = process.state().credits[0].number
    assert (
        process.event(events.ApprovalRefused, by="carl", step="credit", subject=subject, reason="not as said") == "new"
    )
    state = process.state()
    assert (state.stage, [one.status for one in state.credits]) == ("closed", ["rejected"])
    assert process.world.count("issue_credit") == process.world.count("commit") == 0


LIMITS = """
[approvals]
credit_free = { EUR = "30" }
credit_limits = [{ role = "clerk", up_to = { EUR = "50" } }, { role = "controller" }]
write_off_free = { EUR = "25" }
write_off_limits = [{ role = "controller" }]
[roles]
carl = ["clerk"]
cora = ["controller"]
wilma = ["controller"]
"""


def in_fives(code: str, rules: str = POLICY + LIMITS, world: World | None = None) -> Told:
    """Five units that come in and are decided on one at a time: 12.10 each, 10.00 net."""
    process = told(rules, world)
    process.asked_for(quantity="5")
    process.came_in(("R1", "5"))
    for at in range(1, 6):
        assert process.inspected(id_=f"d{at}", code=code) == "new"
    return process


def test_many_small_credits_of_a_return_are_agreed_to_like_a_large_one() -> None:
    process = in_fives("restock")
    assert process.state().stage == "awaiting_credit_approval"
    assert [one.status for one in process.state().credits] == ["issued", "issued", "draft", "draft", "draft"]
    by = {"step": "credit", "by": "carl"}
    assert process.event(events.ApprovalGiven, subject="d3-credit", **by) == "new"
    assert process.event(events.ApprovalGiven, subject="d4-credit", **by) == "new"
    assert process.event(events.ApprovalGiven, subject="d5-credit", **by) == "limit"  # 60.50 of the return by now
    assert process.event(events.ApprovalGiven, subject="d5-credit", **by | {"by": "cora"}) == "new"
    assert process.state().stage == "closed"


def test_small_credits_whose_tax_comes_at_once_are_held_to_the_limit_together() -> None:
    down: list[Exception] = [RetryableError("down", retry_after=60, kind="unavailable")] * 5
    process = in_fives("restock", world=World(failing={"quote": down}))
    process.engine.advance(timedelta(hours=1))
    assert sorted(one.status for one in process.state().credits) == ["draft"] * 3 + ["issued"] * 2


def test_many_small_write_offs_of_a_return_are_agreed_to_like_a_large_one() -> None:
    process = in_fives(
        "scrap", (POLICY + LIMITS).replace('credit_free = { EUR = "30" }', 'credit_free = { EUR = "99" }')
    )
    assert {subject for verb, subject in process.world.done if verb == "post_adjustment"} == {"d1-exit", "d2-exit"}
    assert process.state().stage == "awaiting_credit_approval"
    for at in (3, 4, 5):
        assert process.event(events.ApprovalGiven, by="wilma", step="write_off", subject=f"d{at}") == "new"
    assert process.world.count("post_adjustment") == 5
    assert process.state().stage == "closed"


def test_what_was_taken_back_counts_towards_no_limit_any_more() -> None:
    process = told(POLICY + LIMITS)
    process.asked_for(quantity="5")
    process.came_in(("R1", "3"), status="partially_received")
    process.inspected(id_="d1", quantity="2")
    process.event(events.DispositionReversed, by="ines", document_id="d1", reason="mistaken")
    process.inspected(id_="d2", quantity="2")
    assert [one.status for one in process.state().credits] == ["voided", "issued"]


def test_goods_whose_write_off_is_refused_wait_for_another_decision_and_for_nothing_else() -> None:
    process = told((POLICY + LIMITS).replace('"25"', '"5"'))
    process.asked_for(quantity="2")
    process.came_in(("R1", "2"))
    process.inspected(id_="d1", code="scrap", quantity="2")
    assert process.state().stage == "awaiting_credit_approval"
    assert process.event(events.ApprovalRefused, by="wilma", step="write_off", subject="d1", reason="as new") == "new"
    state = process.state()
    assert (state.stage, [one.code for one in state.findings]) == ("crediting", ["write_off_refused"])
    process.event(events.DispositionReversed, by="ines", document_id="d1", reason="as new")
    process.inspected(id_="d2", code="restock", quantity="2")
    assert process.state().stage == "closed"
    assert process.world.stands()["post_adjustment"] == {"d2-stock"}
    assert process.world.stands()["issue_credit"] == {"d2-credit"}


def test_goods_whose_write_off_is_refused_stay_even_if_they_are_worth_less_than_anybody_has_to_agree_to() -> None:
    process = told(POLICY + LIMITS)
    process.asked_for(quantity="4")
    process.came_in(("R1", "3"), status="partially_received")
    process.inspected(id_="d1", code="scrap")
    process.inspected(id_="d2", code="scrap", quantity="2")
    assert process.event(events.ApprovalRefused, by="wilma", step="write_off", subject="d2", reason="as new") == "new"
    process.event(events.DispositionReversed, by="otto", document_id="d1", reason="mistaken")
    assert [subject for verb, subject in process.world.done if verb == "post_adjustment"] == [
        "d1-exit",
        "d1-exit-reversal",
    ]


def test_a_write_off_that_is_taken_back_undecided_waits_for_nobody() -> None:
    process = told((POLICY + LIMITS).replace('"25"', '"5"'))
    process.asked_for(quantity="2")
    process.came_in(("R1", "1"), status="partially_received")
    process.inspected(id_="d1", code="scrap")
    process.event(events.DispositionReversed, by="ines", document_id="d1", reason="as new")
    assert process.state().stage == "awaiting_goods"
    assert process.world.count("post_adjustment") == 0


@pytest.mark.parametrize("tax", ['tax = "tax"\n', ""])
def test_a_credit_that_waits_for_somebody_is_seen_to_wait_with_a_tax_engine_and_without(tax: str) -> None:
    process = told((POLICY + LIMITS).replace('tax = "tax"\n', tax))
    process.asked_for(quantity="4")
    process.came_in(("R1", "4"))
    process.inspected(quantity="4")
    assert process.state().stage == "awaiting_credit_approval"
    assert process.event(events.ApprovalGiven, by="carl", step="credit", subject="disposition-RMA-1001-credit") == "new"
    assert process.state().stage == "closed"


# ---------------------------------------------------------------- where, how soon, how long


@pytest.mark.parametrize(
    ("changes", "erp"),
    [
        ({}, "main"),
        ({"return_to": {"id": "EAST"}}, "east"),
        ({"return_to": {"id": "WEST"}}, "main"),
        ({"meta": {"source_system": "shop-us"}}, "us"),
    ],
)
def test_a_return_runs_over_the_systems_of_its_site_or_company(changes: dict[str, Any], erp: str) -> None:
    policy = load_policy("""
[routing.default]
erp = "main"
[[routing.rules]]
sites = ["EAST"]
route = { erp = "east" }
[[routing.rules]]
sources = ["shop-us"]
route = { erp = "us" }
""")
    asked = asked_for("RMA-1001")
    if "meta" in changes:
        changes = {"meta": asked.meta.replace(**changes["meta"])}
    assert policy.route(asked.replace(**changes)).erp == erp


@pytest.mark.parametrize(
    ("amount", "customer", "priority"),
    [("10.00", "OTHER", 1000), ("5000.00", "OTHER", 10), ("10.00", "GOLD", 5), ("5000.00", "GOLD", 5)],
)
def test_a_return_goes_first_by_its_value_or_customer(amount: str, customer: str, priority: int) -> None:
    policy = load_policy("""
[[priorities]]
priority = 10
at_least = { EUR = "1000" }
[[priorities]]
priority = 5
customers = ["GOLD"]
""")
    asked = asked_for("RMA-1001").replace(customer={"id": customer}, **priced(amount))
    assert policy.priority(asked) == priority


def test_a_stage_that_lasts_too_long_is_for_who_it_escalates_to_again_and_again() -> None:
    level = '[[service_levels]]\nstage = "awaiting_inspection"\nhours = 24\nescalate_to = "dock"\n'
    process = told(POLICY + level)
    process.asked_for()
    process.came_in(("R1", "1"))
    process.engine.advance(timedelta(hours=49))
    findings = [one for one in process.state().findings if one.code == "overdue"]
    assert len(findings) == 2
    assert all("dock is asked to look" in one.message for one in findings)
    process.inspected()
    assert process.state().stage == "closed"


def test_what_a_system_has_no_room_for_waits_and_counts_as_no_try() -> None:
    budget = "[vendors.erp]\ncalls = 2\nper_seconds = 3600\nattempts = 2\n"
    process = told(POLICY + budget)
    numbers = [f"RMA-{at}" for at in range(2001, 2009)]
    for number in numbers:
        process.asked_for(number)
    assert process.world.count("authorize") < len(numbers)
    process.engine.advance(timedelta(days=2))
    assert {process.state(number).stage for number in numbers} == {"awaiting_goods"}
    assert process.world.count("authorize") == len(numbers)
    assert not any(process.state(number).dead_letters for number in numbers)


def test_a_system_is_tried_as_often_as_its_budget_says() -> None:
    process = told(POLICY + "[vendors.erp]\nattempts = 2\npatience_hours = 0\n")
    process.world.failing["authorize"] = [RetryableError("down", retry_after=1, kind="unavailable")] * 3
    process.asked_for()
    process.engine.advance(timedelta(hours=1))
    [effect] = process.state().dead_letters.values()
    assert (effect.step, effect.attempts) == ("authorize", 2)


# ---------------------------------------------------------------- the file


def test_a_policy_file_is_followed_as_it_changes_and_the_last_good_one_while_it_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    moment = 1_800_000_000

    def write(text: str) -> None:
        nonlocal moment
        moment += 1
        path.write_text(text, "utf-8")
        os.utime(path, (moment, moment))

    write(POLICY)
    file = PolicyFile(path, lambda policy: [Problem("nobody", "nobody can")] * len(policy.windows))
    process = told(lambda: file.current)
    process.asked_for("RMA-1", **priced("400.00"))
    write(POLICY.replace('"500"', '"100"'))
    process.asked_for("RMA-2", **priced("400.00"))
    write(POLICY.replace('"500"', "100.5"))
    process.asked_for("RMA-3", **priced("50.00"))
    stages = [process.state(number).stage for number in ("RMA-1", "RMA-2", "RMA-3")]
    assert stages == ["awaiting_goods", "awaiting_approval", "awaiting_goods"]
    assert isinstance(file.error, MappingError)
    assert "not exact" in str(file.error.problems[0])
    write(POLICY.replace('"500"', '"900"') + "[[windows]]\ndays = 30\n")
    assert file.current.approvals.automatic_return.up_to == {"EUR": Decimal(100)}
    assert [one.message for one in file.error.problems] == ["nobody can"]
    path.unlink()
    assert file.current.approvals.automatic_return.up_to == {"EUR": Decimal(100)}
    write(POLICY)
    assert file.current.approvals.automatic_return.up_to == {"EUR": Decimal(500)}
    assert file.error is None
