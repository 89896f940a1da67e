"""What can be done with records: read, listed, made, changed, transformed, deleted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from openreturns.sandbox import Call, Reply

from openreturns_adapters.netsuite.simulator._bodies import Given, Reading
from openreturns_adapters.netsuite.simulator._books import Books
from openreturns_adapters.netsuite.simulator._calls import (
    body,
    choice,
    flag,
    here,
    is_async,
    listed,
    number,
    view,
)
from openreturns_adapters.netsuite.simulator._filters import Dates, filtered
from openreturns_adapters.netsuite.simulator._jobs import Jobs, Task
from openreturns_adapters.netsuite.simulator._kinds import Kind
from openreturns_adapters.netsuite.simulator._problems import Detail, Refused, invalid, parameter
from openreturns_adapters.netsuite.simulator._store import Record

__all__ = ["RESOURCE", "Records", "page"]

RESOURCE = "application/vnd.oracle.resource+json"

_MOST = 100  # records in one call
_id = re.compile(r"[1-9][0-9]{0,17}", re.ASCII).fullmatch


class Records:
    """The record service."""

    def __init__(
        self,
        books: Books,
        jobs: Jobs,
        custom: Mapping[str, str] | None,
        dates: Dates,
        page_size: int,
        *,
        strict_offset: bool,
    ) -> None:
        self.books = books
        self.store = books.store
        self._jobs = jobs
        self._custom = custom
        self._dates = dates
        self._page_size = page_size
        self._strict_offset = strict_offset

    # --- reading ------------------------------------------------------------------------------------------------

    def get(self, kind: Kind) -> Callable[[Call], Reply]:
        """Return the operation that reads a record."""

        def do(call: Call) -> Reply:
            shown = view(call).record(self.store, self._found(kind, call))
            return Reply(200, shown, {"Content-Type": f"{RESOURCE}; type=singular"})

        return do

    def find(self, kind: Kind) -> Callable[[Call], Reply]:
        """Return the operation that lists records."""

        def do(call: Call) -> Reply:
            asked = view(call)
            found = list(self.store.all(kind.name))
            if "ids" in call.query:
                found = [self._named(kind, one, "ids") for one in listed(call, "ids")]
            found = filtered(self.store, kind, found, call.query.get("q", ""), self._dates)
            expand = flag(call, "expandRecords")
            if expand and "ids" not in call.query:
                raise parameter("expandRecords", "The query parameter 'expandRecords' needs 'ids'.")
            show = (lambda one: asked.record(self.store, one)) if expand else asked.stub
            return self.page(call, found, show)

        return do

    def page(self, call: Call, found: list[Any], show: Callable[[Any], Any]) -> Reply:
        """Return the page of a list that a call asks for."""
        limit = number(call, "limit", self._page_size, 1, self._page_size)
        offset = number(call, "offset", 0, 0, self._page_size * 1000)
        if offset % limit and self._strict_offset:
            raise parameter("offset", "The offset must be divisible by the limit.")
        return Reply(200, page(call, found, show, limit, offset), {"Content-Type": f"{RESOURCE}; type=collection"})

    # --- writing ------------------------------------------------------------------------------------------------

    def create(self, kind: Kind) -> Callable[[Call], Reply]:
        """Return the operation that makes a record."""
        return lambda call: self._written(call, self.books.create(kind, self._given(kind, call)))

    def upsert(self, kind: Kind) -> Callable[[Call], Reply]:
        """Return the operation that makes a record under a key of the caller's, or changes the one there is."""

        def do(call: Call) -> Reply:
            key = call.path["externalId"]
            given = self._given(kind, call)
            if given.external not in (None, key):
                raise Refused([Detail("The external ID is not that of the address.", "INVALID_CONTENT", "externalId")])
            old = self.store.find((kind.name,), external=key)
            if old is not None:
                return self._written(call, self.books.update(old, given, self._replaced(kind, call), whole=True))
            given.external = key
            return self._written(call, self.books.create(kind, given))

        return do

    def change(self, kind: Kind) -> Callable[[Call], Reply]:
        """Return the operation that changes some fields of a record."""

        def do(call: Call) -> Reply:
            old = self._found(kind, call)
            given = self._given(kind, call)
            replaced = self._replaced(kind, call)
            if flag(call, "replaceSelectedFields"):
                given.values |= {name: None for name in self._emptied(kind, call) if name not in given.values}
            return self._written(call, self.books.update(old, given, replaced))

        return do

    def delete(self, kind: Kind) -> Callable[[Call], Reply]:
        """Return the operation that deletes a record."""

        def do(call: Call) -> Reply:
            self.books.delete(self._found(kind, call))
            return Reply(204)

        return do

    def many(self, kind: Kind, method: str) -> Callable[[Call], Reply]:
        """Return the operation on many records at once, each a task of its own in a job."""

        def do(call: Call) -> Reply:
            if not is_async(call):
                text = "The operation is supported only asynchronously. Provide Prefer: respond-async."
                raise Refused([Detail(text, "INVALID_HEADER", header="Prefer")])
            if method == "DELETE":
                tasks = [partial(self._delete_one, kind, one) for one in listed(call, "ids")]
            else:
                sent = body(call)
                items = sent.get("items") if isinstance(sent, dict) else None
                if not isinstance(items, list):
                    raise Refused([invalid("items", "items")])
                reading, whole = self.reading(call), method == "PUT"
                tasks = [partial(self._write_one, kind, call, reading, item, whole=whole) for item in items]
            if not 1 <= len(tasks) <= _MOST:
                raise Refused([Detail(f"Provide 1 to {_MOST} records.", "INVALID_CONTENT", "items")])
            return self._jobs.submit(call, [partial(_answered, task) for task in tasks])

        return do

    def _delete_one(self, kind: Kind, named: str) -> Reply:
        self.books.delete(self._named(kind, named))
        return Reply(204)

    def _write_one(self, kind: Kind, call: Call, reading: Reading, item: object, *, whole: bool) -> Reply:
        given = reading.read(kind, item)
        named = str(item.get("id", "")) if isinstance(item, dict) else ""
        replaced = self._replaced(kind, call)
        if not named and not given.external:
            raise Refused([Detail("Provide the id or the externalId of the record.", "INVALID_CONTENT")])
        old = None if named else self.store.find((kind.name,), external=given.external or "")
        if named or (old is None and not whole):
            old = self._named(kind, named or f"eid:{given.external}")
        if old is None:
            return self._written(call, self.books.create(kind, given))
        return self._written(call, self.books.update(old, given, replaced, whole=whole))

    def transform(self, source: Kind, target: Kind) -> Callable[[Call], Reply]:
        """Return the operation that makes a record from another one."""

        def do(call: Call) -> Reply:
            found = self._found(source, call)
            given = self._given(target, call, optional=True)
            given.values.pop("createdFrom", None)
            return self._written(call, self.books.create(target, given, found, self._replaced(target, call)))

        return do

    # --- how ----------------------------------------------------------------------------------------------------

    def reading(self, call: Call) -> Reading:
        """Return how a call wants its body read."""
        names = choice(call, "X-NetSuite-PropertyNameValidation", "Warning") == "Error"
        values = choice(call, "X-NetSuite-PropertyValueValidation", "Error") == "Error"
        return Reading(self.store, names, values, self._custom)

    def _given(self, kind: Kind, call: Call, *, optional: bool = False) -> Given:
        return self.reading(call).read(kind, body(call, optional=optional))

    def _written(self, call: Call, record: Record) -> Reply:
        return Reply(204, None, {"Location": f"{here(call)}/record/v1/{record.kind.name}/{record.id}"})

    def _replaced(self, kind: Kind, call: Call) -> set[str]:
        return {name for word in listed(call, "replace") if (name := kind.list_named(word))}

    def _emptied(self, kind: Kind, call: Call) -> list[str]:
        fields = [kind.fields.find(word) for word in listed(call, "replace")]
        return [one.name for one in fields if one is not None and not one.own]

    def _found(self, kind: Kind, call: Call) -> Record:
        return self._named(kind, call.path["id"])

    def _named(self, kind: Kind, text: str, query: str = "") -> Record:
        """Return the record that an id or `eid:` and an external id names."""
        external = text.removeprefix("eid:") if text.startswith("eid:") else ""
        if not external and not _id(text):
            said = f"Invalid record instance identifier '{text[:100]}'. Provide a valid record instance ID."
            raise Refused([Detail(said, "INVALID_ID", parameter=query)])
        found = self.store.find((kind.name,), "" if external else text, external)
        if found is None:
            said = "The record instance does not exist. Provide a valid record instance ID."
            raise Refused([Detail(said, "NONEXISTENT_ID", parameter=query)], 404)
        return found


def _answered(task: Task) -> Reply:
    """Return what comes of a task, refusals included."""
    try:
        return task()
    except Refused as refused:
        return refused.reply()


def page(call: Call, found: list[Any], show: Callable[[Any], Any], limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a list, with links to the others."""
    shown = found[offset : offset + limit]
    more = offset + limit < len(found)
    url = call.url.partition("?")[0]
    rest = [(name, value) for name, value in call.query.items() if name not in ("limit", "offset")]
    last = (max(0, len(found) - 1) // limit) * limit

    def link(rel: str, at: int) -> dict[str, str]:
        query = urlencode([*rest, ("limit", limit), ("offset", at)])
        return {"rel": rel, "href": f"{url}?{query}"}

    links = [link("self", offset)]
    if more:
        links = [link("next", offset + limit), link("last", last), *links]
    if offset:
        links = [link("first", 0), link("previous", max(0, offset - limit)), *links]
    return {
        "links": links,
        "count": len(shown),
        "hasMore": more,
        "offset": offset,
        "totalResults": len(found),
        "items": [show(one) for one in shown],
    }
