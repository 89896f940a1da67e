"""What an adapter costs per call: its verb, and the bare transport, over plain httpx asking the same simulator.

The simulator runs in a process of its own, as a vendor does. Plain httpx keeps its connection, its credentials
and no more: it parses the answer and does nothing about budgets, retries, contracts, mapping or invariants.
"""

from __future__ import annotations

import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from openreturns import adapter
from openreturns.models import DocumentRef
from openreturns.transport import Budget

TENANTS = Path(__file__).parents[1]
CALLS = 2_000
LIMIT = 1.3

_SHIPBOB = """
import sys
from openreturns.sandbox import serving
from openreturns_adapters.shipbob.simulator import simulator

one = simulator(calls=10**9)
one.vendor.seed()
with serving([one]) as at:
    print(at["shipbob"], flush=True)
    sys.stdin.read()
"""
_CREDENTIALS = {"Authorization": "Bearer sandbox-token"}
_ANNOUNCED = {
    "reference_id": "RMA-2026-0001",
    "fulfillment_center": {"id": 22},
    "inventory": [{"id": 9557855, "quantity": 2, "requested_action": "Quarantine"}],
}


@contextmanager
def _served(program: str) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def _seconds(ways: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median time of each way for one call.

    The ways take turns call by call: what slows the machine down hits all alike, and each call finds the
    processor's caches as cold as an application's would.
    """
    took: dict[str, list[float]] = {name: [] for name in ways}  # seconds: no money is measured here
    for _ in range(CALLS):
        for name, call in ways.items():
            start = time.perf_counter()
            call()
            took[name].append(time.perf_counter() - start)
    return {name: median(times) for name, times in took.items()}


def serving() -> AbstractContextManager[str]:
    """The simulator, in a process of its own; its address."""
    return _served(_SHIPBOB)


@contextmanager
def asking(base: str) -> Iterator[tuple[httpx.Client, Any, DocumentRef]]:
    """Plain httpx and our client at a simulator, and a return that is there."""
    own = tomllib.loads((TENANTS / "shipbob" / "tenant.toml").read_text("utf-8"))["shipbob"]
    with httpx.Client(base_url=base, headers=_CREDENTIALS) as bare:
        made = bare.post("/return", json=_ANNOUNCED, headers={"shipbob_channel_id": "433808"}).raise_for_status()
        ref = DocumentRef(type="return", id=str(made.json()["id"]), system="shipbob")
        with adapter("shipbob", own).connect(base_url=base, token="sandbox-token", budget=Budget()) as ours:
            yield bare, ours, ref


def rows() -> Iterator[tuple[str, float, float]]:
    """Yield name, ratio and limit."""
    with serving() as base, asking(base) as (bare, ours, ref):
        took = _seconds(
            {
                "bare": lambda: bare.get(f"/return/{ref.id}").json(),
                "transport": lambda: ours._client.request("read", "GET", "/return/{id}", at={"id": ref.id}),
                "adapter": lambda: ours.status(ref),
            }
        )
    yield "a call through openreturns.transport, to bare httpx", took["transport"] / took["bare"], LIMIT
    yield "an adapter's call (ShipBob, status), to bare httpx", took["adapter"] / took["bare"], LIMIT
