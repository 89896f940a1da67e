"""The client of AvaTax against its simulation: which refund a credit is, what is recorded then, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from clients.refunds import BACKS, REFUNDS, SOLD, TAX, Back, sell
from clients.verbs import Connected, connected, recorded
from openreturns._json import parse
from openreturns.errors import MappingError
from openreturns.idempotency import Done, Rejected
from openreturns.sandbox import Fault
from openreturns.transport import Answer, Outgoing
from openreturns.transport._wire import Wire, Within

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
