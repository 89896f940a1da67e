"""What a worker does beside carrying events: tells, reconciles, shows how systems stand, forgets what is old."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openreturns.errors import RetryableError
from openreturns.process.chores import Chores
from openreturns.process.config import Config
from openreturns.process.engine import InlineEngine, Systems
from openreturns.process.engine_dbos import DbosEngine
from openreturns.process.jobs import Jobs
from openreturns.process.policy import VendorBudget, load_policy
from openreturns.process.targets import Target
from openreturns.process.views import rows
from process.systems import NOON, POLICY, Told, World, connected, story, told
from process.test_engine_dbos import until_closed
from process.test_relay import Memory, written

CONFIG = Config(policy="policy.toml", reconcile_hours=6)


def chores(process: Told, systems: Systems | None = None, **given: object) -> tuple[Chores, Memory]:
    target = Memory()
    targets: Mapping[str, Target] = {"t": target}
    one = Chores(
        CONFIG,
        process.store,
        systems or connected(process.world),
        targets,
        lambda: load_policy(POLICY),
        "one",
        clock=lambda: process.engine.now,
        **given,  # type: ignore[arg-type] # as a test chooses
    )
    return one, target


def test_a_worker_tells_what_happens_and_reconciles_every_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    process, asked = told(), list[datetime]()

    def examine(store: object, ports: object, policy: object, since: datetime, now: datetime) -> list[object]:
        asked.append(now)
        return []

    monkeypatch.setattr("openreturns.process.reconcile.examine", examine)
    process.asked_for("RMA-1")
    one, target = chores(process)
    for _ in range(30):
        one.once()
        process.engine.advance(timedelta(hours=1))
    assert asked == [NOON + timedelta(hours=6 * turn) for turn in range(5)]
    assert [event.id for event in target.taken] == written(process.store, "RMA-1")


def test_a_reconciliation_that_fails_is_tried_again_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    process, tries = told(), list[datetime]()

    def away(store: object, ports: object, policy: object, since: datetime, now: datetime) -> list[object]:
        tries.append(now)
        raise RetryableError("the ERP is away", retry_after=1, kind="unavailable")

    monkeypatch.setattr("openreturns.process.reconcile.examine", away)
    one, _ = chores(process)
    for _ in range(20):
        with suppress(RetryableError):
            one.once()
        process.engine.advance(timedelta(minutes=1))
    assert [at - NOON for at in tries] == [timedelta(minutes=minutes) for minutes in (0, 1, 3, 7, 15)]
    [job] = [job for job in Jobs(process.store, "").known() if job.name == "reconcile"]
    assert (job.failures, job.why) == (5, "RetryableError")


def test_of_two_workers_one_has_a_job() -> None:
    process = told()
    one, two = Jobs(process.store, "one"), Jobs(process.store, "two")
    assert one.claim("reconcile", NOON)
    assert not two.claim("reconcile", NOON)
    assert two.claim("reconcile", NOON + timedelta(minutes=2))  # the first one died
    one.done("reconcile", NOON)  # it was only slow: what is not its own any more it leaves alone
    assert not one.claim("reconcile", NOON + timedelta(minutes=2))


def test_the_budget_and_the_breaker_of_each_system_are_seen() -> None:
    process = told()
    process.engine.clock.now = datetime.now(UTC)
    budgets = {"erp": VendorBudget(concurrent=3, calls=7, per_seconds=60, breaker_failures=1, breaker_seconds=600)}
    systems = connected(process.world, budgets=budgets)
    engine = InlineEngine(process.store, systems, load_policy(POLICY), clock=process.engine.clock)
    process.world.failing["authorize"] = [RetryableError("down", retry_after=1, kind="unavailable")]
    engine.submit("RMA-1", story("RMA-1")[0])
    one, _ = chores(process, systems)
    one.once()
    health = {row["system"]: row for row in rows(process.store, "vendor_health")}
    erp = health["erp"]
    assert (erp["concurrent"], erp["calls"], erp["per_seconds"]) == (3, 7, 60)
    assert (erp["used"], erp["failures"], erp["later"]) == (2, 1, 1)
    assert erp["left_alone_until"] > process.engine.now.timestamp() * 1_000_000
    assert health["crm"]["left_alone_until"] is None


def test_workflows_that_ended_long_ago_are_forgotten_and_nothing_of_a_return_is(tmp_path: Path) -> None:
    world = World()
    with DbosEngine(f"sqlite:///{tmp_path}/p.sqlite", connected(world), load_policy(POLICY), threads=2) as engine:
        for event in story("RMA-1"):
            engine.submit("RMA-1", event)
        until_closed(engine, "RMA-1")
        now = datetime.now(UTC)
        assert engine.forget(now - timedelta(hours=1)) == 0
        forgotten = 0
        while forgotten < 3:  # each ends a moment after what it did
            forgotten += engine.forget(now + timedelta(hours=1))
        assert engine.forget(now + timedelta(hours=1)) == 0
        state = engine.store.load("RMA-1")
        assert state is not None
        assert state.stage == "closed"
        assert engine.submit("RMA-1", story("RMA-1")[0]) == "duplicate"
    assert world.count("issue_credit") == 1
