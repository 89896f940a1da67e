"""Everything wrong with a record is told at once, with the place on both sides; a traceback shows the line."""

from __future__ import annotations

import gc
import linecache
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from mapping.tiny import mapping, translator
from openreturns.errors import ContractError, MappingError
from openreturns.mapping import (
    CodeTable,
    Environment,
    Tenant,
    code,
    coded,
    constant,
    counted,
    decimal,
    digits,
    each,
    fields,
    numbered,
    one_of,
    one_way_in,
    one_way_out,
    pair,
    prefixed,
    when,
)
from openreturns.mapping._rules import Direction, parse_path

Record = dict[str, Any]


def strict_count(record: Any, environment: Any) -> int:
    if record["n"] > 9:
        raise ValueError("more than nine fit no box")
    return int(record["n"])


def unusable(record: Any, environment: Any) -> object:
    raise ValueError("a credit to a vendor is another record")


@dataclass(frozen=True)
class Wrong:
    """A record that cannot be translated, and the problems: code, canonical place, vendor place."""

    what: str
    rules: tuple[Any, ...]
    way: Direction
    source: Record
    problems: tuple[tuple[str, str, str], ...]
    more: tuple[tuple[str, Any], ...] = ()


LINES = each(
    "lines", "goods", pair("lineId", "no", digits), pair("asked", "n", counted("unit")), pair("uom", "u", code("unit"))
)
CASES = one_of(
    when(pair("days", "plus"), canonical=("effect", "up"), native=("sign.id", "+")),
    when(pair("days", "minus"), canonical=("effect", "down"), native=("sign.id", "-")),
)

WRONG = [
    Wrong(
        "one field",
        (pair("number", "id", digits),),
        "in",
        {"id": "x"},
        (("value", "/number", "/id"),),
    ),
    Wrong(
        "all fields at once, and in every element",
        (pair("number", "id", digits), pair("price", "p", decimal), LINES),
        "in",
        {
            "id": "x",
            "p": -1,
            "goods": [
                {"no": 1, "n": 1, "u": "each"},
                {"no": "2", "n": 2, "u": "each"},
                {"no": 3, "n": -3, "u": "crate"},
            ],
        },
        (
            ("value", "/number", "/id"),
            ("value", "/price", "/p"),
            ("value", "/lines/1/lineId", "/goods/1/no"),
            ("value", "/lines/2/asked/value", "/goods/2/n"),
            ("unknown_code", "/lines/2/uom", "/goods/2/u"),
        ),
    ),
    Wrong(
        "and writing",
        (pair("number", "id", digits), LINES),
        "out",
        {
            "number": "RMA-1",
            "lines": [
                {"lineId": "1", "asked": {"value": "1", "uom": "EA"}, "uom": "EA"},
                {"lineId": "x", "asked": {"value": "1", "uom": "CS"}, "uom": "KGM"},
            ],
        },
        (
            ("value", "/number", "/id"),
            ("value", "/lines/1/lineId", "/goods/1/no"),
            ("value", "/lines/1/asked", "/goods/1/n"),
            ("no_vendor_word", "/lines/1/uom", "/goods/1/u"),
        ),
    ),
    Wrong(
        "the place in our list skips what belongs to another rule",
        (each("lines", "rows", pair("lineId", "no", digits), where_in=lambda item, env: item["kind"] == "goods"),),
        "in",
        {"rows": [{"kind": "fee", "no": "x"}, {"kind": "goods", "no": "x"}]},
        (("value", "/lines/0/lineId", "/rows/1/no"),),
    ),
    Wrong(
        "the second rule of a shared list goes on counting",
        (
            each("rows", "lines", pair("id", "no", digits)),
            each("rows", "fees", pair("id", "no", digits), where_in=lambda item, env: True),
        ),
        "in",
        {"lines": [{"no": 1}, {"no": 2}], "fees": [{"no": "x"}]},
        (("value", "/rows/2/id", "/fees/0/no"),),
    ),
    Wrong(
        "an object that is none",
        (pair("number", "head.id"), pair("note", "memo")),
        "in",
        {"head": "x", "memo": "m"},
        (("type", "/number", "/head"),),
    ),
    Wrong(
        "an object that is none, in an element of a list",
        (each("lines", "goods", pair("lineId", "no", digits), pair("uom", "pack.unit", code("unit"))),),
        "in",
        {"goods": [{"no": 1, "pack": {"unit": "each"}}, {"no": 2, "pack": "each"}]},
        (("type", "/lines/1/uom", "/goods/1/pack"),),
    ),
    Wrong(
        "a selected element of what is no list",
        (pair("refs[type=shipment].id", "no", digits), pair("number", "id")),
        "out",
        {"refs": {"type": "shipment", "id": "8"}, "number": "x"},
        (("type", "/refs", "/no"),),
    ),
    Wrong(
        "a list to select from, with an element that is no object",
        (pair("refs[type=shipment].id", "no", digits), pair("refs[type=order].id", "order")),
        "out",
        {"refs": [{"type": "order", "id": "7"}, "shipment 8", {"type": "shipment", "id": "8"}]},
        (("type", "/refs/1", "/no"),),
    ),
    Wrong(
        "an element that is no object",
        (LINES,),
        "in",
        {"goods": [{"no": 1, "n": 1, "u": "each"}, None, "x", {"no": "x", "n": 1, "u": "each"}]},
        (
            ("type", "/lines", "/goods/1"),
            ("type", "/lines", "/goods/2"),
            ("value", "/lines/1/lineId", "/goods/3/no"),
        ),
    ),
    Wrong(
        "a selected element, by its place in the list",
        (pair("refs[type=shipment].id", "no", digits),),
        "out",
        {"refs": [{"type": "order", "id": "7"}, {"type": "shipment", "id": "x"}]},
        (("value", "/refs/1/id", "/no"),),
    ),
    Wrong(
        "no case fits",
        (CASES, pair("number", "id", digits)),
        "in",
        {"sign": {"id": "?"}, "id": "x"},
        (("value", "", ""), ("value", "/number", "/id")),
    ),
    Wrong(
        "no case fits an element",
        (each("lines", "goods", CASES),),
        "out",
        {"lines": [{"effect": "up"}, {}]},
        (("value", "/lines/1", "/goods/1"),),
    ),
    Wrong(
        "a function that says no",
        (one_way_in("boxes", strict_count, ["n"]),),
        "in",
        {"n": 10},
        (("value", "/boxes", ""),),
    ),
    Wrong(
        "a function that finds nothing to read",
        (one_way_out("boxes", strict_count, ["n"]),),
        "out",
        {},
        (("missing", "", "/boxes"),),
    ),
    Wrong(
        "a function that makes too few values",
        (one_way_in(["boxes", "total"], lambda record, environment: ("2",), ["n"]),),
        "in",
        {"n": 10},
        (("value", "/boxes", ""),),
    ),
    Wrong(
        "a function that makes nothing where several are wanted",
        (one_way_in(["boxes", "total"], lambda record, environment: None, ["n"]),),
        "in",
        {"n": 10},
        (("value", "/boxes", ""),),
    ),
    Wrong(
        "a guard, and the fields beside it",
        (pair("number", "id", digits),),
        "out",
        {"number": "x"},
        (("document", "", ""), ("value", "/number", "/id")),
        (("guards_out", (unusable,)),),
    ),
    Wrong(
        "a guard when reading",
        (pair("number", "id"),),
        "in",
        {"id": "x"},
        (("document", "", ""),),
        (("guards_in", (unusable,)),),
    ),
]


