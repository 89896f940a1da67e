"""Laws that hold for whatever a company does: what follows from decisions is conserved, what is read is written.

That it comes back from every vendor, the contract kit proves.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from openreturns.flow import adjustments_of, credit_of
from openreturns.invariants import check_case
from openreturns.models import Disposition
from openreturns.testing.strategies import DrawnCase, cases

DRAWN = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
DOCK = "the dock"


# ---------------------------------------------------------------- what follows from a decision


def settled(case: DrawnCase) -> list[Disposition]:
    """The decisions of a case that count."""
    taken_back = {one.reverses.id for one in case.dispositions if one.reverses}
    counting = [one for one in case.dispositions if one.status == "final" and one.reverses is None]
    return [one for one in counting if one.meta.document_id not in taken_back]


def items(parts: Any) -> Counter[tuple[str, str]]:
    """How much of which item, in which unit, exactly."""
    sums: Counter[tuple[str, str]] = Counter()
    for item, quantity in parts:
        name = item.sku or item.gtin or item.customer_sku or item.vendor_sku
        sums[name, quantity.uom] += Fraction(quantity.value)  # type: ignore[assignment] # counts exactly
    return sums


@settings(DRAWN, max_examples=200)
@given(case=cases(statuses=["dispositioned"]))
def test_moves_carry_what_was_decided_and_fit_into_the_case(case: DrawnCase) -> None:
    for disposition in settled(case):
        made = adjustments_of(disposition, location=DOCK)
        event(f"{len(made)} adjustments")
        decided = items(
            (line.item, split.quantity)
            for line in disposition.lines
            for split in line.splits
            if split.to is not None and split.disposition.code != "pending"
        )
        assert items((line.item, line.quantity) for one in made for line in one.lines) == decided
        assert [str(problem) for problem in check_case([case.return_, disposition, *made])] == []


@settings(DRAWN, max_examples=200)
@given(case=cases(statuses=["dispositioned"]))
def test_a_credit_is_worth_what_was_decided_and_fits_into_the_case(case: DrawnCase) -> None:
    prices = {line.line_id: line.unit_price for line in case.return_.lines}
    for disposition in settled(case):
        if any(prices[line.return_line_id] is None for line in disposition.lines):
            continue
        credit = credit_of(case.return_, disposition, seller="MAIN", issue_date="2026-11-22")
        due = {
            (line.line_id, split.split_id): Fraction(split.quantity.value)
            * Fraction(prices[line.return_line_id].amount)  # type: ignore[union-attr] # all have prices
            for line in disposition.lines
            for split in line.splits
            if split.creditable is not False and split.disposition.code != "pending"
        }
        event("no credit" if credit is None else "credit")
        assert (credit is None) == (not due)
        if credit is not None:
            unit = Fraction(Decimal(1).scaleb(credit.totals.due.amount.as_tuple().exponent))  # type: ignore[arg-type] # a finite number
            named = ((line.disposition, line) for line in credit.lines if line.disposition)
            credited = {(ref.line_id, ref.split_id): line for ref, line in named}
            assert credited.keys() == due.keys()
            assert all(abs(Fraction(credited[at].amount.amount) - due[at]) * 2 <= unit for at in due)
            assert sum(line.amount.amount for line in credit.lines) == credit.totals.due.amount
            assert [str(problem) for problem in check_case([case.return_, disposition, credit])] == []


@settings(DRAWN, max_examples=150)
@given(case=cases())
def test_what_was_read_is_written_and_read_the_same(case: DrawnCase) -> None:
    for document in case:
        again = type(document).model_validate_json(document.to_json())
        assert again == document
        assert again.to_json() == document.to_json()
