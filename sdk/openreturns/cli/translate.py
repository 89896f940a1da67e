"""`openreturns translate`: records of one system as records of another."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import IO

import click

from openreturns._json import dump
from openreturns.adapters import load_tenant
from openreturns.cli._help import examples
from openreturns.cli._input import Source, inputs, progress, records
from openreturns.cli._interrupt import CtrlC
from openreturns.cli._output import opened, refuse_overwriting, sink
from openreturns.cli._pin import pinned, refuse_pin
from openreturns.cli._report import Refused, fail, kept, say, told
from openreturns.cli._streams import silence
from openreturns.cli._work import Joined, Noted, Outcome, Way, outcomes
from openreturns.errors import Problem

__all__ = ["translate"]

# Of what should be looked at: enough to see what it is about; all of it is in the file of losses.
_SHOWN = 20
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    epilog=examples(
        "translate --from shipbob.return --to return returns.jsonl --out documents.jsonl",
        "translate --from shipbob.return --to netsuite.item_receipt --tenant tenant.toml returns/ --out receipts/",
        "translate --from shipbob.return --to return - < feed.jsonl",
        "translate --from shipbob.return --to return --pin 1.0.0 returns.jsonl --losses losses.jsonl",
        "translate --from return --to shipbob.return_create --tolerant documents/ --rejects rejects.jsonl",
    )
)
@click.argument("paths", nargs=-1, required=True)
@click.option("--from", "source", required=True, help="What the records are: adapter.record, or a document's name.")
@click.option("--to", "target", required=True, help="What they become: adapter.record, or a document's name.")
@click.option("--via", help="The canonical document in between, where several could carry the record.")
@click.option(
    "--tenant", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings and code tables, TOML."
)
@click.option(
    "--out",
    help="File, or folder (one that exists, or a name with / at its end); else standard output.",
)
@click.option("--rejects", type=_FILE, help="File for rejected records: each whole, with every reason.")
@click.option("--losses", type=_FILE, help="File for what each record lost, set aside, or should be looked at for.")
@click.option("--tolerant", is_flag=True, help="Read canonical documents of a later minor version too.")
@pinned("The version of the contract to write canonical documents in; what it has no place for is told as lost.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes to translate in.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON, one object a line, the summary last.")
def translate(
    paths: tuple[str, ...],
    source: str,
    target: str,
    via: str | None,
    tenant: Path | None,
    out: str | None,
    rejects: Path | None,
    losses: Path | None,
    tolerant: bool,
    pin: str,
    jobs: int,
    as_json: bool,
) -> None:
    """Translate files, folders or standard input (-) through the canonical documents.

    Records are written one a line; into a folder, under the names of the input. A record that cannot be
    translated goes to --rejects with every reason and the rest goes on; the summary on standard error
    accounts for each: read = written + rejected.
    """
    if "." in target:
        refuse_pin("--to")
    way = Way(source, target, load_tenant(tenant) if tenant else {}, via, tolerant, pin)
    route = way.route()  # a name or setting that is not there is told before anything is opened
    found = inputs(paths, route.reads)
    outputs = {"--out": Path(out) if out else None, "--rejects": rejects, "--losses": losses}
    refuse_overwriting(found, outputs, {"--tenant": tenant})
    summary, failed = _Summary(), False
    try:
        with ExitStack() as stack:
            written = sink(stack, out, route.reads, route.writes, at_once=any(one.path is None for one in found))
            report = _Report(opened(stack, rejects), opened(stack, losses), as_json)
            stack.callback(report.end)
            watch = stack.enter_context(progress(found, shown=bool(out) or not sys.stdout.isatty()))
            ctrl_c = stack.enter_context(CtrlC().heard())
            read = records(found, watch, partial(say, as_json=as_json, err=True), rejects, route.reads)
            done = stack.enter_context(closing(outcomes(way, route, ctrl_c.awaited(read), jobs, join=written.joins)))
            for some in ctrl_c.between(done):
                if isinstance(some, Joined):
                    written.join(some.lines)
                    summary.join(some)
                    continue
                record, outcome = some
                if isinstance(outcome, Noted):
                    written.write(record, outcome.records)
                report.add(record, outcome)
                summary.add(outcome)
    except KeyboardInterrupt:
        summary.interrupted = True
    except BrokenProcessPool:  # by hand, or by a system out of memory
        fail("a process that translates was ended; what the summary does not count is not read", as_json=as_json)
        summary.interrupted = True
    except BrokenPipeError:  # whoever reads our output has enough
        raise
    except OSError as error:
        name = error.filename or "standard output"
        fail(f"cannot write {name}: {error.strerror}; what was written last may not be whole", as_json=as_json)
        silence()
        summary.interrupted = failed = True
    click.echo(dump(asdict(summary)) if as_json else str(summary), err=True)
    sys.exit(2 if failed else 130 if summary.interrupted else 1 if summary.rejected or not summary.read else 0)


@dataclass
class _Summary:
    """What became of the records, each counted once: read = written + rejected."""

    read: int = 0
    written: int = 0
    rejected: int = 0
    documents: int = 0
    with_losses: int = 0
    with_findings: int = 0
    with_set_aside: int = 0
    interrupted: bool = False

    def add(self, outcome: Outcome) -> None:
        self.read += 1
        if isinstance(outcome, Refused):
            self.rejected += 1
            return
        self.written += 1
        self.documents += len(outcome.records)
        if outcome.notes:
            self.with_losses += "losses" in outcome.notes
            self.with_findings += "findings" in outcome.notes
            self.with_set_aside += "set_aside" in outcome.notes

    def join(self, joined: Joined) -> None:
        self.read += joined.read
        self.written += joined.read
        self.documents += joined.documents

    def __str__(self) -> str:
        said = f"{self.read} read = {self.written} written + {self.rejected} rejected; {self.documents} records made"
        for count, what in (
            (self.with_losses, "with losses"),
            (self.with_findings, "to look at"),
            (self.with_set_aside, "with parts set aside"),
        ):
            said += f", {count} {what}" if count else ""
        return f"interrupted: {said}" if self.interrupted else said


@dataclass
class _Report:
    """Tells of records that were rejected or that something is to be known about: in files, else on stderr."""

    rejects: IO[bytes] | None
    losses: IO[bytes] | None
    as_json: bool
    findings: int = 0

    def add(self, record: Source, outcome: Outcome) -> None:
        if isinstance(outcome, Refused):
            self._refused(record, outcome)
        elif outcome.notes and self.losses:
            self.losses.write(dump({"source": record.name, "line": record.line, **outcome.notes}) + b"\n")
        else:
            for row in outcome.notes.get("set_aside", ()):
                say(record, _problem(row), as_json=self.as_json, err=True, set_aside=True)
            for row in outcome.notes.get("findings", ()):
                self.findings += 1
                if self.findings <= _SHOWN:
                    say(record, _problem(row), as_json=self.as_json, err=True)

    def end(self) -> None:
        """Tell how many findings were not shown."""
        more = self.findings - _SHOWN
        if more > 0:
            said = f"... and {more} more to look at; --losses keeps them all"
            click.echo(dump({"findings_not_shown": more}) if self.as_json else said, err=True)

    def _refused(self, record: Source, refused: Refused) -> None:
        if self.rejects:
            self.rejects.write(kept(record, refused))
        elif self.as_json:
            click.echo(dump(told(record, refused)), err=True)
        else:
            click.echo(f"{record.place}: {refused}", err=True)


def _problem(row: Mapping[str, object]) -> Problem:
    """Return a problem as it was before it was plain data, as far as a line tells it."""
    code, message, canonical, native = (str(row.get(name, "")) for name in ("code", "message", "canonical", "native"))
    return Problem(code, message, canonical, native)
