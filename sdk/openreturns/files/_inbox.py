"""What came in files, in one SQLite database: every record once, the refused with their reasons, the answers due."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from openreturns._json import dump, parse
from openreturns.errors import Problem
from openreturns.files._parts import Part, Parting

__all__ = ["Inbox", "Record", "Refused", "Taken"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
  sha256 TEXT PRIMARY KEY, name TEXT NOT NULL,
  taken INTEGER NOT NULL, repeated INTEGER NOT NULL, refused INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS batches (batch TEXT PRIMARY KEY, sha256 TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS records (
  key TEXT PRIMARY KEY, sha256 TEXT NOT NULL, native TEXT NOT NULL, digest BLOB NOT NULL, data BLOB NOT NULL,
  done INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS waiting ON records (done) WHERE done = 0;
CREATE TABLE IF NOT EXISTS refused (
  sha256 TEXT NOT NULL, place INTEGER NOT NULL, data BLOB NOT NULL, reasons BLOB NOT NULL, PRIMARY KEY (sha256, place)
);
CREATE TABLE IF NOT EXISTS replies (
  id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, place INTEGER NOT NULL, data BLOB NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0, UNIQUE (sha256, place)
);
"""
_PATIENCE = 600  # seconds that one worker waits for another to take in a file


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file: how many records are new, were there before, are refused.

    `repeated_file` says that the very same bytes came before, and nothing was taken from them this time.
    """

    name: str
    sha256: str
    taken: int
    repeated: int
    refused: int
    repeated_file: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One record that waits to be processed."""

    key: str
    native: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """One part of a file that was refused, and why."""

    place: int
    data: bytes
    reasons: tuple[str, ...]


class Inbox:
    """The records that files brought. A process that is killed leaves a file taken as a whole, or not at all."""

    def __init__(self, path: str | Path) -> None:
        self._db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # what is told to be taken is on the disk
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the one right to write until the end, and keep all of it or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # --- taking -----------------------------------------------------------------------------------------------

    def take(self, name: str, file: BinaryIO, part: Parting, *, again: bool = False) -> Taken:
        """Take what is in a file: every record that was not there before. Records one at a time, of any number.

        A file with the checksum of an earlier one is not looked into, but with `again`, which takes what was refused
        then and is good now.
        """
        sha256 = _checksum(file)
        with self._alone():
            known = self._db.execute(
                "SELECT taken, repeated, refused FROM files WHERE sha256 = ?", (sha256,)
            ).fetchone()
            if known and not again:
                taken, repeated, refused = known
                return Taken(name, sha256, taken, repeated, refused, repeated_file=True)
            self._db.execute("DELETE FROM refused WHERE sha256 = ?", (sha256,))
            file.seek(0)
            counts = {"taken": 0, "repeated": 0, "refused": 0}
            for place, one in enumerate(part(file), 1):
                if ending := self._take(one, sha256, place):
                    counts[ending] += 1
            row = (sha256, name, counts["taken"], counts["repeated"], counts["refused"])
            self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", row)
        return Taken(name, sha256, counts["taken"], counts["repeated"], counts["refused"])

    def _take(self, one: Part, sha256: str, place: int) -> str:
        mine = self._is_mine(one.batch, sha256)
        if one.reply:
            if mine and one.data:
                statement = "INSERT OR IGNORE INTO replies (sha256, place, data) VALUES (?, ?, ?)"
                self._db.execute(statement, (sha256, place, one.data))
            return ""
        if one.error is not None:
            return self._refuse(one, sha256, place, one.error.problems or (Problem(one.error.kind, str(one.error)),))
        key, digest = one.key or f"{sha256}/{place}", hashlib.sha256(one.data).digest()
        found = self._db.execute("SELECT digest FROM records WHERE key = ?", (key,)).fetchone()
        if found:
            same = found[0] == digest
            return "repeated" if same else self._refuse(one, sha256, place, (_other(f"{key} was there before"),))
        if not mine:
            return self._refuse(one, sha256, place, (_other(f"the number {one.batch} was used in another file"),))
        if one.batch:
            self._db.execute("INSERT OR IGNORE INTO batches VALUES (?, ?)", (one.batch, sha256))
        row = (key, sha256, one.native, digest, one.data)
        self._db.execute("INSERT INTO records (key, sha256, native, digest, data) VALUES (?, ?, ?, ?, ?)", row)
        return "taken"

    def _is_mine(self, batch: str, sha256: str) -> bool:
        found = self._db.execute("SELECT sha256 FROM batches WHERE batch = ?", (batch,)).fetchone() if batch else None
        return found is None or found[0] == sha256

    def _refuse(self, one: Part, sha256: str, place: int, problems: tuple[Problem, ...]) -> str:
        reasons = dump([str(problem).encode("utf-8", "replace").decode() for problem in problems])  # junk may be told
        self._db.execute("INSERT INTO refused VALUES (?, ?, ?, ?)", (sha256, place, one.data, reasons))
        return "refused"

    # --- what came --------------------------------------------------------------------------------------------

    def waiting(self, limit: int = 1000) -> list[Record]:
        """Return records that nobody has said to be done with, the oldest first."""
        rows = self._db.execute(
            "SELECT key, native, data FROM records WHERE done = 0 ORDER BY rowid LIMIT ?", (limit,)
        ).fetchall()
        return [Record(*row) for row in rows]

    def done(self, key: str) -> None:
        """Note that a record is processed, for good: it will not be waiting again."""
        self._db.execute("UPDATE records SET done = 1 WHERE key = ?", (key,))

    def refused(self, sha256: str) -> list[Refused]:
        """Return the parts of a file that were refused."""
        rows = self._db.execute(
            "SELECT place, data, reasons FROM refused WHERE sha256 = ? ORDER BY place", (sha256,)
        ).fetchall()
        return [Refused(place, data, tuple(parse(reasons))) for place, data, reasons in rows]

    def replies(self) -> list[tuple[int, bytes]]:
        """Return the answers that are not sent yet, by number."""
        return self._db.execute("SELECT id, data FROM replies WHERE sent = 0 ORDER BY id").fetchall()

    def sent(self, number: int) -> None:
        """Note that an answer is sent."""
        self._db.execute("UPDATE replies SET sent = 1 WHERE id = ?", (number,))


def _other(what: str) -> Problem:
    return Problem("repeated", f"{what} with other content")


def _checksum(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1024 * 1024):
        digest.update(chunk)
    return digest.hexdigest()
