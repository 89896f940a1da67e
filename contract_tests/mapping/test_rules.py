"""Each kind of rule in both directions, on the smallest mapping that shows it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import pytest
from mapping.tiny import fields_like, mapping, translator
from openreturns.mapping import (
    Mapping,
    Translation,
    code,
    coded,
    constant,
    counted,
    decimal,
    digits,
    dropped,
    each,
    ignored,
    lossy,
    numbered,
    one_of,
    one_way_in,
    one_way_out,
    pair,
    setting,
    when,
)
from openreturns.mapping._rules import Direction

Record = dict[str, Any]


def boxes(record: Any, environment: Any) -> int | None:
    return len(record["parcels"]) if record.get("parcels") else None


def initials(document: Any, environment: Any) -> str | None:
    name = document.get("name")
    return "".join(word[0] for word in name.split()) if name else None


def both(record: Any, environment: Any) -> tuple[str | None, int | None]:
    words = record.get("words") or []
    return " ".join(words) or None, len(words) or None


def both_back(document: Any, environment: Any) -> tuple[str | None, int | None]:
    name = document.get("name")
    return name, len(name.split()) if name else None


def asked_for(document: Any, environment: Any) -> Any:
    return environment.given.get("who")


def is_goods(item: Any, environment: Any) -> bool:
    return bool(item["kind"] == "goods")


def is_fee(item: Any, environment: Any) -> bool:
    return bool(item["kind"] == "fee")


def source(record: Any, environment: Any) -> str:
    return "source"


def t1(record: Any, environment: Any) -> str:
    return "t1"


def str_(record: Any, environment: Any) -> str:
    return "str"


str_.__name__ = "str"


def always(thing: Any, environment: Any) -> bool:
    return True


def is_long(value: Any) -> bool:
    return isinstance(value, str) and len(value) > 3


@dataclass(frozen=True)
class Story:
    """A mapping, the vendor's record and the canonical document; `lost` and `left` are pointers reported as lost."""

    what: str
    rules: tuple[Any, ...]
    canonical: Record
    native: Record
    ways: tuple[Direction, ...] = ("in", "out")
    lost: tuple[str, ...] = ()
    more: Record = field(default_factory=dict)
    given: Record = field(default_factory=dict)

    def mapping(self) -> Mapping:
        return mapping(*self.rules, **self.more)


ITEM = pair("sku", "item")

