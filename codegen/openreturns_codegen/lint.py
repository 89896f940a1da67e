"""Rules that keep the schemas inside the subset every validator and the generated classes agree on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["RULES", "Finding", "LintRule", "lint"]

Schema = Mapping[str, Any]
Schemas = Mapping[str, Schema]
Breach = tuple[str, str, str]  # file, JSON pointer, what is wrong there


@dataclass(frozen=True, slots=True)
class LintRule:
    """A rule: its id is never used again for another, its sentence is what the documentation prints."""

    id: str
    sentence: str
    check: Callable[[Schemas], Iterator[Breach]]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One place in one file that breaks a rule."""

    file: str
    pointer: str
    rule: str
    message: str


def lint(schemas: Schemas) -> list[Finding]:
    """Return every finding in a set of schemas by file name, in the order of files and places."""
    return sorted(
        Finding(file, pointer, rule.id, message) for rule in RULES for file, pointer, message in rule.check(schemas)
    )


# ---------------------------------------------------------------- walking a schema

# Keywords whose value is one schema, and those whose value is a map of schemas by a free name.
_INSIDE = ("additionalProperties", "items", "contains", "not", "if", "then", "else", "propertyNames")
_MAPS = ("$defs", "properties", "patternProperties", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")


@dataclass(frozen=True, slots=True)
class _Node:
    """One schema inside a file. `parent` is the keyword that holds it ("" for the file's root)."""

    file: str
    pointer: str
    parent: str
    name: str
    body: Schema

    def breach(self, message: str) -> Breach:
        return self.file, self.pointer, message


def _nodes(schemas: Schemas) -> Iterator[_Node]:
    for file, schema in schemas.items():
        yield from _below(_Node(file, "", "", "", schema))


def _below(node: _Node) -> Iterator[_Node]:
    yield node
    for parent, name, pointer, body in _children(node.body):
        if isinstance(body, Mapping):
            yield from _below(_Node(node.file, f"{node.pointer}/{pointer}", parent, name, body))


def _children(body: Schema) -> Iterator[tuple[str, str, str, object]]:
    for key in _INSIDE:
        yield key, key, key, body.get(key)
    for key in _MAPS:
        for name, value in body.get(key, {}).items():
            yield key, name, f"{key}/{name}", value
    for key in _LISTS:
        for index, value in enumerate(body.get(key, [])):
            yield key, key, f"{key}/{index}", value


def _types(body: Schema) -> list[str]:
    said = body.get("type", [])
    return [said] if isinstance(said, str) else list(said)


def _is_object(body: Schema) -> bool:
    return "object" in _types(body) or "properties" in body


def _target(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]


# ---------------------------------------------------------------- the rules


def _words(*forbidden: str) -> Callable[[Schemas], Iterator[Breach]]:
    def check(schemas: Schemas) -> Iterator[Breach]:
        for node in _nodes(schemas):
            for word in sorted(node.body.keys() & set(forbidden)):
                yield node.breach(f"{word} is not used here")

    return check


def _type_words(forbidden: str) -> Callable[[Schemas], Iterator[Breach]]:
    def check(schemas: Schemas) -> Iterator[Breach]:
        for node in _nodes(schemas):
            if forbidden in _types(node.body):
                yield node.breach(f"type {forbidden} is not used here")

    return check


def _null_values(schemas: Schemas) -> Iterator[Breach]:
    yield from _type_words("null")(schemas)
    for node in _nodes(schemas):
        if None in node.body.get("enum", []) or ("const" in node.body and node.body["const"] is None):
            yield node.breach("null is not a value here")


def _choices(schemas: Schemas) -> Iterator[Breach]:
    for node in _nodes(schemas):
        for word in _LISTS[:3]:
            if word in node.body:
                yield node.breach(f"{word} has no counterpart in a class; write an invariant")


_CLASSES = re.compile(r"\\[dDwWsSbBpPAzZ]")
_LOOKING = re.compile(r"\(\?")


def _patterns(schemas: Schemas) -> Iterator[tuple[_Node, str]]:
    for node in _nodes(schemas):
        if "pattern" in node.body:
            yield node, node.body["pattern"]
        for pattern in node.body.get("patternProperties", {}):
            yield node, pattern


def _portable_patterns(schemas: Schemas) -> Iterator[Breach]:
    for node, pattern in _patterns(schemas):
        if _CLASSES.search(pattern) or _LOOKING.search(pattern):
            yield node.breach(f"{pattern!r}: regex engines disagree on classes like \\d and on (?...)")


def _anchored_patterns(schemas: Schemas) -> Iterator[Breach]:
    for node, pattern in _patterns(schemas):
        if not (pattern.startswith("^") and pattern.endswith("$")) or _splits(pattern):
            yield node.breach(f"{pattern!r} must hold for the whole text: ^...$")


def _splits(pattern: str) -> bool:
    """Whether a bar stands outside every bracket, so that ^ and $ belong to different branches."""
    bare = re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "", pattern)
    while (shorter := re.sub(r"\([^()]*\)", "", bare)) != bare:
        bare = shorter
    return "|" in bare


