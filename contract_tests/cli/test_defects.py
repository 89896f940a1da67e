"""A defect in an adapter costs the record it meets: that one is kept, told without its values, and the rest goes on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cli.running import BASES, CANONICAL, rows, spawned

# An adapter with a function that does not count on a return nobody asked for.
STRANGER = {
    "stranger/__init__.py": """
from pathlib import Path
from openreturns import Adapter
from openreturns.mapping import Mapping, dropped, one_way_out
from openreturns.models import Return
from openreturns.models._base import wire_name
def day(document, env):
    if "requestedAt" not in document:
        raise RuntimeError("never asked for: " + document["number"])
    return document["requestedAt"][:10]
RULES = (one_way_out("day", day, ["requestedAt"]),)
LEFT = tuple(dropped(wire_name(name), "no field") for name in Return.model_fields if name != "requested_at")
NAMED = Adapter(Path(__file__).parent, [Mapping("return", "slip", RULES, losses=LEFT, directions=("out",))])
""",
    "stranger/manifest.toml": (
        'name = "stranger"\ntitle = "Stranger"\nroles = ["wms"]\nvendor = "Nobody"\napi_version = "1"\n'
    ),
    "stranger/tables.toml": "",
    "stranger/contract/1/slip.schema.json": '{"type": "object", "properties": {"day": {"type": "string"}}}',
    "stranger-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: stranger\nVersion: 1\n",
    "stranger-1.dist-info/entry_points.txt": "[openreturns.adapters]\nstranger = stranger:NAMED\n",
}

GOOD = json.dumps({**BASES["return"], "requestedAt": "2026-11-01T00:00:00Z"}).encode()
COMMANDS = {
    "translate": ("translate", "--from", "return", "--to", "stranger.slip"),
    "translate in two processes": ("translate", "--from", "return", "--to", "stranger.slip", "--jobs", "2"),
    "loss": ("loss", "stranger.slip"),
}


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """The environment in which the stranger's adapter is installed."""
    for name, text in STRANGER.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return {**os.environ, "PYTHONPATH": str(tmp_path / "site")}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_defect_costs_one_record(name: str, installed: dict[str, str], tmp_path: Path) -> None:
    source, rejects = tmp_path / "in.jsonl", tmp_path / "rejects.jsonl"
    source.write_bytes(b"\n".join([GOOD, CANONICAL, GOOD]))
    options = () if name == "loss" else ("--rejects", rejects)
    code, out, err = spawned(*COMMANDS[name], source, *options, env=installed)
    assert code == 1, err
    assert err.startswith("3 read = 2 ")
    assert "Traceback" not in err
    if name == "loss":
        assert "in.jsonl:2: internal RuntimeError in stranger, line " in out.decode()
        return
    assert [json.loads(line) for line in out.splitlines()] == [{"day": "2026-11-01"}] * 2
    [reject] = rows(rejects)
    assert (reject["line"], reject["error"], reject["kind"]) == (2, "RuntimeError", "internal")
    assert reject["record"].encode() == CANONICAL
    assert reject["message"].startswith("RuntimeError in stranger, line ")
    assert "RMA-1" not in reject["message"]
    assert reject["problems"] == []