STORIES = [
    # --- pair
    Story("a pair joins two fields", (pair("number", "id"),), {"number": "1"}, {"id": "1"}),
    Story("nothing becomes nothing", (pair("number", "id"), pair("note", "memo")), {"note": "n"}, {"memo": "n"}),
    Story("false is a value", (pair("test", "dry"),), {"test": False}, {"dry": False}),
    Story("an empty text is a value", (pair("note", "memo"),), {"note": ""}, {"memo": ""}),
    Story("zero is a value", (pair("count", "n"),), {"count": 0}, {"n": 0}),
    Story("an empty list is a value", (pair("tags", "labels"),), {"tags": []}, {"labels": []}),
    Story("null is nothing", (pair("number", "id"),), {}, {"id": None}, ("in",)),
    Story(
        "objects are made on the way",
        (pair("a.b.c", "x"), pair("a.d", "y.z")),
        {"a": {"b": {"c": "1"}, "d": "2"}},
        {"x": "1", "y": {"z": "2"}},
    ),
    Story("a missing object leaves no empty one", (pair("a.b.c", "x.y"), pair("d", "z")), {"d": "1"}, {"z": "1"}),
    Story("an object that is null is not there", (pair("a.b", "x.y"),), {}, {"x": None}, ("in",)),
    Story("a pair for reading only", (pair("number", "id", only="in"),), {"number": "1"}, {"id": "1"}, ("in",)),
    Story("it writes nothing", (pair("number", "id", only="in"),), {"number": "1"}, {}, ("out",)),
    Story("a pair for writing only", (pair("number", "id", only="out"),), {"number": "1"}, {"id": "1"}, ("out",)),
    Story("it reads nothing", (pair("number", "id", only="out"),), {}, {"id": "1"}, ("in",)),
    Story(
        "one vendor field for two of ours",
        (pair("asked", "n", counted("unit")), pair("expected", "n", counted("unit"), only="in")),
        {"asked": {"value": "2", "uom": "EA"}, "expected": {"value": "2", "uom": "EA"}},
        {"n": 2},
    ),
    Story(
        "names that Python or a template could trip over",
        (pair("class.{v}", "from"), pair("it's", 'a"b'), pair("$ref", "env"), pair("x\\n", "source")),
        {"class": {"{v}": "1"}, "it's": "2", "$ref": "3", "x\\n": "4"},
        {"from": "1", 'a"b': "2", "env": "3", "source": "4"},
    ),
    # --- lists
    Story(
        "two lists element by element",
        (each("lines", "goods", ITEM, pair("quantity", "n", decimal)),),
        {"lines": [{"sku": "A", "quantity": "1"}, {"sku": "B", "quantity": "2"}]},
        {"goods": [{"item": "A", "n": 1}, {"item": "B", "n": 2}]},
    ),
    Story("a list that is not there", (each("lines", "goods", ITEM),), {}, {}),
    Story("a list without elements", (each("lines", "goods", ITEM),), {"lines": []}, {"goods": []}),
    Story("a list that is null", (each("lines", "goods", ITEM),), {}, {"goods": None}, ("in",)),
    Story("an element with nothing known", (each("lines", "goods", ITEM),), {"lines": [{}]}, {"goods": [{}]}),
    Story(
        "a list below an object",
        (each("body.lines", "goods.items", ITEM),),
        {"body": {"lines": [{"sku": "A"}]}},
        {"goods": {"items": [{"item": "A"}]}},
    ),
    Story(
        "lists in lists",
        (each("lines", "goods", ITEM, each("splits", "parts", pair("id", "no"), each("lots", "lot", ITEM))),),
        {"lines": [{"sku": "A", "splits": [{"id": "1", "lots": [{"sku": "L"}]}, {"id": "2"}]}, {"splits": []}]},
        {"goods": [{"item": "A", "parts": [{"no": "1", "lot": [{"item": "L"}]}, {"no": "2"}]}, {"parts": []}]},
    ),
    Story(
        "two rules share the vendor's list",
        (
            each("lines", "rows", ITEM, constant(native="kind", value="goods"), where_in=is_goods),
            each("charges", "rows", pair("name", "item"), constant(native="kind", value="fee"), where_in=is_fee),
        ),
        {"lines": [{"sku": "A"}, {"sku": "B"}], "charges": [{"name": "freight"}]},
        {"rows": [{"kind": "goods", "item": "A"}, {"kind": "fee", "item": "freight"}, {"kind": "goods", "item": "B"}]},
        ("in",),
    ),
    Story(
        "and write it one after the other",
        (
            each("lines", "rows", ITEM, constant(native="kind", value="goods"), where_out=always),
            each("charges", "rows", pair("name", "item"), constant(native="kind", value="fee"), where_out=always),
        ),
        {"lines": [{"sku": "A"}, {"sku": "B"}], "charges": [{"name": "freight"}]},
        {"rows": [{"kind": "goods", "item": "A"}, {"kind": "goods", "item": "B"}, {"kind": "fee", "item": "freight"}]},
        ("out",),
    ),
    Story(
        "two rules share our list",
        (
            each("rows", "lines", ITEM, constant(canonical="kind", value="goods"), where_out=is_goods, where_in=always),
            each("rows", "fees", ITEM, constant(canonical="kind", value="fee"), where_out=is_fee, where_in=always),
        ),
        {"rows": [{"sku": "A", "kind": "goods"}, {"sku": "freight", "kind": "fee"}]},
        {"lines": [{"item": "A"}], "fees": [{"item": "freight"}]},
    ),
    Story(
        "several lists fill one, in the order of the rules",
        (
            each("refs", "a.x", pair("id", "no")),
            each("refs", "b", pair("id", "no"), where_in=is_goods),
            each("refs", "a.z", pair("id", "no")),
        ),
        {"refs": [{"id": "1"}, {"id": "2"}, {"id": "3"}]},
        {"a": {"x": [{"no": "1"}], "z": [{"no": "3"}]}, "b": [{"no": "2", "kind": "goods"}, {"no": "9", "kind": ""}]},
        ("in",),
    ),
    Story(
        "also where a case has one of them",
        (
            one_of(when(each("refs", "b", pair("id", "no")), native=("kind", "b")), when(each("refs", "c"))),
            each("refs", "a", pair("id", "no")),
        ),
        {"refs": [{"id": "1"}, {"id": "2"}]},
        {"kind": "b", "a": [{"no": "2"}], "b": [{"no": "1"}]},
        ("in",),
    ),
    Story(
        "and of the vendor's",
        (
            each("a", "rows", pair("id", "no"), where_out=is_goods),
            each("b.x", "rows", pair("id", "no")),
            each("c", "rows", pair("id", "no")),
        ),
        {"a": [{"id": "9", "kind": "fee"}], "c": [{"id": "2"}], "b": {"x": [{"id": "1"}]}},
        {"rows": [{"no": "1"}, {"no": "2"}]},
        ("out",),
    ),
    Story(
        "a list for writing only",
        (each("lines", "goods", ITEM, only="out"),),
        {"lines": [{"sku": "A"}]},
        {"goods": [{"item": "A"}]},
        ("out",),
    ),
    Story("is not read", (each("lines", "goods", ITEM, only="out"),), {}, {"goods": [{"item": "A"}]}, ("in",)),
    Story(
        "no element belongs to the rule: no list",
        (each("lines", "rows", ITEM, where_in=is_goods),),
        {},
        {"rows": [{"kind": "fee", "item": "freight"}]},
        ("in",),
    ),
    Story(
        "an id from the place in the list",
        (each("lines", "goods", numbered("lineId"), ITEM),),
        {"lines": [{"lineId": "1", "sku": "A"}, {"lineId": "2", "sku": "B"}]},
        {"goods": [{"item": "A"}, {"item": "B"}]},
    ),
    Story(
        "the place counts the elements left out",
        (each("lines", "rows", numbered("lineId"), ITEM, where_in=is_goods),),
        {"lines": [{"lineId": "2", "sku": "A"}]},
        {"rows": [{"kind": "fee", "item": "x"}, {"kind": "goods", "item": "A"}]},
        ("in",),
    ),
    # --- constants
    Story("a constant of ours", (constant(canonical="type", value="credit"),), {"type": "credit"}, {}, ("in",)),
    Story("is not written", (constant(canonical="type", value="credit"),), {"type": "credit"}, {}, ("out",)),
    Story("a constant of the vendor", (constant(native="form", value=7),), {}, {"form": 7}, ("out",)),
    Story("is not read", (constant(native="form", value=7),), {}, {"form": 7}, ("in",)),
    Story("a setting", (constant(native="house", value=setting("house")),), {}, {"house": "W-1"}, ("out",)),
    Story(
        "a constant beside something",
        (pair("refs.id", "order"), constant(canonical="refs.type", value="order")),
        {"refs": {"id": "7", "type": "order"}},
        {"order": "7"},
    ),
    Story(
        "a constant beside nothing",
        (pair("refs.id", "order"), constant(canonical="refs.type", value="order"), pair("number", "id")),
        {"number": "1"},
        {"id": "1"},
    ),
    Story(
        "a constant object",
        (each("lines", "goods", constant(canonical="reason", value={"code": "other", "note": "none"}), ITEM),),
        {"lines": [{"reason": {"code": "other", "note": "none"}, "sku": "A"}]},
        {"goods": [{"item": "A"}]},
    ),
    # --- selected elements
    Story(
        "an element by its key",
        (pair("refs[type=order].id", "order"), pair("refs[type=shipment].id", "parcel.no", digits)),
        {"refs": [{"type": "order", "id": "7"}, {"type": "shipment", "id": "42"}]},
        {"order": "7", "parcel": {"no": 42}},
    ),
    Story(
        "only the elements that are there",
        (pair("refs[type=order].id", "order"), pair("refs[type=shipment].id", "parcel", digits)),
        {"refs": [{"type": "shipment", "id": "42"}]},
        {"parcel": 42},
    ),
    Story("no element, no list", (pair("refs[type=order].id", "order"),), {}, {}),
    Story(
        "several fields of one element",
        (pair("refs[type=order].id", "order"), pair("refs[type=order].line", "row")),
        {"refs": [{"type": "order", "id": "7", "line": "1"}]},
        {"order": "7", "row": "1"},
    ),
    Story(
        "an element of the vendor's",
        (pair("number", "fields[name=rma].value"), pair("note", "fields[name=memo].value")),
        {"number": "RMA-1", "note": "n"},
        {"fields": [{"name": "rma", "value": "RMA-1"}, {"name": "memo", "value": "n"}]},
    ),
    Story(
        "the order of the list does not matter",
        (pair("number", "fields[name=rma].value"), pair("note", "fields[name=memo].value")),
        {"number": "RMA-1", "note": "n"},
        {"fields": [{"name": "memo", "value": "n"}, {"name": "rma", "value": "RMA-1"}]},
        ("in",),
    ),
    Story(
        "elements inside elements of a list",
        (each("lines", "goods", pair("ids[kind=lot].value", "lot"), ITEM),),
        {"lines": [{"ids": [{"kind": "lot", "value": "L1"}], "sku": "A"}, {"sku": "B"}]},
        {"goods": [{"lot": "L1", "item": "A"}, {"item": "B"}]},
    ),
    Story(
        "an element no rule takes is reported",
        (pair("refs[type=order].id", "order"),),
        {"refs": [{"type": "order", "id": "7"}, {"type": "case", "id": "9"}]},
        {"order": "7"},
        ("out",),
        lost=("/refs/1",),
    ),
    Story(
        "the second of two with the same key is reported",
        (pair("refs[type=order].id", "order"),),
        {"refs": [{"type": "order", "id": "7"}, {"type": "order", "id": "8"}]},
        {"order": "7"},
        ("out",),
        lost=("/refs/1",),
    ),
    Story(
        "a field of a taken element that no rule takes is reported",
        (pair("refs[type=order].id", "order"),),
        {"refs": [{"type": "order", "id": "7", "lineId": "3"}]},
        {"order": "7"},
        ("out",),
        lost=("/refs/0/lineId",),
    ),
    Story(
        "also of the vendor's",
        (pair("number", "fields[name=rma].value"),),
        {"number": "RMA-1"},
        {"fields": [{"name": "rma", "value": "RMA-1", "unit": "m"}, {"name": "memo", "value": "n"}]},
        ("in",),
        lost=("/fields/0/unit", "/fields/1"),
    ),
    # --- functions
    Story(
        "a function makes a field of ours",
        (one_way_in("boxes", boxes, ["parcels"]),),
        {"boxes": 2},
        {"parcels": ["a", "b"]},
        ("in",),
    ),
    Story("or nothing", (one_way_in("body.boxes", boxes, ["parcels"]),), {}, {"parcels": []}, ("in",)),
    Story("and is not written", (one_way_in("boxes", boxes, ["parcels"]),), {"boxes": 2}, {}, ("out",)),
    Story(
        "a function makes a field of the vendor's",
        (one_way_out("body.sign", initials, ["name"]),),
        {"name": "Anna Ben"},
        {"body": {"sign": "AB"}},
        ("out",),
    ),
    Story("or nothing there", (one_way_out("body.sign", initials, ["name"]),), {}, {}, ("out",)),
    Story("and is not read", (one_way_out("sign", initials, ["name"]),), {}, {"sign": "AB"}, ("in",)),
    Story(
        "a function in an element sees the element",
        (each("lines", "goods", one_way_in("boxes", boxes, ["parcels"])),),
        {"lines": [{"boxes": 1}, {}]},
        {"goods": [{"parcels": ["a"]}, {}]},
        ("in",),
    ),
    Story(
        "a function makes several fields of ours",
        (one_way_in(["body.name", "count"], both, ["words"]),),
        {"body": {"name": "a b"}, "count": 2},
        {"words": ["a", "b"]},
        ("in",),
    ),
    Story("or none of them", (one_way_in(["body.name", "count"], both, ["words"]),), {}, {}, ("in",)),
    Story(
        "or of the vendor's",
        (one_way_out(["sign", "head.count"], both_back, ["name"]),),
        {"name": "Anna Ben"},
        {"sign": "Anna Ben", "head": {"count": 2}},
        ("out",),
    ),
    Story(
        "also in an element",
        (each("lines", "goods", one_way_in(["sku", "extensions[a.count]"], both, ["words"])),),
        {"lines": [{"sku": "a", "extensions": {"a.count": 1}}, {}]},
        {"goods": [{"words": ["a"]}, {}]},
        ("in",),
    ),
    Story(
        "a function sees what the caller gave",
        (one_way_in("who", asked_for, []),),
        {"who": "anna"},
        {},
        ("in",),
        given={"who": "anna"},
    ),
    Story(
        "functions of any name",
        (
            one_way_in("a", source, []),
            one_way_in("b", t1, []),
            one_way_in("c", lambda record, environment: "lambda", []),
            each("lines", "goods", one_way_in("d", str_, []), numbered("lineId")),
        ),
        {"a": "source", "b": "t1", "c": "lambda", "lines": [{"d": "str", "lineId": "1"}]},
        {"goods": [{}]},
        ("in",),
    ),
    # --- cases
    *(
        Story(
            f"a case by a value: {effect}",
            (
                one_of(
                    when(pair("days", "plus"), canonical=("effect", "increase"), native=("sign", "+")),
                    when(pair("days", "minus"), canonical=("effect", "decrease"), native=("sign", "-")),
                ),
            ),
            {"effect": effect, "days": 3},
            {"sign": sign, name: 3},
        )
        for effect, sign, name in (("increase", "+", "plus"), ("decrease", "-", "minus"))
    ),
    Story(
        "a case by a test",
        (
            one_of(
                when(pair("name", "long"), canonical=("name", is_long), native=("long", is_long)),
                when(pair("name", "short")),
            ),
        ),
        {"name": "Annabel"},
        {"long": "Annabel"},
    ),
    Story(
        "the last case takes what is left",
        (
            one_of(
                when(pair("name", "long"), canonical=("name", is_long), native=("long", is_long)),
                when(pair("name", "short")),
            ),
        ),
        {"name": "Ann"},
        {"short": "Ann"},
    ),
    Story(
        "a case on a nested field, in an element",
        (
            each(
                "lines",
                "goods",
                one_of(
                    when(ITEM, canonical=("to.status", "external"), native=("way.dir", "out")),
                    when(pair("sku", "part"), canonical=("to.status", "stock"), native=("way.dir", "in")),
                ),
            ),
        ),
        {"lines": [{"to": {"status": "external"}, "sku": "A"}, {"to": {"status": "stock"}, "sku": "B"}]},
        {"goods": [{"way": {"dir": "out"}, "item": "A"}, {"way": {"dir": "in"}, "part": "B"}]},
    ),
    Story(
        "what only another case carries is reported",
        (
            one_of(
                when(pair("name", "who"), canonical=("type", "person"), native=("t", 1)),
                when(pair("name", "firm"), pair("vat", "vat"), canonical=("type", "firm"), native=("t", 2)),
            ),
        ),
        {"type": "person", "name": "Ann", "vat": "BE1"},
        {"t": 1, "who": "Ann"},
        ("out",),
        lost=("/vat",),
    ),
    # --- codes
    Story(
        "codes through the tenant's table",
        (pair("uom", "unit", code("unit")), pair("decision", "action", coded("action"))),
        {"uom": "CS", "decision": {"code": "scrap", "source": {"scheme": "tiny:action", "value": "Dispose"}}},
        {"unit": "case", "action": "Dispose"},
    ),
    # --- declared losses
    Story(
        "a dropped field is reported where a document has it",
        (pair("number", "id"), each("lines", "goods", ITEM)),
        {"number": "1", "note": "n", "lines": [{"sku": "A"}, {"sku": "B", "lot": {"id": "L"}}], "party": {"tax": "T"}},
        {"id": "1", "goods": [{"item": "A"}, {"item": "B"}]},
        ("out",),
        lost=("/note", "/lines/1/lot", "/party/tax"),
        more={
            "losses": (
                dropped("note", "none"),
                dropped("lines[].lot", "none"),
                dropped("party.tax", "none"),
                dropped("party.name", "none"),
            )
        },
    ),
    Story(
        "and not where it has not",
        (pair("number", "id"),),
        {"number": "1", "lines": [], "party": {}},
        {"id": "1"},
        ("out",),
        more={"losses": (dropped("note", "none"), dropped("lines[].lot", "none"), dropped("party.tax", "none"))},
    ),
    Story(
        "lossy and ignored are in the table, not news of each document",
        (pair("number", "id"), pair("note", "memo")),
        {"number": "1", "note": "n"},
        {"id": "1", "memo": "n"},
        more={"losses": (lossy("note", "255 letters"),), "ignored": (ignored("links", "paging"),)},
    ),
    Story(
        "an ignored field is not read",
        (pair("number", "id"),),
        {"number": "1"},
        {"id": "1", "links": [{"href": "x"}]},
        ("in",),
        more={"ignored": (ignored("links", "paging"),)},
    ),
]


def run(story: Story, way: Direction, source: Record, *, known: bool) -> Translation:
    """Translate with nothing known of the contracts, or with contracts in which all of this is always there."""
    sides = (fields_like(story.canonical), fields_like(story.native)) if known else ({}, {})
    ours = translator(story.mapping(), *sides)
    return ours.to_canonical(source, story.given) if way == "in" else ours.to_native(source, story.given)


TOLD = [
    pytest.param(story, way, known, id=f"{story.what}-{way}{'-known' if known else ''}")
    for story in STORIES
    for way in story.ways
    for known in (False, True)
]


@pytest.mark.parametrize(("story", "way", "known"), TOLD)
def test_a_rule_does_what_it_says(story: Story, way: Direction, known: bool) -> None:
    source, target = (story.native, story.canonical) if way == "in" else (story.canonical, story.native)
    given = copy.deepcopy(source)
    done = run(story, way, source, known=known)
    assert done.document == target
    assert translator(story.mapping()).interpret(way, source, story.given)[0] == target
    assert source == given
    assert [loss.native if way == "in" else loss.canonical for loss in done.losses] == list(story.lost)
    assert done.findings == ()
    assert not (done.clean and story.lost)
