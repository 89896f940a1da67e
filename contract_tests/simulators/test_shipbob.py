"""ShipBob's simulator over HTTP: its state rules, its errors, its limits, its webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from openreturns import adapter
from openreturns._json import parse
from openreturns.errors import ContractError
from openreturns.sandbox import Clock, Fault, Outbox, Simulator, serving
from openreturns_adapters.shipbob.simulator import SCOPES, signature, simulator
from starlette.types import Receive, Scope, Send

Json = Any
START = datetime(2026, 11, 22, 10, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Served:
    """A seeded account that is being served, and a client of it."""

    vendor: Simulator
    client: httpx.Client
    clock: Clock

    def post(self, path: str, body: Json = None, **more: Any) -> httpx.Response:
        return self.client.post(path, json=body, headers={"shipbob_channel_id": "433808"}, **more)

    def announced(self, **changes: Json) -> Json:
        answer = self.post("/return", announcement(**changes))
        assert answer.status_code == 201, answer.text
        return parse(answer.content)

    def read(self, number: int) -> Json:
        return parse(self.client.get(f"/return/{number}").content)

    def listed(self, **query: Json) -> list[str]:
        return [one["reference_id"] for one in self.client.get("/return", params=query).json()["items"]]


STAGE: list[Simulator] = []


async def on_stage(scope: Scope, receive: Receive, send: Send) -> None:
    """One server for all tests, as starting one takes longer than a test: it serves the account that is on."""
    await STAGE[-1].app(scope, receive, send)


@pytest.fixture(scope="module", autouse=True)
def stage() -> Iterator[None]:
    empty = simulator()
    theatre = SimpleNamespace(name=empty.name, vendor=empty.vendor, app=on_stage)
    with (
        serving([theatre]) as at,  # type: ignore[list-item] # all that serving needs of a simulator
        httpx.Client(base_url=at["shipbob"], headers={"Authorization": "Bearer sandbox-token"}) as client,
    ):
        CLIENT.append(client)
        yield


CLIENT: list[httpx.Client] = []


@contextmanager
def served(*, clock: Clock | None = None, **settings: Any) -> Iterator[Served]:
    clock = clock or Clock(START)
    vendor = simulator(clock=clock, **settings)
    vendor.vendor.seed()
    with playing(vendor, clock) as shipbob:
        yield shipbob


@contextmanager
def playing(vendor: Simulator, clock: Clock) -> Iterator[Served]:
    STAGE.append(vendor)
    yield Served(vendor, CLIENT[0], clock)
    STAGE.remove(vendor)


@pytest.fixture
def shipbob() -> Iterator[Served]:
    with served() as one:
        yield one


def announcement(**changes: Json) -> dict[str, Json]:
    return {
        "fulfillment_center": {"id": 22},
        "reference_id": "RMA-2026-0001",
        "original_shipment_id": 123079002,
        "tracking_number": "1Z9999999999999999",
        "inventory": [
            {"id": 9557855, "quantity": 10, "requested_action": "Restock"},
            {"id": 9557856, "quantity": 40, "requested_action": "Quarantine"},
        ],
    } | changes


def line(number: int = 9557855, quantity: Json = 1, action: str = "Restock", **more: Json) -> dict[str, Json]:
    return {"id": number, "quantity": quantity, "requested_action": action, **more}


def without(name: str) -> dict[str, Json]:
    return {key: value for key, value in announcement().items() if key != name}


# ---------------------------------------------------------------- what a return goes through


def test_a_return_from_announcement_to_its_end(shipbob: Served) -> None:
    answered = shipbob.announced()
    number = answered["id"]
    assert answered["status"] == "AwaitingArrival"
    assert (answered["customer_name"], answered["store_order_id"]) == ("Bluebonnet Industrial Supply", "SO-56002")
    assert answered["invoice_amount"] is None
    shipbob.vendor.step("arrive", id=number)
    done = [
        {"inventory_id": 9557855, "action": "Restock", "quantity": 8, "reason": "unopened"},
        {"inventory_id": 9557855, "action": "Dispose", "quantity": 1, "image_url": "https://example.com/1.jpg"},
        {"inventory_id": 9557856, "action": "Quarantine", "quantity": 40},
    ]
    shipbob.vendor.step("process", id=number, actions=done)
    shipbob.vendor.step("complete", id=number)
    read = shipbob.read(number)
    assert [one["status"] for one in read["status_history"]] == [
        "Awaiting Arrival",
        "Arrived",
        "Processing",
        "Completed",
    ]
    assert read["status"] == "Completed"
    moments = [read[f"{name}_date"] for name in ("awaiting_arrival", "arrived", "processing", "completed")]
    assert moments == sorted(moments) == [one["timestamp"] for one in read["status_history"]]
    assert read["invoice"] == {"amount": Decimal("9.00"), "currency_code": "USD"}
    assert read["transactions"] == [{"amount": Decimal("9.00"), "transaction_type": "ReturnProcessingFee"}]
    taken = [(one["action"], one["quantity_processed"]) for item in read["inventory"] for one in item["action_taken"]]
    assert taken == [("Restock", 8), ("Dispose", 1), ("Quarantine", 40)]
    assert [item["sku"] for item in read["inventory"]] == ["P-100", "G-7"]


STEPS: Mapping[str, Callable[[Served, int], object]] = {
    "arrive": lambda one, id: one.vendor.step("arrive", id=id),
    "process": lambda one, id: one.vendor.step(
        "process", id=id, actions=[{"inventory_id": 9557855, "action": "Restock", "quantity": 1}]
    ),
    "complete": lambda one, id: one.vendor.step("complete", id=id),
    "change": lambda one, id: one.client.put(f"/return/{id}", json=announcement()),
    "cancel": lambda one, id: one.post(f"/return/{id}:cancel"),
}
WAYS = {
    "AwaitingArrival": ([], {"arrive", "change", "cancel"}),
    "Arrived": (["arrive"], {"process", "complete"}),
    "Processing": (["arrive", "process"], {"process", "complete"}),
    "Completed": (["arrive", "complete"], set()),
    "Cancelled": (["cancel"], set()),
}
REFUSED = {"change": 422, "cancel": 400}


@pytest.mark.parametrize("status", WAYS)
@pytest.mark.parametrize("tried", STEPS)
def test_a_status_allows_what_it_allows_and_a_refusal_changes_nothing(shipbob: Served, status: str, tried: str) -> None:
    number = shipbob.announced()["id"]
    way, allowed = WAYS[status]
    for step in way:
        STEPS[step](shipbob, number)
    before = shipbob.read(number)
    assert before["status"] == status
    if tried in REFUSED:
        answer = STEPS[tried](shipbob, number)
        assert isinstance(answer, httpx.Response)
        assert answer.status_code == (200 if tried in allowed else REFUSED[tried])
    elif tried in allowed:
        STEPS[tried](shipbob, number)
    else:
        with pytest.raises(ValueError, match=f"is {status} and cannot become"):
            STEPS[tried](shipbob, number)
    if tried not in allowed:
        assert shipbob.read(number) == before


def test_a_change_replaces_what_was_announced(shipbob: Served) -> None:
    number = shipbob.announced()["id"]
    changed = announcement(tracking_number=None, inventory=[line(9557860, 7, "Default")])
    answer = shipbob.client.put(f"/return/{number}", json=changed)
    assert answer.status_code == 200
    assert answer.json()["tracking_number"] is None
    [item] = shipbob.read(number)["inventory"]
    assert (item["sku"], item["quantity"]) == ("V-220", 7)
    assert item["action_requested"] == {"action": "Default", "action_type": "InventoryDefault", "instructions": None}


def test_a_cancelled_return_says_when(shipbob: Served) -> None:
    number = shipbob.announced()["id"]
    assert shipbob.post(f"/return/{number}:cancel").json() == {}
    read = shipbob.read(number)
    assert read["cancelled_date"] == read["status_history"][-1]["timestamp"]


def test_a_lot_is_announced_or_read_from_the_goods(shipbob: Served) -> None:
    expiry = "2026-12-31T00:00:00Z"
    lines = [line(9557863, 2, lot_number="S310-2512", lot_date=expiry), line(9557870, 3), line(9557855, 1)]
    number = shipbob.announced(inventory=lines)["id"]
    shipbob.vendor.step("arrive", id=number)
    seen = {"inventory_id": 9557870, "action": "Restock", "quantity": 3, "lot_number": "L-2026-044"}
    shipbob.vendor.step("process", id=number, actions=[seen])
    assert [item["lot_information"] for item in shipbob.read(number)["inventory"]] == [
        {"number": "S310-2512", "expiration": expiry, "minimumShelfLife": 90},
        {"number": "L-2026-044", "expiration": "2029-01-31T00:00:00Z", "minimumShelfLife": 180},
        None,
    ]


def test_an_undelivered_parcel_comes_back_unannounced(shipbob: Served) -> None:
    sent = shipbob.vendor.step("ship", customer="Northgate Valve Co.", order="SO-57001", goods={"9557879": 2})
    back = shipbob.vendor.step("send_back", shipment_id=sent["shipment_id"])
    shipbob.vendor.step("carry_out", id=back["id"])
    read = shipbob.read(back["id"])
    assert (read["return_type"], read["status"], read["store_order_id"]) == ("ReturnToSender", "Completed", "SO-57001")
    assert read["transactions"] == [{"amount": Decimal("6.25"), "transaction_type": "ReturnToSenderFee"}]


@pytest.mark.parametrize(
    ("step", "given"),
    [
        ("arrive", {"id": 1}),
        ("process", {"id": 78101, "actions": [{"inventory_id": 1, "action": "Restock", "quantity": 1}]}),
        ("process", {"id": 78101, "actions": [{"inventory_id": 9557855, "action": "Sell", "quantity": 1}]}),
        ("process", {"id": 78101, "actions": [{"inventory_id": 9557855, "action": "Restock", "quantity": 0}]}),
        ("process", {"id": 78101, "actions": [{"inventory_id": 9557855, "action": "Restock", "quantity": 1.5}]}),
        ("send_back", {"shipment_id": 1}),
        ("ship", {"customer": "Nobody", "order": "SO-1", "goods": {"1": 1}}),
        ("ship", {"customer": "Nobody", "order": "SO-1", "goods": {"9557855": 1}, "center": 1}),
        ("ship", {"customer": "Nobody", "order": "SO-1", "goods": {"9557855": -1}}),
        ("rotate_secret", {"id": "ep_none"}),
        ("disable_webhook", {"id": "ep_none"}),
        ("authorize", {"scopes": ["everything"]}),
    ],
)
def test_a_step_on_what_is_not_there_is_refused_and_changes_nothing(
    shipbob: Served, step: str, given: dict[str, Json]
) -> None:
    number = shipbob.announced()["id"]
    shipbob.vendor.step("arrive", id=number)
    before = shipbob.read(number), stock(shipbob)
    with pytest.raises(ValueError, match=r"no such|there is no|has no|no scope|one of"):
        shipbob.vendor.step(step, **given)
    assert (shipbob.read(number), stock(shipbob)) == before


DEMO = Path(__file__).parents[2] / "docs" / "demo"


def test_the_returns_of_the_demo_are_of_shipments_that_the_seed_has(shipbob: Served) -> None:
    orders = json.loads((DEMO / "orders.json").read_text("utf-8"))
    told = 0
    for file in sorted((DEMO / "shipbob-returns").glob("*.json")):
        try:
            record = parse(file.read_bytes())
            order = orders[record["reference_id"]]
        except (ContractError, KeyError):
            continue  # kept in the demo to be refused
        again = announcement(
            fulfillment_center={"id": record["fulfillment_center"]["id"]},
            reference_id=record["reference_id"],
            original_shipment_id=record["original_shipment_id"],
            inventory=[line(item["id"], item["quantity"]) for item in record["inventory"]],
        )
        answered = shipbob.announced(**again)
        assert (answered["customer_name"], answered["store_order_id"]) == (order["customer"]["name"], order["order"])
        assert [item["name"] for item in answered["inventory"]] == [item["name"] for item in record["inventory"]]
        shipbob.vendor.step("carry_out", id=answered["id"])
        told += 1
    assert told == len(orders) == 36


def test_of_several_who_announce_one_return_at_once_one_does(shipbob: Served) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: shipbob.post("/return", announcement()).status_code, range(16)))
    assert sorted(statuses) == [201] + [422] * 15
    assert shipbob.listed() == ["RMA-2026-0001"]


# ---------------------------------------------------------------- what is refused, and how

PROBLEM = {"type", "title", "status", "detail", "instance"}
API_ERROR = {"message", "errors", "details", "stackTrace"}
GATEWAY = {"statusCode", "message"}

UNFIT = [
    (without("fulfillment_center"), "fulfillment_center"),
    (without("reference_id"), "reference_id"),
    (without("inventory"), "inventory"),
    (announcement(fulfillment_center={"name": "Cicero"}), "id"),
    (announcement(fulfillment_center={"id": 4}), "Fulfillment center 4 does not exist"),
    (announcement(reference_id=""), "reference_id"),
    (announcement(reference_id="R" * 51), "reference_id"),
    (announcement(tracking_number="1" * 501), "tracking_number"),
    (announcement(inventory=[]), "inventory"),
    (announcement(inventory=[line(), line()]), "Inventory 9557855 is included more than once"),
    (announcement(inventory=[line(1)]), "Inventory 1 does not exist"),
    (announcement(inventory=[line(action="Sell")]), "requested_action"),
    (announcement(inventory=[line(quantity=0)]), "quantity"),
    (announcement(inventory=[line(quantity=-1)]), "quantity"),
    (announcement(inventory=[line(quantity=1.5)]), "quantity"),
    (announcement(inventory=[line(quantity=1.0)]), "/inventory/0/quantity: must be integer"),
    (announcement(inventory=[line(quantity="1")]), "quantity"),
    (announcement(inventory=[{"id": 9557855, "quantity": 1}]), "requested_action"),
    (announcement(inventory=[line(lot_date="soon")]), "lot_date"),
    (announcement(original_shipment_id="123"), "original_shipment_id"),
    ([], ""),
]


@pytest.mark.parametrize(("body", "said"), UNFIT)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_wrong_data_is_422_with_every_error_and_without_effect(
    shipbob: Served, method: str, body: Json, said: str
) -> None:
    number = shipbob.announced(reference_id="RMA-2026-0009")["id"]
    path = "/return" if method == "POST" else f"/return/{number}"
    answer = shipbob.client.request(method, path, json=body, headers={"shipbob_channel_id": "433808"})
    told = answer.json()
    assert (answer.status_code, set(told)) == (422, API_ERROR)
    assert any(said in error for error in told["errors"])
    assert shipbob.listed() == ["RMA-2026-0009"]


def test_everything_wrong_is_told_at_once(shipbob: Served) -> None:
    wrong = announcement(fulfillment_center={"id": 4}, inventory=[line(1), line(1)])
    assert len(shipbob.post("/return", wrong).json()["errors"]) == 3


REFUSALS: list[tuple[str, str, dict[str, Any], int, set[str]]] = [
    ("POST", "/return", {"json": announcement(), "headers": {"Authorization": ""}}, 401, GATEWAY),
    ("POST", "/return", {"json": announcement(), "headers": {"Authorization": "Bearer wrong"}}, 401, GATEWAY),
    ("GET", "/return", {"headers": {"Authorization": "Basic sandbox-token"}}, 401, GATEWAY),
    ("POST", "/return", {"json": announcement()}, 400, PROBLEM),
    ("POST", "/return", {"json": announcement(), "headers": {"shipbob_channel_id": "API"}}, 400, PROBLEM),
    ("POST", "/return", {"json": announcement(), "headers": {"shipbob_channel_id": "1"}}, 400, PROBLEM),
    ("POST", "/return", {"json": announcement(), "headers": {"shipbob_channel_id": "433807"}}, 403, GATEWAY),
    ("POST", "/return", {"content": b"{", "headers": {"shipbob_channel_id": "433808"}}, 422, API_ERROR),
    ("PUT", "/return/1", {"json": announcement()}, 404, PROBLEM),
    ("PUT", "/return/one", {"json": announcement()}, 404, PROBLEM),
    ("GET", "/return/1", {}, 404, PROBLEM),
    ("GET", "/return/one", {}, 400, PROBLEM),
    ("GET", "/return/99999999999", {}, 400, PROBLEM),
    ("POST", "/return/1:cancel", {}, 400, PROBLEM),
    ("GET", "/return", {"params": {"Limit": "0"}}, 400, PROBLEM),
    ("GET", "/return", {"params": {"Limit": "251"}}, 400, PROBLEM),
    ("GET", "/return", {"params": {"Cursor": "next"}}, 400, PROBLEM),
    ("GET", "/return", {"params": {"Ids": "1,two"}}, 400, PROBLEM),
    ("GET", "/return", {"params": {"StartDate": "yesterday"}}, 400, PROBLEM),
    ("GET", "/return", {"params": {"SortOrder": "Up"}}, 400, PROBLEM),
    ("GET", "/return", {"params": {"Sortby": "Colour"}}, 400, PROBLEM),
    ("GET", "/inventory-level/1", {}, 400, PROBLEM),
    ("GET", "/inventory-level/1/lots", {}, 400, PROBLEM),
    ("POST", "/inventory/history:query", {"json": {}}, 400, PROBLEM),
    ("POST", "/webhook", {"json": {"topics": ["return.lost"], "url": "https://example.com"}}, 422, API_ERROR),
    ("POST", "/webhook", {"json": {"topics": ["return.created"], "url": "example"}}, 422, API_ERROR),
    ("POST", "/webhook", {"json": {"topics": ["return.created"]}}, 422, API_ERROR),
    ("GET", "/refund", {}, 404, PROBLEM),
    ("DELETE", "/return/1", {}, 405, PROBLEM),
]


@pytest.mark.parametrize(("method", "path", "more", "status", "body"), REFUSALS)
def test_a_refusal_has_the_vendors_status_and_body(
    shipbob: Served, method: str, path: str, more: dict[str, Any], status: int, body: set[str]
) -> None:
    answer = shipbob.client.request(method, path, **more)
    assert (answer.status_code, set(answer.json())) == (status, body)
    assert shipbob.listed() == []


def test_a_bad_secret_is_not_repeated(shipbob: Served) -> None:
    wanted = {"topics": ["return.created"], "url": "https://example.com", "secret": "my-own-secret"}
    answer = shipbob.post("/webhook", wanted)
    assert answer.status_code == 422
    assert "/secret" in answer.text
    assert "my-own-secret" not in answer.text


# ---------------------------------------------------------------- what the vendor leaves open, both ways


def test_a_reference_is_taken_once(shipbob: Served) -> None:
    shipbob.announced()
    again = shipbob.post("/return", announcement())
    assert again.status_code == 422
    assert "Duplicate reference ID" in again.json()["errors"][0]
    assert len(shipbob.listed()) == 1
    other = shipbob.announced(reference_id="RMA-2026-0002")["id"]
    assert shipbob.client.put(f"/return/{other}", json=announcement()).status_code == 422


def test_or_as_often_as_you_like() -> None:
    with served(duplicate_references=True) as shipbob:
        assert shipbob.announced()["id"] != shipbob.announced()["id"]
        assert shipbob.listed() == ["RMA-2026-0001"] * 2


def test_a_shipment_nobody_knows_is_taken_or_refused() -> None:
    with served() as shipbob:
        assert shipbob.announced(original_shipment_id=5)["customer_name"] is None
    with served(known_shipments=True) as shipbob:
        answer = shipbob.post("/return", announcement(original_shipment_id=5))
        assert answer.json()["errors"] == ["Shipment 5 does not exist"]


def test_nothing_found_is_an_empty_page_or_404() -> None:
    with served() as shipbob:
        answer = shipbob.client.get("/return", params={"ReferenceIds": "RMA-0"})
        assert (answer.status_code, answer.json()["items"], answer.json()["next"]) == (200, [], None)
    with served(nothing_is_404=True) as shipbob:
        assert shipbob.client.get("/return", params={"ReferenceIds": "RMA-0"}).status_code == 404


@pytest.mark.parametrize(
    ("settings", "status", "history", "kind"),
    [
        ({}, "AwaitingArrival", "Awaiting Arrival", "ReturnToSender"),
        (
            {"spaced_status": True, "spaced_history": False, "return_to_sender": "RTS"},
            "Awaiting Arrival",
            "AwaitingArrival",
            "RTS",
        ),
    ],
)
def test_words_of_two_spellings(settings: dict[str, Any], status: str, history: str, kind: str) -> None:
    with served(**settings) as shipbob:
        read = shipbob.read(shipbob.vendor.step("send_back", shipment_id=123079018)["id"])
        assert (read["status"], read["status_history"][0]["status"], read["return_type"]) == (status, history, kind)
        assert (
            shipbob.listed(Status="awaitingarrival") == shipbob.listed(Status="Awaiting Arrival") == ["RTS-123079018"]
        )


# ---------------------------------------------------------------- lists


@pytest.fixture(scope="module")
def listed() -> Simulator:
    """An account with five returns, for tests that only read."""
    with served(page_size=2) as shipbob:
        for number in range(1, 6):
            lines = [line(9557860 if number == 5 else 9557855, number, "Dispose" if number == 5 else "Restock")]
            shipbob.announced(
                reference_id=f"R{number}",
                inventory=lines,
                tracking_number=f"1Z{number}",
                original_shipment_id=123079000 + number,
                fulfillment_center={"id": 71 if number == 4 else 22},
            )
        shipbob.vendor.step("carry_out", id=78102)
        shipbob.post("/return/78103:cancel")
        return shipbob.vendor


@pytest.fixture
def several(listed: Simulator) -> Iterator[Served]:
    with playing(listed, Clock(START)) as shipbob:
        yield shipbob


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "R1 R2"),
        ({"Limit": "250"}, "R1 R2 R3 R4 R5"),
        ({"Limit": "250", "SortOrder": "Desc"}, "R5 R4 R3 R2 R1"),
        ({"Limit": "250", "Sortby": "CompletedDate", "SortOrder": "Desc"}, "R2 R1 R3 R4 R5"),
        ({"Ids": "78101,78104"}, "R1 R4"),
        ({"ReferenceIds": "R3,R5"}, "R3 R5"),
        ({"Status": "Completed,Cancelled"}, "R2 R3"),
        ({"FulfillmentCenterIds": "71"}, "R4"),
        ({"TrackingNumbers": "1Z5"}, "R5"),
        ({"OriginalShipmentIds": "123079001"}, "R1"),
        ({"InventoryIds": "9557860"}, "R5"),
        ({"ReturnTypes": "Regular", "Limit": "1"}, "R1"),
        ({"ReturnActions": "Dispose"}, "R5"),
        ({"StoreOrderIds": "SO-56004"}, "R4"),
        ({"StartDate": "2030-01-01T00:00:00Z"}, ""),
        ({"EndDate": "2026-11-22T00:00:00Z"}, ""),
        ({"CompletedStartDate": "2026-11-22T00:00:00+00:00"}, "R2"),
        ({"CompletedEndDate": "2026-11-22T00:00:00Z"}, ""),
        ({"Ids": "78101", "ReferenceIds": "R2"}, ""),
        ({"Cursor": "9"}, ""),
    ],
)
def test_a_list_is_filtered_and_sorted(several: Served, query: dict[str, str], found: str) -> None:
    assert several.listed(**query) == found.split()


def test_the_links_of_a_page_lead_through_the_whole_list_and_back(several: Served) -> None:
    page = several.client.get("/return", params={"ReturnTypes": "Regular"}).json()
    assert page["prev"] is None
    seen = [one["reference_id"] for one in page["items"]]
    while page["next"]:
        before, page = page, several.client.get(page["next"]).json()
        seen += [one["reference_id"] for one in page["items"]]
        assert several.client.get(page["prev"]).json()["items"] == before["items"]
        assert "ReturnTypes=Regular" in page["prev"]
    assert seen == ["R1", "R2", "R3", "R4", "R5"]
    assert several.client.get(page["last"]).json() == page
    assert several.client.get(page["first"]).json()["items"][0]["reference_id"] == "R1"


# ---------------------------------------------------------------- stock


def stock(shipbob: Served) -> dict[int, int]:
    """Units on hand by item, every page of the list."""
    rows, url = [], "/inventory-level?PageSize=50"
    while url:
        page = shipbob.client.get(url).json()
        rows += page["items"]
        url = page["next"]
    return {row["inventory_id"]: row["total_on_hand_quantity"] for row in rows}


def movements(shipbob: Served, **asked: Json) -> list[Json]:
    rows, cursor = [], 1
    while cursor:
        answer = shipbob.post(f"/inventory/history:query?cursor={cursor}", {"facility_id": 22, **asked}).json()
        rows += answer["data"]
        cursor = cursor + 1 if answer["next"] else 0
    return rows


def test_what_is_restocked_or_held_comes_into_stock_and_what_is_disposed_of_does_not(shipbob: Served) -> None:
    before = shipbob.client.get("/inventory-level/9557855").json()
    number = shipbob.announced()["id"]
    shipbob.vendor.step("arrive", id=number)
    for action, units in (("Restock", 6), ("Quarantine", 3), ("Dispose", 1)):
        done = {"inventory_id": 9557855, "action": action, "quantity": units}
        shipbob.vendor.step("process", id=number, actions=[done])
    after = shipbob.client.get("/inventory-level/9557855").json()
    changed = {name: after[name] - before[name] for name in before if name.startswith("total_")}
    assert {name: by for name, by in changed.items() if by} == {
        "total_on_hand_quantity": 9,
        "total_sellable_quantity": 6,
        "total_fulfillable_quantity": 6,
        "total_exception_quantity": 3,
    }
    told = movements(shipbob, inventory_ids=[9557855], start_date="2026-11-22T10:00:00Z")[-2:]
    assert [(one["event_category"], one["increment"]["quantity_change"]) for one in told] == [
        ("ReturnRestock", 6),
        ("ReturnQuarantine", 3),
    ]
    assert {"key": "ReferenceId", "value": "RMA-2026-0001"} in told[0]["additional_reference"]


def test_the_movements_of_all_warehouses_add_up_to_what_is_on_hand(shipbob: Served) -> None:
    for number in (123079002, 123079018):
        shipbob.vendor.step("carry_out", id=shipbob.vendor.step("send_back", shipment_id=number)["id"])
    told: dict[int, int] = {}
    for center in shipbob.client.get("/fulfillment-center").json():
        for one in movements(shipbob, facility_id=center["id"]):
            details = one["increment"] or one["decrement"]
            told[one["inventory_id"]] = told.get(one["inventory_id"], 0) + details["quantity_change"]
    held = stock(shipbob)
    assert len(told) > 70
    assert told == {item: units for item, units in held.items() if item in told}
    assert all(units == 0 for item, units in held.items() if item not in told)


def test_lots_add_up_to_their_item(shipbob: Served) -> None:
    told = shipbob.client.get("/inventory-level/9557870/lots").json()
    assert [one["lot_number"] for one in told["lots"]] == ["L-2026-001", "L-2026-044"]
    assert sum(one["on_hand_quantity"] for one in told["lots"]) == stock(shipbob)[9557870]
    for one in told["lots"]:
        assert sum(place["on_hand_quantity"] for place in one["locations"]) == one["on_hand_quantity"]


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ({"InventoryIds": "9557855,9557856"}, ["P-100", "G-7"]),
        ({"SearchBy": "sealant", "PageSize": "3"}, ["S-310"] * 3),
        ({"SearchBy": "MTR-15"}, ["MTR-15"]),
        ({"SearchBy": "v-2", "SortBy": "Name"}, ["V-220"]),
        ({"InventoryIds": "9557855", "IsActive": "false"}, []),
        ({"InventoryIds": "9557855", "IsDigital": "true"}, []),
    ],
)
def test_stock_is_searched(several: Served, query: dict[str, str], skus: list[str]) -> None:
    assert [row["sku"] for row in several.client.get("/inventory-level", params=query).json()["items"]] == skus


def test_seeding_twice_is_seeding_once(shipbob: Served) -> None:
    before = stock(shipbob)
    again = shipbob.vendor.vendor.seed()
    assert stock(shipbob) == before
    assert len(again["shipments"]) == 36


# ---------------------------------------------------------------- who may call, and how often


def test_the_channel_that_may_write_is_found_by_its_scopes(shipbob: Served) -> None:
    channels = shipbob.client.get("/channel").json()["items"]
    writing = [one["id"] for one in channels if any(scope.endswith("_write") for scope in one["scopes"])]
    assert writing == [433808]
    page = shipbob.client.get("/channel", params={"RecordsPerPage": 1}).json()
    then = shipbob.client.get("/channel", params={"RecordsPerPage": 1, "Cursor": page["next"]}).json()
    assert page["items"] + then["items"] == channels
    assert then["next"] is None


NEEDS = {
    "GET /channel": "channels_read",
    "GET /fulfillment-center": "locations_read",
    "GET /return": "returns_read",
    "POST /return": "returns_write",
    "PUT /return/78101": "returns_write",
    "POST /return/78101:cancel": "returns_write",
    "GET /inventory-level": "inventory_read",
    "POST /inventory/history:query": "inventory_read",
    "GET /webhook": "webhooks_read",
    "POST /webhook": "webhooks_write",
    "DELETE /webhook/ep_1": "webhooks_write",
}


@pytest.mark.parametrize("call", NEEDS)
def test_a_token_without_the_scope_is_forbidden(call: str) -> None:
    method, path = call.split()
    less = [scope for scope in SCOPES if scope != NEEDS[call]]
    with served(tokens={"less": less, "only": [NEEDS[call]]}) as shipbob:
        statuses = {
            token: shipbob.client.request(method, path, headers={"Authorization": f"Bearer {token}"}).status_code
            for token in ("less", "only")
        }
    assert statuses["less"] == 403
    assert statuses["only"] not in (401, 403)


def test_more_calls_than_allowed_wait_for_the_window_to_slide() -> None:
    with served(calls=3, clock=Clock(START, step=timedelta(0))) as shipbob:
        left = []
        for _ in range(3):
            answer = shipbob.client.get("/channel")
            left.append(answer.headers["x-remaining-calls"])
            shipbob.clock.move(timedelta(seconds=10))
        assert left == ["2", "1", "0"]
        refused = shipbob.post("/return", announcement())
        assert refused.status_code == 429
        assert refused.json() == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 30 seconds."}
        assert (refused.headers["x-retry-after"], refused.headers["x-remaining-calls"]) == ("30", "0")
        assert "retry-after" not in refused.headers
        shipbob.clock.move(timedelta(seconds=30))
        assert shipbob.announced()["id"] == 78101
        assert shipbob.client.get("/channel").status_code == 429


def test_a_call_that_is_not_let_in_does_not_count() -> None:
    with served(calls=1, clock=Clock(START, step=timedelta(0))) as shipbob:
        for _ in range(3):
            assert shipbob.client.get("/channel", headers={"Authorization": "Bearer no"}).status_code == 401
        assert shipbob.client.get("/channel").status_code == 200


def token(shipbob: Served, **form: str) -> httpx.Response:
    given = {"client_id": "sandbox-client", "client_secret": "sandbox-secret", **form}
    return shipbob.client.post("/connect/token", data=given, headers={"Authorization": ""})


def test_an_oauth_token_ends_and_is_refreshed_with_a_refresh_token_of_one_use(shipbob: Served) -> None:
    code = shipbob.vendor.step("authorize", scopes=["channels_read"])["code"]
    first = token(shipbob, grant_type="authorization_code", code=code).json()
    assert (first["token_type"], first["expires_in"], first["scope"]) == ("Bearer", 3600, "channels_read")
    assert token(shipbob, grant_type="authorization_code", code=code).json() == {"error": "invalid_grant"}

    def called(access: str, path: str = "/channel") -> int:
        return shipbob.client.get(path, headers={"Authorization": f"Bearer {access}"}).status_code

    assert (called(first["access_token"]), called(first["access_token"], "/return")) == (200, 403)
    shipbob.vendor.step("move_time", seconds=3600)
    assert called(first["access_token"]) == 401
    second = token(shipbob, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert called(second["access_token"]) == 200
    again = token(shipbob, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})
    assert shipbob.vendor.step("expire_tokens")["expired"] == 2
    assert called(second["access_token"]) == 401
    assert called("sandbox-token") == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "wrong", "grant_type": "refresh_token", "refresh_token": "sandbox-refresh"}, "client"),
        ({"grant_type": "refresh_token", "refresh_token": "wrong"}, "grant"),
        ({"grant_type": "authorization_code"}, "grant"),
        ({"grant_type": "password"}, "grant_type"),
        ({}, "grant_type"),
    ],
)
def test_the_token_endpoint_refuses(shipbob: Served, form: dict[str, str], error: str) -> None:
    answer = token(shipbob, **form)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(error)


# ---------------------------------------------------------------- webhooks


@contextmanager
def receiver(statuses: Iterator[int]) -> Iterator[tuple[str, list[tuple[Mapping[str, str], bytes]]]]:
    """Serve an endpoint that keeps what it gets and answers with one status after the other."""
    got: list[tuple[Mapping[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(next(statuses, 200))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", got
        finally:
            server.shutdown()
            thread.join()


def verified(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Check a signature as the standard tells receivers to."""
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return wanted in headers["webhook-signature"].split(" ")


