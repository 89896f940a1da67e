"""How one of the vendor's schemas names another."""

from __future__ import annotations

from typing import Any

__all__ = ["Schema", "ref"]

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """Return a reference to one of the definitions."""
    return {"$ref": f"#/components/schemas/{name}"}
