"""Where in a body the record is: bare, in a list, in the one member that wraps it, in a page's list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openreturns_codegen.adapter.contract import members
from openreturns_codegen.adapter.model import Schema
from openreturns_codegen.adapter.refs import resolve

__all__ = ["one_record"]

_LISTS = ("items", "value", "data", "results", "records", "content", "rows", "list")


def one_record(root: Any, schema: Any) -> tuple[Schema | None, str, bool]:  # noqa: ANN401 - any JSON value
    """Return the schema of the record in a body, the member that it stands in, and whether there are many."""
    if not isinstance(schema, Mapping):
        return None, "", False
    target = resolve(root, schema)
    if not isinstance(target, Mapping):
        return None, "", False
    if "items" in target:
        return (target["items"], "", True) if _is_object(root, target["items"]) else (None, "", False)
    inside = members(root, schema)
    if not inside:
        return None, "", False
    lists = [name for name, one in inside.items() if _lists_objects(root, one)]
    named = [name for name in lists if name.lower() in _LISTS]
    if named or (lists and len(lists) == 1 and len(inside) <= 3 and _pages(inside)):
        name = (named or lists)[0]
        if len(inside) <= 8:
            return resolve(root, inside[name])["items"], name, True
    if len(inside) == 1 and _is_object(root, next(iter(inside.values()))):
        [(name, one)] = inside.items()
        return one, name, False
    return schema, "", False


def _pages(inside: Mapping[str, Any]) -> bool:
    return any(word in name.lower() for name in inside for word in ("next", "total", "count", "page", "cursor"))


def _is_object(root: Any, schema: Any) -> bool:  # noqa: ANN401 - any JSON value
    return bool(members(root, schema))


def _lists_objects(root: Any, schema: Any) -> bool:  # noqa: ANN401 - any JSON value
    target = resolve(root, schema)
    return isinstance(target, Mapping) and "items" in target and _is_object(root, target["items"])
