"""Records by object and id, with their unique values, in transactions that leave nothing behind when they fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from openreturns.sandbox import Clock

from openreturns_adapters.salesforce.simulator._errors import not_found
from openreturns_adapters.salesforce.simulator._ids import key, new_id
from openreturns_adapters.salesforce.simulator._metadata import Field, SObject

__all__ = ["Record", "Store"]

Record = dict[str, Any]


class Store:
    """What an org keeps, and who keeps it: `locked` rows, `changes` to be followed, the user that calls."""

    def __init__(self, objects: Mapping[str, SObject], clock: Clock) -> None:
        self.objects = objects
        self.clock = clock
        self.user_id = new_id("005", 1)
        self.locked: dict[str, int] = {}
        self.overlapping: list[tuple[str, str, Record]] = []
        self.changes: list[dict[str, Any]] = []
        self._records: dict[str, dict[str, Record]] = {name: {} for name in objects}
        self._index: dict[tuple[str, str], dict[str, set[str]]] = {
            (known.name, each.name): {} for known in objects.values() for each in _indexed(known)
        }
        self._numbers: dict[str, int] = {}
        self._undo: list[tuple[str, str, Record | None]] = []
        self._depth = 0
        self._moment: datetime | None = None

    def held(self) -> dict[str, list[Record]]:
        """Return every record, by object."""
        return {name: list(rows.values()) for name, rows in self._records.items()}

    def now(self) -> datetime:
        """Return the time; within a transaction it stands still."""
        return self._moment or self.clock.now()

    def sobject(self, name: str) -> SObject:
        """Return an object by name, upper and lower case being one. Raises Refused (404)."""
        found = self.objects.get(name) or next(
            (o for o in self.objects.values() if o.name.lower() == name.lower()), None
        )
        if found is None:
            raise not_found()
        return found

    def records(self, known: SObject, *, deleted: bool = False) -> list[Record]:
        """Return the records of an object in the order of their creation."""
        return [record for record in self._records[known.name].values() if deleted or not record["IsDeleted"]]

    def find(self, known: SObject, record_id: str) -> Record | None:
        """Return a record by id, deleted ones too."""
        return self._records[known.name].get(key(record_id))

    def having(self, known: SObject, field: Field, value: str) -> list[Record]:
        """Return the records with a value in an indexed field; upper and lower case are one."""
        found = self._index[known.name, field.name].get(value.casefold(), ())
        return [self._records[known.name][one] for one in sorted(found)]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Take back what was changed within if it ends in an exception."""
        start, told = len(self._undo), len(self.changes)
        self._depth += 1
        self._moment = self._moment or self.clock.now()
        try:
            yield
        except BaseException:
            while len(self._undo) > start:
                name, record_key, old = self._undo.pop()
                self._replace(self.objects[name], record_key, old)
            del self.changes[told:]
            raise
        finally:
            self._depth -= 1
            if not self._depth:
                self._undo.clear()
                self._moment = None

    def touched(self, now: datetime) -> Record:
        """Return the fields that every change of a record sets."""
        return {"LastModifiedDate": now, "LastModifiedById": self.user_id, "SystemModstamp": now}

    def next_number(self, name: str) -> int:
        """Return the next of a series of numbers."""
        self._numbers[name] = self._numbers.get(name, 0) + 1
        return self._numbers[name]

    def put(self, known: SObject, record: Record) -> None:
        """Keep a record in place of what had its id."""
        record_key = key(record["Id"])
        self._undo.append((known.name, record_key, self._records[known.name].get(record_key)))
        self._replace(known, record_key, record)

    def _replace(self, known: SObject, record_key: str, record: Record | None) -> None:
        old = self._records[known.name].get(record_key)
        for field in _indexed(known):
            index = self._index[known.name, field.name]
            if old is not None and old[field.name] is not None:
                index[old[field.name].casefold()].discard(record_key)
            if record is not None and record[field.name] is not None and not record["IsDeleted"]:
                index.setdefault(record[field.name].casefold(), set()).add(record_key)
        if record is None:
            del self._records[known.name][record_key]
        else:
            self._records[known.name][record_key] = record

    def tell(self, known: SObject, record_id: str, kind: str, changed: Sequence[str], now: datetime) -> None:
        """Note a change for those who follow changes."""
        self.changes.append(
            {
                "entityName": known.name,
                "recordIds": [record_id],
                "changeType": kind,
                "changedFields": [*changed, "LastModifiedDate"] if kind == "UPDATE" else [],
                "commitTimestamp": int(now.timestamp()) * 1000 + now.microsecond // 1000,
                "commitUser": self.user_id,
                "sequenceNumber": 1,
            }
        )


def _indexed(known: SObject) -> list[Field]:
    return [field for field in known.fields.values() if field.external or field.unique]
