"""The reader's form of a schema: what a later minor version may add does not break it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["tolerant"]

Schema = Mapping[str, Any]

_ANY_CODE = {"type": "string", "pattern": "^[a-z][a-z0-9]*(_[a-z0-9]+)*$", "maxLength": 64}
_FIXED_MINOR = re.compile(r"\\\.([0-9]+|\[[0-9]+\])\$$")
_ANY_MINOR = r"\\.(0|[1-9][0-9]{0,3})$"


def tolerant(schema: Schema) -> dict[str, Any]:
    """Return the schema as a reader needs it; the given one stays as it is.

    Objects accept members nobody has heard of. The code of a coded object (a code with the other system's
    word as its source) accepts any snake_case word. meta.schema accepts any minor version of the same major
    one. Statuses and every other closed list stay closed: a reader must not act on one it does not know.
    A schema without coded objects, such as a vendor's, only has its objects opened.
    """
    opened: dict[str, Any] = _open(schema)
    definitions = opened.get("$defs", {})
    for name in _codes(schema):
        definitions[name] = _without_enum(definitions[name]) | _ANY_CODE
    if "SchemaName" in definitions:
        name_of_contract = definitions["SchemaName"]
        name_of_contract["pattern"] = _FIXED_MINOR.sub(_ANY_MINOR, name_of_contract["pattern"])
    return opened


def _open(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(node, Mapping):
        return {
            key: _open(value) for key, value in node.items() if not (key == "additionalProperties" and value is False)
        }
    return [_open(item) for item in node] if isinstance(node, list) else node


def _codes(schema: Schema) -> set[str]:
    """Return the names of the closed lists that coded objects of this file take their code from."""
    objects = (body.get("properties", {}) for body in schema.get("$defs", {}).values())
    references = (fields["code"].get("$ref", "") for fields in objects if {"code", "source"} <= fields.keys())
    names = (reference.removeprefix("#/$defs/") for reference in references)
    return {name for name in names if "enum" in schema["$defs"].get(name, {})}


def _without_enum(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in definition.items() if key != "enum"}
