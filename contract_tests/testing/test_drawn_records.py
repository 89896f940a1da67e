"""Every record drawn from an adapter's contract keeps that contract, and every field and word of it appears."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis.strategies import SearchStrategy
from openreturns import Adapter, adapter, adapter_names
from openreturns._fields import Field
from openreturns._json import dump, parse
from openreturns.testing.strategies import from_schema, records
from openreturns.testing.strategies._records import table_words
from openreturns.validation import ENGINES, Validator, document_validator

HERE = Path(__file__).parents[1]
DRAWN = settings(deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)


def configured(name: str) -> Adapter:
    return adapter(name, tomllib.loads((HERE / name / "tenant.toml").read_text("utf-8"))[name])


CONTRACTS = [
    pytest.param(name, native, id=f"{name}.{native}")
    for name in adapter_names()
    for native in dict.fromkeys(mapping.native for mapping in adapter(name).mappings)
]


def said(value: Any, fields: dict[str, Field], at: str = "") -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        path = f"{at}.{name}" if at else name
        yield path, inner
        if isinstance(inner, dict) and path in fields and fields[path].kind == "object":
            yield from said(inner, fields, path)
        elif path in fields and fields[path].kind == "list":
            yield from (found for one in inner or () for found in said(one, fields, f"{path}[]"))


@pytest.mark.parametrize(("name", "native"), CONTRACTS)
def test_a_record_keeps_its_contract_and_says_all_of_it(name: str, native: str) -> None:
    ours = configured(name)
    schema = ours.contract(native).schema
    judges = [Validator(schema, engine=engine) for engine in ENGINES]
    fields = ours.contract(native).fields
    lists = {
        path for path, field in fields.items() if field.kind in {"list", "array"} and not field.schema.get("minItems")
    }
    missing = {(path, "there") for path in fields} | {(path, "empty") for path in lists}
    missing |= {(path, "null") for path, field in fields.items() if field.nullable}

    def see(record: Any) -> None:
        for judge in judges:
            assert judge.is_valid(record), judge.problems(record)
        assert parse(dump(record)) == record  # exact on the wire, both ways
        for path, value in said(record, fields):
            missing.discard((path, "null" if value is None else "empty" if value == [] else "there"))

    until_nothing_is_missing(records(ours, native), see, missing)


@pytest.mark.parametrize(("name", "native"), CONTRACTS)
def test_the_words_of_code_tables_are_drawn_and_with_strange_false_no_others(name: str, native: str) -> None:
    ours = configured(name)
    words, fields = table_words(ours, native), ours.contract(native).fields
    missing = {(path, word) for path, known in words.items() for word in known}

    def see(record: Any) -> None:
        for path, value in said(record, fields):
            if path in words:
                assert value in words[path], path
                missing.discard((path, value))

    until_nothing_is_missing(records(ours, native, strange=False, nulls=False), see, missing)


def until_nothing_is_missing(strategy: SearchStrategy[Any], see: Callable[[Any], None], missing: set[Any]) -> None:
    """Draw at least a hundred and at most 10,000 values, and fail if then something was not among them."""
    for number in range(100):
        drawn = seed(number)(settings(DRAWN, max_examples=100, derandomize=False)(given(strategy)(see)))
        drawn()
        if not missing:
            return
    assert missing == set()


def test_a_canonical_schema_is_drawn_too() -> None:
    judge = document_validator("credit")

    @settings(DRAWN, max_examples=30)
    @given(document=from_schema(judge.schema))
    def draw(document: Any) -> None:
        assert [str(problem) for problem in judge.problems(document)] == []

    draw()


def test_a_lost_digit_shrinks_to_one_short_record() -> None:
    ours = configured("avatax")

    def loses(record: Any) -> bool:
        return any(isinstance(line["amount"], Decimal) and line["amount"] % 1 != 0 for line in record["lines"])

    shrunk = settings(DRAWN, phases=[Phase.generate, Phase.shrink])
    smallest = find(records(ours, "transaction_create"), loses, settings=shrunk)
    assert len(smallest["lines"]) == 1
    assert len(list(said(smallest, ours.contract("transaction_create").fields))) <= 25


def test_a_schema_outside_the_subset_is_refused() -> None:
    with pytest.raises(ValueError, match="anyOf"):
        from_schema({"type": "object", "properties": {"a": {"anyOf": []}}})
