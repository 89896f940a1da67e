"""What of a credit is written to the credit note that Tryton drafted."""

from __future__ import annotations

from decimal import Decimal

from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment

from openreturns_adapters.tryton.functions.shared import Record

__all__ = ["buyer_only", "lines", "rma", "tax", "total", "untaxed"]


def buyer_only(document: Record, env: Environment) -> None:
    """Refuse a credit that Tryton has another document for, or that is not to be posted."""
    problems = []
    if document["direction"] != "to_customer":
        said = "a credit from a vendor is a supplier credit note, which comes from the vendor"
        problems.append(Problem("direction", said, "/direction", "/type"))
    if document["status"] in {"pending_approval", "rejected", "voided"}:
        said = f"a credit that is {document['status']} is not posted"
        problems.append(Problem("not_postable", said, "/status", "/state"))
    if "reverses" in document:
        said = "Tryton makes the opposite of the other credit note; a second one would credit the customer twice"
        problems.append(Problem("reversal", said, "/reverses", "/lines"))
    if problems:
        raise MappingError("Tryton has no credit note for this", kind="translation", problems=problems)


def rma(document: Record, env: Environment) -> str:
    """Return the number of the one return that the credit is for."""
    numbers = {ref["id"] for ref in document.get("refs") or () if ref["type"] == "return"}
    numbers = numbers or {line["return"]["id"] for line in document["lines"] if "return" in line}
    if len(numbers) != 1:
        raise ValueError(f"a credit note is made from one return; the credit names {len(numbers)}")
    for place, ref in enumerate(document.get("refs") or ()):
        if ref["type"] != "return":
            env.lose("the credit note keeps the return only", below=f"/refs/{place}")
    for place, line in enumerate(document["lines"]):
        if "return" in line and line["return"]["id"] not in numbers:
            env.lose("a credit note is for one return", below=f"/lines/{place}/return/id")
    if document["status"] not in {"issued", "approved"}:
        env.lose("a credit that is written is posted", below="/status")
    return str(numbers.pop())


def untaxed(document: Record, env: Environment) -> Decimal:
    """Return the sum without tax, with Tryton's sign."""
    return -Decimal(document["totals"]["taxExclusive"]["amount"])


def tax(document: Record, env: Environment) -> Decimal:
    """Return the tax, with Tryton's sign."""
    return -Decimal(document["totals"]["tax"]["amount"])


def total(document: Record, env: Environment) -> Decimal:
    """Return the sum with tax, with Tryton's sign."""
    return -Decimal(document["totals"]["taxInclusive"]["amount"])


def lines(document: Record, env: Environment) -> list[Record]:
    """Return the lines: negative for goods, positive for a fee that is kept, and with them where they come from."""
    units = env.tenant.table("unit_of_measure")
    found = []
    for line in document["lines"]:
        if "discount" in line or "priceBase" in line:
            raise ValueError(f"line {line['lineId']}: the credit note has a price of one unit and no discount")
        of = line.get("return") or {}
        row: Record = {
            "note": f"line {line['lineId']} of the credit"
            + (f", line {of['lineId']} of the return" if "lineId" in of else ""),
            "unit": {"symbol": units.word(line["quantity"]["uom"])},
            "quantity": -Decimal(line["quantity"]["value"]),
            "unit_price": Decimal(line["unitPrice"]["amount"]),
            "amount": -Decimal(line["amount"]["amount"]),
        }
        if "sku" in (line.get("item") or {}):
            row["product"] = {"code": line["item"]["sku"]}
        found.append(row)
    products = env.tenant.table("charge_product")
    for charge in document.get("charges") or ():
        amount = Decimal(charge["amount"]["amount"])
        sign = 1 if charge["effect"] == "decreases_credit" else -1
        if not amount:
            continue
        found.append(
            {
                "description": charge.get("reason") or charge["kind"].replace("_", " "),
                "product": {"code": products.word(charge["kind"])},
                "unit": {"symbol": str(env.tenant.setting("unit_of_measure"))},
                "quantity": Decimal(sign),
                "unit_price": amount,
                "amount": sign * amount,
            }
        )
    return found
