"""The distributor before and beside the return: goods sold and shipped, and what a person does in Tryton."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from live.rpc import Rpc

__all__ = ["Shop", "Sold"]


@dataclass(frozen=True)
class Sold:
    """A sale that is shipped and invoiced: numbers, and the record ids of its lines and the invoice's."""

    number: str
    lines: tuple[int, ...]
    invoice: str
    invoice_lines: tuple[int, ...]


@dataclass(frozen=True)
class Shop:
    """A user at work in a database; `ids` are those of the prepared data."""

    rpc: Rpc
    ids: dict[str, Any]

    def sell(
        self,
        *goods: tuple[str, str, str],
        customer: str = "customer",
        currency: str = "usd",
        lot: str = "L-2026-001",
    ) -> Sold:
        """Sell, ship and invoice goods: name, quantity, price of one."""
        ids, rpc = self.ids, self.rpc
        address = ids[f"{customer}_address"]
        rows = [
            {
                "type": "line",
                "product": ids[name],
                "unit": ids["unit"],
                "quantity": float(quantity),  # Tryton's own kind of quantity, on the wire too
                "unit_price": Decimal(price),
                "taxes": [["add", [ids["tax"]]]],
            }
            for name, quantity, price in goods
        ]
        sale = rpc.one(
            "sale.sale",
            {
                "party": ids[customer],
                "invoice_address": address,
                "shipment_address": address,
                "payment_term": ids["payment_term"],
                "currency": ids[currency],
                "company": ids["company"],
                "reference": "PO-77812",
                "lines": [["create", rows]],
            },
        )
        rpc.click("sale.sale", "quote", sale)
        rpc.click("sale.sale", "confirm", sale)
        made = rpc.read("sale.sale", sale, "number", "lines", "shipments", "invoices")
        for shipment in made["shipments"]:
            self.ship(shipment, lot)
        [invoice] = made["invoices"]
        rpc.write("account.invoice", [invoice], {"invoice_date": dt.datetime.now(dt.UTC).date()})
        rpc.click("account.invoice", "post", invoice)
        posted = rpc.read("account.invoice", invoice, "number", "lines")
        return Sold(made["number"], tuple(sorted(made["lines"])), posted["number"], tuple(sorted(posted["lines"])))

    def ship(self, shipment: int, lot: str = "L-2026-001") -> None:
        """Pick, pack and ship."""
        rpc = self.rpc
        for move in rpc.read("stock.shipment.out", shipment, "inventory_moves")["inventory_moves"]:
            if rpc.read("stock.move", move, "product")["product"] == self.ids["pump"]:
                rpc.write("stock.move", [move], {"lot": self.ids["lots"][lot]})
        for button in ("assign_try", "pick", "pack", "ship", "do"):
            rpc.click("stock.shipment.out", button, shipment)

    def invoice(self, sale: int) -> None:
        """Post what Tryton has drafted for a sale."""
        drafts = self.rpc.read("sale.sale", sale, "invoices")["invoices"]
        for invoice in drafts:
            row = self.rpc.read("account.invoice", invoice, "state", "total_amount")
            if row["state"] == "draft" and row["total_amount"] > 0:
                self.rpc.write("account.invoice", [invoice], {"invoice_date": dt.datetime.now(dt.UTC).date()})
                self.rpc.click("account.invoice", "post", invoice)

    def resolve_alerts(self) -> None:
        """Do what a person does about goods that failed their inspection."""
        for alert in self.rpc.find("quality.alert", [["state", "in", ["open", "processing"]]], ["state"]):
            if alert["state"] == "open":
                self.rpc.click("quality.alert", "process", alert["id"])
            self.rpc.click("quality.alert", "resolve", alert["id"])

    def stock(self) -> dict[tuple[str, str, str], Decimal]:
        """Return how much of each product and lot is where, by all moves that are done: location, product, lot."""
        found: dict[tuple[str, str, str], Decimal] = {}
        fields = ["quantity", "product.code", "lot.number", "from_location.code", "to_location.code"]
        rows = self.rpc.call("stock.move", "search_read", [["state", "=", "done"]], 0, None, None, ["id"])
        for row in self.rpc.call("stock.move", "read", [one["id"] for one in rows], fields):
            goods = row["product."]["code"], (row["lot."] or {}).get("number", "")
            for place, sign in (("from_location.", -1), ("to_location.", 1)):
                at = (row[place]["code"] or "", *goods)
                found[at] = found.get(at, Decimal(0)) + sign * Decimal(str(row["quantity"]))
        return {at: quantity.normalize() for at, quantity in found.items() if quantity}

    def receivable(self, customer: str = "customer") -> Decimal:
        """Return what a customer owes by the ledger, in the company's currency."""
        rows = self.rpc.find(
            "account.move.line",
            [["party", "=", self.ids[customer]], ["account.type.receivable", "=", True]],
            ["debit", "credit"],
        )
        return sum((row["debit"] - row["credit"] for row in rows), Decimal(0))
