"""Where events wait until they are applied, and what has been: in memory, or in a file that outlives a crash."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

__all__ = ["Event", "FileStore", "MemoryStore", "Store"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an entity of a source's: at `shipbob`, to `return/78101`, say.

    `source` says whose ids these are: the vendor, or its account where you have several. `id` is the source's
    for the event, the same each time it is delivered. `revision` orders the events of one entity: a revision
    number, or the moment in microseconds.
    """

    source: str
    id: str
    entity: str
    revision: int
    body: bytes = field(default=b"", repr=False)


class Store(Protocol):
    """Remembers events, and who works on which entity. Each method is whole or not at all, from any thread."""

    def add(self, event: Event) -> bool:
        """Keep an event that is to be applied; return False if the source's id is known."""
        ...

    def waiting(self) -> Sequence[Event]:
        """Return the events to be applied, in the order they came."""
        ...

    def claim(self, event: Event, holder: str, seconds: float) -> bool:
        """Lease the event's entity to a holder, anew if it has it already.

        Return False if another's lease has not ended, or if the event does not wait any more.
        """
        ...

    def release(self, event: Event, holder: str) -> None:
        """End the holder's lease of the event's entity, if it has it still."""
        ...

    def newest(self, source: str, entity: str) -> int | None:
        """Return the newest revision that was applied to an entity."""
        ...

    def done(self, event: Event) -> None:
        """Take an event off the waiting list, and remember its id, and its revision if that is the newest."""
        ...


class MemoryStore:
    """Forgets with the process, and the oldest ids of applied events beyond `bound`; never one that waits.

    `clock` is what leases end by, in seconds.
    """

    def __init__(self, bound: int = 100_000, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._bound = bound
        self._clock = clock
        self._waiting: dict[tuple[str, str], Event] = {}
        self._done: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._newest: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._leases: dict[tuple[str, str], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def add(self, event: Event) -> bool:
        """Keep an event, unless its id is known."""
        key = event.source, event.id
        with self._lock:
            if key in self._waiting or key in self._done:
                return False
            self._waiting[key] = event
            return True

    def waiting(self) -> Sequence[Event]:
        """Return the events to be applied."""
        with self._lock:
            return list(self._waiting.values())

    def claim(self, event: Event, holder: str, seconds: float) -> bool:
        """Lease the event's entity, unless it is leased to another or the event is done."""
        entity = event.source, event.entity
        with self._lock:
            now = self._clock()
            whose, until = self._leases.get(entity, (holder, now))
            if (event.source, event.id) not in self._waiting or (whose != holder and until > now):
                return False
            self._leases[entity] = holder, now + seconds
            return True

    def release(self, event: Event, holder: str) -> None:
        """End the holder's lease."""
        entity = event.source, event.entity
        with self._lock:
            if entity in self._leases and self._leases[entity][0] == holder:
                del self._leases[entity]

    def newest(self, source: str, entity: str) -> int | None:
        """Return the newest revision that was applied."""
        with self._lock:
            return self._newest.get((source, entity))

    def done(self, event: Event) -> None:
        """Remember that an event needs nothing more."""
        key, entity = (event.source, event.id), (event.source, event.entity)
        with self._lock:
            self._waiting.pop(key, None)
            self._done[key] = None
            self._newest[entity] = max(event.revision, self._newest.pop(entity, event.revision))
            if len(self._done) > self._bound:
                self._done.popitem(last=False)
            if len(self._newest) > self._bound:
                self._newest.popitem(last=False)


_TABLES = """
CREATE TABLE IF NOT EXISTS event (
  place INTEGER PRIMARY KEY, source TEXT NOT NULL, id TEXT NOT NULL,
  entity TEXT NOT NULL, revision INTEGER NOT NULL, body BLOB,
  UNIQUE (source, id)
);
CREATE INDEX IF NOT EXISTS waiting ON event (place) WHERE body IS NOT NULL;
CREATE TABLE IF NOT EXISTS entity (
  source TEXT NOT NULL, name TEXT NOT NULL, newest INTEGER NOT NULL, PRIMARY KEY (source, name)
);
CREATE TABLE IF NOT EXISTS lease (
  source TEXT NOT NULL, entity TEXT NOT NULL, holder TEXT NOT NULL, until REAL NOT NULL, PRIMARY KEY (source, entity)
);
"""

# One statement, so that of two processes one comes first and the other sees it.
_CLAIM = """
INSERT INTO lease SELECT :source, :entity, :holder, :until
 WHERE EXISTS (SELECT 1 FROM event WHERE source = :source AND id = :id AND body IS NOT NULL)
ON CONFLICT DO UPDATE SET holder = :holder, until = :until WHERE holder = :holder OR until <= :now
"""


class FileStore:
    """An SQLite file: what was received is still there after a crash. An event that is done keeps its id only.

    Several threads and processes of one machine may share the file, each process with a store of its own.
    `clock` is what leases end by, in seconds, the same for all of them.
    """

    def __init__(self, path: Path | str, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._file = _opened(path)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def add(self, event: Event) -> bool:
        """Keep an event, unless its id is known."""
        row = (event.source, event.id, event.entity, event.revision, event.body)
        with self._lock, self._file:
            added = self._file.execute(
                "INSERT INTO event (source, id, entity, revision, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                row,
            )
            return added.rowcount == 1

    def waiting(self) -> Sequence[Event]:
        """Return the events to be applied."""
        with self._lock:
            rows = self._file.execute(
                "SELECT source, id, entity, revision, body FROM event WHERE body IS NOT NULL ORDER BY place"
            )
            return [Event(*row) for row in rows]

    def claim(self, event: Event, holder: str, seconds: float) -> bool:
        """Lease the event's entity, unless it is leased to another or the event is done."""
        now = self._clock()
        row = {"source": event.source, "id": event.id, "entity": event.entity, "holder": holder}
        with self._lock, self._file:
            return self._file.execute(_CLAIM, {**row, "now": now, "until": now + seconds}).rowcount == 1

    def release(self, event: Event, holder: str) -> None:
        """End the holder's lease."""
        row = (event.source, event.entity, holder)
        with self._lock, self._file:
            self._file.execute("DELETE FROM lease WHERE source = ? AND entity = ? AND holder = ?", row)

    def newest(self, source: str, entity: str) -> int | None:
        """Return the newest revision that was applied."""
        with self._lock:
            asked = "SELECT newest FROM entity WHERE source = ? AND name = ?"
            row = self._file.execute(asked, (source, entity)).fetchone()
            return row and int(row[0])

    def done(self, event: Event) -> None:
        """Remember that an event needs nothing more."""
        with self._lock, self._file:
            self._file.execute("UPDATE event SET body = NULL WHERE source = ? AND id = ?", (event.source, event.id))
            self._file.execute(
                "INSERT INTO entity VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET newest = max(newest, excluded.newest)",
                (event.source, event.entity, event.revision),
            )


_PATIENCE = 30.0


def _opened(path: Path | str) -> sqlite3.Connection:
    file = sqlite3.connect(path, check_same_thread=False, timeout=_PATIENCE)
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            file.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_TABLES}")
        except sqlite3.OperationalError as error:
            # Of processes that open a new file at one moment, SQLite lets one set the mode and the others not wait.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                file.close()
                raise
            time.sleep(0.005)
        else:
            return file
