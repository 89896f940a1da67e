"""`openreturns schema breaking`: exit codes, forms, settings of the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from openreturns.cli import main


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, limit in (("old", 9), ("new", 5)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"type": "string", "maxLength": limit}), "utf-8")
    return tmp_path


def _run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["schema", "breaking", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_findings_end_with_100_and_none_with_0() -> None:
    code, out, _ = _run("new.json", "--against", "old.json")
    assert code == 100
    assert "LENGTH_TIGHTENED" in out
    assert 'refused now: "000000"' in out
    code, out, _ = _run("old.json", "--against", "new.json")
    assert (code, out) == (0, "compatible (backward): 0 errors, 0 warnings; documents: 1 compatible\n")
    assert _run("old.json", "--against", "new.json", "--compat", "full")[0] == 100


def test_what_is_proven_harmless_is_told_on_demand() -> None:
    assert "LENGTH_LOOSENED" in _run("old.json", "--against", "new.json", "--all")[1]


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_forms_for_machines_are_json(form: str) -> None:
    code, out, _ = _run("new.json", "--against", "old.json", "--form", form)
    assert code == 100
    json.loads(out)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["new.json", "--against", "nowhere"], "nowhere: no such path"),
        (["nowhere", "--against", "old.json"], "nowhere: no such path"),
        (["list.json", "--against", "old.json"], "list.json:1: not a schema"),
        (["broken.json", "--against", "old.json"], "names nothing: broken.json has no /$defs/A"),
    ],
)
def test_what_cannot_be_compared_ends_with_1(project: Path, arguments: list[str], why: str) -> None:
    (project / "list.json").write_text("[]", "utf-8")
    (project / "broken.json").write_text('{"$ref": "#/$defs/A"}', "utf-8")
    code, out, err = _run(*arguments)
    assert (code, out) == (1, "")
    assert why in err


def test_the_project_says_what_counts(project: Path) -> None:
    settings = project / "pyproject.toml"
    settings.write_text('[tool.openreturns.breaking]\nexcept = ["LENGTH_TIGHTENED"]\n', "utf-8")
    code, out, _ = _run("new.json", "--against", "old.json")
    assert (code, out) == (0, "breaking (backward): 0 errors, 0 warnings; documents: 1 breaking\n")
    settings.write_text('[tool.openreturns.breaking]\nexcept = ["NO_SUCH_RULE"]\n', "utf-8")
    code, _, err = _run("new.json", "--against", "old.json")
    assert code == 1
    assert "neither a rule nor a category" in err
