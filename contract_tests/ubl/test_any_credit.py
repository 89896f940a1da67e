"""Laws for every right credit: it makes a credit note that the official rules pass, and comes back the same."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from openreturns import Credit, adapter
from openreturns._json import dump
from openreturns.invariants import check
from standards import official

HERE = Path(__file__).parent
UBL = adapter("ubl", tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["ubl"])

CENT = Decimal("0.01")
REASONS = ("goods_returned", "defective_goods", "price_correction", "goodwill", "recall")
KINDS = {
    "restocking_fee": "decreases_credit",
    "damage_deduction": "decreases_credit",
    "freight_refund": "increases_credit",
    "goodwill": "increases_credit",
}
RATES = {"S": (Decimal(21), Decimal(6), Decimal("5.5")), "Z": (Decimal(0),), "E": (Decimal(0),)}

Record = dict[str, Any]


def money(value: Decimal) -> Record:
    """An amount as ledgers spell it: with cents, and no sign before nothing."""
    return {"amount": f"{cents(value) + 0:f}", "currency": "EUR"}


def price_of(value: Decimal) -> Record:
    return {"amount": f"{value:f}", "currency": "EUR"}


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


taxed = st.sampled_from([(category, rate) for category, rates in RATES.items() for rate in rates])
amounts = st.integers(0, 10**7).map(lambda count: Decimal(count) / 100)


@st.composite
def lines(draw: st.DrawFn) -> tuple[Record, tuple[str, Decimal], Decimal]:
    """A line, how it is taxed, and its amount."""
    quantity = Decimal(draw(st.integers(1, 10_000))) / draw(st.sampled_from([1, 1, 10, 1000]))
    price = Decimal(draw(st.integers(0, 10**6))) / draw(st.sampled_from([100, 10_000]))
    base = draw(st.sampled_from([None, Decimal(1), Decimal(100)]))
    gross = quantity * price / (base or 1)
    discount = draw(st.sampled_from([None, cents(gross / 10)]))
    amount = cents(gross - (discount or 0))
    key = draw(taxed)
    item = draw(st.sampled_from([None, {"sku": "P-1"}, {"description": "Training & <advice>"}]))
    line: Record = {
        "quantity": {"value": f"{quantity:f}", "uom": "KGM"},
        "unitPrice": price_of(price),
        "amount": money(amount),
        "reason": {"code": draw(st.sampled_from(REASONS))},
        "taxCategory": key[0],
        "taxRate": f"{key[1]:f}",
        **({"item": item} if item else {}),
        **({"priceBase": {"value": f"{base:f}", "uom": "KGM"}} if base else {}),
        **({"discount": money(discount)} if discount is not None else {}),
    }
    return line, key, amount


@st.composite
def charges(draw: st.DrawFn) -> tuple[Record, tuple[str, Decimal], Decimal]:
    """A charge, how it is taxed, and what it adds to the credit."""
    kind, amount, key = draw(st.sampled_from(sorted(KINDS))), draw(amounts), draw(taxed)
    charge = {
        "kind": kind,
        "effect": KINDS[kind],
        "amount": money(amount),
        "taxCategory": key[0],
        "taxRate": f"{key[1]:f}",
    }
    return charge, key, amount if KINDS[kind] == "increases_credit" else -amount


@st.composite
def credits_(draw: st.DrawFn) -> Credit:
    """A credit that keeps every rule; taking back another now and then."""
    rows = draw(st.lists(lines(), min_size=1, max_size=4))
    extra = draw(st.lists(charges(), max_size=3))
    if sum((value for _, _, value in [*rows, *extra]), Decimal(0)) < 0:
        extra = []
    bases: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for _, key, value in [*rows, *extra]:
        bases[key] += value
    taxes = {key: cents(base * key[1] / 100) for key, base in bases.items()}
    if sum(taxes.values()) < 0:
        return draw(credits_())
    total = sum((value for _, _, value in rows), Decimal(0))
    less = -sum((value for _, _, value in extra if value < 0), Decimal(0))
    more = sum((value for _, _, value in extra if value > 0), Decimal(0))
    net, tax = total - less + more, sum(taxes.values(), Decimal(0))
    reason = {"exemptionReason": "Exempt"}
    document = {
        "meta": {
            "schema": "openreturns/credit/1.1",
            "documentId": "c-1",
            "revision": 1,
            "sourceSystem": "erp",
            "issuedAt": "2026-11-01T00:00:00Z",
            "correlationId": "RMA-1",
        },
        "number": "CM-1",
        "status": "issued",
        "direction": "to_customer",
        "issueDate": "2026-11-01",
        "seller": {"id": "NG-BE", "name": "Northgate Distribution NV"},
        "buyer": {"id": "C-2207", "name": "Harbour Lane Pumps BV"},
        "currency": "EUR",
        "originalInvoices": [{"type": "invoice", "id": "INV-1"}],
        "lines": [{"lineId": str(n), **line} for n, (line, _, _) in enumerate(rows, 1)],
        **({"charges": [charge for charge, _, _ in extra]} if extra else {}),
        "taxes": [
            {
                "taxType": "VAT",
                "category": key[0],
                "rate": f"{key[1]:f}",
                "taxable": money(base),
                "tax": money(taxes[key]),
                **(reason if key[0] == "E" else {}),
            }
            for key, base in bases.items()
        ],
        "totals": {
            "lines": money(total),
            **({"decreases": money(less)} if less else {}),
            **({"increases": money(more)} if more else {}),
            "taxExclusive": money(net),
            "tax": money(tax),
            "taxInclusive": money(net + tax),
            "due": money(net + tax),
        },
    }
    if draw(st.booleans()) and net + tax > 0:
        document["reverses"] = {"type": "credit", "id": "CM-0"}
        del document["originalInvoices"]
    return Credit.model_validate_json(dump(document))


@given(credit=credits_())
@settings(max_examples=100, deadline=None)
def test_a_credit_comes_back_with_every_amount(credit: Credit) -> None:
    assert [str(problem) for problem in check(credit)] == []
    [written] = UBL.write(credit, "credit_note")
    read = UBL.read("credit_note", written.to_bytes())
    assert read.findings == ()
    again, first = read.document.to_dict(), credit.to_dict()
    assert again["taxes"] == first["taxes"]
    assert again["totals"] == {**again["totals"], **first["totals"]}
    assert [charge["amount"] for charge in again.get("charges", [])] == [
        charge["amount"] for charge in first.get("charges", [])
    ]
    for name in ("amount", "quantity", "taxCategory", "taxRate"):
        assert [line[name] for line in again["lines"]] == [line[name] for line in first["lines"]]


@official.needed
@given(credit=credits_())
@settings(max_examples=100, deadline=None)
def test_a_credit_makes_a_credit_note_that_all_official_rules_pass(credit: Credit) -> None:
    [written] = UBL.write(credit, "credit_note")
    assert official.findings(written.to_bytes()) == []
