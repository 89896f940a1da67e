"""Numbers of records as exact decimals, and arithmetic that keeps every digit.

By itself, Python rounds what it reckons to 28 digits and says nothing of it.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

__all__ = ["exact", "exactly", "plain"]

# A number of a record has no more than so many digits before the point, nor after it (`openreturns._json`).
_MOST_DIGITS = sys.int_info.default_max_str_digits
_EXACT = Context(prec=2 * _MOST_DIGITS + 100, rounding=ROUND_HALF_EVEN)


def exactly() -> AbstractContextManager[Context]:
    """Return a context in which sums and differences of what a record can hold, and products in use, keep every digit.

    Mappings are carried out in it. A quotient has no end there: quantize it.
    """
    return localcontext(_EXACT)


def exact(number: int | Decimal) -> Decimal:
    """Return a JSON number as Decimal. Raises TypeError for a binary float, which has lost its digits already."""
    if isinstance(number, bool) or not isinstance(number, (int, Decimal)):
        raise TypeError(f"{number!s:.40} is not an exact number; parse the record with decimals")
    return Decimal(number)


def plain(number: int | Decimal) -> str:
    """Return a JSON number as canonical text: 2.0 units are 2, and zero has no sign. Raises TypeError as `exact`."""
    value = exact(number)
    text = f"{value if value else value.copy_abs():f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
