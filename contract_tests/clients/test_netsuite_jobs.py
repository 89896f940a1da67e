"""Records that NetSuite writes by a job: submitted once, followed to the end, and told like any other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from clients import story
from clients.verbs import VERBS, Connected, Verb, connected, done
from openreturns.idempotency import Done, Rejected, Unknown
from openreturns.sandbox import Fault
from openreturns.transport import Time
from openreturns_adapters.netsuite.client import _jobs
from openreturns_adapters.netsuite.simulator import simulator

WRITES = [verb for verb in VERBS if verb.system == "netsuite"]


@contextmanager
def account(async_seconds: int = 10, lines: int = 1) -> Iterator[Connected]:
    """An account whose time passes while the client waits, and only then."""
    vendor = simulator(concurrent=100, negative_stock=True, async_seconds=async_seconds)
    time = Time(sleep=lambda seconds: vendor.step("move_time", seconds=math.ceil(seconds)))
    with connected("netsuite", simulator=vendor, settings={"async_lines": lines}, time=time) as there:
        yield there


@pytest.fixture
def there() -> Iterator[Connected]:
    with account() as one:
        yield one


def submitted(there: Connected) -> int:
    return sum(call.status == 202 for call in there.simulator.calls)


@pytest.mark.parametrize("verb", WRITES, ids=str)
@pytest.mark.parametrize("fault", ["error_after", "cut_after", "error_before", "truncated"])
def test_a_job_whose_answer_is_lost_is_done_once(verb: Verb, fault: Any, there: Connected) -> None:
    subject = verb.prepare(there.client, 1)
    before = submitted(there)
    there.simulator.faults.add(Fault(fault, verb.write))
    outcome = verb.act(there.client, subject)
    assert isinstance(outcome, Done), outcome
    assert verb.effects(there.api, subject) == 1
    assert submitted(there) - before <= 2  # the one whose answer was lost is logged as what it was
    assert any("/async/v1/job/" in call.path for call in there.simulator.calls)


def test_a_job_that_fails_is_a_refusal_with_the_vendors_words(there: Connected) -> None:
    asked = story.returned(1).to_dict()
    asked["customer"]["id"] = "999999"
    outcome = there.client.authorize(type(story.returned(1)).model_validate(asked))
    assert isinstance(outcome, Rejected)
    assert outcome.problem.code == "INVALID_CONTENT"
    assert submitted(there) == 1


def test_a_job_without_an_end_is_unknown_and_no_second_one_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_jobs, "_WAITS", (1.0, 1.0))
    with account(async_seconds=100) as there:
        assert isinstance(there.client.authorize(story.returned(1)), Unknown)
        assert submitted(there) == 1
        there.simulator.step("move_time", seconds=100)
        assert isinstance(there.client.authorize(story.returned(1)), Done)
        assert submitted(there) == 1


def test_small_records_are_written_at_once() -> None:
    with account(lines=100) as there:
        done(there.client.authorize(story.returned(1)))
        assert submitted(there) == 0