def subscribed(shipbob: Served, url: str = "https://example.com/hook", **more: Json) -> Json:
    topics = ["return.created", "return.updated", "return.completed"]
    answer = shipbob.post("/webhook", {"topics": topics, "url": url, **more})
    assert answer.status_code == 200
    return answer.json()


def test_the_published_vector_is_signed_alike() -> None:
    body = b'{"id":78101,"reference_id":"RMA-2026-0001","status":"Completed"}'
    wanted = "v1,YRWDKnnUOjOpeSsQnmbtttYJUdaFjFMbboQJfitw1zU="
    assert signature(SECRET, "msg_2Lx1", 1795518000, body) == wanted


def test_every_change_is_told_signed_until_it_is_taken(shipbob: Served) -> None:
    with receiver(iter([500, 302])) as (url, got), httpx.Client() as out:
        secret = subscribed(shipbob, url, secret=SECRET)["secret"]
        number = shipbob.announced()["id"]
        shipbob.client.put(f"/return/{number}", json=announcement())
        shipbob.vendor.step("carry_out", id=number)
        assert shipbob.vendor.outbox.deliver(out) == 5
    assert secret == SECRET
    assert all(verified(secret, headers, body) for headers, body in got)
    assert not any(verified(secret, headers, body + b" ") for headers, body in got)
    assert [headers["webhook-id"] for headers, _ in got[:3]] == [got[0][0]["webhook-id"]] * 3
    told = [(headers["x-webhook-topic"], json.loads(body)["status"]) for headers, body in got[2:]]
    assert told == [
        ("return.created", "AwaitingArrival"),
        ("return.updated", "AwaitingArrival"),
        ("return.updated", "Arrived"),
        ("return.updated", "Processing"),
        ("return.completed", "Completed"),
    ]


