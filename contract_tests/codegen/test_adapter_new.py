"""A description of any form becomes a package whose own tests are green, the same bytes every time, or nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from codegen.hard import HARD, WRONG
from openreturns import Return
from openreturns.adapters import adapter
from openreturns.errors import MappingError
from openreturns.idempotency import Done
from openreturns.sandbox import serving
from openreturns.testing import Report, candidate, run
from openreturns_codegen.adapter.command import adapter as adapter_command
from openreturns_codegen.adapter.create import create
from openreturns_codegen.adapter.place import merged
from openreturns_codegen.adapter.review import confirm, guesses

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("OPENRETURNS_VENDORS", ROOT.parent / "shared" / "vendor-contracts"))
VENDORS = {
    "adobe": ("erp", "adobe-commerce/returns-creditmemo-2.4.9.swagger.json"),
    "dynamics": ("erp", "business-central/BCOAS1.0.yaml"),
    "avalara": ("tax", "avalara-avatax/avatax-transactions.openapi.json"),
    "shopify": ("erp", "shopify-admin-graphql/returns-2026-01.graphql"),
}


def written(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write the files of a description, and return what to generate from: one file, or the folder."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    return [folder / next(iter(files))] if len(files) == 1 else [folder]


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def installed(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the package be found as an installed one is, without a network and for one test."""
    info = folder / f"{name}_returns-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-returns\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[openreturns.adapters]\n{name} = {name}_returns:ADAPTER\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    invalidate_caches()


def proven(name: str, folder: Path) -> None:
    """Hold the installed package to the contract kit, with the evidence that was generated."""
    subject = candidate(name, folder / "tests")
    report = Report(subject, "documents", list(run(subject, "documents")))
    assert report.reached() == "documents", "\n".join(one.told(subject) for one in report.failed)


