"""How the help of every command ends: examples to copy, and where to read on."""

from __future__ import annotations

__all__ = ["examples"]


def examples(*lines: str, more: str = "") -> str:
    """Return the end of a help text; the backspace tells click to leave the lines as they are."""
    shown = "\n".join(["\b", "Examples:", *(f"  openreturns {line}" for line in lines)])
    return "\n\n".join(part for part in (shown, more, "Manual: docs/command-line.md") if part)
