"""What a credit note says of a credit, and what of a credit is written to the one that Tryton drafted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from openreturns.decimals import exact, plain
from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment

from openreturns_adapters.tryton.functions import shared
from openreturns_adapters.tryton.functions.shared import Record

__all__ = [
    "charges",
    "correlation",
    "currency",
    "document_id",
    "issue_date",
    "issued_at",
    "lines",
    "negative",
    "number",
    "original_invoices",
    "refs",
    "revision",
    "seller",
    "settlements",
    "source_id",
    "tax_method",
    "taxes",
    "totals",
]

_STATES = ("draft", "validated", "posted", "paid", "cancelled")
_is_note = re.compile(r"line (?P<credit>\S+) of the credit(?:, line (?P<rma>\S+) of the return)?").fullmatch


def currency(record: Record, env: Environment) -> str:
    """Return the ISO 4217 code of the document."""
    return str(record["currency"]["code"])


def number(record: Record, env: Environment) -> str:
    """Return the number of the credit: our reference, else the number that posting gave, else the record id."""
    return str(record.get("reference") or record.get("number") or f"tryton-{record.get('id')}")


def document_id(record: Record, env: Environment) -> str:
    """Return an id of the credit made from the invoice's."""
    return f"tryton-invoice-{record.get('id')}"


def source_id(record: Record, env: Environment) -> str | None:
    """Return the invoice's record id."""
    return str(record["id"]) if "id" in record else None


def correlation(record: Record, env: Environment) -> str:
    """Return the caller's correlation id, else the RMA number, else the credit's."""
    return shared.correlation(record.get("rma") or number(record, env), env)


def revision(record: Record, env: Environment) -> int:
    """Return a number that grows with the invoice's state."""
    state = record.get("state")
    return _STATES.index(state) + 1 if state in _STATES else 1


def issued_at(record: Record, env: Environment) -> str | None:
    """Return when the invoice last changed."""
    moments = (record.get("write_date"), record.get("create_date"), env.given.get("issued_at"))
    return next((str(moment) for moment in moments if moment), None)


def issue_date(record: Record, env: Environment) -> str | None:
    """Return the date of the document; a draft has none yet and goes by the day it was made."""
    if record.get("invoice_date"):
        return str(record["invoice_date"])
    made = record.get("create_date")
    return shared.local_day(made, env) if made else None


def seller(record: Record, env: Environment) -> Record:
    """Return the company as the seller."""
    company = record.get("company") or {}
    name = company.get("rec_name")
    return {"id": f"company-{company.get('id', 0)}"} | ({"name": name} if name else {})


def refs(record: Record, env: Environment) -> list[Record] | None:
    """Return the return that the credit is for."""
    return [{"type": "return", "id": record["rma"]}] if record.get("rma") else None


def original_invoices(record: Record, env: Environment) -> list[Record] | None:
    """Return the invoices that the credit takes back, in part."""
    return [{"type": "invoice", "id": number} for number in record.get("original_invoices") or ()] or None


# ---------------------------------------------------------------- read


def negative(record: Record, env: Environment) -> None:
    """Refuse an invoice that gives nothing back: in Tryton the sign alone tells a credit from an invoice."""
    if exact(record["total_amount"]) > 0:
        message = "the invoice has a positive total: it is no credit"
        raise MappingError(
            message, kind="translation", problems=[Problem("no_credit", message, native="/total_amount")]
        )


def _kind(line: Record, env: Environment) -> str | None:
    code = (line.get("product") or {}).get("code")
    return env.tenant.table("charge_product").code(code) if code else None


def _money(value: Decimal | int, record: Record) -> Record:
    """Return an amount as Money, as it is spelled: Tryton writes the digits of the currency. Refuses one below zero."""
    amount = exact(value)
    if amount < 0:
        raise ValueError(f"{amount} is negative, and the document gives back and takes nothing")
    return {"amount": f"{abs(amount):f}", "currency": record["currency"]["code"]}


def lines(record: Record, env: Environment) -> list[Record]:
    """Return what is given back: lines with a negative quantity that are no charges.

    A price that is put right is a pair of lines, out at the old price and in at the new one; both are one line here,
    of the difference.
    """
    return [*_lines(record, env)]


def _goods(record: Record, env: Environment) -> list[Record]:
    return [line for line in record["lines"] if _kind(line, env) is None]


