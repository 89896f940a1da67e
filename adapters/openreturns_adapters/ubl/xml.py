"""A UBL document and its plain record: the contract says which elements there are, in which order, of which kind.

A member is an element of its name. A list is an element that repeats; an object with `value` is a basic element and
its attributes; any other object is an aggregate. Elements and attributes that the contract does not name come along
as texts and objects, an attribute of a plain text as `Name@attribute` beside it, so that they are found unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.sax.saxutils import escape

from openreturns.errors import ContractError
from openreturns.formats import Format, refuse_too_large
from openreturns.mapping import Tenant, fields

__all__ = ["xml"]

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_SPACES = {"cac": f"{_UBL}CommonAggregateComponents-2", "cbc": f"{_UBL}CommonBasicComponents-2"}
_DEEPEST = 32  # UBL's own nesting ends at about half of that
_is_number = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)").fullmatch
_is_broken = re.compile(r"[\n\r\t]").search
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
# What XML 1.0 has no way to say.
_never = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]").search
_SPELLED = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


@dataclass(slots=True)
class _Node:
    """One element of the contract: its kind, whether it repeats, its attributes or the elements in it."""

    kind: str
    many: bool = False
    attributes: list[str] = field(default_factory=list)
    inside: dict[str, _Node] = field(default_factory=dict)

    @property
    def basic(self) -> bool:
        """Whether it holds a value, not elements."""
        return self.kind != "aggregate"


def xml(schema: Mapping[str, Any], tenant: Tenant) -> Format:
    """Return the format of a UBL document whose contract has its name as title."""
    name, root = str(schema["title"]), _tree(schema)
    space = f"{_UBL}{name}-2"
    spaces = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{space}"{spaces}>'

    def read(data: bytes) -> dict[str, Any]:
        top = _parsed(data)
        if top.tag != f"{{{space}}}{name}":
            raise ContractError(f"the document is a {_local(top.tag)}, not a UBL {name}", kind="xml")
        return _members(top, root, "", 1)

    def write(record: Mapping[str, Any]) -> bytes:
        text = "".join([head, *_elements(record, root, ""), f"</{name}>"])
        return text.encode()

    return Format("xml", (".xml",), read, write)


# --- the contract as a tree -----------------------------------------------------------------------------------


def _tree(schema: Mapping[str, Any]) -> _Node:
    root = _Node("aggregate")
    places: dict[str, _Node] = {"": root}
    for path, one in fields(schema).items():
        above, _, name = path.rpartition(".")
        parent = places[above.removesuffix("[]")]
        if name == "value" and not parent.inside:
            parent.kind = one.kind
        elif parent.basic:
            parent.attributes.append(name)
        else:
            kind = {"object": "aggregate", "list": "aggregate", "array": "text"}.get(one.kind, one.kind)
            places[path] = parent.inside[name] = _Node(kind, one.kind in {"list", "array"})
    return root


# --- reading --------------------------------------------------------------------------------------------------


class _Builder(TreeBuilder):
    """Builds elements, and refuses a document type before it is read: all that entities can do needs one."""

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Raise ContractError (kind `xml`)."""
        raise ContractError("the document has a document type declaration, which is never read", kind="xml")


def _parsed(data: bytes) -> Element:
    refuse_too_large(data)
    parser = XMLParser(target=_Builder())  # noqa: S314 - without a document type there are no entities
    try:
        parser.feed(data)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:  # the latter two: an encoding nobody knows
        raise ContractError(f"the document is not XML: {error}", kind="xml") from None
    return root


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _members(element: Element, node: _Node, at: str, depth: int) -> dict[str, Any]:
    """Return what is in an aggregate as the members of an object; an element without content says nothing."""
    if depth > _DEEPEST:
        raise ContractError(f"{at}: elements are nested deeper than {_DEEPEST}", kind="xml")
    record: dict[str, Any] = {}
    for child in element:
        name = _local(child.tag)
        known = node.inside.get(name)
        if known is not None and child.tag != f"{{{_SPACES['cbc' if known.basic else 'cac']}}}{name}":
            known, name = None, child.tag  # a namesake in another namespace
        for key, value in _said(child, name, known, f"{at}/{name}", depth):
            if known is not None and known.many:
                record.setdefault(key, []).append(value)
            elif key not in record:
                record[key] = value
            elif known is not None:
                raise ContractError(f"{at}/{key} stands twice, and once is all it may", kind="xml")
            else:
                _gather(record, key, value)
    return record


def _gather(record: dict[str, Any], key: str, value: object) -> None:
    there = record[key]
    record[key] = [*there, value] if isinstance(there, list) else [there, value]


def _said(child: Element, name: str, known: _Node | None, at: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield what an element says, by its name: its value, and attributes that have no place."""
    if known is None:
        value = _members(child, _Node("aggregate"), at, depth + 1) if len(child) else _text(child)
        if value:
            yield name, value
        return
    if not known.basic:
        if value := _members(child, known, at, depth + 1):
            yield name, value
        return
    if len(child):
        raise ContractError(f"{at} has elements in it, and holds a value", kind="xml")
    text = _text(child, lines=name == "Note")
    if not text:
        return
    value = _value(text, known.kind)
    attributes = {_local(key): said for key, said in child.attrib.items()}
    if known.attributes:
        own = {key: attributes.pop(key) for key in known.attributes if attributes.get(key)}
        value = {"value": value, **own}
    yield name, value
    yield from ((f"{name}@{key}", said) for key, said in attributes.items())


def _text(element: Element, *, lines: bool = False) -> str:
    """Return an element's text without the blanks around it; lines are kept in remarks only."""
    text = element.text or ""
    return " ".join(text.split()) if _is_broken(text) and not lines else text.strip()


def _value(text: str, kind: str) -> Any:  # noqa: ANN401 - the contract says what it must be, and is asked next
    if kind == "number" and _is_number(text):
        return Decimal(text)
    return _BOOLEANS.get(text, text) if kind == "boolean" else text


# --- writing --------------------------------------------------------------------------------------------------


def _elements(record: Mapping[str, Any], node: _Node, at: str) -> Iterator[str]:
    """Yield the elements of an aggregate in the contract's order."""
    for name, known in node.inside.items():
        if name not in record:
            continue
        for value in record[name] if known.many else (record[name],):
            if known.basic:
                yield _basic(name, known, value, f"{at}/{name}")
            else:
                yield f"<cac:{name}>"
                yield from _elements(value, known, f"{at}/{name}")
                yield f"</cac:{name}>"


def _basic(name: str, known: _Node, value: Any, at: str) -> str:  # noqa: ANN401 - what the contract lets through
    attributes = ""
    if known.attributes:
        pairs = ((key, value[key]) for key in known.attributes if key in value)
        attributes = "".join(f' {key}="{_escaped(said, at)}"' for key, said in pairs)
        value = value["value"]
    return f"<cbc:{name}{attributes}>{_escaped(_SPELLING[type(value)](value), at)}</cbc:{name}>"


_SPELLING: dict[type, Callable[[Any], str]] = {
    str: str,
    int: str,
    Decimal: lambda number: f"{number:f}",
    bool: lambda value: "true" if value else "false",
}


def _escaped(text: str, at: str) -> str:
    if found := _never(text):
        raise ContractError(f"{at}: XML has no character {found[0]!a}", kind="xml")
    return escape(text, {'"': "&quot;", **_SPELLED})
