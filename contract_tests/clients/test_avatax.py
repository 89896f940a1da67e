"""The client of AvaTax against its simulation: which refund a credit is, what is recorded then, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from clients.refunds import BACKS, REFUNDS, SOLD, TAX, Back, sell
from clients.verbs import Connected, connected, recorded
from openreturns._json import parse
from openreturns.errors import MappingError
from openreturns.flow import taxed
from openreturns.idempotency import Done, Rejected
from openreturns.invariants import check
from openreturns.models import Credit
from openreturns.ports import TaxQuote
from openreturns.readback import NOT_AS_SENT
from openreturns.sandbox import Fault
from openreturns.transport import Answer, Outgoing
from openreturns.transport._wire import Wire, Within
from openreturns_adapters.avatax.simulator import Rate, simulator

REFUND = "POST */refund"
NAMED = ("refundTransactionCode", "refundDate", "referenceCode")


@pytest.fixture
def at() -> Iterator[Connected]:
    with connected("avatax") as there:
        yield there


@pytest.fixture
def sent(at: Connected, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What is sent to be done: the end of each path, and the body."""
    wire: Wire = at.client._client._wire
    plain, seen = wire.send, []

    def send(outgoing: Outgoing, within: Within) -> Answer:
        if outgoing.method == "POST":
            path = urlsplit(outgoing.url).path.rpartition("/")[2]
            seen.append((path, parse(outgoing.content)))
        return plain(outgoing, within)

    monkeypatch.setattr(wire, "send", send)
    return seen


@pytest.mark.parametrize("back", BACKS.values(), ids=BACKS)
def test_a_credit_is_the_refund_its_lines_make_it_or_recorded_by_its_own_lines(
    at: Connected, sent: list[tuple[str, Any]], back: Back
) -> None:
    credit = back.credit(1)
    sell(at.client, credit)
    outcome = at.client.commit(credit)
    assert isinstance(outcome, Done), outcome
    [_, (path, body)] = sent
    if back.refund is None:
        assert path == "create"
    else:
        assert path == "refund"
        assert {name: value for name, value in body.items() if name not in NAMED} == back.refund
        assert [body[name] for name in NAMED] == ["CM-000001", credit.issue_date.isoformat(), "INV-000001"]
    held = at.client._get("CM-000001")
    assert (held["totalAmount"], held["totalTax"]) == tuple(map(Decimal, back.recorded))
    assert at.client.read(outcome.ref).totals.tax.amount == -Decimal(back.recorded[1])


@pytest.mark.parametrize("back", REFUNDS, ids=lambda back: back.refund["refundType"])
def test_a_refund_that_was_not_made_is_told(at: Connected, back: Back) -> None:
    for number in (1, 2):
        credit = back.credit(number)
        sell(at.client, credit)
        if number == 2:
            at.simulator.faults.add(Fault("unheeded", REFUND))
        outcome = at.client.commit(credit)
        assert isinstance(outcome, Rejected if number == 2 else Done), outcome
        assert recorded(at.api, credit) == 2 - number


def test_a_refund_whose_number_gives_back_another_tax_is_told(at: Connected) -> None:
    credit = BACKS["all of it"].credit(1)
    sell(at.client, credit)
    back = {"type": "ReturnInvoice", "code": credit.number, "addresses": {"singleLocation": NOBODY_TAXES}}
    lines = [{"number": number, "amount": -Decimal(amount)} for number, (_, amount) in SOLD.items()]
    sell(at.client, credit, **back, lines=lines)
    outcome = at.client.commit(credit)
    assert isinstance(outcome, Rejected), outcome
    assert [problem.native for problem in outcome.problems] == ["/totalTax"]


NOBODY_TAXES = {"country": "KW", "city": "Kuwait City"}


GESTURE = {"kind": "goodwill", "effect": "increases_credit", "amount": {"amount": "0.00", "currency": "EUR"}}
TAX_ALONE = {
    "a part of the sale's tax": ({}, {"tax": TAX - 1}),
    "more than the sale's tax": ({}, {"tax": TAX + 1}),
    "of a sale not committed": ({"commit": False}, {}),
    "of a sale nobody recorded": ({"code": "INV-000009"}, {}),
    "with a fee": ({}, {"more": {"charges": [GESTURE]}}),
}


