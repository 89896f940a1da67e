"""Every step of the process over the shipped clients and their simulators: each takes what the process gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from demo import run
from demo.sandbox import running
from openreturns.ports import Port
from openreturns.process import events
from openreturns.process.state import Effect, ProcessState
from openreturns.process.steps import STEPS, Step
from process.shipped import ASKED, Flow, flowing

POLICY = run.POLICY.read_text("utf-8").replace("good_standing = false", "good_standing = true")
STANDING: dict[str, dict[str, Any]] = {
    "settings": {"standing_field": "Type"},
    "tables": {"standing": {"read": {"Customer - Direct": "good"}}},
}


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
    with running() as sandbox:
        crm = sandbox.systems["salesforce"]
        told = {name: {**getattr(crm, name), **more} for name, more in STANDING.items()}
        [desk] = crm.replace(**told).ports("salesforce")
        with desk, flowing(sandbox, POLICY, {"salesforce": desk}) as flow:
            states = {name: tell(flow, f"RMA-{at}") for at, (name, (tell, _)) in enumerate(STORIES.items(), 1)}
            yield Ran(flow.ports, states)


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
