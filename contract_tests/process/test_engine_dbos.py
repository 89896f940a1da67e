"""The durable engine on SQLite: what is accepted is done, whoever has to do it."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from openreturns.idempotency import Outcome
from openreturns.process.engine_dbos import DbosEngine
from openreturns.process.policy import load_policy
from process.systems import NOON, POLICY, World, connected, story


def until_closed(engine: DbosEngine, number: str) -> None:
    for _ in range(600):
        state = engine.store.load(number)
        if state is not None and state.stage == "closed":
            return
        time.sleep(0.05)
    raise AssertionError(f"{number} is {state.stage if state else None}: {engine.store.kept(number)}, {state}")


def test_events_in_any_order_are_carried_to_the_credit(tmp_path: Path) -> None:
    world = World()
    with DbosEngine(f"sqlite:///{tmp_path}/p.sqlite", connected(world), load_policy(POLICY), threads=4) as engine:
        for place, number in enumerate(f"RMA-{one}" for one in range(6)):
            told = story(number)
            for event in told[place % 3 :] + told[: place % 3]:
                assert engine.submit(number, event) == "new"
                assert engine.submit(number, event) == "duplicate"
        for place in range(6):
            until_closed(engine, f"RMA-{place}")
    assert world.count("issue_credit") == world.count("authorize") == world.count("commit") == 6


def test_what_was_accepted_before_the_worker_began_is_done_when_it_does(tmp_path: Path) -> None:
    world, policy = World(), load_policy(POLICY)
    url = f"sqlite:///{tmp_path}/p.sqlite"
    first = DbosEngine(url, connected(world), policy)
    first.store.migrate()
    for event in story("RMA-1"):
        first.store.accept("RMA-1", event, NOON)
    first.store.close()
    with DbosEngine(url, connected(world), policy) as engine:
        until_closed(engine, "RMA-1")
    assert world.count("issue_credit") == 1


class Slow(World):
    """Vendors that take their time."""

    def does(self, verb: str, subject: str, kind: Any = "return") -> Outcome:
        time.sleep(0.2)
        return super().does(verb, subject, kind)


def test_a_worker_that_is_late_with_showing_that_it_lives_does_not_take_over_from_itself(tmp_path: Path) -> None:
    world, lease = Slow(), timedelta(milliseconds=1)
    url = f"sqlite:///{tmp_path}/p.sqlite"
    with DbosEngine(url, connected(world), load_policy(POLICY), threads=4, lease=lease) as engine:
        for event in story("RMA-1"):
            engine.submit("RMA-1", event)
        until_closed(engine, "RMA-1")
    assert set(world.told.values()) == {1}
