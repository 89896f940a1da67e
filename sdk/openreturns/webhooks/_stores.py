"""Where events wait until they are applied, and what has been: in memory, or in a file that outlives a crash."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

__all__ = ["Event", "FileStore", "MemoryStore", "Store"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an entity of the vendor's: `return/78101`, say.

    `revision` orders the events of one entity: a revision number, or the moment in microseconds. `id` is the
    vendor's for the event, the same each time it is delivered.
    """

    id: str
    entity: str
    revision: int
    body: bytes = field(default=b"", repr=False)


class Store(Protocol):
    """Remembers events. Each method is whole or not at all, from any thread."""

    def add(self, event: Event) -> bool:
        """Keep an event that is to be applied; return False if its id is known."""
        ...

    def waiting(self) -> Sequence[Event]:
        """Return the events to be applied, in the order they came."""
        ...

    def newest(self, entity: str) -> int | None:
        """Return the newest revision that was applied to an entity."""
        ...

    def done(self, event: Event) -> None:
        """Take an event off the waiting list, and remember its id, and its revision if that is the newest."""
        ...


class MemoryStore:
    """Forgets with the process, and the oldest ids of applied events beyond `bound`; never one that waits."""

    def __init__(self, bound: int = 100_000) -> None:
        self._bound = bound
        self._waiting: dict[str, Event] = {}
        self._done: OrderedDict[str, None] = OrderedDict()
        self._newest: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, event: Event) -> bool:
        """Keep an event, unless its id is known."""
        with self._lock:
            if event.id in self._waiting or event.id in self._done:
                return False
            self._waiting[event.id] = event
            return True

    def waiting(self) -> Sequence[Event]:
        """Return the events to be applied."""
        with self._lock:
            return list(self._waiting.values())

    def newest(self, entity: str) -> int | None:
        """Return the newest revision that was applied."""
        with self._lock:
            return self._newest.get(entity)

    def done(self, event: Event) -> None:
        """Remember that an event needs nothing more."""
        with self._lock:
            self._waiting.pop(event.id, None)
            self._done[event.id] = None
            self._newest[event.entity] = max(event.revision, self._newest.pop(event.entity, event.revision))
            for memory in (self._done, self._newest):
                if len(memory) > self._bound:
                    memory.popitem(last=False)


_TABLES = """
CREATE TABLE IF NOT EXISTS event (
  place INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, entity TEXT NOT NULL, revision INTEGER NOT NULL, body BLOB
);
CREATE TABLE IF NOT EXISTS entity (name TEXT PRIMARY KEY, newest INTEGER NOT NULL);
"""


class FileStore:
    """An SQLite file: what was received is still there after a crash. An event that is done keeps its id only."""

    def __init__(self, path: Path | str) -> None:
        self._file = sqlite3.connect(path, check_same_thread=False)
        self._file.executescript(f"PRAGMA journal_mode = WAL; {_TABLES}")
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def add(self, event: Event) -> bool:
        """Keep an event, unless its id is known."""
        row = (event.id, event.entity, event.revision, event.body)
        with self._lock, self._file:
            added = self._file.execute(
                "INSERT INTO event (id, entity, revision, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", row
            )
            return added.rowcount == 1

    def waiting(self) -> Sequence[Event]:
        """Return the events to be applied."""
        with self._lock:
            rows = self._file.execute(
                "SELECT id, entity, revision, body FROM event WHERE body IS NOT NULL ORDER BY place"
            )
            return [Event(*row) for row in rows]

    def newest(self, entity: str) -> int | None:
        """Return the newest revision that was applied."""
        with self._lock:
            row = self._file.execute("SELECT newest FROM entity WHERE name = ?", (entity,)).fetchone()
            return row and int(row[0])

    def done(self, event: Event) -> None:
        """Remember that an event needs nothing more."""
        with self._lock, self._file:
            self._file.execute("UPDATE event SET body = NULL WHERE id = ?", (event.id,))
            self._file.execute(
                "INSERT INTO entity VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET newest = max(newest, excluded.newest)",
                (event.entity, event.revision),
            )
