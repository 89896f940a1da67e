"""Codecs of numbers and quantities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from openreturns.mapping._codecs._codec import Bound, Codec, another_kind, calling, fixed, joined

if TYPE_CHECKING:
    from openreturns.mapping._environment import Tenant

__all__ = ["counted", "decimal", "eaches", "negated", "number_of", "text_of"]

_is_decimal = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?").fullmatch


def text_of(value: int | Decimal) -> str:
    """Return the canonical text of a non-negative number, digit for digit."""
    if type(value) is int:
        if 0 <= value < 10**15:
            return str(value)
        text = str(value)
    elif not isinstance(value, Decimal):
        raise another_kind(value, "a number")
    elif value.is_finite() and -40 < value.adjusted() < 15:
        text = f"{value if value else value.copy_abs():f}"  # some systems write zero as -0.0
    else:
        raise ValueError(f"{value!s:.40} is not a decimal number of at most 15 digits before the point")
    if not _is_decimal(text):
        text = text.rstrip("0").rstrip(".") if "." in text else text
        if not _is_decimal(text):
            raise ValueError(f"{text:.40} is negative or has more than 15 digits before or 6 after the point")
    return text


def number_of(text: str) -> Decimal:
    if not isinstance(text, str):
        raise another_kind(text, "a decimal written as text")
    if not _is_decimal(text):
        raise ValueError(f"{text!s:.40} is not a canonical decimal")
    return Decimal(text)


def _negative_text(value: int | Decimal) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise another_kind(value, "a number")
    return text_of(value.copy_negate() if isinstance(value, Decimal) else -value)  # a minus sign would round


def _negative(text: str) -> Decimal:
    value = number_of(text)
    return value.copy_negate() if value else value


def _whole(text: str) -> int:
    value = number_of(text)
    if value != value.to_integral_value():
        raise ValueError(f"{text} is not a whole number, and this vendor counts in whole units")
    return int(value)


_read_decimal = calling(text_of, "text_of", f"str({{v}}) if type({{v}}) is int and 0 <= {{v}} < {10**15}")

decimal = joined("decimal", "decimal", "number integer", _read_decimal, calling(number_of, "number_of"))
"""Canonical decimal text and a vendor's JSON number, digit for digit."""

negated = joined(
    "negated",
    "decimal",
    "number integer",
    calling(_negative_text, "negative_text"),
    calling(_negative, "negative"),
)
"""Canonical decimal text and a vendor's negative number; the case it stands in says why it is negative."""

eaches = joined("eaches", "decimal", "integer number", _read_decimal, calling(_whole, "whole"))
"""Canonical decimal text and a vendor's whole number; a fraction is refused, not rounded."""


def counted(unit: str) -> Codec:
    """Join a Quantity to a whole number of the one unit that the tenant's setting `unit` names."""

    def bind(tenant: Tenant) -> Bound:
        uom = str(tenant.setting(unit))

        def write(value: Mapping[str, str]) -> int:
            if not isinstance(value, dict):
                raise another_kind(value, "an object with value and uom")
            if value["uom"] != uom:
                raise ValueError(f"the quantity is in {value['uom']}, this vendor counts in {uom}")
            return _whole(value["value"])

        return Bound({"value": _read_decimal, "uom": fixed(uom)}, calling(write, "counted"))

    kinds = frozenset({"Quantity"}), frozenset({"integer"})
    return Codec(f"counted in {unit}", *kinds, bind, covers=("value", "uom"))
