"""`openreturns loss`: what a mapping, or one document, leaves behind."""

from __future__ import annotations

import click
from tabulate import tabulate

from openreturns._json import dump
from openreturns.adapters import adapter

__all__ = ["loss"]


@click.command()
@click.argument("record")
@click.option("--to", "document", help="The canonical document, where the record serves several.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def loss(record: str, document: str | None, as_json: bool) -> None:
    """Print the declared losses and ignored fields of RECORD (adapter.record)."""
    system, _, native = record.partition(".")
    mapping = adapter(system).mapping(native, document)
    rows = [{"field": g.path, "what": g.kind, "why": g.reason} for g in (*mapping.losses, *mapping.ignored)]
    click.echo(dump(rows).decode() if as_json else tabulate(rows, headers="keys"))
