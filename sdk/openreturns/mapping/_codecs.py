"""Two-way value codecs: one small record each, pure, exact, and tested alone.

Reading turns a vendor value into canonical parts (a plain field has one), writing turns the canonical value
into the vendor's. Both raise ValueError, TypeError or MappingError for a value they cannot say on the other
side; they never guess and never round.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from openreturns._schemas import code_list

if TYPE_CHECKING:
    from openreturns.mapping._environment import CodeTable, Environment, Tenant

__all__ = [
    "SAME",
    "Bound",
    "Codec",
    "Converter",
    "amount",
    "code",
    "coded",
    "counted",
    "day",
    "decimal",
    "digits",
    "eaches",
    "epoch",
    "lookup",
    "minor_amount",
    "minor_money",
    "money",
    "negated",
    "prefixed",
    "timestamp",
]


@dataclass(frozen=True, slots=True)
class Converter:
    """One direction: a function of (value, environment), and where it is shorter the same as an expression.

    The expression is Python over `{v}` (the value) and `env`; `names` are the other names in it.
    """

    call: Callable[[Any, Environment], Any]
    expression: str = ""
    names: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """A codec bound to a tenant: the canonical parts by path below the field (`""` is the field), and back."""

    parts: Mapping[str, Converter]
    write: Converter


@dataclass(frozen=True, slots=True)
class Codec:
    """A named pair of conversions.

    `canonical` and `native` are the kinds of field it fits on each side (`_fields.Field.kind`; a canonical
    object by the name of its definition). `covers` are the parts of a canonical object it carries, `table`
    the code table it needs.
    """

    name: str
    canonical: frozenset[str]
    native: frozenset[str]
    bind: Callable[[Tenant], Bound]
    covers: tuple[str, ...] = ("",)
    table: str = ""


def _plain(name: str, canonical: str, native: str, read: Converter, write: Converter) -> Codec:
    bound = Bound({"": read}, write)
    return Codec(name, frozenset(canonical.split()), frozenset(native.split()), lambda tenant: bound)


def _call(function: Callable[[Any], Any], name: str, quick: str = "") -> Converter:
    """Return a converter by a function; `quick` says the same for the usual value, without a call."""
    text = f"{name}({{v}})"
    return Converter(lambda value, env: function(value), f"({quick} else {text})" if quick else text, {name: function})


_AS_IS = Converter(lambda value, env: value, "{v}")
_EVERY_KIND = "text code decimal timestamp date integer boolean array map"

SAME = _plain("same", _EVERY_KIND, "text code timestamp date integer boolean array", _AS_IS, _AS_IS)
"""The same value on both sides."""


def _other(value: object, wanted: str) -> TypeError:
    """Return what to raise for a value of another kind than the one that is wanted."""
    if isinstance(value, (dict, list)):
        said = "an object" if isinstance(value, dict) else "a list"
    elif isinstance(value, str):
        said = f"the text {value!r:.40}"
    else:
        said = str(value).lower() if isinstance(value, bool) else f"the number {value!s:.40}"
    return TypeError(f"{said}, not {wanted}")


# --- numbers -----------------------------------------------------------------------------------------------

_is_decimal = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?").fullmatch


def _text_of(value: int | Decimal) -> str:
    """Return the canonical text of a non-negative number, digit for digit."""
    if type(value) is int:
        if 0 <= value < 10**15:
            return str(value)
        text = str(value)
    elif not isinstance(value, Decimal):
        raise _other(value, "a number")
    elif value.is_finite() and -40 < value.adjusted() < 15:
        text = f"{value if value else value.copy_abs():f}"  # some systems write zero as -0.0
    else:
        raise ValueError(f"{value!s:.40} is not a decimal number of at most 15 digits before the point")
    if not _is_decimal(text):
        text = text.rstrip("0").rstrip(".") if "." in text else text
        if not _is_decimal(text):
            raise ValueError(f"{text:.40} is negative or has more than 15 digits before or 6 after the point")
    return text


def _number_of(text: str) -> Decimal:
    if not isinstance(text, str):
        raise _other(text, "a decimal written as text")
    if not _is_decimal(text):
        raise ValueError(f"{text!s:.40} is not a canonical decimal")
    return Decimal(text)


def _negative_text(value: int | Decimal) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise _other(value, "a number")
    return _text_of(value.copy_negate() if isinstance(value, Decimal) else -value)  # a minus sign would round


def _negative(text: str) -> Decimal:
    value = _number_of(text)
    return value.copy_negate() if value else value


def _whole(text: str) -> int:
    value = _number_of(text)
    if value != value.to_integral_value():
        raise ValueError(f"{text} is not a whole number, and this vendor counts in whole units")
    return int(value)


_read_decimal = _call(_text_of, "text_of", f"str({{v}}) if type({{v}}) is int and 0 <= {{v}} < {10**15}")

decimal = _plain("decimal", "decimal", "number integer", _read_decimal, _call(_number_of, "number_of"))
"""Canonical decimal text and a vendor's JSON number, digit for digit."""

