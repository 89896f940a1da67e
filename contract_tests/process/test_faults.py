"""Workers that die at any command, before its effect and after: nothing is lost and nothing is done twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openreturns.process.store import Store
from process.systems import POLICY
from process.worker import VERBS

TESTS = Path(__file__).parents[1]


class Stage:
    """A database and vendors' books in a folder, and the workers that are let loose on them."""

    def __init__(self, folder: Path, url: str, **told: Any) -> None:
        policy = folder / "policy.toml"
        policy.write_text(POLICY, "utf-8")
        self.told: dict[str, Any] = {"url": url, "vendors": str(folder / "vendors.sqlite"), "policy": str(policy)}
        self.told |= {"returns": ["RMA-1"], **told}
        self.store = Store(url)
        self.store.migrate()

    def worker(self, **told: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "process.worker", json.dumps({**self.told, **told})],
            cwd=TESTS,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ended(self, worker: subprocess.Popen[str]) -> int:
        output, _ = worker.communicate(timeout=40)
        assert worker.returncode in (0, -signal.SIGKILL), output
        return worker.returncode

    def counted(self, table: str) -> Counter[str]:
        with closing(sqlite3.connect(self.told["vendors"])) as books:
            return Counter(dict(books.execute(f"SELECT verb, count(*) FROM {table} GROUP BY verb")))


# All verbs, databases and rules: `make test-faults`. Here is one of each kind.
@pytest.mark.parametrize(("verb", "place"), [("authorize", "after"), ("receive", "before"), ("issue_credit", "after")])
def test_a_killed_worker_is_taken_over_from_and_each_thing_is_done_once(tmp_path: Path, verb: str, place: str) -> None:
    stage = Stage(tmp_path, f"sqlite:///{tmp_path}/p.sqlite")
    assert stage.ended(stage.worker(kill=[verb, place])) == -signal.SIGKILL
    assert stage.ended(stage.worker()) == 0
    state = stage.store.load("RMA-1")
    assert state is not None
    assert state.stage == "closed"
    effects = stage.counted("effect")
    assert effects.pop("update_case") == 4  # authorized, received, dispositioned, closed
    assert effects == dict.fromkeys(set(VERBS) - {"update_case"}, 1)
