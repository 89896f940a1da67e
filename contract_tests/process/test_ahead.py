"""Credits that are ahead of their goods, and what the inspection then makes of them; credits without any goods."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from openreturns.errors import RejectedError
from openreturns.process import events
from openreturns.process.policy import load_policy
from openreturns.process.reconcile import compare
from process.systems import POLICY, Told, asked_for, told

AHEAD = (
    POLICY
    + """
[preliminary_refund]
at = "authorized"
up_to = { EUR = "100" }
"""
)
EXPIRING = """
[[service_levels]]
stage = "awaiting_goods"
hours = 24
then = "expire"
"""


def credits_of(process: Told) -> list[tuple[str, str]]:
    return [(one.status, str(one.totals.lines.amount)) for one in process.state().credits]


def count(process: Told, *verbs: str) -> list[int]:
    return [process.world.count(verb) for verb in verbs]


def test_a_preliminary_refund_is_out_before_the_goods_and_stands_where_they_are_as_agreed() -> None:
    process = told(AHEAD)
    process.asked_for(quantity="3")
    assert process.state().stage == "awaiting_goods"
    assert credits_of(process) == [("issued", "30.00")]
    assert compare([], [process.state()], load_policy(AHEAD)) == []
    process.came_in(("R1", "3"))
    process.inspected(quantity="3")
    assert process.state().stage == "closed"
    assert credits_of(process) == [("issued", "30.00")]
    assert count(process, "issue_credit", "void_credit", "commit", "void") == [1, 0, 1, 0]


@pytest.mark.parametrize(("came", "found"), [("2", "2"), ("3", "2")])
def test_less_than_was_refunded_takes_the_refund_back_and_credits_what_was_earned(came: str, found: str) -> None:
    process = told('not_creditable = ["worn"]\n' + AHEAD)
    process.asked_for(quantity="3")
    process.came_in(("R1", came))
    process.inspected(id_="d1", quantity=found)
    if came != found:
        process.inspected(id_="d2", quantity="1", note="worn")
    assert process.state().stage == "closed"
    assert credits_of(process) == [("voided", "30.00"), ("issued", "20.00")]
    assert count(process, "issue_credit", "void_credit", "commit", "void") == [2, 1, 2, 1]
    assert compare([], [process.state()], load_policy(AHEAD)) == []


def test_more_than_was_refunded_is_credited_beside_it() -> None:
    process = told(AHEAD)
    process.asked_for(quantity="2")
    process.came_in(("R1", "3"))
    process.inspected(id_="d1", quantity="1")
    process.inspected(id_="d2", quantity="2")
    assert process.state().stage == "closed"
    assert credits_of(process) == [("issued", "20.00"), ("issued", "10.00")]


def test_a_refund_of_goods_that_never_come_is_taken_back() -> None:
    process = told(AHEAD + EXPIRING)
    process.asked_for()
    process.engine.advance(timedelta(hours=25))
    assert process.state().stage == "expired"
    assert credits_of(process) == [("voided", "10.00")]
    assert count(process, "cancel_rma", "void_credit", "void") == [1, 1, 1]


def test_a_refund_waits_for_the_goods_where_the_policy_says_so_and_for_nobody_who_is_not_named() -> None:
    policy = AHEAD.replace('"authorized"', '"received"') + 'customers = ["CUST9"]\n'
    trusted, other = told(policy), told(policy.replace("CUST9", "C-9999"))
    for process in (trusted, other):
        process.asked_for()
        assert credits_of(process) == []
        process.came_in(("R1", "1"))
    assert (credits_of(trusted), credits_of(other)) == ([("issued", "10.00")], [])
    trusted.inspected()
    assert (trusted.state().stage, credits_of(trusted)) == ("closed", [("issued", "10.00")])


def test_of_goods_that_are_not_all_in_nothing_is_refunded_before_they_are_inspected() -> None:
    process = told(AHEAD.replace('"authorized"', '"received"'))
    process.asked_for(quantity="3")
    process.came_in(("R1", "2"))
    assert (process.state().return_.status, credits_of(process)) == ("received", [])
    process.inspected(quantity="2")
    assert (process.state().stage, credits_of(process)) == ("closed", [("issued", "20.00")])
    assert count(process, "issue_credit", "void_credit") == [1, 0]


def test_above_its_limit_nothing_is_refunded_ahead() -> None:
    process = told(AHEAD.replace('"100"', '"29.99"'))
    process.asked_for(quantity="3")
    assert credits_of(process) == []


def test_a_credit_that_the_erp_cannot_take_back_is_for_a_person_and_its_tax_stays_until_then() -> None:
    process = told(AHEAD)
    process.world.failing["void_credit"] = [RejectedError("no such verb", kind="unsupported")]
    process.asked_for(quantity="2")
    process.came_in(("R1", "1"))
    process.inspected(quantity="1")
    [(key, effect)] = process.state().dead_letters.items()
    assert (effect.step, effect.kind) == ("void_credit", "unsupported")
    assert count(process, "issue_credit", "void") == [1, 0]
    process.event(events.DeadLetterDiscarded, by="fay", key=key, reason="voided by hand as journal 88")
    assert process.state().stage == "closed"
    assert credits_of(process) == [("voided", "20.00"), ("issued", "10.00")]
    assert count(process, "issue_credit", "void") == [2, 1]


def test_a_price_that_is_put_right_needs_no_goods_and_pays_no_fee() -> None:
    process = told(POLICY + '[restocking_fee]\npercent = "10"\n')
    known = {
        "unit_price": {"amount": "0.50", "currency": "EUR"},
        "original_invoice": {"type": "invoice", "id": "INV-1"},
    }
    line = asked_for("RMA-1001").lines[0].replace(**known)
    process.asked_for(type="credit_only", lines=(line.replace(requested={"value": "4", "uom": "EA"}),))
    state = process.state()
    assert state.stage == "closed"
    assert [(str(one.totals.lines.amount), one.lines[0].reason.code) for one in state.credits] == [
        ("2.00", "price_correction")
    ]
    assert count(process, "announce", "receive", "issue_credit") == [0, 0, 1]
    assert state.credits[0].totals.decreases is None
    assert compare([], [state], load_policy(POLICY)) == []
    assert state.credits[0].totals.tax.amount == Decimal("0.42")
