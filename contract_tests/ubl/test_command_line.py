"""Credits become files of XML on the command line, and files of XML become credits."""

from __future__ import annotations

from pathlib import Path

from cli.running import run
from openreturns._json import parse
from openreturns._schemas import folder

HERE = Path(__file__).parent
VALID = folder() / "examples" / "credit" / "valid"


def test_a_folder_of_credits_becomes_one_of_credit_notes_and_back(tmp_path: Path) -> None:
    notes, again = tmp_path / "notes", tmp_path / "again"
    tenant = ("--tenant", HERE / "tenant.toml")
    code, _, err = run(
        "translate", "--from", "credit", "--to", "ubl.credit_note", *tenant, VALID, "--out", f"{notes}/", "--losses",
        tmp_path / "losses.jsonl",
    )  # fmt: skip
    names = {path.stem for path in VALID.glob("*.json")} - {"expected"}
    assert (code, {path.name for path in notes.iterdir()}) == (0, {f"{name}.xml" for name in names}), err
    assert run("validate", "--contract", "ubl.credit_note", notes)[0] == 0

    command = ("translate", "--from", "ubl.credit_note", "--to", "credit", *tenant, notes, "--out", f"{again}/")
    assert run(*command)[0] == 0
    for name in names:
        first, second = (parse((place / f"{name}.json").read_bytes()) for place in (VALID, again))
        assert second["totals"] == first["totals"]


def test_what_is_no_credit_note_is_kept_and_the_rest_goes_on(tmp_path: Path) -> None:
    code, out, _ = run(
        "translate", "--from", "credit", "--to", "ubl.credit_note", "--tenant", HERE / "tenant.toml",
        VALID / "restocking-fee-and-freight-refund.json",
    )  # fmt: skip
    assert (code, out.count("\n")) == (0, 2)  # the declaration, and the document on one line
    notes, rejects = tmp_path / "notes", tmp_path / "rejects.jsonl"
    notes.mkdir()
    (notes / "a.xml").write_text(out, "utf-8")
    (notes / "b.xml").write_text('<!DOCTYPE x [<!ENTITY e "1">]><x>&e;</x>', "utf-8")
    command = ("translate", "--from", "ubl.credit_note", "--to", "credit", notes, "--rejects", rejects)
    code, out, err = run(*command)
    assert (code, len(out.splitlines())) == (1, 1), err
    assert "document type" in rejects.read_text("utf-8")
