"""A replay makes the calls that its plan lists, under the same keys, and nothing that is done is done again."""

from __future__ import annotations

import pytest
from openreturns.errors import RejectedError
from openreturns.idempotency import Rule
from openreturns.process import machine as machine_
from openreturns.process import replay
from openreturns.process.policy import load_policy
from openreturns.process.state import Command
from process.systems import NOON, POLICY, Told, told

RULES = load_policy(POLICY)


def rule(system: str, verb: str) -> Rule:
    rules: dict[str, Rule] = {"erp": "native", "crm": "none"}
    return rules.get(system, "lookup")


def stuck() -> Told:
    """A return whose RMA the ERP refused, one whose case the CRM refused, and one that came to its credit."""
    process = told()
    process.asked_for("DONE")
    process.came_in(("R1", "1"), number="DONE")
    process.inspected("DONE")
    process.world.failing["authorize"] = [RejectedError("the period is closed", kind="business_rule")]
    process.asked_for("NO-RMA")
    process.world.failing["open_case"] = [RejectedError("no such account", kind="unknown_customer")]
    process.asked_for("NO-CASE")
    return process


def planned(process: Told, **of: tuple[str, ...]) -> list[replay.Call]:
    return replay.plan(process.store, RULES, rule, process.engine.now, **of)


def test_a_plan_lists_every_call_with_its_key_and_what_is_known_and_changes_nothing() -> None:
    process = stuck()
    before = [process.state(number) for number in ("DONE", "NO-RMA", "NO-CASE")]
    calls = {call.number: call for call in planned(process)}
    assert set(calls) == {"NO-RMA", "NO-CASE"}
    rma, case = calls["NO-RMA"], calls["NO-CASE"]
    [(key, effect)] = process.state("NO-RMA").dead_letters.items()
    assert (rma.key, rma.system, rma.verb, rma.attempts) == (key, "erp", "authorize", effect.attempts)
    assert rma.known == "rejected business_rule: the period is closed"
    assert (rma.safety, case.safety) == ("the system knows the key again", "it may be done twice: look first")
    assert [process.state(number) for number in ("DONE", "NO-RMA", "NO-CASE")] == before


def test_a_replay_makes_the_calls_of_its_plan_under_their_keys() -> None:
    process = stuck()
    keys: list[str] = []

    def seen(place: str, command: Command) -> None:
        if place == "before":
            keys.append(command.key)

    process.engine._broken = seen
    plan = [call.key for call in planned(process)]
    assert replay.replay(process.store, process.engine.submit, NOON, "dora") == 2
    assert [key for key in keys if key in plan] == plan
    assert not process.state("NO-RMA").dead_letters
    assert process.state("NO-RMA").stage == "awaiting_goods"
    assert planned(process) == []
    assert replay.replay(process.store, process.engine.submit, NOON, "dora") == 0
    assert set(process.world.told.values()) == {1}


@pytest.mark.parametrize(
    ("of", "numbers"),
    [
        ({"numbers": ("NO-RMA",)}, ["NO-RMA"]),
        ({"systems": ("crm",)}, ["NO-CASE"]),
        ({"numbers": ("NO-RMA",), "systems": ("crm",)}, []),
    ],
)
def test_a_plan_is_of_some_returns_or_systems(of: dict[str, tuple[str, ...]], numbers: list[str]) -> None:
    assert [call.number for call in planned(stuck(), **of)] == numbers


def test_an_event_that_could_not_be_decided_on_is_decided_on_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    process = told()
    process.asked_for("RMA-1")

    def broken(*_: object) -> None:
        raise RejectedError("a defect of this version", kind="defect")

    with monkeypatch.context() as patched:
        patched.setattr(machine_, "absorb", broken)
        assert process.came_in(("R1", "1"), number="RMA-1") == "poison"
    call = planned(process)[0]
    assert (call.cause, call.verb, call.known) == ("event event-2", "receive", "never sent")
    assert replay.replay(process.store, process.engine.submit, NOON, "dora") == 1
    process.engine.resume()
    assert process.state("RMA-1").stage == "awaiting_inspection"
    assert process.store.kept("RMA-1") == []


def test_who_asks_for_a_replay_is_in_the_audit() -> None:
    process = stuck()
    replay.replay(process.store, process.engine.submit, NOON, "dora", numbers=("NO-RMA",))
    entries = [row for row in process.store.audit("NO-RMA") if row.kind == "dead_letter.retried"]
    assert [row.by for row in entries] == ["dora"]
