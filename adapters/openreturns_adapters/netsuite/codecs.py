"""Two-way value codecs only this vendor needs; pure, no I/O, no clock."""

from __future__ import annotations

from openreturns.mapping import Bound, Codec, Converter, Environment, Tenant

__all__ = ["internal_id", "shared_number"]

_TEXT = frozenset({"text"})


def internal_id(table: str) -> Codec:
    """Join a number that all systems share to the internal id that only this account knows it by.

    What the tenant's code table does not list is an internal id both ways, which is told where the tenant has one.
    """

    def bind(tenant: Tenant) -> Bound:
        write = tenant.table(table).write
        return Bound(
            {"": Converter(lambda value, env: shared_number(str(value), table, env))},
            Converter(lambda value, env: write.get(value, value)),
        )

    return Codec(f"internal id {table}", _TEXT, _TEXT, bind)


def shared_number(internal: str, table: str, env: Environment) -> str:
    """Return the number that all systems share for an internal id, else the id."""
    read = env.tenant.table(table).read
    if read and internal not in read:
        env.finding("internal_id", f"the code table {table!r} does not list {internal}: it stays NetSuite's own id")
    return read.get(internal, internal)
