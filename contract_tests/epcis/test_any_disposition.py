"""A law for every disposition: its events are valid, tell of all goods, and read again decide the same."""

from __future__ import annotations

import json
import tomllib
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from decided import decided, fraction
from hypothesis import given, settings
from openreturns import Disposition, Return, adapter
from openreturns._json import dump
from standards import official

HERE = Path(__file__).parent
EPCIS = adapter("epcis", tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["epcis"])


@cache
def gs1() -> Any:
    schema = json.loads((official.folder() / "epcis-2.0" / "EPCIS-JSON-Schema.json").read_text("utf-8"))
    return jsonschema_rs.validator_for(schema, validate_formats=True)


@official.needed
@given(drawn=decided())
@settings(max_examples=100, deadline=None)
def test_every_event_is_valid_by_the_schema_of_gs1(drawn: tuple[Return, Disposition]) -> None:
    for told in EPCIS.write(drawn[1], "object_event"):
        assert [error.message for error in gs1().iter_errors(json.loads(dump(told.record)))] == []


@given(drawn=decided())
@settings(max_examples=100, deadline=None)
def test_what_was_decided_comes_back(drawn: tuple[Return, Disposition]) -> None:
    _, disposition = drawn
    parts = [(line, split) for line in disposition.lines for split in line.splits]
    events = EPCIS.write(disposition, "object_event")
    assert len({told.record["eventID"] for told in events}) == len(events) == len(parts)
    for told, (line, split) in zip(events, parts, strict=True):
        read = EPCIS.read("object_event", told.to_bytes(), "disposition").document.to_dict()
        [again] = read["lines"]
        [one] = again["splits"]
        assert (again["returnLineId"], again["item"]["sku"]) == (line.return_line_id, line.item.sku)
        assert one["disposition"]["code"] == split.disposition.code
        assert one["condition"]["code"] == split.condition.code
        assert one["quantity"]["uom"] == split.quantity.uom
        assert fraction(one["quantity"]["value"]) == Fraction(split.quantity.value)
