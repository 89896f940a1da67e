"""Each codec alone: what it joins to the digit, what it refuses, and the laws that hold for every value."""

from __future__ import annotations

import decimal as arithmetic
import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapping.tiny import ACTIONS, TENANT, fields_like, mapping, translator
from openreturns._json import dump, parse
from openreturns._schemas import code_list, folder
from openreturns.errors import MappingError
from openreturns.mapping import (
    SAME,
    Bound,
    Codec,
    CodeTable,
    Converter,
    Tenant,
    Translation,
    Translator,
    amount,
    code,
    coded,
    counted,
    day,
    decimal,
    digits,
    eaches,
    epoch,
    lookup,
    minor_amount,
    minor_money,
    money,
    negated,
    pair,
    prefixed,
    timestamp,
)
from openreturns.models import Moment
from openreturns.validation import document_validator

MINIMAL = (folder() / "examples" / "return" / "valid" / "minimal.json").read_text("utf-8")

units = counted("unit")
action = coded("action")
ours = prefixed("tiny-")


@cache
def joining(codec: Codec) -> Translator:
    return translator(mapping(pair("value", "field", codec)))


def read(codec: Codec, native: object, currency: str = "USD") -> Translation:
    return joining(codec).to_canonical({"currency": currency, "field": native})


def write(codec: Codec, canonical: object, currency: str = "USD") -> Translation:
    return joining(codec).to_native({"currency": currency, "value": canonical})


def quantity(value: str, uom: str = "EA") -> dict[str, str]:
    return {"value": value, "uom": uom}


def price(value: str, currency: str) -> dict[str, str]:
    return {"amount": value, "currency": currency}


def said(code: str, word: str) -> dict[str, Any]:
    return {"code": code, "source": {"scheme": "tiny:action", "value": word}}


# (codec, currency, canonical value, the vendor's JSON)
BOTH_WAYS: list[tuple[Codec, str, Any, str]] = [
    (SAME, "USD", "as it is", '"as it is"'),
    (SAME, "USD", ["a", "b"], '["a","b"]'),
    (SAME, "USD", False, "false"),
    (decimal, "USD", "0", "0"),
    (decimal, "USD", "7", "7"),
    (decimal, "USD", "12.50", "12.50"),
    (decimal, "USD", "0.000001", "0.000001"),
    (decimal, "USD", "999999999999999.999999", "999999999999999.999999"),
    (negated, "USD", "0", "0"),
    (negated, "USD", "12.50", "-12.50"),
    (negated, "USD", "999999999999999.999999", "-999999999999999.999999"),
    (eaches, "USD", "0", "0"),
    (eaches, "USD", "999999999999999", "999999999999999"),
    (units, "USD", quantity("3"), "3"),
    (amount, "USD", "241.00", "241.00"),
    (amount, "USD", "0.123456", "0.123456"),
    (amount, "JPY", "241", "241"),
    (amount, "KWD", "1.250", "1.250"),
    (amount, "CLF", "1.2500", "1.2500"),
    (money, "USD", price("0.10", "USD"), "0.10"),
    (money, "JPY", price("999999999999999", "JPY"), "999999999999999"),
    (money, "KWD", price("0.005", "KWD"), "0.005"),
    (minor_amount, "USD", "241.00", "24100"),
    (minor_amount, "USD", "0.05", "5"),
    (minor_amount, "USD", "0.00", "0"),
    (minor_amount, "JPY", "241", "241"),
    (minor_amount, "KWD", "0.001", "1"),
    (minor_amount, "CLF", "1.2500", "12500"),
    (minor_money, "USD", price("9999999999999.99", "USD"), "999999999999999"),
    (minor_money, "JPY", price("0", "JPY"), "0"),
    (minor_money, "KWD", price("1.250", "KWD"), "1250"),
    (digits, "USD", "0", "0"),
    (digits, "USD", "-42", "-42"),
    (digits, "USD", "9" * 18, "9" * 18),
    (ours, "USD", "tiny-42", "42"),
    (timestamp, "USD", "2026-10-05T14:12:00Z", '"2026-10-05T14:12:00Z"'),
    (timestamp, "USD", "2026-10-05T14:12:00.120+02:00", '"2026-10-05T14:12:00.120+02:00"'),
    (timestamp, "USD", "2026-10-05T14:12:00+00:00", '"2026-10-05T14:12:00+00:00"'),
    (epoch("seconds"), "USD", "2026-10-05T14:12:00Z", "1791209520"),
    (epoch("seconds"), "USD", "1969-12-31T23:59:59Z", "-1"),
    (epoch("milliseconds"), "USD", "2026-10-05T14:12:00Z", "1791209520000"),
    (epoch("milliseconds"), "USD", "2026-10-05T14:12:00.120000Z", "1791209520120"),
    (day, "USD", "2026-10-05", '"2026-10-05T00:00:00Z"'),
    (code("unit"), "USD", "EA", '"each"'),
    (lookup("sku"), "USD", "P-100", '"77"'),
    (lookup("sku", native="integer"), "USD", "P-200", "78"),
    (action, "USD", said("restock", "Restock"), '"Restock"'),
    (action, "USD", said("restock", "Put Back"), '"Put Back"'),
    (action, "USD", said("scrap", "dis pose"), '"dis pose"'),
]


