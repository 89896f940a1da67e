"""JSON comes in and goes out to the digit, and what is not JSON is refused with its reason."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openreturns._json import MAX_RECORD_BYTES, dump, parse
from openreturns.errors import ContractError

every = settings(deadline=None, max_examples=300)

EXACT: list[tuple[str, Any]] = [
    ("0", 0),
    ("-7", -7),
    ("9007199254740993", 9007199254740993),
    ("18446744073709551615", 18446744073709551615),
    ("0.1", Decimal("0.1")),
    ("12.50", Decimal("12.50")),
    ("1.0", Decimal("1.0")),
    ("-0.00", Decimal("-0.00")),
    ("0.1000000000000000055511151231257827", Decimal("0.1000000000000000055511151231257827")),
    ("999999999999999.999999", Decimal("999999999999999.999999")),
    ("1e400", Decimal("1E+400")),
    ("1E-400", Decimal("1E-400")),
    ("2.50e+1", Decimal("25.0")),
    ("1e4299", Decimal("1E+4299")),
    ("-1e-4299", Decimal("-1E-4299")),
    ("0e-9999", Decimal("0E-9999")),
    ('"12.50"', "12.50"),
    ('"\\u00e9\\ud83d\\ude00\\/\\n"', "é😀/\n"),
    ('"\\u0000"', "\x00"),
    ("[ 1 ,\t2.0 ]\r\n", [1, Decimal("2.0")]),
    ('{"b":true,"a":null,"":[]}', {"b": True, "a": None, "": []}),
]


@pytest.mark.parametrize(("text", "value"), EXACT, ids=[text for text, _ in EXACT])
def test_a_value_is_read_to_the_digit(text: str, value: Any) -> None:
    for data in (text, text.encode()):
        assert repr(parse(data)) == repr(value)


WRITTEN: list[tuple[Any, str]] = [
    (Decimal("12.50"), "12.50"),
    (Decimal("0.000001"), "0.000001"),
    (Decimal("-0.00"), "-0.00"),
    (Decimal("999999999999999.999999"), "999999999999999.999999"),
    (9007199254740993, "9007199254740993"),
    ({"amount": [Decimal("1.10"), 3]}, '{"amount":[1.10,3]}'),
    ({"b": 1, "a": 2}, '{"b":1,"a":2}'),
    ("é\n", '"é\\n"'),
]


@pytest.mark.parametrize(("value", "text"), WRITTEN, ids=[text for _, text in WRITTEN])
def test_a_value_is_written_to_the_digit(value: Any, text: str) -> None:
    assert dump(value).decode() == text
    assert repr(parse(dump(value, indent=True))) == repr(value)


@pytest.mark.parametrize(
    "value",
    [Decimal("NaN"), Decimal("Infinity"), {1, 2}, b"x", {"a": object()}],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_say_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        dump(value)


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


# What came in -> (kind, a part of what is said)
REFUSED: dict[str, tuple[bytes, str, str]] = {
    "a member named twice": (b'{"a":1,"b":2,"a":1}', "json", "a"),
    "twice, deep inside": (b'{"lines":[{"sku":"P"},{"sku":"P","sku":"Q"}]}', "json", "sku"),
    "twice, once spelled with an escape": (b'{"a":1,"\\u0061":1}', "json", "a"),
    "not a number": (b'{"amount":NaN}', "json", ""),
    "infinity": (b'{"amount":Infinity}', "json", ""),
    "minus infinity": (b"[-Infinity]", "json", ""),
    "a zero in front": (b"[01]", "json", ""),
    "a plus in front": (b"[+1]", "json", ""),
    "a point in front": (b"[.5]", "json", ""),
    "a point at the end": (b"[1.]", "json", ""),
    "a number in words of another base": (b"[0x10]", "json", ""),
    "digits of another script": ("[٣]".encode(), "json", ""),
    "an exponent nobody can work with": (b'{"a":[0,{"b/c":1e99999999}]}', "json", "1e99999999 at /a/1/b~1c is beyond"),
    "one too many": (b"[1e4300]", "json", "1e4300 at /0 is beyond 4,300 digits"),
    "one too small": (b"-1e-4300", "json", "-1e-4300 at its root is beyond 4,300 digits"),
    "a zero with such an exponent": (b"[0e99999999]", "json", "0e99999999 at /0"),
    "an exponent beyond any": (b"[1e-99999999999999999999]", "json", "1e-99999999999999999999 at /0"),
    "a number of thousands of digits": (b"[1.5," + b"7" * 9000 + b".5]", "json", "7... at /1"),
    "a whole number beyond 64 bits": (b'{"a":18446744073709551616}', "json", "64-bit"),
    "a comma too many": (b"[1,]", "json", ""),
    "a comma too many in an object": (b'{"a":1,}', "json", ""),
    "single quotes": (b"{'a':1}", "json", ""),
    "a comment": (b"[1] // one", "json", ""),
    "a second value": (b"{} {}", "json", ""),
    "cut off": (b'{"a":[1,2', "json", ""),
    "cut off in a text": (b'{"a":"x', "json", ""),
    "a line end in a text": (b'"a\nb"', "json", ""),
    "half a surrogate pair": (b'"\\ud800"', "json", ""),
    "an unknown escape": (b'"\\x41"', "json", ""),
    "Python": (b"{'a': None}", "json", ""),
    "nothing": (b"", "json", "empty"),
    "only spaces": (b" \n\t", "json", "empty"),
    "nested without end": (nested(100_000), "json", ""),
    "lists nested without end": (b"[" * 1_000_000, "json", ""),
    "a UTF-8 byte order mark": (b"\xef\xbb\xbf{}", "encoding", "UTF-8 byte order mark"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "encoding", "UTF-16 byte order mark"),
    "UTF-16, the other way round": (b"\xfe\xff\x00{\x00}", "encoding", "UTF-16 byte order mark"),
    "Latin-1": ('{"name":"Jos\xe9"}'.encode("latin-1"), "encoding", "byte 12"),
    "bytes that are no text": (b'"\xc0\x80"', "encoding", "byte 1"),
    "an encoded surrogate": (b'"\xed\xa0\x80"', "encoding", "byte 1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_json_is_refused_with_the_reason(what: str) -> None:
    data, kind, said = REFUSED[what]
    with pytest.raises(ContractError) as raised:
        parse(data)
    assert raised.value.kind == kind
    assert said in str(raised.value)
    assert len(str(raised.value)) < 300


def test_a_text_with_half_a_character_is_refused() -> None:
    with pytest.raises(ContractError) as raised:
        parse('"\ud800"')
    assert raised.value.kind == "encoding"


def test_an_error_about_the_form_holds_no_value() -> None:
    with pytest.raises(ContractError) as raised:
        parse(b'{"name":"Anna Peeters","name":"Ben"}')
    assert "Anna" not in str(raised.value)
    assert "Ben" not in str(raised.value)


@pytest.mark.parametrize("levels", [1, 50, 150])
def test_documents_may_nest(levels: int) -> None:
    assert dump(parse(nested(levels))) == nested(levels)


def test_the_size_limit_is_exact() -> None:
    data = b'{"a":"' + b"x" * 100 + b'"}'
    assert parse(data, limit=len(data)) == {"a": "x" * 100}
    with pytest.raises(ContractError) as raised:
        parse(data, limit=len(data) - 1)
    assert raised.value.kind == "size"
    assert f"{len(data)} bytes" in str(raised.value)


def test_a_text_is_as_long_as_its_bytes() -> None:
    with pytest.raises(ContractError) as raised:
        parse('"éé"', limit=5)
    assert raised.value.kind == "size"


def test_a_record_beyond_the_usual_limit_is_refused() -> None:
    with pytest.raises(ContractError) as raised:
        parse(b" " * (MAX_RECORD_BYTES + 1))
    assert raised.value.kind == "size"


# ---------------------------------------------------------------- laws

numbers = st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
spaces = st.sampled_from(["", " ", "\n\t"])


def plainly(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


leaves = st.sampled_from(["true", "false", "null"]) | numbers | texts.map(json.dumps) | texts.map(plainly)


def lists(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda inner, gap: f"[{gap}{f',{gap}'.join(inner)}]{gap}", st.lists(items, max_size=4), spaces)


def objects(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def written(members: dict[str, str], gap: str) -> str:
        return f"{{{gap}{','.join(f'{json.dumps(name)}{gap}:{value}' for name, value in members.items())}}}{gap}"

    return st.builds(written, st.dictionaries(texts, items, max_size=4), spaces)


documents = st.recursive(leaves, lambda inner: lists(inner) | objects(inner), max_leaves=20)


def judged(text: str) -> Any:
    """What Python's own reader says, slow and sure."""
    return json.loads(text, parse_float=Decimal)


