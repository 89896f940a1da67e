"""Every example return as onX has it: valid by its own schema, and what it cannot say refused with a reason."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from growth import LINEAR, grows
from openreturns import adapter
from openreturns._json import dump, parse
from openreturns._schemas import folder
from openreturns.errors import MappingError
from standards import official

HERE = Path(__file__).parent
TENANT = tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["onx"]
EXAMPLES = folder() / "examples"
Record = dict[str, Any]


def units(path: Path) -> set[str]:
    return {line["requested"]["uom"] for line in parse(path.read_bytes())["lines"]}


EVERY = [*(EXAMPLES / "return" / "valid").glob("*.json"), *(EXAMPLES / "cases").glob("*/return*.json")]
# A return of several units is refused whatever the tenant's: see below.
PATHS = sorted(path for path in EVERY if len(units(path)) == 1)


def projected(path: Path) -> Record:
    """The example as onX has it, with the order that onX wants and in the tenant's currency and unit."""
    document = parse(path.read_bytes())
    document["refs"] = [{"type": "sales_order", "id": "SO-1"}, *document.get("refs", ())]
    settings = {**TENANT["settings"], "currency": document["currency"], "unit_of_measure": units(path).pop()}
    for line in document["lines"]:
        line["item"].setdefault("sku", "UNKNOWN")
    [written] = adapter("onx", {"settings": settings}).write_data(document, "return")
    return written.record


@official.needed
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_projected_return_is_one_by_the_schema_of_onx(path: Path) -> None:
    schema = json.loads((official.folder() / "onx" / "return.json").read_text("utf-8"))
    record = json.loads(dump(projected(path)))
    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(record)] == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_what_onx_can_say_comes_back(path: Path) -> None:
    document, record = parse(path.read_bytes()), projected(path)
    settings = {**TENANT["settings"], "currency": document["currency"], "unit_of_measure": units(path).pop()}
    onx = adapter("onx", {"settings": settings})
    again = onx.read("return", record, "return").document.to_dict()
    for name in ("number", "status", "currency"):
        assert again[name] == document[name]
    for line, read in zip(document["lines"], again["lines"], strict=True):
        assert (read["lineId"], read["requested"]) == (line["lineId"], line["requested"])
        assert read["reason"]["code"] == line["reason"]["code"]
        assert read.get("unitPrice", {}).get("currency") == line.get("unitPrice", {}).get("currency")


# What onX has no way to say: the change to a return -> the problem.
REFUSED: dict[str, tuple[Record, str]] = {
    "no order": ({"refs": []}, "no_order"),
    "another currency": ({"currency": "JPY"}, "currency"),
    "a line by its barcode only": ({"/item": {"gtin": "05412345678908"}}, "no_sku"),
    "cases": ({"/requested": {"value": "2", "uom": "XCS"}}, "value"),
    "half a piece": ({"/requested": {"value": "0.5", "uom": "EA"}}, "value"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_onx_cannot_say_is_refused(what: str) -> None:
    changes, code = REFUSED[what]
    document = parse((EXAMPLES / "return" / "valid" / "minimal.json").read_bytes())
    document["refs"] = [{"type": "sales_order", "id": "SO-1"}]
    for name, value in changes.items():
        target = document["lines"][0] if name.startswith("/") else document
        target[name.removeprefix("/")] = value
    with pytest.raises(MappingError) as raised:
        adapter("onx", TENANT).write_data(document, "return")
    assert code in {problem.code for problem in raised.value.problems}


def test_lines_that_want_different_things_are_refused() -> None:
    document = parse((EXAMPLES / "return" / "valid" / "minimal.json").read_bytes())
    document["refs"] = [{"type": "sales_order", "id": "SO-1"}]
    first = document["lines"][0]
    document["lines"] = [
        {**first, "requestedResolution": "refund"},
        {**first, "lineId": "2", "requestedResolution": "exchange"},
    ]
    with pytest.raises(MappingError, match="one outcome for all lines"):
        adapter("onx", TENANT).write_data(document, "return")


def test_a_return_of_many_exchanges_takes_as_much_longer_as_it_is_larger() -> None:
    record = parse((HERE / "replacement-sent-ahead.json").read_bytes())["native"]
    onx = adapter("onx", TENANT)

    def of_size(size: int) -> Callable[[], object]:
        [line, *_], [row, *_] = record["returnLineItems"], record["exchangeLineItems"]
        lines = [{**line, "id": str(place)} for place in range(size)]
        rows = [{**row, "id": str(place)} for place in range(size)]
        return lambda: onx.read("return", {**record, "returnLineItems": lines, "exchangeLineItems": rows}, "return")

    assert grows(of_size) < LINEAR
