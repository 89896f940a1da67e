"""`openreturns migrate`: documents of one version of the contract as documents of another."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import click

from openreturns._json import dump, parse
from openreturns.cli._help import examples
from openreturns.cli._input import Source, inputs, progress, records
from openreturns.cli._interrupt import CtrlC
from openreturns.cli._output import opened, refuse_overwriting, sink
from openreturns.cli._report import Refused, kept, say
from openreturns.migrations import Migrated, known
from openreturns.migrations import migrate as migrated

__all__ = ["migrate"]

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    epilog=examples(
        "migrate --to 1.0.0 documents/ --out older/",
        "migrate --to 1.0.0 feed.jsonl --out older.jsonl --losses losses.jsonl --rejects rejects.jsonl",
    )
)
@click.argument("paths", nargs=-1, required=True)
@click.option("--to", required=True, help="The version that the documents shall have.")
@click.option("--out", help="File, or folder (one that exists, or a name with / at its end); else standard output.")
@click.option("--losses", type=_FILE, help="File for what each document lost, one a line; else standard error.")
@click.option("--rejects", type=_FILE, help="File for documents that cannot be migrated: each whole, with why.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON, one object a line, the summary last.")
def migrate(
    paths: tuple[str, ...], to: str, out: str | None, losses: Path | None, rejects: Path | None, as_json: bool
) -> None:
    """Write canonical documents of any version in the version --to, newer or older.

    What an older version has no place for is lost and told. The summary on standard error accounts for each
    document: read = written + rejected.
    """
    known(to)  # a version that does not exist is told before anything is read
    found = inputs(paths)
    refuse_overwriting(found, {"--out": Path(out) if out else None, "--losses": losses, "--rejects": rejects})
    count = {"read": 0, "written": 0, "rejected": 0, "with_losses": 0}
    interrupted = False
    try:
        with ExitStack() as stack:
            written = sink(stack, out, at_once=any(one.path is None for one in found))
            lost, rejected = opened(stack, losses), opened(stack, rejects)
            watch = stack.enter_context(progress(found, shown=bool(out) or not sys.stdout.isatty()))
            ctrl_c = stack.enter_context(CtrlC().heard())
            read = records(found, watch, partial(say, as_json=as_json, err=True), rejects)
            for record in ctrl_c.between(ctrl_c.awaited(read)):
                count["read"] += 1
                done = _migrated(record, to)
                if isinstance(done, Refused):
                    count["rejected"] += 1
                    for problem in () if rejected else done.reasons:
                        say(record, problem, as_json=as_json, err=True)
                    if rejected:
                        rejected.write(kept(record, done))
                    continue
                count["written"] += 1
                count["with_losses"] += bool(done.losses)
                written.write(record, [dump(done.data)])
                if lost and done.losses:
                    row = {
                        "source": record.name,
                        "line": record.line,
                        "losses": [loss.to_dict() for loss in done.losses],
                    }
                    lost.write(dump(row) + b"\n")
                for problem in () if lost else done.losses:
                    say(record, problem, as_json=as_json, err=True)
    except KeyboardInterrupt:
        interrupted = True
    said = "{read} read = {written} written + {rejected} rejected, {with_losses} with losses".format_map(count)
    said = f"interrupted: {said}" if interrupted else said
    click.echo(dump({**count, "interrupted": interrupted}) if as_json else said, err=True)
    sys.exit(130 if interrupted else 1 if count["rejected"] or not count["read"] else 0)


def _migrated(record: Source, to: str) -> Migrated | Refused:
    if record.error is not None:
        return Refused.by(record.error)
    try:
        return migrated(parse(record.data), to)
    except Exception as error:  # noqa: BLE001 - a defect costs one document, not the run
        return Refused.by(error)
