"""What the pages and the catalogue tell of the contract: one version of it, and its fields, read from the schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openreturns._schemas import DOCUMENTS, folder

if TYPE_CHECKING:
    from openreturns.invariants import Rule

__all__ = ["Field", "Schema", "Source", "fields", "name_of", "schemas", "source"]

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """One version of the contract.

    `schemas` are by name, with `common` among them; `lists` (code lists) and `files` (where they lie) by the
    definition they belong to.
    """

    version: str
    schemas: Mapping[str, Schema]
    lists: Mapping[str, Schema]
    files: Mapping[str, str]
    transitions: Schema
    rules: Sequence[Rule]

    @property
    def common(self) -> Mapping[str, Schema]:
        """The shared definitions by name."""
        definitions: Mapping[str, Schema] = self.schemas["common"]["$defs"]
        return definitions

    @property
    def documents(self) -> tuple[str, ...]:
        """The names of the documents, in the order they were given."""
        return tuple(name for name in self.schemas if name != "common")

    @property
    def parts(self) -> dict[str, Schema]:
        """The shared definitions that have fields."""
        return {name: schema for name, schema in self.common.items() if "properties" in schema}

    @property
    def values(self) -> dict[str, Schema]:
        """The shared definitions that are neither objects nor code lists."""
        return {
            name: schema
            for name, schema in self.common.items()
            if "properties" not in schema and name not in self.lists
        }


def schemas(version: str) -> dict[str, Schema]:
    """Return the schemas of a version as published, the shared types last."""
    names = (*DOCUMENTS, "common")
    return {name: json.loads((folder(version) / f"{name}.schema.json").read_text("utf-8")) for name in names}


def source(version: str, root: Path) -> Source:
    """Return one version of the contract, with its files named from the root of the checkout."""
    from openreturns.invariants import RULES  # needs the classes, which may only just have been written

    home = folder(version)
    lists = {path: json.loads(path.read_text("utf-8")) for path in sorted((home / "code-lists").glob("*.json"))}
    return Source(
        version=version,
        schemas=schemas(version),
        lists={listed["name"]: listed for listed in lists.values()},
        files={listed["name"]: path.relative_to(root).as_posix() for path, listed in lists.items()},
        transitions=json.loads((home / "transitions.json").read_text("utf-8")),
        rules=RULES,
    )


@dataclass(frozen=True, slots=True)
class Field:
    """One field, by its path from the document or part: `lines[].item` is `item` of each element of `lines`.

    `type` is a definition's name or a type of JSON Schema; `object` where the fields below it are listed too.
    """

    path: str
    type: str
    many: bool
    required: bool
    meaning: str
    personal: bool
    deprecated: bool
    sunset: str


def fields(schema: Schema) -> Iterator[Field]:
    """Yield the fields of a document or part; objects that only this schema has are written out in place."""
    yield from _fields(schema, "", schema.get("$defs", {}))


def _fields(schema: Schema, at: str, own: Mapping[str, Schema]) -> Iterator[Field]:
    for name, node in schema["properties"].items():
        many = node.get("type") == "array"
        inner = node["items"] if many else node
        target = own.get(name_of(inner), {})
        expanded = target if "properties" in target else {}
        path = f"{at}{name}"
        yield Field(
            path=path,
            type="object" if expanded else name_of(inner) or inner["type"],
            many=many,
            required=name in schema.get("required", ()),
            meaning=node.get("description", ""),
            personal=bool(node.get("x-personal-data")),
            deprecated=bool(node.get("deprecated")),
            sunset=node.get("x-sunset", ""),
        )
        if expanded:
            yield from _fields(expanded, f"{path}{'[]' if many else ''}.", own)


def name_of(node: Schema) -> str:
    """Return the name of the definition that a node refers to, empty where it does not."""
    return str(node.get("$ref", "")).rsplit("/", 1)[-1]
