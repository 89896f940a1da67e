"""What the durable process costs: over the bare engine, at rest with many returns, and in whole returns a second.

Each measurement runs in a process of its own; vendors are in memory and answer at once, unless it says otherwise.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from statistics import median
from typing import Any

from bench.calls import asking, serving
from dbos import DBOS, SetWorkflowID
from openreturns.idempotency import Done
from openreturns.process._tables import METADATA, SCHEMA_VERSION
from openreturns.process.engine_dbos import DbosEngine, migrate
from openreturns.process.policy import load_policy
from openreturns.process.store import Store
from process import postgres
from process.systems import POLICY, World, connected, story, told
from sqlalchemy import Table, text

ROOT = Path(__file__).parents[1]
RETURNS = 120
ROUNDS = 5
OPEN = 10_000
SLOW = 0.04  # seconds a vendor takes, where two workers are compared: then it is the vendors that a worker waits for
THREADS = 4  # of a worker, where two are compared
EVENTS = 3  # from outside, in the story of each return
_QUEUE = "returns"


class Slow(World):
    """Vendors that take their time."""

    def does(self, verb: str, subject: str, kind: Any = "return") -> Any:
        time.sleep(SLOW)
        return super().does(verb, subject, kind)


# ---------------------------------------------------------------- in children


def _working(url: str, world: World, **options: Any) -> DbosEngine:
    return DbosEngine(url, connected(world), load_policy(POLICY), **options)


def _submitted(engine: DbosEngine, numbers: Sequence[str]) -> None:
    for number in numbers:
        for event in story(number):
            engine.submit(number, event)


def _until_closed(engine: DbosEngine, count: int) -> None:
    """Wait until so many returns are closed, without much work of one's own."""
    closed = text("SELECT count(*) FROM return_state WHERE stage = 'closed'")
    while True:
        with engine.store.engine.connect().execution_options(looks=True) as connection:
            if connection.execute(closed).scalar_one() >= count:
                return
        time.sleep(0.1)


def whole(url: str, server: str = "0") -> dict[str, float]:
    """Return how many whole returns a second one worker does, and the processor time of one, the server's included."""
    with _working(url, World()) as engine:
        _submitted(engine, ["RMA-warm"])
        _until_closed(engine, 1)
        begun, used = time.perf_counter(), time.process_time() + _processor(int(server))
        _submitted(engine, [f"RMA-{place}" for place in range(RETURNS)])
        _until_closed(engine, RETURNS + 1)
        took, used = time.perf_counter() - begun, time.process_time() + _processor(int(server)) - used
        return {"second": RETURNS / took, "processor": used / RETURNS}


def _processor(server: int) -> float:
    """Return the processor time of a server and of all processes it has started."""
    if not server:
        return 0.0
    used = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        parent, own, waited_for = int(after_name[1]), after_name[11:13], after_name[13:15]
        if server in {parent, int(folder.name)}:
            used += sum(map(int, own))
        if server == int(folder.name):
            used += sum(map(int, waited_for))
    return used / os.sysconf("SC_CLK_TCK")


class Asked(World):
    """Vendors that count what they are asked, and can be asked over HTTP, by an adapter, each time."""

    ask: Callable[[], object] = staticmethod(lambda: None)
    calls: int = 0

    def fails(self, verb: str) -> None:
        self.calls += 1
        self.ask()
        super().fails(verb)


def overhead(url: str, base: str = "") -> dict[str, float]:
    """Return the processor time of a vendor call in the process to that of one in a step of the bare engine.

    The bare engine has the same events come in by the same queue, one workflow each, on the same database, and does
    as many of the same calls, each in a step. It keeps no state, decides nothing and writes no audit.
    """
    with asking(base) if base else nullcontext() as at:
        world = Asked()
        if at is not None:
            _, ours, ref = at
            world.ask = lambda: ours.status(ref)
        return _overhead(url, world)


