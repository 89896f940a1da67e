"""The versions that ship: each step both ways, over every example and over drawn documents; readers and classes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from openreturns import _schemas
from openreturns.cli import main
from openreturns.errors import ContractError
from openreturns.invariants import check, check_case
from openreturns.migrations import MIGRATIONS, Migration, migrate, newest
from openreturns.models import DOCUMENTS, Document, classes_of, v1_0
from openreturns.reading import read_document
from openreturns.testing.strategies import documents
from openreturns.validation import ENGINES, document_validator

VERSIONS = _schemas.versions()
DRAWN = settings(deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
Data = dict[str, Any]


def examples(version: str) -> list[Path]:
    """The right documents of a version, each alone and those of cases."""
    folder = _schemas.folder(version) / "examples"
    return sorted((*folder.glob("*/valid/*.json"), *folder.glob("cases/*/*.json")))


def said(path: Path) -> str:
    return path.relative_to(_schemas.folder().parent).as_posix().removesuffix(".json")


def named(name: str, version: str) -> str:
    return f"openreturns/{name}/{version.rpartition('.')[0]}"


def without(data: Data, pointers: Iterable[str]) -> Data:
    """A document without the members at some places, and without what is empty then."""
    made: Data = json.loads(json.dumps(data))
    for pointer in pointers:
        *steps, last = pointer.split("/")[1:]
        through: list[Any] = [made]
        for step in steps:
            through.append(through[-1][int(step) if isinstance(through[-1], list) else step])
        del through[-1][last]
        while steps and not through[-1]:
            through.pop()
            del through[-1][steps.pop()]
    return made


STEPS = [(step, name) for step in MIGRATIONS for name in _schemas.DOCUMENTS]
PUBLISHED = [(version, path) for version in VERSIONS for path in examples(version)]
OLDER = [(version, path) for version, path in PUBLISHED if version != _schemas.VERSION]


def test_there_is_a_step_from_each_version_to_the_next() -> None:
    assert [(step.old, step.new) for step in MIGRATIONS] == list(pairwise(VERSIONS))


@pytest.mark.parametrize(("step", "name"), STEPS, ids=lambda part: getattr(part, "new", part))
def test_a_step_accounts_for_every_field_of_both_versions(step: Migration, name: str) -> None:
    assert step.problems(name) == ()


@pytest.mark.parametrize("step", MIGRATIONS, ids=lambda step: step.new)
def test_a_step_makes_each_validator_once(step: Migration) -> None:
    assert step.validator("return", step.old) is step.validator("return", step.old)


def held_up_and_down(data: Data, name: str, old: str) -> None:
    """A document of an older version is raised and taken back: the very same, and nothing lost."""
    up = migrate(data, _schemas.VERSION)
    assert up.data == {**data, "meta": {**data["meta"], "schema": named(name, _schemas.VERSION)}}
    down = migrate(up.data, old)
    assert (down.data, down.losses, up.losses) == (data, (), ())


def held_down_and_up(data: Data, name: str, old: str) -> None:
    """A document of the newest version keeps, in an older one, all but what is told as lost."""
    down = migrate(data, old)
    for engine in ENGINES:
        assert document_validator(name, engine=engine, version=old).problems(down.data) == ()
    lost = [one.canonical for one in down.losses]
    kept = without(data, lost)
    assert down.data == {**kept, "meta": {**kept["meta"], "schema": named(name, old)}}
    assert migrate(down.data, _schemas.VERSION).data == kept
    assert all(one.message for one in down.losses)


@pytest.mark.parametrize(("version", "path"), OLDER, ids=lambda part: said(part) if isinstance(part, Path) else "")
def test_an_older_example_goes_up_and_down_again(version: str, path: Path) -> None:
    data = json.loads(path.read_bytes())
    held_up_and_down(data, data["meta"]["schema"].split("/")[1], version)


@pytest.mark.parametrize("old", VERSIONS[:-1])
@pytest.mark.parametrize("path", examples(_schemas.VERSION), ids=said)
def test_a_newest_example_loses_only_what_is_told(path: Path, old: str) -> None:
    data = json.loads(path.read_bytes())
    held_down_and_up(data, data["meta"]["schema"].split("/")[1], old)


@pytest.mark.parametrize("old", VERSIONS[:-1])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_drawn_documents_go_down_and_up_and_down(name: str, old: str) -> None:
    lost: set[str] = set()

    @settings(DRAWN, max_examples=300)
    @given(document=documents(name))
    def draw(document: Document) -> None:
        data = document.to_dict()
        held_down_and_up(data, name, old)
        down = migrate(document, old)
        held_up_and_down(down.data, name, old)
        lost.update(one.canonical.partition("/")[2] for one in down.losses)

    draw()
    brought = {"return": {"note", "expectedReceipt/parcels"}, "adjustment": {"note"}, "credit": {"note"}}
    assert lost == brought.get(name, set()), "what no document has proves nothing"


# --- readers and classes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_reader_of_1_0_takes_documents_of_1_1_and_says_what_it_set_aside(name: str) -> None:
    @settings(DRAWN, max_examples=200)
    @given(document=documents(name))
    def draw(document: Document) -> None:
        reading = read_document(document.to_json(), name, tolerant=True, version="1.0.0")
        down = migrate(document, "1.0.0")
        aside = {one.problem.canonical: one.value for one in reading.set_aside}
        assert aside.pop("/meta/schema") == "openreturns/" + name + "/1.1"
        assert set(aside) == {one.canonical for one in down.losses}
        assert without_empty(reading.data) == down.data
        assert isinstance(reading.document, classes_of("1.0.0")[name])
        with pytest.raises(ContractError, match="newer than is known here; a tolerant reader takes it"):
            read_document(document.to_json(), name, version="1.0.0")

    draw()


def without_empty(data: Data) -> Data:
    """A document without empty objects: to a mapping they say nothing."""
    return {key: value for key, value in data.items() if value != {}}


@pytest.mark.parametrize("tolerant", [False, True], ids=["strict", "tolerant"])
@pytest.mark.parametrize(("version", "path"), OLDER, ids=lambda part: said(part) if isinstance(part, Path) else "")
def test_the_newest_reader_raises_an_older_document(version: str, path: Path, tolerant: bool) -> None:
    data = json.loads(path.read_bytes())
    reading = read_document(path.read_bytes(), tolerant=tolerant)
    assert reading.data == {**data, "meta": {**data["meta"], "schema": named(reading.name, _schemas.VERSION)}}
    assert (reading.version, reading.set_aside) == (_schemas.VERSION, ())
    assert type(reading.document) is DOCUMENTS[reading.name]


def test_an_older_document_has_no_fields_of_a_later_version() -> None:
    data = json.loads((_schemas.folder("1.0.0") / "examples/return/valid/minimal.json").read_bytes())
    with pytest.raises(ContractError) as refused:
        read_document({**data, "note": "from nowhere"})
    assert [one.message for one in refused.value.problems] == ["unknown field: 'note'"]
    reading = read_document({**data, "note": "from nowhere"}, tolerant=True)
    assert [one.problem.canonical for one in reading.set_aside] == ["/note"]


def test_a_version_that_is_not_carried_is_refused() -> None:
    data = json.loads((_schemas.folder("1.0.0") / "examples/return/valid/minimal.json").read_bytes())
    data["meta"]["schema"] = "openreturns/return/0.9"
    with pytest.raises(ContractError, match=r"version 0\.9 of return is not known here"):
        read_document(data, tolerant=True)


@pytest.mark.parametrize(("version", "path"), PUBLISHED, ids=lambda part: said(part) if isinstance(part, Path) else "")
def test_the_classes_of_a_version_read_its_documents_and_write_the_same_bytes(version: str, path: Path) -> None:
    data = json.loads(path.read_bytes())
    model = classes_of(version)[data["meta"]["schema"].split("/")[1]]
    compact = json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
    assert model.model_validate_json(compact).to_json() == compact
    assert newest(model.model_validate_json(compact)).to_json().replace(b"/1.1", b"/1.0", 1) == compact.replace(
        b"/1.1", b"/1.0", 1
    )


def test_both_sets_of_classes_are_there_and_the_newest_is_the_default() -> None:
    assert classes_of(_schemas.VERSION) is DOCUMENTS
    assert v1_0.DOCUMENTS.keys() == DOCUMENTS.keys()
    assert "note" in DOCUMENTS["return"].model_fields
    assert "note" not in v1_0.Return.model_fields
    assert sorted(set(v1_0.__all__) - set(dir(v1_0))) == []
    with pytest.raises(ModuleNotFoundError):
        classes_of("7.3.0")


def test_rules_are_held_over_documents_of_an_older_versions_classes() -> None:
    case = _schemas.folder("1.0.0") / "examples" / "cases" / "defective-pump-back-to-its-vendor"
    read = [read_document(path.read_bytes(), version="1.0.0").document for path in sorted(case.glob("*.json"))]
    assert check_case(read) == ()
    data = json.loads((_schemas.folder("1.0.0") / "examples/return/invalid/half-a-yen.json").read_bytes())
    broken = check(read_document(data, version="1.0.0").document)
    assert {one.code for one in broken} == {"M2"}


# --- the commands ---------------------------------------------------------------------------------------------------


def _run(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


def test_the_command_accounts_for_each_document(tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text('{"meta": {"schema": "openreturns/return/7.3"}}', "utf-8")
    source = _schemas.folder() / "examples" / "return" / "valid"
    done = _run(
        *("migrate", "--to", "1.0.0", str(source), str(tmp_path / "wrong.json"), "--out", f"{tmp_path}/out/"),
        *("--rejects", str(tmp_path / "rejects.jsonl"), "--losses", str(tmp_path / "losses.jsonl")),
    )
    count = len(list(source.glob("*.json")))
    assert done.exit_code == 1
    assert done.stderr == f"{count + 1} read = {count} written + 1 rejected, 1 with losses\n"
    lost = [json.loads(line) for line in (tmp_path / "losses.jsonl").read_bytes().splitlines()]
    [places] = [[row["canonical"] for row in one["losses"]] for one in lost]
    assert sorted(places) == ["/expectedReceipt/parcels", "/note"]
    written = json.loads((tmp_path / "out" / "minimal.json").read_bytes())
    assert written == {
        **json.loads((source / "minimal.json").read_bytes()),
        "meta": {**written["meta"], "schema": "openreturns/return/1.0"},
    }
    assert "version 7.3 is not known here" in (tmp_path / "rejects.jsonl").read_text("utf-8")


NEWEST = str(_schemas.folder() / "examples/return/valid/two-parcels-by-two-carriers.json")
PINNED = [("--pin", "1.0.0"), ()]


@pytest.mark.parametrize("pin", PINNED, ids=["option", "environment"])
def test_a_writer_that_pinned_a_version_writes_it_and_tells_what_is_lost(
    pin: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not pin:
        monkeypatch.setenv("OPENRETURNS_PIN", "1.0.0")
    losses = tmp_path / "losses.jsonl"
    done = _run("translate", "--from", "return", "--to", "return", *pin, NEWEST, "--losses", str(losses))
    assert done.exit_code == 0
    assert json.loads(done.stdout) == migrate(json.loads(Path(NEWEST).read_bytes()), "1.0.0").data
    told = json.loads(losses.read_bytes())["losses"]
    assert [row["canonical"] for row in told] == ["/note", "/expectedReceipt/parcels"]


def test_a_vendors_record_is_written_in_the_version_that_is_pinned() -> None:
    tests = Path(__file__).parents[1]
    record = json.loads((tests / "onx" / "two-parcels-and-a-note.json").read_bytes())["native"]
    arguments = ["translate", "--from", "onx.return", "--to", "return", "--tenant", str(tests / "onx" / "tenant.toml")]
    made = {}
    for version in VERSIONS:
        done = CliRunner().invoke(main, [*arguments, "--pin", version, "-"], input=json.dumps(record))
        assert done.exit_code == 0
        made[version] = json.loads(done.stdout)
        assert document_validator("return", version=version).problems(made[version]) == ()
    assert made["1.1.0"]["note"] == record["customerNote"]
    assert len(made["1.1.0"]["expectedReceipt"]["parcels"]) == len(record["labels"])
    assert "note" not in made["1.0.0"]


def test_a_reader_that_pinned_a_version_says_what_it_sets_aside() -> None:
    done = _run("validate", "--tolerant", "--pin", "1.0.0", NEWEST)
    assert done.exit_code == 0
    assert "unknown_field /note: the contract has no such field, set aside" in done.output
    assert _run("validate", "--pin", "1.0.0", NEWEST).exit_code == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_the_schemas_of_each_version_are_shown(version: str) -> None:
    shown = json.loads(_run("schema", "show", "credit", "--version", version).stdout)
    assert shown == _schemas.load("credit", version=version)
    assert f"/{version}/" in shown["$id"]
    rows = json.loads(_run("schema", "list", "--json", "--version", version).stdout)
    assert {row["version"] for row in rows} == {version}
