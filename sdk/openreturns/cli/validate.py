"""`openreturns validate`: documents against schema and invariants, vendor records against their contract."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, TypeAlias

import click

from openreturns._json import dump
from openreturns.adapters import adapter, not_a_record
from openreturns.cli._help import examples
from openreturns.cli._input import Source, inputs, progress, records
from openreturns.cli._interrupt import CtrlC
from openreturns.cli._output import opened, refuse_overwriting
from openreturns.cli._pin import pinned, refuse_pin
from openreturns.cli._report import Refused, kept, say
from openreturns.errors import ContractError, Problem
from openreturns.formats import JSON, Format
from openreturns.invariants import Case, check, check_across
from openreturns.models import DOCUMENTS, Document
from openreturns.reading import read_document

__all__ = ["validate"]

_Checked: TypeAlias = tuple[Problem, ...]
_Check: TypeAlias = Callable[[bytes], _Checked]
"""Returns what was set aside. Raises OpenReturnsError where the record is wrong."""


@click.command(
    epilog=examples(
        "validate documents/",
        "validate --case return.json disposition.json credit.json",
        "validate --tolerant --rejects rejects.jsonl feed.jsonl",
        "validate --tolerant --pin 1.0.0 feed.jsonl",
        "validate --contract shipbob.return --json returns.jsonl",
    )
)
@click.argument("paths", nargs=-1, required=True)
@click.option("--contract", help="What the records must be: a document's name, or adapter.record for a vendor's.")
@click.option("--case", "as_case", is_flag=True, help="Hold all documents against each other, as one case.")
@click.option("--tolerant", is_flag=True, help="Take a later minor version too, and fields nobody knows.")
@pinned("The version of the contract to read canonical documents as; rules are those of the newest.")
@click.option(
    "--rejects", type=click.Path(dir_okay=False, path_type=Path), help="File for wrong records: each whole, with why."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a finding, and the summary as JSON.")
def validate(
    paths: tuple[str, ...],
    contract: str | None,
    as_case: bool,
    tolerant: bool,
    pin: str,
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Check documents in files, folders or standard input (-): schema first, then every invariant.

    A canonical document says itself which it is (meta.schema). The summary on standard error accounts for
    each record: read = right + wrong.
    """
    held: list[Document] = []
    of_a_vendor = contract is not None and "." in contract
    if of_a_vendor and as_case:
        raise click.UsageError("a case has canonical documents; --contract names a vendor's record")
    if of_a_vendor:
        refuse_pin("--contract")
    run, written = (
        _vendor(contract or "", tolerant)
        if of_a_vendor
        else _canonical(contract, tolerant, pin, held.append if as_case else _hold)
    )
    found = inputs(paths, written)
    refuse_overwriting(found, {"--rejects": rejects})
    passed: list[tuple[Source, _Checked]] = []
    interrupted = False
    with ExitStack() as stack:
        report = _Report(opened(stack, rejects), as_json)
        try:
            watch = stack.enter_context(progress(found, shown=not sys.stdout.isatty()))
            ctrl_c = stack.enter_context(CtrlC().heard())
            read = records(found, watch, partial(say, as_json=as_json, err=True), rejects, written)
            for record in ctrl_c.between(ctrl_c.awaited(read)):
                try:
                    aside = _checked(run, record)
                except Exception as error:  # noqa: BLE001 - a defect costs one record, not the run
                    report.wrong(record, error)
                    continue
                if as_case:
                    passed.append((record, aside))
                else:
                    report.right(record, aside)
            if as_case:
                report.case(passed, held)
        except KeyboardInterrupt:
            interrupted = True
    said = f"interrupted: {report}" if interrupted else str(report)
    click.echo(dump({**report.count, "interrupted": interrupted}) if as_json else said, err=True)
    sys.exit(130 if interrupted else 1 if report.broken else 0)


def _checked(run: _Check, record: Source) -> _Checked:
    if record.error is not None:
        raise record.error
    return run(record.data)


class _Report:
    """Tells of each record what is wrong or was set aside, keeps the wrong ones, and counts: read = right + wrong."""

    def __init__(self, rejects: IO[bytes] | None, as_json: bool) -> None:
        self._rejects, self._as_json = rejects, as_json
        self.count = {"read": 0, "right": 0, "wrong": 0, "with_set_aside": 0}

    def right(self, record: Source, aside: _Checked) -> None:
        self.count["read"] += 1
        self.count["right"] += 1
        self.count["with_set_aside"] += bool(aside)
        for problem in aside:
            say(record, problem, as_json=self._as_json, set_aside=True)

    def wrong(self, record: Source, error: Exception) -> None:
        self.count["read"] += 1
        self.count["wrong"] += 1
        refusal = Refused.by(error)
        for problem in refusal.reasons:
            say(record, problem, as_json=self._as_json)
        if self._rejects:
            self._rejects.write(kept(record, refusal))

    def case(self, read: list[tuple[Source, _Checked]], documents: list[Document]) -> None:
        """Hold the documents that were read to the rules, alone and together."""
        from openreturns.migrations import newest  # only a case needs it, and it takes long to import

        documents = list(map(newest, documents))
        case = Case(documents)
        latest = set(map(id, case.latest))  # an earlier revision cannot be changed any more
        for (record, aside), document in zip(read, documents, strict=True):
            try:
                if id(document) in latest:
                    _hold(document)
            except ContractError as error:
                self.wrong(record, error)
            else:
                self.right(record, aside)
        problems = check_across(case)
        self.count["in_the_case"] = len(problems)
        for problem in problems:
            say(Source("case", 0, b""), problem, as_json=self._as_json)

    @property
    def broken(self) -> bool:
        """Whether anything is wrong; nothing read is."""
        return bool(self.count["wrong"] or self.count.get("in_the_case") or not self.count["read"])

    def __str__(self) -> str:
        said = "{read} read = {right} right + {wrong} wrong"
        said += ", {with_set_aside} with parts set aside" if self.count["with_set_aside"] else ""
        said += "; {in_the_case} problems in the case" if "in_the_case" in self.count else ""
        return said.format_map(self.count)


def _canonical(name: str | None, tolerant: bool, pin: str, hold: Callable[[Document], None]) -> tuple[_Check, Format]:
    if name is not None and name not in DOCUMENTS:
        raise not_a_record(name, DOCUMENTS)

    def run(data: bytes) -> _Checked:
        reading = read_document(data, name, tolerant=tolerant, version=pin)
        hold(reading.document)
        return tuple(aside.problem for aside in reading.set_aside)

    return run, JSON


def _hold(document: Document) -> None:
    """Raise ContractError (kind `invariant`) with every rule that the document breaks by itself."""
    broken = check(document)
    if broken:
        name = type(document).__name__.lower()
        raise ContractError(f"the {name} breaks its invariants", kind="invariant", problems=broken)


def _vendor(name: str, tolerant: bool) -> tuple[_Check, Format]:
    system, _, native = name.partition(".")
    ours = adapter(system)
    strict, written = ours.contract(native), ours.format(native)

    def run(data: bytes) -> _Checked:
        record = written.read(data)
        if tolerant:
            return ours.check_record(native, record)
        strict.check(record, f"a record {name}", kind="contract_drift", native=True)
        return ()

    return run, written
