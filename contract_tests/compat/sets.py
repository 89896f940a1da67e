"""Sets of schemas made in a test."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from openreturns.compat import Source

__all__ = ["files", "one"]


def files(**given: Any) -> Source:
    """Return a set of files, `a` for a.json, each of values or of bytes."""
    data = {
        f"{name}.json": value if isinstance(value, bytes) else json.dumps(value).encode()
        for name, value in given.items()
    }
    return Source("made", tuple(data), data.get, lambda name: name)


def one(schema: Any) -> Source:
    """Return a set of one schema."""
    return replace(files(schema=schema), alone=True)
