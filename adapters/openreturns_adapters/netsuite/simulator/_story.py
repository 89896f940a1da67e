"""What is in the account before anything comes back: master data, orders, invoices, stock; read from story.toml."""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from openreturns_adapters.netsuite.simulator._books import Books
from openreturns_adapters.netsuite.simulator._kinds import ITEMS, KINDS
from openreturns_adapters.netsuite.simulator._stock import Move, Place
from openreturns_adapters.netsuite.simulator._store import Line, Record, Ref, Store
from openreturns_adapters.netsuite.simulator._sums import price

__all__ = ["Story"]

Row = Mapping[str, Any]

_NUMBERED = {"lot": "lotNumberedInventoryItem", "serial": "serializedInventoryItem", "": "inventoryItem"}
_ON_HAND = Decimal(1000)
_YEARS = range(2024, 2037)
_FIRST_PERIOD = 301  # January 2026
_CLOSED_UNTIL = "2026-09"  # the months before it are closed
_FIRST_ORDER, _FIRST_INVOICE, _FIRST_OTHER = 85001, 87001, 84001


@cache
def _told() -> Mapping[str, Any]:
    found: dict[str, Any] = tomllib.loads(Path(__file__).with_name("story.toml").read_text("utf-8"))
    return found


class Story:
    """The seed, and new sales while the simulator runs."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._store: Store = books.store
        self._told = _told()

    def seed(self) -> dict[str, Any]:
        """Fill the account; what is there already stays as it is."""
        if not self._store.records["currency"]:
            self._lists()
            self._named()
            self._units()
            self._parties()
            self._goods()
            for place, row in enumerate(self._told["sales"]):
                self.sale(row, order_id=_FIRST_ORDER + place, invoice_id=_FIRST_INVOICE + place)
            for place, row in enumerate(self._told["cash_sales"]):
                self._document("cashSale", row, _FIRST_OTHER + place, "customer")
            for place, row in enumerate(self._told["purchases"]):
                self._document("purchaseOrder", row, _FIRST_OTHER + 500 + place, "vendor")
        return {
            "customers": {record.values["entityId"]: record.id for record in self._store.all("customer")},
            "items": len(list(self._store.all(*ITEMS))),
            "salesOrders": {record.values["tranId"]: record.id for record in self._store.all("salesOrder")},
            "invoices": {record.values["tranId"]: record.id for record in self._store.all("invoice")},
            "cashSales": {record.values["tranId"]: record.id for record in self._store.all("cashSale")},
            "purchaseOrders": {record.values["tranId"]: record.id for record in self._store.all("purchaseOrder")},
        }

    def _put(self, kind: str, id: object, external: str = "", **values: Any) -> Record:  # noqa: ANN401 - any field
        record = Record(KINDS[kind], str(id), values, external=external)
        self._store.put(record)
        return record

    def _lists(self) -> None:
        told = self._told
        for row in told["currencies"]:
            rate = Decimal(row["rate"])
            names = {"symbol": row["symbol"], "name": row["name"]}
            self._put("currency", row["id"], exchangeRate=rate, currencyPrecision=row["precision"], **names)
        dollars, main = Ref("currency", "1"), Ref("subsidiary", "1")
        for row in told["subsidiaries"]:
            self._put("subsidiary", row["id"], name=row["name"], currency=dollars)
        for row in told["locations"]:
            place = self._put("location", row["id"], name=row["name"], subsidiary=main, useBins=True)
            for id, name in row["bins"].items():
                self._put("bin", id, binNumber=name, location=place.ref)
        for id, name in told["accounts"].items():
            self._put("account", id, acctNumber=name.partition(" ")[0], acctName=name)
        for row in told["tax_codes"]:
            self._put("salesTaxItem", row["id"], itemId=row["name"], rate=Decimal(row["rate"]), taxType=row["type"])

    def _named(self) -> None:
        named = {
            "inventoryStatus": "statuses",
            "department": "departments",
            "classification": "classes",
            "priceLevel": "price_levels",
            "nexus": "nexuses",
            "customForm": "forms",
            "deletionReason": "deletion_reasons",
        }
        for kind, table in named.items():
            for id, name in self._told[table].items():
                self._put(kind, id, name=name)
        for year in _YEARS:
            for month in range(1, 13):
                self._period(year, month)

    def _units(self) -> None:
        units = self._put("unitsType", 1, name="Each")
        units.lists["uom"] = [
            {
                "internalId": str(row["id"]),
                "unitName": row["name"],
                "abbreviation": row["name"],
                "conversionRate": Decimal(row["rate"]),
                "baseUnit": row["rate"] == "1",
            }
            for row in self._told["units"]
        ]

    def _period(self, year: int, month: int) -> None:
        start = f"{year}-{month:02}"
        self._put(
            "accountingPeriod",
            _FIRST_PERIOD + 12 * (year - 2026) + month - 1,
            periodName=f"{calendar.month_abbr[month]} {year}",
            startDate=f"{start}-01",
            endDate=f"{start}-{calendar.monthrange(year, month)[1]}",
            closed=start < _CLOSED_UNTIL,
        )

    def _parties(self) -> None:
        for kind, rows in (("customer", self._told["customers"]), ("vendor", self._told["vendors"])):
            for row in rows:
                values = {
                    "entityId": row["number"],
                    "companyName": row["name"],
                    "email": f"accounts@{row['number'].lower()}.example.com",
                    "currency": Ref("currency", str(row["currency"])),
                    "subsidiary": Ref("subsidiary", "1"),
                    "isInactive": False,
                }
                if "tax" in row:
                    values["taxItem"] = Ref("salesTaxItem", str(row["tax"]))
                self._put(kind, row["id"], row["number"], **values)

    def _goods(self) -> None:
        by_sku = {}
        for row in self._told["items"]:
            values = {
                "itemId": row["sku"],
                "displayName": row["name"],
                "upcCode": row["upc"],
                "averageCost": Decimal(row["cost"]),
                "unitsType": Ref("unitsType", "1"),
                "isInactive": False,
            }
            by_sku[row["sku"]] = self._put(_NUMBERED[row.get("numbered", "")], row["id"], row["sku"], **values)
        for id, name in self._told["charges"].items():
            self._put("otherChargeSaleItem", id, name, itemId=name, displayName=name, isInactive=False)
        for row in self._told["numbers"]:
            item = by_sku[row["sku"]]
            self._books.stock.number(item.ref, row["number"], row.get("expires"), str(row["id"]))
            serial = item.kind.name == "serializedInventoryItem"
            self._have(item, row["number"], Decimal(1) if serial else _ON_HAND)
        for item in by_sku.values():
            if item.kind.name == "inventoryItem":
                self._have(item, "", _ON_HAND)

    def _have(self, item: Record, number: str, units: Decimal) -> None:
        for location in ("22",) if units == 1 else ("22", "58", "71"):
            self._books.stock.apply((), [Move(Place(item.id, location, "", "1", number), units)])

    # --- documents ----------------------------------------------------------------------------------------------

    def sale(self, row: Row, *, order_id: int = 0, invoice_id: int = 0) -> tuple[Record, Record]:
        """Put an order and its invoice in, as somebody else sold, shipped and billed."""
        order = self._document("salesOrder", {**row, "number": row["order"]}, order_id, "customer")
        invoice = self._document("invoice", {**row, "number": row["invoice"]}, invoice_id, "customer", order)
        return order, invoice

    def _document(self, kind: str, row: Row, id: int, party: str, source: Record | None = None) -> Record:
        store = self._store
        entity = store.find((party,), external=row[party])
        if entity is None:
            raise ValueError(f"there is no {party} {row[party]}")
        values: dict[str, Any] = {
            "tranId": row["number"],
            "transactionNumber": f"{KINDS[kind].series}{store.new_number(KINDS[kind])}",
            "tranDate": row["date"],
            "entity": entity.ref,
            "currency": Ref("currency", str(row["currency"])),
            "exchangeRate": store.records["currency"][str(row["currency"])].values["exchangeRate"],
            "subsidiary": Ref("subsidiary", "1"),
            "location": Ref("location", str(row["location"])),
            "otherRefNum": row.get("purchase_order", f"PO-{row['number']}"),
        }
        if source is not None:
            values["createdFrom"] = source.ref
        record = Record(KINDS[kind], str(id) if id else store.new_id(KINDS[kind]), values, external=row["number"])
        if store.find((kind,), external=row["number"]) is not None:
            raise ValueError(f"there is a {kind} {row['number']} already")
        record.lists["item"] = [self._line(number, line, source) for number, line in enumerate(row["lines"], 1)]
        price(store, record, self._books.rules.tax)
        store.put(record)
        return record

    def _line(self, number: int, given: Sequence[Any], source: Record | None) -> Line:
        sku, quantity, rate = given
        item = self._store.find(ITEMS, external=sku)
        if item is None:
            raise ValueError(f"there is no item {sku}")
        line: Line = {
            "line": number,
            "lineUniqueKey": self._store.new_key(),
            "item": item.ref,
            "description": item.values["displayName"],
            "quantity": Decimal(str(quantity)),
            "units": "1",
            "rate": Decimal(str(rate)),
        }
        if source is not None:
            line |= {"orderLine": number, "orderDoc": source.ref}
        return line
