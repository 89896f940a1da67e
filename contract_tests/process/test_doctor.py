"""Every return is somewhere, and what happened to it is as it was written."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from openreturns.errors import RejectedError
from openreturns.process import audit, events, seals
from openreturns.process.doctor import examine
from openreturns.process.policy import load_policy
from openreturns.process.replay import discard
from openreturns.process.store import Store
from openreturns.process.views import rows
from process.systems import POLICY, Told, story, told
from sqlalchemy import Connection, text

LEASE = timedelta(seconds=15)
KEPT = ("return_state", "audit", "inbox", "command", "outbox", "deadline")
"""Where something of a return is kept."""


def spread() -> Told:
    """Returns in every condition: closed, waiting, and stuck on a refusal."""
    process = told()
    for number in ("RMA-1", "RMA-2", "RMA-3"):
        process.asked_for(number)
    process.came_in(("R1", "1"), number="RMA-1")
    process.inspected("RMA-1")
    process.world.failing["receive"] = [RejectedError("the period is closed", kind="business_rule")]
    process.came_in(("R3", "1"), number="RMA-3")
    assert seals.seal(process.store, process.engine.now) == 3
    return process


def test_every_return_is_in_one_place_and_the_counts_add_up() -> None:
    process = spread()
    health = examine(process.store, process.engine.now, lease=LEASE)
    assert health.counts == {"finished": 1, "waiting": 1, "running": 0, "dead_letter": 1}
    assert health.sound


def unguarded(connection: Connection) -> None:
    """Take away what keeps the audit from being changed, as who may do anything to the database can."""
    triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
    for trigger in triggers:
        connection.execute(text(f"DROP TRIGGER {trigger}"))


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("DELETE FROM deadline WHERE number = 'RMA-2'", "lost"),
        ("UPDATE return_state SET running = 1 WHERE number = 'RMA-2'", "nobody_works"),
        ("UPDATE command SET finished = NULL WHERE number = 'RMA-2' AND step = 'authorize'", "nobody_works"),
        ("UPDATE deadline SET at = at - 30 * 86400000000 WHERE number = 'RMA-2'", "overdue"),
        ("UPDATE inbox SET status = 'received' WHERE id = 'event-1'", "not_decided"),
        ("UPDATE audit SET body = replace(body, 'portal', 'nobody') WHERE number = 'RMA-2' AND place = 1", "audit"),
        ("UPDATE audit SET \"by\" = 'somebody' WHERE number = 'RMA-2' AND place = 1", "audit"),
        ("DELETE FROM audit WHERE number = 'RMA-2' AND place = 2", "audit"),
        ("DELETE FROM audit WHERE number = 'RMA-2' AND place > 3", "audit"),
        ("DELETE FROM return_state WHERE number = 'RMA-2'", "audit"),
        ("DELETE FROM return_state WHERE number = 'RMA-2'; DELETE FROM audit WHERE number = 'RMA-2'", "audit"),
        ("; ".join(f"DELETE FROM {table} WHERE number = 'RMA-2'" for table in KEPT), "audit"),
        ("UPDATE seal SET entries = 1 WHERE number = 'RMA-2'", "audit"),
        ("DELETE FROM seal WHERE place = 2", "audit"),
    ],
)
def test_what_is_lost_or_tampered_with_is_found(harm: str, code: str) -> None:
    process = spread()
    with process.store.engine.begin() as connection:
        unguarded(connection)
        for statement in harm.split("; "):
            assert connection.execute(text(statement)).rowcount > 0
    health = examine(process.store, process.engine.now + timedelta(hours=1), lease=LEASE)
    assert {one.code for one in health.problems} == {code}
    assert not health.sound


def test_a_head_that_is_kept_elsewhere_shows_that_all_seals_were_made_anew() -> None:
    process = spread()
    head = seals.head(process.store)
    process.asked_for("RMA-4")
    assert seals.seal(process.store, process.engine.now) == 1
    assert list(audit.verify(process.store, head)) == []
    with process.store.engine.begin() as connection:
        unguarded(connection)
        for table in (*KEPT, "seal"):
            connection.execute(text(f"DELETE FROM {table}" + " WHERE number = 'RMA-2'" * (table != "seal")))
    seals.seal(process.store, process.engine.now)
    assert [one.message for one in audit.verify(process.store, head)] == [f"no seal has the head {head}"]


def test_what_was_given_out_is_in_the_hands_of_a_worker_that_lives_and_not_for_ever() -> None:
    def found(after: timedelta) -> list[str]:
        return [one.code for one in examine(store, datetime.now(UTC) + after, lease=LEASE).problems]

    store, policy = Store("sqlite://", "worker-1"), load_policy(POLICY)
    store.migrate()
    asked = story("RMA-1001")[0]
    store.accept("RMA-1001", asked, datetime.now(UTC))
    store.apply("RMA-1001", asked.id, policy, datetime.now(UTC))
    store.beat("worker-2")
    assert found(timedelta(seconds=1)) == []
    assert set(found(timedelta(minutes=2))) == {"nobody_works"}
    store.beat("worker-1")
    assert found(timedelta(minutes=2)) == []
    assert set(found(timedelta(hours=1))) == {"takes_too_long"}
    store.leave("worker-1")
    store.worker = "worker-2"
    assert store.apply("RMA-1001", asked.id, policy, datetime.now(UTC)).commands
    assert found(timedelta(minutes=2)) == []


def test_what_came_of_no_known_return_is_in_dead_letters_with_its_cause_until_a_person_gives_it_up() -> None:
    process = told()
    process.asked_for("RMA-1")
    process.store.accept("RMA-2", story("RMA-2")[0], process.engine.now)
    process.store.bury("RMA-2", "RMA-2-asked", "workers died of it", load_policy(POLICY), process.engine.now)
    for event in story("RMA-3")[1:]:
        assert process.engine.submit("RMA-3", event) == "new"
    health = examine(process.store, process.engine.now, lease=LEASE)
    assert (health.total, health.counts["waiting"], health.counts["dead_letter"]) == (3, 1, 2)
    assert health.sound
    causes = {row["key"]: (row["number"], row["kind"]) for row in rows(process.store, "dead_letters")}
    assert causes == {
        "RMA-2-asked": ("RMA-2", "poison"),
        "RMA-3-came": ("RMA-3", "unknown_return"),
        "RMA-3-seen": ("RMA-3", "unknown_return"),
    }
    for id_ in causes:
        assert discard(process.store, id_, "sent back", "dora")
    assert examine(process.store, process.engine.now, lease=LEASE).total == 1
    assert rows(process.store, "dead_letters") == []
    assert {one.why for one in process.store.kept()} == {"dora: sent back"}


def test_an_event_of_a_known_return_that_cannot_be_decided_on_is_a_dead_letter_too() -> None:
    process = spread()
    process.store.accept("RMA-2", story("RMA-2")[1], process.engine.now)
    process.store.bury("RMA-2", "RMA-2-came", "workers died of it", load_policy(POLICY), process.engine.now)
    health = examine(process.store, process.engine.now, lease=LEASE)
    assert (health.total, health.counts["waiting"], health.counts["dead_letter"]) == (3, 0, 2)
    assert [row["problems"] for row in rows(process.store, "dead_letters")][-1] == "workers died of it"


def test_the_story_of_a_return_says_who_did_what_and_what_came_of_it() -> None:
    process = told()
    process.asked_for()
    process.event(events.ApprovalGiven, by="portal", step="return")
    said = [f"{one.kind} {one.by}: {one.sentence}" for one in audit.story(process.store, "RMA-1001")]
    assert said[0] == "return.requested portal: return.requested, now checking"
    assert "command.given : erp is asked to authorize" in said
    assert said[-1] == "event.kept portal: approval.given changed nothing: too_late, the return is authorized"


def test_the_story_of_a_return_tells_every_stage_whether_an_event_or_a_result_brought_it_about() -> None:
    process = told()
    process.asked_for()
    process.came_in(("R1", "1"))
    process.inspected()
    entries = audit.story(process.store, "RMA-1001")
    said = [one.sentence.rpartition("now ")[2] for one in entries if "now " in one.sentence]
    assert [stage for stage, _ in itertools.groupby(said)] == [
        "checking",
        "authorizing",
        "awaiting_goods",
        "awaiting_inspection",
        "crediting",
        "ending",
        "closed",
    ]
    assert [one.stage for one in entries][-1] == process.state().stage
    assert (
        sum(one.kind == "commands.finished" and "now " in one.sentence for one in entries) == 4
    )  # only where it is news
