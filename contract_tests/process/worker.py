"""A worker in a process of its own, over vendors in a file, that can be made to die at a command: for fault tests.

python worker.py '{"url": ..., "vendors": ..., "policy": ..., "rule": ..., "kill": ["authorize", "after"], ...}'
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from openreturns.idempotency import Done, Outcome
from openreturns.models import DocumentRef
from openreturns.process.engine_dbos import DbosEngine
from openreturns.process.policy import load_policy
from process.systems import World, connected, story

VERBS = ("open_case", "authorize", "announce", "receive", "post_adjustment", "commit", "issue_credit", "update_case")


class FileWorld(World):
    """Vendors whose books are in a file: they outlive whoever works. `keys`: told twice, they do it once."""

    def __init__(self, path: str, *, keys: bool, kill: list[str]) -> None:
        super().__init__()
        self.path, self.keys, self.kill = path, keys, kill
        with closing(self._open()) as books:
            books.execute("CREATE TABLE IF NOT EXISTS effect (verb TEXT, subject TEXT)")
            books.execute("CREATE TABLE IF NOT EXISTS call (verb TEXT, subject TEXT)")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=30, isolation_level=None)

    def does(self, verb: str, subject: str, kind: Any = "return") -> Outcome:
        with closing(self._open()) as books:
            books.execute("INSERT INTO call VALUES (?, ?)", (verb, subject))
            self._die(verb, "before")
            known = books.execute("SELECT count(*) FROM effect WHERE verb = ? AND subject = ?", (verb, subject))
            there = bool(known.fetchone()[0])
            if not (there and self.keys):
                books.execute("INSERT INTO effect VALUES (?, ?)", (verb, subject))
            self._die(verb, "after")
        return Done(DocumentRef(type=kind, id=f"{verb}-{subject}", system=verb), repeated=there)

    def _die(self, verb: str, place: str) -> None:
        if self.kill == [verb, place]:
            os.kill(os.getpid(), signal.SIGKILL)


def main(told: dict[str, Any]) -> None:
    world = FileWorld(told["vendors"], keys=told.get("keys", True), kill=told.get("kill", []))
    rules = {system: dict.fromkeys(VERBS, told.get("rule", "lookup")) for system in ("erp", "wms", "crm", "tax")}
    systems = connected(world, rules=rules)
    policy = load_policy(Path(told["policy"]).read_bytes())
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    lease = timedelta(seconds=told.get("lease", 1.5))
    with DbosEngine(told["url"], systems, policy, threads=told.get("threads", 4), lease=lease) as engine:
        print("up", engine.worker, flush=True)
        while not stop.wait(0.05):
            for number in told["returns"]:
                happens(engine, number)
            if resting(engine) >= len(told["returns"]) and told.get("ends", True):
                return


def happens(engine: DbosEngine, number: str) -> None:
    """Let happen to a return what comes next in its story; what has happened is a duplicate."""
    state = engine.store.load(number)
    asked, came, decided = story(number)
    if state is None:
        engine.submit(number, asked)
    elif state.stage == "awaiting_goods":
        engine.submit(number, came)
    elif state.stage == "awaiting_inspection":
        engine.submit(number, decided)


def resting(engine: DbosEngine) -> int:
    """How many returns are at rest: finished, or stuck for a person."""
    return sum(1 for row in engine.store.board() if row.stage == "closed" or (row.dead and not row.running))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
