"""What follows from a decision conserves every piece and every cent, for decisions of any shape."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from decided import BASES, DOCK, MINOR_UNITS, as_disposition, as_return, decided, fraction
from hypothesis import event, given, settings
from openreturns.errors import ContractError
from openreturns.flow import adjustments_of, credit_of, match_lines
from openreturns.invariants import check, check_case
from openreturns.models import Adjustment, Credit, Disposition, Return


def decided_quantity(disposition: Disposition, *, moved_only: bool) -> dict[tuple[str, str], Fraction]:
    """How much of which item (in which unit) was decided; `moved_only` what is to leave the dock for elsewhere."""
    sums: dict[tuple[str, str], Fraction] = {}
    for line in disposition.lines:
        for split in line.splits:
            if not moved_only or moves(split):
                key = str(line.item.sku), split.quantity.uom
                sums[key] = sums.get(key, Fraction(0)) + fraction(split.quantity.value)
    return sums


def moves(split: Any) -> bool:
    """Whether a split leaves the place where inspected goods wait."""
    if split.to is None or split.disposition.code == "pending":
        return False
    return (split.to.status, split.to.location and split.to.location.id) != ("inspection", DOCK)


@settings(deadline=None, max_examples=100)
@given(documents=decided())
def test_all_decided_is_all_inspected(documents: tuple[Return, Disposition]) -> None:
    """The documents made here are sound, so that what follows is tried on legitimate business."""
    disposition = documents[1]
    assert [str(problem) for problem in check_case(documents)] == []
    inspected: dict[tuple[str, str], Fraction] = {}
    for line in disposition.lines:
        inspected[str(line.item.sku), line.inspected.uom] = fraction(line.inspected.value)
    assert decided_quantity(disposition, moved_only=False) == inspected


@settings(deadline=None, max_examples=100)
@given(documents=decided())
def test_stock_moves_carry_what_was_decided_and_not_a_piece_more(documents: tuple[Return, Disposition]) -> None:
    return_, disposition = documents
    made = adjustments_of(disposition, location=DOCK)
    event(f"{len(made)} adjustments")
    assert [str(problem) for problem in check_case([return_, disposition, *made])] == []
    moved: dict[tuple[str, str], Fraction] = {}
    named: Counter[tuple[str, str]] = Counter()
    for adjustment in made:
        outside = {line.to.status == "external" for line in adjustment.lines}
        assert len(outside) == 1
        for line in adjustment.lines:
            assert line.from_.to_dict() == {"status": "inspection", "location": {"id": DOCK}}
            key = str(line.item.sku), line.quantity.uom
            moved[key] = moved.get(key, Fraction(0)) + fraction(line.quantity.value)
            assert line.disposition is not None
            named[line.disposition.line_id, str(line.disposition.split_id)] += 1
    assert moved == decided_quantity(disposition, moved_only=True)
    assert set(named.values()) <= {1}


@settings(deadline=None, max_examples=100)
@given(documents=decided())
def test_taking_the_moves_back_leaves_nothing_moved(documents: tuple[Return, Disposition]) -> None:
    made = adjustments_of(documents[1], location=DOCK)
    back = [reversal(adjustment) for adjustment in made]
    balance: dict[str, Fraction] = {}
    for adjustment in (*made, *back):
        for line in adjustment.lines:
            for position, sign in ((line.from_, -1), (line.to, 1)):
                place = json.dumps([position.to_dict(), line.item.sku, line.quantity.uom])
                balance[place] = balance.get(place, Fraction(0)) + sign * fraction(line.quantity.value)
    assert set(balance.values()) <= {Fraction(0)}
    assert [str(problem) for problem in check_case([*documents, *made, *back]) if problem.rule == "AJ3"] == []


def reversal(adjustment: Adjustment) -> Adjustment:
    """The document that takes an adjustment back: every line the other way."""
    data = adjustment.to_dict()
    data["meta"] |= {"documentId": f"{adjustment.meta.document_id}-back"}
    data |= {"number": f"{adjustment.number}-back", "reverses": {"type": "adjustment", "id": adjustment.number}}
    for line in data["lines"]:
        line["from"], line["to"] = line["to"], line["from"]
    return Adjustment.model_validate(data)


# ---------------------------------------------------------------- money


def half_even(value: Fraction, digits: int) -> Fraction:
    """Round to this many digits, a tie to the even neighbour, in whole numbers only."""
    return Fraction(round(value * 10**digits), 10**digits)


@settings(deadline=None, max_examples=100)
@given(documents=decided())
def test_a_credit_is_what_its_splits_are_worth_to_the_last_digit(documents: tuple[Return, Disposition]) -> None:
    return_, disposition = documents
    digits = MINOR_UNITS[return_.currency]
    prices = {line.line_id: fraction(line.unit_price.amount) for line in return_.lines if line.unit_price}
    worth = {
        (line.line_id, split.split_id): half_even(fraction(split.quantity.value) * prices[line.return_line_id], digits)
        for line in disposition.lines
        for split in line.splits
        if split.creditable is not False and split.disposition.code != "pending"
    }
    credit = credit_of(return_, disposition, seller="MAIN", issue_date="2026-11-22")
    event("no credit" if credit is None else "credit")
    if credit is None:
        assert worth == {}
        return
    lines = {
        (line.disposition.line_id, line.disposition.split_id): fraction(line.amount.amount)
        for line in credit.lines
        if line.disposition is not None
    }
    assert lines == worth
    totals = credit.totals
    owed = sum(worth.values(), Fraction(0))
    for total in (totals.lines, totals.tax_exclusive, totals.tax_inclusive, totals.due):
        assert fraction(total.amount) == owed
    assert totals.tax.amount == 0
    assert credit.status == "draft"
    assert [str(problem) for problem in check_case([return_, disposition, credit])] == []


@settings(deadline=None, max_examples=100)
@given(documents=decided())
def test_doing_it_twice_makes_the_same_documents(documents: tuple[Return, Disposition]) -> None:
    return_, disposition = documents
    before = return_.to_json(), disposition.to_json()
    assert adjustments_of(disposition, location=DOCK) == adjustments_of(disposition, location=DOCK)
    credits_ = [credit_of(return_, disposition, seller="MAIN", issue_date="2026-11-22") for _ in range(2)]
    assert credits_[0] == credits_[1]
    assert (return_.to_json(), disposition.to_json()) == before


# ---------------------------------------------------------------- single incidents


def disposition_of(**changes: Any) -> Disposition:
    """The base disposition with its one line's splits replaced by one of 3 pieces with these changes."""
    data = json.loads(json.dumps(BASES["disposition"]))
    split = {**data["lines"][0]["splits"][0], "quantity": {"value": "3", "uom": "EA"}, **changes}
    split.pop("serials")
    data["lines"][0]["splits"] = [{name: value for name, value in split.items() if value is not None}]
    return as_disposition(data)


