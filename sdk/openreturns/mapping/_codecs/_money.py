"""Codecs of money: decimal numbers, and whole numbers of minor units."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from openreturns._schemas import code_list
from openreturns.mapping._codecs._codec import Bound, Codec, Converter, another_kind, calling, joined
from openreturns.mapping._codecs._numbers import number_of, text_of

if TYPE_CHECKING:
    from openreturns.mapping._environment import Environment

__all__ = ["amount", "minor_amount", "minor_money", "money"]


@cache
def _minor_units(currency: str) -> int:
    listed = {value["code"]: int(value["minorUnits"]) for value in code_list("currency")["values"]}
    return listed.get(currency, 0)


def _amount_text(value: int | Decimal, currency: str) -> str:
    """Return an amount with the digits of its currency: 241.0 USD is 241.00. Never rounds."""
    whole, _, fraction = text_of(value).partition(".")
    fraction = fraction.rstrip("0").ljust(_minor_units(currency), "0")
    return f"{whole}.{fraction}" if fraction else whole


_read_amount = Converter(
    lambda value, env: _amount_text(value, env.currency),
    "amount_text({v}, env.currency)",
    {"amount_text": _amount_text},
)

amount = joined("amount", "decimal", "number integer", _read_amount, calling(number_of, "number_of"))
"""A decimal amount in the document's currency, spelled with that currency's digits."""


def _bare_amount(value: Mapping[str, str], env: Environment) -> Decimal:
    if not isinstance(value, dict):
        raise another_kind(value, "an object with amount and currency")
    if value["currency"] != env.currency:
        raise ValueError(f"the amount is in {value['currency']}, the document in {env.currency or 'none'}")
    return number_of(value["amount"])


def _joined_money(name: str, read: Converter, write: Converter) -> Codec:
    parts = {"amount": read, "currency": Converter(lambda value, env: env.currency, "env.currency")}
    kinds = frozenset({"Money"}), frozenset({"number", "integer"})
    return Codec(name, *kinds, lambda tenant: Bound(parts, write), covers=("amount", "currency"))


money = _joined_money(
    "money", _read_amount, Converter(_bare_amount, "bare_amount({v}, env)", {"bare_amount": _bare_amount})
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
    whole, _, fraction = text_of(value).partition(".")
    if fraction.strip("0"):
        raise ValueError(f"{value!s:.40} is not a whole number of minor units")
    padded = whole.rjust(digits + 1, "0")
    return f"{padded[:-digits]}.{padded[-digits:]}" if digits else whole


def _to_minor(text: str, currency: str) -> int:
    value, digits = number_of(text), _minor_digits(currency)
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

minor_amount = joined(
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


minor_money = _joined_money(
    "minor_money", _read_minor, Converter(_bare_minor, "bare_minor({v}, env)", {"bare_minor": _bare_minor})
)
"""Canonical Money and a vendor's whole number of minor units (ISO 4217) in the document's currency: cents."""
