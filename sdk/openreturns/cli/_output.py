"""Where translated records go: one stream, a record a line, or a folder with the names of the input."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, ClassVar, NamedTuple, Protocol

import click

from openreturns.cli._input import Input, Source
from openreturns.formats import JSON, Format

__all__ = ["Folder", "Lines", "Sink", "opened", "refuse_overwriting", "sink"]

_BUFFER = 256 * 1024


class Sink(Protocol):
    """Takes the records made of one record, in order; where it `joins`, the lines of several at once too."""

    joins: ClassVar[bool]

    def write(self, source: Source, records: list[bytes]) -> None:
        """Write them."""

    def join(self, lines: bytes | memoryview) -> None:
        """Write what several records became."""

    def close(self) -> None:
        """Write what is held back."""


class Lines:
    """One file or standard output, a record a line; `at_once` where someone may wait for each."""

    joins: ClassVar[bool] = True

    def __init__(self, stream: IO[bytes] | None = None, *, at_once: bool = False) -> None:
        self._stream = stream or sys.stdout.buffer
        self._at_once = at_once

    def write(self, source: Source, records: list[bytes]) -> None:
        """Write the records, each on a line of its own."""
        for record in records:
            self._stream.write(record + b"\n")
        if self._at_once:
            self._stream.flush()

    def join(self, lines: bytes | memoryview) -> None:
        """Write the lines that several records became."""
        self._stream.write(lines)
        if self._at_once:
            self._stream.flush()

    def close(self) -> None:
        """Send what is buffered."""
        self._stream.flush()


class Folder:
    """A folder that gets the names of the input: a document a file stays one, lines stay lines if they are JSON.

    In another format each record of a file is a file with its number (`a.7.xml`). A document that became several has
    them numbered (`a.1.json`, `a.2.json`); a name already taken is numbered on, so that two folders with the same
    names can go into one. Raises UsageError where the folder cannot be made.
    """

    joins: ClassVar[bool] = False

    def __init__(self, folder: Path, reads: Format = JSON, writes: Format = JSON) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from None
        self._folder = folder
        self._left_off = reads.suffixes
        self._suffix = writes.suffixes[0]
        self._keeps_lines = writes is JSON
        self._taken: set[Path] = set()
        self._lines: tuple[str, IO[bytes]] | None = None

    def write(self, source: Source, records: list[bytes]) -> None:
        """Write the records to files of their own, or to the lines of the file they came from."""
        if source.line and self._keeps_lines:
            stream = self._stream(source)
            stream.write(b"".join(record + b"\n" for record in records))
            return
        for number, record in enumerate(records, 1):
            numbers = [source.line] * bool(source.line) + [number] * (len(records) > 1)
            with _file(self._new(source.under, numbers, self._suffix), io.DEFAULT_BUFFER_SIZE) as stream:
                stream.write(record + b"\n")

    def join(self, lines: bytes | memoryview) -> None:
        """Refuse: which file lines belong to is not told by them."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the file that is open."""
        if self._lines:
            self._lines[1].close()
            self._lines = None

    def _stream(self, source: Source) -> IO[bytes]:
        if self._lines is None or self._lines[0] != source.name:
            self.close()
            self._lines = source.name, _file(self._new(source.under, (), ".jsonl"))
        return self._lines[1]

    def _new(self, under: str, numbers: Sequence[int], suffix: str) -> Path:
        base = self._folder / under
        stem = base.stem if base.suffix.lower() in self._left_off else base.name
        *before, number = numbers or (0,)
        stem = ".".join([stem, *map(str, before)])
        path = base.with_name(f"{stem}.{number}{suffix}" if number else stem + suffix)
        while path in self._taken:
            number += 1
            path = base.with_name(f"{stem}.{number}{suffix}")
        self._taken.add(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def sink(
    stack: ExitStack, out: str | None, reads: Format = JSON, writes: Format = JSON, *, at_once: bool = False
) -> Sink:
    """Return what writes to `out` until the stack unwinds: a folder, a file, or without a name standard output.

    Raises UsageError where it cannot be written.
    """
    if out and (out.endswith(("/", os.sep)) or Path(out).is_dir()):
        return stack.enter_context(closing(Folder(Path(out), reads, writes)))
    return stack.enter_context(closing(Lines(opened(stack, Path(out) if out else None), at_once=at_once)))


def opened(stack: ExitStack, path: Path | None) -> IO[bytes] | None:
    """Open a file for writing until the stack unwinds. Raises UsageError where that cannot be."""
    if path is None:
        return None
    try:
        return stack.enter_context(_file(path))
    except OSError as error:
        raise _unwritable(path, error) from None


class _Named(io.FileIO):
    """A file whose name is in the error where it cannot be written, as that of opening it has it."""

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - whatever has bytes; before Python 3.12 that has no name
        try:
            return super().write(data)
        except OSError as error:
            error.filename = str(self.name)
            raise


def _file(path: Path, buffer: int = _BUFFER) -> IO[bytes]:
    return io.BufferedWriter(_Named(path, "w"), buffer)


def _unwritable(path: Path, error: OSError) -> click.UsageError:
    return click.UsageError(f"cannot write {path}: {error.strerror}")


def refuse_overwriting(
    found: Iterable[Input],
    outputs: Mapping[str, Path | None],
    also_read: Mapping[str, Path | None] = MappingProxyType({}),
) -> None:
    """Raise UsageError if something would be written over: an input, a file that an option reads, another output.

    Outputs are by the name of their option. A folder to write to may hold none of the others.
    """
    targets = {name: _Place.of(path) for name, path in outputs.items() if path is not None and not _endless(path)}
    for (one, first), (other, second) in combinations(targets.items(), 2):
        if first.takes(second) or second.takes(first):
            raise click.UsageError(f"{one} and {other} would overwrite each other: {outputs[one]} and {outputs[other]}")
    read = [(one.name, one.path) for one in found if not one.left_out]
    read += [(f"{name} {path}", path) for name, path in also_read.items()]
    for name, path in read:
        place = _Place.of(path) if path else None
        for target in targets.values():
            if place and target.takes(place):
                raise click.UsageError(f"{name} is an input; writing to {target.real.name} would overwrite it")


class _Place(NamedTuple):
    """Where a file is, whatever the path to it: its real path, and which file of the disk it is."""

    real: Path
    file: tuple[int, int] | None

    @classmethod
    def of(cls, path: Path) -> _Place:
        """Return the place of a path."""
        try:
            found = path.stat()
        except OSError:  # there is none yet, or it may not be seen
            return cls(path.resolve(), None)
        return cls(path.resolve(), (found.st_dev, found.st_ino))

    def takes(self, other: _Place) -> bool:
        """Say whether writing to this file or folder may replace another file."""
        same = self.file is not None and self.file == other.file
        return same or self.real == other.real or self.real in other.real.parents


def _endless(path: Path) -> bool:
    """Say whether a path is a device or pipe, which takes what it is given and keeps no file."""
    return path.exists() and not (path.is_file() or path.is_dir())
