"""Interchanges in a file: where each begins and ends, whether its counts and numbers agree, its transaction sets.

A file is gone through twice, piece by piece, whatever its size: `interchanges` judges envelopes, so that nothing of an
interchange is used before its last segment was seen; `sets` then parts a good one into its transaction sets. Written
here because the readers at hand keep every control number of a file, compare each with all before it, or stop without
a word where a segment is longer than their buffer; the tests hold this one to such a reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

from openreturns.formats import MAX_RECORD_BYTES

from openreturns_adapters.x12.segments import RELEASES, Fault, Segment

__all__ = ["Group", "Head", "Interchange", "TransactionSet", "bare_set", "interchanges", "parted", "sets"]

_CHUNK = 64 * 1024
_LONGEST = 256 * 1024  # of one segment; the longest that X12 allows is far below
_HEAD = 106
_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_BLANK = b" \t\r\n\x00\x1a"
_is_count = re.compile(rb"[0-9]{1,10}").fullmatch


@dataclass(frozen=True, slots=True)
class Head:
    """What an ISA segment says; `raw` is the segment with its terminator."""

    sender: str
    receiver: str
    control: str
    version: str
    test: bool
    element: bytes
    terminator: bytes
    component: bytes
    raw: bytes

    @property
    def identity(self) -> str:
        """What no second interchange may have: sender, receiver and control number."""
        return f"{self.sender}/{self.receiver}/{self.control}"


@dataclass(slots=True)
class Group:
    """A functional group: its place among the groups of its interchange, and what its GS segment says."""

    ordinal: int
    place: int
    kind: str = ""
    control: str = ""
    version: str = ""
    raw: bytes = b""
    count: int = 0

    @property
    def release(self) -> str:
        """The release, as contracts name it; empty for one that they do not know."""
        return next((release for release in RELEASES if self.version.startswith(release)), "")


@dataclass(slots=True)
class Interchange:
    """Where an interchange stands in a file (`start` to `end`, in bytes), and what is wrong with its envelope.

    `faults` condemn all of it, `group_faults` one group, by its place. `head` is None where no interchange can be
    told: bytes between two others, an ISA segment that is none. Places count segments from the ISA, which is 1.
    """

    start: int
    end: int = 0
    head: Head | None = None
    faults: list[Fault] = field(default_factory=list)
    group_faults: dict[int, list[Fault]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """The segments of one transaction set, ST and SE among them; `place` is that of its ST in the interchange.

    `faults` are those of its envelope: its own, or those that condemn its whole group.
    """

    group: Group
    place: int
    segments: list[Segment]
    raw: bytes
    faults: tuple[Fault, ...]

    @property
    def set_id(self) -> str:
        """The number of the transaction set: 180, say."""
        return self.segments[0][1] if len(self.segments[0]) > 1 else ""

    @property
    def control(self) -> str:
        """Its control number."""
        return self.segments[0][2] if len(self.segments[0]) > 2 else ""


# --- segments -------------------------------------------------------------------------------------------------


def _pieces(file: BinaryIO, start: int, terminator: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Yield each segment with where it begins and whether it is ended; line ends before it are not part of it."""
    kept, at, ahead = b"", start, start
    while True:
        file.seek(ahead)  # whoever takes the pieces may read elsewhere in between
        chunk = file.read(_CHUNK)
        ahead += len(chunk)
        pieces = (kept + chunk).split(terminator)
        kept = pieces.pop()
        for piece in pieces:
            said = piece.lstrip(b"\r\n")
            yield at + len(piece) - len(said), said, True
            at += len(piece) + 1
        if not chunk or len(kept) > _LONGEST:
            said = kept.lstrip(_BLANK)
            if said:
                yield at + len(kept) - len(said), said, False
            return


def parted(raw: bytes, element: bytes) -> list[str]:
    """Return a segment's id and elements; bytes that are no UTF-8 stay visible as such."""
    return raw.decode("utf-8", "surrogateescape").split(element.decode("utf-8", "surrogateescape"))


