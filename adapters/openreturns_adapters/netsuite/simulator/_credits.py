"""Money for what came back: credit memos with what they are applied to, refunds in cash, refunds of a credit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from openreturns_adapters.netsuite.simulator._derived import billed, due, moved, open_quantity, unapplied
from openreturns_adapters.netsuite.simulator._problems import Refused, broken, missing, unknown
from openreturns_adapters.netsuite.simulator._returns import HEADER, place_of, start_line
from openreturns_adapters.netsuite.simulator._stock import Stock
from openreturns_adapters.netsuite.simulator._store import Line, Record, Ref, Store
from openreturns_adapters.netsuite.simulator._sums import base_units, gross, is_goods, total

if TYPE_CHECKING:
    from openreturns_adapters.netsuite.simulator._books import Rules

__all__ = ["complete", "complete_refund", "settle", "start", "start_refund"]

_RECEIVABLE = Ref("account", "119")
_BANK = Ref("account", "100")


# --- credit memos and cash refunds ---------------------------------------------------------------------------------


def start(store: Store, rules: Rules, source: Record, record: Record) -> None:
    """Start with what can be credited and is not yet. Raises Refused where nothing is."""
    record.values |= {name: source.values[name] for name in HEADER if name in source.values}
    if source.kind.name != "returnAuthorization":  # an invoice or a sale: what is put right is the sender's to say
        record.lists["item"] = [start_line(line, line["quantity"]) for line in source.lines]
        return
    left = _refundable(store, rules, source)
    if source.cancelled or not any(left.values()):
        raise broken(f"You can not initialize {record.kind.name}: invalid reference {source.id}.")
    record.lists["item"] = [start_line(line, left[line["line"]]) for line in source.lines if left[line["line"]] > 0]


def _refundable(store: Store, rules: Rules, order: Record, without: str = "") -> dict[int, Decimal]:
    """Return how many units of each line of a return can be credited: received ones, and charges.

    Where the account refunds in advance of the return, what is still to come as well: all that the line is of, once.
    """
    got, paid = moved(store, order), billed(store, order, without)
    if order.values["orderStatus"] == "A":
        return {line["line"]: Decimal(0) for line in order.lines}

    def creditable(line: Line) -> Decimal:
        in_advance = open_quantity(line, got) if rules.refund_in_advance else Decimal(0)
        return got[line["line"]] + in_advance if is_goods(line["item"]) else Decimal(line["quantity"])

    return {line["line"]: max(Decimal(0), creditable(line) - paid[line["line"]]) for line in order.lines}


def complete(store: Store, stock: Stock, rules: Rules, record: Record, old: Record | None) -> None:
    """Fill in what was left out, and refuse to credit more than can be."""
    entity = record.values.get("entity")
    if entity is None:
        raise missing("Customer", "entity")
    party = store.get(entity)
    record.values.setdefault("currency", party.values["currency"])
    record.values.setdefault("subsidiary", party.values["subsidiary"])
    record.values.setdefault("exchangeRate", store.get(record.values["currency"]).values["exchangeRate"])
    if not record.lines:
        raise broken("You must enter at least one line item for this transaction.", "item")
    source = store.get(record.values["createdFrom"]) if "createdFrom" in record.values else None
    if source is not None:
        _same(source, record)
    for number, line in enumerate(record.lines):
        _line(store, source, line, place_of(line, number))
    if source is not None and source.kind.name == "returnAuthorization":
        _not_more(store, rules, source, record)
    if record.kind.name == "creditMemo":
        record.values.setdefault("account", _RECEIVABLE)
        if source is not None and source.kind.name == "returnAuthorization":
            record.values["salesReturn"] = source.id
    else:
        record.values.setdefault("account", _BANK)


def _same(source: Record, record: Record) -> None:
    for name in ("entity", "currency"):
        if name in source.values and record.values[name] != source.values[name]:
            raise broken(f"The {name} must be that of {source.name}.", name)


def _line(store: Store, source: Record | None, line: Line, path: str) -> None:
    of = source.line(line.get("orderLine")) if source else None
    if source is not None and line.get("orderLine") is not None and of is None:
        raise Refused([unknown(line["orderLine"], "orderLine", f"{path}.orderLine")])
    if of is not None:
        line.setdefault("item", of["item"])
        if line["item"] != of["item"]:
            raise broken(f"The item is not the one on line {of['line']}.", f"{path}.item")
    if "item" not in line:
        raise missing("Item", f"{path}.item")
    line.setdefault("quantity", Decimal(1))
    if line["quantity"] <= 0:
        raise broken("Please enter a quantity greater than zero.", f"{path}.quantity")
    item = store.get(line["item"])
    line.setdefault("description", item.values.get("displayName", ""))
    if is_goods(line["item"]):
        line.setdefault("units", store.get(item.values["unitsType"]).lists["uom"][0]["internalId"])
        line["itemIsFulfilled"] = True
    base_units(store, line, path)


def _not_more(store: Store, rules: Rules, order: Record, record: Record) -> None:
    left = _refundable(store, rules, order, record.id)
    what = "returned" if rules.refund_in_advance else "received"
    for number, line in enumerate(record.lines):
        of = order.line(line.get("orderLine"))
        if of is None:
            continue
        same = line.get("units") == of.get("units")
        units = line["quantity"] if same else line["quantity"] * base_units(store, line) / base_units(store, of)
        left[of["line"]] -= units
        if left[of["line"]] < 0:
            there = (left[of["line"]] + units).normalize()
            text = f"The quantity is more than the {there:f} {what} and not yet credited on line {of['line']}."
            raise broken(text, f"{place_of(line, number)}.quantity")


def settle(store: Store, record: Record) -> None:
    """Apply a credit memo to invoices: to those named, or if asked to, to the oldest that are open."""
    if record.kind.name != "creditMemo":
        return
    rows = [row for row in record.lists.get("apply", []) if row.pop("apply", True)]
    open_amount = total(store, record, [gross(record), *(-paid for _, paid in store.applied_to(record))])
    if open_amount < 0:
        raise broken("The amount refunded is more than the credit.", "item")
    if record.values.get("autoApply") and not rows:
        rows = [{"doc": one.ref} for one in _open_invoices(store, record)]
        rows = rows if open_amount > 0 else []
        record.lists["apply"] = _spread(store, record, rows, open_amount, given=False)
    else:
        record.lists["apply"] = _spread(store, record, rows, open_amount, given=True)


def _open_invoices(store: Store, record: Record) -> list[Record]:
    named = ("entity", "currency")
    same = [one for one in store.all("invoice") if all(one.values.get(n) == record.values.get(n) for n in named)]
    return sorted((one for one in same if due(store, one, record.id) > 0), key=lambda one: one.values["tranDate"])


def _spread(store: Store, record: Record, rows: list[Line], left: Decimal, *, given: bool) -> list[Line]:
    applied: list[Line] = []
    for number, row in enumerate(rows):
        path = place_of(row, number, "apply")
        invoice = _payable(store, record, row, path)
        owed = due(store, invoice, record.id)
        if row.get("amount") is None:
            row["amount"] = min(owed, left)
        row["amount"] = total(store, record, [row["amount"]])
        if not given and row["amount"] <= 0:
            break
        if not 0 < row["amount"] <= owed:
            raise broken(f"The amount must be more than zero and not more than the {owed} due.", f"{path}.amount")
        left -= row["amount"]
        if left < 0:
            raise broken("The amounts applied are more than the credit.", f"{path}.amount")
        if any(one["doc"] == row["doc"] for one in applied):
            raise broken("The invoice is on the list twice.", f"{path}.doc")
        applied.append(_row(store, invoice, row, owed, number))
    return applied


def _payable(store: Store, record: Record, row: Line, path: str) -> Record:
    if "doc" not in row:
        raise missing("Doc", f"{path}.doc")
    invoice = store.get(row["doc"])
    fits = invoice.kind.name == "invoice" and all(
        invoice.values.get(name) == record.values.get(name) for name in ("entity", "currency")
    )
    if not fits:
        raise Refused([unknown(row["doc"].id, "doc", f"{path}.doc")])
    return invoice


def _row(store: Store, paid: Record, row: Line, owed: Decimal, number: int) -> Line:
    return {
        "line": number,
        "doc": paid.ref,
        "amount": row["amount"],
        "due": owed,
        "total": gross(paid),
        "refNum": paid.values["tranId"],
        "type": paid.kind.label,
        "currency": store.get(paid.values["currency"]).name,
        "applyDate": paid.values["tranDate"],
    }


# --- refunds of a credit -------------------------------------------------------------------------------------------


def start_refund(store: Store, rules: Rules, source: Record, record: Record) -> None:
    """Start with all that nobody used of a credit. Raises Refused where nothing is left."""
    left = unapplied(store, source)
    if source.cancelled or left <= 0:
        raise broken(f"You can not initialize {record.kind.name}: invalid reference {source.id}.")
    record.values["customer"] = source.values["entity"]
    record.values |= {n: source.values[n] for n in ("currency", "exchangeRate", "subsidiary") if n in source.values}
    record.lists["apply"] = [{"doc": source.ref, "amount": left}]


def complete_refund(store: Store, stock: Stock, rules: Rules, record: Record, old: Record | None) -> None:
    """Fill in what was left out, and refuse to pay out more than is left."""
    if "customer" not in record.values:
        raise missing("Customer", "customer")
    customer = store.get(record.values["customer"])
    record.values.setdefault("currency", customer.values["currency"])
    record.values.setdefault("subsidiary", customer.values["subsidiary"])
    record.values.setdefault("exchangeRate", store.get(record.values["currency"]).values["exchangeRate"])
    record.values.setdefault("account", _BANK)
    record.values.setdefault("arAcct", _RECEIVABLE)
    rows = [row for row in record.lists["apply"] if row.pop("apply", True)]
    if not rows:
        raise broken("You must apply the refund to at least one credit.", "apply")
    paid: list[Line] = []
    for number, row in enumerate(rows):
        path = place_of(row, number, "apply")
        if "doc" not in row:
            raise missing("Doc", f"{path}.doc")
        credit = store.get(row["doc"])
        same = credit.values.get("entity") == customer.ref and credit.values["currency"] == record.values["currency"]
        if (
            credit.kind.name != "creditMemo"
            or credit.cancelled
            or not same
            or any(p["doc"] == row["doc"] for p in paid)
        ):
            raise Refused([unknown(row["doc"].id, "doc", f"{path}.doc")])
        left = unapplied(store, credit, record.id)
        row["amount"] = total(store, record, [row["amount"] if row.get("amount") is not None else left])
        if not 0 < row["amount"] <= left:
            raise broken(f"The amount must be more than zero and not more than the {left} left.", f"{path}.amount")
        paid.append(_row(store, credit, row, left, number))
    record.lists["apply"] = paid
    record.values["total"] = total(store, record, [row["amount"] for row in paid])