def _overhead(url: str, world: Asked) -> dict[str, float]:
    finished = itertools.count(1)
    done = 0

    @DBOS.step()
    def step(verb: str, subject: str) -> str:
        done = world.does(verb, subject)
        assert isinstance(done, Done)
        return done.ref.id

    @DBOS.workflow()
    def bare(subject: str, count: int) -> str:
        nonlocal done
        said = "".join(step(f"verb-{place}", subject) for place in range(count))
        done = next(finished)
        return said

    def in_process(numbers: Sequence[str]) -> None:
        _submitted(engine, numbers)
        _until_closed(engine, len(numbers) * (round_ + 1))

    def in_bare(numbers: Sequence[str], calls: int) -> None:
        for place, number in enumerate(f"{number}-{part}" for number in numbers for part in range(EVENTS)):
            count = calls // (len(numbers) * EVENTS) + (place < calls % (len(numbers) * EVENTS))
            with SetWorkflowID(number):
                DBOS.enqueue_workflow(_QUEUE, bare, number, count)
        while done < len(numbers) * EVENTS * (round_ + 1):
            time.sleep(0.1)

    took: dict[str, list[float]] = {"process": [], "bare": []}
    with _working(url, world) as engine:
        for round_ in range(ROUNDS + 1):
            numbers = [f"RMA-{round_}-{place}" for place in range(40)]
            before, begun = world.calls, time.process_time()
            in_process(numbers)
            calls, middle = world.calls - before, time.process_time()
            in_bare(numbers, calls)
            if round_:  # the first warms up
                took["process"].append((middle - begun) / calls)
                took["bare"].append((time.process_time() - middle) / (world.calls - before - calls))
    return {"ratio": median(took["process"]) / median(took["bare"]), **{k: median(v) for k, v in took.items()}}


def idle(url: str) -> dict[str, float]:
    """Return how long a worker takes to start, and the memory it has in the end."""
    begun = time.perf_counter()
    with _working(url, World()):
        started = time.perf_counter() - begun
        time.sleep(6)
        return {"started": started, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def together(url: str, part: str) -> dict[str, float]:
    """Work with others until every return is closed; return how long that took from when all were there."""
    with _working(url, Slow(), threads=THREADS) as engine:
        print("up", flush=True)
        sys.stdin.readline()
        begun = time.perf_counter()
        if part == "0":
            _submitted(engine, [f"RMA-{place}" for place in range(RETURNS // 2)])
        _until_closed(engine, RETURNS // 2)
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
    took: list[float] = [json.loads(child.communicate()[0].splitlines()[-1])["took"] for child in children]
    return max(took)


def _with_open(url: str, count: int) -> None:
    """Put open returns in: one that waits for its goods, and copies of all that the tables hold of it."""
    migrate(url)
    one = told()
    one.asked_for("RMA-1")
    store = Store(url)
    with one.store.engine.connect() as source, store.engine.begin() as connection:
        for table in (one for one in METADATA.sorted_tables if one is not SCHEMA_VERSION):
            for row in source.execute(table.select()).mappings().all():
                copies = [_copied(table, dict(row), place) for place in range(count)]
                connection.execute(table.insert(), copies)
    store.close()


def _copied(table: Table, row: Mapping[str, Any], place: int) -> dict[str, Any]:
    """Return a row as it is for another return, with keys of its own, and due in years if it is due at all."""
    own = {"id": f"{row.get('id')}-{place}", "key": f"{row.get('key')}-{place}", "number": f"RMA-{place}"}
    due = {"at": 4_000_000_000_000_000} if table.name == "deadline" else {}
    gone = {"place"} if table.name == "outbox" else set()  # it counts by itself
    return {name: {**row, **own, **due}[name] for name in row if name not in gone}


def rows() -> Iterator[tuple[str, float, float | None, bool]]:
    """Yield name, figure, limit, and whether the limit is an upper one."""
    with tempfile.TemporaryDirectory() as folder, postgres.running(fsync=True) as server:
        lite = f"sqlite:///{folder}"
        ratio = _measured("overhead", f"{lite}/nothing")["ratio"]
        yield "a vendor call in the process, to one in a step of the bare engine, SQLite", ratio, 1.3, True
        ratio = _measured("overhead", server.database())["ratio"]
        yield "  the same on PostgreSQL", ratio, 1.3, True
        with serving() as base:
            ratio = _measured("overhead", f"{lite}/calls", base)["ratio"]
        yield "  with an adapter's call over HTTP in each, SQLite", ratio, 1.3, True
        few, many = f"{lite}/few", f"{lite}/many"
        _with_open(few, 10)
        _with_open(many, OPEN)
        small, large = _measured("idle", few), _measured("idle", many)
        yield "seconds to start with 10,000 open returns", large["started"], 10, True
        yield "memory with 10,000 open returns, to that with 10", large["memory"] / small["memory"], 1.1, True
        for name, url, id_ in (("SQLite", f"{lite}/whole", 0), ("PostgreSQL", server.database(), server.id)):
            done = _measured("whole", url, str(id_))
            yield f"whole returns a second, {name}", done["second"], 20, False
            yield "  processor seconds of one, the database's included", done["processor"], 0.1, True
        one, two = _together(server.database(), 1), _together(server.database(), 2)
        yield f"two workers to one, PostgreSQL, vendors take {SLOW * 1000:.0f} ms", one / two, 1.6, False


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