def _formats(schemas: Schemas) -> Iterator[Breach]:
    for node in _nodes(schemas):
        known = node.body.get("format", "date") in {"date", "date-time"}
        if not known or ("format" in node.body and "pattern" not in node.body):
            yield node.breach("a format is date or date-time, beside a pattern that fixes the spelling")


def _named_enums(schemas: Schemas) -> Iterator[Breach]:
    for node in _nodes(schemas):
        if "enum" in node.body and node.parent != "$defs":
            yield node.breach("a closed list is a definition of its own")


def _named_objects(schemas: Schemas) -> Iterator[Breach]:
    for node in _nodes(schemas):
        if _is_object(node.body) and node.parent not in {"", "$defs"}:
            yield node.breach("an object is a definition of its own")


def _titled(schemas: Schemas) -> Iterator[Breach]:
    for node in _nodes(schemas):
        if node.parent == "$defs" and node.body.get("title") != node.name:
            yield node.breach(f"the title must be the definition's name, {node.name!r}")
        elif node.parent == "" and not node.body.get("title"):
            yield node.breach("a schema needs a title")


def _described(schemas: Schemas) -> Iterator[Breach]:
    for node in _nodes(schemas):
        if node.parent in {"", "$defs", "properties"} and not node.body.get("description"):
            yield node.breach("needs a description")


def _closed(schemas: Schemas) -> Iterator[Breach]:
    for node in _nodes(schemas):
        if not _is_object(node.body):
            continue
        extra = node.body.get("additionalProperties", True)
        # A map has its keys or its values said; everything else names all its fields.
        free_map = "properties" not in node.body and isinstance(extra, Mapping) and "$ref" in extra
        if extra is not False and not free_map:
            yield node.breach("an object is closed: additionalProperties false")


def _string_definitions(schemas: Schemas) -> Iterator[Breach]:
    for node in _nodes(schemas):
        if "string" in _types(node.body) and node.parent not in {"$defs", "propertyNames"}:
            yield node.breach("text refers to a definition that says its form")


def _bounded(schemas: Schemas) -> Iterator[Breach]:
    for node in _nodes(schemas):
        if "string" in _types(node.body) and "enum" not in node.body and "maxLength" not in node.body:
            yield node.breach("text needs a maxLength")


# Texts whose form leaves no room for a person: numbers, moments, codes of published lists, hashes, our own words. In
# any other somebody may write whatever they like, so that somebody has to decide whether it can name a person.
IMPERSONAL = frozenset(
    {
        "CountryCode",
        "CurrencyCode",
        "Date",
        "DecimalString",
        "Gln",
        "Gtin",
        "MediaType",
        "SchemaName",
        "Sha256",
        "SignedDecimalString",
        "StatusName",
        "TaxCategory",
        "Timestamp",
        "UnitOfMeasure",
    }
)


def _personal_data(schemas: Schemas) -> Iterator[Breach]:
    for node in _nodes(schemas):
        if node.parent != "properties" or isinstance(node.body.get("x-personal-data"), bool):
            continue
        for value in (node.body, node.body.get("items", {})):
            name, definition = _definition(schemas, node.file, value)
            if name not in IMPERSONAL and _takes_any_text(definition):
                yield node.breach("say x-personal-data true or false: can it name or reach a person?")


