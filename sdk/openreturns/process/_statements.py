"""The statements of the store, made once: building one anew costs more than the database takes for it."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from openreturns.process._tables import AUDIT, COMMAND, DEADLINE, FINDING, INBOX, LEASE, OUTBOX, STATE

__all__ = [
    "ACCEPT",
    "ADD_AUDIT",
    "ADD_COMMANDS",
    "ADD_DEADLINES",
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
    "EARLY",
    "EARLY_REASONS",
    "EVENT",
    "FINISH_COMMAND",
    "GIVEN",
    "HAND_OVER",
    "MARK",
    "OPEN_COMMANDS",
    "OVERDUE",
    "PRIORITY",
    "PUT_STATE",
    "STATE_OF",
]

# Events that came before what they are about: looked at again after each change of their return.
EARLY_REASONS = ("early", "unknown_return")

ACCEPT = {
    "sqlite": sqlite.insert(INBOX).on_conflict_do_nothing().returning(INBOX.c.id),
    "postgresql": postgresql.insert(INBOX).on_conflict_do_nothing().returning(INBOX.c.id),
}
_LITE, _POSTGRES = sqlite.insert(LEASE), postgresql.insert(LEASE)
BEAT = {
    "sqlite": _LITE.on_conflict_do_update(index_elements=["worker"], set_={"beat": _LITE.excluded.beat}),
    "postgresql": _POSTGRES.on_conflict_do_update(index_elements=["worker"], set_={"beat": _POSTGRES.excluded.beat}),
}
# Workers on several machines go by one clock: the database's.
CLOCK = text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)")
DIGEST = select(INBOX.c.digest).where(INBOX.c.id == bindparam("event"))
_ROW = (INBOX.c.id, INBOX.c.number, INBOX.c.status, INBOX.c.reason, INBOX.c.body)
EVENT = select(*_ROW).where(INBOX.c.id == bindparam("event"))
MARK = (
    update(INBOX)
    .where(INBOX.c.id == bindparam("event"))
    .values(status=bindparam("now_is"), reason=bindparam("because"), version=bindparam("at_version"))
)
AGAIN = (
    update(INBOX)
    .where(INBOX.c.id == bindparam("event"), INBOX.c.runs == bindparam("before"))
    .values(runs=INBOX.c.runs + 1)
)
_ASKED = (INBOX.c.number, INBOX.c.id, INBOX.c.runs)
OVERDUE = (
    select(*_ASKED)
    .where(INBOX.c.status == "received", INBOX.c.received < bindparam("before"))
    .order_by(INBOX.c.received)
)
OPEN_COMMANDS = (
    select(*_ASKED)
    .where(INBOX.c.id == COMMAND.c.event, COMMAND.c.finished.is_(None), COMMAND.c.given < bindparam("before"))
    .distinct()
)
EARLY = (
    select(*_ROW)
    .where(INBOX.c.number == bindparam("return"), INBOX.c.status == "kept", INBOX.c.reason.in_(EARLY_REASONS))
    .order_by(INBOX.c.received)
)

_STATE_VALUES = [column.name for column in STATE.columns if column.name != "number"]
STATE_OF = select(STATE.c.version, STATE.c.body, STATE.c.audit_count, STATE.c.audit_hash).where(
    STATE.c.number == bindparam("return")
)
PRIORITY = select(STATE.c.priority).where(STATE.c.number == bindparam("return"))
ADD_STATE = insert(STATE)
PUT_STATE = (
    update(STATE)
    .where(STATE.c.number == bindparam("return"), STATE.c.version == bindparam("before"))
    .values({name: bindparam(name) for name in _STATE_VALUES})
)

GIVEN = select(COMMAND.c.body).where(COMMAND.c.event == bindparam("event_id"), COMMAND.c.finished.is_(None))
ATTEMPTS = select(COMMAND.c.attempt).where(COMMAND.c.key == bindparam("of"))
ADD_COMMANDS = insert(COMMAND)
FINISH_COMMAND = (
    update(COMMAND)
    .where(COMMAND.c.key == bindparam("of"), COMMAND.c.finished.is_(None))
    .values(status=bindparam("became"), finished=bindparam("at"))
)
BEGIN = (
    update(COMMAND)
    .where(COMMAND.c.key == bindparam("of"), COMMAND.c.finished.is_(None), COMMAND.c.begun.is_(None))
    .values(begun=bindparam("at"))
)
HAND_OVER = update(COMMAND).where(COMMAND.c.event == bindparam("given_by")).values(event=bindparam("cause"))

DROP_DEADLINES = delete(DEADLINE).where(DEADLINE.c.number == bindparam("return"))
ADD_DEADLINES = insert(DEADLINE)
ADD_NOTICES = insert(OUTBOX)
ADD_FINDINGS = insert(FINDING)
ADD_AUDIT = insert(AUDIT)
