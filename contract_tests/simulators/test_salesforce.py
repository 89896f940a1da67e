"""Salesforce's simulator over HTTP: its state rules, its errors, its limits, SOQL, composite and bulk."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from openreturns._json import parse
from openreturns.sandbox import Clock, Fault, Simulator, serving
from openreturns_adapters.salesforce.simulator import Rule, simulator

DATA = "/services/data/v62.0"
START = datetime(2026, 11, 22, 10, tzinfo=UTC)
APP = {"client_id": "sandbox-consumer-key", "client_secret": "sandbox-consumer-secret"}
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEMO = Path(__file__).parents[2] / "docs" / "demo" / "orders.json"
Json = Any


@dataclass
class Org:
    """An org that is being served, a client with a session in it, and the ids of what was seeded."""

    vendor: Simulator
    client: httpx.Client
    clock: Clock
    ids: Mapping[str, Mapping[str, str]]

    def call(self, method: str, path: str, body: Json = None, **more: Any) -> httpx.Response:
        at = path if path.startswith("/") else f"{DATA}/{path}"
        return self.client.request(method, at, json=body, **more)

    def created(self, sobject: str, **fields: Json) -> str:
        answer = self.call("POST", f"sobjects/{sobject}", fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def read(self, sobject: str, record_id: str) -> Json:
        return parse(self.call("GET", f"sobjects/{sobject}/{record_id}").content)

    def asked(self, soql: str) -> list[Json]:
        answer = self.call("GET", "query", params={"q": soql})
        assert answer.status_code == 200, answer.text
        return list(parse(answer.content)["records"])

    def account(self, number: str = "C-1042") -> str:
        return self.ids["Account"][number]

    def product(self, sku: str = "P-100") -> str:
        return self.ids["Product2"][sku]


@contextmanager
def served(*, seeded: bool = True, **switches: Any) -> Iterator[Org]:
    clock = Clock(START)
    vendor = simulator(clock=clock, **switches)
    ids = vendor.vendor.seed() if seeded else {}
    with serving([vendor]) as at, httpx.Client(base_url=at["salesforce"]) as client:
        form = {"grant_type": "client_credentials", **APP}
        token = client.post("/services/oauth2/token", data=form).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield Org(vendor, client, clock, ids)


@pytest.fixture(scope="module")
def org() -> Iterator[Org]:
    """One org for the tests that only add records of their own."""
    with served() as one:
        yield one


def error(answer: httpx.Response) -> Json:
    [told] = answer.json()
    return told


# Tokens


@pytest.mark.parametrize(
    ("form", "basic", "wanted"),
    [
        ({}, None, ("invalid_request", "missing required parameter: grant_type")),
        ({"grant_type": "password"}, None, ("unsupported_grant_type", "grant type not supported")),
        ({"grant_type": "client_credentials"}, None, ("invalid_request", "missing required parameter: client_id")),
        (
            {"grant_type": "client_credentials", **APP, "client_id": "another"},
            None,
            ("invalid_client_id", "client identifier invalid"),
        ),
        (
            {"grant_type": "client_credentials", **APP, "client_secret": "not-it"},
            None,
            ("invalid_client", "invalid client credentials"),
        ),
        ({"grant_type": "client_credentials"}, ("sandbox-consumer-key", "not-it"), ("invalid_client", None)),
        ({"grant_type": JWT}, None, ("invalid_request", "missing required parameter: assertion")),
        ({"grant_type": JWT, "assertion": "no.token.atall"}, None, ("invalid_grant", "invalid assertion")),
    ],
)
def test_no_token_is_given(form: Json, basic: Json, wanted: tuple[str, str | None], org: Org) -> None:
    answer = httpx.post(f"{org.client.base_url}/services/oauth2/token", data=form, auth=basic)
    told = answer.json()
    assert (answer.status_code, told["error"]) == (400, wanted[0])
    assert wanted[1] in (told["error_description"], None)
    assert "not-it" not in answer.text


@pytest.mark.parametrize("basic", [False, True])
def test_the_two_ways_to_give_the_secret(basic: bool, org: Org) -> None:
    form = {"grant_type": "client_credentials"} | ({} if basic else APP)
    auth = (APP["client_id"], APP["client_secret"]) if basic else None
    told = httpx.post(f"{org.client.base_url}/services/oauth2/token", data=form, auth=auth).json()
    assert told["instance_url"] == str(org.client.base_url).rstrip("/")
    assert (told["token_type"], told["token_format"], told["scope"]) == ("Bearer", "opaque", "api id")
    assert told["issued_at"].isdecimal()
    assert told["id"].startswith(told["instance_url"] + "/id/00D")


def test_a_token_for_json_is_refused(org: Org) -> None:
    answer = httpx.post(f"{org.client.base_url}/services/oauth2/token", json={"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("reason", ["inactive user", "IP restricted"])
def test_an_administrator_can_keep_tokens_back(reason: str) -> None:
    with served(seeded=False) as org:
        form = {"grant_type": "client_credentials", **APP}
        org.vendor.step("tokens_denied", reason=reason)
        refused = org.client.post("/services/oauth2/token", data=form)
        assert (refused.status_code, refused.json()) == (
            400,
            {"error": "invalid_grant", "error_description": reason},
        )
        org.vendor.step("tokens_denied")
        assert org.client.post("/services/oauth2/token", data=form).status_code == 200


class Key:
    """A key pair that openssl made."""

    def __init__(self, folder: Path, name: str = "key") -> None:
        self.private = folder / f"{name}.pem"
        subprocess.run(["openssl", "genrsa", "-out", str(self.private), "2048"], check=True, capture_output=True)
        told = ["openssl", "rsa", "-in", str(self.private), "-pubout"]
        self.public = subprocess.run(told, check=True, capture_output=True, text=True).stdout

    def token(self, claims: Json, algorithm: str = "RS256") -> str:
        parts = (json.dumps(part).encode() for part in ({"alg": algorithm, "typ": "JWT"}, claims))
        text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
        sign = ["openssl", "dgst", "-sha256", "-sign", str(self.private)]
        signature = subprocess.run(sign, input=text, check=True, capture_output=True).stdout
        return (text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return Key(tmp_path_factory.mktemp("key"))


@pytest.fixture(scope="module")
def signing(key: Key) -> Iterator[Org]:
    with served(seeded=False, public_key=key.public) as one:
        yield one


def claims(now: datetime, **changed: Json) -> Json:
    said = {
        "iss": APP["client_id"],
        "sub": "integration@distributor.example.com",
        "aud": "https://login.salesforce.com",
        "exp": str(int(now.timestamp()) + 180),
    }
    return {name: value for name, value in {**said, **changed}.items() if value is not None}


@pytest.mark.parametrize("changed", [{}, {"aud": "https://test.salesforce.com"}, {"exp": int(START.timestamp()) + 200}])
def test_a_signed_assertion_opens_a_session(changed: Json, key: Key, signing: Org) -> None:
    form = {"grant_type": JWT, "assertion": key.token(claims(START, **changed))}
    answer = signing.client.post("/services/oauth2/token", data=form)
    assert answer.status_code == 200, answer.text
    assert "refresh_token" not in answer.json()
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert signing.call("GET", "limits/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("changed", "description"),
    [
        ({"iss": "another"}, "client identifier invalid"),
        ({"iss": None}, "client identifier invalid"),
        ({"aud": "https://login.example.com"}, "audience is invalid"),
        ({"sub": "stranger@example.com"}, "user hasn't approved this consumer"),
        ({"exp": str(int(START.timestamp()) - 120)}, "expired authorization code"),
        ({"exp": int(START.timestamp()) + 3600}, "invalid assertion"),
        ({"exp": "soon"}, "invalid assertion"),
        ({"exp": None}, "invalid assertion"),
    ],
)
def test_a_wrong_assertion_opens_nothing(changed: Json, description: str, key: Key, signing: Org) -> None:
    form = {"grant_type": JWT, "assertion": key.token(claims(START, **changed))}
    answer = signing.client.post("/services/oauth2/token", data=form)
    assert (answer.status_code, answer.json()["error_description"]) == (400, description)


def test_an_assertion_signed_by_a_stranger_opens_nothing(key: Key, signing: Org, tmp_path: Path) -> None:
    good = key.token(claims(START))
    head, said, signature = good.split(".")
    forged = base64.urlsafe_b64encode(json.dumps(claims(START, sub="admin@example.com")).encode()).decode().rstrip("=")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    wrong = {
        "another key": Key(tmp_path, "other").token(claims(START)),
        "other claims": f"{head}.{forged}.{signature}",
        "no algorithm": f"{unsigned}.{said}.",
        "another algorithm": key.token(claims(START), "HS256"),
        "no signature": f"{head}.{said}.",
    }
    for what, assertion in wrong.items():
        answer = signing.client.post("/services/oauth2/token", data={"grant_type": JWT, "assertion": assertion})
        assert (answer.status_code, answer.json()["error_description"]) == (400, "invalid assertion"), what


def test_a_key_that_is_none_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="BEGIN PUBLIC KEY"):
        simulator(public_key="no key")


# Sessions, permission, limits


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nobody", "Basic c2FuZGJveA=="])
def test_without_a_session_nothing_is_told(header: str | None, org: Org) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = httpx.get(f"{org.client.base_url}{DATA}/sobjects/Case", headers=headers)
    assert (answer.status_code, error(answer)["errorCode"]) == (401, "INVALID_SESSION_ID")
    assert error(answer)["message"] == "Session expired or invalid"


def test_a_session_ends_when_it_is_not_used() -> None:
    with served(seeded=False, session_seconds=600) as org:
        for _ in range(3):
            org.clock.move(timedelta(seconds=500))
            assert org.call("GET", "limits").status_code == 200
        org.clock.move(timedelta(seconds=601))
        assert org.call("GET", "limits").status_code == 401
        token = org.client.post("/services/oauth2/token", data={"grant_type": "client_credentials", **APP}).json()
        headers = {"Authorization": f"OAuth {token['access_token']}"}
        assert org.call("GET", "limits", headers=headers).status_code == 200
        org.vendor.step("sessions_ended")
        assert org.call("GET", "limits", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("switches", "status", "code", "message"),
    [
        ({"scope": "id"}, 401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
        ({"api_enabled": False}, 403, "API_DISABLED_FOR_ORG", "not enabled"),
        ({"daily_calls": 0}, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    ],
)
def test_an_org_that_lets_nobody_in(switches: Json, status: int, code: str, message: str) -> None:
    with served(seeded=False, **switches) as org:
        answer = org.call("POST", "sobjects/Account", {"Name": "Prairie"})
        assert (answer.status_code, error(answer)["errorCode"]) == (status, code)
        assert message in error(answer)["message"]


def test_calls_are_counted_over_24_hours() -> None:
    with served(seeded=False, daily_calls=3) as org:
        used = [org.call("GET", "limits") for _ in range(3)]
        assert [one.headers["Sforce-Limit-Info"] for one in used] == [f"api-usage={n}/3" for n in (1, 2, 3)]
        assert used[1].json()["DailyApiRequests"] == {"Max": 3, "Remaining": 1}
        over = org.call("GET", "limits")
        assert (over.status_code, error(over)["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
        assert "Retry-After" not in over.headers
        org.clock.move(timedelta(hours=24))
        token = org.client.post("/services/oauth2/token", data={"grant_type": "client_credentials", **APP}).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        assert org.call("GET", "limits", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("step", "status", "code"),
    [("crowded", 403, "REQUEST_LIMIT_EXCEEDED"), ("unavailable", 503, "SERVER_UNAVAILABLE")],
)
def test_what_passes_by_itself(step: str, status: int, code: str, org: Org) -> None:
    org.vendor.step(step, times=2)
    body = {"Name": f"Twice {step}"}
    answers = [org.call("POST", "sobjects/Account", body) for _ in range(3)]
    assert [one.status_code for one in answers] == [status, status, 201]
    assert error(answers[0])["errorCode"] == code
    assert len(org.asked(f"SELECT Id FROM Account WHERE Name = 'Twice {step}'")) == 1


def test_a_fault_says_too_many_as_the_vendor_does(org: Org) -> None:
    org.vendor.faults.add(Fault("throttled"), Fault("error_before"))
    throttled, broken = org.call("GET", "limits"), org.call("GET", "limits")
    assert (throttled.status_code, error(throttled)["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "Concurrent" in error(throttled)["message"]
    assert (broken.status_code, error(broken)["errorCode"]) == (500, "UNKNOWN_EXCEPTION")


# Records


def test_a_case_from_opening_to_closing(org: Org) -> None:
    body = {"Subject": "2 pumps leak", "Origin": "Web", "AccountId": org.account()}
    answer = org.call("POST", "sobjects/Case/", body)
    made = answer.json()
    assert (answer.status_code, made["success"], made["errors"]) == (201, True, [])
    assert answer.headers["Location"] == f"{DATA}/sobjects/Case/{made['id']}"
    opened = org.read("Case", made["id"])
    assert opened["attributes"] == {"type": "Case", "url": answer.headers["Location"]}
    assert (opened["Status"], opened["IsClosed"], opened["ClosedDate"], opened["Priority"]) == (
        "New",
        False,
        None,
        "Medium",
    )
    assert len(opened["CaseNumber"]) == 8
    assert opened["OwnerId"] == opened["CreatedById"]
    changed = org.call("PATCH", f"sobjects/Case/{made['id']}", {"Status": "Closed"})
    assert (changed.status_code, changed.content) == (204, b"")
    closed = org.read("Case", made["id"])
    assert closed["IsClosed"] is True
    assert closed["ClosedDate"] == closed["LastModifiedDate"] > opened["LastModifiedDate"]
    assert closed["ClosedDate"].endswith(".000+0000")
    org.call("PATCH", f"sobjects/Case/{made['id']}", {"Subject": "2 pumps leak, seen"})
    assert org.read("Case", made["id"])["ClosedDate"] == closed["ClosedDate"]
    org.call("PATCH", f"sobjects/Case/{made['id']}", {"Status": "Working"})
    assert org.read("Case", made["id"])["ClosedDate"] is None


def test_statuses_belong_to_the_org() -> None:
    with served(seeded=False, case_statuses={"In Prüfung": False, "Erledigt": True}) as org:
        case = org.created("Case", Subject="x")
        assert org.read("Case", case)["Status"] == "In Prüfung"
        refused = org.call("PATCH", f"sobjects/Case/{case}", {"Status": "Closed"})
        assert error(refused)["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        org.call("PATCH", f"sobjects/Case/{case}", {"Status": "Erledigt"})
        assert org.read("Case", case)["IsClosed"] is True
        told = org.asked(
            "SELECT ApiName, MasterLabel, IsClosed, IsDefault, SortOrder FROM CaseStatus ORDER BY SortOrder"
        )
        assert [(one["MasterLabel"], one["IsClosed"], one["IsDefault"]) for one in told] == [
            ("In Prüfung", False, True),
            ("Erledigt", True, False),
        ]
        assert [one["SortOrder"] for one in told] == [1, 2]


UNKNOWN_ID = "500gL0000000zzzQAA"
# What is sent, to where, and the status, code, message and fields of the answer. {account} and others are real ids.
REFUSED: Mapping[str, tuple[str, str, Json, int, str, str, list[str] | None]] = {
    "a field nobody knows": (
        "POST",
        "sobjects/Case",
        {"Colour": "red"},
        400,
        "INVALID_FIELD",
        "No such column 'Colour' on sobject of type Case",
        None,
    ),
    "a number the vendor gives": (
        "POST",
        "sobjects/Case",
        {"CaseNumber": "1", "IsClosed": True},
        400,
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "Unable to create/update fields: CaseNumber, IsClosed",
        ["CaseNumber", "IsClosed"],
    ),
    "a parent that stays": (
        "PATCH",
        "sobjects/ReturnOrderLineItem/{line}",
        {"ReturnOrderId": "{order}"},
        400,
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "ReturnOrderId",
        ["ReturnOrderId"],
    ),
    "a status that is none": (
        "POST",
        "sobjects/Case",
        {"Status": "Foo"},
        400,
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Status: bad value for restricted picklist field: Foo",
        ["Status"],
    ),
    "no status": (
        "PATCH",
        "sobjects/Case/{case}",
        {"Status": None},
        400,
        "REQUIRED_FIELD_MISSING",
        "Required fields are missing: [Status]",
        ["Status"],
    ),
    "a subject too long": (
        "POST",
        "sobjects/Case",
        {"Subject": "x" * 256},
        400,
        "STRING_TOO_LONG",
        "(max length=255)",
        ["Subject"],
    ),
    "no name": ("POST", "sobjects/Account", {}, 400, "REQUIRED_FIELD_MISSING", "[Name]", ["Name"]),
    "a name taken away": (
        "PATCH",
        "sobjects/Account/{account}",
        {"Name": ""},
        400,
        "REQUIRED_FIELD_MISSING",
        "[Name]",
        ["Name"],
    ),
    "an account that is a case": (
        "POST",
        "sobjects/Case",
        {"AccountId": "{case}"},
        400,
        "MALFORMED_ID",
        "Account ID: id value of incorrect type",
        ["AccountId"],
    ),
    "an account that is not there": (
        "POST",
        "sobjects/Case",
        {"AccountId": "001gL0000000zzzQAA"},
        400,
        "INVALID_CROSS_REFERENCE_KEY",
        "invalid cross reference id",
        ["AccountId"],
    ),
    "a line without its order": (
        "POST",
        "sobjects/ReturnOrderLineItem",
        {"Product2Id": "{product}"},
        400,
        "REQUIRED_FIELD_MISSING",
        "[ReturnOrderId]",
        ["ReturnOrderId"],
    ),
    "a line of nothing": (
        "POST",
        "sobjects/ReturnOrderLineItem",
        {"ReturnOrderId": "{order}", "QuantityReturned": 1},
        400,
        "REQUIRED_FIELD_MISSING",
        "Product2Id",
        ["AssetId", "OrderItemId", "Product2Id", "ProductItemId", "ProductRequestLineItemId"],
    ),
    "a plan that is none": (
        "PATCH",
        "sobjects/ReturnOrderLineItem/{line}",
        {"ProcessingPlan": "Burn"},
        400,
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Processing Plan: bad value for restricted picklist field: Burn",
        ["ProcessingPlan"],
    ),
    "more than fits": (
        "PATCH",
        "sobjects/ReturnOrderLineItem/{line}",
        {"QuantityReturned": 10**14},
        400,
        "NUMBER_OUTSIDE_VALID_RANGE",
        "Quantity Returned: value outside of valid range on numeric field: 100000000000000",
        ["QuantityReturned"],
    ),
    "a quantity in words": (
        "PATCH",
        "sobjects/ReturnOrderLineItem/{line}",
        {"QuantityReturned": "two"},
        400,
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of double from VALUE_STRING value two",
        None,
    ),
    "a day where a moment belongs": (
        "POST",
        "sobjects/ReturnOrder",
        {"ExpectedArrivalDate": "2026-11-22"},
        400,
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of datetime",
        None,
    ),
    "an object where text belongs": (
        "POST",
        "sobjects/Case",
        {"Subject": {"text": "x"}},
        400,
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of string from START_OBJECT",
        None,
    ),
    "no mail address": (
        "POST",
        "sobjects/Contact",
        {"LastName": "Desk", "Email": "nowhere"},
        400,
        "INVALID_EMAIL_ADDRESS",
        "Email: invalid email address: nowhere",
        ["Email"],
    ),
    "a list": ("POST", "sobjects/Case", [], 400, "JSON_PARSER_ERROR", "START_ARRAY", None),
    "a number used twice": (
        "POST",
        "sobjects/Case",
        {"RMA_Number__c": "rma-2026-1001"},
        400,
        "DUPLICATE_VALUE",
        "duplicate value found: RMA_Number__c duplicates value on record with id: {case15}",
        [],
    ),
    "a number used twice, by a change": (
        "PATCH",
        "sobjects/Case/{other}",
        {"RMA_Number__c": "RMA-2026-1001"},
        400,
        "DUPLICATE_VALUE",
        "RMA_Number__c duplicates value on record with id: {case15}",
        [],
    ),
    "the key in the body as well": (
        "PATCH",
        "sobjects/Case/RMA_Number__c/RMA-2026-1001",
        {"RMA_Number__c": "RMA-2026-1001"},
        400,
        "INVALID_FIELD",
        "should not be specified in the sobject data",
        ["RMA_Number__c"],
    ),
    "a customer with cases deleted": (
        "DELETE",
        "sobjects/Account/{account}",
        None,
        400,
        "DELETE_FAILED",
        "associated with the following cases",
        [],
    ),
    "what setup alone may write": (
        "POST",
        "sobjects/CaseStatus",
        {},
        405,
        "METHOD_NOT_ALLOWED",
        "not allowed",
        None,
    ),
    "an object nobody knows": ("POST", "sobjects/Thing__c", {}, 404, "NOT_FOUND", "does not exist", None),
    "a version nobody knows": (
        "GET",
        "/services/data/v9.0/sobjects",
        None,
        404,
        "NOT_FOUND",
        "does not exist",
        None,
    ),
    "an id nobody has": ("GET", f"sobjects/Case/{UNKNOWN_ID}", None, 404, "NOT_FOUND", "does not exist", None),
    "an id that is none": (
        "GET",
        "sobjects/Case/xyz",
        None,
        404,
        "NOT_FOUND",
        "Provided external ID field does not exist or is not accessible: xyz",
        None,
    ),
    "a key that is none": (
        "PATCH",
        "sobjects/Case/Subject/x",
        {},
        404,
        "NOT_FOUND",
        "Provided external ID field does not exist or is not accessible: Subject",
        None,
    ),
    "a value nobody has": (
        "GET",
        "sobjects/Case/RMA_Number__c/RMA-0",
        None,
        404,
        "NOT_FOUND",
        "does not exist",
        None,
    ),
    "a change only, of nothing": (
        "PATCH",
        "sobjects/Case/RMA_Number__c/RMA-0?updateOnly=true",
        {"Subject": "x"},
        404,
        "NOT_FOUND",
        "does not exist",
        None,
    ),
    "a method nobody offers": (
        "PUT",
        "sobjects/Case/{case}",
        {},
        405,
        "METHOD_NOT_ALLOWED",
        "not allowed",
        None,
    ),
    "a field asked for that is none": (
        "GET",
        "sobjects/Case/{case}?fields=Id,Colour",
        None,
        400,
        "INVALID_FIELD",
        "No such column 'Colour'",
        None,
    ),
    "an empty query": ("GET", "query?q=", None, 400, "MALFORMED_QUERY", "empty", None),
    "a locator never given": (
        "GET",
        "query/01gxx-2000",
        None,
        400,
        "INVALID_QUERY_LOCATOR",
        "invalid query locator",
        None,
    ),
}


@pytest.fixture(scope="module")
def real(org: Org) -> Mapping[str, str]:
    """Ids of what is there, by the name that the table has for them."""
    case = org.created("Case", Subject="2 pumps leak", RMA_Number__c="RMA-2026-1001", AccountId=org.account())
    order = org.created("ReturnOrder", Status="Submitted", CaseId=case)
    line = org.created("ReturnOrderLineItem", ReturnOrderId=order, Product2Id=org.product(), QuantityReturned=2)
    other = org.created("Case", Subject="another")
    ids = {"case": case, "case15": case[:15], "order": order, "line": line, "other": other}
    return {**ids, "account": org.account(), "product": org.product()}


def filled(value: Json, real: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        return value.format(**real)
    return {name: filled(one, real) for name, one in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_says_what_the_vendor_says(what: str, org: Org, real: Mapping[str, str]) -> None:
    method, path, body, status, code, message, fields = REFUSED[what]
    before = len(org.vendor.step("changes"))
    answer = org.call(method, filled(path, real), filled(body, real))
    told = error(answer)
    assert (answer.status_code, told["errorCode"]) == (status, code), answer.text
    assert filled(message, real) in told["message"]
    assert told.get("fields") == fields
    assert len(org.vendor.step("changes")) == before, "a refusal has changed something"


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "JSON_PARSER_ERROR"),
        (b"", "application/json", 400, "JSON_PARSER_ERROR"),
        (b'{"Subject": "x", "Subject": "y"}', "application/json", 400, "JSON_PARSER_ERROR"),
        (b"<Case/>", "application/xml", 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_a_body_that_is_none(content: bytes, media_type: str, status: int, code: str, org: Org) -> None:
    at = f"{DATA}/sobjects/Case"
    answer = org.client.post(at, content=content, headers={"Content-Type": media_type})
    assert (answer.status_code, error(answer)["errorCode"]) == (status, code)


def test_what_describe_tells_is_what_holds(org: Org) -> None:
    told = org.call("GET", "sobjects/ReturnOrderLineItem/describe").json()
    assert told["keyPrefix"] == "0Zs"
    fields = {one["name"]: one for one in told["fields"]}
    plans = [one["value"] for one in fields["ProcessingPlan"]["picklistValues"]]
    assert plans == ["Repair", "Discard", "Salvage", "Restock"]
    assert (fields["QuantityReturned"]["precision"], fields["QuantityReturned"]["scale"]) == (16, 2)
    order = org.created("ReturnOrder", Status="Draft")
    base = {"ReturnOrderId": order, "Product2Id": org.product()}
    for name, field in fields.items():
        samples = {"double": 1, "currency": 1, "boolean": True, "datetime": "2026-11-22T12:00:00Z"}
        values = [one["value"] for one in field["picklistValues"]]
        if field["type"] in ("reference", "id"):
            continue
        given = values[0] if values else samples.get(field["type"], "x")
        answer = org.call("POST", "sobjects/ReturnOrderLineItem", {**base, name: given})
        if field["createable"] and not (field["unique"] and answer.status_code == 400):
            assert answer.status_code == 201, (name, answer.text)
        else:
            assert error(answer)["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE", name


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b"2", b"2.0"),
        (b"2.50", b"2.5"),
        (b"0.07", b"0.07"),
        (b"12345678901234.56", b"12345678901234.56"),
        (b'"3.25"', b"3.25"),
        (b"-1", b"-1.0"),
        (b"1e3", b"1000.0"),
        (b"0.1234567", b"0.1234567"),
        (b"null", b"null"),
    ],
)
def test_numbers_stay_what_they_are(sent: bytes, shown: bytes, org: Org, real: Mapping[str, str]) -> None:
    at = f"{DATA}/sobjects/ReturnOrderLineItem/{real['line']}"
    headers = {"Content-Type": "application/json"}
    body = b'{"QuantityReturned":' + sent + b"}"
    assert org.client.patch(at, content=body, headers=headers).status_code == 204
    assert b'"QuantityReturned":' + shown + b"," in org.client.get(at).content


def test_an_org_that_rounds() -> None:
    with served(rounded=True) as org:
        order = org.created("ReturnOrder")
        line = org.created("ReturnOrderLineItem", ReturnOrderId=order, Product2Id=org.product(), QuantityReturned=1.005)
        assert org.read("ReturnOrderLineItem", line)["QuantityReturned"] == Decimal("1.01")


@pytest.mark.parametrize(
    "sent",
    [
        "2026-11-22T12:00:00.000+0000",
        "2026-11-22T12:00:00Z",
        "2026-11-22T14:00:00.000+02:00",
        "2026-11-22T07:00:00-0500",
    ],
)
def test_a_moment_is_taken_in_every_spelling(sent: str, org: Org) -> None:
    order = org.created("ReturnOrder", ExpectedArrivalDate=sent)
    assert org.read("ReturnOrder", order)["ExpectedArrivalDate"] == "2026-11-22T12:00:00.000+0000"


def test_an_id_counts_in_15_and_in_18_characters(org: Org) -> None:
    contact = org.created("Contact", LastName="Desk", FirstName="Returns", AccountId=org.account()[:15])
    case = org.created("Case", ContactId=contact[:15])
    assert org.read("Contact", contact[:15])["Name"] == "Returns Desk"
    found = org.read("Case", case)
    assert (found["ContactId"], found["AccountId"]) == (contact, org.account()), "the account is the contact's"
    found = org.asked(f"SELECT Id FROM Case WHERE ContactId = '{contact[:15]}'")
    assert [one["Id"] for one in found] == [case]


def test_only_the_fields_asked_for(org: Org, real: Mapping[str, str]) -> None:
    told = org.call("GET", f"sobjects/Case/{real['case']}?fields=Subject,status").json()
    assert set(told) == {"attributes", "Id", "Subject", "Status"}


def test_deleting_takes_what_lives_and_dies_with_it(org: Org) -> None:
    order = org.created("ReturnOrder")
    line = org.created("ReturnOrderLineItem", ReturnOrderId=order, Product2Id=org.product())
    assert org.call("DELETE", f"sobjects/ReturnOrder/{order}").status_code == 204
    for sobject, gone in (("ReturnOrder", order), ("ReturnOrderLineItem", line)):
        assert org.call("GET", f"sobjects/{sobject}/{gone}").status_code == 404
        again = org.call("DELETE", f"sobjects/{sobject}/{gone}")
        assert (again.status_code, error(again)["errorCode"]) == (404, "ENTITY_IS_DELETED")
        assert org.asked(f"SELECT Id FROM {sobject} WHERE Id = '{gone}'") == []
        query = {"q": f"SELECT Id, IsDeleted FROM {sobject} WHERE Id = '{gone}'"}
        [still] = org.call("GET", "queryAll", params=query).json()["records"]
        assert still["IsDeleted"] is True


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_change_of_what_has_changed_is_refused(method: str, org: Org) -> None:
    case = org.created("Case", Subject="mine")
    seen = org.read("Case", case)["LastModifiedDate"]
    before = datetime.fromisoformat(seen).strftime("%a, %d %b %Y %H:%M:%S GMT")
    org.clock.move(timedelta(minutes=1))
    org.vendor.step("record_changed", sobject="Case", id=case, Subject="theirs")
    headers = {"If-Unmodified-Since": before}
    refused = org.call(
        method, f"sobjects/Case/{case}", {"Subject": "mine"} if method == "PATCH" else None, headers=headers
    )
    assert (refused.status_code, error(refused)["errorCode"]) == (412, "PRECONDITION_FAILED")
    assert org.read("Case", case)["Subject"] == "theirs"
    now = org.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
    again = org.call(
        method,
        f"sobjects/Case/{case}",
        {"Subject": "mine"} if method == "PATCH" else None,
        headers={"If-Unmodified-Since": now},
    )
    assert again.status_code == 204


def test_what_has_not_changed_is_not_sent_again(org: Org, real: Mapping[str, str]) -> None:
    now = org.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
    answer = org.call("GET", f"sobjects/Case/{real['other']}", headers={"If-Modified-Since": now})
    assert (answer.status_code, answer.content) == (304, b"")
    answer = org.call("GET", f"sobjects/Case/{real['other']}", headers={"If-Modified-Since": "yesterday"})
    assert answer.status_code == 200


# Upsert


def test_upsert_creates_once_and_changes_after(org: Org) -> None:
    at = "sobjects/Case/RMA_Number__c/RMA-2026-1002"
    first = org.call("PATCH", at, {"Subject": "a"})
    second = org.call("PATCH", at, {"Subject": "b"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()) == (200, {**first.json(), "created": False})
    found = org.call("GET", at).json()
    assert (found["Id"], found["Subject"], found["RMA_Number__c"]) == (first.json()["id"], "b", "RMA-2026-1002")
    older = org.call("PATCH", f"/services/data/v45.0/{at}", {"Subject": "c"})
    assert (older.status_code, older.content) == (204, b"")
    by_id = org.call("PATCH", f"sobjects/Case/Id/{found['Id']}", {"Subject": "d"})
    assert by_id.status_code == 200
    assert org.call("PATCH", f"{at}?updateOnly=true", {"Subject": "e"}).status_code == 200
    assert [one["Subject"] for one in org.asked("SELECT Subject FROM Case WHERE RMA_Number__c = 'RMA-2026-1002'")] == [
        "e"
    ]


def test_a_key_in_the_path_may_be_anything_that_is_encoded(org: Org) -> None:
    for encoded, value in (("RMA%201001%2FA", "RMA 1001/A"), ("RMA+1001%2FA", "RMA+1001/A"), ("%C5%81-7", "Ł-7")):
        made = org.call("PATCH", f"sobjects/Case/RMA_Number__c/{encoded}", {"Subject": "x"})
        assert made.status_code == 201
        assert org.read("Case", made.json()["id"])["RMA_Number__c"] == value


def test_a_parent_is_named_by_its_external_id(org: Org) -> None:
    at = "sobjects/Case/RMA_Number__c/RMA-2026-1004"
    body = {"Subject": "x", "Account": {"Customer_Number__c": "c-1061"}}
    assert org.call("PATCH", at, body).status_code == 201
    assert org.call("GET", at).json()["AccountId"] == org.account("C-1061")
    unknown = "C-9999 not found for field Customer_Number__c in entity Account"
    for wrong, message in (
        ({"Account": {"Customer_Number__c": "C-9999"}}, unknown),
        ({"Account": {"Name": "Northgate Valve Co."}}, "one external id field of Account"),
        ({"Account": {}}, "one external id field of Account"),
        ({"Account": "C-1061"}, "No such column 'Account'"),
        ({"Warehouse": {"Code__c": "1"}}, "No such column 'Warehouse'"),
    ):
        refused = org.call("PATCH", at, wrong)
        assert (refused.status_code, error(refused)["errorCode"]) == (400, "INVALID_FIELD")
        assert message in error(refused)["message"]


def test_several_matches_are_300_and_nothing_is_done() -> None:
    with served(fields={"Case": {"RMA_Number__c": {"unique": False}}}) as org:
        ids = [org.created("Case", RMA_Number__c="RMA-1", Subject="x") for _ in range(2)]
        at = "sobjects/Case/RMA_Number__c/RMA-1"
        for method, body in (("GET", None), ("PATCH", {"Subject": "y"}), ("DELETE", None)):
            answer = org.call(method, at, body)
            assert (answer.status_code, answer.json()) == (300, [f"{DATA}/sobjects/Case/{one}" for one in ids])
        assert [org.read("Case", one)["Subject"] for one in ids] == ["x", "x"]
        [other] = (org.call("DELETE", f"sobjects/Case/{ids[0]}"),)
        assert other.status_code == 204
        assert org.call("PATCH", at, {"Subject": "y"}).json() == {
            "id": ids[1],
            "success": True,
            "errors": [],
            "created": False,
        }


def test_two_upserts_of_one_key_overlap(org: Org) -> None:
    at = "sobjects/Case/RMA_Number__c/RMA-2026-1003"
    org.vendor.step("upsert_overlaps", sobject="Case", field="RMA_Number__c", value="RMA-2026-1003", Subject="theirs")
    lost = org.call("PATCH", at, {"Subject": "mine"})
    assert (lost.status_code, error(lost)["errorCode"]) == (400, "DUPLICATE_VALUE")
    assert org.call("GET", at).json()["Subject"] == "theirs"
    assert org.call("PATCH", at, {"Subject": "mine"}).json()["created"] is False


@pytest.mark.parametrize("held", ["case", "account"])
def test_a_row_that_another_holds(held: str, org: Org, real: Mapping[str, str]) -> None:
    org.vendor.step("row_locked", id=real[held], times=2)
    answers = [org.call("PATCH", f"sobjects/Case/{real['case']}", {"Comments": held}) for _ in range(3)]
    assert [one.status_code for one in answers] == [400, 400, 204]
    assert error(answers[0])["errorCode"] == "UNABLE_TO_LOCK_ROW"
    assert error(answers[0])["message"] == "unable to obtain exclusive access to this record"


# How the org is set up


def test_validation_rules_duplicate_rules_and_permissions() -> None:
    closed = Rule("Case", lambda case: case["IsClosed"] and not case["Reason"], "Say why it is closed.", "Reason")
    switches: Json = {"validation": [closed], "duplicates": {"Account": "Name"}, "read_only": ["Product2"]}
    with served(**switches) as org:
        case = org.created("Case", Subject="x")
        refused = org.call("PATCH", f"sobjects/Case/{case}", {"Status": "Closed"})
        assert error(refused) == {
            "message": "Say why it is closed.",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": ["Reason"],
        }
        assert (
            org.call("PATCH", f"sobjects/Case/{case}", {"Status": "Closed", "Reason": "Breakdown"}).status_code == 204
        )
        same = org.call("POST", "sobjects/Account", {"Name": "Northgate Valve Co."})
        assert (same.status_code, error(same)["errorCode"]) == (400, "DUPLICATES_DETECTED")
        [match] = error(same)["duplicateResult"]["matchResults"][0]["matchRecords"]
        assert match["record"]["Id"] == org.account("C-1061")
        headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
        assert org.call("POST", "sobjects/Account", {"Name": "Northgate Valve Co."}, headers=headers).status_code == 201
        for method, at in (("POST", "sobjects/Product2"), ("DELETE", f"sobjects/Product2/{org.product()}")):
            answer = org.call(method, at, {"Name": "x"} if method == "POST" else None)
            assert (answer.status_code, error(answer)["errorCode"]) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")


def test_return_orders_come_with_a_licence() -> None:
    with served(seeded=False, field_service=False) as org:
        assert org.call("POST", "sobjects/ReturnOrder", {}).status_code == 404
        answer = org.call("GET", "query", params={"q": "SELECT Id FROM ReturnOrder"})
        assert error(answer)["errorCode"] == "INVALID_TYPE"
    with served(seeded=False, field_service=False, order_management=True) as org:
        refused = org.call("POST", "sobjects/ReturnOrder", {"Status": "Draft"})
        assert error(refused)["fields"] == ["Status"]
        assert org.call("POST", "sobjects/ReturnOrder", {"Status": "Approved"}).status_code == 201


def test_fields_of_an_orgs_own() -> None:
    own: Json = {
        "Case": {"Dock__c": {"values": ["North", "South"], "restricted": True}, "Pallets__c": {"type": "int"}},
        "Account": {"Tax_Number__c": {"unique": True}},
    }
    with served(seeded=False, fields=own) as org:
        org.created("Account", Name="one", Tax_Number__c="T-1")
        clash = org.call("POST", "sobjects/Account", {"Name": "two", "Tax_Number__c": "t-1"})
        assert error(clash)["errorCode"] == "DUPLICATE_VALUE"
        assert org.call("GET", "sobjects/Account/Tax_Number__c/T-1").status_code == 404, "unique, but no external id"
        case = org.created("Case", Dock__c="North", Pallets__c=3)
        assert [org.read("Case", case)[name] for name in own["Case"]] == ["North", 3]
        refused = org.call("PATCH", f"sobjects/Case/{case}", {"Dock__c": "East"})
        assert error(refused)["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    with pytest.raises(ValueError, match="no object"):
        simulator(fields={"Cases": {}})


# The story


def test_the_seeded_org_tells_the_same_story_as_the_demo() -> None:
    with served() as org:
        demo = parse(DEMO.read_bytes())
        assert len(demo) >= 25
        told = org.asked(
            "SELECT OrderReferenceNumber, CurrencyIsoCode, EffectiveDate, Account.Name, Account.AccountNumber, "
            "(SELECT UnitPrice, Product2.StockKeepingUnit FROM OrderItems ORDER BY OrderItemNumber) FROM Order"
        )
        assert {
            one["OrderReferenceNumber"]: (
                one["CurrencyIsoCode"],
                one["EffectiveDate"],
                one["Account"]["Name"],
                one["Account"]["AccountNumber"],
                [line["UnitPrice"] for line in one["OrderItems"]["records"]],
            )
            for one in told
        } == {
            record["order"]: (
                record["currency"],
                record["invoice"]["issueDate"],
                record["customer"]["name"],
                record["customer"]["id"],
                [Decimal(line["unitPrice"]) for line in record["lines"].values()],
            )
            for record in demo.values()
        }
        again = org.client.post("/_sandbox/seed")
        assert again.json() == org.ids
        assert len(org.asked("SELECT Id FROM Order")) == len(told), "seeding twice adds nothing"


def test_changes_can_be_followed() -> None:
    with served(seeded=False) as org:
        opened = org.client.post("/_sandbox/step/case_opened", json={"subject": "2 pumps leak"}).json()
        org.call("PATCH", f"sobjects/Case/{opened['Id']}", {"Status": "Closed"})
        org.call("PATCH", f"sobjects/Case/{opened['Id']}", {"Status": "Nonsense"})
        rolled_back = [part("a", "POST", "sobjects/Case", {"Subject": "x"}), part("b", "GET", "nowhere")]
        assert [one["httpStatusCode"] for one in composite(org, rolled_back, together=True)] == [400, 404]
        org.vendor.step("record_deleted", sobject="Case", id=opened["Id"])
        told = org.client.post("/_sandbox/step/changes", json={"after": 0}).json()
        heads = [one["ChangeEventHeader"] for one in told]
        assert [(one["changeType"], one["recordIds"]) for one in heads] == [
            (kind, [opened["Id"]]) for kind in ("CREATE", "UPDATE", "DELETE")
        ]
        assert heads[1]["changedFields"] == ["Status", "LastModifiedDate"]
        assert org.vendor.step("changes", after=told[-1]["replayId"]) == []
        refused = org.client.post("/_sandbox/step/record_changed", json={"sobject": "Case", "id": opened["Id"]})
        assert (refused.status_code, "NOT_FOUND" in refused.json()["error"]) == (400, True)


# Queries


@pytest.fixture(scope="module")
def asking() -> Iterator[Org]:
    with served(page_size=2000) as org:
        people = {"C-1042": "O'Hara & Söhne", "C-1055": 'back\\slash "q"', "C-1061": None}
        for place, (number, subject) in enumerate(people.items()):
            fields = {"Subject": subject, "RMA_Number__c": f"RMA-{place}", "AccountId": org.account(number)}
            org.created(
                "Case", **fields, Status="Closed" if place == 2 else "New", Priority=("High", "Low", "Medium")[place]
            )
        order = org.created("ReturnOrder", CaseId=org.asked("SELECT Id FROM Case ORDER BY RMA_Number__c")[0]["Id"])
        for quantity in (1, 2.5, 10):
            org.created("ReturnOrderLineItem", ReturnOrderId=order, Product2Id=org.product(), QuantityReturned=quantity)
        yield org


FOUND: Mapping[str, tuple[str, ...]] = {
    "FROM Case": ("RMA-0", "RMA-1", "RMA-2"),
    "from case order by rma_number__c desc": ("RMA-2", "RMA-1", "RMA-0"),
    "FROM Case WHERE Subject = 'o\\'hara & söhne'": ("RMA-0",),
    "FROM Case WHERE Subject = 'back\\\\slash \\\"q\\\"'": ("RMA-1",),
    "FROM Case WHERE Subject = null": ("RMA-2",),
    "FROM Case WHERE Subject != null": ("RMA-0", "RMA-1"),
    "FROM Case WHERE Subject != 'O\\'Hara & Söhne'": ("RMA-1", "RMA-2"),
    "FROM Case WHERE Subject LIKE '%hara%'": ("RMA-0",),
    "FROM Case WHERE Subject LIKE 'o%h%ra%&%söhne'": ("RMA-0",),
    "FROM Case WHERE RMA_Number__c LIKE 'rma-_'": ("RMA-0", "RMA-1", "RMA-2"),
    "FROM Case WHERE RMA_Number__c LIKE 'rma-\\_'": (),
    "FROM Case WHERE RMA_Number__c IN ('RMA-1', 'RMA-2', 'RMA-9')": ("RMA-1", "RMA-2"),
    "FROM Case WHERE RMA_Number__c NOT IN ('RMA-1')": ("RMA-0", "RMA-2"),
    "FROM Case WHERE IsClosed = true": ("RMA-2",),
    "FROM Case WHERE IsClosed = false AND Priority = 'Low'": ("RMA-1",),
    "FROM Case WHERE Priority = 'High' OR Priority = 'Low'": ("RMA-0", "RMA-1"),
    "FROM Case WHERE NOT (Priority = 'High' OR Priority = 'Low')": ("RMA-2",),
    "FROM Case WHERE (Priority = 'High' OR Priority = 'Low') AND IsClosed = false": ("RMA-0", "RMA-1"),
    "FROM Case WHERE Account.Name LIKE 'Northgate%'": ("RMA-2",),
    "FROM Case WHERE CreatedDate = TODAY": ("RMA-0", "RMA-1", "RMA-2"),
    "FROM Case WHERE CreatedDate < TODAY": (),
    "FROM Case WHERE CreatedDate > YESTERDAY AND CreatedDate >= LAST_N_DAYS:3": ("RMA-0", "RMA-1", "RMA-2"),
    "FROM Case WHERE SystemModstamp > 2026-11-22T09:00:00Z": ("RMA-0", "RMA-1", "RMA-2"),
    "FROM Case WHERE SystemModstamp >= 2026-11-22T11:00:00+0100 AND CreatedDate = THIS_MONTH": (
        "RMA-0",
        "RMA-1",
        "RMA-2",
    ),
    "FROM Case WHERE ClosedDate = LAST_MONTH": (),
    "FROM Case ORDER BY Subject": ("RMA-2", "RMA-1", "RMA-0"),
    "FROM Case ORDER BY Subject DESC NULLS LAST": ("RMA-0", "RMA-1", "RMA-2"),
    "FROM Case ORDER BY Account.Name, RMA_Number__c LIMIT 2": ("RMA-0", "RMA-1"),
    "FROM Case ORDER BY RMA_Number__c LIMIT 1 OFFSET 1": ("RMA-1",),
}


@pytest.mark.parametrize("rest", FOUND)
def test_a_query_finds_what_it_asks_for(rest: str, asking: Org) -> None:
    assert tuple(one["RMA_Number__c"] for one in asking.asked(f"SELECT RMA_Number__c {rest}")) == FOUND[rest]


def test_what_a_query_shows(asking: Org) -> None:
    soql = (
        "SELECT Id, Account.Name, Contact.Name, (SELECT Id FROM ReturnOrders) FROM Case WHERE RMA_Number__c = 'RMA-0'"
    )
    [shown] = asking.asked(soql)
    assert shown["Account"]["Name"] == "Bluebonnet Industrial Supply"
    assert shown["Account"]["attributes"]["type"] == "Account"
    assert (shown["Contact"], shown["ReturnOrders"]["totalSize"]) == (None, 1)
    numbers = asking.asked(
        "SELECT QuantityReturned FROM ReturnOrderLineItem WHERE QuantityReturned > 2 ORDER BY QuantityReturned DESC"
    )
    assert [one["QuantityReturned"] for one in numbers] == [Decimal(10), Decimal("2.5")]
    days = asking.asked("SELECT Id FROM Order WHERE EffectiveDate >= 2026-10-28 AND EffectiveDate < 2026-10-30")
    assert len(days) == 2
    counted = asking.call("GET", "query/", params={"q": "SELECT COUNT() FROM ReturnOrderLineItem"}).json()
    assert counted == {"totalSize": 3, "done": True, "records": []}


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        ("SELECT Id FORM Case", "MALFORMED_QUERY", "unexpected token: "),
        ("SELECT FROM Case", "MALFORMED_QUERY", "unexpected token: 'FROM'"),
        ("SELECT Id FROM Case WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Case WHERE Subject = 'open", "MALFORMED_QUERY", "unexpected token: "),
        ("SELECT Id FROM Case LIMIT 1 LIMIT 2", "MALFORMED_QUERY", "unexpected token: 'LIMIT'"),
        ("SELECT Id FROM Case LIMIT -1", "MALFORMED_QUERY", "unexpected token: '-1'"),
        ("SELECT Id FROM Case WHERE Id = '1' AND Id = '2' OR Id = '3'", "MALFORMED_QUERY", "unexpected token: 'OR'"),
        ("SELECT Id FROM Case WHERE CreatedDate > 2026-13-01T00:00:00Z", "MALFORMED_QUERY", "no viable alternative"),
        ("SELECT (SELECT Id FROM ReturnOrders FROM Case", "MALFORMED_QUERY", "<EOF>"),
        ("DELETE FROM Case", "MALFORMED_QUERY", "unexpected token: 'DELETE'"),
        (
            "SELECT Colour FROM Case",
            "INVALID_FIELD",
            "ERROR at Row:1:Column:8\nNo such column 'Colour' on entity 'Case'",
        ),
        ("SELECT Id FROM Case WHERE Colour = 'red'", "INVALID_FIELD", "Column:27"),
        ("SELECT Warehouse.Name FROM Case", "INVALID_FIELD", "Didn't understand relationship 'Warehouse'"),
        (
            "SELECT Id FROM Case WHERE Status = 3",
            "INVALID_FIELD",
            "must be of type picklist and should be enclosed in quotes",
        ),
        ("SELECT Id FROM Case WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD", "must be of type datetime"),
        ("SELECT Id FROM Case WHERE AccountId LIKE '001%'", "INVALID_FIELD", "invalid operator on id field"),
        ("SELECT Id FROM Case WHERE Subject LIKE null", "MALFORMED_QUERY", "unexpected token: 'null'"),
        ("SELECT Id FROM Case WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Case ORDER BY Description", "INVALID_FIELD", "can not be sorted"),
        ("SELECT Id FROM Cases", "INVALID_TYPE", "sObject type 'Cases' is not supported."),
        ("SELECT (SELECT Id FROM Widgets) FROM Case", "INVALID_TYPE", "Didn't understand relationship 'Widgets'"),
        ("SELECT Id FROM Case OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        ("SELECT Id FROM Case WHERE " + "(" * 60 + "Id = '1'" + ")" * 60, "QUERY_TOO_COMPLICATED", "too deeply"),
    ],
)
def test_a_query_that_cannot_be_run(soql: str, code: str, message: str, asking: Org) -> None:
    answer = asking.call("GET", "query", params={"q": soql})
    assert (answer.status_code, error(answer)["errorCode"]) == (400, code), answer.text
    assert message in error(answer)["message"]


def test_a_long_result_comes_in_pages() -> None:
    with served(page_size=2) as org:
        answer = org.call("GET", "query", params={"q": "SELECT Name FROM Account ORDER BY Name"}).json()
        total, names, pages = answer["totalSize"], [one["Name"] for one in answer["records"]], 1
        assert (answer["done"], len(names)) == (False, 2)
        first = answer["nextRecordsUrl"]
        org.created("Account", Name="A new one that was not there")
        while not answer["done"]:
            answer = org.call("GET", answer["nextRecordsUrl"]).json()
            names += [one["Name"] for one in answer["records"]]
            pages += 1
        assert "nextRecordsUrl" not in answer
        assert (len(names), len(set(names)), pages) == (total, total, (total + 1) // 2)
        assert org.call("GET", first).status_code == 200
        for _ in range(10):
            org.call("GET", "query", params={"q": "SELECT Name FROM Account"})
        assert error(org.call("GET", first))["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_a_client_may_ask_for_smaller_pages() -> None:
    with served(seeded=False) as org:
        for _ in range(201):
            org.vendor.step("case_opened", subject="x")
        headers = {"Sforce-Query-Options": "batchSize=50"}
        told = org.call("GET", "query", params={"q": "SELECT Id FROM Case"}, headers=headers).json()
        assert (len(told["records"]), told["totalSize"], told["done"]) == (200, 201, False), "200 is the smallest"


# Composite


def part(name: str, method: str, path: str, body: Json = None, **more: Json) -> Json:
    return {"method": method, "url": f"{DATA}/{path}", "referenceId": name, "body": body, **more}


def returning(org: Org, rma: str, *, line: Json) -> list[Json]:
    return [
        part("case", "PATCH", f"sobjects/Case/RMA_Number__c/{rma}", {"Subject": rma, "AccountId": org.account()}),
        part(
            "order",
            "PATCH",
            f"sobjects/ReturnOrder/RMA_Number__c/{rma}",
            {"Status": "Submitted", "CaseId": "@{case.id}"},
        ),
        part(
            "line",
            "PATCH",
            f"sobjects/ReturnOrderLineItem/RMA_Line__c/{rma}.1",
            {"ReturnOrderId": "@{order.id}", "Product2Id": org.product(), "QuantityReturned": 2, **line},
        ),
        part("seen", "GET", "sobjects/Case/@{case.id}?fields=Subject"),
        part("found", "GET", "query?q=SELECT+Id,+CaseNumber+FROM+Case+WHERE+Id='@{case.id}'"),
        part("named", "PATCH", "sobjects/Case/@{case.id}", {"Comments": "number @{found.records[0].CaseNumber}"}),
    ]


def composite(org: Org, parts: list[Json], *, together: bool = False) -> list[Json]:
    answer = org.call("POST", "composite", {"allOrNone": together, "compositeRequest": parts})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["compositeResponse"])


def test_parts_use_what_parts_before_them_were_answered(org: Org) -> None:
    used = int(org.call("GET", "limits").headers["Sforce-Limit-Info"].split("=")[1].split("/")[0])
    told = composite(org, returning(org, "RMA-2026-1010", line={}))
    assert [one["httpStatusCode"] for one in told] == [201, 201, 201, 200, 200, 204]
    assert [one["referenceId"] for one in told] == ["case", "order", "line", "seen", "found", "named"]
    assert told[0]["httpHeaders"]["Location"].endswith(told[0]["body"]["id"])
    assert told[3]["body"]["Subject"] == "RMA-2026-1010"
    assert told[5]["body"] is None
    case = org.read("Case", told[0]["body"]["id"])
    assert case["Comments"] == f"number {case['CaseNumber']}"
    line = org.read("ReturnOrderLineItem", told[2]["body"]["id"])
    assert line["ReturnOrderId"] == told[1]["body"]["id"]
    after = int(org.call("GET", "limits").headers["Sforce-Limit-Info"].split("=")[1].split("/")[0])
    assert after - used <= 4, "a composite is one call"


@pytest.mark.parametrize("together", [True, False])
def test_a_part_that_fails(together: bool, org: Org) -> None:
    rma = f"RMA-2026-102{together:d}"
    parts = returning(org, rma, line={"ProcessingPlan": "Burn"})
    parts += [part("after", "GET", "sobjects/ReturnOrderLineItem/@{line.id}")]
    told = composite(org, parts, together=together)
    statuses = [one["httpStatusCode"] for one in told]
    codes = [one["body"][0]["errorCode"] if one["httpStatusCode"] >= 400 else "" for one in told]
    kept = org.asked(f"SELECT Id FROM Case WHERE RMA_Number__c = '{rma}'")
    halted, bad = "PROCESSING_HALTED", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    if together:
        assert (statuses, kept) == ([400] * 7, [])
        assert codes == [halted, halted, bad, halted, halted, halted, halted]
        assert "rolled back" in told[0]["body"][0]["message"]
    else:
        assert (statuses, len(kept)) == ([201, 201, 400, 200, 200, 204, 400], 1)
        assert (codes[2], codes[6]) == (bad, halted)
        assert "No value for line.id" in told[6]["body"][0]["message"]


def test_what_was_rolled_back_can_be_done_again(org: Org) -> None:
    composite(org, returning(org, "RMA-2026-1030", line={"ProcessingPlan": "Burn"}), together=True)
    told = composite(org, returning(org, "RMA-2026-1030", line={}), together=True)
    assert [one["httpStatusCode"] for one in told] == [201, 201, 201, 200, 200, 204]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "JSON_PARSER_ERROR"),
        ({}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": []}, "INVALID_INPUT"),
        ({"compositeRequest": [part(f"p{n}", "GET", "limits") for n in range(26)]}, "LIMIT_EXCEEDED"),
        ({"compositeRequest": [part("p", "GET", "limits"), part("p", "GET", "limits")]}, "INVALID_INPUT"),
        ({"compositeRequest": [part("p q", "GET", "limits")]}, "INVALID_INPUT"),
        ({"compositeRequest": [part("p", "GET", "limits", httpHeaders={"Accept": "x"})]}, "INVALID_INPUT"),
        ({"compositeRequest": [{"method": "GET", "url": DATA}]}, "JSON_PARSER_ERROR"),
        ({"compositeRequest": [part("p", "FETCH", "limits")]}, "JSON_PARSER_ERROR"),
        ({"allOrNone": "yes", "compositeRequest": [part("p", "GET", "limits")]}, "JSON_PARSER_ERROR"),
    ],
)
def test_a_composite_that_is_none(body: Json, code: str, org: Org) -> None:
    answer = org.call("POST", "composite", body)
    assert (answer.status_code, error(answer)["errorCode"]) == (400, code)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "limits", 200),
        ("GET", "nowhere", 404),
        ("PUT", "limits", 405),
        ("POST", "composite", 404),
        ("GET", "../v9.0/limits", 404),
        ("GET", "sobjects/Case/RMA_Number__c/RMA-0", 404),
    ],
)
def test_a_part_answers_as_the_call_alone_would(method: str, path: str, status: int, org: Org) -> None:
    [told] = composite(org, [part("one", method, path)])
    assert told["httpStatusCode"] == status


# Bulk


ROWS = (
    "RMA_Number__c,Subject,Status,AccountId\n"
    'RMA-B-1,"2 pumps, leaking",New,{account}\n'
    "RMA-B-2,4 gaskets,Closed,#N/A\n"
    "RMA-B-3,a status that is none,Nonsense,\n"
    "RMA-B-1,again,Closed,\n"
)


def test_rows_are_upserted_in_bulk(org: Org) -> None:
    job = {
        "operation": "upsert",
        "object": "Case",
        "externalIdFieldName": "RMA_Number__c",
        "contentType": "CSV",
        "lineEnding": "LF",
    }
    opened = org.call("POST", "jobs/ingest", job).json()
    assert (opened["state"], opened["contentUrl"]) == ("Open", f"{DATA[1:]}/jobs/ingest/{opened['id']}/batches")
    at = f"jobs/ingest/{opened['id']}"
    rows = ROWS.format(account=org.account()).encode()
    csv = {"Content-Type": "text/csv"}
    assert org.client.put(f"{DATA}/{at}/batches/", content=rows, headers=csv).status_code == 201
    assert error(org.client.put(f"{DATA}/{at}/batches", content=rows, headers=csv))["errorCode"] == "INVALIDJOBSTATE"
    assert org.call("PATCH", at, {"state": "UploadComplete"}).json()["state"] == "UploadComplete"
    assert org.call("GET", at).json()["state"] == "InProgress"
    assert org.asked("SELECT Id FROM Case WHERE RMA_Number__c LIKE 'RMA-B-%'") == []
    done = org.call("GET", at).json()
    assert (done["state"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == ("JobComplete", 4, 1)
    good = org.call("GET", f"{at}/successfulResults").text.splitlines()
    assert good[0] == '"sf__Id","sf__Created","RMA_Number__c","Subject","Status","AccountId"'
    assert [line.split(",")[1] for line in good[1:]] == ['"true"', '"true"', '"false"']
    [_, failed] = org.call("GET", f"{at}/failedResults/").text.splitlines()
    assert "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Status: bad value" in failed
    found = org.asked(
        "SELECT Subject, IsClosed, AccountId FROM Case WHERE RMA_Number__c LIKE 'RMA-B-%' ORDER BY RMA_Number__c"
    )
    assert [(one["Subject"], one["IsClosed"], one["AccountId"]) for one in found] == [
        ("again", True, None),
        ("4 gaskets", True, None),
    ]
    assert org.call("DELETE", at).status_code == 204
    assert org.call("GET", at).status_code == 404


@pytest.mark.parametrize(
    ("job", "rows", "state", "message"),
    [
        ({"operation": "insert", "object": "Case"}, b"Colour\nred\n", "Failed", "Field name not found : Colour"),
        ({"operation": "insert", "object": "Case"}, b'Subject\n"open\n', "Failed", "Failed to parse CSV"),
        (
            {"operation": "insert", "object": "Case", "columnDelimiter": "TAB"},
            b"Subject\tStatus\nx\tNew\n",
            "JobComplete",
            "",
        ),
        ({"operation": "insert", "object": "Product2"}, b"Name,IsActive\nPump,true\n", "JobComplete", ""),
    ],
)
def test_a_job_by_what_it_is_fed(job: Json, rows: bytes, state: str, message: str, org: Org) -> None:
    at = f"jobs/ingest/{org.call('POST', 'jobs/ingest', job).json()['id']}"
    org.client.put(f"{DATA}/{at}/batches", content=rows, headers={"Content-Type": "text/csv"})
    org.call("PATCH", at, {"state": "UploadComplete"})
    told = [org.call("GET", at).json() for _ in range(2)][1]
    assert (told["state"], told["numberRecordsFailed"]) == (state, 0)
    assert message in told.get("errorMessage", "")


@pytest.mark.parametrize(
    ("job", "code"),
    [
        ({"operation": "insert", "object": "Thing"}, "INVALIDJOB"),
        ({"operation": "burn", "object": "Case"}, "INVALIDJOB"),
        ({"operation": "upsert", "object": "Case"}, "INVALIDJOB"),
        ({"operation": "upsert", "object": "Case", "externalIdFieldName": "Subject"}, "INVALIDJOB"),
        ({"operation": "insert", "object": "Case", "contentType": "XML"}, "INVALIDJOB"),
        ([], "JSON_PARSER_ERROR"),
    ],
)
def test_a_job_that_cannot_be_opened(job: Json, code: str, org: Org) -> None:
    answer = org.call("POST", "jobs/ingest", job)
    assert (answer.status_code, error(answer)["errorCode"]) == (400, code)


def test_a_job_is_aborted_and_then_does_nothing(org: Org) -> None:
    at = f"jobs/ingest/{org.call('POST', 'jobs/ingest', {'operation': 'insert', 'object': 'Account'}).json()['id']}"
    wrong = org.client.put(f"{DATA}/{at}/batches", content=b"{}", headers={"Content-Type": "application/json"})
    assert (wrong.status_code, error(wrong)["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    org.client.put(f"{DATA}/{at}/batches", content=b"Name\nNobody\n", headers={"Content-Type": "text/csv"})
    assert org.call("PATCH", at, {"state": "Aborted"}).json()["state"] == "Aborted"
    assert [org.call("GET", at).json()["state"] for _ in range(3)] == ["Aborted"] * 3
    assert error(org.call("PATCH", at, {"state": "UploadComplete"}))["errorCode"] == "INVALIDJOBSTATE"
    assert org.asked("SELECT Id FROM Account WHERE Name = 'Nobody'") == []


# What goes wrong in between


def attempts(do: Callable[[], httpx.Response]) -> list[int]:
    """Call until it is answered well, as a client that tries again does; return the statuses, 0 for a cut."""
    statuses: list[int] = []
    while len(statuses) < 3:
        try:
            statuses.append(do().status_code)
        except httpx.RemoteProtocolError:
            statuses.append(0)
        if statuses[-1] in (200, 201, 204, 400):
            break
    return statuses


@pytest.mark.parametrize("kind", ["error_after", "cut_after", "truncated"])
def test_an_upsert_repeated_after_a_fault_is_one_record(kind: Any, org: Org) -> None:
    rma = f"RMA-{kind}".replace("_", "-")
    at = f"sobjects/Case/RMA_Number__c/{rma}"
    org.vendor.faults.add(Fault(kind, match=f"PATCH *{rma}"))
    first = attempts(lambda: org.call("PATCH", at, {"Subject": "x"}))
    if kind == "truncated":
        org.call("PATCH", at, {"Subject": "x"})
    assert first[-1] in (200, 201)
    assert len(org.asked(f"SELECT Id FROM Case WHERE RMA_Number__c = '{rma}'")) == 1


@pytest.mark.parametrize(
    ("kind", "fields", "statuses", "records"),
    [
        ("error_before", {"RMA_Number__c": "RMA-F-1"}, [500, 201], 1),
        ("cut_before", {"RMA_Number__c": "RMA-F-2"}, [0, 201], 1),
        ("html", {"RMA_Number__c": "RMA-F-3"}, [502, 201], 1),
        ("error_after", {"RMA_Number__c": "RMA-F-4"}, [500, 400], 1),
        ("cut_after", {"RMA_Number__c": "RMA-F-5"}, [0, 400], 1),
        ("error_after", {}, [500, 201], 2),
        ("cut_after", {}, [0, 201], 2),
    ],
)
def test_a_create_repeated_after_a_fault(kind: Any, fields: Json, statuses: list[int], records: int) -> None:
    """A unique key keeps the second record out; without one the vendor promises nothing."""
    with served(seeded=False) as org:
        org.vendor.faults.add(Fault(kind, match="POST *Case"))
        assert attempts(lambda: org.call("POST", "sobjects/Case", {"Subject": "x", **fields})) == statuses
        assert len(org.asked("SELECT Id FROM Case")) == records


@pytest.mark.parametrize("kind", ["error_after", "cut_after"])
def test_a_composite_of_upserts_repeated_after_a_fault_is_one_return(kind: Any, org: Org) -> None:
    rma = f"RMA-C-{kind.replace('_', '-')}"
    org.vendor.faults.add(Fault(kind, match="POST *composite"))
    parts = returning(org, rma, line={})
    with suppress(httpx.RemoteProtocolError):
        lost = org.call("POST", "composite", {"compositeRequest": parts})
        assert lost.status_code == 500
    told = composite(org, parts)
    assert [one["httpStatusCode"] for one in told] == [200, 200, 400, 200, 200, 204]
    assert told[2]["body"][0]["fields"] == ["ReturnOrderId"], "a line's parent is given on create and never again"
    for sobject, field in (
        ("Case", "RMA_Number__c"),
        ("ReturnOrder", "RMA_Number__c"),
        ("ReturnOrderLineItem", "RMA_Line__c"),
    ):
        assert len(org.asked(f"SELECT Id FROM {sobject} WHERE {field} LIKE '{rma}%'")) == 1


def test_a_stale_read_gives_what_it_gave_before(org: Org) -> None:
    case = org.created("Case", Subject="before")
    org.read("Case", case)
    org.call("PATCH", f"sobjects/Case/{case}", {"Subject": "after"})
    org.vendor.faults.add(Fault("stale", match="GET *"))
    assert [org.read("Case", case)["Subject"] for _ in range(2)] == ["before", "after"]


def test_the_calls_are_listed_without_any_secret(org: Org) -> None:
    listed = org.client.get("/_sandbox/calls").text
    assert "/services/oauth2/token" in listed
    assert not [
        secret for secret in (APP["client_secret"], org.client.headers["Authorization"][7:]) if secret in listed
    ]
