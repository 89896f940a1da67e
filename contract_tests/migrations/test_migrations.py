"""A step between two versions: nothing lost in silence, up and down again the same, every loss told.

The second version is made here, of the newest: what a next version may bring, before there is one. The steps that ship
are held to the same in `test_published.py`.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from openreturns import _schemas
from openreturns.errors import ContractError, MappingError
from openreturns.mapping import dropped, each, ignored, pair
from openreturns.migrations import Change, Migration, migrate, narrowed, version_of

OLD, NEW = _schemas.VERSION, "1.2.0"
EXAMPLES = Path(_schemas.folder()) / "examples"
DOCUMENTS = sorted(EXAMPLES.glob("*/valid/*.json"))


def _load(document: str, version: str) -> dict[str, Any]:
    """Return a schema; of the made-up version with a field, a list, another name and a word more."""
    schema = copy.deepcopy(_schemas.bundle(document))
    if version == OLD:
        return schema
    schema["$defs"]["SchemaName"]["pattern"] = schema["$defs"]["SchemaName"]["pattern"].replace("[01]$", "[0-2]$")
    if document == "return":
        line = schema["$defs"]["ReturnLine"]
        schema["properties"]["priority"] = {"type": "string", "enum": ["low", "high"]}
        line["properties"]["colour"] = {"type": "string"}
        line["properties"]["parcels"] = {
            "type": "array",
            "items": {"type": "object", "properties": {"weight": {"type": "string"}}},
        }
        schema["properties"]["rma"] = schema["properties"].pop("number")
        schema["required"] = ["rma" if name == "number" else name for name in schema["required"]]
        schema["properties"]["type"] = {"type": "string", "enum": [*_types(), "trade_in"]}
        line["properties"].pop("note")
    return schema


def _types() -> list[str]:
    schema = _schemas.bundle("return")
    kinds: list[str] = schema["$defs"][schema["properties"]["type"]["$ref"].rpartition("/")[2]]["enum"]
    return kinds


CHANGE = Change(
    rules=(
        pair("rma", "number"),
        pair("type", "type", narrowed(frozenset(_types()), "credit")),
    ),
    losses=(
        dropped("priority", "1.1 has no priority"),
        dropped("lines[].colour", "1.1 has no colour"),
        dropped("lines[].parcels", "1.1 has no parcels"),
    ),
    gone=(ignored("lines[].note", "1.2 has notes elsewhere"),),
)
STEP = Migration(OLD, NEW, {"return": CHANGE}, _load)


def _document(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


@pytest.mark.parametrize("name", _schemas.DOCUMENTS)
def test_every_field_of_both_versions_is_accounted_for(name: str) -> None:
    assert STEP.problems(name) == ()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def test_up_and_down_again_is_the_same(path: Path) -> None:
    before = _document(path)
    up = migrate(before, NEW, migrations=[STEP])
    assert up.data["meta"]["schema"].endswith("/1.2")
    assert up.versions == (OLD, NEW)
    down = migrate(up.data, OLD, migrations=[STEP])
    for line in before["lines"] if up.name == "return" else ():
        line.pop("note", None)  # declared to be gone in the newer version
    assert down.data == before
    assert down.losses == ()


def test_what_the_older_version_has_no_place_for_is_lost_and_told() -> None:
    up = migrate(_document(EXAMPLES / "return" / "valid" / "minimal.json"), NEW, migrations=[STEP]).data
    up |= {"priority": "high", "type": "trade_in"}
    up["lines"][0] |= {"colour": "red", "parcels": [{"weight": "1"}]}
    down = migrate(up, OLD, migrations=[STEP])
    assert down.data["type"] == "credit"
    assert sorted((one.canonical, one.message) for one in down.losses) == [
        ("/lines/0/colour", "1.1 has no colour"),
        ("/lines/0/parcels", "1.1 has no parcels"),
        ("/priority", "1.1 has no priority"),
        ("/type", "the older version has no 'trade_in': written as 'credit'"),
    ]


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (Change(CHANGE.rules, CHANGE.losses[1:], CHANGE.gone), "unaccounted", "priority"),
        (Change(CHANGE.rules, CHANGE.losses, ()), "unaccounted", "lines[].note"),
        (Change(CHANGE.rules[1:], CHANGE.losses, CHANGE.gone), "unaccounted", "rma"),
        (
            Change(CHANGE.rules, (*CHANGE.losses, dropped("nothing", "of that name")), CHANGE.gone),
            "unknown_path",
            "nothing",
        ),
    ],
)
def test_a_step_that_forgets_something_is_refused(change: Change, code: str, path: str) -> None:
    step = Migration(OLD, NEW, {"return": change}, _load)
    assert (code, path) in {(one.code, one.canonical or one.native) for one in step.problems("return")}
    with pytest.raises(MappingError, match=r"the migration of return from 1\.1\.0 to 1\.2\.0 is not declared right"):
        step.up("return", {})


def test_rules_of_a_list_go_together_with_those_for_the_rest_of_it() -> None:
    def load(document: str, version: str) -> dict[str, Any]:
        schema = copy.deepcopy(_schemas.bundle(document))
        if version == NEW and document == "return":
            line = schema["$defs"]["ReturnLine"]["properties"]
            line["remark"] = line.pop("note")
        return schema

    step = Migration(OLD, NEW, {"return": Change((each("lines", "lines", pair("remark", "note")),))}, load)
    assert step.problems("return") == ()
    before = _document(EXAMPLES / "return" / "valid" / "minimal.json")
    before["lines"][0]["note"] = "handle with care"
    up = step.up("return", before).document
    assert up["lines"][0]["remark"] == "handle with care"
    assert up["lines"][0]["lineId"] == before["lines"][0]["lineId"]


def test_a_word_for_unknown_words_is_one_the_older_version_knows() -> None:
    with pytest.raises(ValueError, match="'other' is none of the older version's words"):
        narrowed(frozenset({"a", "b"}), "other")


def test_steps_make_a_line() -> None:
    plain = Migration(OLD, "1.1.1")
    again = Migration("1.1.1", "1.1.2")
    document = _document(EXAMPLES / "credit" / "valid" / "minimal.json")
    assert version_of(document, [OLD, "1.1.1", "1.1.2"]) == ("credit", "1.1.2")
    with pytest.raises(ContractError, match=r"no version 1\.9\.0; there are: 1\.1\.0, 1\.1\.1, 1\.1\.2"):
        migrate(document, "1.9.0", migrations=[plain, again])


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({}, "a document says in meta.schema which it is"),
        ({"meta": {"schema": "openreturns/order/1.0"}}, "a document says in meta.schema which it is"),
        ({"meta": {"schema": "openreturns/return/7.3"}}, "version 7.3 is not known here"),
        ({"meta": {"schema": "openreturns/return/1.1"}}, "the return of version 1.1.0 breaks its contract"),
    ],
)
def test_what_is_no_document_of_a_known_version_is_refused(document: dict[str, Any], why: str) -> None:
    with pytest.raises(ContractError, match=why):
        migrate(document, OLD)
