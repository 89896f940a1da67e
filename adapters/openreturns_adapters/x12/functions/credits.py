"""A credit as an 812: its sums without a point, its fees and its tax as SAC segments."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from openreturns.mapping import Environment

from openreturns_adapters.x12.codecs import fits, from_implied, holds, plain_money, shown, to_implied
from openreturns_adapters.x12.functions import references
from openreturns_adapters.x12.functions.items import Numbers
from openreturns_adapters.x12.functions.parties import party_id

__all__ = [
    "NUMBERS",
    "charges_in",
    "count_in",
    "count_out",
    "credited",
    "currency",
    "currency_said",
    "day",
    "direction",
    "direction_out",
    "invoice_day",
    "invoice_number",
    "invoices_in",
    "line_id",
    "line_n9",
    "number",
    "price_in",
    "price_out",
    "readable",
    "refs_out",
    "sac",
    "taxes_in",
    "total_in",
    "totals_in",
    "writable",
]

Record = dict[str, Any]

NUMBERS = Numbers("LIN", (2, 4, 6, 8, 10), lots=True)
CREDIT = "C"
"""The flag (478) of an 812 and of its lines that credits; any other debits."""
_PERCENT = "Z"
"""Qualifier (378) of a rate in percent of what is taxed; assumed."""
_SENT = ("issued", "applied", "refunded")


# --- the whole ------------------------------------------------------------------------------------------------


def number(record: Record, env: Environment) -> str:
    """Return the number of the credit."""
    return str(record["BCD"]["BCD02"])


def day(record: Record, env: Environment) -> str:
    """Return the day on which it was issued."""
    return str(record["BCD"]["BCD01"])


def currency(record: Record, env: Environment) -> str:
    """Return the currency of all amounts: the one that is named, else the tenant's."""
    said = (record.get("CUR") or {}).get("CUR02")
    return str(said or env.tenant.setting("currency"))


def currency_said(document: Record, env: Environment) -> Record:
    """Return whose currency it is, and which: it is always said."""
    return {"CUR01": env.tenant.table("party").word("seller"), "CUR02": document["currency"]}


def readable(record: Record, env: Environment) -> None:
    """Refuse what is not all credit: a debit, and allowances and charges of single lines."""
    if record["BCD"]["BCD05"] != CREDIT:
        raise ValueError("the adjustment is a debit (BCD05), and no credit")
    for place, line in enumerate(record.get("CDDLoop") or (), 1):
        if line["CDD"]["CDD02"] != CREDIT:
            raise ValueError(f"line {place} is a debit (CDD02) in a credit")
        if line.get("SAC"):
            raise ValueError(f"line {place} has an allowance or charge of its own; only those of the whole are read")


def writable(document: Record, env: Environment) -> None:
    """Refuse what is not issued, and what an 812 has no way to say."""
    if document["status"] not in _SENT:
        raise ValueError(f"an 812 tells of an issued credit, and this one is {document['status']}")
    if document.get("reverses"):
        raise ValueError("a credit that takes back another is a debit, and is not sent as an 812")


def direction(record: Record, env: Environment) -> str:
    """Return whose credit it is: our customers', where the seller is ourselves."""
    own, seller = env.tenant.settings.get("own_id"), party_id("seller")(record, env)
    return "to_customer" if own in (None, "", seller) else "from_vendor"


def direction_out(document: Record, env: Environment) -> str:
    """Return the flag, and tell where whose credit it is reads back otherwise."""
    own = env.tenant.settings.get("own_id")
    read = "to_customer" if own in (None, "", document["seller"]["id"]) else "from_vendor"
    if read != document["direction"]:
        env.lose(f"reads back as {read}: own_id says who we are", below="/direction")
    return CREDIT


def invoices_in(record: Record, env: Environment) -> list[Record] | None:
    """Return the invoice that the head names, and those in references."""
    head = record["BCD"]
    found = (
        [{"N901": env.tenant.table("reference").word("invoice"), "N902": head["BCD07"]}] if head.get("BCD07") else []
    )
    if found and head.get("BCD06"):
        found[0]["N904"] = head["BCD06"]
    rows = [*found, *(row for row in record.get("N9") or () if env.code("reference", row["N901"]) == "invoice")]
    documents: list[Record] | None = references.refs()({"N9": rows}, env)
    return documents


def _invoices(document: Record) -> list[Record]:
    refs: list[Record] = document.get("originalInvoices") or []
    return refs


