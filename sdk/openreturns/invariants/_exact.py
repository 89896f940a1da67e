"""Exact arithmetic for money and quantities: no binary float, no lost digit, one way to say a number."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import cache

from openreturns._schemas import code_list
from openreturns.models import Money, Quantity, SignedMoney

__all__ = ["ZERO", "exact", "fits", "known", "minor_unit", "minor_units", "near", "shown", "total"]

ZERO = Decimal(0)
_PLACES = 6


def exact() -> AbstractContextManager[Context]:
    """Return a context in which the product of two 21-digit numbers, and sums of many, keep every digit."""
    return localcontext(Context(prec=64, rounding=ROUND_HALF_EVEN))


@cache
def minor_units() -> dict[str, int]:
    """Return how many digits follow the point in each currency of ISO 4217."""
    return {row["code"]: row["minorUnits"] for row in code_list("currency")["values"]}


@cache
def known(name: str) -> frozenset[str]:
    """Return the codes of one of the lists that the world keeps: `country`, `tax-category`, `unit-of-measure`."""
    return frozenset(row["code"] for row in code_list(name)["values"])


def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency: 0.01 EUR, 1 JPY; of an unknown one the smallest we can write."""
    return Decimal(1).scaleb(-minor_units().get(currency, _PLACES))


def fits(number: Decimal, currency: str) -> bool:
    """Say whether an amount can be paid in the currency; zeros at the end do not count."""
    return number % minor_unit(currency) == 0


def near(stated: Decimal, reckoned: Decimal, currency: str) -> bool:
    """Say whether an amount is the exact result rounded to the minor unit, a tie either way.

    Half-even and half-up are both in use among ledgers and differ only in the tie.
    """
    return abs(stated - reckoned) * 2 <= minor_unit(currency)


def total(values: Iterable[Money | SignedMoney | Quantity | None]) -> Decimal:
    """Return the sum of amounts or quantities; an absent one counts as zero."""
    return sum((_number(value) for value in values if value is not None), ZERO)


def shown(number: Decimal) -> str:
    """Return a number as people write it: no exponent, no zeros at the end of a fraction."""
    text = format(round(number, _PLACES), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(value: Money | SignedMoney | Quantity) -> Decimal:
    return value.value if isinstance(value, Quantity) else value.amount
