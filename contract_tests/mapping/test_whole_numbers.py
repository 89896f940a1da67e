"""A vendor that writes whole numbers as 1.0 is read as one that writes 1; what is no count is told by place."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openreturns import Adapter, adapter
from openreturns._fields import resolve
from openreturns._json import dump, parse
from openreturns.errors import ContractError, OpenReturnsError
from openreturns.route import Route

HERE = Path(__file__).parents[1]


def records() -> list[Any]:
    found = []
    for name in ("shipbob", "netsuite", "salesforce", "avatax"):
        for path in sorted((HERE / name).glob("*.json")):
            record = json.loads(path.read_text("utf-8"), parse_float=Decimal)
            if isinstance(record, dict) and {"native", "native_type"} <= record.keys():
                found.append(pytest.param(record["native_type"], record["native"], id=f"{name}-{path.stem}"))
    return found


def with_fractions(root: Any, node: Any, value: Any) -> Any:
    """The record with .0 behind each number that its contract calls an integer."""
    if not isinstance(node, Mapping):
        return value
    _, node = resolve(root, node)
    if type(value) is int and "integer" in node.get("type", ()):
        return Decimal(f"{value}.0")
    if isinstance(value, list):
        return [with_fractions(root, node.get("items"), item) for item in value]
    if isinstance(value, dict):
        named, others = node.get("properties", {}), node.get("additionalProperties")
        return {key: with_fractions(root, named.get(key, others), item) for key, item in value.items()}
    return value


def tenant(name: str) -> Mapping[str, Any]:
    told: Mapping[str, Any] = tomllib.loads((HERE / name / "tenant.toml").read_text("utf-8"))
    return told


def became(ours: Adapter, native: str, record: Any, to: str) -> tuple[str, str]:
    try:
        read = ours.read(native, record, to)
    except OpenReturnsError as error:
        return type(error).__name__, str(error)
    return read.document.to_json().decode(), str(read.findings)


@pytest.mark.parametrize(("of", "record"), records())
def test_whole_numbers_with_a_fraction_part_make_the_same_document(of: str, record: Any) -> None:
    name, _, native = of.partition(".")
    ours = adapter(name, tenant(name)[name])
    schema = ours.contract(native).schema
    odd = with_fractions(schema, schema, record)
    for mapping in ours.mappings:
        if mapping.native == native and "in" in mapping.directions:
            plain = became(ours, native, record, mapping.canonical)
            assert became(ours, native, odd, mapping.canonical) == plain
            assert became(ours, native, dump(odd), mapping.canonical) == plain


def test_there_are_records_with_whole_numbers() -> None:
    differing = 0
    for found in records():
        of, record = found.values
        schema = adapter(of.partition(".")[0]).contract(of.partition(".")[2]).schema
        differing += dump(with_fractions(schema, schema, record)) != dump(record)
    assert differing >= 30


def test_a_route_reads_them_too() -> None:
    record = json.loads((HERE / "shipbob/half-the-pallet-counted.json").read_text("utf-8"))["native"]
    schema = adapter("shipbob").contract("return").schema
    route = Route("shipbob.return", "return")
    assert route.run(dump(with_fractions(schema, schema, record))).records == route.run(dump(record)).records


# The literal at /inventory/0/action_taken/0/quantity_processed -> (kind, what is said of it)
REFUSED = {
    "1e99999999": ("json", "1e99999999 at /inventory/0/action_taken/0/quantity_processed is beyond 4,300 digits"),
    "1E+400": (
        "contract_drift",
        "/inventory/0/action_taken/0/quantity_processed: must be integer of at most 64 bits, got 1E+400",
    ),
    "2.50": ("contract_drift", "/inventory/0/action_taken/0/quantity_processed: must be integer, got 2.50"),
}


@pytest.mark.parametrize("literal", REFUSED)
def test_what_is_no_count_is_refused_by_place_and_value(literal: str) -> None:
    record = parse((HERE / "shipbob/half-the-pallet-counted.json").read_bytes())["native"]
    record["inventory"][0]["action_taken"][0]["quantity_processed"] = "COUNT"
    data = dump(record).replace(b'"COUNT"', literal.encode())
    kind, said = REFUSED[literal]
    for read in (lambda: adapter("shipbob").read("return", data), lambda: Route("shipbob.return", "return").run(data)):
        with pytest.raises(ContractError) as raised:
            read()
        assert raised.value.kind == kind
        assert said in str(raised.value)
