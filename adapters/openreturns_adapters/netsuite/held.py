"""What NetSuite holds: on which of its lines ours are, and what has to be the same when it is read back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

__all__ = ["is_ahead_of_goods", "on_lines_of", "said"]

_LINES = {"item": ("quantity", "amount", "rate"), "inventory": ("adjustQtyBy",)}


def on_lines_of(rma: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record made from an RMA with the RMA's own numbers of our lines.

    NetSuite numbers the lines of an RMA as they come, and keeps our line ids beside; a record of goods on the
    wrong line would be taken without a word. Lines that others made go by NetSuite's number already.
    """
    numbers = {str(line.get("custcol_openreturns_line", line["line"])): line["line"] for line in rma["item"]["items"]}
    items = [
        {**line, "orderLine": numbers.get(str(line["orderLine"]), line["orderLine"])} if "orderLine" in line else line
        for line in record["item"]["items"]
    ]
    return {**record, "item": {**record["item"], "items": items}}


def is_ahead_of_goods(rma: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Say whether a credit is of more units of a line of the RMA than were received."""
    came = {line["line"]: line.get("quantityReceived", 0) for line in rma["item"]["items"]}
    lines = on_lines_of(rma, record)["item"]["items"]
    return any(line["quantity"] > came.get(line["orderLine"], 0) for line in lines if "orderLine" in line)


def said(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a record, sent or held, that must be alike.

    Items are left out: they are sent by their external ids and held by internal ones. A receipt holds the lines
    it received only; what is sent as not received has no quantity here.
    """
    facts: dict[str, Any] = {"externalId": record.get("externalId")}
    for sublist, names in _LINES.items():
        lines = (record.get(sublist) or {}).get("items") or []
        rows = [_line(line, names) for line in lines if line.get("itemReceive", True)]
        if lines:
            facts[sublist] = sorted(rows, key=str)
    return facts


def _line(line: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    row: dict[str, Any] = {"line": str(line.get("custcol_openreturns_line", ""))}
    for name in names:
        value = line.get(name)
        if value is not None:
            row[name] = Decimal(value).normalize()
    return row
