"""Reports say the same in every form, and what did not run is no pass in any."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from openreturns.cli import main
from openreturns.testing import CHECKS, Case, Report, Result, candidate
from openreturns.testing._report import badge, data, junit, page, summary
from openreturns.testing._run import cases_of, tried
from openreturns.testing._smallest import held

TESTS = Path(__file__).parents[1]
SUBJECT = candidate("shipbob", TESTS / "shipbob")
ONE, OTHER = CHECKS["RECORDS_READ"], CHECKS["VERBS_WORK"]


def report(*endings: tuple[str, str]) -> Report:
    """A report of cases that ended so."""
    results = [Result(CHECKS[name], f"case {place}", ending) for place, (name, ending) in enumerate(endings)]  # type: ignore[arg-type] # endings
    return Report(SUBJECT, "vendor", results)


REACHED = {
    "all passed": ([("RECORDS_READ", "passed"), ("VERBS_WORK", "passed")], "vendor"),
    "one failed": ([("RECORDS_READ", "passed"), ("VERBS_WORK", "failed")], "documents"),
    "one did not run": ([("RECORDS_READ", "passed"), ("VERBS_WORK", "not run")], "documents"),
    "nothing to run": ([("RECORDS_READ", "passed"), ("VERBS_WORK", "not applicable")], "documents"),
    "something does not apply": (
        [("RECORDS_READ", "passed"), ("VERBS_WORK", "passed"), ("WEBHOOKS_FORGED", "not applicable")],
        "vendor",
    ),
    "a level below did not run": ([("RECORDS_READ", "not run"), ("VERBS_WORK", "passed")], None),
}


@pytest.mark.parametrize("what", REACHED)
def test_a_level_is_reached_when_all_of_it_ran_and_passed(what: str) -> None:
    endings, reached = REACHED[what]
    made = report(*endings)
    assert made.reached() == reached
    assert data(made)["reached"] == reached
    assert f"Level **{reached or 'none'}**" in page(made)
    assert f">{reached or 'none'} · 2026-01</text>" in badge(made)


def test_junit_has_an_error_where_a_check_did_not_run() -> None:
    endings = [("RECORDS_READ", "passed"), ("RECORDS_READ", "failed"), ("VERBS_WORK", "not run")]
    suite = ElementTree.fromstring(junit(report(*endings, ("WEBHOOKS_FORGED", "not applicable"))))
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["4", "1", "1", "1"]
    assert len(suite.findall(".//failure")) == len(suite.findall(".//error")) == len(suite.findall(".//skipped")) == 1


def test_a_row_a_check_tells_the_worst() -> None:
    rows = summary(report(("RECORDS_READ", "passed"), ("RECORDS_READ", "failed"), ("VERBS_WORK", "passed")))
    assert [(row["check"], row["passed"], row[""]) for row in rows] == [
        ("RECORDS_READ", "1/2", "failed"),
        ("VERBS_WORK", "1/1", "passed"),
    ]


def test_the_command_writes_every_form(tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("junit", "page", "badge")}
    options = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    arguments = ["contract", "shipbob", "--evidence", str(TESTS / "shipbob"), "--check", "RECORDS_READ", "--json"]
    ran = CliRunner().invoke(main, [*arguments, *options])
    assert ran.exit_code == 0
    assert {case["ending"] for case in json.loads(ran.output)["cases"]} == {"passed"}
    assert all(path.stat().st_size for path in files.values())
    assert json.loads(ran.output)["versions"]["vendor_api"] == "2026-01"


def test_without_evidence_nothing_is_reached() -> None:
    ran = CliRunner().invoke(main, ["contract", "shipbob", "--level", "documents", "--evidence", str(TESTS / "docs")])
    assert ran.exit_code == 1
    assert "level none reached" in ran.output
    assert "not run" in ran.output


def _lacks(*_: object) -> NoReturn:
    raise ModuleNotFoundError("No module named 'hypothesis'")


def _lacks_deep(*_: object) -> None:
    held(_lacks, [{}])


@pytest.mark.parametrize("prove", [_lacks, _lacks_deep])
def test_what_is_not_installed_is_no_fault_of_the_adapter(prove: Callable[..., None]) -> None:
    result = tried(SUBJECT, replace(ONE, prove=prove), Case("one"))
    assert (result.ending, result.failure) == ("not run", None)
    assert "No module named 'hypothesis'" in result.why
    found = cases_of(SUBJECT, replace(ONE, over=_lacks))
    assert isinstance(found, Result)
    assert found.ending == "not run"


def test_the_kit_says_what_it_needs_before_it_runs() -> None:
    code = (
        "import sys, importlib.util; found = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'hypothesis' else found(name, *more)\n"
        "sys.argv = ['openreturns', 'contract', 'shipbob']\n"
        "from openreturns.cli import main; main()"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "needs the extra: pip install 'openreturns[testing]'" in ran.stderr.splitlines()[-1]
