"""One demo return as all its documents, with the ERP's ids, under any number: what the ERP's verbs are given."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from openreturns import Adjustment, Credit, Disposition, Return, adapter
from openreturns.flow import adjustments_of, credit_of, match_lines

DEMO = Path(__file__).parents[2] / "docs" / "demo"
NAME = "two-cartons-short-one-damaged"
CUSTOMER, ORDER = "1042", "85003"  # the simulated account's internal ids of that order's customer and of itself


@cache
def _read() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    shipbob = adapter("shipbob", tomllib.loads((DEMO / "tenant.toml").read_text("utf-8"))["shipbob"])
    data = (DEMO / "shipbob-returns" / f"{NAME}.json").read_bytes()
    seen, decided = (shipbob.read("return", data, to).document for to in ("return", "disposition"))
    assert isinstance(seen, Return)
    assert isinstance(decided, Disposition)
    order = json.loads((DEMO / "orders.json").read_text("utf-8"))[seen.number]
    numbers = {line: entry["invoiceLine"] for line, entry in order["lines"].items()}
    return match_lines(seen, numbers).to_dict(), match_lines(decided, numbers).to_dict(), order


def returned(number: int) -> Return:
    """The authorised return, received in one delivery."""
    data, _, order = json.loads(json.dumps(_read()))
    entries = {entry["invoiceLine"]: entry for entry in order["lines"].values()}
    data |= {"number": f"RMA-{number:06}", "status": "authorized", "currency": order["currency"]}
    data |= {"customer": {"id": CUSTOMER}, "refs": [{"type": "sales_order", "id": ORDER}]}
    data["meta"] |= {"sourceSystem": "netsuite", "documentId": f"return-{number}"}
    del data["history"]
    for line in data["lines"]:
        entry = entries[line["lineId"]]
        line["unitPrice"] = {"amount": entry["unitPrice"], "currency": order["currency"]}
        line["originalInvoice"] = {"type": "invoice", **order["invoice"], "lineId": entry["invoiceLine"]}
        for receipt in line.get("receipts", ()):
            receipt["receiptId"] = f"receipt-{number}"
    return Return.model_validate(data)


def decided(number: int) -> Disposition:
    """What was decided about the goods."""
    _, data, _ = json.loads(json.dumps(_read()))
    data["meta"]["documentId"] = f"disposition-{number}"
    data["return"]["id"] = f"RMA-{number:06}"
    return Disposition.model_validate(data)


def moved_out(number: int) -> Adjustment:
    """The stock that leaves."""
    *_, leaving = adjustments_of(decided(number), location="22")
    return leaving


def credited(number: int) -> Credit:
    """The draft credit, issued."""
    credit = credit_of(returned(number), decided(number), seller="MAIN", issue_date="2026-10-06")
    assert credit is not None
    return credit
