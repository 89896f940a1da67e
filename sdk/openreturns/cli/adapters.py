"""`openreturns adapters`: what is installed."""

from __future__ import annotations

import click
from tabulate import tabulate

from openreturns._json import dump
from openreturns.adapters import adapter, adapter_names

__all__ = ["adapters"]

_ARROWS = {("in",): "read", ("out",): "written", ("in", "out"): "read, written"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def adapters(as_json: bool) -> None:
    """List the installed adapters: system, version, records, directions."""
    rows = [
        {
            "record": f"{name}.{mapping.native}",
            "document": mapping.canonical,
            "is": _ARROWS[mapping.directions],
            "system": ours.manifest["title"],
            "version": ours.manifest["api_version"],
        }
        for name in adapter_names()
        for ours in [adapter(name)]
        for mapping in ours.mappings
    ]
    click.echo(dump(rows).decode() if as_json else tabulate(rows, headers="keys", disable_numparse=True))
