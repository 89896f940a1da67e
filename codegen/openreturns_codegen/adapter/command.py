"""`openreturns adapter`: make an adapter from a vendor's description, confirm what was guessed, keep it up to date."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from openreturns.cli._help import examples
from openreturns.errors import MappingError
from openreturns.ports import ROLES
from tabulate import tabulate

if TYPE_CHECKING:
    from openreturns_codegen.adapter.place import Placed

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
    for why in dict.fromkeys(note.why for note in told_of):
        click.echo(f"note: {why}: {', '.join(note.at for note in told_of if note.why == why)}")
    rest = len(package.notes) - len(told_of)
    if rest:
        click.echo(f"{rest} other records say nothing of the role")
    _tell(placed)
    click.echo(f"\npip install --editable '{folder}[dev]', then openreturns adapter review {folder}")
    sys.exit(1 if placed.conflicts else 0)


def _tell(placed: Placed) -> None:
    for how in ("written", "kept", "merged", "conflicts", "removed"):
        names = getattr(placed, how)
        if names:
            click.echo(f"{how}: {len(names)} files" if how == "written" else f"{how}: {', '.join(names)}")


def _pairs(records: tuple[str, ...]) -> dict[str, str]:
    found = dict(one.partition("=")[::2] for one in records)
    if not all(found.values()):
        raise MappingError("--record is DOCUMENT=NAME, as return=rma", kind="description")
    return found


_FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))


@adapter.command(epilog=examples("adapter review acme-returns", "adapter review acme-returns --list"))
@_FOLDER
@click.option("--list", "listed", is_flag=True, help="Print what is unconfirmed, and ask nothing.")
def review(folder: Path, listed: bool) -> None:
    """Walk through the guesses of the package in FOLDER: confirm a rule, reject it, or leave it for later.

    Ends with 1 while guesses are left.
    """
    from openreturns_codegen.adapter.review import confirm, guesses, reject
    from openreturns_codegen.adapter.settings import made_from

    path = folder / f"{made_from(folder)['name']}_returns" / "mapping.py"
    left = 0
    for _ in range(len(guesses(path))):
        guess = guesses(path)[left]  # places move with each edit
        click.echo(f"{guess.mapping}: {guess.canonical} <- {guess.native} ({guess.codec})")
        said = "later" if listed else _asked()
        if said == "yes":
            confirm(path, guess)
        elif said == "no":
            reject(path, guess, "a person says that it is not this")
        elif said == "quit":
            break
        else:
            left += 1
    rest = len(guesses(path))
    click.echo(f"{rest} unconfirmed")
    sys.exit(1 if rest else 0)


def _asked() -> str:
    choice = click.Choice(["yes", "no", "later", "quit"])
    answer: str = click.prompt("  is it so?", type=choice, default="later")
    return answer


@adapter.command(epilog=examples("adapter update acme-returns --from openapi-2027.yaml"))
@_FOLDER
@_FROM
def update(folder: Path, given: tuple[Path, ...]) -> None:
    """Bring the package in FOLDER up to a vendor's new description: what breaks, the files, what needs a person.

    Ends with 1 where a rule breaks or generated text is in conflict with edits.
    """
    from openreturns_codegen.adapter.update import update as brought

    done = brought(folder, given)
    for one in done.impacts:
        click.echo(f"{one.severity}: {one.record} ({one.document}): {one.path}: {one.change}: {one.said}")
        for rule in one.rules:
            click.echo(f"    rule: {rule}")
    for record in done.unmatched:
        click.echo(f"note: the new description has nothing like {record}")
    _tell(done.placed)
    broken = [one for one in done.impacts if one.severity == "error"]
    click.echo(f"for a person: {len(broken)} that break, {len(done.placed.conflicts)} files in conflict")
    sys.exit(1 if broken or done.placed.conflicts else 0)
