"""What a conjunction of schemas says about the values it admits: never too little, at times too much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import chain
from math import ceil, floor
from typing import Any, Final, TypeAlias

from openreturns.compat._language import Language, every, length, nothing, pattern, some, word
from openreturns.compat._pattern import UnsupportedPattern

__all__ = [
    "ATOMS",
    "Conjunction",
    "atoms",
    "bounds",
    "counts",
    "item",
    "matches",
    "member",
    "regions",
    "texts",
]

Conjunction: TypeAlias = tuple[Any, ...]
"""Schemas a value must all keep: objects without `$ref` and `allOf`, or false."""

# `fraction` is what is a number and no integer, so that integer and number can be told apart.
ATOMS: Final = ("null", "boolean", "integer", "fraction", "string", "array", "object")
_OF_TYPE: Final[Mapping[str, frozenset[str]]] = {
    **{name: frozenset({name}) for name in ATOMS},
    "number": frozenset({"integer", "fraction"}),
}
# No text of a format is outside these; texts inside need not be of the format.
_FORMS: Final = {
    "date": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "date-time": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]{8,}([Zz]|[+-][0-9:]{5})$",
    "uuid": "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
    "ipv4": r"^[0-9]{1,3}(\.[0-9]{1,3}){3}$",
    "time": "^[0-9]{2}:[0-9]{2}:[0-9]{2}",
}


def atom_of(value: object) -> str:
    """Return what kind of value a JSON value is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float, Decimal)):
        return "integer" if value == int(value) else "fraction"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def atoms(schemas: Conjunction) -> frozenset[str]:
    """Return the kinds of values that the schemas may admit."""
    found = frozenset(ATOMS)
    for schema in schemas:
        if schema is False:
            return frozenset()
        if "type" in schema:
            listed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            found &= frozenset(chain.from_iterable(_OF_TYPE[one] for one in listed))
        for values in ([schema["const"]] if "const" in schema else None, schema.get("enum")):
            if values is not None:
                found &= frozenset(map(atom_of, values))
        if "multipleOf" in schema and Fraction(str(schema["multipleOf"])).denominator == 1:
            found -= {"fraction"}
    return found


def bounds(schemas: Conjunction) -> tuple[tuple[Fraction, bool] | None, tuple[Fraction, bool] | None]:
    """Return the lowest and highest number, each with whether it is itself excluded."""
    low: tuple[Fraction, bool] | None = None
    high: tuple[Fraction, bool] | None = None
    whole = "fraction" not in atoms(schemas)
    for schema in schemas:
        for key, excluded in (("minimum", False), ("exclusiveMinimum", True)):
            if key in schema:
                limit = Fraction(str(schema[key]))
                one = (Fraction(floor(limit) + 1 if excluded else ceil(limit)), False) if whole else (limit, excluded)
                low = one if low is None else max(low, one)
        for key, excluded in (("maximum", False), ("exclusiveMaximum", True)):
            if key in schema:
                limit = Fraction(str(schema[key]))
                one = (Fraction(ceil(limit) - 1 if excluded else floor(limit)), False) if whole else (limit, excluded)
                high = one if high is None else min(high, one, key=lambda bound: (bound[0], not bound[1]))
    return low, high


def counts(schemas: Conjunction, what: str) -> tuple[int, int | None]:
    """Return the least and greatest count: of `Length`, `Items` or `Properties`."""
    low = max((int(schema.get(f"min{what}", 0)) for schema in schemas), default=0)
    high = min((int(schema[f"max{what}"]) for schema in schemas if f"max{what}" in schema), default=None)
    if what == "Properties":
        low = max(low, len(required(schemas)))
        for schema in schemas:
            if schema.get("additionalProperties") is False and not schema.get("patternProperties"):
                most = sum(1 for inner in schema.get("properties", {}).values() if inner is not False)
                high = most if high is None else min(high, most)
    if what == "Items":
        low = max([low, *(int(schema.get("minContains", 1)) for schema in schemas if "contains" in schema)])
        for schema in schemas:
            if schema.get("items") is False:
                most = len(schema.get("prefixItems", ()))
                high = most if high is None else min(high, most)
    return low, high


def required(schemas: Conjunction) -> frozenset[str]:
    """Return the members every value has."""
    return frozenset(chain.from_iterable(schema.get("required", ()) for schema in schemas))


