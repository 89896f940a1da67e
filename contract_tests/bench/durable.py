"""What the durable process costs: over the bare engine, at rest with many returns, and in whole returns a second.

Each measurement runs in a process of its own; vendors are in memory and answer at once, unless it says otherwise.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median
from typing import Any

from bench.calls import asking, serving
from dbos import DBOS, SetWorkflowID
from openreturns.process.engine_dbos import DbosEngine, migrate
from openreturns.process.policy import load_policy
from openreturns.process.store import Store
from process import postgres
from process.systems import POLICY, World, connected, story, told
from sqlalchemy import text

ROOT = Path(__file__).parents[1]
RETURNS = 120
ROUNDS = 5
OPEN = 10_000
SLOW = 0.04  # seconds a vendor takes, where two workers are compared: then it is the vendors that a worker waits for
THREADS = 4
_QUEUE = "returns"


class Slow(World):
    """Vendors that take their time."""

    def does(self, verb: str, subject: str, kind: Any = "return") -> Any:
        time.sleep(SLOW)
        return super().does(verb, subject, kind)


# ---------------------------------------------------------------- in children


@contextmanager
def _working(url: str, world: World, threads: int = THREADS) -> Iterator[DbosEngine]:
    with DbosEngine(url, connected(world), load_policy(POLICY), threads=threads) as engine:
        yield engine


def _carried(engine: DbosEngine, numbers: list[str]) -> None:
    for number in numbers:
        for event in story(number):
            engine.submit(number, event)
    while sum(row.stage == "closed" for row in engine.store.board()) < len(numbers):
        time.sleep(0.02)


def whole(url: str) -> dict[str, float]:
    """Return how many whole returns a second one worker does."""
    with _working(url, World(), 8) as engine:
        _carried(engine, ["RMA-warm"])
        numbers = [f"RMA-{place}" for place in range(RETURNS)]
        begun, used = time.perf_counter(), time.process_time()
        for number in numbers:
            for event in story(number):
                engine.submit(number, event)
        while sum(row.stage == "closed" for row in engine.store.board()) <= RETURNS:
            time.sleep(0.1)
        return {
            "second": RETURNS / (time.perf_counter() - begun),
            "processor": RETURNS / (time.process_time() - used),
        }


class Asked(World):
    """Vendors that are asked over HTTP, by an adapter, each time something is done."""

    ask: Callable[[], object] = staticmethod(lambda: None)

    def does(self, verb: str, subject: str, kind: Any = "return") -> Any:
        self.ask()
        return super().does(verb, subject, kind)


def overhead(url: str, base: str = "") -> dict[str, float]:
    """Return the processor time of the process's vendor calls to that of bare engine steps around as many."""
    with asking(base) if base else nullcontext() as at:
        world = Asked()
        if at is not None:
            _, ours, ref = at
            world.ask = lambda: ours.status(ref)
        return _overhead(url, world)


def _overhead(url: str, world: World) -> dict[str, float]:
    @DBOS.step()
    def step(verb: str, subject: str) -> str:
        return world.does(verb, subject).ref.id  # type: ignore[union-attr] # these vendors always do

    @DBOS.workflow()
    def bare(subject: str, count: int) -> str:
        return "".join(step(f"verb-{place}", subject) for place in range(count))

    took: dict[str, list[float]] = {"process": [], "bare": []}
    with _working(url, world) as engine:
        _carried(engine, ["RMA-warm"])
        for round_ in range(ROUNDS):
            numbers = [f"RMA-{round_}-{place}" for place in range(20)]
            before, begun = sum(world.told.values()), time.process_time()
            for number in numbers:
                for event in story(number):
                    engine.submit(number, event)
            while len([one for one in numbers if _closed(engine.store, one)]) < len(numbers):
                time.sleep(0.1)
            used, calls = time.process_time() - begun, sum(world.told.values()) - before
            took["process"].append(used / calls)
            each = round(calls / len(numbers) / 3)
            begun = time.process_time()
            handles = []
            for number in numbers:
                for part in range(3):
                    with SetWorkflowID(f"{number}-{part}"):
                        handles.append(DBOS.enqueue_workflow(_QUEUE, bare, f"{number}-{part}", each))
            for handle in handles:
                handle.get_result()
            took["bare"].append((time.process_time() - begun) / (each * len(handles)))
    return {"ratio": median(took["process"]) / median(took["bare"])}


