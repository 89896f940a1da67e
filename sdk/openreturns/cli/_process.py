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

        return load_config(self.path)

    @property
    def store(self) -> Store:
        from openreturns.process.store import Store

        return Store(self.config.database)

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


def shown(rows: Iterable[Mapping[str, Any]], *, as_json: bool = False, as_csv: bool = False) -> None:
    """Print rows as a table, as JSON or as CSV."""
    rows = list(rows)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, list(rows[0]) if rows else [])
        writer.writeheader()
        writer.writerows(rows)
    else:
        click.echo(tabulate(rows, headers="keys", disable_numparse=True))
