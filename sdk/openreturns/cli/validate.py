"""`openreturns validate`: documents against schema, classes and invariants."""

from __future__ import annotations

import sys

import click

from openreturns._json import dump, parse
from openreturns.cli._input import Source, records, sources
from openreturns.errors import ContractError, OpenReturnsError, Problem
from openreturns.invariants import check, check_case
from openreturns.models import DOCUMENTS, Document
from openreturns.validation import document_validator

__all__ = ["validate"]


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--case", "as_case", is_flag=True, help="Hold all documents against each other, as one case.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a finding.")
def validate(paths: tuple[str, ...], as_case: bool, as_json: bool) -> None:
    """Check canonical documents in files, folders or standard input (-): schema first, then every invariant."""
    documents: list[Document] = []
    count = wrong = 0
    for path in sources(paths):
        for record in records(path):
            count += 1
            problems = _problems(record, documents, alone=not as_case)
            wrong += bool(problems)
            _print(record.place, problems, as_json)
    case = check_case(documents) if as_case else ()
    _print("case", case, as_json)
    together = f", {len(case)} in the case" if as_case else ""
    click.echo(f"{count} documents, {wrong} with problems{together}", err=True)
    sys.exit(1 if wrong or case else 0)


def _problems(record: Source, documents: list[Document], *, alone: bool) -> tuple[Problem, ...]:
    try:
        if record.error is not None:
            raise record.error
        document = _document(record.data)
    except OpenReturnsError as error:
        return error.problems or (Problem(error.kind, str(error)),)
    documents.append(document)
    return check(document) if alone else ()


def _document(data: bytes) -> Document:
    value = parse(data)
    meta = value.get("meta") if isinstance(value, dict) else None
    schema = str(meta.get("schema", "")) if isinstance(meta, dict) else ""
    name, _, version = schema.removeprefix("openreturns/").partition("/")
    if name not in DOCUMENTS:
        raise ContractError("meta.schema does not name a canonical document", kind="schema")
    if version.partition(".")[0] != "1":
        raise ContractError(f"version {version} of {name} is not known here; 1.0 is", kind="version")
    document_validator(name).check(value, f"the {name}")
    return DOCUMENTS[name].model_validate_json(data)


def _print(place: str, problems: tuple[Problem, ...], as_json: bool) -> None:
    for problem in problems:
        row = {"source": place, **problem.to_dict()}
        click.echo(dump(row).decode() if as_json else f"{place}: {problem.code} {problem}")