negated = _plain(
    "negated",
    "decimal",
    "number integer",
    _call(_negative_text, "negative_text"),
    _call(_negative, "negative"),
)
"""Canonical decimal text and a vendor's negative number; the case it stands in says why it is negative."""

eaches = _plain("eaches", "decimal", "integer number", _read_decimal, _call(_whole, "whole"))
"""Canonical decimal text and a vendor's whole number; a fraction is refused, not rounded."""


def counted(unit: str) -> Codec:
    """Join a Quantity to a whole number of the one unit that the tenant's setting `unit` names."""

    def bind(tenant: Tenant) -> Bound:
        uom = str(tenant.setting(unit))

        def write(value: Mapping[str, str]) -> int:
            if not isinstance(value, dict):
                raise _other(value, "an object with value and uom")
            if value["uom"] != uom:
                raise ValueError(f"the quantity is in {value['uom']}, this vendor counts in {uom}")
            return _whole(value["value"])

        return Bound({"value": _read_decimal, "uom": _fixed(uom)}, _call(write, "counted"))

    kinds = frozenset({"Quantity"}), frozenset({"integer"})
    return Codec(f"counted in {unit}", *kinds, bind, covers=("value", "uom"))


def _fixed(value: str) -> Converter:
    return Converter(lambda _value, env: value, repr(value).replace("{", "{{").replace("}", "}}"))


# --- money -------------------------------------------------------------------------------------------------


@cache
def _minor_units(currency: str) -> int:
    listed = {value["code"]: int(value["minorUnits"]) for value in code_list("currency")["values"]}
    return listed.get(currency, 0)


def _amount_text(value: int | Decimal, currency: str) -> str:
    """Return an amount with the digits of its currency: 241.0 USD is 241.00. Never rounds."""
    whole, _, fraction = _text_of(value).partition(".")
    fraction = fraction.rstrip("0").ljust(_minor_units(currency), "0")
    return f"{whole}.{fraction}" if fraction else whole


_read_amount = Converter(
    lambda value, env: _amount_text(value, env.currency),
    "amount_text({v}, env.currency)",
    {"amount_text": _amount_text},
)

amount = _plain("amount", "decimal", "number integer", _read_amount, _call(_number_of, "number_of"))
"""A decimal amount in the document's currency, spelled with that currency's digits."""


def _bare_amount(value: Mapping[str, str], env: Environment) -> Decimal:
    if not isinstance(value, dict):
        raise _other(value, "an object with amount and currency")
    if value["currency"] != env.currency:
        raise ValueError(f"the amount is in {value['currency']}, the document in {env.currency or 'none'}")
    return _number_of(value["amount"])


money = Codec(
    "money",
    frozenset({"Money"}),
    frozenset({"number", "integer"}),
    lambda tenant: Bound(
        {"amount": _read_amount, "currency": Converter(lambda value, env: env.currency, "env.currency")},
        Converter(_bare_amount, "bare_amount({v}, env)", {"bare_amount": _bare_amount}),
    ),
    covers=("amount", "currency"),
)
"""Canonical Money and a vendor's bare number in the document's currency; another currency is refused."""


@cache
def _minor_digits(currency: str) -> int:
    if not any(value["code"] == currency for value in code_list("currency")["values"]):
        raise ValueError(f"what a minor unit of {currency or 'no currency'} is nobody says")
    return _minor_units(currency)


def _from_minor(value: int | Decimal, currency: str) -> str:
    """Return an amount of so many minor units: 1999 of USD is 19.99, of JPY 1999. Refuses a part of one."""
    digits = _minor_digits(currency)
    whole, _, fraction = _text_of(value).partition(".")
    if fraction.strip("0"):
        raise ValueError(f"{value!s:.40} is not a whole number of minor units")
    padded = whole.rjust(digits + 1, "0")
    return f"{padded[:-digits]}.{padded[-digits:]}" if digits else whole


