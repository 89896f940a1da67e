"""The story of a return as the process tells it, event by event: what follows, what does not, what a person sees."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from openreturns.errors import ContractError, OutcomeUnknownError, Problem, RejectedError, RetryableError
from openreturns.idempotency import Outcome, Rejected, Rule, Unknown
from openreturns.process import events
from openreturns.process.config import Config
from openreturns.process.engine import Systems
from openreturns.process.policy import load_policy
from openreturns.process.state import STAGES, Command
from openreturns.process.steps import STEPS
from openreturns.readback import NOT_AS_SENT
from process.systems import EXAMPLES, LIMITS, POLICY, Told, World, seen, told

APPROVALS = (
    POLICY
    + LIMITS
    + """
[roles]
dora = ["desk"]
carl = ["clerk"]
cora = ["controller"]
ines = ["controller"]
portal = ["desk", "controller"]
"""
).replace('[approvals.automatic_return]\nup_to = { EUR = "500" }\n', "")


def test_goods_that_come_back_whole_are_credited_and_every_system_is_told_once() -> None:
    process = told()
    process.asked_for()
    assert process.state().stage == "awaiting_goods"
    process.came_in(("R1", "1"))
    assert process.state().stage == "awaiting_inspection"
    process.inspected()
    state = process.state()
    assert state.stage == state.return_.status == "closed"
    assert [(one.number, str(one.totals.tax_inclusive.amount)) for one in state.credits] == [
        ("disposition-RMA-1001-credit", "12.10")
    ]
    verbs = ("authorize", "announce", "receive", "issue_credit", "commit")
    assert [process.world.count(verb) for verb in verbs] == [1, 1, 1, 1, 1]
    assert process.world.cases == {"RMA-1001": "closed"}
    assert not state.deadlines
    assert not state.dead_letters


def test_deliveries_in_parts_are_received_and_credited_in_parts() -> None:
    process = told()
    process.asked_for(quantity="5")
    process.came_in(("R1", "2"), status="partially_received")
    process.inspected(id_="d1", quantity="2")
    assert process.state().return_.status == "partially_received"
    process.came_in(("R1", "2"), ("R2", "3"))
    process.inspected(id_="d2", quantity="3")
    state = process.state()
    assert state.stage == "closed"
    assert [str(one.totals.lines.amount) for one in state.credits] == ["20.00", "30.00"]
    assert process.world.count("receive") == 2


def test_a_decision_that_comes_before_its_receipt_waits_for_it() -> None:
    process = told()
    process.asked_for()
    assert process.inspected() == "early"
    assert process.came_in(("R1", "1")) == "new"
    assert process.state().stage == "closed"
    assert process.store.kept() == []


@pytest.mark.parametrize("again", ["duplicate", "conflict"])
def test_an_event_is_applied_once_and_never_with_other_content(again: str) -> None:
    process = told()
    process.asked_for()
    first, other = (seen(process.state().return_, (("R1", value),), "received") for value in ("1", "7"))
    process.event(events.GoodsReceived, id="wms-1", seen=first)
    before = process.state()
    assert process.event(events.GoodsReceived, id="wms-1", seen=first if again == "duplicate" else other) == again
    assert process.state() == before


def test_more_than_was_agreed_to_is_credited_where_it_was_sold() -> None:
    process = told()
    process.asked_for(quantity="2")
    process.came_in(("R1", "3"))
    process.inspected(quantity="3")
    state = process.state()
    assert [one.code for one in state.findings] == ["over_receipt"]
    assert str(state.credits[0].totals.lines.amount) == "30.00"
    assert [effect.status for effect in state.of_step("raise_rma")] == ["done"]
    assert state.stage == "closed"


def test_no_credit_is_drafted_while_the_erp_is_asked_whether_the_excess_was_sold() -> None:
    process = told()
    process.asked_for(quantity="2")
    process.world.failing["check_eligibility"] = [RetryableError("down", retry_after=60, kind="unavailable")]
    process.came_in(("R1", "3"))
    process.inspected(quantity="3")
    assert process.state().credits == ()
    process.engine.advance(timedelta(minutes=5))
    state = process.state()
    assert [str(one.totals.lines.amount) for one in state.credits] == ["30.00"]
    assert ([one.code for one in state.findings], state.stage) == (["over_receipt"], "closed")


def test_a_question_whose_answer_came_torn_is_asked_again() -> None:
    torn = ContractError("answered 201 with broken JSON", kind="json")
    torn.status = 201
    process = told()
    process.world.failing["quote"] = [torn]
    process.asked_for(quantity="2")
    process.came_in(("R1", "2"))
    process.inspected(quantity="2")
    assert process.state().stage != "closed"
    process.engine.advance(timedelta(minutes=30))
    assert (process.state().stage, process.state().dead_letters) == ("closed", {})


def test_an_erp_that_takes_in_more_than_its_rma_says_is_not_told_of_a_raised_one() -> None:
    process = told(POLICY.replace("[approvals", 'over_receipts = "accept"\n[approvals', 1))
    process.asked_for(quantity="2")
    process.came_in(("R1", "3"))
    process.inspected(quantity="3")
    state = process.state()
    assert (state.stage, list(state.of_step("raise_rma"))) == ("closed", [])
    assert str(state.credits[0].totals.lines.amount) == "30.00"


def test_a_warehouse_that_does_not_decide_is_told_where_to_put_the_goods() -> None:
    process = told(POLICY + "put_away = true\nadjustments = []\n")
    process.asked_for()
    process.came_in(("R1", "1"))
    process.world.failing["put_away"] = [RetryableError("down", retry_after=60, kind="unavailable")]
    process.inspected(code="scrap")
    assert process.state().stage != "closed"
    process.engine.advance(timedelta(minutes=5))
    assert process.state().stage == "closed"
    assert (process.world.count("put_away"), process.world.count("post_adjustment")) == (1, 0)


def test_more_than_was_sold_is_received_and_not_credited() -> None:
    process = told(world=World(returnable=lambda line, asked: min(asked, Decimal(2))))
    process.asked_for(quantity="2")
    process.came_in(("R1", "3"))
    process.inspected(quantity="3")
    state = process.state()
    assert [one.code for one in state.findings] == ["over_receipt", "not_credited"]
    assert str(state.credits[0].totals.lines.amount) == "20.00"
    assert state.stage == "closed"


def test_what_was_not_sold_is_declined_with_its_reason() -> None:
    process = told(world=World(returnable=lambda line, asked: asked - asked))
    process.asked_for()
    state = process.state()
    assert (state.stage, state.return_.authorization.decision) == ("declined", "declined")
    assert process.world.count("authorize") == process.world.count("announce") == 0
    assert process.world.cases == {"RMA-1001": "declined"}


def test_that_no_more_will_come_is_news_too() -> None:
    process = told()
    process.asked_for(quantity="5")
    process.came_in(("R1", "3"), status="partially_received")
    process.inspected(quantity="3")
    assert process.state().stage == "awaiting_goods"
    assert process.came_in(("R1", "3"), status="received") == "new"
    state = process.state()
    assert [one.code for one in state.findings] == ["short_receipt"]
    assert state.stage == "closed"
    assert process.came_in(("R1", "3"), status="received") == "nothing_new"


def test_without_a_good_standing_somebody_has_to_agree() -> None:
    process = told(APPROVALS, World(good=False))
    process.asked_for()
    assert process.state().stage == "awaiting_approval"
    assert process.event(events.ApprovalGiven, by="portal", step="return") == "segregation"
    assert process.event(events.ApprovalGiven, by="carl", step="return") == "segregation"
    assert process.event(events.ApprovalGiven, by="dora", step="return") == "new"
    assert process.state().stage == "awaiting_goods"


def test_a_credit_above_the_limit_waits_for_who_may_agree_to_it() -> None:
    process = told(APPROVALS)
    process.asked_for(quantity="5")
    process.event(events.ApprovalGiven, by="dora", step="return")
    process.came_in(("R1", "5"))
    process.inspected(quantity="5")
    state = process.state()
    assert state.stage == "awaiting_credit_approval"
    assert process.world.count("commit") == process.world.count("issue_credit") == 0
    subject = state.credits[0].number
    for by, reason in (("portal", "segregation"), ("ines", "segregation"), ("carl", "limit"), ("dora", "limit")):
        assert process.event(events.ApprovalGiven, by=by, step="credit", subject=subject) == reason
    assert process.event(events.ApprovalGiven, by="cora", step="credit", subject=subject) == "new"
    state = process.state()
    assert state.stage == "closed"
    assert [one.decided_by for one in state.credits[0].approvals] == ["cora"]


def test_goods_are_written_off_by_another_than_who_credits_them() -> None:
    process = told(APPROVALS)
    process.asked_for(quantity="4")
    process.event(events.ApprovalGiven, by="dora", step="return")
    process.came_in(("R1", "4"))
    process.inspected(code="scrap", quantity="4")
    credit, decided = process.state().credits[0].number, "disposition-RMA-1001"
    assert process.event(events.ApprovalGiven, by="cora", step="write_off", subject=decided) == "new"
    assert process.world.count("post_adjustment") == 1
    assert process.event(events.ApprovalGiven, by="cora", step="credit", subject=credit) == "segregation"
    assert process.event(events.ApprovalGiven, by="carl", step="credit", subject=credit) == "new"
    assert process.state().stage == "closed"


def test_a_return_that_is_taken_back_is_taken_back_everywhere() -> None:
    process = told()
    process.asked_for()
    assert process.event(events.CancelRequested) == "new"
    state = process.state()
    assert state.stage == "cancelled"
    assert process.world.count("cancel_announcement") == process.world.count("cancel_rma") == 1
    assert process.world.cases == {"RMA-1001": "cancelled"}
    assert process.came_in(("R1", "1")) == "new"
    assert [one.code for one in process.state().findings] == ["goods_after_the_end"]


def test_what_cannot_be_cancelled_any_more_goes_on() -> None:
    process = told()
    process.asked_for()
    process.world.failing["cancel_announcement"] = [RejectedError("the goods are there", kind="business_rule")]
    process.event(events.CancelRequested)
    state = process.state()
    assert state.ending == ""
    assert [one.code for one in state.findings] == ["cancel_refused"]


def test_goods_that_are_never_sent_let_the_return_expire() -> None:
    level = '\n[[service_levels]]\nstage = "awaiting_goods"\nhours = 24\nthen = "expire"\n'
    process = told(POLICY + level)
    process.asked_for()
    process.engine.advance(timedelta(hours=23))
    assert process.state().stage == "awaiting_goods"
    process.engine.advance(timedelta(hours=2))
    assert process.state().stage == "expired"
    assert process.world.count("cancel_rma") == 1


def test_a_stage_that_takes_too_long_is_told_of_and_goes_on_waiting() -> None:
    process = told()
    process.asked_for()
    process.engine.advance(timedelta(days=31))
    state = process.state()
    assert [one.code for one in state.findings] == ["overdue"]
    assert list(state.deadlines) == ["stage/awaiting_goods"]


def test_a_system_that_is_down_is_asked_again_later() -> None:
    process = told()
    process.world.failing["authorize"] = [RetryableError("down", retry_after=60, kind="unavailable")] * 2
    process.asked_for()
    assert process.state().stage == "authorizing"
    process.engine.advance(timedelta(minutes=10))
    assert process.state().stage == "awaiting_goods"
    assert process.world.count("authorize") == 1


@pytest.mark.parametrize("wanted", [1e15, 1e300])
def test_a_system_that_asks_for_a_wait_beyond_all_reason_is_asked_again_the_same_day(wanted: float) -> None:
    process = told()
    process.world.failing["authorize"] = [RetryableError("busy", retry_after=wanted, kind="throttled")]
    process.asked_for()
    process.engine.advance(timedelta(hours=6))
    assert process.state().stage == "awaiting_goods"


@pytest.mark.parametrize("kind", ["unavailable", "throttled", "timeout"])
def test_a_system_that_stays_away_for_a_day_is_a_dead_letter_and_is_retried_by_a_person(kind: str) -> None:
    process = told()
    process.world.failing["authorize"] = [RetryableError("down", retry_after=60, kind=kind)] * 99
    process.asked_for()
    process.engine.advance(timedelta(hours=24) - timedelta(seconds=1))
    assert not process.state().dead_letters
    process.engine.advance(timedelta(hours=6))  # the longest pause
    [(key, effect)] = process.state().dead_letters.items()
    assert (effect.step, effect.kind) == ("authorize", kind)
    process.event(events.DeadLetterRetried, by="dora", key=key)
    process.engine.advance(timedelta(hours=23))
    assert process.state().effects[key].status == "later"  # patience begins anew
    process.world.failing.clear()
    process.engine.advance(timedelta(hours=6))
    assert process.state().stage == "awaiting_goods"


def test_what_fails_for_another_reason_is_a_dead_letter_after_its_tries_however_long_the_system_was_away() -> None:
    away, busy = (RetryableError("no", retry_after=1, kind=kind) for kind in ("unavailable", "conflict"))
    process = told()
    process.world.failing["authorize"] = [away] * 9 + [busy] * 5
    process.asked_for()
    process.engine.advance(timedelta(days=3))
    [(key, effect)] = process.state().dead_letters.items()
    assert (effect.step, effect.attempts, effect.kind) == ("authorize", 5, "conflict")
    assert process.event(events.DeadLetterRetried, by="dora", key=key) == "new"
    assert process.state().stage == "awaiting_goods"


def test_a_dead_letter_may_be_given_up_with_a_reason() -> None:
    process = told()
    process.world.failing["announce"] = [RejectedError("unknown channel", kind="validation")]
    process.asked_for()
    [key] = process.state().dead_letters
    process.event(events.DeadLetterDiscarded, by="dora", key=key, reason="told them by telephone")
    state = process.state()
    assert state.stage == "awaiting_goods"
    assert state.effects[key].reason == "told them by telephone"


UNSURE = {
    "raised": OutcomeUnknownError("no answer", key="k"),
    "returned": Unknown("k"),
    "not as sent": Rejected((Problem(NOT_AS_SENT, "the total is another"),), NOT_AS_SENT),
}


@pytest.mark.parametrize("how", UNSURE)
@pytest.mark.parametrize("rule", ["lookup", "native", "none"])
def test_an_unknown_outcome_is_given_again_where_that_is_safe_and_held_where_it_is_not(rule: Rule, how: str) -> None:
    process = told(world=Answering(first=UNSURE[how]), rules={"erp": {"issue_credit": rule}})
    process.asked_for()
    process.came_in(("R1", "1"))
    process.inspected()
    effect = process.state().effect("issue_credit", "disposition-RMA-1001-credit")
    assert (effect.status, effect.doubt) == ("held" if rule == "none" else "later", True)
    process.engine.advance(timedelta(minutes=5))
    assert process.state().stage == ("crediting" if rule == "none" else "closed")
    assert process.world.told["issue_credit", "disposition-RMA-1001-credit"] == (1 if rule == "none" else 2)


@dataclass
class Answering(World):
    """Vendors that do what they are told; the first answer to a credit memo says nothing about it."""

    first: Any = None

    def does(self, verb: str, subject: str, kind: Any = "return") -> Outcome:
        done = super().does(verb, subject, kind)
        if verb != "issue_credit" or self.first is None:
            return done
        first, self.first = self.first, None
        if isinstance(first, Exception):
            raise first
        return first  # type: ignore[no-any-return] # an outcome


def test_a_verb_that_nobody_says_may_be_repeated_is_not() -> None:
    asks = Command(key="k", step="quote", role="tax", verb="quote", system="tax")
    writes = asks.replace(step="void_credit", role="erp", verb="void_credit", system="erp")
    assert [Systems({}).rule(one) for one in (asks, writes)] == ["native", "none"]


def refused() -> Told:
    """Return a process whose ERP has refused the credit."""
    process = told()
    process.world.failing["issue_credit"] = [RejectedError("the period is closed", kind="business_rule")]
    process.asked_for()
    process.came_in(("R1", "1"))
    process.inspected(id_="d1")
    assert [one.step for one in process.state().dead_letters.values()] == ["issue_credit"]
    return process


def test_a_credit_that_the_erp_refused_goes_out_with_its_tax_when_it_is_tried_again() -> None:
    process = refused()
    [key] = process.state().dead_letters
    process.event(events.DeadLetterRetried, key=key)
    assert [process.world.count(verb) for verb in ("commit", "issue_credit", "void")] == [1, 1, 0]
    assert not process.state().dead_letters


def test_the_tax_of_a_credit_that_the_erp_refused_and_somebody_gave_up_is_taken_back() -> None:
    process = refused()
    assert process.world.count("void") == 0
    [key] = process.state().dead_letters
    process.event(events.DeadLetterDiscarded, key=key, reason="the customer keeps the goods")
    assert [process.world.count(verb) for verb in ("commit", "issue_credit", "void")] == [1, 0, 1]


def test_the_tax_of_a_credit_that_the_erp_refused_is_taken_back_with_the_decision() -> None:
    process = refused()
    process.event(events.DispositionReversed, by="ines", document_id="d1", reason="wrong pallet")
    assert [process.world.count(verb) for verb in ("commit", "issue_credit", "void")] == [1, 0, 1]


def test_a_decision_that_is_taken_back_takes_back_its_moves_and_its_credit() -> None:
    process = told()
    process.asked_for(quantity="2")
    process.came_in(("R1", "1"), status="partially_received")
    process.inspected(id_="d1", code="scrap")
    process.event(events.DispositionReversed, by="ines", document_id="d1", reason="wrong pallet")
    state = process.state()
    assert {number for verb, number in process.world.done if verb == "post_adjustment"} == {
        "d1-exit",
        "d1-exit-reversal",
    }
    assert [one.status for one in state.credits] == ["voided"]
    assert [process.world.count(verb) for verb in ("issue_credit", "void_credit", "commit", "void")] == [1, 1, 1, 1]


def test_goods_for_the_vendor_are_claimed_and_the_return_waits_for_the_claim() -> None:
    process = told()
    process.asked_for()
    process.came_in(("R1", "1"))
    process.inspected(code="return_to_vendor")
    state = process.state()
    subject = "disposition-RMA-1001/1/1"
    assert state.asked == (f"vendor_claim/{subject}",)
    assert state.stage == "awaiting_settlement"
    ref = {"type": "vendor_return", "id": "VRA-1"}
    process.event(events.OrderPlaced, by="buying", kind="vendor_claim", subject=subject, ref=ref)
    assert process.state().stage == "closed"


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("step", ["authorize", "announce", "receive", "post_adjustment", "commit", "issue_credit"])
def test_a_crash_at_any_command_loses_nothing_and_does_nothing_twice(step: str, place: str) -> None:
    crashed: list[str] = []

    def broken(where: str, command: object) -> None:
        if where == place and getattr(command, "step", "") == step and not crashed:
            crashed.append(where)
            raise KeyboardInterrupt

    process = told(broken=broken)
    story: tuple[Callable[[], str], ...] = (process.asked_for, lambda: process.came_in(("R1", "1")), process.inspected)
    for happens in story:
        try:
            happens()
        except KeyboardInterrupt:
            process.engine.resume()
    assert crashed
    assert process.state().stage == "closed"
    assert process.world.count(step) == 1


def test_goods_that_cannot_be_priced_are_dealt_with_and_their_credit_is_for_a_person() -> None:
    process = told()
    process.world.failing["check_eligibility"] = [RejectedError("no such invoice", kind="unsupported")]
    process.asked_for()
    process.event(events.ApprovalGiven, by="dora", step="return")
    process.came_in(("R1", "1"))
    process.inspected()
    state = process.state()
    assert [one.code for one in state.findings] == ["not_creditable"]
    assert state.stage == "crediting"
    assert process.world.count("post_adjustment") == 1


def test_goods_that_are_faster_than_the_answer_wait_for_it() -> None:
    process = told()
    process.world.failing["check_eligibility"] = [RetryableError("down", retry_after=60, kind="unavailable")]
    process.asked_for()
    assert process.came_in(("R1", "1")) == process.inspected() == "early"
    process.engine.advance(timedelta(minutes=5))
    assert process.state().stage == "closed"


def test_the_page_tells_every_step_and_every_stage() -> None:
    page = (EXAMPLES.parents[2] / "docs" / "process.md").read_text("utf-8")
    for step in STEPS:
        assert f"| {step.name} | {step.role} | {step.calls} | {step.sentence} |" in page
    assert {stage for stage in STAGES if stage in page} == set(STAGES)
    config, policy, ahead, targets = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert load_policy(policy).routing.default.adjustments == ("exit",)
    assert load_policy(ahead).preliminary_refund is not None
    assert Config.model_validate(tomllib.loads(config)).lease == timedelta(seconds=15)
    told_to = Config.model_validate({"policy": "policy.toml", **tomllib.loads(targets)}).targets
    assert [one.kind for one in told_to.values()] == ["lines", "webhook", "broker"]