def told(row: tuple[Any, ...]) -> str:
    return "-".join(part.name if isinstance(part, Codec) else json.dumps(part)[:30] for part in row)


@pytest.mark.parametrize("row", BOTH_WAYS, ids=told)
def test_a_value_is_the_same_digit_for_digit_both_ways(row: tuple[Codec, str, Any, str]) -> None:
    codec, currency, canonical, native = row
    inward, outward = read(codec, parse(native), currency), write(codec, canonical, currency)
    assert inward.document == {"value": canonical}
    assert dump(outward.document) == b'{"field":' + native.encode() + b"}"
    assert (inward.findings, inward.losses, outward.findings, outward.losses) == ((), (), (), ())


# (codec, currency, the vendor's JSON, canonical value): the vendor's spelling is one of several.
READ_ALSO: list[tuple[Codec, str, str, Any]] = [
    (decimal, "USD", "1e2", "100"),
    (decimal, "USD", "1.50E1", "15.0"),
    (decimal, "USD", "1.0000000000", "1"),
    (decimal, "USD", "0.1000000", "0.1"),
    (decimal, "USD", "-0.0", "0.0"),
    (negated, "USD", "-0.00", "0.00"),
    (negated, "USD", "-1e2", "100"),
    (eaches, "USD", "3.0", "3.0"),
    (amount, "USD", "241", "241.00"),
    (amount, "USD", "241.5", "241.50"),
    (amount, "USD", "241.500000", "241.50"),
    (amount, "JPY", "241.00", "241"),
    (amount, "JPY", "241.50", "241.5"),
    (amount, "KWD", "1.5", "1.500"),
    (amount, "KWD", "0", "0.000"),
    (money, "KWD", "12", price("12.000", "KWD")),
    (timestamp, "USD", '"2026-10-05 14:12:00Z"', "2026-10-05T14:12:00Z"),
    (timestamp, "USD", '"2026-10-05T14:12Z"', "2026-10-05T14:12:00Z"),
    (timestamp, "USD", '"20261005T141200+0200"', "2026-10-05T14:12:00+02:00"),
    (timestamp, "USD", '"2026-10-05T14:12:00,5Z"', "2026-10-05T14:12:00.500000Z"),
    (timestamp, "USD", '"2026-10-05T14:12:00.1234560Z"', "2026-10-05T14:12:00.123456Z"),
    (day, "USD", '"2026-10-05T23:30:00-05:00"', "2026-10-05"),
    (day, "USD", '"2026-10-05"', "2026-10-05"),
    (code("unit"), "USD", '"EACH"', "EA"),
    (code("unit"), "USD", '" e ach "', "EA"),
]


@pytest.mark.parametrize("row", READ_ALSO, ids=told)
def test_another_spelling_of_a_value_is_read_without_changing_it(row: tuple[Codec, str, str, Any]) -> None:
    codec, currency, native, canonical = row
    assert read(codec, parse(native), currency).document == {"value": canonical}


