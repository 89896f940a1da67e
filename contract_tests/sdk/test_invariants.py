"""The rules on small documents: each fires where it should, at the right place, and never on legitimate business."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from growth import LINEAR, grows
from openreturns._schemas import folder
from openreturns.invariants import RULES, Invoiced, Options, check, check_case
from openreturns.models import DOCUMENTS, CanonicalModel, Document
from openreturns.reading import read_document

ROWS = json.loads((Path(__file__).parents[1] / "invariants" / "cases.json").read_text("utf-8"))
BASES: dict[str, Any] = ROWS["bases"]
Row = dict[str, Any]


def named(row: Row) -> str:
    return f"{row['rule']}-{row['what']}"


def built(base: str, change: Row) -> Document:
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


def case(row: Row) -> list[Document]:
    return [built(base, change) for base, change in row["documents"]]


def options(row: Row) -> Options:
    said = dict(row.get("options", {}))
    known = {
        (invoice, line): Invoiced(Decimal(quantity), Decimal(amount), Decimal(rate), *uom)
        for invoice, line, quantity, amount, rate, *uom in said.pop("invoiced", ())
    }
    return Options(invoiced=known, **said)


@pytest.mark.parametrize("base", BASES)
def test_the_base_documents_keep_every_rule(base: str) -> None:
    assert [str(problem) for problem in check(built(base, {}))] == []


@pytest.mark.parametrize("row", ROWS["inside"], ids=named)
def test_a_document_that_breaks_a_rule_is_told_where(row: Row) -> None:
    found = check(built(row["base"], row["change"]), options(row))
    assert [(p.code, p.canonical) for p in found] == [(row["rule"], at) for at in row["at"]]


@pytest.mark.parametrize("row", ROWS["kept"], ids=named)
def test_legitimate_business_breaks_no_rule(row: Row) -> None:
    assert [str(problem) for problem in check(built(row["base"], row["change"]), options(row))] == []


@pytest.mark.parametrize("row", ROWS["across"], ids=named)
def test_a_case_that_breaks_a_rule_is_told_where(row: Row) -> None:
    found = check_case(case(row), options(row))
    assert [(p.code, p.canonical) for p in found] == [(row["rule"], at) for at in row["at"]]


@pytest.mark.parametrize("row", [*ROWS["across"], *ROWS["kept_across"]], ids=named)
def test_the_order_of_the_documents_does_not_matter(row: Row) -> None:
    documents = case(row)
    told = check_case(documents, options(row))
    assert {check_case(order, options(row)) for order in permutations(documents)} == {told}


@pytest.mark.parametrize("row", ROWS["kept_across"], ids=named)
def test_a_legitimate_case_breaks_no_rule(row: Row) -> None:
    assert [str(problem) for problem in check_case(case(row), options(row))] == []


def test_a_whole_case_keeps_every_rule() -> None:
    assert [str(problem) for problem in check_case(built(base, {}) for base in ROWS["case"])] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_an_example_that_breaks_it_and_one_that_keeps_it(rule: Any) -> None:
    for inside, across, scopes in (("inside", "across", "broken"), ("kept", "kept_across", "kept")):
        shown = {part for part in (inside, across) if any(row["rule"] == rule.id for row in ROWS[part])}
        wanted = {inside} if rule.scope == "L" else {across} if rule.scope == "X" else {inside, across}
        assert shown >= wanted, scopes


def test_a_rule_looks_only_at_the_documents_it_names() -> None:
    shown = {(row["rule"], row["base"]) for row in ROWS["inside"]}
    named_by = {rule.id: rule.documents for rule in RULES}
    assert [(rule, base) for rule, base in shown if base not in named_by[rule]] == []


@pytest.mark.parametrize(
    ("last", "said"), [("S9", "S9 stand here more than once"), ("X1", "X1 not among the serial numbers of the line")]
)
def test_a_hundred_thousand_serial_numbers_are_told_apart(last: str, said: str) -> None:
    """Were each compared with every other, this would not end."""
    serials = [f"S{number}" for number in range(100_000)]
    change = {
        "/lines/0/item/serials": serials,
        "/lines/0/inspected/value": "100000",
        "/lines/0/splits/0/quantity/value": "100000",
        "/lines/0/splits/0/serials": [*serials[:-1], last],
        "/lines/0/splits/1": None,
    }
    [problem] = check(built("disposition", change))
    assert (problem.code, problem.canonical) == ("I3", "/lines/0/splits/0/serials")
    assert problem.message.endswith(said)


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))


def test_no_message_holds_a_personal_value() -> None:
    said: list[str] = []
    personal: set[str] = set()
    for row in ROWS["inside"]:
        document = built(row["base"], row["change"])
        personal |= set(personal_values(document))
        said += [problem.message for problem in check(document, options(row))]
    for row in ROWS["across"]:
        for document in case(row):
            personal |= set(personal_values(document))
        said += [problem.message for problem in check_case(case(row), options(row))]
    assert personal >= {"ben", "anna"}
    assert [message for message in said for value in personal if value in message.split()] == []


def personal_values(part: CanonicalModel) -> Iterator[str]:
    """Every value of a field that the schema marks as personal."""
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if isinstance(value, str) and field.json_schema_extra:
            yield value
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, CanonicalModel):
                yield from personal_values(inner)


@pytest.mark.parametrize("path", sorted(folder().glob("examples/cases/*/*.json")), ids=lambda path: path.stem)
def test_a_place_in_a_case_is_the_document_and_a_pointer_inside_it(path: Path) -> None:
    """The same document with a wrong currency is told at its id, a number sign, and the pointer of `check`."""
    text = path.read_text("utf-8")
    for currency in ("EUR", "JPY"):
        text = text.replace(f'"{currency}"', '"EUX"')
    data = json.loads(text)
    document = DOCUMENTS[data["meta"]["schema"].split("/")[1]].model_validate_json(text)
    alone = [f"{data['meta']['documentId']}#{problem.canonical}" for problem in check(document)]
    assert alone == [problem.canonical for problem in check_case([document])]


EXAMPLES = folder() / "examples" / "cases" / "two-deliveries-and-a-second-look"


def renamed(data: dict[str, Any], place: int) -> dict[str, Any]:
    """One of the documents of a case as that of another case: its ids, and what it says of the others."""
    text = json.dumps(data)
    for name in ("RMA-1202", "CM-94", "disposition-1202", "adjustment-1202", "credit-1202", "return-1202"):
        text = text.replace(name, f"{name}-{place}-")
    found: dict[str, Any] = json.loads(text)
    return found


def many_returns(size: int) -> Iterator[dict[str, Any]]:
    for path in sorted(EXAMPLES.glob("*.json")):
        yield from (renamed(json.loads(path.read_text("utf-8")), place) for place in range(size))


def many_causes(size: int) -> Iterator[dict[str, Any]]:
    data = json.loads((EXAMPLES / "adjustment-1.json").read_text("utf-8"))
    for place in range(size):
        one = renamed(data, place)
        one["meta"]["causationId"] = renamed(data, place - 1)["meta"]["documentId"]
        yield one


def many_lines(size: int) -> Iterator[dict[str, Any]]:
    """A return of many lines, each sold on its own line of an invoice, moved in one go and credited."""
    for path in sorted(EXAMPLES.glob("*.json")):
        data = json.loads(path.read_text("utf-8"))
        line, *_ = data["lines"]
        lines = [{**copy.deepcopy(line), "lineId": str(place)} for place in range(size)]
        for place, one in enumerate(lines):
            one.pop("return", None)
            if "originalInvoice" in one:
                one["originalInvoice"]["lineId"] = str(place)
        yield {**data, "lines": lines}


@pytest.mark.parametrize("make", [many_returns, many_causes, many_lines])
def test_a_large_case_takes_as_much_longer_as_it_is_larger(make: Callable[[int], Iterator[dict[str, Any]]]) -> None:
    def of_size(size: int) -> Callable[[], object]:
        documents = [read_document(data).document for data in make(size)]
        return lambda: check_case(documents)

    assert grows(of_size) < LINEAR
