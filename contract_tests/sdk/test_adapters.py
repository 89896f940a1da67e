"""An adapter is found by name and bound to one tenant; what is configured wrongly is told before any record."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from openreturns import Adapter, adapter, adapter_names, load_tenant
from openreturns._schemas import folder
from openreturns.errors import ContractError, MappingError
from openreturns.models import Return
from openreturns.route import Route

HERE = Path(__file__).parents[1]
RECORD: dict[str, Any] = json.loads((HERE / "shipbob" / "two-cartons-short-one-damaged.json").read_text("utf-8"))
ROUTE = Route("shipbob.return", "return")
TENANT = load_tenant(HERE / "shipbob" / "tenant.toml")["shipbob"]

# A tenant's configuration -> what is said
MISCONFIGURED: dict[str, tuple[dict[str, Any], str]] = {
    "a setting nobody knows": ({"settings": {"colour": "red"}}, "shipbob has no setting 'colour'; it has: "),
    "a setting of another type": (
        {"settings": {"fulfillment_center_id": "22"}},
        "'fulfillment_center_id' must be integer",
    ),
    "true is no number": ({"settings": {"fulfillment_center_id": True}}, "'fulfillment_center_id' must be integer"),
    "a value that the setting has not": (
        {"settings": {"requested_action": "Sell"}},
        "shipbob setting 'requested_action' is one of Default, Restock, Quarantine, Dispose, not 'Sell'",
    ),
    "a table nobody knows": ({"tables": {"colours": {}}}, "shipbob has no code table 'colours'; it has: "),
    "a whole tenant file": ({"shipbob": {"settings": {}}}, "take the part of 'shipbob'"),
    "a table that is none": ({"tables": {"return_status": 1}}, "read and write are tables of words"),
    "words that are none": ({"tables": {"return_status": {"read": 5}}}, "read and write are tables of words"),
}


@pytest.mark.parametrize("what", MISCONFIGURED)
def test_a_wrong_configuration_is_told_at_once(what: str) -> None:
    tenant, said = MISCONFIGURED[what]
    with pytest.raises(MappingError) as raised:
        adapter("shipbob", tenant)
    assert raised.value.kind == "setting"
    assert said in str(raised.value)


FILES: dict[str, tuple[bytes, str]] = {
    "no TOML": (b"[shipbob", "cannot read the tenant file"),
    "no text": (b"\xff\xfe", "cannot read the tenant file"),
    "another table": (b"[shipbob.secrets]\na = 1", "holds the tables settings and tables, not ['secrets']"),
    "a value where a table belongs": (b"shipbob = 1", "shipbob is no table such as"),
    "settings that are none": (b"[shipbob]\nsettings = 'x'", "holds the tables settings and tables, not ['settings']"),
    "an adapter that is not there": (b"[shipbop.settings]\na = 1", "no adapter 'shipbop' is installed"),
}


def test_a_setting_that_a_record_needs_is_told_before_any_record() -> None:
    with pytest.raises(MappingError, match="item_receipt needs the setting 'location_id'") as raised:
        adapter("netsuite").translator("item_receipt")
    assert raised.value.kind == "setting"


def test_a_code_table_that_names_no_code_is_told_before_any_record() -> None:
    with pytest.raises(MappingError, match="names 'nonsense', no code of") as raised:
        adapter("netsuite", {"tables": {"return_reason": {"unknown": "nonsense"}}}).translator("return_authorization")
    assert raised.value.kind in {"setting", "declaration"}


def test_a_mapping_that_says_nothing_of_a_field_is_refused() -> None:
    ours = adapter("shipbob")
    first = ours.mappings[0]
    told = replace(first, rules=tuple(rule for rule in first.rules if getattr(rule, "native", "") != "customer_name"))
    silent = Adapter(ours.folder, (told,))
    assert [problem.code for problem in silent.check()] == ["unaccounted", "unaccounted"]
    with pytest.raises(MappingError, match="customer_name: is not carried in") as raised:
        silent.translator("return")
    assert raised.value.kind == "declaration"
    assert adapter("shipbob", TENANT).check() == ()


def test_an_update_is_of_one_record() -> None:
    data = json.loads((folder() / "examples" / "return" / "valid" / "minimal.json").read_text("utf-8"))
    ours = adapter("netsuite", {"settings": {"location_id": "7"}})
    with pytest.raises(MappingError, match=r"makes 0 records netsuite\.item_receipt"):
        ours.put(Return.model_validate(data), "item_receipt", {})


def test_an_adapter_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("broken", "openreturns_adapters.nowhere:ADAPTER", "openreturns.adapters")
    monkeypatch.setattr("openreturns.adapters.entry_points", lambda group: [broken])
    with pytest.raises(MappingError, match=r"'broken' .* cannot be loaded: ModuleNotFoundError"):
        adapter("broken")


@pytest.mark.parametrize("what", FILES)
def test_a_wrong_tenant_file_is_told_with_its_name(what: str, tmp_path: Path) -> None:
    data, said = FILES[what]
    path = tmp_path / "tenant.toml"
    path.write_bytes(data)
    with pytest.raises(MappingError) as raised:
        load_tenant(path)
    assert raised.value.kind == "setting"
    assert said in str(raised.value)
    assert "tenant.toml" in str(raised.value)


def test_a_tenant_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"cannot read the tenant file .*absent\.toml"):
        load_tenant(tmp_path / "absent.toml")


def test_names_nobody_knows_are_told_with_the_known_ones() -> None:
    with pytest.raises(
        MappingError, match=f"no adapter 'nosuch' is installed; there are: {', '.join(adapter_names())}"
    ):
        adapter("nosuch")
    ours = adapter("shipbob", TENANT)
    for ask in (ours.mapping, ours.translator):
        with pytest.raises(MappingError, match=r"shipbob has no mapping 'nosuch'; it has: shipbob\.return "):
            ask("nosuch")
        with pytest.raises(MappingError, match="shipbob has no mapping 'return' for 'credit'"):
            ask("return", "credit")
    with pytest.raises(MappingError, match="no contract 'nosuch'"):
        ours.contract("nosuch")


@pytest.mark.parametrize("name", adapter_names())
def test_one_tenants_configuration_is_not_anothers(name: str) -> None:
    plain, bound = adapter(name), adapter(name, load_tenant(HERE / name / "tenant.toml")[name])
    assert adapter(name).tenant == plain.tenant
    assert bound.tenant != plain.tenant
    assert bound.manifest == plain.manifest


# In a manifest -> what stands there instead, and what is said
WRONG_MANIFESTS: dict[str, tuple[str, str, str]] = {
    "no TOML": ("roles = [", "roles = ", "cannot read the manifest"),
    "no name": ('name = "shipbob"\n', "", "name is missing"),
    "no version of the vendor's": ('api_version = "2026-01"', "", "api_version is missing"),
    "a table that is spelled wrongly": ("[idempotency]", "[idempotence]", "idempotence is unknown; is it idempotency?"),
    "a table that nobody knows": ("[rate_limit]", "[colours]", "colours is unknown; there are: name, title,"),
    "a rule that there is not": (
        'announce = "lookup"',
        'announce = "lookups"',
        "idempotency.announce is 'lookups'; there are: native, lookup, none",
    ),
    "a type that there is not": (
        'type = "integer"',
        'type = "str"',
        "settings[0].type is 'str'; there are: string, integer, boolean",
    ),
    "a setting without a meaning": (
        'name = "channel_id"\ntype = "integer"',
        'name = "channel_id"',
        "settings[1].type is missing",
    ),
    "a text for a list": (
        'roles = ["wms"]',
        'roles = "wms"',
        "roles must be a list of which each is a text, got 'wms'",
    ),
    "a number for a text": ('auth = ["bearer"]', "auth = [1]", "auth[0] must be a text, got 1"),
    "a text for a number": (
        "requests = 150",
        'requests = "150"',
        "rate_limit.requests must be a whole number, got '150'",
    ),
    "what is needed by a number": (
        'required = ["client"]',
        "required = 1",
        "settings[1].required must be true or false or a list of which each is a text, got 1",
    ),
    "a value for a table": ("clients = { wms = ", "clients = 1 # ", "clients must be a table, got 1"),
    "a direction that there is not": (
        'directions = ["in"]',
        'directions = ["into"]',
        "documents[0].directions[0] is 'into'",
    ),
}


@pytest.mark.parametrize("what", WRONG_MANIFESTS)
def test_a_wrong_manifest_is_told_when_it_is_read(what: str, tmp_path: Path) -> None:
    right, wrong, said = WRONG_MANIFESTS[what]
    ours = adapter("shipbob")
    text = (ours.folder / "manifest.toml").read_text("utf-8")
    assert right in text
    (tmp_path / "manifest.toml").write_text(text.replace(right, wrong, 1), "utf-8")
    with pytest.raises(MappingError) as raised:
        Adapter(tmp_path, ours.mappings)
    assert raised.value.kind == "declaration"
    assert said in str(raised.value)
    assert str(tmp_path / "manifest.toml") in str(raised.value)


def test_all_that_is_wrong_in_a_manifest_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text('title = 1\nnmae = "acme"\nsettings = [{ name = "a" }]\n', "utf-8")
    with pytest.raises(MappingError) as raised:
        Adapter(tmp_path, ())
    assert [problem.message for problem in raised.value.problems] == [
        "name is missing",
        "roles is missing",
        "vendor is missing",
        "api_version is missing",
        "title must be a text, got 1",
        "nmae is unknown; is it name?",
        "settings[0].type is missing",
        "settings[0].description is missing",
    ]


def test_a_tenants_words_come_beside_the_adapters() -> None:
    ours = adapter("shipbob", {"tables": {"disposition": {"read": {"Mulch": "recycle", "Dispose": "donate"}}}})
    table = ours.tenant.table("disposition")
    words = ("Restock", "Mulch", "Dispose", "mulch ")
    assert [table.code(word) for word in words] == ["restock", "recycle", "donate", "recycle"]


# ---------------------------------------------------------------- records in and out


def read(change: dict[str, Any] | None = None, **given: str) -> Any:
    return adapter("shipbob", TENANT).read("return", {**RECORD["native"], **(change or {})}, "return", **given)


def test_bytes_text_and_data_read_alike() -> None:
    data = json.dumps(RECORD["native"])
    ours = adapter("shipbob", TENANT)
    documents = [ours.read("return", form, "return").document for form in (data, data.encode(), RECORD["native"])]
    assert documents[0] == documents[1] == documents[2]


def test_a_field_the_contract_does_not_know_is_a_finding() -> None:
    [finding] = [finding for finding in read({"brand_new": 1}).findings if finding.code == "unknown_field"]
    assert "brand_new" in finding.message
    assert read().document == read({"brand_new": 1}).document


def test_a_record_that_breaks_its_contract_is_refused_with_the_vendors_places() -> None:
    with pytest.raises(ContractError) as raised:
        read({"id": "x", "inventory": 7})
    assert raised.value.kind == "contract_drift"
    assert {problem.native for problem in raised.value.problems} == {"/id", "/inventory"}
    assert {problem.canonical for problem in raised.value.problems} == {""}


def test_a_document_that_would_break_the_schema_is_refused_with_both_places() -> None:
    with pytest.raises(ContractError) as raised:
        read({"customer_name": "two\nlines"})
    assert raised.value.kind == "schema"
    [problem] = raised.value.problems
    assert (problem.canonical, problem.native) == ("/customer/name", "/customer_name")
    assert "two" not in str(raised.value)


def minimal(**changes: Any) -> Return:
    data = json.loads((folder() / "examples/return/valid/minimal.json").read_text("utf-8"))
    return Return.model_validate({**data, **changes})


NETSUITE = adapter("netsuite", load_tenant(HERE / "netsuite" / "tenant.toml")["netsuite"])


def test_a_whole_number_spelled_as_a_fraction_slips_into_a_document_as_the_whole_number() -> None:
    record = {**RECORD["native"], "channel": {"id": 433808, "name": "API"}}
    data = json.dumps(record).replace("433808", "433808.0")
    document = adapter("shipbob").read("return", data, to="return").document
    for read in (document.to_dict(), json.loads(ROUTE.run(data.encode()).records[0])):
        assert repr(read["extensions"]["com.shipbob.channel_id"]) == "433808"


NOT_WRITTEN = [(Decimal("433808.0"), "number"), (2**64, "maximum"), (-(2**63) - 1, "minimum")]


@pytest.mark.parametrize(("made", "code"), NOT_WRITTEN)
def test_a_number_that_a_mapping_makes_does_not_slip_into_a_document(made: Decimal | int, code: str) -> None:
    ours = adapter("shipbob")
    document = ours.read("return", json.dumps(RECORD["native"])).document.to_dict()
    document["extensions"]["com.shipbob.channel_id"] = made
    with pytest.raises(ContractError) as raised:
        ours.check_document(ours.mapping("return", "return"), document)
    assert [(p.code, p.canonical, p.native) for p in raised.value.problems] == [
        (code, "/extensions/com.shipbob.channel_id", "/channel/id")
    ]


def test_nothing_that_breaks_an_invariant_is_written() -> None:
    with pytest.raises(ContractError) as raised:
        NETSUITE.write(minimal(currency="XQQ"), "return_authorization")
    assert raised.value.kind == "invariant"
    assert {problem.code for problem in raised.value.problems} == {"M1"}


def _twice(data: dict[str, Any]) -> None:
    data["lines"] *= 2


UNSOUND: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "nothing at all": (dict.clear, "schema"),
    "a member that the contract does not know": (lambda data: data["lines"][0].update(colour="red"), "schema"),
    "a member that is missing": (lambda data: data.pop("number"), "schema"),
    "a number as such": (lambda data: data["lines"][0]["requested"].update(value=2), "schema"),
    "a version that is not known": (lambda data: data["meta"].update(schema="openreturns/return/1.99"), "version"),
    "one line id twice": (_twice, "invariant"),
    "a currency that is none": (lambda data: data.update(currency="XQQ"), "invariant"),
}


@pytest.mark.parametrize("what", UNSOUND)
def test_plain_data_is_held_to_contract_and_invariants_before_it_is_written(what: str) -> None:
    change, kind = UNSOUND[what]
    data = minimal().to_dict()
    assert NETSUITE.write_data(data, "return_authorization") == NETSUITE.write(minimal(), "return_authorization")
    change(data)
    with pytest.raises(ContractError) as raised:
        NETSUITE.write_data(data, "return_authorization")
    assert raised.value.kind == kind
    assert raised.value.problems


def test_an_update_sends_only_what_changed() -> None:
    incident = json.loads((HERE / "netsuite" / "written-by-the-connector.json").read_text("utf-8"))
    document = Return.model_validate_json(json.dumps(incident["written_from"]))
    [written] = NETSUITE.write(document, "return_authorization")
    there = {**written.record, "tranId": "RA-1", "department": {"id": "3"}}
    assert NETSUITE.put(document, "return_authorization", there).changes == {}
    later = document.replace(meta=document.meta.replace(revision=document.meta.revision + 1))
    patch = NETSUITE.put(later, "return_authorization", there)
    assert patch.changes == {"custbody_openreturns_revision": later.meta.revision}
    assert patch.record == {**there, **patch.changes}
    assert patch.replaced == ()


def _of_an_older_version(tmp_path: Path, schemas: str) -> Adapter:
    """ShipBob's adapter as it was before 1.1: it says nothing of what that brought."""
    ours = adapter("shipbob")
    copy = tmp_path / "shipbob"
    shutil.copytree(ours.folder, copy)
    manifest = copy / "manifest.toml"
    manifest.write_text(f'schemas = "{schemas}"\n{manifest.read_text("utf-8")}', "utf-8")
    later = {"note", "expectedReceipt.parcels"}
    mappings = [
        replace(mapping, losses=tuple(gap for gap in mapping.losses if gap.path not in later))
        for mapping in ours.mappings
    ]
    return Adapter(copy, mappings, TENANT)


def test_a_later_version_breaks_no_mapping_that_says_what_it_was_written_for(tmp_path: Path) -> None:
    theirs = _of_an_older_version(tmp_path, "1.0.0").configure(TENANT)
    assert theirs.check() == ()
    parcels = (folder() / "examples/return/valid/two-parcels-by-two-carriers.json").read_bytes()
    [written] = theirs.write(Return.model_validate_json(parcels.replace(b"SKU-77", b"P-100")), "return_create")
    told = {one.canonical: one.message for one in written.losses}
    assert told["/note"] == "the mapping is for version 1.0.0, which has no such field"
    assert told["/expectedReceipt/parcels"] == told["/note"]


@pytest.mark.parametrize(
    ("schemas", "said"),
    [("1.1.0", "is not declared right"), ("0.9.0", r"0\.9\.0 is not in this package; it has: 1\.0\.0, 1\.1\.0")],
)
def test_a_mapping_for_the_newest_version_has_to_say_what_becomes_of_all_of_it(
    schemas: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(MappingError, match=said):
        _of_an_older_version(tmp_path, schemas).translator("return_create")
