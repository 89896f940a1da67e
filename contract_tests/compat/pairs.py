"""Pairs of schemas, old and new, with the truth: is all that was valid still valid, and the other way round?"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["PAIRS", "Pair"]


class Pair(NamedTuple):
    """What was, what is, and whether the change is compatible backward (old within new) and forward."""

    name: str
    old: Any
    new: Any
    backward: bool
    forward: bool


def _text(pattern: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "string", **({"pattern": pattern} if pattern else {}), **more}


def _object(properties: dict[str, Any] | None = None, *required: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": properties or {}}
    return {**made, **({"required": list(required)} if required else {}), **more}


def _closed(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return _object(properties, *required, additionalProperties=False, **more)


def _array(items: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def _tree(name: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}", "$defs": {name: body}}


def _node(name: str, more: dict[str, Any] | None = None, **kind: Any) -> dict[str, Any]:
    children = {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}
    return _tree(name, _object({"children": children, **(more or {})}, **kind))


def _tagged(*tags: str, more: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"oneOf": [_object({"kind": {"const": tag}, **(more or {})}, "kind") for tag in tags]}


def _oas(version: str, **schemas: Any) -> dict[str, Any]:
    return {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {},
        "components": {"schemas": schemas},
    }


def _draft(number: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": f"http://json-schema.org/draft-{number}/schema#", **schema}


def _resource(longest: int) -> dict[str, Any]:
    """Return a resource in which what stands beside a reference counts."""
    said = {"$ref": "#/$defs/text", "maxLength": longest, "$defs": {"text": S}}
    return {"$id": "https://e/a", "$schema": "https://json-schema.org/draft/2020-12/schema", **said}


def _chain(*kinds: str) -> dict[str, Any]:
    """Return an object whose kind asks for a member, said by conditions."""
    conditions = [{"if": {"properties": {"k": {"const": kind}}}, "then": {"required": [f"f{kind}"]}} for kind in kinds]
    return {**_object({"k": {"enum": list(kinds)}}, "k"), "allOf": conditions}


def _needs(**kinds: list[str]) -> dict[str, Any]:
    """Return an object whose kind asks for members, said by branches."""
    return {"oneOf": [_object({"k": {"const": kind}, f"f{kind}": S}, "k", *more) for kind, more in kinds.items()]}


S = {"type": "string"}
I = {"type": "integer"}  # noqa: E741 - as short as the table needs it
N = {"type": "number"}
_IF = {"if": _object({"a": {"const": 1}}, "a")}

PAIRS = (
    # --- types
    Pair("nothing changes", _object({"a": S}, "a"), _object({"a": S}, "a"), True, True),
    Pair("integer becomes number", I, N, True, False),
    Pair("a text becomes a number", S, N, False, False),
    Pair("null is allowed", S, {"type": ["string", "null"]}, True, False),
    Pair("number is integer and fraction", N, {"type": ["integer", "number"]}, True, True),
    Pair(
        "every type spelled out", True, {"type": ["null", "boolean", "number", "string", "array", "object"]}, True, True
    ),
    Pair("true and an empty schema", True, {}, True, True),
    Pair("nothing at all any more", S, False, False, True),
    Pair("a whole number as a fraction", {"const": 1.0}, I, True, False),
    Pair("booleans listed", {"type": "boolean"}, {"enum": [True, False]}, True, True),
    # --- numbers
    Pair("minimum lowered", {**N, "minimum": 1}, {**N, "minimum": 0}, True, False),
    Pair("above nought is from one, in integers", {**I, "exclusiveMinimum": 0}, {**I, "minimum": 1}, True, True),
    Pair("above nought is not from one, in numbers", {**N, "exclusiveMinimum": 0}, {**N, "minimum": 1}, False, True),
    Pair("minimum between integers", {**I, "minimum": 0.5}, {**I, "minimum": 1}, True, True),
    Pair("maximum becomes exclusive", {**N, "maximum": 5}, {**N, "exclusiveMaximum": 5}, False, True),
    Pair("multiples of six are of two", {**N, "multipleOf": 6}, {**N, "multipleOf": 2}, True, False),
    Pair("tenths are hundredths", {**N, "multipleOf": 0.1}, {**N, "multipleOf": 0.01}, True, False),
    Pair("integers are multiples of one", I, {**N, "multipleOf": 1}, True, True),
    Pair("integers are multiples of a half", I, {**N, "multipleOf": 0.5}, True, False),
    Pair("two halves cover all integers", I, {"anyOf": [{**I, "maximum": 4}, {**I, "minimum": 5}]}, True, True),
    Pair("a gap between two halves", N, {"anyOf": [{**N, "maximum": 4}, {**N, "minimum": 5}]}, False, True),
    Pair("few integers listed", {**I, "minimum": 1, "maximum": 3}, {"enum": [1, 2, 3]}, True, True),
    Pair("a bound about texts changes nothing", S, {**S, "minimum": 5}, True, True),
    Pair("a limit beyond 64 bits", {**I, "maximum": 10**20}, {**I, "maximum": 10**20 + 1}, True, False),
    # --- texts
    Pair("shorter texts", {**S, "maxLength": 10}, {**S, "maxLength": 5}, False, True),
    Pair("pattern widened", _text("^[A-Z]{3}$"), _text("^[A-Z]{2,3}$"), True, False),
    Pair("pattern spelled otherwise", _text("^[0-9]+$"), _text(r"^\d\d*$"), True, True),
    Pair("pattern loses its anchor", _text("^ab$"), _text("ab"), True, False),
    Pair("pattern as a length", _text("^[A-Z]{3}$"), {**S, "minLength": 3, "maxLength": 3}, True, False),
    Pair("a length of long texts", _text("^.{1,255}$"), {**S, "maxLength": 255}, True, False),
    Pair("pattern dropped", _text("^a"), S, True, False),
    Pair("pattern and length against pattern", _text("^a*$", maxLength=3), _text("^a{0,3}$"), True, True),
    Pair("alternatives in another order", _text("^(a|b)$"), _text("^(b|a)$"), True, True),
    Pair("the anchor binds tighter than the bar", _text("^(a|b)$"), _text("^a|b$"), True, False),
    Pair("looking ahead", _text("^(?!x)[a-z]+$"), _text("^[a-z]+$"), True, False),
    Pair("looking ahead said as a set", _text("^(?!x)[a-z]$"), _text("^[a-wyz]$"), True, True),
    Pair("words of a list keep a pattern", {"enum": ["ab", "cd"]}, _text("^[a-d]{2}$"), True, False),
    Pair("a word of a list breaks the pattern", {"enum": ["ab", "CD"]}, _text("^[a-d]{2}$"), False, False),
    Pair("a dot is no line feed", _text("^.$"), {**S, "minLength": 1, "maxLength": 1}, True, False),
    Pair("a back reference kept", _text(r"^(a|b)\1$"), _text(r"^(a|b)\1$"), True, True),
    # --- formats
    Pair("a format asked for", S, {**S, "format": "date"}, False, True),
    Pair("a date and a time is no date", {**S, "format": "date-time"}, {**S, "format": "date"}, False, False),
    Pair("a date has ten characters", {**S, "format": "date"}, {**S, "maxLength": 10}, True, False),
    Pair("a date is digits and hyphens", {**S, "format": "date"}, _text("^[0-9-]+$"), True, False),
    Pair("a format about numbers says nothing", I, {**I, "format": "date"}, True, True),
    # --- lists of values
    Pair("a code is added", {"enum": ["a"]}, {"enum": ["a", "b"]}, True, False),
    Pair("a code is renamed", {"enum": ["a", "b"]}, {"enum": ["a", "c"]}, False, False),
    Pair("one value of a list", {"const": "a"}, {"enum": ["a"]}, True, True),
    Pair("values that are objects", {"enum": [{"a": 1}]}, _object({"a": I}, "a"), True, False),
    Pair("a value that never was allowed goes", {"type": "string", "enum": ["a", 1]}, {"enum": ["a"]}, True, True),
    # --- objects
    Pair("an optional member of an open object", _object({"a": S}), _object({"a": S, "b": S}), False, True),
    Pair("an optional member of a closed object", _closed({"a": S}), _closed({"a": S, "b": S}), True, False),
    Pair("a member becomes required", _object({"a": S}), _object({"a": S}, "a"), False, True),
    Pair("an object is closed", _object({"a": S}), _closed({"a": S}), False, True),
    Pair("a member leaves a closed object", _closed({"a": S, "b": S}), _closed({"a": S}), False, True),
    Pair("a member leaves an open object", _object({"a": S, "b": S}), _object({"a": S}), True, False),
    Pair("a member that is forbidden", _object({"a": False}), _object({"a": False, "b": S}), False, True),
    Pair(
        "other members narrowed",
        _object({}, additionalProperties=S),
        _object({}, additionalProperties=_text("^x")),
        False,
        True,
    ),
    Pair(
        "members by pattern take in a named one",
        _closed({"x-a": S}),
        _closed({}, patternProperties={"^x-": S}),
        True,
        False,
    ),
    Pair(
        "members by pattern of another type",
        _closed({"x-a": I}),
        _closed({}, patternProperties={"^x-": S}),
        False,
        False,
    ),
    Pair(
        "fewer names by pattern",
        _closed({}, patternProperties={"^x": S}),
        _closed({}, patternProperties={"^xy": S}),
        False,
        True,
    ),
    Pair(
        "names of members widened",
        _object(propertyNames=_text("^[a-c]+$")),
        _object(propertyNames=_text("^[a-z]+$")),
        True,
        False,
    ),
    Pair(
        "names of members said by closing",
        _closed({}, patternProperties={"^[a-z]+$": True}),
        _object(propertyNames=_text("^[a-z]+$")),
        True,
        True,
    ),
    Pair("a count that required members imply", _object({}, "a", "b"), _object(minProperties=2), True, False),
    Pair("a count that closing implies", _closed({"a": S, "b": S}), _object(maxProperties=2), True, False),
    Pair(
        "one needs fewer others",
        {"dependentRequired": {"a": ["b", "c"]}},
        {"dependentRequired": {"a": ["b"]}},
        True,
        False,
    ),
    Pair(
        "needed although it cannot be", _closed({"b": S}), _closed({"b": S}, dependentRequired={"a": ["b"]}), True, True
    ),
    Pair("dependent schema dropped", {"dependentSchemas": {"a": {"required": ["b"]}}}, {}, True, False),
    Pair(
        "dependent schema as a dependent list",
        {"dependentSchemas": {"a": {"required": ["b"]}}},
        {"dependentRequired": {"a": ["b"]}},
        True,
        True,
    ),
    Pair(
        "unevaluated where all is in one place",
        _object({"a": S}, unevaluatedProperties=False),
        _closed({"a": S}),
        True,
        True,
    ),
    Pair(
        "unevaluated over parts, one more",
        {"allOf": [_object({"a": S})], "unevaluatedProperties": False},
        {"allOf": [_object({"a": S, "b": S})], "unevaluatedProperties": False},
        True,
        False,
    ),
    Pair(
        "closed within allOf forbids the other part",
        {"allOf": [_closed({"a": S}), _object({"b": S})]},
        _closed({"a": S}),
        True,
        True,
    ),
    # --- arrays
    Pair("elements narrowed", _array(N), _array(I), False, True),
    Pair("at least one element", _array(S), _array(S, minItems=1), False, True),
    Pair("duplicates forbidden", _array(S), _array(S, uniqueItems=True), False, True),
    Pair("one element has no duplicate", _array(S, maxItems=1), _array(S, maxItems=1, uniqueItems=True), True, True),
    Pair(
        "a tuple loses its last place",
        {"type": "array", "prefixItems": [S, I]},
        {"type": "array", "prefixItems": [S]},
        True,
        False,
    ),
    Pair(
        "a closed tuple grows",
        {"type": "array", "prefixItems": [S], "items": False},
        {"type": "array", "prefixItems": [S, I], "items": False},
        True,
        False,
    ),
    Pair(
        "a tuple said as elements",
        {"type": "array", "prefixItems": [S, S], "items": False},
        _array(S, maxItems=2),
        True,
        True,
    ),
    Pair(
        "fewer that match",
        {"type": "array", "contains": S, "minContains": 2},
        {"type": "array", "contains": S},
        True,
        False,
    ),
    Pair("elements that all match contain one", _array(S, minItems=1), {"type": "array", "contains": S}, True, False),
    Pair(
        "unevaluated elements",
        {"prefixItems": [S], "unevaluatedItems": False},
        {"prefixItems": [S], "items": False},
        True,
        True,
    ),
    # --- choices
    Pair("a branch is added", _tagged("a", "b"), _tagged("a", "b", "c"), True, False),
    Pair("a branch is removed", _tagged("a", "b"), _tagged("a"), False, True),
    Pair("branches in another order", _tagged("a", "b"), _tagged("b", "a"), True, True),
    Pair(
        "branches gathered by a list of tags",
        _tagged("a", "b"),
        _object({"kind": {"enum": ["a", "b"]}}, "kind"),
        True,
        True,
    ),
    Pair("a branch is narrowed", _tagged("a", more={"n": N}), _tagged("a", more={"n": I}), False, True),
    Pair(
        "one of becomes any of",
        {"oneOf": [S, {**S, "minLength": 3}]},
        {"anyOf": [S, {**S, "minLength": 3}]},
        True,
        False,
    ),
    Pair("any of becomes one of, apart", {"anyOf": [S, I]}, {"oneOf": [S, I]}, True, True),
    Pair("a new branch overlaps", {"oneOf": [I]}, {"oneOf": [I, N]}, False, False),
    Pair(
        "branches apart by range",
        {"anyOf": [{**I, "maximum": 0}, {**I, "minimum": 1}]},
        {"oneOf": [{**I, "maximum": 0}, {**I, "minimum": 1}]},
        True,
        True,
    ),
    Pair(
        "branches apart by pattern",
        {"anyOf": [_text("^a"), _text("^b")]},
        {"oneOf": [_text("^a"), _text("^b")]},
        True,
        True,
    ),
    Pair("all of taken apart", {"allOf": [_object({"a": S}), {"required": ["a"]}]}, _object({"a": S}, "a"), True, True),
    Pair("not a text", {"not": S}, {"type": ["null", "boolean", "number", "array", "object"]}, True, True),
    Pair("not this word", {**S, "not": {"const": "x"}}, S, True, False),
    Pair("not this word, by pattern", {**S, "not": {"const": "x"}}, {**S, "not": _text("^x$")}, True, True),
    Pair("twice not", {"not": {"not": S}}, S, True, True),
    # --- conditions
    Pair(
        "a condition asks for more",
        {**_IF, "then": {"required": ["b"]}},
        {**_IF, "then": {"required": ["b", "c"]}},
        False,
        True,
    ),
    Pair("a condition is dropped", {**_IF, "then": {"required": ["b"]}}, {}, True, False),
    Pair(
        "a condition as a choice",
        {**_IF, "then": {"required": ["b"]}},
        {"anyOf": [{"not": _IF["if"]}, {"required": ["b"]}]},
        True,
        True,
    ),
    Pair(
        "a condition that cannot hold",
        _closed({"b": S}),
        _closed({"b": S}, **_IF, then={"required": ["b"]}),
        True,
        True,
    ),
    Pair("then for else", {**_IF, "then": {"required": ["b"]}}, {**_IF, "else": {"required": ["b"]}}, False, False),
    # --- references and recursion
    Pair("a reference said in place", {"$ref": "#/$defs/A", "$defs": {"A": S}}, S, True, True),
    Pair("a name of a definition changes", _tree("A", S), _tree("B", S), True, True),
    Pair("a keyword beside a reference", _tree("A", S), {**_tree("A", S), "maxLength": 3}, False, True),
    Pair("recursive, unchanged", _node("A"), _node("A"), True, True),
    Pair("recursive, under another name", _node("A"), _node("B"), True, True),
    Pair(
        "recursive, one more optional member",
        _node("A", additionalProperties=False),
        _node("A", {"b": S}, additionalProperties=False),
        True,
        False,
    ),
    Pair("recursive, a member narrowed deep inside", _node("A", {"n": N}), _node("A", {"n": I}), False, True),
    Pair("recursive, pattern widened", _node("A", {"n": _text("^a$")}), _node("A", {"n": _text("^a?$")}), True, False),
    Pair(
        "recursive, unrolled once",
        _node("A"),
        _object({"children": _array({"$ref": "#/$defs/A"})}, **{"$defs": _node("A")["$defs"]}),
        True,
        True,
    ),
    Pair(
        "a list in two turns",
        _tree("L", {"anyOf": [{"type": "null"}, _object({"next": {"$ref": "#/$defs/L"}}, "next")]}),
        _tree("L", {"anyOf": [{"type": "null"}, _object({"next": {"$ref": "#/$defs/L"}})]}),
        True,
        False,
    ),
    Pair("an anchor", {"$ref": "#a", "$defs": {"A": {"$anchor": "a", **S}}}, S, True, True),
    Pair(
        "an $id within", {"$ref": "https://x.test/a", "$defs": {"A": {"$id": "https://x.test/a", **S}}}, S, True, True
    ),
    # --- dialects
    Pair(
        "draft 7 tuples",
        _draft("07", {"items": [S, I], "additionalItems": False}),
        {"prefixItems": [S, I], "items": False},
        True,
        True,
    ),
    Pair(
        "draft 7 dependencies",
        _draft("07", {"dependencies": {"a": ["b"]}}),
        {"dependentRequired": {"a": ["b"]}},
        True,
        True,
    ),
    Pair(
        "draft 7 has nothing beside a reference",
        _draft("07", {"definitions": {"A": S}, "$ref": "#/definitions/A", "maxLength": 1}),
        S,
        True,
        True,
    ),
    Pair(
        "draft 4 bounds",
        _draft("04", {**N, "minimum": 0, "exclusiveMinimum": True}),
        {**N, "exclusiveMinimum": 0},
        True,
        True,
    ),
    Pair(
        "nullable in OpenAPI 3.0",
        _oas("3.0.3", A={**S, "nullable": True}),
        _oas("3.1.0", A={"type": ["string", "null"]}),
        True,
        True,
    ),
    Pair("no longer nullable", _oas("3.0.3", A={**S, "nullable": True}), _oas("3.0.3", A=S), False, True),
    Pair(
        "no longer nullable, beside no type",
        _oas("3.0.3", A=_object({"b": {"allOf": [{"$ref": "#/components/schemas/B"}], "nullable": True}}), B=S),
        _oas("3.0.3", A=_object({"b": {"allOf": [{"$ref": "#/components/schemas/B"}]}}), B=S),
        False,
        True,
    ),
    Pair(
        "no longer nullable, in Swagger",
        {"swagger": "2.0", "definitions": {"A": {**S, "x-nullable": True}}},
        {"swagger": "2.0", "definitions": {"A": S}},
        False,
        True,
    ),
    Pair(
        "a resource within another is read in its own dialect",
        _draft("07", {"properties": {"a": {"$ref": "https://e/a"}}, "definitions": {"a": _resource(9)}}),
        _draft("07", {"properties": {"a": {"$ref": "https://e/a"}}, "definitions": {"a": _resource(3)}}),
        False,
        True,
    ),
    Pair(
        "nullable beside a choice",
        _oas("3.0.3", A={"oneOf": [S, I], "nullable": True, "description": "either"}),
        _oas("3.1.0", A={"oneOf": [S, I, {"type": "null"}]}),
        True,
        True,
    ),
    Pair(
        "32 bits become 64",
        _oas("3.0.3", A={**I, "format": "int32"}),
        _oas("3.0.3", A={**I, "format": "int64"}),
        True,
        False,
    ),
    Pair(
        "a component within another",
        _oas("3.1.0", A=_object({"b": {"$ref": "#/components/schemas/B"}}), B=S),
        _oas("3.1.0", A=_object({"b": {"$ref": "#/components/schemas/B"}}), B={**S, "maxLength": 2}),
        False,
        True,
    ),
    # --- what is easily got wrong
    Pair("if chain to oneOf", _chain("a", "b"), _needs(a=["fa"], b=["fb"]), False, True),
    Pair("chain more", _chain("a", "b"), _chain("a", "b", "c"), True, False),
    Pair("required moved into oneOf", _needs(a=[], b=[]), _needs(a=["fa"], b=[]), False, True),
    Pair(
        "tag enum branch split",
        {"oneOf": [_object({"k": {"enum": ["a", "b"]}}, "k")]},
        {"oneOf": [_object({"k": {"const": "a"}}, "k"), _object({"k": {"const": "b"}}, "k")]},
        True,
        True,
    ),
    Pair(
        "closed oneOf new branch",
        {"oneOf": [_closed({"a": S}, "a")]},
        {"oneOf": [_closed({"a": S}, "a"), _closed({"b": S}, "b")]},
        True,
        False,
    ),
    Pair(
        "open oneOf overlap",
        {"oneOf": [_object({"a": S}, "a")]},
        {"oneOf": [_object({"a": S}, "a"), _object({"b": S}, "b")]},
        False,
        False,
    ),
    Pair("anyOf merged", {"anyOf": [{"enum": ["a"]}, {"enum": ["b"]}]}, {"enum": ["a", "b"]}, True, True),
    Pair("null via oneOf", {"oneOf": [S, {"type": "null"}]}, {"type": ["string", "null"]}, True, True),
    Pair(
        "allOf inheritance add optional closed by uneval",
        {"allOf": [{"$ref": "#/$defs/B"}], "unevaluatedProperties": False, "$defs": {"B": _object({"a": S})}},
        {
            "allOf": [{"$ref": "#/$defs/B"}],
            "properties": {"c": S},
            "unevaluatedProperties": False,
            "$defs": {"B": _object({"a": S})},
        },
        True,
        False,
    ),
    Pair(
        "uneval with oneOf",
        {
            "oneOf": [_object({"k": {"const": "a"}, "x": S}, "k"), _object({"k": {"const": "b"}, "y": S}, "k")],
            "unevaluatedProperties": False,
        },
        {"oneOf": [_closed({"k": {"const": "a"}, "x": S}, "k"), _closed({"k": {"const": "b"}, "y": S}, "k")]},
        True,
        True,
    ),
    Pair(
        "root recursion",
        {"type": "object", "properties": {"c": {"type": "array", "items": {"$ref": "#"}}, "n": S}},
        {
            "type": "object",
            "properties": {"c": {"type": "array", "items": {"$ref": "#"}}, "n": {"type": "string", "maxLength": 5}},
        },
        False,
        True,
    ),
    Pair(
        "mutual recursion",
        {
            "$ref": "#/$defs/A",
            "$defs": {"A": _closed({"b": {"$ref": "#/$defs/B"}}), "B": _closed({"a": {"$ref": "#/$defs/A"}})},
        },
        {"$ref": "#/$defs/X", "$defs": {"X": _closed({"b": _closed({"a": {"$ref": "#/$defs/X"}})})}},
        True,
        True,
    ),
    Pair(
        "recursive anyOf expr",
        {
            "$ref": "#/$defs/E",
            "$defs": {
                "E": {
                    "anyOf": [
                        N,
                        _closed(
                            {"op": {"enum": ["+"]}, "l": {"$ref": "#/$defs/E"}, "r": {"$ref": "#/$defs/E"}},
                            "op",
                            "l",
                            "r",
                        ),
                    ]
                }
            },
        },
        {
            "$ref": "#/$defs/E",
            "$defs": {
                "E": {
                    "anyOf": [
                        N,
                        _closed(
                            {"op": {"enum": ["+", "-"]}, "l": {"$ref": "#/$defs/E"}, "r": {"$ref": "#/$defs/E"}},
                            "op",
                            "l",
                            "r",
                        ),
                    ]
                }
            },
        },
        True,
        False,
    ),
    Pair(
        "recursive oneOf expr",
        {
            "$ref": "#/$defs/E",
            "$defs": {
                "E": {
                    "oneOf": [N, _closed({"l": {"$ref": "#/$defs/E"}}, "l"), _closed({"r": {"$ref": "#/$defs/E"}}, "r")]
                }
            },
        },
        {
            "$ref": "#/$defs/E",
            "$defs": {
                "E": {
                    "oneOf": [
                        N,
                        _closed({"l": {"$ref": "#/$defs/E"}}, "l"),
                        _closed({"r": {"$ref": "#/$defs/E"}}, "r"),
                        S,
                    ]
                }
            },
        },
        True,
        False,
    ),
    Pair(
        "recursion with if",
        {
            "$ref": "#/$defs/E",
            "$defs": {
                "E": {
                    "type": "object",
                    "properties": {"leaf": {"type": "boolean"}, "c": {"type": "array", "items": {"$ref": "#/$defs/E"}}},
                    "required": ["leaf"],
                    "if": {"properties": {"leaf": {"const": True}}},
                    "then": {"properties": {"c": False}},
                }
            },
        },
        {
            "$ref": "#/$defs/E",
            "$defs": {
                "E": {
                    "type": "object",
                    "properties": {"leaf": {"type": "boolean"}, "c": {"type": "array", "items": {"$ref": "#/$defs/E"}}},
                    "required": ["leaf"],
                }
            },
        },
        True,
        False,
    ),
    Pair(
        "recursive unevaluated",
        {
            "$ref": "#/$defs/E",
            "$defs": {
                "E": {
                    "allOf": [_object({"a": S})],
                    "properties": {"n": {"$ref": "#/$defs/E"}},
                    "unevaluatedProperties": False,
                }
            },
        },
        {
            "$ref": "#/$defs/E",
            "$defs": {
                "E": {
                    "allOf": [_object({"a": S, "b": S})],
                    "properties": {"n": {"$ref": "#/$defs/E"}},
                    "unevaluatedProperties": False,
                }
            },
        },
        True,
        False,
    ),
    Pair("min/max one value", {**I, "minimum": 3, "maximum": 3}, {"const": 3}, True, True),
    Pair("enum subset pattern", {"enum": ["A1", "B2"]}, {"type": "string", "pattern": "^[A-Z][0-9]$"}, True, False),
    Pair("pattern alt = enum", {"type": "string", "pattern": "^(a|b|c)$"}, {"enum": ["a", "b", "c"]}, True, True),
    Pair(
        "length+pattern eq",
        {"type": "string", "pattern": "^[0-9]*$", "minLength": 2, "maxLength": 4},
        {"type": "string", "pattern": "^[0-9]{2,4}$"},
        True,
        True,
    ),
    Pair(
        "uuid fmt to pattern",
        {"type": "string", "format": "uuid"},
        {"type": "string", "pattern": "^[0-9a-fA-F-]{36}$"},
        True,
        False,
    ),
    Pair(
        "uri to uri-reference",
        {"type": "string", "format": "uri"},
        {"type": "string", "format": "uri-reference"},
        True,
        False,
    ),
    Pair("email minLength", {"type": "string", "format": "email"}, {"type": "string", "minLength": 1}, True, False),
    Pair("not required", {"not": {"required": ["a"]}}, {"properties": {"a": False}}, True, False),
    Pair("not anyOf", {"not": {"anyOf": [S, N]}}, {"type": ["null", "boolean", "array", "object"]}, True, True),
    Pair("not not enum", {"not": {"enum": [1, 2]}}, {"not": {"const": 1}}, True, False),
    Pair("number not multiple", {**N, "not": {"multipleOf": 1}}, {**N, "not": {"multipleOf": 2}}, True, False),
    Pair(
        "contains min->items",
        {"type": "array", "items": I, "minItems": 2},
        {"type": "array", "contains": I, "minContains": 2},
        True,
        False,
    ),
    Pair(
        "contains const unique",
        {"type": "array", "contains": {"const": 1}, "maxContains": 1},
        {"type": "array", "contains": {"const": 1}},
        True,
        False,
    ),
    Pair(
        "uniqueItems bool max",
        {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True},
        {"type": "array", "items": {"type": "boolean"}, "maxItems": 2},
        True,
        False,
    ),
    Pair(
        "tuple narrower",
        {"type": "array", "prefixItems": [I, S], "items": False, "minItems": 2},
        {"type": "array", "items": {"type": ["integer", "string"]}},
        True,
        False,
    ),
    Pair(
        "dep schema closed",
        _object({"a": S}, dependentSchemas={"a": {"properties": {"b": I}, "required": ["b"]}}),
        _object({"a": S}, dependentRequired={"a": ["b"]}),
        True,
        False,
    ),
    Pair(
        "propertyNames enum",
        {"type": "object", "propertyNames": {"enum": ["a", "b"]}},
        _closed({"a": True, "b": True}),
        True,
        True,
    ),
    Pair(
        "propertyNames maxLength",
        {"type": "object", "propertyNames": {"maxLength": 3}},
        {"type": "object", "propertyNames": {"maxLength": 5}},
        True,
        False,
    ),
    Pair(
        "patternProps vs addl",
        {"type": "object", "patternProperties": {"": S}},
        {"type": "object", "additionalProperties": S},
        True,
        True,
    ),
    Pair(
        "minProps required",
        {"type": "object", "minProperties": 1, "properties": {"a": S}, "additionalProperties": False},
        _closed({"a": S}, "a"),
        True,
        True,
    ),
    Pair("maxProps 0", {"type": "object", "maxProperties": 0}, {"const": {}}, True, True),
    Pair("maxItems 0", {"type": "array", "maxItems": 0}, {"const": []}, True, True),
    Pair("items false", {"type": "array", "items": False}, {"type": "array", "maxItems": 0}, True, True),
    Pair("empty string", {"type": "string", "maxLength": 0}, {"const": ""}, True, True),
    Pair(
        "required with false",
        _closed({"a": S}),
        {"type": "object", "properties": {"a": S}, "propertyNames": {"const": "a"}},
        True,
        True,
    ),
    Pair(
        "int overlap anyOf",
        {**I, "minimum": 0, "maximum": 10},
        {"anyOf": [{**I, "maximum": 3}, {**I, "minimum": 4, "maximum": 7}, {**I, "minimum": 8}]},
        True,
        False,
    ),
    Pair(
        "float gap",
        {**N, "minimum": 0, "maximum": 10},
        {"anyOf": [{**N, "maximum": 3}, {**N, "minimum": 4}]},
        False,
        False,
    ),
    Pair(
        "type split object",
        {"type": ["string", "object"], "minLength": 1, "required": ["a"]},
        {"anyOf": [{"type": "string", "minLength": 1}, {"type": "object", "required": ["a"]}]},
        True,
        True,
    ),
    Pair("const obj", {"const": {"a": 1, "b": [1]}}, _object({"a": I, "b": {"type": "array"}}, "a"), True, False),
    Pair(
        "draft4 to 2020 same",
        {
            "$schema": "http://json-schema.org/draft-04/schema#",
            "type": "object",
            "properties": {"a": {"type": "integer", "minimum": 1, "exclusiveMinimum": True}},
        },
        {"type": "object", "properties": {"a": {"type": "integer", "minimum": 2}}},
        True,
        True,
    ),
    Pair("big enum int", {"enum": list(range(200))}, {**I, "minimum": 0, "maximum": 199}, True, True),
    Pair("int range 200 to enum", {**I, "minimum": 0, "maximum": 199}, {"enum": list(range(200))}, True, True),
    Pair(
        "then only",
        {"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}},
        {"type": "object", "dependentRequired": {"a": ["b"]}},
        True,
        True,
    ),
    Pair(
        "if else tot",
        {"if": S, "then": {"minLength": 2}, "else": False},
        {"type": "string", "minLength": 2},
        True,
        True,
    ),
    Pair(
        "oneOf exclusive req",
        {"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object"},
        {"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object"},
        True,
        False,
    ),
    Pair(
        "xor to not",
        {"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {"type": "object", "not": {"required": ["a", "b"]}},
        True,
        False,
    ),
    Pair(
        "one branch among parts closed together",
        {"allOf": [{"oneOf": [_object({"kind": {"const": "b"}}, "kind")]}], "unevaluatedProperties": False},
        {"allOf": [{"oneOf": [_object({"kind": {}}, "kind")]}], "unevaluatedProperties": False},
        True,
        False,
    ),
)
