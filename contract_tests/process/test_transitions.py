"""The table of transitions is what happens: each row in a story, and no story beside it (`test_laws` has more)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import TypeAlias

import pytest
from openreturns.errors import RejectedError, RetryableError
from openreturns.process import audit, events
from openreturns.process.state import STAGES, TERMINAL
from openreturns.process.transitions import PASSED, TRANSITIONS, may_follow
from process.systems import LIMITS, POLICY, Told, World, told

EXPIRING = '\n[[service_levels]]\nstage = "awaiting_goods"\nhours = 1\nthen = "expire"\n'
AHEAD = '\n[preliminary_refund]\nat = "authorized"\nup_to = { EUR = "100" }\n'
PEOPLE = '\n[roles]\ndora = ["desk"]\ncarl = ["clerk"]\ncora = ["controller"]\n'
SETTLED = f"await_settlement = true\n{POLICY}"
LIMITED = POLICY + LIMITS + PEOPLE
HOUR = timedelta(hours=2)

Happens: TypeAlias = Callable[[Told], object]


def asked(process: Told) -> object:
    return process.asked_for()


def asked_in_dollars(process: Told) -> object:
    return process.asked_for(currency="USD")


def credit_only(process: Told) -> object:
    return process.asked_for(type="credit_only")


def credit_only_in_dollars(process: Told) -> object:
    return process.asked_for(type="credit_only", currency="USD")


def asked_for_two(process: Told) -> object:
    return process.asked_for(quantity="2")


def came(process: Told) -> object:
    return process.came_in(("R1", "1"))


def came_in_part(process: Told) -> object:
    return process.came_in(("R1", "1"), status="partially_received")


def decided(process: Told) -> object:
    return process.inspected(id_="d1")


def scrapped(process: Told) -> object:
    return process.inspected(id_="d1", code="scrap")


def taken_back(process: Told) -> object:
    return process.event(events.DispositionReversed, by="ines", document_id="d1", reason="mistaken")


def agreed(process: Told) -> object:
    return process.event(events.ApprovalGiven, by="dora", step="return")


def refused(process: Told) -> object:
    return process.event(events.ApprovalRefused, by="dora", step="return", reason="worn")


def refund_agreed(process: Told) -> object:
    return process.event(events.ApprovalGiven, by="cora", step="credit", subject="return-RMA-1001-credit")


def credit_agreed(process: Told) -> object:
    return process.event(events.ApprovalGiven, by="cora", step="credit", subject="d1-credit")


def cancelled(process: Told) -> object:
    return process.event(events.CancelRequested)


def settled(process: Told) -> object:
    return process.event(events.Settled, by="bank", credit="d1-credit")


def later(process: Told) -> None:
    process.engine.advance(HOUR)


NO: list[Exception] = [RejectedError("the goods are on their way", kind="business_rule")]
DOWN: list[Exception] = [RetryableError("down", retry_after=60, kind="unavailable")]

# what -> the policy, what fails, what happens
STORIES: Mapping[str, tuple[str, dict[str, list[Exception]], tuple[Happens, ...]]] = {
    "from the request to the end, and again": (POLICY, {}, (asked, came, decided, taken_back)),
    "somebody agrees": (POLICY + LIMITS + PEOPLE, {}, (asked_in_dollars, agreed)),
    "somebody refuses": (POLICY + LIMITS + PEOPLE, {}, (asked_in_dollars, refused)),
    "no goods are to come": (POLICY, {}, (credit_only,)),
    "somebody agrees, and no goods are to come": (POLICY + LIMITS + PEOPLE, {}, (credit_only_in_dollars, agreed)),
    "called off before anything was said": (POLICY, {"check_eligibility": DOWN}, (asked, cancelled, later)),
    "called off before all knew of it": (POLICY, {"authorize": DOWN}, (asked, cancelled, later)),
    "called off": (POLICY, {}, (asked, cancelled)),
    "the warehouse will not cancel": (POLICY, {"cancel_announcement": NO}, (asked, cancelled)),
    "expired": (POLICY + EXPIRING, {}, (asked, later)),
    "goods are faster": (POLICY, {"authorize": DOWN}, (asked, came, later)),
    "goods are faster, and no more will come": (
        POLICY,
        {"announce": DOWN, "issue_credit": DOWN},
        (asked_for_two, came_in_part, decided, came),
    ),
    "a refund ahead": (LIMITED + AHEAD, {}, (asked, refund_agreed)),
    "a refund ahead of the RMA": (LIMITED + AHEAD, {"authorize": DOWN}, (asked, refund_agreed, later)),
    "a refund whose tax comes late": (LIMITED + AHEAD, {"quote": DOWN}, (asked, later, refund_agreed)),
    "no more will come": (
        POLICY + EXPIRING,
        {"issue_credit": DOWN * 20},
        (asked_for_two, came_in_part, decided, later),
    ),
    "a credit above the limit": (LIMITED, {}, (asked, came, decided, credit_agreed)),
    "a credit above the limit, taken back": (LIMITED, {}, (asked, came, decided, taken_back)),
    "a write-off above the limit": (LIMITED, {}, (asked, came, scrapped)),
    "a credit taken back on its way": (POLICY, {"issue_credit": DOWN}, (asked, came, decided, taken_back)),
    "settled": (SETTLED, {}, (asked, came, decided, settled)),
    "taken back before it was settled": (SETTLED, {}, (asked, came, decided, taken_back)),
    "taken back before the case was told": (POLICY, {"open_case": DOWN}, (asked, came, decided, taken_back)),
}


def trail(what: str, without: tuple[str, ...] = ()) -> list[str]:
    """The stages that a story went through, some systems taking no part in it."""
    policy, failing, story = STORIES[what]
    for role in without:
        policy = policy.replace(f'{role} = "{role}"\n', "")
    process = told(policy, World(failing={verb: list(errors) for verb, errors in failing.items()}))
    for happens in story:
        happens(process)
    return [entry.stage for entry in audit.story(process.store, "RMA-1001")]


def changes(without: tuple[str, ...] = ()) -> set[tuple[str | None, str]]:
    """Every change of stage in the stories."""
    trails = [trail(what, without) for what in STORIES]
    first: set[tuple[str | None, str]] = {(None, stages[0]) for stages in trails}
    return first | {(before, to) for stages in trails for before, to in pairwise(stages) if before != to}


def test_every_row_of_the_table_happens_where_all_systems_take_part() -> None:
    happened = changes()
    assert [one for one in TRANSITIONS if (one.before, one.to) not in happened] == []


ROLES = ("erp", "wms", "crm", "tax")


@pytest.mark.parametrize("without", [(), *((role,) for role in ROLES), ROLES[1:], ROLES], ids=" ".join)
def test_nothing_happens_beside_the_table_whatever_systems_take_part(without: tuple[str, ...]) -> None:
    assert [one for one in changes(without) if not may_follow(*one)] == []


def test_a_row_stands_once_and_says_when() -> None:
    rows = [(one.before, one.to) for one in TRANSITIONS]
    assert len({*rows}) == len(rows)
    assert all(one.when for one in TRANSITIONS)


def test_every_stage_is_reached_and_all_but_the_last_are_left() -> None:
    assert {one.to for one in TRANSITIONS} == {*STAGES}
    assert {*STAGES} - {one.before for one in TRANSITIONS} == TERMINAL - {"closed"}  # which a reversal opens again
    assert not TERMINAL & {*PASSED}
