"""The generated files are what the schemas say, and saying it twice changes nothing."""

from pathlib import Path

import pytest
from openreturns._schemas import VERSION, folder, package_of, versions
from openreturns_codegen import __main__ as command


@pytest.fixture(scope="module")
def wanted() -> dict[Path, str]:
    return command.generated()


def test_the_committed_files_are_up_to_date(wanted: dict[Path, str]) -> None:
    assert "".join(command.differences(wanted)) == ""


def test_nothing_else_lies_in_the_generated_folders(wanted: dict[Path, str]) -> None:
    old = [command.MODELS / package_of(version) for version in versions() if version != VERSION]
    present = {path for own in (command.CLASSES, *old) for path in own.glob("*.py")}
    present |= {path for version in versions() for path in (folder(version) / "tolerant").iterdir()}
    assert present == {path for path in wanted if path.parent in {one.parent for one in present}}


def test_generating_again_gives_the_same_bytes(wanted: dict[Path, str]) -> None:
    assert command.generated() == wanted


def test_every_class_module_says_where_it_comes_from(wanted: dict[Path, str]) -> None:
    for path, text in wanted.items():
        if path.suffix == ".py" and path.stem != "__init__":
            document = path.stem.rstrip("_")
            version = next((one for one in versions() if package_of(one) == path.parent.name), VERSION)
            place = "event/1.0.0" if document == "event" else version
            assert text.startswith(f"# Generated from schemas/{place}/{document}.schema.json. Do not edit: ")


def test_check_fails_with_a_diff_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = command.CLASSES / "credit.py"
    before = path.read_text("utf-8")
    monkeypatch.setattr(command, "generated", lambda: {path: before + "# changed\n"})
    assert command.main(["--check"]) == 1
    assert "+# changed" in capsys.readouterr().out
    assert path.read_text("utf-8") == before


def test_check_passes_without_a_word(
    wanted: dict[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "generated", lambda: wanted)
    assert command.main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_without_check_the_files_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "file.py"
    monkeypatch.setattr(command, "sources", lambda: {path: "text\n"})
    monkeypatch.setattr(command, "pages", dict)
    assert command.main([]) == 0
    assert path.read_text("utf-8") == "text\n"
