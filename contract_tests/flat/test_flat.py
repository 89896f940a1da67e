"""Rows and lines are records: encodings, delimiters, decimal commas, dates, positions; what is wrong has its row."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openreturns.errors import ContractError, MappingError
from openreturns.flat import delimited, fixed_width
from openreturns.formats import Format
from openreturns.mapping import Tenant

LINE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "sku": {"type": "string", "x-width": 8},
        "count": {"type": "integer", "x-width": 5},
        "price": {"type": ["number", "null"], "x-column": "Preis", "x-width": 9, "x-decimals": 2},
    },
    "required": ["sku", "count"],
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "x-key": ["rma"],
    "properties": {
        "rma": {"type": "string", "x-column": "Retoure", "x-width": 8},
        "day": {"type": "string", "x-column": "Datum", "x-date": "%d.%m.%Y", "x-width": 10},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
    },
    "required": ["rma", "day"],
    "$defs": {"Line": LINE},
}
GERMAN = {"encoding": "cp1252", "delimiter": ";", "decimal": ",", "thousands": ".", "newline": "\r\n"}
RECORD = {
    "rma": "R-1",
    "day": "2026-10-05",
    "lines": [{"sku": "Düse", "count": 2, "price": Decimal("1234.50")}, {"sku": "V-7", "count": 1}],
}


def form(kind: Any = delimited, schema: dict[str, Any] = SCHEMA, **said: object) -> Format:
    found: Format = kind({**schema, "x-flat": said}, Tenant())
    return found


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with prices that have a point."""
    price = {"type": ["number", "null"], "x-column": "Preis"}
    line = {**LINE, "properties": {**LINE["properties"], "price": price}}
    return {**schema, "$defs": {"Line": line}}


def test_rows_with_the_same_key_are_one_record() -> None:
    text = 'Retoure;Datum;sku;count;Preis\r\nR-1;05.10.2026;"Düse";2;1.234,50\r\nR-1;05.10.2026;V-7;1;\r\n'
    german = form(schema=plain(SCHEMA), **GERMAN)
    assert german.read(text.encode("cp1252")) == RECORD
    assert german.read(german.write(RECORD)) == RECORD
    assert german.write(RECORD).startswith(b"Retoure;Datum;sku;count;Preis\r\nR-1;05.10.2026;D\xfcse;2;1234,50\r\n")


def test_columns_may_come_in_any_order_under_their_header() -> None:
    data = b"count,sku,Preis,Datum,Retoure\n2,P-1,1050,05.10.2026,R-1\n"
    assert form().read(data)["lines"] == [{"sku": "P-1", "count": 2, "price": Decimal("10.50")}]


def test_positions_make_a_record_of_lines() -> None:
    fixed = form(fixed_width, encoding="cp1252")
    data = fixed.write(RECORD)
    assert data.decode("cp1252").splitlines() == [
        "R-1     05.10.2026Düse        2000123450",
        "R-1     05.10.2026V-7         1         ",
    ]
    assert fixed.read(data) == RECORD
    assert fixed.read(b"R-1     05.10.2026V-7         1\n")["lines"] == [{"sku": "V-7", "count": 1}]  # blanks cut off


