"""Three judges, one verdict: both schema engines and the generated class on thousands of mutated documents.

Vendor records have no class: there both engines judge, and the adapter reads what they let through.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openreturns import adapter
from openreturns._json import dump
from openreturns._schemas import DOCUMENTS, VERSION, schema_name, versions
from openreturns.models import classes_of
from openreturns.models._checked import from_checked
from openreturns.testing._filled import filled
from openreturns.validation import ENGINES, Validator, document_validator, fractions
from pydantic import ValidationError

HERE = Path(__file__).parents[1]
BASES: dict[str, Any] = json.loads((HERE / "invariants" / "cases.json").read_text("utf-8"))["bases"]

# Whole numbers and others as systems write them that have one kind of number only, and what fits in none of theirs.
NUMBERS = tuple(map(Decimal, ("1.0", "-0.0", "2E+1", "2.5", "1E-7", "12345678901234567890.0", "1E+20", "1E+400")))

# One value of each kind of mistake that a system makes.
ODD: tuple[Any, ...] = (
    *NUMBERS,
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


def complete(document: str, version: str) -> dict[str, Any]:
    """A document with every field filled in a way its schema accepts."""
    schema = schema_name(document, version)
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
        "meta.schema": (schema, schema),
    }
    return filled(document_validator(document, version=version).fields, values)


def small(document: str, version: str) -> dict[str, Any]:
    """A document with little in it."""
    base = BASES[document]
    return {**base, "meta": {**base["meta"], "schema": schema_name(document, version)}}


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, parents before children."""
    if at:
        yield at
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*at, key))


def mutations(base: dict[str, Any], odd: tuple[Any, ...] = ODD) -> Iterator[tuple[str, Any]]:
    """The document with one place set to each odd value, taken away, doubled, or given a stranger."""
    yield "as it is", base
    for at in places(base):
        name = "/".join(map(str, at))
        for value in odd:
            yield (
                f"{name} = {value!r:.30}",
                changed(base, at, lambda box, key, value=value: box.__setitem__(key, value)),
            )
        yield f"{name} gone", changed(base, at, lambda box, key: box.__delitem__(key))
        yield f"{name} and a stranger", changed(base, at, stranger)


def stranger(box: Any, key: Any) -> None:
    if isinstance(box, dict):
        box["stranger"] = 1
    else:
        box.append(copy.deepcopy(box[key]))


def changed(base: Any, at: tuple[Any, ...], change: Any) -> Any:
    """A copy of the document with one change at one place; what is not on the way there is shared."""
    other = box = copy.copy(base)
    for key in at[:-1]:
        box[key] = copy.copy(box[key])
        box = box[key]
    change(box, at[-1])
    return other


@cache
def mutated(document: str, version: str) -> list[tuple[str, Any]]:
    return [*mutations(small(document, version)), *mutations(complete(document, version))]


@pytest.mark.parametrize("version", versions())
@pytest.mark.parametrize("document", DOCUMENTS)
def test_engines_and_class_agree(document: str, version: str) -> None:
    judges = [document_validator(document, engine=engine, version=version) for engine in ENGINES]
    model = classes_of(version)[document]
    different = []
    for name, data in mutated(document, version):
        whole = not fractions(data)  # which no schema can say
        verdicts = [judge.is_valid(data) and whole for judge in judges]
        assert verdicts == [whole and not judge.problems(data) for judge in judges], name
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
    assert sum(len(mutated(document, VERSION)) for document in DOCUMENTS) >= 5_000


@pytest.mark.parametrize("make", [complete, small])
@pytest.mark.parametrize("version", versions())
@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_document_is_valid_as_it_is(document: str, version: str, make: Any) -> None:
    judge = document_validator(document, version=version)
    assert [str(problem) for problem in judge.problems(make(document, version))] == []


# ---------------------------------------------------------------- vendors' records

NATIVE_ODD: tuple[Any, ...] = (
    *NUMBERS,
    None,
    True,
    7,
    -1,
    10**30,
    "",
    "7",
    "2026-11-22T12:00:00Z",
    "é" * 300,
    [],
    {},
    {"id": "7"},
)
NATIVE = [
    pytest.param(name, native, id=f"{name}.{native}")
    for name in ("shipbob", "netsuite")
    for native in dict.fromkeys(mapping.native for mapping in adapter(name).mappings)
]


@pytest.mark.parametrize(("name", "native"), NATIVE)
def test_engines_agree_on_a_vendors_records(name: str, native: str) -> None:
    schema = adapter(name).contract(native).schema
    judges = [Validator(schema, engine=engine) for engine in ENGINES]
    fields = judges[0].fields
    links = {path: ("https://example.com/a",) for path, field in fields.items() if field.schema.get("format") == "uri"}
    base = filled(fields, links)
    assert [str(problem) for problem in judges[0].problems(base)] == []
    different = []
    for what, record in mutations(base, NATIVE_ODD):
        verdicts = [judge.is_valid(record) for judge in judges]
        if verdicts[0] != verdicts[1]:
            different.append((what, verdicts))
    assert different == []
