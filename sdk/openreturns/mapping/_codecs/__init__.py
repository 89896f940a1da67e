"""Two-way value codecs: one small record each, pure, exact, and tested alone.

Reading turns a vendor value into canonical parts (a plain field has one), writing turns the canonical value
into the vendor's. Both raise ValueError, TypeError or MappingError for a value they cannot say on the other
side; they never guess and never round.
"""

from __future__ import annotations

from openreturns.mapping._codecs._codec import SAME, Bound, Codec, Converter
from openreturns.mapping._codecs._ids_and_times import day, digits, epoch, prefixed, timestamp
from openreturns.mapping._codecs._money import amount, minor_amount, minor_money, money
from openreturns.mapping._codecs._numbers import counted, decimal, eaches, negated
from openreturns.mapping._codecs._tables import code, coded, lookup

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
