"""What lines come to: units, amounts to the currency's smallest coin, taxes, totals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from openreturns_adapters.netsuite.simulator._problems import Refused, invalid, unknown
from openreturns_adapters.netsuite.simulator._store import Line, Record, Ref, Store

__all__ = ["Tax", "base_units", "gross", "is_goods", "price", "rounded", "total"]

Tax = Literal["suitetax", "legacy", "none"]

_RATE_PLACES = Decimal("1E-8")
_LARGEST = Decimal(10) ** 15


def is_goods(item: Ref) -> bool:
    """Whether an item can be received, shipped and counted."""
    return item.kind != "otherChargeSaleItem"


def base_units(store: Store, line: Line, path: str = "") -> Decimal:
    """Return how many units of stock one unit of a line is. Raises Refused for a unit that the item has not."""
    item = store.get(line["item"])
    units = item.values.get("unitsType")
    asked = line.get("units")
    rows = store.get(units).lists["uom"] if units else []
    found = next((row for row in rows if row["internalId"] == asked), None)
    if found is None and asked and rows:
        raise Refused([unknown(asked[:100], "units", f"{path}.units")])
    return Decimal(found["conversionRate"]) if found else Decimal(1)


def rounded(store: Store, currency: Ref | None, amount: Decimal, path: str = "") -> Decimal:
    """Return an amount to the currency's smallest coin. Raises Refused for one that no column holds."""
    if abs(amount) >= _LARGEST:
        raise Refused([invalid("amount", path)])
    places = store.get(currency).values["currencyPrecision"] if currency else 2
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def price(store: Store, record: Record, tax: Tax) -> None:
    """Fill in what each line of a document comes to, its taxes, and the totals."""
    currency, subtotal = record.values.get("currency"), Decimal(0)
    details: list[Line] = []
    for number, line in enumerate(record.lists["item"]):
        path = f"item.items[{number}]"
        _amount(store, currency, line, path)
        subtotal += line["amount"]
        code = _code(store, record, line) if tax != "none" else None
        if code is not None:
            details.append(_taxed(store, currency, line, code, tax))
    record.values["subtotal"] = rounded(store, currency, subtotal, "item")
    record.values["discountTotal"] = rounded(store, currency, Decimal(0))
    if tax == "suitetax" and not record.values.get("taxDetailsOverride"):
        record.lists["taxDetails"] = details
    given = record.lists.get("taxDetails", []) if tax == "suitetax" else details
    taxes = sum((line.get("taxAmount") or Decimal(0) for line in given), Decimal(0))
    if tax != "none":
        record.values["taxTotal"] = rounded(store, currency, taxes, "taxDetails")
    whole = rounded(store, currency, subtotal + taxes, "item")
    record.values["total"] = record.values["subtotal"] if tax == "suitetax" else whole
    if tax == "suitetax":
        record.values["totalAfterTaxes"] = whole


def _amount(store: Store, currency: Ref | None, line: Line, path: str) -> None:
    quantity = line.get("quantity") or Decimal(1)
    if line.get("amount") is None:
        line["amount"] = quantity * (line.get("rate") or Decimal(0))
    line["amount"] = rounded(store, currency, line["amount"], f"{path}.amount")
    if line.get("rate") is None:
        line["rate"] = (line["amount"] / quantity).quantize(_RATE_PLACES, ROUND_HALF_UP)


def _code(store: Store, record: Record, line: Line) -> Record | None:
    entity = record.values.get("entity")
    code = line.get("taxCode") or (store.get(entity).values.get("taxItem") if entity else None)
    return store.get(code) if code else None


def _taxed(store: Store, currency: Ref | None, line: Line, code: Record, tax: Tax) -> Line:
    rate = code.values["rate"]
    amount = rounded(store, currency, line["amount"] * rate / 100)
    line["taxCode"] = code.ref
    line["grossAmt"] = line["amount"] + amount
    line["taxAmount" if tax == "suitetax" else "tax1Amt"] = amount
    if tax == "legacy":
        line["taxRate1"] = rate
    return {
        "lineName": str(line["line"]),
        "lineType": "Item",
        "taxType": code.values["taxType"],
        "netAmount": line["amount"],
        "taxBasis": line["amount"],
        "taxRate": rate,
        "taxAmount": amount,
        "taxCode": code.ref,
    }


def gross(record: Record) -> Decimal:
    """Return what a document comes to with taxes."""
    total: Decimal = record.values.get("totalAfterTaxes", record.values["total"])
    return total


def total(store: Store, record: Record, amounts: list[Decimal]) -> Decimal:
    """Return the sum of some amounts in a record's currency."""
    return rounded(store, record.values.get("currency"), sum(amounts, Decimal(0)), "apply")
