"""A merchant's account: warehouses, goods, shipments, stock by lot and its movements, returns and their state rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from openreturns.sandbox import Clock

__all__ = ["STATUSES", "Account", "Item", "Line", "Return", "Shipment", "Taken"]

STATUSES = ("AwaitingArrival", "Arrived", "Processing", "Completed", "Cancelled")

# What may follow what. A box found empty is completed without anything being processed.
_NEXT = {
    "": {"AwaitingArrival"},
    "AwaitingArrival": {"Arrived", "Cancelled"},
    "Arrived": {"Processing", "Completed"},
    "Processing": {"Processing", "Completed"},
}

_STOCKED = {"Restock": "Available", "Quarantine": "Quarantined"}  # nothing comes into stock of what is disposed of


@dataclass(frozen=True)
class Item:
    """One inventory number: an item, or an item's packing."""

    id: int
    sku: str
    name: str
    barcode: str = ""
    lots: Mapping[str, str] = field(default_factory=dict)
    shelf_life: int | None = None


@dataclass(frozen=True)
class Shipment:
    """What went out to a customer."""

    id: int
    order: str
    customer: str
    center: int
    tracking: str
    goods: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Taken:
    """What the warehouse did with some units of a line."""

    action: str
    quantity: int
    reason: str | None = None
    image: str | None = None


@dataclass
class Line:
    """One inventory number of a return: announced, and what was done."""

    item: int
    quantity: int
    requested: str = "Default"
    lot: str | None = None
    lot_date: str | None = None
    taken: list[Taken] = field(default_factory=list)


@dataclass
class Return:
    """One return; its status is the last entry of its history."""

    id: int
    channel: int
    reference: str
    center: int
    lines: list[Line]
    shipment_id: int | None = None
    shipment: Shipment | None = None
    tracking: str | None = None
    kind: str = "Regular"
    history: list[tuple[str, str]] = field(default_factory=list)
    fees: list[tuple[Decimal, str]] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Where it stands."""
        return self.history[-1][0] if self.history else ""

    def at(self, status: str) -> str | None:
        """Return when it first had a status."""
        return next((when for one, when in self.history if one == status), None)

    def move(self, status: str, when: str) -> None:
        """Give it another status. Raises ValueError where the state rules have no such way."""
        if status not in _NEXT.get(self.status, ()):
            raise ValueError(f"Return {self.id} is {self.status} and cannot become {status}")
        if status != self.status:
            self.history.append((status, when))


class Account:
    """Everything the vendor knows of one merchant. Stock changes only together with its movement."""

    def __init__(self, clock: Clock, first_id: int) -> None:
        self.clock = clock
        self.centers: dict[int, Mapping[str, str]] = {}
        self.items: dict[int, Item] = {}
        self.shipments: dict[int, Shipment] = {}
        self.returns: dict[int, Return] = {}
        self.movements: list[dict[str, Any]] = []
        self.stock: dict[tuple[int, int, str | None, str], int] = {}
        """Units by item, warehouse, lot and status (Available, Quarantined)."""
        self.numbers = count(first_id)
        self._events = count(5_000_001)

    def on_hand(self, item: int, *, status: str = "", lot: str | None = "", center: int = 0) -> int:
        """Return the units of an item, all or those of one status, lot or warehouse."""
        return sum(
            units
            for (one, where, which, state), units in self.stock.items()
            if one == item and status in ("", state) and lot in ("", which) and center in (0, where)
        )

    def book(
        self,
        category: str,
        item: int,
        center: int,
        units: int,
        *,
        lot: str | None = None,
        status: str = "Available",
        of: Iterable[tuple[str, str]] = (),
        order: int | None = None,
    ) -> None:
        """Change the stock by a number of units and write the movement."""
        place = (item, center, lot, status)
        self.stock[place] = self.stock.get(place, 0) + units
        known = self.items[item]
        details = {
            "quantity_change": units,
            "committed_quantity_change": 0,
            "inventory_status": status,
            "location_id": center * 1000 + (1 if status == "Available" else 2),
            "facility_id": center,
            "lot_number": lot,
            "expiration_date": known.lots.get(lot or ""),
            "sku": known.sku,
            "operational_stage": {"id": 1, "description": "Stowed"},
            "pack_description_id": None,
            "yuki_id": None,
        }
        self.movements.append(
            {
                "inventory_audit_event_id": next(self._events),
                "event_datetime": self.clock.text(),
                "event_category": category,
                "inventory_id": item,
                "shipbob_order_id": order,
                "increment": details if units > 0 else None,
                "decrement": details if units < 0 else None,
                "additional_reference": [{"key": key, "value": value} for key, value in of],
            }
        )

    def shipped(self, shipment: Shipment) -> None:
        """Take what a shipment holds from stock, the lots that expire first to begin with."""
        self.shipments[shipment.id] = shipment
        for item, units in shipment.goods:
            left = units
            known = self.items[item].lots
            lots: list[str | None] = [*sorted(known, key=lambda lot: known[lot])] or [None]
            for lot in lots:
                taken = left if lot == lots[-1] else min(left, self.on_hand(item, lot=lot, center=shipment.center))
                if taken:
                    self.book("OrderPick", item, shipment.center, -taken, lot=lot, order=shipment.id)
                left -= taken

    def took(self, returned: Return, line: Line, taken: Taken) -> None:
        """Record what was done with units of a line; restocked and quarantined units come into stock."""
        line.taken.append(taken)
        status = _STOCKED.get(taken.action)
        if status:
            self.book(
                f"Return{taken.action}",
                line.item,
                returned.center,
                taken.quantity,
                lot=line.lot,
                status=status,
                of=[("ReturnId", str(returned.id)), ("ReferenceId", returned.reference)],
            )
