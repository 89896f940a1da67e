"""A set of schemas as one graph: every reference resolved, every word said as JSON Schema 2020-12 says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from openreturns.compat import _keywords as words
from openreturns.compat._source import Source

__all__ = ["Place", "Schema", "SchemaSet", "Unsupported", "children", "schemas_in"]

Schema: TypeAlias = bool | dict[str, Any]
Place: TypeAlias = tuple[str, str]
"""A file's name in its set, and a JSON pointer into it."""

_TARGET = "#/$defs/"


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A keyword that nothing here can judge, where it stands, and what it says."""

    place: Place
    keyword: str
    value: object


@dataclass
class SchemaSet:
    """Documents by name, each a definition of the graph; definitions refer to each other as `#/$defs/NAME`."""

    source: Source
    definitions: dict[str, Schema] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    """Definitions that no document of the set uses, such as shared types, by name."""
    unsupported: list[Unsupported] = field(default_factory=list)
    places: dict[int, Place] = field(default_factory=dict)
    roots: dict[str, Place] = field(default_factory=dict)
    dialects: frozenset[str] = frozenset()

    def place(self, node: Schema, name: str = "") -> Place:
        """Return where a schema of the graph was written; one that is only true or false, by its definition."""
        return self.places.get(id(node)) or self.roots.get(name, ("", ""))

    def target(self, node: Schema) -> tuple[str, Schema]:
        """Return what a reference names, or nothing and the schema itself."""
        if isinstance(node, dict) and "$ref" in node:
            name = node["$ref"].removeprefix(_TARGET)
            return name, self.definitions[name]
        return "", node

    def reachable(self, name: str) -> list[str]:
        """Return the definitions that one uses, itself first."""
        found, todo = [name], [name]
        while todo:
            for other in self._uses(todo.pop()):
                if other not in found:
                    found.append(other)
                    todo.append(other)
        return found

    def _uses(self, name: str) -> list[str]:
        if name not in self._used:
            self._used[name] = list(dict.fromkeys(_references(self.definitions[name])))
        return self._used[name]

    _used: dict[str, list[str]] = field(default_factory=dict)


def _references(node: object) -> Iterator[str]:
    for one in schemas_in(node):
        if "$ref" in one:
            yield one["$ref"].removeprefix(_TARGET)


def schemas_in(node: object) -> Iterator[dict[str, Any]]:
    """Yield a schema that is an object, and all such within it."""
    if isinstance(node, dict):
        yield node
        for _, inner in children(node):
            yield from schemas_in(inner)


def children(node: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the schemas directly within one, each with the steps that lead to it."""
    for key in words.SINGLE:
        if key in node:
            yield (key,), node[key]
    for key in words.LISTS:
        yield from (((key, str(place)), inner) for place, inner in enumerate(node.get(key, ())))
    for key in words.MAPS:
        yield from (((key, name), inner) for name, inner in node.get(key, {}).items())
