"""Goods that move for a return: received from a customer, or shipped back to a vendor."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from openreturns_adapters.netsuite.simulator._derived import billed, moved, open_quantity, status
from openreturns_adapters.netsuite.simulator._problems import Refused, broken, missing, unknown
from openreturns_adapters.netsuite.simulator._returns import HEADER, place_of, start_line
from openreturns_adapters.netsuite.simulator._stock import Stock
from openreturns_adapters.netsuite.simulator._store import Line, Record, Ref, Store
from openreturns_adapters.netsuite.simulator._sums import base_units, is_goods

if TYPE_CHECKING:
    from openreturns_adapters.netsuite.simulator._books import Rules

__all__ = ["complete", "leave", "start"]

_OPEN = ("B", "D", "E")
_HEADER = (*(name for name in HEADER if name != "otherRefNum"),)


def start(store: Store, rules: Rules, source: Record, record: Record) -> None:
    """Start with everything that is still to come. Raises Refused where nothing is."""
    if status(store, source) not in _OPEN:
        raise broken(f"You can not initialize {record.kind.name}: invalid reference {source.id}.")
    record.values |= {name: source.values[name] for name in _HEADER if name in source.values}
    got = moved(store, source)
    record.lists["item"] = [
        start_line(line, open_quantity(line, got))
        for line in source.lines
        if is_goods(line["item"]) and open_quantity(line, got) > 0
    ]


def complete(store: Store, stock: Stock, rules: Rules, record: Record, old: Record | None) -> None:
    """Fill in what was left out, and refuse more than is to come."""
    if "createdFrom" not in record.values:
        raise missing("Created From", "createdFrom")
    order = store.get(record.values["createdFrom"])
    sent = [line for line in record.lines if "#" in line]
    if old is None and sent and rules.unsent_lines == "left":
        record.lists["item"] = sent
    record.lists["item"] = [line for line in record.lines if line.pop("itemReceive", True)]
    if not record.lines:
        raise broken("You must enter at least one line item for this transaction.", "item")
    got = moved(store, order, without=record.id)
    sign = 1 if record.kind.name == "itemReceipt" else -1
    taken: dict[int, Decimal] = {}
    for number, line in enumerate(record.lines):
        path = place_of(line, number)
        of = order.line(line.get("orderLine"))
        if of is None or not is_goods(of["item"]):
            raise Refused([unknown(line.get("orderLine"), "orderLine", f"{path}.orderLine")])
        _line(store, record, order, of, line, path)
        open_before = open_quantity(of, got)
        units = _in_units_of(store, line, of)
        taken[of["line"]] = taken.get(of["line"], Decimal(0)) + units
        if taken[of["line"]] > open_before:
            text = f"The quantity is more than the {open_before.normalize():f} remaining on line {of['line']}."
            raise broken(text, f"{path}.quantity")
        line["quantityRemaining"] = open_before
        stock.assign(line, sign * line["quantity"], line["location"], path)
    if old is not None:
        _not_less_than_credited(store, rules, order, got, taken)
    record.values["orderId"] = int(order.id)
    record.values["orderType"] = order.kind.code


def _line(store: Store, record: Record, order: Record, of: Line, line: Line, path: str) -> None:
    line.setdefault("item", of["item"])
    if line["item"] != of["item"]:
        raise broken(f"The item is not the one on line {of['line']} of {order.name}.", f"{path}.item")
    line.setdefault("units", of["units"])
    base_units(store, line, path)
    if line.get("quantity") is None or line["quantity"] <= 0:
        raise broken("Please enter a quantity greater than zero.", f"{path}.quantity")
    location: Ref | None = line.get("location") or record.values.get("location") or of.get("location")
    if location is None:
        raise missing("Location", f"{path}.location")
    line["location"] = location
    line["itemName"] = store.get(line["item"]).name


def _in_units_of(store: Store, line: Line, of: Line) -> Decimal:
    """Return a line's quantity in the unit of the line that it was made from."""
    quantity: Decimal = line["quantity"]
    if line["units"] == of["units"]:
        return quantity
    return quantity * base_units(store, line) / base_units(store, of)


def _not_less_than_credited(
    store: Store, rules: Rules, order: Record, others: dict[int, Decimal], here: dict[int, Decimal]
) -> None:
    if rules.refund_in_advance:
        return
    for number, paid in billed(store, order).items():
        of = order.line(number)
        if of and is_goods(of["item"]) and others.get(number, Decimal(0)) + here.get(number, Decimal(0)) < paid:
            raise broken(f"Line {number} has been credited and cannot be received for less.", "item")


def leave(store: Store, rules: Rules, record: Record) -> None:
    """Refuse to take back what was credited since."""
    order = store.get(record.values["createdFrom"])
    _not_less_than_credited(store, rules, order, moved(store, order, without=record.id), {})
