"""Returns through a live ERP and service desk: `make demo ERP=tryton`.

Starts Tryton and Roundup on this machine and AvaTax's simulator, and workers of the process, of which one is killed on
the way; they carry each kind of return from the request to its end. Prints what each system holds of it, asked of the
system; 1 if two hold something else.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from clients.verbs import connected, settings_of
from demo.workers import OPENRETURNS, Workers, configured
from demo.workers import running as working
from live.base_data import password
from live.carrying import POLICY, Ended, carried
from live.connect import roundup_client, tenant_of, tryton_client
from live.scenarios import SCENARIOS, Scenario
from live.servers import ADMIN, Roundup, Tryton, prepared_database, prepared_tracker, running
from live.shop import Shop
from live.verbs import Clients
from openreturns.process import doctor, events
from openreturns.process.config import System, load_config
from openreturns.process.engine_dbos import migrate, submit
from openreturns.process.policy import load_policy
from openreturns.process.reconcile import examine
from openreturns.process.state import ProcessState
from openreturns.process.store import Store
from openreturns.testing._at import NO_WAIT
from tabulate import tabulate

OUT = Path("demo-out") / "live"
KILLED_AFTER = 8  # events
TOLD = "RMA-2026-0003"  # whose story is told
LONGEST = 120.0  # seconds, until nothing happens to a return any more


class Working:
    """The process in worker processes. One of them is killed while it works on the event of that number."""

    def __init__(self, database: str, workers: Workers) -> None:
        self.store, self._database, self._workers = Store(database), database, workers
        self._policy = load_policy(POLICY.read_bytes())
        self._events = 0

    def submit(self, number: str, event: events.Event) -> object:
        accepted = submit(self._database, number, event, self._policy)
        self._events += 1
        if self._events == KILLED_AFTER:
            while not self._running(number):
                time.sleep(0.01)
            self._workers.kill("worker-1")
            print(f"{number}: worker-1 is killed (-9); worker-3 takes its place", file=sys.stderr)
            self._workers.start("worker-3")
        return accepted

    def _running(self, number: str) -> bool:
        return any(row.running for row in self.store.board() if row.number == number)

    def settled(self, number: str, *, done: bool) -> ProcessState:
        """Wait until nothing is under way, nor (`done`) waits to be tried again; return the state then."""
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            waiting = {one for one, _ in self.store.received()}
            state = self.store.load(number)
            rests = state is not None and number not in waiting and not state.running
            if state is not None and rests and not (done and _waits(state)):
                return state
            time.sleep(0.05)
        raise TimeoutError(f"{number} does not come to rest")


def _waits(state: ProcessState) -> bool:
    """Whether something waits to be tried again."""
    return any(effect.status == "later" for effect in state.effects.values())


def main() -> int:
    rows: list[list[str]] = []
    wrong: dict[str, list[str]] = {}
    began = datetime.now(UTC)
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running(Tryton(folder / "tryton", prepared_database())))
        desk = stack.enter_context(running(Roundup(folder / "tracker", prepared_tracker())))
        tax = stack.enter_context(connected("avatax", time=NO_WAIT))
        database = server.database("demo")
        erp, wms = (stack.enter_context(tryton_client(server, database, role)) for role in ("erp", "wms"))
        crm = stack.enter_context(roundup_client(desk))
        api = stack.enter_context(httpx.Client(base_url=f"{desk.url}/rest/data/", auth=ADMIN))
        clients = Clients(erp, wms, Shop(server.user(database, "integration"), server.ids), crm, api)
        path = configured(OUT, POLICY, _systems(server, database, desk, str(tax.api.base_url)))
        config = load_config(path)
        migrate(config.database)
        workers = stack.enter_context(working(path, "worker-1", "worker-2"))
        process = Working(config.database, workers)
        for place, scenario in enumerate(SCENARIOS, 1):
            number = f"RMA-2026-{place:04}"
            ended = carried(process, clients, tax.api, server, database, scenario, number)
            wrong |= {number: problems} if (problems := ended.differences(scenario)) else {}
            rows.append(_row(number, scenario, ended))
            print(f"{number}: {scenario.name}", file=sys.stderr)
        ports = {"tryton": (erp, wms), "roundup": (crm,), "avatax": (tax.client,)}
        found = examine(process.store, ports, config.policy_file().current, began, datetime.now(UTC))
        health = doctor.examine(process.store, datetime.now(UTC), lease=config.lease)
        process.store.close()
    heads = ["RMA", "what happens", "stock at Tryton", "ledger", "credit", "tax", "recorded at AvaTax", "case"]
    print(tabulate(rows, heads, disable_numparse=True))
    for number, problems in wrong.items():
        print(f"- {number}", *problems, sep="\n    ")
    print(f"\n{len(rows)} returns, {len(rows) - len(wrong)} held alike by all systems")
    print("Process: " + " + ".join(f"{n} {name.replace('_', ' ')}" for name, n in health.counts.items() if n))
    print("Findings of the process: " + (str(len(found)) if found else "none"))
    for one in found:
        print(f"- {one['number']} {one['message']}")
    for problem in health.problems:
        print(f"- {problem}")
    print(f"\n$ openreturns process --config {path} show {TOLD}", flush=True)
    subprocess.run([OPENRETURNS, "process", "--config", str(path), "show", TOLD], check=True)
    return 1 if wrong or found or not health.sound else 0


def _systems(server: Tryton, database: str, desk: Roundup, avatax: str) -> dict[str, System]:
    """Return how the workers connect."""
    user: dict[str, Any] = {
        "base_url": f"{server.url}/{database}",
        "login": "integration",
        "password": password("integration"),
        "application_key": server.ids["keys"]["integration"],
        "budget": {},
    }
    admin: dict[str, Any] = {"base_url": desk.url, "login": ADMIN[0], "password": ADMIN[1], "budget": {}}
    licence: dict[str, Any] = {"kind": "basic", "name": "2000000000", "password": "sandbox-license-key"}
    return {
        "tryton": System(**tenant_of("tryton", {}), connection=user),
        "roundup": System(**tenant_of("roundup", {}), connection=admin),
        "avatax": System(**settings_of("avatax"), connection={"base_url": avatax, "auth": licence, "budget": {}}),
    }


def _row(number: str, scenario: Scenario, ended: Ended) -> list[str]:
    stock = ", ".join(f"{amount:+f} {sku} {place}" for (place, sku, _), amount in sorted(ended.stock.items()))
    net, tax = (sum(one[at] for one in ended.booked.values()) for at in (0, 1))
    there = sum(sum(one) for one in ended.recorded.values())
    return [number, scenario.name, stock, f"{-ended.back:f}", f"{net}", f"{tax}", f"{there}", ", ".join(ended.cases)]


if __name__ == "__main__":
    sys.exit(main())
