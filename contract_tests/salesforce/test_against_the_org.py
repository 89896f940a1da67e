"""What the mappings write is taken by a simulated org, and what that org then answers reads as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from openreturns import Adapter, Return, adapter
from openreturns._json import dump, parse
from openreturns.models import Disposition
from openreturns.sandbox import serving
from openreturns_adapters.salesforce.fields import from_org, to_org
from openreturns_adapters.salesforce.simulator import simulator

HERE = Path(__file__).parent
DATA = "/services/data/v62.0"
FIELDS = {"rma_field": "Return_No__c", "line_field": "Return_Line__c"}
QUERY = """
SELECT Id, ReturnOrderNumber, Return_No__c, Status, AccountId, Account.Name, Account.AccountNumber, ContactId, CaseId,
       OrderId, DestinationLocationId, CurrencyIsoCode, ExpectedArrivalDate, ExpirationDate, CreatedDate,
       SystemModstamp,
       (SELECT Id, ReturnOrderLineItemNumber, Return_Line__c, Product2Id, Product2.Name, Product2.StockKeepingUnit,
               QuantityReturned, QuantityExpected, QuantityReceived, QuantityRejected, QuantityUnitOfMeasure,
               ReasonForReturn, RepaymentMethod, ProcessingPlan, Description, SystemModstamp
        FROM ReturnOrderLineItems ORDER BY Return_Line__c)
FROM ReturnOrder WHERE Return_No__c = 'RMA-2026-0301'
"""

Record = dict[str, Any]


class Org:
    """A simulated org whose tenant calls the key fields otherwise, and the adapter configured for it."""

    def __init__(self, client: httpx.Client, ids: Mapping[str, Mapping[str, str]]) -> None:
        self.client = client
        tables = {
            name: {"read": {record: ours for ours, record in ids[sobject].items()}}
            for name, sobject in (
                ("account", "Account"),
                ("product", "Product2"),
                ("location", "Location"),
                ("order", "Order"),
            )
        }
        self.adapter: Adapter = adapter(
            "salesforce", {"settings": {"multi_currency": True, **FIELDS}, "tables": tables}
        )

    def upsert(self, sobject: str, field: str, record: Record) -> Record:
        """Send a record as a client does: its key in the address, the rest in the body."""
        body = to_org(record, self.adapter.tenant)
        key = body.pop(FIELDS[field])
        address = f"{DATA}/sobjects/{sobject}/{FIELDS[field]}/{key}"
        answer = self.client.patch(address, content=dump(body), headers={"content-type": "application/json"})
        assert answer.is_success, answer.text
        told: Record = answer.json()
        return told

    def return_order(self) -> Record:
        answer = self.client.get(f"{DATA}/query", params={"q": " ".join(QUERY.split())})
        assert answer.is_success, answer.text
        [found] = parse(answer.content)["records"]
        return from_org(found, self.adapter.tenant)


@pytest.fixture
def org() -> Iterator[Org]:
    key = {"unique": True, "external": True}
    names = {name: {FIELDS["rma_field"]: key} for name in ("Case", "ReturnOrder")}
    plans = {"ProcessingPlan": {"values": ["Restock", "Discard", "Several"]}}
    vendor = simulator(fields={**names, "ReturnOrderLineItem": {FIELDS["line_field"]: key, **plans}})
    ids = vendor.vendor.seed()
    with serving([vendor]) as at, httpx.Client(base_url=at["salesforce"]) as client:
        form = {
            "grant_type": "client_credentials",
            "client_id": "sandbox-consumer-key",
            "client_secret": "sandbox-consumer-secret",
        }
        token = client.post("/services/oauth2/token", data=form).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield Org(client, ids)


def written_from(name: str) -> Any:
    return dump(parse((HERE / f"{name}.json").read_bytes())["written_from"])


def test_a_case_is_opened_once_and_then_follows_the_return(org: Org) -> None:
    opened = Return.model_validate_json(written_from("case-opened-for-leaking-pumps"))
    closed = Return.model_validate_json(written_from("case-closed-with-the-return"))
    told = []
    for document in (opened, opened, closed):
        [written] = org.adapter.write(document, "case")
        told.append(org.upsert("Case", "rma_field", written.record))
    assert [one["created"] for one in told] == [True, False, False]
    assert len({one["id"] for one in told}) == 1
    held = from_org(parse(org.client.get(f"{DATA}/sobjects/Case/{told[0]['id']}").content), org.adapter.tenant)
    assert org.adapter.check_record("case", {name: held[name] for name in written.record}) == ()
    assert {name: held[name] for name in written.record} == written.record
    assert held["IsClosed"] is True


def test_a_return_order_reads_as_the_return_it_was_written_from(org: Org) -> None:
    case = org.upsert("Case", "rma_field", {"RMA_Number__c": "RMA-2026-0301", "Subject": "x", "Status": "New"})
    data = parse(written_from("return-order-as-sent"))
    data["refs"] = [
        {"type": "sales_order", "id": "SO-56001"},
        {"type": "case", "id": case["id"], "system": "salesforce"},
    ]
    sent = Return.model_validate_json(dump(data))
    for _ in range(2):
        send(org, sent)
    decided = Disposition.model_validate_json(written_from("gaskets-restocked-pumps-scrapped"))
    [plans] = org.adapter.write(decided, "return_order_line_item")
    for record in plans.record["records"]:
        org.upsert("ReturnOrderLineItem", "line_field", record)

    read = org.adapter.read("return_order", org.return_order())
    assert read.findings == ()
    back = read.document.to_dict()
    kept = ("number", "status", "type", "currency", "returnTo", "expectedReceipt", "refs")
    assert {name: back[name] for name in kept} == {name: data[name] for name in kept}
    assert back["customer"]["id"] == data["customer"]["id"]
    assert back["authorization"] == {"decision": "partially_authorized", "expiresAt": "2026-11-21T23:59:59Z"}
    for ours, theirs in zip(data["lines"], back["lines"], strict=True):
        for name in ("lineId", "requested", "authorized"):
            assert theirs[name] == ours[name]
        assert theirs["item"]["sku"] == ours["item"]["sku"]
    assert [line["reason"]["code"] for line in back["lines"]] == ["defective", "other"]
    assert [line["extensions"]["com.salesforce.processing_plan"] for line in back["lines"]] == ["Discard", "Restock"]


def send(org: Org, document: Return) -> None:
    """Send a return order and its lines; the parent of a line is set when it is created, and never again."""
    [written] = org.adapter.write(document, "return_order")
    record = dict(written.record)
    lines = record.pop("ReturnOrderLineItems")["records"]
    told = org.upsert("ReturnOrder", "rma_field", record)
    for line in lines:
        parent = {"ReturnOrderId": told["id"]} if told["created"] else {}
        org.upsert("ReturnOrderLineItem", "line_field", {**line, **parent})
