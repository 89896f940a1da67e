"""The AvaTax simulator over HTTP: its taxes, the life of a document, and every way in which it says no."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openreturns._json import dump, parse
from openreturns.sandbox import Clock, Fault, Simulator, serving
from openreturns_adapters.avatax.simulator import simulator

Model = dict[str, Any]

ORDERS = Path(__file__).parents[2] / "docs" / "demo" / "orders.json"
LICENCE = ("2000000000", "sandbox-license-key")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AUSTIN = {
    "shipFrom": {"line1": "1 Main St", "city": "Irvine", "region": "CA", "country": "US", "postalCode": "92615"},
    "shipTo": {"line1": "100 Main St", "city": "Austin", "region": "TX", "country": "US", "postalCode": "78701"},
}
SALE: Model = {
    "type": "SalesInvoice",
    "date": "2026-11-01",
    "customerCode": "C-1001",
    "currencyCode": "USD",
    "commit": True,
    "addresses": AUSTIN,
    "lines": [
        {"number": "1", "quantity": 2, "amount": Decimal("241.00"), "itemCode": "P-100", "taxCode": "P0000000"},
        {"number": "2", "quantity": 4, "amount": Decimal("12.00"), "itemCode": "G-7", "taxCode": "P0000000"},
    ],
}
RETURN: Model = {
    **SALE,
    "type": "ReturnInvoice",
    "date": "2026-11-25",
    "referenceCode": "INV-778",
    "lines": [{**line, "amount": -line["amount"]} for line in SALE["lines"]],
}
SAVED = {**SALE, "commit": False}
BY_TAX_DATE = {"type": "TaxDate", "taxDate": "2026-11-01", "reason": "Return"}
REFUND = {"refundDate": "2026-11-25"}
FULL_TAX = Decimal("20.87")

codes = (f"T-{number}" for number in itertools.count(1))


# --- talking to it -------------------------------------------------------------------------------------------------


class Talk:
    """A client that holds every answer to the description, and to the id that every answer carries."""

    def __init__(self, simulated: Simulator, address: str, client: httpx.Client) -> None:
        self.simulator = simulated
        self.address = address
        self._client = client
        self._description = simulated.description
        self._paths = [(operation, operation.pattern()) for operation in simulated.vendor.operations]

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        content = body if isinstance(body, (bytes, type(None))) else dump(body)
        answer = self._client.request(method, self.address + path, content=content, **{"auth": LICENCE, **more})
        self._is_as_described(method, path.partition("?")[0], answer)
        return answer

    def _is_as_described(self, method: str, path: str, answer: httpx.Response) -> None:
        assert answer.headers["x-correlation-id"]
        found = [o for o, pattern in self._paths if o.method == method and pattern.fullmatch(path)]
        described = found[0].answers[answer.status_code] if found else None
        schema = (
            dict(described.schema) if described and described.schema else {"$ref": "#/components/schemas/ErrorResult"}
        )
        whole = {**schema, "components": self._description["components"]}
        jsonschema_rs.validate(whole, json.loads(answer.content))

    def act(self, verb: str, code: str, body: Any = None, **query: str) -> httpx.Response:
        if verb in ("create", "createoradjust"):
            return self.send("POST", f"/transactions/{verb}", body, params=query)
        return self.send("POST", f"/companies/DEFAULT/transactions/{quote(code)}/{verb}", body, params=query)

    def done(self, verb: str, code: str, body: Any = None, **query: str) -> Model:
        answer = self.act(verb, code, body, **query)
        assert answer.is_success, answer.text
        document: Model = said(answer)
        return document

    def create(self, model: Model, code: str = "", **changes: Any) -> Model:
        return self.done("create", "", {**model, "code": code or next(codes), **changes})

    def read(self, code: str, **query: str) -> httpx.Response:
        return self.send("GET", f"/companies/DEFAULT/transactions/{quote(code)}", params=query)

    def listed(self, criterion: str, **query: str) -> list[str]:
        answer = self.send("GET", "/companies/DEFAULT/transactions", params={"$filter": criterion, **query})
        return [document["code"] for document in said(answer)["value"]]


def said(answer: httpx.Response) -> Any:
    return parse(answer.content)


def refused(answer: httpx.Response) -> list[tuple[int, str, str]]:
    """Status, vendor's name and field of everything that is wrong."""
    return [(answer.status_code, row["code"], row.get("refersTo", "")) for row in said(answer)["error"]["details"]]


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


@pytest.fixture(scope="module")
def talk(http: httpx.Client) -> Iterator[Talk]:
    one = simulator(clock=Clock(NOW))
    with serving([one]) as at:
        yield Talk(one, at["avatax"], http)


