"""The catalogue tells all that the contract says, since when by comparing versions, and keeps its own schema."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from openreturns._schemas import DOCUMENTS, VERSION, code_list, folder, load, versions
from openreturns.adapters import adapter
from openreturns.invariants import RULES
from openreturns.mapping import Mapping, constant, each, pair
from openreturns_codegen.model import source
from openreturns_codegen.site.adapters import carried
from openreturns_codegen.site.catalog import SCHEMA, catalog, since

ROOT = folder().parents[1]
CATALOG = catalog(ROOT)
LISTED = {one["name"]: one for one in (*CATALOG["documents"], *CATALOG["parts"])}


def test_it_keeps_its_schema() -> None:
    schema = json.loads(SCHEMA.read_bytes())
    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(CATALOG)] == []


def test_its_schema_lets_no_other_catalogue_pass() -> None:
    keeps = jsonschema_rs.validator_for(json.loads(SCHEMA.read_bytes()))
    for name in CATALOG:
        assert not keeps.is_valid({key: value for key, value in CATALOG.items() if key != name}), name
    assert not keeps.is_valid({**CATALOG, "more": 1})


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_field_of_a_document_is_there(name: str) -> None:
    schema, told = load(name), {field["path"]: field for field in LISTED[name]["fields"]}

    def hold(node: Any, at: str) -> None:
        for field, inner in node["properties"].items():
            one = told.pop(f"{at}{field}")
            assert one["meaning"] == inner["description"]
            assert one["required"] is (field in node.get("required", ()))
            assert one["personal"] is bool(inner.get("x-personal-data"))
            below = (inner.get("items") or inner).get("$ref", "").removeprefix("#/$defs/")
            if "properties" in schema["$defs"].get(below, {}):
                hold(schema["$defs"][below], f"{at}{field}{'[]' * one['list']}.")

    hold(schema, "")
    assert told == {}


def test_every_code_is_there() -> None:
    told = {one["name"]: one for one in CATALOG["codes"]}
    for path in (folder() / "code-lists").glob("*.json"):
        listed = code_list(path.stem)
        codes = [(value["code"], value["meaning"]) for value in told.pop(listed["name"])["values"]]
        assert codes == [(value["code"], value["meaning"]) for value in listed["values"]]
    assert told == {}


def test_every_rule_is_there_with_what_breaks_it() -> None:
    assert [(one["id"], one["sentence"]) for one in CATALOG["rules"]] == [(rule.id, rule.sentence) for rule in RULES]
    assert [one["id"] for one in CATALOG["rules"] if not one["broken_by"]] == []
    for one in CATALOG["rules"]:
        for example in (*one["kept_by"], *one["broken_by"]):
            assert {document["of"] for document in example["documents"]} <= set(CATALOG["sound"])


def test_every_version_is_there_and_what_is_new_says_since_when() -> None:
    assert [one["version"] for one in CATALOG["versions"]] == list(versions())
    assert CATALOG["newest"] == VERSION
    now = source(VERSION, ROOT)
    schemas: Any = deepcopy(dict(now.schemas))
    schemas["return"]["properties"]["colour"] = {"type": "string", "description": "Its colour."}
    schemas["common"]["$defs"]["Money"]["properties"]["coin"] = {"type": "string", "description": "Its coin."}
    lists: Any = deepcopy(dict(now.lists))
    lists["ReturnStatus"]["values"].append({"code": "lost", "meaning": "Nobody knows."})
    first = since([now, replace(now, version="9.0.0", schemas=schemas, lists=lists)])
    new = {key for key, version in first.items() if version == "9.0.0"}
    assert new == {("field", "return", "colour"), ("field", "Money", "coin"), ("code", "ReturnStatus", "lost")}


def test_an_adapter_says_its_verbs_and_how_each_is_done_once() -> None:
    told = {one["name"]: one for one in CATALOG["adapters"]}
    assert told["netsuite"]["verbs"]["receive"] == {"supported": True, "idempotency": "lookup"}
    assert told["netsuite"]["verbs"]["check_eligibility"] == {"supported": True, "idempotency": "read"}
    assert told["shipbob"]["verbs"]["put_away"]["supported"] is False
    assert told["shipbob"]["verbs"]["put_away"]["reason"]
    assert told["ubl"]["verbs"] == {}
    assert {name: one["level"] for name, one in told.items()} == {
        **dict.fromkeys(told, "documents"),
        **dict.fromkeys(("avatax", "netsuite", "salesforce", "shipbob"), "vendor"),
        **dict.fromkeys(("roundup", "tryton"), "live"),
    }
    for one in told.values():
        assert [row["name"] for row in one["records"]] == [
            f"{one['name']}.{mapping.native}" for mapping in adapter(one["name"]).mappings
        ]


def test_who_needs_a_field_follows_from_the_mappings() -> None:
    class Acme:
        name = "acme"
        mappings = (
            Mapping(
                canonical="return",
                native="rma",
                directions=("in", "out"),
                rules=(
                    pair("number", "no"),
                    pair("requestedAt", "asked", only="in"),
                    constant(canonical="returnTo.id", value="DC1"),
                    each("lines", "rows", pair("item.sku", "sku", only="out")),
                ),
            ),
        )

    acme: Any = Acme()  # an adapter has more
    who = carried([acme])
    for path, read, written in [
        ("number", True, True),
        ("requestedAt", True, False),
        ("returnTo", True, False),
        ("lines[].item", False, True),
        ("lines", False, True),
        ("lines[].reason", False, False),
    ]:
        assert who.of("return", path) == {
            "read_from": ["acme.rma"] if read else [],
            "written_to": ["acme.rma"] if written else [],
        }, path
    assert who.of("credit", "number") == {"read_from": [], "written_to": []}
