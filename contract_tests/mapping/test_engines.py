"""The compiled and the interpreted pass say the same of every record, sound or broken, and change nothing given."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from mapping.tiny import TENANT, mapping
from openreturns._json import dump, parse
from openreturns.errors import MappingError, Problem
from openreturns.mapping import (
    Translator,
    code,
    coded,
    constant,
    counted,
    decimal,
    digits,
    dropped,
    each,
    fields,
    money,
    numbered,
    one_of,
    one_way_in,
    one_way_out,
    pair,
    setting,
    timestamp,
    when,
)
from openreturns.mapping._plan import Loop, Switch
from openreturns.mapping._rules import Direction

Record = dict[str, Any]


def loaded(record: Any, environment: Any) -> tuple[str | None, str | None]:
    weights = [parcel["weight"] for parcel in record.get("parcels") or () if parcel.get("weight")]
    if weights and max(weights) > 7:
        raise ValueError("no van carries more than 7")
    return str(max(weights)) if weights else None, str(sum(weights)) if weights else None


def first_lot(line: Any, environment: Any) -> str | None:
    return str(line["lots"][0]["lot"]) if line.get("lots") else None


def is_fee(row: Any, environment: Any) -> bool:
    return bool(row.get("kind") == "fee")


def is_goods(row: Any, environment: Any) -> bool:
    return not is_fee(row, environment)


def anything(row: Any, environment: Any) -> bool:
    return True


MAPPING = mapping(
    constant(canonical="schema", value="tiny/1.0"),
    constant(native="house.id", value=setting("house")),
    pair("number", "id", digits),
    pair("party.name", "head.party.name"),
    pair("party.tax", "head.party.tax"),
    pair("at", "head.at", timestamp),
    pair("refs[type=order].id", "order"),
    pair("refs[type=order].line", "orderLine"),
    pair("refs[type=case].id", "fields[name=case].text"),
    constant(canonical="unit.scheme", value="rec20"),
    pair("unit.code", "unit", code("unit")),
    pair("currency", "currency"),
    pair("total", "total", money),
    one_way_in(["weight.most", "weight.all"], loaded, ["parcels[].weight"]),
    each("parcels", "parcels", numbered("parcelId"), pair("weight", "weight")),
    each(
        "lines",
        "rows",
        pair("lineId", "no"),
        pair("sku", "head.item"),
        pair("count", "n", counted("unit")),
        pair("decision", "action", coded("action")),
        one_way_out("lot", first_lot, ["lots"]),
        each("lots", "lots", pair("lot", "lot"), pair("count", "n", decimal)),
        one_of(
            when(pair("days", "plus"), canonical=("effect", "up"), native=("sign.id", "+")),
            when(pair("days", "minus"), pair("why", "why"), canonical=("effect", "down"), native=("sign.id", "-")),
            when(native=("sign.id", lambda sign: sign is None), canonical=("effect", lambda effect: effect is None)),
        ),
        where_in=is_goods,
        where_out=anything,
    ),
    each("charges", "rows", pair("name", "head.item"), constant(native="kind", value="fee"), where_in=is_fee),
    losses=(dropped("note", "none"), dropped("lines[].note", "none"), dropped("party.phone", "none")),
)

TEXT: Record = {"type": "string"}


def closed(required: str, **properties: Record) -> Record:
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def listed(item: Record) -> Record:
    return {"type": "array", "items": item}


def nullable(kind: str) -> Record:
    return {"type": [kind, "null"]}


# The vendor's contract: some fields always there, some nullable. Canonical documents know no null.
NATIVE = closed(
    "id head rows",
    id={"type": "integer"},
    head=closed("party", party=closed("name", name=TEXT, tax=nullable("string")), at=TEXT),
    order=nullable("string"),
    orderLine=TEXT,
    fields=listed(closed("name", name=TEXT, text=TEXT, more=TEXT)),
    unit=TEXT,
    currency=TEXT,
    total={"type": "number"},
    house=closed("id", id=TEXT),
    parcels=listed(closed("", weight={"type": "integer"})),
    rows=listed(
        closed(
            "no head n",
            no=TEXT,
            head=closed("item", item=TEXT),
            n={"type": "integer"},
            kind=TEXT,
            action=nullable("string"),
            lot=TEXT,
            lots=listed(closed("lot", lot=TEXT, n={"type": "number"})),
            sign=closed("id", id=TEXT),
            plus={"type": "integer"},
            minus={"type": "integer"},
            why=TEXT,
        )
    ),
)
QUANTITY = closed("value uom", value=TEXT, uom=TEXT)
CANONICAL = closed(
    "schema number party lines",
    schema=TEXT,
    number=TEXT,
    party=closed("name", name=TEXT, tax=TEXT, phone=TEXT),
    at=TEXT,
    refs=listed(closed("type", type=TEXT, id=TEXT, line=TEXT)),
    unit=closed("", scheme=TEXT, code=TEXT),
    currency=TEXT,
    total=closed("amount currency", amount=TEXT, currency=TEXT),
    weight=closed("", most=TEXT, all=TEXT),
    note=TEXT,
    parcels=listed(closed("parcelId", parcelId=TEXT, weight={"type": "integer"})),
    lines=listed(
        closed(
            "lineId sku count",
            lineId=TEXT,
            sku=TEXT,
            count=QUANTITY,
            decision=closed("code", code=TEXT, source=closed("scheme value", scheme=TEXT, value=TEXT)),
            lots=listed(closed("lot", lot=TEXT, count=TEXT)),
            effect=TEXT,
            days={"type": "integer"},
            why=TEXT,
            note=TEXT,
        )
    ),
    charges=listed(closed("name", name=TEXT)),
)

# Few values, good and bad for the fields they may land in, so that records often fit and often do not.
WORDS: dict[str, tuple[str, ...]] = {
    "id": ("order", "7", "+", "-", "?"),
    "unit": ("each", "CASE", "crate"),
    "currency": ("USD", "JPY"),
    "kind": ("fee", "goods"),
    "action": ("Restock", "dispose", "Send To Mars"),
    "at": ("2026-10-05T14:12:00Z", "2026-10-05T14:12:00"),
    "number": ("7", "8", "RMA-1"),
    "type": ("order", "case", "invoice"),
    "name": ("case", "anna"),
    "code": ("EA", "CS", "restock", "scrap", "recycle", "donate", "pending"),
    "uom": ("EA", "EA", "EA", "CS"),
    "value": ("1", "2.0", "2.5"),
    "amount": ("1.00", "0.005"),
    "count": ("1", "2.50"),
    "scheme": ("tiny:action", "erp"),
    "effect": ("up", "down", "sideways"),
}
NUMBERS: dict[str, tuple[str, ...]] = {"number": ("1", "2.50", "-1", "1e2"), "integer": ("1", "2", "9", "-3")}


def documents(schema: Record, name: str = "") -> st.SearchStrategy[Any]:
    """Values of a schema: required fields always, others sometimes, null where it may be."""
    if isinstance(schema["type"], list):
        return st.none() | documents({**schema, "type": schema["type"][0]}, name)
    if schema["type"] == "object":
        parts = {key: documents(inner, key) for key, inner in schema["properties"].items()}
        needed = {key: parts.pop(key) for key in schema["required"]}
        return st.fixed_dictionaries(needed, optional=parts)
    if schema["type"] == "array":
        return st.lists(documents(schema["items"], name), max_size=2)
    if schema["type"] == "string":
        return st.sampled_from(WORDS.get(name, ("a", "b")))
    return st.sampled_from(NUMBERS[schema["type"]]).map(parse)


TRANSLATOR = Translator(MAPPING, TENANT, canonical_fields=fields(CANONICAL), native_fields=fields(NATIVE))
BLIND = Translator(MAPPING, TENANT, canonical_fields={}, native_fields={})
RUN: dict[Direction, Callable[[Translator, Record], Any]] = {
    "in": Translator.to_canonical,
    "out": Translator.to_native,
}


def carefully(translator: Translator, way: Direction, record: Record) -> tuple[Record, Any, tuple[Problem, ...]]:
    try:
        return *translator.interpret(way, record), ()
    except MappingError as refused:
        return {}, None, refused.problems


def compared(translator: Translator, way: Direction, record: Record) -> None:
    """The fast pass makes the very document of the careful one, or fails with its very problems."""
    before = copy.deepcopy(record)
    careful, notes, problems = carefully(translator, way, record)
    if problems:
        event(f"{way}: refused")
        with pytest.raises(MappingError) as raised:
            RUN[way](translator, record)
        assert raised.value.problems == problems
    else:
        event(f"{way}: {'lost or found' if notes.losses or notes.findings else 'clean'}")
        done = RUN[way](translator, record)
        assert sorted_keys(done.document) == sorted_keys(careful)
        assert done.losses == tuple(notes.losses)
        assert done.findings == tuple(notes.findings)
        assert not (done.clean and notes.losses)
        assert dump(RUN[way](translator, record).document) == dump(done.document)
    assert record == before


def sorted_keys(value: Any) -> Any:
    """The value with the members of objects in one order and numbers as their digits."""
    if isinstance(value, dict):
        return {name: sorted_keys(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [sorted_keys(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value


@settings(deadline=None, max_examples=300)
@given(record=documents(NATIVE))
def test_both_passes_read_a_record_alike(record: Record) -> None:
    compared(TRANSLATOR, "in", record)
    compared(BLIND, "in", record)


@settings(deadline=None, max_examples=300)
@given(document=documents(CANONICAL))
def test_both_passes_write_a_document_alike(document: Record) -> None:
    compared(TRANSLATOR, "out", document)
    compared(BLIND, "out", document)


PRINT_SOURCES = """
import pathlib, sys
from openreturns import adapter, adapter_names, load_tenant
for name in adapter_names():
    ours = adapter(name, load_tenant(pathlib.Path(sys.argv[1], name, "tenant.toml"))[name])
    for mapping in ours.mappings:
        for way, compiled in ours.translator(mapping.native, mapping.canonical).compiled.items():
            print(name, mapping.native, way, compiled.source)
"""


def test_a_mapping_compiles_to_the_same_text_in_every_process() -> None:
    texts = [
        subprocess.run(
            [sys.executable, "-c", PRINT_SOURCES, str(Path(__file__).parents[1])],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert "def translate(source, env):" in texts[0]
    assert texts[0] == texts[1]


def test_what_a_plan_says_of_its_steps_is_worked_out_once() -> None:
    top = TRANSLATOR._plans["in"]
    for steps in (top, *(op.body for op in top if isinstance(op, Loop))):
        assert steps.selected is steps.selected
        assert steps.read_selected is steps.read_selected
    for switch in (op for op in top if isinstance(op, Switch)):
        assert switch.left_out is switch.left_out
