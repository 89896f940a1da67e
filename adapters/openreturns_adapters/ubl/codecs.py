"""Two-way codecs of amounts and quantities: their sign, and the two decimals that EN 16931 leaves them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from openreturns.mapping import Bound, Codec, Converter, Environment, Tenant, amount, decimal

__all__ = ["counted", "is_reversal", "money_in", "money_out", "number_of", "paid", "signed", "signed_in", "turned"]

_amount = amount.bind(Tenant())
_decimal = decimal.bind(Tenant())
_CENT = Decimal("0.01")


def is_reversal(document: dict[str, Any], env: Environment) -> bool:
    """Whether a credit or a credit note takes money back: all of it is below zero in UBL, never here."""
    if "LegalMonetaryTotal" in document:
        return bool(document["LegalMonetaryTotal"]["TaxInclusiveAmount"]["value"] < 0)
    return "reverses" in document


def turned(value: Decimal, env: Environment) -> Decimal:
    """Return a number with the other sign where the whole document takes back, else as it is."""
    return value.copy_negate() if value and env.once(is_reversal) else value


def _two_places(value: Decimal) -> Decimal:
    """Return an amount with two decimals. Raises ValueError for one that needs more (EN 16931, BR-DEC)."""
    cents = value.quantize(_CENT)
    if cents == value:
        return cents
    raise ValueError(f"{value} has more than two decimals, and EN 16931 takes two")


def _codec(name: str, read: Callable[..., Any], write: Callable[..., Any]) -> Codec:
    bound = Bound({"": Converter(read)}, Converter(write))
    return Codec(name, frozenset({"decimal"}), frozenset({"number"}), lambda _: bound)


def _read_amount(value: int | Decimal, env: Environment) -> str:
    text: str = _amount.parts[""].call(turned(Decimal(value), env), env)
    return text


def _write_amount(text: str, env: Environment) -> Decimal:
    return turned(_two_places(_amount.write.call(text, env)), env)


paid = _codec("amount of two decimals", _read_amount, _write_amount)
"""An amount, with the other sign where the document takes back; more than two decimals are refused."""


def _read_count(value: int | Decimal, env: Environment) -> str:
    text: str = _decimal.parts[""].call(turned(Decimal(value), env), env)
    return text


def _write_count(text: str, env: Environment) -> Decimal:
    return turned(_decimal.write.call(text, env), env)


counted = _codec("quantity", _read_count, _write_count)
"""A quantity, with the other sign where the document takes back."""


def _read_signed(value: int | Decimal, env: Environment) -> str:
    number = turned(Decimal(value), env)
    text: str = _amount.parts[""].call(abs(number), env)
    return f"-{text}" if number < 0 else text


def _write_signed(text: str, env: Environment) -> Decimal:
    return turned(_two_places(Decimal(text)), env)


signed = _codec("amount that may be below zero", _read_signed, _write_signed)
"""The rounding of an amount due, which may go either way."""


def money_in(value: Decimal, env: Environment) -> dict[str, Any]:
    """Return a number of the document's currency as Money. Raises ValueError for one below zero."""
    return {"amount": _amount.parts[""].call(value, env), "currency": env.currency}


def signed_in(value: Decimal, env: Environment) -> dict[str, Any]:
    """Return a number of the document's currency as SignedMoney."""
    return {"amount": _read_signed(value, env), "currency": env.currency}


def number_of(value: dict[str, Any], env: Environment) -> Decimal:
    """Return the number of Money. Raises ValueError for another currency than the document's."""
    if value["currency"] != env.currency:
        raise ValueError(f"the amount is in {value['currency']}, the document in {env.currency}")
    return Decimal(value["amount"])


def money_out(value: Decimal, env: Environment) -> dict[str, Any]:
    """Return a number as a UBL amount of the document's currency, its sign turned where the document takes back."""
    return {"value": turned(_two_places(value), env), "currencyID": env.currency}
