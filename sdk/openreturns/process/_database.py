"""The process's tables in one database, SQLite or PostgreSQL: opened, made, read, and changed a return at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect

from openreturns.process import _statements as sql
from openreturns.process import views
from openreturns.process._append_only import guard
from openreturns.process._log import Log
from openreturns.process._tables import STATE
from openreturns.process._upgrade import upgrade

__all__ = ["Tables", "database"]

_WITH_TRANSACTION_TIMEOUT = 170000  # PostgreSQL's version


def database(url: str) -> Engine:
    """Return a database engine: SQLite in WAL mode, or PostgreSQL."""
    if not url.startswith("sqlite"):
        postgresql = create_engine(url, pool_size=20)
        event.listen(postgresql, "connect", _bounded)
        return postgresql
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _opened(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _bounded(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own
    """Bound a session's transactions: a worker that stands still in one would hold up whoever takes over from it."""
    connection.execute("SET idle_in_transaction_session_timeout = '10s'")
    if connection.info.server_version >= _WITH_TRANSACTION_TIMEOUT:  # also one that stands still in a pipeline
        connection.execute("SET transaction_timeout = '30s'")
    connection.commit()


def _ours(url: str, log: Log) -> Engine:
    """Return a database engine that takes SQLite's lock at the start of each write: to wait, and not to fail, later.

    What is written outlives a power cut: by the log, or where there is none by SQLite's own means.
    """
    engine = database(url)
    if engine.dialect.name != "sqlite":
        return engine

    @event.listens_for(engine, "connect")
    def _opened(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own
        connection.isolation_level = None  # or the driver begins transactions itself, and late
        _, _, file = connection.execute("PRAGMA database_list").fetchone()
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        log.database = file if mode == "wal" else ""
        if not log.database:
            connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        looks = connection.get_execution_options().get("looks", False)
        connection.exec_driver_sql("BEGIN" if looks else "BEGIN IMMEDIATE")

    return engine


class Tables:
    """The process's tables in one database."""

    def __init__(self, url: str) -> None:
        self._log = Log()
        self.engine = _ours(url, self._log)
        self._postgresql = self.engine.dialect.name == "postgresql"
        self._writer = nullcontext() if self._postgresql else threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def is_made(self) -> bool:
        """Say whether the tables are there."""
        return inspect(self.engine).has_table(STATE.name)

    def migrate(self) -> None:
        """Make what tables and columns are not there, and the views as they are now.

        A database that a later version has made is left as it is.
        """
        with self._writing() as connection:
            if self._postgresql:  # workers that begin at one time would all make them
                sql.TURN(connection, {"number": "migrate"})
            if upgrade(connection):
                guard(connection)
                views.create(connection)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(looks=True) as connection:  # no write lock for a look
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Begin a transaction that writes, and end when it is on the disk.

        Threads queue for SQLite's only writer here: there they would sleep, longer each time.
        """
        with self._writer, self.engine.begin() as connection:
            yield connection
        self._log.sync()

    @contextmanager
    def _turn(self, number: str) -> Iterator[Connection]:
        """Begin a transaction that nobody else has of the same return: its events take turns, on every machine.

        The turn comes before anything is read, or two workers could find one event undecided and both decide.
        """
        with self._writing() as connection:
            if self._postgresql:
                sql.TURN(connection, {"number": number})
            yield connection

    def _clock(self, connection: Connection) -> int:
        """Return what time it is for all workers: several machines go by the database's clock."""
        return int(sql.CLOCK(connection).scalar_one()) if self._postgresql else time.time_ns() // 1000
