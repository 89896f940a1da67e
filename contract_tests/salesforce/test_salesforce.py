"""Keys, ids, quantities and words on their way to Salesforce: what is refused, what comes back, what stays private."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from growth import LINEAR, grows
from hypothesis import given
from hypothesis import strategies as st
from openreturns import Adapter, adapter
from openreturns._fields import generic
from openreturns._json import dump, parse
from openreturns.errors import MappingError
from openreturns.mapping._table import plain, rows
from openreturns.models import DOCUMENTS, Document
from openreturns.validation import document_validator
from openreturns_adapters.salesforce.fields import from_org, to_org
from openreturns_adapters.salesforce.ids import full_id, is_id, same_id

HERE = Path(__file__).parent
TENANT: dict[str, Any] = tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["salesforce"]
GOOD = {
    "case": "case-opened-for-leaking-pumps",
    "return_order": "return-order-as-sent",
    "return_order_line_item": "gaskets-restocked-pumps-scrapped",
}

Record = dict[str, Any]


def salesforce(**settings: object) -> Adapter:
    return adapter("salesforce", {**TENANT, "settings": {**TENANT["settings"], **settings}})


def incident(name: str) -> Record:
    found: Record = parse((HERE / f"{name}.json").read_bytes())
    return found


def document_of(data: Record) -> Document:
    return DOCUMENTS[data["meta"]["schema"].split("/")[1]].model_validate_json(dump(data))


def with_changes(document: Record, changes: Record) -> Record:
    """The document with other values at some pointers."""
    other = copy.deepcopy(document)
    for pointer, value in changes.items():
        *steps, last = pointer.split("/")[1:]
        target: Any = other
        for step in steps:
            target = target[int(step) if isinstance(target, list) else step]
        target[last] = value
    return other


def said(native: str, changes: Record, **settings: object) -> MappingError:
    """How a good document with changes is refused."""
    changed = with_changes(incident(GOOD[native])["written_from"], changes)
    assert document_validator(changed["meta"]["schema"].split("/")[1]).problems(changed) == ()
    with pytest.raises(MappingError) as raised:
        salesforce(**settings).write_data(changed, native, trusted=True)
    return raised.value


def places(error: MappingError) -> list[list[str]]:
    return [[p.code, p.canonical, p.native] for p in error.problems]


# --- refusals --------------------------------------------------------------------------------------------------

REFUSED = [
    pytest.param(native, case, id=f"{native}: {case['story']}")
    for native, cases in tomllib.loads((HERE / "refused.toml").read_text("utf-8")).items()
    for case in cases
]


@pytest.mark.parametrize(("native", "case"), REFUSED)
def test_what_salesforce_cannot_say_is_refused_with_both_places(native: str, case: Record) -> None:
    assert places(said(native, case["set"])) == case["problems"]


def test_an_org_of_one_currency_takes_no_other() -> None:
    error = said("return_order", {"/currency": "EUR"}, multi_currency=False)
    assert places(error) == [["currency", "/currency", "/CurrencyIsoCode"]]
    [written] = salesforce(multi_currency=False).write(
        document_of(incident(GOOD["return_order"])["written_from"]), "return_order"
    )
    assert "CurrencyIsoCode" not in written.record


def test_a_line_of_two_plans_is_refused_where_the_org_has_no_value_for_it() -> None:
    two = incident("one-line-goes-two-ways")["written_from"]
    with pytest.raises(MappingError) as raised:
        salesforce(mixed_plan="").write_data(two, "return_order_line_item", trusted=True)
    told = ["several_plans", "/lines/0/splits/1/disposition", "/records/0/ProcessingPlan"]
    assert told in places(raised.value)


def test_goods_without_a_plan_are_told_once() -> None:
    error = said("return_order_line_item", {"/lines/0/splits/0/disposition/code": "quarantine"}, mixed_plan="")
    assert places(error) == [["no_vendor_word", "/lines/0", "/records/0/ProcessingPlan"]]


def test_a_disposition_that_takes_another_back_plans_nothing() -> None:
    error = said("return_order_line_item", {"/reverses": {"type": "disposition", "id": "another"}})
    assert [one.code for one in error.problems] == ["reversal"]


def test_an_unknown_status_is_told_once_with_both_places() -> None:
    with pytest.raises(MappingError) as raised:
        salesforce().read("return_order", incident("status-that-nobody-listed")["native"])
    assert places(raised.value) == [["unknown_code", "/status", "/Status"]]
    assert "Approved" in raised.value.problems[0].known


def test_no_message_repeats_what_may_name_a_person() -> None:
    people = {"identifiers": [{"scheme": "salesforce:contact", "value": "jane.roe"}], "id": "C-9"}
    assert "jane.roe" not in str(said("case", {"/customer": people}))


# --- what was read is written back -----------------------------------------------------------------------------

READ = [
    pytest.param(path.stem, id=path.stem)
    for path in sorted(HERE.glob("*.json"))
    if "document" in parse(path.read_bytes()).get("expect", {}).get("return", {})
]
WRITTEN = {
    plain(row.native)
    for row in rows(adapter("salesforce").mapping("return_order"))
    if row.native and row.direction != "in"
}
# What of a record does not come back by itself, and why: [field, as read, as written].
KNOWN_DIFFERENCES: dict[str, list[list[object]]] = tomllib.loads((HERE / "written_back.toml").read_text("utf-8"))


def comparable(field: str, value: Any) -> object:
    if isinstance(value, (int, Decimal)):
        return str(Decimal(value).normalize())
    if field.endswith("Date"):
        return datetime.fromisoformat(value).astimezone(UTC).isoformat()
    return full_id(value) if is_id(value) else value


def carried(value: Any, at: str = "") -> dict[str, object]:
    """The fields of a record that the mapping writes, by pointer, spelled alike where they mean the same."""
    if isinstance(value, dict):
        return {k: v for name, inner in value.items() for k, v in carried(inner, f"{at}/{name}").items()}
    if isinstance(value, list):
        return {k: v for place, inner in enumerate(value) for k, v in carried(inner, f"{at}/{place}").items()}
    return {at: comparable(at, value)} if value is not None and generic(at) in WRITTEN else {}


@pytest.mark.parametrize("name", READ)
def test_what_was_read_is_written_back(name: str) -> None:
    native, ours = incident(name)["native"], salesforce()
    data = ours.read("return_order", native).document.to_dict()
    known: Any = KNOWN_DIFFERENCES.get(name, [])
    if isinstance(known, dict):
        with pytest.raises(MappingError) as raised:
            ours.write_data(data, "return_order", trusted=True)
        assert places(raised.value) == known["refused"]
        return
    [written] = ours.write_data(data, "return_order", trusted=True)
    before, after = carried(native), carried(written.record)
    differing = [field for field in {**before, **after} if before.get(field) != after.get(field)]
    assert [[field, before.get(field, ""), after.get(field, "")] for field in differing] == known


# --- keys, ids and names ---------------------------------------------------------------------------------------

ids = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=15, max_size=15)


@given(ids, ids)
def test_ids_are_compared_in_either_length(one: str, other: str) -> None:
    assert is_id(full_id(one))
    assert full_id(full_id(one)) == full_id(one)
    assert same_id(one, full_id(one))
    assert same_id(full_id(one), one)
    assert same_id(full_id(one), other) == (one == other)
    assert full_id(one).casefold() != full_id(one.swapcase()).casefold() or one == one.swapcase()


def test_known_ids_have_the_letters_that_salesforce_gives_them() -> None:
    # 18-character ids as the vendor's own pages show them
    assert full_id("001D000000IqhSL") == "001D000000IqhSLIAZ"
    assert full_id("a0D5000000V9Dn5") == "a0D5000000V9Dn5EAF"
    assert not is_id("001D000000IqhSLIAA")
    assert not is_id("C-1042")
    assert not same_id("C-1042", "C-1043")


def test_an_account_known_in_fifteen_characters_is_known_in_eighteen() -> None:
    ours = adapter("salesforce", {"tables": {"account": {"read": {"001gL00000AbCdE": "C-1"}}}})
    native = incident("account-that-differs-in-case-only")["native"]
    customers = [
        ours.read("return_order", {**native, "AccountId": account}).document.to_dict()["customer"]["id"]
        for account in ("001gL00000AbCdE", "001gL00000AbCdEQAV", "001gL00000abcde", "001gL00000abcdeQAA")
    ]
    assert customers == ["C-1", "C-1", "C-7777", "C-7777"]


def test_the_tenants_own_field_names_stand_in_what_the_org_takes_and_gives() -> None:
    tenant = salesforce(rma_field="Return_No__c", line_field="Key__c").tenant
    record = incident("approved-at-the-service-desk")["native"]
    theirs = to_org(record, tenant)
    assert theirs["Return_No__c"] == "RMA-2026-0301"
    assert [line["Key__c"] for line in theirs["ReturnOrderLineItems"]["records"]] == [
        "RMA-2026-0301:1",
        "RMA-2026-0301:2",
    ]
    assert "RMA_Number__c" not in theirs
    assert from_org(theirs, tenant) == record
    decided = incident("gaskets-restocked-pumps-scrapped")["native"]
    assert [sorted(one) for one in to_org(decided, tenant)["records"]] == [["Key__c", "ProcessingPlan"]] * 2


@pytest.mark.parametrize("name", ["Subject", "Return No__c", "Ürn__c", "__c", ""])
def test_a_field_name_that_no_org_can_have_is_told(name: str) -> None:
    with pytest.raises(MappingError, match=r"custom field|not configured"):
        to_org({}, salesforce(rma_field=name).tenant)


# --- words and texts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", document_validator("return").fields["status"].codes)
def test_every_status_has_a_word_for_cases_and_return_orders(status: str) -> None:
    tables = salesforce().tenant.tables
    assert tables["case_status"].word(status)
    assert tables["return_order_status"].word(status)


@pytest.mark.parametrize("table", ["case_reason", "return_reason", "resolution", "processing_plan"])
def test_tables_name_codes_that_there_are(table: str) -> None:
    codes = {
        "case_reason": document_validator("return").fields["lines[].reason.code"].codes,
        "return_reason": document_validator("return").fields["lines[].reason.code"].codes,
        "resolution": document_validator("return").fields["lines[].requestedResolution"].codes,
        "processing_plan": document_validator("disposition").fields["lines[].splits[].disposition.code"].codes,
    }[table]
    words = salesforce().tenant.table(table)
    assert {*words.read.values(), *words.write} <= set(codes)


def test_a_description_without_room_for_all_lines_says_how_many_are_left_out() -> None:
    data = incident(GOOD["case"])["written_from"]
    [first, *_] = data["lines"]
    many = [{**first, "lineId": str(number), "item": {"sku": "S" * 250}} for number in range(200)]
    [written] = salesforce().write(document_of({**data, "lines": many}), "case")
    description = written.record["Description"]
    assert len(description) <= 32_000
    shown = description.count("2 EA S")
    assert description.endswith(f"and {200 - shown} more")
    assert any("no room for the last" in loss.message for loss in written.losses)


def test_a_name_too_long_for_the_case_is_left_out_whole_and_told() -> None:
    data = with_changes(incident(GOOD["case"])["written_from"], {"/customer/name": "N" * 81})
    [written] = salesforce().write(document_of(data), "case")
    assert "SuppliedCompany" not in written.record
    assert [loss.canonical for loss in written.losses if loss.native == "/SuppliedCompany"] == ["/customer/name"]


@given(st.decimals(0, 10**13, places=2))
def test_a_quantity_of_two_decimals_is_sent_digit_for_digit(quantity: Decimal) -> None:
    text = f"{quantity:f}".rstrip("0").rstrip(".") or "0"
    value = {"value": text, "uom": "EA"}
    data = incident("return-order-as-sent")["written_from"]
    line = {name: part for name, part in data["lines"][0].items() if name not in ("authorized", "expected")}
    [written] = salesforce().write_data({**data, "lines": [{**line, "requested": value}]}, "return_order")
    sent = parse(written.to_bytes())["ReturnOrderLineItems"]["records"][0]["QuantityReturned"]
    assert Decimal(sent) == quantity


def test_the_case_a_return_came_from_is_changed_and_no_other_opened() -> None:
    data = incident(GOOD["case"])["written_from"]
    refs = [{"type": "case", "id": "500gL00000XyZaB"}, {"type": "sales_order", "id": "SO-1"}]
    [written] = salesforce().write(document_of({**data, "refs": refs}), "case")
    assert written.record["Id"] == "500gL00000XyZaBQAV"
    elsewhere = [{"type": "case", "id": "T-77", "system": "helpdesk"}]
    [other] = salesforce().write(document_of({**data, "refs": elsewhere}), "case")
    assert "Id" not in other.record
    assert "/refs/0" in {loss.canonical for loss in other.losses}


@pytest.mark.parametrize("name", ["received", "rejected"])
def test_nothing_counted_yet_and_0_are_one_to_salesforce_and_that_is_told(name: str) -> None:
    data = incident(GOOD["return_order"])["written_from"]
    first, *others = data["lines"]
    counted = {key: value for key, value in first.items() if key not in ("receipts", "received", "rejected")}
    none = {**counted, name: {"value": "0", "uom": first["requested"]["uom"]}}
    [written] = salesforce().write(document_of({**data, "lines": [none, *others]}), "return_order")
    assert f"/lines/0/{name}" in {loss.canonical for loss in written.losses}


def test_a_disposition_of_many_lines_takes_as_much_longer_as_it_is_larger() -> None:
    data, org = incident(GOOD["return_order_line_item"])["written_from"], salesforce()

    def of_size(size: int) -> Callable[[], object]:
        lines = [{**data["lines"][0], "lineId": str(place), "returnLineId": str(place)} for place in range(size)]
        return lambda: org.write_data({**data, "lines": lines}, "return_order_line_item", trusted=True)

    assert grows(of_size) < LINEAR
