"""The lines of a return: what was complained about and sold back, what came, what is sent instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from openreturns.mapping import Environment

from openreturns_adapters.tryton.functions import shared
from openreturns_adapters.tryton.functions.returns import KINDS, actions, currency, head, number
from openreturns_adapters.tryton.functions.shared import Record

__all__ = ["Line", "asked", "by_line", "is_replacement", "lines", "receipt_id", "replacement_number", "sold"]

Line = dict[str, Any]


def _complained(record: Record) -> list[Record]:
    return [
        line
        for action in actions(record)
        for line in [*(action.get("sale_lines") or ()), *(action.get("invoice_lines") or ())]
    ]


_LINES = ("line", "subtotal", "title", "comment")


def _of_goods(sale: Record) -> Iterator[Record]:
    """Yield the lines of a sale that are goods, in the order they were made."""
    for one in sale.get("lines") or ():
        if one["type"] not in _LINES:
            raise ValueError(f"{one['type']!r} is no line of a sale that is known: {', '.join(_LINES)}")
        if one["type"] == "line":
            yield one


def _returned(record: Record) -> list[Record]:
    """Return the lines of the return sale that come back."""
    return [one for one in _of_goods(record.get("sale") or {}) if (one.get("quantity") or 0) < 0]


_is_told = re.compile(r"(?P<line>[^:\s]+): (?P<sku>.*?), (?P<reason>[a-z_]+)").fullmatch


def asked(record: Record) -> list[Line]:
    """Return the lines of the return: what was complained about, and the line of the return sale made of it.

    A complaint copies its lines to the return sale in order. The description that the adapter writes has the ids
    and reasons; a complaint made by a person has neither, and its lines go by the original line's id.
    """
    told = [found for found in map(_is_told, (head(record).get("description") or "").splitlines()) if found]
    made = _returned(record)
    complained = _complained(record)
    if not complained:
        return [
            _line({**one, "quantity": -one["quantity"]}, one["product"], one["unit"], one, None) for one in made
        ] or (_expected(record))
    found = []
    for place, one in enumerate(complained):
        original = one["line"]
        mine = made[place] if place < len(made) and made[place].get("product") == original["product"] else None
        words = told[place] if place < len(told) and told[place]["sku"] == original["product"]["code"] else None
        found.append(_line(one, original["product"], original["unit"], mine, words))
    return found


def sold(record: Record) -> dict[str, int]:
    """Return the return sale's line of each line of the return that has one."""
    return {line["id"]: line["sold"] for line in asked(record) if line["sold"]}


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
        lines.append({**line, "id": str(place), "lot": move.get("lot"), "move": move["id"]})
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


def by_line(line: Line, shipment: Record, asked: list[Line]) -> Iterator[Record]:
    """Yield the incoming moves of a shipment that are for a line of those asked for, each for one line only."""
    for move in shipment["incoming_moves"]:
        origin = move.get("origin") or ""
        if origin == f"sale.line,{line['sold']}" or (not origin and _unsold(move, asked) is line):
            yield move


def _unsold(move: Record, asked: list[Line]) -> Line | None:
    """Return the line of a move that no sale's line made: made of it, else of its product, with its lot if one has."""
    lot = (move.get("lot") or {}).get("number")
    mine = [line for line in asked if line["product"] == move["product"]]
    own = [line for line in mine if line.get("move") == move["id"]]
    same = [line for line in mine if (line.get("lot") or {}).get("number") == lot]
    return next(iter(own or same or mine), None)


def lines(record: Record, env: Environment) -> list[Record]:
    """Return the return's lines with what was received on them."""
    known = asked(record)
    return [_canonical(line, record, known, env) for line in known]


def _canonical(line: Line, record: Record, known: list[Line], env: Environment) -> Record:
    wanted = shared.quantity(line["quantity"], line["unit"], env)
    receipts = [*_receipts(line, record, known, env)]
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
        ref = {"type": KINDS[model], "id": head(record)["origin"], "lineId": str(line["original"])}
        found[name] = ref
    if sent := _replacement(line["id"], record, env):
        found["replacement"] = sent
    return found


_REPLACEMENT = "/replacement/"


def replacement_number(rma: str, line_id: str) -> str:
    """Return the reference of the sale of what is sent instead of a line."""
    return f"{rma}{_REPLACEMENT}{line_id}"


def is_replacement(reference: str | None) -> bool:
    """Whether a sale that a complaint led to is of what is sent instead, and not the return sale."""
    return _REPLACEMENT in (reference or "")


def _replacement(line_id: str, record: Record, env: Environment) -> Record | None:
    """Return what is sent instead of a line: the sale with its reference, which has one line of goods."""
    wanted = replacement_number(number(record, env), line_id)
    for sale in record.get("replacements") or ():
        goods = [one for one in _of_goods(sale) if one.get("product") and one.get("unit") and one.get("quantity")]
        if goods and sale["reference"] == wanted:
            return {
                "item": shared.item(goods[0]["product"]),
                "quantity": shared.quantity(goods[0]["quantity"], goods[0]["unit"], env),
                "order": {"type": "replacement_order", "id": str(sale.get("number") or sale["id"])},
            }
    return None


def _reason(line: Line) -> Record:
    return {"code": line["reason"]} if line["reason"] else {"code": "other", "note": "not reported"}


def _receipts(line: Line, record: Record, known: list[Line], env: Environment) -> Iterator[Record]:
    for shipment in record["shipments"]:
        if shipment["state"] not in {"received", "done"}:
            continue
        moves = [move for move in by_line(line, shipment, known) if shared.is_done(move)]
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
