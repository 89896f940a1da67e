"""A vendor's record as our own minimal contract: references resolved, circles cut, only what a mapping can use.

The words that the mapping engine knows are kept (types, formats, listed words, lengths), the vendor's sentences are
not: the contract is ours, in our own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openreturns_codegen.adapter.model import Note, Schema
from openreturns_codegen.adapter.refs import name_of, resolve
from openreturns_codegen.adapter.vocabulary import is_personal

__all__ = ["Contract", "extract", "leaves", "members"]

_DEPTH = 3  # objects below each other: a line's item's lot
_FIELDS = 300
_TYPES = {"string", "integer", "number", "boolean", "array", "object"}
_FORMATS = {"date-time", "date"}
_ANYTHING = {"description": "Taken as it comes, and not looked into."}


@dataclass(frozen=True)
class Contract:
    """A record's schema, self-contained, with what was cut from the description's and why.

    `said` are the vendor's descriptions and examples by field path: for matching and for people, not for the contract.
    """

    schema: dict[str, Any]
    notes: tuple[Note, ...]
    said: Mapping[str, str] = field(repr=False, default_factory=dict)


def members(root: Any, schema: Any, seen: tuple[int, ...] = ()) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return the members of an object schema by name, those of allOf and of each alternative among them."""
    target = resolve(root, schema)
    if not isinstance(target, Mapping) or id(target) in seen or len(seen) > 12:
        return {}
    found: dict[str, Any] = {}
    for part in _parts(target):
        for name, one in members(root, part, (*seen, id(target))).items():
            found.setdefault(name, one)
    own = target.get("properties")
    return {**found, **own} if isinstance(own, Mapping) else found


def _parts(target: Mapping[str, Any]) -> list[Any]:
    parts = [one for word in ("allOf", "oneOf", "anyOf") for one in target.get(word) or ()]
    discriminator = target.get("discriminator")
    if isinstance(discriminator, Mapping):
        parts += [{"$ref": ref} for ref in (discriminator.get("mapping") or {}).values() if str(ref).startswith("#")]
    return parts


def _required(root: Any, schema: Any, seen: tuple[int, ...] = ()) -> set[str]:  # noqa: ANN401 - any JSON value
    """Return the members that every record has: those of an alternative are not."""
    target = resolve(root, schema)
    if not isinstance(target, Mapping) or id(target) in seen:
        return set()
    own = target.get("required")
    found = {str(name) for name in own} if isinstance(own, list) else set()
    for part in target.get("allOf") or ():
        found |= _required(root, part, (*seen, id(target)))
    return found


def extract(root: Any, schema: Schema, *, writing: bool) -> Contract:  # noqa: ANN401 - any JSON value
    """Return the contract of a record that we write (what the vendor alone sets is left out) or read."""
    work = _Work(root, writing)
    made = work.object(schema, "", ())
    return Contract(made, tuple(work.notes), work.said)


