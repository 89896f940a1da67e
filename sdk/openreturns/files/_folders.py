"""Where files come from: a folder of this machine, or of a server over SFTP. Both claim a file by renaming it."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol
from uuid import uuid4

if TYPE_CHECKING:
    from paramiko import SFTPClient

__all__ = ["Folder", "SftpFolder", "Source", "write_whole"]

_CLAIMED = ".claimed"
_UNFINISHED = (".part", ".tmp", ".filepart", ".partial", ".writing")
_SETTLED = 10.0


class Source(Protocol):
    """A folder that files are picked up from."""

    def waiting(self) -> list[str]:
        """Return the names of files that are whole, the oldest first."""

    def claim(self, name: str) -> str | None:
        """Take a file away from everybody else and return its token; None where it is not there any more."""

    def claimed(self) -> list[str]:
        """Return the tokens of files that were claimed and not finished: by a worker that was killed, or works now."""

    def open(self, token: str) -> BinaryIO | None:
        """Open a claimed file; None where somebody else has finished it."""

    def state(self, token: str) -> tuple[int, float] | None:
        """Return the size of a claimed file and when it was last written."""

    def finish(self, token: str) -> None:
        """Remove a claimed file, whose content is kept elsewhere."""

    def deliver(self, name: str, data: bytes) -> None:
        """Put a file there: whole, or not at all."""


def _is_whole(name: str, changed: float, settled: float, now: float) -> bool:
    """Whether a file looks whole: no name of one in the making, and not written to for a while."""
    return not name.startswith(".") and not name.lower().endswith(_UNFINISHED) and now - changed >= settled


def _token(name: str) -> str:
    """Return a name that no other claim has, and that sorts by when it was made."""
    return f"{time.time_ns():016x}{uuid4().hex[:16]}-{name}"


def name_of(token: str) -> str:
    """Return the name that a claimed file had."""
    return token.partition("-")[2]


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, whatever happens."""
    beside = path.with_name(f".{uuid4().hex}.part")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


class Folder:
    """A folder of this machine. `settled` is for how many seconds a file has not been written to that is whole."""

    def __init__(self, path: str | Path, *, settled: float = _SETTLED, clock: Callable[[], float] = time.time) -> None:
        self.path, self.settled, self.clock = Path(path), settled, clock
        self._claimed = self.path / _CLAIMED
        self._claimed.mkdir(parents=True, exist_ok=True)

    def waiting(self) -> list[str]:
        """Return the names of files that are whole, the oldest first."""
        now = self.clock()
        found = sorted(
            (changed, name) for name, changed in self._files() if _is_whole(name, changed, self.settled, now)
        )
        return [name for _, name in found]

    def _files(self) -> Iterator[tuple[str, float]]:
        with os.scandir(self.path) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # it was renamed or taken while we look
                    if entry.is_file(follow_symlinks=False):
                        yield entry.name, entry.stat().st_mtime

    def claim(self, name: str) -> str | None:
        """Take a file away from everybody else and return its token; None where it is not there any more."""
        token = _token(name)
        try:
            (self.path / name).rename(self._claimed / token)
        except FileNotFoundError:
            return None
        return token

    def claimed(self) -> list[str]:
        """Return the tokens of files that were claimed and not finished."""
        return sorted(entry.name for entry in self._claimed.iterdir())

    def open(self, token: str) -> BinaryIO | None:
        """Open a claimed file; None where somebody else has finished it."""
        try:
            return (self._claimed / token).open("rb")
        except FileNotFoundError:
            return None

    def state(self, token: str) -> tuple[int, float] | None:
        """Return the size of a claimed file and when it was last written."""
        try:
            found = (self._claimed / token).stat()
        except FileNotFoundError:
            return None
        return found.st_size, found.st_mtime

    def finish(self, token: str) -> None:
        """Remove a claimed file, whose content is kept elsewhere."""
        (self._claimed / token).unlink(missing_ok=True)

    def deliver(self, name: str, data: bytes) -> None:
        """Put a file there: whole, or not at all."""
        write_whole(self.path / name, data)


class SftpFolder:
    """A folder of a server, over an SFTP session of paramiko (the extra `openreturns[edi]`).

    The session is the caller's: host keys are checked and credentials kept there. A server's clock may differ from
    ours, so a file is whole when it has not been written to for `settled` seconds by the newest file's time or our own.
    """

    def __init__(
        self, session: SFTPClient, path: str, *, settled: float = _SETTLED, clock: Callable[[], float] = time.time
    ) -> None:
        self.session, self.path, self.settled, self.clock = session, PurePosixPath(path), settled, clock
        self._claimed = self.path / _CLAIMED
        with suppress(OSError):  # it is there already
            session.mkdir(str(self._claimed))

    def waiting(self) -> list[str]:
        """Return the names of files that are whole, the oldest first."""
        found = [entry for entry in self.session.listdir_attr(str(self.path)) if stat.S_ISREG(entry.st_mode or 0)]
        now = max([self.clock(), *(float(entry.st_mtime or 0) for entry in found)])
        whole = [e for e in found if _is_whole(e.filename, float(e.st_mtime or 0), self.settled, now)]
        return [entry.filename for entry in sorted(whole, key=lambda entry: (entry.st_mtime or 0, entry.filename))]

    def claim(self, name: str) -> str | None:
        """Take a file away from everybody else and return its token; None where it is not there any more."""
        token = _token(name)
        try:
            self.session.rename(str(self.path / name), str(self._claimed / token))
        except FileNotFoundError:
            return None
        return token

    def claimed(self) -> list[str]:
        """Return the tokens of files that were claimed and not finished."""
        return sorted(self.session.listdir(str(self._claimed)))

    def open(self, token: str) -> BinaryIO | None:
        """Open a claimed file; None where somebody else has finished it."""
        place = str(self._claimed / token)
        try:
            size = self.session.stat(place).st_size
            file: Any = self.session.open(place, "rb")
        except FileNotFoundError:
            return None
        file.prefetch(size)  # asks for the next pieces before they are read
        found: BinaryIO = file
        return found

    def state(self, token: str) -> tuple[int, float] | None:
        """Return the size of a claimed file and when it was last written."""
        try:
            found = self.session.stat(str(self._claimed / token))
        except FileNotFoundError:
            return None
        return int(found.st_size or 0), float(found.st_mtime or 0)

    def finish(self, token: str) -> None:
        """Remove a claimed file, whose content is kept elsewhere."""
        with suppress(FileNotFoundError):
            self.session.remove(str(self._claimed / token))

    def deliver(self, name: str, data: bytes) -> None:
        """Put a file there: whole, or not at all."""
        beside = str(self.path / f".{uuid4().hex}.part")
        with self.session.open(beside, "wb") as file:
            file.write(data)
        self.session.posix_rename(beside, str(self.path / name))
