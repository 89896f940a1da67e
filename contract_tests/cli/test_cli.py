"""The command line as a user meets it: what it prints, what it refuses, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from openreturns._json import MAX_RECORD_BYTES
from openreturns.cli import main

HERE = Path(__file__).parents[1]
DEMO = HERE.parent / "docs" / "demo" / "shipbob-returns"
GOOD = (DEMO / "two-cartons-short-one-damaged.json").read_bytes()
CASES = json.loads((HERE / "invariants" / "cases.json").read_text("utf-8"))["bases"]
TRANSLATE = ["translate", "--from", "shipbob.return", "--to", "return"]
LINE = json.dumps(json.loads(GOOD)).encode()


def run(*arguments: str, data: bytes = b"") -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(arguments), input=data)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("command", ["", "validate", "translate", "explain", "loss", "adapters", "schema"])
def test_every_command_helps(command: str) -> None:
    code, out, _ = run(*command.split(), "--help")
    assert code == 0
    assert out.startswith("Usage:")


WRONG = {
    "not JSON": (b"{oops", "not JSON"),
    "not UTF-8": (LINE.replace(b"Bluebonnet", b"Blueb\xf6nnet"), "not UTF-8"),
    "byte order mark": (b"\xef\xbb\xbf" + LINE, "byte order mark"),
    "NaN": (LINE.replace(b"4.5", b"NaN", 1).replace(b"9.0", b"NaN", 1), "not JSON"),
    "Infinity": (b'{"id": Infinity}', "not JSON"),
    "duplicate key": (b'{"id": 1, "id": 2}', "duplicate key"),
    "depth bomb": (b'{"id": ' + b"[" * 5000 + b"]" * 5000 + b"}", "recursion limit"),
    "negative quantity": (LINE.replace(b'"quantity_processed": 1', b'"quantity_processed": -1', 1), "at least 0"),
    "huge number": (LINE.replace(b'"quantity_processed": 1', b'"quantity_processed": 1e400', 1), ""),
    "date without zone": (LINE.replace(b"T09:30:00Z", b"T09:30:00"), "valid date-time"),
    "missing list": (b'{"id": 1, "insert_date": "2026-10-01T00:00:00Z"}', "'lines' is required"),
    "unknown code": (
        LINE.replace(b'"status": "Completed"', b'"status": "Vanished"', 1),
        "'Vanished' has no canonical code",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_record_is_kept_with_its_reasons_and_the_rest_goes_on(name: str, tmp_path: Path) -> None:
    bad, said = WRONG[name]
    rejects = tmp_path / "rejects.jsonl"
    code, out, err = run(
        *TRANSLATE, "-", "--rejects", str(rejects), "--json", data=LINE + b"\n" + bad + b"\n" + LINE + b"\n"
    )
    assert code == 1
    assert len(out.splitlines()) == 2
    summary = json.loads(err)
    assert (summary["read"], summary["written"], summary["rejected"]) == (3, 2, 1)
    [reject] = [json.loads(line) for line in rejects.read_text("utf-8").splitlines()]
    assert (reject["source"], reject["line"]) == ("-", 2)
    assert said in json.dumps(reject, ensure_ascii=False)
    assert "record" in reject or "record_base64" in reject


def test_a_record_beyond_the_limit_is_refused_without_being_held(tmp_path: Path) -> None:
    big = tmp_path / "big.jsonl"
    with big.open("wb") as stream:
        stream.write(b'{"id": "' + b"x" * (MAX_RECORD_BYTES + 10) + b'"}\n' + LINE + b"\n")
    code, out, err = run(*TRANSLATE, str(big))
    assert code == 1
    assert len(out.splitlines()) == 1
    assert "the record has more than" in err


def test_a_folder_is_accounted_for_file_by_file() -> None:
    code, out, err = run(*TRANSLATE, str(DEMO), "--json")
    summary = json.loads(err.splitlines()[-1])
    assert code == 1
    assert summary["read"] == len(list(DEMO.glob("*.json"))) == summary["written"] + summary["rejected"]
    assert len(out.splitlines()) == summary["documents"]


def test_an_empty_input_is_no_record() -> None:
    assert run(*TRANSLATE, "-")[0] == 0


def test_one_system_becomes_another() -> None:
    tenant = HERE.parent / "docs" / "demo" / "tenant.toml"
    to = ["translate", "--from", "shipbob.return", "--to", "netsuite.item_receipt", "--tenant", str(tenant), "-"]
    code, out, err = run(*to, data=LINE)
    assert code == 0, err
    assert json.loads(out)["item"]["items"][0]["itemReceive"] is True


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["translate", "--from", "nobody.return", "--to", "return", "-"], 1),
        (["translate", "--from", "shipbob.return", "--to", "credit", "-"], 1),
        (["translate", "-"], 2),
        (["nonsense"], 2),
        (["explain", "shipbob.nothing"], 1),
        (["schema", "show", "invoice"], 2),
    ],
)
def test_wrong_usage_says_so(arguments: list[str], code: int) -> None:
    got, _, err = run(*arguments)
    assert got == code
    assert "rror" in err
    assert "Traceback" not in err


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_bytes((LINE + b"\n") * 500)
    program = [sys.executable, "-c", "from openreturns.cli import main; main()", *TRANSLATE, str(many)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_documents_are_validated_alone_and_as_a_case(tmp_path: Path) -> None:
    for name, document in CASES.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document), "utf-8")
    assert run("validate", str(tmp_path))[0] == 0
    assert run("validate", "--case", str(tmp_path))[0] == 0
    wrong = json.loads(json.dumps(CASES["credit"]))
    wrong["totals"]["due"]["amount"] = "46.88"
    (tmp_path / "credit.json").write_text(json.dumps(wrong), "utf-8")
    code, out, _ = run("validate", "--json", str(tmp_path))
    assert code == 1
    assert json.loads(out)["canonical"] == "/totals/due"


@pytest.mark.parametrize(
    ("schema", "said"),
    [("openreturns/return/2.0", "version 2.0"), ("openreturns/parcel/1.0", "does not name"), (None, "does not name")],
)
def test_a_document_of_another_version_or_kind_is_refused(schema: str | None, said: str) -> None:
    document = json.loads(json.dumps(CASES["return"]))
    document["meta"]["schema"] = schema
    code, out, _ = run("validate", "-", data=json.dumps(document).encode())
    assert code == 1
    assert said in out


@pytest.mark.parametrize(
    "command", ["explain shipbob.return --json", "loss netsuite.item_receipt --json", "adapters --json"]
)
def test_what_lists_can_list_for_machines(command: str) -> None:
    code, out, _ = run(*command.split())
    assert code == 0
    assert json.loads(out)


def test_explain_shows_the_compiled_python() -> None:
    code, out, _ = run("explain", "shipbob.return", "--source")
    assert code == 0
    compile(out, "explained", "exec")


def test_the_schema_is_printed_whole() -> None:
    _, out, _ = run("schema", "show", "credit", "--bundle")
    assert "common.schema.json" not in out
    assert json.loads(out)["title"] == "Credit"
