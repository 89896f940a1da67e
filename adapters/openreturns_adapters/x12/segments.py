"""A transaction set and its plain record: the contract says which segments stand where, and what is in them.

A member named like a segment holds its elements by their X12 ids (`BGN.BGN02`); one that ends in `Loop` is a list of
objects that begin with the segment before that word (`BLILoop[].BLI`). Elements and segments that X12 allows and the
contract does not name come along as texts, so that they are found unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from openreturns.errors import ContractError, Problem

__all__ = ["RELEASES", "Fault", "RefusedError", "Segment", "Shape", "shape", "to_record", "to_segments"]

RELEASES = ("004010", "005010", "006030")
"""The releases that contracts know, as GS08 names them."""

Segment = Sequence[str]
"""A segment's id and its elements."""

_is_number = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)").fullmatch
_is_integer = re.compile(r"-?[0-9]+").fullmatch
_is_date = re.compile(r"[12][0-9]{3}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])").fullmatch
_is_time = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9](?:[0-9]{1,2})?)?").fullmatch
_unprintable = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]").search


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of a transaction set, in the words of a 997.

    `place` counts segments from the ST, which is 1. `segment_code` is AK304; `element` is the element's number and
    `element_code` AK403, where it is an element that is wrong; `set_code` is AK502, where it is the set as a whole.
    """

    message: str
    place: int = 0
    segment: str = ""
    segment_code: str = ""
    element: int = 0
    element_code: str = ""
    set_code: str = "5"

    @property
    def at(self) -> str:
        """The place as a pointer: `/7/W07/W0708`, seventh segment."""
        steps = [str(self.place) if self.place else "", self.segment]
        steps += [f"{self.segment}{self.element:02}"] if self.element else []
        return "".join(f"/{step}" for step in steps if step)


class RefusedError(ContractError):
    """A transaction set, a group or an interchange that breaks its rules, with every place where it does."""

    def __init__(self, message: str, faults: Sequence[Fault]) -> None:
        problems = [Problem("x12", fault.message, native=fault.at) for fault in faults]
        super().__init__(message, kind="x12", problems=problems)
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    kind: str
    least: int
    most: Mapping[str, int]
    required: bool


@dataclass(slots=True)
class _Node:
    """One segment (`elements`) or loop (`inside`) of a contract."""

    name: str
    many: bool = False
    required: bool = False
    elements: list[_Element] = field(default_factory=list)
    paired: list[list[int]] = field(default_factory=list)
    excluded: list[list[int]] = field(default_factory=list)
    inside: dict[str, _Node] = field(default_factory=dict)
    also: frozenset[str] = frozenset()
    wrapper: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_loop(self) -> bool:
        return bool(self.inside)

    @property
    def first(self) -> str:
        """The id of the segment that it is or begins with."""
        return self.name.removesuffix("Loop")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a contract says of a transaction set: its number, its functional group and its segments."""

    set_id: str
    group: str
    root: _Node
    known: frozenset[str]


def shape(schema: Mapping[str, Any]) -> Shape:
    """Return the shape of a transaction set whose contract has its number as title."""
    root = _node("", schema, schema)
    return Shape(str(schema["title"]), str(schema["x-group"]), root, frozenset(_ids(root)))


def _ids(node: _Node) -> Iterator[str]:
    yield from (*node.also, *node.wrapper.values())
    for child in node.inside.values():
        yield child.first
        yield from _ids(child)


def _node(name: str, schema: Mapping[str, Any], whole: Mapping[str, Any]) -> _Node:
    many = schema.get("type") == "array"
    inner = _found(schema["items"] if many else schema, whole)
    node = _Node(name, many)
    node.also = frozenset(inner.get("x-also", ()))
    node.wrapper = schema.get("x-wrapper", {})
    needed = set(inner.get("required", ()))
    for key, said in inner["properties"].items():
        one = _found(said, whole)
        if one["type"] in ("object", "array"):
            child = node.inside[key] = _node(key, one, whole)
            child.required = key in needed
        else:
            node.elements.append(_element(key, one, key in needed))
    place = {element.name: number for number, element in enumerate(node.elements)}
    node.paired = [[place[key] for key in keys] for keys in inner.get("x-paired", ())]
    node.excluded = [[place[key] for key in keys] for keys in inner.get("x-excluded", ())]
    return node


