"""What is wrong with a document is told whole, by place, alike by both engines, and never with a person's data."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import pytest
from openreturns._fields import Field
from openreturns._json import dump, parse
from openreturns._schemas import DOCUMENTS, bundle, folder
from openreturns.errors import ContractError, Problem
from openreturns.testing._filled import filled
from openreturns.validation import ENGINES, Validator, document_validator

MINIMAL: dict[str, Any] = json.loads((folder() / "examples/return/valid/minimal.json").read_text("utf-8"))
DROP = object()

# What is changed at which place -> (where it is told, code, a part of the sentence)
WRONG: dict[str, tuple[str, Any, tuple[str, str, str]]] = {
    "a field missing": ("/customer", DROP, ("", "required", "'customer' is required")),
    "a field missing in an element": ("/lines/0/item", DROP, ("/lines/0", "required", "'item' is required")),
    "an unknown field": ("/colour", "red", ("", "additionalProperties", "unknown field")),
    "an unknown field in an element": ("/lines/0/colour", "red", ("/lines/0", "additionalProperties", "unknown field")),
    "no code of the list": (
        "/status",
        "thinking",
        ("/status", "enum", "not one of the allowed values, got 'thinking'"),
    ),
    "a number for a text": ("/number", 7, ("/number", "type", "must be string, got 7")),
    "null": ("/number", None, ("/number", "type", "must be string")),
    "a text for a list": ("/lines", "x", ("/lines", "type", "must be array")),
    "an empty list": ("/lines", [], ("/lines", "minItems", "at least 1")),
    "another form": ("/currency", "usd", ("/currency", "pattern", "does not have the form")),
    "too long": ("/number", "x" * 256, ("/number", "maxLength", "at most 255")),
    "no such day": ("/meta/issuedAt", "2026-02-30T00:00:00Z", ("/meta/issuedAt", "format", "not a valid date-time")),
    "too small": ("/meta/revision", 0, ("/meta/revision", "minimum", "at least 1, got 0")),
}


def changed(base: Any, pointer: str, value: object) -> Any:
    document = copy.deepcopy(base)
    *steps, last = pointer.split("/")[1:]
    place = document
    for step in steps:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    if value is DROP:
        del place[last]
    else:
        place[last] = value
    return document


@pytest.mark.parametrize("engine", ENGINES)
def test_a_validator_leaves_the_schema_as_it_is(engine: str) -> None:
    schema = bundle("return")
    before = copy.deepcopy(schema)
    Validator(schema, engine=engine)
    assert schema == before


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_told_at_its_place(what: str, engine: str) -> None:
    pointer, value, (where, code, said) = WRONG[what]
    validator = document_validator("return", engine=engine)
    document = changed(MINIMAL, pointer, value)
    assert not validator.is_valid(document)
    [problem] = validator.problems(document)
    assert (problem.canonical, problem.code) == (where, code)
    assert said in problem.message


@pytest.mark.parametrize("engine", ENGINES)
def test_everything_wrong_is_told_at_once_in_the_order_of_the_places(engine: str) -> None:
    document = MINIMAL
    for pointer, value in (("/currency", "usd"), ("/lines/0/lineId", 1), ("/status", "x"), ("/customer/id", "")):
        document = changed(document, pointer, value)
    with pytest.raises(ContractError) as raised:
        document_validator("return", engine=engine).check(document, "RMA-1")
    places = [problem.canonical for problem in raised.value.problems]
    assert set(places) == {"/currency", "/customer/id", "/lines/0/lineId", "/status"}
    assert places == sorted(places)
    assert (raised.value.kind, str(raised.value).splitlines()[0]) == ("schema", "RMA-1 breaks its contract")


@pytest.mark.parametrize("engine", ENGINES)
def test_an_unknown_code_comes_with_the_known_ones(engine: str) -> None:
    [problem] = document_validator("return", engine=engine).problems(changed(MINIMAL, "/status", "thinking"))
    assert {"requested", "closed"} <= set(problem.known)


def test_a_vendors_places_are_told_as_the_vendors() -> None:
    with pytest.raises(ContractError) as raised:
        document_validator("return").check({}, "a record", kind="contract_drift", native=True)
    assert {problem.canonical for problem in raised.value.problems} == {""}
    [problem] = Validator({"properties": {"a/b~c": {"type": "string"}}}).problems({"a/b~c": 1})
    assert problem.canonical == "/a~1b~0c"


def test_an_engine_nobody_has_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="no validator 'guess'; there are: jsonschema-rs, fastjsonschema"):
        Validator({}, engine="guess")
    monkeypatch.setenv("OPENRETURNS_VALIDATOR", "fastjsonschema")
    assert Validator({}).engine == "fastjsonschema"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", ["0.1", "1.0", "1e400", "12345678901234567890123456789012345.5"])
def test_an_exact_number_is_judged_like_any_other(number: str, engine: str) -> None:
    assert Validator({"type": "number"}, engine=engine).is_valid(parse(number))
    assert not Validator({"type": "string"}, engine=engine).is_valid(parse(number))


COUNTS = {
    "type": "object",
    "properties": {
        "one": {"$ref": "#/$defs/Count"},
        "some": {"type": "array", "items": {"$ref": "#/$defs/Count"}},
        "none": {"type": ["integer", "null"]},
        "cost": {"type": "number"},
        "inner": {"$ref": "#/$defs/Box"},
    },
    "additionalProperties": {"$ref": "#/$defs/Count"},
    "$defs": {
        "Count": {"type": "integer", "maximum": 100},
        "Box": {"properties": {"inner": {"$ref": "#/$defs/Box"}, "one": {"$ref": "#/$defs/Count"}}},
    },
}
# A value of COUNTS -> the value with its whole numbers as such, and what is wrong with it.
WHOLE: dict[str, tuple[str, str, dict[str, str]]] = {
    "a fraction of nothing": ('{"one":1.0}', '{"one":1}', {}),
    "an exponent": ('{"one":1E+2}', '{"one":100}', {}),
    "nothing, below zero": ('{"one":-0.0}', '{"one":0}', {}),
    "in a list": ('{"some":[1,2.00,3]}', '{"some":[1,2,3]}', {}),
    "or null": ('{"none":5.0}', '{"none":5}', {}),
    "under any name": ('{"x":5.0}', '{"x":5}', {}),
    "deep inside": ('{"inner":{"inner":{"one":7.0}}}', '{"inner":{"inner":{"one":7}}}', {}),
    "money keeps its digits": ('{"one":1.0,"cost":12.00}', '{"one":1,"cost":12.00}', {}),
    "64 bits": ('{"none":18446744073709551615.0}', '{"none":18446744073709551615}', {}),
    "a real fraction": ('{"one":2.50}', '{"one":2.50}', {"/one": "must be integer, got 2.50"}),
    "too much": ('{"some":[101.0]}', '{"some":[101]}', {"/some/0": "must be at most 100, got 101"}),
    "far too much": ('{"none":1E+400}', '{"none":1E+400}', {"/none": "of at most 64 bits, got 1E+400"}),
    "at its end": (
        '{"none":18446744073709551616.0}',
        '{"none":18446744073709551616.0}',
        {"/none": "of at most 64 bits, got 18446744073709551616.0"},
    ),
    "a text": ('{"one":"1.0"}', '{"one":"1.0"}', {"/one": "must be integer, got '1.0'"}),
    "no object": ("1.0", "1.0", {"": "must be object"}),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("what", WHOLE)
def test_a_whole_number_is_one_however_it_is_written(what: str, engine: str) -> None:
    written, whole, wrong = WHOLE[what]
    judge, value = Validator(COUNTS, engine=engine), parse(written)
    assert dump(judge.whole(value)).decode() == whole
    assert dump(value).decode() == written
    assert judge.is_valid(value) is not bool(wrong)
    assert judge.keeps(value) is (not wrong and written == whole)
    found = {problem.canonical: problem.message for problem in judge.problems(value)}
    assert found.keys() == wrong.keys()
    for place, said in wrong.items():
        assert said in found[place]


# A schema -> what keeps it, and what does not, whichever engine is asked. Moments are those of RFC 3339.
AGREED: dict[str, tuple[dict[str, Any], list[Any], list[Any]]] = {
    "moments": (
        {"type": "string", "format": "date-time"},
        [
            *("2016-12-31T23:59:60Z", "2016-12-31t23:59:60.5z", "2016-12-31T18:59:60-05:00"),
            *("2016-12-31T23:58:60+23:59", "9999-12-31T22:59:60-01:00", "0000-12-31T23:59:60Z"),
            *("0000-01-01T00:00:00Z", "0000-02-29T00:00:00Z", "0000-01-01T00:00:00+23:00"),
            *("9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00-00:00"),
        ],
        [
            *("2016-12-31T12:00:60Z", "2016-12-31T23:59:61Z", "9999-12-31T23:59:60-01:00", "2016-12-31T23:59:60+01:00"),
            *("0000-02-30T00:00:00Z", "0000-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z"),
            *("2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+23:60", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00"),
            *("2026-01-01T00:60:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Z\n", "٢026-01-01T00:00:00Z", ""),
        ],
    ),
    "days": (
        {"type": "string", "format": "date"},
        ["0000-01-01", "0000-02-29", "9999-12-31", "2024-02-29"],
        ["2026-02-29", "0000-02-30", "2026-01-01\n", "2026-1-1", "20260101", "2026-00-01", "٢026-01-01", ""],
    ),
    "numbers that are listed": (
        {"enum": [1, 2, "a"]},
        [1, Decimal("1.0"), Decimal("20E-1"), "a"],
        [True, Decimal("1.5"), Decimal(3), "1", "b", None],
    ),
    "a listed number of any kind": ({"type": "number", "enum": [1, 2]}, [2, Decimal("2.0")], [True, Decimal("2.1")]),
    "one number": ({"const": 1}, [1, Decimal("1.00")], [True, Decimal("1.01"), "1"]),
    "a number of a list, and more": ({"enum": [1, [2], None]}, [1, Decimal("1.0"), [2], None], [[3], 2, False]),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("what", AGREED)
def test_the_engines_agree(what: str, engine: str) -> None:
    schema, right, wrong = AGREED[what]
    judge = Validator({"type": "array", "items": schema}, engine=engine)
    assert [one for one in right if not judge.is_valid([one])] == []
    assert [one for one in wrong if judge.is_valid([one])] == []
    assert [one for one in right if judge.problems([one])] == []
    assert [one for one in wrong if len(judge.problems([one])) == 0] == []
    # What is quickly said yes to has its whole numbers as such.
    assert [one for one in right if judge.keeps([one]) and isinstance(one, Decimal)] == []


# ---------------------------------------------------------------- nobody's data in messages

SECRET = "Anna-Peeters"
PERSONAL = [
    pytest.param(document, field, id=f"{document}-{path}")
    for document in DOCUMENTS
    for path, field in document_validator(document).fields.items()
    if field.personal
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("document", "field"), PERSONAL)
def test_a_wrong_personal_value_is_never_in_the_message(document: str, field: Field, engine: str) -> None:
    validator = document_validator(document, engine=engine)
    said: list[Problem] = []
    for wrong in (SECRET + "\x00" * 3000, [SECRET], {"x": SECRET}, {"com.x": [SECRET, 1.5]}):
        said += validator.problems(filled(validator.fields, {field.path: (wrong, None)}))
    assert said
    assert [str(problem) for problem in said if SECRET in str(problem)] == []
