"""How records are written down: JSON, or the format that an adapter's manifest names for a record.

A manifest's `format = "package.module:function"` beside a document names a function of the record's contract
(its JSON Schema) and the tenant that returns a `Format`. Everything else works on the plain record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

from openreturns._json import MAX_RECORD_BYTES, dump, parse, refuse_too_large
from openreturns.errors import ContractError
from openreturns.mapping import Tenant

__all__ = ["JSON", "MAX_RECORD_BYTES", "Cut", "Format", "MakeFormat", "refuse_too_large"]

Cut: TypeAlias = Callable[[BinaryIO], Iterator[tuple[bytes, ContractError | None]]]


@dataclass(frozen=True, slots=True)
class Format:
    """The bytes of one kind of record, both ways.

    `read` makes a plain record of the bytes of one, numbers exact (int or Decimal), and raises ContractError for
    what cannot be one; it trusts nothing. `write` makes the bytes of a record that keeps its contract. `suffixes`
    are those of its files, the first is given to files written. `cut` parts a file into the bytes of its records, one
    at a time, each with the ContractError that it is refused with, or None; without it a file is one record.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes]
    cut: Cut | None = None


MakeFormat: TypeAlias = Callable[[Mapping[str, Any], Tenant], Format]
"""Makes the format of a record from its contract and the tenant's settings."""

JSON = Format("json", (".json", ".jsonl", ".ndjson"), parse, dump)
"""What records are written in where the manifest names nothing else."""
