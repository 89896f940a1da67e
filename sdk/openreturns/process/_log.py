"""SQLite's write-ahead log, brought to the disk for many commits at once."""

from __future__ import annotations

import os
import threading
from pathlib import Path

__all__ = ["Log"]

_to_disk = getattr(os, "fdatasync", os.fsync)


class Log:
    """The log of a database that SQLite does not bring to the disk at each commit (`synchronous=NORMAL`).

    SQLite would do so with the database locked, one commit after the other. Here whoever has committed waits for the
    disk outside of the lock, and those who committed meanwhile share the next time: what PostgreSQL does by itself.
    """

    def __init__(self) -> None:
        self.database = ""
        """The database's file; empty for one that has no log: in memory, or not in WAL mode."""
        self._lock = threading.Lock()
        self._begun = self._ended = 0

    def sync(self) -> None:
        """Return when all that the caller has committed is on the disk, also by another process.

        Raises OSError if the disk does not take it: then nobody may be told that it is kept.
        """
        before = self._begun
        with self._lock:
            if self._ended <= before and self.database:  # else one that began after the commit has ended
                self._begun += 1
                self._sync()
                self._ended = self._begun

    def _sync(self) -> None:
        try:
            log = os.open(Path(f"{self.database}-wal"), os.O_RDWR)
        except FileNotFoundError:  # whoever closed the last connection has moved all of it into the database
            return
        try:
            _to_disk(log)
        finally:
            os.close(log)
