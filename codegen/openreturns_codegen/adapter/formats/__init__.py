"""Descriptions in: each form that vendors publish, read into the one model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openreturns.errors import MappingError

from openreturns_codegen.adapter.formats import graphql, jsonschema, openapi, postman, samples
from openreturns_codegen.adapter.model import Description
from openreturns_codegen.adapter.source import Source, read

__all__ = ["describe", "sources"]

_FILES = {".json", ".yaml", ".yml", ".graphql", ".graphqls", ".gql", ".csv", ".xml"}


def sources(paths: Sequence[Path]) -> list[Source]:
    """Return the files, folders' files included, by name. Raises MappingError (kind `description`)."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise MappingError(f"{path}: there is no such file or folder", kind="description")
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in _FILES) if path.is_dir() else [path]
        if not inside:
            raise MappingError(f"{path}: no file in it is a description or a sample", kind="description")
        found += inside
    return [read(path) for path in found]


def describe(given: Sequence[Source]) -> Description:
    """Return what the files describe. Raises MappingError (kind `description`) for files that describe nothing."""
    first = given[0]
    if first.name.lower().endswith((".graphql", ".graphqls", ".gql")):
        return graphql.describe(given)
    data = first.data
    if isinstance(data, dict):
        if "openapi" in data or "swagger" in data:
            return openapi.describe(given)
        if "item" in data and "info" in data:
            return postman.describe(first)
        if jsonschema.is_schema(data):
            return jsonschema.describe(given)
    return samples.describe(given)
