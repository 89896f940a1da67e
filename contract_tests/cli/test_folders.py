"""Folders in, folders out: names are kept, nothing is overwritten, everything is accounted for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.running import CANONICAL, DEMO, TENANT, TO_CANONICAL, VENDOR, on_a_terminal, run

TWO = (DEMO / "two-cartons-short-one-damaged.json").read_bytes()
TO_RECEIPTS = ("translate", "--from", "return", "--to", "netsuite.item_receipt", "--tenant", str(TENANT))


def laid_out(base: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_bytes(data)
    return base


def files_in(base: Path) -> dict[str, int]:
    """Return the files below a folder, each with how many lines it has."""
    found = (path for path in base.rglob("*") if path.is_file())
    return {str(path.relative_to(base)): len(path.read_bytes().splitlines()) for path in found}


ARRAY = b"[" + VENDOR + b"," + VENDOR + b"]"
LAYOUTS: dict[str, tuple[dict[str, bytes], dict[str, int]]] = {
    "a document a file": ({"a.json": TWO, "b.json": VENDOR}, {"a.json": 1, "b.json": 1}),
    "folders in folders": ({"x/a.json": TWO, "x/y/a.json": TWO}, {"x/a.json": 1, "x/y/a.json": 1}),
    "lines stay lines": ({"a.jsonl": VENDOR + b"\n" + VENDOR}, {"a.jsonl": 2}),
    "an array becomes lines": ({"a.json": ARRAY}, {"a.jsonl": 2}),
    "the same name twice": ({"a.json": ARRAY, "a.jsonl": VENDOR}, {"a.jsonl": 2, "a.1.jsonl": 1}),
    "dots in a name": ({"RMA-1.2.json": TWO}, {"RMA-1.2.json": 1}),
    "other files are none of ours": ({"a.json": TWO, "notes.txt": b"x", "b.csv": b"x"}, {"a.json": 1}),
    "a rejected one leaves no file": ({"a.json": TWO, "b.json": b"{}"}, {"a.json": 1}),
}


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_names_are_kept(name: str, jobs: str, tmp_path: Path) -> None:
    given, expected = LAYOUTS[name]
    source = laid_out(tmp_path / "in", given)
    code, out, err = run(*TO_CANONICAL, source, "--out", f"{tmp_path}/out/", "--jobs", jobs)
    assert code == int("b.json" in given and given["b.json"] == b"{}"), err
    assert out == ""
    assert files_in(tmp_path / "out") == expected
    for path in (tmp_path / "out").rglob("*.json"):
        assert json.loads(path.read_bytes())["meta"]["schema"] == "openreturns/return/1.1"


def test_a_document_that_becomes_several_has_them_numbered(tmp_path: Path) -> None:
    delivered_twice = json.loads(CANONICAL)
    del delivered_twice["lines"][0]["item"]["serials"]
    delivered_once = json.loads(json.dumps(delivered_twice))
    del delivered_once["lines"][0]["receipts"][1]
    delivered_once["lines"][0]["received"]["value"] = "2"
    given = {"a.json": json.dumps(delivered_twice).encode(), "a.1.json": json.dumps(delivered_once).encode()}
    code, _, err = run(*TO_RECEIPTS, laid_out(tmp_path / "in", given), "--out", f"{tmp_path}/out/")
    assert code == 0, err
    assert "\n2 read = 2 written + 0 rejected; 3 records made" in err
    assert files_in(tmp_path / "out") == {"a.1.json": 1, "a.2.json": 1, "a.3.json": 1}


def test_two_folders_with_the_same_names_go_into_one(tmp_path: Path) -> None:
    one, two = laid_out(tmp_path / "one", {"a.json": TWO}), laid_out(tmp_path / "two", {"a.json": TWO})
    run(*TO_CANONICAL, one, two, "--out", f"{tmp_path}/out/")
    assert files_in(tmp_path / "out") == {"a.json": 1, "a.1.json": 1}


def test_a_folder_that_exists_needs_no_slash_and_standard_input_has_a_name(tmp_path: Path) -> None:
    code, out, _ = run(*TO_CANONICAL, "-", "--out", tmp_path, data=VENDOR)
    assert (code, out, files_in(tmp_path)) == (0, "", {"stdin.jsonl": 1})


@pytest.mark.parametrize("command", ["translate", "validate"])
@pytest.mark.parametrize("shape", ["indented", "array", "lines", "after blank lines"])
def test_standard_input_is_lines_an_array_or_a_document(shape: str, command: str) -> None:
    given, count, lines = {
        "indented": (json.dumps(json.loads(CANONICAL), indent=2).encode(), 1, {0}),
        "array": (b"[\n" + CANONICAL + b",\n" + CANONICAL + b"]", 2, {1, 2}),
        "lines": (CANONICAL + b"\n" + CANONICAL, 2, {1, 2}),
        "after blank lines": (b"\n \n" + CANONICAL, 1, {3}),
    }[shape]
    arguments = ("validate", "-") if command == "validate" else ("translate", "--from", "return", "--to", "return", "-")
    code, _, err = run(*arguments, data=given)
    assert code == 0, err
    assert err.startswith(f"{count} read = {count} ")
    _, out, err = run(*arguments, "--json", data=given.replace(b"EUR", b"EUX"))
    told = [json.loads(line) for line in (out + err).splitlines()]
    assert {row["line"] for row in told if "line" in row} == lines


MARKED = json.dumps(json.loads(CANONICAL), indent=2)
# What starts with a byte order mark: how many records are read and rejected, and what is said of the first.
MARKS = {
    "indented, UTF-8": ("-", MARKED.encode("utf-8-sig"), 1, 1, "a UTF-8 byte order mark"),
    "indented, UTF-16": ("-", MARKED.encode("utf-16"), 1, 1, "a UTF-16 byte order mark"),
    "indented, UTF-16 of the other kind": ("-", b"\xfe\xff" + MARKED.encode("utf-16-be"), 1, 1, "a UTF-16 byte"),
    "an array, UTF-8": ("-", b"\xef\xbb\xbf[" + CANONICAL + b"\n]", 1, 1, "a UTF-8 byte order mark"),
    "lines, UTF-8": ("-", b"\xef\xbb\xbf" + (CANONICAL + b"\n") * 3, 3, 1, "a UTF-8 byte order mark"),
    "lines, UTF-16": ("-", (CANONICAL.decode() + "\n").encode("utf-16") * 3, 1, 1, "a UTF-16 byte order mark"),
    "a file of lines, UTF-16": ("in.jsonl", (CANONICAL.decode() + "\n").encode("utf-16") * 3, 1, 1, "a UTF-16 byte"),
    "a file of another name": ("in.txt", MARKED.encode("utf-8-sig"), 1, 1, "a UTF-8 byte order mark"),
}


@pytest.mark.parametrize("name", MARKS)
def test_a_byte_order_mark_is_told_once_a_document(name: str, tmp_path: Path) -> None:
    path, data, read, wrong, said = MARKS[name]
    (tmp_path / "in.jsonl").write_bytes(data)
    (tmp_path / "in.txt").write_bytes(data)
    code, out, err = run("validate", "-" if path == "-" else tmp_path / path, data=data)
    assert (code, err) == (1, f"{read} read = {read - wrong} right + {wrong} wrong\n")
    assert len(out.splitlines()) == wrong
    assert said in out


def test_a_link_that_leads_nowhere_is_one_reject_on_a_terminal_too(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(VENDOR)
    (tmp_path / "b.json").symlink_to(tmp_path / "gone.json")
    (tmp_path / "c.json").write_bytes(VENDOR)
    code, shown = on_a_terminal(*TO_CANONICAL, tmp_path, "--out", tmp_path / "out.jsonl")
    assert code == 1
    assert "b.json: cannot read: No such file or directory" in shown
    assert "3 read = 2 written + 1 rejected" in shown


OVERWRITING = {
    "the input itself": ("in/a.jsonl", ("--out", "in/a.jsonl")),
    "the input by another way": ("in/a.jsonl", ("--out", "in/../in/a.jsonl")),
    "a file in the folder": ("in", ("--out", "in/a.jsonl")),
    "its own folder": ("in", ("--out", "in/")),
    "a folder above it": ("in/a.jsonl", ("--out", "./")),
    "the rejects": ("in", ("--rejects", "in/a.jsonl")),
    "the losses": ("in", ("--losses", "in/a.jsonl")),
}


@pytest.mark.parametrize("name", OVERWRITING)
def test_no_input_is_overwritten(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, options = OVERWRITING[name]
    laid_out(tmp_path, {"in/a.jsonl": VENDOR})
    monkeypatch.chdir(tmp_path)
    code, _, err = run(*TO_CANONICAL, path, *options)
    assert code == 2
    assert "would overwrite it" in err
    assert files_in(tmp_path) == {"in/a.jsonl": 1}
    assert (tmp_path / "in" / "a.jsonl").read_bytes() == VENDOR


TOGETHER = {
    "out and rejects": ("--out", "o.jsonl", "--rejects", "o.jsonl"),
    "rejects and losses": ("--rejects", "r.jsonl", "--losses", "r.jsonl"),
    "out and losses, by another way": ("--out", "o.jsonl", "--losses", "new/../o.jsonl"),
    "two names of one file": ("--out", "there.jsonl", "--rejects", "linked.jsonl"),
    "rejects in the folder": ("--out", "new/", "--rejects", "new/a.jsonl"),
    "losses deep in the folder": ("--out", "new/", "--losses", "new/deep/l.jsonl"),
    "the folder in the place of the losses": ("--out", "new/", "--losses", "new"),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_no_output_overwrites_another(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out(tmp_path, {"in/a.jsonl": VENDOR, "there.jsonl": b"kept"})
    (tmp_path / "linked.jsonl").hardlink_to(tmp_path / "there.jsonl")
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*TO_CANONICAL, "in", *TOGETHER[name])
    assert (code, out) == (2, "")
    assert "would overwrite each other" in err
    assert files_in(tmp_path) == {"in/a.jsonl": 1, "there.jsonl": 1, "linked.jsonl": 1}
    assert (tmp_path / "there.jsonl").read_bytes() == b"kept"


@pytest.mark.parametrize(
    "options", [("--out", "t.toml"), ("--rejects", "t.toml"), ("--losses", "./t.toml"), ("--out", "./")]
)
def test_the_tenant_file_is_not_overwritten(
    options: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out(tmp_path / "elsewhere", {"a.jsonl": VENDOR})
    tenant = laid_out(tmp_path / "here", {"t.toml": b"[shipbob.settings]\n"})
    monkeypatch.chdir(tenant)
    code, _, err = run(*TO_CANONICAL, "../elsewhere", "--tenant", "t.toml", *options)
    assert code == 2
    assert "--tenant t.toml is an input; writing to" in err
    assert (tenant / "t.toml").read_bytes() == b"[shipbob.settings]\n"


def test_a_device_takes_everything() -> None:
    code, out, err = run(*TO_CANONICAL, "-", "--out", "/dev/null", "--rejects", "/dev/null", data=VENDOR + b"\n{}")
    assert (code, out) == (1, ""), err


def test_rejects_of_validate_overwrite_no_input_either(tmp_path: Path) -> None:
    laid_out(tmp_path, {"a.jsonl": CANONICAL})
    code, _, err = run("validate", tmp_path / "a.jsonl", "--rejects", tmp_path / "a.jsonl")
    assert code == 2
    assert "would overwrite it" in err
    assert (tmp_path / "a.jsonl").read_bytes() == CANONICAL
