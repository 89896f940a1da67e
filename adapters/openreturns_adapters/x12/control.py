"""Control numbers that never repeat: one SQLite file, a row for each partner and kind of number."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Literal

from openreturns.errors import MappingError

__all__ = ["ControlNumbers"]

_LAST = 999_999_999


class ControlNumbers:
    """The numbers of interchanges and groups, by partner. A number is used up once it is given, sent or not."""

    def __init__(self, path: str | Path) -> None:
        self._db = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._db.execute("PRAGMA synchronous = FULL")  # a number that was given is on the disk
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS numbers (partner TEXT, kind TEXT, last INTEGER, PRIMARY KEY (partner, kind))"
        )

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def next(self, partner: str, kind: Literal["interchange", "group"]) -> int:
        """Return the next number, which nobody gets again. Raises MappingError (kind `setting`) after the last."""
        statement = """
            INSERT INTO numbers VALUES (?, ?, 1)
            ON CONFLICT DO UPDATE SET last = last + 1 WHERE last < ? RETURNING last
        """
        found = self._db.execute(statement, (partner, kind, _LAST)).fetchone()
        if found is None:
            message = f"all control numbers of {kind}s with this partner are used; agree to start a new file with it"
            raise MappingError(message, kind="setting")
        return int(found[0])
