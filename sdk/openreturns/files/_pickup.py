"""Picking files up: claim, keep, take, answer, in an order that loses and doubles nothing when it is cut off."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from openreturns._json import dump
from openreturns.files._folders import Source, name_of, write_whole
from openreturns.files._inbox import Inbox, Taken
from openreturns.files._parts import Parting

__all__ = ["Pickup"]


_STALE = 86_400  # seconds; no copy takes a day


class Pickup:
    """Files of a source on their way into an inbox.

    `home` is a folder of ours, on one disk:

    - `archive/<checksum>-<name>`: every file as it came;
    - `quarantine/<checksum>-<place>.bin` and `.json`: each part that was refused, and the reasons.

    Answers (997s, say) are delivered to `answers`, if there is one. Run by as many workers as you like.
    """

    def __init__(
        self, source: Source, inbox: Inbox, part: Parting, home: str | Path, *, answers: Source | None = None
    ) -> None:
        self.source, self.inbox, self.part, self.answers = source, inbox, part, answers
        self.archive, self.quarantine, self._spool = (Path(home) / name for name in ("archive", "quarantine", ".spool"))
        for folder in (self.archive, self.quarantine, self._spool):
            folder.mkdir(parents=True, exist_ok=True)

    def run(self) -> list[Taken]:
        """Take in what waits and what earlier workers had claimed and not finished; then send the answers.

        A file that cannot be taken (the disk is full, the parting is broken) stays claimed for the next time, and keeps
        no other from being taken. Raises what went wrong with the first of them, after all.
        """
        self._tidy()
        taken: list[Taken] = []
        wrong: list[Exception] = []
        for token in self._tokens():
            try:
                if (done := self._process(token)) is not None:
                    taken.append(done)
            except Exception as error:  # noqa: BLE001 - raised below, when the others are taken
                wrong.append(error)
        self._answer()
        if wrong:
            raise wrong[0]
        return taken

    def _tidy(self) -> None:
        """Remove what workers that were killed have left half copied; the files themselves are still claimed."""
        for path in self._spool.iterdir():
            with suppress(FileNotFoundError):  # another worker is done with it
                if time.time() - path.stat().st_mtime > _STALE:
                    path.unlink()

    def _tokens(self) -> Iterator[str]:
        """Yield the files that were claimed and not finished, then claim those that wait, one at a time."""
        yield from self.source.claimed()
        yield from (token for name in self.source.waiting() if (token := self.source.claim(name)))

    def _process(self, token: str) -> Taken | None:
        kept = self._kept(token)
        if kept is None:
            return None
        name = name_of(token)
        try:
            with kept.open("rb") as file:
                taken = self.inbox.take(name, file, self.part)
            self._set_apart(taken.sha256)
            kept.replace(self.archive / f"{taken.sha256}-{name}")
        finally:
            kept.unlink(missing_ok=True)
        self.source.finish(token)
        return taken

    def _kept(self, token: str) -> Path | None:
        """Copy a claimed file to our own disk; None where it is gone, or still written to."""
        before, path = self.source.state(token), self._spool / uuid4().hex
        came = self.source.open(token)
        if came is None:
            return None
        with came, path.open("wb") as file:
            shutil.copyfileobj(came, file, 1024 * 1024)
            file.flush()
            os.fsync(file.fileno())
        if before != self.source.state(token) or before is None or path.stat().st_size != before[0]:
            path.unlink()
            return None
        return path

    def _set_apart(self, sha256: str) -> None:
        """Write what was refused of a file, and why; again after a restart, with the same names."""
        for part in self.inbox.refused(sha256):
            path = self.quarantine / f"{sha256}-{part.place}"
            write_whole(path.with_suffix(".bin"), part.data)
            write_whole(path.with_suffix(".json"), dump({"place": part.place, "reasons": list(part.reasons)}))

    def _answer(self) -> None:
        for number, data in self.inbox.replies() if self.answers else ():
            if self.answers:
                self.answers.deliver(f"answer-{number:09}.edi", data)
                self.inbox.sent(number)

    def replay(self, sha256: str) -> Taken:
        """Take in an archived file again: what was refused and is good now is taken, nothing is doubled.

        Raises FileNotFoundError for a checksum that the archive does not have.
        """
        path = next(self.archive.glob(f"{sha256}-*"), None)
        if path is None:
            raise FileNotFoundError(f"the archive has no file with the checksum {sha256}")
        for old in self.quarantine.glob(f"{sha256}-*"):
            old.unlink()
        with path.open("rb") as file:
            taken = self.inbox.take(path.name.partition("-")[2], file, self.part, again=True)
        self._set_apart(sha256)
        self._answer()
        return taken
