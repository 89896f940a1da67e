"""An answer that is lost: of what the contract kit cannot set up, that it is done once; of all, that it can go wrong.

The kit proves the same of every row of an adapter's verbs.toml (WRITES_DONE_ONCE and the checks beside it).
"""

from __future__ import annotations

from contextlib import suppress
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

import pytest
from clients.verbs import VERBS, Sent, Verb, connected
from openreturns.errors import OpenReturnsError
from openreturns.idempotency import Done, Unknown
from openreturns.sandbox import Fault
from openreturns.transport import Answer, Outgoing, Timeouts
from openreturns.transport._wire import Wire, Within
from openreturns_adapters.shipbob.simulator import simulator as shipbob_as_documented

RUNS = 50
BEYOND = [verb for verb in VERBS if str(verb) == "avatax.commit, as a refund"]  # needs a sale recorded first
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
@pytest.mark.parametrize("verb", BEYOND, ids=str)
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
        assert [call.fault for call in at.simulator.calls].count(fault.kind) == RUNS, "a fault that hit nothing"


@pytest.mark.parametrize("verb", BEYOND, ids=str)
def test_the_same_told_twice_is_done_once(verb: Verb) -> None:
    with connected(verb.system) as at:
        for number in range(RUNS):
            subject = verb.prepare(at.client, number)
            first, second = (settled(verb, at.client, subject) for _ in range(2))
            assert isinstance(first, Done)
            assert isinstance(second, Done)
            assert first.ref == second.ref
            assert verb.effects(at.api, subject) == 1


@pytest.mark.parametrize("verb", BEYOND, ids=str)
def test_a_write_that_arrives_twice_is_done_once(verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway sends it again. No client can help that: what the vendor knows the write by has to be in it."""
    simulator = shipbob_as_documented(calls=100_000) if verb.system == "shipbob" else None
    arrived: list[str] = []
    with connected(verb.system, simulator=simulator) as there:
        wire: Wire = there.client._client._wire
        plain = wire.send

        def send(outgoing: Outgoing, within: Within) -> Answer:
            path = urlsplit(outgoing.url).path.removeprefix(there.simulator.vendor.base)
            if fnmatchcase(f"{outgoing.method} {path}", verb.write):
                arrived.append(path)
                first = plain(outgoing, within)
                plain(outgoing, within)
                return first
            return plain(outgoing, within)

        monkeypatch.setattr(wire, "send", send)
        for number in range(RUNS):
            subject = verb.prepare(there.client, number)
            outcome = settled(verb, there.client, subject)
            assert isinstance(outcome, Done), outcome
            assert verb.effects(there.api, subject) == 1
    assert len(arrived) >= RUNS


def settled(verb: Verb, client: Any, subject: Any) -> Any:
    """What a caller does: an outcome that nobody knows is asked for again."""
    for _ in range(3):
        outcome = verb.act(client, subject)
        if not isinstance(outcome, Unknown):
            return outcome
    return outcome


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.careless], ids=str)
def test_without_the_rule_the_same_test_fails(verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof that the tests above can fail: told that a repeat is harmless when it is not, it is done twice."""
    careless, total = verb.careless, verb.total
    assert careless is not None
    assert total is not None
    with connected(verb.system) as there:
        client = there.client._client
        plain = client.request

        def request(name: str, method: str, path: str, *, at: Any = None, json: Any = None, **given: Any) -> Any:
            sent = Sent(method, path, at or {}, json)
            if method != "GET":
                sent, given = careless(sent), {**given, "idempotency": "native"}
                there.simulator.faults.add(Fault("error_after", f"{sent.method} *{sent.path.partition('{')[0]}*"))
            return plain(name, sent.method, sent.path, at=sent.at, json=sent.json, **given)

        subject = verb.prepare(there.client, 1)
        before = total(there.api)
        monkeypatch.setattr(client, "request", request)
        with suppress(OpenReturnsError):  # what is read back is not what was sent, perhaps
            verb.act(there.client, subject)
        assert total(there.api) - before > 1