@pytest.mark.parametrize("what", HARD)
def test_every_description_becomes_a_package_with_green_tests(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role, files = HARD[what]
    folder = tmp_path / "made"
    create(f"hard_{what}", role, written(tmp_path / "given", files), folder)
    installed(folder, f"hard_{what}", monkeypatch)
    proven(f"hard_{what}", folder)


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_at_hand_becomes_a_package_with_green_tests(
    vendor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role, file = VENDORS[vendor]
    if not (SHARED / file).is_file():
        pytest.skip("the vendors' descriptions are not here: set OPENRETURNS_VENDORS to their folder")
    folder = tmp_path / "made"
    create(f"real_{vendor}", role, [SHARED / file], folder)
    installed(folder, f"real_{vendor}", monkeypatch)
    proven(f"real_{vendor}", folder)


def test_generated_code_passes_ruff_and_strict_types(tmp_path: Path) -> None:
    for what in ("circles", "names", "alternatives", "anchors", "graphql"):
        role, files = HARD[what]
        create(f"typed_{what}", role, written(tmp_path / f"given_{what}", files), tmp_path / "made" / what)
    ruff = [sys.executable, "-m", "ruff"]
    for command in (
        ["check", "--isolated", "--line-length=120"],
        ["format", "--check", "--isolated", "--line-length=120"],
    ):
        ran = subprocess.run([*ruff, *command, "--no-cache", str(tmp_path / "made")], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout
    packages = [str(path) for path in sorted((tmp_path / "made").glob("*/*_returns"))]
    typed = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", *packages]
    env = {**os.environ, "MYPYPATH": os.pathsep.join(str(ROOT / one) for one in ("sdk", "adapters", "codegen"))}
    ran = subprocess.run(typed, capture_output=True, text=True, check=False, cwd=tmp_path, env=env)
    assert ran.returncode == 0, ran.stdout


def test_the_same_description_makes_the_same_bytes(tmp_path: Path) -> None:
    role, files = HARD["circles"]
    given = written(tmp_path / "given", files)
    create("same", role, given, tmp_path / "one")
    create("same", role, given, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    create("same", role, given, tmp_path / "one")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.parametrize("what", WRONG)
def test_what_is_malformed_is_told_with_its_place_and_leaves_nothing_behind(what: str, tmp_path: Path) -> None:
    files, said = WRONG[what]
    given = written(tmp_path / "given", files)
    with pytest.raises(MappingError) as raised:
        create("wrong", "wms", given, tmp_path / "made")
    assert said in str(raised.value)
    assert [path.name for path in tmp_path.iterdir()] == ["given"]


def test_edits_are_kept_and_what_both_changed_is_told(tmp_path: Path) -> None:
    role, files = HARD["circles"]
    given, folder = written(tmp_path / "given", files), tmp_path / "made"
    create("edited", role, given, folder)
    mapping, manifest = folder / "edited_returns/mapping.py", folder / "edited_returns/manifest.toml"
    mine = mapping.read_text().replace("nothing of ours is surely it", "a person says so", 1)
    mapping.write_text(mine)
    manifest.write_text(manifest.read_text().replace('title = "Acme"', 'title = "Mine"'))
    given[0].write_text(files["api.json"].replace('"title": "Acme"', '"title": "Acme 2"'))
    _, placed = create("edited", role, given, folder)
    assert "edited_returns/manifest.toml" in placed.conflicts
    assert 'title = "Mine"' in manifest.read_text()
    assert 'title = "Acme 2"' in (folder / "edited_returns/manifest.toml.new").read_text()
    assert "edited_returns/mapping.py" in placed.merged
    assert "a person says so" in mapping.read_text()
    assert "Acme 2" in mapping.read_text()


def test_what_was_not_generated_is_left_alone(tmp_path: Path) -> None:
    role, files = HARD["circles"]
    given, folder = written(tmp_path / "given", files), tmp_path / "made"
    (folder / "byhand_returns").mkdir(parents=True)
    (folder / "byhand_returns/mapping.py").write_text("MINE = 1\n")
    with pytest.raises(MappingError, match="was not generated, and has a byhand_returns/mapping"):
        create("byhand", role, given, folder)
    assert contents(folder) == {"byhand_returns/mapping.py": b"MINE = 1\n"}


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        (["a", "B", "c", "d"], ["a", "b", "c", "D"], "aBcD"),
        (["a", "B", "c", "d"], ["a", "B", "c", "d"], "aBcd"),
        (["a", "B", "c", "d"], ["a", "X", "c", "d"], None),
        (["a", "d"], ["a", "b", "C", "d"], None),
        (["a", "b", "c", "d", "e"], ["0", "a", "b", "c", "d"], "0abcde"),
    ],
)
def test_lines_merge_where_only_one_side_changed_them(mine: list[str], theirs: list[str], both: str | None) -> None:
    assert merged(["a", "b", "c", "d"], mine, theirs) == both


def test_the_generated_client_writes_and_reads_at_the_generated_vendor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role, files = HARD["circles"]
    folder = tmp_path / "made"
    create("served", role, written(tmp_path / "given", files), folder)
    installed(folder, "served", monkeypatch)
    subject = candidate("served", folder / "tests")
    vendor = import_module("served_returns.simulator").simulator(token="t")
    document = next(one.written_from for one in subject.evidence.records if one.written_from)
    ours = adapter("served", subject.evidence.tenant)
    with serving([vendor]) as addresses, ours.connect(token="t", base_url=addresses["served"]) as port:
        wms: Any = port
        outcome = wms.announce(
            Return.from_dict(document) if hasattr(Return, "from_dict") else Return.model_validate(document)
        )
        assert isinstance(outcome, Done)
        assert wms.read(outcome.ref) == wms.status(outcome.ref)
        assert wms.read(outcome.ref).number == document["number"]


def test_a_person_confirms_or_rejects_each_guess(tmp_path: Path) -> None:
    role, files = HARD["circles"]
    folder = tmp_path / "made"
    create("seen", role, written(tmp_path / "given", files), folder)
    mapping = folder / "seen_returns/mapping.py"
    before = guesses(mapping)
    listed = json.loads(CliRunner().invoke(adapter_command, ["review", str(folder), "--json"]).output)
    assert [row["canonical"] for row in listed] == [one.paths[0] for one in before]
    assert ("lines[].requested", "lines[].quantity") in {(row["canonical"], row["native"]) for row in listed}
    ran = CliRunner().invoke(adapter_command, ["review", str(folder)], input="no\n" + "yes\n" * len(before))
    assert (ran.exit_code, ran.output.splitlines()[-1]) == (0, "0 unconfirmed")
    assert "proposed=True" not in mapping.read_text()
    compile(mapping.read_text(), "mapping.py", "exec")


def test_a_guessed_quantity_keeps_an_adapter_from_the_level_vendor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role, files = HARD["circles"]
    folder = tmp_path / "made"
    create("guessed", role, written(tmp_path / "given", files), folder)
    installed(folder, "guessed", monkeypatch)
    found = list(run(candidate("guessed", folder / "tests"), ids=["PROPOSALS_CONFIRMED"]))
    assert {one.ending for one in found} == {"failed"}
    mapping = folder / "guessed_returns/mapping.py"
    while left := guesses(mapping):
        confirm(mapping, left[0])
    assert "proposed=True" not in mapping.read_text()


def test_a_word_that_is_not_known_is_refused_until_a_person_says_what_it_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role, files = HARD["circles"]
    said = json.loads(files["api.json"])
    words = ["SUSPECTED", "RECEIVED", "CLOSED", "CANCELLED"]  # the first is nearly inspected, by its letters
    said["components"]["schemas"]["Rma"]["properties"]["status"] = {"type": "string", "enum": words}
    folder = tmp_path / "made"
    create("words", role, written(tmp_path / "given", {"api.json": json.dumps(said)}), folder)
    installed(folder, "words", monkeypatch)
    proven("words", folder)
    subject = candidate("words", folder / "tests")
    evidence = json.loads((folder / "tests/rma-made-from-the-contract.json").read_text())["native"]
    with pytest.raises(MappingError, match=r"'SUSPECTED' has no canonical code.*nobody has confirmed the guess"):
        subject.configured.read("rma", {**evidence, "status": "SUSPECTED"}, "return")
    mapping = folder / "words_returns/mapping.py"
    while left := guesses(mapping):
        confirm(mapping, left[0])
    reviewed = CliRunner().invoke(adapter_command, ["review", str(folder)])
    assert reviewed.exit_code == 1
    assert reviewed.output.splitlines()[-2:] == ['return_status: "SUSPECTED" = inspected', "1 unconfirmed"]
    found = list(run(subject, ids=["PROPOSALS_CONFIRMED"]))
    assert "failed" in {one.ending for one in found}


def test_a_key_that_the_vendor_takes_is_sent_and_a_likely_field_is_named_where_it_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role, files = HARD["circles"]
    said = json.loads(files["api.json"])
    makes = next(one["post"] for one in said["paths"].values() if "post" in one)
    header = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}}
    makes["parameters"] = [*makes.get("parameters", ()), header]
    said["components"]["schemas"]["Line"]["properties"]["uom"] = {"type": "string", "enum": ["EACH", "CASE"]}
    folder = tmp_path / "made"
    create("keyed", role, written(tmp_path / "given", {"api.json": json.dumps(said)}), folder)
    mapping = (folder / "keyed_returns/mapping.py").read_text()
    assert 'ignored("lines[].uom", "not mapped yet; candidates: lines[].requested.uom 0.' in mapping
    installed(folder, "keyed", monkeypatch)
    vendor = import_module("keyed_returns.simulator").simulator()
    subject = candidate("keyed", folder / "tests").configured
    document = json.loads((folder / "tests/rma_create-made-from-the-contract.json").read_text())["written_from"]
    with serving([vendor]) as at, subject.connect(token="sandbox-token", base_url=at["keyed"]) as wms:
        assert isinstance(wms.announce(Return.model_validate(document)), Done)
    assert 'headers={"Idempotency-Key": once}' in (folder / "keyed_returns/client.py").read_text()


