"""Tryton's JSON: decimals, dates and moments are tagged objects, quantities are plain numbers."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from openreturns._json import dump

__all__ = ["amount", "day", "decoded", "domain", "moment"]


def amount(value: Decimal) -> dict[str, str]:
    """Return an amount or price, digit for digit."""
    return {"__class__": "Decimal", "decimal": f"{value:f}"}


def day(text: str) -> dict[str, Any]:
    """Return a day, given as 2026-11-26."""
    value = date.fromisoformat(text)
    return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}


def moment(value: datetime) -> dict[str, Any]:
    """Return a moment; Tryton's have no zone and are UTC."""
    at = value.astimezone(UTC)
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{name: getattr(at, name) for name in parts}}


def domain(conditions: object) -> str:
    """Return a domain (or an order) as a REST address has it."""
    return urlsafe_b64encode(dump(conditions)).decode("ascii")


def decoded(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value without its tags: decimals as Decimal, days and moments as ISO 8601 text.

    What a dotted field brings along (`product.`) and the name of the model are left out.
    """
    if isinstance(value, list):
        return [decoded(one) for one in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("__class__")
    if kind is not None:
        return _untagged(kind, value)
    return {name: decoded(one) for name, one in value.items() if name != "__name__" and not name.endswith(".")}


def _untagged(kind: object, value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the tag says
    if kind == "Decimal":
        return Decimal(value["decimal"])
    if kind == "date":
        return date(value["year"], value["month"], value["day"]).isoformat()
    if kind == "datetime":
        at = datetime(value["year"], value["month"], value["day"], tzinfo=UTC)
        at = at.replace(**{name: value[name] for name in ("hour", "minute", "second", "microsecond")})
        return at.isoformat().replace("+00:00", "Z")
    return dict(value)
