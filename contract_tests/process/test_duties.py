"""What holds of approvals and refusals whatever anybody says, in whatever order: who, up to what, and only once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from openreturns.errors import RetryableError
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process.engine import Systems
from openreturns.process.machine import decide
from openreturns.process.policy import load_policy
from openreturns.process.state import ProcessState
from openreturns.transport import Time
from process.systems import NOON, POLICY, World, asked_for, connected, disposition, seen

CASES = int(os.environ.get("OPENRETURNS_CASES", "300")) // 3
RULES = load_policy(
    POLICY
    + """
[approvals]
return_roles = ["desk"]
credit_free = { EUR = "15" }
credit_limits = [{ role = "clerk", up_to = { EUR = "50" } }, { role = "controller" }]
write_off_free = { EUR = "25" }
write_off_limits = [{ role = "controller" }]

[preliminary_refund]
at = "authorized"
up_to = { EUR = "20" }

[roles]
dora = ["desk"]
carl = ["clerk"]
cora = ["controller"]
wilma = ["controller"]
ines = ["controller"]
portal = ["desk", "controller"]
"""
)
PEOPLE = ("portal", "dora", "carl", "cora", "wilma", "ines", "sam")
ROLES = {"return": {"desk"}, "credit": {"clerk", "controller"}, "write_off": {"controller"}}
SUBJECTS = {
    "return": ("",),
    "credit": ("return-RMA-1-credit", *(f"d{place}-credit" for place in range(4))),
    "write_off": tuple(f"d{place}" for place in range(4)),
}


@st.composite
def said(draw: st.DrawFn) -> events.ApprovalGiven | events.ApprovalRefused:
    """What somebody says of something, that may be there or not."""
    step = draw(st.sampled_from(sorted(ROLES)))
    about: dict[str, Any] = {
        "step": step,
        "subject": draw(st.sampled_from(SUBJECTS[step])),
        "by": draw(st.sampled_from(PEOPLE)),
    }
    if draw(st.booleans()):
        return events.ApprovalGiven(id="said", at=NOON, **about)
    return events.ApprovalRefused(id="said", at=NOON, reason="no", **about)


@st.composite
def stories(draw: st.DrawFn) -> tuple[int, list[events.Event], int]:
    """How many are asked for, what happens to them, and how often the tax engine is down."""
    asked = draw(st.integers(1, 8))
    told: list[events.Event] = [
        events.GoodsReceived(
            id="came", at=NOON, by="wms", seen=seen(asked_for("RMA-1", str(asked)), (("R1", str(asked)),), "received")
        )
    ]
    left = asked
    for place in range(draw(st.integers(1, 4))):
        if left:
            quantity = draw(st.integers(1, min(left, 2)))
            left -= quantity
            code, by = draw(st.sampled_from(("restock", "scrap"))), draw(st.sampled_from(("ines", "cora", "otto")))
            decided = disposition("RMA-1", f"d{place}", code, str(quantity), by=by)
            told.append(events.GoodsInspected(id=f"seen-{place}", at=NOON, by="wms", disposition=decided))
    if draw(st.booleans()):
        told.append(events.DispositionReversed(id="back", at=NOON, by="otto", document_id="d0", reason="x"))
    for one in draw(st.lists(said(), max_size=12)):
        told.insert(draw(st.integers(0, len(told))), one)
    return asked, told, draw(st.integers(0, 3))


@dataclass
class Process:
    """Decisions and what follows from them, at once; and what each credit had beside it when it was decided on."""

    systems: Systems
    state: ProcessState | None = None
    early: list[events.Event] = field(default_factory=list)
    free: dict[str, Decimal] = field(default_factory=dict)
    """What a credit and those that were out came to, as it went out without anybody."""

    def submit(self, event: events.Event) -> None:
        self.early.append(event)
        applied = 1
        while applied and self.early:
            waiting, self.early = self.early, []
            applied = sum(map(self._applied, waiting))

    def _applied(self, event: events.Event) -> bool:
        before = self.state
        decision = decide(before, event, RULES)
        if decision.kept is not None:
            if decision.kept.code == "early":
                self.early.append(event)
            return False
        assert decision.state is not None
        self.state = decision.state
        self._went_out(before)
        if decision.commands:
            results = tuple(self.systems.do(command) for command in decision.commands)
            self._applied(events.CommandsFinished(id="done", at=event.at, results=results))
        return True

    def _went_out(self, before: ProcessState | None) -> None:
        assert self.state is not None
        known = {one.number for one in before.credits if one.status == "issued"} if before else set()
        for one in self.state.credits:
            if one.status == "issued" and one.number not in known and self.state.decided("credit", one.number) is None:
                out = (it for it in self.state.credits if it.status == "issued")
                self.free[one.number] = sum((it.totals.tax_inclusive.amount for it in out), Decimal(0))

    def later(self) -> None:
        """Let pauses pass."""
        for _ in range(20):
            for name, at in dict(self.state.deadlines if self.state else {}).items():
                if name.startswith("retry/"):
                    self.submit(events.DeadlinePassed(id="late", at=at + timedelta(seconds=1), name=name))


@settings(max_examples=CASES, deadline=None)
@given(stories())
def test_nobody_lets_out_or_stops_what_is_not_theirs(drawn: tuple[int, list[events.Event], int]) -> None:
    asked, told, down = drawn
    world = World(failing={"quote": [RetryableError("down", retry_after=1, kind="unavailable") for _ in range(down)]})
    process = Process(connected(world, time=Time(monotonic=iter(range(0, 10**9, 1000)).__next__, sleep=lambda _: None)))
    process.submit(events.ReturnRequested(id="asked", at=NOON, by="portal", return_=asked_for("RMA-1", str(asked))))
    for event in told:
        process.submit(event)
    process.later()
    state = process.state
    assert state is not None
    for law in (_who_decides, _what_was_refused_is_nowhere, _nothing_is_credited_twice, _small_parts_are_a_whole):
        assert not [*law(state, world)], law.__name__
    assert all(amount <= 15 for amount in process.free.values())


def _who_decides(state: ProcessState, world: World) -> Iterator[str]:
    inspectors = {by for one in state.dispositions for by in documents.inspectors_of(one)} | {"wms"}
    found = any(one.code == "segregation" for one in state.findings)
    for one in state.decisions:
        if not ROLES[one.step] & {*RULES.roles.get(one.by, ())}:
            yield f"{one.by} has no role for a {one.step}"
        if one.decision == "approved" and one.by == state.requested_by:
            yield f"{one.by} asked for it"
        if one.decision == "approved" and one.step != "return" and one.by in inspectors and not found:
            yield f"{one.by} inspected, and nobody is told"
    credits_, write_offs = (
        {one.by for one in state.decisions if (one.step, one.decision) == (step, "approved")}
        for step in ("credit", "write_off")
    )
    yield from credits_ & write_offs


def _what_was_refused_is_nowhere(state: ProcessState, world: World) -> Iterator[str]:
    refused = {one.subject for one in state.decisions if (one.step, one.decision) == ("credit", "rejected")}
    yield from (one.number for one in state.credits if one.number in refused and one.status != "rejected")
    for one in state.decisions:
        if one.decision == "rejected":
            verbs = {"return": ("authorize",), "credit": ("commit", "issue_credit"), "write_off": ("post_adjustment",)}
            for verb, subject in world.done:
                if verb in verbs[one.step] and subject in {one.subject, f"{one.subject}-exit", state.number}:
                    yield f"{verb} {subject}"


def _nothing_is_credited_twice(state: ProcessState, world: World) -> Iterator[str]:
    out = {subject for verb, subject in world.done if verb == "issue_credit"}
    out -= {subject for verb, subject in world.done if verb == "void_credit"}
    given = sum((line.quantity.value for one in state.credits if one.number in out for line in one.lines), Decimal(0))
    if given > state.return_.lines[0].requested.value:
        yield f"{given} are credited"


def _small_parts_are_a_whole(state: ProcessState, world: World) -> Iterator[str]:
    posted = {subject for verb, subject in world.done if verb == "post_adjustment"}
    free = (
        documents.written_off(one, state.return_)
        for one in state.standing
        if f"{one.meta.document_id}-exit" in posted and state.decided("write_off", one.meta.document_id) is None
    )
    if (total := sum(free, Decimal(0))) > 25:
        yield f"{total} is written off, and nobody agreed"
