"""The ways into a team's CI, each tried in a repository made for it: what breaks stops the commit or the job."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from openreturns.adapters import adapter

ROOT = Path(__file__).parents[2]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
ACTION: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "actions" / "check" / "action.yml").read_text("utf-8"))
GITLAB: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "ci" / "gitlab.yml").read_text("utf-8"))
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    **{f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
}


def _shell(repository: Path, line: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-c", line],
        cwd=repository,
        env={**ENVIRONMENT, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def _schema(limit: int) -> str:
    return json.dumps({"type": "object", "properties": {"note": {"type": "string", "maxLength": limit}}}, indent=2)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A team's repository: its schemas, a vendor's contract, and a branch main that origin has too."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "note.schema.json").write_text(_schema(40), "utf-8")
    contract = adapter("shipbob").contract_file("return").read_text("utf-8")
    (tmp_path / "vendor.json").write_text(contract, "utf-8")
    (tmp_path / "snapshot.json").write_text(contract, "utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.openreturns]\nschemas = "1.0.0"\nadapters = ["shipbob"]\n'
        '[[tool.openreturns.vendors]]\nadapter = "shipbob"\ncontract = "vendor.json"\nsnapshot = "snapshot.json"\n'
        'skip = ["return_create", "return_v1"]\n',
        "utf-8",
    )
    done = _shell(
        tmp_path,
        "git init -q -b main && git add . && git commit -qm was && git update-ref refs/remotes/origin/main HEAD",
    )
    assert done.returncode == 0, done.stderr
    return tmp_path


def _break_schema(repository: Path) -> None:
    (repository / "schemas" / "note.schema.json").write_text(_schema(20), "utf-8")


def _break_vendor(repository: Path) -> None:
    contract = json.loads((repository / "vendor.json").read_text("utf-8"))
    del contract["properties"]["reference_id"]
    (repository / "vendor.json").write_text(json.dumps(contract), "utf-8")


@pytest.mark.parametrize(
    ("hook", "breaks"), [(HOOKS[0], _break_vendor), (HOOKS[1], _break_schema)], ids=["check", "breaking"]
)
def test_a_hook_stops_a_commit_that_breaks(repository: Path, hook: dict[str, Any], breaks: Any) -> None:
    line = shlex.join([*shlex.split(hook["entry"]), *hook.get("args", ())])
    script = repository / ".git" / "hooks" / "pre-commit"
    script.write_text(f"#!/bin/sh\nexec {line}\n", "utf-8")
    script.chmod(0o755)
    commit = "git commit -q -a --allow-empty -m next"
    assert _shell(repository, commit).returncode == 0
    breaks(repository)
    stopped = _shell(repository, commit)
    assert stopped.returncode != 0
    assert "error: " in stopped.stdout + stopped.stderr
    assert _shell(repository, "git log --format=%s -1").stdout == "next\n"
    assert _shell(repository, "git diff --name-only HEAD").stdout


def _action(repository: Path, **given: str) -> list[subprocess.CompletedProcess[str]]:
    """Run what the action runs, but for the installation, with its inputs."""
    inputs = {name: given.get(name, row["default"]) for name, row in ACTION["inputs"].items()}
    done = []
    for step in ACTION["runs"]["steps"][1:]:
        if "if" in step and not inputs["schemas"]:
            continue
        env = {
            name: inputs[value.removeprefix("${{ inputs.").removesuffix(" }}")] for name, value in step["env"].items()
        }
        done.append(_shell(repository, step["run"], **env))
    return done


def test_the_action_annotates_what_breaks(repository: Path) -> None:
    assert [done.returncode for done in _action(repository, schemas="schemas")] == [0, 0]
    _break_schema(repository)
    _break_vendor(repository)
    check, breaking = _action(repository, schemas="schemas", arguments="shipbob")
    assert (check.returncode, breaking.returncode) == (100, 100)
    assert "::error file=vendor.json,line=1,title=PROPERTY_NO_DELETE::" in check.stdout
    assert breaking.stdout.startswith("::error file=schemas/note.schema.json,line=6,title=LENGTH_TIGHTENED::")
    assert len(_action(repository)) == 1


def test_the_job_of_gitlab_fails_and_reports(repository: Path) -> None:
    check, breaking = GITLAB["openreturns"]["script"]
    env = {"SCHEMAS": "schemas", "AGAINST": "origin/main"}
    assert [_shell(repository, line, **env).returncode for line in (check, breaking)] == [0, 0]
    assert _shell(repository, breaking, SCHEMAS="").returncode == 0
    _break_schema(repository)
    _break_vendor(repository)
    assert [_shell(repository, line, **env).returncode for line in (check, breaking)] == [100, 100]
    report = ElementTree.parse(repository / GITLAB["openreturns"]["artifacts"]["reports"]["junit"])
    assert report.getroot().get("failures") == "1"
