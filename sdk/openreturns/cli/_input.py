"""Records from files, folders and standard input, one at a time, each with the place it came from."""

from __future__ import annotations

import os
import sys
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import click

from openreturns._json import MAX_RECORD_BYTES
from openreturns.cli._array import members
from openreturns.errors import ContractError, Problem
from openreturns.formats import JSON, Cut, Format

__all__ = ["Input", "Source", "inputs", "progress", "records"]

_WHOLE, *_LINES = JSON.suffixes
_PIECE = 1024 * 1024
_SHOWN = 1000  # of a record that is too large to be kept whole

Watch = Callable[[int], None]
"""Told how many bytes were read."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read, or standard input (no path); `under` is its name below the folder that was given.

    With an error it cannot be read; one that is left out is no file, and why is told.
    """

    path: Path | None
    under: str
    error: str = ""
    left_out: Problem | None = None

    @property
    def name(self) -> str:
        """How it is called in reports."""
        return str(self.path) if self.path else "-"

    @property
    def size(self) -> int:
        """Its size in bytes, 0 where nobody can tell."""
        try:
            return self.path.stat().st_size if self.path and not (self.error or self.left_out) else 0
        except OSError:  # a link to nowhere, or gone since the folder was looked into: reading tells
            return 0


@dataclass(frozen=True, slots=True)
class Source:
    """One record as it came: its bytes, or why it could not be taken whole and the file that has it."""

    name: str
    line: int
    data: bytes
    error: ContractError | None = None
    under: str = ""
    kept: str = ""

    @property
    def place(self) -> str:
        """Where it stands: file and, for JSON Lines and arrays, its number."""
        return f"{self.name}:{self.line}" if self.line else self.name


Tell = Callable[[Source, Problem], None]
"""Told which input gave no record, and why."""


def inputs(paths: Iterable[str], written: Format = JSON) -> list[Input]:
    """Return the files of paths and folders, in order; a folder's are those with a suffix of the format.

    Raises UsageError for a path that does not exist; a folder that may not be looked into is an input with an error,
    one without a file, or that is a link in a folder, is left out.
    """
    found: list[Input] = []
    for path in paths:
        if path == "-":
            found.append(Input(None, f"stdin{_LINES[0] if written is JSON else written.suffixes[0]}"))
        elif Path(path).is_dir():
            found += sorted(_below(Path(path), written), key=lambda one: one.name) or [_empty(Path(path), written)]
        elif Path(path).exists():
            found.append(Input(Path(path), Path(path).name))
        else:
            raise click.UsageError(f"there is no file or folder {path}")
    return found


def _below(folder: Path, written: Format) -> Iterator[Input]:
    barred: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=barred.append):
        yield from (_link(link, folder) for name in folders if (link := Path(root, name)).is_symlink())
        files = (Path(root, name) for name in names if Path(name).suffix.lower() in written.suffixes)
        yield from (Input(file, str(file.relative_to(folder))) for file in files)
    for error in barred:
        place = Path(error.filename)
        yield Input(place, str(place.relative_to(folder)), f"cannot look into the folder: {error.strerror}")


def _link(link: Path, folder: Path) -> Input:
    """Return a link to a folder: followed, it might lead in a circle, or to records that are read already."""
    left_out = Problem("not_followed", "a link to a folder: name it to have it read")
    return Input(link, str(link.relative_to(folder)), left_out=left_out)


def _empty(folder: Path, written: Format) -> Input:
    return Input(folder, "", left_out=Problem("no_file", f"there is no {', '.join(written.suffixes)} file in it"))


def records(
    found: Iterable[Input], watch: Watch, tell: Tell, keep: Path | None = None, written: Format = JSON
) -> Iterator[Source]:
    """Yield the records of all inputs, in order: a file has one, an array of them, or one a line.

    `.json` is a document or an array, `.jsonl` and `.ndjson` are JSON Lines. Standard input and files of other
    names are lines too, unless they start with `[` or with a line that is only `{`: then they are one array or
    one document. In another format than JSON a file is one record, or what the format cuts it into. What standard
    input gives beyond the size of a record goes to a file beside `keep`, as nobody could read it again. An input
    that is left out, or without a record, is told.
    """
    for one in found:
        why: Problem | None = one.left_out or Problem("no_record", "there is no record in it")
        for source in () if one.left_out else _records(one, watch, keep, written):
            why = None
            yield source
        if why:
            tell(Source(one.name, 0, b""), why)


