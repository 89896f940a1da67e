"""Whole processes: does memory stay flat from 1,000 records to 100,000, and are two processes near twice as fast?"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

# A child of its own tells the peak of its own child: peaks of children never go down again.
_PEAK = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); " + (
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def write(path: Path, record: bytes, times: int) -> Path:
    """Write a JSONL file of so many records."""
    with path.open("wb") as file:
        for _ in range(times):
            file.write(record + b"\n")
    return path


def command(source: Path, *options: str) -> list[str]:
    """Return the command that translates a file."""
    program = str(Path(sys.executable).with_name("openreturns"))
    return [program, "translate", "--from", "shipbob.return", "--to", "return", str(source), "--json", *options]


def peak(source: Path) -> int:
    """Return the peak memory of translating a file, in KiB on Linux."""
    done = subprocess.run([sys.executable, "-c", _PEAK, *command(source)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def seconds(source: Path, jobs: int) -> float:
    """Return the time of translating a file with so many processes."""
    start = time.perf_counter()
    subprocess.run(
        command(source, "--jobs", str(jobs)), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - start


def rows(folder: Path, small: bytes, usual: bytes) -> Iterator[tuple[str, float, float, bool]]:
    """Yield name, figure, limit and whether the limit is an upper one."""
    few, many = write(folder / "few.jsonl", small, 1_000), write(folder / "many.jsonl", small, 100_000)
    yield "peak memory, 100,000 records to 1,000", peak(many) / peak(few), 1.1, True
    some = write(folder / "some.jsonl", usual, 30_000)
    one, two = min(seconds(some, 1) for _ in range(2)), min(seconds(some, 2) for _ in range(2))
    yield "speed, two processes to one", one / two, 1.7, False
