"""The sandbox that the demo runs on: four simulated vendors, connected, their webhooks received, faults switched on."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from openreturns import load_tenant
from openreturns.errors import OpenReturnsError
from openreturns.ports import Change, Port, Wms
from openreturns.process.config import System
from openreturns.sandbox import Fault, Kind, Outbox, Simulator, WallClock, serving
from openreturns.transport import Time
from openreturns.webhooks import Event, Inbox, Received, revision_of
from openreturns_adapters.avatax.simulator import simulator as avatax
from openreturns_adapters.netsuite.simulator import simulator as netsuite
from openreturns_adapters.salesforce.simulator import simulator as salesforce
from openreturns_adapters.shipbob.simulator import simulator as shipbob

__all__ = ["Sandbox", "running"]

TENANT = Path(__file__).with_name("tenant.toml")
CALLS = 3000  # in a minute, so that the demo does not wait for the warehouse's limit of 150
HURRIED = Time(sleep=lambda seconds: time.sleep(seconds / 100))  # nothing here takes as long as in the field

# What goes wrong, and where: kinds of faults, and the calls that they may hit.
WRITES: tuple[Kind, ...] = ("error_before", "error_after", "cut_before", "cut_after", "truncated", "throttled", "slow")
READS: tuple[Kind, ...] = ("stale", "stale", "throttled", "html", "slow", "error_before", "cut_before")
CALLED = {
    "netsuite": (("PUT */record/*", "POST */!transform/*", "PATCH *"), "GET */record/*"),
    "shipbob": (("POST /return", "POST *:cancel"), "GET /return*"),
    "salesforce": (("PATCH */Case/*", "POST */composite"), "GET *"),
    "avatax": (("POST */transactions/create", "POST */refund"), "GET *"),
}


@dataclass(frozen=True)
class Sandbox:
    """The four vendors, as clients see them and from behind."""

    systems: Mapping[str, System]
    """How each is connected to, as a process's configuration has it."""
    ports: Mapping[str, Port]
    simulators: Mapping[str, Simulator]
    goods: Mapping[str, int]
    hooks: str
    inbox: Inbox
    webhooks: Counter[str]
    """How many webhooks came that were new, repeated, or not the vendor's."""
    chance: random.Random

    @property
    def wms(self) -> Wms:
        """The warehouse."""
        port = self.ports["shipbob"]
        assert isinstance(port, Wms)  # as its role says
        return port

    def trouble(self, much: int = 1) -> None:
        """Switch on some faults for the next calls, by chance that is the same in each run."""
        for name, (writes, reads) in CALLED.items():
            for _ in range(much):
                write = self.chance.random() < 0.6
                kind = self.chance.choice(WRITES if write else READS)
                match = self.chance.choice(writes) if write else reads
                self.simulators[name].faults.add(Fault(kind, match, seconds=0.02))

    def calm(self) -> None:
        """Switch all faults off."""
        for simulator in self.simulators.values():
            simulator.faults.clear()

    def step(self, name: str, **given: Any) -> Any:  # noqa: ANN401 - the vendor's own
        """Let something happen in the warehouse."""
        return self.simulators["shipbob"].step(name, **given)

    def action(self, sku: str, action: str, units: int, reason: str = "", lot: str = "") -> dict[str, Any]:
        """Return what is done with some units, as the warehouse has it."""
        given = {"inventory_id": self.goods[sku], "action": action, "quantity": units}
        return given | ({"reason": reason} if reason else {}) | ({"lot_number": lot} if lot else {})

    def deliver(self) -> int:
        """Send the webhooks that wait, some twice or in the wrong order; return how many were taken."""
        with httpx.Client(timeout=10) as client:
            return self.simulators["shipbob"].outbox.deliver(client)

    def forge(self, number: str) -> int:
        """Send what claims to be a webhook about a return; return the status that it is answered with."""
        headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,bm8="}
        return httpx.post(self.hooks, json={"id": int(number), "status": "Completed"}, headers=headers).status_code

    def hit(self) -> Counter[str]:
        """Return how often each kind of fault has hit a call."""
        return Counter(call.fault for one in self.simulators.values() for call in one.calls if call.fault)


