"""What records there are and what their fields hold, read from records.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

__all__ = ["ASSIGNMENT", "DETAIL", "ENUMS", "ITEMS", "KINDS", "TRANSACTIONS", "Field", "Fields", "Kind", "kind"]

ITEMS = ("inventoryItem", "lotNumberedInventoryItem", "serializedInventoryItem", "otherChargeSaleItem")
"""The records that a reference to an item may mean."""

_ALL: dict[str, Any] = tomllib.loads(Path(__file__).with_name("records.toml").read_text("utf-8"))

ENUMS: Mapping[str, Mapping[str, str]] = _ALL["enums"]
"""The words of each closed list, with their labels."""


@dataclass(frozen=True)
class Field:
    """One field: what it holds, and whether NetSuite reckons it itself."""

    name: str
    holds: str
    of: tuple[str, ...] = ()
    longest: int = 0
    own: bool = False


class Fields(dict[str, Field]):
    """Fields by name; `find` does not mind capitals, as the vendor's samples do not."""

    @cached_property
    def _spelled(self) -> dict[str, str]:
        return {name.lower(): name for name in self}

    def find(self, name: str) -> Field | None:
        """Return the field of a name, or None."""
        return self.get(self._spelled.get(name.lower(), ""))


@dataclass(frozen=True)
class Kind:
    """One kind of record."""

    name: str
    label: str
    fields: Fields
    lists: Mapping[str, Fields]
    writable: bool
    readable: bool
    shown_by: str = ""
    prefix: str = ""
    series: str = ""
    code: str = ""
    to: tuple[str, ...] = ()

    @property
    def transaction(self) -> bool:
        """Whether it is a document with a date and a number, and no master data."""
        return bool(self.series)

    def list_named(self, name: str) -> str:
        """Return the name of a sublist as the vendor spells it, or nothing."""
        return next((one for one in self.lists if one.lower() == name.lower()), "")


def _field(name: str, text: str) -> Field:
    own, text = text.startswith("!"), text.removeprefix("!")
    holds, _, rest = text.partition(":")
    if holds == "text":
        return Field(name, holds, longest=int(rest or 4000), own=own)
    targets = tuple(one for word in rest.split("|") if word for one in (ITEMS if word == "item" else (word,)))
    return Field(name, holds, targets, own=own)


def _fields(row: Mapping[str, Any]) -> Fields:
    texts = {name: text for block in row.get("uses", ()) for name, text in _ALL["blocks"][block].items()}
    return Fields((name, _field(name, text)) for name, text in {**texts, **row.get("fields", {})}.items())


def _kind(name: str, row: Mapping[str, Any]) -> Kind:
    return Kind(
        name,
        row["label"],
        _fields(row),
        {one: _fields(lines) for one, lines in row.get("lists", {}).items()},
        writable=row["verbs"] == "write",
        readable=bool(row["verbs"]),
        shown_by=row.get("name", ""),
        prefix=row.get("prefix", ""),
        series=row.get("series", ""),
        code=row.get("code", ""),
        to=tuple(row.get("to", ())),
    )


KINDS: Mapping[str, Kind] = {name: _kind(name, row) for name, row in _ALL["records"].items()}
TRANSACTIONS = tuple(name for name, one in KINDS.items() if one.transaction)
DETAIL = _fields({"uses": ["detail"]})
ASSIGNMENT = _fields({"uses": ["assignment"]})


def kind(name: str) -> Kind | None:
    """Return the kind of a name, capitals or not."""
    return next((one for key, one in KINDS.items() if key.lower() == name.lower()), None)
