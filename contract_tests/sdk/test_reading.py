"""A canonical document is read as strictly or as tolerantly as was asked for, and nothing is lost in silence."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from openreturns._json import parse
from openreturns._schemas import DOCUMENTS, bundle, folder
from openreturns.errors import ContractError
from openreturns.reading import CATCH_ALLS, read_document
from openreturns.validation import document_validator

Change = tuple[str, object]


def minimal(document: str) -> dict[str, Any]:
    example: dict[str, Any] = json.loads(
        (folder() / "examples" / document / "valid" / "minimal.json").read_text("utf-8")
    )
    return example


def changed(document: str, *changes: Change) -> dict[str, Any]:
    whole = minimal(document)
    for pointer, value in changes:
        node: Any = whole
        *steps, last = pointer.split("/")[1:]
        for step in steps:
            node = node[int(step) if step.isdigit() else step]
        node[last] = value
    return whole


# What the writer changed; the places set aside, each with its code; what is read there instead.
LATER: dict[str, tuple[str, list[Change], dict[str, str], dict[str, object]]] = {
    "nothing": ("return", [], {}, {}),
    "a newer minor version": (
        "return",
        [("/meta/schema", "openreturns/return/1.7")],
        {"/meta/schema": "newer_version"},
        {"/meta/schema": "openreturns/return/1.1"},
    ),
    "a field at the top": ("credit", [("/loyalty", {"points": 1.5})], {"/loyalty": "unknown_field"}, {}),
    "a field inside a line": ("return", [("/lines/0/a~b", 1)], {"/lines/0/a~0b": "unknown_field"}, {}),
    "a field inside a shared type": ("return", [("/customer/x", None)], {"/customer/x": "unknown_field"}, {}),
    "a reason of a later list": (
        "return",
        [("/lines/0/reason", {"code": "bored", "note": "said so"})],
        {"/lines/0/reason/code": "unknown_code"},
        {
            "/lines/0/reason": {
                "code": "other",
                "source": {"scheme": "openreturns:ReturnReasonValue", "value": "bored"},
                "note": "said so",
            }
        },
    ),
    "a reason with the vendor's own word": (
        "return",
        [("/lines/0/reason", {"code": "bored", "source": {"scheme": "x", "value": "B"}})],
        {"/lines/0/reason/code": "unknown_code"},
        {"/lines/0/reason": {"code": "other", "source": {"scheme": "x", "value": "B"}}},
    ),
    "a disposition": (
        "disposition",
        [("/lines/0/splits/0/disposition", {"code": "upcycle"})],
        {"/lines/0/splits/0/disposition/code": "unknown_code"},
        {"/lines/0/splits/0/disposition/code": "pending"},
    ),
    "a condition": (
        "disposition",
        [("/lines/0/splits/0/condition", {"code": "burnt"})],
        {"/lines/0/splits/0/condition/code": "unknown_code"},
        {"/lines/0/splits/0/condition/code": "unidentified"},
    ),
    "all at once": (
        "adjustment",
        [("/meta/schema", "openreturns/adjustment/1.2"), ("/lines/0/reason", {"code": "levitated"}), ("/mood", "blue")],
        {"/meta/schema": "newer_version", "/lines/0/reason/code": "unknown_code", "/mood": "unknown_field"},
        {"/lines/0/reason/code": "other"},
    ),
}


def at(document: object, pointer: str) -> object:
    node: Any = document
    for step in pointer.split("/")[1:]:
        node = node[int(step) if isinstance(node, list) else step]
    return node


@pytest.mark.parametrize("name", LATER)
def test_what_a_later_writer_adds_is_set_aside_with_its_place(name: str) -> None:
    document, changes, places, read = LATER[name]
    given = changed(document, *changes)
    before = copy.deepcopy(given)
    reading = read_document(given, tolerant=True)
    assert {one.problem.canonical: one.problem.code for one in reading.set_aside} == places
    for pointer, value in read.items():
        assert at(reading.data, pointer) == value
    assert document_validator(document).is_valid(reading.data)
    assert reading.document.to_dict() == reading.data
    assert given == before, "the caller's record stays as it is"


@pytest.mark.parametrize("name", [name for name in LATER if name != "nothing"])
def test_what_is_set_aside_is_not_lost(name: str) -> None:
    document, changes, _, _ = LATER[name]
    kept = {
        one.problem.canonical: one.value for one in read_document(changed(document, *changes), tolerant=True).set_aside
    }
    for pointer, value in kept.items():
        assert at(changed(document, *changes), pointer.replace("~0", "~")) == value


@pytest.mark.parametrize("name", [name for name in LATER if name != "nothing"])
def test_a_strict_reader_takes_none_of_it(name: str) -> None:
    document, changes, _, _ = LATER[name]
    with pytest.raises(ContractError):
        read_document(changed(document, *changes))


# What neither reader takes: the record, the kind of error, the place and what is said of it.
REFUSED: dict[str, tuple[object, str, str, str]] = {
    "another major version": (
        changed("return", ("/meta/schema", "openreturns/return/2.0")),
        "version",
        "/meta/schema",
        "2.0",
    ),
    "version 0": (changed("return", ("/meta/schema", "openreturns/return/0.9")), "version", "/meta/schema", "0.9"),
    "a version spelled oddly": (
        changed("return", ("/meta/schema", "openreturns/return/1.00")),
        "schema",
        "/meta/schema",
        "does not name",
    ),
    "another kind of document": (
        changed("return", ("/meta/schema", "openreturns/parcel/1.0")),
        "schema",
        "/meta/schema",
        "does not name",
    ),
    "no name at all": ({"number": "1"}, "schema", "/meta/schema", "does not name"),
    "meta is no object": ({"meta": "1.0"}, "schema", "/meta/schema", "does not name"),
    "no object": ([1], "schema", "/meta/schema", "does not name"),
    "a document that was not asked for": (minimal("credit"), "schema", "/meta/schema", "names a credit, not a return"),
    "a status of a later list": (changed("return", ("/status", "thinking")), "schema", "/status", "allowed values"),
    "a fraction in extensions": (
        changed("return", ("/extensions", {"a.b": {"c": [1, 1.5]}})),
        "schema",
        "/extensions/a.b/c/1",
        "",
    ),
}


@pytest.mark.parametrize("tolerant", [False, True])
@pytest.mark.parametrize("name", REFUSED)
def test_what_no_reader_takes(name: str, tolerant: bool) -> None:
    record, kind, place, said = REFUSED[name]
    with pytest.raises(ContractError) as caught:
        read_document(json.dumps(record), "return", tolerant=tolerant)
    assert caught.value.kind == kind
    assert place in [problem.canonical for problem in caught.value.problems]
    assert said in str(caught.value)


@pytest.mark.parametrize("tolerant", [False, True])
@pytest.mark.parametrize("number", ["1.5", "1.0", "1e3", "1E-3", "12345678901234567890.5"])
@pytest.mark.parametrize("place", ["/extensions/a.b", "/extensions/a.b/0", "/extensions/a.b/deep~1er"])
def test_canonical_json_has_whole_numbers_and_text_only(number: str, place: str, tolerant: bool) -> None:
    value = {"/extensions/a.b": "@", "/extensions/a.b/0": ["@"], "/extensions/a.b/deep~1er": {"deep/er": "@"}}[place]
    text = json.dumps(changed("return", ("/extensions", {"a.b": value}))).replace('"@"', number)
    with pytest.raises(ContractError) as caught:
        read_document(text, tolerant=tolerant)
    assert {problem.canonical for problem in caught.value.problems} == {place}


def test_a_revision_is_a_whole_number_too() -> None:
    with pytest.raises(ContractError) as caught:
        read_document(json.dumps(changed("return", ("/meta/revision", 1.0))))
    assert [problem.canonical for problem in caught.value.problems] == ["/meta/revision"]


@pytest.mark.parametrize("example", sorted((folder() / "examples").glob("*/valid/*.json")), ids=lambda path: path.stem)
def test_every_example_reads_the_same_either_way(example: Any) -> None:
    data = example.read_bytes()
    strict, tolerant = read_document(data), read_document(data, tolerant=True)
    assert strict.data == tolerant.data == parse(data)
    assert tolerant.set_aside == ()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_list_of_a_coded_object_has_a_catch_all(document: str) -> None:
    definitions = bundle(document)["$defs"]
    coded = [
        body["properties"]["code"]
        for body in definitions.values()
        if {"code", "source"} <= body.get("properties", {}).keys()
    ]
    lists = [definitions[code["$ref"].rsplit("/", 1)[-1]]["enum"] for code in coded]
    assert lists
    assert all(set(CATCH_ALLS) & set(codes) for codes in lists)


def test_a_value_set_aside_is_in_no_message() -> None:
    [aside] = read_document(changed("return", ("/phoneOfTheNeighbour", "+1 555 0100")), tolerant=True).set_aside
    assert "555" not in f"{aside} {aside!r} {aside.problem}"
    assert aside.to_dict()["value"] == "+1 555 0100"
