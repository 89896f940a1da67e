"""The tax of credits on its way through AvaTax: what is refused, what is recorded, what is read back of it."""

from __future__ import annotations

import copy
import itertools
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openreturns import Adapter, Credit, adapter, invariants
from openreturns._json import dump, parse
from openreturns.errors import MappingError
from openreturns.mapping import Codec, Environment
from openreturns.sandbox import Clock, serving
from openreturns.validation import document_validator
from openreturns_adapters.avatax import codecs
from openreturns_adapters.avatax.simulator import simulator

HERE = Path(__file__).parent
GOOD = "two-pumps-and-four-gaskets-back"
TENANT: dict[str, Any] = tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["avatax"]

Record = dict[str, Any]

numbers = itertools.count(100)


def avatax(**settings: Any) -> Adapter:
    """The adapter; a setting of None is not configured."""
    changed = {name: value for name, value in {**TENANT["settings"], **settings}.items() if value is not None}
    return adapter("avatax", {**TENANT, "settings": changed})


def credit(name: str, changes: Record | None = None) -> Record:
    """The credit of an incident, with other values at some pointers; an empty text takes the value away."""
    document: Record = copy.deepcopy(parse((HERE / f"{name}.json").read_bytes())["written_from"])
    for pointer, value in (changes or {}).items():
        *steps, last = pointer.split("/")[1:]
        target: Any = document
        for step in steps:
            target = target[int(step) if isinstance(target, list) else step]
        if value == "":
            del target[last]
        else:
            target[last] = value
    return document


# --- what must not be recorded ---------------------------------------------------------------------------------

REFUSED = tomllib.loads((HERE / "refused.toml").read_text("utf-8"))["credit"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["story"]) for case in REFUSED])
def test_what_must_not_be_recorded_is_refused_with_both_places(case: Record) -> None:
    changed = credit(GOOD, case["set"])
    assert document_validator("credit").problems(changed) == ()
    with pytest.raises(MappingError) as raised:
        avatax().write_data(changed, "transaction_create", trusted=True)
    assert [[p.code, p.canonical, p.native] for p in raised.value.problems] == case["problems"]


def test_goods_are_sold_from_somewhere() -> None:
    with pytest.raises(MappingError) as raised:
        avatax(location_code=None).write_data(credit(GOOD), "transaction_create")
    [problem] = raised.value.problems
    assert (problem.canonical, problem.native) == ("/seller/address", "/addresses/shipFrom")


# What is changed in a credit -> the override of the document, and those of its lines: the day, and why.
DAYS: dict[str, tuple[Record, Any, list[Any]]] = {
    "the invoice's": ({}, ("2026-11-01", "Return"), [None, None]),
    "the invoice's though nobody says how": ({"/taxMethod": ""}, ("2026-11-01", "Return"), [None, None]),
    "the line's own before the document's": (
        {
            f"/lines/{n}/originalInvoice": {"type": "invoice", "id": "INV-778", "issueDate": "2026-10-30"}
            for n in (0, 1)
        },
        ("2026-10-30", "Return"),
        [None, None],
    ),
    "two days": (
        {"/lines/1/originalInvoice": {"type": "invoice", "id": "INV-779", "issueDate": "2026-10-30"}},
        None,
        [("2026-11-01", "Return"), ("2026-10-30", "Return")],
    ),
    "reckoned anew": ({"/taxMethod": "recalculated"}, None, [None, None]),
    "reckoned anew, for another day": (
        {"/taxMethod": "recalculated", "/taxPointDate": "2026-11-20"},
        ("2026-11-20", "Tax point"),
        [None, None],
    ),
    "nobody knows": ({"/taxMethod": "", "/originalInvoices": ""}, None, [None, None]),
    "of one line nobody knows": (
        {"/taxMethod": "", "/lines/1/originalInvoice": {"type": "invoice", "id": "INV-779"}},
        None,
        [("2026-11-01", "Return"), None],
    ),
}


@pytest.mark.parametrize(("changes", "document", "lines"), DAYS.values(), ids=DAYS)
def test_the_rates_are_of_a_day(changes: Record, document: Any, lines: list[Any]) -> None:
    [written] = avatax().write_data(credit(GOOD, changes), "transaction_create", trusted=True)
    assert day(written.record) == document
    assert [day(line) for line in written.record["lines"]] == lines


def day(holder: Record) -> tuple[str, str] | None:
    override = holder.get("taxOverride")
    return (override["taxDate"], override["reason"]) if override else None


@pytest.mark.parametrize(
    ("status", "final"),
    [("draft", False), ("pending_approval", False), ("approved", False), ("issued", True), ("refunded", True)],
)
def test_a_tax_is_final_once_its_credit_is_issued(status: str, final: bool) -> None:
    [written] = avatax().write_data(credit(GOOD, {"/status": status}), "transaction_create")
    assert written.record["commit"] is final


def test_charges_beside_lines_of_several_days_are_pointed_out() -> None:
    charge = {"kind": "goodwill", "effect": "increases_credit", "amount": {"amount": "1.00", "currency": "USD"}}
    several = {**DAYS["two days"][0], "/charges": [charge]}
    [written] = avatax().write_data(credit(GOOD, several), "transaction_create", trusted=True)
    assert [finding.code for finding in written.findings] == ["charge_tax_date"]


# --- values both ways -------------------------------------------------------------------------------------------

