"""The tables of the query service: rows of plain values by column, made of the records as they are now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openreturns_adapters.netsuite.simulator._kinds import ITEMS, KINDS, TRANSACTIONS, Fields
from openreturns_adapters.netsuite.simulator._stock import Stock
from openreturns_adapters.netsuite.simulator._store import Record, Ref, Store
from openreturns_adapters.netsuite.simulator._sums import gross
from openreturns_adapters.netsuite.simulator._views import facts

__all__ = ["Row", "Tables", "Value"]

Value = str | Decimal | date | None
Row = dict[str, Value]

_MASTERS = {
    name.lower(): (name,)
    for name, kind in KINDS.items()
    if kind.readable and not kind.transaction and name not in (*ITEMS, "inventoryNumber")
}

_COLUMNS: dict[str, Row] = {
    name: {column.lower(): None for column, field in kind.fields.items() if field.holds != "detail"}
    for name, kind in KINDS.items()
}
_TRANSACTION: Row = {column: None for name in TRANSACTIONS for column in _COLUMNS[name]}
_LINE: Row = {
    column.lower(): None
    for name in TRANSACTIONS
    for lines in ("item", "inventory")
    for column, field in KINDS[name].lists.get(lines, {}).items()
    if field.holds != "detail"
}


class Tables:
    """What can be asked of: `transaction`, `transactionline`, `item`, `inventorybalance`, and the master data."""

    def __init__(self, store: Store, stock: Stock) -> None:
        self._store = store
        self._stock = stock
        self._rows: dict[str, Callable[[], Iterator[Row]]] = {
            "transaction": self._transactions,
            "transactionline": self._lines,
            "item": lambda: self._masters(*ITEMS),
            "inventorynumber": lambda: self._masters("inventoryNumber"),
            "inventorybalance": self._balances,
            **{table: self._maker(kinds) for table, kinds in _MASTERS.items()},
        }

    def rows(self, table: str) -> list[Row] | None:
        """Return the rows of a table, or None if there is none of the name."""
        made = self._rows.get(table)
        return list(made()) if made else None

    def _maker(self, kinds: tuple[str, ...]) -> Callable[[], Iterator[Row]]:
        return lambda: self._masters(*kinds)

    def _masters(self, *kinds: str) -> Iterator[Row]:
        for record in self._store.all(*kinds):
            yield {**_COLUMNS[record.kind.name], "type": record.kind.label, **self._head(record)}

    def _head(self, record: Record) -> Row:
        values = facts(self._store, record)
        return _plain(record.kind.fields, values)

    def _transactions(self) -> Iterator[Row]:
        for record in self._store.all(*TRANSACTIONS):
            total: Any = gross(record) if "total" in record.values else None
            extra: Row = {"type": record.kind.code, "recordtype": record.kind.name.lower(), "foreigntotal": total}
            yield {**_TRANSACTION, **self._head(record), **extra}

    def _lines(self) -> Iterator[Row]:
        for record in self._store.all(*TRANSACTIONS):
            name = "inventory" if "inventory" in record.kind.lists else "item"
            for line in record.lines:
                source: Ref | None = record.values.get("createdFrom")
                yield {
                    **_LINE,
                    **_plain(record.kind.lists[name], line),
                    "transaction": record.id,
                    "id": str(line["line"]),
                    "linesequencenumber": Decimal(line["line"]),
                    "quantity": line.get("quantity", line.get("adjustQtyBy")),
                    "createdfrom": source.id if source else None,
                    "mainline": "F",
                }

    def _balances(self) -> Iterator[Row]:
        for place, units in sorted(self._stock.levels.items()):
            number = self._stock.known(place.item, place.number)
            yield {
                "item": place.item,
                "location": place.location,
                "binnumber": place.bin or None,
                "inventorystatus": place.status,
                "inventorynumber": number or None,
                "quantityonhand": units,
                "quantityavailable": units if place.status == "1" else Decimal(0),
            }


def _plain(fields: Fields, values: dict[str, Any]) -> Row:
    row: Row = {}
    for name, value in values.items():
        known = fields.get(name)
        if known is not None and known.holds != "detail":
            row[name.lower()] = _value(known.holds, value)
        elif name.startswith("cust"):
            row[name.lower()] = value if isinstance(value, str | Decimal) else None if value is None else str(value)
    return row


def _value(holds: str, value: Any) -> Value:  # noqa: ANN401 - any kind of value
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int):
        return Decimal(value)
    if holds == "date" and value:
        return date.fromisoformat(value)
    if holds == "moment" and value:
        return datetime.fromisoformat(value)
    plain: Value = value  # text, a Decimal, or nothing
    return plain
