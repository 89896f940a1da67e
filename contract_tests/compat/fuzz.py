"""Random schemas, what becomes of them, and documents that could tell two of them apart."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

__all__ = ["changed", "documents", "rooted", "schema"]

_NAMES = ("a", "b", "ab", "x-1")
_PATTERNS = ("^a", "b$", "^[ab]+$", "^a?b*$", "^(?!b)", "^.$", "^ab|x", "a{1,2}", "^[^a]*$")
_FORMATS = ("date", "uuid", "ipv4", "uri", "email")
_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, 2, -1, 1.5, 0.5, 6, "", "a", "b", "ab", "aab", "x-1", "2026-01-31", "10.0.0.1", [], [1],
    ["a"], [1, 1], ["a", "b"], [[]], {}, {"a": 1}, {"a": "a"}, {"b": None}, {"a": 1, "b": 2}, {"x-1": "a"}, {"ab": []},
)  # fmt: skip


def schema(pick: random.Random, depth: int = 3, names: tuple[str, ...] = ()) -> Any:
    """Return a random schema; `names` are the definitions it may refer to."""
    if pick.random() < 0.05:
        return pick.random() < 0.7
    made: dict[str, Any] = {}
    if pick.random() < 0.6:
        made["type"] = pick.choice(_TYPES) if pick.random() < 0.7 else sorted(pick.sample(_TYPES, 2))
    for _ in range(pick.randrange(1, 4)):
        key = pick.choice(_KEYWORDS if depth else _FLAT)
        made[key] = _said(key, pick, depth - 1, names)
    if names and pick.random() < 0.25:
        made["$ref"] = f"#/$defs/{pick.choice(names)}"
    return made


_FLAT = (
    "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
    "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "required", "minProperties",
    "maxProperties", "dependentRequired",
)  # fmt: skip
_DEEP = (
    "properties", "properties", "properties", "patternProperties", "additionalProperties", "propertyNames", "items",
    "items", "prefixItems", "contains", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas",
    "unevaluatedProperties", "unevaluatedItems", "minContains", "maxContains",
)  # fmt: skip
_KEYWORDS = _FLAT + _DEEP


def _said(key: str, pick: random.Random, depth: int, names: tuple[str, ...]) -> Any:
    flat = _FLAT_VALUES.get(key)
    if flat is not None:
        return flat(pick)
    if key.startswith(("min", "max")):
        return pick.randrange(4)
    if key in {"properties", "dependentSchemas"}:
        return {name: schema(pick, depth, names) for name in pick.sample(_NAMES, pick.randrange(1, 3))}
    if key == "patternProperties":
        return {pick.choice(_PATTERNS): schema(pick, depth, names)}
    if key in {"allOf", "anyOf", "oneOf", "prefixItems"}:
        return [schema(pick, depth, names) for _ in range(pick.randrange(1, 4))]
    if key in {"additionalProperties", "unevaluatedProperties", "unevaluatedItems"} and pick.random() < 0.5:
        return False
    return schema(pick, depth, names)


def _bound(pick: random.Random) -> Any:
    return pick.choice((-1, 0, 0.5, 1, 2, 5))


_FLAT_VALUES: dict[str, Callable[[random.Random], Any]] = {
    "enum": lambda pick: pick.sample(_VALUES, pick.randrange(1, 4)),
    "const": lambda pick: pick.choice(_VALUES),
    "multipleOf": lambda pick: pick.choice((0.1, 0.5, 1, 2, 3)),
    "pattern": lambda pick: pick.choice(_PATTERNS),
    "format": lambda pick: pick.choice(_FORMATS),
    "uniqueItems": lambda pick: pick.random() < 0.8,
    "required": lambda pick: pick.sample(_NAMES, pick.randrange(1, 3)),
    "dependentRequired": lambda pick: {pick.choice(_NAMES): pick.sample(_NAMES, 1)},
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _bound),
}


def rooted(pick: random.Random) -> dict[str, Any]:
    """Return a random schema that may be recursive, below members and elements only."""
    root = schema(pick)
    inner = schema(pick, 2)
    tree: dict[str, Any] = {"type": "object", "properties": {"a": {"$ref": "#/$defs/tree"}, "b": inner}}
    if pick.random() < 0.5:
        tree["additionalProperties"] = False
    if pick.random() < 0.3:
        tree["required"] = ["b"]
    whole: dict[str, Any] = root if isinstance(root, dict) else {} if root else {"not": {}}
    if pick.random() < 0.3:
        whole = {**whole, "properties": {**whole.get("properties", {}), "a": {"$ref": "#/$defs/tree"}}}
    return {**whole, "$defs": {"tree": tree}}


def changed(whole: Any, pick: random.Random) -> Any:
    """Return a schema changed in one to three places."""
    made = copy.deepcopy(whole)
    for _ in range(pick.randrange(1, 4)):
        _change(pick.choice(list(_within(made))), pick)
    return made


def _within(node: Any) -> Any:
    if isinstance(node, dict):
        yield node
        for key, inner in node.items():
            if key in {"enum", "const"}:
                continue
            listed = (
                inner
                if isinstance(inner, list)
                else inner.values()
                if key in _MAPS and isinstance(inner, dict)
                else [inner]
            )
            for one in listed:
                yield from _within(one)


_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs")


def _change(node: dict[str, Any], pick: random.Random) -> None:
    keys = [key for key in node if key in _KEYWORDS or key == "type"]
    how = pick.random()
    if how < 0.25 and keys:
        del node[pick.choice(keys)]
    elif how < 0.5:
        key = pick.choice(_KEYWORDS)
        node[key] = _said(key, pick, 1, ())
    elif how < 0.6:
        node["type"] = pick.choice(_TYPES)
    elif keys:
        key = pick.choice(keys)
        if isinstance(node[key], (int, float)) and not isinstance(node[key], bool):
            lowered = node[key] + pick.choice((-1, 1))
            node[key] = lowered if not key.startswith(("min", "max", "mult")) or lowered > 0 else 1
        elif isinstance(node[key], list) and len(node[key]) > 1:
            node[key] = node[key][1:]
        elif key != "type":
            node[key] = _said(key, pick, 1, ())


def documents(pick: random.Random, count: int) -> list[Any]:
    """Return random documents, small ones of the values that the schemas speak of."""
    return [*_VALUES, *(_document(pick, 3) for _ in range(count))]


def _document(pick: random.Random, depth: int) -> Any:
    how = pick.random()
    if not depth or how < 0.3:
        return pick.choice(_VALUES)
    if how < 0.55:
        return [_document(pick, depth - 1) for _ in range(pick.randrange(4))]
    return {name: _document(pick, depth - 1) for name in pick.sample(_NAMES, pick.randrange(4))}
