"""`openreturns check`, as a team's CI runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from openreturns.adapters import adapter
from openreturns.cli import main

CONTRACT = json.loads(adapter("shipbob").contract_file("return").read_text("utf-8"))


def _run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["check", *arguments])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that builds on 1.0.0, with the vendor's contract of yesterday and of today."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "was.json").write_text(json.dumps(CONTRACT), "utf-8")
    new = json.loads(json.dumps(CONTRACT))
    del new["properties"]["reference_id"]
    (tmp_path / "is.json").write_text(json.dumps(new), "utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.openreturns]\nschemas = "1.0.0"\nadapters = ["shipbob"]\n\n'
        '[[tool.openreturns.vendors]]\nadapter = "shipbob"\ncontract = "is.json"\nsnapshot = "was.json"\n',
        "utf-8",
    )
    return tmp_path


def test_nothing_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = _run()
    assert code == 0
    assert out.startswith("0 that break")


def test_the_project_says_what_is_checked(project: Path) -> None:
    code, out, err = _run()
    assert code == 100
    assert "error: shipbob.return (return): reference_id: PROPERTY_NO_DELETE" in out
    assert "    rule: number" in out
    assert "verbs: shipbob.changes, shipbob.disposition, shipbob.read, shipbob.status" in out
    assert "shipbob.return is compared with schema of is.json" in err
    assert "; not compared: shipbob.return_create, shipbob.return_v1: say" in out


def _gone(project: Path) -> None:
    order = {key: value for key, value in CONTRACT.items() if key not in {"$id", "$defs"}}
    was = {"$defs": {**CONTRACT["$defs"], "Order": order}}
    (project / "was.json").write_text(json.dumps(was), "utf-8")
    (project / "is.json").write_text(json.dumps({"$defs": CONTRACT["$defs"]}), "utf-8")


@pytest.mark.parametrize("named", [[], ["--record", "return=Order"]])
def test_a_record_that_is_gone_breaks(project: Path, named: list[str]) -> None:
    _gone(project)
    code, out, _ = _run("shipbob", "--vendor", "is.json", "--snapshot", "was.json", *named)
    assert code == 100
    assert "error: shipbob.return (return): DOCUMENT_NO_DELETE: is.json has no 'Order'; it has: " in out
    assert "shipbob.status" in out.splitlines()[-1]


def test_a_record_of_which_nothing_is_known_is_not_passed_over(project: Path) -> None:
    _gone(project)
    code, out, _ = _run("shipbob", "--vendor", "is.json")
    assert code == 1
    assert "not compared: shipbob.return, shipbob.return_create, shipbob.return_v1: say which" in out
    code, out, _ = _run("shipbob", "--vendor", "is.json", "--json")
    assert (code, json.loads(out)["unmatched"][0]) == (1, "shipbob.return")
    code, out, _ = _run("shipbob", "--vendor", "is.json", "--form", "github")
    assert (code, out.splitlines()[0][:42]) == (1, "::error title=not compared::shipbob.return")


def test_what_is_left_out_is_said(project: Path) -> None:
    (project / "is.json").write_text((project / "was.json").read_text("utf-8"), "utf-8")
    code, out, _ = _run("shipbob", "--vendor", "is.json", "--skip", "return_create", "--skip", "return_v1")
    assert code == 0
    assert out.splitlines()[-1].endswith("; left out: shipbob.return_create, shipbob.return_v1")


def test_the_command_line_says_it_too(project: Path) -> None:
    code, out, _ = _run("shipbob", "--vendor", "is.json", "--snapshot", "was.json", "--form", "json")
    assert code == 100
    data = json.loads(out)
    assert data["failed"]
    assert data["impacts"][0]["path"] == "reference_id"
    code, out, _ = _run("shipbob", "--vendor", "is.json", "--record", "return=schema", "--form", "github")
    assert code == 100
    assert out.startswith("::error file=is.json,line=1,title=PROPERTY_NO_DELETE::")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--pin", "9.0.0"], "the contract 9.0.0 is not in this package; it has: 1.0.0"),
        (["--vendor", "is.json", "shipbob", "netsuite"], "--vendor is about one adapter"),
        (["--snapshot", "was.json"], "are about --vendor"),
        (["shipbob", "--vendor", "is.json", "--record", "return"], "RECORD=COMPONENT"),
        (["shipbob", "--vendor", "nowhere.json"], "nowhere.json: no such path"),
        (["nobody"], "nobody"),
        (["netsuite", "--vendor", "pyproject.toml"], "pyproject.toml"),
    ],
)
def test_what_cannot_be_checked_ends_with_one(project: Path, arguments: list[str], why: str) -> None:
    code, _, err = _run(*arguments)
    assert code == 1
    assert why in err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[tool.openreturns]\nschema = 1\n", "has no 'schema'"),
        ('[[tool.openreturns.vendors]]\nadapter = "shipbob"\n', "see 'contract'"),
        ("[tool.openreturns\n", "pyproject.toml"),
    ],
)
def test_a_wrong_setting_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    code, _, err = _run()
    assert code == 1
    assert why in err
