"""What may not be known when goods are credited: their tax, where they are, which systems they are with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from openreturns.errors import RejectedError
from openreturns.process import events
from openreturns.process.policy import load_policy
from process.systems import POLICY, Told, World, asked_for, told

CREDIT = "disposition-RMA-1001-credit"
CLERK = (
    POLICY
    + """
[approvals]
credit_free = { EUR = "1000" }
credit_limits = [{ role = "clerk" }]

[roles]
carl = ["clerk"]
"""
)
NOWHERE = POLICY.replace('location = "W1"\n', "")


def carried(policy: str = POLICY, world: World | None = None, code: str = "restock") -> Told:
    return through(told(policy, world), code)


def through(process: Told, code: str = "restock") -> Told:
    process.asked_for()
    process.came_in(("R1", "1"))
    process.inspected(code=code)
    return process


def codes(process: Told) -> list[str]:
    return [one.code for one in process.state().findings]


# ---------------------------------------------------------------- tax


@pytest.mark.parametrize("why", ["unsupported", "discarded"])
@pytest.mark.parametrize("policy", [POLICY, CLERK])
def test_a_credit_whose_tax_nobody_knows_is_for_a_person(policy: str, why: str) -> None:
    kind = "unsupported" if why == "unsupported" else "validation"
    process = carried(policy, World(failing={"quote": [RejectedError("no", kind=kind)]}))
    if why == "discarded":
        [key] = process.state().dead_letters
        assert process.event(events.ApprovalGiven, by="carl", step="credit", subject=CREDIT) == "early"
        process.engine.advance(timedelta(minutes=1))
        process.event(events.DeadLetterDiscarded, by="fay", key=key, reason="the engine does not know the address")
    assert (process.state().stage, codes(process)) == ("awaiting_credit_approval", ["tax_unknown"])
    assert process.world.count("issue_credit") == process.world.count("commit") == 0
    agreed = process.event(events.ApprovalGiven, by="carl", step="credit", subject=CREDIT)
    assert agreed == ("new" if policy == CLERK else "limit")
    assert process.world.count("issue_credit") == (1 if policy == CLERK else 0)


BY = {
    "credit_limits": POLICY
    + '[approvals]\nreturn_roles = ["desk"]\ncredit_free = { EUR = "1000" }\ncredit_limits = [{ role = "clerk" }]\n',
    "return_roles": POLICY + '[approvals]\nreturn_roles = ["desk"]\n',
    "any role": POLICY,
}
PEOPLE = """
[roles]
portal = ["desk", "clerk"]
ines = ["desk", "clerk"]
dora = ["desk"]
carl = ["clerk"]
"""
S, L = "segregation", "limit"
# who asked, who inspected, desk, clerk, nobody: what each is told who agrees; who refuses
DECIDE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "credit_limits": ((S, S, L, "new", L), ("new", "new", S, "new", S)),
    "return_roles": ((S, S, "new", L, L), ("new", "new", "new", S, S)),
    "any role": ((S, S, "new", "new", L), ("new", "new", "new", "new", S)),
}


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("place", range(5))
def test_where_no_limits_are_named_who_decides_on_returns_or_has_any_role_decides(by: str, place: int) -> None:
    person = ("portal", "ines", "dora", "carl", "sam")[place]
    agrees, refuses = (answers[place] for answers in DECIDE[by])
    for event, answer, more in (
        (events.ApprovalGiven, agrees, {}),
        (events.ApprovalRefused, refuses, {"reason": "worn"}),
    ):
        process = carried(BY[by] + PEOPLE, World(failing={"quote": [RejectedError("no", kind="unsupported")]}))
        assert process.event(event, by=person, step="credit", subject=CREDIT, **more) == answer
        assert process.state().stage == ("closed" if answer == "new" else "awaiting_credit_approval")
        assert process.world.count("issue_credit") == (answer == "new" and event is events.ApprovalGiven)


def test_where_nobody_has_a_role_nobody_decides_until_somebody_has() -> None:
    rules = [load_policy(POLICY)]
    process = told(lambda: rules[0], World(failing={"quote": [RejectedError("no", kind="unsupported")]}))
    through(process)
    assert process.event(events.ApprovalGiven, by="dora", step="credit", subject=CREDIT) == "limit"
    rules[0] = load_policy(POLICY + PEOPLE)
    assert process.event(events.ApprovalGiven, by="dora", step="credit", subject=CREDIT) == "new"
    assert process.state().stage == "closed"


def test_what_is_above_the_free_amount_is_no_dead_end_where_no_limits_are_named() -> None:
    process = carried(POLICY + '[approvals]\ncredit_free = { EUR = "5" }\n' + PEOPLE)
    assert process.state().stage == "awaiting_credit_approval"
    assert process.event(events.ApprovalGiven, by="dora", step="credit", subject=CREDIT) == "new"
    assert process.state().stage == "closed"


def test_once_a_credit_was_refused_somebody_agrees_to_the_next_where_no_limits_are_named_too() -> None:
    process = told(POLICY + PEOPLE, World(failing={"quote": [RejectedError("no", kind="unsupported")]}))
    process.asked_for(quantity="2")
    process.came_in(("R1", "2"))
    process.inspected(id_="d1")
    refused = {"by": "dora", "step": "credit", "subject": "d1-credit", "reason": "by hand"}
    assert process.event(events.ApprovalRefused, **refused) == "new"
    process.inspected(id_="d2")
    assert (process.state().stage, process.world.count("issue_credit")) == ("awaiting_credit_approval", 0)
    assert process.event(events.ApprovalGiven, by="dora", step="credit", subject="d2-credit") == "new"
    assert (process.state().stage, process.world.count("issue_credit")) == ("closed", 1)


def test_where_no_tax_system_takes_part_a_credit_goes_out_as_it_is() -> None:
    process = carried(POLICY.replace('tax = "tax"\n', ""))
    assert (process.state().stage, codes(process)) == ("closed", [])


# ---------------------------------------------------------------- where the goods are


def test_goods_of_which_nobody_says_where_they_are_keep_their_return_open() -> None:
    process = carried(NOWHERE, code="scrap")
    assert (process.state().stage, codes(process)) == ("crediting", ["no_location"])
    assert process.world.count("post_adjustment") == 0


def test_a_decision_that_says_where_the_goods_are_takes_the_place_of_one_that_did_not() -> None:
    process = told(NOWHERE)
    process.asked_for(quantity="2")
    process.came_in(("R1", "2"))
    process.inspected(id_="d1", code="scrap")
    process.event(events.DispositionReversed, by="ines", document_id="d1", reason="the warehouse was left out")
    process.inspected(id_="d2", code="scrap", quantity="2", warehouse="W7")
    assert (process.state().stage, codes(process)) == ("closed", ["no_location"])
    [moved] = process.state().adjustments
    assert moved.lines[0].from_.location.id == "W7"
    assert process.world.count("post_adjustment") == 1


@pytest.mark.parametrize("without", ['erp = "erp"\n', "adjustments"])
def test_where_no_move_is_told_nobody_asks_where_the_goods_are(without: str) -> None:
    policy = NOWHERE + "adjustments = []\n" if without == "adjustments" else NOWHERE.replace(without, "")
    process = told(policy)
    known = {
        "unit_price": {"amount": "10.00", "currency": "EUR"},
        "original_invoice": {"type": "invoice", "id": "INV-1"},
    }
    process.asked_for(lines=(asked_for("RMA-1001").lines[0].replace(**known),))
    process.event(events.ApprovalGiven, by="dora", step="return")
    process.came_in(("R1", "1"))
    process.inspected(code="scrap")
    assert (process.state().stage, codes(process)) == ("closed", [])


# ---------------------------------------------------------------- whose they are


def test_a_return_goes_on_over_the_systems_that_it_was_opened_with() -> None:
    rules = [load_policy(POLICY)]
    process = told(lambda: rules[0])
    process.asked_for()
    rules[0] = load_policy(POLICY.replace('"erp"', '"erp2"').replace('"W1"', '"W2"'))
    process.came_in(("R1", "1"))
    process.inspected(code="scrap")
    state = process.state()
    assert (state.stage, state.dead_letters) == ("closed", {})
    assert {one.system for one in state.effects.values()} == {"erp", "wms", "crm", "tax"}
    assert state.adjustments[0].lines[0].from_.location.id == "W1"