@pytest.mark.parametrize(("sale", "changes"), TAX_ALONE.values(), ids=TAX_ALONE)
def test_tax_alone_is_refused_before_it_is_sent_where_no_refund_gives_it_back(
    at: Connected, sent: list[tuple[str, Any]], sale: dict[str, Any], changes: dict[str, Any]
) -> None:
    credit = replace(BACKS["the tax only"], **changes).credit(1)
    sell(at.client, credit, **sale)
    with pytest.raises(MappingError) as caught:
        at.client.commit(credit)
    [problem] = caught.value.problems
    assert (problem.code, problem.canonical, problem.native) == ("tax_only", "/totals/tax", "/refundType")
    assert [path for path, _ in sent] == ["create"]


def test_tax_alone_is_not_estimated(at: Connected) -> None:
    with pytest.raises(MappingError, match="tax alone"):
        at.client.quote(BACKS["the tax only"].credit(1))


ORIGINAL = {"type": "invoice", "id": "INV-000009", "lineId": "1"}
SOLD_THEN, NO_DAY = {**ORIGINAL, "issueDate": "2026-09-14"}, ORIGINAL
DATED = {
    "the invoice's day": ([SOLD_THEN, SOLD_THEN], {}, "6.00", "reversed_from_original"),
    "no day that anybody knows": ([NO_DAY, NO_DAY], {}, "7.13", "recalculated"),
    "of one line the invoice's day": ([SOLD_THEN, NO_DAY], {}, "6.38", None),
    "a day of its own": ([NO_DAY, NO_DAY], {"taxPointDate": "2026-09-20"}, "6.00", "recalculated"),
}
"""A credit of two lines after the rate went up: their invoices, what else is said, the tax that is quoted and how."""


@pytest.mark.parametrize(("invoices", "more", "tax", "method"), DATED.values(), ids=DATED)
def test_a_tax_is_recorded_as_it_was_quoted(invoices: Any, more: dict[str, Any], tax: str, method: str | None) -> None:
    credit = drafted(invoices, more)
    with risen() as at:
        taken = taxed(credit, at.client.quote(credit)).replace(status="issued")
        assert (str(taken.totals.tax.amount), taken.tax_method) == (tax, method)
        assert check(taken) == ()
        assert isinstance(at.client.commit(taken), Done)
        assert at.client._get(taken.number)["totalTax"] == -Decimal(tax)


def test_a_tax_that_is_another_than_the_credits_is_told() -> None:
    credit = drafted([SOLD_THEN, SOLD_THEN])
    with risen() as at:
        quote = at.client.quote(credit)
        taken = taxed(credit, TaxQuote(quote.taxes, quote.total, method="recalculated")).replace(status="issued")
        outcome = at.client.commit(taken)
    assert isinstance(outcome, Rejected), outcome
    assert (outcome.kind, [one.native for one in outcome.problems]) == (NOT_AS_SENT, ["/totalTax"])


@contextmanager
def risen() -> Iterator[Connected]:
    """AvaTax after France's rate went up from 16 % to 19 %."""
    first = Rate("FR", "", "Country", "FR", "FRANCE", "FR VAT", Decimal("0.16"), tax_type="Output")
    rates = (first, replace(first, rate=Decimal("0.19"), since=date(2026, 10, 1)))
    with connected("avatax", simulator=simulator(rates=rates)) as at:
        yield at


def drafted(invoices: list[Any], more: dict[str, Any] | None = None) -> Credit:
    """A draft without its tax, of lines of 25.00 and 12.50."""
    data = Back({"1": ("1", "25.00"), "2": ("1", "12.50")}).credit(1).to_dict()
    for name in ("taxes", "taxMethod", "taxTransaction", "originalInvoices", "history"):
        data.pop(name, None)
    for line, invoice in zip(data["lines"], invoices, strict=True):
        del line["taxCategory"], line["taxRate"]
        line["originalInvoice"] = invoice
    net, none = data["totals"]["taxExclusive"], {"amount": "0.00", "currency": "EUR"}
    data["totals"] |= {"tax": none, "taxInclusive": net, "due": net}
    return Credit.model_validate({**data, "status": "draft", **(more or {})})
