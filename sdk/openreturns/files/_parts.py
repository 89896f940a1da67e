"""A file parted into its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from openreturns._json import MAX_RECORD_BYTES
from openreturns.errors import ContractError

if TYPE_CHECKING:
    from openreturns.adapters import Adapter

__all__ = ["Part", "Parting", "parting"]


@dataclass(frozen=True, slots=True)
class Part:
    """One record of a file as bytes, or the answer to what came (`reply`).

    `native` is what it is, by the adapter's word. `key` is what no other record may have: where it is empty, the file's
    checksum and the place in it. `batch` is what the sender numbered as one, an interchange say: one that came in
    another file is not taken again. `error` says why the record is refused.
    """

    data: bytes
    native: str = ""
    key: str = ""
    batch: str = ""
    error: ContractError | None = None
    reply: bool = False


Parting: TypeAlias = Callable[[BinaryIO], Iterator[Part]]
"""Parts an open file into its records, one at a time. It raises nothing for what is in the file."""


def parting(adapter: Adapter, native: str, key: Callable[[Any], str] | None = None) -> Parting:
    """Return what parts files of one kind of record, by the format of its contract, and refuses those that break it.

    `key(record)` is what the sender numbers a record by: one that came in another file is then not taken again.
    """
    form = adapter.format(native)

    def part(file: BinaryIO) -> Iterator[Part]:
        for data, error in form.cut(file) if form.cut else [(file.read(MAX_RECORD_BYTES + 1), None)]:
            yield Part(data, native, error=error) if error else _checked(data)

    def _checked(data: bytes) -> Part:
        try:
            record = adapter.record(native, data)
            adapter.check_record(native, record)
        except ContractError as error:
            return Part(data, native, error=error)
        return Part(data, native, f"{adapter.name}.{native}/{key(record)}" if key else "")

    return part