BOTH_WAYS = [
    (codecs.given_back, {"amount": "241.00", "currency": "USD"}, Decimal("-241.00")),
    (codecs.given_back, {"amount": "0.00", "currency": "USD"}, Decimal("0.00")),
    (codecs.unitless, {"value": "2.5", "uom": "EA"}, Decimal("2.5")),
    (codecs.limited(3), "P-1", "P-1"),
    (codecs.document_code, "CM-9_b.2", "CM-9_b.2"),
]


@pytest.mark.parametrize(("codec", "canonical", "native"), BOTH_WAYS)
def test_a_value_is_the_same_both_ways(codec: Codec, canonical: Any, native: Any) -> None:
    tenant = avatax().tenant
    environment, bound = Environment(tenant, {}, {}), codec.bind(tenant)
    environment.currency = "USD"
    written = bound.write.call(canonical, environment)
    assert (written, str(written)) == (native, str(native))
    parts = {name: part.call(native, environment) for name, part in bound.parts.items()}
    assert parts == (canonical if isinstance(canonical, dict) else {"": canonical})


@pytest.mark.parametrize("value", [Decimal("0.01"), 1, -2.5])  # the float is there to be refused
def test_money_given_back_that_is_positive_or_binary_is_refused(value: Any) -> None:
    environment = Environment(avatax().tenant, {}, {})
    environment.currency = "USD"
    with pytest.raises((ValueError, TypeError)):
        codecs.given_back.bind(environment.tenant).parts["amount"].call(value, environment)


# --- recorded, and read back -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine() -> Iterator[httpx.Client]:
    """A tax engine that has the distributor's invoices."""
    one = simulator(clock=Clock(datetime(2026, 11, 25, 12, tzinfo=UTC)))
    one.vendor.seed()
    with (
        serving([one]) as at,
        httpx.Client(base_url=at["avatax"], auth=("2000000000", "sandbox-license-key")) as client,
    ):
        yield client


def recorded(engine: httpx.Client, document: Record) -> tuple[Credit, tuple[Any, ...]]:
    """Write a credit, have it recorded, and read the answer."""
    [written] = avatax().write_data(document, "transaction_create")
    query = {"$include": "Lines,Details,Summary"}
    answer = engine.post("/transactions/create", content=dump(written.record), params=query)
    assert answer.is_success, answer.text
    read = avatax().read("transaction", answer.content)
    assert isinstance(read.document, Credit)
    return read.document, read.findings


def same(document: Record, found: Credit) -> None:
    """Everything of the money that the tax engine does not decide is as it was."""
    stated = Credit.model_validate_json(dump(document))
    assert found.number == stated.number
    assert [(line.line_id, line.amount, line.quantity) for line in found.lines] == [
        (line.line_id, line.amount, line.quantity) for line in stated.lines
    ]
    assert [(c.kind, c.effect, c.amount) for c in found.charges or ()] == [
        (c.kind, c.effect, c.amount) for c in stated.charges or ()
    ]
    assert found.totals.tax_exclusive == stated.totals.tax_exclusive
    assert found.tax_method == (stated.tax_method or "reversed_from_original")


@pytest.mark.parametrize(
    ("name", "tax"),
    [(GOOD, "20.87"), ("draft-less-a-fee-plus-freight", "25.01"), ("lines-of-two-invoices", "59.00")],
)
def test_what_is_recorded_reads_back(engine: httpx.Client, name: str, tax: str) -> None:
    document = credit(name)
    found, findings = recorded(engine, document)
    same(document, found)
    assert found.totals.tax.amount == Decimal(tax)
    assert (findings, invariants.check(found)) == ((), ())


amounts = st.decimals("0.01", "9999.99", places=2)
charges = st.lists(
    st.tuples(st.sampled_from(["restocking_fee", "freight_refund", "goodwill"]), st.booleans(), amounts), max_size=3
)


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(prices=st.lists(amounts, min_size=1, max_size=4), extra=charges)
def test_no_cent_is_lost_between_the_credit_and_its_tax(
    engine: httpx.Client, prices: list[Decimal], extra: list[tuple[str, bool, Decimal]]
) -> None:
    usd = "USD"
    lines, kept = sum(prices, Decimal(0)), sum((amount for _, more, amount in extra if not more), Decimal(0))
    more = sum((amount for _, more, amount in extra if more), Decimal(0))
    exclusive = lines - kept + more
    assume(exclusive >= 0)  # else there is no credit
    first = credit(GOOD)["lines"][0]
    sums = {"lines": lines, "decreases": kept, "increases": more, "taxExclusive": exclusive, "taxInclusive": exclusive}
    changes = {
        "/number": f"CM-{next(numbers)}",
        "/status": "draft",
        "/lines": [
            {
                **first,
                "lineId": str(place),
                "quantity": {"value": "1", "uom": "EA"},
                "unitPrice": money(price, usd),
                "amount": money(price, usd),
            }
            for place, price in enumerate(prices, 1)
        ],
        "/charges": [
            {"kind": kind, "effect": "increases_credit" if up else "decreases_credit", "amount": money(amount, usd)}
            for kind, up, amount in extra
        ],
        "/taxes": "",
        "/totals": {
            **{name: money(value, usd) for name, value in {**sums, "due": exclusive}.items()},
            "tax": money(Decimal(0), usd),
        },
    }
    document = credit(GOOD, changes)
    found, _ = recorded(engine, document)
    same(document, found)
    assert found.totals.tax.amount == sum(group.tax.amount for group in found.taxes or ())
    assert found.totals.tax_inclusive.amount == exclusive + found.totals.tax.amount


def money(value: Decimal, currency: str) -> Record:
    return {"amount": f"{value:f}", "currency": currency}
