"""Tables that an earlier version made, brought up to this one: what is missing is added, nothing is taken away."""

from __future__ import annotations

import logging

from sqlalchemy import Connection, Table, inspect
from sqlalchemy.schema import CreateColumn

from openreturns.process._tables import METADATA, SCHEMA, SCHEMA_VERSION

__all__ = ["upgrade", "version"]

_log = logging.getLogger("openreturns.process")


def version(connection: Connection) -> int:
    """Return the version of the tables in a database: 0 if there are none, or none that say so."""
    if not inspect(connection).has_table(SCHEMA_VERSION.name):
        return 0
    return connection.execute(SCHEMA_VERSION.select()).scalar_one_or_none() or 0


def upgrade(connection: Connection) -> bool:
    """Make the tables, columns and indexes that are not there; return whether the database is of this version then.

    One of a later version is left as it is: whatever came with that is no matter to this one, which goes on.
    """
    found = version(connection)
    if found > SCHEMA:
        _log.warning("the database has tables of version %d, later than this one's %d: left as they are", found, SCHEMA)
        return False
    earlier = {*inspect(connection).get_table_names()} if found < SCHEMA else set()
    METADATA.create_all(connection)
    for table in METADATA.sorted_tables:
        if table.name in earlier:
            _complete(table, connection)
    if found < SCHEMA:
        connection.execute(SCHEMA_VERSION.delete())
        connection.execute(SCHEMA_VERSION.insert().values(version=SCHEMA))
    return True


def _complete(table: Table, connection: Connection) -> None:
    """Add the columns and indexes that a table has not: a column is null, or its default, in the rows that it has."""
    there = inspect(connection)
    columns = {one["name"] for one in there.get_columns(table.name)}
    name = connection.dialect.identifier_preparer.format_table(table)
    for column in table.columns:
        if column.name not in columns:
            told = str(CreateColumn(column).compile(dialect=connection.dialect)).strip()
            connection.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {told}")
    indexes = {one["name"] for one in there.get_indexes(table.name)}
    for index in table.indexes:
        if index.name not in indexes:
            index.create(connection)
