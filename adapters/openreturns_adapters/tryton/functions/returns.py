"""What a complaint, its return sale and its return shipments say of a return."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from openreturns.mapping import Environment

from openreturns_adapters.tryton.functions import shared
from openreturns_adapters.tryton.functions.shared import Record

__all__ = [
    "Line",
    "action",
    "asked",
    "authorization",
    "by_line",
    "correlation",
    "currency",
    "customer_id",
    "customer_name",
    "description",
    "document_id",
    "goods",
    "head",
    "issued_at",
    "lines",
    "number",
    "one_origin",
    "origin",
    "origin_model",
    "original_line",
    "price",
    "receipt_id",
    "refs",
    "replacement",
    "requested",
    "requested_at",
    "return_type",
    "revision",
    "source_id",
    "status",
    "warehouse",
]

_ACTIONS = {"sale.sale": "sale_return", "account.invoice": "credit_note"}
_KINDS = {"sale.sale": "sales_order", "account.invoice": "invoice"}

# ---------------------------------------------------------------- identity


def head(record: Record) -> Record:
    """Return the complaint; for what another ERP announced, which has none, what its first shipment says."""
    found: Record | None = record.get("complaint")
    if found is not None:
        return found
    if not record["shipments"]:
        raise ValueError("there is neither a complaint nor a shipment")
    first = record["shipments"][0]
    reference, _, _ = (first.get("reference") or "").partition("/")
    known = {name: first[name] for name in ("id", "customer", "create_date")}
    return {**known, "reference": reference, "state": "done", "currency": "XXX", "actions": []}


def customer_id(record: Record, env: Environment) -> str:
    """Return the customer's code."""
    return str(head(record)["customer"]["code"])


def customer_name(record: Record, env: Environment) -> str | None:
    """Return the customer's name."""
    name = head(record)["customer"].get("name")
    return str(name) if name else None


def requested_at(record: Record, env: Environment) -> str:
    """Return when the complaint was made."""
    return str(head(record)["create_date"])


def number(record: Record, env: Environment) -> str:
    """Return the RMA number: our reference, else the server's number, else the record id."""
    complaint = head(record)
    return str(complaint.get("reference") or complaint.get("number") or complaint["id"])


def document_id(record: Record, env: Environment) -> str:
    """Return an id of the return made from the complaint's."""
    kind = "complaint" if "complaint" in record else "shipment"
    return f"tryton-{kind}-{head(record)['id']}"


def source_id(record: Record, env: Environment) -> str:
    """Return the complaint's record id."""
    return str(head(record)["id"])


def correlation(record: Record, env: Environment) -> str:
    """Return the caller's correlation id, else the RMA number."""
    return shared.correlation(number(record, env), env)


_COMPLAINT = ("draft", "waiting", "approved", "done", "rejected", "cancelled")
_SALE = ("draft", "quotation", "confirmed", "processing", "done", "cancelled")
_SHIPMENT = ("draft", "received", "done", "cancelled")
_INVOICE = ("draft", "validated", "posted", "paid", "cancelled")


def _rank(states: tuple[str, ...], record: Record | None) -> int:
    return states.index(record["state"]) + 1 if record and record["state"] in states else 0


def _invoices(record: Record) -> list[Record]:
    note = record.get("credit_note")
    return [*((record.get("sale") or {}).get("invoices") or ()), *([note] if note else [])]


def revision(record: Record, env: Environment) -> int:
    """Return a number that grows with every step the records take; Tryton counts no revisions."""
    steps = _rank(_COMPLAINT, head(record)) + _rank(_SALE, record.get("sale"))
    steps += sum(_rank(_SHIPMENT, one) for one in record["shipments"])
    return steps + sum(_rank(_INVOICE, one) for one in _invoices(record)) or 1


def issued_at(record: Record, env: Environment) -> str:
    """Return when any of the records last changed; a record's write date is null until it first changes."""
    records = [head(record), record.get("sale") or {}, *record["shipments"], *_invoices(record)]
    return shared.latest(one.get(name) for one in records for name in ("create_date", "write_date"))


# ---------------------------------------------------------------- lines


Line = dict[str, Any]


def _actions(record: Record) -> list[Record]:
    found: list[Record] = head(record)["actions"]
    return found


def _complained(record: Record) -> list[Record]:
    return [
        line
        for action in _actions(record)
        for line in [*(action.get("sale_lines") or ()), *(action.get("invoice_lines") or ())]
    ]


_LINES = ("line", "subtotal", "title", "comment")


def goods(record: Record) -> list[Record]:
    """Return the lines of the return sale that come back, in the order they were made."""
    found = []
    for one in (record.get("sale") or {}).get("lines") or ():
        if one["type"] not in _LINES:
            raise ValueError(f"{one['type']!r} is no line of a sale that is known: {', '.join(_LINES)}")
        if one["type"] == "line" and (one.get("quantity") or 0) < 0:
            found.append(one)
    return found