def _first(document: Record) -> Record:
    """Return the invoice that the head names: the first, if that says nothing that the head has no place for."""
    first = next(iter(_invoices(document)), None)
    return first if first and first["type"] == "invoice" and not first.get("lineId") and len(first["id"]) <= 22 else {}


def invoice_number(document: Record, env: Environment) -> str | None:
    """Return the invoice that the head names."""
    return _first(document).get("id")


def invoice_day(document: Record, env: Environment) -> str | None:
    """Return its day."""
    day = _first(document).get("issueDate")
    return day.replace("-", "") if day else None


def refs_out(document: Record, env: Environment) -> list[Record] | None:
    """Return the documents referred to, and further invoices."""
    invoices = _invoices(document)[1 if _first(document) else 0 :]
    return [*references.to_n9(invoices, env), *references.documents(document, env)] or None


# --- fees, tax and sums ---------------------------------------------------------------------------------------


def _is_tax(row: Record, env: Environment) -> bool:
    return bool(row.get("SAC02") == env.tenant.setting("tax_code"))


def _rows(record: Record, env: Environment, *, tax: bool) -> Iterator[Record]:
    for row in record.get("SAC") or ():
        if _is_tax(row, env) == tax:
            if row.get("SAC05") is None:
                raise ValueError("an allowance or charge has no amount (SAC05)")
            yield row


def _decreases(row: Record, env: Environment) -> bool:
    return bool(row["SAC01"] == env.tenant.setting("decrease_indicator"))


def _money(value: int, env: Environment) -> Record:
    return {"amount": from_implied(value, env), "currency": env.currency}


def charges_in(record: Record, env: Environment) -> list[Record] | None:
    """Return what is kept and given beside the goods."""
    found = []
    for row in _rows(record, env, tax=False):
        if row["SAC01"] not in ("A", "C"):
            raise ValueError(f"{row['SAC01']} is neither an allowance (A) nor a charge (C)")
        if row.get("SAC07") is not None:
            env.finding("rate", f"the rate {row['SAC07']} of an allowance or charge is not kept, its amount is")
        kind = env.code("charge", row["SAC02"]) if row.get("SAC02") else "other"
        effect = "decreases_credit" if _decreases(row, env) else "increases_credit"
        reason = {"reason": row["SAC15"]} if row.get("SAC15") else {}
        found.append({"kind": kind, "effect": effect, "amount": _money(row["SAC05"], env), **reason})
    return found or None


def taxes_in(record: Record, env: Environment) -> list[Record] | None:
    """Return the one tax; what it is of is all of the credit."""
    rows = list(_rows(record, env, tax=True))
    if len(rows) > 1:
        raise ValueError(f"there are {len(rows)} taxes, and an 812 does not say what each is of")
    if not rows:
        return None
    [row] = rows
    if _decreases(row, env):
        raise ValueError("the tax is taken from the credit")
    rate = {"rate": shown(row["SAC07"])} if row.get("SAC07") is not None else {}
    return [
        {
            "taxType": str(env.tenant.setting("tax_type")),
            "category": str(env.tenant.setting("tax_category")),
            **rate,
            "taxable": _money(_sums(record, env)["taxExclusive"], env),
            "tax": _money(row["SAC05"], env),
        }
    ]


def _sums(record: Record, env: Environment) -> dict[str, int]:
    lines = sum(_amount(line) for line in record.get("CDDLoop") or ())
    fees = [(_decreases(row, env), row["SAC05"]) for row in _rows(record, env, tax=False)]
    decreases = sum(amount for less, amount in fees if less)
    increases = sum(amount for less, amount in fees if not less)
    tax = sum(row["SAC05"] for row in _rows(record, env, tax=True))
    sums = {"lines": lines, "decreases": decreases, "increases": increases, "tax": tax}
    return {**sums, "taxExclusive": lines - decreases + increases}


def _amount(line: Record) -> int:
    amount = line["CDD"].get("CDD04")
    if amount is None:
        raise ValueError("a line has no amount (CDD04)")
    return int(amount)


def totals_in(record: Record, env: Environment) -> Record:
    """Return the sums: as the lines, fees and tax add up, and as the head states the whole."""
    sums = _sums(record, env)
    named = {name: _money(sums[name], env) for name in ("lines", "taxExclusive", "tax")}
    named |= {name: _money(sums[name], env) for name in ("decreases", "increases") if sums[name]}
    whole = _money(record["BCD"]["BCD04"], env)
    return {**named, "taxInclusive": whole, "due": whole}