# (codec, the vendor's JSON, a part of what is said): nothing is rounded, cut off or guessed.
REFUSED_IN: list[tuple[Codec, str, str]] = [
    (decimal, "-1", "negative"),
    (decimal, "0.0000001", "6 after the point"),
    (decimal, "1e-7", "6 after the point"),
    (decimal, "1.00000000000000000000000000001", "6 after the point"),
    (decimal, "1000000000000000", "15 digits"),
    (decimal, "1e30", "15 digits"),
    (decimal, '"12.50"', "the text '12.50', not a number"),
    (decimal, "true", "true, not a number"),
    (decimal, "[1]", "a list, not a number"),
    (decimal, '{"is": 1}', "an object, not a number"),
    (decimal, "1e16", "not a decimal number of at most 15 digits"),
    (negated, "12.50", "negative"),
    (negated, "-1.00000000000000000000000000001", "6 after the point"),
    (negated, '"-1"', "the text '-1', not a number"),
    (negated, "true", "true, not a number"),
    (eaches, "-3", "negative"),
    (eaches, '"3"', "the text '3', not a number"),
    (units, "-3", "negative"),
    (units, '"3"', "the text '3', not a number"),
    (amount, "-0.01", "negative"),
    (amount, "0.0000001", "6 after the point"),
    (money, "-0.01", "negative"),
    (money, '"1.00"', "the text '1.00', not a number"),
    (minor_amount, "-1", "negative"),
    (minor_amount, "19.99", "not a whole number of minor units"),
    (minor_money, '"1999"', "the text '1999', not a number"),
    (epoch("seconds"), "4.5", "the number 4.5, not a whole number"),
    (epoch("seconds"), "true", "true, not a whole number"),
    (epoch("seconds"), "1791209520000", ""),
    (epoch("milliseconds"), '"1791209520"', "the text '1791209520', not a whole number"),
    (digits, "4.2", "the number 4.2, not a whole number"),
    (digits, '"42"', "the text '42', not a whole number"),
    (digits, "true", "true, not a whole number"),
    (ours, '"42"', "the text '42', not a whole number"),
    (timestamp, '"2026-10-05T14:12:00"', "no zone"),
    (timestamp, '"2026-02-30T14:12:00Z"', ""),
    (timestamp, '"yesterday"', ""),
    (timestamp, '"2026-10-05T14:12:00.1234567Z"', "finer than a microsecond"),
    (timestamp, '"20261005T141200.1234567Z"', "finer than a microsecond"),
    (timestamp, "1759673520", "the number 1759673520, not a text with date, time and zone"),
    (day, "20261005", "the number 20261005, not a text with a date"),
    (code("unit"), "7", "the number 7, not a text"),
    (lookup("sku"), "77", "the number 77, not a text"),
    (action, "false", "false, not a text"),
    (day, '"2026-02-30T00:00:00Z"', ""),
    (code("unit"), '"pallet"', "add it to the code table 'unit'"),
    (lookup("sku"), '"79"', "add it to the code table 'sku'"),
    (lookup("sku", native="integer"), "79", "add it to the code table 'sku'"),
    (lookup("sku", native="integer"), '"77"', "not a whole number"),
]


@pytest.mark.parametrize("row", REFUSED_IN, ids=told)
def test_a_vendor_value_that_cannot_be_said_is_refused_with_both_places(row: tuple[Codec, str, str]) -> None:
    codec, native, reason = row
    with pytest.raises(MappingError) as raised:
        read(codec, parse(native))
    assert {p.native for p in raised.value.problems} == {"/field"}
    assert {p.canonical.split("/")[1] for p in raised.value.problems} == {"value"}
    assert all(reason in p.message for p in raised.value.problems[:1])
    assert raised.value.kind == "translation"


