"""Many returns through one server by several clients at once, and what the server holds of them then."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

from live.connect import tryton_client
from live.servers import Tryton
from live.shop import Shop, Sold
from live.story import LOT, PUMP, credit, disposition, received, return_of
from live.verbs import Clients, done

__all__ = ["CLIENTS", "Crowd", "through"]

CLIENTS = 4
SALES = 10  # several returns of each sale, and at the same time
_TAX = Decimal("1.0825")
_PRICE = Decimal("120.50")


@dataclass(frozen=True)
class Crowd:
    """What went wrong, and what the server holds: records by their reference, stock and ledger by their change.

    `seconds` are those from the first request to the last answer.
    """

    returns: int
    seconds: float
    failed: tuple[Exception, ...]
    records: dict[str, Counter[str]]
    stock: dict[tuple[str, str, str], Decimal]
    back: Decimal

    @property
    def duplicates(self) -> int:
        return sum(count - 1 for found in self.records.values() for count in found.values())

    @property
    def lost(self) -> int:
        return sum(self.returns - len(found) for found in self.records.values())

    def differences(self) -> list[str]:
        """Return where this is not what it must be: each return one of each, a pump in stock and one held back."""
        one = Decimal(self.returns)
        stock = {("STO", PUMP, LOT): one, ("QUAR", PUMP, LOT): one}
        back = self.returns * (2 * _PRICE * _TAX).quantize(Decimal("0.01"))
        found = {
            "failed": (self.failed, ()),
            "duplicates": (self.duplicates, 0),
            "lost": (self.lost, 0),
            "stock": (self.stock, stock),
            "ledger": (self.back, back),
        }
        return [f"{name}: {is_}, not {must}" for name, (is_, must) in found.items() if is_ != must]


def sold(shop: Shop, returns: int) -> list[Sold]:
    """Sell what will come back."""
    sales = min(SALES, returns)
    return [shop.sell(("pump", str(2 * -(-returns // sales)), "120.5")) for _ in range(sales)]


def through(server: Tryton, database: str, shop: Shop, sales: list[Sold], returns: int) -> Crowd:
    """Carry returns from the request to the credit, every client its part of them; then ask the server."""
    before, owed = shop.stock(), shop.receivable()
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        parts = [{at: sales[at % len(sales)] for at in range(first, returns, CLIENTS)} for first in range(CLIENTS)]
        jobs = [pool.submit(_client, server, database, shop, part) for part in parts]
        failed = tuple(error for job in jobs for error in job.result())
    seconds = time.monotonic() - began
    more = {at: amount - before.get(at, Decimal(0)) for at, amount in shop.stock().items()}
    return Crowd(
        returns,
        seconds,
        failed,
        _records(shop),
        {at: amount for at, amount in more.items() if amount and at[0] not in {"CUS", ""}},
        owed - shop.receivable(),
    )


def _client(server: Tryton, database: str, shop: Shop, part: dict[int, Sold]) -> list[Exception]:
    failed = []
    with tryton_client(server, database, "erp") as erp, tryton_client(server, database, "wms") as wms:
        for number, sale in part.items():
            try:
                _carried(Clients(erp, wms, shop), f"RMA-{number:04}", sale)
            except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
                failed.append(error)
    return failed


def _carried(clients: Clients, number: str, sale: Sold) -> None:
    asked = return_of(sale, number, (PUMP, "2", "120.50"))
    done(clients.erp.authorize(asked))
    for outcome in clients.erp.receive(received(asked, "RCV-1", "2")):
        done(outcome)
    splits = (("1", PUMP, "restock", "1"), ("1", PUMP, "quarantine", "1"))
    done(clients.wms.put_away(disposition(number, "RCV-1", *splits)))
    done(clients.erp.issue_credit(credit(asked, f"CM-{number}", ("1", "2"))))


def _records(shop: Shop) -> dict[str, Counter[str]]:
    """Count what each return must have once, by its reference."""
    wanted = {
        "complaints": ("sale.complaint", ["state", "=", "done"], "RMA-%"),
        "sales": ("sale.sale", ["state", "in", ["processing", "done"]], "RMA-%"),
        "shipments": ("stock.shipment.out.return", ["state", "=", "done"], "RMA-%"),
        "credits": ("account.invoice", ["state", "in", ["posted", "paid"]], "CM-%"),
    }
    return {
        name: Counter(
            one["reference"] for one in shop.rpc.find(model, [["reference", "like", like], state], ["reference"])
        )
        for name, (model, state, like) in wanted.items()
    }
