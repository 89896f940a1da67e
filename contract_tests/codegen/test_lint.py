"""Every lint rule finds its own tiny breach, and our schemas have none."""

import copy
import json
from typing import Any

import pytest
from openreturns._schemas import folder
from openreturns_codegen.lint import RULES, lint

CLEAN: dict[str, Any] = {
    "title": "Thing",
    "description": "A thing.",
    "type": "object",
    "properties": {
        "kind": {"$ref": "#/$defs/Kind", "description": "Its kind."},
        "name": {"$ref": "#/$defs/Text", "description": "Its name.", "x-personal-data": False},
        "size": {"type": "integer", "description": "Its size."},
    },
    "additionalProperties": False,
    "$defs": {
        "Kind": {"title": "Kind", "description": "A kind.", "type": "string", "enum": ["a", "b"]},
        "Text": {
            "title": "Text",
            "description": "Words.",
            "type": "string",
            "pattern": "^[a-z]+$",
            "maxLength": 9,
        },
    },
}
KIND, TEXT, SIZE = "/$defs/Kind", "/$defs/Text", "/properties/size"

# Rule, where in the clean schema a word is set (None takes it away), and what is set.
BREACHES: list[tuple[str, str, dict[str, Any]]] = [
    ("KEYWORD_UNEVALUATED", "", {"unevaluatedProperties": False}),
    ("KEYWORD_UNEVALUATED", "", {"dependentRequired": {"kind": ["size"]}}),
    ("KEYWORD_CONTAINS", SIZE, {"minContains": 1}),
    ("KEYWORD_CONTAINS", SIZE, {"uniqueItems": True}),
    ("KEYWORD_ANCHOR", KIND, {"$anchor": "kind"}),
    ("KEYWORD_ANCHOR", SIZE, {"$dynamicRef": "#kind"}),
    ("KEYWORD_CHOICE", "", {"anyOf": [{"required": ["kind"]}, {"required": ["size"]}]}),
    ("KEYWORD_CONDITION", "", {"if": {"required": ["kind"]}, "then": {"required": ["size"]}}),
    ("KEYWORD_MULTIPLE", SIZE, {"multipleOf": 2}),
    ("KEYWORD_DEFAULT", SIZE, {"default": 1}),
    ("TYPE_NUMBER", SIZE, {"type": "number"}),
    ("TYPE_NULL", SIZE, {"type": ["integer", "null"]}),
    ("TYPE_NULL", KIND, {"enum": ["a", None]}),
    ("PATTERN_PORTABLE", TEXT, {"pattern": "^\\d$"}),
    ("PATTERN_PORTABLE", TEXT, {"pattern": "^(?!a)[a-z]$"}),
    ("PATTERN_ANCHORED", TEXT, {"pattern": "^[a-z]"}),
    ("PATTERN_ANCHORED", TEXT, {"pattern": "^a$|^b$"}),
    ("FORMAT", TEXT, {"format": "uri"}),
    ("FORMAT", TEXT, {"format": "date", "pattern": None}),
    ("ENUM_NAMED", SIZE, {"enum": [1, 2]}),
    ("OBJECT_NAMED", SIZE, {"type": "object", "additionalProperties": False}),
    ("OBJECT_CLOSED", "", {"additionalProperties": None}),
    ("TITLE", KIND, {"title": "Sort"}),
    ("TITLE", "", {"title": None}),
    ("DESCRIPTION", SIZE, {"description": None}),
    ("DESCRIPTION", KIND, {"description": None}),
    ("STRING_NAMED", SIZE, {"type": "string", "maxLength": 9}),
    ("STRING_BOUNDED", TEXT, {"maxLength": None}),
    ("PERSONAL_DATA", "/properties/name", {"x-personal-data": None}),
    ("DEFINITION_USED", "/properties/kind", {"$ref": "#/$defs/Text", "x-personal-data": False}),
    ("REFERENCE_RESOLVED", SIZE, {"$ref": "other.schema.json#/$defs/Size"}),
    ("NAME_CAMEL_CASE", "/properties", {"unit_price": SIZE}),
]


def with_words(pointer: str, words: dict[str, Any]) -> dict[str, Any]:
    schema = copy.deepcopy(CLEAN)
    node = schema
    for step in pointer.split("/")[1:]:
        node = node[step]
    node.update({k: schema["properties"]["size"] if v == SIZE else v for k, v in words.items()})
    for word in [word for word, value in words.items() if value is None]:
        del node[word]
    return schema


def test_a_clean_schema_has_no_findings() -> None:
    assert lint({"thing.schema.json": CLEAN}) == []


@pytest.mark.parametrize(("rule", "pointer", "words"), BREACHES)
def test_a_breach_is_found_where_it_is(rule: str, pointer: str, words: dict[str, Any]) -> None:
    findings = lint({"thing.schema.json": with_words(pointer, words)})
    assert rule in {finding.rule for finding in findings}
    assert {finding.file for finding in findings} == {"thing.schema.json"}


def test_a_finding_points_at_the_place() -> None:
    (finding,) = lint({"thing.schema.json": with_words(SIZE, {"default": 1})})
    assert (finding.rule, finding.pointer) == ("KEYWORD_DEFAULT", SIZE)


def test_every_rule_has_a_breach_and_a_name_of_its_own() -> None:
    assert {rule for rule, _, _ in BREACHES} == {rule.id for rule in RULES}
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_our_schemas_are_clean() -> None:
    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in folder().glob("*.schema.json")}
    assert len(schemas) == 5
    assert lint(schemas) == []
