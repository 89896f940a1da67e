"""A vendor's new contract against the mappings of an adapter: which rules, verbs and fields it takes away."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from compat.sets import one
from openreturns._schemas import VERSION
from openreturns.adapters import Adapter, adapter, adapter_names
from openreturns.compat import Settings, compare, open_source
from openreturns.errors import MappingError
from openreturns.impact import Impact, contract_impact, vendor_impact
from openreturns.ports import Crm, Erp, Tax, Wms

ROLES = (Crm, Erp, Tax, Wms)
SHARED = Path(os.environ.get("OPENRETURNS_STANDARDS", Path(__file__).parents[3] / "shared" / "standards")).parent


@pytest.fixture(scope="module")
def shipbob() -> Adapter:
    return adapter("shipbob").configure()


@pytest.fixture
def vendor(shipbob: Adapter) -> dict[str, Any]:
    """The vendor's description as it might publish it: the same records under its own names, among others."""
    components = {}
    for native, name in (("return", "ReturnOrderDto"), ("return_create", "CreateReturnRequest")):
        schema = json.loads(shipbob.contract_file(native).read_text("utf-8"))
        schema.pop("$id", None)
        inner = schema.pop("$defs", {})
        text = json.dumps(schema).replace("#/$defs/", "#/components/schemas/")
        components[name] = json.loads(text)
        components |= {
            key: json.loads(json.dumps(value).replace("#/$defs/", "#/components/schemas/"))
            for key, value in inner.items()
        }
    components["Unrelated"] = {"type": "object", "properties": {"colour": {"type": "string"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Returns", "version": "1"},
        "paths": {},
        "components": {"schemas": components},
    }


def _impacts(shipbob: Adapter, old: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> list[Impact]:
    new = copy.deepcopy(old)
    change(new["components"]["schemas"])
    report = vendor_impact(shipbob, one(new), one(old))
    assert report.components["return"] == "ReturnOrderDto"
    assert report.components["return_create"] == "CreateReturnRequest"
    return report.impacts


def _properties(components: dict[str, Any], name: str, *lists: str) -> dict[str, Any]:
    """Return the members of a component, or those of the elements of a list in it."""
    schema = components[name]
    for member in lists:
        schema = schema["properties"][member]["items"]
        if "$ref" in schema:
            schema = components[schema["$ref"].rpartition("/")[2]]
    members: dict[str, Any] = schema["properties"]
    return members


def test_nothing_changed(shipbob: Adapter, vendor: dict[str, Any]) -> None:
    assert _impacts(shipbob, vendor, lambda _: None) == []


def test_a_field_that_is_gone_breaks_its_rules_and_verbs(shipbob: Adapter, vendor: dict[str, Any]) -> None:
    def change(components: dict[str, Any]) -> None:
        del _properties(components, "ReturnOrderDto")["tracking_number"]

    found = [impact for impact in _impacts(shipbob, vendor, change) if impact.severity == "error"]
    [read] = [impact for impact in found if impact.document == "return"]
    assert (read.record, read.path, read.change) == ("return", "tracking_number", "PROPERTY_NO_DELETE")
    assert any("tracking_number" in rule for rule in read.rules)
    assert read.verbs == ("read", "changes", "status")
    assert read.lost == read.canonical != ()


def test_a_word_the_code_table_does_not_know_is_told_with_the_rule(shipbob: Adapter, vendor: dict[str, Any]) -> None:
    status = _properties(vendor["components"]["schemas"], "ReturnOrderDto")["status"]
    status.clear()
    status |= {"type": "string", "enum": ["Completed", "Cancelled"]}

    def change(components: dict[str, Any]) -> None:
        _properties(components, "ReturnOrderDto")["status"]["enum"].append("Vanished")

    [found] = [impact for impact in _impacts(shipbob, vendor, change) if impact.document == "return"]
    assert (found.severity, found.path, found.change) == ("error", "status", "ENUM_VALUE_ADDED")
    assert isinstance(found.witness, dict)
    assert found.witness["status"] == "Vanished"


def test_a_new_required_field_breaks_what_is_sent(shipbob: Adapter, vendor: dict[str, Any]) -> None:
    def change(components: dict[str, Any]) -> None:
        request = components["CreateReturnRequest"]
        request["properties"]["purpose"] = {"type": "string"}
        request["required"] = [*request.get("required", ()), "purpose"]

    [found] = [impact for impact in _impacts(shipbob, vendor, change) if impact.severity == "error"]
    assert (found.record, found.path, found.change) == ("return_create", "purpose", "PROPERTY_ADD_REQUIRED")
    assert found.verbs == ("announce",)


def test_a_new_field_is_told_as_new_and_unused(shipbob: Adapter, vendor: dict[str, Any]) -> None:
    def change(components: dict[str, Any]) -> None:
        _properties(components, "ReturnOrderDto", "inventory")["colour"] = {"type": "string"}

    found = _impacts(shipbob, vendor, change)
    assert {(impact.severity, impact.path, impact.change) for impact in found} == {
        ("info", "inventory[].colour", "PROPERTY_ADDED")
    }


def test_a_change_of_what_nobody_reads_breaks_nothing(shipbob: Adapter, vendor: dict[str, Any]) -> None:
    def change(components: dict[str, Any]) -> None:
        components["Unrelated"]["properties"]["colour"]["type"] = "integer"
        del _properties(components, "ReturnOrderDto")["transactions"]

    assert [impact for impact in _impacts(shipbob, vendor, change) if impact.severity == "error"] == []


def test_without_a_snapshot_the_adapter_s_own_contract_stands_for_it(shipbob: Adapter, vendor: dict[str, Any]) -> None:
    assert [impact for impact in vendor_impact(shipbob, one(vendor)).impacts if impact.severity == "error"] == []
    del _properties(vendor["components"]["schemas"], "ReturnOrderDto")["reference_id"]
    found = vendor_impact(shipbob, one(vendor)).impacts
    assert ("error", "reference_id", "PROPERTY_NO_DELETE") in {(one.severity, one.path, one.change) for one in found}


def test_names_that_are_not_there_are_told(shipbob: Adapter, vendor: dict[str, Any]) -> None:
    with pytest.raises(MappingError, match="has no record 'order'; it has: return, return_create, return_v1"):
        vendor_impact(shipbob, one(vendor), records={"order": "Unrelated"})
    with pytest.raises(MappingError, match="has no record 'order'"):
        vendor_impact(shipbob, one(vendor), skip=["order"])
    with pytest.raises(MappingError, match="has no 'Order'"):
        vendor_impact(shipbob, one(vendor), one(vendor), {"return": "Order"})


@pytest.mark.parametrize("named", [{}, {"return": "ReturnOrderDto"}])
def test_a_record_that_is_gone_breaks_all_its_rules(
    shipbob: Adapter, vendor: dict[str, Any], named: dict[str, str]
) -> None:
    new = copy.deepcopy(vendor)
    del new["components"]["schemas"]["ReturnOrderDto"]
    report = vendor_impact(shipbob, one(new), one(vendor), named)
    found = {one.document: one for one in report.impacts if one.severity == "error"}
    assert {(one.record, one.change) for one in found.values()} == {("return", "DOCUMENT_NO_DELETE")}
    assert found["return"].verbs == ("read", "changes", "status")
    assert found["return"].rules
    assert found["return"].lost
    assert found["disposition"].verbs == ("disposition",)
    assert "return" not in report.unmatched


def test_a_record_that_is_named_and_is_not_there_breaks_all_its_rules(shipbob: Adapter, vendor: dict[str, Any]) -> None:
    report = vendor_impact(shipbob, one(vendor), records={"return": "Order"})
    assert {(one.record, one.severity, one.change) for one in report.impacts} == {
        ("return", "error", "DOCUMENT_NO_DELETE")
    }


@pytest.mark.parametrize(
    "shape",
    [{}, True, {"type": "object"}, {"type": "array", "items": {}}, {"properties": {"colour": {"type": "string"}}}],
)
@pytest.mark.parametrize(
    ("record", "component"), [("return", "ReturnOrderDto"), ("return_create", "CreateReturnRequest")]
)
def test_a_component_of_quite_another_shape_is_compared_all_the_same(
    shipbob: Adapter, vendor: dict[str, Any], record: str, component: str, shape: object
) -> None:
    new = copy.deepcopy(vendor)
    new["components"]["schemas"][component] = shape
    report = vendor_impact(shipbob, one(new), one(vendor))
    assert report.components[record] == component
    assert any(one.severity == "error" and one.record == record and one.rules for one in report.impacts)


def test_a_component_under_another_name_is_recognised(shipbob: Adapter, vendor: dict[str, Any]) -> None:
    new = copy.deepcopy(vendor)
    schemas = new["components"]["schemas"]
    schemas["ReturnV2"] = schemas.pop("ReturnOrderDto")
    for named in ({}, {"return": "ReturnV2"}):
        report = vendor_impact(shipbob, one(new), one(vendor), named)
        assert report.components["return"] == "ReturnV2"
        assert report.impacts == []


def test_what_is_skipped_is_told_as_such(shipbob: Adapter, vendor: dict[str, Any]) -> None:
    report = vendor_impact(shipbob, one({"$defs": {}}), one(vendor), skip=["return", "return_create"])
    assert (report.skipped, report.unmatched) == (["return", "return_create"], ["return_v1"])
    assert report.impacts == []


def test_a_record_is_recognised_by_its_fields_or_not_at_all(shipbob: Adapter) -> None:
    report = vendor_impact(shipbob, one({"$defs": {"Other": {"properties": {"colour": {}}}}}))
    assert report.components == {}
    assert report.unmatched == ["return", "return_create", "return_v1"]


def test_the_same_contract_breaks_no_mapping() -> None:
    assert contract_impact(adapter("netsuite").configure(), VERSION, VERSION) == []


def test_a_real_change_of_a_vendor_is_seen() -> None:
    """Between 2025-07 and 2026-01, Shopify took the reason out of the lines of return inputs."""
    folder = SHARED / "vendor-contracts" / "shopify-admin-graphql"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    old, new = (open_source(str(folder / f"returns-{version}.graphql")) for version in ("2025-07", "2026-01"))
    found = {
        (one.rule, one.document, one.at) for one in compare(old, new, Settings()).findings if one.severity == "error"
    }
    assert found == {
        ("PROPERTY_NO_DELETE", "ReturnLineItemInput", "returnReason"),
        ("PROPERTY_NO_DELETE", "ReturnRequestLineItemInput", "returnReason"),
    }


@pytest.mark.parametrize("name", adapter_names())
def test_manifests_name_the_verbs_that_use_a_record(name: str) -> None:
    manifest = adapter(name).manifest
    named = {verb for row in manifest.get("documents", ()) for verb in row.get("verbs", ())}
    assert named <= {verb for role in ROLES for verb in role.verbs}
    assert manifest.get("idempotency", {}).keys() - {"cancel"} <= named