BARE = each("lines", "goods", numbered("lineId"), where_in=lambda item, env: True)  # which looks at no element


@pytest.mark.parametrize("rule", [LINES, BARE], ids=["lines", "looks at nothing"])
@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"no": 1, "n": 2, "u": "each"}, "an object"),
        ({}, "an object"),
        ("each", "a text"),
        ("", "a text"),
        (7, "a number"),
    ],
    ids=str,
)
def test_what_stands_where_a_list_should_is_one_problem(rule: Any, value: object, what: str) -> None:
    with pytest.raises(MappingError) as raised:
        translator(mapping(rule)).to_canonical({"goods": value})
    [problem] = raised.value.problems
    assert (problem.code, problem.canonical, problem.native) == ("type", "/lines", "/goods")
    assert problem.message == f"is not a list but {what}"


@pytest.mark.parametrize("record", [[], "x", 7], ids=str)
def test_a_record_that_is_no_object_is_one_problem(record: Any) -> None:
    with pytest.raises(MappingError) as raised:
        translator(mapping(pair("number", "id"), LINES)).interpret("in", record)
    assert [problem.code for problem in raised.value.problems][-1:] == ["type"]
    assert "is not an object but" in str(raised.value)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.what)
def test_everything_wrong_is_told_with_both_places(wrong: Wrong) -> None:
    ours = translator(mapping(*wrong.rules, **dict(wrong.more)))
    with pytest.raises(MappingError) as raised:
        (ours.to_canonical if wrong.way == "in" else ours.to_native)(wrong.source)
    assert [(p.code, p.canonical, p.native) for p in raised.value.problems] == list(wrong.problems)
    assert all(p.message for p in raised.value.problems)
    assert raised.value.kind == "translation"
    assert not raised.value.retryable


