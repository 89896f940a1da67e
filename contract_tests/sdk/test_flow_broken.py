"""One piece too many or one cent too few, anywhere in a sound case of any shape, breaks a rule that says so."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from decided import DOCK, MINOR_UNITS, decided
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openreturns.flow import adjustments_of, credit_of
from openreturns.invariants import Options, check_case
from openreturns.models import DOCUMENTS, Disposition, Document, Return

cases = settings(deadline=None, max_examples=60)
Documents = tuple[Return, Disposition]


def whole(documents: Documents) -> list[Document]:
    """The return, its disposition, and everything that follows from it."""
    return_, disposition = documents
    credit = credit_of(return_, disposition, seller="MAIN", issue_date="2026-11-22")
    return [return_, disposition, *adjustments_of(disposition, location=DOCK), *([credit] if credit else [])]


def broken(
    documents: list[Document], number: int, pointer: str, change: Decimal, *, complete: bool = False
) -> set[str]:
    """The rules that the case breaks when one number of one document is changed by so much."""
    data = json.loads(documents[number].to_json())
    *steps, last = pointer.split("/")[1:]
    place: Any = data
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place[step]
    value = Decimal(place[last]) + change
    assume(value >= 0)
    place[last] = f"{value:f}"
    changed = DOCUMENTS[data["meta"]["schema"].split("/")[1]].model_validate(data)
    case = [changed if index == number else document for index, document in enumerate(documents)]
    return {problem.code for problem in check_case(case, Options(complete=complete))}


def place_of(documents: list[Document], document: str) -> list[int]:
    return [i for i, one in enumerate(documents) if one.meta.schema_.split("/")[1] == document]


@cases
@given(documents=decided(), data=st.data(), sign=st.sampled_from([1, -1]))
def test_a_split_that_is_a_millionth_off_no_longer_adds_up(
    documents: Documents, data: st.DataObject, sign: int
) -> None:
    line = data.draw(st.integers(0, len(documents[1].lines) - 1))
    split = data.draw(st.integers(0, len(documents[1].lines[line].splits) - 1))
    pointer = f"/lines/{line}/splits/{split}/quantity/value"
    assert "D1" in broken(list(documents), 1, pointer, sign * Decimal("0.000001"))


@cases
@given(documents=decided(), data=st.data())
def test_more_inspected_than_came_is_told(documents: Documents, data: st.DataObject) -> None:
    line = data.draw(st.integers(0, len(documents[0].lines) - 1))
    kept = {"customer_keeps", "field_destroy"}
    assume(all(split.disposition.code not in kept for split in documents[1].lines[line].splits))
    assert "D2" in broken(list(documents), 0, f"/lines/{line}/received/value", -Decimal("0.000001"))


@cases
@given(documents=decided(), data=st.data())
def test_a_millionth_more_moved_than_decided_is_told(documents: Documents, data: st.DataObject) -> None:
    case = whole(documents)
    moves = place_of(case, "adjustment")
    assume(moves)
    number = data.draw(st.sampled_from(moves))
    line = data.draw(st.integers(0, len(case[number].lines) - 1))
    assert "AJ2" in broken(case, number, f"/lines/{line}/quantity/value", Decimal("0.000001"))


@cases
@given(documents=decided(), data=st.data())
def test_a_millionth_less_moved_is_told_once_nothing_more_will_come(documents: Documents, data: st.DataObject) -> None:
    case = whole(documents)
    moves = place_of(case, "adjustment")
    assume(moves)
    number = data.draw(st.sampled_from(moves))
    line = data.draw(st.integers(0, len(case[number].lines) - 1))
    assert "AJ2" in broken(case, number, f"/lines/{line}/quantity/value", -Decimal("0.000001"), complete=True)


@cases
@given(documents=decided(), data=st.data())
def test_a_millionth_more_credited_than_a_split_holds_is_told(documents: Documents, data: st.DataObject) -> None:
    case = whole(documents)
    assume(place_of(case, "credit"))
    case[-1] = case[-1].replace(status="issued")  # a draft credits nothing yet
    line = data.draw(st.integers(0, len(case[-1].lines) - 1))
    assert "C7" in broken(case, len(case) - 1, f"/lines/{line}/quantity/value", Decimal("0.000001"))


TOTALS = {
    "lines": {"C2", "C3"},
    "taxExclusive": {"C3", "C5"},
    "tax": {"C4", "C5"},
    "taxInclusive": {"C5"},
    "due": {"C5"},
}


@cases
@given(documents=decided(), total=st.sampled_from(sorted(TOTALS)), sign=st.sampled_from([1, -1]))
def test_a_total_that_is_one_cent_off_is_told(documents: Documents, total: str, sign: int) -> None:
    case = whole(documents)
    assume(place_of(case, "credit"))
    cent = Decimal(1).scaleb(-MINOR_UNITS[documents[0].currency])
    assert broken(case, len(case) - 1, f"/totals/{total}/amount", sign * cent) >= TOTALS[total]


@cases
@given(documents=decided(), data=st.data(), sign=st.sampled_from([1, -1]))
def test_a_line_that_is_one_cent_off_no_longer_adds_up(documents: Documents, data: st.DataObject, sign: int) -> None:
    case = whole(documents)
    assume(place_of(case, "credit"))
    line = data.draw(st.integers(0, len(case[-1].lines) - 1))
    cent = Decimal(1).scaleb(-MINOR_UNITS[documents[0].currency])
    assert "C2" in broken(case, len(case) - 1, f"/lines/{line}/amount/amount", sign * cent)
