"""Two-way codecs that only onX needs: quantities without a unit, and moments that end in Z."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openreturns.mapping import Codec, Environment, Tenant, counted, decimal, timestamp

__all__ = ["unitless", "zulu"]

_counted = counted("unit_of_measure")


def _bind_unitless(tenant: Tenant) -> Any:  # noqa: ANN401 - what counted binds to
    inner, number = _counted.bind(tenant), decimal.bind(tenant).write
    uom = str(tenant.setting("unit_of_measure"))

    def write(value: dict[str, str], env: Environment) -> Decimal:
        if value["uom"] != uom:
            raise ValueError(f"the quantity is in {value['uom']}, and onX has no units: it would be taken for {uom}")
        count: Decimal = number.call(value["value"], env)
        if count < 1:
            raise ValueError(f"{count} is less than one, and onX takes no less")
        return count

    return replace(inner, write=replace(inner.write, call=write, expression=""))


unitless: Codec = replace(_counted, name="without unit", native=frozenset({"number"}), bind=_bind_unitless)
"""Canonical Quantity and a bare number of at least one, in the tenant's unit; another unit is refused."""


def _bind_zulu(tenant: Tenant) -> Any:  # noqa: ANN401 - what timestamp binds to
    inner = timestamp.bind(tenant)
    plain = inner.parts[""]

    def in_utc(text: str, env: Environment) -> str:
        spelled: str = plain.call(text, env)
        if spelled.endswith("Z"):
            return spelled
        return datetime.fromisoformat(spelled).astimezone(UTC).isoformat().replace("+00:00", "Z")

    parts = {"": replace(plain, call=in_utc, expression="")}
    return replace(inner, parts=parts, write=replace(inner.write, call=in_utc, expression=""))


zulu: Codec = replace(timestamp, name="moment in UTC", bind=_bind_zulu)
"""A moment in UTC; onX takes no other zone."""
