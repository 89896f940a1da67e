"""The catalogue: all that the contract and its adapters say, as one value for machines, which the pages print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from openreturns._schemas import VERSION, versions
from openreturns.compat.versions import lock_of

from openreturns_codegen.crosswalk import adapters_of
from openreturns_codegen.model import Field, Schema, Source, fields, source
from openreturns_codegen.site.adapters import Carried, carried, described
from openreturns_codegen.site.rules import examples, sound

__all__ = ["SCHEMA", "catalog", "since"]

SCHEMA = Path(__file__).with_name("catalog.schema.json")

Key = tuple[str, ...]
Entry = dict[str, Any]


def catalog(root: Path) -> Entry:
    """Return the catalogue of a checkout: the newest version of the contract, and since when each thing is in it."""
    every = [source(version, root) for version in versions()]
    newest = next(one for one in every if one.version == VERSION)
    first = since(every)
    ours = adapters_of(root)
    told = carried(ours)
    return {
        "$schema": "catalog.schema.json",
        "package": installed("openreturns"),
        "newest": VERSION,
        "versions": [*_versions(every, root)],
        "documents": [_document(name, newest, first, told) for name in newest.documents],
        "parts": [_part(name, schema, first) for name, schema in newest.parts.items()],
        "values": [_value(name, schema, first) for name, schema in newest.values.items()],
        "codes": [_codes(name, listed, first) for name, listed in newest.lists.items()],
        "rules": [*examples(root, newest)],
        "sound": sound(root),
        "adapters": [described(one, root) for one in ours],
    }


def contents(one: Source) -> Iterator[Key]:
    """Yield a key for everything that a version has: documents, parts, fields, values, code lists, codes."""
    for name in one.documents:
        yield ("document", name)
        yield from (("field", name, field.path) for field in fields(one.schemas[name]))
    for name, schema in one.parts.items():
        yield ("part", name)
        yield from (("field", name, field.path) for field in fields(schema))
    yield from (("value", name) for name in one.values)
    for name, listed in one.lists.items():
        yield ("codes", name)
        yield from (("code", name, value["code"]) for value in listed["values"])


def since(every: Iterable[Source]) -> dict[Key, str]:
    """Return the first version that has each thing; versions are the oldest first."""
    first: dict[Key, str] = {}
    for one in every:
        for key in contents(one):
            first.setdefault(key, one.version)
    return first


def _versions(every: list[Source], root: Path) -> Iterator[Entry]:
    published = lock_of(root / "schemas")
    for one in every:
        home = f"schemas/{one.version}"
        yield {
            "version": one.version,
            "published": one.version in published,
            "files": {
                name: {
                    "strict": f"{home}/{name}.schema.json",
                    "tolerant": f"{home}/tolerant/{name}.schema.json",
                    "bundle": f"bundled/{one.version}/{name}.schema.json",
                    "tolerant_bundle": f"bundled/{one.version}/tolerant/{name}.schema.json",
                }
                for name in one.documents
            },
        }


def _document(name: str, newest: Source, first: Mapping[Key, str], told: Carried) -> Entry:
    schema = newest.schemas[name]
    return {
        "name": name,
        "title": schema["title"],
        "description": schema["description"],
        "id": schema["$id"],
        "since": first["document", name],
        "fields": [_field(name, field, first) | told.of(name, field.path) for field in fields(schema)],
        "status": newest.transitions[name],
    }


def _part(name: str, schema: Schema, first: Mapping[Key, str]) -> Entry:
    return {
        "name": name,
        "description": schema["description"],
        "since": first["part", name],
        "fields": [_field(name, field, first) for field in fields(schema)],
    }


def _field(owner: str, field: Field, first: Mapping[Key, str]) -> Entry:
    entry: Entry = {
        "path": field.path,
        "type": field.type,
        "list": field.many,
        "required": field.required,
        "meaning": field.meaning,
        "since": first["field", owner, field.path],
        "personal": field.personal,
        "deprecated": field.deprecated,
    }
    return entry | ({"sunset": field.sunset} if field.sunset else {})


_LIMITS = ("type", "format", "pattern", "minLength", "maxLength", "minimum", "maximum")


def _value(name: str, schema: Schema, first: Mapping[Key, str]) -> Entry:
    return {
        "name": name,
        "description": schema["description"],
        "since": first["value", name],
        "limits": {word: schema[word] for word in _LIMITS if word in schema},
    }


def _codes(name: str, listed: Schema, first: Mapping[Key, str]) -> Entry:
    return {
        "name": name,
        "description": listed["description"],
        "since": first["codes", name],
        "values": [
            {**value, "since": first["code", name, value["code"]], "deprecated": bool(value.get("deprecated"))}
            for value in listed["values"]
        ],
    }
