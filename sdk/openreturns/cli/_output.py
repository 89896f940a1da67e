"""Where translated records go: one stream, a record a line, or a folder with the names of the input."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Protocol

import click

from openreturns.cli._input import Input, Source

__all__ = ["Folder", "Lines", "Sink", "opened", "refuse_overwriting"]

_BUFFER = 256 * 1024


class Sink(Protocol):
    """Takes the records made of one record, in order."""

    def write(self, source: Source, records: list[bytes]) -> None:
        """Write them."""

    def close(self) -> None:
        """Write what is held back."""


class Lines:
    """One file or standard output, a record a line; `at_once` where someone may wait for each."""

    def __init__(self, stream: IO[bytes] | None = None, *, at_once: bool = False) -> None:
        self._stream = stream or sys.stdout.buffer
        self._at_once = at_once

    def write(self, source: Source, records: list[bytes]) -> None:
        """Write the records, each on a line of its own."""
        for record in records:
            self._stream.write(record + b"\n")
        if self._at_once:
            self._stream.flush()

    def close(self) -> None:
        """Send what is buffered."""
        self._stream.flush()


class Folder:
    """A folder that gets the names of the input: a document a file stays one, lines stay lines.

    A document that became several has them numbered (`a.1.json`, `a.2.json`); a name already taken is
    numbered on, so that two folders with the same names can go into one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[Path] = set()
        self._lines: tuple[str, IO[bytes]] | None = None

    def write(self, source: Source, records: list[bytes]) -> None:
        """Write the records to files of their own, or to the lines of the file they came from."""
        if source.line:
            stream = self._stream(source)
            stream.write(b"".join(record + b"\n" for record in records))
            return
        for number, record in enumerate(records, 1):
            self._new(source.under, number if len(records) > 1 else 0, ".json").write_bytes(record + b"\n")

    def close(self) -> None:
        """Close the file that is open."""
        if self._lines:
            self._lines[1].close()
            self._lines = None

    def _stream(self, source: Source) -> IO[bytes]:
        if self._lines is None or self._lines[0] != source.name:
            self.close()
            self._lines = source.name, self._new(source.under, 0, ".jsonl").open("wb", buffering=_BUFFER)
        return self._lines[1]

    def _new(self, under: str, number: int, suffix: str) -> Path:
        base = self._folder / under
        stem = base.stem if base.suffix.lower() in (".json", ".jsonl", ".ndjson") else base.name
        path = base.with_name(f"{stem}.{number}{suffix}" if number else stem + suffix)
        while path in self._taken:
            number += 1
            path = base.with_name(f"{stem}.{number}{suffix}")
        self._taken.add(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def opened(stack: ExitStack, path: Path | None) -> IO[bytes] | None:
    """Open a file for writing until the stack unwinds. Raises ClickException where that cannot be."""
    if path is None:
        return None
    try:
        return stack.enter_context(path.open("wb", buffering=_BUFFER))
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from None


def refuse_overwriting(found: Iterable[Input], *outputs: Path | None) -> None:
    """Raise UsageError if an output is one of the inputs, or a folder to write to holds one."""
    targets = [path.resolve() for path in outputs if path is not None]
    for one in found:
        place = one.path.resolve() if one.path else None
        for target in targets:
            if place and (place == target or target in place.parents):
                raise click.UsageError(f"{one.name} is an input; writing to {target.name} would overwrite it")
