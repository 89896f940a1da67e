"""`openreturns loss`: what a mapping, or these very documents, leave behind."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from openreturns._json import dump
from openreturns.adapters import adapter, load_tenant
from openreturns.cli._help import examples
from openreturns.cli._input import Source, inputs, progress, records
from openreturns.cli._interrupt import CtrlC
from openreturns.cli._record import mapping_of, parted
from openreturns.cli._report import Refused, say
from openreturns.cli._table import table
from openreturns.errors import Problem
from openreturns.route import Route

__all__ = ["loss"]


@click.command(
    epilog=examples(
        "loss netsuite.item_receipt",
        "loss netsuite.return_authorization documents/ --tenant tenant.toml",
        "loss shipbob.return --to disposition --json",
    )
)
@click.argument("record")
@click.argument("paths", nargs=-1)
@click.option("--to", "document", help="The canonical document, where the record serves several.")
@click.option(
    "--tenant", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings and code tables, TOML."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list, or with PATHS one object a loss.")
def loss(record: str, paths: tuple[str, ...], document: str | None, tenant: Path | None, as_json: bool) -> None:
    """Print the declared losses and ignored fields of RECORD (adapter.record).

    With PATHS (canonical documents in files, folders, or - for standard input), print what each of them
    loses on the way to RECORD, field by field.
    """
    system, native = parted(record)
    mapping = mapping_of(adapter(system), native, document)
    if not paths:
        rows = [{"field": g.path, "what": g.kind, "why": g.reason} for g in (*mapping.losses, *mapping.ignored)]
        click.echo(dump(rows) if as_json else table(rows))
        return
    route = Route(mapping.canonical, record, load_tenant(tenant) if tenant else {}, tolerant=True)
    found = inputs(paths)
    count = {"read": 0, "told": 0, "rejected": 0}
    interrupted = False
    try:
        with progress(found, shown=not sys.stdout.isatty()) as watch, CtrlC().heard() as ctrl_c:
            read = records(found, watch, partial(say, as_json=as_json, err=True))
            for source in ctrl_c.between(ctrl_c.awaited(read)):
                count["read"] += 1
                try:
                    problems = _lost(route, source)
                except Exception as error:  # noqa: BLE001 - a defect costs one record, not the run
                    count["rejected"] += 1
                    problems = Refused.by(error).reasons
                else:
                    count["told"] += 1
                for problem in problems:
                    say(source, problem, as_json=as_json)
    except KeyboardInterrupt:
        interrupted = True
    said = "{read} read = {told} told + {rejected} rejected".format_map(count)
    said = f"interrupted: {said}" if interrupted else said
    click.echo(dump({**count, "interrupted": interrupted}) if as_json else said, err=True)
    sys.exit(130 if interrupted else 1 if count["rejected"] or not count["read"] else 0)


def _lost(route: Route, source: Source) -> tuple[Problem, ...]:
    if source.error is not None:
        raise source.error
    made = route.run(source.data)
    return (*(aside.problem for aside in made.set_aside), *made.losses)
