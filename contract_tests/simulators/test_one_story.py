"""The simulated vendors belong to one distributor: each tells of the same sales what it would know of them."""

from __future__ import annotations

import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import openreturns_adapters

Sale = dict[str, Any]
Goods = Counter[str]

[ADAPTERS] = openreturns_adapters.__path__


def told(vendor: str) -> dict[str, Any]:
    return tomllib.loads((Path(ADAPTERS) / vendor / "simulator" / "story.toml").read_text("utf-8"))


CURRENCIES = {row["id"]: row["symbol"] for row in told("netsuite")["currencies"]}
SALES: list[Sale] = told("netsuite")["sales"]


def priced(lines: list[tuple[str, int, str]]) -> list[tuple[str, int, Decimal]]:
    return [(sku, quantity, Decimal(price)) for sku, quantity, price in lines]


def test_the_tax_engine_has_the_invoices_of_the_erp() -> None:
    taxed = {
        one["code"]: (
            one["order"],
            one["customer"],
            one["currency"],
            str(one["date"]),
            priced([(line["sku"], line["quantity"], line["price"]) for line in one["lines"]]),
        )
        for one in told("avatax")["invoices"]
    }
    billed = {
        one["invoice"]: (
            one["order"],
            one["customer"],
            CURRENCIES[one["currency"]],
            one["date"],
            priced(one["lines"]),
        )
        for one in SALES
    }
    assert taxed == billed


def test_the_service_desk_has_orders_of_the_erp() -> None:
    sold = {one["order"]: (one["customer"], one["date"], priced(one["lines"])) for one in SALES}
    for one in told("salesforce")["orders"]:
        assert (one["customer"], one["date"], priced(one["lines"])) == sold[one["number"]]


def test_the_warehouse_shipped_what_was_sold() -> None:
    story = told("shipbob")
    skus = {item["id"]: item["sku"] for item in story["items"]}
    sold = {one["order"]: (one["location"], units((sku, count) for sku, count, _ in one["lines"])) for one in SALES}
    for one in story["shipments"]:
        shipped = units((skus[item], count) for item, count in one["goods"])
        assert (one["center"], shipped) == sold[one["order"]]


def units(pairs: Any) -> Goods:
    counts: Goods = Counter()
    for sku, count in pairs:
        counts[sku] += count
    return counts