def _head(raw: bytes) -> Head | str:
    """Return what an ISA segment says, or what is wrong with it."""
    if len(raw) < _HEAD:
        return f"the file ends after {len(raw)} of the 106 characters of an ISA segment"
    element, component, terminator = raw[3:4], raw[104:105], raw[105:106]
    if len({element, component, terminator}) < 3 or any(_is_no_delimiter(one) for one in (element, component)):
        return "its delimiters are letters, digits or blanks, or the same character twice"
    if _is_no_delimiter(terminator) and terminator not in b"\r\n":
        return "its segment terminator is a letter, a digit or a blank"
    elements = raw[4:105].split(element)
    if tuple(map(len, elements)) != _WIDTHS:
        return "the elements of its ISA segment do not have the lengths that X12 gives them"
    text = [one.decode("ascii", "replace").strip() for one in elements]
    if not _is_count(elements[12]):
        return "its control number (ISA13) is no number"
    return Head(
        f"{text[4]}:{text[5]}",
        f"{text[6]}:{text[7]}",
        text[12],
        text[11],
        text[14] != "P",
        element,
        terminator,
        component,
        raw[:_HEAD],
    )


def _is_no_delimiter(one: bytes) -> bool:
    return one.isalnum() or one in b" \t\x00" or one[0] > 0x7E


# --- envelopes ------------------------------------------------------------------------------------------------


def interchanges(file: BinaryIO) -> Iterator[Interchange]:
    """Yield every interchange of a file in order, and what stands between them. Raises nothing for any bytes."""
    at = 0
    while (at := _past_blanks(file, at)) >= 0:
        found = Interchange(at)
        file.seek(at)
        raw = file.read(_HEAD)
        head = _head(raw) if raw.startswith(b"ISA") else "what stands here is no interchange"
        if isinstance(head, str):
            found.end = _next_head(file, at + 1)
            found.faults.append(Fault(head, 1, "ISA" if raw.startswith(b"ISA") else ""))
        else:
            found.head = head
            _Envelope(found, head).walk(file)
        at = found.end
        yield found


def _past_blanks(file: BinaryIO, at: int) -> int:
    """Return where the first byte that is no blank stands, or -1."""
    file.seek(at)
    while chunk := file.read(_CHUNK):
        rest = chunk.lstrip(_BLANK)
        if rest:
            return at + len(chunk) - len(rest)
        at += len(chunk)
    return -1


def _next_head(file: BinaryIO, at: int) -> int:
    """Return where the next ISA segment that can be one begins, or the end of the file."""
    while True:
        file.seek(at)
        chunk = file.read(_CHUNK)
        if not chunk:
            return at
        place = chunk.find(b"ISA")
        if place < 0:
            if len(chunk) < _CHUNK:
                return at + len(chunk)
            at += len(chunk) - 2
            continue
        file.seek(at + place)
        if isinstance(_head(file.read(_HEAD)), Head):
            return at + place
        at += place + 3


