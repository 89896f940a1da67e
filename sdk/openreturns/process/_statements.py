"""The statements of the store, each written out once a database: to have it done anew costs more than running it.

    MARK(connection, {"event": ..., "now_is": ...})

runs one, with one row of values or a list of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult, Dialect
from sqlalchemy.sql.expression import ClauseElement

from openreturns.process._tables import AUDIT, COMMAND, DEADLINE, FINDING, INBOX, LEASE, OUTBOX, STATE

__all__ = [
    "ACCEPT",
    "ADD_AUDIT",
    "ADD_COMMANDS",
    "ADD_DEADLINES",
    "ADD_EVENT",
    "ADD_FINDINGS",
    "ADD_NOTICES",
    "ADD_STATE",
    "AGAIN",
    "ATTEMPTS",
    "BEAT",
    "BEGIN",
    "CLOCK",
    "DIGEST",
    "DROP_DEADLINES",
    "EARLY_REASONS",
    "EVENT",
    "FINISH_COMMANDS",
    "GIVEN",
    "MARK",
    "MOVE_DEADLINE",
    "OPEN_COMMANDS",
    "OVERDUE",
    "PRIORITY",
    "PUT_STATE",
    "STATE_OF",
    "TAKE",
    "TURN",
    "WAITING",
    "Row",
    "Statement",
]

_AT_A_TIME = "LIMIT 500"  # of events that are begun anew
Row = Mapping[str, Any]


class Statement:
    """One statement; a call runs it."""

    def __init__(self, everywhere: ClauseElement | None = None, **dialects: ClauseElement) -> None:
        self._everywhere, self._dialects = everywhere, dialects
        self._written: dict[str, str] = {}

    def __call__(self, connection: Connection, values: Row | Sequence[Row] = ()) -> CursorResult[Any]:
        """Run it with one row of values, or once for each of several."""
        dialect = connection.dialect
        written = self._written.get(dialect.name) or self._write(dialect)
        return connection.exec_driver_sql(written, values or None)

    def _write(self, dialect: Dialect) -> str:
        one = self._dialects.get(dialect.name, self._everywhere)
        assert one is not None  # there is a form for each dialect
        named = sqlite.dialect(paramstyle="named") if dialect.name == "sqlite" else dialect
        written = one.compile(dialect=named)
        if any(value is not None for value in written.params.values()):
            raise TypeError(f"a value is given when the statement is run: {written}")
        return self._written.setdefault(dialect.name, str(written))


def _into(table: Table) -> Insert:
    """Put a row in, with a value for each column that does not count by itself."""
    return insert(table).values(
        {one.name: bindparam(one.name) for one in table.columns if one.autoincrement is not True}
    )


def _is(column: ColumnElement[str], *values: str) -> ColumnElement[bool]:
    return or_(*(column == literal_column(f"'{value}'") for value in values))


# Events that came before what they are about: looked at again after each change of their return.
EARLY_REASONS = ("early", "unknown_return")

# ---------------------------------------------------------------- the inbox

_ROW = (INBOX.c.id, INBOX.c.number, INBOX.c.status, INBOX.c.reason, INBOX.c.body)
_THIS = INBOX.c.id == bindparam("event")
_OTHERS = and_(
    INBOX.c.number == bindparam("return"),
    INBOX.c.id != bindparam("event"),
    or_(
        _is(INBOX.c.status, "received"),
        and_(_is(INBOX.c.status, "kept"), _is(INBOX.c.reason, *EARLY_REASONS)),
    ),
)
_EACH: dict[str, Any] = {one.name: bindparam(one.name) for one in INBOX.columns}

ADD_EVENT = Statement(_into(INBOX))
ACCEPT = Statement(  # not every driver counts what it put in
    sqlite=sqlite.insert(INBOX).values(_EACH).on_conflict_do_nothing().returning(INBOX.c.id),
    postgresql=postgresql.insert(INBOX).values(_EACH).on_conflict_do_nothing().returning(INBOX.c.id),
)
DIGEST = Statement(select(INBOX.c.digest).where(_THIS))
EVENT = Statement(select(*_ROW).where(_THIS))
WAITING = Statement(select(*_ROW).where(_OTHERS).order_by(INBOX.c.received))
MARK = Statement(
    update(INBOX).where(_THIS).values({one: bindparam(one) for one in ("status", "reason", "why", "version")})
)
AGAIN = Statement(
    update(INBOX).where(_THIS, INBOX.c.runs == bindparam("before")).values(runs=INBOX.c.runs + literal_column("1"))
)
_ASKED = (INBOX.c.number, INBOX.c.id, INBOX.c.runs)
OVERDUE = Statement(
    select(*_ASKED)
    .where(_is(INBOX.c.status, "received"), INBOX.c.received < bindparam("before"))
    .order_by(INBOX.c.received)
    .suffix_with(_AT_A_TIME)
)
OPEN_COMMANDS = Statement(
    select(*_ASKED)
    .where(INBOX.c.id == COMMAND.c.event, COMMAND.c.finished.is_(None), COMMAND.c.given < bindparam("before"))
    .distinct()
    .suffix_with(_AT_A_TIME)
)

# ---------------------------------------------------------------- a return's row

# What is known already is not read again; `others` is how many events of the return may be applied after this one.
STATE_OF = Statement(
    select(
        STATE.c.version,
        STATE.c.audit_count,
        STATE.c.audit_hash,
        case((STATE.c.version == bindparam("known"), null()), else_=STATE.c.body).label("body"),
        select(func.count()).where(_OTHERS).scalar_subquery().label("others"),
        select(func.count()).where(_THIS).scalar_subquery().label("taken"),
    ).where(STATE.c.number == bindparam("return"))
)
PRIORITY = Statement(select(STATE.c.priority).where(STATE.c.number == bindparam("return")))
ADD_STATE = Statement(_into(STATE))
PUT_STATE = Statement(
    update(STATE)
    .where(STATE.c.number == bindparam("number"), STATE.c.version == bindparam("before"))
    .values({one.name: bindparam(one.name) for one in STATE.columns if one.name != "number"})
)

# ---------------------------------------------------------------- commands

_ATTEMPT = and_(COMMAND.c.key == bindparam("key"), COMMAND.c.finished.is_(None))
GIVEN = Statement(select(COMMAND.c.body).where(COMMAND.c.event == bindparam("event"), COMMAND.c.finished.is_(None)))
ATTEMPTS = Statement(select(func.count()).where(COMMAND.c.key == bindparam("key")))
ADD_COMMANDS = Statement(_into(COMMAND))
FINISH_COMMANDS = Statement(
    update(COMMAND).where(_ATTEMPT).values(status=bindparam("status"), finished=bindparam("finished"))
)
BEGIN = Statement(update(COMMAND).where(_ATTEMPT, COMMAND.c.begun.is_(None)).values(begun=bindparam("begun")))
TAKE = Statement(
    update(COMMAND)
    .where(COMMAND.c.event == bindparam("event"), COMMAND.c.finished.is_(None))
    .values(worker=bindparam("worker"))
)

# ---------------------------------------------------------------- what else a decision writes

_DEADLINE = and_(DEADLINE.c.number == bindparam("number"), DEADLINE.c.name == bindparam("before"))
MOVE_DEADLINE = Statement(update(DEADLINE).where(_DEADLINE).values(name=bindparam("name"), at=bindparam("at")))
DROP_DEADLINES = Statement(delete(DEADLINE).where(_DEADLINE))
ADD_DEADLINES = Statement(_into(DEADLINE))
ADD_NOTICES = Statement(_into(OUTBOX))
ADD_FINDINGS = Statement(_into(FINDING))
ADD_AUDIT = Statement(_into(AUDIT))

# ---------------------------------------------------------------- workers

TURN = Statement(text("SELECT pg_advisory_xact_lock(hashtextextended(:number, 0))"))
# Workers on several machines go by one clock: the database's.
CLOCK = Statement(text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"))
_BEAT: dict[str, Any] = {"worker": bindparam("worker"), "beat": bindparam("beat")}
_LITE, _POSTGRES = sqlite.insert(LEASE).values(_BEAT), postgresql.insert(LEASE).values(_BEAT)
BEAT = Statement(
    sqlite=_LITE.on_conflict_do_update(index_elements=["worker"], set_={"beat": _LITE.excluded.beat}),
    postgresql=_POSTGRES.on_conflict_do_update(index_elements=["worker"], set_={"beat": _POSTGRES.excluded.beat}),
)
