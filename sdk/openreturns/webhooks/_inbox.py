"""Events come twice, late and in the wrong order; what is done about them is done once and in order."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby

from openreturns.webhooks._stores import Event, MemoryStore, Store

__all__ = ["Inbox", "Worked", "revision_of"]


@dataclass(slots=True)
class Worked:
    """What became of the events that waited: each is in exactly one list, in the order it was looked at.

    `superseded` events came after a newer one of their entity was applied. `failed` ones wait on, whatever it
    was that `apply` raised, with all later ones of their entity (`held`). `elsewhere` are those that another
    worker has or had in hand: what of them still waits comes with the next call.
    """

    applied: list[Event] = field(default_factory=list)
    superseded: list[Event] = field(default_factory=list)
    failed: list[tuple[Event, Exception]] = field(default_factory=list)
    held: list[Event] = field(default_factory=list)
    elsewhere: list[Event] = field(default_factory=list)


class Inbox:
    """Receive at once, answer 2xx, and work later: what was received is not lost, what was applied is not repeated.

    Any number of threads and processes may work at the same time: one has an entity at a time, for as long as
    `lease`, counted anew from each of its events. An event is done when `apply` has returned; if the process
    dies in between, or `apply` takes longer than the lease, it comes again. So what `apply` does must be the
    same twice: re-read the record, write through `openreturns.idempotency.act`.
    """

    def __init__(self, store: Store | None = None, *, lease: timedelta = timedelta(minutes=10)) -> None:
        self._store = store or MemoryStore()
        self._lease = lease.total_seconds()

    def receive(self, event: Event) -> bool:
        """Keep a verified event to be applied; return False if it had been received before."""
        return self._store.add(event)

    def newest(self, source: str, entity: str) -> int | None:
        """Return the newest revision of an entity that was applied."""
        return self._store.newest(source, entity)

    def work(self, apply: Callable[[Event], None]) -> Worked:
        """Apply what waits, for each entity the oldest revision first, and say what became of each event."""
        worked, holder = Worked(), uuid.uuid4().hex
        waiting = sorted(self._store.waiting(), key=lambda one: (one.source, one.entity, one.revision))
        for _, events in groupby(waiting, key=lambda one: (one.source, one.entity)):
            self._work_on([*events], apply, holder, worked)
        return worked

    def _work_on(self, events: Sequence[Event], apply: Callable[[Event], None], holder: str, worked: Worked) -> None:
        """Apply the events of one entity, in this order, as long as it is ours."""
        try:
            for place, event in enumerate(events):
                if not self._store.claim(event, holder, self._lease):
                    # Later ones are left too: where they stand is known only to who had this one.
                    worked.elsewhere += events[place:]
                    return
                newest = self._store.newest(event.source, event.entity)
                if newest is not None and event.revision < newest:
                    self._store.done(event)
                    worked.superseded.append(event)
                    continue
                try:
                    apply(event)
                except Exception as error:  # noqa: BLE001 - whatever it is, it stops this entity and no other
                    worked.failed.append((event, error))
                    worked.held += events[place + 1 :]
                    return
                self._store.done(event)
                worked.applied.append(event)
        finally:
            self._store.release(events[0], holder)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def revision_of(moment: datetime) -> int:
    """Return a moment as a revision: whole microseconds since 1970, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
