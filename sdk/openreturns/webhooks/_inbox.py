"""Events come twice, late and in the wrong order; what is done about them is done once and in order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from openreturns.errors import OpenReturnsError
from openreturns.webhooks._stores import Event, MemoryStore, Store

__all__ = ["Inbox", "Worked", "revision_of"]


@dataclass(slots=True)
class Worked:
    """What became of the events that waited: each is in exactly one list, in the order it was looked at.

    `superseded` events came after a newer one of their entity was applied. `failed` ones wait on, with all
    later ones of their entity (`held`).
    """

    applied: list[Event] = field(default_factory=list)
    superseded: list[Event] = field(default_factory=list)
    failed: list[tuple[Event, OpenReturnsError]] = field(default_factory=list)
    held: list[Event] = field(default_factory=list)


class Inbox:
    """Receive at once, answer 2xx, and work later: what was received is not lost, what was applied is not repeated.

    An event is done when `apply` has returned; if the process dies in between, it comes again. So what `apply`
    does must be the same twice: re-read the record, write through `openreturns.idempotency.act`.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or MemoryStore()
        self._working = threading.Lock()

    def receive(self, event: Event) -> bool:
        """Keep a verified event to be applied; return False if it had been received before."""
        return self._store.add(event)

    def work(self, apply: Callable[[Event], None]) -> Worked:
        """Apply what waits, for each entity the oldest revision first, and say what became of each event."""
        worked, stuck = Worked(), set[str]()
        with self._working:
            for event in sorted(self._store.waiting(), key=lambda one: (one.entity, one.revision)):
                newest = self._store.newest(event.entity)
                if event.entity in stuck:
                    worked.held.append(event)
                elif newest is not None and event.revision < newest:
                    self._store.done(event)
                    worked.superseded.append(event)
                else:
                    try:
                        apply(event)
                    except OpenReturnsError as error:
                        stuck.add(event.entity)
                        worked.failed.append((event, error))
                    else:
                        self._store.done(event)
                        worked.applied.append(event)
        return worked


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def revision_of(moment: datetime) -> int:
    """Return a moment as a revision: whole microseconds since 1970, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