def _definition(schemas: Schemas, file: str, body: Schema) -> tuple[str, Schema]:
    """Return the name and the words of what a schema refers to; of one that refers to nothing, its own words."""
    reference = body.get("$ref", "")
    name = _target(reference)
    known = schemas.get(reference.split("#")[0] or file, {}).get("$defs", {})
    return (name, known.get(name, {})) if reference else ("", body)


def _takes_any_text(body: Schema) -> bool:
    free_map = "object" in _types(body) and "properties" not in body
    return free_map or ("string" in _types(body) and "enum" not in body)


def _used(schemas: Schemas) -> Iterator[Breach]:
    references = {
        (node.file if ref.startswith("#") else ref.split("#")[0], _target(ref))
        for node in _nodes(schemas)
        if (ref := node.body.get("$ref"))
    }
    for file, schema in schemas.items():
        for name in schema.get("$defs", {}):
            if (file, name) not in references:
                yield file, f"/$defs/{name}", "nothing refers to this definition"


def _resolved(schemas: Schemas) -> Iterator[Breach]:
    for node in _nodes(schemas):
        reference = node.body.get("$ref", "")
        file, _, path = reference.partition("#")
        known = schemas.get(file or node.file, {}).get("$defs", {})
        if reference and (not path.startswith("/$defs/") or _target(path) not in known):
            yield node.breach(f"{reference!r} leads nowhere")


_CAMEL = re.compile(r"[a-z]+([A-Z][a-z]+|[0-9]+)*")


def _camel_case(schemas: Schemas) -> Iterator[Breach]:
    for node in _nodes(schemas):
        if node.parent == "properties" and not _CAMEL.fullmatch(node.name):
            yield node.breach("a field's name is camelCase, without runs of capitals")


_NEWER = ("unevaluatedProperties", "unevaluatedItems", "dependentRequired", "dependentSchemas", "dependencies")
_COUNTING = ("contains", "minContains", "maxContains", "uniqueItems")
_POINTING = ("$dynamicRef", "$dynamicAnchor", "$anchor", "$recursiveRef", "$recursiveAnchor")

RULES = (
    LintRule("KEYWORD_UNEVALUATED", "Some validators ignore unevaluated* and dependent*.", _words(*_NEWER)),
    LintRule("KEYWORD_CONTAINS", "What a list holds and that it holds it once is an invariant.", _words(*_COUNTING)),
    LintRule("KEYWORD_ANCHOR", "References are pointers; there are no anchors.", _words(*_POINTING)),
    LintRule("KEYWORD_CHOICE", "There is no allOf, anyOf or oneOf.", _choices),
    LintRule("KEYWORD_CONDITION", "Conditions are invariants.", _words("if", "then", "else", "not")),
    LintRule("KEYWORD_MULTIPLE", "multipleOf rounds differently everywhere.", _words("multipleOf")),
    LintRule("KEYWORD_DEFAULT", "A reader fills in nothing by itself.", _words("default")),
    LintRule("TYPE_NUMBER", "Money and quantities are text; other numbers are whole.", _type_words("number")),
    LintRule("TYPE_NULL", "An absent field is left out; there is no null.", _null_values),
    LintRule("PATTERN_PORTABLE", "A pattern means the same in every regex engine.", _portable_patterns),
    LintRule("PATTERN_ANCHORED", "A pattern holds for the whole text.", _anchored_patterns),
    LintRule("FORMAT", "A format only adds the calendar to a pattern.", _formats),
    LintRule("ENUM_NAMED", "Every closed list has a name.", _named_enums),
    LintRule("OBJECT_NAMED", "Every object has a name.", _named_objects),
    LintRule("OBJECT_CLOSED", "Every object is closed.", _closed),
    LintRule("TITLE", "Every definition is titled by its name.", _titled),
    LintRule("DESCRIPTION", "Every schema, definition and field is described.", _described),
    LintRule("STRING_NAMED", "Every text refers to a named definition.", _string_definitions),
    LintRule("STRING_BOUNDED", "Every text has a greatest length.", _bounded),
    LintRule("PERSONAL_DATA", "For every open text it is decided whether it is personal data.", _personal_data),
    LintRule("DEFINITION_USED", "Every definition is used.", _used),
    LintRule("REFERENCE_RESOLVED", "Every reference leads to a definition of this set.", _resolved),
    LintRule("NAME_CAMEL_CASE", "Field names are camelCase.", _camel_case),
)
