"""What holds whatever happens to a return, in whatever order, however often, whatever fails on the way.

What is held to is what the vendors have in the end, not what the process thinks that they have.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from openreturns.invariants import check_case
from openreturns.models import Adjustment, Credit
from openreturns.process import events
from openreturns.process.engine import Systems
from openreturns.process.machine import Decision, decide
from openreturns.process.policy import Policy
from openreturns.process.state import TERMINAL, Command, ProcessState
from openreturns.process.transitions import may_follow
from process.stories import FAILURES, Agree, Story, Wait, stories
from process.systems import NOON, World, connected

CASES = int(os.environ.get("OPENRETURNS_CASES", "300"))  # `make test-faults` has 5000
EARLY = ("early", "unknown_return")
WAITS = {
    "awaiting_approval",
    "awaiting_goods",
    "awaiting_inspection",
    "awaiting_credit_approval",
    "awaiting_settlement",
}


@dataclass
class Plain:
    """The process without a database: decisions, commands done at once or lost, early events looked at again."""

    systems: Systems
    policy: Policy
    state: ProcessState | None = None
    now: datetime = NOON
    early: list[events.Event] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    decided: list[Decision] = field(default_factory=list)
    count: int = 0

    def tell(self, step: events.Event | Wait | Agree) -> None:
        """Let a step of the story happen."""
        if isinstance(step, Wait):
            self._wait(self.now + step.time, "")
        elif isinstance(step, Agree):
            self._agree(step)
        elif step.id not in self.seen:
            self.seen.add(step.id)
            self._apply(step)

    def settle(self) -> None:
        """Let all that is to be tried again be tried; nothing else happens meanwhile."""
        self._wait(self.now + timedelta(days=30), "retry/")

    def _wait(self, end: datetime, only: str) -> None:
        for _ in range(500):
            waits = self.state.deadlines if self.state else {}
            due = [(at, name) for name, at in waits.items() if at <= end and name.startswith(only)]
            if not due:
                self.now = end if not only else self.now
                return
            at, name = min(due)
            self.now = max(self.now, at)
            self._apply(events.DeadlinePassed(id=self._id(), at=self.now, by="clock", name=name))
        raise AssertionError("it never comes to rest")

    def _agree(self, step: Agree) -> None:
        waiting_first = sorted(self.state.credits if self.state else (), key=lambda one: one.status != "draft")
        told = {"id": self._id(), "at": self.now, "by": "cora", "step": "credit"}
        for number in (one.number for one in waiting_first[:1]):
            no = events.ApprovalRefused.model_validate({**told, "subject": number, "reason": "no"})
            self._apply(events.ApprovalGiven.model_validate({**told, "subject": number}) if step.yes else no)

    def _apply(self, event: events.Event) -> None:
        if self._decide(event):
            while any(self._decide(self.early.pop(place)) for place in reversed(range(len(self.early)))):
                pass

    def _decide(self, event: events.Event) -> bool:
        decision = decide(self.state, event, self.policy)
        if decision.kept is not None:
            _is_no_conflict_with_what_was_taken_back(self.state, event, decision.kept.code)
            if decision.kept.code in EARLY:
                self.early.append(event)
            return False
        self.decided.append(decision)
        self.state = decision.state
        if decision.commands:
            results = tuple(self.systems.do(command) for command in decision.commands)
            self._decide(events.CommandsFinished(id=self._id(), at=self.now, results=results))
        return True

    def _id(self) -> str:
        self.count += 1
        return f"own-{self.count}"


@settings(max_examples=CASES, deadline=None)
@given(stories())
def test_what_the_vendors_hold_in_the_end_is_what_was_decided_and_nothing_else(story: Story) -> None:
    failures = {verb: [FAILURES[one]() for one in kinds] for verb, kinds in story.failing.items()}
    world = World(failing=failures, losing=dict(story.losing))
    systems = connected(world, dict.fromkeys(("erp", "wms", "crm", "tax"), story.rules), time=_clock())
    process = Plain(systems, story.rules_of_business)
    for step in story.steps:
        process.tell(step)
    process.settle()
    state = process.state
    if state is None:
        assert not world.done
        return
    _each_is_somewhere(state)
    _no_more_than_was_decided(state, world)
    if not state.dead_letters:
        _all_that_was_decided(state, world)
    _goods_are_conserved(state, world)
    _money_is_conserved(state, world)
    _all_documents_keep_the_rules(state)
    _each_stage_may_follow_the_one_before(process.decided)
    _each_decision_is_read_as_it_was_written(process.decided)
    _nothing_is_told_in_vain(story, state, world)


def _clock() -> Any:
    from openreturns.transport import Time

    return Time(monotonic=iter(itertools.count(0, 1000)).__next__, sleep=lambda seconds: None)


def _each_is_somewhere(state: ProcessState) -> None:
    """Finished, waiting for somebody with a deadline, or in dead letters; nothing is under way any more."""
    assert not state.running
    assert state.dead_letters or state.stage in TERMINAL or (state.stage in WAITS and state.deadlines), state.stage
    assert not any(one.doubtful for one in state.effects.values() if not one.dead)
    received = {line.line_id: line.received.value for line in state.return_.lines if line.received}
    if state.stage == "closed":
        assert _disposed(state) == Counter({line: int(value) for line, value in received.items() if value})


def _disposed(state: ProcessState) -> Counter[str]:
    disposed: Counter[str] = Counter()
    for one in state.standing:
        for line in one.lines:
            disposed[line.return_line_id] += sum(int(split.quantity.value) for split in line.splits)
    return disposed


def _wanted(state: ProcessState) -> dict[str, set[str]]:
    """Return what is to stand at the vendors: the RMA of a return that goes on, credits that do, moves of goods."""
    out = {one.number for one in state.credits if one.status == "issued" and one.number not in state.to_void}
    gone = state.ending or state.return_.status in {"requested", "declined"}
    told = set() if gone else {state.number}
    reversed_ = {one.reverses.id for one in state.adjustments if one.reverses}
    moves = {one.number for one in state.adjustments if not one.reverses} - reversed_
    return {"authorize": told, "announce": told, "issue_credit": out, "commit": out, "post_adjustment": moves}


_ANSWERS_FOR = {
    "authorize": {"authorize", "announce", "cancel_announcement", "cancel_rma"},
    "announce": {"announce", "cancel_announcement"},
    "issue_credit": {"issue_credit", "void_credit", "commit"},
    "commit": {"commit", "issue_credit", "void_credit", "void"},
    "post_adjustment": {"post_adjustment", "reverse_adjustment"},
}


def _no_more_than_was_decided(state: ProcessState, world: World) -> None:
    """What stands at a vendor is wanted there, or a dead letter says that it is not known or could not be undone."""
    wanted = _wanted(state)
    for what, held in world.stands().items():
        dead = {
            "" if one.step == "cancel_announcement" else one.subject.removesuffix("-reversal")
            for one in state.dead_letters.values()
            if one.step in _ANSWERS_FOR[what]
        }
        dead |= {state.number} if "" in dead else set()
        assert held - wanted[what] <= dead, (what, held - wanted[what])


def _all_that_was_decided(state: ProcessState, world: World) -> None:
    """Where nothing is left to a person, all that is wanted is there; goods are on an RMA that stands."""
    assert state.number in world.stands()["authorize"] or not world.count("receive")
    held = world.stands()
    came = any(line.receipts for line in state.return_.lines)
    for what, wanted in _wanted(state).items():
        if what != "announce" or not came:
            assert wanted <= held[what], (what, wanted - held[what])


def _is_no_conflict_with_what_was_taken_back(state: ProcessState | None, event: events.Event, code: str) -> None:
    if isinstance(event, events.GoodsInspected) and code == "conflict":
        id_ = event.disposition.meta.document_id
        assert state is not None
        assert any(one.meta.document_id.partition("-r")[0] == id_ for one in state.standing)


def _goods_are_conserved(state: ProcessState, world: World) -> None:
    received = {line.line_id: int(line.received.value) for line in state.return_.lines if line.received}
    disposed = _disposed(state)
    assert all(count <= received.get(line, 0) for line, count in disposed.items())
    moved: Counter[str] = Counter()
    for subject in world.stands()["post_adjustment"]:
        adjustment: Adjustment = world.kept["post_adjustment", subject]
        for line in adjustment.lines:
            moved[line.from_.status] -= int(line.quantity.value)
            moved[line.to.status] += int(line.quantity.value)
    assert sum(moved.values()) == 0
    if not state.dead_letters:
        assert -moved["inspection"] == sum(disposed.values())


def _money_is_conserved(state: ProcessState, world: World) -> None:
    """The customer has what was earned at the price that was paid, from the memos that the ERP holds."""
    credited: Counter[str] = Counter()
    for number in world.stands()["issue_credit"]:
        memo: Credit = world.kept["issue_credit", number]
        assert memo.totals.lines.amount == sum((line.quantity.value for line in memo.lines), Decimal(0)) * 10
        assert memo.totals.tax_inclusive.amount == memo.totals.tax_exclusive.amount + memo.totals.tax.amount
        for line in memo.lines:
            credited[(line.return_ and line.return_.line_id) or ""] += int(line.quantity.value)
    if state.dead_letters:
        return
    agreed = {line.line_id: int((line.authorized or line.requested).value) for line in state.return_.lines}
    assert all(count <= agreed[line] for line, count in credited.items())
    if state.stage == "closed" and not any(one.status == "rejected" for one in state.credits):
        disposed = _disposed(state)
        assert credited == Counter({line: min(count, agreed[line]) for line, count in disposed.items() if count})


def _nothing_is_told_in_vain(story: Story, state: ProcessState, world: World) -> None:
    for (verb, subject), times in world.told.items():
        if verb != "receive":  # each delivery is told with all that came before it
            raised = len([*state.of_step("raise_rma")]) if verb == "authorize" else 0
            lost = 0 if story.rules.get(verb) == "none" else story.losing.get(verb, 0)
            assert times <= 1 + lost + raised, (verb, subject)


def _all_documents_keep_the_rules(state: ProcessState) -> None:
    broken = check_case([state.return_, *state.dispositions, *state.adjustments, *state.credits])
    # A decision that was taken back stays in the story, as the credit does that went out because of it.
    assert not [one for one in broken if not state.reversed_], [str(one) for one in broken]


def _each_stage_may_follow_the_one_before(decided: list[Decision]) -> None:
    stages = [None, *(one.state.stage for one in decided if one.state is not None)]
    assert [one for one in pairwise(stages) if one[0] != one[1] and not may_follow(*one)] == []  # type: ignore[arg-type] # only the first is none


def _each_decision_is_read_as_it_was_written(decided: list[Decision]) -> None:
    """A worker goes on with what it decided, whoever takes over with what the tables say: that is the same."""
    for one in decided:
        assert one.state is not None
        assert ProcessState.model_validate_json(one.state.to_json()) == one.state
        assert tuple(Command.model_validate_json(command.to_json()) for command in one.commands) == one.commands
