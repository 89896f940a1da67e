"""Stock put right: signed quantities at a location against an account."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from openreturns_adapters.netsuite.simulator._problems import broken, missing
from openreturns_adapters.netsuite.simulator._returns import place_of
from openreturns_adapters.netsuite.simulator._stock import Place, Stock
from openreturns_adapters.netsuite.simulator._store import Line, Record, Ref, Store
from openreturns_adapters.netsuite.simulator._sums import base_units, is_goods, rounded

if TYPE_CHECKING:
    from openreturns_adapters.netsuite.simulator._books import Rules

__all__ = ["complete", "start"]

_COSTING = {"lotNumberedInventoryItem": "LOT", "serializedInventoryItem": "SERIAL"}


def start(store: Store, rules: Rules, source: Record, record: Record) -> None:
    """Start from nothing: an adjustment is made from no other record."""


def complete(store: Store, stock: Stock, rules: Rules, record: Record, old: Record | None) -> None:
    """Fill in what was left out, and what is on hand; the stock itself is looked at when all lines are known."""
    if "account" not in record.values:
        raise missing("Adjustment Account", "account")
    if not record.lines:
        raise broken("You must enter at least one line item for this transaction.", "inventory")
    value = Decimal(0)
    undone = {move.place: move.units for move in stock.moves(old)} if old else {}
    for number, line in enumerate(record.lines):
        path = place_of(line, number, "inventory")
        _line(store, stock, record, line, path, undone)
        value += line["adjustQtyBy"] * base_units(store, line, path) * line["unitCost"]
    record.values["estimatedTotalValue"] = rounded(store, None, value, "inventory")


def _line(store: Store, stock: Stock, record: Record, line: Line, path: str, undone: dict[Place, Decimal]) -> None:
    if "item" not in line:
        raise missing("Item", f"{path}.item")
    if not is_goods(line["item"]):
        raise broken("The item is not kept in stock.", f"{path}.item")
    if not line.get("adjustQtyBy"):
        raise broken("Please enter a value for adjust quantity by.", f"{path}.adjustQtyBy")
    location: Ref | None = line.get("location") or record.values.get("adjLocation") or record.values.get("location")
    if location is None:
        raise missing("Location", f"{path}.location")
    line["location"] = location
    item = store.get(line["item"])
    line.setdefault("units", store.get(item.values["unitsType"]).lists["uom"][0]["internalId"])
    factor = base_units(store, line, path)
    mine = item.id, location.id
    there = stock.on_hand(lambda place: (place.item, place.location) == mine)
    there -= sum((units for place, units in undone.items() if (place.item, place.location) == mine), Decimal(0))
    line["quantityOnHand"] = there / factor
    line["newQuantity"] = line["quantityOnHand"] + line["adjustQtyBy"]
    line["costingMethod"] = _COSTING.get(item.kind.name, "AVG")
    cost = item.values["averageCost"]
    if line["adjustQtyBy"] < 0 or line.get("unitCost") is None:  # what leaves, leaves at the item's own cost
        line["unitCost"] = cost
    line["currentValue"] = rounded(store, None, there * cost, path)
    stock.assign(line, line["adjustQtyBy"], location, path)
