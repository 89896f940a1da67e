"""What a return is said to wait for: what its stage depends on, and nothing that is there or that nobody connected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import pytest
from openreturns.errors import OutcomeUnknownError, RetryableError
from openreturns.process import events
from process.systems import LIMITS, POLICY, Told, World, told

AUTOMATIC = "[approvals.automatic_return]\n"
NO_STANDING = POLICY.replace(AUTOMATIC, f"{AUTOMATIC}good_standing = false\n")
NO_CRM, NO_WMS = (POLICY.replace(f'{role} = "{role}"\n', "") for role in ("crm", "wms"))
PEOPLE = '\n[roles]\ndora = ["desk"]\ncarl = ["clerk"]\ncora = ["controller"]\n'
NOWHERE = POLICY.replace('location = "W1"\n', "")
SETTLED = f"await_settlement = true\n{POLICY}"

Happens: TypeAlias = Callable[[Told], object]


def down() -> list[Exception]:
    return [RetryableError("down", retry_after=60, kind="unavailable")]


def asked(process: Told) -> None:
    process.asked_for()


def asked_in_another_currency(process: Told) -> None:
    process.asked_for(currency="USD")


def came(process: Told) -> None:
    asked(process)
    process.came_in(("R1", "1"))


def decided(process: Told) -> None:
    came(process)
    process.inspected()


def scrapped(process: Told) -> None:
    came(process)
    process.inspected(code="scrap")


def cancelled(process: Told) -> None:
    asked(process)
    process.event(events.CancelRequested)


# what -> the policy, what fails, what happens, the stage and what it waits for
WAITING: Mapping[str, tuple[str, dict[str, list[Exception]], Happens, str, str]] = {
    "both are asked": (
        POLICY,
        {"check_eligibility": down(), "standing": down()},
        asked,
        "checking",
        "erp and crm",
    ),
    "one has answered": (POLICY, {"standing": down()}, asked, "checking", "crm"),
    "the other has": (POLICY, {"check_eligibility": down()}, asked, "checking", "erp"),
    "no standing is asked for": (NO_STANDING, {"check_eligibility": down()}, asked, "checking", "erp"),
    "a case says nothing of a request": (
        NO_STANDING,
        {"check_eligibility": down(), "open_case": down()},
        asked,
        "checking",
        "erp",
    ),
    "no CRM takes part": (NO_CRM, {"check_eligibility": down()}, asked, "checking", "erp"),
    "an approval of the return": (
        POLICY,
        {},
        asked_in_another_currency,
        "awaiting_approval",
        "an approval of the return",
    ),
    "the RMA is not there": (POLICY, {"authorize": down()}, asked, "authorizing", "erp and wms"),
    "the warehouse is not told": (POLICY, {"announce": down()}, asked, "authorizing", "wms"),
    "no warehouse is told": (NO_WMS, {"authorize": down()}, asked, "authorizing", "erp"),
    "goods": (POLICY, {}, asked, "awaiting_goods", "goods at wms"),
    "goods, wherever": (NO_WMS, {}, asked, "awaiting_goods", "goods at the warehouse"),
    "a decision": (POLICY, {}, came, "awaiting_inspection", "a disposition from wms"),
    "tax": (POLICY, {"quote": down()}, decided, "crediting", "tax"),
    "the memo": (POLICY, {"issue_credit": down()}, decided, "crediting", "erp"),
    "the memo, whatever the case says": (
        POLICY,
        {"issue_credit": down(), "open_case": down()},
        decided,
        "crediting",
        "erp",
    ),
    "the case alone": (SETTLED, {"open_case": down()}, decided, "crediting", "crm"),
    "somebody who says where the goods are": (
        NOWHERE,
        {},
        scrapped,
        "crediting",
        "somebody to look at what was found",
    ),
    "a settlement": (
        SETTLED,
        {},
        decided,
        "awaiting_settlement",
        "the settlement of a credit, or an order to be placed",
    ),
    "an approval of a credit": (
        POLICY + LIMITS + PEOPLE,
        {},
        decided,
        "awaiting_credit_approval",
        "an approval of a credit or a write-off",
    ),
    "the last commands": (
        POLICY,
        {"cancel_rma": [OutcomeUnknownError("no answer", key="k")], "update_case": down()},
        cancelled,
        "ending",
        "the last commands at erp",
    ),
    "the last word on the case": (POLICY, {"open_case": down()}, cancelled, "ending", "the last commands at crm"),
    "nothing": (POLICY, {}, decided, "closed", "nothing"),
}


@pytest.mark.parametrize("what", WAITING)
def test_what_a_return_waits_for_is_what_its_stage_depends_on(what: str) -> None:
    policy, failing, happens, stage, waits_for = WAITING[what]
    process = told(policy, World(failing={verb: list(errors) for verb, errors in failing.items()}))
    happens(process)
    [row] = process.store.board()
    assert (row.stage, row.waits_for) == (stage, waits_for)
