"""Every lint rule finds its own tiny breach, and our schemas have none."""

import copy
import json
import re
from typing import Any

import pytest
from openreturns._schemas import folder, versions
from openreturns_codegen.lint import IMPERSONAL, RULES, lint

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
    ("PERSONAL_DATA", SIZE, {"$ref": "#/$defs/Text"}),
    ("PERSONAL_DATA", SIZE, {"type": "array", "items": {"$ref": "#/$defs/Text"}}),
    ("PERSONAL_DATA", SIZE, {"type": "object", "additionalProperties": {"$ref": "#/$defs/Text"}}),
    ("PERSONAL_DATA", SIZE, {"type": "string", "maxLength": 9}),
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


def test_a_text_under_a_new_name_needs_a_decision_wherever_it_stands() -> None:
    """Only what is on the list of forms without room for a person does without one."""
    name = {"title": "Name", "description": "A name.", "type": "string", "pattern": "^.+$", "maxLength": 99}
    field = {"$ref": "common.schema.json#/$defs/Name", "description": "The whole name."}
    common = {"title": "Common", "description": "Shared.", "$defs": {"Name": name}}
    schemas = {"thing.schema.json": with_words("/properties", {"fullName": field}), "common.schema.json": common}
    (finding,) = lint(schemas)
    assert (finding.rule, finding.file, finding.pointer) == (
        "PERSONAL_DATA",
        "thing.schema.json",
        "/properties/fullName",
    )
    assert lint({**schemas, "thing.schema.json": with_words("/properties", {"fullName": field | DECIDED})}) == []


DECIDED = {"x-personal-data": True}


@pytest.mark.parametrize("version", versions())
def test_our_schemas_are_clean(version: str) -> None:
    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in folder(version).glob("*.schema.json")}
    assert len(schemas) == 5
    assert lint(schemas) == []


@pytest.mark.parametrize("version", versions())
def test_the_texts_without_room_for_a_person_are_there_and_have_a_form(version: str) -> None:
    """`Text` could not be put on the list: it has no form but that of a line."""
    definitions = bundled(version)
    assert definitions.keys() >= IMPERSONAL
    assert [name for name in IMPERSONAL if not re.match(r"\^[^^]*$", definitions[name]["pattern"])] == []


def bundled(version: str) -> dict[str, Any]:
    schemas = [json.loads(path.read_text("utf-8")) for path in folder(version).glob("*.schema.json")]
    return {name: definition for schema in schemas for name, definition in schema["$defs"].items()}


# CloudEvents names the fields and their formats, and no classes are made from an event: all other rules hold.
NOT_OF_EVENTS = {"FORMAT", "KEYWORD_CHOICE", "STRING_NAMED"}


def test_our_event_is_clean_but_for_what_cloud_events_asks() -> None:
    [path] = folder().parent.glob("event/*/event.schema.json")
    shared = f"../../{folder().name}/common.schema.json"
    schemas = {name: json.loads((path.parent / name).read_text("utf-8")) for name in (path.name, shared)}
    found = [finding for finding in lint(schemas) if finding.file == path.name]
    assert [one for one in found if one.rule not in NOT_OF_EVENTS] == []
    assert {finding.rule for finding in found} == NOT_OF_EVENTS