def test_an_error_names_the_rule_and_what_would_be_known() -> None:
    with pytest.raises(MappingError) as raised:
        translator(mapping(pair("uom", "unit", code("unit")))).to_canonical({"unit": "crate"})
    [problem] = raised.value.problems
    assert problem.rule == "uom = unit (code unit)"
    assert problem.known == ("case", "each")
    assert "/uom <- /unit: 'crate'" in str(raised.value)


def test_an_error_of_decimal_arithmetic_is_told_in_words() -> None:
    total = one_way_in("total", lambda record, environment: str(record["a"] * record["b"]), ["a", "b"])
    with pytest.raises(MappingError) as raised:
        translator(mapping(total)).to_canonical({"a": Decimal("1E+999999"), "b": Decimal("1E+999999")})
    [problem] = raised.value.problems
    assert str(problem) == "/total: its numbers cannot be reckoned with: Overflow"


def test_no_error_repeats_what_names_a_person() -> None:
    contract = {"type": "object", "properties": {"customer": {"type": "string", "x-personal-data": True}}}
    rules = mapping(pair("customer", "name", digits), pair("lineId", "no", digits))
    ours = translator(rules, canonical=fields(contract))
    with pytest.raises(MappingError) as raised:
        ours.to_native({"customer": "Jane Roe", "lineId": "twelve"})
    assert "Jane" not in str(raised.value)
    assert "twelve" in str(raised.value)
    assert [(p.canonical, p.native) for p in raised.value.problems] == [("/customer", "/name"), ("/lineId", "/no")]


@pytest.mark.parametrize("way", ["in", "out"])
def test_a_direction_that_is_not_declared_is_refused(way: Direction) -> None:
    ours = translator(mapping(pair("number", "id"), directions=("out" if way == "in" else "in",)))
    with pytest.raises(MappingError) as raised:
        (ours.to_canonical if way == "in" else ours.to_native)({})
    assert raised.value.kind == "declaration"


def test_a_traceback_shows_the_line_of_the_compiled_mapping_that_failed() -> None:
    ours = translator(mapping(each("lines", "goods", pair("lineId", "no", digits))))
    source = ours.compiled["in"].source
    another = translator(mapping(constant(canonical="type", value="credit"), pair("number", "id")))
    assert another.compiled["in"].source != source  # of the same ends, as of another adapter
    with pytest.raises(TypeError) as raised:
        ours.compiled["in"].run({"goods": [{"no": "x"}]}, Environment(Tenant(), {}, {}))
    frames = traceback.extract_tb(raised.value.__traceback__)
    compiled = [frame for frame in frames if frame.filename.startswith("<openreturns")]
    assert [frame.filename.rpartition(" ")[0] for frame in compiled] == ["<openreturns tiny in return"]
    assert compiled[0].lineno is not None
    assert source.splitlines()[compiled[0].lineno - 1].strip() == compiled[0].line
    assert "digits" in str(compiled[0].line)


def test_a_compiled_mapping_that_nobody_has_leaves_no_lines_behind() -> None:
    def shown() -> set[str]:
        gc.collect()
        return {file for file in linecache.cache if str(file).startswith("<openreturns")}

    before = shown()
    ours = translator(mapping(pair("number", "id")))
    assert ours.to_canonical({"id": "1"}).document == {"number": "1"}
    assert len(shown() - before) == 2
    del ours
    assert shown() <= before


READ: dict[str, Any] = {"only": "read"}

# (what is called, with what, what it says)
DECLARATIONS: list[tuple[Callable[..., object], tuple[Any, ...], str]] = [
    (pair, ("status", "state", code), "pair status <- state: the codec must be made, as in code('state')"),
    (pair, ("a.b", "x.state", coded), "pair a.b <- x.state: the codec must be made, as in coded('state')"),
    (pair, ("asked", "n", counted), "pair asked <- n: the codec must be made, as in counted('unit')"),
    (pair, ("id", "no", prefixed), "pair id <- no: the codec must be made, as in prefixed('prefix')"),
    (pair, ("id", "no", "digits"), "pair id <- no: 'digits' is no codec"),
    (partial(each, **READ), ("ids", "nos"), "each ids <- nos: only is 'in' or 'out', not 'read'"),
    (partial(pair, **READ), ("id", "no"), "pair id <- no: only is 'in' or 'out', not 'read'"),
    (partial(constant, value=1), (), "a constant names one side, canonical or native"),
    (parse_path, ("lines[].item.sku",), "'lines[].item.sku' is not a path; lists are joined with each()"),
    (parse_path, ("lines[]",), "'lines[]' is not a path; lists are joined with each()"),
    (parse_path, ("lines..sku",), "'lines..sku' is not a path"),
]


