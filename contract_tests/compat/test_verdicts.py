"""Never compatible when it is not: on pairs with a known truth, and on random ones that documents contradict."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from compat.fuzz import changed, documents, rooted
from compat.pairs import PAIRS, Pair
from compat.sets import files, one
from growth import LINEAR, grows
from hypothesis import given, settings
from hypothesis import strategies as st
from openreturns.compat import Report, Settings, bump, compare
from openreturns.compat._differences import Sayer, values
from openreturns.compat._source import Source
from openreturns.errors import ContractError

DIRECTIONS = ("backward", "forward")


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_verdict_is_the_truth_and_shown(pair: Pair, direction: str) -> None:
    report = compare(one(pair.old), one(pair.new), Settings(compat=direction))
    truth = pair.backward if direction == "backward" else pair.forward
    assert report.answer() == ("compatible" if truth else "breaking")
    assert report.failed is not truth
    for finding in report.findings:
        if finding.outcome == "breaks":
            assert finding.shown, finding


def test_a_change_is_judged_by_itself() -> None:
    """Beside one that breaks, those that break nothing are not told as if they did."""
    old = {"properties": {"a": {"type": "string"}, "b": {"enum": ["x"]}}, "additionalProperties": False}
    new = {"properties": {"a": {"type": "integer"}, "b": {"enum": ["x", "y"]}, "c": {}}, "additionalProperties": False}
    for compat, breaks in (
        ("backward", ["TYPE_CHANGED"]),
        ("forward", ["ENUM_VALUE_ADDED", "PROPERTY_ADDED", "TYPE_CHANGED"]),
    ):
        report = compare(one(old), one(new), Settings(compat))
        assert sorted(finding.rule for finding in report.findings if finding.counts) == breaks


def test_the_battery_is_large_enough() -> None:
    assert len(PAIRS) >= 80
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 2**32))
def test_no_document_contradicts_a_verdict(seed: int) -> None:
    pick = random.Random(seed)
    old = rooted(pick)
    new = changed(old, pick) if pick.random() < 0.85 else rooted(pick)
    try:
        admits = [jsonschema_rs.Draft202012Validator(schema, validate_formats=True) for schema in (old, new)]
        report = compare(one(old), one(new), Settings(compat="full"))
    except (ValueError, ContractError):
        return  # the change made it no schema
    answers = {str(verdict.direction): verdict for verdict in report.verdicts if verdict.document == "schema"}
    for direction, (writer, reader) in (("backward", admits), ("forward", admits[::-1])):
        verdict = answers[direction]
        if verdict.shown:
            assert writer.is_valid(verdict.witness)
            assert not reader.is_valid(verdict.witness)
        contradicting = [one for one in documents(pick, 60) if writer.is_valid(one) and not reader.is_valid(one)]
        assert not (contradicting and verdict.answer == "compatible"), (old, new, direction, contradicting[0])


def test_nearly_every_random_pair_is_decided() -> None:
    answers: Counter[str] = Counter()
    for seed in range(300):
        pick = random.Random(seed)
        old = rooted(pick)
        try:
            answers.update(one.answer for one in compare(one(old), one(changed(old, pick)), Settings("full")).verdicts)
        except ContractError:
            continue
    assert answers.total() > 500
    assert answers["undecided"] <= 0.03 * answers.total(), answers


def test_a_definition_that_nothing_uses_says_nothing_about_documents() -> None:
    used: dict[str, Any] = {"$ref": "#/$defs/A", "$defs": {"A": {"type": "string"}}}
    unused = {**used, "$defs": {**used["$defs"], "B": {"type": "string"}}}
    for old, new in ((unused, used), (used, unused)):
        report = compare(one(old), one(new), Settings("full"))
        assert (report.answer(), report.failed) == ("compatible", False)
    shared = {"$defs": {"A": {"type": "string"}, "B": {"type": "string"}}}  # a file of shared types offers them all
    assert compare(one(shared), one({"$defs": {"A": {"type": "string"}}})).answer() == "breaking"


def test_a_format_may_only_tell() -> None:
    asked = one({"type": "string", "format": "date"})
    assert _answers(one({"type": "string"}), asked) == "breaking"
    assert _answers(one({"type": "string"}), asked, formats="annotation") == "compatible"
    dated = one({"type": "string", "pattern": "^[0-9-]{10}$"})
    assert _answers(asked, dated) == "compatible"
    assert _answers(asked, dated, formats="annotation") == "breaking"


def test_a_tolerant_reader_takes_what_it_does_not_know() -> None:
    old = one({"type": "object", "properties": {"a": {}}, "additionalProperties": False})
    new = one({"type": "object", "properties": {"a": {}, "b": {}}, "additionalProperties": False})
    assert _answers(old, new, compat="forward") == "breaking"
    assert _answers(old, new, compat="forward", reader="tolerant") == "compatible"


def test_a_keyword_nothing_can_judge_is_told_and_never_called_compatible() -> None:
    plain, strange = {"type": "string"}, {"type": "string", "divisibleBy": 3}
    for old, new in ((plain, strange), (strange, plain), (strange, {**strange, "divisibleBy": 4})):
        report = compare(one(old), one(new))
        assert report.answer() == "undecided"
        assert report.failed
        assert "KEYWORD_UNSUPPORTED" in {finding.rule for finding in report.findings}
    assert _answers(one(strange), one(strange)) == "compatible"


def test_a_dynamic_reference_that_could_mean_two_things_is_not_judged() -> None:
    def node(limit: int) -> dict[str, object]:
        one = {"$dynamicAnchor": "n", "type": "string", "maxLength": limit}
        other = {"$dynamicAnchor": "n", "type": "integer"}
        return {
            "properties": {"a": {"$dynamicRef": "#n"}},
            "$defs": {"one": one, "other": other},
            "maxProperties": limit,
        }

    assert _answers(one(node(3)), one({**node(3), "properties": {"a": {}}})) == "undecided"
    assert _answers(one(node(3)), one(node(3))) == "compatible"


def test_a_change_behind_an_ambiguous_dynamic_reference_is_never_called_compatible() -> None:
    """The reference itself did not change; what it names, or the way to it, did."""
    old = one(_list_of("number", "integer"))
    for new in (_list_of("number", "string"), _list_of("text", "integer")):
        report = compare(old, one(new))
        assert (report.answer(), report.failed) == ("undecided", True)
        assert "KEYWORD_UNSUPPORTED" in {finding.rule for finding in report.findings}


def _list_of(used: str, number: str) -> dict[str, Any]:
    items = {"$dynamicAnchor": "T"}
    generic = {"$id": "https://e/list", "type": "array", "items": {"$dynamicRef": "#T"}, "$defs": {"items": items}}
    lists = {
        name: {"$id": f"https://e/{name}", "$ref": "list", "$defs": {"T": {**items, "type": kind}}}
        for name, kind in (("text", "string"), ("number", number))
    }
    return {
        "$id": "https://e/order",
        "properties": {"lines": {"$ref": used}},
        "$defs": {"list": generic, **lists},
    }


def test_a_dynamic_reference_is_ambiguous_by_a_file_that_is_read_later() -> None:
    def said(kind: list[str]) -> Source:
        anchor = {"$dynamicAnchor": "T"}
        whole = {"properties": {"a": {"$dynamicRef": "#T"}, "b": {"$ref": "other.json"}}, "$defs": {"T": anchor}}
        return replace(files(schema=whole, other={"$defs": {"T": {**anchor, "type": kind}}}), names=("schema.json",))

    assert _answers(said(["string", "null"]), said(["string"])) == "undecided"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"title": "a", "type": "string"}, {"title": "b", "type": "string"}, "patch"),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"properties": {"a": {}, "b": {}}, "additionalProperties": False},
            "minor",
        ),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, "major"),
        ({"type": "object"}, {"type": "object", "required": ["a"]}, "major"),
    ],
)
def test_bump(old: object, new: object, expected: str) -> None:
    assert bump(one(old), one(new)) == expected


def _answers(old: Source, new: Source, **chosen: Any) -> str:
    report: Report = compare(old, new, Settings(**chosen))
    return report.answer()


def test_a_long_list_of_values_takes_as_much_longer_as_it_is_longer() -> None:
    def of_size(size: int) -> Callable[[], object]:
        was, now = ({"enum": [f"{start}-{place}" for place in range(size)]} for start in ("a", "b"))
        return lambda: list(values(was, now, Sayer("", was, now)))

    assert grows(of_size) < LINEAR