REFUSED_OUT: list[tuple[Codec, Any, str]] = [
    (decimal, "-1", "not a canonical decimal"),
    (decimal, "1e3", "not a canonical decimal"),
    (decimal, "01", "not a canonical decimal"),
    (decimal, 7, "the number 7, not a decimal written as text"),
    (eaches, [], "a list, not a decimal written as text"),
    (units, "2", "the text '2', not an object with value and uom"),
    (money, "1.00", "the text '1.00', not an object with amount and currency"),
    (digits, 42, "the number 42, not a text"),
    (ours, 42, "the number 42, not a text"),
    (code("unit"), {"code": "EA"}, "an object, not a text"),
    (action, "scrap", "the text 'scrap', not an object with code"),
    (negated, "-1", "not a canonical decimal"),
    (eaches, "2.5", "not a whole number"),
    (eaches, "0.000001", "not a whole number"),
    (units, quantity("2.5"), "not a whole number"),
    (units, quantity("2", "CS"), "in CS, this vendor counts in EA"),
    (money, price("1.00", "EUR"), "in EUR, the document in USD"),
    (minor_amount, "19.999", "not a whole number of minor units, of which USD has 2"),
    (minor_money, price("1.00", "EUR"), "in EUR, the document in USD"),
    (minor_money, price("0.005", "USD"), "not a whole number of minor units"),
    (epoch("seconds"), "2026-10-05T14:12:00.5Z", "finer than seconds"),
    (epoch("milliseconds"), "2026-10-05T14:12:00.0001Z", "finer than milliseconds"),
    (epoch("seconds"), "2026-10-05T14:12:00", "no zone"),
    (digits, "007", "whole-number ids"),
    (digits, "-0", "whole-number ids"),
    (digits, "RMA-1", "whole-number ids"),
    (digits, "", "whole-number ids"),
    (digits, "9" * 19, "whole-number ids"),
    (ours, "other-42", "does not start with"),
    (ours, "tiny-x", "whole-number ids"),
    (code("unit"), "KGM", "no vendor word"),
    (code("action"), "donate", "no vendor word"),
    (lookup("sku"), "P-300", "no vendor word"),
    (action, {"code": "donate"}, "no vendor word"),
]


@pytest.mark.parametrize("row", REFUSED_OUT, ids=told)
def test_a_canonical_value_that_the_vendor_cannot_hold_is_refused(row: tuple[Codec, Any, str]) -> None:
    codec, canonical, reason = row
    with pytest.raises(MappingError) as raised:
        write(codec, canonical)
    [problem] = raised.value.problems
    assert (problem.canonical, problem.native) == ("/value", "/field")
    assert reason in problem.message


# ---------------------------------------------------------------- code tables


def test_an_unknown_word_becomes_the_tables_way_of_saying_so_with_a_finding() -> None:
    seen = read(action, "Send To Mars")
    assert seen.document["value"] == said("pending", "Send To Mars")
    [finding] = seen.findings
    assert (finding.code, finding.native, finding.canonical) == ("unknown_code", "/field", "/value/code")
    assert set(finding.known) == {"Restock", "Put Back", "Dispose", "Hold"}


WORDS_KEPT: list[tuple[Any, str, list[str]]] = [
    ({"code": "restock"}, "Restock", []),
    ({"code": "quarantine"}, "Hold", []),
    (said("pending", "Send To Mars"), "Send To Mars", []),
    (said("scrap", "Send To Mars"), "Dispose", ["/value/source"]),
    (said("scrap", "Put Back"), "Dispose", ["/value/source"]),
    ({"code": "scrap", "source": {"scheme": "erp:reason", "value": "X9"}}, "Dispose", ["/value/source"]),
    ({"code": "recycle"}, "Dispose", ["/value"]),
]


@pytest.mark.parametrize(("value", "word", "lost"), WORDS_KEPT, ids=json.dumps)
def test_the_vendors_own_word_goes_back_and_what_it_cannot_say_is_reported(
    value: Any, word: str, lost: list[str]
) -> None:
    sent = write(action, value)
    assert sent.document == {"field": word}
    assert [loss.canonical for loss in sent.losses] == lost


# ---------------------------------------------------------------- codecs of an adapter's own


def text_of(value: str) -> str:
    return f"text {value}"


def told_by(helper: str, marked: str) -> Codec:
    """A codec whose expression calls two helpers, one by a name that other codecs use too."""

    def mark(value: str) -> str:
        return marked + value

    text = f"text_of({helper}({{v}})) + ' {helper}({helper}'"
    read = Converter(lambda v, env: text_of(mark(v)) + f" {helper}({helper}", text, {helper: mark, "text_of": text_of})
    texts = frozenset({"text"})
    return Codec(marked, texts, texts, lambda tenant: Bound({"": read}, Converter(lambda v, env: v, "{v}")))


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(
    "names", [("of", "of"), ("v", "v"), ("text_of_", "of"), ("of", "_of"), ("source", "env")], ids=str
)
def test_helpers_of_any_name_are_told_apart(names: tuple[str, str], known: bool) -> None:
    first, second = (told_by(name, marked) for name, marked in zip(names, "12", strict=True))
    rules = pair("a", "x", first), pair("b", "x", second), pair("c.d", "x", first), pair("e", "y", second)
    record = {"x": "v", "y": "w"}
    ours = translator(mapping(*rules, directions=("in",)), native=fields_like(record) if known else {})
    one, two = (f" {name}({name}" for name in names)
    expected = {"a": f"text 1v{one}", "b": f"text 2v{two}", "c": {"d": f"text 1v{one}"}, "e": f"text 2w{two}"}
    assert ours.to_canonical(record).document == ours.interpret("in", record)[0] == expected


