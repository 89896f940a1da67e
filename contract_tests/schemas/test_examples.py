"""The example documents: right ones keep schema and invariants, wrong ones break the one thing they are about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import reduce
from pathlib import Path

import pytest
from openreturns._schemas import DOCUMENTS as NAMES
from openreturns._schemas import VERSION, bundle, folder, load
from openreturns.invariants import check, check_case
from openreturns.models import DOCUMENTS, CanonicalModel, Credit, Document
from openreturns.models._base import wire_name
from openreturns.validation import document_validator

EXAMPLES = folder() / "examples"
VALID = sorted(EXAMPLES.glob("*/valid/*.json"))
WRONG = sorted(path for path in EXAMPLES.glob("*/invalid/*.json") if path.name != "expected.json")
CASES = sorted(path for path in (EXAMPLES / "cases").iterdir())


def said(path: Path) -> str:
    return "/".join(path.relative_to(EXAMPLES).parts).removesuffix(".json")


def document_of(path: Path) -> Document:
    data = path.read_bytes()
    return DOCUMENTS[json.loads(data)["meta"]["schema"].split("/")[1]].model_validate_json(data)


@pytest.mark.parametrize("path", VALID, ids=said)
def test_a_right_document_keeps_schema_and_invariants(path: Path) -> None:
    name, value = path.parts[-3], json.loads(path.read_bytes())
    assert document_validator(name).problems(value) == ()
    assert [str(problem) for problem in check(document_of(path))] == []


@pytest.mark.parametrize("path", VALID, ids=said)
def test_a_right_document_is_written_as_it_was_read(path: Path) -> None:
    assert document_of(path).to_json() == json.dumps(
        json.loads(path.read_bytes()), separators=(",", ":"), ensure_ascii=False
    ).encode("utf-8")


@pytest.mark.parametrize("path", WRONG, ids=said)
def test_a_wrong_document_breaks_the_one_thing_it_is_about(path: Path) -> None:
    expected = json.loads((path.parent / "expected.json").read_bytes())[path.name]
    name, value = path.parts[-3], json.loads(path.read_bytes())
    broken = {("schema", problem.canonical) for problem in document_validator(name).problems(value)}
    if not broken:
        broken = {(problem.code, problem.canonical) for problem in check(document_of(path))}
    assert broken == {(expected["by"], expected["pointer"])}


@pytest.mark.parametrize("name", NAMES)
def test_every_wrong_document_says_what_is_wrong(name: str) -> None:
    expected = json.loads((EXAMPLES / name / "invalid" / "expected.json").read_bytes())
    assert sorted(expected) == [path.name for path in WRONG if path.parts[-3] == name]


@pytest.mark.parametrize("name", NAMES)
def test_there_are_examples_enough(name: str) -> None:
    assert sum(path.parts[-3] == name for path in VALID) >= 8
    assert sum(path.parts[-3] == name for path in WRONG) >= 6


# What people look for -> the document that shows it, and what has to stand in it: steps to a place, a word there.
LOOKED_FOR: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "partial receipt, twice": (
        "return/valid/partial-receipt-twice",
        [("lines/0/receipts/0/discrepancy", "short"), ("lines/0/receipts/1/receiptId", "GR-507")],
    ),
    "blind return": ("return/valid/blind-return", [("lines/0/receipts/0/discrepancy", "unannounced")]),
    "over-receipt": ("return/valid/over-receipt", [("lines/0/receipts/0/discrepancy", "over")]),
    "advance replacement": ("return/valid/advance-replacement", [("type", "replacement_in_advance")]),
    "split disposition with lots and serials": (
        "disposition/valid/split-by-lot-and-serial",
        [("lines/0/splits/1/serials/0", "SN-0003"), ("lines/1/item/lot", "L2026-07")],
    ),
    "vendor return": (
        "disposition/valid/vendor-return",
        [("lines/0/splits/0/vendorReturn/type", "vendor_return"), ("lines/0/splits/0/to/owner", "vendor")],
    ),
    "restocking fee": ("credit/valid/restocking-fee-and-freight-refund", [("charges/0/kind", "restocking_fee")]),
    "JPY": ("credit/valid/jpy-tax-rounded-down", [("currency", "JPY"), ("totals/tax/amount", "5132")]),
    "KWD": ("credit/valid/kwd-to-the-fils", [("currency", "KWD"), ("totals/due/amount", "33.000")]),
    "reversal": ("adjustment/valid/reversal", [("reverses/type", "adjustment")]),
    "reversal of a credit": ("credit/valid/reversal-of-a-voided-credit", [("reverses/type", "credit")]),
}
DOCS = Path(__file__).parents[2] / "docs"
PRICE_WITH_TAX = DOCS / "examples" / "credit-of-a-price-with-tax.json"


@pytest.mark.parametrize("wanted", LOOKED_FOR)
def test_what_people_look_for_is_shown_and_named_in_the_documentation(wanted: str) -> None:
    name, inside = LOOKED_FOR[wanted]
    path = EXAMPLES / f"{name}.json"
    document = json.loads(path.read_bytes())
    for place, word in inside:
        assert (
            reduce(lambda node, step: node[int(step) if step.isdigit() else step], place.split("/"), document) == word
        )
    page = (DOCS / "canonical-model.md").read_text("utf-8")
    assert f"](../schemas/{VERSION}/examples/{name}.json)" in page


def test_prices_with_tax_in_them_make_a_credit_that_adds_up() -> None:
    """Published examples are locked, so this one stands in the documentation."""
    document = document_of(PRICE_WITH_TAX)
    assert document_validator("credit").problems(json.loads(PRICE_WITH_TAX.read_bytes())) == ()
    assert [str(problem) for problem in check(document)] == []
    assert isinstance(document, Credit)
    assert document.totals.tax_inclusive.amount == 3 * Decimal("9.99")
    assert f"](examples/{PRICE_WITH_TAX.name})" in (DOCS / "canonical-model.md").read_text("utf-8")


@pytest.mark.parametrize("case", CASES, ids=said)
def test_a_whole_case_keeps_every_rule(case: Path) -> None:
    documents = [document_of(path) for path in sorted(case.glob("*.json"))]
    for path in case.glob("*.json"):
        value = json.loads(path.read_bytes())
        assert document_validator(value["meta"]["schema"].split("/")[1]).problems(value) == ()
    assert [str(problem) for problem in check_case(documents)] == []


def test_the_right_documents_use_every_field_of_every_definition() -> None:
    used: set[tuple[str, str]] = set()
    for path in VALID:
        used |= set(uses(document_of(path)))
    there = {
        (title, name)
        for schema in map(load, (*NAMES, "common"))
        for title, definition in {schema["title"]: schema, **schema["$defs"]}.items()
        for name in definition.get("properties", ())
    }
    assert there - used == set()


def test_every_code_of_goods_and_money_is_shown() -> None:
    """The words people look for first each stand in some example."""
    text = "".join(path.read_text("utf-8") for path in (*VALID, *EXAMPLES.glob("cases/*/*.json")))
    for definition in ("DispositionValue", "StockStatus", "StockBoundary"):
        for code in bundle("disposition")["$defs"][definition]["enum"]:
            assert f'"{code}"' in text, code


def uses(part: CanonicalModel) -> Iterator[tuple[str, str]]:
    """Each definition with each of its fields that has a value, at any depth."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        if value is not None:
            yield type(part).__name__, wire_name(name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, CanonicalModel):
                yield from uses(inner)