def test_an_endpoint_nobody_can_reach_takes_nothing(shipbob: Served) -> None:
    with receiver(iter([500] * 8)) as (url, got), httpx.Client() as out:
        for where in (url, "http://127.0.0.1:1/hook", "http://127.0.0.1:99999999/hook"):
            subscribed(shipbob, where)
        shipbob.announced()
        assert shipbob.vendor.outbox.deliver(out) == 0
    assert len(got) == 8
    assert len(shipbob.vendor.outbox.failed) == 3


def test_a_rotated_secret_signs_beside_the_old_one_for_a_day(shipbob: Served) -> None:
    old = subscribed(shipbob)
    new = shipbob.vendor.step("rotate_secret", id=old["id"])["secret"]
    shipbob.announced()
    shipbob.vendor.step("move_time", seconds=24 * 3600)
    shipbob.announced(reference_id="RMA-2026-0002")
    both, one = shipbob.vendor.outbox.take()
    assert verified(old["secret"], both.headers, both.body)
    assert verified(new, both.headers, both.body)
    assert not verified(old["secret"], one.headers, one.body)
    assert verified(new, one.headers, one.body)


def test_a_subscription_gets_its_topics_until_it_ends(shipbob: Served) -> None:
    first = shipbob.post("/webhook", {"topics": ["return.completed"], "url": "https://example.com/a"}).json()
    second = subscribed(shipbob, "https://example.com/b", description="everything")
    shipbob.announced()
    assert [one.url for one in shipbob.vendor.outbox.take()] == ["https://example.com/b"]
    listed = shipbob.client.get("/webhook").json()["items"]
    assert [one["id"] for one in listed] == [first["id"], second["id"]]
    assert all("secret" not in one and one["enabled"] for one in listed)
    shipbob.vendor.step("disable_webhook", id=second["id"])
    assert shipbob.client.delete(f"/webhook/{first['id']}").status_code == 204
    shipbob.vendor.step("carry_out", id=78101)
    assert shipbob.vendor.outbox.take() == []
    assert [one["enabled"] for one in shipbob.client.get("/webhook").json()["items"]] == [False]