class _Envelope:
    """Counts through one interchange, and notes what does not agree."""

    def __init__(self, found: Interchange, head: Head) -> None:
        self.found, self.head = found, head
        self.place = 0
        self.group: Group | None = None
        self.groups = 0
        self.controls: set[str] = set()

    def fault(self, message: str, segment: str) -> None:
        self.found.faults.append(Fault(message, self.place, segment))

    def group_fault(self, group: Group, message: str, code: str, segment: str) -> None:
        fault = Fault(message, self.place, segment, set_code=code)
        self.found.group_faults.setdefault(group.ordinal, []).append(fault)

    def walk(self, file: BinaryIO) -> None:
        mark = self.head.element
        for at, raw, ended in _pieces(file, self.found.start, self.head.terminator):
            name = raw.partition(mark)[0]
            if name == b"ISA" and self.place:
                self.fault("the next interchange begins where the IEA is missing", "ISA")
                self.found.end = at
                return
            self.place += 1
            if not ended:
                self.fault("the file ends, or goes on without end, in the middle of a segment", _shown(name))
                self.found.end = _next_head(file, at + 1)
                return
            if name == b"IEA":
                self.found.end = at + len(raw) + 1
                self.trailer(raw)
                return
            self.inner(name, raw)
        self.place += 1
        self.fault("the file ends before the IEA", "")
        self.found.end = file.seek(0, 2)

    def inner(self, name: bytes, raw: bytes) -> None:
        if name == b"GS":
            self.close("the next group begins where its GE is missing")
            self.groups += 1
            self.group = _group(parted(raw, self.head.element), self.groups, self.place)
            self.opened(self.group)
        elif name == b"GE":
            self.ge(raw)
        elif self.group is None:
            if name != b"ISA" and name != b"TA1":
                self.fault("a segment stands outside of any group", _shown(name))
        elif name == b"ST":
            self.group.count += 1

    def opened(self, group: Group) -> None:
        if not group.release:
            self.group_fault(group, f"release {group.version:.12} is not one of {', '.join(RELEASES)}", "2", "GS")
        if not _is_control(group.control):
            self.group_fault(group, "its control number (GS06) is no number", "6", "GS")
        elif group.control in self.controls:
            self.group_fault(group, f"its control number {group.control} was there before", "6", "GS")
        self.controls.add(group.control)

    def close(self, message: str) -> None:
        if self.group is not None:
            self.group_fault(self.group, message, "3", "GE")
            self.group = None

    def ge(self, raw: bytes) -> None:
        if self.group is None:
            self.fault("a GE ends no group", "GE")
            return
        said = [*parted(raw, self.head.element), "", ""]
        if said[1].lstrip("0") != (str(self.group.count) if self.group.count else ""):
            message = f"GE01 counts {said[1]:.10} transaction sets, and there are {self.group.count}"
            self.group_fault(self.group, message, "5", "GE")
        if said[2] != self.group.control:
            message = f"GE02 is {said[2]:.10}, and GS06 {self.group.control:.10}"
            self.group_fault(self.group, message, "4", "GE")
        self.group = None

    def trailer(self, raw: bytes) -> None:
        self.close("the interchange ends where its GE is missing")
        said = [*parted(raw, self.head.element), "", ""]
        if said[1].lstrip("0") != (str(self.groups) if self.groups else ""):
            self.fault(f"IEA01 counts {said[1]:.10} groups, and there are {self.groups}", "IEA")
        if said[2] != self.head.control:
            self.fault(f"IEA02 is {said[2]:.10}, and ISA13 {self.head.control}", "IEA")


def _is_control(text: str, least: int = 1) -> bool:
    """Whether a text is a control number; that of a transaction set may have letters, and has four characters."""
    return least <= len(text) <= 9 and text.isascii() and (text.isalnum() if least > 1 else text.isdigit())


def _shown(name: bytes) -> str:
    return name[:3].decode("ascii", "replace") if name[:3].isalnum() else ""


def _group(said: list[str], ordinal: int, place: int) -> Group:
    padded = [*said, *[""] * 9]
    return Group(ordinal, place, padded[1], padded[6], padded[8])


# --- transaction sets -----------------------------------------------------------------------------------------


def sets(file: BinaryIO, found: Interchange) -> Iterator[TransactionSet]:
    """Yield the transaction sets of an interchange whose envelope has no faults."""
    head = found.head
    if head is None or found.faults:
        return
    groups = 0
    gathered = None
    for place, (_, raw, _) in enumerate(_pieces(file, found.start, head.terminator), 1):
        name = raw.partition(head.element)[0]
        if name == b"GS":
            if gathered:
                yield from gathered.ended("the SE is missing")
            groups += 1
            group = _group(parted(raw, head.element), groups, place)
            group.raw = raw + head.terminator
            gathered = _Gathered(group, head.element, head.terminator, found.group_faults.get(groups, ()))
        elif name == b"IEA":
            if gathered:
                yield from gathered.ended("the SE is missing")
            return
        elif gathered and name == b"GE":
            yield from gathered.ended("the SE is missing")
        elif gathered:
            yield from gathered.take(name, raw, place)


