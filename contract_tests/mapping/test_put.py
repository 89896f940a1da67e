"""An update sends only what changed, keeps what the mapping does not carry, and never mixes two elements up."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapping.tiny import mapping, translator
from openreturns.mapping import Patch, decimal, each, one_of, one_way_in, one_way_out, pair, put, when

Record = dict[str, Any]


def nothing(record: Any, environment: Any) -> object:
    return None


MAPPING = mapping(
    pair("number", "id"),
    pair("note", "memo"),
    pair("party.name", "party.name"),
    pair("party.tax", "party.tax"),
    pair("total", "sum", decimal),
    pair("tags", "labels"),
    pair("seen", "seen", only="in"),
    one_way_in("boxes", nothing, ["parcels"]),
    one_way_out("box", nothing, ["days"]),
    pair("rma", "fields[name=rma].value"),
    pair("memo", "fields[name=memo].value"),
    pair("colour", "more[a.b]"),
    one_of(when(pair("days", "plus"), canonical=("up", True), native=("sign", "+")), when(pair("days", "minus"))),
    each(
        "lines",
        "goods",
        pair("lineId", "no"),
        pair("sku", "item"),
        pair("count", "n"),
        each("lots", "lots", pair("lot", "lot"), pair("count", "n"), key="lot"),
        key="no",
    ),
    each("parcels", "parcels", pair("tracking", "tracking")),
)


@dataclass(frozen=True)
class Update:
    """What the vendor has, what we write, what must be sent, what the record is afterwards."""

    what: str
    onto: Record
    written: Record
    changes: Record
    record: Record
    replaced: tuple[str, ...] = ()


GOODS = [{"no": "1", "item": "A", "n": 2, "bin": "B1"}, {"no": "2", "item": "B", "n": 1, "bin": "B2"}]
A, B = {"no": "1", "item": "A", "n": 2}, {"no": "2", "item": "B", "n": 1}

UPDATES = [
    Update("nothing changed", {"id": "1", "etag": "x"}, {"id": "1"}, {}, {"id": "1", "etag": "x"}),
    Update("one field", {"id": "1", "memo": "a"}, {"id": "1", "memo": "b"}, {"memo": "b"}, {"id": "1", "memo": "b"}),
    Update("a new field", {"id": "1"}, {"id": "1", "memo": "b"}, {"memo": "b"}, {"id": "1", "memo": "b"}),
    Update("a field taken away", {"id": "1", "memo": "a"}, {"id": "1"}, {"memo": None}, {"id": "1"}),
    Update("a field that was null", {"id": "1", "memo": None}, {"id": "1"}, {}, {"id": "1", "memo": None}),
    Update("a field the mapping only reads stays", {"seen": "x"}, {}, {}, {"seen": "x"}),
    Update(
        "what another case wrote goes away",
        {"plus": 3, "sign": "+"},
        {"minus": 3},
        {"minus": 3, "plus": None, "sign": None},
        {"minus": 3},
    ),
    Update(
        "inside an object",
        {"party": {"name": "a", "tax": "T", "phone": "1"}},
        {"party": {"name": "b"}},
        {"party": {"name": "b", "tax": None}},
        {"party": {"name": "b", "phone": "1"}},
    ),
    Update("a whole object goes away", {"party": {"name": "a"}}, {}, {"party": None}, {}),
    Update(
        "of an object that goes away, what the mapping does not carry stays",
        {"party": {"name": "a", "phone": "1"}},
        {},
        {"party": {"name": None}},
        {"party": {"phone": "1"}},
    ),
    Update("an object with nothing of ours stays", {"party": {"phone": "1"}}, {}, {}, {"party": {"phone": "1"}}),
    Update(
        "of an open object, the members of others stay",
        {"more": {"a.b": 1, "c": 2}},
        {},
        {"more": {"a.b": None}},
        {"more": {"c": 2}},
    ),
    Update("an object that a function makes goes away whole", {"box": {"size": 1}}, {}, {"box": None}, {}),
    Update(
        "an object where there was none",
        {},
        {"party": {"name": "a"}},
        {"party": {"name": "a"}},
        {"party": {"name": "a"}},
    ),
    Update(
        "a list of plain values",
        {"labels": ["a"]},
        {"labels": ["a", "b"]},
        {"labels": ["a", "b"]},
        {"labels": ["a", "b"]},
        ("labels",),
    ),
    Update("the same plain values", {"labels": ["a"]}, {"labels": ["a"]}, {}, {"labels": ["a"]}),
    Update("no element changed", {"goods": GOODS}, {"goods": [A, B]}, {}, {"goods": GOODS}),
    Update(
        "one element changed",
        {"goods": GOODS},
        {"goods": [A, {**B, "n": 5}]},
        {"goods": [{"no": "2", "n": 5}]},
        {"goods": [GOODS[0], {**GOODS[1], "n": 5}]},
    ),
    Update("elements in another order", {"goods": GOODS}, {"goods": [B, A]}, {}, {"goods": GOODS[::-1]}),
    Update(
        "a new element",
        {"goods": GOODS[:1]},
        {"goods": [A, B]},
        {"goods": [B]},
        {"goods": [GOODS[0], B]},
    ),
    Update(
        "an element gone: the list is sent whole",
        {"goods": GOODS},
        {"goods": [B]},
        {"goods": [GOODS[1]]},
        {"goods": [GOODS[1]]},
        ("goods",),
    ),
    Update(
        "an element inside an element",
        {"goods": [{**A, "lots": [{"lot": "L1", "n": 1, "expiry": "x"}, {"lot": "L2", "n": 1}]}]},
        {"goods": [{**A, "lots": [{"lot": "L1", "n": 1}, {"lot": "L2", "n": 4}]}]},
        {"goods": [{"no": "1", "lots": [{"lot": "L2", "n": 4}]}]},
        {"goods": [{**A, "lots": [{"lot": "L1", "n": 1, "expiry": "x"}, {"lot": "L2", "n": 4}]}]},
    ),
    Update(
        "an element inside an element gone",
        {"goods": [{**A, "lots": [{"lot": "L1", "n": 1}, {"lot": "L2", "n": 1}]}]},
        {"goods": [{**A, "lots": [{"lot": "L1", "n": 1}]}]},
        {"goods": [{"no": "1", "lots": [{"lot": "L1", "n": 1}]}]},
        {"goods": [{**A, "lots": [{"lot": "L1", "n": 1}]}]},
        ("goods[].lots",),
    ),
    Update(
        "a list without key is replaced whole",
        {"parcels": [{"tracking": "1Z", "weight": 3}]},
        {"parcels": [{"tracking": "1Z"}, {"tracking": "2Z"}]},
        {"parcels": [{"tracking": "1Z"}, {"tracking": "2Z"}]},
        {"parcels": [{"tracking": "1Z"}, {"tracking": "2Z"}]},
        ("parcels",),
    ),
    Update(
        "a list without key that says it already stays, whatever else the vendor has in it",
        {"parcels": [{"tracking": "1Z", "weight": 3}]},
        {"parcels": [{"tracking": "1Z"}]},
        {},
        {"parcels": [{"tracking": "1Z", "weight": 3}]},
    ),
    Update(
        "a list that has nothing in it any more",
        {"labels": ["a"]},
        {"labels": []},
        {"labels": []},
        {"labels": []},
        ("labels",),
    ),
    Update("nor one with a key", {"goods": GOODS}, {"goods": []}, {"goods": []}, {"goods": []}, ("goods",)),
    Update(
        "a list that goes away", {"goods": GOODS, "labels": []}, {}, {"goods": None, "labels": None}, {}, ("goods",)
    ),
    Update(
        "a selected element changed, one new, one of the vendor's own",
        {"fields": [{"name": "x", "value": "1"}, {"name": "rma", "value": "R", "id": 7}]},
        {"fields": [{"name": "rma", "value": "S"}, {"name": "memo", "value": "n"}]},
        {"fields": [{"name": "rma", "value": "S"}, {"name": "memo", "value": "n"}]},
        {
            "fields": [
                {"name": "x", "value": "1"},
                {"name": "rma", "value": "S", "id": 7},
                {"name": "memo", "value": "n"},
            ]
        },
    ),
    Update(
        "a selected element gone: the list is sent whole",
        {"fields": [{"name": "x", "value": "1"}, {"name": "rma", "value": "R"}]},
        {"fields": [{"name": "memo", "value": "n"}]},
        {"fields": [{"name": "x", "value": "1"}, {"name": "memo", "value": "n"}]},
        {"fields": [{"name": "x", "value": "1"}, {"name": "memo", "value": "n"}]},
        ("fields",),
    ),
    Update(
        "of a selected element that is gone, what the mapping does not carry stays",
        {"fields": [{"name": "rma", "value": "R", "id": 7}, {"name": "memo", "id": 8}]},
        {},
        {"fields": [{"name": "rma", "value": None}]},
        {"fields": [{"name": "rma", "id": 7}, {"name": "memo", "id": 8}]},
    ),
    Update(
        "all selected elements gone",
        {"fields": [{"name": "rma", "value": "R"}]},
        {},
        {"fields": None},
        {},
        ("fields",),
    ),
    Update(
        "elements that the key does not tell apart are replaced whole",
        {"goods": [{"no": "1", "item": "A"}, {"no": "1", "item": "B"}]},
        {"goods": [{"no": "1", "item": "A"}]},
        {"goods": [{"no": "1", "item": "A"}]},
        {"goods": [{"no": "1", "item": "A"}]},
        ("goods",),
    ),
    Update(
        "elements of ours that the key does not tell apart are sent whole",
        {"goods": [{"no": "1", "item": "A", "bin": "B1"}]},
        {"goods": [{"no": "1", "item": "A"}, {"no": "1", "item": "B"}]},
        {"goods": [{"no": "1", "item": "A"}, {"no": "1", "item": "B"}]},
        {"goods": [{"no": "1", "item": "A"}, {"no": "1", "item": "B"}]},
        ("goods",),
    ),
    Update(
        "an element of ours that has no key yet",
        {"goods": [A]},
        {"goods": [{"item": "C"}]},
        {"goods": [{"item": "C"}]},
        {"goods": [{"item": "C"}]},
        ("goods",),
    ),
]


@pytest.mark.parametrize("update", UPDATES, ids=lambda update: update.what)
def test_an_update_sends_what_changed(update: Update) -> None:
    before = copy.deepcopy((update.written, update.onto))
    patch = put(MAPPING, update.written, update.onto)
    assert patch == Patch(update.record, update.changes, update.replaced)
    assert (update.written, update.onto) == before


texts = st.sampled_from(["a", "b", "c"])


def by(name: str) -> Any:
    return lambda element: element[name]


lots = st.lists(st.fixed_dictionaries({"lot": texts}, optional={"count": texts}), unique_by=by("lot"))
documents = st.fixed_dictionaries(
    {},
    optional={
        "number": texts,
        "rma": texts,
        "memo": texts,
        "colour": texts,
        "note": texts,
        "party": st.fixed_dictionaries({}, optional={"name": texts, "tax": texts}),
        "tags": st.lists(texts, max_size=2),
        "lines": st.lists(
            st.fixed_dictionaries({"lineId": texts}, optional={"sku": texts, "count": texts, "lots": lots}),
            max_size=3,
            unique_by=by("lineId"),
        ),
        "parcels": st.lists(st.fixed_dictionaries({}, optional={"tracking": texts}), max_size=2),
    },
)
TRANSLATOR = translator(MAPPING)


def written(document: Record) -> Record:
    return TRANSLATOR.to_native({"up": True, **document}).document


def without_nothing(value: Any) -> Any:
    """A record as it reads: objects and lists without anything in them say as much as none."""
    if isinstance(value, dict):
        return {name: inner for name, part in value.items() if (inner := without_nothing(part)) not in (None, {})}
    return [without_nothing(item) for item in value] if isinstance(value, list) else value


def by_name(record: Record) -> Record:
    """A record with its selected elements in one order: they are told apart by their names."""
    return {**record, "fields": sorted(record.get("fields", ()), key=by("name"))}


@settings(deadline=None)
@given(old=documents, new=documents)
def test_after_an_update_the_record_says_the_new_document(old: Record, new: Record) -> None:
    onto = {**written(old), "etag": "keep"}
    patch = put(MAPPING, written(new), onto)
    assert by_name(without_nothing(patch.record)) == by_name(without_nothing({**written(new), "etag": "keep"}))


@settings(deadline=None)
@given(old=documents, new=documents)
def test_updating_again_sends_nothing(old: Record, new: Record) -> None:
    once = put(MAPPING, written(new), written(old)).record
    assert put(MAPPING, written(new), once) == Patch(once, {}, ())
