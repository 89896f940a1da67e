"""What each keyword of JSON Schema holds, and how the words of older drafts and OpenAPI 3.0 are said in 2020-12."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

__all__ = [
    "ANNOTATIONS",
    "ASSERTIONS",
    "BESIDE",
    "FORMATS",
    "IN_PLACE",
    "LISTS",
    "MAPS",
    "SINGLE",
    "TYPES",
    "dialect_of",
    "implied",
    "modern",
    "wrong_shape",
]

TYPES: Final = ("null", "boolean", "integer", "number", "string", "array", "object")

SINGLE: Final = (
    "not", "if", "then", "else", "contains", "propertyNames", "items",
    "additionalProperties", "unevaluatedProperties", "unevaluatedItems",
)  # fmt: skip
LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
MAPS: Final = ("properties", "patternProperties", "dependentSchemas")
# Applied to the very value that the schema holding them is applied to.
IN_PLACE: Final = ("not", "if", "then", "else", "allOf", "anyOf", "oneOf", "dependentSchemas")

ANNOTATIONS: Final = frozenset({
    "$comment", "title", "description", "default", "deprecated", "examples", "example", "readOnly", "writeOnly",
    "discriminator", "externalDocs", "xml", "contentMediaType", "contentEncoding", "contentSchema",
})  # fmt: skip
# About the schema, not about values; references are followed by what they name.
BESIDE: Final = frozenset({
    "$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", "$defs", "definitions",
})  # fmt: skip

# What jsonschema-rs checks. What is no format to it is no assertion here, and a change of it is told.
FORMATS: Final = frozenset({
    "date", "date-time", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
    "uri-reference", "iri", "iri-reference", "uri-template", "uuid", "json-pointer", "relative-json-pointer", "regex",
})  # fmt: skip


def _count(value: object) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool) and value >= 0 and value == int(value)


def _number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _types(value: object) -> bool:
    listed = value if isinstance(value, list) else [value]
    return bool(listed) and all(isinstance(one, str) and one in TYPES for one in listed)


_SHAPES: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "type": (_types, f"one or several of {', '.join(TYPES)}"),
    "enum": (lambda value: isinstance(value, list), "a list of values"),
    "const": (lambda _: True, "a value"),
    "multipleOf": (lambda value: _number(value) and value > 0, "a number above zero"),
    "minimum": (_number, "a number"),
    "maximum": (_number, "a number"),
    "exclusiveMinimum": (_number, "a number"),
    "exclusiveMaximum": (_number, "a number"),
    "minLength": (_count, "a count"),
    "maxLength": (_count, "a count"),
    "minItems": (_count, "a count"),
    "maxItems": (_count, "a count"),
    "minContains": (_count, "a count"),
    "maxContains": (_count, "a count"),
    "minProperties": (_count, "a count"),
    "maxProperties": (_count, "a count"),
    "pattern": (lambda value: isinstance(value, str), "a regular expression"),
    "format": (lambda value: isinstance(value, str), "the name of a format"),
    "uniqueItems": (lambda value: isinstance(value, bool), "true or false"),
    "required": (_names, "a list of names"),
    "dependentRequired": (
        lambda value: isinstance(value, dict) and all(_names(names) for names in value.values()),
        "lists of names by name",
    ),
    **{key: (lambda value: isinstance(value, (dict, bool)), "a schema") for key in SINGLE},
    **{key: (lambda value: isinstance(value, list) and bool(value), "a list of schemas") for key in LISTS},
    **{key: (lambda value: isinstance(value, dict), "schemas by name") for key in MAPS},
}
ASSERTIONS: Final = frozenset(_SHAPES)


def wrong_shape(keyword: str, value: object) -> str:
    """Return what a keyword must be where its value is something else, and nothing where it is right."""
    fits, wanted = _SHAPES[keyword]
    return "" if fits(value) else wanted


def dialect_of(document: Mapping[str, Any]) -> str:
    """Return the dialect of a file: `openapi-3.0`, `draft-04`, `-06`, `-07`, `2019-09`, `2020-12`, or `unstated`.

    Unstated is 2020-12 that may also say what older drafts said in words of their own.
    """
    if "swagger" in document or str(document.get("openapi", "")).startswith("3.0"):
        return "openapi-3.0"
    named = str(document.get("$schema") or document.get("jsonSchemaDialect") or "")
    if not named:
        return "2020-12" if "openapi" in document else "unstated"
    return next((draft for draft in ("2019-09", "draft-04", "draft-06", "draft-07") if draft in named), "2020-12")


_OLD = frozenset({"draft-04", "draft-06", "draft-07", "openapi-3.0"})
_INTEGERS: Final = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def modern(node: Mapping[str, Any], dialect: str) -> dict[str, Any]:
    """Return the keywords of one schema as 2020-12 says them; schemas within it stay as they are."""
    if "$ref" in node and dialect in _OLD:  # nothing beside a reference counted then
        return {key: value for key, value in node.items() if key in ANNOTATIONS or key == "$ref"}
    said = dict(node)
    if dialect in {"draft-04", "openapi-3.0"}:
        _bounds(said)
    if dialect != "2020-12":
        _tuples(said)
        for name, needs in said.pop("dependencies", {}).items():
            kind = "dependentRequired" if isinstance(needs, list) else "dependentSchemas"
            said[kind] = {**said.get(kind, {}), name: needs}
    if dialect == "openapi-3.0":
        said = _nullable(said)
    if "contains" not in said:
        said.pop("minContains", None)
        said.pop("maxContains", None)
    return said


def _nullable(said: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that takes null where its flag says so (`x-nullable` in Swagger 2.0).

    By the words of 3.0.3 it means nothing without a type beside it; generators set it beside `allOf`, and send null.
    """
    flags = [said.pop(key, False) for key in ("nullable", "x-nullable")]
    if True not in flags:
        return said
    if isinstance(said.get("type"), str):
        return {**said, "type": [said["type"], "null"]}
    rest = {key: value for key, value in said.items() if key not in ANNOTATIONS and not key.startswith("x-")}
    beside = {key: value for key, value in said.items() if key not in rest}
    return {**beside, "anyOf": [{"type": "null"}, rest]} if rest else said


def _bounds(said: dict[str, Any]) -> None:
    """Say what was said by a flag beside a bound."""
    for bound, side in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(said.get(bound), bool) and said.pop(bound) and side in said:
            said[bound] = said.pop(side)


def _tuples(said: dict[str, Any]) -> None:
    """Say what was said by a list of schemas under `items`."""
    others = said.pop("additionalItems", None)
    if isinstance(said.get("items"), list):
        listed = said.pop("items")
        said |= {"prefixItems": listed} if listed else {}
        said |= {"items": others} if others is not None else {}


def implied(node: dict[str, Any]) -> None:
    """Say in keywords what the formats of OpenAPI say about whole numbers."""
    low, high = _INTEGERS.get(str(node.get("format", "")), (None, None))
    if low is not None and high is not None and "number" not in str(node.get("type", "")):
        node["minimum"] = max(low, node.get("minimum", low))
        node["maximum"] = min(high, node.get("maximum", high))
