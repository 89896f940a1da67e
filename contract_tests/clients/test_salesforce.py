"""The client of Salesforce against its simulation: each verb read back, each refusal in its class, nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from clients.verbs import SALESFORCE_APP, complained, done, followed, seeded
from openreturns import adapter
from openreturns.errors import ContractError, MappingError, RejectedError, RetryableError
from openreturns.idempotency import Done, Rejected
from openreturns.models import DocumentRef, Party, Quantity, Return
from openreturns.ports import Crm
from openreturns.sandbox import Fault, Simulator, serving
from openreturns.testing._at import NO_WAIT
from openreturns.transport import Budget
from openreturns_adapters.salesforce.simulator import Rule, simulator

QUERY = "GET */query*"
CASE = "PATCH */sobjects/Case/*"
Org = tuple[Any, Simulator]


@contextmanager
def org(settings: Mapping[str, Any] | None = None, tables: Any = None, **options: Any) -> Iterator[Org]:
    vendor = simulator(**options)
    vendor.vendor.seed()
    own = {"settings": {"multi_currency": True, **(settings or {})}, "tables": tables or {}}
    with serving([vendor]) as at:
        given: dict[str, Any] = {"base_url": at["salesforce"], "time": NO_WAIT, "budget": Budget(), **SALESFORCE_APP}
        with adapter("salesforce", own).connect(**given) as client:
            yield client, vendor


@pytest.fixture
def served() -> Iterator[Org]:
    with org({"return_orders": True}) as at:
        yield at


def happen(vendor: Simulator, step: str, **given: Any) -> Any:
    return vendor.vendor.steps[step](**given)


def told(vendor: Simulator, sobject: str = "Case") -> list[str]:
    """What became of the records of an object, one word a change."""
    headers = [one["ChangeEventHeader"] for one in happen(vendor, "changes")]
    return [str(header["changeType"]) for header in headers if header["entityName"] == sobject]


def asked() -> Return:
    return complained(None, 1)


def brought(document: Return, status: str) -> Return:
    later = document.meta.model_copy(update={"revision": document.meta.revision + 1})
    return document.model_copy(update={"status": status, "meta": later})


# ---------------------------------------------------------------- what it does


def test_a_return_is_followed_from_request_to_close(served: Org) -> None:
    client, vendor = served
    document = asked()
    opened = client.open_case(document)
    assert isinstance(opened, Done)
    assert opened.ref.type == "case"
    assert not opened.repeated
    assert client.open_case(document) == Done(opened.ref, repeated=True)
    for status in ("authorized", "closed"):
        document = brought(document, status)
        assert client.update_case(document) == Done(opened.ref)
        assert client.update_case(document) == Done(opened.ref, repeated=True)
        assert client.read(DocumentRef(type="return", id=document.number)).status == status
    assert told(vendor) == ["CREATE", "UPDATE", "UPDATE"]


def test_the_return_order_is_read_by_its_id_its_number_and_its_case(served: Org) -> None:
    client, _ = served
    document = asked()
    case = client.open_case(document).ref
    seen = client.read(case)
    assert seen.number == document.number
    assert [line.requested for line in seen.lines] == [line.requested for line in document.lines]
    own = DocumentRef(type="return", id=seen.meta.source_id)
    assert client.read(own) == client.read(DocumentRef(type="return", id=document.number)) == seen


def test_a_return_of_more_lines_than_a_composite_has_parts_is_written_whole(served: Org) -> None:
    client, vendor = served
    document = asked()
    many = [document.lines[0].model_copy(update={"line_id": str(number)}) for number in range(1, 61)]
    document = document.model_copy(update={"lines": tuple(many)})
    assert isinstance(client.open_case(document), Done)
    assert told(vendor, "ReturnOrderLineItem") == ["CREATE"] * 60
    assert len(client.read(DocumentRef(type="return", id=document.number)).lines) == 60


def test_a_line_that_comes_later_joins_its_return_order(served: Org) -> None:
    client, vendor = served
    document = asked()
    one = document.model_copy(update={"lines": document.lines[:1]})
    assert isinstance(client.open_case(one), Done)
    assert isinstance(client.update_case(brought(document, "authorized")), Done)
    assert told(vendor, "ReturnOrder").count("CREATE") == 1
    assert told(vendor, "ReturnOrderLineItem").count("CREATE") == 2


def test_a_line_that_is_agreed_to_whole_after_a_part_of_it_is_expected_whole(served: Org) -> None:
    client, _ = served
    document = asked()
    done(client.open_case(document))
    first, *others = document.lines
    for agreed in (Decimal(1), first.requested.value):
        line = first.replace(authorized=Quantity(value=agreed, uom=first.requested.uom))
        done(client.update_case(brought(document.replace(lines=(line, *others)), "authorized")))
        seen = client.read(DocumentRef(type="return", id=document.number))
        assert seen.lines[0].authorized == line.authorized


def test_a_case_that_the_customer_opened_becomes_that_of_the_return(served: Org) -> None:
    client, vendor = served
    web = happen(vendor, "case_opened", subject="Our pumps leak", account="C-1042")
    document = asked()
    refs = (*(document.refs or ()), DocumentRef(type="case", id=web["Id"], system="salesforce"))
    document = document.model_copy(update={"refs": refs})
    assert client.open_case(document) == Done(DocumentRef(type="case", id=web["Id"], system="salesforce"))
    assert told(vendor).count("CREATE") == 1
    other = document.model_copy(update={"number": "RMA-OTHER"})
    with pytest.raises(RejectedError) as refused:
        client.open_case(other)
    assert refused.value.kind == "conflict"


def test_what_the_service_desk_wrote_since_stays_when_the_case_is_opened_again(served: Org) -> None:
    client, vendor = served
    case = client.open_case(asked()).ref
    happen(vendor, "record_changed", sobject="Case", id=case.id, Subject="Leaking pumps", Status="Escalated")
    assert client.open_case(asked()) == Done(case, repeated=True)
    assert told(vendor) == ["CREATE", "UPDATE"]


def test_a_tenants_own_field_names_are_used() -> None:
    named = {"rma_field": "Return_No__c"}
    fields = {"Case": {"Return_No__c": {"unique": True, "external": True}}}
    with org(named, fields=fields) as (client, vendor):
        case = client.open_case(asked()).ref
        shown = happen(vendor, "record_changed", sobject="Case", id=case.id)
        assert shown["Return_No__c"] == asked().number


@pytest.mark.parametrize(
    ("settings", "words", "good", "reason"),
    [
        ({"standing_field": "Type"}, {"Customer - Direct": "good"}, True, ""),
        ({"standing_field": "Type"}, {"Customer - Direct": "held"}, False, "Type is Customer - Direct"),
        ({"standing_field": "Type"}, {}, False, "does not list"),
        ({"standing_field": "BillingCity"}, {}, False, "BillingCity is empty"),
        ({"standing_field": "Hold__c"}, {"false": "good"}, True, ""),
    ],
)
def test_standing_is_what_the_account_says(
    settings: Mapping[str, str], words: Mapping[str, str], good: bool, reason: str
) -> None:
    fields = {"Account": {"Hold__c": {"type": "boolean"}}}
    ids = seeded()["Account"]
    with org(settings, {"standing": {"read": words}}, fields=fields) as (client, _):
        for known in ("C-1042", ids["C-1042"]):
            standing = client.standing(Party(id=known))
            assert standing.good is good
            assert reason in standing.reason


def test_a_customer_whom_nobody_knows_is_for_a_person() -> None:
    with org({"standing_field": "Type"}) as (client, _):
        assert client.standing(Party(id="C-'404\\")).good is False


def test_changes_come_page_by_page_and_oldest_first() -> None:
    with org({"return_orders": True}, page_size=2) as (client, vendor):
        before = datetime.now(UTC)
        refs = [client.open_case(complained(None, number)).ref for number in range(5)]
        happen(vendor, "case_opened", subject="Where is my invoice?")
        found = list(client.changes(before))
        assert [one.ref for one in found if one.ref.type == "case"] == refs
        assert len([one for one in found if one.ref.type == "return"]) == 5
        assert [one.at for one in found] == sorted(one.at for one in found)
        happen(vendor, "record_changed", sobject="Case", id=refs[0].id, Priority="High")
        assert [one.ref for one in client.changes(before) if one.ref.type == "case"] == [*refs[1:], refs[0]]
        assert list(client.changes(before + timedelta(days=1))) == []


def test_what_changed_shortly_before_comes_again(served: Org) -> None:
    client, _ = served
    case = client.open_case(asked()).ref
    assert case in [one.ref for one in client.changes(datetime.now(UTC) + timedelta(minutes=1))]


# ---------------------------------------------------------------- what can go wrong


REFUSALS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a rule of the org": (
        {"validation": [Rule("Case", lambda record: True, "Only on weekdays.", "Origin")]},
        "business_rule",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    ),
    "a value that the picklist has not": (
        {"fields": {"Case": {"Origin": {"values": ["Phone"]}}}},
        "validation",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    ),
    "a text that is too long": (
        {"fields": {"Case": {"Description": {"length": 20}}}},
        "validation",
        "STRING_TOO_LONG",
    ),
    "no permission": ({"read_only": ["Case"]}, "auth", "INSUFFICIENT_ACCESS_OR_READONLY"),
}


@pytest.mark.parametrize("wrong", REFUSALS)
def test_a_refusal_is_an_outcome_under_the_vendors_code(wrong: str) -> None:
    options, kind, code = REFUSALS[wrong]
    with org(**options) as (client, vendor):
        outcome = client.open_case(asked())
        assert isinstance(outcome, Rejected)
        assert (outcome.kind, outcome.problem.code) == (kind, code)
        assert told(vendor) == []


def test_a_refusal_quotes_no_person() -> None:
    with org(fields={"Case": {"SuppliedEmail": {"length": 5}}}) as (client, _):
        outcome = client.open_case(asked())
        assert isinstance(outcome, Rejected)
        assert str(asked().customer.email) not in str(outcome)
        assert outcome.problem.native == "/SuppliedEmail"


def test_a_duplicate_rule_is_a_conflict() -> None:
    with org(duplicates={"Case": "AccountId"}) as (client, vendor):
        happen(vendor, "case_opened", subject="Another matter", account="C-1042")
        outcome = client.open_case(asked())
        assert isinstance(outcome, Rejected)
        assert (outcome.kind, outcome.problem.code) == ("conflict", "DUPLICATES_DETECTED")


def test_several_cases_of_one_number_are_for_a_person() -> None:
    with org(fields={"Case": {"RMA_Number__c": {"unique": False}}}) as (client, vendor):
        for _ in range(2):
            happen(vendor, "case_opened", subject="Pumps", RMA_Number__c=asked().number)
        with pytest.raises(RejectedError) as refused:
            client.open_case(asked())
        assert refused.value.kind == "conflict"
        assert "UPDATE" not in told(vendor)


def test_another_client_that_opens_the_case_at_the_same_moment_makes_no_second_one(served: Org) -> None:
    client, vendor = served
    number = asked().number
    happen(vendor, "upsert_overlaps", sobject="Case", field="RMA_Number__c", value=number, Subject="theirs")
    assert isinstance(client.open_case(asked()), Done)
    assert told(vendor) == ["CREATE", "UPDATE"]


def test_a_case_that_was_deleted_is_not_opened_again_by_an_update(served: Org) -> None:
    client, vendor = served
    case = client.open_case(asked()).ref
    happen(vendor, "record_deleted", sobject="Case", id=case.id)
    outcome = client.update_case(brought(asked(), "authorized"))
    assert isinstance(outcome, Rejected)
    assert outcome.kind == "not_found"
    assert told(vendor) == ["CREATE", "DELETE"]


WAITS: dict[str, Callable[[Simulator, str], object]] = {
    "a row that is locked": lambda vendor, account: happen(vendor, "row_locked", id=account, times=2),
    "too many calls at a time": lambda vendor, _: happen(vendor, "crowded", times=2),
    "a service that is down": lambda vendor, _: happen(vendor, "unavailable", times=2),
    "the vendor's own too much": lambda vendor, _: vendor.faults.add(Fault("throttled", CASE, times=2)),
    "sessions that ended": lambda vendor, _: happen(vendor, "sessions_ended"),
}


@pytest.mark.parametrize("wait", WAITS)
def test_what_passes_is_waited_for(served: Org, wait: str) -> None:
    client, vendor = served
    client.open_case(complained(None, 2))
    WAITS[wait](vendor, seeded()["Account"]["C-1042"])
    assert isinstance(client.open_case(asked()), Done)
    assert told(vendor) == ["CREATE", "CREATE"]


def test_the_limit_of_the_day_is_for_later() -> None:
    with org(daily_calls=4) as (client, _):
        client.open_case(asked())
        with pytest.raises(RetryableError) as later:
            client.update_case(brought(asked(), "closed"))
        assert (later.value.kind, later.value.vendor_code) == ("throttled", "REQUEST_LIMIT_EXCEEDED")


def test_a_line_that_is_refused_takes_the_whole_return_order_back() -> None:
    options = {"ReturnOrderLineItem": {"RepaymentMethod": {"values": ["Refund"]}}}
    with org({"return_orders": True}, fields=options) as (client, vendor):
        outcome = client.open_case(asked())
        assert isinstance(outcome, Rejected)
        assert outcome.problem.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        assert told(vendor, "ReturnOrder") == []


def test_a_lock_inside_a_composite_is_for_later(served: Org) -> None:
    client, vendor = served
    case = client.open_case(asked()).ref
    happen(vendor, "row_locked", id=seeded()["Product2"]["P-100"], times=100)
    with pytest.raises(RetryableError) as later:
        client.update_case(brought(asked(), "authorized"))
    assert later.value.vendor_code == "UNABLE_TO_LOCK_ROW"
    happen(vendor, "row_locked", id=seeded()["Product2"]["P-100"], times=0)
    assert client.update_case(brought(asked(), "authorized")).ref == case


def test_a_success_that_did_nothing_is_no_success() -> None:
    with org() as (client, vendor):
        document = followed(client, 1)
        vendor.faults.add(Fault("stale", QUERY, times=10))
        outcome = client.update_case(document)
        assert isinstance(outcome, Rejected)
        assert outcome.kind == "not_as_sent"
        assert "/Status" in [problem.native for problem in outcome.problems]


def test_quantities_that_the_org_rounds_are_told() -> None:
    whole = {"ReturnOrderLineItem": {"QuantityReturned": {"scale": 0}}}
    with org({"return_orders": True}, rounded=True, fields=whole) as (client, _):
        document = asked()
        half = document.lines[0].requested.model_copy(update={"value": Decimal("1.5")})
        first = document.lines[0].model_copy(update={"requested": half, "authorized": None})
        outcome = client.open_case(document.model_copy(update={"lines": (first, *document.lines[1:])}))
        assert isinstance(outcome, Rejected)
        assert outcome.kind == "not_as_sent"
        assert [problem.native for problem in outcome.problems] == ["/ReturnOrderLineItems/records/0/QuantityReturned"]


def test_a_field_that_the_org_does_not_have_is_named() -> None:
    with org({"rma_field": "Renamed__c"}) as (client, vendor):
        with pytest.raises(ContractError) as drift:
            client.open_case(asked())
        assert (drift.value.kind, drift.value.vendor_code) == ("contract_drift", "INVALID_FIELD")
        assert drift.value.problems[0].native == "/Renamed__c"
        assert told(vendor) == []


@pytest.mark.parametrize("written", ["Gone", "Working"])
def test_statuses_that_do_not_fit_the_org_are_a_setting(written: str) -> None:
    with org(tables={"case_status": {"write": {"closed": written}}}) as (client, vendor):
        client.open_case(asked())
        with pytest.raises(MappingError) as wrong:
            client.update_case(brought(asked(), "closed"))
        assert wrong.value.kind == "setting"
        assert "case_status" in str(wrong.value)
        assert told(vendor) == ["CREATE"]


def test_an_org_with_words_of_its_own_is_told_closed_by_its_own_flag() -> None:
    table = {"write": {"requested": "Neu", "closed": "Fertig"}}
    with org(tables={"case_status": table}, case_statuses={"Neu": False, "Fertig": True}) as (client, vendor):
        case = client.open_case(asked()).ref
        assert isinstance(client.update_case(brought(asked(), "closed")), Done)
        assert happen(vendor, "record_changed", sobject="Case", id=case.id)["IsClosed"] is True


def test_credentials_that_are_wrong_are_told_without_them() -> None:
    vendor = simulator()
    with serving([vendor]) as at:
        given: dict[str, Any] = {"base_url": at["salesforce"], "time": NO_WAIT, "client_id": "sandbox-consumer-key"}
        client: Any = adapter("salesforce").connect(**given, client_secret="not-it-1234")
        with client, pytest.raises(RejectedError) as refused:
            list(client.changes(datetime.now(UTC)))
    assert (refused.value.kind, refused.value.vendor_code) == ("auth", "invalid_client")
    assert "not-it-1234" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "client_id"),
        ({"client_id": "x"}, "client_secret"),
        (SALESFORCE_APP, "my_domain"),
    ],
)
def test_what_is_missing_is_named(given: Mapping[str, str], named: str) -> None:
    with pytest.raises(MappingError) as missing:
        adapter("salesforce").connect(**given)
    assert missing.value.kind == "setting"
    assert named in str(missing.value)


@pytest.mark.parametrize(("settings", "named"), [({}, "standing_field"), ({"standing_field": "A B"}, "standing_field")])
def test_standing_names_the_setting_it_needs(settings: Mapping[str, str], named: str) -> None:
    with org(settings) as (client, _), pytest.raises(MappingError, match=named):
        client.standing(Party(id="C-1042"))


def test_the_address_is_that_of_the_orgs_domain() -> None:
    own = adapter("salesforce", {"settings": {"my_domain": "distributor"}})
    with own.connect(**SALESFORCE_APP) as client:
        assert client._client.base_url == "https://distributor.my.salesforce.com/services/data/v62.0"


def test_an_org_without_return_orders_reads_none_and_is_asked_nothing() -> None:
    with org(field_service=False) as (client, vendor):
        case = client.open_case(asked()).ref
        vendor.faults.add(Fault("error_before", times=1000))
        with pytest.raises(RejectedError) as refused:
            client.read(case)
        assert refused.value.kind == "unsupported"
        assert client.supported() == frozenset(Crm.verbs) - {"hear"}  # Salesforce sends no webhooks


def test_a_return_order_that_is_not_there_is_not_found(served: Org) -> None:
    client, _ = served
    with pytest.raises(RejectedError) as refused:
        client.read(DocumentRef(type="return", id="RMA-404"))
    assert refused.value.kind == "not_found"
