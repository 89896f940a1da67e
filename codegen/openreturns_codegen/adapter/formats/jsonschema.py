"""JSON Schemas: each file is a record, or each of its definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openreturns_codegen.adapter.model import Description, Operation, Schema
from openreturns_codegen.adapter.source import Source, malformed

__all__ = ["describe", "is_schema"]

_WORDS = ("$schema", "$defs", "definitions", "properties", "allOf", "oneOf", "anyOf")


def is_schema(data: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a schema."""
    return any(word in data for word in _WORDS) and ("$schema" in data or data.get("type", "object") == "object")


def describe(given: Sequence[Source]) -> Description:
    """Return what schemas tell: records that can be read and written, and no operation."""
    first = given[0]
    root: dict[str, Any] = dict(first.data) if len(given) == 1 else {"files": {}}
    schemas: dict[str, Schema] = {}
    for source in given:
        data = source.data
        if not isinstance(data, dict) or not is_schema(data):
            raise malformed(source, "", "is no JSON Schema of an object, as the first file is")
        if len(given) > 1:
            root["files"][source.name] = data = _moved(data, f"#/files/{source.name}")
        name = str(data.get("title") or source.name.split(".")[0])
        if any(word in data for word in _WORDS[3:]):
            schemas[name] = {word: value for word, value in data.items() if word not in {"$defs", "definitions"}}
        schemas.update(data.get("$defs") or data.get("definitions") or {})
    return Description(
        form="JSON Schema",
        title=str(first.data.get("title") or first.name.split(".")[0]),
        version=str(first.data.get("version") or "1"),
        root=root,
        operations=[Operation("", name, gives=schema, takes=schema) for name, schema in schemas.items()],
        schemas=schemas,
    )


def _moved(node: Any, base: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a schema whose references start at another place."""
    if isinstance(node, list):
        return [_moved(one, base) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        name: f"{base}{value[1:]}"
        if name == "$ref" and isinstance(value, str) and value[:1] == "#"
        else _moved(value, base)
        for name, value in node.items()
    }
