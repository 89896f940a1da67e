"""The words to write a two-way mapping with, and what runs it.

A mapping is a list of rules, each joining a canonical path to a vendor path through a codec; both directions
are compiled from it. `fields(schema)` are the fields of a contract, to make a `Translator` or to `check` a
mapping without an adapter. See docs/writing-a-mapping.md.
"""

from openreturns._fields import Field, fields
from openreturns._schemas import schema_name
from openreturns.mapping._check import check
from openreturns.mapping._codecs import (
    SAME,
    Bound,
    Codec,
    Converter,
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
    prefixed,
    timestamp,
)
from openreturns.mapping._environment import CodeTable, Environment, Tenant
from openreturns.mapping._explain import explain
from openreturns.mapping._mapping import Mapping
from openreturns.mapping._put import Patch, put
from openreturns.mapping._rules import (
    constant,
    dropped,
    each,
    ignored,
    lossy,
    numbered,
    one_of,
    one_way_in,
    one_way_out,
    pair,
    setting,
    when,
)
from openreturns.mapping._translator import Translation, Translator

__all__ = [
    "SAME",
    "Bound",
    "CodeTable",
    "Codec",
    "Converter",
    "Environment",
    "Field",
    "Mapping",
    "Patch",
    "Tenant",
    "Translation",
    "Translator",
    "amount",
    "check",
    "code",
    "coded",
    "constant",
    "counted",
    "day",
    "decimal",
    "digits",
    "dropped",
    "each",
    "eaches",
    "epoch",
    "explain",
    "fields",
    "ignored",
    "lookup",
    "lossy",
    "minor_amount",
    "minor_money",
    "money",
    "negated",
    "numbered",
    "one_of",
    "one_way_in",
    "one_way_out",
    "pair",
    "prefixed",
    "put",
    "schema_name",
    "setting",
    "timestamp",
    "when",
]