def total_in(document: Record, env: Environment) -> int:
    """Return what is credited with tax."""
    return to_implied(plain_money(document["totals"]["taxInclusive"], env), env)


def sac(document: Record, env: Environment) -> list[Record] | None:
    """Return fees and tax as allowances and charges."""
    less = str(env.tenant.setting("decrease_indicator"))
    more = {"C": "A", "A": "C"}[less]
    rows = [_fee(place, charge, less, more, env) for place, charge in enumerate(document.get("charges") or ())]
    taxes = document.get("taxes") or ()
    if len(taxes) > 1:
        raise ValueError(f"there are {len(taxes)} tax groups, and an 812 does not say what each is of")
    return [*rows, *(_tax(tax, more, env) for tax in taxes)] or None


def _fee(place: int, charge: Record, less: str, more: str, env: Environment) -> Record:
    table = env.tenant.table("charge")
    word = table.word(charge["kind"])
    if table.code(word) != charge["kind"]:
        env.lose(f"{charge['kind']!r} is written as {word!r}, which others are as well", below=f"/charges/{place}/kind")
    row = {
        "SAC01": less if charge["effect"] == "decreases_credit" else more,
        "SAC02": word,
        "SAC05": to_implied(plain_money(charge["amount"], env), env),
    }
    text = charge.get("reason") or (charge["kind"].replace("_", " ") if table.code(word) != charge["kind"] else "")
    return {**row, "SAC15": holds(text, (80, 80, 80), env)} if text else row


def _tax(tax: Record, more: str, env: Environment) -> Record:
    if tax["tax"]["amount"].startswith("-"):
        raise ValueError("a tax below zero has no place in an 812")
    row = {
        "SAC01": more,
        "SAC02": str(env.tenant.setting("tax_code")),
        "SAC05": to_implied(plain_money(tax["tax"], env), env),
    }
    return {**row, "SAC06": _PERCENT, "SAC07": Decimal(tax["rate"])} if tax.get("rate") else row


# --- lines ----------------------------------------------------------------------------------------------------


def line_id(line: Record, env: Environment) -> str:
    """Return the line's number: its own, else its place."""
    own = line["CDD"].get("CDD03")
    return own or str(next(n for n, one in enumerate(env.root["CDDLoop"], 1) if one is line))


def credited(line: Record, env: Environment) -> str:
    """Return the flag of a line."""
    return CREDIT


def count_in(line: Record, env: Environment) -> Record:
    """Return how much is credited: one, where only an amount is."""
    cdd = line["CDD"]
    if cdd.get("CDD07") is None:
        env.finding("quantity", "no quantity is told: the amount is credited once")
        return {"value": "1", "uom": "EA"}
    return {"value": shown(cdd["CDD07"]), "uom": env.code("unit", cdd["CDD08"])}


def count_out(line: Record, env: Environment) -> Decimal:
    """Return how much is credited."""
    return fits(Decimal(line["quantity"]["value"]), (10, 10, 10), env)


def price_in(line: Record, env: Environment) -> Record:
    """Return the price of one: the difference credited, the price stated, or the amount by the quantity."""
    cdd = line["CDD"]
    stated = cdd.get("CDD09", cdd.get("CDD11"))
    if cdd.get("CDD11") not in (None, stated):
        env.finding("price", f"the price {shown(cdd['CDD11'])} that the difference is of is not kept")
    if stated is not None:
        if stated < 0:
            raise ValueError("the price is below zero")
        return {"amount": shown(stated), "currency": env.currency}
    count = Decimal(cdd.get("CDD07") or 1)
    each = Decimal(from_implied(_amount(line), env)) / count
    if each * count != Decimal(from_implied(_amount(line), env)) or _places(each) > 6:
        raise ValueError("no price is stated, and the amount for the quantity makes none that is exact")
    return {"amount": shown(each), "currency": env.currency}


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def price_out(line: Record, env: Environment) -> Decimal:
    """Return the price of one."""
    if line.get("priceBase"):
        raise ValueError("the price is of several, and an 812 has the price of one")
    return Decimal(plain_money(line["unitPrice"], env))


def line_n9(line: Record, env: Environment) -> list[Record] | None:
    """Return what a line refers to: its invoice, and the return."""
    return references.to_n9([line[name] for name in ("originalInvoice", "return") if line.get(name)], env) or None
