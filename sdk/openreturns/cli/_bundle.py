"""`openreturns schema bundle`: the contract as files that need no other file."""

from __future__ import annotations

from pathlib import Path

import click

from openreturns import _schemas
from openreturns._json import dump
from openreturns.cli._help import examples

__all__ = ["bundle"]


@click.command(epilog=examples("schema bundle out", "schema bundle out --version 1.0.0"))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--version", "only", help="One published version; all without it.")
def bundle(out: Path, only: str | None) -> None:
    """Write every document's schema below OUT, each with the shared types inside it.

    A version has a folder, and in it `tolerant` has the readers' form. Registries, editors and generators that
    follow no reference to another file take them as they are.
    """
    there = _schemas.versions()
    if only and only not in there:
        raise click.BadParameter(f"there is no version {only}; there are: {', '.join(there)}", param_hint="--version")
    for version in [only] if only else there:
        for form, below in (("strict", ""), ("tolerant", "tolerant")):
            folder = out / version / below
            folder.mkdir(parents=True, exist_ok=True)
            for document in _schemas.DOCUMENTS:
                whole = _schemas.bundle(document, form=form, version=version)
                (folder / f"{document}.schema.json").write_bytes(dump(whole, indent=True))
        click.echo(f"{out / version}: {', '.join(_schemas.DOCUMENTS)}")
