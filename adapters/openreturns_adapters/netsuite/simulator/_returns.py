"""Returns, from customers and to vendors: started from what was sold or bought, and what must be true of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from openreturns_adapters.netsuite.simulator._derived import billed, moved, returned
from openreturns_adapters.netsuite.simulator._problems import Refused, broken, missing, unknown
from openreturns_adapters.netsuite.simulator._stock import Stock
from openreturns_adapters.netsuite.simulator._store import Line, Record, Store
from openreturns_adapters.netsuite.simulator._sums import base_units, is_goods

if TYPE_CHECKING:
    from openreturns_adapters.netsuite.simulator._books import Rules

__all__ = ["HEADER", "complete", "place_of", "start", "start_line"]

HEADER = ("entity", "currency", "exchangeRate", "subsidiary", "location", "otherRefNum")
"""What a document takes over from the one that it is made from."""

_LINE = ("item", "description", "units", "rate", "price", "location", "taxCode")


def start_line(line: Line, quantity: Decimal) -> Line:
    """Return a new document's line for some units of another one's line."""
    taken = {name: line[name] for name in _LINE if name in line}
    return {**taken, "orderLine": line["line"], "quantity": quantity}


def place_of(line: Line, number: int, name: str = "item") -> str:
    """Return where a line is in the body that was sent, or would have been."""
    return str(line.get("#") or f"{name}.items[{number}]")


def start(store: Store, rules: Rules, source: Record, record: Record) -> None:
    """Start a return with what was sold (or bought) and is not on another return."""
    record.values |= {name: source.values[name] for name in HEADER if name in source.values}
    gone = returned(store, source)
    left = [(line, line["quantity"] - gone[line["line"]]) for line in source.lines]
    record.lists["item"] = [start_line(line, units) | {"orderDoc": source.ref} for line, units in left if units > 0]


def complete(store: Store, stock: Stock, rules: Rules, record: Record, old: Record | None) -> None:
    """Fill in what was left out, and refuse what cannot be."""
    vendor = record.kind.name == "vendorReturnAuthorization"
    entity = record.values.get("entity")
    if entity is None:
        raise missing("Vendor" if vendor else "Customer", "entity")
    party = store.get(entity)
    record.values.setdefault("currency", party.values["currency"])
    record.values.setdefault("subsidiary", party.values["subsidiary"])
    record.values.setdefault("exchangeRate", store.get(record.values["currency"]).values["exchangeRate"])
    record.values.setdefault("orderStatus", "B" if vendor else rules.approval)
    if not vendor:
        record.values.setdefault("source", "restWebServices")
    if not record.lines:
        raise broken("You must enter at least one line item for this transaction.", "item")
    source = store.get(record.values["createdFrom"]) if "createdFrom" in record.values else None
    for number, line in enumerate(record.lines):
        _line(store, record, source, line, place_of(line, number))
    if old is not None:
        _keeps(store, old, record)


def _line(store: Store, record: Record, source: Record | None, line: Line, path: str) -> None:
    _source_line(source, line, path)
    if "item" not in line:
        raise missing("Item", f"{path}.item")
    line.setdefault("quantity", Decimal(1))
    if line["quantity"] <= 0:
        raise broken("Please enter a quantity greater than zero.", f"{path}.quantity")
    item = store.get(line["item"])
    line.setdefault("description", item.values.get("displayName", ""))
    line.setdefault("isClosed", False)
    if is_goods(line["item"]):
        line.setdefault("units", store.get(item.values["unitsType"]).lists["uom"][0]["internalId"])
    base_units(store, line, path)
    if "location" not in line and "location" in record.values:
        line["location"] = record.values["location"]


def _source_line(source: Record | None, line: Line, path: str) -> None:
    """Refuse a line of something that was not sold so."""
    if source is None or line.get("orderLine") is None:
        return
    sold = source.line(line["orderLine"])
    if sold is None:
        raise Refused([unknown(line["orderLine"], "orderLine", f"{path}.orderLine")])
    line.setdefault("item", sold["item"])
    if line["item"] != sold["item"]:
        raise broken(f"The item is not the one on line {line['orderLine']} of {source.name}.", f"{path}.item")


def _keeps(store: Store, old: Record, record: Record) -> None:
    """Refuse a change that takes back what was received or credited already."""
    got, paid = moved(store, old), billed(store, old)
    if record.values["orderStatus"] == "A" and old.values["orderStatus"] == "B" and any(got.values()):
        raise broken("The return has been received and can no longer await approval.", "orderStatus")
    for line in old.lines:
        number = line["line"]
        used = max(got[number], paid[number])
        if not used:
            continue
        kept = record.line(number)
        at = next((n for n, one in enumerate(record.lines) if one is kept), 0)
        path = place_of(kept or {}, at)
        if kept is None or kept["item"] != line["item"] or kept.get("units") != line.get("units"):
            raise broken(f"Line {number} has been received and cannot be taken off or changed to another item.", path)
        if kept["quantity"] < used:
            raise broken(f"The quantity cannot be less than the {used.normalize():f} received.", f"{path}.quantity")
