"""How long a comparison of schemas takes: our five, with a change in each, and an OpenAPI document of 5,000 fields."""

from __future__ import annotations

import copy
import json
import random
import time
from collections.abc import Iterator
from typing import Any

from openreturns import _schemas
from openreturns.compat import Settings, Source, compare

__all__ = ["rows"]


def rows() -> Iterator[tuple[str, float, float]]:
    """Yield what was compared, the seconds of this process that it took, and the limit."""
    ours = {f"{name}.schema.json": _schemas.load(name) for name in (*_schemas.DOCUMENTS, "common")}
    changed = copy.deepcopy(ours)
    for schema in changed.values():
        for definition in schema["$defs"].values():
            if "maxLength" in definition:
                definition["maxLength"] -= 1
            definition.get("enum", []).append("one_more")
    yield "the canonical set with itself, both directions", _seconds(ours, ours), 2
    yield "the canonical set changed everywhere, both directions", _seconds(ours, changed), 2
    old, new = _openapi()
    yield "OpenAPI, 5,000 properties, 40 changes", _seconds({"a.json": old}, {"a.json": new}, "backward"), 20


def _seconds(old: dict[str, Any], new: dict[str, Any], compat: str = "full") -> float:
    before, after = _source(old), _source(new)
    start = time.process_time()
    compare(before, after, Settings(compat))
    return time.process_time() - start


def _source(files: dict[str, Any]) -> Source:
    data = {name: json.dumps(value).encode() for name, value in files.items()}
    return Source("", tuple(data), data.get, lambda name: name)


def _openapi() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a document of 500 components of ten fields that refer to each other, and one changed in 40 places."""

    def field(component: int, place: int) -> dict[str, Any]:
        kinds: tuple[dict[str, Any], ...] = (
            {"type": "string", "maxLength": 10 + place, "pattern": "^[a-z]{1,20}$"},
            {"type": "string", "enum": ["a", "b", "c"]},
            {"type": ["integer", "null"], "minimum": 0},
        )
        target = f"#/components/schemas/S{(component * 7 + place) % 500}"
        return {"$ref": target} if place == 3 else copy.deepcopy(kinds[place % 3])

    schemas: dict[str, Any] = {
        f"S{number}": {
            "type": "object",
            "required": ["p1"],
            "properties": {f"p{at}": field(number, at) for at in range(10)},
        }
        for number in range(500)
    }
    head = {"openapi": "3.1.0", "info": {"title": "large", "version": "1"}, "paths": {}}
    changed, pick = copy.deepcopy(schemas), random.Random(1)
    for _ in range(40):
        one = pick.choice(list(changed[f"S{pick.randrange(500)}"]["properties"].values()))
        for key, value in (("maxLength", 5), ("enum", ["a", "b"]), ("minimum", 1)):
            if key in one:
                one[key] = value
    return {**head, "components": {"schemas": schemas}}, {**head, "components": {"schemas": changed}}