def test_one_conversion_inside_the_name_of_another_is_left_alone() -> None:
    kinds = frozenset({"text"})

    def helped(name: str, helper: Any) -> Codec:
        read = Converter(lambda v, env: helper(v), f"{name}({{v}})", {name: helper})
        return Codec(name, kinds, kinds, lambda tenant: Bound({"": read}, Converter(lambda v, env: v)))

    inner, outer = helped("of", str.upper), helped("text_of", text_of)
    rules = pair("a", "x", inner), pair("b", "x", inner), pair("c", "x", outer)
    ours = translator(mapping(*rules, directions=("in",)), native=fields_like({"x": "v"}))
    assert ours.to_canonical({"x": "v"}).document == {"a": "V", "b": "V", "c": "text v"}


def test_a_unit_and_a_scheme_may_have_any_letters() -> None:
    odd = "{v}'{"
    table = CodeTable.load("action", {**ACTIONS, "scheme": odd}, system="tiny")
    tenant = Tenant({**TENANT.settings, "unit": odd}, {"action": table})
    rules = mapping(pair("count", "n", counted("unit")), pair("decision", "action", action))
    ours = Translator(rules, tenant, canonical_fields={}, native_fields={})
    document = ours.to_canonical({"n": 2, "action": "Hold"}).document
    assert (document["count"]["uom"], document["decision"]["source"]["scheme"]) == (odd, odd)


# ---------------------------------------------------------------- laws

every = settings(deadline=None, max_examples=100)

