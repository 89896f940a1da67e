"""Money and stock on their way through NetSuite: what is refused, what comes back, what adds up."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openreturns import Adapter, adapter, invariants
from openreturns._fields import generic
from openreturns._json import dump, parse
from openreturns.errors import MappingError
from openreturns.models import DOCUMENTS
from openreturns.testing._filled import changed, filled
from openreturns.validation import document_validator

HERE = Path(__file__).parent
NATIVE = {"credit": "credit_memo", "adjustment": "inventory_adjustment"}
GOOD = {"credit": "credit-one-pump-only", "adjustment": "scrap-one-pump-as-sent"}
every = settings(deadline=None, max_examples=150)

Record = dict[str, Any]


def netsuite() -> Adapter:
    return adapter("netsuite", tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["netsuite"])


def incident(name: str) -> Record:
    found: Record = parse((HERE / f"{name}.json").read_bytes())
    return found


def with_changes(document: Record, changes: Record) -> Record:
    """The document with other values at some pointers; an empty text takes the value away."""
    other = copy.deepcopy(document)
    for pointer, value in changes.items():
        *steps, last = pointer.split("/")[1:]
        target: Any = other
        for step in steps:
            target = target[int(step) if isinstance(target, list) else step]
        if value == "":
            del target[last]
        else:
            target[last] = value
    return other


# --- refusals --------------------------------------------------------------------------------------------------

REFUSED = [
    pytest.param(document, case, id=f"{document}: {case['story']}")
    for document, cases in tomllib.loads((HERE / "refused.toml").read_text("utf-8")).items()
    for case in cases
]


@pytest.mark.parametrize(("document", "case"), REFUSED)
def test_what_netsuite_cannot_say_is_refused_with_both_places(document: str, case: Record) -> None:
    changed_document = with_changes(incident(GOOD[document])["written_from"], case["set"])
    assert document_validator(document).problems(changed_document) == ()
    with pytest.raises(MappingError) as raised:
        netsuite().write_data(changed_document, NATIVE[document], trusted=True)
    assert [[p.code, p.canonical, p.native] for p in raised.value.problems] == case["problems"]


# --- what was read is written back ------------------------------------------------------------------------------

READ = [
    pytest.param(path.stem, id=path.stem)
    for path in sorted(HERE.glob("*.json"))
    for document in parse(path.read_bytes()).get("expect", {})
    if document in NATIVE and "document" in parse(path.read_bytes())["expect"][document]
]
MOVES = {
    "credit_memo": ("shippingCost", "handlingCost", "discountTotal", "item.items[].amount", "apply.items[].amount"),
    "inventory_adjustment": ("inventory.items[].adjustQtyBy",),
}
"""The fields that move money or stock."""


def leaves(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{at}/{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, f"{at}/{place}")
    else:
        yield at, value


@pytest.mark.parametrize("name", READ)
def test_what_was_read_is_written_back_as_it_was(name: str) -> None:
    record = incident(name)
    native = record["native_type"].partition(".")[2]
    [expected] = record["expect"].values()
    if expected["document"]["status"] == "voided":
        with pytest.raises(MappingError, match="void the memo in NetSuite"):
            netsuite().write_data(expected["document"], native, trusted=True)
        return
    written = [w.record for w in netsuite().write_data(expected["document"], native, trusted=True)]
    before = dict(leaves(record["native"]))
    there = [(at, value) for one in written for at, value in leaves(one) if at in before]
    assert [(at, value) for at, value in there if before[at] != value and not _place(at)] == []
    for path in MOVES[native]:
        assert sorted(_amounts(written, path)) == sorted(_amounts([record["native"]], path)), path


def _place(at: str) -> bool:
    """Whether a value is in a list, whose order may be another: charges follow the goods."""
    return any(step.isdigit() for step in at.split("/"))


def _amounts(records: list[Record], path: str) -> list[Decimal]:
    found = (value for record in records for at, value in leaves(record) if generic(at) == path)
    return [Decimal(value) for value in found if value]


WRITTEN: dict[str, Record] = {
    "price-put-right-on-the-invoice": {
        "/subsidiary/id": "1",  # the tenant's: an account without subsidiaries is told by its own id
        "/createdFrom/id": "88120",
        "/item/items/0/orderLine": 2,
    },
    "made-by-hand-for-a-return": {"/subsidiary/id": "3", "/createdFrom/id": "90331"},
    "lot-that-no-table-lists": {
        "/inventory/items/0/inventoryDetail/inventoryAssignment/items/0/issueInventoryNumber/id": "360"
    },
    "one-item-from-two-bins": {
        "/inventory/items/0/inventoryDetail/inventoryAssignment/items/1/binNumber/id": "21",
        "/inventory/items/0/inventoryDetail/inventoryAssignment/items/1/quantity": Decimal(-1),
    },
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_only_netsuite_knew_is_written_back(name: str) -> None:
    record = incident(name)
    [expected] = record["expect"].values()
    [written] = netsuite().write_data(expected["document"], record["native_type"].partition(".")[2], trusted=True)
    there = dict(leaves(written.record))
    assert {at: there.get(at) for at in WRITTEN[name]} == WRITTEN[name]


def test_a_stock_status_without_an_id_is_told() -> None:
    [written] = netsuite().write_data(
        incident(GOOD["adjustment"])["written_from"], "inventory_adjustment", trusted=True
    )
    assert "/lines/0/from/status" in [loss.canonical for loss in written.losses]


# --- nothing is lost in silence, in the shapes that one filled record does not have --------------------------------

POSITIONS: dict[str, Record] = {
    "in": {"from": {"status": "external", "boundary": "count"}},
    "out": {"to": {"status": "external", "boundary": "scrap"}},
}


@pytest.mark.parametrize("way", POSITIONS)
def test_no_field_of_a_move_in_or_out_is_lost_in_silence(way: str) -> None:
    fields = document_validator("adjustment").fields
    chosen = _chosen("inventory_adjustment.out")
    whole = filled(fields, chosen)
    del whole["lines"][0]["toItem"]
    whole["lines"][0] |= POSITIONS[way]
    side = next(iter(POSITIONS[way]))
    translator = netsuite().translator("inventory_adjustment")
    before = translator.to_native(whole)
    silent = []
    for field, other in changed(whole, fields, chosen):
        if other["lines"][0].get("toItem") or field.path.startswith(f"lines[].{side}."):
            continue  # another shape: refused, or the position that is not in our stock
        try:
            after = translator.to_native(other)
        except MappingError:
            continue
        if after.document == before.document and not _told(field.path, after.losses, "canonical"):
            silent.append(field.path)
    assert not silent


@pytest.mark.parametrize("quantity", [Decimal("2.5"), Decimal("-2.5")])
def test_no_field_of_a_record_that_adds_or_takes_is_lost_in_silence(quantity: Decimal) -> None:
    ours = netsuite()
    fields, chosen = ours.contract("inventory_adjustment").fields, _chosen("inventory_adjustment.in")
    whole = filled(fields, chosen)
    whole["inventory"]["items"][0]["adjustQtyBy"] = quantity
    mapping = ours.mapping("inventory_adjustment")
    _none_silent(whole, fields, chosen, "inventory_adjustment", {gap.path for gap in mapping.ignored})


def test_no_field_of_a_charge_line_is_lost_in_silence() -> None:
    ours = netsuite()
    fields, chosen = ours.contract("credit_memo").fields, _chosen("credit_memo.in")
    whole = filled(fields, chosen)
    charge = {
        "line": 2,
        "item": {"id": "801", "refName": "Restocking Fee"},
        "description": "15 %",
        "amount": Decimal(-1),
        "custcol_openreturns_line": "charge:restocking_fee:1",
    }
    whole["item"]["items"].append(charge)
    translator = ours.translator("credit_memo")
    before = translator.to_canonical(whole).document
    for name, value in (
        ("description", "20 %"),
        ("amount", Decimal(-2)),
        ("custcol_openreturns_line", "charge:inspection_fee:1"),
    ):
        other = copy.deepcopy(whole)
        other["item"]["items"][1][name] = value
        assert translator.to_canonical(other).document != before, name


def _none_silent(whole: Record, fields: Any, chosen: Any, native: str, ignored: set[str]) -> None:
    translator = netsuite().translator(native)
    before = translator.to_canonical(whole)
    silent = []
    for field, other in changed(whole, fields, chosen):
        if field.path.endswith("adjustQtyBy"):
            continue  # the direction itself
        try:
            after = translator.to_canonical(other)
        except MappingError:
            continue
        told = _told(field.path, after.losses, "native") or any(_within(field.path, gap) for gap in ignored)
        if after.document == before.document and not told:
            silent.append(field.path)
    assert not silent


def _chosen(part: str) -> dict[str, Any]:
    rows = tomllib.loads((HERE / "values.toml").read_text("utf-8"))
    return {path: tuple(pair) for name in ("all", part) for path, pair in rows[name].items()}


def _told(path: str, losses: Any, side: str) -> bool:
    return any(_within(path, generic(getattr(loss, side))) for loss in losses)


def _within(path: str, outer: str) -> bool:
    return bool(outer) and (
        path == outer or path.startswith((outer + ".", outer + "[]")) or outer.startswith(path + ".")
    )


# --- several records of one document ----------------------------------------------------------------------------


def test_goods_that_leave_over_several_boundaries_are_a_record_each() -> None:
    document = incident(GOOD["adjustment"])["written_from"]
    given_away = copy.deepcopy(document["lines"][0]) | {
        "lineId": "2",
        "to": {"status": "external", "boundary": "count"},
    }
    document["lines"].append(given_away)
    scrapped, counted = (w.record for w in netsuite().write_data(document, "inventory_adjustment", trusted=True))
    assert [r["account"]["id"] for r in (scrapped, counted)] == ["540", "545"]
    assert [r["externalId"] for r in (scrapped, counted)] == ["ADJ-8-scrap", "ADJ-8-count"]
    assert len({r["custbody_openreturns_document"] for r in (scrapped, counted)}) == 2
    assert [len(r["inventory"]["items"]) for r in (scrapped, counted)] == [1, 1]


def test_an_account_that_says_another_boundary_is_told() -> None:
    document = with_changes(incident(GOOD["adjustment"])["written_from"], {"/lines/0/to/boundary": "donation"})
    [written] = netsuite().write_data(document, "inventory_adjustment", trusted=True)
    assert written.record["account"] == {"id": "540"}
    assert ("/lines/0/to/boundary", "/account/id") in [(p.canonical, p.native) for p in written.losses]


def test_two_lines_of_one_return_line_are_pointed_out() -> None:
    document = incident(GOOD["credit"])["written_from"]
    document["lines"].append(copy.deepcopy(document["lines"][0]) | {"lineId": "2"})
    [written] = netsuite().write_data(document, "credit_memo", trusted=True)
    assert [p.code for p in written.findings] == ["same_order_line"]


def test_a_binary_float_is_never_money_or_stock() -> None:
    credit, adjustment = incident("credit-still-open")["native"], incident("two-gaskets-found-at-count")["native"]
    credit["item"]["items"][0]["amount"] = 241.1
    adjustment["inventory"]["items"][0]["adjustQtyBy"] = 2.1
    for native, record in (("credit_memo", credit), ("inventory_adjustment", adjustment)):
        with pytest.raises(MappingError, match=r"not an exact number|not a decimal number"):
            netsuite().read(native, record)


# --- laws: what is written and read again is what it was ----------------------------------------------------------

cents = st.decimals(min_value=0, max_value=10**9, places=2)
quantities = st.decimals(min_value=Decimal("0.001"), max_value=10**6, places=3)
KINDS = ("restocking_fee", "return_freight_fee", "damage_deduction", "freight_refund", "goodwill", "other")
charges = st.tuples(
    st.sampled_from(KINDS), st.sampled_from(["decreases_credit", "increases_credit"]), st.decimals(0, 50, places=2)
)


def money(amount: Decimal) -> Record:
    return {"amount": f"{amount:.2f}", "currency": "USD"}


@st.composite
def credits(draw: st.DrawFn) -> Record:
    """A credit of any goods and charges, each amount kept by its price."""
    lines = []
    for place in range(1, draw(st.integers(1, 4)) + 1):
        amount, quantity = draw(cents), draw(quantities)
        lines.append(
            {
                "lineId": f"line-{place}",
                "item": {"sku": f"P-{place}"},
                "quantity": {"value": f"{quantity.normalize():f}", "uom": draw(st.sampled_from(["EA", "XCS"]))},
                "unitPrice": money(amount),
                "amount": money(amount),
                "reason": {"code": "goods_returned"},
                "return": {"type": "return", "id": "RMA-1", "lineId": str(place)},
            }
        )
        lines[-1]["priceBase"] = lines[-1]["quantity"]
    rows = draw(st.lists(charges, max_size=3))
    document: Record = incident(GOOD["credit"])["written_from"] | {"lines": lines, "settlements": []}
    document["refs"] = [{"type": "return", "id": "RMA-1"}]
    document["charges"] = [{"kind": k, "effect": e, "amount": money(a), "reason": "agreed"} for k, e, a in rows]
    return document


def answered(record: Record) -> Record:
    """What NetSuite would answer: its own keys, and the sums it reckons, by arithmetic of our own."""
    record = parse(dump(record))
    total = sum((line["amount"] for line in record["item"]["items"]), Decimal(0))
    record |= {"id": "1", "status": {"id": "A"}, "lastModifiedDate": "2026-11-06T10:00:00Z"}
    record |= {"subtotal": total, "total": total, "applied": 0, "unapplied": total}
    record["createdFrom"] = {"id": "90331", "refName": "Return Authorization #RMA1"}
    return record


@every
@given(document=credits())
def test_a_credit_that_is_written_and_read_is_the_same_money(document: Record) -> None:
    [written] = netsuite().write_data(document, "credit_memo", trusted=True)
    gained = sum((Decimal(line["amount"]["amount"]) for line in document["lines"]), Decimal(0))
    for charge in document["charges"]:
        gained += Decimal(charge["amount"]["amount"]) * (1 if charge["effect"] == "increases_credit" else -1)
    assert sum((line["amount"] for line in written.record["item"]["items"]), Decimal(0)) == gained
    if gained < 0:
        with pytest.raises(MappingError, match="below zero"):
            netsuite().read("credit_memo", answered(written.record))
        return
    read = netsuite().read("credit_memo", answered(written.record))
    back = read.document.to_dict()
    for line, there in zip(document["lines"], back["lines"], strict=True):
        assert [there[name] for name in ("lineId", "quantity", "amount")] == [
            line[name] for name in ("lineId", "quantity", "amount")
        ]
    assert [_charge(c) for c in back.get("charges", ())] == [_charge(c) for c in document["charges"]]
    assert Decimal(back["totals"]["due"]["amount"]) == gained
    assert {finding.code for finding in read.findings} <= {"C8"}


def _charge(charge: Record) -> tuple[str, str, Decimal]:
    """What a charge does; one of zero does nothing, whichever way."""
    amount = Decimal(charge["amount"]["amount"])
    return charge["kind"], charge["effect"] if amount else "", amount


POSITION = st.one_of(
    st.builds(
        lambda status, location, place: {"status": status, "location": {"id": location} | place},
        st.sampled_from(["available", "quarantine", "damaged"]),
        st.sampled_from(["7", "8"]),
        st.sampled_from([{}, {"bin": "20"}]),
    ),
    st.sampled_from([{"status": "external", "boundary": b} for b in ("scrap", "count")]),
)


@st.composite
def moves(draw: st.DrawFn) -> Record:
    """An adjustment of any moves that NetSuite has."""
    lines = []
    for place in range(1, draw(st.integers(1, 5)) + 1):
        start, end = draw(POSITION), draw(POSITION)
        line = {
            "lineId": str(place),
            "item": {"sku": "P-100"},
            "quantity": {"value": f"{draw(quantities).normalize():f}", "uom": "EA"},
            "from": start,
            "to": end,
            "reason": {"code": "disposition"},
        }
        inside = [side for side in (start, end) if side["status"] != "external"]
        if not inside:
            line["from"] = {"status": "available", "location": {"id": "7"}}
        elif len(inside) == 2:
            line["toItem"] = {"sku": "P-100-B"}
        if len(inside) and start["status"] == "external" and draw(st.booleans()):
            line["item"] = {"sku": "P-100", "lot": "L-77", "expiryDate": "2027-01-31"}
        lines.append(line)
    document: Record = incident(GOOD["adjustment"])["written_from"] | {"lines": lines}
    return document


@every
@given(document=moves())
def test_an_adjustment_that_is_written_and_read_is_the_same_moves(document: Record) -> None:
    ours = netsuite()
    records = [w.record for w in ours.write_data(document, "inventory_adjustment", trusted=True)]
    back = []
    for record in records:
        seen = parse(dump(record)) | {"lastModifiedDate": "2026-11-06T10:00:00Z", "id": "1"}
        read = ours.read("inventory_adjustment", seen)
        assert invariants.check(read.document) == read.findings
        back += read.document.to_dict()["lines"]
    compared = ("lineId", "item", "toItem", "quantity", "from", "to")
    same = [{name: line[name] for name in compared if name in line} for line in document["lines"]]
    there = [{name: line[name] for name in compared if name in line} for line in back]
    assert sorted(there, key=lambda line: line["lineId"]) == sorted(same, key=lambda line: line["lineId"])


def test_the_good_documents_keep_the_contract() -> None:
    for document, name in GOOD.items():
        made = DOCUMENTS[document].model_validate_json(dump(incident(name)["written_from"]))
        assert invariants.check(made) == ()
