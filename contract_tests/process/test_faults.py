"""A part of each kind of what may go wrong; all of it is `make test-faults`. And the proof that it would be seen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from openreturns import adapter
from openreturns.adapters import adapter_names
from process.faults.clients import VERBS

TESTS = Path(__file__).parents[1]


def tried(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "process.faults.run", "--sample", *options],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "docs")])},
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_is_lost_and_nothing_is_done_twice() -> None:
    said = tried()
    assert said.returncode == 0, said.stdout + said.stderr


def test_without_keys_the_same_suite_fails() -> None:
    said = tried("--suite", "kill -9, native", "--keys", "off")
    assert said.returncode == 1, said.stdout + said.stderr
    assert "done twice: {('authorize', 'RMA-1'): 2}" in said.stdout


def test_every_write_to_a_simulated_vendor_is_tried() -> None:
    manifests = {name: adapter(name).manifest for name in adapter_names()}
    writes = {
        (name, verb) for name, one in manifests.items() if "simulator" in one for verb in one.get("idempotency", ())
    }
    assert writes <= {(system, verb) for system, verb, *_ in VERBS}
