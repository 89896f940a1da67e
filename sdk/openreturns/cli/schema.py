"""`openreturns schema`: the contract itself."""

from __future__ import annotations

import click

from openreturns import _schemas
from openreturns._json import dump

__all__ = ["schema"]


@click.group()
def schema() -> None:
    """Print the canonical schemas."""


@schema.command()
@click.argument("document", type=click.Choice([*_schemas.DOCUMENTS, "common"]))
@click.option("--tolerant", is_flag=True, help="The reader's form, open to what later minor versions add.")
@click.option("--bundle", is_flag=True, help="With the shared types inside, no reference left.")
def show(document: str, tolerant: bool, bundle: bool) -> None:
    """Print the schema of DOCUMENT."""
    get = _schemas.bundle if bundle else _schemas.load
    click.echo(dump(get(document, form="tolerant" if tolerant else "strict"), indent=True).decode())