@pytest.mark.parametrize(
    ("shape", "keys"),
    [
        ("plain", {"id", "reference_id", "status"}),
        ("return_id", {"return_id", "reference_id", "status"}),
        ("data", {"data"}),
    ],
)
def test_the_number_of_the_return_is_where_it_may_be(shape: str, keys: set[str]) -> None:
    with served(webhook_body=shape) as shipbob:
        subscribed(shipbob)
        shipbob.announced()
        [one] = shipbob.vendor.outbox.take()
        assert set(json.loads(one.body)) == keys


def test_webhooks_go_out_twice_and_in_the_wrong_order_when_told_to() -> None:
    sent = {}
    for name, outbox in (("doubled", Outbox(duplicates=1.0)), ("shuffled", Outbox(reorders=1.0))):
        with served(outbox=outbox) as shipbob:
            subscribed(shipbob)
            shipbob.vendor.step("carry_out", id=shipbob.announced()["id"])
            sent[name] = [int(one.headers["webhook-timestamp"]) for one in shipbob.vendor.outbox.take()]
    assert len(sent["doubled"]) == 2 * len(set(sent["doubled"])) == 8
    assert len(sent["shuffled"]) == 4
    assert sent["shuffled"] != sorted(sent["shuffled"])


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize("kind", ["error_after", "cut_after", "error_before", "cut_before", "throttled", "html"])
def test_after_any_fault_a_look_tells_and_a_repeat_has_one_effect(shipbob: Served, kind: str) -> None:
    shipbob.vendor.faults.add(Fault(kind, "POST /return"))  # type: ignore[arg-type] # one of its kinds, see above
    try:
        failed = shipbob.post("/return", announcement())
        assert failed.status_code >= 400
    except httpx.RemoteProtocolError:
        assert kind.startswith("cut")
    done = kind.endswith("_after")
    assert shipbob.listed(ReferenceIds="RMA-2026-0001") == ["RMA-2026-0001"] * done
    again = shipbob.post("/return", announcement())
    assert again.status_code == (422 if done else 201)
    assert shipbob.listed(ReferenceIds="RMA-2026-0001") == ["RMA-2026-0001"]


