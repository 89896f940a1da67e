"""Which status may follow which, the ways between statuses, and where goods stand after a decision."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any, get_args

import pytest
from openreturns import state
from openreturns._schemas import DOCUMENTS, load, transitions
from openreturns.models import DispositionValue, LocationRef, StockPosition

CODES: tuple[DispositionValue, ...] = get_args(DispositionValue)
NEVER_COMES = {"customer_keeps", "field_destroy"}
LEAVES = {"scrap", "recycle", "donate", "liquidate", "return_to_customer"}

STATUSES: dict[str, list[str]] = {
    document: load(document)["$defs"][transitions()[document]["statuses"]]["enum"] for document in DOCUMENTS
}

# (document, from, to, facts, whether it may be)
STEPS: list[tuple[str, str, str, dict[str, str], bool]] = [
    ("return", "requested", "authorized", {}, True),
    ("return", "requested", "received", {}, False),
    ("return", "authorized", "requested", {}, False),
    ("return", "partially_received", "partially_received", {}, True),
    ("return", "received", "received", {}, False),
    ("return", "authorized", "dispositioned", {}, False),
    ("return", "authorized", "dispositioned", {"type": "credit_only"}, True),
    ("return", "authorized", "dispositioned", {"type": "credit"}, False),
    ("return", "authorized", "dispositioned", {"disposition": "customer_keeps"}, True),
    ("return", "authorized", "dispositioned", {"disposition": "scrap"}, False),
    ("return", "authorized", "dispositioned", {"type": "credit", "disposition": "field_destroy"}, True),
    ("return", "authorized", "dispositioned", {"colour": "credit_only"}, False),
    ("return", "closed", "requested", {}, False),
    ("return", "no such status", "closed", {}, False),
    ("disposition", "draft", "final", {}, True),
    ("disposition", "final", "draft", {}, False),
    ("disposition", "final", "reversed", {}, True),
    ("adjustment", "posted", "reversed", {}, True),
    ("credit", "issued", "draft", {}, False),
]


@pytest.mark.parametrize(("document", "from_", "to", "facts", "allowed"), STEPS)
def test_a_step_is_allowed_or_not(document: str, from_: str, to: str, facts: dict[str, str], allowed: bool) -> None:
    assert state.allowed(document, from_, to, **facts) is allowed
    way = state.path(document, from_, to, **facts)
    assert (way == (from_, to)) is (allowed and from_ != to)


PATHS: list[tuple[str, str, str, dict[str, str], tuple[str, ...]]] = [
    ("return", "requested", "received", {}, ("requested", "authorized", "received")),
    ("return", "requested", "requested", {}, ("requested",)),
    ("return", "closed", "requested", {}, ()),
    ("return", "requested", "dispositioned", {}, ("requested", "authorized", "received", "inspected", "dispositioned")),
    (
        "return",
        "requested",
        "dispositioned",
        {"type": "credit_only"},
        ("requested", "authorized", "dispositioned"),
    ),
    ("disposition", "draft", "reversed", {}, ("draft", "final", "reversed")),
]


@pytest.mark.parametrize(("document", "from_", "to", "facts", "way"), PATHS)
def test_the_way_between_two_statuses(
    document: str, from_: str, to: str, facts: dict[str, str], way: tuple[str, ...]
) -> None:
    assert state.path(document, from_, to, **facts) == way


def reachable(document: str) -> set[tuple[str, str]]:
    """Every pair of statuses of which one leads to the other, by closing the direct steps over and over."""
    pairs = {(step["from"], step["to"]) for step in transitions()[document]["transitions"] if "when" not in step} | {
        (status, status) for status in STATUSES[document]
    }
    while True:
        more = {(a, d) for (a, b), (c, d) in product(pairs, pairs) if b == c} - pairs
        if not more:
            return pairs
        pairs |= more


@pytest.mark.parametrize("document", DOCUMENTS)
def test_there_is_a_way_exactly_where_steps_lead_and_each_step_of_it_is_allowed(document: str) -> None:
    found = set()
    for from_, to in product(STATUSES[document], repeat=2):
        way = state.path(document, from_, to)
        if way:
            found.add((from_, to))
            assert (way[0], way[-1]) == (from_, to)
            assert len(way) == len(set(way))
            assert all(state.allowed(document, *step) for step in pairwise(way))
    assert found == reachable(document)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_history_begins_and_ends_where_the_table_says(document: str) -> None:
    assert set(state.initial(document)) <= set(STATUSES[document])
    ends = {
        status
        for status in STATUSES[document]
        if not any(state.allowed(document, status, to) for to in STATUSES[document])
    }
    assert set(state.terminal(document)) == ends


@pytest.mark.parametrize("document", ["refund", "description", ""])
def test_a_document_without_statuses_is_named(document: str) -> None:
    with pytest.raises(ValueError, match="no status table of"):
        state.initial(document)


# ---------------------------------------------------------------- where goods stand

DOCK = LocationRef(id="DC1")

DEFAULTS: dict[str, dict[str, Any] | None] = {
    "restock": {"status": "available"},
    "restock_as_other_grade": {"status": "available"},
    "refurbish": {"status": "inspection"},
    "repair_and_return": {"status": "reserved"},
    "quarantine": {"status": "quarantine"},
    "return_to_vendor": {"status": "vendor_return"},
    "scrap": {"status": "external", "boundary": "scrap"},
    "recycle": {"status": "external", "boundary": "recycler"},
    "donate": {"status": "external", "boundary": "donation"},
    "liquidate": {"status": "external", "boundary": "liquidator"},
    "return_to_customer": {"status": "external", "boundary": "customer"},
    "customer_keeps": None,
    "field_destroy": None,
    "pending": {"status": "inspection"},
}


def test_every_disposition_is_shown() -> None:
    assert set(DEFAULTS) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_goods_go_where_their_disposition_leads(code: DispositionValue) -> None:
    expected = DEFAULTS[code]
    if expected is not None and expected["status"] != "external":
        expected = {**expected, "location": {"id": "DC1"}}
    found = state.default_position(code, DOCK)
    assert (found and found.to_dict()) == expected


@pytest.mark.parametrize("code", CODES)
def test_every_position_is_in_stock_or_outside_by_a_boundary(code: DispositionValue) -> None:
    positions = state.positions(code)
    assert (positions == ()) is (code in NEVER_COMES)
    assert len(positions) == len({(position.status, position.boundary) for position in positions})
    for position in positions:
        assert (position.status == "external") is (position.boundary is not None)
        assert position.location is None
    assert any(position.status == "external" for position in positions[:1]) is (code in LEAVES)


def test_what_may_be_sold_again_is_only_what_is_restocked() -> None:
    sellable = {code for code in CODES if StockPosition(status="available") in state.positions(code)}
    assert sellable == {"restock", "restock_as_other_grade"}