class _Work:
    """One extraction: what is cut on the way, and what the vendor says of each field."""

    def __init__(self, root: Any, writing: bool) -> None:  # noqa: ANN401 - any JSON value
        self.root, self.writing = root, writing
        self.notes: list[Note] = []
        self.said: dict[str, str] = {}
        self.count = 0

    def object(self, schema: Any, at: str, above: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        own = name_of(schema)
        above = (*above, own) if own else above
        made: dict[str, Any] = {}
        there = members(self.root, schema)
        for name in sorted(there, key=lambda name: self._order(there[name])):  # what may fill the contract comes last
            path = f"{at}.{name}" if at else name
            if not usable(name):
                self.notes.append(Note(path, "a mapping cannot name a field with such characters"))
            elif not self._left_out(there[name]):
                made[name] = self.field(there[name], path, above)
        made = {name: made[name] for name in there if name in made}
        required = [name for name in made if name in _required(self.root, schema)]
        found: dict[str, Any] = {"type": "object", "properties": made}
        return {**found, **({"required": required} if required else {}), "additionalProperties": False}

    def _order(self, one: Any) -> int:  # noqa: ANN401 - any JSON value
        """Return when a field is looked at: values, then lists, then objects."""
        target = resolve(self.root, one)
        if isinstance(target, Mapping) and "items" in target:
            return 1
        return 2 if members(self.root, one) else 0

    def _left_out(self, one: Any) -> bool:  # noqa: ANN401 - any JSON value
        target = resolve(self.root, one)
        return isinstance(target, Mapping) and target.get("readOnly" if self.writing else "writeOnly") is True

    def field(self, schema: Any, path: str, above: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        target = resolve(self.root, schema)
        target = target if isinstance(target, Mapping) else {}
        self.count += 1
        self.said[path] = f"{target.get('title', '')} {target.get('description', '')}".strip()
        kinds, nullable = _kinds(target)
        inside = members(self.root, schema)
        if inside:
            return _with_null(self._nested(schema, path, above), nullable=nullable)
        if "items" in target or kinds == ["array"]:
            return _with_null(self._list(target.get("items") or {}, path, above), nullable=nullable)
        if isinstance(schema, Mapping) and "$ref" in schema and not target:
            self.notes.append(Note(path, f"the reference {schema['$ref']} leads nowhere in what was given"))
        kinds = kinds or self._kinds_of_parts(target)
        return _with_null(self._scalar(target, kinds, path), nullable=nullable)

    def _kinds_of_parts(self, target: Schema) -> list[str]:
        found: list[str] = []
        for part in (resolve(self.root, one) for one in _parts(target)):
            if isinstance(part, Mapping):
                found += [kind for kind in _kinds(part)[0] if kind not in found]
        return found

    def _nested(self, schema: Any, path: str, above: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        own, depth = name_of(schema), path.count(".") + 1
        if own and own in above:
            self.notes.append(Note(path, f"cut: {own} holds itself"))
        elif depth > _DEPTH or self.count > _FIELDS:
            self.notes.append(Note(path, "cut: too far from the record to say anything of a return"))
        else:
            made = self.object(schema, path, above)
            if made["properties"]:
                return made
        return dict(_ANYTHING)

    def _list(self, items: Any, path: str, above: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        if members(self.root, items):
            inner = self._nested(items, f"{path}[]", above)
            return {"type": "array", "items": inner if "properties" in inner else {}}
        target = resolve(self.root, items)
        kinds = _kinds(target)[0] if isinstance(target, Mapping) else []
        simple = kinds if len(kinds) == 1 and kinds[0] in _TYPES - {"array", "object"} else []
        return {"type": "array", "items": {"type": simple[0]} if simple else {}}

    def _scalar(self, target: Schema, kinds: Sequence[str], path: str) -> dict[str, Any]:
        words = [word for word in target.get("enum") or () if isinstance(word, str)]
        if not kinds:
            kinds = ["string"] if words or target.get("pattern") or target.get("format") else []
        if len(kinds) != 1 or kinds[0] == "object":
            self.notes.append(Note(path, "its type or its fields are not said, or it has several: taken as it comes"))
            return dict(_ANYTHING)
        made: dict[str, Any] = {"type": kinds[0]}
        if kinds[0] == "string":
            if target.get("format") in _FORMATS:
                made["format"] = target["format"]
            if words:
                made["enum" if self.writing else "x-known-values"] = words
            if self.writing and type(target.get("maxLength")) is int and not words:
                made["maxLength"] = target["maxLength"]
        if is_personal(path):
            made["x-personal-data"] = True
        return made


def _kinds(target: Schema) -> tuple[list[str], bool]:
    said = target.get("type")
    listed = [said] if isinstance(said, str) else list(said) if isinstance(said, list) else []
    kinds = [kind for kind in listed if kind in _TYPES]
    return kinds, "null" in listed or target.get("nullable") is True or target.get("x-nullable") is True


def _with_null(made: dict[str, Any], *, nullable: bool) -> dict[str, Any]:
    if not nullable or "type" not in made:
        return made
    words = {"enum": [*made["enum"], None]} if "enum" in made else {}
    return {**made, "type": [made["type"], "null"], **words}


usable = re.compile(r"[^.\[\]=\s\"\\]+").fullmatch
"""Whether a mapping can name a field: paths are split at points and brackets."""


def leaves(schema: Schema, at: str = "") -> list[str]:
    """Return the paths of a contract at which a value stands."""
    found: list[str] = []
    for name, one in schema.get("properties", {}).items():
        path = f"{at}.{name}" if at else name
        items = one.get("items", {})
        inside = one if "properties" in one else items if "properties" in items else None
        found += leaves(inside, path + ("[]" if inside is items else "")) if inside else [path]
    return found