@pytest.mark.parametrize("kind", ["error_after", "cut_after"])
@pytest.mark.parametrize("act", ["change", "cancel"])
def test_a_repeated_change_is_harmless_and_a_repeated_cancel_is_told(shipbob: Served, kind: str, act: str) -> None:
    number = shipbob.announced()["id"]
    calls: dict[str, Callable[[], httpx.Response]] = {
        "change": lambda: shipbob.client.put(f"/return/{number}", json=announcement(inventory=[line()])),
        "cancel": lambda: shipbob.post(f"/return/{number}:cancel"),
    }
    shipbob.vendor.faults.add(Fault(kind, "P* /return/*"))  # type: ignore[arg-type] # one of its kinds, see above
    try:
        assert calls[act]().status_code == 500
    except httpx.RemoteProtocolError:
        assert kind == "cut_after"
    once = shipbob.read(number)
    assert calls[act]().status_code == {"change": 200, "cancel": 400}[act]
    assert shipbob.read(number) == once


def test_a_fault_speaks_as_the_vendor_does(shipbob: Served) -> None:
    shipbob.vendor.faults.add(Fault("throttled"), Fault("error_before"))
    throttled, failed = shipbob.client.get("/return"), shipbob.client.get("/return")
    assert (throttled.status_code, throttled.headers["x-retry-after"]) == (429, "1")
    assert throttled.json()["message"] == "Rate limit is exceeded. Try again in 1 seconds."
    assert (failed.status_code, set(failed.json())) == (500, PROBLEM)


