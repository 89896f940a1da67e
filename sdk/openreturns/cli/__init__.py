"""The command line: `openreturns --help`.

Commands import what they need when they run, so that help and completion answer at once.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

__all__ = ["main"]

_COMMANDS = {
    "validate": "Check documents against schema and invariants.",
    "translate": "Translate records of one system into another's.",
    "explain": "Print a mapping as a table, or the Python it compiles to.",
    "loss": "Print what a mapping cannot carry.",
    "adapters": "List the installed adapters.",
    "schema": "Print the canonical schemas.",
}


class _Lazy(click.Group):
    """A group that imports a command when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"openreturns.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        from openreturns.errors import OpenReturnsError

        try:
            return super().invoke(ctx)
        except OpenReturnsError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(1)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="openreturns")
def main() -> None:
    r"""One contract for goods that come back: check documents, translate records, see what is lost.

    Exit codes: 0 all well, 1 findings or rejected records, 2 wrong usage.

    \b
    Examples:
      openreturns validate --case documents/
      openreturns translate --from shipbob.return --to return docs/demo/shipbob-returns
      openreturns explain shipbob.return
    """
