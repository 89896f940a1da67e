"""What holds whatever happens to a return, in whatever order, however often, whatever fails on the way."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from openreturns.errors import OutcomeUnknownError, RejectedError, RetryableError
from openreturns.invariants import check_case
from openreturns.models import Disposition, Return
from openreturns.process import events
from openreturns.process.engine import Systems
from openreturns.process.machine import Decision, decide
from openreturns.process.policy import load_policy
from openreturns.process.state import TERMINAL, Command, ProcessState
from process.systems import NOON, POLICY, World, asked_for, connected, disposition

CASES = int(os.environ.get("OPENRETURNS_CASES", "300"))  # `make test-faults` has 5000
RULES = load_policy(POLICY.replace('"500"', '"100000"'))
EARLY = ("early", "unknown_return")
CODES = ("restock", "scrap", "return_to_vendor", "quarantine", "customer_keeps")


@dataclass
class Plain:
    """The process without a database: decisions, commands done at once or lost, early events looked at again."""

    systems: Systems
    state: ProcessState | None = None
    now: datetime = NOON
    early: list[events.Event] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    decided: list[Decision] = field(default_factory=list)
    count: int = 0

    def submit(self, event: events.Event) -> None:
        if event.id in self.seen:
            return
        self.seen.add(event.id)
        if self._apply(event):
            again = True
            while again:
                again = any(self._apply(self.early.pop(place)) for place in reversed(range(len(self.early))))
        self._soon()

    def _apply(self, event: events.Event) -> bool:
        decision = decide(self.state, event, RULES)
        if decision.kept is not None:
            if decision.kept.code in EARLY:
                self.early.append(event)
            return False
        self.decided.append(decision)
        self.state = decision.state
        if decision.commands:
            self._done(decision.commands)
        return True

    def _done(self, commands: tuple[Command, ...]) -> None:
        self.count += 1
        results = tuple(self.systems.do(command) for command in commands)
        self._apply(events.CommandsFinished(id=f"done-{self.count}", at=self.now, results=results))

    def _soon(self) -> None:
        """Let pauses before another try pass; they are shorter than anything else that waits."""
        for _ in range(200):
            names = [name for name in (self.state.deadlines if self.state else ()) if name.startswith("retry/")]
            if not names:
                return
            assert self.state is not None
            self.now = max(self.now, self.state.deadlines[names[0]])
            self.count += 1
            self._apply(events.DeadlinePassed(id=f"late-{self.count}", at=self.now, name=names[0]))


FAILURES: dict[str, Callable[[], Exception]] = {
    "later": lambda: RetryableError("busy", retry_after=1, kind="throttled"),
    "unknown": lambda: OutcomeUnknownError("no answer", key="k"),
    "rejected": lambda: RejectedError("no", kind="business_rule"),
}
VERBS = ("open_case", "authorize", "announce", "receive", "post_adjustment", "commit", "issue_credit", "update_case")


Story = tuple[Return, list[events.Event], dict[str, list[str]], dict[str, int]]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A return of one line, and what happens to it: deliveries, decisions, a cancellation, in any order, repeated."""
    asked = draw(st.integers(1, 9))
    came = draw(st.lists(st.integers(1, 6), min_size=0, max_size=3))
    return_ = asked_for("RMA-1", str(asked))
    told: list[events.Event] = [events.ReturnRequested(id="asked", at=NOON, by="portal", return_=return_)]
    running = itertools.accumulate(came)
    receipts: list[tuple[str, str]] = []
    for place, (count, total) in enumerate(zip(came, running, strict=True), 1):
        receipts.append((f"R{place}", str(count)))
        whole = place == len(came) and draw(st.booleans())
        line = return_.lines[0].replace(
            receipts=tuple(
                {"receiptId": id_, "quantity": {"value": value, "uom": "EA"}, "receivedAt": NOON.isoformat()}
                for id_, value in receipts
            )
        )
        status = "received" if whole or total >= asked else "partially_received"
        seen = return_.replace(lines=(line,), status=status)
        told.append(events.GoodsReceived(id=f"came-{place}", at=NOON + timedelta(hours=place), by="wms", seen=seen))
    left = sum(came)
    for place in range(draw(st.integers(0, 3))):
        if left:
            quantity = draw(st.integers(1, left))
            left -= quantity
            told.append(
                events.GoodsInspected(
                    id=f"seen-{place}",
                    at=NOON + timedelta(days=1, hours=place),
                    by="wms",
                    disposition=_decided(f"d{place}", draw(st.sampled_from(CODES[:3])), quantity),
                )
            )
    if draw(st.integers(0, 4)) == 0:
        told.append(events.CancelRequested(id="cancel", at=NOON + timedelta(hours=5), by="portal"))
    if draw(st.booleans()) and any(one.id == "seen-0" for one in told):
        told.append(
            events.DispositionReversed(id="back", at=NOON + timedelta(days=2), by="ines", document_id="d0", reason="x")
        )
    order = draw(st.permutations(told)) if draw(st.booleans()) else told
    repeated = [*order, *draw(st.lists(st.sampled_from(told), max_size=4))]
    failing = draw(
        st.dictionaries(st.sampled_from(VERBS), st.lists(st.sampled_from(sorted(FAILURES)), max_size=3), max_size=4)
    )
    losing = draw(st.dictionaries(st.sampled_from(VERBS), st.integers(1, 2), max_size=3))
    return return_, repeated, failing, losing