_is_told = re.compile(r"(?P<line>[^:\s]+): (?P<sku>.*?), (?P<reason>[a-z_]+)").fullmatch


def asked(record: Record, env: Environment) -> list[Line]:
    """Return the lines of the return: what was complained about, and the line of the return sale made of it.

    A complaint copies its lines to the return sale in order. The description that the adapter writes has the ids
    and reasons; a complaint made by a person has neither, and its lines go by the original line's id.
    """
    told = [found for found in map(_is_told, (head(record).get("description") or "").splitlines()) if found]
    sold = goods(record)
    complained = _complained(record)
    if not complained:
        return [
            _line({**one, "quantity": -one["quantity"]}, one["product"], one["unit"], one, None) for one in sold
        ] or (_expected(record))
    found = []
    for place, one in enumerate(complained):
        original = one["line"]
        mine = sold[place] if place < len(sold) and sold[place].get("product") == original["product"] else None
        words = told[place] if place < len(told) and told[place]["sku"] == original["product"]["code"] else None
        found.append(_line(one, original["product"], original["unit"], mine, words))
    return found


def _expected(record: Record) -> list[Line]:
    """Return the lines of what was announced: one for each move of the first shipment, by its place."""
    moves = (
        sorted(record["shipments"][0]["incoming_moves"], key=lambda move: int(move["id"]))
        if record["shipments"]
        else []
    )
    lines = []
    for place, move in enumerate(moves, 1):
        line = _line(move, move["product"], move["unit"], None, None)
        lines.append({**line, "id": str(place), "lot": move.get("lot")})
    return lines


def _line(one: Record, product: Record, unit: Record, sold: Record | None, words: re.Match[str] | None) -> Line:
    original = one.get("line") or {}
    price = next((p for p in (one.get("unit_price"), original.get("unit_price")) if p is not None), None)
    wanted = one.get("quantity")
    if wanted is None and sold:
        wanted = -sold["quantity"]
    return {
        "id": words["line"] if words else str(original.get("id") or one["id"]),
        "product": product,
        "unit": unit,
        "quantity": wanted or Decimal(0),
        "price": price,
        "original": original.get("id"),
        "sold": sold["id"] if sold else None,
        "reason": words["reason"] if words else "",
    }


def by_line(line: Line, shipment: Record) -> Iterator[Record]:
    """Yield the incoming moves of a shipment that are for a line: by the sale's line, else by the product."""
    for move in shipment["incoming_moves"]:
        origin = move.get("origin") or ""
        if origin == f"sale.line,{line['sold']}" or (not origin and move["product"] == line["product"]):
            yield move


def lines(record: Record, env: Environment) -> list[Record]:
    """Return the return's lines with what was received on them."""
    return [_canonical(line, record, env) for line in asked(record, env)]


def _canonical(line: Line, record: Record, env: Environment) -> Record:
    wanted = shared.quantity(line["quantity"], line["unit"], env)
    receipts = [*_receipts(line, record, env)]
    found: Record = {
        "lineId": line["id"],
        "item": shared.item(line["product"], line.get("lot")),
        "requested": wanted,
        "reason": _reason(line),
    }
    if head(record)["state"] in {"approved", "done"}:
        found["authorized"] = found["expected"] = wanted
    if line["price"] is not None:
        found["unitPrice"] = {"amount": shared.price(line["price"]), "currency": currency(record, env)}
    if receipts:
        total = sum((Decimal(one["quantity"]["value"]) for one in receipts), Decimal(0))
        if total > Decimal(wanted["value"]):
            receipts[-1]["discrepancy"] = "over"
        found["received"] = {**wanted, "value": f"{total:f}"}
        found["receipts"] = receipts
    if line["original"] and head(record).get("origin"):
        model = head(record).get("origin_model", "sale.sale")
        name = "originalOrder" if model == "sale.sale" else "originalInvoice"
        ref = {"type": _KINDS[model], "id": head(record)["origin"], "lineId": str(line["original"])}
        found[name] = ref
    return found


def _reason(line: Line) -> Record:
    return {"code": line["reason"]} if line["reason"] else {"code": "other", "note": "not reported"}


def _receipts(line: Line, record: Record, env: Environment) -> Iterator[Record]:
    for shipment in record["shipments"]:
        if shipment["state"] not in {"received", "done"}:
            continue
        moves = [move for move in by_line(line, shipment) if shared.is_done(move)]
        if not moves:
            continue
        total = sum((shared.quantised(move["quantity"], move["unit"]) for move in moves), Decimal(0))
        lots = {move["lot"]["number"]: move["lot"] for move in moves if move.get("lot")}
        yield {
            "receiptId": receipt_id(shipment),
            "quantity": shared.quantity(total, moves[0]["unit"], env),
            "receivedAt": shared.latest(move.get("write_date") or move["create_date"] for move in moves),
            "location": {"id": shipment["warehouse"]["code"]},
            "item": shared.item(line["product"], next(iter(lots.values())) if len(lots) == 1 else None),
        }


