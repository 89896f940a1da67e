"""Remarks, of a whole document or of one line: NTE, one segment a row of text."""

from __future__ import annotations

from typing import Any

from openreturns.mapping import Environment

from openreturns_adapters.x12.codecs import holds

__all__ = ["read", "written"]

Record = dict[str, Any]


def read(said: Record, env: Environment) -> str | None:
    """Return the remarks."""
    return "\n".join(row["NTE02"] for row in said.get("NTE") or ()) or None


def written(said: Record, env: Environment) -> list[Record] | None:
    """Return the remarks, one a segment."""
    texts = [text for text in (said.get("note") or "").split("\n") if text.strip()]
    return [{"NTE02": holds(text, (80, 80, 80), env)} for text in texts] or None