# ---------------------------------------------------------------- its contract, and ours


def test_what_is_answered_keeps_the_contracts_that_adapters_are_checked_against(shipbob: Served) -> None:
    ours = adapter("shipbob")
    answered = shipbob.announced()
    ours.contract("return_create").check(announcement(), "an announcement")
    ours.contract("return_v1").check(answered, "an answer to POST")
    changed = shipbob.client.put(f"/return/{answered['id']}", json=announcement(reference_id="RMA-2026-0002"))
    ours.contract("return_v1").check(parse(changed.content), "an answer to PUT")
    shipbob.vendor.step("carry_out", id=answered["id"])
    ours.contract("return").check(shipbob.read(answered["id"]), "an answer to GET")
    seen = ours.read("return", shipbob.read(answered["id"]))
    assert not [finding for finding in seen.findings if finding.code == "unknown_field"]
    assert (seen.document.to_dict()["number"], seen.document.to_dict()["status"]) == ("RMA-2026-0002", "dispositioned")


def test_nobody_needs_to_know_python_to_use_it(shipbob: Served) -> None:
    root = str(shipbob.client.base_url).removesuffix("/2026-01/")
    shipbob.announced()
    answer = httpx.post(f"{root}/_sandbox/step/carry_out", json={"id": 78101})
    assert (answer.status_code, answer.json()["status"]) == (200, "Completed")
    refused = httpx.post(f"{root}/_sandbox/step/arrive", json={"id": 78101})
    assert refused.status_code == 400
    assert "cannot become Arrived" in refused.json()["error"]
