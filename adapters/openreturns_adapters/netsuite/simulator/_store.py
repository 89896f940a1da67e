"""An account's records: by id, by external id, by what they were made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple

from openreturns.sandbox import Clock

from openreturns_adapters.netsuite.simulator._kinds import KINDS, Kind

__all__ = ["Line", "Record", "Ref", "Store"]

Line = dict[str, Any]


class Ref(NamedTuple):
    """A record that another one names."""

    kind: str
    id: str


@dataclass
class Record:
    """One record. Values are text, int, Decimal, bool, a Ref, an enum's word or a line's inventory detail."""

    kind: Kind
    id: str
    values: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[Line]] = field(default_factory=dict)
    external: str = ""
    created: str = ""
    modified: str = ""
    cancelled: bool = False
    """Whether a return was called off, or a credit voided."""

    @property
    def ref(self) -> Ref:
        """The reference to it."""
        return Ref(self.kind.name, self.id)

    @property
    def name(self) -> str:
        """What references to it show."""
        if self.kind.transaction:
            return f"{self.kind.label} #{self.values.get('tranId', self.id)}"
        return str(self.values.get(self.kind.shown_by, self.id))

    @property
    def lines(self) -> list[Line]:
        """The lines of goods."""
        return self.lists.get("inventory" if "inventory" in self.kind.lists else "item", [])

    def line(self, number: object) -> Line | None:
        """Return the line of goods with a number."""
        return next((line for line in self.lines if line["line"] == number), None)


class Store:
    """Everything that is in the account. Ids are one row for all documents, as the vendor has them."""

    def __init__(self, clock: Clock, first_id: int) -> None:
        self.clock = clock
        self.records: dict[str, dict[str, Record]] = {name: {} for name in KINDS}
        self._external: dict[tuple[str, str], str] = {}
        self._made_from: dict[Ref, dict[Ref, None]] = defaultdict(dict)
        self._applied: dict[Ref, dict[Ref, None]] = defaultdict(dict)
        self._ids = count(first_id)
        self._numbers: dict[str, Iterator[int]] = defaultdict(lambda: count(1001))
        self._keys = count(440001)
        self._serial_ids = count(311)

    def new_id(self, kind: Kind) -> str:
        """Return an id nobody has."""
        ids = self._serial_ids if kind.name == "inventoryNumber" else self._ids
        return next(text for number in ids if (text := str(number)) not in self.records[kind.name])

    def new_number(self, kind: Kind) -> int:
        """Return the next number of documents of a kind."""
        return next(self._numbers[kind.name])

    def new_key(self) -> str:
        """Return a key no line has."""
        return str(next(self._keys))

    def get(self, ref: Ref) -> Record:
        """Return the record that is named, which there is."""
        return self.records[ref.kind][ref.id]

    def all(self, *kinds: str) -> Iterator[Record]:
        """Give the records of some kinds, oldest first."""
        return (record for kind in kinds for record in self.records[kind].values())

    def held(self) -> list[dict[str, Any]]:
        """Return every record as plain data, but for the keys that lines get anew with each PUT."""
        return [
            {
                "kind": record.kind.name,
                "external": record.external,
                "cancelled": record.cancelled,
                "values": record.values,
                "lists": {
                    name: [{key: value for key, value in line.items() if key != "lineUniqueKey"} for line in lines]
                    for name, lines in record.lists.items()
                },
            }
            for record in self.all(*self.records)
        ]

    def find(self, kinds: Iterable[str], id: str = "", external: str = "") -> Record | None:
        """Return the record with an id, or an external id."""
        for name in kinds:
            found = id or self._external.get((name, external), "")
            if found in self.records[name]:
                return self.records[name][found]
        return None

    def put(self, record: Record) -> None:
        """Keep a record, in place of the one that was there."""
        old = self.records[record.kind.name].get(record.id)
        if old is not None:
            self._forget(old)
        self.records[record.kind.name][record.id] = record
        if record.external:
            self._external[record.kind.name, record.external] = record.id
        for parent in self._parents(record):
            self._made_from[parent][record.ref] = None
        for paid in self._paid(record):
            self._applied[paid][record.ref] = None
        record.modified = self.clock.text()
        record.created = record.created or (old.created if old else record.modified)

    def remove(self, record: Record) -> None:
        """Forget a record."""
        self._forget(record)
        del self.records[record.kind.name][record.id]

    def _forget(self, record: Record) -> None:
        self._external.pop((record.kind.name, record.external), None)
        for parent in self._parents(record):
            self._made_from[parent].pop(record.ref, None)
        for paid in self._paid(record):
            self._applied[paid].pop(record.ref, None)

    @staticmethod
    def _parents(record: Record) -> list[Ref]:
        made_from = record.values.get("createdFrom")
        return [made_from] if made_from else []

    @staticmethod
    def _paid(record: Record) -> list[Ref]:
        return [line["doc"] for line in record.lists.get("apply", ()) if line.get("doc")]

    def made_from(self, record: Record, *kinds: str) -> list[Record]:
        """Return the records of some kinds (or any) made from a record."""
        return [self.get(ref) for ref in self._made_from.get(record.ref, ()) if not kinds or ref.kind in kinds]

    def applied_to(self, record: Record) -> list[tuple[Record, Decimal]]:
        """Return what is applied to a record: by which others, and how much of each."""
        found = [self.get(ref) for ref in self._applied.get(record.ref, ())]
        return [
            (one, line["amount"])
            for one in found
            if not one.cancelled
            for line in one.lists["apply"]
            if line.get("doc") == record.ref
        ]
