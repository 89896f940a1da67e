"""The tables of the process, the same on SQLite and PostgreSQL: moments in microseconds, money in minor units.

Whole numbers are exact and sum exactly on every database; text of a decimal would be summed as binary floats.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, text

__all__ = [
    "AUDIT",
    "COMMAND",
    "DEADLINE",
    "DELIVERY",
    "FINDING",
    "INBOX",
    "JOB",
    "LEASE",
    "METADATA",
    "OUTBOX",
    "SCHEMA",
    "SCHEMA_VERSION",
    "SEAL",
    "STATE",
    "VENDOR",
]

METADATA = MetaData()

SCHEMA = 2
"""The version of the tables here: one more whenever a table gets a column, which is null or has a `server_default`."""

SCHEMA_VERSION = Table("schema_version", METADATA, Column("version", Integer, primary_key=True, autoincrement=False))

STATE = Table(
    "return_state",
    METADATA,
    Column("number", String(200), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("stage", String(40), nullable=False),
    Column("status", String(40), nullable=False),
    Column("entered", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("customer", String(200), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("value_minor", BigInteger, nullable=False),
    Column("credited_minor", BigInteger, nullable=False),
    Column("running", Integer, nullable=False),
    Column("dead", Integer, nullable=False),
    Column("waits_for", Text, nullable=False),
    Column("audit_count", Integer, nullable=False),
    Column("audit_hash", String(64), nullable=False),
    Column("body", Text, nullable=False),
)

INBOX = Table(
    "inbox",
    METADATA,
    Column("id", String(300), primary_key=True),
    Column("number", String(200), nullable=False, index=True),
    Column("type", String(60), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("status", String(10), nullable=False),  # received, applied, kept
    Column("reason", String(40), nullable=False),
    Column("why", Text),  # the reason in words
    Column("version", Integer),
    Column("runs", Integer, nullable=False),  # how often its work was begun anew
    Column("digest", String(64), nullable=False),
    Column("trace", String(60)),  # W3C traceparent of whoever told it
    Column("body", Text, nullable=False),
    Index("inbox_status", "status"),
)

COMMAND = Table(
    "command",
    METADATA,
    Column("key", String(60), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("number", String(200), nullable=False, index=True),
    Column("step", String(40), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("system", String(60), nullable=False),
    Column("worker", String(100)),  # who has it in hand, or had it last
    Column("status", String(10), nullable=False),  # given, done, later, rejected, held, poison
    Column("given", BigInteger, nullable=False),
    Column("begun", BigInteger),  # set for verbs that may not be repeated, before they are done
    Column("finished", BigInteger),
    Column("event", String(300), nullable=False),
    Column("body", Text, nullable=False),
    Index("command_event", "event"),
    Index("command_open", "given", sqlite_where=text("finished IS NULL"), postgresql_where=text("finished IS NULL")),
)

DEADLINE = Table(
    "deadline",
    METADATA,
    Column("number", String(200), primary_key=True),
    Column("name", String(120), primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("place", Integer, primary_key=True, autoincrement=True),
    Column("id", String(320), nullable=False, unique=True),
    Column("number", String(200), nullable=False),
    Column("type", String(60), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("relayed", BigInteger, index=True),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)

DELIVERY = Table(
    "delivery",
    METADATA,
    Column("target", String(60), primary_key=True),
    Column("place", Integer, primary_key=True),  # of the outbox
    Column("number", String(200), nullable=False),
    Column("status", String(10), nullable=False),  # sent, waiting, refused
    Column("attempts", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Index("delivery_status", "target", "status"),
)

JOB = Table(
    "job",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("holder", String(100), nullable=False),
    Column("until", BigInteger, nullable=False),  # how long it is its holder's
    Column("due", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),  # in a row
    Column("why", Text, nullable=False),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", String(200), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(60), nullable=False),
    Column("by", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)

SEAL = Table(
    "seal",
    METADATA,
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("number", String(200), nullable=False, index=True),
    Column("entries", Integer, nullable=False),  # that the return had
    Column("hash", String(64), nullable=False),  # of the last of them
    Column("at", BigInteger, nullable=False),
    Column("head", String(64), nullable=False),  # of the seal before and of this one
)

FINDING = Table(
    "finding",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("number", String(200), nullable=False, index=True),
    Column("source", String(20), nullable=False),  # process, inbox, reconciliation
    Column("code", String(60), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("message", Text, nullable=False),
    Column("systems", String(120), nullable=False),
    Column("currency", String(3)),
    Column("value_minor", BigInteger),
    Column("owner", String(60), nullable=False),
    Column("action", Text, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("gone", BigInteger),
)

LEASE = Table(
    "lease",
    METADATA,
    Column("worker", String(100), primary_key=True),
    Column("beat", BigInteger, nullable=False),
)

VENDOR = Table(
    "vendor",
    METADATA,
    Column("worker", String(100), primary_key=True),
    Column("system", String(60), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("concurrent", Integer, nullable=False),
    Column("running", Integer, nullable=False),
    Column("calls", Integer),  # that may be made in `per_seconds`
    Column("per_seconds", Integer),
    Column("used", Integer),
    Column("failures", Integer, nullable=False),  # in a row
    Column("left_alone_until", BigInteger),
)
