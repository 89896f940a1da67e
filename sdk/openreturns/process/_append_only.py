"""Tables that the database itself lets nobody change or take anything from: what is in them is only added to."""

from __future__ import annotations

from sqlalchemy import Connection, text

from openreturns.process._tables import AUDIT, SEAL

__all__ = ["guard"]

_REFUSE = """
CREATE OR REPLACE FUNCTION openreturns_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$
"""
_THERE = "SELECT 1 FROM pg_trigger WHERE tgname = :name AND tgrelid = CAST(:table AS regclass)"


def guard(connection: Connection) -> None:
    """Let the database refuse to change or delete entries of the audit and its seals."""
    for table in (AUDIT.name, SEAL.name):
        if connection.dialect.name == "sqlite":
            for what in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{what.lower()} BEFORE {what} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            continue
        name = f"{table}_append_only"
        if connection.execute(text(_THERE), {"name": name, "table": table}).first() is None:
            connection.exec_driver_sql(_REFUSE)
            connection.exec_driver_sql(
                f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION openreturns_append_only()"
            )
