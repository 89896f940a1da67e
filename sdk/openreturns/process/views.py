"""SQL views over the process's tables, for whoever asks the database: the same on SQLite and PostgreSQL.

Moments are microseconds since 1970 (UTC) and money is in the currency's minor units, as in the tables. `VIEWS` says
what each is about; `openreturns process view` prints one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

if TYPE_CHECKING:
    from openreturns.process._database import Tables

__all__ = ["VIEWS", "View", "create", "rows"]


@dataclass(frozen=True)
class View:
    """A view: what it answers, and its query, parts of which differ by database."""

    sentence: str
    query: str


_PARTS: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        "now": "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)",
        "each_effect": "json_each(s.body, '$.effects') e",
        "step": "json_extract(e.value, '$.step')",
        "subject": "json_extract(e.value, '$.subject')",
        "system": "json_extract(e.value, '$.system')",
        "status": "json_extract(e.value, '$.status')",
        "attempts": "json_extract(e.value, '$.attempts')",
        "kind": "json_extract(e.value, '$.kind')",
        "problems": "json_extract(e.value, '$.problems')",
        "at": "CAST(strftime('%s', json_extract(e.value, '$.at')) AS INTEGER) * 1000000",
    },
    "postgresql": {
        "now": "CAST(extract(epoch FROM now()) * 1000000 AS bigint)",
        "each_effect": "jsonb_each(CAST(s.body AS jsonb) -> 'effects') AS e(key, value)",
        "step": "e.value ->> 'step'",
        "subject": "e.value ->> 'subject'",
        "system": "e.value ->> 'system'",
        "status": "e.value ->> 'status'",
        "attempts": "CAST(e.value ->> 'attempts' AS integer)",
        "kind": "e.value ->> 'kind'",
        "problems": "e.value ->> 'problems'",
        "at": "CAST(floor(extract(epoch FROM CAST(e.value ->> 'at' AS timestamptz))) AS bigint) * 1000000",
    },
}


def _read() -> Iterator[tuple[str, View]]:
    whole = Path(__file__).with_name("views.sql").read_text("utf-8")
    for told in whole.split("-- view ")[1:]:
        head, _, query = told.partition("\n")
        name, _, sentence = head.partition(": ")
        yield name, View(sentence, query.strip())


VIEWS: Mapping[str, View] = dict(_read())
"""Each view by its name; later ones build on earlier ones."""


def create(connection: Connection) -> None:
    """Make the views as they are here: what is there and the same is left alone."""
    dialect = connection.dialect.name
    wanted = {name: _statement(name, view, dialect) for name, view in VIEWS.items()}
    if _present(connection) == {name: _stamp(sql) for name, sql in wanted.items()}:
        return
    for name in reversed(wanted):
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")
    for name, sql in wanted.items():
        connection.exec_driver_sql(sql)
        if dialect == "postgresql":
            connection.exec_driver_sql(f"COMMENT ON VIEW {name} IS '{_stamp(sql)}'")


def rows(tables: Tables, name: str) -> list[dict[str, Any]]:
    """Return the rows of a view, as it has them."""
    query = f"SELECT * FROM {name}"  # noqa: S608 - one of ours
    if name not in VIEWS:
        raise LookupError(name)
    with tables._reading() as connection:
        found = [dict(row) for row in connection.exec_driver_sql(query).mappings()]
    # PostgreSQL's sums of whole numbers are decimals.
    return [{key: int(value) if isinstance(value, Decimal) else value for key, value in row.items()} for row in found]


def _statement(name: str, view: View, dialect: str) -> str:
    query = view.query
    for part, sql in _PARTS[dialect].items():
        query = query.replace(f"{{{part}}}", sql)
    return f"CREATE VIEW {name} AS {query}"


def _stamp(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()


def _present(connection: Connection) -> dict[str, str]:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'view'")).all()
        return {row.name: _stamp(row.sql) for row in rows if row.name in VIEWS}
    asked = "SELECT relname AS name, obj_description(oid, 'pg_class') AS stamp FROM pg_class WHERE relkind = 'v'"
    return {row.name: row.stamp for row in connection.execute(text(asked)).all() if row.name in VIEWS}
