"""Each rule has a change that it is about: what was, what is, and the one finding it must make of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openreturns.compat import CATEGORIES, RULES, Settings, compare, open_source

HERE = Path(__file__).parent
ELSEWHERE = {"PUBLISHED_VERSION_CHANGED"}  # found by another command: contract_tests/compat/test_versions.py
FIXTURES = sorted(RULES.keys() - ELSEWHERE)


def _side(rule: str, name: str) -> str:
    folder = HERE / rule / name
    return str(folder if folder.is_dir() else folder.with_suffix(".schema.json"))


@pytest.mark.parametrize("rule", FIXTURES)
def test_rule_finds_its_change(rule: str) -> None:
    expected = json.loads((HERE / rule / "expected.json").read_text("utf-8"))
    chosen = Settings(compat=expected["direction"], use=(rule,))
    report = compare(open_source(_side(rule, "previous")), open_source(_side(rule, "current")), chosen)
    [finding] = report.findings
    assert finding.rule == rule
    assert {key: getattr(finding, key) for key in ("direction", "at", "outcome", "severity")} == expected
    assert Path(finding.where[0]).is_file()
    if finding.outcome == "breaks" and rule != "DOCUMENT_NO_DELETE":
        assert finding.shown


@pytest.mark.parametrize("rule", sorted(set(FIXTURES) - {"DOCUMENT_NO_DELETE", "DOCUMENT_ADDED"}))
def test_a_change_read_backwards_breaks_in_the_other_direction(rule: str) -> None:
    old, new = open_source(_side(rule, "previous")), open_source(_side(rule, "current"))
    for there, back in (("backward", "forward"), ("forward", "backward")):
        assert compare(old, new, Settings(there)).answer() == compare(new, old, Settings(back)).answer()


def test_every_folder_is_of_a_rule_and_every_rule_has_a_folder() -> None:
    assert sorted(path.name for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__") == FIXTURES


@pytest.mark.parametrize("rule", RULES)
def test_rule_is_named_and_said_as_rules_are(rule: str) -> None:
    record = RULES[rule]
    assert record.category in CATEGORIES
    assert record.sentence.endswith(".")
    assert record.id.isupper()
    assert "_" in record.id
