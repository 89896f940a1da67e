"""All that may go wrong, tried in children beside each other, and the table of what came of it.

`python -m process.faults.run` tries all of it; `--sample` a part of each kind; `--keys off` shows that the suite
would see vendors that do again what they are told again. What is `caught` was done twice as keys were taken away.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import click
from openreturns.process.engine_dbos import migrate
from process import postgres
from process.children import Child, forked
from process.faults import clients, databases, deploys, drawn, kills, tables, workers
from process.faults.stage import Case, Databases, Seen, Stage
from process.worker import Told
from tabulate import tabulate

_CHILDREN = 4 * (os.cpu_count() or 2)  # a case waits more than it works
_LONGEST = 900.0


@dataclass
class _Row:
    runs: int = 0
    lost: int = 0
    duplicated: int = 0
    held: int = 0
    took: float = 0.0
    caught: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, name: str, seen: Seen) -> None:
        self.runs += seen.runs
        self.lost += seen.lost
        self.duplicated += seen.duplicated
        self.held += seen.held
        self.took = max(self.took, seen.took)
        self.caught += seen.caught
        self.wrong += [f"{name}: {one}" for one in seen.wrong]


def all_cases(*, keys: bool) -> list[Case]:
    """Return every case."""
    longest_first = (drawn, tables, databases, workers, deploys)
    keyed = (clients, kills)
    return [case for kind in longest_first for case in kind.cases()] + [
        case for kind in keyed for case in kind.cases(keys=keys)
    ]


def tried(cases: Sequence[Case], folder: Path) -> dict[str, _Row]:
    """Try the cases, several at a time, and return what came of each suite."""
    rows: dict[str, _Row] = defaultdict(_Row)
    with ExitStack() as stack:
        databases = _databases(folder, stack, cases)
        waiting, running = list(enumerate(cases)), dict[int, tuple[Child, float]]()
        while waiting or running:
            while waiting and len(running) < _CHILDREN:
                place, case = waiting.pop(0)
                where = folder / str(place)
                where.mkdir()
                running[place] = forked(partial(_case, case, where, databases), where / "log"), time.monotonic()
            for place, (child, begun) in list(running.items()):
                if not child.over() and time.monotonic() < begun + _LONGEST:
                    continue
                _end_group(child)
                del running[place]
                rows[cases[place].suite].add(cases[place].name, _result(folder / str(place)))
            time.sleep(0.01)
    return rows


def _databases(folder: Path, stack: ExitStack, cases: Iterable[Case]) -> Databases:
    """Make what the cases copy; in a child, so that this process never has a database open."""
    template = folder / "template.sqlite"
    _done(partial(migrate, f"sqlite:///{template}"), folder)
    if not any(case.database == "postgresql" for case in cases):
        return Databases(template, _none)
    server = stack.enter_context(postgres.running())
    like = server.database()
    _done(partial(migrate, like), folder)
    return Databases(template, partial(server.database, like))


def _none() -> str:
    raise AssertionError("no case asked for PostgreSQL")


def _done(run: partial[None], folder: Path) -> None:
    if forked(run, folder / "log").wait(60):
        raise AssertionError((folder / "log").read_text())


def _case(case: Case, folder: Path, databases: Databases) -> None:
    os.setpgid(0, 0)  # its workers end with it
    if case.database == "sqlite":
        shutil.copy(databases.sqlite, folder / "process.sqlite")
        url = f"sqlite:///{folder}/process.sqlite"
    else:
        url = databases.postgresql()
    seen = case.run(Stage(folder, databases, Told(url, str(folder / "vendors.sqlite"))))
    (folder / "seen.json").write_text(json.dumps(asdict(seen)))


def _result(folder: Path) -> Seen:
    log = (folder / "log").read_text(errors="replace")
    try:
        told = json.loads((folder / "seen.json").read_text())
    except FileNotFoundError:
        return Seen(lost=1, wrong=(f"it did not end well: {log[-3000:]}",))
    seen = Seen(**{**told, "wrong": tuple(told["wrong"])})
    return seen if not seen.wrong else Seen(**{**asdict(seen), "wrong": (*seen.wrong, log[-3000:])})


def _end_group(child: Child) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.id, signal.SIGKILL)
    child.wait(10)


@click.command()
@click.option("--sample", is_flag=True, help="A part of each kind.")
@click.option("--suite", default="", help="Only suites whose name starts so.")
@click.option("--keys", type=click.Choice(["on", "off"]), default="on")
def main(sample: bool, suite: str, keys: str) -> None:
    """Try what may go wrong; exit with 1 if anything was lost, done twice, or not as it has to be."""
    cases = [one for one in all_cases(keys=keys == "on") if one.suite.startswith(suite) and (one.sample or not sample)]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults") as folder:
        rows = tried(cases, Path(folder))
    for name, row in rows.items():
        for wrong in row.wrong:
            print(f"! {name}: {wrong}")
    heads = ["suite", "runs", "lost", "duplicated", "caught", "held for a person", "taken over in s, at most", ""]
    told = [
        [name, row.runs, row.lost, row.duplicated, row.caught, row.held, f"{row.took:.1f}" if row.took else "",
         "WRONG" if row.wrong else "held"]
        for name, row in rows.items()
    ]  # fmt: skip
    counts = ("runs", "lost", "duplicated", "caught", "held")
    whole = ["all", *(sum(getattr(row, name) for row in rows.values()) for name in counts)]
    print(tabulate([*told, whole], heads, disable_numparse=True))
    print(f"{time.monotonic() - begun:.0f} s")
    sys.exit(1 if any(row.wrong for row in rows.values()) else 0)


if __name__ == "__main__":
    main()
