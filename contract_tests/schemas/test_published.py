"""The published versions are what was published, each raised by what its change asks for; what changed is told."""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openreturns._schemas import DOCUMENTS, VERSION, folder, versions
from openreturns.cli import main
from openreturns.compat import Settings, bump, changes, compare, open_source
from openreturns.compat import versions as published

SCHEMAS = folder().parent
STEPS = list(pairwise(versions()))
steps = pytest.mark.parametrize(("old", "new"), STEPS, ids=" to ".join)


def _run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, list(arguments))
    return done.exit_code, done.output


def test_nothing_published_has_changed() -> None:
    assert _run("schema", "published", str(SCHEMAS))[0] == 0
    assert list(published.broken(SCHEMAS)) == []
    assert tuple(published.lock_of(SCHEMAS)) == versions()


def test_every_lock_that_was_ever_committed_still_holds() -> None:
    """Rewriting a version together with its lock is found too."""
    log = ["git", "log", "--format=%H", "--", published.LOCK]
    commits = subprocess.run(log, cwd=SCHEMAS, capture_output=True, text=True, check=False).stdout.split()
    if not commits:
        pytest.skip("no git history to hold it against")
    for commit in commits:
        assert list(published.broken(SCHEMAS, published.locked_at(SCHEMAS, commit))) == []
    assert _run("schema", "published", str(SCHEMAS), "--against", commits[-1])[0] == 0


@pytest.mark.parametrize(
    "file", ["return.schema.json", "code-lists/currency.json", "examples/credit/valid/minimal.json"]
)
def test_a_byte_more_in_a_published_version_is_found(file: str, tmp_path: Path) -> None:
    copy = tmp_path / "schemas"
    shutil.copytree(SCHEMAS, copy)
    with (copy / versions()[0] / file).open("a") as written:
        written.write(" ")
    code, out = _run("schema", "published", str(copy))
    assert code == 100
    assert f"PUBLISHED_VERSION_CHANGED: {file} changed after publication" in out
    code, out = _run("schema", "publish", versions()[0], str(copy))
    assert (code, "is published and never changes" in out) == (1, True)


@steps
def test_a_version_is_raised_by_what_its_change_asks_for(old: str, new: str) -> None:
    given = published.raised(published.version_in(old) or (0, 0, 0), published.version_in(new) or (0, 0, 0))
    assert given == bump(open_source(old), open_source(new))


def test_this_very_change_may_not_be_published_as_a_patch(tmp_path: Path) -> None:
    copy = tmp_path / "schemas"
    for version, named in (("1.0.0", "1.0.0"), ("1.1.0", "1.0.1")):
        shutil.copytree(SCHEMAS / version, copy / named)
    assert _run("schema", "publish", "1.0.0", str(copy))[0] == 0
    code, out = _run("schema", "publish", "1.0.1", str(copy))
    assert (code, "1.0.0 -> 1.0.1 is a patch version, a minor one is due" in out) == (1, True)


def test_taking_it_back_is_a_major_change() -> None:
    assert bump(open_source("1.1.0"), open_source("1.0.0")) == "major"


@steps
@pytest.mark.parametrize("compat", ["backward", "full"])
def test_a_minor_version_breaks_no_tolerant_reader(old: str, new: str, compat: Any) -> None:
    report = compare(open_source(old), open_source(new), Settings(compat, reader="tolerant"))
    assert (report.answer(), report.failed) == ("compatible", False)
    assert {verdict.document for verdict in report.verdicts} == {*DOCUMENTS, "common"}


@steps
def test_a_strict_reader_of_the_older_version_is_told_what_it_refuses(old: str, new: str) -> None:
    report = compare(open_source(old), open_source(new), Settings("forward"))
    refused = {(one.document, one.at) for one in report.findings if one.severity == "error"}
    assert {("return", "note"), ("return", "expectedReceipt.parcels"), ("credit", "note")} <= refused


def test_what_1_1_deprecates_has_a_sunset_and_stays_until_then() -> None:
    told = [one for rows in changes(open_source("1.0.0"), open_source("1.1.0")).documents.values() for one in rows]
    deprecated = {one.at: one.now for one in told if one.rule == "DEPRECATED_ADDED"}
    assert deprecated == {"expectedReceipt.carrier": "until 2028-12-31", "expectedReceipt.labelUri": "until 2028-12-31"}
    assert not any(one.rule == "DEPRECATED_WITHOUT_SUNSET" for one in told)


def test_deleting_a_deprecated_field_before_its_sunset_is_told(tmp_path: Path) -> None:
    for path in folder().glob("*.schema.json"):
        shutil.copy(path, tmp_path / path.name)
    schema = json.loads((tmp_path / "return.schema.json").read_bytes())
    del schema["$defs"]["ExpectedReceipt"]["properties"]["carrier"]
    (tmp_path / "return.schema.json").write_text(json.dumps(schema), "utf-8")
    asked = Settings(use=("VALIDITY", "PROPERTY_NO_DELETE_UNLESS_DEPRECATED"), leave_out=("PROPERTY_NO_DELETE",))
    [found] = [one for one in compare(open_source(VERSION), open_source(str(tmp_path)), asked).findings if one.at]
    assert (found.rule, found.at) == ("PROPERTY_NO_DELETE_UNLESS_DEPRECATED", "expectedReceipt.carrier")
    assert "its sunset is 2028-12-31" in found.message


def test_the_changelog_has_the_section_that_is_generated() -> None:
    section = changes(open_source("1.0.0"), open_source("1.1.0")).markdown()
    lines = [line.strip() for line in (SCHEMAS.parent / "CHANGELOG.md").read_text("utf-8").splitlines()]
    assert [line for line in section.splitlines()[2:] if line.strip() not in lines] == []