def test_whole_numbers_are_read_as_cents_and_as_seconds(tmp_path: Path) -> None:
    role, files = HARD["wholes"]
    create("wholes", role, written(tmp_path / "given", files), tmp_path / "made")
    mapping = (tmp_path / "made/wholes_returns/mapping.py").read_text()
    assert 'pair("unitPrice", "unit_price", minor_money, proposed=True)' in mapping
    assert 'pair("requestedAt", "requested_at", epoch("seconds"), proposed=True)' in mapping


def test_an_update_tells_what_breaks_and_what_needs_a_person(tmp_path: Path) -> None:
    role, files = HARD["circles"]
    given, folder = written(tmp_path / "given", files), tmp_path / "made"
    create("later", role, given, folder)
    given[0].write_text(files["api.json"].replace('"quantity"', '"amountOfPieces"'))
    ran = CliRunner().invoke(adapter_command, ["update", str(folder), "--from", str(given[0])])
    assert ran.exit_code == 1, ran.output
    again = CliRunner().invoke(adapter_command, ["update", str(folder), "--from", str(given[0]), "--json"])
    assert json.loads(again.output)["files"]["conflicts"] == []
    # What comes back has no quantity to be read any more: it makes no record at all.
    assert "error: rma (return): DOCUMENT_NO_DELETE: the new description has no 'rma'; it has: " in ran.output
    assert "error: rma_create (return): lines[].quantity" in ran.output
    assert "rule: lines[].requested <- quantity" in ran.output or "rule: lines[].requested" in ran.output
    assert "amountOfPieces" in (folder / "later_returns/records.py").read_text()
