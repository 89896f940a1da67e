"""What is told arrives at every target at least once, in each return's order, whatever breaks on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openreturns.errors import MappingError, RejectedError
from openreturns.notices import CloudEvent
from openreturns.process.jobs import Jobs
from openreturns.process.outbox import Outbox
from openreturns.process.relay import Relay
from openreturns.process.store import Store
from openreturns.process.targets import Lines, NotTaken, Target, Webhook
from process.receiver import SECRET, Receiver, receiving
from process.systems import NOON, Told, told
from sqlalchemy import text

NUMBERS = ("RMA-1", "RMA-2", "RMA-3")


def finished(url: str = "sqlite://") -> Told:
    """Returns that came to their credits, with all that there is to tell of them."""
    process = told(url=url)
    for number in NUMBERS:
        process.asked_for(number)
        process.came_in(("R1", "1"), number=number)
        process.inspected(number)
    return process


class Memory:
    """A target that keeps what it took, but for what it is to refuse."""

    def __init__(self, refuses: str = "", *, down: bool = False) -> None:
        self.taken: list[CloudEvent] = []
        self.refuses, self.down = refuses, down

    def send(self, event: CloudEvent) -> None:
        if self.down or event.subject == self.refuses:
            raise NotTaken("no", down=self.down)
        self.taken.append(event)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def relay(store: Store, worker: str = "one", batch: int = 100, **targets: Target) -> Relay:
    return Relay(Outbox(store, "/test"), targets, Jobs(store, worker), batch)


def until_quiet(one: Relay, now: datetime) -> int:
    count = 0
    while taken := one.once(now):
        count += taken
    return count


def written(store: Store, number: str) -> list[str]:
    with store.engine.connect() as connection:
        asked = text("SELECT id FROM outbox WHERE number = :number ORDER BY place")
        return list(connection.execute(asked, {"number": number}).scalars())


def of(events: Iterable[CloudEvent], number: str) -> list[str]:
    return [one.id for one in events if one.subject == number]


def test_every_target_is_told_everything_once_in_the_order_of_each_return() -> None:
    process = finished()
    first, second = Memory(), Memory()
    one = relay(process.store, batch=2, first=first, second=second)
    assert until_quiet(one, NOON) == len(first.taken) + len(second.taken) > 12
    assert first.taken == second.taken
    assert len({event.id for event in first.taken}) == len(first.taken)
    [revisions] = {tuple(e.data.revision for e in first.taken if e.subject == number) for number in NUMBERS}  # type: ignore[union-attr] # each has data
    assert list(revisions) == sorted(revisions)
    assert until_quiet(one, NOON + timedelta(days=1)) == 0


def test_a_dead_target_holds_up_no_other_and_gets_the_same_when_it_is_back() -> None:
    process = finished()
    dead, alive = Memory(down=True), Memory()
    one = relay(process.store, dead=dead, alive=alive)
    until_quiet(one, NOON)
    assert alive.taken
    assert not dead.taken
    dead.down = False
    assert one.once(NOON + timedelta(seconds=1)) == 0  # it is left alone for a while
    until_quiet(one, NOON + timedelta(minutes=1))
    assert dead.taken == alive.taken


def test_what_a_target_refuses_holds_up_its_return_only_and_is_left_out_in_the_end() -> None:
    process = finished()
    target = Memory(refuses="RMA-2")
    one, outbox = relay(process.store, t=target), Outbox(process.store, "/test")
    until_quiet(one, NOON)
    assert {event.subject for event in target.taken} == {"RMA-1", "RMA-3"}
    waiting = outbox.standing(["t"])[0].waiting
    for day in range(40):
        until_quiet(one, NOON + timedelta(days=day))
    [standing] = outbox.standing(["t"])
    assert 0 < standing.refused < waiting
    target.refuses = ""
    for day in range(40, 42):
        until_quiet(one, NOON + timedelta(days=day))
    assert outbox.again("t") == standing.refused
    until_quiet(one, NOON + timedelta(days=50))
    assert len(of(target.taken, "RMA-2")) == waiting
    assert outbox.standing(["t"])[0].waiting == 0


def _news(events: Iterable[CloudEvent]) -> list[CloudEvent]:
    """What a receiver that knows an id again has got."""
    found: dict[str, CloudEvent] = {}
    for event in events:
        found.setdefault(event.id, event)
    return [*found.values()]


def test_relays_at_one_time_send_a_target_everything_once_between_them() -> None:
    process = finished()
    target = Memory()
    one, two = (relay(process.store, worker, 3, t=target) for worker in ("one", "two"))
    while one.once(NOON) + two.once(NOON):
        pass
    assert len({event.id for event in target.taken}) == len(target.taken)
    assert Outbox(process.store, "/test").standing(["t"])[0].waiting == 0


def test_relays_whose_clocks_differ_send_everything_in_order_and_may_send_it_twice(url: str) -> None:
    process = finished(url)
    everything = {number: written(process.store, number) for number in NUMBERS}
    targets = {"first": Memory(), "second": Memory(refuses="RMA-2"), "third": Memory(down=True)}

    def work(worker: str) -> None:
        store = Store(url)
        one = relay(store, worker, 3, **targets)
        for minute in range(20):
            until_quiet(one, NOON + timedelta(minutes=minute))
        store.close()

    with ThreadPoolExecutor(4) as workers:
        for done in [workers.submit(work, f"worker-{number}") for number in range(4)]:
            done.result()
    first, second = (_news(targets[name].taken) for name in ("first", "second"))
    assert {number: of(first, number) for number in NUMBERS} == everything
    assert {number: of(second, number) for number in NUMBERS} == {**everything, "RMA-2": []}
    waiting = [one.waiting for one in Outbox(process.store, "/test").standing(targets)]
    assert waiting == [0, len(everything["RMA-2"]), len(first)]
    assert Outbox(process.store, "/test").purge(NOON + timedelta(days=1), untold=True) == len(first)
    process.store.close()


def test_what_was_relayed_is_forgotten_after_a_while_and_nothing_else() -> None:
    process = finished()
    outbox = Outbox(process.store, "/test")
    dead, alive = Memory(refuses="RMA-2"), Memory()
    until_quiet(relay(process.store, dead=dead, alive=alive), NOON)
    assert outbox.purge(NOON) == 0
    assert outbox.purge(NOON + timedelta(days=1)) == len(of(alive.taken, "RMA-1")) + len(of(alive.taken, "RMA-3"))
    assert outbox.standing(["dead"])[0].waiting == len(of(alive.taken, "RMA-2"))
    assert outbox.purge(NOON + timedelta(days=1), untold=True) == len(of(alive.taken, "RMA-2"))


def test_a_file_has_whole_lines_only_also_after_a_crash(tmp_path: Path) -> None:
    process, path = finished(), tmp_path / "events.jsonl"
    path.write_bytes(b'{"whole": true}\n{"torn')
    until_quiet(relay(process.store, t=Lines(path)), NOON)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[0] == {"whole": True}
    for line in lines[1:]:
        assert CloudEvent.model_validate(line).specversion == "1.0"


def test_a_file_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    process, folder = finished(), tmp_path / "later"
    one, jobs = relay(process.store, t=Lines(folder / "events.jsonl")), Jobs(process.store, "two")
    assert one.once(NOON) == 0
    assert "No such file" in jobs.known()[0].why
    folder.mkdir()
    assert until_quiet(one, NOON + timedelta(minutes=1))


def test_webhooks_are_signed_as_standard_webhooks_and_tried_again() -> None:
    process = finished()
    with receiving() as receiver:
        receiver.answers = [503, 429]
        one = relay(process.store, t=Webhook(receiver.url, [SECRET]))
        for minute in range(5):
            until_quiet(one, NOON + timedelta(minutes=minute))
        assert receiver.news == receiver.delivered
        assert {event.type for event in receiver.news} >= {
            "org.openreturns.return.authorized",
            "org.openreturns.return.closed",
        }
        receiver.refuses = "RMA-1"
        process.asked_for("RMA-4")
        assert until_quiet(one, NOON + timedelta(minutes=9)) == 2


def test_with_two_secrets_whoever_has_one_can_verify() -> None:
    process = finished()
    with receiving() as receiver:
        until_quiet(relay(process.store, t=Webhook(receiver.url, ["whsec_bmV3LXNlY3JldC0xMjM0", SECRET])), NOON)
        assert receiver.news


@pytest.mark.parametrize(
    ("url", "secrets"),
    [("http://portal.example.com", [SECRET]), ("https://portal.example.com", []), ("https://p.example.com", ["?"])],
)
def test_a_webhook_that_would_not_be_safe_is_no_target(url: str, secrets: list[str]) -> None:
    with pytest.raises(MappingError):
        Webhook(url, secrets)


KILLED = """
import os, signal, sys
import httpx
from openreturns.process.store import Store
from openreturns.process.targets import Webhook
from process import postgres
from process.receiver import SECRET
from process.systems import NOON
from process.test_relay import relay, until_quiet

