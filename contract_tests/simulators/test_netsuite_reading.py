"""NetSuite's simulator: reading, asking, and what is done later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx
import pytest
from simulators.netsuite_account import (
    LATER,
    Json,
    Served,
    lines,
    playing,
    ql,
    rma,
    said,
    served,
)

pytestmark = pytest.mark.usefixtures("netsuite_stage")

# ---------------------------------------------------------------- reading


def test_lists_and_enumerations_are_shown_as_they_are_asked_for(netsuite: Served) -> None:
    id = netsuite.rma()
    plain = netsuite.call("GET", f"returnAuthorization/{id}").json()
    assert plain["item"].keys() == {"links"}
    assert plain["orderStatus"] == {"id": "B", "refName": "Pending Receipt"}
    query = {"simpleEnumFormat": "true", "fields": "status,entity"}
    short = netsuite.call("GET", f"returnAuthorization/{id}", params=query).json()
    assert short.keys() == {"links", "id", "status", "entity"}
    assert short["status"] == "B"
    assert short["entity"]["refName"] == "Bluebonnet Industrial Supply"


def test_pages_are_linked(netsuite: Served) -> None:
    for number in range(5):
        netsuite.rma(f"RMA-{number}")
    url, seen, pages = "returnAuthorization?limit=2", [], 0
    while url:
        body = netsuite.call("GET", url).json()
        assert (body["count"], body["totalResults"], body["offset"]) == (len(body["items"]), 5, pages * 2)
        seen += [row["id"] for row in body["items"]]
        links = {link["rel"]: link["href"] for link in body["links"]}
        assert body["hasMore"] == ("next" in links)
        url, pages = links.get("next", "").partition("/record/v1/")[2], pages + 1
    assert (pages, len(set(seen))) == (3, 5)


def test_some_records_can_be_read_at_once(netsuite: Served) -> None:
    first, _ = netsuite.rma("RMA-1"), netsuite.rma("RMA-2")
    query = {"ids": f"{first},eid:RMA-2", "expandRecords": "true", "expandSubResources": "true"}
    items = netsuite.call("GET", "returnAuthorization", params=query).json()["items"]
    assert [row["externalId"] for row in items] == ["RMA-1", "RMA-2"]
    assert len(items[0]["item"]["items"]) == 2


def test_an_offset_is_a_multiple_of_the_limit_where_that_is_wanted() -> None:
    with served(strict_offset=True, page_size=10) as one:
        assert one.call("GET", "customer?limit=5&offset=10").json()["count"] == 3
        assert said(one.call("GET", "customer?limit=5&offset=3")) == (400, "INVALID_PARAMETER", "offset")
        assert said(one.call("GET", "customer?limit=11")) == (400, "INVALID_PARAMETER", "limit")


FILTERS: Mapping[str, list[str]] = {
    'tranDate ON "11/22/2026"': ["RMA-1"],
    'tranDate ON_OR_AFTER "11/22/2026"': ["RMA-1", "RMA-2"],
    'tranDate BEFORE "11/22/2026"': ["RMA-3"],
    'tranDate WITHIN ["11/21/2026", "11/22/2026"]': ["RMA-1"],
    'tranDate AFTER "11/22/2026" OR tranDate BEFORE "11/22/2026"': ["RMA-2", "RMA-3"],
    'lastModifiedDate ON_OR_AFTER "11/22/2026"': ["RMA-1", "RMA-2", "RMA-3"],
    'lastModifiedDate AFTER "11/22/2026"': [],
    'lastModifiedDate AFTER "11/22/2026 09:59 AM" AND lastModifiedDate BEFORE "11/22/2026 10:10 am"': [
        "RMA-1",
        "RMA-2",
        "RMA-3",
    ],
    "memo EMPTY": ["RMA-3"],
    "memo EMPTY_NOT": ["RMA-1", "RMA-2"],
    "memo CONTAIN leak": ["RMA-1", "RMA-2"],
    'memo IS "two leak"': ["RMA-1"],
    "memo START_WITH_NOT one": ["RMA-1", "RMA-3"],
    "memo END_WITH leak": ["RMA-1"],
    "entity ANY_OF [1042, 1055]": ["RMA-1", "RMA-2", "RMA-3"],
    "entity ANY_OF_NOT [1042]": [],
    "externalId IS rma-2": ["RMA-2"],
    "status IS B AND (memo EMPTY OR memo CONTAIN one)": ["RMA-2", "RMA-3"],
    "subtotal GREATER 253": ["RMA-2"],
    "subtotal EQUAL 253.00": ["RMA-1"],
    "subtotal LESS_OR_EQUAL 253": ["RMA-1", "RMA-3"],
    "subtotal BETWEEN [100, 253]": ["RMA-1"],
    "subtotal BETWEEN_NOT [100, 253]": ["RMA-2", "RMA-3"],
    "taxDetailsOverride IS true": ["RMA-3"],
    "SUBTOTAL ANY_OF [253, 12]": ["RMA-1", "RMA-3"],
}
NO_FILTERS = [
    "memo START_WITH one AND NOTHING",
    'tranDate ON "2026-11-22"',
    "memo",
    "memo LIKE x",
    "item EMPTY",
    "unheard IS x",
    "(memo EMPTY",
    "memo EMPTY)",
    'memo IS "open',
    "subtotal GREATER much",
    "subtotal BETWEEN [1]",
    "taxDetailsOverride IS maybe",
]


@pytest.fixture(scope="module")
def account(netsuite_stage: None) -> Iterator[Served]:
    with served() as one:
        one.rma("RMA-1", memo="two leak")
        one.rma("RMA-2", memo="one leaks", tranDate="2026-12-01", **lines({"orderLine": 1, "quantity": 3}))
        one.rma(
            "RMA-3",
            tranDate="2026-10-31",
            taxDetailsOverride=True,
            **lines({"orderLine": 2, "quantity": 4}),
        )
        yield one


@pytest.fixture
def three(account: Served) -> Iterator[Served]:
    """An account with three returns, which tests only read."""
    with playing(account.vendor):
        yield account


@pytest.mark.parametrize("q", FILTERS)
def test_lists_are_filtered(three: Served, q: str) -> None:
    answer = three.call("GET", "returnAuthorization", params={"q": q})
    found = [three.read(f"returnAuthorization/{row['id']}")["externalId"] for row in answer.json()["items"]]
    assert found == FILTERS[q]


@pytest.mark.parametrize("q", NO_FILTERS)
def test_what_is_no_filter_is_refused(three: Served, q: str) -> None:
    answer = three.call("GET", "returnAuthorization", params={"q": q})
    assert said(answer) == (400, "INVALID_PARAMETER", "q")


def test_filters_write_dates_as_their_user_does() -> None:
    with served(date_preference="DD.MM.YYYY") as one:
        one.rma()
        assert one.call("GET", 'returnAuthorization?q=tranDate ON "22.11.2026"').json()["totalResults"] == 1
        assert one.call("GET", 'returnAuthorization?q=tranDate ON "11/22/2026"').status_code == 400


QUERIES: Mapping[str, list[Json]] = {
    "SELECT externalid, memo FROM transaction WHERE type = 'RtnAuth' ORDER BY externalid DESC": [
        {"externalid": "RMA-3"},
        {"externalid": "RMA-2", "memo": "one leaks"},
        {"externalid": "RMA-1", "memo": "two leak"},
    ],
    "select t.externalid as key, l.quantity, l.item from transaction t inner join transactionline l "
    "on l.transaction = t.id where t.externalid = 'RMA-1' and l.quantity > 2": [
        {"key": "RMA-1", "quantity": "4", "item": "502"}
    ],
    "SELECT externalid FROM transaction WHERE trandate >= TO_DATE('2026-12-01', 'YYYY-MM-DD')": [
        {"externalid": "RMA-2"}
    ],
    "SELECT externalid, trandate FROM transaction WHERE trandate = '11/22/2026'": [
        {"externalid": "RMA-1", "trandate": "11/22/2026"}
    ],
    "SELECT externalid FROM transaction WHERE lastmodifieddate > "
    "TO_TIMESTAMP('2026-11-22 09:00:00', 'YYYY-MM-DD HH24:MI:SS') AND type = 'RtnAuth' AND memo IS NULL": [
        {"externalid": "RMA-3"}
    ],
    "SELECT status, foreigntotal FROM transaction WHERE externalid IN ('RMA-1', 'RMA-9')": [
        {"status": "B", "foreigntotal": "273.87"}
    ],
    "SELECT externalid FROM transaction WHERE memo LIKE '%leak' OR NOT memo LIKE 'two%' AND memo NOT LIKE 'x'": [
        {"externalid": "RMA-1"},
        {"externalid": "RMA-2"},
    ],
    "SELECT UPPER(companyname) name FROM customer WHERE id BETWEEN 1050 AND 1060": [
        {"name": "CINDER CREEK PLUMBING SUPPLY"}
    ],
    "SELECT location, quantityonhand FROM inventorybalance WHERE item = 505 AND inventorynumber = 331": [
        {"location": "22", "quantityonhand": "1"}
    ],
    "SELECT symbol FROM currency WHERE exchangerate <> 1 ORDER BY exchangerate": [
        {"symbol": "JPY"},
        {"symbol": "EUR"},
        {"symbol": "KWD"},
    ],
}


@pytest.mark.parametrize("text", QUERIES)
def test_queries_are_answered_in_text(three: Served, text: str) -> None:
    assert ql(three, text) == QUERIES[text]


def test_queries_have_pages(three: Served) -> None:
    rows = ql(three, "SELECT * FROM customer ORDER BY id", limit=2, offset=2)
    assert [row["entityid"] for row in rows] == ["C-1048", "C-1055"]


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM customer",
        "SELECT id",
        "SELECT id FROM unicorn",
        "SELECT horn FROM customer",
        "SELECT c.horn FROM customer c",
        "SELECT x.id FROM customer c",
        "SELECT id FROM customer WHERE",
        "SELECT id FROM customer WHERE id >",
        "SELECT id FROM customer WHERE id LIKE",
        "SELECT id FROM customer ORDER id",
        "SELECT id FROM customer; DROP",
        "SELECT id FROM transaction WHERE trandate > 5",
        "SELECT id FROM transaction WHERE trandate > TO_DATE('soon', 'YYYY-MM-DD')",
        "SELECT id FROM customer c JOIN vendor v ON v.id = v.id",
        "SELECT id, FROM customer",
        "SELECT id FROM customer WHERE ((((id = 1",
        "SELECT 'open FROM customer",
    ],
)
def test_what_is_no_query_is_refused(three: Served, text: str) -> None:
    answer = three.call("POST", "/query/v1/suiteql", {"q": text}, headers={"Prefer": "transient"})
    assert said(answer) == (400, "INVALID_PARAMETER", "")


def test_the_catalogue_describes_every_kind_of_record(netsuite: Served) -> None:
    names = [row["name"] for row in netsuite.call("GET", "metadata-catalog").json()["items"]]
    assert {"returnAuthorization", "itemReceipt", "creditMemo", "inventoryAdjustment"} <= set(names)
    described = netsuite.call("GET", "metadata-catalog/creditMemo").json()["properties"]
    assert described["unapplied"] == {"type": "number", "readOnly": True, "x-ns-filterable": True}
    assert described["apply"]["properties"]["items"]["items"]["properties"]["amount"]["readOnly"] is False


# ---------------------------------------------------------------- later


def job(one: Served, answer: httpx.Response) -> str:
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "respond-async")
    return str(answer.headers["Location"]).partition("/services/rest")[2]


def test_work_for_later_is_done_when_its_time_has_come(netsuite: Served) -> None:
    with served(async_seconds=60) as one:
        at = job(one, one.call("PUT", "returnAuthorization/eid:RMA-1", rma(), headers=LATER))
        assert one.call("GET", at).json().items() >= {"completed": False, "progress": "pending"}.items()
        assert said(one.call("GET", f"{at}/task/1/result")) == (404, "NONEXISTENT_ID", "")
        assert one.call("GET", "returnAuthorization/eid:RMA-1").status_code == 404
        one.vendor.step("move_time", seconds=60)
        assert one.call("GET", at).json().items() >= {"completed": True, "progress": "succeeded"}.items()
        [task] = one.call("GET", f"{at}/task").json()["items"]
        done = one.call("GET", f"{at}/task/{task['id']}").json()
        assert (done["progress"], done["startTime"] < done["endTime"]) == ("succeeded", True)
        result = one.call("GET", f"{at}/task/1/result")
        assert result.status_code == 204
        assert result.headers["Location"].endswith(one.read("returnAuthorization/eid:RMA-1")["id"])


def test_a_key_is_good_for_one_piece_of_work(netsuite: Served) -> None:
    keyed = {**LATER, "X-NetSuite-Idempotency-Key": "8f0f5f4e-6b0e-4b61-9c79-0f4d0f4c9a01"}
    at = job(netsuite, netsuite.call("POST", "returnAuthorization", rma(), headers=keyed))
    again = netsuite.call("POST", "returnAuthorization", rma(), headers=keyed)
    assert said(again) == (400, "IDEMPOTENCY_ERROR", "X-NetSuite-Idempotency-Key")
    assert (again.json()["title"], again.headers["Location"].endswith(at)) == ("Conflict", True)
    netsuite.vendor.step("move_time", seconds=10)
    assert netsuite.call("GET", "returnAuthorization").json()["totalResults"] == 1


def test_a_key_means_nothing_at_once(netsuite: Served) -> None:
    keyed = {"X-NetSuite-Idempotency-Key": "8f0f5f4e-6b0e-4b61-9c79-0f4d0f4c9a01"}
    ids = {netsuite.made("POST", "returnAuthorization", rma(), headers=keyed) for _ in range(2)}
    assert len(ids) == 2


def test_many_records_are_tasks_of_one_job(netsuite: Served) -> None:
    sent = [{"externalId": "RMA-1", **rma()}, {"externalId": "RMA-2", **rma(entity="9")}, {"memo": "nobody's"}]
    at = job(netsuite, netsuite.call("PUT", "returnAuthorization", {"items": sent}, headers=LATER))
    netsuite.vendor.step("move_time", seconds=10)
    assert netsuite.call("GET", at).json()["progress"] == "failed"
    results = [netsuite.call("GET", f"{at}/task/{n}/result") for n in (1, 2, 3)]
    assert [result.status_code for result in results] == [204, 400, 400]
    changed = {"items": [{"id": results[0].headers["Location"].rpartition("/")[2], "memo": "leaks"}]}
    job(netsuite, netsuite.call("PATCH", "returnAuthorization", changed, headers=LATER))
    netsuite.vendor.step("move_time", seconds=10)
    assert netsuite.read("returnAuthorization/eid:RMA-1")["memo"] == "leaks"
    job(netsuite, netsuite.call("DELETE", "returnAuthorization?ids=eid:RMA-1", headers=LATER))
    netsuite.vendor.step("move_time", seconds=10)
    assert netsuite.call("GET", "returnAuthorization/eid:RMA-1").status_code == 404
    many = {"items": [{"externalId": str(n)} for n in range(101)]}
    assert said(netsuite.call("PUT", "returnAuthorization", many, headers=LATER)) == (400, "INVALID_CONTENT", "items")
