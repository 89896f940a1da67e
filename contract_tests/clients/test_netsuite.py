"""What the NetSuite client does beyond one effect: whose lines, which lines, how much may come back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from clients import story
from clients.verbs import Connected, connected, done
from openreturns import adapter
from openreturns.models import Credit, DocumentRef, Return


@pytest.fixture
def served() -> Iterator[Connected]:
    with connected("netsuite") as one:
        yield one


def turned(number: int) -> Return:
    """The return with its second line first, so that the RMA's line numbers are not ours."""
    return_ = story.returned(number)
    return return_.replace(lines=tuple(reversed(return_.lines)))


def received(client: Any, number: int) -> dict[str, Decimal]:
    """How many units of each of our lines the RMA has received."""
    rma = client._rma(f"RMA-{number:06}")
    document = client.read(DocumentRef(type="return", id=str(rma["id"])))
    assert [line.extensions["com.netsuite.line"] for line in document.lines] == [1, 2]
    return {line.line_id: line.received.value for line in document.lines}


def test_goods_are_received_on_our_lines_whatever_their_numbers_are_there(served: Connected) -> None:
    return_ = turned(1)
    done(served.client.authorize(return_))
    [outcome] = served.client.receive(return_)
    done(outcome)
    came = {line.line_id: sum(one.quantity.value for one in line.receipts or ()) for line in return_.lines}
    assert list(came) == ["2", "1"]
    assert received(served.client, 1) == came


def test_goods_are_credited_on_our_lines_whatever_their_numbers_are_there(served: Connected) -> None:
    return_ = turned(2)
    done(served.client.authorize(return_))
    [outcome] = served.client.receive(return_)
    done(outcome)
    credit = served.client.read(done(served.client.issue_credit(story.credited(2))))
    skus = {line.line_id: line.item.sku for line in return_.lines}
    there = {"1": "2", "2": "1"}  # our line -> the RMA's
    for line in credit.lines:
        ours = next(ours for ours, theirs in there.items() if theirs == line.return_.line_id)
        assert line.item.sku == skus[ours]


def test_what_is_not_credited_stays_off_the_memo(served: Connected) -> None:
    """NetSuite starts a memo with all that came back."""
    return_ = story.returned(3)
    done(served.client.authorize(return_))
    [outcome] = served.client.receive(return_)
    done(outcome)
    whole = story.credited(3)
    kept = [line for line in whole.lines if line.return_ and line.return_.line_id == "1"]
    sum_ = whole.totals.due.replace(amount=sum(line.amount.amount for line in kept))
    totals = whole.totals.replace(**dict.fromkeys(("lines", "tax_exclusive", "tax_inclusive", "due"), sum_))
    part = whole.replace(lines=tuple(kept), totals=totals)
    held = served.client.read(done(served.client.issue_credit(part)))
    assert isinstance(held, Credit)
    assert {line.item.sku for line in held.lines if line.item} == {"P-100"}
    assert held.totals.tax_exclusive == sum_


# ---------------------------------------------------------------- eligibility


def requested(number: int, units: int) -> Return:
    """A return of some of the thirteen pumps of an order."""
    return_ = story.returned(number)
    line = return_.lines[0]
    much = line.requested.replace(value=Decimal(units))
    bought = {"type": "sales_order", "id": story.ORDER, "lineId": "1"}
    return return_.replace(
        lines=(
            line.replace(
                requested=much,
                authorized=None,
                expected=None,
                received=None,
                receipts=None,
                original_order=DocumentRef.model_validate(bought),
            ),
        )
    )


def eligible(served: Connected, number: int, units: int) -> tuple[Decimal, str]:
    [line] = served.client.check_eligibility(requested(number, units))
    return line.returnable.value, line.reason


def test_what_was_sold_may_come_back_at_its_price_and_from_its_day(served: Connected) -> None:
    [line] = served.client.check_eligibility(requested(1, 13))
    assert (line.returnable.value, line.reason) == (13, "")
    assert line.unit_price.amount == Decimal("120.50")
    assert (line.original.id, line.original.line_id) == ("INV-89002", "1")
    assert line.original.issue_date.isoformat() == "2026-09-11"


def test_what_is_on_another_return_of_the_order_may_not_come_back_again(served: Connected) -> None:
    done(served.client.authorize(requested(1, 8)))
    assert eligible(served, 2, 6) == (Decimal(5), "5 of 6 are left of what was sold")
    assert eligible(served, 1, 8) == (Decimal(8), "")  # its own RMA takes nothing from it


def test_what_a_cancelled_return_had_taken_may_come_back(served: Connected) -> None:
    ref = done(served.client.authorize(requested(1, 8)))
    done(served.client.cancel(ref))
    assert eligible(served, 2, 13) == (Decimal(13), "")


def test_what_was_not_sold_may_not_come_back(served: Connected) -> None:
    asked = requested(1, 1)
    [line] = asked.lines
    assert line.original_invoice
    unknown = line.replace(original_invoice=line.original_invoice.replace(id="INV-404"))
    [found] = served.client.check_eligibility(asked.replace(lines=(unknown,)))
    assert (found.returnable.value, found.reason) == (0, "no invoice was found")


# ---------------------------------------------------------------- ids


TABLES = {"customer": {"read": {"1042": "C-1042"}}, "sales_order": {"read": {"85003": "SO-56002"}}}


def test_numbers_that_all_systems_share_stand_for_internal_ids() -> None:
    own = {"settings": {"account_id": "1234567_SB1"}, "tables": {**TABLES, "currency": {"read": {"1": "USD"}}}}
    netsuite = adapter("netsuite", own)
    document = requested(1, 3)
    shared = document.replace(
        customer=document.customer.replace(id="C-1042"),
        refs=(DocumentRef(type="sales_order", id="SO-56002"),),
        lines=tuple(
            line.replace(original_order=line.original_order and line.original_order.replace(id="SO-56002"))
            for line in document.lines
        ),
    )
    [written] = netsuite.write(shared, "return_authorization")
    [as_before] = netsuite.write(document, "return_authorization")
    assert written.record == as_before.record
    assert written.record["entity"] == {"id": "1042"}
    held = {**written.record, "id": "90311", "lastModifiedDate": "2026-11-26T12:00:00Z"}
    found = netsuite.read("return_authorization", held)
    read = found.document
    assert "internal_id" not in [finding.code for finding in found.findings]
    assert isinstance(read, Return)
    assert read.customer.id == "C-1042"
    assert [ref.id for ref in read.refs or ()] == ["SO-56002"]
    assert read.lines[0].original_order is not None
    assert read.lines[0].original_order.id == "SO-56002"


def test_an_internal_id_that_the_tenant_does_not_list_is_told() -> None:
    own = {"settings": {"account_id": "1234567_SB1"}, "tables": {**TABLES, "currency": {"read": {"1": "USD"}}}}
    document = requested(1, 3)
    other = document.replace(customer=document.customer.replace(id="2026"))
    [written] = adapter("netsuite", own).write(other, "return_authorization")
    held = {**written.record, "id": "90311", "lastModifiedDate": "2026-11-26T12:00:00Z"}
    found = adapter("netsuite", own).read("return_authorization", held)
    assert [finding.code for finding in found.findings].count("internal_id") == 1
    assert isinstance(found.document, Return)
    assert found.document.customer.id == "2026"
