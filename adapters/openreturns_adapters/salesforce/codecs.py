"""Two-way value codecs only this vendor needs; pure, no I/O, no clock."""

from __future__ import annotations

import re

from openreturns.mapping import Bound, Codec, Converter, Environment, Tenant

from openreturns_adapters.salesforce.ids import full_id, is_id

__all__ = ["checked_key", "external_id", "readable_id", "record_id", "salesforce_id"]

_TEXT = frozenset({"text"})

_unfit = re.compile(r"[\s/+\\?#%&]").search
"""Characters that do not survive every client's way of writing a value into an address."""


def checked_key(text: str) -> str:
    """Return a value for an external id. Raises ValueError for one that an address cannot carry."""
    found = _unfit(text)
    if found or text in (".", ".."):
        what = repr(found[0]) if found else "this"
        raise ValueError(f"{what} does not survive in the address of a record, so that it would be taken for another")
    return text


external_id = Codec(
    "external id",
    _TEXT,
    _TEXT,
    lambda tenant: Bound(
        {"": Converter(lambda value, env: str(value))}, Converter(lambda value, env: checked_key(value))
    ),
)
"""A number that the record is known by on both sides; one that an address cannot carry is refused."""


def record_id(table: str, prefix: str) -> Codec:
    """Join an id of ours to the id of a record of the object with this prefix, as `salesforce_id` finds it."""

    def bind(tenant: Tenant) -> Bound:
        def write(value: str, env: Environment) -> str:
            return salesforce_id(value, table, prefix, env)

        return Bound(
            {"": Converter(lambda value, env: readable_id(value, table, env) or full_id(value))}, Converter(write)
        )

    return Codec(f"record id {table}", _TEXT, _TEXT, bind, table=table)


def salesforce_id(value: str, table: str, prefix: str, env: Environment) -> str:
    """Return the id of the record that our id stands for, by the tenant's code table; a record id is its own.

    Raises MappingError, naming the table, where neither knows it.
    """
    words = env.tenant.table(table)
    return full_id(value if value not in words.write and is_id(value, prefix) else words.word(value))


def readable_id(value: str, table: str, env: Environment) -> str | None:
    """Return our id for a record id, if the tenant's code table has it in 15 or 18 characters.

    Looked up letter by letter: a code table folds case, and ids that differ in case are different records.
    """
    read, wanted = env.tenant.table(table).read, full_id(value)
    return read.get(wanted) or read.get(wanted[:15])
