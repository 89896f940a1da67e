"""What NetSuite works out from a record and those made from it: what came back, what was credited, which status."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from openreturns_adapters.netsuite.simulator._store import Record, Store
from openreturns_adapters.netsuite.simulator._sums import base_units, gross, is_goods, total

__all__ = ["billed", "derived", "due", "moved", "open_quantity", "returned", "status", "unapplied"]

Counts = dict[int, Decimal]

MOVES = ("itemReceipt", "itemFulfillment")
BILLS = ("creditMemo", "cashRefund")


def moved(store: Store, order: Record, without: str = "") -> Counts:
    """Return how many units of each line were received (or shipped to the vendor), in the line's own unit."""
    return _counted(store, order, MOVES, without)


def billed(store: Store, order: Record, without: str = "") -> Counts:
    """Return how many units of each line were credited or refunded."""
    return _counted(store, order, BILLS, without)


def _counted(store: Store, order: Record, kinds: tuple[str, ...], without: str) -> Counts:
    counts: Counts = defaultdict(Decimal)
    for record in store.made_from(order, *kinds):
        if record.id == without or record.cancelled:
            continue
        for line in record.lines:
            of = order.line(line.get("orderLine"))
            if of is not None:
                same = line.get("units") == of.get("units")
                factor = Decimal(1) if same else base_units(store, line) / base_units(store, of)
                counts[of["line"]] += line["quantity"] * factor
    return counts


def returned(store: Store, sale: Record, without: str = "") -> Counts:
    """Return how many units of each sold line are on returns already."""
    counts: Counts = defaultdict(Decimal)
    for record in store.made_from(sale, "returnAuthorization", "vendorReturnAuthorization"):
        if record.id != without and not record.cancelled:
            for line in record.lines:
                if line.get("orderLine") is not None:
                    counts[line["orderLine"]] += line["quantity"]
    return counts


def open_quantity(line: dict[str, Any], counts: Counts) -> Decimal:
    """Return how many units of a line are still to come."""
    return Decimal(0) if line.get("isClosed") else max(Decimal(0), line["quantity"] - counts.get(line["line"], 0))


def status(store: Store, order: Record) -> str:
    """Return the letter of a return's status, to or from a vendor alike.

    The rule between D and E is not published: E says that something received can be refunded.
    """
    if order.cancelled:
        return "C"
    if order.values["orderStatus"] == "A":
        return "A"
    got, paid = moved(store, order), billed(store, order)
    lines = [line for line in order.lines if not line.get("isClosed") or got[line["line"]] or paid[line["line"]]]
    if not lines:
        return "H"
    goods = [line for line in lines if is_goods(line["item"])]
    came = sum((got[line["line"]] for line in goods), Decimal(0))
    all_came = all(open_quantity(line, got) == 0 for line in goods)
    if all_came:
        wanted = {n["line"]: got[n["line"]] if is_goods(n["item"]) else n["quantity"] for n in lines}
        if any(paid[number] < count for number, count in wanted.items()):
            return "F"
        return "H" if all(line.get("isClosed") for line in order.lines) else "G"
    if not came:
        return "B"
    return "E" if any(paid[line["line"]] < got[line["line"]] for line in goods) else "D"


def unapplied(store: Store, credit: Record, without: str = "") -> Decimal:
    """Return what of a credit nobody has used yet."""
    used = [line["amount"] for line in credit.lists.get("apply", ())]
    used += [amount for record, amount in store.applied_to(credit) if record.id != without]
    return total(store, credit, [gross(credit), *(-amount for amount in used)])


def due(store: Store, invoice: Record, without: str = "") -> Decimal:
    """Return what of an invoice is still to be paid."""
    paid = [amount for record, amount in store.applied_to(invoice) if record.id != without]
    return total(store, invoice, [gross(invoice), -invoice.values.get("paid", Decimal(0)), *(-one for one in paid)])


def derived(store: Store, record: Record) -> dict[str, Any]:
    """Return the fields that NetSuite works out when a record is read."""
    name = record.kind.name
    if name in ("returnAuthorization", "vendorReturnAuthorization"):
        return {"status": status(store, record)}
    if name == "creditMemo":
        left = unapplied(store, record)
        applied = total(store, record, [gross(record), -left])
        letter = "V" if record.cancelled else "B" if left == 0 else "A"
        return {"status": letter, "applied": applied, "unapplied": left, "amountPaid": applied, "amountRemaining": left}
    if name == "invoice":
        left = due(store, record)
        paid = total(store, record, [gross(record), -left])
        return {"status": "A" if left else "B", "amountPaid": paid, "amountRemaining": left}
    if name == "salesOrder":
        return {"status": "G" if store.made_from(record, "invoice", "cashSale") else "F"}
    return {}
