"""A reader of version 1.0 accepts what a later minor version may add, and nothing else."""

import copy
import json
from typing import Any

import pytest
from openreturns._schemas import folder, load
from openreturns._tolerant import tolerant
from openreturns.validation import ENGINES, document_validator


def minimal(document: str) -> dict[str, Any]:
    path = folder() / "examples" / document / "valid" / "minimal.json"
    example: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return example


def changed(document: str, pointer: str, value: object) -> dict[str, Any]:
    whole = minimal(document)
    node: Any = whole
    *steps, last = pointer.split("/")[1:]
    for step in steps:
        node = node[int(step) if step.isdigit() else step]
    node[last] = value
    return whole


# What changes, and whether a tolerant reader accepts it; a strict writer never does.
CHANGES = [
    ("return", "/newField", "x", True),
    ("return", "/lines/0/newField", {"deep": [1]}, True),
    ("return", "/customer/newField", 1.5, True),
    ("return", "/lines/0/reason/code", "bored", True),
    ("disposition", "/lines/0/splits/0/condition/code", "slightly_burnt", True),
    ("disposition", "/lines/0/splits/0/disposition/code", "upcycle", True),
    ("adjustment", "/lines/0/reason/code", "moved_2nd_time", True),
    ("credit", "/lines/0/reason/code", "loyalty", True),
    ("return", "/meta/schema", "openreturns/return/1.7", True),
    ("return", "/meta/schema", "openreturns/return/2.0", False),
    ("return", "/meta/schema", "openreturns/return/1.07", False),
    ("return", "/meta/schema", "openreturns/refund/1.0", False),
    ("return", "/status", "thinking", False),
    ("return", "/type", "barter", False),
    ("adjustment", "/lines/0/from/status", "lost", False),
    ("return", "/lines/0/reason/code", "Not A Code", False),
    ("return", "/lines/0/requested/value", "1,5", False),
    ("return", "/extensions", {"nodomain": 1}, False),
    ("return", "/lines", [], False),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("document", "pointer", "value", "accepted"), CHANGES)
def test_what_a_reader_accepts(document: str, pointer: str, value: object, accepted: bool, engine: str) -> None:
    record = changed(document, pointer, value)
    assert document_validator(document, form="tolerant", engine=engine).is_valid(record) is accepted
    assert not document_validator(document, engine=engine).is_valid(record)


def test_the_given_schema_stays_as_it_is() -> None:
    schema = load("common")
    before = copy.deepcopy(schema)
    tolerant(schema)
    assert schema == before


def test_opening_twice_is_opening_once() -> None:
    once = tolerant(load("common"))
    assert tolerant(once) == once


def test_a_vendors_contract_is_only_opened() -> None:
    vendor = {
        "type": "object",
        "properties": {
            "code": {"$ref": "#/$defs/Code"},
            "additionalProperties": {"type": "boolean", "enum": [False]},
        },
        "additionalProperties": False,
        "$defs": {
            "Code": {"type": "string", "enum": ["A", "B"]},
            "Map": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }
    opened = tolerant(vendor)
    del vendor["additionalProperties"]
    assert opened == vendor