@contextmanager
def running(seed: int = 20261126, **books: Any) -> Iterator[Sandbox]:  # noqa: ANN401 - the simulator says what they are
    """Serve the vendors on loopback, filled with goods and sales, and connect to them, until the block ends.

    `books` are switches of the ERP's simulated account.
    """
    clock, chance = WallClock(), random.Random(seed)  # noqa: S311 - no secret depends on it
    outbox = Outbox(duplicates=0.2, reorders=0.3, seed=seed)
    made = [
        shipbob(calls=CALLS, clock=clock, outbox=outbox),
        netsuite(**books),
        salesforce(),
        avatax(),
    ]
    simulators = {one.name: one for one in made}
    seeds = {name: one.vendor.seed() for name, one in simulators.items()}
    with ExitStack() as stack:
        addresses = stack.enter_context(serving(made))
        tenants = _tenants(seeds)
        systems = {
            name: System(**own, connection={**ACCESS[name], "base_url": addresses[name]})
            for name, own in tenants.items()
        }
        ports = {
            name: stack.enter_context(port)
            for name, system in systems.items()
            for port in system.ports(name, time=HURRIED)
        }
        inbox, webhooks = Inbox(), Counter[str]()
        secrets: list[str] = []
        warehouse: Any = ports["shipbob"]
        hooks = stack.enter_context(_listening(partial(warehouse.hear, secrets=secrets), inbox, webhooks))
        secrets.append(warehouse.subscribe(hooks))
        goods = {sku: int(number) for number, sku in tenants["shipbob"]["tables"]["inventory"]["read"].items()}
        yield Sandbox(systems, ports, simulators, goods, hooks, inbox, webhooks, chance)


ACCESS: dict[str, dict[str, Any]] = {
    "shipbob": {"token": "sandbox-token", "budget": {"rates": [{"calls": CALLS, "seconds": 60}]}},
    "netsuite": {
        "auth": {
            "kind": "oauth1",
            "consumer_key": "sandbox-consumer",
            "consumer_secret": "sandbox-consumer-secret",
            "token": "sandbox-token",
            "token_secret": "sandbox-token-secret",
            "realm": "1234567_SB1",
        }
    },
    "salesforce": {"client_id": "sandbox-consumer-key", "client_secret": "sandbox-consumer-secret"},
    "avatax": {"auth": {"kind": "basic", "name": "2000000000", "password": "sandbox-license-key"}},
}
"""What lets the clients in: nothing of it is secret."""


def _tenants(seeds: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what each adapter is configured with: the tenant file, and the ids that vendors gave to what we know."""
    own = load_tenant(TENANT)
    org, books = seeds["salesforce"], seeds["netsuite"]
    _table(own["netsuite"], "customer", books["customers"])
    _table(own["netsuite"], "sales_order", books["salesOrders"])
    for table, kind in {"account": "Account", "product": "Product2", "location": "Location", "order": "Order"}.items():
        _table(own["salesforce"], table, org[kind])
    return own


def _table(own: dict[str, Any], name: str, ids: Mapping[str, str]) -> None:
    own.setdefault("tables", {})[name] = {"read": {id: number for number, id in ids.items()}}


@contextmanager
def _listening(hear: Callable[[Received], Change], inbox: Inbox, webhooks: Counter[str]) -> Iterator[str]:
    """Receive webhooks on loopback: each is verified, kept if it is genuine, and answered at once."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                change = hear(Received(body, dict(self.headers)))
            except OpenReturnsError:
                webhooks["refused"] += 1
                self.send_error(401)
                return
            entity = f"{change.ref.type}/{change.ref.id}"
            event = Event(str(change.ref.system), change.event_id, entity, revision_of(change.at), body)
            webhooks["new" if inbox.receive(event) else "repeated"] += 1
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing: what comes is counted elsewhere."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/shipbob"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
