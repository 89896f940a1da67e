"""A gate never turns green on nothing: where no record was read that is said, input by input, and the code is 1."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.running import CANONICAL, TENANT, run

COMMANDS: dict[str, tuple[str, ...]] = {
    "validate": ("validate",),
    "translate": ("translate", "--from", "return", "--to", "return"),
    "migrate": ("migrate", "--to", "1.0.0"),
    "loss": ("loss", "netsuite.return_authorization", "--tenant", str(TENANT)),
}

# What is given, and what is said of it: place below the folder, code, words.
NOTHING: dict[str, tuple[dict[str, bytes], str, str, str]] = {
    "an empty folder": ({}, "in", "no_file", "there is no .json, .jsonl, .ndjson file in it"),
    "a folder of others' files": ({"in/x.txt": b"{}"}, "in", "no_file", "there is no .json"),
    "a folder of empty folders": ({"in/a/b/x.txt": b"{}"}, "in", "no_file", "there is no .json"),
    "an empty file of lines": ({"in/a.jsonl": b"\n"}, "in/a.jsonl", "no_record", "there is no record in it"),
    "an empty array": ({"in/a.json": b"[]"}, "in/a.json", "no_record", "there is no record in it"),
    "a link to a folder": ({"in/link": b""}, "in/link", "not_followed", "a link to a folder: name it to have it read"),
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("given", NOTHING)
def test_where_nothing_was_read_is_said_and_the_code_is_1(given: str, name: str, tmp_path: Path) -> None:
    files, place, code, words = NOTHING[given]
    (tmp_path / "in").mkdir()
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.json").write_bytes(CANONICAL)
    for file, data in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        if file.endswith("link"):
            (tmp_path / file).symlink_to(tmp_path / "real")
        else:
            (tmp_path / file).write_bytes(data)
    ended, out, err = run(*COMMANDS[name], tmp_path / "in")
    assert (ended, out) == (1, "")
    told, summary = err.splitlines()
    assert told.startswith(f"{tmp_path / place}: {code} ")
    assert words in told
    assert summary.startswith("0 read = 0 ")
    ended, out, err = run(*COMMANDS[name], tmp_path / "in", "--json")
    assert (ended, out) == (1, "")
    row, count = map(json.loads, err.splitlines())
    assert (row["source"], row["code"], count["read"]) == (str(tmp_path / place), code, 0)


@pytest.mark.parametrize("name", COMMANDS)
def test_of_standard_input_too(name: str) -> None:
    code, out, err = run(*COMMANDS[name], "-", data=b" \n")
    assert (code, out) == (1, "")
    assert err.startswith("-: no_record there is no record in it\n0 read = 0 ")


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_empty_beside_records_is_told_and_wrong_is_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_bytes(CANONICAL)
    (tmp_path / "in" / "itself").symlink_to(tmp_path / "in")
    (tmp_path / "empty").mkdir()
    code, _, err = run(*COMMANDS[name], tmp_path / "in", tmp_path / "empty")
    assert code == 0, err
    assert f"{tmp_path / 'in' / 'itself'}: not_followed " in err
    assert f"{tmp_path / 'empty'}: no_file " in err
    assert "\n1 read = 1 " in err


def test_a_folder_that_was_left_out_may_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "a.json").write_bytes(CANONICAL)
    (tmp_path / "in" / "out").symlink_to(tmp_path / "out")
    code, _, err = run(*COMMANDS["translate"], tmp_path / "in", "--out", tmp_path / "out")
    assert code == 0, err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.json"]
