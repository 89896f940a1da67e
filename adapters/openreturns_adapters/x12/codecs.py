"""Two-way codecs of X12: days, lengths by release, implied decimals."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from openreturns.mapping import Bound, Codec, Converter, Environment, Tenant, amount, decimal

from openreturns_adapters.x12.segments import RELEASES

__all__ = ["day", "fits", "from_implied", "holds", "implied", "plain_money", "release", "shown", "to_implied", "within"]

_is_day = re.compile("[12][0-9]{7}").fullmatch
_amount = amount.bind(Tenant())
_decimal = decimal.bind(Tenant())


def release(tenant: Tenant) -> str:
    """Return the release that is written."""
    return str(tenant.setting("release"))


def holds(text: str, most: tuple[int, int, int], env: Environment) -> str:
    """Return a text that fits. Raises ValueError: what is cut off cannot be found again."""
    room = most[RELEASES.index(release(env.tenant))]
    if len(text) > room:
        raise ValueError(f"has {len(text)} characters, and X12 holds {room} in release {release(env.tenant)}")
    return text


def fits(number: Decimal, most: tuple[int, int, int], env: Environment) -> Decimal:
    """Return a number that fits. Raises ValueError for one with more digits than X12 has room for."""
    room, digits = most[RELEASES.index(release(env.tenant))], sum(map(str.isdigit, f"{number.normalize():f}"))
    if digits > room:
        raise ValueError(f"{number:f} has {digits} digits, and X12 holds {room} in release {release(env.tenant)}")
    return number


def shown(number: int | Decimal) -> str:
    """Return a number as canonical text, without zeros at its end."""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@cache
def within(least: int, most: int, later: int = 0, last: int = 0) -> Codec:
    """Make the codec of a text of so many characters; `later` and `last` are the room in 005010 and 006030."""
    room = (most, later or most, last or later or most)

    def write(text: str, env: Environment) -> str:
        if len(text) < least:
            raise ValueError(f"has {len(text)} character, and X12 wants {least}")
        return holds(text, room, env)

    bound = Bound({"": Converter(lambda value, env: value)}, Converter(write))
    return Codec(f"at most {most} characters", frozenset({"text"}), frozenset({"text"}), lambda _: bound)


def _day_in(text: str, env: Environment) -> str:
    if not _is_day(text):
        raise ValueError("is no day of eight digits")
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}"


def _day_out(text: str, env: Environment) -> str:
    return text.replace("-", "")


day = Codec(
    "day",
    frozenset({"date"}),
    frozenset({"text"}),
    lambda _: Bound({"": Converter(_day_in)}, Converter(_day_out)),
)
"""A date, and the same without dashes."""


# --- money -------------------------------------------------------------------------------------------------


def _places(env: Environment) -> int:
    """Return how many decimals an implied one has: those of the currency, or two where the partner says so."""
    said = env.tenant.setting("implied_decimals")
    if said == "2":
        return 2
    zero: str = _amount.parts[""].call(0, env)
    return len(zero.partition(".")[2])


def to_implied(text: str, env: Environment) -> int:
    """Return an amount without its point. Raises ValueError where it has more decimals than are implied."""
    number = _decimal.write.call(text, env).scaleb(_places(env))
    if number != number.to_integral_value():
        raise ValueError(f"{text} has more decimals than the {_places(env)} that are implied")
    return int(number)


def from_implied(value: int, env: Environment) -> str:
    """Return the amount that a number with implied decimals stands for. Raises ValueError for one below zero."""
    if type(value) is not int:
        raise TypeError("an amount with implied decimals is a whole number")
    said: str = _amount.parts[""].call(Decimal(value).scaleb(-_places(env)), env)
    return said


def _money_out(value: dict[str, str], env: Environment) -> int:
    return to_implied(plain_money(value, env), env)


implied = Codec(
    "implied decimals",
    frozenset({"Money"}),
    frozenset({"integer"}),
    lambda _: Bound(
        {"amount": Converter(from_implied), "currency": Converter(lambda value, env: env.currency)},
        Converter(_money_out),
    ),
    covers=("amount", "currency"),
)
"""Money of the document's currency and its amount without the point (N2), by the decimals of that currency."""


def plain_money(value: dict[str, str], env: Environment) -> str:
    """Return an amount of the document's currency. Raises ValueError for another currency."""
    if value["currency"] != env.currency:
        raise ValueError(f"the amount is in {value['currency']}, the document in {env.currency}")
    return value["amount"]
