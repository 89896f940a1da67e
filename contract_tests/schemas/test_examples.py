"""The example documents: right ones keep schema and invariants, wrong ones break the one thing they are about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from openreturns._schemas import DOCUMENTS as NAMES
from openreturns._schemas import bundle, folder, load
from openreturns.invariants import check, check_case
from openreturns.models import DOCUMENTS, CanonicalModel, Document
from openreturns.models._base import wire_name
from openreturns.validation import document_validator

EXAMPLES = folder() / "examples"
VALID = sorted(EXAMPLES.glob("*/valid/*.json"))
WRONG = sorted(path for path in EXAMPLES.glob("*/invalid/*.json") if path.name != "expected.json")
CASES = sorted(path for path in (EXAMPLES / "cases").iterdir())


def said(path: Path) -> str:
    return "/".join(path.relative_to(EXAMPLES).parts).removesuffix(".json")


def document_of(path: Path) -> Document:
    data = path.read_bytes()
    return DOCUMENTS[json.loads(data)["meta"]["schema"].split("/")[1]].model_validate_json(data)


@pytest.mark.parametrize("path", VALID, ids=said)
def test_a_right_document_keeps_schema_and_invariants(path: Path) -> None:
    name, value = path.parts[-3], json.loads(path.read_bytes())
    assert document_validator(name).problems(value) == ()
    assert [str(problem) for problem in check(document_of(path))] == []


@pytest.mark.parametrize("path", VALID, ids=said)
def test_a_right_document_is_written_as_it_was_read(path: Path) -> None:
    assert document_of(path).to_json() == json.dumps(
        json.loads(path.read_bytes()), separators=(",", ":"), ensure_ascii=False
    ).encode("utf-8")


@pytest.mark.parametrize("path", WRONG, ids=said)
def test_a_wrong_document_breaks_the_one_thing_it_is_about(path: Path) -> None:
    expected = json.loads((path.parent / "expected.json").read_bytes())[path.name]
    name, value = path.parts[-3], json.loads(path.read_bytes())
    broken = {("schema", problem.canonical) for problem in document_validator(name).problems(value)}
    if not broken:
        broken = {(problem.code, problem.canonical) for problem in check(document_of(path))}
    assert broken == {(expected["by"], expected["pointer"])}


@pytest.mark.parametrize("name", NAMES)
def test_every_wrong_document_says_what_is_wrong(name: str) -> None:
    expected = json.loads((EXAMPLES / name / "invalid" / "expected.json").read_bytes())
    assert sorted(expected) == [path.name for path in WRONG if path.parts[-3] == name]


@pytest.mark.parametrize("name", NAMES)
def test_there_are_examples_enough(name: str) -> None:
    assert sum(path.parts[-3] == name for path in VALID) >= 8
    assert sum(path.parts[-3] == name for path in WRONG) >= 6


@pytest.mark.parametrize("case", CASES, ids=said)
def test_a_whole_case_keeps_every_rule(case: Path) -> None:
    documents = [document_of(path) for path in sorted(case.glob("*.json"))]
    for path in case.glob("*.json"):
        value = json.loads(path.read_bytes())
        assert document_validator(value["meta"]["schema"].split("/")[1]).problems(value) == ()
    assert [str(problem) for problem in check_case(documents)] == []


def test_the_right_documents_use_every_field_of_every_definition() -> None:
    used: set[tuple[str, str]] = set()
    for path in VALID:
        used |= set(uses(document_of(path)))
    there = {
        (title, name)
        for schema in map(load, (*NAMES, "common"))
        for title, definition in {schema["title"]: schema, **schema["$defs"]}.items()
        for name in definition.get("properties", ())
    }
    assert there - used == set()


def test_every_code_of_goods_and_money_is_shown() -> None:
    """The words people look for first each stand in some example."""
    text = "".join(path.read_text("utf-8") for path in (*VALID, *EXAMPLES.glob("cases/*/*.json")))
    for definition in ("DispositionValue", "StockStatus", "StockBoundary"):
        for code in bundle("disposition")["$defs"][definition]["enum"]:
            assert f'"{code}"' in text, code


def uses(part: CanonicalModel) -> Iterator[tuple[str, str]]:
    """Each definition with each of its fields that has a value, at any depth."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        if value is not None:
            yield type(part).__name__, wire_name(name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, CanonicalModel):
                yield from uses(inner)
