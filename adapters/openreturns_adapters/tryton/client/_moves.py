"""Stock that is moved from one place to another: internal shipments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from openreturns.errors import Problem
from openreturns.idempotency import Outcome
from openreturns.readback import proven

from openreturns_adapters.tryton.client._desk import Desk
from openreturns_adapters.tryton.client._rpc import Call
from openreturns_adapters.tryton.client._wire import day

__all__ = ["Moves"]

Record = dict[str, Any]


class Moves:
    """The internal shipments of one database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def move(self, record: Record, how: Call) -> Outcome:
        """Make a shipment with its moves, and do it."""
        model = "stock.shipment.internal"
        number = record["reference"]

        def found() -> int | None:
            rows = self._desk.rpc.search(how, model, [["reference", "=", number], ["state", "!=", "cancelled"]], [])
            return int(rows[0]["id"]) if rows else None

        shipment = self._desk.make(how, model, self._internal(record), found)
        self._desk.press(how, model, "wait", shipment, {"waiting", "assigned", "shipped", "done"})
        self._desk.press(how, model, "assign_try", shipment, {"assigned", "shipped", "done"})
        self._desk.press(how, model, "do", shipment, {"done"})
        return proven(self._desk.did(how, "adjustment", shipment), lambda made: self._as_moved(shipment, record))

    def _internal(self, record: Record) -> Record:
        records = self._desk.records
        company = self._desk.rpc.context()["company"]
        moves = [
            {
                "product": records.product(move),
                "unit": records.unit(move),
                "quantity": move["quantity"],
                "lot": records.lot(move),
                "from_location": records.location(move["from_location"]["code"]),
                "to_location": records.location(move["to_location"]["code"]),
                "company": company,
            }
            for move in record["moves"]
        ]
        return {
            "company": company,
            "reference": record["reference"],
            "effective_date": day(record["effective_date"]),
            "from_location": records.location(record["from_location"]["code"]),
            "to_location": records.location(record["to_location"]["code"]),
            "moves": [["create", moves]],
        }

    def _as_moved(self, shipment: int, record: Record) -> Sequence[Problem]:
        held = self._desk.records.internal(shipment)
        if sorted(map(_move, held["moves"])) == sorted(map(_move, record["moves"])):
            return []
        return [Problem("not_as_sent", "the shipment does not hold the moves that were sent", native="/moves")]


def _move(move: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    lot = (move.get("lot") or {}).get("number", "")
    quantity = f"{Decimal(move['quantity']).normalize():f}"
    return move["product"]["code"], lot, quantity, move["from_location"]["code"], move["to_location"]["code"]
