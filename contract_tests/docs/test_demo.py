"""The demo's returns over four simulated vendors with faults on, carried in one thread: `make demo` has workers.

All systems hold the same in the end; what somebody changes is found.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from demo import returns, run, workers
from demo.sandbox import Sandbox, running
from openreturns.models import Credit, Return
from openreturns.ports import Port
from openreturns.process import reconcile as findings
from openreturns.process.config import load_config
from openreturns.process.engine import Clock, InlineEngine, Systems
from openreturns.process.policy import load_policy
from openreturns.process.store import Store
from openreturns.reconciliation import Books, Reconciliation, reconcile

ROUNDS = 200
POLICY = load_policy(run.POLICY.read_bytes())


@dataclass(frozen=True)
class Ran:
    """The story at its end. What a test changes in a system afterwards, it puts back."""

    sandbox: Sandbox
    story: returns.Story
    store: Store
    clock: Clock
    began: datetime

    @property
    def ports(self) -> dict[str, list[Port]]:
        return {name: [port] for name, port in self.sandbox.ports.items()}

    def held(self) -> list[Books]:
        return findings.held_by(self.ports, POLICY, self.began)

    def compared(self) -> Reconciliation:
        return reconcile(self.held())

    def verdict(self) -> int:
        lease = timedelta(seconds=15)
        return run.verdict(self.sandbox, self.story, self.store, POLICY, self.began, lease)

    def found(self, later: timedelta = timedelta()) -> list[dict[str, Any]]:
        return findings.examine(self.store, self.ports, POLICY, self.began, self.clock.now + later)


@pytest.fixture(scope="module")
def ran() -> Iterator[Ran]:
    quiet = logging.getLogger("openreturns")
    level, clock = quiet.level, Clock(datetime.now(UTC))
    began = clock.now
    quiet.setLevel(logging.CRITICAL)
    with running() as sandbox:
        store = Store("sqlite://")
        store.migrate()
        rules = {name: system.rules(name) for name, system in sandbox.systems.items()}
        systems = Systems(sandbox.ports, rules, POLICY.vendors, time=clock.time)
        engine = InlineEngine(store, systems, POLICY, clock=clock)
        story = returns.Story(sandbox, store, engine.submit, lambda *_: None, lambda: clock.now)
        story.begin()
        for _ in range(ROUNDS):
            if story.go_on():
                break
            engine.advance(timedelta(minutes=1))
        sandbox.calm()
        yield Ran(sandbox, story, store, clock, began)
    quiet.setLevel(level)


def test_all_systems_hold_the_same_of_every_return(ran: Ran) -> None:
    found = ran.compared()
    assert [str(one) for one in found.differences] == []
    assert list(found.returns) == list(ran.story.asked)
    assert len(ran.story.asked) == 25
    received, credited = found.totals("received"), found.totals("credited")
    assert set(received) == {"netsuite", "shipbob", "salesforce"}
    assert set(credited) == {"netsuite", "shipbob", "avatax"}
    assert set(found.totals("net")["avatax"]) == {"EUR", "JPY", "KWD", "USD"}


def test_every_return_ends_as_the_story_has_it_and_none_is_lost(ran: Ran) -> None:
    assert ran.story.ends_as_told() == []
    assert set(ran.story.stages.values()) == {"cancelled", "closed", "declined"}
    approved = [
        (state.number, decided.by)
        for number in ran.store.numbers()
        if (state := ran.store.load(number)) is not None
        for decided in state.decisions
    ]
    assert approved == [(run.TOLD, "cora")]


def test_faults_hit_calls_and_webhooks_came_twice(ran: Ran) -> None:
    assert {"error_before", "error_after", "cut_before", "cut_after", "throttled", "stale"} <= set(ran.sandbox.hit())
    assert ran.sandbox.webhooks["new"] > ran.sandbox.webhooks["repeated"] > 0
    assert ran.sandbox.forge("78101") == 401
    assert ran.sandbox.webhooks["refused"] == 1


def test_taxes_are_refunded_where_whole_lines_came_back_and_reckoned_where_not(ran: Ran) -> None:
    calls = ran.sandbox.simulators["avatax"].calls
    made = [call.path for call in calls if call.method == "POST" and call.status == 201]
    assert any(path.endswith("/refund") for path in made)
    assert "/transactions/create" in made


def test_nothing_was_made_twice(ran: Ran) -> None:
    for books in ran.held():
        for kind in (Return, Credit):
            numbers = [document.number for document in books.documents if isinstance(document, kind)]
            assert len(numbers) == len(set(numbers)), books.system


def test_a_credit_that_somebody_changes_is_found_and_keeps_the_day_it_was_first_seen(ran: Ran) -> None:
    assert ran.found() == []
    erp = ran.sandbox.simulators["netsuite"]
    ref = next(one.ref for one in ran.sandbox.ports["netsuite"].changes(ran.began) if one.ref.type == "credit")
    line = erp.step("change", record="creditMemo", id=ref.id, body={})["item"]["items"][0]

    def priced(amount: Any) -> None:
        body = {"item": {"items": [{"line": line["line"], "amount": amount}]}}
        erp.step("change", record="creditMemo", id=ref.id, body=body)

    priced(line["amount"] + 1)
    differences = ran.compared().differences
    assert {one.fact for one in differences} == {"net", "tax"}
    assert len({one.return_number for one in differences}) == 1
    found = ran.found()
    net = next(row for row in found if row["code"] == "net")
    assert (net["value_minor"], net["owner"], net["first_seen"]) == (100, "finance", net["last_seen"])
    assert [row["first_seen"] for row in ran.found(timedelta(days=1))] == [row["first_seen"] for row in found]
    priced(line["amount"])
    assert ran.found() == []


def test_a_credit_that_somebody_keys_in_beside_is_found(ran: Ran, capsys: pytest.CaptureFixture[str]) -> None:
    """Voided again, it counts no more."""
    assert ran.verdict() == 0
    said = capsys.readouterr().out
    assert "Differences: none" in said
    assert "Findings of the process: none" in said
    erp = ran.sandbox.simulators["netsuite"]
    short = next(number for number, asked in ran.story.asked.items() if asked["about"].startswith("lights"))
    state = ran.store.load(short)
    assert state is not None
    authorized = state.effect("authorize")
    assert authorized is not None
    assert authorized.ref is not None
    memo = erp.step("credit", id=authorized.ref.id)  # of the light that the customer had broken
    found = ran.compared()
    facts = {(one.return_number, one.fact) for one in found.differences}
    assert facts >= {(short, "credits"), (short, "credited"), (short, "net")}
    assert ran.verdict() == 1
    said = capsys.readouterr().out
    assert f"- {short}: credited, LGT-150 EA: shipbob 4, netsuite 5, avatax 4" in said
    assert "DIFFERENT" in said
    erp.step("void", id=memo["id"])
    assert ran.compared().equal


def test_workers_are_told_of_the_systems_as_they_are(ran: Ran, tmp_path: Path) -> None:
    config = load_config(workers.configured(tmp_path, run.POLICY, ran.sandbox.systems, lease=3))
    assert config.systems == dict(ran.sandbox.systems)
    assert config.lease == timedelta(seconds=3)
    assert config.policy_file().current == POLICY
