"""`openreturns translate`: records of one system as records of another."""

from __future__ import annotations

import sys
from base64 import b64encode
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import click

from openreturns._json import dump
from openreturns.adapters import load_tenant
from openreturns.cli._input import Source, records, sources
from openreturns.errors import OpenReturnsError
from openreturns.route import Route

__all__ = ["translate"]


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--from", "source", required=True, help="What the records are: adapter.record, or a document's name.")
@click.option("--to", "target", required=True, help="What they become: adapter.record, or a document's name.")
@click.option("--via", help="The canonical document in between, where several could carry the record.")
@click.option("--tenant", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings, code tables.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File for the records; else stdout.")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="File for refused records, whole.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def translate(
    paths: tuple[str, ...],
    source: str,
    target: str,
    via: str | None,
    tenant: Path | None,
    out: Path | None,
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Translate files, folders or standard input (-) through the canonical documents.

    Records are written one a line. A record that cannot be translated goes to --rejects with every reason
    and the rest goes on; the summary on stderr accounts for each: read = written + rejected.
    """
    route = Route(source, target, load_tenant(tenant) if tenant else {}, via)
    count = {"read": 0, "written": 0, "rejected": 0, "documents": 0, "with_losses": 0, "with_findings": 0}
    with ExitStack() as stack:
        sink: IO[bytes] = stack.enter_context(out.open("wb")) if out else sys.stdout.buffer
        refused = stack.enter_context(rejects.open("wb")) if rejects else None
        try:
            for path in sources(paths):
                for record in records(path):
                    _one(route, record, sink, refused, count)
            sink.flush()
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(141)
    if as_json:
        click.echo(dump(count).decode(), err=True)
    else:
        said = "{read} read = {written} written + {rejected} rejected; "
        said += "{documents} records made, {with_losses} with losses"
        click.echo(said.format(**count), err=True)
    sys.exit(1 if count["rejected"] else 0)


def _one(route: Route, record: Source, sink: IO[bytes], refused: IO[bytes] | None, count: dict[str, int]) -> None:
    count["read"] += 1
    try:
        if record.error is not None:
            raise record.error
        made = route.run(record.data)
    except OpenReturnsError as error:
        count["rejected"] += 1
        if refused is None:
            click.echo(f"{record.place}: {error}", err=True)
        else:
            refused.write(dump(_refusal(record, error)) + b"\n")
        return
    sink.write(b"".join(line + b"\n" for line in made.records))
    count["written"] += 1
    count["documents"] += len(made.records)
    count["with_losses"] += bool(made.losses)
    count["with_findings"] += bool(made.findings)


def _refusal(record: Source, error: OpenReturnsError) -> dict[str, Any]:
    try:
        kept = {"record": record.data.decode("utf-8")}
    except UnicodeDecodeError:
        kept = {"record_base64": b64encode(record.data).decode("ascii")}
    return {
        "source": record.name,
        "line": record.line,
        "error": type(error).__name__,
        "kind": error.kind,
        "message": str(error.args[0]),
        "problems": [problem.to_dict() for problem in error.problems],
        **kept,
    }
