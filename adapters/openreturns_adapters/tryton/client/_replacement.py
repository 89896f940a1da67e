"""What is sent instead of goods that come back: a sale of its own, which Tryton ships and invoices like any other."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from openreturns.errors import Problem
from openreturns.idempotency import Outcome
from openreturns.readback import proven

from openreturns_adapters.tryton.client._desk import Desk, refused
from openreturns_adapters.tryton.client._rpc import Call
from openreturns_adapters.tryton.client._wire import amount
from openreturns_adapters.tryton.functions.lines import replacement_number, sold
from openreturns_adapters.tryton.functions.returns import stage

__all__ = ["Replacements", "process"]

Record = dict[str, Any]
_SALE = "sale.sale"
_PARTIES = ("party", "invoice_address", "shipment_address", "payment_term", "currency", "company", "warehouse")


def process(desk: Desk, how: Call, sale: int) -> None:
    """Bring a sale to where its shipments and invoices are made."""
    desk.press(how, _SALE, "quote", sale, {"quotation", "confirmed", "processing", "done"})
    desk.press(how, _SALE, "confirm", sale, {"confirmed", "processing", "done"})
    desk.press(how, _SALE, "process", sale, {"processing", "done"})


class Replacements:
    """The sales of what is sent instead, of one database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def order(self, number: str, line_id: str, wanted: Record, how: Call) -> Outcome:
        """Sell what is sent instead of a line, to the party and at the price of the return sale."""
        reference = replacement_number(number, line_id)

        def found() -> int | None:
            rows = self._desk.rpc.search(how, _SALE, [["reference", "=", reference], ["state", "!=", "cancelled"]], [])
            return int(rows[0]["id"]) if rows else None

        sale = found() or self._desk.make(how, _SALE, self._values(number, line_id, wanted, how), found)
        process(self._desk, how, sale)
        made = self._desk.rpc.read(how, _SALE, sale, "number", "lines")
        outcome = self._desk.did(how, "replacement_order", made["number"])
        return proven(outcome, lambda _: self._as_ordered(made["lines"], wanted, how))

    def _values(self, number: str, line_id: str, wanted: Record, how: Call) -> Record:
        """Return the values of a new sale."""
        rma = self._desk.records.rma(number)
        line = sold(rma).get(line_id)
        if not line or stage(rma) in {"requested", "declined", "cancelled"}:
            raise refused("business_rule", f"line {line_id} is on no return that was agreed to", "/sale")
        came = self._desk.rpc.read(how, "sale.line", line, "unit_price", "taxes")
        parties = self._desk.rpc.read(how, _SALE, rma["sale"]["id"], *_PARTIES)
        records = self._desk.records
        goods = {
            "type": "line",
            "product": records.product(wanted),
            "unit": records.unit(wanted),
            "quantity": wanted["quantity"],
            "unit_price": amount(came["unit_price"]),
            "taxes": [["add", came["taxes"]]],
        }
        return {
            **{name: parties[name] for name in _PARTIES},
            "origin": f"sale.complaint,{rma['complaint']['id']}",
            "reference": replacement_number(number, line_id),
            "lines": [["create", [goods]]],
        }

    def _as_ordered(self, lines: Sequence[int], wanted: Record, how: Call) -> Sequence[Problem]:
        """Compare the sale with what was to be sent."""
        records = self._desk.records
        rows = self._desk.rpc.call(how, "sale.line", "read", list(lines), ["product", "unit", "quantity"])
        held = [(row["product"], row["unit"], Decimal(row["quantity"])) for row in rows]
        if held == [(records.product(wanted), records.unit(wanted), Decimal(wanted["quantity"]))]:
            return []
        return [Problem("not_as_sent", "the sale does not hold what was to be sent", native="/lines")]
