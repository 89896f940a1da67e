"""Arithmetic that keeps every digit: by itself, Python rounds what it reckons to 28 digits and says nothing of it."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from decimal import ROUND_HALF_EVEN, Context, localcontext

__all__ = ["exactly"]

# A number of a record has no more than so many digits before the point, nor after it (`openreturns._json`).
_MOST_DIGITS = sys.int_info.default_max_str_digits
_EXACT = Context(prec=2 * _MOST_DIGITS + 100, rounding=ROUND_HALF_EVEN)


def exactly() -> AbstractContextManager[Context]:
    """Return a context in which sums and differences of what a record can hold, and products in use, keep every digit.

    Mappings are carried out in it. A quotient has no end there: quantize it.
    """
    return localcontext(_EXACT)
