"""Flat files as records: rows of columns (CSV and its kin), or lines of positions. For partners without an interface.

A manifest names `openreturns.flat:delimited` or `openreturns.flat:fixed_width` as the format of a record; the contract
says the layout. A row is a record; where one property is a list of objects, rows that follow one another with the same
`x-key` are one record, and its other properties stand in each of them.

| in the contract | says |
|---|---|
| `x-flat` | of the file: `encoding` (utf-8), `header` (true), `delimiter`, `quote`, `decimal`, `thousands`, `newline` |
| `x-key` | the properties whose rows are one record; without it each row is one |
| `x-column` | of a property: its column's name, where that is not its own |
| `x-width` | of a property of a fixed-width file: how many characters; columns stand in the contract's order |
| `x-date` | of a text: how a day is written (`%d.%m.%Y`); in the record it is `2026-10-05` |
| `x-decimals` | of a number without a point: how many of its digits are decimals |

A tenant's setting of the same name as an entry of `x-flat` goes before it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from itertools import accumulate, chain
from typing import Any, BinaryIO

from openreturns.errors import ContractError, MappingError, Problem
from openreturns.flat._layout import Column, Layout, Row
from openreturns.formats import Format, refuse_too_large
from openreturns.mapping import Tenant

__all__ = ["delimited", "fixed_width"]


@dataclass(frozen=True, slots=True)
class _Lines:
    """How rows stand in a text, both ways."""

    read: Callable[[TextIOWrapper], Iterator[Row]]
    write: Callable[[Iterable[Row]], str]


def _format(name: str, suffixes: tuple[str, ...], layout: Layout, lines: _Lines) -> Format:
    encoding = str(layout.said["encoding"])

    def opened(file: BinaryIO) -> Iterator[Row]:
        text = TextIOWrapper(file, encoding, errors="strict", newline="")
        try:
            yield from lines.read(text)
        except (UnicodeDecodeError, csv.Error) as error:
            told = f"they are not {encoding}" if isinstance(error, UnicodeDecodeError) else str(error)
            raise ContractError(f"from here on the rows cannot be read: {told}", kind="encoding") from None
        finally:
            text.detach()  # the file is the caller's

    def encoded(rows: Iterable[Row]) -> bytes:
        try:
            return lines.write(rows).encode(encoding)
        except UnicodeEncodeError as error:
            message = f"{encoding} has no character {error.object[error.start]!a}"
            raise ContractError(message, kind="encoding") from None

    def read(data: bytes) -> dict[str, Any]:
        refuse_too_large(data)
        groups = list(layout.grouped(opened(BytesIO(data))))
        if len(groups) != 1:
            raise ContractError(f"one record is wanted, and there are {len(groups)}", kind="flat")
        return layout.record(groups[0])

    def cut(file: BinaryIO) -> Iterator[tuple[bytes, ContractError | None]]:
        try:
            for group in layout.grouped(opened(file)):
                yield encoded(group), None
        except ContractError as error:
            yield b"", error

    return Format(name, suffixes, read, lambda record: encoded(layout.rows(record)), cut)


def delimited(schema: Mapping[str, Any], tenant: Tenant) -> Format:
    """Return the format of rows whose columns a character parts: CSV, or with semicolons, tabs or bars.

    With a header, columns may come in any order; one that is missing, twice or not agreed is refused.
    """
    layout = Layout(schema, tenant)
    said, titles = layout.said, [column.title for column in layout.columns]
    style: dict[str, Any] = {"delimiter": said["delimiter"], "quotechar": said["quote"], "strict": True}

    def read(text: TextIOWrapper) -> Iterator[Row]:
        rows = (row for row in csv.reader(text, **style) if row)
        if not said["header"]:
            yield from rows
            return
        first = [title.strip().removeprefix("\ufeff") for title in next(rows, [])]
        if sorted(first) != sorted(titles):
            strange, missing = sorted({*first} - {*titles}), sorted({*titles} - {*first})
            told = [f"without {', '.join(missing)}"] if missing else []
            told += [f"with {', '.join(strange)}, which are not agreed"] if strange else []
            raise ContractError(f"the header is {' and '.join(told) or 'naming columns twice'}", kind="flat")
        places = [first.index(title) for title in titles]
        yield from ([row[place] for place in places] if len(row) == len(first) else row for row in rows)

    def write(rows: Iterable[Row]) -> str:
        out = StringIO()
        writer = csv.writer(out, lineterminator=said["newline"], **style)
        writer.writerows(chain([titles] if said["header"] else [], rows))
        return out.getvalue()

    return _format("delimited", (".csv", ".txt", ".tsv"), layout, _Lines(read, write))


def fixed_width(schema: Mapping[str, Any], tenant: Tenant) -> Format:
    """Return the format of lines whose columns have a width each; numbers stand right, all else left."""
    layout = Layout(schema, tenant)
    columns, newline = layout.columns, str(layout.said["newline"])
    if not all(column.width for column in columns):
        raise MappingError("each property of a fixed-width file has an x-width", kind="declaration")

    def read(text: TextIOWrapper) -> Iterator[Row]:
        yield from (_cells(bare, columns) for line in text if (bare := line.rstrip("\r\n")))

    def write(rows: Iterable[Row]) -> str:
        return "".join(f"{_line(row, columns)}{newline}" for row in rows)

    return _format("fixed-width", (".txt", ".dat"), layout, _Lines(read, write))


def _cells(line: str, columns: Sequence[Column]) -> Row:
    """Return the cells of a line; of one that is too long the whole, which no record is read from."""
    total = sum(column.width for column in columns)
    if len(line) > total:
        return [line]
    starts = accumulate((column.width for column in columns), initial=0)
    padded = line.ljust(total)
    return [padded[start : start + column.width] for start, column in zip(starts, columns, strict=False)]


def _line(row: Row, columns: Sequence[Column]) -> str:
    return "".join(map(_cell, row, columns)) if len(row) == len(columns) else row[0]


def _cell(text: str, column: Column) -> str:
    if len(text) > column.width or "\n" in text or "\r" in text:
        message = f"has {len(text)} characters, and {column.width} in one line are agreed"
        problems = [Problem("flat", message, native=f"/{column.title}")]
        raise ContractError("the record makes no line", kind="flat", problems=problems)
    if column.kind in ("number", "integer"):
        return text.rjust(column.width, "0" if column.decimals and text[:1].isdigit() else " ")
    return text.ljust(column.width)
