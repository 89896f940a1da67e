"""A file that comes twice, half written, renamed or in the middle of a kill is taken once, and whole."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from files.lines import Dock, by_line
from openreturns.files import Folder, Inbox, Part, Pickup

GOOD = "b1:1:pump\nb1:2:valve\n"


@pytest.fixture
def dock(tmp_path: Path) -> Iterator[Dock]:
    found = Dock(tmp_path)
    yield found
    found.inbox.close()


def test_a_file_is_taken_archived_and_answered(dock: Dock) -> None:
    dock.put("a.txt", GOOD)
    [taken] = dock.pickup.run()
    assert (taken.name, taken.taken, taken.repeated, taken.refused) == ("a.txt", 2, 0, 0)
    assert dock.waiting() == ["b1:1:pump", "b1:2:valve"]
    assert dock.archived() == ["a.txt"]
    assert dock.answered() == ["2 lines"]
    assert dock.left() == []
    assert dock.pickup.run() == []


def test_a_record_waits_until_somebody_is_done_with_it(dock: Dock) -> None:
    dock.put("a.txt", GOOD)
    dock.pickup.run()
    first = dock.inbox.waiting(limit=1)
    assert [record.key for record in first] == ["b1/1"]
    dock.inbox.done(first[0].key)
    assert dock.waiting() == ["b1:2:valve"]


def test_the_same_file_twice_is_taken_once(dock: Dock) -> None:
    for name in ("a.txt", "again.txt"):
        dock.put(name, GOOD)
        taken = dock.pickup.run()
    assert taken[0].repeated_file
    assert len(dock.waiting()) == 2
    assert dock.answered() == ["2 lines"]


def test_the_same_numbers_in_other_bytes_are_taken_once(dock: Dock) -> None:
    dock.put("a.txt", GOOD)
    dock.pickup.run()
    dock.put("b.txt", GOOD.removesuffix("\n"))
    [taken] = dock.pickup.run()
    assert (taken.taken, taken.repeated, taken.repeated_file) == (0, 2, False)
    assert dock.answered() == ["2 lines"]


def test_a_number_that_is_used_again_for_something_else_is_refused(dock: Dock) -> None:
    dock.put("a.txt", GOOD)
    dock.pickup.run()
    dock.put("b.txt", "b1:2:another valve\nb1:3:fan\nb2:1:gasket\n")
    [taken] = dock.pickup.run()
    assert (taken.taken, taken.refused) == (1, 2)
    assert dock.waiting()[2:] == ["b2:1:gasket"]
    told = "".join(dock.refused())
    assert "b1/2 was there before with other content" in told
    assert "the number b1 was used in another file with other content" in told


def test_what_is_bad_is_set_apart_with_its_reason_and_the_rest_taken(dock: Dock) -> None:
    dock.put("a.txt", "b1:1:pump\nb1:bad\nb1:3:fan\n")
    [taken] = dock.pickup.run()
    assert (taken.taken, taken.refused) == (2, 1)
    [path] = (dock.home / "quarantine").glob("*.bin")
    assert path.read_bytes() == b"b1:bad"
    assert dock.refused() == ['{"place":2,"reasons":["the line is bad"]}']


def test_a_file_is_replayed_without_doubling_anything(dock: Dock) -> None:
    dock.put("a.txt", "b1:1:pump\nb1:bad\n")
    [taken] = dock.pickup.run()
    again = dock.pickup.replay(taken.sha256)
    assert (again.taken, again.repeated, again.refused) == (0, 1, 1)
    dock.pickup.part = lambda file: (
        part if not part.error else type(part)(part.data, "line", "b1/2", "b1") for part in by_line(file)
    )
    again = dock.pickup.replay(taken.sha256)
    assert (again.taken, again.repeated, again.refused) == (1, 1, 0)
    assert dock.waiting() == ["b1:1:pump", "b1:bad"]
    assert dock.refused() == []
    with pytest.raises(FileNotFoundError):
        dock.pickup.replay("0" * 64)


def test_a_file_that_cannot_be_taken_keeps_no_other_from_it(dock: Dock) -> None:
    def broken(file: BinaryIO) -> Iterator[Part]:
        for part in by_line(file):
            if part.data.startswith(b"b1"):
                raise ZeroDivisionError
            yield part

    dock.pickup.part = broken
    dock.put("a.txt", GOOD)
    dock.put("b.txt", "b2:1:gasket\n")
    with pytest.raises(ZeroDivisionError):
        dock.pickup.run()
    assert dock.waiting() == ["b2:1:gasket"]
    dock.pickup.part = by_line  # it was mended
    assert [taken.name for taken in dock.pickup.run()] == ["a.txt"]
    assert len(dock.waiting()) == 3


def test_a_file_in_the_making_is_left_alone(tmp_path: Path) -> None:
    dock = Dock(tmp_path, settled=3600.0)
    dock.put("a.txt", GOOD)
    assert dock.pickup.run() == []
    dock.source.clock = lambda: os.stat(dock.incoming / "a.txt").st_mtime + 3601
    for name in ("b.txt.part", ".c.txt", "d.TMP"):
        dock.put(name, GOOD)
    assert [taken.name for taken in dock.pickup.run()] == ["a.txt"]
    assert sorted(dock.left()) == [".c.txt", "b.txt.part", "d.TMP"]
    dock.inbox.close()


def test_a_file_that_grows_while_it_is_claimed_is_taken_when_it_is_whole(dock: Dock) -> None:
    path = dock.put("a.txt", "b1:1:pump\n")
    opened = path.open("a")
    original = dock.source.open
    grown: list[int] = []

    def open_(token: str) -> object:
        if not grown:
            grown.append(opened.write("b1:2:valve\n"))
            opened.close()
        return original(token)

    dock.source.open = open_  # type: ignore[method-assign, assignment] # the writer goes on while we read
    assert dock.pickup.run() == []
    assert [taken.taken for taken in dock.pickup.run()] == [2]
    assert dock.waiting() == ["b1:1:pump", "b1:2:valve"]


def test_a_file_that_is_renamed_during_pickup_is_taken_once(dock: Dock) -> None:
    dock.put("a.txt", GOOD)
    original = dock.source.claim

    def claim(name: str) -> str | None:
        if name == "a.txt":
            (dock.incoming / name).rename(dock.incoming / "b.txt")
        return original(name)

    dock.source.claim = claim  # type: ignore[method-assign] # it is renamed after we saw it
    assert dock.pickup.run() == []
    assert [taken.name for taken in dock.pickup.run()] == ["b.txt"]
    assert len(dock.waiting()) == 2


def test_many_workers_take_each_file_once(tmp_path: Path) -> None:
    first = Dock(tmp_path)
    for number in range(12):
        first.put(f"{number}.txt", f"b{number}:1:pump\nb{number}:2:valve\n")
    wrong: list[BaseException] = []

    def work() -> None:
        dock = Dock(tmp_path)
        try:
            dock.pickup.run()
        except BaseException as error:  # noqa: BLE001 - told by the test
            wrong.append(error)
        dock.inbox.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    first.pickup.run()
    assert wrong == []
    assert sorted(first.waiting()) == sorted(f"b{n}:{k}" for n in range(12) for k in ("1:pump", "2:valve"))
    assert first.left() == []
    first.inbox.close()


# --- killed in the middle -------------------------------------------------------------------------------------

EVENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.scandir", "os.listdir"})
STEPS = 60


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do work in a process of its own that is killed at the step-th file operation; whether it came to that."""
    child = os.fork()
    if child == 0:
        left = [step]

        def hook(event: str, _: object) -> None:
            if event in EVENTS:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_a_worker_that_is_killed_anywhere_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    kills = 0
    for step in range(STEPS):
        home = tmp_path / str(step)
        start = Dock(home)
        start.put("a.txt", "b1:1:pump\nb1:bad\nb1:3:fan\n")
        start.put("b.txt", "b2:1:gasket\n")
        start.inbox.close()

        def work(home: Path = home) -> None:
            Dock(home).pickup.run()

        kills += killed_at(step, work)
        after = Dock(home)
        after.pickup.run()
        assert after.waiting() == ["b1:1:pump", "b1:3:fan", "b2:1:gasket"], step
        assert after.answered() in (["1 lines", "3 lines"],), step
        assert sorted(set(after.archived())) == ["a.txt", "b.txt"], step
        assert after.refused() == ['{"place":2,"reasons":["the line is bad"]}'], step
        assert after.left() == [], step
        after.inbox.close()
    assert 20 < kills < STEPS  # every operation was hit, and the work ends


def test_a_worker_that_is_killed_between_two_records_has_taken_none(tmp_path: Path) -> None:
    for kill in (1, 2, 3):
        home = tmp_path / str(kill)
        dock = Dock(home)
        dock.put("a.txt", "b1:1:pump\nb1:2:valve\nb1:3:fan\n")
        dock.inbox.close()

        def work(home: Path = home, kill: int = kill) -> None:
            def cut(file: BinaryIO) -> Iterator[Part]:
                for place, part in enumerate(by_line(file), 1):
                    if place == kill:
                        os.kill(os.getpid(), signal.SIGKILL)
                    yield part

            Pickup(Folder(home / "incoming", settled=0), Inbox(home / "inbox.sqlite"), cut, home / "home").run()

        assert killed_at(10_000, work)
        after = Dock(home)
        assert after.waiting() == []
        after.pickup.run()
        assert after.waiting() == ["b1:1:pump", "b1:2:valve", "b1:3:fan"]
        after.inbox.close()
