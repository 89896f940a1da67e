"""Speed as ratios within one run. Run by `make bench`; exits with 1 if a limit was missed.

Figures of the first table are multiples of `orjson.loads` + `dumps` of the same record. As in `timeit`, the
garbage collector is off while the clock runs, which counts this process's time only; each figure is the best of
several rounds taken in turn.
"""

from __future__ import annotations

import gc
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, partial
from math import inf
from pathlib import Path
from typing import Any

import orjson
from bench import by_hand, calls, compared, drawn, durable, peers, proposals, starts, streams
from openreturns import Adapter, Return, adapter
from openreturns._json import dump, parse
from openreturns.decimals import exactly
from openreturns.errors import OpenReturnsError
from openreturns.mapping import Environment
from openreturns.models._checked import from_checked
from openreturns.route import Route
from openreturns.validation import document_validator
from tabulate import tabulate

DEMO = Path(__file__).parents[2] / "docs" / "demo" / "shipbob-returns"
LINES = (3, 30, 300)
ROUNDS = 25
BASE = "orjson.loads + dumps"


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


def seconds(ways: Mapping[str, Callable[[], object]], times: int) -> dict[str, float]:
    """Return the best time of each way for one call; the ways take turns, so that a slow moment hits all."""
    best = dict.fromkeys(ways, inf)
    gc.collect()
    gc.disable()
    try:
        for _ in range(ROUNDS):
            for name, run in ways.items():
                start = time.process_time()
                for _ in range(times):
                    run()
                best[name] = min(best[name], (time.process_time() - start) / times)
    finally:
        gc.enable()
    return best


def pipeline(lines: int) -> list[tuple[str, float, float | None]]:
    """Return the figures of one record size: name, ratio, limit."""
    data = record(lines)
    route, ours = Route("shipbob.return", "return"), adapter("shipbob")
    translator, contract, canonical = ours.translator("return"), ours.contract("return"), document_validator("return")
    parsed = parse(data)
    document = translator.to_canonical(parsed).document

    def hand() -> dict[str, Any]:
        with exactly():  # as rules are carried out: no digit is rounded away
            return by_hand.to_return(parsed, Environment(translator.tenant, parsed, {}))

    if hand() != document:
        raise AssertionError("the mapping by hand says something else than the rules")
    best = seconds(
        {
            BASE: lambda: orjson.dumps(orjson.loads(data)),
            "vendor bytes -> checked -> mapped -> checked -> bytes": lambda: route.run(data),
            "the same to the typed class and bytes": lambda: typed(ours, data),
            "adapter.read, with the invariants": lambda: ours.read("return", data, to="return"),
            "  exact parsing": lambda: parse(data),
            "  vendor check": lambda: contract.is_valid(parsed),
            "  compiled rules": lambda: translator.to_canonical(parsed),
            "  canonical check": lambda: canonical.is_valid(document),
            "  exact writing": lambda: dump(document),
            "mapping by hand": hand,
            "interpreted rules (the reference)": lambda: translator.interpret("in", parsed),
        },
        max(2, 300 // lines),
    )
    limits = {
        "vendor bytes -> checked -> mapped -> checked -> bytes": 6.0,
        "the same to the typed class and bytes": 8.0,
    }
    figures = [(name, took / best[BASE], limits.get(name)) for name, took in best.items() if name != BASE]
    return [*figures, ("compiled rules to mapping by hand", best["  compiled rules"] / best["mapping by hand"], 1.15)]


def typed(ours: Adapter, data: bytes) -> tuple[Return, bytes]:
    """Return the class and the bytes of a vendor record, as `Adapter.read` and `Route.run` make them."""
    record, translator = parse(data), ours.translator("return", "return")
    ours.check_record("return", record)
    document = translator.to_canonical(record).document
    written = ours.check_document(translator.mapping, document)
    return from_checked(Return, document), written


def main() -> int:
    """Print the tables; return 1 if a limit was missed."""
    missed = 0

    def held(figure: float, limit: float | None, *, upper: bool = True) -> tuple[str, str]:
        nonlocal missed
        if limit is None:
            return "", ""
        good = figure <= limit if upper else figure >= limit
        missed += not good
        return f"{'<=' if upper else '>='} {limit:g}", "held" if good else "MISSED"

    sizes = {lines: pipeline(lines) for lines in LINES}
    table = [
        [
            name,
            *(f"{sizes[lines][row][1]:.2f}" for lines in LINES),
            *held(max(s[row][1] for s in sizes.values()), limit),
        ]
        for row, (name, _, limit) in enumerate(sizes[LINES[0]])
    ]
    heads = [f"x {BASE}, by lines", *map(str, LINES), "limit", ""]
    print(tabulate(table, heads, disable_numparse=True))

    parsed = parse(record(30))
    ways = peers.ways()
    if any(way(parsed) != peers.by_hand(parsed) for way in ways.values()):
        raise AssertionError("the peers say something else")
    best = seconds({name: partial(way, parsed) for name, way in ways.items()}, 10)
    print("\n" + tabulate([[n, f"{t / best['by hand']:.2f}"] for n, t in best.items()], ["plain rules, 30 lines", "x"]))

    with tempfile.TemporaryDirectory() as folder:
        whole = [
            [name, f"{figure:.2f}", *held(figure, limit, upper=upper)]
            for name, figure, limit, upper in streams.rows(Path(folder), record(3), record(30))
        ]
    print("\n" + tabulate(whole, ["whole processes", "ratio", "limit", ""], disable_numparse=True))

    started = [[name, f"{figure:.0f}", *held(figure, limit)] for name, figure, limit in starts.rows()]
    print("\n" + tabulate(started, ["starting", "ms", "limit", ""], disable_numparse=True))

    vendors = [[name, f"{figure:.2f}", *held(figure, limit)] for name, figure, limit in calls.rows()]
    print("\n" + tabulate(vendors, ["calls to a vendor", "ratio", "limit", ""], disable_numparse=True))

    lasting = [
        [name, f"{figure:.2f}", *held(figure, limit, upper=upper)] for name, figure, limit, upper in durable.rows()
    ]
    print("\n" + tabulate(lasting, ["the durable process", "", "limit", ""], disable_numparse=True))

    governed = [[name, f"{figure:.2f}", *held(figure, limit)] for name, figure, limit in compared.rows()]
    print("\n" + tabulate(governed, ["comparing schemas", "s", "limit", ""], disable_numparse=True))

    counted = [
        [name, f"{figure:.0f}", *held(figure, limit, upper=upper)] for name, figure, limit, upper in drawn.rows()
    ]
    print("\n" + tabulate(counted, ["strategies", "a second", "limit", ""], disable_numparse=True))
    guessed = [
        [name, f"{figure:.2f}", *held(figure, limit, upper=upper)]
        for name, figure, limit, upper in proposals.rows_of(proposals.measured())
    ]
    print("\n" + tabulate(guessed, ["proposed mappings", "share", "limit", ""], disable_numparse=True))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
