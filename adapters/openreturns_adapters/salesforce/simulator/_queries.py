"""Queries run: rows chosen, shown as records, and handed out page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openreturns_adapters.salesforce.simulator._errors import Refused
from openreturns_adapters.salesforce.simulator._ids import key, new_id
from openreturns_adapters.salesforce.simulator._metadata import Field, SObject
from openreturns_adapters.salesforce.simulator._org import Org
from openreturns_adapters.salesforce.simulator._soql import Path, Query, Row, in_order, parse_query
from openreturns_adapters.salesforce.simulator._values import shown

__all__ = ["Queries", "record_json"]

_OPEN = 10  # so many results may be open, the oldest is forgotten first


def record_json(known: SObject, record: Row, names: Sequence[str], base: str) -> dict[str, Any]:
    """Return a record as the API shows it."""
    return {
        "attributes": {"type": known.name, "url": f"{base}/sobjects/{known.name}/{record['Id']}"},
        **{name: shown(known.fields[name], record[name]) for name in names},
    }


@dataclass(frozen=True)
class _Open:
    """The rest of a result, as it was when it was asked for."""

    records: list[dict[str, Any]]
    size: int


class Queries:
    """What is asked of an org, and the results of which not all pages were fetched."""

    def __init__(self, org: Org, page_size: int) -> None:
        self._org = org
        self._page_size = page_size
        self._open: dict[str, _Open] = {}
        self._count = 0

    def ask(self, text: str, base: str, size: int | None, *, deleted: bool) -> dict[str, Any]:
        """Return the first page of a query's result."""
        query = parse_query(text, self._org.objects, self._org.now())
        rows = self._rows(query, self._org.records(query.sobject, deleted=deleted), deleted=deleted)
        if query.counting:
            return {"totalSize": len(rows), "done": True, "records": []}
        records = [self._shown(query, row, base, deleted=deleted) for row in rows]
        asked = min(size or self._page_size, self._page_size)
        if len(records) <= asked:
            return {"totalSize": len(records), "done": True, "records": records}
        self._count += 1
        locator = new_id("01g", self._count)
        self._open[locator] = _Open(records, asked)
        while len(self._open) > _OPEN:
            del self._open[next(iter(self._open))]
        return self._page(locator, 0, base)

    def more(self, name: str, base: str) -> dict[str, Any]:
        """Return the page that a `nextRecordsUrl` names. Raises Refused for one never given or forgotten."""
        locator, _, start = name.rpartition("-")
        opened = self._open.get(locator)
        valid = start.isascii() and start.isdecimal() and len(start) < 10
        if opened is None or not valid or not 0 < int(start) < len(opened.records):
            raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(locator, int(start), base)

    def _page(self, locator: str, start: int, base: str) -> dict[str, Any]:
        opened = self._open[locator]
        end = start + opened.size
        page: dict[str, Any] = {"totalSize": len(opened.records), "done": end >= len(opened.records)}
        if not page["done"]:
            page["nextRecordsUrl"] = f"{base}/query/{locator}-{end}"
        return {**page, "records": opened.records[start:end]}

    def _rows(self, query: Query, rows: Sequence[Row], *, deleted: bool) -> list[Row]:
        if query.where is not None:
            rows = [row for row in rows if query.where(row, self._parent)]
        rows = in_order(rows, query.order, self._parent)
        end = None if query.limit is None else query.offset + query.limit
        return list(rows[query.offset : end])

    def _parent(self, field: Field, row: Row) -> Row | None:
        target = self._org.objects.get(field.to[0])
        return self._org.find(target, row[field.name]) if target and row[field.name] else None

    def _shown(self, query: Query, row: Row, base: str, *, deleted: bool) -> dict[str, Any]:
        known = query.sobject
        record = record_json(known, row, [], base)
        for path in query.fields:
            self._put(record, path, row, base)
        for name, inner in query.inner:
            record[name] = self._inner(inner, row, base, deleted=deleted)
        return record

    def _put(self, record: dict[str, Any], path: Path, row: Row, base: str) -> None:
        at: dict[str, Any] = record
        found: Row | None = row
        for step in path.parents:
            found = self._parent(step, found) if found is not None else None
            if found is None:
                at.setdefault(step.parent, None)
                return
            known = self._org.objects[step.to[0]]
            at = at.setdefault(step.parent, record_json(known, found, [], base))
        if found is not None:
            at[path.field.name] = shown(path.field, found[path.field.name])

    def _inner(self, query: Query, parent: Row, base: str, *, deleted: bool) -> Mapping[str, Any] | None:
        link = query.link.name if query.link else ""
        mine = [
            row
            for row in self._org.records(query.sobject, deleted=deleted)
            if row[link] and key(row[link]) == key(parent["Id"])
        ]
        rows = self._rows(query, mine, deleted=deleted)
        if not rows:
            return None
        shown_rows = [self._shown(query, row, base, deleted=deleted) for row in rows]
        return {"totalSize": len(shown_rows), "done": True, "records": shown_rows}
