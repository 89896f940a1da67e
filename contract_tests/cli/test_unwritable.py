"""Outputs that cannot be written: named, before anything is read where that can be known, else with how far it came."""

from __future__ import annotations

import json
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import pytest
from cli.running import CANONICAL, PROGRAM, run, spawned

TRANSLATE = ("translate", "--from", "return", "--to", "return")
INTO = {"translate": TRANSLATE, "migrate": ("migrate", "--to", "1.0.0")}


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A folder with a good record and a wrong one."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_bytes(CANONICAL)
    (tmp_path / "in" / "b.json").write_bytes(b"{}")
    return tmp_path / "in"


@pytest.mark.parametrize("name", INTO)
def test_a_folder_that_cannot_be_made_is_told_before_anything_is_read(name: str, two: Path) -> None:
    code, out, err = run(*INTO[name], two, "--out", f"{two.parent}/in/a.json/deep/")
    assert (code, out) == (2, "")
    assert f"cannot write {two.parent}/in/a.json/deep: Not a directory" in err
    assert "b.json" not in err


FULL = {
    "output": ("--out", "/dev/full"),
    "output in two processes": ("--out", "/dev/full", "--jobs", "2"),
    "rejects": ("--rejects", "/dev/full"),
    "losses": ("--losses", "/dev/full", "--pin", "1.0.0"),
}


@pytest.mark.parametrize("name", FULL)
def test_a_full_disk_is_told_with_the_file_and_the_count(name: str, two: Path) -> None:
    lossy = json.loads(CANONICAL)
    lossy["note"] = "1.0 has no place for it"
    (two / "a.json").write_text(json.dumps(lossy), "utf-8")
    code, _, err = spawned(*TRANSLATE, two, *FULL[name])
    assert code == 2
    assert "error: cannot write /dev/full: No space left on device" in err
    assert err.splitlines()[-1].startswith("interrupted: 2 read = 1 written + 1 rejected")
    code, _, err = spawned(*TRANSLATE, two, *FULL[name], "--json")
    told = [json.loads(line) for line in err.splitlines()]
    assert code == 2
    assert told[-1]["interrupted"] is True
    assert told[-2]["error"].startswith("cannot write /dev/full: ")


def test_a_full_standard_output_is_told_too(two: Path) -> None:
    code, _, err = spawned(*TRANSLATE, two, program=("bash", "-c", 'exec "$@" >/dev/full', "shell", *PROGRAM))
    assert code == 2
    assert "error: cannot write standard output: No space left on device" in err
    assert err.splitlines()[-1].startswith("interrupted: ")


def test_a_folder_in_the_place_of_a_file_is_told_with_the_count(two: Path) -> None:
    (two / "b.json").write_bytes(CANONICAL)
    (two.parent / "out" / "b.json").mkdir(parents=True)
    code, _, err = spawned(*TRANSLATE, two, "--out", two.parent / "out")
    assert code == 2
    told, summary = err.splitlines()
    assert told.startswith(f"error: cannot write {two.parent}/out/b.json: Is a directory")
    assert summary.startswith("interrupted: 1 read = 1 written + 0 rejected")
    assert json.loads((two.parent / "out" / "a.json").read_bytes())["number"] == "RMA-1"


def test_validate_names_the_full_file_as_well(two: Path) -> None:
    code, _, err = spawned("validate", two, "--rejects", "/dev/full")
    assert code == 2
    assert err.endswith("error: No space left on device: /dev/full\n")


def test_a_process_that_was_ended_is_told_as_json_too(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(*_: object, **__: object) -> NoReturn:
        raise BrokenProcessPool

    monkeypatch.setattr(import_module("openreturns.cli.translate"), "outcomes", ended)
    code, _, err = run(*TRANSLATE, two, "--json")
    told, summary = map(json.loads, err.splitlines())
    assert code == 130
    assert told["error"].startswith("a process that translates was ended")
    assert summary["interrupted"] is True
