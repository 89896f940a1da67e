"""The demo's first half: which records are translated, what they are worth, what is written, and when it fails."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from demo import translate

# disposition, currency, units, value at invoice price
TOTALS = """
pending     USD    1     120.50
quarantine  JPY    2     93600
quarantine  KWD    1     12.345
quarantine  USD    44    1052.35
restock     EUR    32    1236.00
restock     JPY    42    72950
restock     KWD    12    33.940
restock     USD    5346  10055.7875
scrap       EUR    3     222.90
scrap       KWD    24    73.320
scrap       USD    196   932.8125
"""
REJECTED: dict[str, set[str]] = {
    "completed-without-a-list-of-goods": {"required"},
    "date-without-zone": {"format"},
    "download-cut-off": set(),
    "fee-is-not-a-number": set(),
    "minus-one-unit-processed": {"minimum"},
    "no-id": {"required"},
    "quantity-spelled-out": {"type"},
    "saved-as-latin-1": set(),
    "saved-as-utf-16": set(),
    "status-written-twice": set(),
}
CODES = {"Restock": "restock", "Quarantine": "quarantine", "Dispose": "scrap"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo's records, to be changed, and an empty folder to write to."""
    copied = tmp_path / "records"
    shutil.copytree(translate.RECORDS, copied)
    monkeypatch.setattr(translate, "RECORDS", copied)
    monkeypatch.chdir(tmp_path)
    return copied


def rows(said: str, head: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    lines = said.partition(f"{head}\n")[2].partition("\n\n")[0].splitlines()
    return [line.split() for line in lines[2:]]


def test_every_record_becomes_what_it_should(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert translate.main() == 0
    said = capsys.readouterr().out
    out = Path("demo-out")
    assert "46 records read = 36 translated + 10 rejected; 215 files in demo-out/" in said
    assert "DIFFERENT" not in said
    assert rows(said, "By disposition") == [line.split() for line in TOTALS.strip().splitlines()]

    found = {path.name: json.loads((path / "reasons.json").read_bytes()) for path in (out / "rejected").iterdir()}
    assert {name: {p["code"] for p in told["problems"]} for name, told in found.items()} == REJECTED
    for name in REJECTED:
        assert (out / "rejected" / name / "record.original").read_bytes() == (folder / f"{name}.json").read_bytes()

    good = {path.stem for path in folder.glob("*.json")} - REJECTED.keys()
    assert {path.name for path in out.iterdir()} == {*good, "rejected"}
    made = Counter(path.name.partition("-")[0] for name in good for path in (out / name).glob("netsuite-*.json"))
    assert made == {"netsuite": 23 + 9 + 26 + 34}


def test_the_units_are_those_of_the_vendors_records(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    translate.main()
    units: Counter[str] = Counter()
    for path in folder.glob("*.json"):
        if path.stem not in REJECTED:
            record: dict[str, Any] = json.loads(path.read_bytes())
            for item in (record["inventory"] or []) if record["status"] == "Completed" else []:
                for action in item["action_taken"] or []:
                    units[CODES.get(action["action"], "pending")] += action["quantity_processed"]
    told: Counter[str] = Counter()
    for code, _, count, _ in rows(capsys.readouterr().out, "By disposition"):
        told[code] += int(count)
    assert told == +units


# What is done to the folder -> what is said of it
SPOILED: dict[str, tuple[str, bytes, str]] = {
    "a good record broken": ("empty-box.json", b"{}", "empty-box.json should be translated, and is contract_drift"),
    "a bad record mended": ("no-id.json", b"", "no-id.json should be contract_drift required, and is translated"),
    "wrong in another way": ("no-id.json", b"[", "no-id.json should be contract_drift required, and is json"),
}


@pytest.mark.parametrize("what", SPOILED)
def test_another_fate_than_meant_fails(what: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, data, said = SPOILED[what]
    (folder / name).write_bytes(data or (folder / "empty-box.json").read_bytes())
    assert translate.main() == 1
    assert f"DIFFERENT: {said}" in capsys.readouterr().out


def test_nothing_but_empty_objects_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in folder.glob("*.json"):
        path.write_bytes(b"{}")
    assert translate.main() == 1
    assert capsys.readouterr().out.count("DIFFERENT") == 36 + len(REJECTED) - 1  # no-id.json is wrong as it should be


def test_an_empty_folder_fails(folder: Path) -> None:
    shutil.rmtree(folder)
    assert translate.main() == 1
