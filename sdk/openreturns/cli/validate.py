"""`openreturns validate`: documents against schema and invariants, vendor records against their contract."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeAlias

import click

from openreturns._json import dump
from openreturns.adapters import adapter
from openreturns.cli._help import examples
from openreturns.cli._input import Source, inputs, progress, records
from openreturns.cli._output import opened, refuse_overwriting
from openreturns.cli._pin import pinned
from openreturns.cli._report import Refused, kept, say
from openreturns.errors import ContractError, MappingError, Problem
from openreturns.formats import JSON, Format
from openreturns.invariants import check, check_case
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
    documents: list[Document] = []
    of_a_vendor = contract is not None and "." in contract
    if of_a_vendor and as_case:
        raise click.UsageError("a case has canonical documents; --contract names a vendor's record")
    run, written = (
        _vendor(contract or "", tolerant) if of_a_vendor else _canonical(contract, tolerant, pin, as_case, documents)
    )
    found = inputs(paths, written)
    refuse_overwriting(found, {"--rejects": rejects})
    count = {"read": 0, "right": 0, "wrong": 0, "with_set_aside": 0}
    with ExitStack() as stack:
        rejected = opened(stack, rejects)
        watch = stack.enter_context(progress(found, shown=not sys.stdout.isatty()))
        tell = partial(say, as_json=as_json, err=True)
        for record in records(found, watch, tell, rejects, written):
            count["read"] += 1
            try:
                aside = _checked(run, record)
            except Exception as error:  # noqa: BLE001 - a defect costs one record, not the run
                count["wrong"] += 1
                refusal = Refused.by(error)
                for problem in refusal.reasons:
                    say(record, problem, as_json=as_json)
                if rejected:
                    rejected.write(kept(record, refusal))
                continue
            count["right"] += 1
            count["with_set_aside"] += bool(aside)
            for problem in aside:
                say(record, problem, as_json=as_json, set_aside=True)
    case = check_case(documents) if as_case else ()
    for problem in case:
        say(Source("case", 0, b""), problem, as_json=as_json)
    if as_case:
        count["in_the_case"] = len(case)
    click.echo(dump(count) if as_json else _summary(count), err=True)
    sys.exit(1 if count["wrong"] or case or not count["read"] else 0)


def _checked(run: _Check, record: Source) -> _Checked:
    if record.error is not None:
        raise record.error
    return run(record.data)


def _summary(count: dict[str, int]) -> str:
    said = f"{count['read']} read = {count['right']} right + {count['wrong']} wrong"
    said += f", {count['with_set_aside']} with parts set aside" if count["with_set_aside"] else ""
    return said + (f"; {count['in_the_case']} problems in the case" if "in_the_case" in count else "")


def _canonical(
    name: str | None, tolerant: bool, pin: str, as_case: bool, documents: list[Document]
) -> tuple[_Check, Format]:
    if name is not None and name not in DOCUMENTS:
        known = ", ".join(DOCUMENTS)
        raise MappingError(f"{name!r} is neither adapter.record nor one of: {known}", kind="unknown_name")

    def run(data: bytes) -> _Checked:
        reading = read_document(data, name, tolerant=tolerant, version=pin)
        broken = () if as_case else check(reading.document)
        if as_case:
            documents.append(reading.document)  # held to the rules together, below
        if broken:
            raise ContractError(f"the {reading.name} breaks its invariants", kind="invariant", problems=broken)
        return tuple(aside.problem for aside in reading.set_aside)

    return run, JSON


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
