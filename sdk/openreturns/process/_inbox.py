"""The inbox: an event is kept, durably, before anybody is told that it was received, and is taken once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection

from openreturns.process import _statements as sql
from openreturns.process import events
from openreturns.process._model import reading
from openreturns.process._values import digest, micros
from openreturns.process.telemetry import traceparent

__all__ = ["DISCARDED", "POISON", "Accepted", "Incoming", "put_in"]

POISON, DISCARDED = "poison", "discarded"  # why an event is kept: it cannot be decided on, a person gave it up
Accepted = Literal["new", "duplicate", "conflict"]


@dataclass(frozen=True)
class Incoming:
    """An event that is decided on. `reason` says why it was kept, `fresh` that it has yet to be decided on by itself.

    `row` is its row in the inbox, if it is not there.
    """

    id: str
    number: str
    event: events.Event
    body: str
    reason: str = ""
    fresh: bool = False
    row: sql.Row | None = None

    @property
    def root(self) -> str:
        """The event from outside that led to this one: commands stay its until they are done, whatever the turn."""
        return self.id.partition("#")[0] if self.event.type == "commands.finished" else self.id

    @classmethod
    def of(cls, row: Any, *, fresh: bool = False) -> Incoming:  # noqa: ANN401 - a row of the inbox
        """Return an event of the inbox."""
        return cls(row.id, row.number, _event(row.body), row.body, row.reason, fresh)

    @classmethod
    def new(cls, number: str, event: events.Event, now: datetime) -> Incoming:
        """Return an event that is not in the inbox."""
        body = event.to_json()
        row = {
            "id": event.id, "number": number, "type": event.type, "at": micros(event.at), "received": micros(now),
            "status": "received", "reason": "", "why": None, "version": None, "runs": 0, "digest": digest(number, body),
            "trace": traceparent(), "body": body,
        }  # fmt: skip
        return cls(event.id, number, event, body, row=row)


@lru_cache(maxsize=256)
def _event(body: str) -> events.Event:
    """Return an event of the inbox; one that came too early is looked at time and again."""
    return reading(events.EVENT.validate_json, body, "an event of the inbox")


def put_in(connection: Connection, number: str, event: events.Event, now: datetime) -> Accepted:
    """Put an event in the inbox, once; one with other content under the same id is kept beside it."""
    row = Incoming.new(number, event, now).row
    assert row is not None  # a new one has its row
    if sql.ACCEPT(connection, row).one_or_none() is not None:
        return "new"
    told = row["digest"]
    if sql.DIGEST(connection, {"event": event.id}).scalar_one() == told:
        return "duplicate"
    sql.ACCEPT(connection, {**row, "id": f"{event.id}#{told[:16]}", "status": "kept", "reason": "conflict"})
    return "conflict"
