"""The command line as a user meets it: what it prints, what it refuses, how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
from cli.running import BASES, CANONICAL, DEMO, PROGRAM, ROOT, TENANT, TO_CANONICAL, VENDOR, run, spawned
from openreturns._schemas import DOCUMENTS, folder, load, versions
from openreturns.adapters import adapter, adapter_names
from openreturns.cli._table import table
from openreturns.mapping import explain as rows_of

COMMANDS = [
    "",
    "validate",
    "translate",
    "explain",
    "loss",
    "adapters",
    "schema",
    "schema list",
    "schema show",
    "schema bundle",
    "sandbox",
    "contract",
    "adapter",
    "adapter new",
    "adapter review",
    "adapter update",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_an_example_and_where_to_read_on(command: str) -> None:
    code, out, _ = run(*command.split(), "--help")
    assert code == 0
    assert out.startswith("Usage:")
    examples = out.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    assert examples
    assert all(line.startswith(f"    openreturns {command}") for line in examples)
    assert "Manual: docs/command-line.md" in out


def test_help_names_every_command() -> None:
    _, out, _ = run("--help")
    assert all(f"\n  {command} " in out for command in COMMANDS if command and " " not in command)


def test_a_folder_is_accounted_for_file_by_file() -> None:
    code, out, err = run(*TO_CANONICAL, str(DEMO), "--json")
    summary = json.loads(err.splitlines()[-1])
    assert code == 1
    assert summary["read"] == len(list(DEMO.glob("*.json"))) == summary["written"] + summary["rejected"]
    assert len(out.splitlines()) == summary["documents"]


def test_one_system_becomes_another() -> None:
    to = ["translate", "--from", "shipbob.return", "--to", "netsuite.item_receipt", "--tenant", str(TENANT), "-"]
    code, out, err = run(*to, data=VENDOR)
    assert code == 0, err
    assert json.loads(out)["item"]["items"][0]["itemReceive"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["translate", "--from", "nobody.return", "--to", "return", "-"], "no adapter 'nobody' is installed"),
        (["translate", "--from", "shipbob.return", "--to", "credit", "-"], "no way from shipbob.return to credit"),
        (["translate", "--from", "shipbob.return", "--to", "returns", "-"], "neither adapter.record nor one of"),
        (["translate", "-"], "Missing option"),
        ([*TO_CANONICAL, "-", "--jobs", "0"], "--jobs"),
        ([*TO_CANONICAL, "no-such-file.jsonl"], "there is no file or folder no-such-file.jsonl"),
        ([*TO_CANONICAL, "-", "--out", "no/such/folder/out.jsonl"], "cannot write no/such/folder/out.jsonl"),
        ([*TO_CANONICAL, "-", "--tenant", "no.toml"], "no.toml"),
        (["translate", "--from", "return", "--to", "netsuite.item_receipt", "-"], "needs the setting 'location_id'"),
        (["loss", "netsuite.item_receipt", "-"], "needs the setting 'location_id'"),
        (["validate", "no-such-file.json"], "there is no file or folder"),
        (["validate", "--contract", "returns", "-"], "neither adapter.record nor one of"),
        (["validate", "--contract", "shipbob.nothing", "-"], "no contract 'nothing'"),
        (["validate", "--contract", "shipbob.return", "--case", "-"], "a case has canonical documents"),
        (["validate", "--contract", "shipbob.return", "--pin", "1.0.0", "-"], "--contract names a vendor's record"),
        (["translate", "--from", "return", "--to", "shipbob.return_create", "--pin", "1.0.0", "-"], "--pin is about"),
        (["nonsense"], "No such command"),
        (["explain", "shipbob.return", "--source", "--json"], "choose: --to return or disposition"),
        (["adapters", "nobody"], f"no adapter 'nobody' is installed; there are: {', '.join(adapter_names())}"),
    ],
)
def test_wrong_usage_says_so(arguments: list[str], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err


RECORDS = "shipbob.return, shipbob.return_v1, shipbob.return_create"
IS_AN_ADAPTER = f"'shipbob' is an adapter; name one of its records: {RECORDS}"
MAPPINGS = "shipbob.return (return), shipbob.return_v1 (return), shipbob.return (disposition), "
LISTED = "`openreturns adapters` lists the records"

# What a new user types, and what the answer says to type next.
SLIPS: dict[str, str] = {
    "explain shipbob": IS_AN_ADAPTER,
    "explain shipbob.": f"shipbob has no mapping ''; it has: {MAPPINGS}",
    "explain shipbob.retrun": f"shipbob has no mapping 'retrun'; it has: {MAPPINGS}",
    "explain shipbob.return --to credit": f"shipbob has no mapping 'return' for 'credit'; it has: {MAPPINGS}",
    "explain shipbob.return": "shipbob.return serves several documents; choose: --to return or disposition",
    "explain return": f"'return' is not adapter.record; {LISTED}",
    "explain shipbo": f"'shipbo' is not adapter.record; {LISTED}",
    "explain shipbo.return": "no adapter 'shipbo' is installed; there are: adobe_commerce, ",
    "loss shipbob": IS_AN_ADAPTER,
    "loss return": f"'return' is not adapter.record; {LISTED}",
    "loss shipbob.return -": "shipbob.return serves several documents; choose: --to return or disposition",
    "loss shipbob.return_v1 -": "shipbob.return_v1 cannot be written; of shipbob can: shipbob.return_create\n",
    "translate --from shipbob --to return -": IS_AN_ADAPTER,
    "translate --from return --to shipbob -": IS_AN_ADAPTER,
    "translate --from retrun --to return -": "'retrun' is neither adapter.record nor one of: return, disposition, "
    f"adjustment, credit; {LISTED}",
    "translate --from shipbob.return_create --to return -": "shipbob.return_create cannot be read; of shipbob can: "
    "shipbob.return, shipbob.return_v1\n",
    "validate --contract shipbob -": IS_AN_ADAPTER,
    "validate --contract shipbob.retrun -": "shipbob has no contract 'retrun'; it has: shipbob.return, ",
    "validate --contract retrun -": "'retrun' is neither adapter.record nor one of: return, disposition, ",
    "schema show foo": "'foo' is not one of 'return', 'disposition', 'adjustment', 'credit', 'common'",
    "contract foo": "no adapter 'foo' is installed; there are: adobe_commerce, ",
    "adapters foo": "no adapter 'foo' is installed; there are: adobe_commerce, ",
    "adapters shipbob.return": "no adapter 'shipbob.return' is installed; there are: adobe_commerce, ",
    "check foo": "no adapter 'foo' is installed; there are: adobe_commerce, ",
    "sandbox foo": "no adapter 'foo' is installed; there are: adobe_commerce, ",
    "migrate --to 9.0.0 -": "no version 9.0.0; there are: 1.0.0, ",
}


@pytest.mark.parametrize("typed", SLIPS)
def test_a_slip_is_answered_with_what_to_type_next(typed: str) -> None:
    code, out, err = run(*typed.split())
    assert (code, out) == (1 if typed.startswith("check") else 2, "")
    assert SLIPS[typed] in err


def test_the_environment_may_pin_what_has_no_canonical_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENRETURNS_PIN", "1.0.0")
    assert run("validate", "--contract", "shipbob.return", "-", data=VENDOR)[0] == 0


def test_documents_are_validated_alone_and_as_a_case(tmp_path: Path) -> None:
    for name, document in BASES.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document), "utf-8")
    assert run("validate", str(tmp_path))[0] == 0
    assert run("validate", "--case", str(tmp_path))[0] == 0
    wrong = json.loads(json.dumps(BASES["credit"]))
    wrong["totals"]["due"]["amount"] = "46.88"
    (tmp_path / "credit.json").write_text(json.dumps(wrong), "utf-8")
    code, out, _ = run("validate", "--json", str(tmp_path))
    assert code == 1
    told = json.loads(out)
    assert (told["source"], told["line"], told["canonical"]) == (str(tmp_path / "credit.json"), 0, "/totals/due")


def test_a_document_of_a_case_that_is_wrong_alone_is_counted_and_kept(tmp_path: Path) -> None:
    wrong, rejects = json.loads(json.dumps(BASES["credit"])), tmp_path / "rejects.jsonl"
    wrong["totals"]["due"]["amount"] = "46.88"
    bases = {**BASES, "credit": wrong}
    data = b"\n".join(json.dumps(document).encode() for document in bases.values())
    place = list(bases).index("credit") + 1
    code, out, err = run("validate", "--case", "-", "--rejects", rejects, data=data)
    count = len(bases)
    assert (code, err) == (1, f"{count} read = {count - 1} right + 1 wrong; 0 problems in the case\n")
    assert out.startswith(f"-:{place}: ")
    assert len(out.splitlines()) == 1
    [reject] = map(json.loads, rejects.read_bytes().splitlines())
    assert (reject["line"], reject["kind"], json.loads(reject["record"])) == (place, "invariant", wrong)
    later = {**wrong, "meta": {**wrong["meta"], "revision": 2}, "totals": BASES["credit"]["totals"]}
    _, _, err = run("validate", "--case", "-", data=data + b"\n" + json.dumps(later).encode())
    assert " + 0 wrong; " in err  # of several revisions only the latest is held to the rules


def test_what_is_wrong_with_a_case_only_is_told_of_the_case() -> None:
    strange = json.loads(json.dumps(BASES["credit"]))
    strange["meta"]["correlationId"] = "another story"
    data = b"\n".join(json.dumps(document).encode() for document in {**BASES, "credit": strange}.values())
    code, out, err = run("validate", "--case", "-", data=data)
    count = len(BASES)
    assert code == 1
    assert out.startswith("case: G1 ")
    assert err == f"{count} read = {count} right + 0 wrong; {len(out.splitlines())} problems in the case\n"


@pytest.mark.parametrize(
    "command",
    [
        "explain shipbob.return_create --json",
        "explain shipbob.return --to return --source --json",
        "loss netsuite.item_receipt --json",
        "adapters --json",
        "adapters netsuite --json",
        "schema list --json",
        "schema show return",
        "schema breaking 1.0.0 --against 1.0.0 --json",
        "schema changes 1.0.0 --against 1.0.0 --json",
        f"schema published {ROOT / 'schemas'} --json",
        "check shipbob --pin 1.0.0 --json",
    ],
)
def test_what_lists_can_list_for_machines(command: str) -> None:
    code, out, _ = run(*command.split())
    assert code == 0
    assert json.loads(out)


@pytest.mark.parametrize("width", [80, 120])
def test_a_table_is_no_wider_than_the_terminal_and_says_all(width: int) -> None:
    rows = [
        {
            "canonical": "lines[].item.sku",
            "native": ", ".join(f"inventory[].field_{n}" for n in range(20)),
            "how": "same",
        },
        {"canonical": "number", "native": "reference_id", "how": "a reason that goes on and on " * 5},
    ]
    shown = table(rows, width=width).splitlines()
    assert max(map(len, shown)) <= width
    assert all(f"field_{n}" in "".join(shown) for n in range(20))
    assert table(rows[1:], width=400) == table(rows[1:])


@pytest.mark.parametrize("name", adapter_names())
def test_what_a_function_does_is_told_by_its_name(name: str) -> None:
    told = [row["how"] for mapping in adapter(name).mappings for row in rows_of(mapping)]
    assert not [how for how in told if "<" in how.partition(" ")[2][:1]]


def test_explain_shows_the_compiled_python() -> None:
    code, out, _ = run("explain", "shipbob.return", "--source", "--to", "disposition")
    assert code == 0
    compile(out, "explained", "exec")


def test_a_record_that_serves_two_documents_is_told_for_each() -> None:
    for command, name in (("explain", "canonical"), ("loss", "field")):
        told = [json.loads(run(command, "shipbob.return", "--to", to, "--json")[1]) for to in ("return", "disposition")]
        first, second = ({row[name] for row in rows} for rows in told)
        assert first != second


def test_the_schema_is_printed_whole() -> None:
    _, out, _ = run("schema", "show", "credit", "--bundle")
    assert "common.schema.json" not in out
    assert json.loads(out)["title"] == "Credit"


@pytest.mark.parametrize("form", ["strict", "tolerant"])
@pytest.mark.parametrize("version", versions())
def test_a_bundle_needs_no_other_file(version: str, form: str, tmp_path: Path) -> None:
    code, out, _ = run("schema", "bundle", tmp_path, "--version", version)
    assert (code, out) == (0, f"{tmp_path / version}: {', '.join(DOCUMENTS)}\n")
    for name in DOCUMENTS:
        text = (tmp_path / version / ("tolerant" if form == "tolerant" else "") / f"{name}.schema.json").read_text()
        assert set(re.findall(r'"\$ref": "([^"#]*)#', text)) <= {""}
        schema = json.loads(text)
        assert schema["$id"] == load(name, form=form, version=version)["$id"]
        whole = jsonschema_rs.validator_for(schema, validate_formats=True)
        examples = folder(version) / "examples" / name
        assert all(whole.is_valid(json.loads(path.read_bytes())) for path in (examples / "valid").glob("*.json"))
        told = json.loads((examples / "invalid" / "expected.json").read_bytes())
        wrong = [file for file, said in told.items() if said["by"] == "schema" and form == "strict"]
        assert not any(whole.is_valid(json.loads((examples / "invalid" / file).read_bytes())) for file in wrong)


def test_a_version_that_is_not_there_is_no_bundle(tmp_path: Path) -> None:
    code, _, err = run("schema", "bundle", tmp_path, "--version", "0.9.0")
    assert code == 2
    assert f"there is no version 0.9.0; there are: {', '.join(versions())}" in err
    assert not list(tmp_path.iterdir())


def test_the_schemas_are_listed() -> None:
    _, out, _ = run("schema", "list", "--json")
    listed = {row["schema"]: row for row in json.loads(out)}
    assert set(listed) == {"return", "disposition", "adjustment", "credit", "common"}
    for name, row in listed.items():
        assert json.loads(run("schema", "show", name)[1])["$id"] == row["id"]


@pytest.mark.parametrize("name", adapter_names())
def test_an_adapter_tells_what_a_tenant_file_may_say(name: str) -> None:
    ours = adapter(name)
    _, out, _ = run("adapters", name, "--json")
    told = json.loads(out)
    assert told["version"] == ours.manifest["api_version"]
    assert {row["record"] for row in told["records"]} == {f"{name}.{mapping.native}" for mapping in ours.mappings}
    assert [row["setting"] for row in told["settings"]] == [row["name"] for row in ours.manifest.get("settings", ())]
    assert {row["table"] for row in told["tables"]} == set(ours.tenant.tables)
    _, text, _ = run("adapters", name)
    assert all(row["setting"] in text for row in told["settings"])


def test_loss_tells_what_these_very_documents_lose(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(CANONICAL)
    (tmp_path / "b.json").write_bytes(b"{}")
    command = ("loss", "netsuite.return_authorization", "--tenant", str(TENANT), str(tmp_path), "--json")
    code, out, err = run(*command)
    told = [json.loads(line) for line in out.splitlines()]
    lost = {row["canonical"]: row["message"] for row in told if row["source"].endswith("a.json")}
    assert lost["/authorization/expiresAt"] == "only the date is sent"
    assert {row["code"] for row in told if row["source"].endswith("b.json")} == {"schema"}
    assert (code, json.loads(err)) == (1, {"read": 2, "told": 1, "rejected": 1, "interrupted": False})


def test_the_kit_without_its_extra_says_what_to_install() -> None:
    without = "import sys; sys.modules['starlette'] = None; "
    code, _, err = spawned("contract", "shipbob", program=(*PROGRAM[:-1], without + PROGRAM[-1]))
    assert code == 2
    assert "this needs the extra: pip install 'openreturns[testing]'" in err
