"""Records as they are answered: references with names, enumerations with labels, lists expanded or as links."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from openreturns_adapters.netsuite.simulator._derived import billed, derived, moved, open_quantity
from openreturns_adapters.netsuite.simulator._kinds import ASSIGNMENT, DETAIL, ENUMS, Field, Fields
from openreturns_adapters.netsuite.simulator._store import Line, Record, Store
from openreturns_adapters.netsuite.simulator._sums import is_goods

__all__ = ["View", "double", "facts"]

Json = dict[str, Any]

_PLACES = Decimal("1E-10")
_WIDE = Context(prec=80)


@dataclass(frozen=True)
class View:
    """How a record is asked for. `base` is where the record service is."""

    base: str
    expand: bool = False
    simple_enums: bool = False
    only: Collection[str] = ()

    def url(self, record: Record) -> str:
        """Return a record's address."""
        return f"{self.base}/{record.kind.name}/{record.id}"

    def stub(self, record: Record) -> Json:
        """Return a record as lists have it: its link and its id."""
        return {"links": [{"rel": "self", "href": self.url(record)}], "id": record.id}

    def record(self, store: Store, record: Record) -> Json:
        """Return a record."""
        shown: Json = {"links": [{"rel": "self", "href": self.url(record)}]}
        shown |= self._fields(store, record.kind.fields, facts(store, record))
        lines = _lines(store, record)
        for name, fields in record.kind.lists.items():
            rows = [self._fields(store, fields, line) for line in lines.get(name, [])]
            shown[name] = self._list(f"{self.url(record)}/{name}", rows)
        if self.only:
            wanted = {name.lower() for name in self.only} | {"links", "id"}
            shown = {name: value for name, value in shown.items() if name.lower() in wanted}
        return shown

    def _list(self, url: str, rows: list[Json]) -> Json:
        links = [{"rel": "self", "href": url}]
        if not self.expand:
            return {"links": links}
        count = len(rows)
        return {"links": links, "count": count, "hasMore": False, "offset": 0, "totalResults": count, "items": rows}

    def _fields(self, store: Store, fields: Fields, values: Mapping[str, Any]) -> Json:
        shown: Json = {}
        for name, value in values.items():
            if value is None:
                continue
            known = fields.get(name)
            if known is not None:
                shown[name] = self._value(store, known, value)
            elif name.startswith("cust"):
                shown[name] = value
        return shown

    def _value(self, store: Store, known: Field, value: Any) -> Any:  # noqa: ANN401 - any kind of value
        if known.holds == "ref":
            record = store.get(value)
            return {
                "links": [{"rel": "self", "href": self.url(record)}],
                "id": record.id,
                **({"externalId": record.external} if record.external else {}),
                "refName": record.name,
            }
        if known.holds == "enum":
            return value if self.simple_enums else {"id": value, "refName": ENUMS[known.of[0]].get(value, value)}
        if known.holds == "detail":
            detail = self._fields(store, DETAIL, value)
            rows = [self._fields(store, ASSIGNMENT, row) for row in value["assigned"]]
            return {**detail, "inventoryAssignment": self._list(f"{self.base}/inventoryDetail", rows)}
        return double(value) if isinstance(value, Decimal) else value


def double(value: Decimal) -> Decimal:
    """Return a number as the vendor writes doubles: at least one decimal, no more than it needs, same value."""
    short = value.quantize(_PLACES, context=_WIDE).normalize(_WIDE)
    whole = int(short.as_tuple().exponent) >= 0
    return short.quantize(Decimal("0.1"), context=_WIDE) if whole else short


def facts(store: Store, record: Record) -> Json:
    """Return every field of a record's head, those that are worked out included."""
    head = {
        "id": record.id,
        "externalId": record.external or None,
        "refName": record.name,
        "createdDate": record.created,
        "lastModifiedDate": record.modified,
    }
    return {**head, **record.values, **derived(store, record)}


def _lines(store: Store, record: Record) -> dict[str, list[Line]]:
    name = record.kind.name
    if name in ("returnAuthorization", "vendorReturnAuthorization"):
        got, paid = moved(store, record), billed(store, record)
        lines = [
            {
                **line,
                "quantityReceived": got.get(line["line"], Decimal(0)),
                "quantityBilled": paid.get(line["line"], Decimal(0)),
                "isOpen": open_quantity(line, got) > 0 or not line.get("isClosed"),
                "inventorylocation": line.get("inventorylocation") or line.get("location"),
                "itemType": "InvtPart" if is_goods(line["item"]) else "OthCharge",
            }
            for line in record.lines
        ]
        return {**record.lists, "item": lines}
    if name in ("itemReceipt", "itemFulfillment"):
        lines = [{**line, "itemReceive": True, "unitsDisplay": _unit(store, line)} for line in record.lines]
        return {**record.lists, "item": lines}
    if "apply" in record.lists:
        return {**record.lists, "apply": [{**line, "apply": True} for line in record.lists["apply"]]}
    return record.lists


def _unit(store: Store, line: Line) -> str:
    kind = store.get(store.get(line["item"]).values["unitsType"])
    return next((str(row["abbreviation"]) for row in kind.lists["uom"] if row["internalId"] == line["units"]), "")