KEPT = {"disposition": {"code": "customer_keeps"}, "to": None}
CREDITED: dict[str, tuple[dict[str, Any], str | None]] = {
    "restocked": ({}, "37.50"),
    "scrapped": ({"disposition": {"code": "scrap"}, "to": {"status": "external", "boundary": "scrap"}}, "37.50"),
    "kept by the customer": (KEPT, "37.50"),
    "nobody said whether": ({"creditable": None}, "37.50"),
    "the inspector said no": ({"creditable": False}, None),
    "not decided yet": ({"disposition": {"code": "pending"}, "to": None}, None),
}


@pytest.mark.parametrize("what", CREDITED)
def test_what_is_credited(what: str) -> None:
    changes, due = CREDITED[what]
    credit = credit_of(as_return(BASES["return"]), disposition_of(**changes), seller="MAIN", issue_date="2026-11-22")
    assert (credit and f"{credit.totals.due.amount:f}") == due


MOVED: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "restocked": ({}, [("disposition-1-stock", "disposition")]),
    "scrapped": (
        {"disposition": {"code": "scrap"}, "to": {"status": "external", "boundary": "scrap"}},
        [("disposition-1-exit", "scrap")],
    ),
    "given away": (
        {"disposition": {"code": "donate"}, "to": {"status": "external", "boundary": "donation"}},
        [("disposition-1-exit", "disposition")],
    ),
    "kept by the customer": (KEPT, []),
    "not decided yet": ({"disposition": {"code": "pending"}, "to": {"status": "inspection"}}, []),
}


@pytest.mark.parametrize("what", MOVED)
def test_what_is_moved(what: str) -> None:
    changes, expected = MOVED[what]
    made = adjustments_of(disposition_of(**changes), location=DOCK)
    assert [(one.number, one.lines[0].reason.code) for one in made] == expected
    assert {one.meta.causation_id for one in made} <= {"disposition-1"}


def test_goods_without_a_price_are_not_credited_at_nothing() -> None:
    data = json.loads(json.dumps(BASES["return"]))
    del data["lines"][0]["unitPrice"]
    with pytest.raises(ContractError, match="return line '1' has no price"):
        credit_of(as_return(data), as_disposition(BASES["disposition"]), seller="MAIN", issue_date="2026-11-22")