HEAD = "Retoure,Datum,sku,count,Preis\n"
REFUSED: dict[str, tuple[Any, str, str]] = {
    "a column too many": (delimited, HEAD + "R-1,05.10.2026,P-1,2,5,9\n", "/1: has 6 columns, and 5 are agreed"),
    "no number": (delimited, HEAD + "R-1,05.10.2026,P-1,two,5\n", "/1/count: is no number with '.'"),
    "a comma for a point": (delimited, HEAD + 'R-1,05.10.2026,P-1,2,"5,5"\n', "/1/Preis: is no number with '.'"),
    "no day": (delimited, HEAD + "R-1,2026-10-05,P-1,2,5\n", "/1/Datum: is no day written as %d.%m.%Y"),
    "nothing where something must be": (delimited, HEAD + "R-1,05.10.2026,,2,5\n", "/1/sku: is empty"),
    "rows that differ in what they share": (
        delimited,
        HEAD + "R-1,05.10.2026,P-1,2,5\nR-1,06.10.2026,P-2,2,5\n",
        "/2/day: is not what the first row of the record says",
    ),
    "two records": (delimited, HEAD + "R-1,05.10.2026,P-1,2,5\nR-2,05.10.2026,P-1,2,5\n", "there are 2"),
    "no record": (delimited, HEAD, "there are 0"),
    "another header": (delimited, "Retoure,Datum,SKU,count,Preis\n", "without sku and with SKU"),
    "a line too long": (fixed_width, "R-1     05.10.2026P-1         2000000500x\n", "/1: has 1 columns"),
    "an open quote": (delimited, HEAD + 'R-1,05.10.2026,"P-1,2,5\n', "cannot be read"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_makes_no_record_is_refused_with_row_and_column(case: tuple[Any, str, str]) -> None:
    kind, text, said = case
    with pytest.raises(ContractError) as caught:
        form(kind).read(text.encode())
    assert said in str(caught.value)


def test_a_point_is_no_decimal_comma() -> None:
    german = form(schema=plain(SCHEMA), encoding="cp1252", delimiter=";", decimal=",")
    with pytest.raises(ContractError, match="is no number with ','"):
        german.read(b"Retoure;Datum;sku;count;Preis\r\nR-1;05.10.2026;P;2;4.20\r\n")


def test_thousands_are_grouped_in_threes() -> None:
    german = form(schema=plain(SCHEMA), **GERMAN)
    with pytest.raises(ContractError, match="not grouped"):
        german.read(b"Retoure;Datum;sku;count;Preis\r\nR-1;05.10.2026;P;2;12.34\r\n")


def test_a_file_is_cut_into_its_records_and_a_bad_row_spoils_only_its_own() -> None:
    text = HEAD + "R-1,05.10.2026,A,1,\nR-1,05.10.2026,B,1,\nR-2,05.10.2026,C,1\nR-3,05.10.2026,D,1,\n"
    flat = form()
    assert flat.cut is not None
    parts = [data for data, error in flat.cut(BytesIO(text.encode())) if error is None]
    read: list[object] = []
    for data in parts:
        try:
            read.append(flat.read(data)["rma"])
        except ContractError:
            read.append("refused")
    assert read == ["refused", "R-3"]  # nobody knows whose row the short one is: that of R-1, whose rows it follows


def test_a_file_that_ends_in_another_encoding_is_refused_from_there() -> None:
    flat = form()
    assert flat.cut is not None
    found = list(flat.cut(BytesIO((HEAD + "R-1,05.10.2026,D").encode() + b"\xfcse,1,\n")))
    assert [str(error) for _, error in found] == ["from here on the rows cannot be read: they are not utf-8"]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (delimited, {"x-key": []}),
        (fixed_width, {"properties": {"rma": {"type": "string"}}}),
        (delimited, {"properties": {"a": {"type": "array", "items": {}}, "b": {"type": "array", "items": {}}}}),
    ],
)
def test_a_layout_that_cannot_be_is_refused(kind: Any, change: dict[str, Any]) -> None:
    with pytest.raises(MappingError):
        form(kind, {**SCHEMA, **change})


def test_what_a_cell_cannot_hold_is_refused() -> None:
    long = {**RECORD, "rma": "R-123456789"}
    with pytest.raises(ContractError, match="has 11 characters, and 8 in one line are agreed"):
        form(fixed_width).write(long)
    with pytest.raises(ContractError, match="ascii has no character"):
        form(encoding="ascii").write(RECORD)
    with pytest.raises(ContractError, match="more than 2 decimals"):
        form().write({**RECORD, "lines": [{"sku": "P", "count": 1, "price": Decimal("1.005")}]})


def test_a_setting_of_the_tenant_goes_before_the_contract() -> None:
    tenant = Tenant({"delimiter": "|", "header": False})
    piped = delimited(SCHEMA, tenant)
    assert piped.write(RECORD).splitlines()[1] == b"R-1|05.10.2026|V-7|1|"


texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
prices = st.decimals(0, 10**6, places=2, allow_nan=False)
lines: st.SearchStrategy[dict[str, Any]] = st.builds(dict, sku=texts, count=st.integers(0, 10**6), price=prices)


@settings(deadline=None)
@given(rma=texts, found=st.lists(lines, min_size=1, max_size=4), mark=st.sampled_from(",;|\t"))
def test_what_is_written_is_read_again(rma: str, found: list[dict[str, Any]], mark: str) -> None:
    record = {"rma": rma, "day": "2026-10-05", "lines": found}
    flat = form(delimiter=mark)
    assert flat.read(flat.write(record)) == record
