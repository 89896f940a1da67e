"""The demo's returns run through four systems with faults on, and all hold the same; what somebody changes is found."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from demo import returns, run
from demo.flow import Case
from demo.sandbox import Sandbox, running
from openreturns.invariants import check_case
from openreturns.models import Credit, Return
from openreturns.reconciliation import Books, Reconciliation, reconcile

Ran = tuple[Sandbox, list[Case], datetime, dict[str, Any]]


@pytest.fixture(scope="module")
def ran() -> Iterator[Ran]:
    """All returns, to their end. What a test changes in a system afterwards, it puts back."""
    quiet = logging.getLogger("openreturns")
    level, began, story = quiet.level, datetime.now(UTC), returns.story()
    quiet.setLevel(logging.CRITICAL)
    with running() as sandbox:
        cases = returns.carry_out(sandbox, story, lambda case, step: None)
        sandbox.calm()
        yield sandbox, cases, began, story
    quiet.setLevel(level)


def held(ran: Ran) -> list[Books]:
    sandbox, _, began, story = ran
    return returns.hold(sandbox.systems, began, story["not_creditable"])


def compared(ran: Ran) -> Reconciliation:
    return reconcile(held(ran))


def test_all_systems_hold_the_same_of_every_return(ran: Ran) -> None:
    _, cases, _, story = ran
    found = compared(ran)
    assert [str(one) for one in found.differences] == []
    assert list(found.returns) == [case.return_.number for case in cases]
    assert len(cases) == len(story["returns"]) == 25
    received, credited = found.totals("received"), found.totals("credited")
    assert set(received) == {"ERP", "WMS", "CRM"}
    assert set(credited) == {"ERP", "WMS", "tax"}
    assert set(found.totals("net")["tax"]) == {"EUR", "JPY", "KWD", "USD"}


def test_every_return_ends_as_the_story_has_it(ran: Ran) -> None:
    _, cases, _, story = ran
    ends = [
        "cancelled" if asked.get("cancelled") else "closed" if "inspected" in asked else "declined"
        for asked in story["returns"]
    ]
    assert [case.return_.status for case in cases] == ends
    assert set(ends) == {"cancelled", "closed", "declined"}
    assert [str(problem) for case in cases for problem in check_case(case.story)] == []


def test_faults_hit_calls_and_webhooks_came_twice(ran: Ran) -> None:
    sandbox = ran[0]
    assert {"error_before", "error_after", "cut_before", "cut_after", "throttled", "stale"} <= set(sandbox.hit())
    assert sandbox.webhooks["new"] > sandbox.webhooks["repeated"] > 0
    assert sandbox.forge("78101") == 401
    assert sandbox.webhooks["refused"] == 1


def test_taxes_are_refunded_where_whole_lines_came_back_and_reckoned_where_not(ran: Ran) -> None:
    made = [call.path for call in ran[0].simulators["avatax"].calls if call.method == "POST" and call.status == 201]
    assert any(path.endswith("/refund") for path in made)
    assert "/transactions/create" in made


def test_nothing_was_made_twice(ran: Ran) -> None:
    sandbox, cases, began, _ = ran
    assert returns.cases_at(sandbox.systems, began) == len(cases)
    for books in held(ran):
        for kind in (Return, Credit):
            numbers = [document.number for document in books.documents if isinstance(document, kind)]
            assert len(numbers) == len(set(numbers)), books.system


def test_a_credit_that_somebody_changes_is_found(ran: Ran) -> None:
    sandbox, _, began, _ = ran
    ref = next(ref for ref in returns.changed(sandbox.systems.erp, began) if ref.type == "credit")
    erp = sandbox.simulators["netsuite"]
    line = erp.step("change", record="creditMemo", id=ref.id, body={})["item"]["items"][0]

    def priced(amount: Any) -> None:
        body = {"item": {"items": [{"line": line["line"], "amount": amount}]}}
        erp.step("change", record="creditMemo", id=ref.id, body=body)

    priced(line["amount"] + 1)
    differences = compared(ran).differences
    assert {one.fact for one in differences} == {"net", "tax"}
    assert len({one.return_number for one in differences}) == 1
    priced(line["amount"])
    assert compared(ran).equal


def test_a_credit_that_somebody_keys_in_beside_is_found(ran: Ran, capsys: pytest.CaptureFixture[str]) -> None:
    """Voided again, it counts no more."""
    assert run.verdict(*ran) == 0
    assert "Differences: none" in capsys.readouterr().out
    sandbox, cases, *_ = ran
    erp = sandbox.simulators["netsuite"]
    short = next(case for case in cases if case.about.startswith("lights"))
    assert short.erp is not None
    memo = erp.step("credit", id=short.erp.id)  # of the light that the customer had broken
    found = compared(ran)
    assert {(one.return_number, one.fact) for one in found.differences} >= {
        (short.return_.number, "credits"),
        (short.return_.number, "credited"),
        (short.return_.number, "net"),
    }
    assert run.verdict(*ran) == 1
    said = capsys.readouterr().out
    assert f"- {short.return_.number}: credited, LGT-150 EA: ERP 5, WMS 4, tax 4" in said
    assert "DIFFERENT" in said
    erp.step("void", id=memo["id"])
    assert compared(ran).equal
