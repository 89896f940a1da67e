"""Files of lines, one record each, that begin with `bad` where they are refused; and what waits in an inbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from openreturns.errors import ContractError
from openreturns.files import Folder, Inbox, Part, Pickup


def by_line(file: BinaryIO) -> Iterator[Part]:
    """A line is `batch:key:text`; a file is answered with how many lines it has."""
    count, batch = 0, ""
    for count, line in enumerate(file, 1):  # noqa: B007 - used after the loop
        data = line.rstrip(b"\n")
        batch, _, rest = data.decode().partition(":")
        error = ContractError("the line is bad", kind="schema") if rest.startswith("bad") else None
        yield Part(data, "line", f"{batch}/{rest.partition(':')[0]}", batch, error)
    yield Part(f"{count} lines".encode(), "count", batch=batch, reply=True)


class Dock:
    """A folder that files come to, and all that takes them in."""

    def __init__(self, path: Path, settled: float = 0.0) -> None:
        self.incoming, self.home, self.answers = path / "incoming", path / "home", path / "answers"
        self.source = Folder(self.incoming, settled=settled)
        self.inbox = Inbox(path / "inbox.sqlite")
        self.pickup = Pickup(self.source, self.inbox, by_line, self.home, answers=Folder(self.answers))

    def put(self, name: str, text: str) -> Path:
        path = self.incoming / name
        path.write_text(text)
        return path

    def waiting(self) -> list[str]:
        return [record.data.decode() for record in self.inbox.waiting()]

    def answered(self) -> list[str]:
        return sorted(path.read_text() for path in self.answers.iterdir() if path.suffix == ".edi")

    def left(self) -> list[str]:
        return [path.name for path in self.incoming.rglob("*") if path.is_file()]

    def archived(self) -> list[str]:
        return sorted(path.name.partition("-")[2] for path in (self.home / "archive").iterdir())

    def refused(self) -> list[str]:
        return sorted(path.read_text() for path in (self.home / "quarantine").glob("*.json"))