@pytest.fixture
def other(http: httpx.Client) -> Iterator[Callable[..., Talk]]:
    """Simulators with switches set, each test its own."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(**switches: Any) -> Talk:
            one = simulator(**{"clock": Clock(NOW, timedelta(0)), **switches})
            return Talk(one, stack.enter_context(serving([one]))["avatax"], http)

        yield start


# --- taxes ---------------------------------------------------------------------------------------------------------


def lines(*changes: Model) -> list[Model]:
    return [{**SALE["lines"][0], **change} for change in changes]


def at(**address: str) -> Model:
    return {"singleLocation": {"country": "US", **address}}


TAXED: Mapping[str, tuple[Model, Model]] = {
    "per line and authority, each rounded": ({}, {"totalAmount": "253.00", "totalTax": "20.87"}),
    "a tie goes to the even cent": (
        {"addresses": at(region="PA", postalCode="16501"), "lines": lines({"amount": Decimal("0.75")})},
        {"totalTax": "0.04"},  # 0.045
    ),
    "nothing where nobody taxes": (
        {"addresses": {"singleLocation": {"country": "KW", "city": "Kuwait City"}}, "currencyCode": "KWD"},
        {"totalTax": "0", "totalTaxable": "0"},
    ),
    "yen have no cents": (
        {
            "addresses": {"singleLocation": {"country": "JP", "postalCode": "220-0001"}},
            "currencyCode": "JPY",
            "lines": lines({"amount": 18075}),
        },
        {"totalTax": "1808"},  # 1807.5, and 1808 is even
    ),
    "dinars have thousandths": (
        {
            "addresses": {"singleLocation": {"country": "FR", "postalCode": "69001"}},
            "currencyCode": "KWD",
            "lines": lines({"amount": Decimal("12.345")}),
        },
        {"totalTax": "2.469"},
    ),
    "a customer with a certificate": ({"customerCode": "C-1061"}, {"totalTax": "0", "totalExempt": "253.00"}),
    "the customer's number is case sensitive": ({"customerCode": "c-1061"}, {"totalTax": "20.87"}),
    "a certificate on the document": ({"exemptionNo": "X-1"}, {"totalTax": "0", "totalExempt": "253.00"}),
    "an exemption overridden": (
        {"exemptionNo": "X-1", "taxOverride": {"type": "Exemption", "reason": "consumed"}},
        {"totalTax": "20.87", "totalExempt": "0"},
    ),
    "goods nobody taxes": ({"lines": lines({"taxCode": "NT"}, {})}, {"totalTax": "19.88", "totalTaxable": "241.00"}),
    "tax included in the amount": (
        {"lines": lines({"amount": Decimal("108.25"), "taxIncluded": True})},
        {"totalAmount": "108.25", "totalTaxable": "100.00", "totalTax": "8.25"},
    ),
    "a discount over the lines that take it": (
        {"discount": 10, "lines": lines({"amount": 100, "discounted": True}, {"amount": 100})},
        {"totalAmount": "190.00", "totalDiscount": "10.00", "totalTax": "15.67"},  # 7.42 and 8.25
    ),
    "the whole tax overridden": (
        {"taxOverride": {"type": "TaxAmount", "taxAmount": 21, "reason": "books"}},
        {"totalTax": "21.00", "totalTaxCalculated": "20.87"},
    ),
    "a line's tax overridden": (
        {"lines": lines({"taxOverride": {"type": "TaxAmount", "taxAmount": Decimal("1.01"), "reason": "books"}}, {})},
        {"totalTax": "20.89", "totalTaxCalculated": "39.76"},
    ),
    "a tax given by tax type": (
        {
            "lines": lines(
                {
                    "taxOverride": {
                        "type": "TaxAmountByTaxType",
                        "taxAmountByTaxTypes": [{"taxAmount": 2}, {"taxAmount": 3}],
                    }
                }
            )
        },
        {"totalTax": "5.00"},
    ),
    "the taxable amount derived from the tax": (
        {"lines": lines({"amount": 200, "taxOverride": {"type": "DeriveTaxable", "taxAmount": Decimal("8.25")}})},
        {"totalTaxable": "100.00", "totalTax": "8.25"},
    ),
    "a line with an address of its own": (
        {"lines": lines({"amount": 100}, {"amount": 100, "addresses": at(region="OR", postalCode="97204")})},
        {"totalTax": "8.25"},
    ),
    "a location of the company": (
        {"addresses": {"singleLocation": {"locationCode": "CICERO"}}, "lines": lines({"amount": 100})},
        {"totalTax": "8.00"},
    ),
    "coordinates instead of an address": (
        {
            "addresses": {
                "singleLocation": {"latitude": Decimal("47.6"), "longitude": Decimal("-117.4"), "region": "TX"}
            },
            "lines": lines({"amount": 100}),
        },
        {"totalTax": "9.00"},
    ),
    "the region found by the postal code": (
        {"addresses": at(postalCode="55802-1234"), "lines": lines({"amount": 100})},
        {"totalTax": "6.88"},  # 6.875
    ),
}


@pytest.mark.parametrize(("changes", "expected"), TAXED.values(), ids=TAXED)
def test_a_transaction_is_taxed(talk: Talk, changes: Model, expected: Model) -> None:
    made = talk.create(SALE, **changes)
    assert {name: made[name] for name in expected} == {name: Decimal(text) for name, text in expected.items()}
    assert made["totalTax"] == sum(line["tax"] for line in made["lines"])
    assert made["totalTax"] == sum(group["tax"] for group in made["summary"])
    for line in made["lines"]:
        assert line["tax"] == sum(detail["tax"] for detail in line["details"])


def test_a_return_keeps_its_signs(talk: Talk) -> None:
    made = talk.create(RETURN, taxOverride=BY_TAX_DATE)
    assert (made["totalAmount"], made["totalTax"]) == (Decimal("-253.00"), -FULL_TAX)
    assert [(line["lineNumber"], line["quantity"], line["tax"]) for line in made["lines"]] == [
        ("1", 2, Decimal("-19.88")),
        ("2", 4, Decimal("-0.99")),
    ]
    assert (made["taxDate"], made["taxOverrideType"], made["referenceCode"]) == ("2026-11-01", "TaxDate", "INV-778")


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(amounts=st.lists(st.decimals("0.01", "99999.99", places=2), min_size=1, max_size=5))
def test_tax_is_exact_and_comes_back_whole(talk: Talk, amounts: list[Decimal]) -> None:
    rates = [Decimal("0.0625"), Decimal("0.01"), Decimal("0.01")]
    made = talk.create(SALE, lines=[{"amount": amount} for amount in amounts])
    expected = sum((amount * rate).quantize(Decimal("0.01"), ROUND_HALF_EVEN) for amount in amounts for rate in rates)
    assert (made["totalAmount"], made["totalTax"]) == (sum(amounts), expected)
    back = talk.done("refund", made["code"], REFUND)
    assert (back["totalAmount"], back["totalTax"]) == (-made["totalAmount"], -made["totalTax"])


def test_the_tax_date_decides_the_rate(other: Callable[..., Talk]) -> None:
    talk = other()
    sale = talk.create(SALE)
    city = {"country": "US", "region": "TX", "kind": "City", "code": "05000", "authority": "AUSTIN"}
    talk.simulator.step("change_rate", **city, rate="0.02", since="2026-11-15")
    kept = talk.create(RETURN, taxOverride=BY_TAX_DATE)
    fresh = talk.create(RETURN)
    line = talk.create(RETURN, lines=[{**one, "taxOverride": BY_TAX_DATE} for one in RETURN["lines"]])
    taken_back = [talk.done("refund", sale["code"], REFUND, useTaxDateOverride=flag) for flag in ("true", "false")]
    assert [one["totalTax"] for one in (kept, line, *taken_back)] == [-FULL_TAX] * 4
    assert fresh["totalTax"] == Decimal("-23.40")
    assert [one["taxOverrideType"] for one in taken_back] == ["TaxDate", "TaxAmount"]


REFUNDS: Mapping[str, tuple[Model, str, str, list[str]]] = {
    "full": ({}, "-253.00", "-20.87", ["1", "2"]),
    "full, said so": ({"refundType": "Full", "refundPercentage": 100}, "-253.00", "-20.87", ["1", "2"]),
    "whole lines": ({"refundType": "Partial", "refundLines": ["2"]}, "-12.00", "-0.99", ["2"]),
    "half of a line": (
        {"refundType": "Partial", "refundLines": ["1"], "refundPercentage": 50},
        "-120.50",
        "-9.93",  # 7.53, 1.20, 1.20: ties to even
        ["1"],
    ),
    "a tenth": ({"refundType": "Percentage", "refundPercentage": 10}, "-25.30", "-2.09", ["1", "2"]),
    "the tax only": ({"refundType": "TaxOnly"}, "0", "-20.87", ["1", "2"]),
}


@pytest.mark.parametrize(("changes", "amount", "tax", "numbers"), REFUNDS.values(), ids=REFUNDS)
def test_a_committed_sale_is_refunded(talk: Talk, changes: Model, amount: str, tax: str, numbers: list[str]) -> None:
    sale = talk.create(SALE)
    back = talk.done("refund", sale["code"], {**REFUND, "refundTransactionCode": next(codes), **changes})
    assert (back["totalAmount"], back["totalTax"]) == (Decimal(amount), Decimal(tax))
    assert (back["type"], back["status"], back["referenceCode"]) == ("ReturnInvoice", "Committed", sale["code"])
    assert [line["lineNumber"] for line in back["lines"]] == numbers
    assert said(talk.read(back["code"], documentType="ReturnInvoice"))["id"] == back["id"]
    assert said(talk.read(sale["code"])) == sale


# --- the life of a document ----------------------------------------------------------------------------------------


def test_an_estimate_is_not_kept(talk: Talk) -> None:
    for kind, model in (("SalesOrder", SALE), ("ReturnOrder", RETURN)):
        made = talk.create(model, type=kind)
        assert (made["status"], made["id"]) == ("Temporary", 0)
        assert refused(talk.read(made["code"])) == [(404, "EntityNotFoundError", "transactionCode")]
    assert talk.create({k: v for k, v in SALE.items() if k != "type"})["type"] == "SalesOrder"


def test_a_document_without_a_code_gets_one(talk: Talk) -> None:
    made = talk.done("create", "", SALE)
    assert said(talk.read(made["code"])) == made
    assert said(talk.send("GET", f"/transactions/{made['id']}")) == made


def test_what_is_not_committed_is_overwritten(talk: Talk) -> None:
    first = talk.create(SAVED)
    again = talk.create(SAVED, code=first["code"], lines=lines({"amount": 100}))
    assert (again["id"], again["version"], again["totalAmount"]) == (first["id"], 1, 100)
    assert talk.listed(f"date gt 2026-01-01 and code eq '{first['code']}'") == [first["code"]]


def test_an_adjusted_document_has_both_versions(talk: Talk) -> None:
    first = talk.create(SALE)
    for version, verb in ((2, "adjust"), (3, "createoradjust")):
        body = {"adjustmentReason": "ProductReturned", "adjustmentDescription": "one came back"}
        new = {**SALE, "code": first["code"], "lines": lines({"amount": 100 * version})}
        made = talk.done(
            verb, first["code"], {**body, {"adjust": "newTransaction"}.get(verb, "createTransactionModel"): new}
        )
        assert (made["version"], made["status"], made["totalAmount"]) == (version, "Committed", 100 * version)
        assert (made["adjustmentReason"], made["adjustmentDescription"]) == ("ProductReturned", "one came back")
        assert said(talk.read(first["code"])) == made
    assert said(talk.send("GET", f"/transactions/{first['id']}"))["status"] == "Adjusted"


# From a status, what is done, and the status it then has.
MOVES = [
    ("Saved", "commit", {"commit": True}, "Committed"),
    ("Saved", "commit", {"commit": False}, "Saved"),
    ("Saved", "void", {"code": "DocVoided"}, "Cancelled"),
    ("Saved", "verify", {"verifyTotalAmount": 253, "verifyTotalTax": FULL_TAX}, "Saved"),
    ("Saved", "settle", {"verify": {"verifyTransactionDate": "2026-11-01"}, "commit": {"commit": True}}, "Committed"),
    ("Posted", "commit", {"commit": True}, "Committed"),
    ("Posted", "verify", {}, "Posted"),
    ("Committed", "uncommit", None, "Saved"),
    ("Committed", "void", {"code": "DocDeleted"}, "Cancelled"),
    ("Committed", "lock", {"isLocked": True}, "Committed"),
    ("Committed", "adjust", {"adjustmentReason": "PriceAdjusted", "newTransaction": SAVED}, "Saved"),
    ("Committed", "createoradjust", {"createTransactionModel": SALE}, "Committed"),
    ("Cancelled", "unvoid", None, "Saved"),
    ("Cancelled", "create", SALE, "Committed"),  # a voided code may be used again
]


def brought_to(talk: Talk, status: str, model: Model = SALE) -> Model:
    made = talk.create({**model, "commit": status not in ("Saved", "Posted")})
    kind = made["type"]
    if status == "Posted":
        talk.simulator.step("post", code=made["code"], document_type=kind)
    elif status == "Cancelled":
        talk.done("void", made["code"], {"code": "DocVoided"}, documentType=kind)
    elif status == "Locked":
        talk.done("lock", made["code"], {"isLocked": True}, documentType=kind)
    return made


def with_code(body: Any, code: str) -> Any:
    """The body, its transaction with the code of the document at hand."""
    if not isinstance(body, dict):
        return body
    inner = {name: with_code(value, code) for name, value in body.items() if name.endswith("TransactionModel")}
    return {**body, **inner, **({"code": code} if "lines" in body else {})}


@pytest.mark.parametrize(("status", "verb", "body", "then"), MOVES, ids=[f"{m[0]}-{m[1]}-{m[3]}" for m in MOVES])
def test_a_document_moves_on(talk: Talk, status: str, verb: str, body: Any, then: str) -> None:
    for model in (SALE, RETURN):
        if verb in ("create", "createoradjust", "adjust", "verify", "settle") and model is RETURN:
            continue  # the bodies above are of the sale
        made = brought_to(talk, status, model)
        query = {} if verb.startswith("create") else {"documentType": made["type"]}
        changed = talk.done(verb, made["code"], with_code(body, made["code"]), **query)
        assert changed["status"] == then
        assert said(talk.read(made["code"], documentType=made["type"])) == changed


def test_a_code_is_changed(talk: Talk) -> None:
    made, new = brought_to(talk, "Posted"), next(codes)
    talk.done("settle", made["code"], {"changeCode": {"newCode": new}, "commit": {"commit": True}})
    assert refused(talk.read(made["code"])) == [(404, "EntityNotFoundError", "transactionCode")]
    assert said(talk.read(new))["id"] == made["id"]


def test_the_same_code_serves_one_document_a_type(talk: Talk) -> None:
    sale = talk.create(SALE)
    back = talk.create(RETURN, code=sale["code"])
    assert said(talk.read(sale["code"]))["id"] == sale["id"]  # the sale is preferred
    assert said(talk.read(sale["code"], documentType="ReturnInvoice"))["id"] == back["id"]
    typed = f"/companies/DEFAULT/transactions/{sale['code']}/types/ReturnInvoice"
    assert said(talk.send("GET", typed))["id"] == back["id"]
    talk.done("void", sale["code"], {"code": "DocVoided"})  # SalesInvoice where no type is given
    assert said(talk.read(sale["code"], documentType="ReturnInvoice"))["status"] == "Committed"


def test_codes_that_a_path_cannot_hold_are_spelled_otherwise(talk: Talk) -> None:
    made = talk.create(SALE, code=f"{next(codes)}/a+b?c%d#e f")
    coded = made["code"]
    for mark, spelled in (("/", "2f"), ("+", "2b"), ("?", "3f"), ("%", "25"), ("#", "23")):
        coded = coded.replace(mark, f"_-ava{spelled}-_")
    assert said(talk.read(coded)) == made


# --- what it says no to --------------------------------------------------------------------------------------------

WRONG: Mapping[str, tuple[Any, list[tuple[str, str]]]] = {
    "no body": (b"", [("ModelRequiredException", "")]),
    "half a body": (b'{"type":', [("JsonFormatError", "")]),
    "a list": ([], [("ModelStateInvalid", "model")]),
    "no customer": ({"customerCode": None}, [("ValueRequiredError", "customerCode")]),
    "an empty customer": ({"customerCode": ""}, [("ValueRequiredError", "customerCode")]),
    "no date and no lines": (
        {"date": None, "lines": None},
        [("ValueRequiredError", "date"), ("ValueRequiredError", "lines")],
    ),
    "an empty list of lines": ({"lines": []}, [("MissingLine", "lines")]),
    "a line without an amount": ({"lines": [{}]}, [("ValueRequiredError", "lines[0].amount")]),
    "a code too long": ({"code": "x" * 51}, [("StringLengthError", "code")]),
    "texts too long on a line": (
        {"lines": lines({"number": "x" * 51, "ref1": "x" * 251})},
        [("StringLengthError", "lines[0].number"), ("StringLengthError", "lines[0].ref1")],
    ),
    "a type there is not": ({"type": "CreditMemo"}, [("InvalidEnumValue", "type")]),
    "any type": ({"type": "Any"}, [("InvalidEnumValue", "type")]),
    "an override there is not": ({"taxOverride": {"type": "Tax"}}, [("InvalidEnumValue", "taxOverride.type")]),
    "a date another way round": ({"date": "25.11.2026"}, [("DateFormatError", "date")]),
    "a day there is not": ({"date": "2026-02-30"}, [("DateFormatError", "date")]),
    "an amount as text": ({"lines": lines({"amount": "241.00"})}, [("ModelStateInvalid", "lines[0].amount")]),
    "lines that are no list": ({"lines": {}}, [("ModelStateInvalid", "lines")]),
    "a flag as a number": ({"commit": 1}, [("ModelStateInvalid", "commit")]),
    "more money than there is": ({"lines": lines({"amount": 10**13})}, [("InvalidDecimalValue", "lines[0].amount")]),
    "a quantity below zero": ({"lines": lines({}, {"quantity": -1})}, [("RangeError", "lines[1].quantity")]),
    "a sale that pays the customer": ({"lines": lines({"amount": -1})}, [("RangeError", "lines")]),
    "a return that the customer pays": ({**RETURN, "lines": lines({"amount": 1})}, [("RangeError", "lines")]),
    "no address": ({"addresses": None}, [("MissingAddress", "lines[0].addresses")]),
    "a destination only": (
        {"addresses": {"shipTo": AUSTIN["shipTo"]}},
        [("MissingAddress", "lines[0].addresses")],
    ),
    "an address that is none": ({"addresses": at(line1="Main St")}, [("InvalidAddress", "addresses.singleLocation")]),
    "a location there is not": (
        {"addresses": {"singleLocation": {"locationCode": "MARS"}}},
        [("AddressLocationNotFound", "addresses.singleLocation.locationCode")],
    ),
    "a discount that no line takes": ({"discount": 5}, [("NoLinesDiscounted", "discount")]),
    "overrides without reason and date": (
        {"taxOverride": {"type": "TaxDate"}},
        [("ValueRequiredError", "taxOverride.reason"), ("ValueRequiredError", "taxOverride.taxDate")],
    ),
}


@pytest.mark.parametrize(("body", "expected"), WRONG.values(), ids=WRONG)
def test_a_wrong_create_is_refused_with_everything_that_is_wrong(
    talk: Talk, body: Any, expected: list[tuple[str, str]]
) -> None:
    code = next(codes)
    answer = talk.act("create", "", {**SALE, "code": code, **body} if isinstance(body, dict) else body)
    assert refused(answer) == [(400, *one) for one in expected]
    assert talk.listed(f"date gt 2020-01-01 and code eq '{code}'") == []


# In a status, what is asked for, and the vendor's name and number for no.
NOT_NOW: list[tuple[str, str, Any, Model, str, int]] = [
    ("Committed", "create", SALE, {}, "TransactionIsCommitted", 1313),
    ("Committed", "commit", {"commit": True}, {}, "TransactionIsCommitted", 1313),
    ("Committed", "changecode", {"newCode": "T-new"}, {}, "TransactionIsCommitted", 1313),
    ("Committed", "verify", {}, {}, "InvalidDocumentStatusForVerify", 1306),
    ("Committed", "settle", {"commit": {"commit": True}}, {}, "TransactionIsCommitted", 1313),
    ("Committed", "unvoid", None, {}, "InvalidDocumentStatus", 1314),
    (
        "Committed",
        "adjust",
        {"adjustmentReason": "Other", "newTransaction": RETURN},
        {},
        "CannotAdjustDocumentType",
        195,
    ),
    ("Committed", "void", {"code": "DocVoided"}, {"documentType": "PurchaseInvoice"}, "EntityNotFoundError", 4),
    ("Committed", "commit", {"commit": True}, {"documentType": "ReturnInvoice"}, "InvalidDocumentType", 1310),
    ("Committed", "void", {}, {}, "ValueRequiredError", 5),
    ("Committed", "void", {"code": "Because"}, {}, "InvalidEnumValue", 164),
    ("Committed", "void", {"code": "DocVoided"}, {"documentType": "Credit"}, "InvalidEnumValue", 164),
    ("Saved", "lock", {"isLocked": True}, {}, "DocumentNotCommitted", 313),
    ("Saved", "uncommit", None, {}, "InvalidDocumentStatus", 1314),
    ("Saved", "changecode", {"newCode": "T-taken"}, {}, "DuplicateEntry", 193),
    ("Saved", "changecode", {"newCode": ""}, {}, "ValueRequiredError", 5),
    ("Saved", "verify", {"verifyTransactionDate": "2026-11-02"}, {}, "DateMismatch", 1305),
    ("Saved", "verify", {"verifyTotalAmount": Decimal("253.01")}, {}, "TotalAmountMismatch", 1307),
    ("Saved", "verify", {"verifyTotalTax": Decimal("20.88")}, {}, "TotalTaxMismatch", 1308),
    ("Saved", "refund", REFUND, {}, "InvalidDocumentStatusForRefund", 700),
    ("Posted", "refund", REFUND, {}, "InvalidDocumentStatusForRefund", 700),
    ("Cancelled", "refund", REFUND, {}, "InvalidDocumentStatusForRefund", 700),
    ("Cancelled", "void", {"code": "DocVoided"}, {}, "TransactionAlreadyCancelled", 198),
    ("Cancelled", "commit", {"commit": True}, {}, "TransactionAlreadyCancelled", 198),
    (
        "Cancelled",
        "adjust",
        {"adjustmentReason": "Other", "newTransaction": SALE},
        {},
        "TransactionAlreadyCancelled",
        198,
    ),
    ("Locked", "void", {"code": "DocVoided"}, {}, "CannotModifyLockedTransaction", 1100),
    ("Locked", "uncommit", None, {}, "CannotModifyLockedTransaction", 1100),
    ("Locked", "create", SALE, {}, "CannotModifyLockedTransaction", 1100),
    ("Locked", "changecode", {"newCode": "T-new"}, {}, "CannotModifyLockedTransaction", 1100),
    (
        "Locked",
        "adjust",
        {"adjustmentReason": "Other", "newTransaction": SALE},
        {},
        "CannotModifyLockedTransaction",
        1100,
    ),
    ("Locked", "createoradjust", {"createTransactionModel": SALE}, {}, "CannotModifyLockedTransaction", 1100),
    *(
        ("Committed", "refund", {**REFUND, **body}, {}, name, number)
        for body, name, number in (
            ({"refundDate": None}, "ValueRequiredError", 5),
            ({"refundType": "Half"}, "InvalidEnumValue", 164),
            ({"refundPercentage": 50}, "RefundTypeAndPercentageMismatch", 701),
            ({"refundType": "Full", "refundLines": ["1"]}, "RefundTypeAndLineMismatch", 703),
            ({"refundType": "Partial"}, "RefundLinesRequired", 704),
            ({"refundType": "TaxOnly", "refundPercentage": 10}, "RefundPercentageForTaxOnly", 706),
            ({"refundType": "Partial", "refundLines": ["3"]}, "LineNoOutOfRange", 707),
            ({"refundType": "Percentage", "refundPercentage": 101}, "RefundPercentageOutOfRange", 708),
            ({"refundType": "Percentage", "refundPercentage": 0}, "RefundPercentageOutOfRange", 708),
            ({"refundType": "Percentage"}, "RefundPercentageMissing", 709),
            ({"refundTransactionCode": "T-returned"}, "TransactionIsCommitted", 1313),
        )
    ),
    ("Committed", "refund", REFUND, {"useTaxDateOverride": "yes"}, "ModelStateInvalid", 70),
]


@pytest.mark.parametrize(
    ("status", "verb", "body", "query", "name", "number"),
    NOT_NOW,
    ids=[f"{row[0]}-{row[1]}-{row[4]}-{place}" for place, row in enumerate(NOT_NOW)],
)
def test_what_the_status_does_not_allow_changes_nothing(
    talk: Talk, status: str, verb: str, body: Any, query: Model, name: str, number: int
) -> None:
    for code, model in (("T-taken", SAVED), ("T-returned", RETURN)):
        if not talk.read(code).is_success:
            talk.create(model, code=code)
    made = brought_to(talk, status)
    before = said(talk.read(made["code"]))
    answer = talk.act(verb, made["code"], with_code(body, made["code"]), **query)
    [detail] = said(answer)["error"]["details"]
    assert (detail["code"], detail["number"]) == (name, number)
    assert answer.status_code == (404 if name == "EntityNotFoundError" else 400)
    assert said(talk.read(made["code"])) == before


def test_a_return_is_not_refunded(talk: Talk) -> None:
    back = talk.create(RETURN)
    answer = talk.act("refund", back["code"], REFUND, documentType="ReturnInvoice")
    assert refused(answer) == [(400, "InvalidDocumentTypeForRefund", "documentType")]
    assert refused(talk.act("refund", back["code"], REFUND)) == [(404, "EntityNotFoundError", "transactionCode")]


def test_a_code_of_several_other_types_is_ambiguous(talk: Talk) -> None:
    code = talk.create(RETURN)["code"]
    assert said(talk.read(code))["type"] == "ReturnInvoice"  # the only one there is
    talk.create(SALE, code=code, type="PurchaseInvoice")
    assert refused(talk.read(code)) == [(400, "DocumentCodeConflict", "transactionCode")]
    assert said(talk.read(code, documentType="PurchaseInvoice"))["type"] == "PurchaseInvoice"


NOT_THERE = [
    ("/companies/OTHER/transactions", 404, "EntityNotFoundError"),
    ("/companies/OTHER/transactions/INV-1", 404, "EntityNotFoundError"),
    ("/companies/DEFAULT/transactions/nothing", 404, "EntityNotFoundError"),
    ("/companies/DEFAULT/transactions/nothing/types/ReturnInvoice", 404, "EntityNotFoundError"),
    ("/companies/DEFAULT/transactions/nothing/types/Credit", 400, "InvalidEnumValue"),
    ("/transactions/1", 404, "EntityNotFoundError"),
    ("/transactions/one", 400, "ModelStateInvalid"),
    ("/nothing/here", 404, "EntityNotFoundError"),
]


@pytest.mark.parametrize(("path", "status", "name"), NOT_THERE)
def test_what_is_not_there_is_said_to_be_missing(talk: Talk, path: str, status: int, name: str) -> None:
    answer = talk.send("GET", path)
    assert (answer.status_code, said(answer)["error"]["code"]) == (status, name)


def test_a_method_there_is_not(talk: Talk) -> None:
    answer = talk.send("DELETE", "/companies/DEFAULT/transactions/INV-1")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_reported_documents_are_locked(other: Callable[..., Talk]) -> None:
    talk = other()
    old, new = talk.create(SALE), talk.create(SALE, date="2026-11-20")
    assert talk.simulator.step("report", until="2026-11-10") == [old["code"]]
    assert said(talk.read(old["code"]))["locked"]
    [(_, name, _)] = refused(talk.act("void", old["code"], {"code": "DocVoided"}))
    assert name == "CannotModifyLockedTransaction"
    assert talk.done("void", new["code"], {"code": "DocVoided"})["status"] == "Cancelled"


# --- what can be asked for -----------------------------------------------------------------------------------------

INCLUDED = [
    (None, {"lines", "summary", "addresses"}, True),
    ("Lines", {"lines"}, False),
    ("LinesOnly", {"lines"}, False),
    ("Details", {"lines"}, True),
    ("Summary", {"lines", "summary"}, True),
    ("SummaryOnly", {"summary"}, False),
    ("lines, addresses", {"lines", "addresses"}, False),
    ("SummaryOnly,TaxDetailsByTaxType", {"summary", "taxDetailsByTaxType"}, False),
]


@pytest.mark.parametrize(("include", "parts", "details"), INCLUDED)
def test_include_chooses_the_parts(talk: Talk, include: str | None, parts: set[str], details: bool) -> None:
    query = {"$include": include} if include else {}
    made = talk.done("create", "", {**SALE, "code": next(codes)}, **query)
    found = said(talk.read(made["code"], **query))
    assert found == made
    assert set(found) & {"lines", "summary", "addresses", "taxDetailsByTaxType"} == parts
    assert all(("details" in line) is details for line in found.get("lines", ()))


@pytest.fixture(scope="module")
def shelf(http: httpx.Client) -> Iterator[Talk]:
    """Five documents to look for."""
    one = simulator(clock=Clock(NOW), page_size=2)
    with serving([one]) as at:
        talk = Talk(one, at["avatax"], http)
        talk.create(SALE, code="A-1", date="2026-09-01")
        talk.create(SALE, code="A-2", date="2026-11-02", customerCode="C-1042")
        talk.create(SAVED, code="A-3", date="2026-11-03", purchaseOrderNo="PO 7")
        talk.create(RETURN, code="B-1", date="2026-11-20")
        talk.create(RETURN, code="O'1", date="2026-11-21", lines=lines({"amount": -1}))
        yield talk


FILTERS = [
    ("", ["A-2", "A-3", "B-1", "O'1"]),
    ("date gt 2026-01-01", ["A-1", "A-2", "A-3", "B-1", "O'1"]),
    ("date between 2026-09-01 and '2026-11-02'", ["A-1", "A-2"]),
    ("type eq ReturnInvoice", ["B-1", "O'1"]),
    ("TYPE EQ 'ReturnInvoice' AND totalAmount LT -100", ["B-1"]),
    ("status ne Committed", ["A-3"]),
    ("code in (A-2, 'B-1')", ["A-2", "B-1"]),
    ("code eq 'O''1'", ["O'1"]),
    ("code startswith A- and (customerCode eq C-1042 or status eq Saved)", ["A-2", "A-3"]),
    ("code endswith -1 and date ge 2026-09-01 and date le 2026-12-31", ["A-1", "B-1"]),
    ("code contains -", ["A-2", "A-3", "B-1"]),
    ("purchaseOrderNo is null", ["A-2", "B-1", "O'1"]),
    ("purchaseOrderNo is not null", ["A-3"]),
    ("locked eq false and version gte 1 and version lte 1", ["A-2", "A-3", "B-1", "O'1"]),
]


@pytest.mark.parametrize(("criterion", "expected"), FILTERS)
def test_a_filter_finds(shelf: Talk, criterion: str, expected: list[str]) -> None:
    found, skip = [], 0
    while page := shelf.listed(criterion, **{"$skip": str(skip)}):
        found += page
        skip += len(page)
    assert found == expected


NOT_READ = [
    ({"$filter": "code eq"}, "MalformedFilterException"),
    ({"$filter": "code eq 'A"}, "MalformedFilterException"),
    ({"$filter": "code like A"}, "MalformedFilterException"),
    ({"$filter": "(code eq A"}, "MalformedFilterException"),
    ({"$filter": "code eq A code eq B"}, "MalformedFilterException"),
    ({"$filter": "code in A"}, "MalformedFilterException"),
    ({"$filter": "code in (A B)"}, "MalformedFilterException"),
    ({"$filter": "code is nothing"}, "MalformedFilterException"),
    ({"$filter": "date between 2026-01-01 or 2026-02-01"}, "MalformedFilterException"),
    ({"$filter": "(" * 30 + "code eq A" + ")" * 30}, "MalformedFilterException"),
    ({"$filter": "colour eq red"}, "InvalidQueryField"),
    ({"$filter": "lines eq 1"}, "InvalidQueryField"),
    ({"$filter": "date gt yesterday"}, "InvalidQueryValue"),
    ({"$filter": "totalTax gt much"}, "InvalidQueryValue"),
    ({"$filter": "locked eq 1"}, "InvalidQueryValue"),
    ({"$orderBy": "colour"}, "InvalidQueryField"),
    ({"$orderBy": "code UP"}, "MalformedFilterException"),
    ({"$top": "3"}, "QueryParameterOutOfRange"),
    ({"$top": "-1"}, "ModelStateInvalid"),
    ({"$skip": "some"}, "ModelStateInvalid"),
]


@pytest.mark.parametrize(("query", "name"), NOT_READ)
def test_a_query_that_cannot_be_read_is_refused(shelf: Talk, query: Model, name: str) -> None:
    [(status, code, _)] = refused(shelf.send("GET", "/companies/DEFAULT/transactions", params=query))
    assert (status, code) == (400, name)


def test_pages_follow_each_other_to_the_end(shelf: Talk) -> None:
    query = {"$filter": "date gt 2026-01-01", "$orderBy": "type asc, totalAmount DESC"}
    page = said(shelf.send("GET", "/companies/DEFAULT/transactions", params=query))
    pages = [page]
    while "@nextLink" in page:
        page = said(shelf.send("GET", page["@nextLink"].removeprefix(shelf.address)))
        pages.append(page)
    assert [one["@recordsetCount"] for one in pages] == [5, 5, 5]
    assert [[document["code"] for document in one["value"]] for one in pages] == [
        ["O'1", "B-1"],
        ["A-1", "A-2"],
        ["A-3"],
    ]
    assert not any("lines" in document for one in pages for document in one["value"])


def test_an_address_is_resolved(talk: Talk) -> None:
    given = {"line1": "100 main st", "postalCode": "78701", "region": "tx", "textCase": "Upper"}
    answers = [talk.send("GET", "/addresses/resolve", params=given), talk.send("POST", "/addresses/resolve", given)]
    for found in map(said, answers):
        [address] = found["validatedAddresses"]
        assert (address["line1"], address["city"], address["region"]) == ("100 MAIN ST", "AUSTIN", "TX")
        assert [one["jurisdictionName"] for one in found["taxAuthorities"]] == ["TEXAS", "AUSTIN", "AUSTIN MTA TRANSIT"]
    unknown = said(talk.send("GET", "/addresses/resolve", params={"postalCode": "00000"}))
    assert (unknown["resolutionQuality"], unknown["messages"][0]["severity"]) == ("NotCoded", "Error")
    [(status, code, _)] = refused(talk.send("GET", "/addresses/resolve", params={"textCase": "Lower"}))
    assert (status, code) == (400, "InvalidEnumValue")


# --- who may call, and how often -----------------------------------------------------------------------------------


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


CALLERS = [
    ("", 401, "AuthenticationIncomplete", "None"),
    ("Digest abc", 401, "AuthenticationIncomplete", "None"),
    ("Basic !!", 401, "BasicAuthIncorrect", "None"),
    (basic("no-colon"), 401, "BasicAuthIncorrect", "None"),
    (basic("2000000000:wrong-key"), 401, "AuthenticationException", "None"),
    (basic("nobody:sandbox-license-key"), 401, "AuthenticationException", "None"),
    ("Bearer wrong-token", 401, "BearerTokenInvalid", "None"),
    (basic("2000000000:sandbox-license-key"), 404, "EntityNotFoundError", "AccountIdLicenseKey"),
    (basic("clerk@example.com:sandbox-password"), 404, "EntityNotFoundError", "UsernamePassword"),
]


@pytest.mark.parametrize(("header", "status", "name", "how"), CALLERS)
def test_callers_are_known_by_what_they_send(talk: Talk, header: str, status: int, name: str, how: str) -> None:
    sent = {"auth": None, "headers": {"Authorization": header} if header else {}}
    answer = talk.send("GET", "/companies/DEFAULT/transactions/nothing", **sent)
    assert (answer.status_code, said(answer)["error"]["code"]) == (status, name)
    assert not any(secret in answer.text for secret in ("wrong-key", "wrong-token", "sandbox-license-key"))
    ping = said(talk.send("GET", "/utilities/ping", **sent))
    assert (ping["authenticated"], ping["authenticationType"]) == (how != "None", how)


ASKED = {"grant_type": "client_credentials", "client_id": "sandbox-client", "client_secret": "sandbox-secret"}
ASKED_WRONG = [
    ({}, "unsupported_grant_type"),
    ({**ASKED, "grant_type": "password"}, "unsupported_grant_type"),
    ({**ASKED, "client_id": "nobody"}, "invalid_client"),
    ({**ASKED, "client_secret": "wrong-secret"}, "invalid_client"),
    ({**ASKED, "scope": "avatax_api everything"}, "invalid_scope"),
]


@pytest.mark.parametrize(("form", "error"), ASKED_WRONG)
def test_a_token_is_not_for_everybody(talk: Talk, form: Model, error: str) -> None:
    answer = talk.send("POST", "/connect/token", auth=None, data=form)
    assert (answer.status_code, said(answer)) == (400, {"error": error})


def test_tokens_expire_and_have_a_scope(other: Callable[..., Talk]) -> None:
    clock = Clock(NOW, timedelta(0))
    talk = other(clock=clock, token_seconds=600, readers=["sandbox-client"])

    def token(scope: str) -> Model:
        granted = said(talk.send("POST", "/connect/token", auth=None, data={**ASKED, "scope": scope}))
        assert (granted["token_type"], granted["expires_in"], granted["scope"]) == ("Bearer", 600, scope)
        return {"auth": None, "headers": {"Authorization": f"Bearer {granted['access_token']}"}}

    def status(given: Model, verb: str = "GET") -> tuple[int, str]:
        path = "/companies/DEFAULT/transactions/nothing" + ("/unvoid" if verb == "POST" else "")
        [(code, name, _)] = refused(talk.send(verb, path, **given))
        return code, name

    good, narrow = token("avatax_api openid"), token("openid")
    assert said(talk.send("GET", "/utilities/ping", **good))["authenticationType"] == "OpenIdBearerToken"
    assert status(good) == (404, "EntityNotFoundError")
    assert status(good, "POST") == (403, "AuthorizationException")  # reads only
    assert status(narrow) == (403, "AuthorizationException")
    clock.move(timedelta(seconds=600))
    assert status(good) == (401, "BearerTokenInvalid")
    assert status(token("avatax_api")) == (404, "EntityNotFoundError")


def test_a_reader_changes_nothing(talk: Talk) -> None:
    reader = {"auth": ("auditor@example.com", "sandbox-password")}
    code = talk.create(SALE)["code"]
    path = f"/companies/DEFAULT/transactions/{code}"
    assert talk.send("GET", path, **reader).status_code == 200
    answer = talk.send("POST", f"{path}/void", {"code": "DocVoided"}, **reader)
    assert refused(answer) == [(403, "AuthorizationException", "")]
    assert said(talk.read(code))["status"] == "Committed"


def test_too_many_calls_are_sent_away_for_a_while(other: Callable[..., Talk]) -> None:
    clock = Clock(NOW, timedelta(0))
    talk = other(clock=clock, rate_limit=2, per_seconds=60)
    assert [talk.read("nothing").status_code for _ in range(3)] == [404, 404, 429]
    answer = talk.act("create", "", {**SALE, "code": "R-1"})
    assert (said(answer)["error"]["details"][0]["number"], answer.headers["retry-after"]) == (4011, "60")
    clock.move(timedelta(seconds=60))
    assert refused(talk.read("R-1")) == [(404, "EntityNotFoundError", "transactionCode")]


def test_a_service_that_cannot_be_reached_does_nothing(talk: Talk) -> None:
    talk.simulator.step("unreachable", calls=2)
    body = {**SALE, "code": next(codes)}
    assert [talk.act("create", "", body).status_code for _ in range(3)] == [503, 503, 201]


# --- what goes wrong between two systems ---------------------------------------------------------------------------


def lost(talk: Talk, kind: str, verb: str, code: str, body: Any) -> None:
    """Call once, and lose the answer after the effect."""
    talk.simulator.faults.add(Fault(kind, f"POST *{verb}"))  # type: ignore[arg-type] # one of the kinds
    if kind.startswith("cut"):
        with pytest.raises(httpx.RemoteProtocolError):
            talk.act(verb, code, body)
    else:
        assert talk.act(verb, code, body).status_code == 500


@pytest.mark.parametrize("kind", ["error_after", "cut_after"])
def test_a_repeated_create_leaves_one_document(talk: Talk, kind: str) -> None:
    for model, again in ((SALE, 400), (SAVED, 201)):
        code = next(codes)
        lost(talk, kind, "create", "", {**model, "code": code})
        found = said(talk.read(code))  # look before sending again
        assert talk.act("create", "", {**model, "code": code}).status_code == again
        assert talk.listed(f"code eq {code}") == [code]
        assert said(talk.read(code))["id"] == found["id"]


@pytest.mark.parametrize("kind", ["error_after", "cut_after"])
def test_create_or_adjust_is_safe_to_repeat(talk: Talk, kind: str) -> None:
    code = next(codes)
    body = {"createTransactionModel": {**RETURN, "code": code}}
    lost(talk, kind, "createoradjust", "", body)
    made = talk.done("createoradjust", "", body)
    assert (made["version"], made["totalTax"]) == (2, -FULL_TAX)
    assert talk.listed(f"code eq {code} and status eq Committed") == [code]


@pytest.mark.parametrize("kind", ["error_after", "cut_after"])
def test_a_refund_is_repeated_safely_only_with_a_code(talk: Talk, kind: str) -> None:
    for stated, again, effects in (({"refundTransactionCode": next(codes)}, 400, 1), ({}, 201, 2)):
        sale = talk.create(SALE)
        lost(talk, kind, "refund", sale["code"], {**REFUND, **stated})
        assert talk.act("refund", sale["code"], {**REFUND, **stated}).status_code == again
        assert len(talk.listed(f"referenceCode eq {sale['code']}")) == effects


@pytest.mark.parametrize(
    ("kind", "verb", "body", "then"),
    [
        ("error_after", "void", {"code": "DocVoided"}, "TransactionAlreadyCancelled"),
        ("cut_after", "void", {"code": "DocVoided"}, "TransactionAlreadyCancelled"),
        ("error_after", "uncommit", None, "InvalidDocumentStatus"),
        ("cut_after", "lock", {"isLocked": True}, ""),
    ],
)
def test_a_repeated_change_says_that_it_was_done(talk: Talk, kind: str, verb: str, body: Any, then: str) -> None:
    made = talk.create(SALE)
    lost(talk, kind, verb, made["code"], body)
    after = said(talk.read(made["code"]))
    answer = talk.act(verb, made["code"], body)
    assert (said(answer).get("error") or {}).get("code", "") == then
    assert said(talk.read(made["code"])) == after


@pytest.mark.parametrize("kind", ["error_before", "cut_before", "throttled"])
def test_what_fails_before_has_no_effect(talk: Talk, kind: str) -> None:
    code = next(codes)
    talk.simulator.faults.add(Fault(kind, "POST /transactions/create"))  # type: ignore[arg-type] # one of the kinds
    try:
        assert talk.act("create", "", {**SALE, "code": code}).status_code in (429, 500)
    except httpx.RemoteProtocolError:
        assert kind == "cut_before"
    assert refused(talk.read(code)) == [(404, "EntityNotFoundError", "transactionCode")]


@pytest.mark.parametrize(("records", "status"), [(False, 404), (True, 200)])
def test_a_time_out_that_is_asked_for(other: Callable[..., Talk], records: bool, status: int) -> None:
    talk = other(records_before_timeout=records)
    answer = talk.act("create", "", {**SALE, "code": "F-1"}, **{"$include": "Lines,ForceTimeout"})
    assert refused(answer) == [(400, "TimeoutRequested", "$include")]
    assert talk.read("F-1").status_code == status


# --- switches and the story ----------------------------------------------------------------------------------------


def test_what_the_vendor_leaves_open_is_a_switch(other: Callable[..., Talk]) -> None:
    talk = other(
        created_status=200,
        committed_conflict="DocumentCodeConflict",
        signs="line",
        uncommitted_status="Uncommitted",
        companies={"WEST": 7, "DEFAULT": 8},
    )
    answer = talk.act("create", "", {**SALE, "code": "S-1"})
    assert (answer.status_code, said(answer)["companyId"]) == (200, 7)
    [(_, name, _)] = refused(talk.act("create", "", {**SALE, "code": "S-1"}))
    assert name == "DocumentCodeConflict"
    fee = lines({"amount": -100}, {"amount": 10})
    assert refused(talk.act("create", "", {**RETURN, "lines": fee})) == [(400, "RangeError", "lines[1].amount")]
    made = talk.create(SALE, companyCode="DEFAULT")
    assert talk.done("uncommit", made["code"])["status"] == "Uncommitted"
    assert talk.done("commit", made["code"], {"commit": True})["status"] == "Committed"


def test_a_fee_goes_the_other_way_on_a_return(talk: Talk) -> None:
    made = talk.create(RETURN, lines=lines({"amount": -100}, {"amount": 10}))
    assert (made["totalAmount"], made["totalTax"]) == (-90, Decimal("-7.43"))  # -8.25, and 0.62, 0.10, 0.10


def test_the_account_tells_the_story_of_the_demo(other: Callable[..., Talk]) -> None:
    talk = other()
    seeded = talk.simulator.vendor.seed()
    assert talk.simulator.vendor.seed() == seeded  # nothing twice
    told = {order["invoice"]["id"]: order for order in parse(ORDERS.read_bytes()).values()}
    assert len(told) >= 25
    assert set(seeded["invoices"]) >= set(told)
    for code, order in told.items():
        invoice = said(talk.read(code))
        assert (invoice["status"], invoice["date"]) == ("Committed", order["invoice"]["issueDate"])
        assert (invoice["customerCode"], invoice["currencyCode"]) == (order["customer"]["id"], order["currency"])
        prices = {line["lineNumber"]: (line["lineAmount"], line["quantity"]) for line in invoice["lines"]}
        assert prices.keys() == {line["invoiceLine"] for line in order["lines"].values()}
        for line in order["lines"].values():
            amount, quantity = prices[line["invoiceLine"]]
            assert amount == (Decimal(line["unitPrice"]) * quantity).quantize(amount, ROUND_HALF_EVEN)
    assert talk.done("refund", "INV-778", REFUND)["totalAmount"] == Decimal("-1325.00")
