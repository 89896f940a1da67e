"""What the NetSuite client does beyond one effect: whose lines, which lines, how much may come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from clients import story
from clients.verbs import Connected, connected, done
from openreturns import adapter
from openreturns.errors import ContractError, MappingError
from openreturns.models import Credit, DocumentRef, Return
from openreturns_adapters.netsuite.simulator import simulator


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


def sold(served: Connected, price: str = "120.50", currency: int = 1, pumps: str = "7") -> str:
    """Sell pumps and twice three gaskets anew; return the invoice's number."""
    lines = [["P-100", pumps, price], ["G-7", 3, "3.00"], ["G-7", 3, "3.00"]]
    served.simulator.step("sell", order="SO-1", invoice="INV-1", customer="C-1042", lines=lines, currency=currency)
    return "INV-1"


def of(invoice: str, *asked: tuple[str, str, str, str | None]) -> Return:
    """A return of lines of one invoice: item, units, unit of measure, the invoice's line if it is named."""
    return_ = requested(1, 1)
    [line] = return_.lines
    lines = []
    for place, (sku, units, uom, named) in enumerate(asked, 1):
        row = line.to_dict() | {"lineId": str(place), "item": {"sku": sku}, "requested": {"value": units, "uom": uom}}
        row |= {"originalInvoice": {"type": "invoice", "id": invoice, **({"lineId": named} if named else {})}}
        del row["unitPrice"]
        lines.append({name: value for name, value in row.items() if name != "originalOrder"})
    return Return.model_validate(return_.to_dict() | {"currency": "USD", "lines": lines})


@pytest.mark.parametrize(
    ("asked", "agreed"),
    {
        "one line of the invoice twice": ([("P-100", "4", "EA", "1"), ("P-100", "4", "EA", "1")], ["4", "3"]),
        "named and by its item": ([("P-100", "4", "EA", "1"), ("P-100", "4", "EA", None)], ["4", "3"]),
        "an item on two lines of the invoice": ([("G-7", "3", "EA", None), ("G-7", "3", "EA", None)], ["3", "3"]),
        "and no more than both": ([("G-7", "3", "EA", None)] * 3, ["3", "3", "0"]),
        "of several lines": ([("P-100", "5", "EA", "1"), ("G-7", "2", "EA", "2")], ["5", "2"]),
    }.values(),
)
def test_lines_of_a_return_share_what_was_sold(
    served: Connected, asked: list[tuple[str, str, str, str | None]], agreed: list[str]
) -> None:
    found = served.client.check_eligibility(of(sold(served), *asked))
    assert [f"{line.returnable.value:f}" for line in found] == agreed


def test_what_may_come_back_is_told_in_the_unit_that_it_was_sold_in(served: Connected) -> None:
    [line] = served.client.check_eligibility(of(sold(served), ("P-100", "2", "XCS", "1")))
    assert (line.returnable.uom, line.reason) == ("EA", "sold by EA, asked for by XCS")


def test_what_is_on_another_return_in_another_unit_takes_all(served: Connected) -> None:
    """How many units are in a carton is not known here: too little is for a person to look at."""
    ref = done(served.client.authorize(requested(1, 2)))
    cartons = {"item": {"items": [{"line": 1, "units": "2", "quantity": 1}]}}
    served.simulator.step("change", record="returnAuthorization", id=ref.id, body=cartons)
    [found] = served.client.check_eligibility(requested(2, 2))
    assert found.returnable.value == 0


def test_the_price_is_in_the_currency_of_the_invoice(served: Connected) -> None:
    [line] = served.client.check_eligibility(of(sold(served, currency=2), ("P-100", "2", "EA", "1")))
    assert (line.unit_price.amount, line.unit_price.currency) == (Decimal("120.50"), "EUR")


@pytest.mark.parametrize(
    ("rate", "price", "of_how_many"),
    [
        ("0.0375", "0.0375", None),
        ("1.10000001", "1.10", None),
        ("0.00000001", "0.00", None),
        ("1.23456789", "8.64", 7),
    ],
)
def test_a_rate_of_more_digits_than_a_price_has_is_told_as_what_was_paid(
    served: Connected, rate: str, price: str, of_how_many: int | None
) -> None:
    """Seven at 1.23456789 were 8.64."""
    [line] = served.client.check_eligibility(of(sold(served, rate), ("P-100", "2", "EA", "1")))
    base = line.price_base.value if line.price_base else None
    assert (line.unit_price.amount, base) == (Decimal(price), of_how_many)


def test_an_invoice_that_no_document_can_say_is_a_drift(served: Connected) -> None:
    with pytest.raises(ContractError) as raised:
        served.client.check_eligibility(of(sold(served, pumps="1.2345678"), ("P-100", "2", "EA", "1")))
    assert raised.value.kind == "contract_drift"


# ---------------------------------------------------------------- the feed


@pytest.mark.parametrize(
    ("form", "day"),
    [
        ("MM/DD/YYYY", "03/05/2026"),
        ("M/D/YYYY", "3/5/2026"),
        ("DD.MM.YYYY", "05.03.2026"),
        ("D.M.YYYY", "5.3.2026"),
        ("YYYY-M-D", "2026-3-5"),
    ],
)
def test_a_filter_has_days_as_the_user_writes_them(form: str, day: str) -> None:
    vendor = simulator(concurrent=100, negative_stock=True, date_preference=form)
    with connected("netsuite", simulator=vendor, settings={"date_format": form}) as served:
        ref = done(served.client.authorize(story.returned(1)))
        asked: list[str] = []
        ids = served.client._ids

        def heard(native: str, q: str) -> Any:
            asked.append(q)
            return ids(native, q)

        served.client._ids = heard
        found = list(served.client.changes(datetime(2026, 3, 6, tzinfo=UTC)))
    assert set(asked) == {f'lastModifiedDate ON_OR_AFTER "{day}"'}
    assert ref in [change.ref for change in found]


def test_a_date_format_that_is_not_known_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(MappingError, match="'date_format' is one of MM/DD/YYYY, "):
        adapter("netsuite", {"settings": {"account_id": "1234567_SB1", "date_format": "D-Mon-YYYY"}})


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
