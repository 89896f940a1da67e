"""What the strategies draw keeps the schemas and every invariant, says all that the contract can say, and shrinks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st
from openreturns._fields import Field
from openreturns._schemas import code_list
from openreturns.invariants import check, check_case
from openreturns.models import DOCUMENTS, Document
from openreturns.testing.strategies import DrawnCase, MasterData, adjustments, cases, credits, documents, returns
from openreturns.validation import ENGINES, document_validator

FIELDS = {name: document_validator(name).fields for name in DOCUMENTS}
SHRUNK = settings(deadline=None, phases=[Phase.generate, Phase.shrink], database=None, max_examples=2000)
DRAWN = settings(deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)


@settings(DRAWN, max_examples=400)
@given(case=cases())
def test_a_case_keeps_the_schemas_and_every_invariant(case: DrawnCase) -> None:
    assert [str(problem) for problem in check_case(case)] == []
    assert [str(problem) for problem in check_case(case, case.options)] == []
    for document in case:
        held(document)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_keeps_its_schema_and_every_invariant(name: str) -> None:
    @settings(DRAWN, max_examples=200)
    @given(document=documents(name))
    def draw(document: Document) -> None:
        assert type(document) is DOCUMENTS[name]
        assert [str(problem) for problem in check(document)] == []
        held(document)

    draw()


def held(document: Document) -> None:
    """Both schema engines take the document."""
    data = document.to_dict()
    name = data["meta"]["schema"].split("/")[1]
    for engine in ENGINES:
        assert [str(problem) for problem in document_validator(name, engine=engine).problems(data)] == []


# ---------------------------------------------------------------- everything is said


def said(value: Any, fields: dict[str, Field], at: str = "") -> Iterator[tuple[str, Any]]:
    """Every field that a document fills, with its value."""
    for name, inner in value.items():
        path = f"{at}.{name}" if at else name
        yield path, inner
        if isinstance(inner, dict) and fields[path].kind == "object":
            yield from said(inner, fields, path)
        elif fields[path].kind == "list":
            for one in inner:
                yield from said(one, fields, f"{path}[]")


def test_every_field_and_every_code_is_drawn_within_twenty_thousand_draws() -> None:
    missing = {(name, path) for name in FIELDS for path in FIELDS[name]}
    unsaid = {
        (field.definition, code) for fields in FIELDS.values() for field in fields.values() for code in field.codes
    }
    for number in range(40):

        @seed(number)
        @settings(DRAWN, max_examples=500, derandomize=False)
        @given(drawn=st.one_of(cases(), *(documents(name).map(lambda one: [one]) for name in DOCUMENTS)))
        def draw(drawn: Any) -> None:
            for document in drawn:
                name = document.meta.schema_.split("/")[1]
                for path, value in said(document.to_dict(), FIELDS[name]):
                    missing.discard((name, path))
                    if FIELDS[name][path].codes:
                        unsaid.discard((FIELDS[name][path].definition, value))

        draw()
        if not missing and not unsaid:
            break
    assert (missing, unsaid) == (set(), set())


@pytest.mark.parametrize("name", ["currency", "unit-of-measure"])
def test_every_currency_and_unit_is_drawn(name: str) -> None:
    every = {row["code"] for row in code_list(name)["values"]}
    drawn = set(MasterData().currencies if name == "currency" else MasterData().units)
    assert drawn == every


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_status_is_reached_by_more_than_one_way(name: str) -> None:
    ways: dict[str, set[tuple[str, ...]]] = defaultdict(set)

    @settings(DRAWN, max_examples=800)
    @given(drawn=returns(statuses=FIELDS[name]["status"].codes) if name == "return" else documents(name))
    def draw(drawn: Document) -> None:
        ways[drawn.status].add(tuple(change.to for change in drawn.history or ()))

    draw()
    assert {status for status in FIELDS[name]["status"].codes if len(ways[status]) < 2} == set()


# ---------------------------------------------------------------- shrinking


def size(drawn: Any) -> int:
    """How many values the documents hold."""
    return sum(len(list(said(one.to_dict(), FIELDS[one.meta.schema_.split("/")[1]]))) for one in drawn)


def found(strategy: st.SearchStrategy[Any], failing: Any) -> Any:
    return find(strategy, failing, settings=SHRUNK)


def test_a_failure_shrinks_to_the_smallest_return() -> None:
    assert size([found(returns(), lambda one: True)]) <= 22


def test_a_lost_lot_shrinks_to_one_line_with_a_lot() -> None:
    smallest = found(returns(), lambda one: any(line.item.lot for line in one.lines))
    assert [line.item.lot for line in smallest.lines] == ["L-2026-001"]
    assert size([smallest]) <= 26


def test_a_lost_digit_shrinks_to_one_credit_line() -> None:
    smallest = found(credits(), lambda one: one.totals.tax_inclusive.amount % 1 != 0)
    assert len(smallest.lines) == 1
    assert not smallest.charges
    assert size([smallest]) <= 55


def test_a_lost_split_shrinks_to_one_batch_of_two_pieces() -> None:
    smallest = found(cases(), lambda one: any(len(line.splits) > 1 for d in one.dispositions for line in d.lines))
    [disposition] = smallest.dispositions
    assert [[split.quantity.value for split in line.splits] for line in disposition.lines] == [[1, 1]]
    assert not (*smallest.adjustments, *smallest.credits)
    assert size(smallest) <= 120


def test_a_wrong_reversal_shrinks_to_moves_of_one_line() -> None:
    smallest = found(cases(), lambda one: any(adjustment.reverses for adjustment in one.adjustments))
    # How far shrinking gets is not the same in each run; a drawn case has up to ten times as much.
    assert all(len(adjustment.lines) <= 3 for adjustment in smallest.adjustments)
    assert not smallest.credits
    assert size(smallest) <= 300


def test_a_narrow_master_data_is_kept_to() -> None:
    narrow = MasterData(items=[{"sku": "SKU-77"}], units=["EA"], currencies=["JPY"], lots=False)

    @settings(DRAWN, max_examples=50)
    @given(case=cases(narrow))
    def draw(case: DrawnCase) -> None:
        assert case.return_.currency == "JPY"
        for line in case.return_.lines:
            assert line.item.to_dict() == {"sku": "SKU-77"}
            assert line.requested.uom == "EA"

    draw()


def test_a_loose_adjustment_moves_something() -> None:
    assert size([found(adjustments(), lambda one: True)]) <= 30
