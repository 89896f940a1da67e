"""One return carried by the process over real systems, from the request to its end, and what those hold of it then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import httpx
from live.scenarios import Delivery, Scenario
from live.servers import Tryton
from live.shop import Sold
from live.story import BAD, GOOD, adjustment, disposition, received, return_of
from live.verbs import Clients, done
from openreturns.models import Credit, DocumentRef, Return
from openreturns.ports import Port
from openreturns.process import events
from openreturns.process.engine import Clock, InlineEngine, Systems
from openreturns.process.events import Result
from openreturns.process.policy import load_policy
from openreturns.process.state import Command, ProcessState
from openreturns.process.store import Store

__all__ = ["POLICY", "Ended", "Process", "carried", "inline"]

POLICY = Path(__file__).with_name("policy.toml")
AUSTIN = {"line1": "100 Main St", "city": "Austin", "region": "TX", "postalCode": "78701", "countryCode": "US"}


class Process(Protocol):
    """A process that works: it is told of events, and tells of a return once nothing happens to it any more."""

    store: Store

    def submit(self, number: str, event: events.Event) -> object: ...

    def settled(self, number: str, *, done: bool) -> ProcessState: ...


class Inline:
    """A process in this thread, which lets the pauses before another try pass at once."""

    def __init__(self, engine: InlineEngine) -> None:
        self._engine, self.store = engine, engine.store

    def submit(self, number: str, event: events.Event) -> object:
        return self._engine.submit(number, event)

    def settled(self, number: str, *, done: bool) -> ProcessState:
        if done:
            self._engine.advance(timedelta(minutes=10))
        state = self.store.load(number)
        assert state is not None
        return state


class Thrice(Systems):
    """Does each command three times at once: as workers do that think each other dead."""

    def do(self, command: Command) -> Result:
        with ThreadPoolExecutor(3) as pool:
            results = [one.result() for one in [pool.submit(super(Thrice, self).do, command) for _ in range(3)]]
        assert {one.status for one in results} == {"done"}, results
        return results[0]


@contextmanager
def inline(clients: Clients, tax: Port, *, thrice: bool = False) -> Iterator[Inline]:
    """A process over the systems, its returns in memory."""
    policy, clock = load_policy(POLICY.read_bytes()), Clock()
    ports: dict[str, Any] = {"tryton": (clients.erp, clients.wms), "roundup": clients.crm, "avatax": tax}
    with closing(Store("sqlite://")) as store:
        store.migrate()
        systems = (Thrice if thrice else Systems)(ports, budgets=policy.vendors, time=clock.time)
        yield Inline(InlineEngine(store, systems, policy, clock=clock))


@dataclass(frozen=True)
class Ended:
    """What the systems hold of a return, asked of them: Tryton's stock and ledger, AvaTax's record, Roundup's case.

    `stock` is what there is more of than before, `back` what the customer owes less, in the company's currency.
    `booked` and `recorded` are the credits at Tryton and at AvaTax: without tax, and the tax.
    """

    stock: dict[tuple[str, str, str], Decimal]
    back: Decimal
    booked: dict[str, tuple[Decimal, Decimal]]
    recorded: dict[str, tuple[Decimal, Decimal]]
    cases: list[str]

    def differences(self, scenario: Scenario) -> list[str]:
        """Return where this is not what it must be."""
        rate = Decimal("0.8") if scenario.currency == "EUR" else Decimal(1)
        net = sum((one for one, _ in self.recorded.values()), Decimal(0))
        total = sum((one + tax for one, tax in self.recorded.values()), Decimal(0))
        # Goods that were sent instead were invoiced at what those that came back had cost.
        back = Decimal(0) if scenario.replacement else total / rate
        stock = {at: Decimal(amount) for at, amount in scenario.stock.items()}
        found = {
            "stock": (self.stock, stock),
            "credits": (self.booked, self.recorded),
            "net": (net, Decimal(scenario.net)),
            "ledger": (self.back, back),
            "cases": (self.cases, [scenario.case]),
        }
        return [f"{name}: {is_}, not {must}" for name, (is_, must) in found.items() if is_ != must]


def carried(
    process: Process,
    clients: Clients,
    engine: httpx.Client,
    server: Tryton,
    database: str,
    scenario: Scenario,
    number: str,
) -> Ended:
    """Sell, take back and credit; then ask each system. `engine` is a plain client of AvaTax."""
    customer = "abroad" if scenario.currency == "EUR" else "customer"
    sold = clients.shop.sell(*scenario.sold, customer=customer, currency=scenario.currency.lower())
    stock, owed = clients.shop.stock(), clients.shop.receivable(customer)

    def restart() -> None:
        server.program.start()
        server.warm(database)

    asked = _asked(scenario, sold, number, "C-2001" if customer == "abroad" else "C-1001")
    Story(process, clients, scenario, asked, server.program.kill, restart).carry_out()
    credits = process.settled(number, done=True).credits
    more = {at: amount - stock.get(at, Decimal(0)) for at, amount in clients.shop.stock().items()}
    return Ended(
        {at: amount for at, amount in more.items() if amount and at[0] not in {"CUS", ""}},
        owed - clients.shop.receivable(customer),
        booked(clients, credits),
        recorded(engine, credits),
        cases(clients.desk, number),
    )


def _asked(scenario: Scenario, sold: Sold, number: str, customer: str) -> Return:
    asked = return_of(
        sold,
        number,
        *scenario.wanted,
        customer=customer,
        currency=scenario.currency,
        kind=scenario.kind,
        replacement=scenario.replacement,
    )
    changes: dict[str, Any] = {"customer": {**asked.customer.to_dict(), "address": AUSTIN}}
    if scenario.fee:
        changes["restockingPolicy"] = {"flat": {"amount": scenario.fee, "currency": scenario.currency}}
    data = asked.to_dict() | changes
    for place, line in enumerate(data["lines"]):
        invoiced = {"type": "invoice", "id": sold.invoice, "lineId": str(sold.invoice_lines[place])}
        line.setdefault("originalInvoice", invoiced)
    return Return.model_validate(data)


class Story:
    """What happens to one return outside of the process: at the desk, at the dock, at the servers."""

    def __init__(
        self,
        process: Process,
        clients: Clients,
        scenario: Scenario,
        asked: Return,
        crash: Callable[[], None],
        restart: Callable[[], None],
    ) -> None:
        self.process, self.clients, self.scenario, self.asked = process, clients, scenario, asked
        self.crash, self.restart = crash, restart
        self.number = asked.number
        self.count = 0

    def carry_out(self) -> None:
        state = self.happens(events.ReturnRequested, return_=self.asked)
        if self.asked.type == "credit_only":  # Tryton does not say what was paid on an invoice: somebody agrees
            assert [one.code for one in state.findings] == ["price_mismatch"] * len(self.asked.lines)
            state = self.happens(events.ApprovalGiven, by="dora", step="return")
        if self.scenario.happening == "cancelled":
            assert self.happens(events.CancelRequested).stage == "cancelled"
            return
        for place, delivery in enumerate(self.scenario.deliveries, 1):
            state = self.take_in(place, delivery)
        if self.scenario.scrap:
            move = adjustment(f"ADJ-{self.number}", self.scenario.scrap, "quarantine", "external:scrap")
            done(self.clients.erp.post_adjustment(move))
        if self.scenario.replacement:
            self.send_replacement()
        assert (state.stage, state.dead_letters) == ("closed", {}), (state.stage, state.dead_letters, state.findings)

    def take_in(self, place: int, delivery: Delivery) -> ProcessState:
        receipt, state = f"RCV-{place}", self.state()
        points = GOOD if delivery.passes else BAD
        more = place < len(self.scenario.deliveries)
        seen = received(state.return_, receipt, *delivery.counted, lot=delivery.lot, points=points)
        seen = seen.replace(status="partially_received" if more else "received")
        if self.scenario.happening == "outage":
            self.crash()
            state = self.happens(events.GoodsReceived, wait=False, seen=seen)
            assert [one.status for one in state.of_step("receive")] == ["later"], state.effects
            self.restart()
            state = self.process.settled(self.number, done=True)
        else:
            state = self.happens(events.GoodsReceived, seen=seen)
        if not delivery.passes:
            [(key, refused)] = state.dead_letters.items()
            assert (refused.step, refused.kind) == ("receive", "business_rule")
            assert "alerts" in refused.problems[0]
            self.clients.shop.resolve_alerts()
            self.happens(events.DeadLetterRetried, by="quinn", key=key)
        decided = disposition(self.number, receipt, *delivery.decided, lot=delivery.lot, worn=delivery.worn)
        state = self.happens(events.GoodsInspected, disposition=decided)
        for asked in state.asked:
            kind, _, subject = asked.partition("/")
            if kind == "vendor_claim":
                claim = DocumentRef(type="vendor_return", id=f"VR-{self.number}")
                state = self.happens(events.OrderPlaced, by="buying", kind=kind, subject=subject, ref=claim)
        return state

    def send_replacement(self) -> None:
        """Do what people do in Tryton: ship what is sent instead, and invoice it."""
        rpc = self.clients.shop.rpc
        [sale] = rpc.find("sale.sale", [["reference", "like", f"{self.number}/replacement/%"]], ["shipments"])
        for shipment in sale["shipments"]:
            self.clients.shop.ship(shipment)
        self.clients.shop.invoice(sale["id"])

    def state(self) -> ProcessState:
        state = self.process.store.load(self.number)
        assert state is not None
        return state

    def happens(self, kind: type[Any], /, *, by: str = "shop", wait: bool = True, **given: Any) -> ProcessState:
        """Let something happen, once or three times over, and return what the process makes of it."""
        self.count += 1
        event = kind(id=f"{self.number}-{self.count}", at=self.asked.meta.issued_at, by=by, **given)
        for _ in range(3 if self.scenario.happening == "duplicate" else 1):
            self.process.submit(self.number, event)
        return self.process.settled(self.number, done=wait)


# ---------------------------------------------------------------- what the systems hold


def recorded(api: httpx.Client, credits: Sequence[Credit]) -> dict[str, tuple[Decimal, Decimal]]:
    """What AvaTax has recorded of each credit: without tax, and the tax."""
    found = {}
    for one_ in credits:
        path = f"/companies/DEFAULT/transactions/{one_.number}"
        answer = api.get(path, params={"documentType": "ReturnInvoice"}).raise_for_status()
        held: dict[str, Any] = answer.json()
        assert held["status"] == "Committed"
        found[one_.number] = (-Decimal(str(held["totalAmount"])), -Decimal(str(held["totalTax"])))
    return found


def booked(clients: Clients, credits: Sequence[Credit]) -> dict[str, tuple[Decimal, Decimal]]:
    """What Tryton has posted of each credit."""
    found = {}
    for one_ in credits:
        domain = [["reference", "=", one_.number], ["state", "in", ["posted", "paid"]]]
        [note] = clients.shop.rpc.find("account.invoice", domain, ["untaxed_amount", "tax_amount"])
        found[one_.number] = (-note["untaxed_amount"], -note["tax_amount"])
    return found


def cases(desk: httpx.Client, number: str) -> list[str]:
    """The status of each issue that the return has at Roundup."""
    params = {"title:": f"Return {number}", "@fields": "status", "@verbose": "2"}
    issues = desk.get("issue", params=params).raise_for_status().json()["data"]["collection"]
    return [issue["status"]["name"] for issue in issues]