def bare_set(data: bytes, element: bytes, terminator: bytes) -> TransactionSet | None:
    """Return the one transaction set of bytes from its ST to its SE, or None where they are anything else."""
    gathered = _Gathered(Group(1, 0), element, terminator, ())
    found: list[TransactionSet] = []
    for place, (_, raw, ended) in enumerate(_pieces(BytesIO(data), 0, terminator), 1):
        if not ended:
            return None
        found += gathered.take(raw.partition(element)[0], raw, place)
    found += gathered.ended("the SE is missing")
    return found[0] if len(found) == 1 else None


class _Gathered:
    """The transaction set of a group that is being gathered, and the control numbers of those before it."""

    def __init__(self, group: Group, element: bytes, terminator: bytes, condemned: Sequence[Fault]) -> None:
        self.group, self.element, self.terminator = group, element, terminator
        self.condemned = tuple(condemned)
        self.numbers = _Numbers()
        self.begin(0)

    def begin(self, place: int) -> None:
        self.place, self.size = place, 0
        self.segments: list[Segment] = []
        self.raw: list[bytes] = []

    def take(self, name: bytes, raw: bytes, place: int) -> Iterator[TransactionSet]:
        """Take the next segment, and yield the set that it ends."""
        if name == b"ST":
            yield from self.ended("the SE is missing")
        if not self.raw:
            self.begin(place)
        self.size += len(raw) + 1
        if self.size <= MAX_RECORD_BYTES:
            self.segments.append(parted(raw, self.element))
            self.raw.append(raw + self.terminator)
        if self.segments[0][0] != "ST":
            yield from self.ended("a segment stands outside of any transaction set")
        elif name == b"SE":
            yield from self.ended("")

    def ended(self, wrong: str) -> Iterator[TransactionSet]:
        """Yield the set gathered, if there is one; `wrong` says why it has no end of its own."""
        if not self.raw:
            return
        faults = self.condemned or tuple(self._faults(wrong))
        yield TransactionSet(self.group, self.place, self.segments, b"".join(self.raw), faults)
        self.begin(0)

    def _faults(self, wrong: str) -> Iterator[Fault]:
        first, last, count = [*self.segments[0], "", ""], [*self.segments[-1], "", ""], len(self.segments)
        if self.size > MAX_RECORD_BYTES:
            yield Fault(f"the set has more than {MAX_RECORD_BYTES} bytes, the limit of a record")
            return
        if not _is_control(first[2], 4):
            yield Fault("its control number (ST02) is none", 1, "ST", set_code="7")
        elif not self.numbers.is_new(first[2]):
            yield Fault(f"its control number {first[2]:.9} was there before", 1, "ST", set_code="7")
        if wrong:
            yield Fault(wrong, count, last[0][:3], set_code="2")
            return
        if last[1].lstrip("0") != str(count):
            yield Fault(f"SE01 counts {last[1]:.10} segments, and there are {count}", count, "SE", set_code="4")
        if last[2] != first[2]:
            yield Fault(f"SE02 is {last[2]:.9}, and ST02 {first[2]:.9}", count, "SE", set_code="3")


class _Numbers:
    """Which control numbers were there; those that follow one another take no room."""

    def __init__(self) -> None:
        self.low, self.high = 0, -1
        self.others: set[str] = set()

    def is_new(self, control: str) -> bool:
        number = int(control) if control.isascii() and control.isdigit() and len(control) < 10 else -1
        if number >= 0 and (self.high < 0 or number == self.high + 1):
            self.low, self.high = (number if self.high < 0 else self.low), number
            return True
        if self.low <= number <= self.high or control in self.others:
            return False
        self.others.add(control)
        return True
