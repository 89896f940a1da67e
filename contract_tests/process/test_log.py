"""What SQLite's log promises: who has written is told so when it is on the disk, and who writes meanwhile shares."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from openreturns.errors import RetryableError
from openreturns.process import _log
from openreturns.process._log import Log
from openreturns.process.engine_dbos import migrate, submit
from openreturns.process.policy import load_policy
from openreturns.process.store import Store
from process.systems import NOON, POLICY, story

NUMBER = "RMA-1001"
ASKED = story(NUMBER)[0]
WRITERS = 8


class Disk:
    """Counts how often something was brought to it, and from where to where that took."""

    def __init__(self) -> None:
        self.begun = self.ended = 0
        self.is_free = threading.Event()
        self.is_free.set()

    def __call__(self, _: int) -> None:
        self.begun += 1
        self.is_free.wait()
        self.ended = self.begun


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    found = Disk()
    monkeypatch.setattr(_log, "_to_disk", found)
    return found


def log_in(folder: Path) -> Log:
    log = Log()
    log.database = str(folder / "returns.sqlite")
    (folder / "returns.sqlite-wal").touch()
    return log


def test_each_write_of_a_database_in_a_file_is_brought_to_the_disk(tmp_path: Path, disk: Disk) -> None:
    store = Store(f"sqlite:///{tmp_path}/returns.sqlite")
    store.migrate()
    before = disk.ended
    store.accept(NUMBER, ASKED, NOON)
    assert disk.ended == before + 1
    store.received()
    assert disk.ended == before + 1
    store.close()


def test_an_event_that_the_disk_does_not_take_may_be_submitted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError("no space")

    url = f"sqlite:///{tmp_path}/returns.sqlite"
    migrate(url)
    with monkeypatch.context() as broken:
        broken.setattr(_log, "_to_disk", full)
        with pytest.raises(RetryableError):
            submit(url, NUMBER, ASKED, load_policy(POLICY))
        with pytest.raises(RetryableError):
            submit(url, NUMBER, ASKED, load_policy(POLICY))
    assert submit(url, NUMBER, ASKED, load_policy(POLICY)) == "duplicate"


def test_nobody_goes_on_before_the_disk_has_begun_after_them_and_ended(tmp_path: Path, disk: Disk) -> None:
    log = log_in(tmp_path)

    def write() -> bool:
        written = disk.begun
        log.sync()
        return disk.ended > written

    with ThreadPoolExecutor(WRITERS) as pool:
        assert all(pool.map(lambda _: write(), range(WRITERS * 50)))


def test_who_writes_while_the_disk_is_busy_shares_the_next_time(tmp_path: Path, disk: Disk) -> None:
    log = log_in(tmp_path)
    disk.is_free.clear()
    with ThreadPoolExecutor(WRITERS) as pool:
        for _ in range(WRITERS):
            pool.submit(log.sync)
        time.sleep(0.5)  # all of them are there by now
        disk.is_free.set()
    assert disk.begun < WRITERS


def test_a_log_that_is_gone_was_brought_into_the_database(tmp_path: Path, disk: Disk) -> None:
    log = log_in(tmp_path)
    (tmp_path / "returns.sqlite-wal").unlink()
    log.sync()
    assert not disk.begun
