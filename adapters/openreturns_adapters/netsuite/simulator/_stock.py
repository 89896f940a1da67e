"""Stock by item, location, bin, status and lot or serial number, and the details of lines that move it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple

from openreturns_adapters.netsuite.simulator._kinds import KINDS
from openreturns_adapters.netsuite.simulator._problems import Refused, broken, unknown
from openreturns_adapters.netsuite.simulator._store import Line, Record, Ref, Store
from openreturns_adapters.netsuite.simulator._sums import base_units, is_goods

__all__ = ["Move", "Place", "Stock"]

_GOOD = "1"
_NUMBERED = ("lotNumberedInventoryItem", "serializedInventoryItem")
_split = re.compile(r"[,\s]+").split


class Place(NamedTuple):
    """Where goods are and as what: ids, empty where there is none; `number` is the lot's or serial's text."""

    item: str
    location: str
    bin: str
    status: str
    number: str


class Move(NamedTuple):
    """So many units of stock more at a place, or fewer."""

    place: Place
    units: Decimal


class Stock:
    """What is on hand."""

    def __init__(self, store: Store, *, negative: bool) -> None:
        self._store = store
        self._negative = negative
        self._numbers: dict[tuple[str, str], str] = {}
        self._assignments = count(70001)
        self.levels: dict[Place, Decimal] = defaultdict(Decimal)

    def on_hand(self, fits: Callable[[Place], bool]) -> Decimal:
        """Return the units at all places that fit."""
        return sum((units for place, units in self.levels.items() if fits(place)), Decimal(0))

    # --- details ------------------------------------------------------------------------------------------------

    def assign(self, line: Line, units: Decimal, location: Ref, path: str) -> None:
        """Check the detail of a line that moves `units` (in the line's unit; fewer than none: out), and complete it."""
        item = self._store.get(line["item"])
        detail = line.get("inventoryDetail")
        where = f"{path}.inventoryDetail"
        numbered = item.kind.name in _NUMBERED
        factor = base_units(self._store, line, path)
        if detail is None:
            if numbered:
                detail = {"assigned": self._from_text(item, line, units, path)}
            else:
                return
        rows: list[Line] = detail.get("assigned") or []
        if not rows and numbered:
            raise broken("Please configure the inventory detail for this line.", where)
        for place, row in enumerate(rows):
            if len(rows) == 1 and row.get("quantity") is None:
                row["quantity"] = units
            self._row(item, row, units, factor, f"{where}.inventoryAssignment.items[{place}]")
            self._bin(row, location, f"{where}.inventoryAssignment.items[{place}].binNumber")
        if rows and sum((row["quantity"] for row in rows), Decimal(0)) != units:
            text = f"The total inventory detail quantity must be {abs(units).normalize():f}."
            raise broken(text, f"{where}.inventoryAssignment")
        line["inventoryDetail"] = {"quantity": units, "unit": line.get("units"), "location": location, "assigned": rows}

    def _from_text(self, item: Record, line: Line, units: Decimal, path: str) -> list[Line]:
        """Return the assignments that the older field serialNumbers means."""
        texts = [text for text in _split(line.get("serialNumbers") or "") if text]
        if not texts:
            raise broken("Please configure the inventory detail for this line.", f"{path}.inventoryDetail")
        rows: list[Line] = []
        for text in texts:
            if units > 0:
                rows.append({"receiptInventoryNumber": text, "expirationDate": line.get("expirationDate")})
            else:
                found = self._numbers.get((item.id, text))
                if found is None:
                    raise Refused([unknown(text[:100], "serialNumbers", f"{path}.serialNumbers")])
                rows.append({"issueInventoryNumber": Ref("inventoryNumber", found)})
        for row in rows:
            row["quantity"] = units / len(rows)
        return rows

    def _row(self, item: Record, row: Line, units: Decimal, factor: Decimal, path: str) -> None:
        quantity = row.get("quantity")
        if not quantity or (quantity > 0) != (units > 0):
            raise broken("Please enter a valid quantity in the inventory detail.", f"{path}.quantity")
        issued, text = row.get("issueInventoryNumber"), row.get("receiptInventoryNumber")
        if issued is not None and self._store.get(issued).values["item"] != item.ref:
            raise Refused([unknown(issued.id, "issueInventoryNumber", f"{path}.issueInventoryNumber")])
        if item.kind.name in _NUMBERED:
            wanted = "receiptInventoryNumber" if units > 0 else "issueInventoryNumber"
            if not (issued or (text and units > 0)):
                raise broken("Please enter a serial/lot number.", f"{path}.{wanted}")
            if item.kind.name == "serializedInventoryItem" and abs(quantity) * factor != 1:
                raise broken("The quantity of a serial number must be 1.", f"{path}.quantity")
        row.setdefault("inventoryStatus", Ref("inventoryStatus", _GOOD))
        row.setdefault("internalId", next(self._assignments))

    def _bin(self, row: Line, location: Ref, path: str) -> None:
        bin_ = row.get("binNumber")
        if bin_ is not None and self._store.get(bin_).values["location"] != location:
            raise Refused([unknown(bin_.id, "binNumber", path)])

    # --- movements ----------------------------------------------------------------------------------------------

    def moves(self, record: Record) -> list[Move]:
        """Return how a record moves stock."""
        name = record.kind.name
        if name == "inventoryAdjustment":
            return [move for line in record.lines for move in self._of_line(line, line["adjustQtyBy"])]
        sign = {"itemReceipt": 1, "itemFulfillment": -1}.get(name, 0)
        goods = [line for line in record.lines if is_goods(line["item"])] if sign else []
        return [move for line in goods for move in self._of_line(line, sign * line["quantity"])]

    def _of_line(self, line: Line, units: Decimal) -> list[Move]:
        factor = base_units(self._store, line)
        location, item = line["location"].id, line["item"].id
        rows = (line.get("inventoryDetail") or {}).get("assigned")
        if not rows:
            return [Move(Place(item, location, "", _GOOD, ""), units * factor)]
        return [
            Move(
                Place(
                    item,
                    location,
                    row["binNumber"].id if row.get("binNumber") else "",
                    row["inventoryStatus"].id,
                    self._text(row),
                ),
                row["quantity"] * factor,
            )
            for row in rows
        ]

    def _text(self, row: Line) -> str:
        issued = row.get("issueInventoryNumber")
        if issued is not None:
            return str(self._store.get(issued).values["inventoryNumber"])
        return str(row.get("receiptInventoryNumber") or "")

    def check(self, undone: Iterable[Move], done: Iterable[Move]) -> None:
        """Refuse moves that would take more than there is, or put a serial number in stock twice."""
        done = list(done)
        change: dict[Place, Decimal] = defaultdict(Decimal)
        for sign, moves in ((-1, undone), (1, done)):
            for move in moves:
                change[move.place] += sign * move.units
        for place, units in change.items():
            if units < 0 and self.levels.get(place, Decimal(0)) + units < 0 and not self._negative:
                there = max(Decimal(0), self.levels.get(place, Decimal(0)))
                raise broken(f"You only have {there.normalize():f} available. Please enter a different quantity.")
        serials = self._store.records["serializedInventoryItem"]
        for place in {move.place for move in done if move.place.item in serials and move.units > 0}:
            same = [one for one in {*self.levels, *change} if (one.item, one.number) == (place.item, place.number)]
            if sum((self.levels.get(one, Decimal(0)) + change.get(one, Decimal(0)) for one in same), Decimal(0)) > 1:
                raise broken(f"The serial number {place.number} is already in stock.")

    def apply(self, undone: Iterable[Move], done: Iterable[Move]) -> None:
        """Move the goods."""
        for sign, moves in ((-1, undone), (1, done)):
            for move in moves:
                self.levels[move.place] += sign * move.units
                if not self.levels[move.place]:
                    del self.levels[move.place]

    def known(self, item: str, text: str) -> str:
        """Return the id of the record of an item's lot or serial number, or nothing."""
        return self._numbers.get((item, text), "")

    def name_numbers(self, record: Record) -> None:
        """Give lots and serial numbers that came in for the first time a record of their own."""
        for line in record.lines:
            for row in (line.get("inventoryDetail") or {}).get("assigned", ()):
                text = row.get("receiptInventoryNumber")
                if text and row["quantity"] > 0:
                    self.number(line["item"], text, row.get("expirationDate"))

    def number(self, item: Ref, text: str, expires: str | None = None, id: str = "") -> Ref:
        """Return the record of a lot or serial number, made if there is none."""
        known = self._numbers.get((item.id, text))
        if known is None:
            kind = KINDS["inventoryNumber"]
            values: dict[str, Any] = {"inventoryNumber": text, "item": item, "expirationDate": expires}
            record = Record(kind, id or self._store.new_id(kind), values)
            self._store.put(record)
            known = self._numbers[item.id, text] = record.id
        return Ref("inventoryNumber", known)
