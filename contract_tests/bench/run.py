"""Speed as ratios within one run: each figure is a multiple of `orjson.loads` + `dumps` of the same record.

Run by `make bench`. Limits are what the project promises; the last column says whether this run held them.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from openreturns import Return, adapter
from openreturns._json import dump, parse
from openreturns.errors import OpenReturnsError
from openreturns.route import Route
from tabulate import tabulate

DEMO = Path(__file__).parents[2] / "docs" / "demo" / "shipbob-returns"
LINES = (3, 30, 300)
ROUNDS = 7


@cache
def demo_records() -> list[dict[str, Any]]:
    """Return the completed returns of the demo that can be translated."""
    route, good = Route("shipbob.return", "return"), []
    for path in sorted(DEMO.glob("*.json")):
        with suppress(OpenReturnsError):
            route.run(path.read_bytes())
            good.append(orjson.loads(path.read_bytes()))
    return [record for record in good if record["status"] == "Completed"]


def record(lines: int) -> bytes:
    """Return a ShipBob return with that many inventory entries: those of the demo's records, in turn."""
    entries = itertools.cycle(entry for record in demo_records() for entry in record["inventory"])
    inventory = [{**entry, "id": 9557855 + n} for n, entry in enumerate(itertools.islice(entries, lines))]
    return orjson.dumps({**demo_records()[0], "inventory": inventory})


def seconds(run: Callable[[], object], times: int) -> float:
    """Return the best of several rounds, for one call."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(times):
            run()
        best = min(best, (time.perf_counter() - start) / times)
    return best


def measure(lines: int) -> list[list[str]]:
    """Return the rows of one record size."""
    data, times = record(lines), max(3, 1500 // lines)
    route = Route("shipbob.return", "return")
    ours = adapter("shipbob").translator("return", "return")
    parsed = parse(data)
    base = seconds(lambda: orjson.dumps(orjson.loads(data)), times)
    figures: list[tuple[str, Callable[[], object], float | None]] = [
        ("vendor bytes -> checked -> mapped -> checked -> bytes", lambda: route.run(data), 6.0),
        (
            "the same, to the typed class and bytes",
            lambda: Return.model_validate_json(route.run(data).records[0]).to_json(),
            8.0,
        ),
        ("exact parsing alone", lambda: parse(data), None),
        ("compiled rules alone", lambda: ours.to_canonical(parsed), None),
        ("interpreted rules alone (the reference)", lambda: ours.interpret("in", parsed), None),
        ("writing exact JSON alone", lambda: dump(parsed), None),
    ]
    rows = []
    for name, run, limit in figures:
        ratio = seconds(run, times) / base
        held = "" if limit is None else ("held" if ratio <= limit else "MISSED")
        rows.append([str(lines), name, f"{ratio:.2f}", f"{limit:.0f}" if limit else "", held])
    return rows


def main() -> int:
    """Print the table; 1 if a limit was missed."""
    rows = [row for lines in LINES for row in measure(lines)]
    print(tabulate(rows, ["lines", "what", "x orjson", "limit", ""], disable_numparse=True))
    return 1 if any(row[-1] == "MISSED" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
