"""What the commands of `openreturns process` share: the configuration they go by, and how they print."""

from __future__ import annotations

import csv
import getpass
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tabulate import tabulate

if TYPE_CHECKING:
    from openreturns.process.config import Config
    from openreturns.process.state import ProcessState
    from openreturns.process.store import Store

__all__ = ["AS_JSON", "BY", "Asked", "amount", "asked", "day", "shown"]


class Asked:
    """The configuration that the commands go by, read when one needs it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def config(self) -> Config:
        from openreturns.process.config import load_config

        if not self.path.exists():
            told = "`openreturns process init` makes one, `--config` says where another is"
            raise click.UsageError(f"there is no {self.path}: {told}")
        return load_config(self.path)

    @property
    def store(self) -> Store:
        """The database, in which the tables are."""
        from sqlalchemy.exc import SQLAlchemyError

        from openreturns.process.store import Store

        try:
            store = Store(self.config.database)
            there = store.is_made()
        except SQLAlchemyError as error:  # its text names no password
            why = str(getattr(error, "orig", None) or error).partition("\n")[0]
            raise click.UsageError(f"the database of {self.path} cannot be used: {why}") from None
        if not there:
            raise click.UsageError("the database has no tables of the process: `openreturns process init` makes them")
        return store

    def state(self, number: str) -> ProcessState:
        found = self.store.load(number)
        if found is None:
            raise click.UsageError(f"the process knows no return {number}")
        return found


asked = click.make_pass_decorator(Asked)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
BY = click.option("--by", default=getpass.getuser, show_default="you", help="Who does this, as the policy names them.")


def day(at: int) -> str:
    """Return the day of a moment as the tables keep it."""
    from openreturns.process._values import moment

    return moment(at).date().isoformat()


def amount(minor: int, currency: str) -> str:
    """Return an amount of minor units as text."""
    from openreturns.invariants._exact import minor_unit

    return f"{minor * minor_unit(currency):f}"


def shown(
    rows: Iterable[Mapping[str, Any]], none: str = "there is none", *, as_json: bool = False, as_csv: bool = False
) -> None:
    """Print rows as a table, as JSON or as CSV; for who reads, `none` where there is no row."""
    rows = list(rows)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    elif as_csv and rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    elif not as_csv:
        click.echo(tabulate(rows, headers="keys", disable_numparse=True) if rows else none)
