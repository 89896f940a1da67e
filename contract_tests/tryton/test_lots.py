"""What came of one product in several lots, announced by another ERP: each move is of one line."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from openreturns import adapter
from openreturns.models import Disposition, Return

TENANT = Path(__file__).with_name("tenant.toml")


def move(number: int, quantity: int, lot: str, to: str, origin: str | None = None) -> dict[str, Any]:
    return {
        "id": number,
        "state": "done",
        "quantity": quantity,
        "effective_date": "2026-11-26",
        "origin": origin,
        "create_date": "2026-11-26T15:41:00Z",
        "write_date": "2026-11-26T15:41:02Z",
        "lot": {"id": number, "number": lot},
        "product": {"id": 1, "code": "P-100"},
        "from_location": {"id": 7, "code": "CUS"},
        "to_location": {"id": 3, "code": to},
        "unit": {"id": 1, "symbol": "u", "digits": 0},
    }


def shipment(number: int, reference: str, *came: tuple[int, int, str]) -> dict[str, Any]:
    return {
        "id": number,
        "number": str(number),
        "reference": reference,
        "state": "done",
        "create_date": "2026-11-26T15:41:00Z",
        "write_date": "2026-11-26T15:41:02Z",
        "customer": {"id": 3, "code": "C-1001", "name": "Bluebonnet Industrial Supply"},
        "warehouse": {"id": 5, "code": "WH"},
        "incoming_moves": [move(one, quantity, lot, "IN") for one, quantity, lot in came],
        "inventory_moves": [move(one + 10, quantity, lot, "STO", f"stock.move,{one}") for one, quantity, lot in came],
    }


@pytest.mark.parametrize(
    ("shipments", "received"),
    [
        ([shipment(1, "RMA-1", (1, 2, "A"), (2, 3, "B"))], ["2", "3"]),
        ([shipment(1, "RMA-1", (1, 2, "A"), (2, 3, "B")), shipment(2, "RMA-1/2", (5, 4, "B"))], ["2", "7"]),
        ([shipment(1, "RMA-1", (1, 2, "A"), (2, 3, "B")), shipment(2, "RMA-1/2", (5, 4, "C"))], ["6", "3"]),
    ],
)
def test_each_move_is_of_one_line(shipments: list[dict[str, Any]], received: list[str]) -> None:
    at = adapter("tryton", tomllib.loads(TENANT.read_text("utf-8"))["tryton"])
    record = {"currency": "USD", "shipments": shipments}
    seen, decided = (at.read("rma", record, to=name).document for name in ("return", "disposition"))
    assert isinstance(seen, Return)
    assert isinstance(decided, Disposition)
    assert [str(line.received and line.received.value) for line in seen.lines] == received
    moves = [one["id"] for each in shipments for one in each["incoming_moves"]]
    assert sorted(int(line.line_id) for line in decided.lines) == moves
