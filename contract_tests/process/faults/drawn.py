"""Stories drawn at random: goods and money are conserved whatever happens, in whatever order; see `test_laws.py`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from process.faults.stage import Case, Seen, Stage

__all__ = ["cases"]

_LAWS = Path(__file__).parents[1] / "test_laws.py"
_STORIES = 5_000


def cases() -> Iterator[Case]:
    """Yield the one run that draws all of them."""
    yield Case("drawn stories", "conserved", conserved)


def conserved(stage: Stage) -> Seen:
    """Draw the stories in a process of their own."""
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(_LAWS)],
        env={**os.environ, "OPENRETURNS_CASES": str(_STORIES)},
        check=False,
    )
    stage.check(ended.returncode == 0, "a law is broken")
    return Seen(_STORIES, wrong=tuple(stage.wrong))
