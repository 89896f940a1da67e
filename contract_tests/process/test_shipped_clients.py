"""Every step of the process over the shipped clients and their simulators: each takes what the process gives it."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from demo import returns, run
from demo.sandbox import Sandbox, running
from openreturns.ports import Port
from openreturns.process import events
from openreturns.process.engine import Clock, InlineEngine, Systems
from openreturns.process.policy import load_policy
from openreturns.process.state import Effect, ProcessState
from openreturns.process.steps import STEPS, Step
from openreturns.process.store import Store

POLICY = run.POLICY.read_text("utf-8").replace("good_standing = false", "good_standing = true")
STANDING: dict[str, dict[str, Any]] = {
    "settings": {"standing_field": "Type"},
    "tables": {"standing": {"read": {"Customer - Direct": "good"}}},
}
TOLD = tomllib.loads(returns.STORY.read_text("utf-8"))
ASKED = {one["about"]: one for one in TOLD["returns"]}


@dataclass
class Flow:
    """A process over the sandbox: each method is something that happens to a return."""

    sandbox: Sandbox
    store: Store
    engine: InlineEngine
    count: int = 0

    def happens(self, number: str, kind: type[Any], by: str = "portal", **given: Any) -> ProcessState:
        self.count += 1
        self.engine.submit(number, kind(id=f"event-{self.count}", at=self.engine.now, by=by, **given))
        self.engine.advance(timedelta(minutes=30))
        state = self.store.load(number)
        assert state is not None
        return state

    def asked_for(self, number: str, asked: Mapping[str, Any]) -> ProcessState:
        request = returns.request(number, asked, TOLD["customers"][asked["customer"]])
        return self.happens(number, events.ReturnRequested, return_=request)

    def came_in(self, number: str, deliveries: Sequence[Sequence[Mapping[str, Any]]]) -> ProcessState:
        """Let all goods come in and be decided on."""
        [announced] = [one.ref for one in self._known(number).of_step("announce") if one.ref]
        self.sandbox.step("arrive", id=int(announced.id))
        for delivery in deliveries:
            self.sandbox.step("process", id=int(announced.id), actions=[self.sandbox.action(**one) for one in delivery])
        self.sandbox.step("complete", id=int(announced.id))
        self.happens(number, events.GoodsReceived, "shipbob", seen=self.sandbox.wms.status(announced))
        found = self.sandbox.wms.disposition(announced)
        return self.happens(number, events.GoodsInspected, "shipbob", disposition=found)

    def taken_back(self, number: str) -> ProcessState:
        """Take the decision back; what the ERP has no verb for, a person does there."""
        decided = self._known(number).dispositions[0].meta.document_id
        state = self.happens(number, events.DispositionReversed, "ines", document_id=decided, reason="wrong pallet")
        for key in [key for key, one in state.dead_letters.items() if one.kind == "unsupported"]:
            state = self.happens(number, events.DeadLetterDiscarded, "fay", key=key, reason="done by hand")
        return state

    def _known(self, number: str) -> ProcessState:
        state = self.store.load(number)
        assert state is not None
        return state


def _scrapped_and_taken_back(flow: Flow, number: str) -> ProcessState:
    asked = ASKED["two cartons, one pump short, two damaged"]
    flow.asked_for(number, asked)
    flow.came_in(number, asked["inspected"])
    return flow.taken_back(number)


def _more_than_was_agreed_to(flow: Flow, number: str) -> ProcessState:
    asked = ASKED["eight came, seven announced"]
    flow.asked_for(number, asked)
    return flow.came_in(number, asked["inspected"])


def _cancelled(flow: Flow, number: str) -> ProcessState:
    flow.asked_for(number, ASKED["six pumps back in stock"])
    return flow.happens(number, events.CancelRequested)


STORIES: dict[str, tuple[Callable[[Flow, str], ProcessState], str]] = {
    "scrapped and taken back": (_scrapped_and_taken_back, "awaiting_inspection"),
    "more than was agreed to": (_more_than_was_agreed_to, "closed"),
    "cancelled": (_cancelled, "cancelled"),
}
"""What happens to a return, and the stage that it is in then: between them every step is due."""


@dataclass(frozen=True)
class Ran:
    """The stories at their ends."""

    ports: Mapping[str, Port]
    states: Mapping[str, ProcessState]

    def supported(self, step: Step) -> bool:
        [port] = [one for one in self.ports.values() if one.role == step.role]
        return step.calls in port.supported()

    def effects(self, step: Step) -> list[Effect]:
        return [one for state in self.states.values() for one in state.of_step(step.name)]


@pytest.fixture(scope="module")
def ran() -> Iterator[Ran]:
    quiet = logging.getLogger("openreturns")
    level = quiet.level
    quiet.setLevel(logging.CRITICAL)
    with running() as sandbox:
        policy, clock, store = load_policy(POLICY), Clock(datetime.now(UTC)), Store("sqlite://")
        store.migrate()
        rules = {name: system.rules(name) for name, system in sandbox.systems.items()}
        crm = sandbox.systems["salesforce"]
        told = {name: {**getattr(crm, name), **more} for name, more in STANDING.items()}
        [desk] = crm.replace(**told).ports("salesforce", time=clock.time)
        with desk:
            ports = {**sandbox.ports, "salesforce": desk}
            systems = Systems(ports, rules, policy.vendors, time=clock.time)
            flow = Flow(sandbox, store, InlineEngine(store, systems, policy, clock=clock))
            states = {name: tell(flow, f"RMA-{at}") for at, (name, (tell, _)) in enumerate(STORIES.items(), 1)}
            yield Ran(ports, states)
    quiet.setLevel(level)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_each_client_takes_what_the_process_gives_it(ran: Ran, step: Step) -> None:
    """What a client has no verb for, it says."""
    effects = ran.effects(step)
    if ran.supported(step):
        assert {(one.status, one.problems) for one in effects} == {("done", ())}
    else:
        assert {one.kind for one in effects} <= {"unsupported"}


def test_a_credit_says_how_its_tax_was_found_and_what_records_it(ran: Ran) -> None:
    credits = [one for state in ran.states.values() for one in state.credits]
    assert {one.tax_method for one in credits} == {"reversed_from_original"}
    assert [one.tax_transaction and one.tax_transaction.id for one in credits] == [one.number for one in credits]


@pytest.mark.parametrize("story", STORIES)
def test_each_story_ends_as_it_is_to(ran: Ran, story: str) -> None:
    state = ran.states[story]
    assert (state.stage, state.dead_letters) == (STORIES[story][1], {})
