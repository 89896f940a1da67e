"""The SQL views say what the process and its reconciliation know, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openreturns.errors import RejectedError
from openreturns.process import audit, events, seals, views
from openreturns.process._values import micros
from openreturns.process.engine import Clock, InlineEngine
from openreturns.process.policy import load_policy
from openreturns.process.reconcile import Open, compare
from openreturns.process.store import Store
from process import postgres
from process.systems import NOON, POLICY, Told, World, connected, told
from process.test_reconcile import without
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

RULES = """
[approvals]
return_roles = ["desk"]
credit_free = { EUR = "30" }
credit_limits = [{ role = "controller" }]

[roles]
dora = ["desk"]
cora = ["controller"]

[[service_levels]]
stage = "awaiting_goods"
hours = 48

""" + POLICY.replace("[approvals.automatic_return]", "[approvals.automatic_return]\ngood_standing = true")


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.running() as running:
        yield running


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def process(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Ten days with returns in every condition, which end now."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('views')}/p.sqlite"
    else:
        url = request.getfixturevalue("server").database()
    store = Store(url)
    store.migrate()
    world, clock = World(), Clock(datetime.now(UTC) - timedelta(days=10))
    systems = connected(world, time=clock.time)
    told = Told(world, InlineEngine(store, systems, load_policy(RULES), clock=clock))
    happened(told)
    yield told
    store.close()


def happened(told: Told) -> None:
    world, engine = told.world, told.engine
    for number, quantity in (("CLOSED", "1"), ("BIG", "9"), ("LATE", "1"), ("ASKED", "1"), ("STUCK", "2")):
        world.good = number != "ASKED"
        told.asked_for(number, quantity)
    engine.advance(timedelta(days=1))
    for number, quantity in (("CLOSED", "1"), ("BIG", "9")):
        told.came_in((f"R-{number}", quantity), number=number)
        engine.advance(timedelta(hours=1))
        told.inspected(number, quantity=quantity)
    told.event(events.ApprovalGiven, "BIG", by="portal", step="credit", subject="disposition-BIG-credit")
    engine.advance(timedelta(days=8))
    world.failing["receive"] = [RejectedError("the period is closed", kind="business_rule")]
    told.came_in(("R-STUCK", "2"), number="STUCK")
    engine.advance(datetime.now(UTC) - engine.now)


def rows(process: Told, view: str) -> list[dict[str, Any]]:
    with process.store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(f"SELECT * FROM {view}")).mappings()]


def of(process: Told, view: str, number: str) -> list[dict[str, Any]]:
    return [row for row in rows(process, view) if row["number"] == number]


@pytest.mark.parametrize(
    "harm", ["UPDATE {} SET number = 'X'", "DELETE FROM {}", "DELETE FROM {} WHERE number = 'BIG'"]
)
@pytest.mark.parametrize("table", ["audit", "seal"])
def test_the_database_itself_lets_nobody_change_what_is_only_added_to(process: Told, table: str, harm: str) -> None:
    seals.seal(process.store, process.engine.now)
    before = rows(process, table)
    with pytest.raises(DBAPIError, match="append-only"), process.store.engine.begin() as connection:
        connection.execute(text(harm.format(table)))
    process.store.migrate()  # another worker begins
    assert rows(process, table) == before
    assert list(audit.verify(process.store)) == []


def test_all_views_answer(process: Told) -> None:
    for name in views.VIEWS:
        rows(process, name)


def test_the_stage_board_counts_every_return_once_and_all_their_worth(process: Told) -> None:
    board, returns = rows(process, "stage_board"), process.store.board()
    assert sum(row["returns"] for row in board) == len(returns) == 5
    assert sum(row["value_minor"] for row in board) == sum(one.value_minor for one in returns)
    assert sum(row["dead_letters"] for row in board) == 1
    stages = {row["stage"]: row["returns"] for row in board}
    assert stages["closed"] == stages["awaiting_credit_approval"] == stages["awaiting_approval"] == 1


def test_the_legs_of_the_story_take_as_long_as_they_took(process: Told) -> None:
    legs = {row["leg"]: row for row in rows(process, "cycle_time")}
    assert legs["receipt_to_inspection"] == {
        "leg": "receipt_to_inspection", "returns": 2, "p50_seconds": 3600, "p90_seconds": 3600,
    }  # fmt: skip
    assert legs["rma_to_receipt"]["returns"] == 3
    assert legs["rma_to_receipt"]["p50_seconds"] == pytest.approx(90000, abs=4000)
    assert legs["rma_to_receipt"]["p90_seconds"] > 8 * 86400
    assert legs["inspection_to_credit"] == {
        "leg": "inspection_to_credit", "returns": 1, "p50_seconds": 0, "p90_seconds": 0,
    }  # fmt: skip


def test_what_is_inspected_and_not_credited_waits_in_the_backlog_by_age(process: Told) -> None:
    [row] = rows(process, "credit_backlog")
    assert (row["days"], row["returns"], row["value_minor"]) == ("6-10", 1, 9000)


def test_who_waits_longer_than_agreed_is_stalled(process: Told) -> None:
    [late] = of(process, "stalled", "LATE")
    assert (late["stage"], late["waits_for"]) == ("awaiting_goods", "goods at wms")
    assert late["overdue_since"] - late["entered"] == timedelta(hours=48) // timedelta(microseconds=1)
    assert of(process, "stalled", "CLOSED") == []


def test_a_receipt_that_the_erp_refused_is_a_gap_and_a_dead_letter(process: Told) -> None:
    [gap] = of(process, "posting_gaps", "STUCK")
    assert (gap["gap"], gap["system"], gap["value_minor"]) == ("received, not in the ERP", "erp", 2000)
    [letter] = rows(process, "dead_letters")
    state = process.state("STUCK")
    [(key, effect)] = state.dead_letters.items()
    assert (letter["number"], letter["key"], letter["kind"]) == ("STUCK", key, effect.kind)
    assert letter["since"] == effect.at.replace(microsecond=0).timestamp() * 1_000_000


def test_stock_that_moved_without_a_credit_is_a_gap(process: Told) -> None:
    [gap] = of(process, "posting_gaps", "BIG")
    assert gap["gap"] == "stock moved, not credited"


def test_every_effect_is_as_the_state_has_it(process: Told) -> None:
    for number in ("CLOSED", "BIG", "STUCK"):
        known = {key: (one.step, one.status, one.attempts) for key, one in process.state(number).effects.items()}
        seen = of(process, "effects", number)
        assert {row["key"]: (row["step"], row["status"], row["attempts"]) for row in seen} == known


def test_approvals_are_waited_for_or_were_refused(process: Told) -> None:
    found = {(row["number"], row["status"], row["what"]) for row in rows(process, "approvals")}
    assert found == {
        ("ASKED", "waiting", "an approval of the return"),
        ("BIG", "waiting", "an approval of a credit or a write-off"),
        ("BIG", "refused", "segregation"),
    }


def test_each_system_shows_what_it_did_and_refused(process: Told) -> None:
    health = {row["system"]: row for row in rows(process, "vendor_health")}
    assert (health["erp"]["rejected"], health["erp"]["open"]) == (1, 0)
    assert sum(row["done"] for row in health.values()) == len(
        [row for row in rows(process, "effects") if row["status"] == "done"]
    )


def test_what_reconciliation_finds_is_out_of_sync_or_leaks_until_it_is_gone(process: Told) -> None:
    store, now = process.store, process.engine.now
    found = compare([], [without(process.state("CLOSED"), "commit")], load_policy(POLICY))
    differs = {**found[0].row(), "id": "d" * 64, "code": "net", "systems": "erp, tax", "message": "net of EUR"}
    store.keep_findings([found[0].row(), differs], now)
    [leak] = rows(process, "financial_leakage")
    assert (leak["number"], leak["code"], leak["value_minor"]) == ("CLOSED", found[0].code, 210)
    assert (leak["owner"], leak["first_seen"]) == ("finance", leak["last_seen"])
    [out] = rows(process, "out_of_sync")
    assert (out["code"], out["systems"]) == ("net", "erp, tax")
    store.keep_findings([], now + timedelta(hours=1))
    assert rows(process, "financial_leakage") == rows(process, "out_of_sync") == []


def test_more_is_found_than_a_statement_has_room_for() -> None:
    store = told().store
    with store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 50)
    found = [Open("RMA-1", "tax", str(place), "tax of EUR", ("erp",), None, "EUR").row() for place in range(200)]
    store.keep_findings(found, NOON)
    later = NOON + timedelta(hours=1)
    kept = store.keep_findings(found[:100], later)
    assert {(row["first_seen"], row["last_seen"]) for row in kept} == {(micros(NOON), micros(later))}
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM finding WHERE gone IS NULL")).scalar_one() == 100


def test_migrating_again_changes_nothing_and_a_view_that_is_other_is_made_anew(process: Told, tmp_path: Path) -> None:
    before = rows(process, "stage_board")
    process.store.migrate()
    with process.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW dead_letters")
        connection.exec_driver_sql("CREATE VIEW dead_letters AS SELECT 1 AS one")
    process.store.migrate()
    assert rows(process, "stage_board") == before
    assert "key" in rows(process, "dead_letters")[0]


def test_the_page_says_what_each_view_answers() -> None:
    page = (Path(__file__).parents[2] / "docs" / "process.md").read_text("utf-8")
    for name, view in views.VIEWS.items():
        if name not in {"effects", "milestones"}:
            assert f"| {name} | {view.sentence} |" in page
