"""Three judges, one verdict: both schema engines and the generated class on thousands of mutated documents."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openreturns._json import dump
from openreturns.models import DOCUMENTS
from openreturns.models._checked import from_checked
from openreturns.testing._filled import filled
from openreturns.validation import ENGINES, document_validator
from pydantic import ValidationError

HERE = Path(__file__).parents[1]
BASES: dict[str, Any] = json.loads((HERE / "invariants" / "cases.json").read_text("utf-8"))["bases"]

# One value of each kind of mistake that a system makes.
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    7,
    -1,
    10**30,
    "",
    " ",
    "0",
    "-1",
    "1.5",
    "01",
    "1e3",
    "1,5",
    "12.1234567",
    "USD",
    "USD\n",
    "usd",
    "2026-02-30",
    "2026-11-22",
    "2026-11-22T12:00:00Z",
    "2026-11-22T12:00:00",
    "2026-02-30T12:00:00Z",
    "2026-11-22T12:00:60Z",
    "12:00",
    "closed",
    "\u0000",
    "é" * 300,
    [],
    [1],
    {},
    {"code": "other"},
)

EXPLAINED: dict[str, str] = {}
"""Disagreements we know and accept: where, and why. There are none."""


def complete(document: str) -> dict[str, Any]:
    """A document with every field filled in a way its schema accepts."""
    values = {
        "Gtin": ("05412345678908", "05412345678908"),
        "Gln": ("5412345000013", "5412345000013"),
        "Sha256": ("0" * 64, "1" * 64),
        "Uri": ("https://example.com/a", "https://example.com/b"),
        "labelUri": ("https://example.com/a", "https://example.com/b"),
        "MediaType": ("image/png", "image/jpeg"),
        "CurrencyCode": ("USD", "EUR"),
        "CountryCode": ("BE", "NL"),
        "UnitOfMeasure": ("EA", "XCS"),
        "TaxCategory": ("S", "Z"),
        "Email": ("a@example.com", "b@example.com"),
        "StatusName": ("authorized", "received"),
        "meta.schema": (f"openreturns/{document}/1.1", f"openreturns/{document}/1.1"),
    }
    return filled(document_validator(document).fields, values)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, parents before children."""
    if at:
        yield at
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*at, key))


def mutations(base: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The document with one place set to each odd value, taken away, doubled, or given a stranger."""
    yield "as it is", base
    for at in places(base):
        name = "/".join(map(str, at))
        for odd in ODD:
            yield f"{name} = {odd!r:.20}", changed(base, at, lambda box, key, odd=odd: box.__setitem__(key, odd))
        yield f"{name} gone", changed(base, at, lambda box, key: box.__delitem__(key))
        yield f"{name} and a stranger", changed(base, at, stranger)


def stranger(box: Any, key: Any) -> None:
    if isinstance(box, dict):
        box["stranger"] = 1
    else:
        box.append(copy.deepcopy(box[key]))


def changed(base: Any, at: tuple[Any, ...], change: Any) -> Any:
    """A copy of the document with one change at one place."""
    other = copy.deepcopy(base)
    box = other
    for key in at[:-1]:
        box = box[key]
    change(box, at[-1])
    return other


@cache
def mutated(document: str) -> list[tuple[str, Any]]:
    return [*mutations(BASES[document]), *mutations(complete(document))]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_engines_and_class_agree(document: str) -> None:
    judges = [document_validator(document, engine=engine) for engine in ENGINES]
    model = DOCUMENTS[document]
    different = []
    for name, data in mutated(document):
        verdicts = [judge.is_valid(data) for judge in judges]
        try:
            read = model.model_validate_json(dump(data) if not too_large(data) else json.dumps(data))
        except ValidationError:
            verdicts.append(False)
        else:
            verdicts.append(True)
            assert read.to_dict() == data, name
            made = from_checked(model, data)
            assert made == read, name
            assert made.to_json() == read.to_json(), name
            assert made.model_fields_set == read.model_fields_set, name
        if len(set(verdicts)) > 1 and name not in EXPLAINED:
            different.append((name, verdicts))
    assert different == []


def too_large(data: Any) -> bool:
    """Whether a document holds an integer beyond 64 bits, which the fast writer does not take."""
    return str(10**30) in str(data)


def test_there_are_thousands_of_documents() -> None:
    assert sum(len(mutated(document)) for document in DOCUMENTS) >= 5_000


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_complete_document_is_valid(document: str) -> None:
    assert [str(problem) for problem in document_validator(document).problems(complete(document))] == []
