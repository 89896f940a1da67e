"""What a team sets: rules used and left out, how much each weighs, findings accepted for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from compat.sets import one
from openreturns.compat import Accepted, Settings, compare, load_settings
from openreturns.errors import MappingError

OLD = one({"properties": {"a": {"type": "string", "default": "x"}}})
NEW = one({"properties": {"a": {"type": "string", "maxLength": 5, "default": "y"}}})
TODAY = date(2026, 6, 1)


def _rules(settings: Settings) -> dict[str, str]:
    return {finding.rule: finding.severity for finding in compare(OLD, NEW, settings).findings}


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pyproject.toml"
    path.write_text(text, "utf-8")
    return path


def test_all_rules_but_the_lenient_ones_are_used() -> None:
    assert _rules(Settings()) == {"LENGTH_TIGHTENED": "error", "DEFAULT_CHANGED": "warn"}


def test_rules_are_chosen_left_out_and_weighed() -> None:
    assert _rules(Settings(use=("VALIDITY",))) == {"LENGTH_TIGHTENED": "error"}
    assert _rules(Settings(leave_out=("LENGTH_TIGHTENED",))) == {"DEFAULT_CHANGED": "warn"}
    assert _rules(Settings(severity={"LENGTH_TIGHTENED": "warn", "DEFAULT_CHANGED": "off"})) == {
        "LENGTH_TIGHTENED": "warn"
    }


def test_a_rule_left_out_hides_its_finding_and_not_the_verdict() -> None:
    report = compare(OLD, NEW, Settings(leave_out=("LENGTH_TIGHTENED",)))
    assert not report.failed
    assert report.answer() == "breaking"


def test_a_finding_is_accepted_until_its_day() -> None:
    [found] = [finding for finding in compare(OLD, NEW).findings if finding.severity == "error"]
    accepted = Accepted(found.fingerprint, "the only reader is ours", date(2026, 6, 1))
    report = compare(OLD, NEW, Settings(accepted=(accepted,)), today=TODAY)
    assert not report.failed
    assert report.findings[0].accepted == "the only reader is ours (until 2026-06-01)"
    late = compare(OLD, NEW, Settings(accepted=(accepted,)), today=date(2026, 6, 2))
    assert late.failed
    assert "ended on 2026-06-01" in late.notes[0]


def test_an_acceptance_of_nothing_is_told() -> None:
    accepted = Accepted("0123456789ab", "gone by now", TODAY)
    report = compare(OLD, OLD, Settings(accepted=(accepted,)), today=TODAY)
    assert report.notes == ["the accepted finding 0123456789ab is not there any more; take it out"]


def test_a_fingerprint_stays_when_lines_move() -> None:
    moved = one(
        {"title": "A", "description": "B", "properties": {"a": {"type": "string", "maxLength": 5, "default": "y"}}}
    )
    before, after = ({one.rule: one.fingerprint for one in compare(OLD, new).findings} for new in (NEW, moved))
    assert before.items() <= after.items()


def test_settings_are_read_from_the_project(tmp_path: Path) -> None:
    path = _written(
        tmp_path,
        """
        [tool.openreturns.breaking]
        compat = "full"
        use = ["VALIDITY", "PROPERTY_NO_DELETE_UNLESS_DEPRECATED"]
        except = ["PROPERTY_NO_DELETE"]
        severity = { PROPERTY_ADDED = "warn" }
        accepted = [{ fingerprint = "0123456789ab", reason = "agreed with the warehouse", expires = 2026-12-31 }]
        """,
    )
    settings = load_settings(path)
    assert settings == Settings(
        compat="full",
        use=("VALIDITY", "PROPERTY_NO_DELETE_UNLESS_DEPRECATED"),
        leave_out=("PROPERTY_NO_DELETE",),
        severity={"PROPERTY_ADDED": "warn"},
        accepted=(Accepted("0123456789ab", "agreed with the warehouse", date(2026, 12, 31)),),
        where=str(path),
    )
    assert load_settings(path, compat="backward", reader=None) == replace(settings, compat="backward")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('uses = ["VALIDITY"]', "has no 'uses'"),
        ('use = ["NO_SUCH_RULE"]', "neither a rule nor a category"),
        ('compat = "both"', "compat is one of backward, forward, full"),
        ('severity = { PROPERTY_ADDED = "fatal" }', "is one of error, warn, info, off"),
        ('accepted = [{ fingerprint = "x", expires = 2026-01-01 }]', "has a fingerprint, a reason and an end"),
        ('accepted = [{ fingerprint = "x", reason = " ", expires = 2026-01-01 }]', "has no reason"),
        ('accepted = [{ fingerprint = "x", reason = "r", expires = "soon" }]', "is a day such as"),
        ("use = ", "pyproject.toml"),
    ],
)
def test_a_setting_nobody_knows_is_told(tmp_path: Path, line: str, why: str) -> None:
    with pytest.raises(MappingError, match=why):
        load_settings(_written(tmp_path, f"[tool.openreturns.breaking]\n{line}\n"))