def _decided(id_: str, code: str, quantity: int) -> Disposition:
    return disposition("RMA-1", id_, code, str(quantity))


@settings(max_examples=CASES, deadline=None)
@given(stories())
def test_goods_and_money_are_conserved_and_nothing_is_done_twice(drawn: Story) -> None:
    _, told, failing, losing = drawn
    failures = {verb: [FAILURES[one]() for one in kinds] for verb, kinds in failing.items()}
    world = World(failing=failures, losing=dict(losing))
    process = Plain(connected(world, time=_clock()))
    for event in told:
        process.submit(event)
    state = process.state
    if state is None:
        assert not world.done
        return
    _each_is_somewhere(state)
    _goods_are_conserved(state)
    _money_is_conserved(state)
    _all_documents_keep_the_rules(state)
    _each_decision_is_read_as_it_was_written(process.decided)
    for (verb, subject), times in world.told.items():
        if verb != "receive":  # each delivery is told with all that came before it
            raised = len([*state.of_step("raise_rma")]) if verb == "authorize" else 0
            assert times <= 1 + losing.get(verb, 0) + raised, (verb, subject)
    assert world.count("issue_credit") <= len(state.credits)
    assert world.count("post_adjustment") <= len(state.adjustments)


def _clock() -> Any:
    from openreturns.transport import Time

    return Time(monotonic=iter(itertools.count(0, 1000)).__next__, sleep=lambda seconds: None)


def _each_is_somewhere(state: ProcessState) -> None:
    """Finished, waiting with a deadline, or in dead letters; nothing is running any more."""
    assert not state.running
    assert state.stage in TERMINAL or state.deadlines or state.dead_letters
    assert state.version > 0


def _each_decision_is_read_as_it_was_written(decided: list[Decision]) -> None:
    """A worker goes on with what it decided, whoever takes over with what the tables say: that is the same."""
    for one in decided:
        assert one.state is not None
        assert ProcessState.model_validate_json(one.state.to_json()) == one.state
        assert tuple(Command.model_validate_json(command.to_json()) for command in one.commands) == one.commands


def _goods_are_conserved(state: ProcessState) -> None:
    received = sum((one.received.value for one in state.return_.lines if one.received), Decimal(0))
    disposed = sum(
        (split.quantity.value for one in state.standing for line in one.lines for split in line.splits), Decimal(0)
    )
    assert disposed <= received
    moved: Counter[str] = Counter()
    for adjustment in state.adjustments:
        for line in adjustment.lines:
            moved[line.from_.status] -= int(line.quantity.value)
            moved[line.to.status] += int(line.quantity.value)
    out = sum(
        split.quantity.value
        for one in state.standing
        for line in one.lines
        for split in line.splits
        if split.to is not None
    )
    assert moved["inspection"] == -out
    assert sum(moved.values()) == 0


def _money_is_conserved(state: ProcessState) -> None:
    price = Decimal("10.00")
    received = sum((one.received.value for one in state.return_.lines if one.received), Decimal(0))
    live = [one for one in state.credits if one.status not in {"voided", "rejected"}]
    credited = sum((line.quantity.value for one in live for line in one.lines), Decimal(0))
    agreed = sum(((one.authorized or one.requested).value for one in state.return_.lines), Decimal(0))
    assert credited <= min(received, agreed)
    assert sum((one.totals.lines.amount for one in live), Decimal(0)) == credited * price
    for one in live:
        assert one.totals.tax_inclusive.amount == one.totals.tax_exclusive.amount + one.totals.tax.amount


def _all_documents_keep_the_rules(state: ProcessState) -> None:
    broken = check_case([state.return_, *state.dispositions, *state.adjustments, *state.credits])
    # A decision that was taken back stays in the story, as the credit does that went out because of it.
    assert not [one for one in broken if not state.reversed_], [str(one) for one in broken]
