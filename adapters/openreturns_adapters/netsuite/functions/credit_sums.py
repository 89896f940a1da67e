"""The money of a credit memo beside its goods: charges on lines and in fields, taxes, totals."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from openreturns.decimals import exact, plain
from openreturns.mapping import Environment

from openreturns_adapters.netsuite.functions.shared import Record, bare, money_of, sku

__all__ = [
    "charge_amount",
    "charge_line_id",
    "charges",
    "discount_total",
    "handling_cost",
    "is_charge",
    "is_charge_line",
    "shipping_cost",
    "tax_word",
    "taxes",
    "totals",
]

_MARK = "charge:"

# Charges that stand in fields of the record: field, kind, effect, and the words by which they find back there.
_BODY = (
    ("shippingCost", "freight_refund", "increases_credit", "Freight of the document"),
    ("handlingCost", "other", "increases_credit", "Handling of the document"),
    ("discountTotal", "other", "decreases_credit", "Discount of the document"),
)


# --- charges --------------------------------------------------------------------------------------------------


def is_charge(line: Record, env: Environment) -> bool:
    """Whether a line is a fee, deduction or extra: so marked, an item the tenant says is one, or no goods at all."""
    marked = str(line.get("custcol_openreturns_line", "")).startswith(_MARK)
    listed = env.tenant.table("charge_item").code(sku(line, env) or "") is not None
    return marked or listed or line.get("amount", 0) < 0 or not line.get("quantity")


def charges(record: Record, env: Environment) -> list[Record] | None:
    """Return the charges: those on lines, then those that stand in fields of the record."""
    return [*(_line_charge(line, env) for line in _charge_lines(record, env)), *_body_charges(record, env)] or None


def _charge_lines(record: Record, env: Environment) -> list[Record]:
    return [line for line in record["item"]["items"] if "amount" in line and is_charge(line, env)]


def _line_charge(line: Record, env: Environment) -> Record:
    mark = str(line.get("custcol_openreturns_line", ""))
    name = line.get("description") or sku(line, env)
    amount = line["amount"]
    kind = mark.split(":")[1] if mark.startswith(_MARK) else env.code("charge_item", sku(line, env) or "no item")
    effect = "decreases_credit" if amount < 0 else "increases_credit"
    charge = {"kind": kind, "effect": effect, "amount": money_of(abs(amount), env)}
    return {**charge, "reason": name} if name else charge


def _body_charges(record: Record, env: Environment) -> Iterable[Record]:
    """Yield freight, handling and discount; the vendor's sign of a discount is unconfirmed, its name is clear."""
    for name, kind, effect, words in _BODY:
        value = record.get(name)
        if value:
            if name == "discountTotal" and value > 0:
                env.lose("a discount is taken off, whichever sign it has")
            amount = money_of(abs(value) if name == "discountTotal" else value, env)
            yield {"kind": kind, "effect": effect, "amount": amount, "reason": words}


def _field(charge: Record, document: Record) -> str:
    """Return the field of the record that a charge stands in, or nothing: a field has room for one."""
    for name, *wanted in _BODY:
        same = (c for c in document["charges"] if [c["kind"], c["effect"], c.get("reason")] == wanted)
        if next(same, None) is charge:
            return name
    return ""


def is_charge_line(charge: Record, env: Environment) -> bool:
    """Whether a charge is written as a line."""
    return not _field(charge, env.root)


def _body_amount(document: Record, env: Environment, field: str) -> Decimal | None:
    for charge in document.get("charges") or ():
        if _field(charge, document) == field:
            return bare(charge["amount"], env)
    return None


def shipping_cost(document: Record, env: Environment) -> Decimal | None:
    """Return the freight that NetSuite itself had in this field."""
    return _body_amount(document, env, "shippingCost")


def handling_cost(document: Record, env: Environment) -> Decimal | None:
    """Return the handling that NetSuite itself had in this field."""
    return _body_amount(document, env, "handlingCost")


def discount_total(document: Record, env: Environment) -> Decimal | None:
    """Return the discount that NetSuite itself had in this field; it takes off the credit."""
    amount = _body_amount(document, env, "discountTotal")
    return -amount if amount is not None else None


def charge_line_id(charge: Record, env: Environment) -> str:
    """Return what tells a charge's line from goods: its kind and its place."""
    place = next(n for n, one in enumerate(env.root["charges"], 1) if one is charge)
    return f"{_MARK}{charge['kind']}:{place}"


def charge_amount(charge: Record, env: Environment) -> Decimal:
    """Return the amount with NetSuite's sign: what makes the credit smaller is negative."""
    amount = bare(charge["amount"], env)
    if charge["effect"] != "decreases_credit":
        return amount
    if not amount:
        env.lose("the sign of the amount says it, and nothing has none", below="/effect")
    return -amount


