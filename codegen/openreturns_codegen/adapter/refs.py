"""References in a description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["name_of", "resolve"]


def name_of(node: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return the name that a reference ends in, or nothing."""
    ref = node.get("$ref") if isinstance(node, Mapping) else None
    return ref.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~") if isinstance(ref, str) else ""


def resolve(root: Any, node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a node means: itself, or what its references lead to in this document; an empty schema for nowhere.

    Words beside a reference win over those of its target.
    """
    seen: set[str] = set()
    while isinstance(node, Mapping) and isinstance(ref := node.get("$ref"), str):
        if ref in seen or not ref.startswith("#"):
            return {name: value for name, value in node.items() if name != "$ref"}
        seen.add(ref)
        beside = {name: value for name, value in node.items() if name != "$ref"}
        target = _at(root, ref)
        node = {**target, **beside} if beside and isinstance(target, Mapping) else target
    return node


def _at(root: Any, ref: str) -> Any:  # noqa: ANN401 - any JSON value
    node = root
    for step in ref.removeprefix("#").split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~").replace("%20", " ")
        if isinstance(node, Mapping) and step in node:
            node = node[step]
        elif isinstance(node, list) and step.isdigit() and int(step) < len(node):
            node = node[int(step)]
        else:
            return {}
    return node