CURRENCIES = {row["code"]: int(row["minorUnits"]) for row in code_list("currency")["values"]}
canonical_decimals = st.from_regex(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?", fullmatch=True)
vendor_numbers = st.builds(
    lambda sign, number, exponent: f"{sign}{number}{exponent}",
    st.sampled_from(["", "-"]),
    st.from_regex(r"(0|[1-9][0-9]{0,17})(\.[0-9]{1,32})?", fullmatch=True),
    st.sampled_from(["", "e0", "e-3", "E+2", "e17", "e-30"]),
)
moments = st.datetimes(
    min_value=datetime(1000, 1, 2),  # noqa: DTZ001 - the zone is drawn beside it
    max_value=datetime(2999, 12, 30),  # noqa: DTZ001 - the zone is drawn beside it
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


def sent_and_seen(codec: Codec, canonical: object, currency: str = "USD") -> Any:
    """What a canonical value becomes when it travels to the vendor as bytes and back."""
    return read(codec, parse(dump(write(codec, canonical, currency).document))["field"], currency).document["value"]


@every
@given(text=canonical_decimals, codec=st.sampled_from([decimal, negated]))
def test_a_decimal_comes_back_with_the_same_digits(text: str, codec: Codec) -> None:
    assert sent_and_seen(codec, text) == text


@every
@given(number=vendor_numbers, codec=st.sampled_from([decimal, negated, eaches, amount]))
def test_a_vendor_number_is_read_exactly_or_refused(number: str, codec: Codec) -> None:
    with arithmetic.localcontext(arithmetic.Context(prec=3)):  # arithmetic that rounds would show
        try:
            document = read(codec, parse(number)).document
        except MappingError:
            return
        text = document["value"]
        again = dump(write(decimal, text).document["field"])
    value = Decimal(number)
    assert Decimal(text) == (value.copy_negate() if codec is negated else value)
    assert Decimal(again.decode()) == Decimal(text)
    assert document_validator("return").is_valid(with_unit_price(text))


def with_unit_price(text: str) -> dict[str, Any]:
    document = json.loads(MINIMAL)
    document["lines"][0]["unitPrice"] = {"amount": text, "currency": "EUR"}
    whole: dict[str, Any] = document
    return whole


@every
@given(text=canonical_decimals, currency=st.sampled_from(sorted(CURRENCIES)))
def test_money_comes_back_with_its_value_and_at_least_the_digits_of_its_currency(text: str, currency: str) -> None:
    back = sent_and_seen(money, price(text, currency), currency)
    assert back["currency"] == currency
    assert Decimal(back["amount"]) == Decimal(text)
    assert len(back["amount"].partition(".")[2]) >= CURRENCIES[currency]
    assert sent_and_seen(money, back, currency) == back


@every
@given(text=canonical_decimals, currency=st.sampled_from(sorted(CURRENCIES)))
def test_money_in_minor_units_comes_back_with_its_value_or_is_refused(text: str, currency: str) -> None:
    units = Decimal(text).scaleb(CURRENCIES[currency])
    if units % 1 or units >= 10**15:
        with pytest.raises(MappingError):
            write(minor_money, price(text, currency), currency)
        return
    back = sent_and_seen(minor_money, price(text, currency), currency)
    assert (Decimal(back["amount"]), back["currency"]) == (Decimal(text), currency)
    assert len(back["amount"].partition(".")[2]) == CURRENCIES[currency]


@pytest.mark.parametrize("currency", ["", "XQQ"])
def test_what_a_minor_unit_is_without_a_currency_nobody_says(currency: str) -> None:
    with pytest.raises(MappingError) as raised:
        read(minor_money, 1999, currency)
    assert "minor unit" in raised.value.problems[0].message


@every
@given(text=canonical_decimals)
def test_a_vendor_that_counts_whole_units_gets_them_or_nothing(text: str) -> None:
    if Decimal(text) % 1 == 0:
        assert Decimal(sent_and_seen(units, quantity(text))["value"]) == Decimal(text)
    else:
        with pytest.raises(MappingError):
            write(units, quantity(text))


@every
@given(number=st.integers(-(10**18) + 1, 10**18 - 1))
def test_an_id_comes_back_as_the_same_number(number: int) -> None:
    assert sent_and_seen(digits, str(number)) == str(number)
    assert write(digits, read(digits, number).document["value"]).document == {"field": number}
    assert sent_and_seen(ours, f"tiny-{number}") == f"tiny-{number}"


@every
@given(moment=moments, separator=st.sampled_from("T "), compact=st.booleans())
def test_a_moment_stays_the_same_moment_however_it_is_spelled(moment: datetime, separator: str, compact: bool) -> None:
    text = moment.isoformat(separator)
    if compact:
        text = text.replace(":", "").replace("-", "", 2)
    seen = read(timestamp, text).document["value"]
    assert Moment.parse(seen) == moment
    assert write(timestamp, seen).document["field"] == seen
    assert document_validator("return").is_valid({**json.loads(MINIMAL), "requestedAt": seen})


@every
@given(moment=moments, unit=st.sampled_from(["seconds", "milliseconds"]), fine=st.booleans())
def test_a_counted_moment_is_the_same_moment_and_another_spelling_is_told(
    moment: datetime, unit: str, fine: bool
) -> None:
    codec = epoch(unit)
    if not fine:
        moment = moment.replace(microsecond=0 if unit == "seconds" else moment.microsecond // 1000 * 1000)
    text = moment.isoformat()
    if moment.microsecond % (1_000_000 if unit == "seconds" else 1_000):
        with pytest.raises(MappingError):
            write(codec, text)
        return
    written = write(codec, text)
    seen = read(codec, written.document["field"]).document["value"]
    assert Moment.parse(seen) == moment
    assert [loss.canonical for loss in written.losses] == ([] if seen == text else ["/value"])
    assert write(codec, seen).losses == ()


@every
@given(word=st.sampled_from(sorted(TENANT.tables["action"].read)), data=st.data())
def test_a_word_is_known_in_any_case_and_spacing_and_goes_back_as_it_came(word: str, data: st.DataObject) -> None:
    spelled = "".join(
        data.draw(st.sampled_from(["", " "])) + data.draw(st.sampled_from([letter.upper(), letter.lower()]))
        for letter in word
    )
    seen = read(action, spelled)
    assert seen.document["value"]["code"] == TENANT.tables["action"].read[word]
    assert not seen.findings
    assert write(action, seen.document["value"]).document == {"field": spelled}
