"""The command line: `openreturns --help`.

Commands import what they need when they run, so that help and completion answer at once.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from openreturns.cli._help import examples
from openreturns.cli._interrupt import stoppable
from openreturns.cli._streams import open_closed, silence

__all__ = ["main"]

_COMMANDS = {
    "Documents and records": {
        "validate": "Check documents against schema and invariants.",
        "translate": "Translate records of one system into another's.",
        "migrate": "Write documents in another version of the contract.",
        "loss": "Print what a mapping, or these very documents, leave behind.",
    },
    "Adapters": {
        "adapters": "List the installed adapters, or tell all about one.",
        "explain": "Print a mapping as a table, or the Python it compiles to.",
        "contract": "Prove that an adapter keeps the contract.",
        "adapter": "Make an adapter from a vendor's API description.",
    },
    "The contract": {
        "check": "Tell what breaks: in your pinned contract, your mappings, at a vendor.",
        "schema": "List and print the schemas; tell what a change breaks.",
    },
    "The process": {
        "process": "Run returns to their credits, durably.",
    },
    "Simulated vendors": {
        "sandbox": "Serve the vendors of the installed adapters, simulated.",
    },
}
_NAMES = [name for group in _COMMANDS.values() for name in group]


class _Lazy(click.Group):
    """A group that imports a command when it is used, and says every expected failure in a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return _NAMES

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _NAMES:
            return None
        # The generator is a package of its own, which the library knows by name only.
        place = "openreturns_codegen.adapter.command" if cmd_name == "adapter" else f"openreturns.cli.{cmd_name}"
        try:
            command: click.Command = getattr(import_module(place), cmd_name)
        except ModuleNotFoundError as error:
            if cmd_name != "contract":  # the others tell it themselves: they import theirs when they run
                raise
            raise click.UsageError(f"this needs the extra: pip install 'openreturns[testing]' ({error})") from None
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in _COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()), col_max=12)

    def main(self, *args: Any, **extra: Any) -> Any:  # noqa: ANN401 - whatever click takes and gives
        open_closed()
        return super().main(*args, **extra)

    def invoke(self, ctx: click.Context) -> object:
        from openreturns.errors import OpenReturnsError

        try:
            with stoppable():
                result = super().invoke(ctx)
                sys.stdout.flush()
        except OpenReturnsError as error:  # a name, setting or tenant file: records' errors are told one by one
            click.echo(f"error: {error}", err=True)
            sys.exit(2)
        except KeyboardInterrupt:
            sys.exit(130)
        except BrokenPipeError:
            silence()  # whoever read our output has enough
            sys.exit(141)
        except OSError as error:
            click.echo(f"error: {error.strerror}{f': {error.filename}' if error.filename else ''}", err=True)
            silence()
            sys.exit(2)
        return result


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "validate --case documents/",
        "translate --from shipbob.return --to return docs/demo/shipbob-returns",
        "explain shipbob.return --to return",
        more="Exit codes: 0 all well, 1 findings or rejected records, 2 wrong usage.",
    ),
)
@click.version_option(package_name="openreturns")
def main() -> None:
    """One contract for goods that come back: check documents, translate records, see what is lost."""
