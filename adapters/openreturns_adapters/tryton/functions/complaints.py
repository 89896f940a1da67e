"""What a complaint says of a return, as it is made."""

from __future__ import annotations

import re
from decimal import Decimal

from openreturns.mapping import Environment

from openreturns_adapters.tryton.functions.returns import ACTIONS, KINDS
from openreturns_adapters.tryton.functions.shared import Record

__all__ = [
    "action",
    "description",
    "one_origin",
    "origin",
    "origin_model",
    "original_line",
    "price",
    "replacement",
    "requested",
]


def _original(line: Record, document: Record) -> Record | None:
    name = "originalInvoice" if document["type"] == "credit_only" else "originalOrder"
    found: Record | None = line.get(name)
    return found


def origin_model(document: Record, env: Environment) -> str:
    """Return what the complaint is about: an invoice for a credit without goods, else the sale."""
    return "account.invoice" if document["type"] == "credit_only" else "sale.sale"


def action(document: Record, env: Environment) -> str:
    """Return what the complaint leads to."""
    return ACTIONS[origin_model(document, env)]


def origin(document: Record, env: Environment) -> str:
    """Return the number of the one sale or invoice that all lines were sold on."""
    kind = KINDS[origin_model(document, env)]
    name = "originalOrder" if kind == "sales_order" else "originalInvoice"
    other = "originalInvoice" if kind == "sales_order" else "originalOrder"
    lines = document["lines"]
    for place, line in enumerate(lines):
        if other in line:
            env.lose("what a complaint is about is one sale, or one invoice", below=f"/lines/{place}/{other}")
    numbers = {line[name]["id"] for line in lines if name in line}
    own = numbers
    numbers = numbers or {ref["id"] for ref in document.get("refs") or () if ref["type"] == kind}
    if len(numbers) != 1:
        found = ", ".join(sorted(numbers)) or "none"
        raise ValueError(f"a complaint is about one {kind.replace('_', ' ')}; the return names: {found}")
    for place, ref in enumerate(document.get("refs") or ()):
        if ref["type"] != kind or (own and ref["id"] not in own):
            env.lose("a complaint keeps what it is about and nothing else", below=f"/refs/{place}")
    return str(numbers.pop())


def one_origin(document: Record, env: Environment) -> None:
    """Refuse a return whose lines Tryton would add up or confuse: two of one original line, or one with a colon."""
    seen: set[str] = set()
    for line in document["lines"]:
        if not re.fullmatch(r"[^:\s]+", line["lineId"]):
            raise ValueError(f"the line id {line['lineId']!r} has a colon or a space, by which Tryton's text is read")
        native = (_original(line, document) or {}).get("lineId")
        if native in seen:
            raise ValueError(f"two lines are about line {native} of what was sold; Tryton takes it once a complaint")
        seen |= {native} if native else set()


def original_line(line: Record, env: Environment) -> int | None:
    """Return the record id of the line that was sold, where the return says it."""
    text = (_original(line, env.root) or {}).get("lineId")
    if text is None:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,17}", text):
        raise ValueError(f"{text!r} is no line of a Tryton sale or invoice")
    return int(text)


def requested(line: Record, env: Environment) -> Decimal:
    """Return how much may come back: authorised, else requested."""
    chosen = line.get("authorized") or line["requested"]
    if chosen != line["requested"]:
        env.lose("one quantity is kept: what is authorised", below="/requested")
    return Decimal(chosen["value"])


def price(line: Record, env: Environment) -> Decimal | None:
    """Return the price to be credited; without one it is what was paid."""
    value = line.get("unitPrice")
    if value is None:
        return None
    if value["currency"] != env.root["currency"]:
        raise ValueError(f"the price is in {value['currency']}, the return in {env.root['currency']}")
    return Decimal(value["amount"])


def replacement(line: Record, env: Environment) -> Record | None:
    """Return what is sent instead, in a sale of its own."""
    wanted = line.get("replacement")
    if wanted is None:
        return None
    for name in wanted["item"].keys() - {"sku"}:
        env.lose("a product is known by its code", below=f"/replacement/item/{name}")
    if "order" in wanted:
        env.lose("the replacement is ordered here", below="/replacement/order")
    if "sku" not in wanted["item"]:
        raise ValueError("the replacement has no sku, by which Tryton knows a product")
    unit = env.tenant.table("unit_of_measure").word(wanted["quantity"]["uom"])
    return {
        "product": {"code": wanted["item"]["sku"]},
        "unit": {"symbol": unit},
        "quantity": Decimal(wanted["quantity"]["value"]),
    }


def description(document: Record, env: Environment) -> str:
    """Return a line for each line of the return: its id, product and reason, by which it is read again."""
    return "\n".join(
        f"{line['lineId']}: {line['item'].get('sku', '')}, {line['reason']['code']}" for line in document["lines"]
    )