def receipt_id(shipment: Record) -> str:
    """Return the id of the delivery that a shipment received: what stands behind the RMA number, else its number."""
    _, slash, receipt = (shipment.get("reference") or "").rpartition("/")
    return receipt if slash and receipt else f"tryton-shipment-{shipment.get('number') or shipment['id']}"


# ---------------------------------------------------------------- status


def status(record: Record, env: Environment) -> str:
    """Return the status: that of the complaint until goods move, then what shipments and credit notes say."""
    state = head(record)["state"]
    early = {"draft": "requested", "waiting": "requested", "rejected": "declined", "cancelled": "cancelled"}
    if state in early:
        return early[state]
    credits = _invoices(record)
    credited = [one for one in credits if one["state"] in {"posted", "paid"}]
    shipments = [one for one in record["shipments"] if one["state"] != "cancelled"]
    if not shipments:
        if (record["shipments"] and not credited) or (record.get("sale") or {}).get("state") == "cancelled":
            return "cancelled"
        return "credited" if credited else "authorized"
    arrived = [one for one in shipments if one["state"] in {"received", "done"}]
    if not arrived:
        return "authorized"
    if len(arrived) < len(shipments):
        return "partially_received"
    if any(one["state"] == "received" for one in arrived):
        return "received"
    return "credited" if credited and len(credited) == len(credits) else "dispositioned"


def return_type(record: Record, env: Environment) -> str:
    """Return the type: a credit without goods, an exchange where goods are sent in the same sale, else a credit."""
    kinds = {action["action"] for action in _actions(record)}
    strange = kinds - {*_ACTIONS.values(), None}
    if strange:
        raise ValueError(f"{', '.join(sorted(strange))} is no action that is known: {', '.join(_ACTIONS.values())}")
    if "credit_note" in kinds:
        return "credit_only"
    lines = (record.get("sale") or {}).get("lines") or ()
    return "exchange" if any((one.get("quantity") or 0) > 0 for one in lines) else "credit"


def authorization(record: Record, env: Environment) -> Record:
    """Return the decision, and who took it when, by the record log."""
    complaint = head(record)
    decision = {"approved": "authorized", "done": "authorized", "rejected": "declined"}.get(complaint["state"])
    found: Record = {"number": number(record, env), "decision": decision or "pending"}
    if decision == "declined":
        found["declineReason"] = "rejected in Tryton"
    wanted = "state:approved" if decision == "authorized" else "state:rejected"
    taken = [one for one in record.get("log") or () if one["event"] == "transition" and one["target"] == wanted]
    if decision and taken:
        found["decidedAt"] = taken[-1]["create_date"]
        by = taken[-1].get("user") or (complaint.get("approved_by") or {}).get("rec_name")
        found |= {"decidedBy": by} if by else {}
    return found


def currency(record: Record, env: Environment) -> str:
    """Return the currency of what was sold."""
    return str(head(record)["currency"])


def refs(record: Record, env: Environment) -> list[Record] | None:
    """Return the sale or invoice that the return is about."""
    complaint = head(record)
    if not complaint.get("origin"):
        return None
    return [{"type": _KINDS[complaint.get("origin_model", "sale.sale")], "id": complaint["origin"]}]


def warehouse(record: Record, env: Environment) -> str | None:
    """Return the warehouse that the goods come to, once there is a shipment."""
    return next((one["warehouse"]["code"] for one in record["shipments"]), None)


# ---------------------------------------------------------------- written


def _original(line: Record, document: Record) -> Record | None:
    name = "originalInvoice" if document["type"] == "credit_only" else "originalOrder"
    found: Record | None = line.get(name)
    return found


def origin_model(document: Record, env: Environment) -> str:
    """Return what the complaint is about: an invoice for a credit without goods, else the sale."""
    return "account.invoice" if document["type"] == "credit_only" else "sale.sale"


def action(document: Record, env: Environment) -> str:
    """Return what the complaint leads to."""
    return _ACTIONS[origin_model(document, env)]


def origin(document: Record, env: Environment) -> str:
    """Return the number of the one sale or invoice that all lines were sold on."""
    kind = _KINDS[origin_model(document, env)]
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
    """Return what is sent instead, in the same sale."""
    wanted = line.get("replacement")
    if wanted is None:
        return None
    for name in wanted["item"].keys() - {"sku"}:
        env.lose("a product is known by its code", below=f"/replacement/item/{name}")
    if "order" in wanted:
        env.lose("the replacement is a line of the return sale", below="/replacement/order")
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
