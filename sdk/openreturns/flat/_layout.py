"""What a contract says of the columns of a flat file, and what rows and records say to each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from openreturns.errors import ContractError, MappingError, Problem
from openreturns.mapping import Tenant

__all__ = ["Column", "Layout", "Row", "problem"]

_LAYOUT = {
    "encoding": "utf-8",
    "header": True,
    "delimiter": ",",
    "quote": '"',
    "decimal": ".",
    "thousands": "",
    "newline": "\n",
}
_is_number = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?").fullmatch
Row = list[str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the property it fills, in the list of lines or not, and how its values are written."""

    name: str
    title: str
    kind: str
    in_lines: bool
    required: bool
    width: int
    date: str
    decimals: int


class Layout:
    """What a contract and a tenant say of a flat file."""

    def __init__(self, schema: Mapping[str, Any], tenant: Tenant) -> None:
        said = {**_LAYOUT, **schema.get("x-flat", {})}
        self.said = {name: tenant.settings.get(name, value) for name, value in said.items()}
        lists = [name for name, one in schema["properties"].items() if one.get("type") == "array"]
        if len(lists) > 1:
            raise MappingError(f"a flat file has one list of lines, not {', '.join(lists)}", kind="declaration")
        self.lines = lists[0] if lists else ""
        self.columns = list(_columns(schema, self.lines))
        self.key = [place for place, one in enumerate(self.columns) if one.name in schema.get("x-key", ())]
        if self.lines and not self.key:
            raise MappingError("a flat file with lines has an x-key: which rows are one record", kind="declaration")

    # --- values -----------------------------------------------------------------------------------------------

    def value(self, text: str, column: Column) -> Any:  # noqa: ANN401 - by the column's kind
        """Return what a cell says; None where it is empty. Raises ValueError for what it cannot."""
        if not (text := text.strip()):
            return None
        if column.kind in ("number", "integer"):
            return self._number(text, column)
        if column.date:
            return datetime.strptime(text, column.date).strftime("%Y-%m-%d")  # noqa: DTZ007 - a day has no zone
        return {"true": True, "false": False}.get(text.lower(), text) if column.kind == "boolean" else text

    def _number(self, text: str, column: Column) -> int | Decimal:
        mark, thousands = self.said["decimal"], self.said["thousands"]
        whole, point, fraction = text.partition(mark)
        if thousands and thousands in whole:
            first, *others = whole.lstrip("+-").split(thousands)
            if not 1 <= len(first) <= 3 or any(len(one) != 3 for one in others):
                raise ValueError(f"is no number: it is not grouped by {thousands!r} in threes")
            whole = whole.replace(thousands, "")
        plain = f"{whole}.{fraction}" if point else whole
        if "." in whole or not _is_number(plain):
            raise ValueError(f"is no number with {mark!r} before its decimals")
        if column.decimals and not point:
            return Decimal(plain).scaleb(-column.decimals)
        return Decimal(plain) if point else int(plain)

    def text(self, value: Any, column: Column) -> str:  # noqa: ANN401 - what the contract lets through
        """Return a value as a cell has it."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        if column.date:
            return datetime.strptime(value, "%Y-%m-%d").strftime(column.date)  # noqa: DTZ007 - a day has no zone
        if not isinstance(value, (int, Decimal)):
            return str(value)
        if column.decimals:
            value = Decimal(value).scaleb(column.decimals)
            if value != value.to_integral_value():
                raise ValueError(f"has more than {column.decimals} decimals")
            return str(int(value))
        return f"{value:f}".replace(".", self.said["decimal"]) if isinstance(value, Decimal) else str(value)

    # --- rows and records -------------------------------------------------------------------------------------

    def record(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Return the record of its rows. Raises ContractError (kind `flat`) with every cell that is wrong."""
        problems: list[Problem] = []
        records = [self._row(number, row, problems) for number, row in enumerate(rows, 1)]
        heads = [head for head, _ in records]
        for number, head in enumerate(heads[1:], 2):
            for name in sorted({*head, *heads[0]}):
                if head.get(name) != heads[0].get(name):
                    problems.append(problem(number, name, "is not what the first row of the record says"))
        if problems:
            raise ContractError("the rows make no record", kind="flat", problems=problems)
        return {**heads[0], self.lines: [line for _, line in records]} if self.lines else heads[0]

    def _row(self, number: int, row: Row, problems: list[Problem]) -> tuple[dict[str, Any], dict[str, Any]]:
        found: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
        if len(row) != len(self.columns):
            problems.append(problem(number, "", f"has {len(row)} columns, and {len(self.columns)} are agreed"))
            return found
        for cell, column in zip(row, self.columns, strict=True):
            try:
                value = self.value(cell, column)
            except ValueError as error:  # the cell may be personal: it is not repeated
                said = f"is no day written as {column.date}" if column.date else str(error)
                problems.append(problem(number, column.title, said))
                continue
            if value is not None:
                found[column.in_lines][column.name] = value
            elif column.required:
                problems.append(problem(number, column.title, "is empty"))
        return found

    def rows(self, record: Mapping[str, Any]) -> Iterator[Row]:
        """Yield the rows of a record. Raises ContractError (kind `flat`) for what a cell cannot say."""
        for number, line in enumerate(record[self.lines] if self.lines else ({},), 1):
            row = []
            for column in self.columns:
                try:
                    row.append(self.text((line if column.in_lines else record).get(column.name), column))
                except ValueError as error:
                    raise ContractError(
                        "the record makes no rows", kind="flat", problems=[problem(number, column.title, str(error))]
                    ) from None
            yield row

    def grouped(self, rows: Iterable[Row]) -> Iterator[list[Row]]:
        """Yield the rows of each record; a row with other columns than agreed belongs to the record it stands in."""
        group: list[Row] = []
        key: list[str] | None = None
        for row in rows:
            own = [row[place] for place in self.key] if self.key and len(row) == len(self.columns) else None
            if group and (not self.key or (own is not None and own != key)):
                yield group
                group, key = [], None
            group.append(row)
            key = own if key is None else key
        if group:
            yield group


def _columns(schema: Mapping[str, Any], lines: str) -> Iterator[Column]:
    for name, said in schema["properties"].items():
        if name != lines:
            yield _column(name, said, name in schema.get("required", ()), in_lines=False)
            continue
        inner = said["items"]
        inner = schema["$defs"][inner["$ref"].rpartition("/")[2]] if "$ref" in inner else inner
        for part, one in inner["properties"].items():
            yield _column(part, one, part in inner.get("required", ()), in_lines=True)


def _column(name: str, said: Mapping[str, Any], required: bool, *, in_lines: bool) -> Column:
    kinds = said["type"] if isinstance(said["type"], list) else [said["type"]]
    kind = next(kind for kind in kinds if kind != "null")
    title = str(said.get("x-column", name))
    return Column(
        name, title, kind, in_lines, required, said.get("x-width", 0), said.get("x-date", ""), said.get("x-decimals", 0)
    )


def problem(row: int, column: str, message: str) -> Problem:
    return Problem("flat", message, native=f"/{row}/{column}".rstrip("/"))
