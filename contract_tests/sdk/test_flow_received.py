"""What the warehouse tells becomes receipts: each unit once, whatever news comes twice, late or not at all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from clients import story
from hypothesis import given, settings
from hypothesis import strategies as st
from openreturns.errors import ContractError
from openreturns.flow import line_numbers, match_lines, match_receipts, received, taxed
from openreturns.invariants import check, check_case
from openreturns.models import Disposition, DocumentRef, Money, Quantity, Return, TaxAmount
from openreturns.ports import TaxQuote


def asked(*units: int) -> Return:
    """A return of so many units, a line each, of which nothing has come."""
    return_ = story.returned(1)
    line = return_.lines[0].replace(receipts=None, received=None, authorized=None, expected=None)
    lines = [
        line.replace(line_id=str(place), item=line.item.replace(sku=f"P-{place}"), requested=ea(count))
        for place, count in enumerate(units, 1)
    ]
    return return_.replace(lines=tuple(lines))


def ea(count: int | Decimal) -> Quantity:
    return Quantity(value=Decimal(count), uom="EA")


def seen(return_: Return, *units: int, **more: Any) -> Return:
    """The same return as a warehouse has it that has counted so many units of each line, in one delivery."""
    receipt = {"receiptId": "count-1", "receivedAt": "2026-10-05T10:00:00Z"}
    data = return_.to_dict()
    for line, count in zip(data["lines"], units, strict=True):
        if count:
            line["receipts"] = [{**receipt, "quantity": ea(count).to_dict(), **more}]
    return Return.model_validate(data)


def counts(return_: Return) -> list[list[tuple[str, Decimal]]]:
    return [[(one.receipt_id, one.quantity.value) for one in line.receipts or ()] for line in return_.lines]


def test_what_came_since_is_one_more_delivery() -> None:
    return_ = asked(10, 40)
    first = received(return_, seen(return_, 4, 0))
    second = received(first, seen(return_, 9, 40))
    assert counts(first) == [[("count-1", Decimal(4))], []]
    assert counts(second) == [[("count-1", Decimal(4)), ("count-1-2", Decimal(5))], [("count-1-2", Decimal(40))]]
    assert [line.received and line.received.value for line in second.lines] == [9, 40]
    assert [str(one) for one in check(second)] == []


@settings(max_examples=60)
@given(
    totals=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=6),
    news=st.lists(st.integers(0, 5), max_size=12),
)
def test_each_unit_is_received_once_whatever_order_the_news_comes_in(
    totals: list[tuple[int, int]], news: list[int]
) -> None:
    """Counts only grow at the warehouse; what is told of them may come twice, in any order, or not at all."""
    grown = [tuple(max(one[side] for one in totals[: place + 1]) for side in (0, 1)) for place in range(len(totals))]
    return_ = asked(30, 30)
    now = return_
    for place in [*(one % len(grown) for one in news), len(grown) - 1]:
        before = now
        now = received(now, seen(return_, *grown[place]))
        assert received(now, seen(return_, *grown[place])) is now
        assert counts(now)[0][: len(counts(before)[0])] == counts(before)[0]  # what is recorded stays
    assert [sum(count for _, count in line) for line in counts(now)] == list(grown[-1])


def test_what_the_warehouse_counts_on_a_line_a_lot_comes_together() -> None:
    return_ = asked(6, 1)
    told = seen(return_, 2, 0)
    first, other = told.lines
    more = first.receipts[0].replace(quantity=ea(3), item=first.item.replace(lot="B"))  # type: ignore[index] # above
    later = more.replace(receipt_id="count-2", quantity=ea(1))
    lots = told.replace(lines=(first, other, first.replace(receipts=(more, later))))
    now = received(return_, lots)
    assert counts(now) == [[("count-1", Decimal(5)), ("count-2", Decimal(1))], []]
    assert now.lines[0].received == ea(6)
    assert [one.item and one.item.lot for one in now.lines[0].receipts or ()] == [None, "B"]
    assert [str(one) for one in check(now)] == []
    assert received(now, lots) is now


def test_older_news_adds_nothing() -> None:
    return_ = asked(10)
    now = received(return_, seen(return_, 9))
    assert received(now, seen(return_, 4)) is now


def test_a_receipt_has_the_lot_that_came_and_what_is_odd_about_it() -> None:
    return_ = asked(7)
    count = seen(return_, 8, discrepancy="over")
    [line] = count.lines
    count = count.replace(lines=(line.replace(item=line.item.replace(lot="L-1")),))
    [receipt] = received(return_, count).lines[0].receipts or ()
    assert (receipt.discrepancy, receipt.item and receipt.item.lot) == ("over", "L-1")


def test_goods_on_no_line_and_another_unit_are_refused() -> None:
    return_ = asked(10)
    with pytest.raises(ContractError, match="no line '2'"):
        received(return_, seen(asked(10, 5), 1, 1))
    with pytest.raises(ContractError, match="XBX"):
        received(return_, seen(return_, 4, quantity={"value": "4", "uom": "XBX"}))


def test_lines_are_matched_by_item_where_each_stands_on_one() -> None:
    return_ = asked(10, 40)
    theirs = match_lines(return_, {"1": "9557855", "2": "9557856"})
    assert line_numbers(theirs, return_) == {"9557855": "1", "9557856": "2"}
    twice = return_.replace(lines=tuple(line.replace(item=return_.lines[0].item) for line in return_.lines))
    for seen_, known in ((theirs, twice), (asked(1, 1, 1), return_)):
        with pytest.raises(ContractError) as wrong:
            line_numbers(seen_, known)
        assert wrong.value.problems[0].canonical.endswith("/item/sku")


def decided(return_: Return, *units: int) -> Disposition:
    [line, *_] = story.decided(1).lines
    [split, *_] = line.splits
    lines = [
        line.replace(
            line_id=one.line_id,
            return_line_id=one.line_id,
            item=one.item,
            inspected=ea(count),
            splits=(split.replace(quantity=ea(count), serials=None),),
        )
        for one, count in zip(return_.lines, units, strict=True)
    ]
    return story.decided(1).replace(lines=tuple(lines))


def test_what_came_in_several_deliveries_is_inspected_as_none_of_them() -> None:
    return_ = asked(10, 40)
    now = received(received(return_, seen(return_, 4, 0)), seen(return_, 9, 40))
    disposition = match_receipts(decided(return_, 9, 40), now)
    assert [line.receipt_id for line in disposition.lines] == [None, "count-1-2"]
    assert [str(one) for one in check_case([now, disposition])] == []


def test_a_credit_has_the_tax_that_was_quoted() -> None:
    credit = story.credited(1)
    tax = TaxAmount.model_validate(
        {
            "taxType": "SalesTax",
            "category": "S",
            "rate": "8.25",
            "taxable": credit.totals.tax_exclusive.to_dict(),
            "tax": {"amount": "99.37", "currency": "USD"},
        }
    )
    ref = DocumentRef(type="tax_transaction", id=credit.number)
    quote = TaxQuote((tax,), Money(amount=Decimal("99.37"), currency="USD"), ref, "reversed_from_original")
    for said in (quote, TaxQuote((tax,), method="recalculated")):
        found = taxed(credit, said)
        assert found.totals.tax.amount == Decimal("99.37")
        assert found.totals.tax_inclusive.amount == credit.totals.tax_exclusive.amount + Decimal("99.37")
        assert (found.taxes, found.totals.due) == ((tax,), found.totals.tax_inclusive)
        assert (found.tax_method, found.tax_transaction) == (said.method, said.ref)
        assert [str(one) for one in check(found)] == []


def test_no_tax_is_a_quote_too() -> None:
    credit = taxed(story.credited(1), TaxQuote())
    assert (credit.taxes, credit.tax_method) == (None, None)
    assert credit.totals.due == credit.totals.tax_exclusive
