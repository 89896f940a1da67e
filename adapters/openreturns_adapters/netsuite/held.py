"""What a NetSuite record says that has to be the same when it is read back: whose, which goods, how many, how much."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

__all__ = ["said"]

_LINES = {"item": ("quantity", "amount"), "inventory": ("adjustQtyBy",)}


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
