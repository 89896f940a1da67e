"""Rows and tables of other versions: earlier ones are read and brought up, later ones are kept whole or left alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openreturns.process import events
from openreturns.process._model import WrittenLaterError
from openreturns.process._tables import METADATA, SCHEMA
from openreturns.process._upgrade import version
from openreturns.process._values import digest
from openreturns.process.engine_dbos import DbosEngine
from openreturns.process.machine import decide
from openreturns.process.policy import load_policy
from openreturns.process.state import STAGES, TERMINAL, ProcessState
from openreturns.process.store import Store
from process.systems import POLICY, Told, World, connected, told
from sqlalchemy import text

KEPT = Path(__file__).with_name("kept")

# ---------------------------------------------------------------- states


@pytest.mark.parametrize("stage", STAGES)
def test_a_state_that_an_earlier_version_wrote_is_read_whole_and_goes_on(stage: str) -> None:
    body = (KEPT / f"{stage}.json").read_text("utf-8")
    state = ProcessState.read(body, "RMA-1001")
    assert state.stage == stage
    assert json.loads(state.to_json()) == _with_defaults(json.loads(state.to_json()), json.loads(body))
    if stage not in TERMINAL:
        [(name, due), *_] = state.deadlines.items()
        late = events.DeadlinePassed(id="late", at=due + timedelta(hours=1), by="clock", name=name)
        after = decide(state, late, load_policy(POLICY))
        assert (after.kept, after.state and after.state.version) == (None, state.version + 1)


def _with_defaults(now: Any, before: Any) -> Any:
    """What was written before, with what is only there now."""
    if isinstance(before, dict):
        return {**now, **{key: _with_defaults(now[key], value) for key, value in before.items()}}
    if isinstance(before, list):
        return [_with_defaults(*both) for both in zip(now, before, strict=True)]
    return before


def rewritten(process: Told, change: Callable[[dict[str, Any]], object]) -> str:
    """Change the row of a return as a later version might have written it; return what it was."""
    with process.store._writing() as connection:
        before = connection.execute(text("SELECT body FROM return_state")).scalar_one()
        body = json.loads(before)
        change(body)
        connection.execute(text("UPDATE return_state SET body = :body"), {"body": json.dumps(body)})
    return str(before)


def row(process: Told) -> dict[str, Any]:
    with process.store._reading() as connection:
        found: dict[str, Any] = json.loads(connection.execute(text("SELECT body FROM return_state")).scalar_one())
    return found


def test_what_a_later_version_has_added_is_kept_when_an_earlier_one_decides() -> None:
    process = told()
    process.asked_for()

    def change(body: dict[str, Any]) -> None:
        body["colour"] = {"of": "blue"}
        next(iter(body["effects"].values()))["shape"] = 7

    rewritten(process, change)
    process.came_in(("R1", "1"))
    process.inspected()
    assert process.state().stage == "closed"
    assert row(process)["colour"] == {"of": "blue"}
    assert next(iter(row(process)["effects"].values()))["shape"] == 7


LATER: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a format": (lambda body: body.update(format=99), "RMA-1001 has format 99"),
    "a stage": (lambda body: body.update(stage="in_orbit"), "the state of RMA-1001 was not written for this version"),
    "a field of a document": (lambda body: body["return"].update(orbit=1), "the state of RMA-1001 was not written"),
    "a field of the route": (lambda body: body["route"].update(orbit=1), "the state of RMA-1001 was not written"),
}


@pytest.mark.parametrize("later", LATER)
def test_what_only_a_later_version_can_read_is_left_alone_until_one_does(later: str) -> None:
    process = told()
    process.asked_for()
    change, message = LATER[later]
    asked = process.state()
    before = rewritten(process, change)
    unread = row(process)
    with pytest.raises(WrittenLaterError, match=message) as refused:
        process.event(events.CancelRequested, id="cancel")
    assert refused.value.kind == "version"
    assert row(process) == unread
    assert process.store.kept() == []
    assert process.store.received() == [("RMA-1001", "cancel")]
    assert process.store.states() == []
    with process.store._writing() as connection:
        connection.execute(text("UPDATE return_state SET body = :body"), {"body": before})
    process.engine.resume()
    assert (asked.stage, process.state().stage) == ("awaiting_goods", "cancelled")


def test_an_event_that_only_a_later_version_can_read_waits_for_one(tmp_path: Path) -> None:
    process = told(url=f"sqlite:///{tmp_path}/returns.sqlite")
    process.asked_for()
    cancel = events.CancelRequested(id="cancel", at=process.engine.now, by="portal")
    process.store.accept("RMA-1001", cancel, process.engine.now)
    with process.store._writing() as connection:
        body = cancel.to_json()
        connection.execute(
            text("UPDATE inbox SET body = :body WHERE id = 'cancel'"), {"body": body[:-1] + ',"orbit":1}'}
        )
    engine = DbosEngine(f"sqlite:///{tmp_path}/returns.sqlite", connected(World()), load_policy(POLICY))
    assert engine.run("RMA-1001", "cancel") == "left_alone"
    assert process.store.received() == [("RMA-1001", "cancel")]
    engine.store.close()


# ---------------------------------------------------------------- tables


def earlier(url: str) -> Store:
    """A store over the tables as version 1 made them, with an event that nobody has decided on."""
    store = Store(url)
    tables = (KEPT / f"tables.{store.engine.dialect.name}.sql").read_text("utf-8")
    event = events.CancelRequested(id="cancel", at="2026-11-22T12:00:00Z", by="portal")  # type: ignore[arg-type] # as JSON has it
    values = {"id": "cancel", "number": "RMA-1001", "type": event.type, "at": 0, "received": 0, "status": "received"}
    values |= {"reason": "", "runs": 0, "digest": digest("RMA-1001", event.to_json()), "body": event.to_json()}
    with store._writing() as connection:
        for statement in tables.split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        names = ", ".join(values)
        given = ", ".join(f":{name}" for name in values)
        connection.execute(text(f"INSERT INTO inbox ({names}) VALUES ({given})"), values)
        assert version(connection) == 0
    return store


def test_tables_that_an_earlier_version_made_are_brought_up_and_worked_on(url: str) -> None:
    earlier(url).close()
    process = told(url=url)
    with process.store._reading() as connection:
        assert version(connection) == SCHEMA
    process.asked_for()
    assert process.state().stage == "cancelled"  # as it was told before it was asked for
    process.asked_for("RMA-1002")
    assert process.state("RMA-1002").stage == "awaiting_goods"
    process.store.migrate()
    process.store.close()


def test_tables_of_a_later_version_are_left_as_they_are_and_worked_on(url: str) -> None:
    store = Store(url)
    store.migrate()
    with store._writing() as connection:
        connection.exec_driver_sql(f"UPDATE schema_version SET version = {SCHEMA + 1}")
        connection.exec_driver_sql("ALTER TABLE inbox ADD COLUMN orbit INTEGER")
        connection.exec_driver_sql("DROP VIEW approvals")
    store.close()
    process = told(url=url)
    process.asked_for()
    assert process.state().stage == "awaiting_goods"
    with process.store._reading() as connection:
        assert version(connection) == SCHEMA + 1
    process.store.close()


COLUMNS = {2: "5d0262a9cd6d4b17ec2220659fc7ca2f1beb766e30a2bf63ad9310b005f9b49c"}
"""What columns the tables of each version have, by the digest of their names."""


def test_tables_get_no_column_without_another_version() -> None:
    names = sorted(str(column) for table in METADATA.sorted_tables for column in table.columns)
    first = (KEPT / "tables.sqlite.sql").read_text("utf-8")
    known = [one for one in names if f"CREATE TABLE {one.partition('.')[0]} " in first]  # others are made anyway
    told_ = digest(*known)
    assert COLUMNS.get(SCHEMA) == told_, (
        "raise SCHEMA in _tables.py, so that `migrate` adds it, and note its digest here"
    )