@pytest.mark.parametrize(("declare", "what", "message"), DECLARATIONS, ids=[row[2] for row in DECLARATIONS])
def test_a_wrong_declaration_says_how_it_should_be(
    declare: Callable[..., object], what: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(MappingError) as raised:
        declare(*what)
    assert raised.value.kind == "declaration"
    assert str(raised.value) == message


PATHS = ["", "a.", ".a", "a..b", "a[", "a[k]b", "a[=v]", "a[k=]", "a[k=v", "a[k=v]x", "[k=v]"]


@pytest.mark.parametrize("path", PATHS)
def test_what_is_not_a_path_is_a_wrong_declaration(path: str) -> None:
    with pytest.raises(MappingError) as raised:
        parse_path(path)
    assert raised.value.kind == "declaration"


# (what a tenant's file says of the code table "state", what is said of it)
TABLES: list[tuple[Any, str]] = [
    ({"raed": {"Open": "open"}}, "'raed' is not one of read, write, unknown, refused, scheme, proposed"),
    ({"read": 5}, "read is a table of vendor words and codes, not 5"),
    ({"read": ["Open"]}, "read is a table of vendor words and codes, not ['Open']"),
    ({"read": {"Open": ["open"]}}, "read 'Open' is ['open'], neither a text nor a whole number"),
    ({"read": {"Open": True}}, "read 'Open' is True, neither a text nor a whole number"),
    ({"read": {"Open": 1.5}}, "read 'Open' is 1.5, neither a text nor a whole number"),
    ({"write": {"open": {}}}, "write 'open' is {}, neither a text nor a whole number"),
    ({"unknown": ["other"]}, "unknown is a text, not ['other']"),
    ({"scheme": 7}, "scheme is a text, not 7"),
    ({"refused": "donate"}, "refused is a list of codes, not 'donate'"),
    ({"refused": [7]}, "refused is a list of codes, not [7]"),
    ("Open", "is not a table but 'Open'"),
    (
        {"raed": {}, "refused": "donate"},
        "'raed' is not one of read, write, unknown, refused, scheme, proposed; "
        "refused is a list of codes, not 'donate'",
    ),
]


@pytest.mark.parametrize(("data", "message"), TABLES, ids=[message for _, message in TABLES])
def test_a_code_table_that_nobody_could_mean_is_refused(data: Any, message: str) -> None:
    with pytest.raises(MappingError) as raised:
        CodeTable.load("state", data, system="tiny")
    assert raised.value.kind == "setting"
    assert str(raised.value) == f"code table 'state': {message}"


def test_a_code_table_may_say_ids_as_numbers() -> None:
    table = CodeTable.load("sku", {"read": {77: "P-100"}, "write": {"P-200": 78}}, system="tiny")
    assert (table.code("77"), table.word("P-200")) == ("P-100", "78")


TENANTS: list[tuple[Any, str]] = [
    (pair("asked", "n", counted("unit")), "setting 'unit' is not configured; there are: other"),
    (pair("uom", "u", code("unit")), "code table 'unit' is not configured; there are: words"),
]


@pytest.mark.parametrize(("rule", "message"), TENANTS, ids=["setting", "code table"])
def test_what_the_tenant_did_not_configure_is_named(rule: Any, message: str) -> None:
    from openreturns.mapping import Translator

    tenant = Tenant({"other": "1"}, {"words": CodeTable.load("words", {}, system="tiny")})
    ours = Translator(mapping(rule), tenant, canonical_fields={}, native_fields={})
    with pytest.raises(MappingError) as raised:
        ours.to_canonical({"n": 1, "u": "each"})
    assert raised.value.kind == "setting"
    assert message in str(raised.value)


def test_a_document_that_lacks_what_its_contract_requires_is_told_and_where() -> None:
    """Compiled rules rely on what the contract requires; whoever skipped the check is told the same."""
    contract = {
        "type": "object",
        "required": ["status", "lines"],
        "properties": {
            "status": {"type": "string"},
            "lines": {
                "type": "array",
                "items": {"type": "object", "required": ["lineId"], "properties": {"lineId": {"type": "string"}}},
            },
        },
    }
    ours = translator(
        mapping(pair("status", "state"), each("lines", "goods", pair("lineId", "no"))), canonical=fields(contract)
    )
    with pytest.raises(ContractError) as raised:
        ours.to_native({"lines": [{"lineId": "1"}, {}]})
    assert [(p.code, p.canonical) for p in raised.value.problems] == [
        ("required", "/status"),
        ("required", "/lines/1/lineId"),
    ]
