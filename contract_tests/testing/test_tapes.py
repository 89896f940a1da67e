"""What was recorded at real vendors is read and played by the kit, and what does not fit is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from openreturns.testing import CHECKS, Candidate, Result, candidate
from openreturns.testing._drawn import drawn
from openreturns.testing._run import cases_of, run
from openreturns.testing.cassettes import read, redaction_of

TESTS = Path(__file__).parents[1]
# Adapters with cassettes, and where those were recorded.
RECORDED = {"roundup": "a real tracker", "tryton": "a real server", "shipbob": "the sandbox"}
TAPES = ["TAPES_READ", "TAPES_PLAYED"]


def copied(name: str, folder: Path) -> Candidate:
    shutil.copytree(TESTS / name, folder / name)
    return candidate(name, folder / name, cases=5)


@pytest.mark.parametrize("name", RECORDED)
def test_what_was_recorded_is_read_and_played(name: str) -> None:
    ours = candidate(name, TESTS / name)
    results = list(run(ours, "vendor", ids=TAPES))
    assert [one.told(ours) for one in results if one.ending != "passed"] == []
    assert len(results) == 2


@pytest.mark.parametrize("name", RECORDED)
def test_what_was_recorded_holds_nothing_secret_or_personal(name: str) -> None:
    ours = candidate(name, TESTS / name)
    redaction = redaction_of(ours.configured)
    for path in ours.evidence.cassettes:
        for one in read(path).exchanges:
            assert redaction.value(one.request) == one.request
            assert redaction.value(one.response) == one.response
        assert b"127.0.0.1" not in path.read_bytes()


def test_records_on_cassettes_are_what_checks_run_over() -> None:
    ours = candidate("shipbob", TESTS / "shipbob", cases=5)
    [mapping] = [one for one in ours.mappings if (one.native, one.canonical) == ("return", "return")]
    assert [record["reference_id"] for record in drawn(ours, mapping, "in")[:2]] == ["RMA-000001"] * 2
    assert len(drawn(ours, mapping, "in")) == 7


def test_a_cassette_that_nobody_says_how_to_play_did_not_run(tmp_path: Path) -> None:
    ours = copied("roundup", tmp_path)
    [tape] = ours.evidence.cassettes
    tape.rename(tape.with_name("another.json"))
    result = cases_of(ours, CHECKS["TAPES_PLAYED"])
    assert isinstance(result, Result)
    assert (result.ending, "cassettes/another.json" in result.why) == ("not run", True)


def test_what_is_not_asked_for_any_more_is_told(tmp_path: Path) -> None:
    ours = copied("roundup", tmp_path)
    rows = tmp_path / "roundup" / "verbs.toml"
    rows.write_text(rows.read_text("utf-8").replace('verbs = ["open_case", "update_case"]', 'verbs = ["open_case"]'))
    [result] = run(ours, "vendor", ids=["TAPES_PLAYED"])
    assert result.ending == "failed"
    assert "recorded exchanges are not asked for, first GET /ret/rest/data/issue" in result.why
