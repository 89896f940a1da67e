"""The process over four simulated vendors with faults on: 25 returns, and all systems hold the same in the end."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from demo import returns
from demo.flow import request
from demo.sandbox import Sandbox, running
from openreturns.errors import RejectedError, RetryableError
from openreturns.invariants import check_case
from openreturns.models import Document
from openreturns.ports import Port
from openreturns.process import events
from openreturns.process import reconcile as reconcile_
from openreturns.process.doctor import examine
from openreturns.process.engine import Clock, InlineEngine, Systems
from openreturns.process.policy import load_policy
from openreturns.process.store import Store
from openreturns.reconciliation import reconcile

POLICY = """
not_creditable = ["damaged by the customer"]

[approvals]
decline_ineligible = true

[approvals.automatic_return]
up_to = { USD = "100000", EUR = "100000", JPY = "10000000", KWD = "100000" }
good_standing = false

[routing.default]
erp = "netsuite"
wms = "shipbob"
crm = "salesforce"
tax = "avatax"
seller = "1"
location = "22"
adjustments = ["exit"]
"""


NAMES = ("netsuite", "shipbob", "salesforce", "avatax")


class Carried:
    """The story of the demo, its returns carried by the process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox, self.story = sandbox, returns.story()
        self.clock = Clock(datetime.now(UTC))
        four = sandbox.systems
        self.ports: tuple[Port, ...] = (four.erp, four.wms, four.crm, four.tax)
        self.policy = load_policy(POLICY)
        systems = Systems(dict(zip(NAMES, self.ports, strict=True)), time=self.clock.time)
        store = Store("sqlite://")
        store.migrate()
        self.engine = InlineEngine(store, systems, self.policy, clock=self.clock)
        self.count = 0

    def run(self) -> None:
        numbers = {}
        for number, asked in enumerate(self.story["returns"], returns.FIRST):
            self.sandbox.trouble()
            name = f"RMA-2026-{number}"
            asked_for = request(name, asked, self.story["customers"][asked["customer"]])
            self.happens(name, events.ReturnRequested, by="portal", return_=asked_for)
            self.settle()
            if asked.get("cancelled"):
                self.happens(name, events.CancelRequested, by="portal")
                self.settle()
            numbers[name] = asked
        happening = [self.warehouse(name, asked) for name, asked in numbers.items()]
        while happening:
            self.sandbox.trouble(2)
            happening = [steps for steps in happening if returns._some(steps, 2)]
            self.news(numbers)
        for _ in range(returns.ROUNDS):
            self.news(numbers)
            self.settle()

    def happens(self, number: str, kind: type[Any], **given: Any) -> None:
        self.count += 1
        self.engine.submit(number, kind(id=f"event-{self.count}", at=self.clock.now, **given))

    def settle(self) -> None:
        """Let pauses before another try pass."""
        self.engine.advance(timedelta(hours=2))

    def wms_ref(self, name: str) -> Any:
        state = self.engine.store.load(name)
        announced = state.effect("announce") if state else None
        return announced.ref if announced else None

    def warehouse(self, name: str, asked: Mapping[str, Any]) -> Iterator[Any]:
        ref = self.wms_ref(name)
        if ref is None or "inspected" not in asked:
            return
        yield self.sandbox.step("arrive", id=int(ref.id))
        for delivery in asked["inspected"]:
            actions = [self.sandbox.action(**one) for one in delivery]
            yield self.sandbox.step("process", id=int(ref.id), actions=actions)
        yield self.sandbox.step("complete", id=int(ref.id))

    def news(self, numbers: Mapping[str, Any]) -> None:
        """Ask the warehouse what it has of each return, as a webhook or a poll would make one do."""
        for name in numbers:
            ref = self.wms_ref(name)
            state = self.engine.store.load(name)
            if ref is None or state is None or state.ending or state.stage == "closed":
                continue
            try:
                seen = self.sandbox.systems.wms.status(ref)
                self.happens(name, events.GoodsReceived, by="shipbob", seen=seen)
                if seen.status == "dispositioned":
                    decided = self.sandbox.systems.wms.disposition(ref)
                    self.happens(name, events.GoodsInspected, by="shipbob", disposition=decided)
            except (RetryableError, RejectedError):
                continue
            self.settle()


@pytest.fixture(scope="module")
def carried() -> Iterator[Carried]:
    quiet = logging.getLogger("openreturns")
    level = quiet.level
    quiet.setLevel(logging.CRITICAL)
    with running() as sandbox:
        story = Carried(sandbox)
        story.run()
        sandbox.calm()
        yield story
    quiet.setLevel(level)


def test_all_systems_hold_the_same_of_every_return(carried: Carried) -> None:
    held = returns.hold(carried.sandbox.systems, carried.engine.now - timedelta(days=30), ["damaged by the customer"])
    assert [str(one) for one in reconcile(held).differences] == []


def test_the_process_finds_nothing_that_does_not_fit_until_somebody_changes_a_credit(carried: Carried) -> None:
    engine, erp = carried.engine, carried.sandbox.simulators["netsuite"]
    ports = {
        name: [port] for name, port in zip(("netsuite", "shipbob", "salesforce", "avatax"), carried.ports, strict=True)
    }
    since = engine.now - timedelta(days=30)
    assert reconcile_.examine(engine.store, ports, carried.policy, since, engine.now) == []
    ref = next(one for one in returns.changed(carried.sandbox.systems.erp, since) if one.type == "credit")
    line = erp.step("change", record="creditMemo", id=ref.id, body={})["item"]["items"][0]

    def priced(amount: Any) -> None:
        body = {"item": {"items": [{"line": line["line"], "amount": amount}]}}
        erp.step("change", record="creditMemo", id=ref.id, body=body)

    priced(line["amount"] + 1)
    found = reconcile_.examine(engine.store, ports, carried.policy, since, engine.now)
    net = next(row for row in found if row["code"] == "net")
    assert (net["value_minor"], net["owner"], net["first_seen"]) == (100, "finance", net["last_seen"])
    again = reconcile_.examine(engine.store, ports, carried.policy, since, engine.now + timedelta(days=1))
    assert [row["first_seen"] for row in again] == [row["first_seen"] for row in found]
    priced(line["amount"])
    assert reconcile_.examine(engine.store, ports, carried.policy, since, engine.now) == []


def test_every_return_ends_as_the_story_has_it_and_none_is_lost(carried: Carried) -> None:
    store = carried.engine.store
    states = [store.load(f"RMA-2026-{number}") for number, _ in enumerate(carried.story["returns"], returns.FIRST)]
    ends = [
        "cancelled" if asked.get("cancelled") else "closed" if "inspected" in asked else "declined"
        for asked in carried.story["returns"]
    ]
    said = [(s.stage, [f.code for f in s.findings], s.dead_letters) if s else None for s in states]
    assert [state.stage for state in states if state] == ends, said
    for state in states:
        assert state is not None
        assert not state.dead_letters
        story: list[Document] = [state.return_, *state.dispositions, *state.adjustments, *state.credits]
        assert [str(problem) for problem in check_case(story)] == []
    health = examine(store, carried.engine.now, lease=timedelta(seconds=15))
    assert health.sound
    assert health.counts["finished"] == 25