@cache
def _validator(expression: str) -> Any:  # noqa: ANN401 - jsonschema-rs's own
    import jsonschema_rs

    return jsonschema_rs.validator_for({"pattern": expression})


def matches(expression: str, name: str) -> bool:
    """Return whether a pattern is found in a text, as the validator finds it."""
    return bool(_validator(expression).is_valid(name))


def member(schemas: Conjunction, name: str) -> Conjunction:
    """Return what the schemas say about the member of a name."""
    return tuple(chain.from_iterable([False] if schema is False else _member(schema, name) for schema in schemas))


def _member(schema: Mapping[str, Any], name: str) -> list[Any]:
    said = [schema["properties"][name]] if name in schema.get("properties", {}) else []
    said += [inner for expression, inner in schema.get("patternProperties", {}).items() if matches(expression, name)]
    return said or ([schema["additionalProperties"]] if "additionalProperties" in schema else [])


def item(schemas: Conjunction, place: int | None) -> Conjunction:
    """Return what the schemas say about the element at a place, or behind every place they list."""
    found = []
    for schema in schemas:
        if schema is False:
            return (False,)
        listed = schema.get("prefixItems", ())
        if place is not None and place < len(listed):
            found.append(listed[place])
        elif "items" in schema:
            found.append(schema["items"])
    return tuple(found)


@cache
def _known(expression: str, lines: str) -> Language | None:
    try:
        return pattern(expression, lines=lines)
    except UnsupportedPattern:
        return None


def texts(schemas: Iterable[Any], lines: str) -> Language:
    """Return a set that holds every text the schemas admit."""
    found = every()
    for schema in schemas:
        if schema is False:
            return nothing()
        if schema is True:
            continue
        if "minLength" in schema or "maxLength" in schema:
            high = schema.get("maxLength")
            found &= length(int(schema.get("minLength", 0)), None if high is None else int(high))
        for expression in (schema.get("pattern"), _FORMS.get(str(schema.get("format", "")))):
            found &= (_known(expression, lines) if expression is not None else None) or every()
        for values in ([schema["const"]] if "const" in schema else None, schema.get("enum")):
            if values is not None:
                found &= some(word(value) for value in values if isinstance(value, str))
        refused = schema.get("not")
        if isinstance(refused, dict) and _plain(refused, lines):
            found &= ~texts((refused,), lines)
    return found


def _plain(schema: Mapping[str, Any], lines: str) -> bool:
    """Return whether `texts` of a schema is exact."""
    known = "pattern" not in schema or _known(schema["pattern"], lines) is not None
    spelled = schema.keys() <= {"type", "pattern", "minLength", "maxLength", "const", "enum"}
    return known and spelled and schema.get("type", "string") == "string"


def regions(schemas: Conjunction, wanted: Language, lines: str) -> Iterator[tuple[Conjunction, str]]:
    """Yield what the schemas say about members that they do not name, by the pattern their names match.

    Only about names in `wanted`; a region that no name is in is left out. What is yielded may say too little.
    """
    named = some(word(name) for schema in schemas for name in schema.get("properties", {}))
    allowed = texts(chain.from_iterable([s["propertyNames"]] if "propertyNames" in s else [] for s in schemas), lines)
    unnamed = wanted & ~named & allowed
    expressions = list(dict.fromkeys(e for schema in schemas for e in schema.get("patternProperties", {})))
    others = unnamed
    for expression in expressions:
        language = _known(expression, lines)
        if language is None:
            yield _in_region(schemas, expression), expression
            continue
        if (unnamed & language).example() is not None:
            yield _in_region(schemas, expression), expression
        others &= ~language
    if others.example() is not None:
        yield tuple(s["additionalProperties"] for s in schemas if "additionalProperties" in s), ""


def _in_region(schemas: Conjunction, expression: str) -> Conjunction:
    found = []
    for schema in schemas:
        patterns = schema.get("patternProperties", {})
        if expression in patterns:
            found.append(patterns[expression])
        elif not patterns and "additionalProperties" in schema:
            found.append(schema["additionalProperties"])
    return tuple(found)


def known_language(expression: str, lines: str) -> Language | None:
    """Return the language of a pattern, None where it is not supported."""
    return _known(expression, lines)
