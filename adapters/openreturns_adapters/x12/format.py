"""A transaction set as bytes: from ST to SE, or an interchange that holds no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, BinaryIO

from openreturns.errors import ContractError, MappingError
from openreturns.formats import MAX_RECORD_BYTES, Format, refuse_too_large
from openreturns.mapping import Tenant

from openreturns_adapters.x12.codecs import release
from openreturns_adapters.x12.interchange import Head, Interchange, TransactionSet, bare_set, interchanges, sets
from openreturns_adapters.x12.segments import RELEASES, Fault, RefusedError, Shape, shape, to_record, to_segments

__all__ = ["Delimiters", "alone", "opened", "raw_of", "read_set", "spelled", "transaction"]

_FIRST_CONTROL = "0001"


class Delimiters:
    """The characters that part what is written, by the tenant's settings.

    Raises MappingError (kind `setting`) for letters, digits, blanks, more than one character, and one given twice.
    """

    def __init__(self, tenant: Tenant) -> None:
        names = ("element_separator", "segment_terminator", "component_separator", "repetition_separator")
        self.element, self.segment, self.component, self.repetition = said = [str(tenant.setting(n)) for n in names]
        if len(set(said)) < len(said) or any(len(one) != 1 or one.isalnum() or not one.isascii() for one in said):
            message = f"x12 settings {', '.join(names)} are four different characters, no letters or digits"
            raise MappingError(message, kind="setting")
        if any(one.isspace() for one in (self.element, self.component, self.repetition)):
            raise MappingError("of the x12 delimiters only the segment terminator may end a line", kind="setting")
        self.after = self.segment + ("\n" if tenant.setting("line_break") and self.segment != "\n" else "")


def spelled(segments: list[list[str]], marks: Delimiters, version: str, *, head: bool = False) -> bytes:
    """Return segments as bytes. Raises RefusedError where an element has a delimiter in it, but in the `head` (ISA)."""
    taken = [marks.element, marks.segment, marks.component]
    taken += [marks.repetition] if version != RELEASES[0] else []
    faults = [
        Fault(f"has {mark!r} in it, which is a delimiter of this partner", place, segment[0], "8", number, "6")
        for place, segment in enumerate(segments, 2)
        for number, element in enumerate(segment[1:], 1)
        for mark in taken
        if not head and mark in element and not _is_composite(segment[0], number, mark, marks)
    ]
    if faults:
        raise RefusedError("an element cannot be told from what parts elements", faults)
    return "".join(f"{marks.element.join(segment)}{marks.after}" for segment in segments).encode()


def _is_composite(name: str, number: int, mark: str, marks: Delimiters) -> bool:
    return name == "AK4" and number == 1 and mark == marks.component


def read_set(of: Shape, found: TransactionSet, version: str) -> dict[str, Any]:
    """Return the record of a transaction set. Raises RefusedError with every fault."""
    if found.faults:
        raise RefusedError(f"the transaction set {found.set_id:.3} {found.control:.9} is broken", found.faults)
    if found.set_id != of.set_id:
        fault = Fault(f"it is a {found.set_id:.3}, not a {of.set_id}", 1, "ST", set_code="1")
        raise RefusedError("another transaction set", [fault])
    return to_record(of, found.segments[1:-1], version)


def alone(head: Head, found: TransactionSet) -> bytes:
    """Return a transaction set as an interchange that holds no other."""
    mark, end = head.element, head.terminator
    trailers = (
        [b"GE", b"1", found.group.control.encode("utf-8", "surrogateescape")],
        [b"IEA", b"1", head.control.encode()],
    )
    return b"".join([head.raw, found.group.raw, found.raw, *(mark.join(one) + end for one in trailers)])


def opened(file: BinaryIO) -> Iterator[tuple[Interchange, TransactionSet | None]]:
    """Yield what a file holds: each transaction set with its interchange, or an interchange that is condemned."""
    for found in interchanges(file):
        if found.faults:
            yield found, None
        for one in sets(file, found):
            yield found, one


def raw_of(file: BinaryIO, found: Interchange) -> bytes:
    """Return the bytes of a whole interchange, as far as a record may be large."""
    file.seek(found.start)
    return file.read(min(found.end - found.start, MAX_RECORD_BYTES))


def transaction(schema: Mapping[str, Any], tenant: Tenant) -> Format:
    """Return the format of a transaction set, by its contract and what is agreed with the partner."""
    of, version, marks = shape(schema), release(tenant), Delimiters(tenant)

    def read(data: bytes) -> dict[str, Any]:
        refuse_too_large(data)
        if not data.lstrip().startswith(b"ISA"):
            bare = bare_set(data, marks.element.encode(), marks.segment.encode())
            if bare is None:
                raise ContractError("the bytes are neither an interchange nor one transaction set", kind="x12")
            return read_set(of, bare, version)
        found = list(opened(BytesIO(data)))
        if len(found) != 1:
            raise ContractError(f"one transaction set is wanted, and there are {len(found)}", kind="x12")
        [(inside, one)] = found
        if one is None:
            raise RefusedError("the interchange is broken", inside.faults)
        return read_set(of, one, one.group.release)

    def write(record: Mapping[str, Any]) -> bytes:
        segments = to_segments(of, record, version)
        frame = [["ST", of.set_id, _FIRST_CONTROL], *segments, ["SE", str(len(segments) + 2), _FIRST_CONTROL]]
        return spelled(frame, marks, version)

    def cut(file: BinaryIO) -> Iterator[tuple[bytes, ContractError | None]]:
        for inside, one in opened(file):
            if one is None or inside.head is None:
                yield raw_of(file, inside), RefusedError("the interchange is broken", inside.faults)
            else:
                yield alone(inside.head, one), None

    return Format("x12", (".edi", ".x12"), read, write, cut)
