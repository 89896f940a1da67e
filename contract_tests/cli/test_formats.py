"""Records that are not JSON: an adapter names their format, and every command takes and gives them in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli.running import CANONICAL, rows, spawned

# A system that keeps each return on a line of its own, number and day between semicolons, and many in a file.
LEDGER = {
    "ledger/__init__.py": """
from pathlib import Path
from openreturns import Adapter
from openreturns.errors import ContractError
from openreturns.formats import Format
from openreturns.mapping import Mapping, constant, dropped, ignored, numbered, one_way_in, pair, setting
from openreturns.models import Return
from openreturns.models._base import wire_name

def semicolons(schema, tenant):
    names, mark = list(schema["properties"]), tenant.setting("mark")
    def read(data):
        values = data.decode().split(mark)
        if len(values) != len(names):
            raise ContractError(f"a line has {len(names)} values, this one has {len(values)}", kind="ledger")
        return dict(zip(names, values, strict=True))
    def cut(stream):
        for line in stream:
            line = line.rstrip()
            yield line, ContractError("an empty line", kind="ledger") if not line else None
    return Format("ledger", (".led",), read, lambda record: mark.join(record.values()).encode(), cut)

def lines(record, env):
    one = {"value": "1", "uom": "EA"}
    return [{"lineId": "1", "item": {"sku": "S"}, "requested": one, "reason": {"code": "defective"}}]

RULES = (
    constant(canonical="meta", value={
        "schema": "openreturns/return/1.1", "documentId": "d", "revision": 1, "sourceSystem": "ledger",
        "issuedAt": "2026-11-01T00:00:00Z", "correlationId": "c"}),
    *(constant(canonical=k, value=v) for k, v in {"status": "requested", "type": "credit", "currency": "EUR"}.items()),
    constant(canonical="customer.id", value="C"), one_way_in("lines", lines, ["day"]), pair("number", "number"),
    pair("requestedAt", "day"),
)
LEFT = tuple(dropped(wire_name(n), "no field") for n in Return.model_fields if n not in ("number", "requested_at"))
NAMED = Adapter(Path(__file__).parent, [Mapping("return", "row", RULES, losses=LEFT)])
""",
    "ledger/manifest.toml": """
name = "ledger"
title = "Ledger"
roles = ["documents"]
vendor = "Nobody"
api_version = "1"
documents = [{ native = "ledger.row", canonical = "return", directions = ["in", "out"], format = "ledger:semicolons" }]
settings = [{ name = "mark", type = "string", default = ";", description = "What parts the values." }]
""",
    "ledger/tables.toml": "",
    "ledger/contract/1/row.schema.json": """{"type": "object", "properties": {"number": {"type": "string"},
        "day": {"type": "string", "format": "date-time"}}, "required": ["number"], "additionalProperties": false}""",
    "ledger-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: ledger\nVersion: 1\n",
    "ledger-1.dist-info/entry_points.txt": "[openreturns.adapters]\nledger = ledger:NAMED\n",
}
DAY = "2026-11-01T00:00:00Z"
ROWS = f"RMA-1;{DAY}\n\nRMA-2;{DAY}\nRMA-3\n".encode()


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """The environment in which the adapter is installed."""
    for name, text in LEDGER.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return {**os.environ, "PYTHONPATH": str(tmp_path / "site")}


def test_a_file_is_cut_and_what_is_wrong_in_it_is_kept(installed: dict[str, str], tmp_path: Path) -> None:
    folder, rejects = tmp_path / "in", tmp_path / "rejects.jsonl"
    folder.mkdir()
    (folder / "november.led").write_bytes(ROWS)
    (folder / "notes.json").write_bytes(b"not of this format")
    command = ("translate", "--from", "ledger.row", "--to", "return", folder, "--rejects", rejects)
    code, out, err = spawned(*command, env=installed)
    assert (code, len(out.splitlines())) == (1, 2), err
    assert [(row["line"], row["message"], row["record"]) for row in rows(rejects)] == [
        (2, "an empty line", ""),
        (4, "a line has 2 values, this one has 1", "RMA-3"),
    ]


def test_records_are_written_in_their_format(installed: dict[str, str], tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    dated = CANONICAL.replace(b'"number"', f'"requestedAt": "{DAY}", "number"'.encode(), 1)
    source.write_bytes(b"\n".join([dated, dated]))
    (tmp_path / "tenant.toml").write_text('[ledger.settings]\nmark = "|"\n', "utf-8")
    command = ("translate", "--from", "return", "--to", "ledger.row", source, "--tenant", tmp_path / "tenant.toml")
    code, _, err = spawned(*command, "--out", f"{tmp_path}/out/", env=installed)
    assert code == 0, err
    made = {path.name: path.read_text("utf-8") for path in (tmp_path / "out").iterdir()}
    assert made == dict.fromkeys(("in.1.led", "in.2.led"), f"RMA-1|{DAY}\n")


def test_a_contract_is_checked_in_the_record_s_format(installed: dict[str, str], tmp_path: Path) -> None:
    source = tmp_path / "one.led"
    source.write_bytes(b"RMA-1;yesterday\n")
    code, out, err = spawned("validate", "--contract", "ledger.row", source, env=installed)
    assert code == 1, err
    assert b"/day: is not a valid date-time" in out