class Deadly(Webhook):
    left = int(sys.argv[3])
    def send(self, event):
        super().send(event)
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)

patient = httpx.Client(timeout=120)
until_quiet(relay(Store(sys.argv[1]), batch=4, t=Deadly(sys.argv[2], [SECRET], client=patient)), NOON)
"""


def killed(url: str, receiver: Receiver, after: int) -> None:
    """A relay that is killed when its target has taken so many events, and before that is written down."""
    tests = Path(__file__).parents[1]
    path = os.pathsep.join([str(tests), str(tests.parent / "docs")])
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, url, receiver.url, str(after)],
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL


def test_a_relay_that_is_killed_between_sending_and_writing_down_loses_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/p.sqlite"
    process = finished(url)
    everything = {number: written(process.store, number) for number in NUMBERS}
    process.store.close()
    with receiving() as receiver:
        killed(url, receiver, 3)
        killed(url, receiver, 6)
        store = Store(url)
        until_quiet(relay(store, "another", t=Webhook(receiver.url, [SECRET])), NOON + timedelta(minutes=2))
        store.close()
        assert len(receiver.delivered) > len(receiver.news)  # some came twice, and were known again by their id
        assert {number: of(receiver.news, number) for number in NUMBERS} == everything


def test_what_no_schema_has_is_left_out_and_stops_nothing() -> None:
    process = finished()
    with process.store.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET type = 'moon.rose' WHERE place = 1"))
    target = Memory()
    one = relay(process.store, t=target)
    for day in range(20):
        until_quiet(one, NOON + timedelta(days=day))
    [standing] = Outbox(process.store, "/test").standing(["t"])
    assert (standing.waiting, standing.refused) == (0, 1)
    assert of(target.taken, "RMA-1") == written(process.store, "RMA-1")[1:]
    assert of(target.taken, "RMA-2") == written(process.store, "RMA-2")


def test_a_dead_letter_and_its_finding_are_told() -> None:
    process = told()
    process.world.failing["authorize"] = [RejectedError("closed", kind="business_rule")]
    process.asked_for("RMA-1")
    target = Memory()
    until_quiet(relay(process.store, t=target), NOON)
    [letter] = [event for event in target.taken if event.type == "org.openreturns.dead_letter.added"]
    assert letter.to_dict()["data"]["step"] == "authorize"