# --- taxes and totals -----------------------------------------------------------------------------------------


_Group = tuple[str, str, str | None]


def tax_word(row: Record) -> str | None:
    """Return the tax code of a tax or line, by its internal id where it has one."""
    code = row.get("taxCode") or {}
    return code.get("id") or code.get("refName")


def _category(row: Record, env: Environment) -> str:
    """Return the tax category: the tenant's for the tax code; whatever is taxed at a rate is standard else."""
    word = tax_word(row) or "no tax code"
    known = env.tenant.table("tax_category").code(word)
    if known is None and row.get("taxRate", 0) > 0:
        return "S"
    return known or env.code("tax_category", word)


def taxes(record: Record, env: Environment) -> list[Record] | None:
    """Return a group for each tax, category and rate; where NetSuite gives only sums, one for each of them."""
    groups: dict[_Group, list[Decimal]] = {}
    for row in (record.get("taxDetails") or {}).get("items") or ():
        rate = plain(row["taxRate"]) if "taxRate" in row else None
        sums = groups.setdefault((row["taxType"], _category(row, env), rate), [Decimal(0), Decimal(0)])
        sums[0] += exact(row["taxBasis"] if "taxBasis" in row else row["netAmount"])
        sums[1] += exact(row["taxAmount"])
    if not groups:
        exclusive = (_inclusive(record) or Decimal(0)) - _tax(record)
        for name in ("taxTotal", "tax2Total") if exclusive >= 0 else ():  # else the totals say what is wrong
            if record.get(name):
                groups[name, "S", None] = [exclusive, exact(record[name])]
    return [_group(key, taxable, tax, env) for key, (taxable, tax) in groups.items()] or None


def _group(key: _Group, taxable: Decimal, tax: Decimal, env: Environment) -> Record:
    group = {name: text for name, text in zip(("taxType", "category", "rate"), key, strict=True) if text is not None}
    return {**group, "taxable": money_of(taxable, env), "tax": money_of(tax, env)}


def _signed_charges(record: Record, env: Environment) -> list[Decimal]:
    """Return every charge as what it adds to the credit."""
    lines = [exact(line["amount"]) for line in _charge_lines(record, env)]
    body = [(effect, abs(exact(record[name]))) for name, _, effect, _ in _BODY if record.get(name)]
    return [*lines, *(-amount if effect == "decreases_credit" else amount for effect, amount in body)]


def _total(values: Iterable[int | Decimal]) -> Decimal:
    return sum((exact(value) for value in values), Decimal(0))


def _tax(record: Record) -> Decimal:
    stated = [record[name] for name in ("taxTotal", "tax2Total") if name in record]
    rows = (record.get("taxDetails") or {}).get("items") or ()
    return _total(stated if stated else (row["taxAmount"] for row in rows))


def _inclusive(record: Record) -> Decimal | None:
    """Return the total with taxes; a record that was never in NetSuite has none."""
    found = record.get("totalAfterTaxes", record.get("total"))
    return exact(found) if found is not None else None


def _first(record: Record, *names: str, otherwise: Decimal) -> Decimal:
    return next((exact(record[name]) for name in names if name in record), otherwise)


def totals(record: Record, env: Environment) -> Record | None:
    """Return the totals as NetSuite states them, so that the invariants can doubt them.

    Only what NetSuite has no field for is reckoned: goods are the subtotal without the charges on lines.
    """
    inclusive, tax = _inclusive(record), _tax(record)
    if inclusive is None:
        return None
    extra = _total(line["amount"] for line in _charge_lines(record, env))
    every = _total(line["amount"] for line in record["item"]["items"] if "amount" in line)
    sums = {"lines": exact(record.get("subtotal", every)) - extra}
    charged = _signed_charges(record, env)
    for name, sign in (("decreases", -1), ("increases", 1)):
        amounts = [sign * amount for amount in charged if sign * amount > 0]
        sums |= {name: _total(amounts)} if amounts else {}
    settled = _first(record, "applied", "amountPaid", otherwise=Decimal(0))
    due = _first(record, "unapplied", "amountRemaining", otherwise=inclusive - settled)
    sums |= {"taxExclusive": inclusive - tax, "tax": tax, "taxInclusive": inclusive}
    sums |= {"settled": settled, "due": due}
    negative = [name for name, value in sums.items() if value < 0]
    if negative:
        raise ValueError(f"{', '.join(negative)} would be below zero")
    return {name: money_of(value, env) for name, value in sums.items()}
