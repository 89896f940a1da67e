"""What every record shares: exact numbers, quantities with their units, places, and how a record is known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from openreturns.decimals import exact, plain
from openreturns.mapping import Environment

__all__ = [
    "Record",
    "correlation",
    "is_done",
    "item",
    "latest",
    "local_day",
    "location_code",
    "lot",
    "lot_number",
    "no_slash",
    "overruled",
    "position",
    "price",
    "quantised",
    "quantity",
]

Record = dict[str, Any]
_DIGITS = 6  # what a canonical quantity can hold


def quantised(number: int | Decimal, unit: Record) -> Decimal:
    """Return a quantity with its unit's digits: counted in binary floats, 0.1 + 0.2 is 0.30000000000000004."""
    digits = min(int(unit.get("digits", _DIGITS)), _DIGITS)
    return exact(number).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


def quantity(number: int | Decimal, unit: Record, env: Environment) -> Record:
    """Return a canonical quantity; one below zero is refused."""
    if exact(number) < 0:
        raise ValueError(f"{number} is negative, and goods do not move by less than nothing")
    return {"value": plain(quantised(number, unit)), "uom": env.code("unit_of_measure", unit["symbol"])}


MOVES = ("staging", "draft", "assigned", "done", "cancelled")


def is_done(move: Record) -> bool:
    """Whether a move is done, and of more than nothing. Refuses a state that is none of Tryton's."""
    if move["state"] not in MOVES:
        raise ValueError(f"{move['state']!r} is no state of a move that is known: {', '.join(MOVES)}")
    return bool(move["state"] == "done" and move["quantity"])


def price(value: int | Decimal) -> str:
    """Return a price as canonical text, with two digits after the point at least. Refuses one below zero."""
    if exact(value) < 0:
        raise ValueError(f"the price {value} is negative")
    whole, _, fraction = plain(value).partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"


def item(product: Record, held: Record | None = None) -> Record:
    """Return a product as an item, with the number of its lot."""
    found = {"sku": product["code"]}
    return {**found, "lot": held["number"]} if held else found


def no_slash(document: Record, env: Environment) -> None:
    """Refuse an RMA number with a slash: what stands behind one in a shipment's reference is the delivery."""
    if "/" in document["number"]:
        raise ValueError(f"the number {document['number']!r} has a slash, which ends the RMA number in a reference")


def lot(item: Record) -> Record | None:
    """Return the lot of an item, as it is written. Refuses serial numbers: they would be lost on the way."""
    if item.get("serials"):
        raise ValueError("a move of Tryton has a lot and no serial numbers; write each serial number as a lot")
    number = item.get("lot")
    return {"number": number} if number else None


def lot_number(line: Record, env: Environment) -> str | None:
    """Return the number of a line's lot, as it is written."""
    found = lot(line["item"])
    return str(found["number"]) if found else None


def position(location: Record, warehouse: str, env: Environment) -> Record:
    """Return what a location means for goods: a stock status and the place, or the boundary they crossed."""
    code = location.get("code") or f"location-{location.get('id')}"
    meaning = env.code("stock_location", code)
    status, _, boundary = meaning.partition(":")
    if boundary:
        return {"status": status, "boundary": boundary}
    return {"status": status, "location": {"id": warehouse, "bin": code}}


def location_code(position: Record, env: Environment) -> str:
    """Return the code of the location for a stock position: its bin, else the tenant's for that status."""
    place = position.get("location") or {}
    if "bin" in place:
        return str(place["bin"])
    boundary = position.get("boundary")
    return env.tenant.table("stock_location").word(f"external:{boundary}" if boundary else position["status"])


def overruled(position: Record, env: Environment) -> list[str]:
    """Return what of a position is not said by the location that its bin names."""
    if "bin" not in (position.get("location") or {}):
        return []
    code = env.tenant.table("stock_location").code(position["location"]["bin"])
    held = (code or "").partition(":")
    told = {"status": held[0], "boundary": held[2]}
    return [name for name, value in told.items() if name in position and position[name] != value]


def latest(moments: Iterable[str | None]) -> str:
    """Return the latest of some moments, all as the wire decoder spells them."""
    return max(moment for moment in moments if moment)


def local_day(moment: str, env: Environment) -> str:
    """Return the day of a moment where the company is."""
    at = datetime.fromisoformat(moment)
    if at.tzinfo is None:
        raise ValueError(f"{moment!r} has no zone; a time without one is not a moment")
    return at.astimezone(UTC).astimezone(ZoneInfo(str(env.tenant.setting("time_zone")))).date().isoformat()


def correlation(number: str, env: Environment) -> str:
    """Return the caller's correlation id, else the number that all systems share."""
    return str(env.given.get("correlation_id") or number)