# What is changed in the return's line, the disposition's split -> what is said
NOT_CREDITED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a price in another currency": (
        {"unitPrice": {"amount": "1.00", "currency": "USD"}},
        {},
        "return line '1' is priced in USD, the return in EUR",
    ),
    "a price for another unit": (
        {"requested": {"value": "1", "uom": "CS"}},
        {},
        "return line '1' is priced a CS, and would be credited a EA",
    ),
    "more than the contract can hold": (
        {"unitPrice": {"amount": "999999999999999.00", "currency": "EUR"}},
        {},
        "2999999999999997.00 EUR has more than 15 digits before the point",
    ),
}


@pytest.mark.parametrize("what", NOT_CREDITED)
def test_what_cannot_be_credited_is_refused(what: str) -> None:
    line, split, said = NOT_CREDITED[what]
    data = json.loads(json.dumps(BASES["return"]))
    data["lines"][0] |= line
    with pytest.raises(ContractError, match=said):
        credit_of(as_return(data), disposition_of(**split), seller="MAIN", issue_date="2026-11-22")


def test_a_return_inspected_in_two_parts_is_credited_twice() -> None:
    first, second = (json.loads(json.dumps(BASES["disposition"])) for _ in range(2))
    second["meta"]["documentId"] = "disposition-2"
    made = [
        credit_of(as_return(BASES["return"]), as_disposition(one), seller="MAIN", issue_date="2026-11-22")
        for one in (first, second)
    ]
    assert len({credit.meta.document_id for credit in made if credit}) == 2
    assert len({credit.number for credit in made if credit}) == 2


def test_a_part_of_a_batch_has_its_own_serial_numbers() -> None:
    disposition = as_disposition(BASES["disposition"])
    credit = credit_of(as_return(BASES["return"]), disposition, seller="MAIN", issue_date="2026-11-22")
    assert credit is not None
    stock, exit_ = adjustments_of(disposition, location=DOCK)
    for lines in (credit.lines, (*stock.lines, *exit_.lines)):
        assert [line.item and line.item.serials for line in lines] == [("S1", "S2"), ("S3",)]


def test_goods_of_another_grade_become_that_item() -> None:
    graded = disposition_of(disposition={"code": "restock_as_other_grade"}, targetItem={"sku": "P-100-B"})
    [stock] = adjustments_of(graded, location=DOCK)
    assert stock.lines[0].to_item is not None
    assert (stock.lines[0].item.sku, stock.lines[0].to_item.sku) == ("P-100", "P-100-B")


def test_goods_of_a_line_the_return_does_not_have_are_not_credited() -> None:
    data = json.loads(json.dumps(BASES["disposition"]))
    data["lines"][0]["returnLineId"] = "9"
    with pytest.raises(ContractError, match="return line '9'"):
        credit_of(as_return(BASES["return"]), as_disposition(data), seller="MAIN", issue_date="2026-11-22")


def test_a_credit_names_the_invoice_that_caps_it() -> None:
    data = json.loads(json.dumps(BASES["return"]))
    data["lines"][0]["originalInvoice"] = {"type": "invoice", "id": "INV-1", "lineId": "4"}
    credit = credit_of(as_return(data), as_disposition(BASES["disposition"]), seller="MAIN", issue_date="2026-11-22")
    assert isinstance(credit, Credit)
    assert [line.original_invoice and line.original_invoice.line_id for line in credit.lines] == ["4", "4"]
    assert check(credit) == ()


# ---------------------------------------------------------------- the ERP's line numbers


def test_lines_take_the_numbers_of_the_rma() -> None:
    return_ = match_lines(as_return(BASES["return"]), {"1": "10", "2": "20"})
    disposition = match_lines(as_disposition(BASES["disposition"]), {"1": "10"})
    assert [line.line_id for line in return_.lines] == ["10"]
    assert [(line.line_id, line.return_line_id) for line in disposition.lines] == [("1", "10")]
    assert match_lines(return_, {"10": "1"}) == as_return(BASES["return"])


@pytest.mark.parametrize(
    "document", [as_return(BASES["return"]), as_disposition(BASES["disposition"])], ids=["return", "disposition"]
)
def test_a_line_the_rma_does_not_have_is_refused(document: Any) -> None:
    with pytest.raises(ContractError, match="the RMA has no line for '1'; it has: 2, 3"):
        match_lines(document, {"2": "20", "3": "30"})
    with pytest.raises(ContractError, match="it has: none"):
        match_lines(document, {})


@pytest.mark.parametrize("status", ["draft", "pending_approval", "reversed"])
def test_nothing_follows_from_a_decision_that_is_not_final(status: str) -> None:
    disposition = as_disposition({**BASES["disposition"], "status": status})
    with pytest.raises(ContractError, match="not final"):
        adjustments_of(disposition, location=DOCK)
    with pytest.raises(ContractError, match="not final"):
        credit_of(as_return(BASES["return"]), disposition, seller="MAIN", issue_date="2026-11-22")