def _closed(store: Store, number: str) -> bool:
    with store._reading() as connection:
        chosen = text("SELECT stage FROM return_state WHERE number = :number")
        return connection.execute(chosen, {"number": number}).scalar_one_or_none() == "closed"


def idle(url: str) -> dict[str, float]:
    """Return how long a worker takes to start, and the memory it has in the end."""
    begun = time.perf_counter()
    with _working(url, World()):
        started = time.perf_counter() - begun
        time.sleep(6)
        return {"started": started, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def together(url: str, part: str) -> dict[str, float]:
    """Work with others until every return is closed; return how long that took from when all were there."""
    with _working(url, Slow()) as engine:
        print("up", flush=True)
        sys.stdin.readline()
        begun = time.perf_counter()
        if part == "0":
            for place in range(RETURNS // 2):
                for event in story(f"RMA-{place}"):
                    engine.submit(f"RMA-{place}", event)
        while sum(row.stage == "closed" for row in engine.store.board()) < RETURNS // 2:
            time.sleep(0.1)
        return {"took": time.perf_counter() - begun}


# ---------------------------------------------------------------- rows


def _child(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.durable", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT.parent / 'docs'}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _measured(*arguments: str) -> dict[str, float]:
    output, _ = _child(*arguments).communicate()
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found


def _together(url: str, workers: int) -> float:
    """Return the seconds that some workers take for all returns."""
    children = [_child("together", url, str(place)) for place in range(workers)]
    for child in children:
        assert child.stdout is not None
        child.stdout.readline()
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    return max(float(json.loads(child.communicate()[0].splitlines()[-1])["took"]) for child in children)


def _with_open(url: str, count: int) -> None:
    """Put open returns in: one that waits for its goods, and copies of its row and its deadline."""
    migrate(url)
    one = told()
    one.asked_for("RMA-1")
    with one.store.engine.connect() as source:
        state = dict(source.execute(text("SELECT * FROM return_state")).mappings().one())
        deadline = dict(source.execute(text("SELECT * FROM deadline")).mappings().one())
    store = Store(url)
    with store.engine.begin() as connection:
        for table, row in (("return_state", state), ("deadline", {**deadline, "at": 4_000_000_000_000_000})):
            into = text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})")
            connection.execute(into, [{**row, "number": f"RMA-{place}"} for place in range(count)])
    store.close()


def rows() -> Iterator[tuple[str, float, float | None, bool]]:
    """Yield name, figure, limit, and whether the limit is an upper one."""
    with tempfile.TemporaryDirectory() as folder, postgres.running(fsync=True) as server:
        lite = f"sqlite:///{folder}"
        with serving() as base:
            ratio = _measured("overhead", f"{lite}/calls", base)["ratio"]
        yield "an adapter's call in the process, to one in a bare step", ratio, 1.3, True
        ratio = _measured("overhead", f"{lite}/nothing")["ratio"]
        yield "  the same where the call costs nothing", ratio, None, True
        few, many = f"{lite}/few", f"{lite}/many"
        _with_open(few, 10)
        _with_open(many, OPEN)
        small, large = _measured("idle", few), _measured("idle", many)
        yield "seconds to start with 10,000 open returns", large["started"], 10, True
        yield "memory with 10,000 open returns, to that with 10", large["memory"] / small["memory"], 1.1, True
        for name, url in (("SQLite", f"{lite}/whole"), ("PostgreSQL", server.database())):
            done = _measured("whole", url)
            yield f"whole returns a second, {name}", done["second"], 20, False
            yield "  in a second of the worker's processor time", done["processor"], None, False
        one, two = _together(server.database(), 1), _together(server.database(), 2)
        yield f"two workers to one, PostgreSQL, vendors take {SLOW * 1000:.0f} ms", one / two, 1.6, False


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