def _records(one: Input, watch: Watch, keep: Path | None, written: Format) -> Iterator[Source]:
    if one.error:
        yield _unreadable(one, one.error)
        return
    try:
        if one.path is None:
            yield from _Reader(one, sys.stdin.buffer, watch, keep, written).records("")
            return
        with one.path.open("rb", buffering=_PIECE // 4) as stream:
            yield from _Reader(one, stream, watch, None, written).records(one.path.suffix.lower())
    except BrokenPipeError:  # whoever reads what we write is gone, not the file
        raise
    except OSError as error:
        yield _unreadable(one, f"cannot read: {error.strerror}")


def _unreadable(one: Input, reason: str) -> Source:
    return Source(one.name, 0, b"", ContractError(reason, kind="unreadable"), one.under)


@dataclass(frozen=True, slots=True)
class _Reader:
    one: Input
    stream: BinaryIO
    watch: Watch
    keep: Path | None
    written: Format

    def records(self, suffix: str) -> Iterator[Source]:
        if self.written.cut:
            yield from self._cut(self.written.cut)
        elif self.written is not JSON or suffix == _WHOLE:
            yield from self.whole()
        else:
            yield from self.sniffed(are_lines=suffix in _LINES)

    def _cut(self, cut: Cut) -> Iterator[Source]:
        for number, (data, error) in enumerate(cut(self.stream), 1):
            self.watch(len(data))
            yield self._source(number, data, error)

    def sniffed(self, *, are_lines: bool) -> Iterator[Source]:
        blank = 0
        while (first := self._line()) and not first.strip():
            blank += 1
        # What is behind a byte order mark is refused, and once: no line ends where UTF-16 has a byte that ends one.
        start = first.removeprefix(BOM_UTF8).strip()
        is_whole = first.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or (
            not are_lines and (start == b"{" or start.startswith(b"["))
        )
        yield from self.whole(first) if is_whole else self.lines(first, blank)

    def lines(self, first: bytes, number: int) -> Iterator[Source]:
        while line := first or self._line():
            first = b""
            number += 1
            self.watch(len(line))
            if len(line) > MAX_RECORD_BYTES and not line.endswith(b"\n"):
                yield self._too_large(number, line, iter(lambda: self.stream.readline(_PIECE), b""))
            elif line.strip():
                yield self._source(number, line.rstrip(b"\r\n"))

    def whole(self, first: bytes = b"") -> Iterator[Source]:
        data = first + self.stream.read(MAX_RECORD_BYTES + 1 - len(first))
        self.watch(len(data))
        if len(data) > MAX_RECORD_BYTES:
            rest = iter(lambda: self.stream.read(_PIECE), b"") if self.keep else iter(())
            hint = "; many records are read from JSON Lines of any length" if self.written is JSON else ""
            yield self._too_large(0, data, rest, hint)
        elif self.written is JSON and data.lstrip().startswith(b"["):
            yield from self._listed(data)
        else:
            yield self._source(0, data)

    def _line(self) -> bytes:
        return self.stream.readline(MAX_RECORD_BYTES + 1)

    def _source(self, number: int, data: bytes, error: ContractError | None = None, kept: str = "") -> Source:
        return Source(self.one.name, number, data, error, self.one.under, kept)

    def _listed(self, data: bytes) -> Iterator[Source]:
        try:
            for number, member in enumerate(members(data), 1):
                yield self._source(number, member)
        except ContractError as error:
            yield self._source(0, data, error)

    def _too_large(self, number: int, start: bytes, rest: Iterator[bytes], hint: str = "") -> Source:
        """Read to the end of the record without holding it."""
        kept = self.keep.with_name(f"{self.keep.name}.too-large-{number}") if self.keep else None
        with kept.open("wb") if kept else nullcontext() as copy:
            piece = start
            while piece:
                if copy:
                    copy.write(piece)
                if piece is not start:
                    self.watch(len(piece))
                if number and piece.endswith(b"\n"):
                    break
                piece = next(rest, b"")
        error = ContractError(f"the record has more than {MAX_RECORD_BYTES:,} bytes{hint}", kind="size")
        return self._source(number, start[:_SHOWN], error, str(kept or ""))


@contextmanager
def progress(found: list[Input], *, shown: bool) -> Iterator[Watch]:
    """Show on standard error how far reading has come, where a person sits there and `shown` allows it."""
    if not (shown and sys.stderr.isatty()):
        yield lambda _: None
        return
    known = all(one.path for one in found)
    total = {"length": sum(one.size for one in found)} if known else {"iterable": iter(lambda: 0, 1)}
    bar: Any = click.progressbar(**total, label="reading", file=sys.stderr, update_min_steps=_PIECE // 4)
    with bar:
        yield bar.update
