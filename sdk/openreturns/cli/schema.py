"""`openreturns schema`: the contract itself."""

from __future__ import annotations

import click

from openreturns import _schemas
from openreturns._json import dump
from openreturns.cli._breaking import breaking
from openreturns.cli._bundle import bundle
from openreturns.cli._help import Group, examples
from openreturns.cli._table import table
from openreturns.cli._versions import changes, publish, published

__all__ = ["schema"]


@click.group(
    cls=Group,
    epilog=examples(
        "schema list",
        "schema show return",
        "schema show credit --bundle --tolerant",
        "schema bundle out",
        "schema breaking schemas/next --against 1.0.0",
        "schema published schemas --against origin/main",
    ),
)
def schema() -> None:
    """List and print the canonical schemas; tell what a change of any schemas breaks."""


for _command in (breaking, bundle, changes, publish, published):
    schema.add_command(_command)


_VERSION = click.option(
    "--version",
    type=click.Choice(_schemas.versions()),
    default=_schemas.VERSION,
    show_default=True,
    help="A published version.",
)


@schema.command("list", epilog=examples("schema list", "schema list --version 1.0.0", "schema list --json"))
@_VERSION
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(version: str, as_json: bool) -> None:
    """List the schemas: name, version, what each is about."""
    rows = [
        {"schema": name, "version": version, "about": loaded["description"], "id": loaded["$id"]}
        for name in (*_schemas.DOCUMENTS, "common")
        for loaded in [_schemas.load(name, version=version)]
    ]
    shown = [{key: value for key, value in row.items() if key != "id"} for row in rows]
    click.echo(dump(rows) if as_json else table(shown))


@schema.command(epilog=examples("schema show credit --bundle", "schema show return --version 1.0.0"))
@click.argument("document", type=click.Choice([*_schemas.DOCUMENTS, "common"]), metavar="DOCUMENT")
@click.option("--tolerant", is_flag=True, help="The reader's form, open to what later minor versions add.")
@click.option("--bundle", "whole", is_flag=True, help="With the shared types inside, no reference left.")
@_VERSION
def show(document: str, tolerant: bool, whole: bool, version: str) -> None:
    """Print the schema of DOCUMENT as JSON: return, disposition, adjustment, credit, or common, what they share."""
    get = _schemas.bundle if whole else _schemas.load
    click.echo(dump(get(document, form="tolerant" if tolerant else "strict", version=version), indent=True))