def _to_minor(text: str, currency: str) -> int:
    value, digits = _number_of(text), _minor_digits(currency)
    whole, _, fraction = text.partition(".")
    if fraction[digits:].strip("0"):
        raise ValueError(f"{value} {currency} is not a whole number of minor units, of which {currency} has {digits}")
    units = int(whole + fraction[:digits].ljust(digits, "0"))
    if units >= 10**15:
        raise ValueError(f"{value} {currency} are more minor units than the 15 digits that are read")
    return units


_read_minor = Converter(
    lambda value, env: _from_minor(value, env.currency), "from_minor({v}, env.currency)", {"from_minor": _from_minor}
)

minor_amount = _plain(
    "minor_amount",
    "decimal",
    "integer number",
    _read_minor,
    Converter(
        lambda value, env: _to_minor(value, env.currency), "to_minor({v}, env.currency)", {"to_minor": _to_minor}
    ),
)
"""A decimal amount and a vendor's whole number of the minor units (ISO 4217) of the document's currency: cents."""


def _bare_minor(value: Mapping[str, str], env: Environment) -> int:
    _bare_amount(value, env)
    return _to_minor(value["amount"], env.currency)


minor_money = Codec(
    "minor_money",
    frozenset({"Money"}),
    frozenset({"integer", "number"}),
    lambda tenant: Bound(
        {"amount": _read_minor, "currency": Converter(lambda value, env: env.currency, "env.currency")},
        Converter(_bare_minor, "bare_minor({v}, env)", {"bare_minor": _bare_minor}),
    ),
    covers=("amount", "currency"),
)
"""Canonical Money and a vendor's whole number of minor units (ISO 4217) in the document's currency: cents."""

# --- ids and times -----------------------------------------------------------------------------------------

_is_integer = re.compile(r"0|-?[1-9][0-9]{0,17}").fullmatch


def _digits(value: int) -> str:
    if type(value) is not int:
        raise _other(value, "a whole number")
    return str(value)


def _integer(text: str) -> int:
    if not isinstance(text, str):
        raise _other(text, "a text")
    if not _is_integer(text):
        raise ValueError(f"{text!s:.40} is not one of this vendor's whole-number ids")
    return int(text)


_read_digits = _call(_digits, "digits", "str({v}) if type({v}) is int")

digits = _plain("digits", "text", "integer", _read_digits, _call(_integer, "integer"))
"""A canonical id and the vendor's whole-number id."""


def prefixed(prefix: str) -> Codec:
    """Join an id that carries `prefix` on our side to the vendor's bare whole number."""

    def read(value: int) -> str:
        return prefix + _digits(value)

    def write(text: str) -> int:
        if not isinstance(text, str):
            raise _other(text, "a text")
        if not text.startswith(prefix):
            raise ValueError(f"{text:.40} does not start with {prefix!r}")
        return _integer(text.removeprefix(prefix))

    return _plain(f"prefixed {prefix!r}", "text", "integer", _call(read, "read"), _call(write, "write"))


_is_instant = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
).fullmatch
_beyond_microseconds = re.compile(r"[.,][0-9]{6}[0-9]*[1-9]").search


def _instant(text: str) -> str:
    """Return a timestamp as it is spelled, or respelled as RFC 3339; refuse one without a zone rather than guess."""
    if not isinstance(text, str):
        raise _other(text, "a text with date, time and zone")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone; a time without one is not a moment")
    if _is_instant(text):
        return text
    if _beyond_microseconds(text):
        raise ValueError(f"{text!r} is finer than a microsecond; cutting it off would make another moment")
    return moment.isoformat().replace("+00:00", "Z")


timestamp = _plain("timestamp", "timestamp", "timestamp text", _call(_instant, "instant"), _AS_IS)
"""A moment; the vendor's spelling is kept, a time without zone is refused."""


_SINCE = datetime(1970, 1, 1, tzinfo=UTC)
_TICKS = {"seconds": timedelta(seconds=1), "milliseconds": timedelta(milliseconds=1)}


