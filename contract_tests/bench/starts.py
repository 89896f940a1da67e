"""What starting costs: the median of the processor time that whole processes take, in milliseconds."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

_TIMES = 21
_STARTS: dict[str, tuple[list[str], float]] = {
    "import openreturns": ([sys.executable, "-c", "import openreturns"], 150),
    "openreturns --help": ([str(Path(sys.executable).with_name("openreturns")), "--help"], 300),
}


def milliseconds(command: list[str]) -> float:
    """Return the processor time of one process, Python's own start included."""
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=silent)
    _, status, used = os.wait4(process, 0)
    if status:
        raise AssertionError(f"{' '.join(command)} failed")
    return (used.ru_utime + used.ru_stime) * 1_000


def rows() -> Iterator[tuple[str, float, float]]:
    """Yield name, figure and limit."""
    for name, (command, limit) in _STARTS.items():
        milliseconds(command)  # the first one compiles
        yield name, median(milliseconds(command) for _ in range(_TIMES)), limit