def _lines(record: Record, env: Environment) -> Iterator[Record]:
    goods = _goods(record, env)
    kept = [line for line in goods if line["quantity"] > 0]
    for place, line in enumerate(goods, 1):
        if line["quantity"] >= 0:
            continue
        pair = next((one for one in kept if _corrects(one, line)), None)
        price, amount = exact(line["unit_price"]), exact(line.get("amount") or 0)
        if pair is not None:
            kept.remove(pair)
            price -= exact(pair["unit_price"])
            amount += exact(pair.get("amount") or 0)
        note = _is_note(line.get("note") or "")
        unit = line.get("unit") or {"symbol": str(env.tenant.setting("unit_of_measure"))}
        found: Record = {
            "lineId": note["credit"] if note else str(line.get("id") or place),
            "quantity": shared.quantity(-line["quantity"], unit, env),
            "unitPrice": {"amount": shared.price(price), "currency": record["currency"]["code"]},
            "amount": _money(-amount, record),
            "reason": {"code": "price_correction" if pair else "goods_returned"},
        }
        if line.get("product"):
            text = line.get("description")
            found["item"] = shared.item(line["product"]) | ({"description": text} if text else {})
        if record.get("rma"):
            ref = {"type": "return", "id": record["rma"]}
            found["return"] = {**ref, "lineId": note["rma"]} if note and note["rma"] else ref
        yield found
    if kept:
        codes = ", ".join((one.get("product") or {}).get("code", "a line without product") for one in kept)
        raise ValueError(f"the document charges for goods as well as giving back: {codes}")


def _corrects(one: Record, line: Record) -> bool:
    return one.get("product") == line.get("product") and one["quantity"] == -line["quantity"]


def charges(record: Record, env: Environment) -> list[Record] | None:
    """Return the fees that are kept (positive lines) and what else is given back, by the charge's product."""
    found = []
    for line in record["lines"]:
        kind = _kind(line, env)
        if kind is None:
            continue
        amount = exact(line.get("amount") or 0)
        effect = "decreases_credit" if amount >= 0 else "increases_credit"
        row: Record = {"kind": kind, "effect": effect, "amount": _money(abs(amount), record)}
        text = line.get("description")
        found.append({**row, "reason": text} if text else row)
    return found or None


def taxes(record: Record, env: Environment) -> list[Record] | None:
    """Return the taxes of the document; those of fees that are kept are taken off those of what is given back.

    Tryton rounds each side by itself, so a group's tax may be a cent from its base times its rate.
    """
    groups: dict[str, list[Decimal]] = {}
    rates: dict[str, Decimal | None] = {}
    for one in record.get("taxes") or ():
        known = one.get("tax") or {}
        name = known.get("name") or one.get("description") or "tax"
        sums = groups.setdefault(name, [Decimal(0), Decimal(0)])
        sums[0] -= exact(one["base"])
        sums[1] -= exact(one["amount"])
        rates[name] = exact(known["rate"]) if known.get("rate") is not None else None
    rows = []
    for name, (base, due) in groups.items():
        rate = rates[name]
        row: Record = {
            "taxType": name,
            "category": "S" if rate else "Z",
            "taxable": _money(base, record),
            "tax": _money(due, record),
        }
        rows.append({**row, "rate": _percent(rate)} if rate is not None else row)
    return rows or None


def _percent(rate: Decimal) -> str:
    if rate < 0:
        raise ValueError(f"the tax rate {rate} is negative")
    return plain(rate * 100)


def tax_method(record: Record, env: Environment) -> str:
    """Return how the tax came about: Tryton works it out again from the lines."""
    return "recalculated" if record.get("taxes") else "none"


def totals(record: Record, env: Environment) -> Record:
    """Return the sums, each without its sign."""
    amounts = [exact(line.get("amount") or 0) for line in record["lines"] if _kind(line, env)]
    up = sum((-one for one in amounts if one < 0), Decimal(0))
    down = sum((one for one in amounts if one > 0), Decimal(0))
    net = -exact(record["untaxed_amount"])
    whole = -exact(record["total_amount"])
    due = -exact(record["amount_to_pay"]) if record.get("amount_to_pay") is not None else whole
    found = {
        "lines": _money(net + down - up, record),
        "taxExclusive": _money(net, record),
        "tax": _money(-exact(record["tax_amount"]), record),
        "taxInclusive": _money(whole, record),
        "due": _money(due, record),
    }
    found |= {"decreases": _money(down, record)} if down else {}
    found |= {"increases": _money(up, record)} if up else {}
    return found | ({"settled": _money(whole - due, record)} if whole != due else {})


def settlements(record: Record, env: Environment) -> list[Record] | None:
    """Return what was settled of the credit: payments and reconciliations are Tryton's to know."""
    if record.get("amount_to_pay") is None:
        return None
    settled = -exact(record["total_amount"]) + exact(record["amount_to_pay"])
    if not settled or record.get("state") not in {"posted", "paid"}:
        return None
    return [{"method": "apply_to_invoice", "amount": _money(settled, record), "status": "completed"}]
