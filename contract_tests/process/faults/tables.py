"""What is tried in one process: who may do what, events that come twice or early, vendors that are away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from process.faults.stage import Case, Seen, Stage

__all__ = ["cases"]

_TESTS = Path(__file__).parents[1]
_SUITES = {
    "events twice, early, late, changed": "test_inbox.py",
    "segregation of duties": "test_segregation.py",
    "vendor down": "test_vendor_down.py",
}


def cases() -> Iterator[Case]:
    """Yield one run a table; `make test` has their tests by themselves."""
    for suite, file in _SUITES.items():
        yield Case(suite, file, partial(tested, file=file))


def tested(stage: Stage, *, file: str) -> Seen:
    """Run the tests of a file; each that ran is a run."""
    told = stage.folder / "tests.xml"
    arguments = ("-q", "-p", "no:cacheprovider", "-n", "0", f"--junitxml={told}", str(_TESTS / file))
    ended = subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False)
    tests = list(ElementTree.parse(told).iter("testcase"))
    bad = [one.get("name", "") for one in tests if one.find("failure") is not None or one.find("error") is not None]
    ran = sum(one.find("skipped") is None for one in tests)
    stage.check(ended.returncode == 0 and ran, f"ended with {ended.returncode}: {', '.join(bad) or 'nothing failed'}")
    return Seen(ran, lost=len(bad), wrong=tuple(stage.wrong))
