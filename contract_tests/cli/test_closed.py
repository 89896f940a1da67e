"""Standard streams that whoever started us closed: what could not be read or written is said, and never lost unsaid."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.running import CANONICAL, PROGRAM, spawned

TRANSLATE = ("translate", "--from", "return", "--to", "return")
TO_FILE = (*TRANSLATE, "in.json", "--out", "out.json")
WRONG = CANONICAL.replace(b"EUR", b"EUX")

# What is closed, the command, the record; exit code, and what is printed and said where it can be.
CLOSED: dict[str, tuple[str, tuple[str, ...], bytes, int, str, str]] = {
    "validate, no input": ("<&-", ("validate", "-"), b"", 1, "-: unreadable cannot read: Bad file", "1 read = 0 right"),
    "translate, no input": ("<&-", (*TRANSLATE, "-"), b"", 1, "", "-: cannot read: Bad file descriptor\n1 read = 0"),
    "validate, nothing to print": (">&-", ("validate", "in.json"), CANONICAL, 0, "", "1 read = 1 right"),
    "validate, a finding to print": (">&-", ("validate", "in.json"), WRONG, 2, "", "error: Bad file descriptor"),
    "translate to nowhere": (">&-", (*TRANSLATE, "in.json"), CANONICAL, 2, "", "standard output: Bad file"),
    "translate to a file": (">&-", TO_FILE, CANONICAL, 0, "", "1 read = 1 written"),
    "translate, nobody to tell": ("2>&-", (*TRANSLATE, "in.json"), CANONICAL, 0, '"number":"RMA-1"', ""),
    "validate, nobody to tell": ("2>&-", ("validate", "in.json"), WRONG, 1, "in.json: ", ""),
    "nothing open": ("<&- >&- 2>&-", TO_FILE, CANONICAL, 0, "", ""),
    "in two processes": (">&-", (*TRANSLATE, "in.json", "--jobs", "2"), CANONICAL, 2, "", "standard output: Bad file"),
}


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_stream_is_no_defect(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed, command, data, code, out, err = CLOSED[name]
    (tmp_path / "in.json").write_bytes(data)
    monkeypatch.chdir(tmp_path)
    shell = ("bash", "-c", f'exec "$@" {closed}', "shell", *PROGRAM)
    ended, printed, said = spawned(*command, program=shell)
    assert (ended, "Traceback" in said) == (code, False), said
    assert out in printed.decode()
    assert err in said
    assert "--out" not in command or (tmp_path / "out.json").read_bytes().count(b"\n") == 1
    assert (tmp_path / "in.json").read_bytes() == data
