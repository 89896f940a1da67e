"""The published schemas are valid, named by their place, and hold their smallest examples."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from openreturns._schemas import DOCUMENTS, VERSION, folder
from openreturns.validation import ENGINES, document_validator

FILES = sorted(path.relative_to(folder()).as_posix() for path in folder().rglob("*.schema.json"))
EXAMPLES = sorted(folder().glob("examples/*/valid/minimal.json"))


def load(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((folder() / name).read_text("utf-8"))
    return schema


@pytest.mark.parametrize("name", FILES)
def test_a_schema_is_valid_and_named_by_its_place(name: str) -> None:
    schema = load(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"https://openreturns.org/schemas/{VERSION}/{name}"
    jsonschema_rs.meta.validate(schema)


@pytest.mark.parametrize("name", [name for name in FILES if "/" not in name])
def test_words_stand_in_one_order(name: str) -> None:
    order = ["$schema", "$id", "title", "description", "type", "properties", "required"]
    order += ["additionalProperties", "$defs"]
    schema = load(name)
    assert [word for word in order if word in schema] == list(schema)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parts[-3])
@pytest.mark.parametrize("form", ["strict", "tolerant"])
@pytest.mark.parametrize("engine", ENGINES)
def test_the_smallest_example_keeps_the_contract(path: Path, form: str, engine: str) -> None:
    validator = document_validator(path.parts[-3], form=form, engine=engine)
    assert validator.problems(json.loads(path.read_text("utf-8"))) == ()


def test_every_document_has_a_smallest_example() -> None:
    assert sorted(path.parts[-3] for path in EXAMPLES) == sorted(DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_smallest_example_holds_required_fields_only(document: str) -> None:
    example = load(f"examples/{document}/valid/minimal.json")
    assert set(example) == set(load(f"{document}.schema.json")["required"])
