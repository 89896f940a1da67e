"""`openreturns adapter`: make an adapter from a vendor's description, confirm what was guessed, keep it up to date."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from openreturns._json import dump
from openreturns.cli._help import Group, examples
from openreturns.errors import MappingError
from openreturns.ports import ROLES
from tabulate import tabulate

if TYPE_CHECKING:
    from openreturns_codegen.adapter.model import Note
    from openreturns_codegen.adapter.place import Placed
    from openreturns_codegen.adapter.update import Updated

__all__ = ["adapter"]

_FROM = click.option(
    "--from",
    "given",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="A description: OpenAPI, Swagger, JSON Schema, GraphQL, a Postman collection, or samples. May be given again.",
)

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(cls=Group, epilog=examples("adapter new acme --role wms --from openapi.yaml"))
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
@_JSON
def new(
    name: str, role: str, given: tuple[Path, ...], target: Path | None, records: tuple[str, ...], *, as_json: bool
) -> None:
    """Write the package of the adapter NAME: contract, mapping, client, simulator, tests. Offline.

    A folder that was written before is brought up to the description; what people changed in it is kept.
    """
    try:
        from openreturns_codegen.adapter.create import create
        from openreturns_codegen.adapter.report import told, verbs_told
    except ModuleNotFoundError as error:
        raise click.UsageError(f"this needs the extra: pip install 'openreturns[codegen]' ({error})") from None

    folder = target or Path(f"{name.replace('_', '-')}-returns")
    package, placed = create(name, role, given, folder, _pairs(records))
    if as_json:
        notes = [asdict(note) for note in package.notes]
        found = {"folder": str(folder), "records": told(package), "verbs": verbs_told(package), "notes": notes}
        click.echo(dump({**found, "files": asdict(placed)}))
    else:
        click.echo(tabulate(told(package), headers="keys"))
        for row in verbs_told(package):
            how = "" if row["generated"] else f": perhaps, {row['score']:.2f}; to be written"
            click.echo(f"verb {row['verb']}: {row['operation']}{how}")
        _tell_notes(package.notes)
        _tell(placed)
        click.echo(f"\npip install --editable '{folder}[dev]', then openreturns adapter review {folder}")
    sys.exit(1 if placed.conflicts else 0)


def _tell_notes(notes: Sequence[Note]) -> None:
    used = [note for note in notes if not note.why.startswith("says nothing of the role")]
    for why in dict.fromkeys(note.why for note in used):
        click.echo(f"note: {why}: {', '.join(note.at for note in used if note.why == why)}")
    rest = len(notes) - len(used)
    if rest:
        click.echo(f"{rest} other record{'s say' if rest > 1 else ' says'} nothing of the role")


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
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, and ask nothing.")
def review(folder: Path, *, listed: bool, as_json: bool) -> None:
    """Walk through the guesses of the package in FOLDER: confirm a rule, reject it, or leave it for later.

    Words whose code is a guess are listed: what each means is written in tables.toml.

    Ends with 1 while guesses are left.
    """
    from openreturns_codegen.adapter.review import confirm, guesses, reject, words
    from openreturns_codegen.adapter.settings import made_from

    path = folder / f"{made_from(folder)['name']}_returns" / "mapping.py"
    open_words = words(path.with_name("tables.toml"))
    if as_json:
        found = [one.to_dict() for one in guesses(path)]
        found += [{"table": table, "word": word, "code": code} for table, word, code in open_words]
        click.echo(dump(found))
        sys.exit(1 if found else 0)
    left = 0
    for _ in range(len(guesses(path))):
        guess = guesses(path)[left]  # places move with each edit
        click.echo(str(guess))
        said = "later" if listed else _asked()
        if said == "yes":
            confirm(path, guess)
        elif said == "no":
            reject(path, guess, "a person says that it is not this")
        elif said == "quit":
            break
        else:
            left += 1
    for table, word, code in open_words:
        click.echo(f'{table}: "{word}" = {code}')
    rest = len(guesses(path)) + len(open_words)
    click.echo(f"{rest} unconfirmed")
    sys.exit(1 if rest else 0)


def _asked() -> str:
    choice = click.Choice(["yes", "no", "later", "quit"])
    answer: str = click.prompt("  is it so?", type=choice, default="later")
    return answer


@adapter.command(epilog=examples("adapter update acme-returns --from openapi-2027.yaml"))
@_FOLDER
@_FROM
@_JSON
def update(folder: Path, given: tuple[Path, ...], *, as_json: bool) -> None:
    """Bring the package in FOLDER up to a vendor's new description: what breaks, the files, what needs a person.

    Ends with 1 where a rule breaks or generated text is in conflict with edits.
    """
    from openreturns_codegen.adapter.update import update as brought

    done = brought(folder, given)
    broken = [one for one in done.impacts if one.severity == "error"]
    if as_json:
        # Where is a file of ours for a moment.
        impacts = [{key: value for key, value in asdict(one).items() if key != "where"} for one in done.impacts]
        click.echo(dump({"impacts": impacts, "files": asdict(done.placed)}))
    else:
        _tell_update(done, len(broken))
    sys.exit(1 if broken or done.placed.conflicts else 0)


def _tell_update(done: Updated, broken: int) -> None:
    for one in done.impacts:
        parts = (one.severity, f"{one.record} ({one.document})", one.path, one.change, one.said)
        click.echo(": ".join(filter(None, parts)))
        for rule in one.rules:
            click.echo(f"    rule: {rule}")
    _tell(done.placed)
    click.echo(f"for a person: {broken} that break, {len(done.placed.conflicts)} files in conflict")
