"""The rules on small documents: each one fires where it should, at the right place, and nowhere else."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openreturns.invariants import RULES, Invoiced, Options, check, check_case
from openreturns.models import DOCUMENTS, Document

EXAMPLES = json.loads((Path(__file__).parents[1] / "invariants" / "cases.json").read_text("utf-8"))
BASES: dict[str, Any] = EXAMPLES["bases"]


def built(base: str, change: dict[str, Any]) -> Document:
    """A base document with values set (or, where null, taken away) at JSON pointers."""
    data = copy.deepcopy(BASES[base])
    for pointer, value in change.items():
        *steps, last = pointer.split("/")[1:]
        target: Any = data
        for step in steps:
            target = target[int(step)] if isinstance(target, list) else target.setdefault(step, {})
        if value is None:
            del target[int(last) if isinstance(target, list) else last]
        elif isinstance(target, list):
            target[int(last) : int(last) + 1] = [value]
        else:
            target[last] = value
    return DOCUMENTS[data["meta"]["schema"].split("/")[1]].model_validate_json(json.dumps(data))


@pytest.mark.parametrize("base", BASES)
def test_the_base_documents_keep_every_rule(base: str) -> None:
    assert [str(problem) for problem in check(built(base, {}))] == []


@pytest.mark.parametrize("row", EXAMPLES["inside"], ids=lambda row: f"{row['rule']}-{row['what']}")
def test_a_document_that_breaks_a_rule_is_told_where(row: dict[str, Any]) -> None:
    found = check(built(row["base"], row["change"]))
    assert [(p.code, p.canonical) for p in found] == [(row["rule"], at) for at in row["at"]]


@pytest.mark.parametrize("row", EXAMPLES["kept"], ids=lambda row: f"{row['rule']}-{row['what']}")
def test_legitimate_business_breaks_no_rule(row: dict[str, Any]) -> None:
    assert [str(problem) for problem in check(built(row["base"], row["change"]))] == []


@pytest.mark.parametrize("row", EXAMPLES["across"], ids=lambda row: f"{row['rule']}-{row['what']}")
def test_a_case_that_breaks_a_rule_is_told_where(row: dict[str, Any]) -> None:
    found = check_case(built(base, change) for base, change in row["documents"])
    assert [(p.code, p.canonical) for p in found] == [(row["rule"], at) for at in row["at"]]


def test_a_whole_case_keeps_every_rule() -> None:
    assert [str(problem) for problem in check_case(built(base, {}) for base in EXAMPLES["case"])] == []


def test_no_more_is_credited_than_the_invoice_line_charged() -> None:
    documents = [built("credit", {}), built("credit", {"/meta/documentId": "credit-2", "/number": "CM-2"})]
    options = Options(invoiced={("INV-1", "1"): Invoiced(Decimal(5), Decimal("62.50"))})
    found = check_case(documents, options)
    places = ["credit-2#/lines/1/quantity", "credit-2#/lines/1/amount"]
    assert [(p.code, p.canonical) for p in found] == [("C6", place) for place in places]


def test_every_rule_has_an_example_that_breaks_it() -> None:
    shown = {row["rule"] for part in ("inside", "across") for row in EXAMPLES[part]} | {"C6"}
    assert {rule.id for rule in RULES} == shown


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
