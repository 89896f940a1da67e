"""Where the canonical schemas live, and how one is read: from the installed package only, never a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from openreturns.errors import ContractError

__all__ = [
    "DOCUMENTS",
    "VERSION",
    "bundle",
    "code_list",
    "folder",
    "load",
    "order",
    "package_of",
    "schema_name",
    "transitions",
    "versions",
]

VERSION = "1.1.0"
DOCUMENTS = ("return", "disposition", "adjustment", "credit")

Schema = dict[str, Any]


@cache
def folder(version: str = VERSION) -> Path:
    """Return the folder of one schema version: inside the wheel, or in the repository."""
    here = Path(__file__).resolve().parent
    packaged = here / "schemas" / version
    return packaged if packaged.is_dir() else here.parents[1] / "schemas" / version


def versions() -> tuple[str, ...]:
    """Return the versions that the package carries, oldest first."""
    found = (path.parent.name for path in folder().parent.glob("*.*.*/common.schema.json"))
    return tuple(sorted(found, key=order))


def order(version: str) -> tuple[int, ...]:
    """Return what versions are put in order by: `1.10.0` comes after `1.9.0`."""
    return tuple(map(int, version.split(".")))


def package_of(version: str) -> str:
    """Return the name of the package below `openreturns.models` with the classes of an older version: `v1_0`."""
    return f"v{version.rpartition('.')[0].replace('.', '_')}"


def schema_name(document: str, version: str = VERSION) -> str:
    """Return what a document of a version says in meta.schema, such as `openreturns/return/1.1`."""
    return f"openreturns/{document}/{version.rpartition('.')[0]}"


@cache
def _read(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(path.read_text(encoding="utf-8"))


def load(document: str, *, form: str = "strict", version: str = VERSION) -> Schema:
    """Return one schema as published; `form` is `strict` (writers) or `tolerant` (readers).

    Raises ContractError (kind `version`) for a document, form or version that is not there.
    """
    base = folder(version) / "tolerant" if form == "tolerant" else folder(version)
    path = base / f"{document}.schema.json"
    if not path.is_file():
        known = f"{', '.join((*DOCUMENTS, 'common'))} in {', '.join(versions())}"
        raise ContractError(f"no schema {document!r} in version {version}; there are: {known}", kind="version")
    schema: Schema = _read(path)
    return schema


@cache
def bundle(document: str, *, form: str = "strict", version: str = VERSION) -> Schema:
    """Return one schema with the shared types it uses inside it, so that no reference leaves the file.

    The result is shared between callers: do not change it.
    """
    schema = load(document, form=form, version=version)
    common = load("common", form=form, version=version)
    if document == "common":
        return schema
    definitions = {**schema.get("$defs", {}), **common["$defs"]}
    whole: Schema = _localise({**schema, "$defs": definitions})
    return {**whole, "$defs": _reachable(whole)}


def _localise(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Turn references to the common file into references inside this one."""
    if isinstance(node, dict):
        return {
            key: value.replace("common.schema.json#", "#")
            if key == "$ref" and isinstance(value, str)
            else _localise(value)
            for key, value in node.items()
        }
    return [_localise(item) for item in node] if isinstance(node, list) else node


def _references(node: object) -> set[str]:
    if isinstance(node, Mapping):
        found = {node["$ref"].rsplit("/", 1)[-1]} if isinstance(node.get("$ref"), str) else set()
        return found.union(*(_references(v) for k, v in node.items() if k != "$defs"))
    return set().union(*(_references(v) for v in node)) if isinstance(node, list) else set()


def _reachable(schema: Schema) -> Schema:
    wanted, todo = set(), _references(schema)
    while todo:
        name = todo.pop()
        wanted.add(name)
        todo |= _references(schema["$defs"][name]) - wanted
    return {name: definition for name, definition in schema["$defs"].items() if name in wanted}


def code_list(name: str, *, version: str = VERSION) -> Schema:
    """Return one code list, such as `disposition-value` or `currency`, with its meanings."""
    listed: Schema = _read(folder(version) / "code-lists" / f"{name}.json")
    return listed


def transitions(*, version: str = VERSION) -> Schema:
    """Return the state tables of the four documents."""
    table: Schema = _read(folder(version) / "transitions.json")
    return table
