"""The fields of a schema as a flat table: one row a path, such as `lines[].item.sku`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Field", "fields", "generic", "pointer", "resolve"]

_KINDS = {"date-time": "timestamp", "date": "date"}
_NAMED = {"DecimalString": "decimal", "SignedDecimalString": "decimal"}


@dataclass(frozen=True, slots=True)
class Field:
    """One place in a document.

    `kind` says what a value is: text, code (a closed list), decimal (text), timestamp, date, integer,
    number, boolean, object, array (of scalars), list (of objects), map (free keys) or any.
    """

    path: str
    kind: str
    required: bool
    nullable: bool
    personal: bool
    description: str
    definition: str
    codes: tuple[str, ...]
    schema: Mapping[str, Any]

    @property
    def leaf(self) -> bool:
        """Whether a value sits here, not only more fields."""
        return self.kind not in {"object", "list"}


def fields(schema: Mapping[str, Any]) -> dict[str, Field]:
    """Return every field below the root of a self-contained schema, in the schema's order.

    A recursive definition is followed once.
    """
    return {field.path: field for field in _walk(schema, schema, "", ())}


def generic(pointer: str) -> str:
    """Return the field path of a JSON pointer: `/lines/0/item/sku` is `lines[].item.sku`."""
    path = ""
    for step in pointer.split("/")[1:]:
        if step.isdigit():
            path += "[]"
        else:
            name = step.replace("~1", "/").replace("~0", "~")
            path += f".{name}" if path else name
    return path


def pointer(path: Sequence[str | int]) -> str:
    """Return the JSON pointer of a place (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def resolve(root: Mapping[str, Any], node: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Follow references, and return the name of the last; the words beside one win over those of its target."""
    name = ""
    while "$ref" in node:
        name = str(node["$ref"]).rsplit("/", 1)[-1]
        beside = {k: v for k, v in node.items() if k != "$ref"}
        node = {**root["$defs"][name], **beside}
    return name, node


def _walk(root: Mapping[str, Any], node: Mapping[str, Any], at: str, seen: tuple[str, ...]) -> Iterator[Field]:
    for name, raw in node.get("properties", {}).items():
        path = f"{at}.{name}" if at else name
        definition, target = resolve(root, raw)
        item_name, item = resolve(root, target["items"]) if "items" in target else ("", {})
        kind = _kind(definition, target, item)
        yield Field(
            path=path,
            kind=kind,
            required=name in node.get("required", ()),
            nullable="null" in _types(target),
            personal=bool(target.get("x-personal-data")),
            description=str(target.get("description", "")),
            definition=definition or item_name,
            codes=tuple(target.get("enum", ())),
            schema=target,
        )
        inside, name_inside, here = (item, item_name, path + "[]") if kind == "list" else (target, definition, path)
        if kind in {"object", "list"} and name_inside not in seen:
            yield from _walk(root, inside, here, (*seen, name_inside) if name_inside else seen)


def _types(node: Mapping[str, Any]) -> tuple[str, ...]:
    listed = node.get("type", ())
    return (listed,) if isinstance(listed, str) else tuple(listed)


def _kind(definition: str, node: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    types = [t for t in _types(node) if t != "null"]
    if definition in _NAMED:
        return _NAMED[definition]
    if len(types) != 1:
        return "any"
    kind = types[0]
    if kind == "string":
        return _KINDS.get(node.get("format", ""), "code" if "enum" in node else "text")
    if kind == "array":
        return "list" if "properties" in item else "array"
    if kind == "object":
        return "object" if "properties" in node else "map"
    return str(kind)
