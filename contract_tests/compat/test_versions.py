"""Published versions: raised by enough, locked by hashes, and never changed, not even together with the lock."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openreturns.cli import main
from openreturns.compat import versions
from openreturns.errors import ContractError

OURS = Path(__file__).parents[2] / "schemas"


def _version(root: Path, version: str, **more: Any) -> Path:
    folder = root / version
    folder.mkdir(parents=True, exist_ok=True)
    properties = {"a": {"type": "string"}, **more}
    schema = {"$id": f"https://example.org/{version}/thing", "properties": properties, "additionalProperties": False}
    (folder / "thing.schema.json").write_text(json.dumps(schema, indent=2) + "\n", "utf-8")
    return folder


def _run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["schema", *arguments])
    return done.exit_code, done.output


def test_what_is_published_stays(tmp_path: Path) -> None:
    folder = _version(tmp_path, "1.0.0")
    (folder / "examples").mkdir()
    (folder / "examples" / "one.json").write_text("{}", "utf-8")
    assert _run("publish", "1.0.0", str(tmp_path))[0] == 0
    assert _run("published", str(tmp_path)) == (0, "1 published: 1.0.0; 0 errors\n")
    versions.publish(tmp_path, "1.0.0")  # again, unchanged
    (folder / "examples" / "one.json").write_text('{"a": 1}', "utf-8")
    (folder / "examples" / "two.json").write_text("{}", "utf-8")
    (folder / "thing.schema.json").unlink()
    code, out = _run("published", str(tmp_path))
    assert code == 100
    assert "PUBLISHED_VERSION_CHANGED: examples/one.json changed after publication" in out
    assert "examples/two.json was added after publication" in out
    assert "thing.schema.json was published and is gone" in out
    with pytest.raises(ContractError, match=r"1\.0\.0 is published and never changes"):
        versions.publish(tmp_path, "1.0.0")


def test_line_ends_do_not_count(tmp_path: Path) -> None:
    file = _version(tmp_path, "1.0.0") / "thing.schema.json"
    versions.publish(tmp_path, "1.0.0")
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert list(versions.broken(tmp_path)) == []


def test_a_version_is_raised_by_what_its_change_asks_for(tmp_path: Path) -> None:
    _version(tmp_path, "1.0.0")
    _version(tmp_path, "1.0.1", b={"type": "string"})
    code, out = _run("publish", "1.0.1", str(tmp_path))
    assert code == 1
    assert "VERSION_BUMP_TOO_SMALL: 1.0.0 -> 1.0.1 is a patch version, a minor one is due" in out
    assert _run("published", str(tmp_path))[0] == 100
    (tmp_path / "1.0.1").rename(tmp_path / "1.1.0")
    assert _run("publish", "1.1.0", str(tmp_path))[0] == 0


def test_versions_are_ordered_as_numbers(tmp_path: Path) -> None:
    for version in ("1.10.0", "1.9.0", "2.0.0"):
        _version(tmp_path, version)
    assert list(versions.folders(tmp_path)) == ["1.9.0", "1.10.0", "2.0.0"]


def test_a_lock_cannot_be_rewritten_in_silence(tmp_path: Path) -> None:
    folder = _version(tmp_path, "1.0.0")
    versions.publish(tmp_path, "1.0.0")
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    for line in (["init", "-q"], ["add", "."], ["commit", "-qm", "published"]):
        subprocess.run(["git", "-C", str(tmp_path), *identity, *line], check=True)
    _version(tmp_path, "1.0.0", b={"type": "string"})
    (tmp_path / versions.LOCK).unlink()
    versions.publish(tmp_path, folder.name)
    assert _run("published", str(tmp_path))[0] == 0  # the lock fits what is there
    code, out = _run("published", str(tmp_path), "--against", "HEAD")
    assert code == 100
    assert "is locked with other hashes than it was published with" in out
    (tmp_path / versions.LOCK).unlink()
    assert "was published and is no longer locked" in _run("published", str(tmp_path), "--against", "HEAD")[1]
    code, out = _run("published", str(tmp_path), "--against", "no-such-commit")
    assert (code, out) == (1, "error: no-such-commit: no such git commit\n")


@pytest.mark.parametrize("text", ["[", "[]", '{"1.0.0": []}', '{"1.0.0": {"a": 1}}'])
def test_a_lock_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    _version(tmp_path, "1.0.0")
    (tmp_path / versions.LOCK).write_text(text, "utf-8")
    code, out = _run("published", str(tmp_path))
    assert code == 1
    assert "published.json" in out


def test_publishing_what_is_not_there_is_told(tmp_path: Path) -> None:
    _version(tmp_path, "1.0.0")
    code, out = _run("publish", "2.0.0", str(tmp_path))
    assert (code, "no version 2.0.0; there are: 1.0.0" in out) == (1, True)


def test_the_change_is_told_by_document_and_sized(tmp_path: Path) -> None:
    _version(tmp_path, "1.0.0", b={"type": "string"})
    _version(tmp_path, "1.1.0", b={"type": "string", "maxLength": 5}, c={"type": "string"})
    new, old = str(tmp_path / "1.1.0"), str(tmp_path / "1.0.0")
    assert _run("changes", new, "--against", old, "--bump") == (0, "major\n")
    code, out = _run("changes", new, "--against", old)
    assert (code, out) == (
        0,
        "### Schemas: a major version (breaks readers or writers)\n\n"
        "- `thing`\n"
        "  - **Breaking** `b`: Fewer lengths of a text are allowed: 5 (maxLength).\n"
        "  - `c`: A property was added that not every reader or writer knows: c.\n",
    )
    assert _run("changes", old, "--against", old)[1].endswith("- Nothing changed.\n")


def test_our_own_published_versions_are_what_was_published() -> None:
    assert list(versions.broken(OURS)) == []
    code, out = _run("published", str(OURS))
    assert code == 0, out
