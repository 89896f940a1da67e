"""NetSuite's simulator over HTTP: its state rules, its errors, its stock to the unit."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from openreturns import adapter
from openreturns.sandbox import Clock, Fault
from simulators.netsuite_account import (
    LATER,
    STRICT,
    Json,
    Served,
    adjustment,
    assigned,
    goods,
    lines,
    ql,
    rma,
    said,
    served,
)

pytestmark = pytest.mark.usefixtures("netsuite_stage")

DEMO = Path(__file__).parents[2] / "docs" / "demo"


# ---------------------------------------------------------------- what a return goes through


def test_a_return_from_order_to_refund(netsuite: Served) -> None:
    sold = netsuite.call("GET", "salesOrder/eid:SO-56002").json()["id"]
    id = netsuite.made("POST", f"salesOrder/{sold}/!transform/returnAuthorization", {"externalId": "RMA-1"} | lines())
    made = netsuite.read(f"returnAuthorization/{id}")
    assert [(row["item"]["refName"], row["quantity"], row["rate"]) for row in made["item"]["items"]] == [
        ("P-100", Decimal("13.0"), Decimal("120.5")),
        ("G-7", Decimal("50.0"), Decimal("3.0")),
    ]
    assert (made["createdFrom"]["refName"], made["status"]["refName"]) == ("Sales Order #SO-56002", "Pending Receipt")
    # 1716.50 before tax of 8.25 %: 129.24 on the pumps and 12.38 on the gaskets.
    assert (made["subtotal"], made["taxTotal"], made["total"], made["totalAfterTaxes"]) == (
        Decimal("1716.5"),
        Decimal("141.62"),
        Decimal("1716.5"),
        Decimal("1858.12"),
    )
    received = netsuite.receive(id, externalId="RCV-1")
    assert received.status_code == 204
    assert netsuite.status(id) == "F"
    receipt = netsuite.read("itemReceipt/eid:RCV-1")
    assert (receipt["orderId"], receipt["orderType"], receipt["postingPeriod"]["refName"]) == (
        int(id),
        "RtnAuth",
        "Nov 2026",
    )
    assert netsuite.credit(id, {"externalId": "CM-1"}).status_code == 204
    assert netsuite.status(id) == "G"
    memo = netsuite.read("creditMemo/eid:CM-1")
    assert (memo["status"]["refName"], memo["unapplied"], memo["applied"]) == ("Open", Decimal("1858.12"), 0)
    refund = netsuite.made("POST", f"creditMemo/{memo['id']}/!transform/customerRefund", {"externalId": "REF-1"})
    assert netsuite.read(f"customerRefund/{refund}")["total"] == Decimal("1858.12")
    memo = netsuite.read("creditMemo/eid:CM-1")
    assert (memo["status"]["refName"], memo["unapplied"], memo["amountPaid"]) == (
        "Fully Applied",
        0,
        Decimal("1858.12"),
    )


PUMPS, GASKETS = {"orderLine": 1, "quantity": 2}, {"orderLine": 2, "quantity": 4}
NOT = {"itemReceive": False}
WAYS: Mapping[str, tuple[str, Sequence[Callable[[Served, str], Any]]]] = {
    "asked for": ("A", [lambda one, id: one.call("PATCH", f"returnAuthorization/{id}", {"orderStatus": "A"})]),
    "approved": (
        "B",
        [
            lambda one, id: one.call("PATCH", f"returnAuthorization/{id}", {"orderStatus": "A"}),
            lambda one, id: one.call("PATCH", f"returnAuthorization/{id}", {"orderStatus": {"id": "B"}}),
        ],
    ),
    "called off": ("C", [lambda one, id: one.vendor.step("cancel", id=id)]),
    "some came": ("E", [lambda one, id: one.receive(id, PUMPS, {"orderLine": 2, **NOT})]),
    "some came, and were credited": (
        "D",
        [lambda one, id: one.receive(id, PUMPS, {"orderLine": 2, **NOT}), lambda one, id: one.credit(id)],
    ),
    "half of a line came": (
        "E",
        [lambda one, id: one.receive(id, {"orderLine": 1, "quantity": 1}, {"orderLine": 2, **NOT})],
    ),
    "all came": ("F", [lambda one, id: one.receive(id)]),
    "all came in two receipts": (
        "F",
        [
            lambda one, id: one.receive(id, PUMPS, {"orderLine": 2, **NOT}),
            lambda one, id: one.receive(id, GASKETS),
        ],
    ),
    "all came, some credited": (
        "F",
        [
            lambda one, id: one.receive(id),
            lambda one, id: one.call(
                "POST", f"returnAuthorization/{id}/!transform/creditMemo?replace=item", lines({"orderLine": 1})
            ),
        ],
    ),
    "all credited": ("G", [lambda one, id: one.receive(id), lambda one, id: one.credit(id)]),
    "all refunded in cash": (
        "G",
        [lambda one, id: one.receive(id), lambda one, id: one.credit(id, target="cashRefund")],
    ),
    "credited, and voided": (
        "F",
        [
            lambda one, id: one.receive(id),
            lambda one, id: one.credit(id, {"externalId": "CM-1"}),
            lambda one, id: one.vendor.step("void", id=one.read("creditMemo/eid:CM-1")["id"]),
        ],
    ),
    "closed": ("H", [lambda one, id: one.vendor.step("close", id=id)]),
    "the rest closed": (
        "F",
        [
            lambda one, id: one.receive(id, PUMPS, {"orderLine": 2, **NOT}),
            lambda one, id: one.vendor.step("close", id=id, lines=[2]),
        ],
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_status_follows_what_was_done(netsuite: Served, name: str) -> None:
    letter, ways = WAYS[name]
    id = netsuite.rma()
    for way in ways:
        way(netsuite, id)
    assert netsuite.status(id) == letter


@pytest.mark.parametrize(
    ("name", "receives", "credits"),
    [
        ("asked for", False, False),
        ("approved", True, False),
        ("called off", False, False),
        ("some came", True, True),
        ("some came, and were credited", True, False),
        ("all came", False, True),
        ("all came, some credited", False, True),
        ("all credited", False, False),
        ("closed", False, False),
    ],
)
def test_a_state_allows_what_it_allows(netsuite: Served, name: str, receives: bool, credits: bool) -> None:
    id = netsuite.rma()
    for way in WAYS[name][1]:
        way(netsuite, id)
    before = netsuite.read(f"returnAuthorization/{id}")
    for allowed, answer in ((credits, netsuite.credit(id)), (receives, netsuite.receive(id))):
        if allowed:
            assert answer.status_code == 204
        else:
            assert said(answer) == (400, "USER_ERROR", "")
    if not receives and not credits:
        assert netsuite.read(f"returnAuthorization/{id}") == before


def test_what_people_do_in_the_account(netsuite: Served) -> None:
    id = netsuite.rma(orderStatus="A")
    assert netsuite.vendor.step("approve", id=id)["status"]["id"] == "B"
    netsuite.vendor.step("receive", id=id, body=lines(PUMPS, {"orderLine": 2, **NOT}))
    netsuite.vendor.step("credit", id=id)
    assert netsuite.status(id) == "D"
    with pytest.raises(ValueError, match="cannot be called off"):
        netsuite.vendor.step("cancel", id=id)
    with pytest.raises(ValueError, match="can not initialize"):
        netsuite.vendor.step("credit", id=id)
    sold = netsuite.vendor.step("sell", order="SO-9", invoice="INV-9", customer="C-1055", lines=[["P-100", 2, "99.99"]])
    invoice = netsuite.vendor.step("pay", id=sold["invoice"], amount="100")
    # 199.98 and 9 % tax, less the payment
    assert (invoice["amountRemaining"], invoice["status"]["refName"]) == (Decimal("117.98"), "Open")
    assert netsuite.vendor.step("pay", id=sold["invoice"])["status"]["refName"] == "Paid In Full"
    netsuite.vendor.step("change_rate", currency="2", rate="1.1")
    assert netsuite.read("currency/2")["exchangeRate"] == Decimal("1.1")


# ---------------------------------------------------------------- transformations


def test_lines_that_a_receipt_does_not_name_are_received_in_full(netsuite: Served) -> None:
    netsuite.receive(netsuite.rma(), {"orderLine": 1, "quantity": 1}, externalId="RCV-1")
    rows = netsuite.read("itemReceipt/eid:RCV-1")["item"]["items"]
    assert [(row["orderLine"], row["quantity"], row["itemReceive"]) for row in rows] == [(1, 1, True), (2, 4, True)]


def test_lines_that_a_receipt_does_not_name_can_be_left() -> None:
    with served(unsent_lines="left") as one:
        one.receive(one.rma(), {"orderLine": 1, "quantity": 1}, externalId="RCV-1")
        assert len(one.read("itemReceipt/eid:RCV-1")["item"]["items"]) == 1


def test_names_of_records_and_fields_do_not_mind_capitals(netsuite: Served) -> None:
    id = netsuite.rma()
    body = {"externalid": "RCV-1", "item": {"items": [{"line": 1, "itemreceive": True}, {"line": 2, **NOT}]}}
    netsuite.made("POST", f"returnauthorization/{id}/!transform/itemreceipt", body, headers=STRICT)
    [row] = netsuite.read("ITEMRECEIPT/eid:RCV-1")["item"]["items"]
    assert (row["orderLine"], row["quantity"], row["itemName"]) == (1, 2, "P-100")


def test_what_is_sent_lies_over_what_a_transformation_fills_in(netsuite: Served) -> None:
    id = netsuite.rma()
    netsuite.receive(id)
    fee = {"item": {"externalId": "Restocking Fee"}, "amount": -36.15, "description": "15 %"}
    body = {"tranDate": "2026-11-25", "memo": "as agreed"} | lines({"orderLine": 1, "amount": 200}, fee)
    memo = netsuite.read(f"creditMemo/{netsuite.credit(id, body).headers['Location'].rpartition('/')[2]}")
    assert (memo["tranDate"], memo["memo"]) == ("2026-11-25", "as agreed")
    assert [(row["line"], row["item"]["refName"], row["amount"], row["rate"]) for row in memo["item"]["items"]] == [
        (1, "P-100", Decimal("200.0"), Decimal("100.0")),
        (2, "G-7", Decimal("12.0"), Decimal("3.0")),
        (3, "Restocking Fee", Decimal("-36.15"), Decimal("-36.15")),
    ]
    assert memo["subtotal"] == Decimal("175.85")


def test_with_replace_a_transformation_takes_the_lines_that_are_sent(netsuite: Served) -> None:
    id = netsuite.rma()
    netsuite.receive(id)
    made = netsuite.made("POST", f"returnAuthorization/{id}/!transform/creditMemo?replace=item", lines(GASKETS))
    [row] = netsuite.read(f"creditMemo/{made}")["item"]["items"]
    assert (row["orderLine"], row["item"]["refName"], row["amount"]) == (2, "G-7", Decimal("12.0"))


@pytest.mark.parametrize("sale", ["salesOrder/eid:SO-56002", "invoice/eid:INV-89002", "cashSale/eid:CS-3001"])
def test_a_return_starts_with_what_is_not_on_another_return(netsuite: Served, sale: str) -> None:
    target = f"{sale}/!transform/returnAuthorization"
    first = netsuite.made("POST", f"{target}?replace=item", lines({"orderLine": 1, "quantity": 2}))
    second = netsuite.read(f"returnAuthorization/{netsuite.made('POST', target, {})}")
    sold = netsuite.read(sale)["item"]["items"]
    left = {row["orderLine"]: row["quantity"] for row in second["item"]["items"]}
    assert left.get(1, 0) == sold[0]["quantity"] - 2
    assert left[2] == sold[1]["quantity"]
    assert second["createdFrom"]["refName"] == netsuite.read(f"returnAuthorization/{first}")["createdFrom"]["refName"]


def test_goods_go_back_to_their_vendor(netsuite: Served) -> None:
    target = "purchaseOrder/eid:PO-4001/!transform/vendorReturnAuthorization?replace=item"
    id = netsuite.made("POST", target, lines({"orderLine": 1, "quantity": 5}))
    before = netsuite.on_hand("P-100", "22")["", "1", ""]
    netsuite.made("POST", f"vendorReturnAuthorization/{id}/!transform/itemFulfillment", {})
    assert netsuite.on_hand("P-100", "22")["", "1", ""] == before - 5
    assert netsuite.read(f"vendorReturnAuthorization/{id}")["status"]["refName"] == "Pending Credit"
    again = netsuite.call("POST", f"vendorReturnAuthorization/{id}/!transform/itemFulfillment", {})
    assert said(again) == (400, "USER_ERROR", "")


# ---------------------------------------------------------------- what is refused

REFUSED: Mapping[str, tuple[str, str, Json, tuple[int, str, str]]] = {
    "an unknown item": (
        "POST",
        "returnAuthorization",
        {"entity": "1042", **lines({"item": {"id": "9999"}})},
        (400, "INVALID_CONTENT", "item.items[0].item"),
    ),
    "an unknown customer": (
        "POST",
        "returnAuthorization",
        rma(entity={"externalId": "C-9999"}),
        (400, "INVALID_CONTENT", "entity"),
    ),
    "a vendor as a customer": ("POST", "returnAuthorization", rma(entity="4501"), (400, "INVALID_CONTENT", "entity")),
    "an unknown currency": ("POST", "returnAuthorization", rma(currency="77"), (400, "INVALID_CONTENT", "currency")),
    "an unknown field": (
        "POST",
        "returnAuthorization",
        rma(entityy={"id": "1042"}),
        (400, "INVALID_CONTENT", "entityy"),
    ),
    "an unknown field of a line": (
        "POST",
        "returnAuthorization",
        rma(**lines(goods("P-100", 1, qty=1))),
        (400, "INVALID_CONTENT", "item.items[0].qty"),
    ),
    "text for a number": (
        "POST",
        "returnAuthorization",
        rma(**lines(goods("P-100", "2"))),
        (400, "INVALID_CONTENT", "item.items[0].quantity"),
    ),
    "a number beyond a double": (
        "POST",
        "returnAuthorization",
        rma(**lines(goods("P-100", 10**15))),
        (400, "INVALID_CONTENT", "item.items[0].quantity"),
    ),
    "a day there is not": (
        "POST",
        "returnAuthorization",
        rma(tranDate="2026-02-30"),
        (400, "INVALID_CONTENT", "tranDate"),
    ),
    "a day as in filters": (
        "POST",
        "returnAuthorization",
        rma(tranDate="11/22/2026"),
        (400, "INVALID_CONTENT", "tranDate"),
    ),
    "a status of its own": (
        "POST",
        "returnAuthorization",
        rma(orderStatus="G"),
        (400, "INVALID_CONTENT", "orderStatus"),
    ),
    "no list": ("POST", "returnAuthorization", rma(item=[]), (400, "INVALID_CONTENT", "item")),
    "no object": ("POST", "returnAuthorization", [], (400, "INVALID_CONTENT", "")),
    "no customer": (
        "POST",
        "returnAuthorization",
        lines(goods("P-100", 1)),
        (400, "USER_ERROR", "entity"),
    ),
    "no lines": ("POST", "returnAuthorization", {"entity": "1042"}, (400, "USER_ERROR", "item")),
    "nothing of an item": (
        "POST",
        "returnAuthorization",
        rma(**lines(goods("P-100", 0))),
        (400, "USER_ERROR", "item.items[0].quantity"),
    ),
    "a line that was not sold": (
        "POST",
        "returnAuthorization",
        rma(**lines({"orderLine": 3, "item": "501"})),
        (400, "INVALID_CONTENT", "item.items[0].orderLine"),
    ),
    "another item than was sold": (
        "POST",
        "returnAuthorization",
        rma(**lines({"orderLine": 1, "item": "503"})),
        (400, "USER_ERROR", "item.items[0].item"),
    ),
    "a unit the item has not": (
        "POST",
        "returnAuthorization",
        rma(**lines(goods("P-100", 1, units="7"))),
        (400, "INVALID_CONTENT", "item.items[0].units"),
    ),
    "too long a memo": ("POST", "returnAuthorization", rma(memo="m" * 1000), (400, "USER_ERROR", "memo")),
    "an external id that is taken": (
        "POST",
        "returnAuthorization",
        rma(externalId="RMA-1"),
        (400, "DUP_RCRD", "externalId"),
    ),
    "a key that is not the address's": (
        "PUT",
        "returnAuthorization/eid:RMA-9",
        rma(externalId="RMA-8"),
        (400, "INVALID_CONTENT", "externalId"),
    ),
    "an unknown record": ("GET", "returnAuthorization/99999", None, (404, "NONEXISTENT_ID", "")),
    "an unknown key": ("GET", "returnAuthorization/eid:RMA-9", None, (404, "NONEXISTENT_ID", "")),
    "another kind's record": ("GET", "creditMemo/eid:RMA-1", None, (404, "NONEXISTENT_ID", "")),
    "no id": ("GET", "returnAuthorization/000", None, (400, "INVALID_ID", "")),
    "a change of nothing": ("PATCH", "returnAuthorization/99999", {}, (404, "NONEXISTENT_ID", "")),
    "an end of nothing": ("DELETE", "returnAuthorization/99999", None, (404, "NONEXISTENT_ID", "")),
    "an unknown kind of record": ("GET", "returnOrder/1", None, (404, "INVALID_URL", "")),
    "an unknown transformation": (
        "POST",
        "returnAuthorization/eid:RMA-1/!transform/invoice",
        {},
        (404, "INVALID_URL", ""),
    ),
    "another method": ("PUT", "returnAuthorization/90311", {}, (405, "METHOD_NOT_ALLOWED", "")),
    "a receipt of nothing": ("POST", "itemReceipt", lines(PUMPS), (400, "USER_ERROR", "createdFrom")),
    "more than is to come": (
        "POST",
        "returnAuthorization/eid:RMA-1/!transform/itemReceipt",
        lines({"orderLine": 1, "quantity": 3}),
        (400, "USER_ERROR", "item.items[0].quantity"),
    ),
    "a line that is not on the return": (
        "POST",
        "returnAuthorization/eid:RMA-1/!transform/itemReceipt",
        lines({"orderLine": 9, "item": "501", "quantity": 1}),
        (400, "INVALID_CONTENT", "item.items[0].orderLine"),
    ),
    "no line": (
        "POST",
        "returnAuthorization/eid:RMA-1/!transform/itemReceipt",
        lines({"orderLine": 1, **NOT}, {"orderLine": 2, **NOT}),
        (400, "USER_ERROR", "item"),
    ),
    "a receipt into a closed month": (
        "POST",
        "returnAuthorization/eid:RMA-1/!transform/itemReceipt",
        {"tranDate": "2026-08-31"},
        (400, "USER_ERROR", "postingPeriod"),
    ),
    "a receipt in no month": (
        "POST",
        "returnAuthorization/eid:RMA-1/!transform/itemReceipt",
        {"tranDate": "1999-08-31"},
        (400, "USER_ERROR", "tranDate"),
    ),
    "a bin of another location": (
        "POST",
        "returnAuthorization/eid:RMA-1/!transform/itemReceipt",
        lines({"orderLine": 1, **assigned({"binNumber": "2220", "quantity": 2})}),
        (400, "INVALID_CONTENT", "item.items[0].inventoryDetail.inventoryAssignment.items[0].binNumber"),
    ),
    "a detail of fewer": (
        "POST",
        "returnAuthorization/eid:RMA-1/!transform/itemReceipt",
        lines({"orderLine": 1, **assigned({"binNumber": "20", "quantity": 1})}),
        (400, "USER_ERROR", "item.items[0].inventoryDetail.inventoryAssignment"),
    ),
    "a credit before a receipt": (
        "POST",
        "creditMemo",
        {"createdFrom": {"externalId": "RMA-1"}, **lines(PUMPS)},
        (400, "USER_ERROR", ""),
    ),
    "an adjustment against no account": (
        "POST",
        "inventoryAdjustment",
        adjustment({"item": "501", "adjustQtyBy": 1}, account=None),
        (400, "USER_ERROR", "account"),
    ),
    "an adjustment by nothing": (
        "POST",
        "inventoryAdjustment",
        adjustment({"item": "501", "adjustQtyBy": 0}),
        (400, "USER_ERROR", "inventory.items[0].adjustQtyBy"),
    ),
    "an adjustment of a fee": (
        "POST",
        "inventoryAdjustment",
        adjustment({"item": "801", "adjustQtyBy": 1}),
        (400, "USER_ERROR", "inventory.items[0].item"),
    ),
    "more than there is": (
        "POST",
        "inventoryAdjustment",
        adjustment({"item": "501", "adjustQtyBy": -1001}),
        (400, "USER_ERROR", ""),
    ),
    "a lot item without a lot": (
        "POST",
        "inventoryAdjustment",
        adjustment({"item": "504", "adjustQtyBy": 1}),
        (400, "USER_ERROR", "inventory.items[0].inventoryDetail"),
    ),
    "a lot of another item": (
        "POST",
        "inventoryAdjustment",
        adjustment({"item": "504", "adjustQtyBy": -1, **assigned({"issueInventoryNumber": "326", "quantity": -1})}),
        (
            400,
            "INVALID_CONTENT",
            "inventory.items[0].inventoryDetail.inventoryAssignment.items[0].issueInventoryNumber",
        ),
    ),
    "a lot that leaves by its text": (
        "POST",
        "inventoryAdjustment",
        adjustment({"item": "504", "adjustQtyBy": -1, **assigned({"receiptInventoryNumber": "S310-2508"})}),
        (
            400,
            "USER_ERROR",
            "inventory.items[0].inventoryDetail.inventoryAssignment.items[0].issueInventoryNumber",
        ),
    ),
    "a serial number for two": (
        "POST",
        "inventoryAdjustment",
        adjustment({"item": "505", "adjustQtyBy": 2, **assigned({"receiptInventoryNumber": "MT-1", "quantity": 2})}),
        (400, "USER_ERROR", "inventory.items[0].inventoryDetail.inventoryAssignment.items[0].quantity"),
    ),
    "a serial number that is in stock": (
        "POST",
        "inventoryAdjustment",
        adjustment({"item": "505", "adjustQtyBy": 1, **assigned({"receiptInventoryNumber": "MT-88301"})}),
        (400, "USER_ERROR", ""),
    ),
    "a refund of nothing": ("POST", "customerRefund", {"customer": "1042"}, (400, "USER_ERROR", "apply")),
    "many records at once, at once": ("PATCH", "creditMemo", {"items": []}, (400, "INVALID_HEADER", "Prefer")),
    "no yes and no no": (
        "GET",
        "customer?expandSubResources=yes",
        None,
        (400, "INVALID_PARAMETER", "expandSubResources"),
    ),
    "a page of nothing": ("GET", "customer?limit=0", None, (400, "INVALID_PARAMETER", "limit")),
    "an offset before the first": ("GET", "customer?offset=-1", None, (400, "INVALID_PARAMETER", "offset")),
    "a list by an unknown key": ("GET", "customer?ids=eid:C-9", None, (404, "NONEXISTENT_ID", "ids")),
    "a query without its header": (
        "POST",
        "/query/v1/suiteql",
        {"q": "SELECT id FROM customer"},
        (400, "INVALID_HEADER", "Prefer"),
    ),
    "an unknown job": ("GET", "/async/v1/job/77", None, (404, "NONEXISTENT_ID", "")),
    "an unknown kind in the catalogue": ("GET", "metadata-catalog/unicorn", None, (404, "NONEXISTENT_ID", "")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused_with_its_place_and_leaves_nothing(netsuite: Served, name: str) -> None:
    method, path, body, expected = REFUSED[name]
    netsuite.rma()
    before = netsuite.vendor.step("stock"), netsuite.read("returnAuthorization/eid:RMA-1")
    assert said(netsuite.call(method, path, body, headers=STRICT)) == expected
    assert (netsuite.vendor.step("stock"), netsuite.read("returnAuthorization/eid:RMA-1")) == before
    kinds = ("returnAuthorization", "itemReceipt", "creditMemo", "inventoryAdjustment", "customerRefund")
    assert [netsuite.call("GET", kind).json()["totalResults"] for kind in kinds] == [1, 0, 0, 0, 0]


def test_an_unknown_reference_is_named_as_the_vendor_names_it(netsuite: Served) -> None:
    answer = netsuite.call("POST", "returnAuthorization", {"entity": 1042, **lines({"item": {"id": 9999}})})
    assert answer.json() == {
        "type": "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.1",
        "title": "Bad Request",
        "status": 400,
        "o:errorDetails": [
            {
                "detail": "Error while accessing resource: You have entered an Invalid Field Value 9999 for the "
                "following field: item",
                "o:errorCode": "INVALID_CONTENT",
                "o:errorPath": "item.items[0].item",
            }
        ],
    }


def test_everything_that_is_wrong_is_named_at_once(netsuite: Served) -> None:
    body = rma(entity="77", tranDate="soon", unheard="of") | lines({"item": {"id": "9"}, "quantity": True})
    answer = netsuite.call("POST", "returnAuthorization", body, headers=STRICT)
    found = [row["o:errorPath"] for row in answer.json()["o:errorDetails"]]
    assert found == ["entity", "tranDate", "item.items[0].item", "item.items[0].quantity", "unheard"]


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (b"{", {}, (400, "INVALID_CONTENT", "")),
        (b'{"memo": "a", "memo": "b"}', {}, (400, "INVALID_CONTENT", "")),
        (b"{}", {"Content-Type": "text/xml"}, (415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type")),
        (
            b"{}",
            {"X-NetSuite-PropertyNameValidation": "Maybe"},
            (400, "INVALID_HEADER", "X-NetSuite-PropertyNameValidation"),
        ),
    ],
)
def test_what_is_no_json_is_refused(
    netsuite: Served, content: bytes, headers: dict[str, str], expected: tuple[int, str, str]
) -> None:
    answer = netsuite.call("POST", "returnAuthorization", content=content, headers=headers)
    assert said(answer) == expected


@pytest.mark.parametrize(
    "words", [{}, {"X-NetSuite-PropertyNameValidation": "Warning"}, {"X-NetSuite-PropertyNameValidation": "Ignore"}]
)
def test_misspelled_fields_are_dropped_in_silence_unless_told_otherwise(
    netsuite: Served, words: dict[str, str]
) -> None:
    made = netsuite.made("POST", "returnAuthorization", rma(meno="two leak", memo="two leak"), headers=words)
    read = netsuite.read(f"returnAuthorization/{made}")
    assert (read["memo"], "meno" in read) == ("two leak", False)


def test_wrong_values_are_dropped_in_silence_where_that_is_asked_for(netsuite: Served) -> None:
    headers = {"X-NetSuite-PropertyValueValidation": "Ignore"}
    made = netsuite.made("POST", "returnAuthorization", rma(tranDate="soon", memo=5), headers=headers)
    read = netsuite.read(f"returnAuthorization/{made}")
    assert (read["tranDate"], "memo" in read) == ("2026-11-22", False)


def test_what_netsuite_reckons_cannot_be_written(netsuite: Served) -> None:
    id = netsuite.rma(status="G", total=1, id="7", source="NLWebStore", tranId="MY-1")
    read = netsuite.read(f"returnAuthorization/{id}")
    assert (read["id"], read["status"]["id"], read["subtotal"], read["source"]["id"], read["tranId"]) == (
        id,
        "B",
        253,
        "restWebServices",
        "MY-1",
    )


@pytest.mark.parametrize(
    ("fields", "body", "expected"),
    [
        (
            None,
            {"custbody_reason": "late", "custbody_n": 1.25},
            {"custbody_reason": "late", "custbody_n": Decimal("1.25")},
        ),
        ({"custbody_reason": "text"}, {"custbody_reason": "late"}, {"custbody_reason": "late"}),
        ({"custbody_reason": "text"}, {"custbody_reason": 5}, (400, "INVALID_CONTENT", "custbody_reason")),
        ({"custbody_reason": "text"}, {"custbody_other": "x"}, (400, "INVALID_CONTENT", "custbody_other")),
        ({}, {"custcol_x": "x"}, (400, "INVALID_CONTENT", "custcol_x")),
    ],
)
def test_custom_fields_are_the_accounts(fields: Json, body: Json, expected: Json) -> None:
    with served(custom_fields=fields) as one:
        answer = one.call("PUT", "returnAuthorization/eid:RMA-1", rma(**body), headers=STRICT)
        if isinstance(expected, tuple):
            assert said(answer) == expected
        else:
            assert one.read("returnAuthorization/eid:RMA-1").items() >= expected.items()


# ---------------------------------------------------------------- changes


@pytest.mark.parametrize(
    ("method", "path", "rows", "expected"),
    [
        ("PATCH", "", [{"line": 1, "quantity": 1}], [(1, 1, Decimal("120.5")), (2, 4, 12)]),
        ("PATCH", "?replace=item", [{"line": 2, "quantity": 3}], [(2, 3, 9)]),
        ("PATCH", "", [goods("V-220", 2, rate=42.75)], [(1, 2, 241), (2, 4, 12), (3, 2, Decimal("85.5"))]),
        ("PATCH", "", [{"line": 1, "amount": 200}], [(1, 2, 200), (2, 4, 12)]),
        ("PUT", "", [{"orderLine": 1, "quantity": 1}], [(1, 1, Decimal("120.5")), (2, 4, 12)]),
        ("PUT", "?replace=item", [{"orderLine": 2, "quantity": 1}], [(2, 1, 3)]),
    ],
)
def test_lines_are_changed_by_their_key(
    netsuite: Served, method: str, path: str, rows: list[Json], expected: list[tuple[Any, ...]]
) -> None:
    id = netsuite.rma()
    where = "eid:RMA-1" if method == "PUT" else id
    netsuite.made(method, f"returnAuthorization/{where}{path}", lines(*rows))
    found = netsuite.read(f"returnAuthorization/{id}")["item"]["items"]
    assert [(row["line"], row["quantity"], row["amount"]) for row in found] == expected


def test_null_empties_a_field_and_so_does_naming_it(netsuite: Served) -> None:
    id = netsuite.rma(memo="leaks", otherRefNum="PO-1")
    netsuite.made("PATCH", f"returnAuthorization/{id}", {"memo": None})
    netsuite.made("PATCH", f"returnAuthorization/{id}?replaceSelectedFields=true&replace=otherRefNum", {})
    assert not {"memo", "otherRefNum"} & netsuite.read(f"returnAuthorization/{id}").keys()


def test_null_in_a_line_is_what_is_not_sent(netsuite: Served) -> None:
    row = {"orderLine": 1, "item": None, "quantity": None, "rate": None, "units": None, "amount": None}
    id = netsuite.rma(memo=None, **lines(row))
    [kept] = netsuite.read(f"returnAuthorization/{id}")["item"]["items"]
    assert (kept["item"]["refName"], kept["quantity"], kept["rate"]) == ("P-100", 13, Decimal("120.5"))
    empty = {"receiptInventoryNumber": None, "binNumber": None, "inventoryStatus": None, "quantity": None}
    netsuite.receive(id, {"orderLine": 1, "quantity": 2, **assigned(empty)})
    assert netsuite.on_hand("P-100") == {("", "1", ""): 2}


CHANGES: Mapping[str, tuple[str, Json, str]] = {
    "fewer than came": ("PATCH", lines({"line": 1, "quantity": 1}), "item.items[0].quantity"),
    "another item": ("PATCH", lines({"line": 1, "item": "503"}), "item.items[0].item"),
    "another unit": ("PATCH", lines({"line": 1, "units": "2"}), "item.items[0]"),
    "waiting again": ("PATCH", {"orderStatus": "A"}, "orderStatus"),
    "another customer": ("PATCH", {"entity": "1055"}, "entity"),
    "another order": ("PATCH", {"createdFrom": {"externalId": "SO-56001"}}, "createdFrom"),
    "gone": ("DELETE", None, ""),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_received_stays(netsuite: Served, name: str) -> None:
    method, body, place = CHANGES[name]
    id = netsuite.rma()
    netsuite.receive(id)
    before = netsuite.read(f"returnAuthorization/{id}")
    assert said(netsuite.call(method, f"returnAuthorization/{id}", body)) == (400, "USER_ERROR", place)
    assert netsuite.read(f"returnAuthorization/{id}") == before


def test_a_receipt_can_be_taken_back_until_it_is_credited(netsuite: Served) -> None:
    id = netsuite.rma()
    netsuite.receive(id, PUMPS, {"orderLine": 2, **NOT}, externalId="RCV-1")
    assert netsuite.on_hand("P-100") == {("", "1", ""): 2}
    assert netsuite.call("DELETE", "itemReceipt/eid:RCV-1").status_code == 204
    assert (netsuite.on_hand("P-100"), netsuite.status(id)) == ({}, "B")
    netsuite.receive(id, PUMPS, {"orderLine": 2, **NOT}, externalId="RCV-1")
    netsuite.credit(id, {"externalId": "CM-1"})
    assert said(netsuite.call("DELETE", "itemReceipt/eid:RCV-1")) == (400, "USER_ERROR", "item")
    assert netsuite.call("DELETE", "creditMemo/eid:CM-1").status_code == 204
    netsuite.made("PATCH", "itemReceipt/eid:RCV-1", lines({"line": 1, "quantity": 1}))
    assert netsuite.on_hand("P-100") == {("", "1", ""): 1}
    assert netsuite.status(id) == "E"


def test_what_is_made_from_a_record_changes_it(netsuite: Served) -> None:
    id = netsuite.rma()
    before = netsuite.read(f"returnAuthorization/{id}")["lastModifiedDate"]
    netsuite.receive(id)
    after = netsuite.read(f"returnAuthorization/{id}")
    assert before < after["lastModifiedDate"] > after["createdDate"]


def test_an_external_id_can_be_given_later_and_is_nobody_elses(netsuite: Served) -> None:
    first, second = netsuite.rma("RMA-1"), netsuite.made("POST", "returnAuthorization", rma())
    taken = netsuite.call("PATCH", f"returnAuthorization/{second}", {"externalId": "RMA-1"})
    assert said(taken) == (400, "DUP_RCRD", "externalId")
    netsuite.made("PATCH", f"returnAuthorization/{first}", {"externalId": "RMA-2"})
    netsuite.made("PATCH", f"returnAuthorization/{second}", {"externalId": "RMA-1"})
    found = [netsuite.read(f"returnAuthorization/eid:{key}")["id"] for key in ("RMA-1", "RMA-2")]
    assert found == [second, first]


# ---------------------------------------------------------------- credits


def billed(one: Served, id: str) -> list[int]:
    """Units of each line that are credited."""
    return [int(row["quantityBilled"]) for row in one.read(f"returnAuthorization/{id}")["item"]["items"]]


def test_a_return_is_credited_before_its_goods_only_where_the_account_refunds_in_advance(netsuite: Served) -> None:
    assert said(netsuite.credit(netsuite.rma())) == (400, "USER_ERROR", "")
    with served(refund_in_advance=True) as one:
        id = one.rma()
        assert one.credit(id, {"externalId": "CM-1"}).status_code == 204
        assert (one.status(id), billed(one, id)) == ("B", [2, 4])
        assert said(one.credit(id)) == (400, "USER_ERROR", "")
        assert one.receive(id, PUMPS, {"orderLine": 2, **NOT}).status_code == 204
        assert (one.status(id), said(one.credit(id))) == ("D", (400, "USER_ERROR", ""))
        assert one.receive(id, GASKETS).status_code == 204
        assert (one.status(id), said(one.credit(id))) == ("G", (400, "USER_ERROR", ""))


def test_more_than_is_returned_is_not_credited_in_advance() -> None:
    with served(refund_in_advance=True) as one:
        id = one.rma()
        path = f"returnAuthorization/{id}/!transform/creditMemo?replace=item"
        three = one.call("POST", path, lines({"orderLine": 1, "quantity": 3}))
        assert said(three) == (400, "USER_ERROR", "item.items[0].quantity")
        assert one.call("POST", path, lines({"orderLine": 1, "quantity": 1})).status_code == 204
        two = one.call("POST", path, lines({"orderLine": 1, "quantity": 2}))
        assert said(two) == (400, "USER_ERROR", "item.items[0].quantity")
        one.vendor.step("close", id=id)  # nothing more comes: what came is credited, and no more
        assert said(one.credit(id)) == (400, "USER_ERROR", "")
        assert (one.status(id), billed(one, id)) == ("H", [1, 0])


def test_what_was_credited_in_advance_can_be_credited_anew_once_that_is_void() -> None:
    with served(refund_in_advance=True) as one:
        id = one.rma()
        one.credit(id, {"externalId": "CM-1"})
        one.receive(id, {"orderLine": 1, "quantity": 1}, {"orderLine": 2, **NOT})
        one.vendor.step("void", id=one.read("creditMemo/eid:CM-1")["id"])
        assert one.credit(id, {"externalId": "CM-2"}).status_code == 204
        assert billed(one, id) == [2, 4]


def credited(one: Served, body: Json) -> httpx.Response:
    id = one.rma()
    one.receive(id)
    return one.credit(id, body)


def applied(amount: Json = None, doc: str = "INV-89002") -> dict[str, Json]:
    row = {"doc": {"externalId": doc}, "apply": True, **({} if amount is None else {"amount": amount})}
    return {"apply": {"items": [row]}}


def test_a_credit_is_applied_to_what_it_names(netsuite: Served) -> None:
    due = netsuite.read("invoice/eid:INV-89002")["amountRemaining"]
    assert due == Decimal("1858.12")
    assert credited(netsuite, {"externalId": "CM-1"} | applied(200)).status_code == 204
    memo = netsuite.read("creditMemo/eid:CM-1")
    [row] = memo["apply"]["items"]
    assert (row["doc"]["refName"], row["type"], row["amount"], row["due"]) == (
        "Invoice #INV-89002",
        "Invoice",
        200,
        due,
    )
    # 253.00 and 8.25 % tax on each line: 19.88 and 0.99
    assert (memo["applied"], memo["unapplied"], memo["status"]["id"]) == (200, Decimal("73.87"), "A")
    assert netsuite.read("invoice/eid:INV-89002")["amountRemaining"] == due - 200
    netsuite.made("PATCH", "creditMemo/eid:CM-1", applied(250))
    assert netsuite.read("invoice/eid:INV-89002")["amountRemaining"] == due - 250
    netsuite.made(
        "PATCH", "creditMemo/eid:CM-1", {"apply": {"items": [{"doc": {"externalId": "INV-89002"}, "apply": False}]}}
    )
    assert netsuite.read("invoice/eid:INV-89002")["amountRemaining"] == due


def test_a_credit_applied_automatically_goes_to_the_oldest_invoice(netsuite: Served) -> None:
    credited(netsuite, {"externalId": "CM-1", "autoApply": True})
    memo = netsuite.read("creditMemo/eid:CM-1")
    assert [row["refNum"] for row in memo["apply"]["items"]] == ["INV-89001"]
    assert (memo["status"]["refName"], memo["unapplied"]) == ("Fully Applied", 0)


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (applied(300), "USER_ERROR", "apply.items[0].amount"),
        (applied(0), "USER_ERROR", "apply.items[0].amount"),
        (applied(5, "INV-89003"), "INVALID_CONTENT", "apply.items[0].doc"),
        (applied(5, "INV-1"), "INVALID_CONTENT", "apply.items[0].doc"),
        (lines({"orderLine": 1, "quantity": 3}), "USER_ERROR", "item.items[0].quantity"),
        (
            lines({"orderLine": 1, "quantity": 2}, {"orderLine": 1, "quantity": 1}),
            "USER_ERROR",
            "item.items[1].quantity",
        ),
        ({"currency": "2"}, "USER_ERROR", "currency"),
        ({"entity": "1055"}, "USER_ERROR", "entity"),
    ],
)
def test_a_credit_is_for_what_came_back(netsuite: Served, body: Json, code: str, place: str) -> None:
    assert said(credited(netsuite, body)) == (400, code, place)


def test_a_credit_is_paid_out_once(netsuite: Served) -> None:
    id = credited(netsuite, {"externalId": "CM-1"} | applied(200)).headers["Location"].rpartition("/")[2]
    target = f"creditMemo/{id}/!transform/customerRefund"
    row = {"doc": {"id": id}, "amount": 50}
    netsuite.made("POST", target, {"apply": {"items": [row]}})
    assert netsuite.read(f"creditMemo/{id}")["unapplied"] == Decimal("23.87")
    more = netsuite.call("POST", target, {"apply": {"items": [row]}})
    assert said(more) == (400, "USER_ERROR", "apply.items[0].amount")
    refund = netsuite.made("POST", target, {})
    assert netsuite.read(f"customerRefund/{refund}")["total"] == Decimal("23.87")
    assert said(netsuite.call("POST", target, {})) == (400, "USER_ERROR", "")
    assert said(netsuite.call("DELETE", f"creditMemo/{id}")) == (400, "USER_ERROR", "")
    with pytest.raises(ValueError, match="refunded"):
        netsuite.vendor.step("void", id=id)
    assert netsuite.call("DELETE", f"customerRefund/{refund}").status_code == 204
    assert netsuite.read(f"creditMemo/{id}")["unapplied"] == Decimal("23.87")


@pytest.mark.parametrize(
    ("order", "tax", "sums"),
    [
        (
            "SO-56002",
            "suitetax",
            {"subtotal": "361.50", "taxTotal": "29.82", "total": "361.50", "totalAfterTaxes": "391.32"},
        ),
        ("SO-56002", "legacy", {"subtotal": "361.50", "taxTotal": "29.82", "total": "391.32"}),
        ("SO-56002", "none", {"subtotal": "361.50", "total": "361.50"}),
        (
            "SO-56008",
            "suitetax",
            {"subtotal": "128.25", "taxTotal": "0", "total": "128.25", "totalAfterTaxes": "128.25"},
        ),
        (
            "SO-56033",
            "suitetax",
            {"subtotal": "54225", "taxTotal": "5423", "total": "54225", "totalAfterTaxes": "59648"},
        ),
        ("SO-56034", "suitetax", {"subtotal": "9.165", "taxTotal": "0", "total": "9.165", "totalAfterTaxes": "9.165"}),
        ("SO-56030", "suitetax", {"subtotal": "0.11", "taxTotal": "0.01", "total": "0.11", "totalAfterTaxes": "0.12"}),
    ],
)
def test_sums_are_to_the_smallest_coin(order: str, tax: str, sums: dict[str, str]) -> None:
    with served(tax=tax) as one:
        target = f"salesOrder/eid:{order}/!transform/returnAuthorization?replace=item"
        read = one.read(f"returnAuthorization/{one.made('POST', target, lines({'orderLine': 1, 'quantity': 3}))}")
        named = ("subtotal", "taxTotal", "total", "totalAfterTaxes")
        assert {name: read[name] for name in named if name in read} == {n: Decimal(v) for n, v in sums.items()}
        assert ("taxDetails" in read and "items" in read["taxDetails"] and bool(read["taxDetails"]["items"])) == (
            tax == "suitetax"
        )


def test_taxes_can_be_told(netsuite: Served) -> None:
    details = {"items": [{"taxType": "Sales Tax", "taxBasis": 253, "taxRate": 8, "taxAmount": 20.24}]}
    id = netsuite.rma(taxDetailsOverride=True, taxDetails=details)
    read = netsuite.read(f"returnAuthorization/{id}")
    assert (read["taxTotal"], read["totalAfterTaxes"]) == (Decimal("20.24"), Decimal("273.24"))


# ---------------------------------------------------------------- stock


def motors(one: Served, *serials: str, key: str = "RMA-1") -> str:
    id = one.rma(key, createdFrom={"externalId": "SO-56012"}, entity="1077", **lines({"orderLine": 1, "quantity": 2}))
    rows = [{"receiptInventoryNumber": text, "binNumber": "11", "quantity": 1} for text in serials]
    one.receive(id, {"orderLine": 1, "quantity": len(rows), **assigned(*rows)}, externalId=f"RCV-{key}")
    return id


def test_serial_numbers_come_in_with_bin_and_status(netsuite: Served) -> None:
    motors(netsuite, "MT-88213", "MT-88214")
    assert netsuite.on_hand("MTR-15") == {("11", "1", "MT-88213"): 1, ("11", "1", "MT-88214"): 1}
    [row] = netsuite.read("itemReceipt/eid:RCV-RMA-1")["item"]["items"]
    found = [one["receiptInventoryNumber"] for one in row["inventoryDetail"]["inventoryAssignment"]["items"]]
    assert found == ["MT-88213", "MT-88214"]
    number = ql(netsuite, "SELECT id FROM inventorynumber WHERE inventorynumber = 'MT-88214'")[0]["id"]
    out = assigned({"issueInventoryNumber": {"id": number}, "binNumber": "11", "quantity": -1})
    scrap = adjustment({"item": "505", "adjustQtyBy": -1, **out}, adjLocation="7")
    made = netsuite.read(f"inventoryAdjustment/{netsuite.made('POST', 'inventoryAdjustment', scrap)}")
    [row] = made["inventory"]["items"]
    assert (row["quantityOnHand"], row["newQuantity"], row["costingMethod"]["id"]) == (2, 1, "SERIAL")
    assert made["estimatedTotalValue"] == Decimal("-187.2")
    assert netsuite.on_hand("MTR-15") == {("11", "1", "MT-88213"): 1}
    assert said(netsuite.call("POST", "inventoryAdjustment", scrap)) == (400, "USER_ERROR", "")


def test_lots_come_in_as_text_and_leave_as_references(netsuite: Served) -> None:
    order = {"externalId": "SO-56005"}
    id = netsuite.rma(createdFrom=order, entity="1055", **lines({"orderLine": 1, "quantity": 6}))
    good = {"receiptInventoryNumber": "S310-2512", "binNumber": "11", "quantity": 4}
    bad = {"receiptInventoryNumber": "NEW-LOT", "binNumber": "20", "inventoryStatus": "3", "quantity": 2}
    netsuite.receive(id, {"orderLine": 1, **assigned(good, {**bad, "expirationDate": "2027-01-31"})})
    assert netsuite.on_hand("S-310") == {("11", "1", "S310-2512"): 4, ("20", "3", "NEW-LOT"): 2}
    [number] = ql(netsuite, "SELECT id, expirationdate FROM inventorynumber WHERE inventorynumber = 'NEW-LOT'")
    assert number["expirationdate"] == "01/31/2027"
    rows = [
        {"issueInventoryNumber": number["id"], "binNumber": "20", "inventoryStatus": "3", "quantity": -2},
        {"issueInventoryNumber": "324", "binNumber": "11", "quantity": -1},
    ]
    netsuite.made(
        "POST",
        "inventoryAdjustment",
        adjustment({"item": "504", "adjustQtyBy": -3, **assigned(*rows)}, adjLocation="7"),
    )
    assert netsuite.on_hand("S-310") == {("11", "1", "S310-2512"): 3}


def test_a_return_may_say_which_serial_numbers_it_is_for(netsuite: Served) -> None:
    row = {"orderLine": 1, "quantity": 1, **assigned({"receiptInventoryNumber": "MT-1", "quantity": 1})}
    id = netsuite.rma(createdFrom={"externalId": "SO-56012"}, entity="1077", **lines(row))
    [kept] = netsuite.read(f"returnAuthorization/{id}")["item"]["items"]
    [which] = kept["inventoryDetail"]["inventoryAssignment"]["items"]
    assert which["receiptInventoryNumber"] == "MT-1"
    assert netsuite.on_hand("MTR-15") == {}


def test_the_older_field_names_serial_numbers_too(netsuite: Served) -> None:
    id = netsuite.rma(createdFrom={"externalId": "SO-56012"}, entity="1077", **lines({"orderLine": 1, "quantity": 2}))
    assert netsuite.receive(id, {"orderLine": 1, "serialNumbers": "MT-1\nMT-2"}).status_code == 204
    assert netsuite.on_hand("MTR-15") == {("", "1", "MT-1"): 1, ("", "1", "MT-2"): 1}


def test_a_carton_is_twelve(netsuite: Served) -> None:
    id = netsuite.rma(**lines(goods("G-7", 24, rate=3)))
    netsuite.receive(id, {"orderLine": 1, "quantity": 2, "units": "2"})
    assert netsuite.on_hand("G-7") == {("", "1", ""): 24}
    assert netsuite.read(f"returnAuthorization/{id}")["item"]["items"][0]["quantityReceived"] == 24


@pytest.mark.parametrize(("keyless", "units"), [("matched", 1002), ("added", 1004)])
def test_a_put_repeated_is_done_once_or_its_lines_are_added(keyless: str, units: int) -> None:
    with served(keyless_lines=keyless) as one:
        body = adjustment({"item": "501", "adjustQtyBy": 2, "unitCost": 50})
        first = one.made("PUT", "inventoryAdjustment/eid:ADJ-1", body)
        assert one.made("PUT", "inventoryAdjustment/eid:ADJ-1", body) == first
        assert one.on_hand("P-100", "22") == {("", "1", ""): units}
        one.made("PUT", "inventoryAdjustment/eid:ADJ-1?replace=inventory", body)
        assert one.on_hand("P-100", "22") == {("", "1", ""): 1002}
        assert one.call("DELETE", f"inventoryAdjustment/{first}").status_code == 204
        assert one.on_hand("P-100", "22") == {("", "1", ""): 1000}


def test_stock_goes_below_nothing_where_that_is_allowed() -> None:
    with served(negative_stock=True) as one:
        one.made("POST", "inventoryAdjustment", adjustment({"item": "501", "adjustQtyBy": -3}, adjLocation="7"))
        assert one.on_hand("P-100") == {("", "1", ""): -3}


def test_a_cost_counts_for_what_comes_in(netsuite: Served) -> None:
    rows = [{"item": "501", "adjustQtyBy": -1, "unitCost": 1}, {"item": "590", "adjustQtyBy": 1, "unitCost": 50}]
    id = netsuite.made("POST", "inventoryAdjustment", adjustment(*rows))
    read = netsuite.read(f"inventoryAdjustment/{id}")
    assert [row["unitCost"] for row in read["inventory"]["items"]] == [Decimal("71.2"), 50]
    assert read["estimatedTotalValue"] == Decimal("-21.2")


def test_a_closed_month_holds_what_is_in_it(netsuite: Served) -> None:
    id = netsuite.made("POST", "inventoryAdjustment", adjustment({"item": "501", "adjustQtyBy": 1}))
    period = netsuite.read(f"inventoryAdjustment/{id}")["postingPeriod"]["id"]
    netsuite.vendor.step("close_period", id=period)
    for method, body in (("PATCH", {"memo": "count"}), ("DELETE", None), ("PATCH", {"tranDate": "2026-12-01"})):
        answer = netsuite.call(method, f"inventoryAdjustment/{id}", body)
        assert said(answer) == (400, "USER_ERROR", "postingPeriod")
    netsuite.vendor.step("open_period", id=period)
    netsuite.made("PATCH", f"inventoryAdjustment/{id}", {"memo": "count"})


# ---------------------------------------------------------------- whatever is done in whatever order


def anything(one: Served, draw: Random) -> httpx.Response:
    """One call that might be right: a receipt, a credit, a refund, a change, an end of what may be there."""
    row = {
        "orderLine": draw.choice([1, 2, 3]),
        "quantity": draw.choice([None, 0, 1, 2, 3, 1.5]),
        "units": draw.choice([None, "1", "2"]),
        "line": draw.choice([None, 1, 2]),
    }
    body = draw.choice([{}, lines({name: value for name, value in row.items() if value is not None})])
    replace = draw.choice(["", "?replace=item"])
    number, key = f"eid:RMA-{draw.randint(1, 4)}", f"eid:X-{draw.randint(1, 6)}"
    fresh = {"externalId": key.removeprefix("eid:")}
    target = draw.choice(["itemReceipt", "itemReceipt", "creditMemo", "creditMemo", "cashRefund"])
    paid = applied(draw.choice([5, 100])) if target == "creditMemo" and draw.random() < 0.3 else {}
    kind = draw.choice(["itemReceipt", "creditMemo", "customerRefund", "returnAuthorization", "inventoryAdjustment"])
    change = {} if kind in ("customerRefund", "inventoryAdjustment") else body
    calls: Sequence[tuple[str, str, Json]] = [
        ("POST", f"returnAuthorization/{number}/!transform/{target}{replace}", body | fresh | paid),
        ("PUT", f"returnAuthorization/{number}{replace}", rma(**body)),
        ("POST", f"creditMemo/{key}/!transform/customerRefund", fresh),
        ("PATCH", f"{kind}/{draw.choice([number, key])}{replace}", change),
        ("DELETE", f"{kind}/{draw.choice([number, key])}", None),
        (
            "PUT",
            f"inventoryAdjustment/{key}",
            adjustment({"item": "501", "adjustQtyBy": draw.choice([-1, 2])}, adjLocation="7"),
        ),
    ]
    return one.call(*draw.choices(calls, [8, 3, 2, 2, 2, 2])[0])


def every(one: Served, kind: str) -> list[Json]:
    return [one.read(f"{kind}/{row['id']}") for row in one.call("GET", kind).json()["items"]]


@pytest.mark.parametrize("in_advance", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_goods_and_money_add_up(seed: int, in_advance: bool) -> None:
    with served(refund_in_advance=in_advance) as netsuite:
        goods_and_money_add_up(netsuite, Random(seed), in_advance)


def goods_and_money_add_up(netsuite: Served, draw: Random, in_advance: bool) -> None:
    for number in (1, 2, 3):
        netsuite.rma(f"RMA-{number}")
    statuses = [anything(netsuite, draw).status_code for _ in range(70)]
    assert {204, 400} <= set(statuses) <= {204, 400, 404}
    came: dict[str, Decimal] = defaultdict(Decimal)
    received: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for receipt in every(netsuite, "itemReceipt"):
        for row in receipt["item"]["items"]:
            units = row["quantity"] * (12 if row["units"] == "2" else 1)
            came[row["item"]["refName"]] += units
            received[receipt["createdFrom"]["id"], row["orderLine"]] += units
    assert received
    for moved in every(netsuite, "inventoryAdjustment"):
        came["P-100"] += sum(row["adjustQtyBy"] for row in moved["inventory"]["items"])
    for item in ("P-100", "G-7"):
        assert sum(netsuite.on_hand(item).values(), Decimal(0)) == came[item] >= 0
    for one in every(netsuite, "returnAuthorization"):
        for row in one["item"]["items"]:
            factor = 12 if row["units"] == "2" else 1
            assert row["quantityReceived"] * factor == received[one["id"], row["line"]]
            assert 0 <= row["quantityReceived"] <= row["quantity"]
            assert 0 <= row["quantityBilled"] <= row["quantity" if in_advance else "quantityReceived"]
    for memo in every(netsuite, "creditMemo"):
        assert memo["unapplied"] >= 0
        assert memo["applied"] + memo["unapplied"] == memo["totalAfterTaxes"]
    used = [row["amount"] for memo in every(netsuite, "creditMemo") for row in memo["apply"].get("items", ())]
    invoice = netsuite.read("invoice/eid:INV-89002")
    assert invoice["amountRemaining"] == invoice["totalAfterTaxes"] - sum(used) >= 0


# ---------------------------------------------------------------- faults


def posts(one: Served) -> Mapping[str, Callable[[], httpx.Response]]:
    return {
        "upsert": lambda: one.call("PUT", "returnAuthorization/eid:RMA-2", rma()),
        "adjustment": lambda: one.call(
            "PUT", "inventoryAdjustment/eid:ADJ-1", adjustment({"item": "501", "adjustQtyBy": -1})
        ),
        "receipt": lambda: one.receive("eid:RMA-1", PUMPS, {"orderLine": 2, **NOT}, externalId="RCV-1"),
        "keyed": lambda: one.call(
            "POST", "returnAuthorization", rma(externalId="RMA-2"), headers={**LATER, "X-NetSuite-Idempotency-Key": "k"}
        ),
    }


def state(one: Served) -> Json:
    one.vendor.step("move_time", seconds=60)
    kinds = ("returnAuthorization", "itemReceipt", "inventoryAdjustment")
    counts = [one.call("GET", kind).json()["totalResults"] for kind in kinds]
    return counts, one.on_hand("P-100"), one.on_hand("P-100", "22")


@pytest.mark.parametrize("kind", ["error_after", "cut_after", "error_before", "cut_before", "throttled", "html"])
@pytest.mark.parametrize(("act", "repeated"), [("upsert", 204), ("adjustment", 204), ("receipt", 400), ("keyed", 400)])
def test_after_any_fault_a_repeat_has_one_effect(netsuite: Served, kind: str, act: str, repeated: int) -> None:
    netsuite.rma()
    nothing = state(netsuite)
    netsuite.vendor.faults.add(Fault(kind, "P* */record/v1/*"))  # type: ignore[arg-type] # one of its kinds, see above
    try:
        assert posts(netsuite)[act]().status_code >= 400
    except httpx.RemoteProtocolError:
        assert kind.startswith("cut")
    done = kind.endswith("_after")
    once = state(netsuite)
    assert (once != nothing) == done
    first = 202 if act == "keyed" else 204
    assert posts(netsuite)[act]().status_code == (repeated if done else first)
    assert state(netsuite) == effect(act)


@cache
def effect(act: str) -> Json:
    """What is there after it was done once, and nothing went wrong."""
    with served() as one:
        one.rma()
        posts(one)[act]()
        return state(one)


def test_a_transformation_that_got_through_is_found_by_its_key(netsuite: Served) -> None:
    netsuite.rma()
    netsuite.vendor.faults.add(Fault("error_after", "POST */!transform/itemReceipt"))
    assert posts(netsuite)["receipt"]().status_code == 500
    assert netsuite.call("GET", "itemReceipt/eid:RCV-1").status_code == 200
    assert said(posts(netsuite)["receipt"]()) == (400, "DUP_RCRD", "externalId")


def test_a_fault_speaks_as_the_vendor_does(netsuite: Served) -> None:
    netsuite.vendor.faults.add(Fault("throttled"), Fault("error_before"))
    assert said(netsuite.call("GET", "customer")) == (429, "CONCURRENCY_LIMIT_EXCEEDED", "")
    assert said(netsuite.call("GET", "customer")) == (500, "UNEXPECTED_ERROR", "")


# ---------------------------------------------------------------- the story, and our contract


def test_the_account_tells_the_demos_story(netsuite: Served) -> None:
    told = json.loads((DEMO / "orders.json").read_text("utf-8"))
    assert len(told) >= 25
    for one in told.values():
        order, invoice = (
            netsuite.read(f"salesOrder/eid:{one['order']}"),
            netsuite.read(f"invoice/eid:{one['invoice']['id']}"),
        )
        assert invoice["createdFrom"]["id"] == order["id"]
        assert (invoice["tranId"], invoice["tranDate"]) == (one["invoice"]["id"], one["invoice"]["issueDate"])
        for document in (order, invoice):
            assert document["entity"]["externalId"] == one["customer"]["id"]
            assert document["entity"]["refName"] == one["customer"]["name"]
            assert document["currency"]["refName"] == one["currency"]
            rates = {str(row["line"]): row["rate"] for row in document["item"]["items"]}
            assert rates == {row["invoiceLine"]: Decimal(row["unitPrice"]) for row in one["lines"].values()}


def test_seeding_twice_changes_nothing(netsuite: Served) -> None:
    first = netsuite.vendor.vendor.seed()
    netsuite.rma()
    assert netsuite.vendor.vendor.seed() == first
    assert netsuite.call("GET", "returnAuthorization").json()["totalResults"] == 1


CONTRACTS = {
    "returnAuthorization": "return_authorization",
    "itemReceipt": "item_receipt",
    "creditMemo": "credit_memo",
    "inventoryAdjustment": "inventory_adjustment",
}


@pytest.mark.parametrize("tax", ["suitetax", "legacy", "none"])
def test_what_is_answered_keeps_the_contracts_that_adapters_are_checked_against(tax: str) -> None:
    with served(tax=tax) as one:
        ids = {"returnAuthorization": motors(one, "MT-1", "MT-2")}
        ids["itemReceipt"] = one.read("itemReceipt/eid:RCV-RMA-1")["id"]
        body = applied(doc="INV-89012")
        ids["creditMemo"] = one.credit(ids["returnAuthorization"], body).headers["Location"].rpartition("/")[2]
        ids["inventoryAdjustment"] = one.made(
            "POST", "inventoryAdjustment", adjustment({"item": "501", "adjustQtyBy": -1})
        )
        for kind, contract in CONTRACTS.items():
            adapter("netsuite").contract(contract).check(one.read(f"{kind}/{ids[kind]}"), kind)


def test_the_clock_without_one_is_the_walls() -> None:
    with served(clock=None) as one:
        one.clock = Clock(datetime.now(UTC), timedelta())
        assert one.call("GET", "customer/1042").status_code == 200
