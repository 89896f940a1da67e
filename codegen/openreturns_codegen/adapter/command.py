"""`openreturns adapter`: make an adapter from a vendor's description, confirm what was guessed, keep it up to date."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from openreturns.cli._help import examples
from openreturns.errors import MappingError
from openreturns.ports import ROLES
from tabulate import tabulate

__all__ = ["adapter"]

_FROM = click.option(
    "--from",
    "given",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="A description: OpenAPI, Swagger, JSON Schema, GraphQL, a Postman collection, or samples. May be given again.",
)


@click.group(epilog=examples("adapter new acme --role wms --from openapi.yaml"))
def adapter() -> None:
    """Make an adapter package from a vendor's API description, and keep it."""


@adapter.command(
    epilog=examples(
        "adapter new acme --role wms --from openapi.yaml",
        "adapter new acme --role erp --from schema.graphql --record return=salesReturn",
        more="What it makes, and what to do then: docs/generating-an-adapter.md",
    )
)
@click.argument("name")
@click.option("--role", type=click.Choice(sorted(ROLES)), required=True, help="What the vendor is in the reverse flow.")
@_FROM
@click.option(
    "--to", "target", type=click.Path(path_type=Path), help="The folder to write; NAME-returns, if not given."
)
@click.option("--record", "records", multiple=True, help="The vendor's record for a document, as return=rma.")
def new(name: str, role: str, given: tuple[Path, ...], target: Path | None, records: tuple[str, ...]) -> None:
    """Write the package of the adapter NAME: contract, mapping, client, simulator, tests. Offline.

    A folder that was written before is brought up to the description; what people changed in it is kept.
    """
    try:
        from openreturns_codegen.adapter.create import create
        from openreturns_codegen.adapter.report import told
    except ModuleNotFoundError as error:
        raise click.UsageError(f"this needs the extra: pip install 'openreturns[codegen]' ({error})") from None

    folder = target or Path(f"{name.replace('_', '-')}-returns")
    package, placed = create(name, role, given, folder, _pairs(records))
    click.echo(tabulate(told(package), headers="keys"))
    told_of = [note for note in package.notes if not note.why.startswith("says nothing of the role")]
    for note in told_of:
        click.echo(f"note: {note}")
    rest = len(package.notes) - len(told_of)
    if rest:
        click.echo(f"{rest} other records say nothing of the role")
    for how in ("written", "kept", "merged", "conflicts", "removed"):
        names = getattr(placed, how)
        if names:
            click.echo(f"{how}: {len(names)} files" if how == "written" else f"{how}: {', '.join(names)}")
    click.echo(f"\npip install --editable '{folder}[dev]', then openreturns adapter review {folder}")
    sys.exit(1 if placed.conflicts else 0)


def _pairs(records: tuple[str, ...]) -> dict[str, str]:
    found = dict(one.partition("=")[::2] for one in records)
    if not all(found.values()):
        raise MappingError("--record is DOCUMENT=NAME, as return=rma", kind="description")
    return found
