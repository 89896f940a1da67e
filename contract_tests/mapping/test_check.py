"""Each kind of mistake in a declared mapping is found without any data, at its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from mapping.tiny import TENANT
from openreturns.mapping import (
    CodeTable,
    Mapping,
    amount,
    check,
    code,
    coded,
    constant,
    counted,
    decimal,
    dropped,
    each,
    fields,
    ignored,
    lookup,
    lossy,
    one_of,
    one_way_in,
    one_way_out,
    pair,
    setting,
    timestamp,
    when,
)

TEXT = {"type": "string"}
DECIMAL = {"$ref": "#/$defs/DecimalString"}
REF_TYPES = {"type": "string", "enum": ["order", "invoice"]}

CANONICAL = fields(
    {
        "type": "object",
        "required": ["number"],
        "properties": {
            "number": TEXT,
            "status": {"type": "string", "enum": ["open", "closed"]},
            "note": TEXT,
            "at": {"type": "string", "format": "date-time"},
            "price": DECIMAL,
            "party": {"type": "object", "properties": {"name": TEXT, "tax": TEXT}},
            "refs": {
                "type": "array",
                "items": {"type": "object", "properties": {"type": REF_TYPES, "id": TEXT}},
            },
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "sku": TEXT,
                        "asked": {"$ref": "#/$defs/Quantity"},
                        "reason": {"$ref": "#/$defs/ReturnReason"},
                    },
                },
            },
        },
        "$defs": {
            "DecimalString": TEXT,
            "Quantity": {"type": "object", "properties": {"value": DECIMAL, "uom": TEXT}},
            "ReturnReason": {
                "type": "object",
                "properties": {
                    "code": {"type": "string", "enum": ["defective", "other"]},
                    "source": {"type": "object", "properties": {"scheme": TEXT, "value": TEXT}},
                },
            },
        },
    }
)
NATIVE = fields(
    {
        "type": "object",
        "properties": {
            "id": TEXT,
            "state": TEXT,
            "paint": {"type": ["string", "null"], "enum": ["Red", "Blue", None]},
            "memo": TEXT,
            "date": TEXT,
            "sum": {"type": "number"},
            "who": {"type": "object", "properties": {"name": TEXT, "vat": TEXT}},
            "order": TEXT,
            "links": {"type": "array", "items": {"type": "object", "properties": {"href": TEXT}}},
            "goods": {
                "type": "array",
                "items": {"type": "object", "properties": {"item": TEXT, "n": {"type": "integer"}, "why": TEXT}},
            },
        },
    }
)

STATE = {"read": {"Open": "open", "Done": "closed"}}
REASON = {"read": {"Broken": "defective"}, "refused": ["other"]}


def read_vat(record: Any, environment: Any) -> None: ...


ORDER = pair("refs[type=order].id", "order")
LINES = (
    pair("sku", "item"),
    pair("asked", "n", counted("unit")),
    pair("reason", "why", coded("reason")),
)
RULES: dict[str, Any] = {
    "number": pair("number", "id"),
    "status": pair("status", "state", code("state")),
    "note": pair("note", "memo"),
    "at": pair("at", "date", timestamp),
    "price": pair("price", "sum", decimal),
    "party": pair("party.name", "who.name"),
    "order": ORDER,
    "lines": each("lines", "goods", *LINES, key="item"),
}
GAPS: dict[str, Any] = {"tax": dropped("party.tax", "not kept"), "refs": lossy("refs", "the order only")}
IGNORED: dict[str, Any] = {
    "links": ignored("links", "paging"),
    "vat": ignored("who.vat", "not ours"),
    "paint": ignored("paint", "not asked"),
}


def tenant(**tables: Any) -> Any:
    rows = {"state": STATE, "reason": REASON, **tables}
    return replace(
        TENANT, tables={name: CodeTable.load(name, data, system="tiny") for name, data in rows.items() if data}
    )


def declared(
    rules: dict[str, Any] | None = None,
    gaps: dict[str, Any] | None = None,
    unread: dict[str, Any] | None = None,
    **more: Any,
) -> Mapping:
    """The mapping with some rules, losses or ignored fields replaced, added, or (None) taken away."""

    def merged(base: dict[str, Any], change: dict[str, Any] | None) -> tuple[Any, ...]:
        return tuple(value for value in {**base, **(change or {})}.values() if value is not None)

    return Mapping(
        "return", "tiny", merged(RULES, rules), losses=merged(GAPS, gaps), ignored=merged(IGNORED, unread), **more
    )


def found(mapping: Mapping, tenant_: Any = None) -> list[tuple[str, str, str]]:
    problems = check(mapping, CANONICAL, NATIVE, tenant_ or tenant())
    assert all(problem.message for problem in problems)
    return [(problem.code, problem.canonical, problem.native) for problem in problems]


BESIDE_EACH: dict[str, dict[str, Any]] = {
    "before": {"links": each("refs", "links", pair("id", "href"), only="in")},
    "after": {"order": None, "links": each("refs", "links", pair("id", "href"), only="in"), "then": ORDER},
}
# What is declared wrongly -> (what the check says, where)
MISTAKES: dict[str, tuple[Callable[[], Mapping], list[tuple[str, str, str]]]] = {
    "a canonical field nobody carries": (
        lambda: declared({"note": None}, unread={"memo": ignored("memo", "no")}),
        [("unaccounted", "note", "")],
    ),
    "a vendor field nobody carries": (
        lambda: declared({"note": None}, {"note": dropped("note", "no")}),
        [("unaccounted", "", "memo")],
    ),
    "a canonical field only read": (
        lambda: declared({"note": pair("note", "memo", only="in")}),
        [("unaccounted", "note", "")],
    ),
    "a vendor field only written": (
        lambda: declared({"note": pair("note", "memo", only="out")}),
        [("unaccounted", "", "memo")],
    ),
    "a field below a list nobody carries": (
        lambda: declared({"lines": each("lines", "goods", *LINES[1:])}),
        [("unaccounted", "lines[].sku", ""), ("unaccounted", "", "goods[].item")],
    ),
    "a part of a canonical object the codec does not carry": (
        lambda: declared({"lines": each("lines", "goods", *LINES[:1], *LINES[2:], pair("asked.value", "n", decimal))}),
        [("unaccounted", "lines[].asked.uom", "")],
    ),
    "a list carried for one element only": (
        lambda: declared(gaps={"refs": None}),
        [("unaccounted", "refs[].type", ""), ("unaccounted", "refs[].id", "")],
    ),
    "a canonical path that is not there": (
        lambda: declared({"more": pair("colour", "memo", only="in")}),
        [("unknown_path", "colour", "")],
    ),
    "a vendor path that is not there": (
        lambda: declared({"more": pair("note", "colour", only="out")}),
        [("unknown_path", "", "colour")],
    ),
    "a path below a list that is not there": (
        lambda: declared({"lines": each("lines", "goods", *LINES, pair("size", "item", only="in"))}),
        [("unknown_path", "lines[].size", "")],
    ),
    "a list that is not there": (
        lambda: declared({"more": each("boxes", "crates")}),
        [("unknown_path", "boxes", ""), ("unknown_path", "", "crates")],
    ),
    "a loss of what is not there": (
        lambda: declared(gaps={"colour": dropped("colour", "no")}),
        [("unknown_path", "colour", "")],
    ),
    "an ignored field that is not there": (
        lambda: declared(unread={"colour": ignored("colour", "no")}),
        [("unknown_path", "", "colour")],
    ),
    "a function that reads what is not there": (
        lambda: declared({"more": one_way_out("who.vat", read_vat, ["colour"])}),
        [("unknown_path", "colour", "")],
    ),
    "a function that fills what is not there": (
        lambda: declared({"more": one_way_in("colour", read_vat, ["memo"])}),
        [("unknown_path", "colour", "")],
    ),
    "a constant for what is not there": (
        lambda: declared({"more": constant(native="colour", value="red")}),
        [("unknown_path", "", "colour")],
    ),
    "a constant that is no word of a list with null": (
        lambda: declared({"more": constant(native="paint", value="Green")}),
        [("code", "", "paint")],
    ),
    "a condition on what is not there": (
        lambda: declared({"more": one_of(when(canonical=("colour", "red")))}),
        [("unknown_path", "colour", "")],
    ),
    "an element told by a key that is not there": (
        lambda: declared({"order": pair("refs[kind=order].id", "order")}),
        [("unknown_path", "refs[].kind", "")],
    ),
    "an element told by a code that is not there": (
        lambda: declared({"order": pair("refs[type=odrer].id", "order")}),
        [("code", "refs[].type", "")],
    ),
    "a constant that is no code of its list": (
        lambda: declared(
            {"status": constant(canonical="status", value="thinking")},
            {"s": dropped("status", "no")},
            {"state": ignored("state", "no")},
        ),
        [("code", "status", "")],
    ),
    "a condition that no document meets": (
        lambda: declared({"status": one_of(when(canonical=("status", "thinking"), native=("state", "T")))}),
        [("code", "status", "")],
    ),
    "an update key that is not there": (
        lambda: declared({"lines": each("lines", "goods", *LINES, key="row")}),
        [("unknown_path", "", "goods[].row")],
    ),
    "a codec for another kind of canonical field": (
        lambda: declared({"note": pair("note", "memo", decimal)}),
        [("codec", "note", "memo")],
    ),
    "a codec for another kind of vendor field": (
        lambda: declared({"price": pair("price", "sum", timestamp)}),
        [("codec", "price", "sum")],
    ),
    "a value carried as it is between two kinds": (
        lambda: declared({"price": pair("price", "sum")}),
        [("codec", "price", "sum")],
    ),
    "an amount codec on a quantity": (
        lambda: declared({"lines": each("lines", "goods", *LINES[:1], *LINES[2:], pair("asked", "n", amount))}),
        [("codec", "lines[].asked", "goods[].n")],
    ),
    "two rules fill one canonical field": (
        lambda: declared({"more": pair("note", "who.name", only="in")}),
        [("twice", "note", "")],
    ),
    "two rules fill one vendor field": (
        lambda: declared({"more": one_way_out("memo", read_vat, ["note"])}),
        [("twice", "", "memo")],
    ),
    "two rules fill one field of an element": (
        lambda: declared({"lines": each("lines", "goods", *LINES, constant(native="item", value="A"))}),
        [("twice", "", "goods[].item")],
    ),
    "a rule and a case fill one field": (
        lambda: declared({"more": one_of(when(pair("note", "who.name", only="in")))}),
        [("twice", "note", "")],
    ),
    **{
        f"an element of a list that each() fills, {when_}": (
            partial(declared, rules, {"lossy": lossy("refs", "no")}, {"links": None}),
            [("twice", "refs[type=order].id", "")],
        )
        for when_, rules in BESIDE_EACH.items()
    },
    "an element of the vendor's list that each() fills": (
        lambda: declared({"more": pair("note", "goods[item=A].why", only="out")}),
        [("twice", "", "goods[item=A].why")],
    ),
    "a function and each() fill one list": (
        lambda: declared({"more": one_way_in("lines", read_vat, ["memo"])}),
        [("twice", "lines", "")],
    ),
    "each() and a case fill one list": (
        lambda: declared({"more": one_of(when(one_way_out("goods", read_vat, ["note"])))}),
        [("twice", "", "goods")],
    ),
    "a function fills an object and a rule a part of it": (
        lambda: declared({"more": one_way_in("party", read_vat, ["memo"])}),
        [("twice", "party.name", "")],
    ),
    "a constant object and a part of it": (
        lambda: declared({"more": constant(native="who", value={"vat": "BE"})}),
        [("twice", "", "who.name")],
    ),
    "a function fills an object and a part of it": (
        lambda: declared({"party": one_way_in(["party", "party.name"], read_vat, ["who.name"])}),
        [("unaccounted", "party.name", ""), ("twice", "party.name", "")],
    ),
    "a function fills an object in an element, and a codec a part of it": (
        lambda: declared({"lines": each("lines", "goods", *LINES, one_way_in("reason.source", read_vat, ["why"]))}),
        [("twice", "lines[].reason.source.scheme", ""), ("twice", "lines[].reason.source.value", "")],
    ),
    "a setting that is not configured": (
        lambda: declared({"more": constant(native="who.vat", value=setting("nowhere"))}),
        [("setting", "", "")],
    ),
    "declared dropped and written": (
        lambda: declared(gaps={"note": dropped("note", "no")}),
        [("contradiction", "note", "memo")],
    ),
    "a whole object declared dropped and a part of it written": (
        lambda: declared(gaps={"party": dropped("party", "no")}),
        [("contradiction", "party.name", "who.name")],
    ),
    "declared ignored and read": (
        lambda: declared(unread={"memo": ignored("memo", "no")}),
        [("contradiction", "note", "memo")],
    ),
}


def test_a_sound_mapping_has_no_mistake() -> None:
    assert found(declared()) == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_declaration_is_found(mistake: str) -> None:
    mapping, problems = MISTAKES[mistake]
    assert found(mapping()) == problems


FINE: dict[str, Callable[[], Mapping]] = {
    "one direction only counts its own fields: in": lambda: declared(
        {"note": pair("note", "memo", only="in")}, directions=("in",)
    ),
    "one direction only counts its own fields: out": lambda: declared(
        {"note": pair("note", "memo", only="out")}, directions=("out",)
    ),
    "a function carries what it reads": lambda: declared(
        {"note": one_way_in("note", read_vat, ["memo"]), "out": one_way_out("memo", read_vat, ["note"])}
    ),
    "dropped when writing, filled when reading": lambda: declared(
        {"note": pair("note", "memo", only="in")}, {"note": dropped("note", "no")}
    ),
    "ignored when reading, filled when writing": lambda: declared(
        {"note": pair("note", "memo", only="out")}, unread={"memo": ignored("memo", "no")}
    ),
    "two cases fill one field": lambda: declared(
        {
            "note": one_of(
                when(pair("note", "memo"), native=("memo", bool)),
                when(pair("note", "memo")),
            )
        }
    ),
    "two rules share a list": lambda: declared({"more": each("lines", "goods", *LINES, where_in=read_vat)}),
    "a rule and a case share a list": lambda: declared({"more": one_of(when(each("lines", "goods", *LINES)))}),
    "two cases fill an object, one whole": lambda: declared(
        {
            "party": one_of(
                when(pair("party.name", "who.name"), native=("memo", bool)),
                when(one_way_in("party", read_vat, ["who.name"]), one_way_out("who.name", read_vat, ["party.name"])),
            )
        }
    ),
    "selected elements stand beside each other": lambda: declared(
        {"more": pair("refs[type=invoice].id", "who.vat")}, unread={"vat": None}
    ),
    "a function reads a list that each() writes": lambda: declared(
        {"lines": each("lines", "goods", *LINES, only="out"), "in": one_way_in("lines", read_vat, ["goods"])}
    ),
    "an open id is a word of a closed list": lambda: declared(
        {"note": pair("note", "paint", lookup("paint"))}, unread={"paint": None, "memo": ignored("memo", "no")}
    ),
    "lossy and carried": lambda: declared(gaps={"note": lossy("note", "255 letters")}),
    "a condition counts as carried": lambda: declared(
        {
            "status": one_of(
                when(canonical=("status", "open"), native=("state", "O")),
                when(canonical=("status", "closed"), native=("state", "C")),
            )
        }
    ),
}


@pytest.mark.parametrize("what", FINE)
def test_what_is_no_mistake_is_not_called_one(what: str) -> None:
    paint = {"read": {"Red": "r", "Blue": "b"}}
    assert found(FINE[what](), tenant(paint=paint)) == []


TABLES: dict[str, tuple[dict[str, Any], list[tuple[str, str, str]]]] = {
    "a table names a code that is not there": (
        {"state": {"read": {"Open": "open", "Done": "closed", "Lost": "lost"}}},
        [("table", "status", "state")],
    ),
    "a table refuses a code that is not there": (
        {"state": {**STATE, "refused": ["lost"]}},
        [("table", "status", "state")],
    ),
    "a table has no word for a code": (
        {"state": {"read": {"Open": "open"}}},
        [("table", "status", "state")],
    ),
    "also of a coded value": (
        {"reason": {"read": {"Broken": "defective"}}},
        [("table", "lines[].reason.code", "goods[].why")],
    ),
    "an unknown word becomes a code that is not there": (
        {"state": {**STATE, "unknown": "lost"}},
        [("table", "status", "state")],
    ),
    "no such table": (
        {"state": None},
        [("table", "status", "state")],
    ),
}


@pytest.mark.parametrize("what", TABLES)
def test_a_mistake_in_a_code_table_is_found(what: str) -> None:
    tables, problems = TABLES[what]
    assert found(declared(), tenant(**tables)) == problems


def test_all_mistakes_are_told_at_once() -> None:
    mapping = declared({"note": None, "price": pair("price", "sum"), "x": pair("colour", "memo", only="in")})
    codes = [problem[0] for problem in found(mapping, tenant(state=None))]
    assert codes == ["unknown_path", "unaccounted", "codec", "table"]
