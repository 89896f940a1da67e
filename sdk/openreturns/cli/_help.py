"""Help texts: a group tells of each command in a whole sentence, and every text ends with examples to copy."""

from __future__ import annotations

import click

__all__ = ["Group", "examples"]


class Group(click.Group):
    """A group whose help has the first sentence of each command whole, on as many lines as it takes."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        commands = [(name, self.commands[name]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, (one.help or "").partition("\n\n")[0]) for name, one in commands])


def examples(*lines: str, more: str = "") -> str:
    """Return the end of a help text; the backspace tells click to leave the lines as they are."""
    shown = "\n".join(["\b", "Examples:", *(f"  openreturns {line}" for line in lines)])
    return "\n\n".join(part for part in (shown, more, "Manual: docs/command-line.md") if part)