def read(data: bytes | str) -> Any:
    try:
        return parse(data)
    except ContractError:
        return ContractError


@every
@given(text=documents)
def test_a_document_is_what_pythons_own_reader_says(text: str) -> None:
    value = read(text)
    if value is ContractError:  # an integer beyond 64 bits is refused, never cut
        assert any(abs(number) >= 2**63 for number in integers(judged(text)))
    else:
        assert repr(value) == repr(judged(text))
        assert digits(judged(dump(value).decode())) == digits(value)


def digits(value: Any) -> Any:
    """The value with each number as its digits: 5e0 is 5, and -0e0 is 0."""
    if isinstance(value, dict):
        return {name: digits(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [digits(inner) for inner in value]
    if type(value) in (int, Decimal):
        return str(value if value else abs(value))
    return repr(value)


def integers(value: Any) -> list[int]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for inner in value for number in integers(inner)]
    return [value] if type(value) is int else []


@every
@given(text=documents, at=st.integers(0, 200), put=st.sampled_from([b"", b",", b'"', b"{", b"]", b"0", b"\xff", b"\\"]))
def test_a_damaged_document_is_refused_or_read_as_what_it_says_now(text: str, at: int, put: bytes) -> None:
    data = text.encode()
    at %= len(data) + 1
    data = data[:at] + put + data[at + 1 :]
    value = read(data)
    if value is not ContractError:
        assert repr(value) == repr(judged(data.decode()))


@every
@given(data=st.binary(max_size=30))
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    value = read(data)
    assert value is ContractError or repr(value) == repr(judged(data.decode()))
