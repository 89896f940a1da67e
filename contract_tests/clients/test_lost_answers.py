"""An answer that is lost, a hundred ways: whatever is done again, it is done once."""

from __future__ import annotations

from typing import Any

import pytest
from clients.verbs import VERBS, Verb, connected
from openreturns.idempotency import Done, Unknown
from openreturns.sandbox import Fault
from openreturns.transport import Timeouts

RUNS = 50
LOST = {
    "500 after the effect": Fault("error_after"),
    "cut after the effect": Fault("cut_after"),
    "timeout after the effect": Fault("hang_after", seconds=0.1),
    "cut before the effect": Fault("cut_before"),
    "500 before the effect": Fault("error_before"),
    "half of the answer": Fault("truncated"),
    "a proxy's page": Fault("html"),
}


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("verb", VERBS, ids=str)
def test_a_write_whose_answer_is_lost_is_done_once(verb: Verb, lost: str) -> None:
    fault = LOST[lost]
    timeouts = Timeouts(read=0.05) if fault.seconds else Timeouts()
    with connected(verb.system, timeouts=timeouts) as at:
        for number in range(RUNS):
            subject = verb.prepare(at.client, number)
            at.simulator.faults.add(Fault(fault.kind, verb.write, seconds=fault.seconds))
            outcome = settled(verb, at.client, subject)
            assert isinstance(outcome, Done), outcome
            assert verb.effects(at.api, subject) == 1


@pytest.mark.parametrize("verb", VERBS, ids=str)
def test_the_same_told_twice_is_done_once(verb: Verb) -> None:
    with connected(verb.system) as at:
        for number in range(RUNS):
            subject = verb.prepare(at.client, number)
            first, second = (settled(verb, at.client, subject) for _ in range(2))
            assert isinstance(first, Done)
            assert isinstance(second, Done)
            assert first.ref == second.ref
            assert verb.effects(at.api, subject) == 1


def settled(verb: Verb, client: Any, subject: Any) -> Any:
    """What a caller does: an outcome that nobody knows is asked for again."""
    for _ in range(3):
        outcome = verb.act(client, subject)
        if not isinstance(outcome, Unknown):
            return outcome
    return outcome


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.doubled], ids=str)
def test_without_the_rule_the_same_test_fails(verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof that the tests above can fail: told that a repeat is harmless, the client does it twice."""
    with connected(verb.system) as at:
        client = at.client._client
        plain = client.request

        def careless(name: str, *args: Any, **given: Any) -> Any:
            return plain(name, *args, **{**given, "idempotency": "native"})

        monkeypatch.setattr(client, "request", careless)
        subject = verb.prepare(at.client, 1)
        at.simulator.faults.add(Fault("error_after", verb.write))
        settled(verb, at.client, subject)
        assert verb.effects(at.api, subject) == 2
