"""Records from files, folders and standard input, one at a time, each with the place it came from."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from openreturns._json import MAX_RECORD_BYTES, dump, parse
from openreturns.errors import ContractError

__all__ = ["Source", "records", "sources"]


@dataclass(frozen=True, slots=True)
class Source:
    """One record as it came: its bytes, or why it could not be taken whole."""

    name: str
    line: int
    data: bytes
    error: ContractError | None = None

    @property
    def place(self) -> str:
        """Where it stands: file and, for JSON Lines and arrays, its number."""
        return f"{self.name}:{self.line}" if self.line else self.name


def sources(paths: Iterable[str]) -> Iterator[Path | None]:
    """Yield the files of paths and folders, in order; None is standard input."""
    for path in paths:
        if path == "-":
            yield None
        elif Path(path).is_dir():
            yield from sorted(f for f in Path(path).rglob("*") if f.suffix in (".json", ".jsonl") and f.is_file())
        else:
            yield Path(path)


def records(path: Path | None) -> Iterator[Source]:
    """Yield the records of one file: a document, an array of them, or one a line (`.jsonl`, standard input)."""
    if path is None:
        yield from _lines("-", sys.stdin.buffer)
    elif path.suffix == ".jsonl":
        with path.open("rb") as stream:
            yield from _lines(str(path), stream)
    else:
        yield from _whole(path)


def _lines(name: str, stream: BinaryIO) -> Iterator[Source]:
    number = 0
    while line := stream.readline(MAX_RECORD_BYTES + 1):
        number += 1
        if len(line) > MAX_RECORD_BYTES and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_RECORD_BYTES)) and not rest.endswith(b"\n"):
                pass
            error = ContractError(f"the record has more than {MAX_RECORD_BYTES:,} bytes", kind="size")
            yield Source(name, number, line[:1000], error)
        elif line.strip():
            yield Source(name, number, line.rstrip(b"\r\n"))


def _whole(path: Path) -> Iterator[Source]:
    size = path.stat().st_size
    if size > MAX_RECORD_BYTES:
        error = ContractError(f"the file has {size:,} bytes, the limit is {MAX_RECORD_BYTES:,}", kind="size")
        with path.open("rb") as stream:
            yield Source(str(path), 0, stream.read(1000), error)
        return
    data = path.read_bytes()
    if not data.lstrip().startswith(b"["):
        yield Source(str(path), 0, data)
        return
    try:
        listed = parse(data)
    except ContractError as error:
        yield Source(str(path), 0, data, error)
        return
    yield from (Source(str(path), number, dump(item)) for number, item in enumerate(listed, 1))
