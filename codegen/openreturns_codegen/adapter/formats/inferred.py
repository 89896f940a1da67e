"""Schemas from samples: what all of them have is required, what differs in kind has no type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

__all__ = ["inferred"]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)").fullmatch
_DAY = re.compile(r"\d{4}-\d\d-\d\d").fullmatch


def inferred(values: Sequence[Any]) -> dict[str, Any]:
    """Return a schema that all of the values keep."""
    known = [value for value in values if value is not None]
    nullable = {"nullable": True} if len(known) < len(values) else {}
    kinds = {_kind(value) for value in known}
    if kinds == {"integer", "number"}:
        kinds = {"number"}
    if len(kinds) != 1:
        return nullable
    [kind] = kinds
    if kind == "object":
        return {**_object(known), **nullable}
    if kind == "array":
        return {"type": "array", "items": inferred([one for value in known for one in value]), **nullable}
    return {"type": kind, **(_format(known) if kind == "string" else {}), "example": known[0], **nullable}


def _kind(value: object) -> str:
    kinds = {bool: "boolean", int: "integer", Decimal: "number", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object")


def _format(values: Sequence[str]) -> dict[str, str]:
    if all(map(_MOMENT, values)):
        return {"format": "date-time"}
    return {"format": "date"} if all(map(_DAY, values)) else {}


def _object(values: Sequence[dict[str, Any]]) -> dict[str, Any]:
    names = dict.fromkeys(name for value in values for name in value)
    members = {name: inferred([value[name] for value in values if name in value]) for name in names}
    required = [name for name in names if all(name in value for value in values)]
    return {"type": "object", "properties": members, **({"required": required} if required else {})}
