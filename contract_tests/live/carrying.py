"""One return carried over real systems, from the request to its end, and what those systems hold of it then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest
from live.scenarios import Delivery, Scenario
from live.servers import Tryton
from live.shop import Sold
from live.story import BAD, GOOD, adjustment, credit, disposition, received, return_of
from live.verbs import Clients, done
from openreturns.errors import RetryableError
from openreturns.flow import taxed
from openreturns.idempotency import Outcome, Rejected
from openreturns.models import Credit, DocumentRef, Return
from openreturns.ports import Tax

__all__ = ["Ended", "carried"]

AUSTIN = {"line1": "100 Main St", "city": "Austin", "region": "TX", "postalCode": "78701", "countryCode": "US"}


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
    clients: Clients, tax: Tax, engine: httpx.Client, server: Tryton, database: str, scenario: Scenario, number: str
) -> Ended:
    """Sell, take back and credit; then ask each system."""
    customer = "abroad" if scenario.currency == "EUR" else "customer"
    sold = clients.shop.sell(*scenario.sold, customer=customer, currency=scenario.currency.lower())
    stock, owed = clients.shop.stock(), clients.shop.receivable(customer)

    def crash() -> None:
        server.program.kill()

    def restart() -> None:
        server.program.start()
        server.warm(database)

    asked = _asked(scenario, sold, number, "C-2001" if customer == "abroad" else "C-1001")
    credits = Story(clients, tax, scenario, asked, sold.invoice, crash, restart).carry_out()
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
    return asked.replace(customer=asked.customer.model_validate({**asked.customer.to_dict(), "address": AUSTIN}))


class Story:
    """One return from the request to its end, over the ports of our adapters."""

    def __init__(
        self,
        clients: Clients,
        tax: Tax,
        scenario: Scenario,
        asked: Return,
        invoice: str,
        crash: Callable[[], None],
        restart: Callable[[], None],
    ) -> None:
        self.clients = clients
        self.tax = tax
        self.scenario = scenario
        self.asked = asked
        self.invoice = invoice
        self.crash = crash
        self.restart = restart
        self.credits: list[Credit] = []

    def carry_out(self) -> list[Credit]:
        erp, wms, crm = self.clients.erp, self.clients.wms, self.clients.crm
        ref = DocumentRef(type="return", id=self.asked.number)
        self.do(lambda: crm.open_case(self.asked))
        assert all(not line.reason for line in erp.check_eligibility(self.asked)) or self.asked.type == "credit_only"
        self.do(lambda: erp.authorize(self.asked))
        if self.scenario.kind != "credit_only":
            self.do(lambda: wms.announce(self.asked))
        self.tell("authorized")
        if self.scenario.happening == "cancelled":
            self.do(lambda: erp.cancel(ref))
            self.tell("cancelled")
            return self.credits
        for place, delivery in enumerate(self.scenario.deliveries, 1):
            self.take_in(f"RCV-{place}", delivery)
        if self.scenario.scrap:
            move = adjustment(f"ADJ-{self.asked.number}", self.scenario.scrap, "quarantine", "external:scrap")
            self.do(lambda: erp.post_adjustment(move))
        if self.scenario.credited:
            self.give_back("0", self.scenario.credited)
        if self.scenario.replacement:
            self.send_replacement()
        self.tell("closed")
        return self.credits

    def take_in(self, receipt: str, delivery: Delivery) -> None:
        erp, wms = self.clients.erp, self.clients.wms
        points = GOOD if delivery.passes else BAD
        came = received(self.asked, receipt, *delivery.counted, lot=delivery.lot, points=points)
        if not delivery.passes:
            [refused] = erp.receive(came)
            assert isinstance(refused, Rejected), refused
            assert refused.kind == "business_rule"
            assert "alerts" in refused.problem.message
            self.clients.shop.resolve_alerts()
        if self.scenario.happening == "outage":
            self.crash()
            with pytest.raises(RetryableError):
                erp.receive(came)
            self.restart()
        self.do(lambda: one(erp.receive(came)))
        decided = disposition(self.asked.number, receipt, *delivery.decided, lot=delivery.lot)
        self.do(lambda: wms.put_away(decided))
        if delivery.credited:
            self.give_back(receipt, delivery.credited)

    def give_back(self, part: str, credited: Sequence[tuple[str, str]]) -> None:
        draft = credit(
            self.asked, f"CM-{self.asked.number}-{part}", *credited, fee=self.scenario.fee, invoice=self.invoice
        )
        final = taxed(draft, self.tax.quote(draft)).replace(status="issued")
        self.do(lambda: self.tax.commit(final))
        self.do(lambda: self.clients.erp.issue_credit(final))
        self.credits.append(final)

    def send_replacement(self) -> None:
        """Order what is sent instead; then do what people do in Tryton: ship and invoice it."""
        self.do(lambda: one(self.clients.erp.order_replacement(self.asked)))
        rpc = self.clients.shop.rpc
        replacement = ["reference", "like", f"{self.asked.number}/replacement/%"]
        [sale] = rpc.find("sale.sale", [replacement], ["shipments"])
        for shipment in sale["shipments"]:
            self.clients.shop.ship(shipment)
        self.clients.shop.invoice(sale["id"])

    def tell(self, status: str) -> None:
        revision = self.asked.meta.replace(revision=self.asked.meta.revision + 1)
        self.asked = self.asked.replace(status=status, meta=revision)
        self.do(lambda: self.clients.crm.update_case(self.asked))

    def do(self, verb: Callable[[], Outcome]) -> None:
        """Do it; where everything is asked for several times, at once and once more."""
        if self.scenario.happening == "duplicate":
            with ThreadPoolExecutor(3) as pool:
                for outcome in [future.result() for future in [pool.submit(verb) for _ in range(3)]]:
                    done(outcome)
        done(verb())


def one(outcomes: Sequence[Outcome]) -> Outcome:
    [outcome] = outcomes
    return outcome


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