def epoch(unit: str) -> Codec:
    """Join a moment to a vendor's whole number of `seconds` or `milliseconds` since 1970 (UTC).

    A moment between two of them is refused; that it was spelled otherwise, with a zone say, is told as lost.
    """
    tick = _TICKS[unit]

    def write(text: str, env: Environment) -> int:
        count, rest = divmod(datetime.fromisoformat(_instant(text)) - _SINCE, tick)
        if rest:
            raise ValueError(f"{text} is finer than {unit}, in which this vendor counts")
        if (kept := _since(tick, count)) != text:
            env.lose(f"the same moment is kept as {kept}")
        return count

    read = _call(partial(_since, tick), "since")
    return _plain(
        f"epoch in {unit}", "timestamp", "integer", read, Converter(write, "write({v}, env)", {"write": write})
    )


def _since(tick: timedelta, count: int) -> str:
    if type(count) is not int:
        raise _other(count, "a whole number")
    return (_SINCE + count * tick).isoformat().replace("+00:00", "Z")


def _day(text: str) -> str:
    if not isinstance(text, str):
        raise _other(text, "a text with a date")
    datetime.fromisoformat(text)  # refuses what is no date
    return text[:10]


day = _plain("day", "date", "timestamp text", _call(_day, "day"), Converter(lambda v, env: f"{v}T00:00:00Z"))
"""A canonical date and the vendor's timestamp on that day, as the vendor spells the day."""

# --- code tables -------------------------------------------------------------------------------------------


def code(table: str) -> Codec:
    """Join a canonical code to a vendor word through the tenant's code table of that name."""
    return _table_codec(f"code {table}", {"code"}, table, lambda t: Bound({"": _read_code(t)}, _write_code(t)), ("",))


def lookup(table: str, native: str = "text code") -> Codec:
    """Join an open id (a SKU, a unit, a currency) to the vendor's id through the tenant's code table."""

    def bind(t: CodeTable) -> Bound:
        if native != "integer":
            return Bound({"": _read_code(t)}, _write_code(t))
        return Bound(
            {"": Converter(lambda value, env: t.require(_digits(value), env))},
            Converter(lambda value, env: _integer(t.word(value))),
        )

    return _table_codec(f"lookup {table}", {"text", "code"}, table, bind, ("",), native)


def coded(table: str) -> Codec:
    """Join a coded value `{code, source, note}` to a vendor word; the word itself is kept in `source`."""

    def bind(t: CodeTable) -> Bound:
        def write(value: Mapping[str, Any], env: Environment) -> str:
            if not isinstance(value, dict):
                raise _other(value, "an object with code")
            source = value.get("source")
            if source and source["scheme"] == t.scheme:
                if t.stands_for(source["value"], value["code"]):
                    return str(source["value"])
                env.lose("the word kept as source no longer says the code", below="/source")
                return _word(t, value["code"], env)
            if source:
                env.lose("the code of another system is not kept", below="/source")
            return _word(t, value["code"], env)

        parts = {"code": _read_code(t), "source.scheme": _fixed(t.scheme), "source.value": _AS_IS}
        return Bound(parts, Converter(write))

    kinds = {"ReturnReason", "DispositionCode", "ConditionGrade", "AdjustmentReason", "CreditReason"}
    return _table_codec(f"coded {table}", kinds, table, bind, ("code", "source.scheme", "source.value"))


def _table_codec(
    name: str,
    canonical: set[str],
    table: str,
    bind: Callable[[CodeTable], Bound],
    covers: tuple[str, ...],
    native: str = "text code",
) -> Codec:
    kinds = frozenset(canonical), frozenset(native.split())
    return Codec(name, *kinds, lambda tenant: bind(tenant.table(table)), covers=covers, table=table)


def _read_code(table: CodeTable) -> Converter:
    read, require = table.read.get, table.require

    def find(word: str, env: Environment) -> str:
        if not isinstance(word, str):
            raise _other(word, "a text")
        return read(word) or require(word, env)

    return Converter(find, "find({v}, env)", {"find": find})


def _write_code(table: CodeTable) -> Converter:
    return Converter(lambda value, env: _word(table, value, env))


def _word(table: CodeTable, value: str, env: Environment) -> str:
    if not isinstance(value, str):
        raise _other(value, "a text")
    word = table.word(value)
    if value in table.lossy:
        env.lose(f"{value!r} is written as {word!r}, which reads back as {table.code(word)!r}")
    return word