def _found(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    ref = schema.get("$ref")
    return whole["$defs"][ref.rpartition("/")[2]] if ref else schema


def _element(name: str, said: Mapping[str, Any], required: bool) -> _Element:
    kind = said.get("x-kind", {"integer": "N", "number": "R"}.get(said["type"], "AN"))
    widest = said.get("x-most", said.get("maxLength", 0))
    most = widest if isinstance(widest, list) else [widest] * len(RELEASES)
    return _Element(name, kind, said.get("minLength", 1), dict(zip(RELEASES, most, strict=True)), required)


# --- reading --------------------------------------------------------------------------------------------------


class _Reader:
    """Walks through the segments of one transaction set, and notes every fault."""

    def __init__(self, of: Shape, segments: Sequence[Segment], release: str, first: int) -> None:
        self.shape, self.segments, self.release, self.first = of, segments, release, first
        self.at = 0
        self.faults: list[Fault] = []

    def fault(self, message: str, code: str, element: int = 0, element_code: str = "", at: int | None = None) -> None:
        place = self.at if at is None else at
        name = self.segments[place][0] if place < len(self.segments) else ""
        self.faults.append(Fault(message, place + self.first, name, code, element, element_code))

    def loop(self, node: _Node) -> dict[str, Any]:
        """Return what stands here of a loop, up to the first segment that is not its own."""
        record: dict[str, Any] = {}
        begun, children = self.at, list(node.inside.values())
        step = 0
        while self.at < len(self.segments):
            name = self.segments[self.at][0]
            found = next((n for n in range(step, len(children)) if children[n].first == name), None)
            if found is not None:
                child = children[found]
                step = found if child.many else found + 1
                self.child(child, record)
            elif name in node.also:
                record.setdefault(name, []).append(list(self.segments[self.at][1:]))
                self.at += 1
            elif (wrapped := self.wrapped(children, step, name)) is not None:
                step = wrapped
                self.at += 1
            else:
                break
        for child in children:
            if child.required and child.name not in record:
                self.fault(f"a {child.first} segment is missing", "3", at=begun if node.name else len(self.segments))
        return record

    def wrapped(self, children: Sequence[_Node], step: int, name: str) -> int | None:
        """Return which loop this segment stands around in this release; it is read as if it were not there."""
        places = range(step, len(children))
        return next((place for place in places if children[place].wrapper.get(self.release) == name), None)

    def child(self, child: _Node, record: dict[str, Any]) -> None:
        value = self.loop(child) if child.is_loop else self.segment(child)
        if child.many:
            record.setdefault(child.name, []).append(value)
        else:
            record[child.name] = value

    def segment(self, node: _Node) -> dict[str, Any]:
        said = self.segments[self.at]
        record: dict[str, Any] = {}
        for number, element in enumerate(node.elements, 1):
            text = said[number].rstrip(" ") if number < len(said) else ""
            if text:
                record[element.name] = self.value(text, element, number)
            elif element.required:
                self.fault(f"{element.name} is missing", "8", number, "1")
        for number in range(len(node.elements) + 1, len(said)):
            if said[number]:
                record[f"{said[0]}{number:02}"] = said[number]
        for message, number, code in _conditions(node, record):
            self.fault(message, "8", number, code)
        self.at += 1
        return record

    def value(self, text: str, element: _Element, number: int) -> Any:  # noqa: ANN401 - by the element's kind
        for message, code in _wrong(text, element, self.release):
            self.fault(f"{element.name} {message}", "8", number, code)
            return None
        return _VALUES[element.kind](text) if element.kind in _VALUES else text


def _conditions(node: _Node, record: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """Yield where a segment's elements do not go together: what, the element's number, AK403."""
    names = [element.name for element in node.elements]
    for places in node.paired:
        there = [place for place in places if names[place] in record]
        for place in places if 0 < len(there) < len(places) else ():
            if place not in there:
                yield f"{names[place]} is missing beside {names[there[0]]}", place + 1, "2"
    for places in node.excluded:
        there = [place for place in places if names[place] in record]
        if len(there) > 1:
            yield f"{names[there[0]]} and {names[there[1]]} exclude each other", there[1] + 1, "10"


def _wrong(text: str, element: _Element, release: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an element's text, and AK403; the text itself may be personal and is not said."""
    most = element.most[release]
    if found := _unprintable(text):
        yield f"has the character {found[0]!a}, which no element has", "6"
    elif not _KINDS.get(element.kind, _anything)(text):
        yield f"is no {_NAMES[element.kind]}", {"DT": "8", "TM": "9"}.get(element.kind, "6")
    elif most and _length(text, element) > most:
        yield f"has {_length(text, element)} characters, and holds {most} in release {release}", "5"
    elif _length(text, element) < element.least:
        yield f"has {_length(text, element)} characters, and needs {element.least}", "4"


def _length(text: str, element: _Element) -> int:
    return sum(map(str.isdigit, text)) if element.kind in "RN" else len(text)


def _anything(text: str) -> bool:
    return True


def _exact(text: str) -> int | Decimal:
    return Decimal(text) if "." in text else int(text)


_KINDS: dict[str, Callable[[str], object]] = {"R": _is_number, "N": _is_integer, "DT": _is_date, "TM": _is_time}
_NAMES = {"R": "decimal number", "N": "whole number", "DT": "date", "TM": "time of day"}
_VALUES: dict[str, Callable[[str], Any]] = {"R": _exact, "N": int}


def to_record(of: Shape, segments: Sequence[Segment], release: str, *, first: int = 2) -> dict[str, Any]:
    """Return the record of the segments between ST and SE. Raises RefusedError with every fault.

    `first` is the place of the first of them, counted from the ST.
    """
    reader = _Reader(of, segments, release, first)
    record = reader.loop(of.root)
    while reader.at < len(segments):
        name = segments[reader.at][0]
        if name in of.known:
            reader.fault(f"{name} is not expected here", "2")
        else:
            reader.fault(f"{name:.3} is no segment of a {of.set_id}", "1")
        reader.at += 1
        reader.loop(of.root)  # go on where the next known segment stands, to tell all there is to tell
    if reader.faults:
        raise RefusedError(f"a transaction set {of.set_id} breaks its rules", _sorted(reader.faults))
    return record


def _sorted(faults: Sequence[Fault]) -> list[Fault]:
    """Return faults in the order of their places; what is only missing because reading began anew is left out."""
    strange = min((fault.place for fault in faults if fault.segment_code in ("1", "2")), default=None)
    kept = [f for f in faults if strange is None or f.segment_code != "3" or f.place < strange]
    return sorted(kept, key=lambda fault: (fault.place, fault.element))


# --- writing --------------------------------------------------------------------------------------------------


def to_segments(of: Shape, record: Mapping[str, Any], release: str) -> list[list[str]]:
    """Return the segments between ST and SE that say a record which keeps its contract.

    Raises RefusedError for what this release has no room for.
    """
    segments: list[list[str]] = []
    faults: list[Fault] = []
    _write(of.root, record, release, segments, faults)
    if faults:
        raise RefusedError(f"the record makes no {of.set_id} of release {release}", faults)
    return segments


def _write(node: _Node, record: Mapping[str, Any], release: str, out: list[list[str]], faults: list[Fault]) -> None:
    for name, child in node.inside.items():
        if name not in record:
            continue
        for number, value in enumerate(record[name] if child.many else (record[name],), 1):
            if wrapper := child.wrapper.get(release):
                out.append([wrapper, str(number)])
            if child.is_loop:
                _write(child, value, release, out, faults)
            else:
                out.append(_segment(child, value, release, len(out) + 2, faults))


def _segment(node: _Node, record: Mapping[str, Any], release: str, place: int, faults: list[Fault]) -> list[str]:
    segment = [node.name]
    for number, element in enumerate(node.elements, 1):
        value = record.get(element.name)
        text = "" if value is None else _spelled(value)
        segment.append(text)
        for message, code in _wrong(text, element, release) if text else ():
            faults.append(Fault(f"{element.name} {message}", place, node.name, "8", number, code))
    for message, number, code in _conditions(node, record):
        faults.append(Fault(message, place, node.name, "8", number, code))
    while len(segment) > 1 and not segment[-1]:
        segment.pop()
    return segment


def _spelled(value: str | int | Decimal) -> str:
    """Return a value as X12 spells it: no zero before the point, none at the end."""
    if not isinstance(value, Decimal):
        return str(value)
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    return f"{sign}{digits[1:] if digits.startswith('0.') else digits}"
