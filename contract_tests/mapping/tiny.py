"""Small contracts and translators to show one rule or codec at a time, without any vendor."""

from __future__ import annotations

from collections.abc import Mapping as Values
from typing import Any

from openreturns.mapping import CodeTable, Environment, Field, Mapping, Tenant, Translator, fields

UNITS: dict[str, Any] = {"read": {"each": "EA", "case": "CS"}}
ACTIONS: dict[str, Any] = {
    "read": {"Restock": "restock", "Put Back": "restock", "Dispose": "scrap", "Hold": "quarantine"},
    "write": {"recycle": "Dispose"},
    "unknown": "pending",
    "refused": ["donate"],
}
SKUS: dict[str, Any] = {"read": {"77": "P-100", "78": "P-200"}}

TENANT = Tenant(
    settings={"unit": "EA", "house": "W-1"},
    tables={
        "unit": CodeTable.load("unit", UNITS, system="tiny"),
        "action": CodeTable.load("action", ACTIONS, system="tiny"),
        "sku": CodeTable.load("sku", SKUS, system="tiny"),
    },
)


def currency_of(record: Any, environment: Environment) -> str:
    return str(record.get("currency", ""))


def mapping(*rules: Any, **more: Any) -> Mapping:
    return Mapping(canonical="return", native="tiny", rules=rules, **{"currency_in": currency_of, **more})


def translator(
    declared: Mapping, canonical: Values[str, Field] | None = None, native: Values[str, Field] | None = None
) -> Translator:
    """A translator that knows nothing of the contracts, unless their fields are given."""
    return Translator(declared, TENANT, canonical_fields=canonical or {}, native_fields=native or {})


def schema_like(*examples: object) -> dict[str, Any]:
    """The schema of a contract in which a field is always there if every example has it."""
    objects = [example for example in examples if isinstance(example, dict)]
    if objects:
        names = dict.fromkeys(name for one in objects for name in one)
        inner = {name: schema_like(*(one[name] for one in objects if name in one)) for name in names}
        required = [name for name in names if all(one.get(name) is not None for one in objects)]
        return {"type": "object", "properties": inner, "required": required}
    lists = [example for example in examples if isinstance(example, list)]
    if lists:
        return {"type": "array", "items": schema_like(*(item for one in lists for item in one))}
    kinds = {str: "string", bool: "boolean", int: "integer", type(None): "null"}
    return {"type": kinds.get(type(examples[0]), "number") if examples else "string"}


def fields_like(example: object) -> dict[str, Field]:
    return fields(schema_like(example))
