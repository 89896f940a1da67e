"""Strategies for vendors' records, made of an adapter's contracts and code tables."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from openreturns.adapters import Adapter
from openreturns.mapping._table import plain, rows
from openreturns.testing.strategies._schema import Words, from_schema

__all__ = ["records", "table_words"]


def records(
    adapter: Adapter, native: str, *, words: Words | None = None, strange: bool = True, nulls: bool = True
) -> st.SearchStrategy[Any]:
    """Return a strategy for one kind of record of an adapter, which its contract accepts.

    Fields that a code table translates mostly have words of that table, with the tenant's own if the adapter is
    configured; `words` says more, by field path, and wins. `strange` false leaves out words that nothing knows,
    `nulls` false leaves out null where the contract allows it.
    """
    known = {**table_words(adapter, native), **(words or {})}
    return from_schema(adapter.contract(native).schema, words=known, strange=strange, nulls=nulls)


def table_words(adapter: Adapter, native: str) -> dict[str, tuple[Any, ...]]:
    """Return the words of code tables by the field path of a record that they stand at."""
    found: dict[str, tuple[Any, ...]] = {}
    for mapping in adapter.mappings:
        for row in rows(mapping) if mapping.native == native else ():
            table = adapter.tenant.tables.get(row.codec.table) if row.codec else None
            if table is None or row.codec is None or not table.read:
                continue
            whole = "integer" in row.codec.native
            found[plain(row.native)] = tuple(int(word) if whole else word for word in table.read)
    return found
