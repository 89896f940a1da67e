"""A report in each form says each finding, where it is, and what shows it."""

from __future__ import annotations

import json
from datetime import date
from xml.etree import ElementTree

import pytest
from compat.sets import one
from openreturns.compat import FORMS, Accepted, Report, Settings, compare, render

OLD = {"type": "object", "properties": {"amount": {"type": "number", "maximum": 0.5}, "old": {"type": "string"}}}
NEW = {
    "type": "object",
    "properties": {"amount": {"type": "number", "maximum": 0.25}, "old": {"type": "string", "title": "Old"}},
}


@pytest.fixture
def report() -> Report:
    return compare(one(OLD), one(NEW))


def test_every_form_says_rule_place_and_fingerprint(report: Report) -> None:
    [finding] = [one for one in report.findings if one.severity == "error"]
    for form in FORMS:
        said = render(report, form)
        assert "RANGE_TIGHTENED" in said, form
        assert "schema" in said, form
        if form != "junit":
            assert "DESCRIPTION_CHANGED" not in said, form
        assert finding.fingerprint in said or form == "sarif", form


def test_text_shows_a_document_that_breaks(report: Report) -> None:
    assert render(report, "text").splitlines() == [
        "schema.json:1: error: schema: amount: RANGE_TIGHTENED: Fewer numbers are allowed: 0.5 -> 0.25 (maximum)."
        f" [{report.findings[0].fingerprint}]",
        '    valid before, refused now: {"amount": 0.5}',
        "breaking (backward): 1 error, 0 warnings; documents: 1 breaking",
    ]
    assert "DESCRIPTION_CHANGED" in render(report, "text", everything=True)


def test_json_keeps_numbers_and_all_there_is(report: Report) -> None:
    data = json.loads(render(report, "json", everything=True), parse_float=str)
    assert data["answer"] == "breaking"
    assert data["documents"] == [
        {"document": "schema", "direction": "backward", "answer": "breaking", "witness": {"amount": "0.5"}}
    ]
    [first, second] = data["findings"]
    assert (first["was"], first["now"], first["witness"]) == ("0.5", "0.25", {"amount": "0.5"})
    assert (first["pointer"], second["rule"]) == ("/properties/amount/maximum", "DESCRIPTION_CHANGED")


def test_junit_has_a_case_a_document(report: Report) -> None:
    suite = ElementTree.fromstring(render(report, "junit"))
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    assert "RANGE_TIGHTENED" in (suite.findtext("testcase/failure") or "")
    sound = ElementTree.fromstring(render(compare(one(OLD), one(OLD)), "junit"))
    assert (sound.get("failures"), sound.find("testcase/failure")) == ("0", None)


def test_github_annotates_the_line(report: Report) -> None:
    line, *_ = render(report, "github").splitlines()
    assert line.startswith("::error file=schema.json,line=1,title=RANGE_TIGHTENED::")
    assert "%0A    valid before, refused now" in line


def test_sarif_has_results_and_suppressions(report: Report) -> None:
    [result] = json.loads(render(report, "sarif"))["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("RANGE_TIGHTENED", "error")
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}
    accepted = Accepted(report.findings[0].fingerprint, "ours alone", date(2099, 1, 1))
    lived_with = compare(one(OLD), one(NEW), Settings(accepted=(accepted,)))
    [result] = json.loads(render(lived_with, "sarif"))["runs"][0]["results"]
    assert result["suppressions"][0]["justification"] == "ours alone (until 2099-01-01)"
