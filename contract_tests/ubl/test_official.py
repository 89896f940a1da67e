"""Our credit notes before the official rules: all examples pass, every planted defect is found by them or by us."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from openreturns import Adapter, Credit, adapter
from openreturns._json import dump, parse
from openreturns._schemas import folder
from openreturns.errors import MappingError
from openreturns.invariants import check
from standards import official
from ubl.planted import ours_finds, planted

HERE = Path(__file__).parent
TENANT = tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["ubl"]
VALID = folder() / "examples" / "credit" / "valid"
CASES = folder() / "examples" / "cases"
EXAMPLES = [
    pytest.param(path, id=path.stem if path.parent == VALID else f"{path.parent.name}/{path.stem}")
    for path in [*sorted(VALID.glob("*.json")), *sorted(CASES.glob("*/credit*.json"))]
    if parse(path.read_bytes())["status"] not in ("voided", "rejected")
]
DEFECTS = tomllib.loads((HERE / "defects.toml").read_text("utf-8"))["defect"]


def ubl(**settings: Any) -> Adapter:
    return adapter("ubl", {**TENANT, "settings": {**TENANT["settings"], **settings}})


def written(path: Path, ours: Adapter | None = None) -> bytes:
    credit = Credit.model_validate_json(path.read_bytes())
    [one] = (ours or ubl()).write(credit, "credit_note")
    return one.to_bytes()


# --- right credits -----------------------------------------------------------------------------------------------


@official.needed
@pytest.mark.parametrize("path", EXAMPLES)
def test_every_example_credit_passes_all_official_rules(path: Path) -> None:
    assert official.findings(written(path)) == []


@pytest.mark.parametrize("path", EXAMPLES)
def test_every_example_credit_is_read_again_with_the_same_amounts(path: Path) -> None:
    credit, again = parse(path.read_bytes()), ubl().read("credit_note", written(path)).document.to_dict()
    for name in ("number", "issueDate", "currency", "totals"):
        assert again[name] == credit[name]
    assert [line["amount"] for line in again["lines"]] == [line["amount"] for line in credit["lines"]]
    assert [line["quantity"] for line in again["lines"]] == [line["quantity"] for line in credit["lines"]]
    assert [line["reason"]["code"] for line in again["lines"]] == [line["reason"]["code"] for line in credit["lines"]]


@pytest.mark.parametrize("path", EXAMPLES)
def test_what_was_read_is_written_as_it_was(path: Path) -> None:
    data = written(path)
    read = ubl().read("credit_note", data).document
    [again] = ubl().write_data(read.to_dict(), "credit_note", trusted=True)
    assert again.record == ubl().record("credit_note", data)


INCIDENTS = [
    pytest.param(path, id=path.stem) for path in sorted(HERE.glob("*.json")) if b"written_from" in path.read_bytes()
]


@official.needed
@pytest.mark.parametrize("path", INCIDENTS, ids=lambda path: path.stem)
def test_every_credit_note_as_sent_passes_all_official_rules(path: Path) -> None:
    incident = parse(path.read_bytes())
    [one] = ubl(payee_name="Factor NV", payee_id="F-1").write_data(incident["written_from"], "credit_note")
    assert official.findings(one.to_bytes()) == []


@official.needed
def test_a_vendor_s_credit_that_we_issue_is_self_billed() -> None:
    data = written(VALID / "self-billed-vendor-credit.json", ubl(self_billing=True))
    assert b"<cbc:CreditNoteTypeCode>261</cbc:CreditNoteTypeCode>" in data
    assert official.by_schema(data) == official.by_en16931(data) == []
    # The rules at hand are those of ordinary billing, which do not know the process of self-billing.
    assert official.by_peppol(data) == ["PEPPOL-EN16931-R004", "PEPPOL-EN16931-R007"]


@official.needed
@pytest.mark.parametrize("version", official.VERSIONS)
def test_the_contract_has_the_order_of_the_schemas(version: str) -> None:
    schema = ubl().contract("credit_note").schema
    order = official.element_order(version)
    wrong: list[str] = []

    def hold(node: Any, element: str, at: str) -> None:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
        if "items" in node:
            hold(node["items"], element, at)
        elif "properties" in node and "value" not in node["properties"]:
            names = list(node["properties"])
            if sorted(names, key=order[element].index) != names:
                wrong.append(at)
            for name in names:
                hold(node["properties"][name], name, f"{at}/{name}")

    hold(schema, "CreditNote", "")
    assert wrong == []


# --- credit notes of others ----------------------------------------------------------------------------------------

# File -> rules of ours it breaks, and why it is not written again as Peppol has it (the first is older than its rules).
PUBLIC: dict[str, tuple[list[str], list[str]]] = {
    "ubl-2.1/examples/UBL-CreditNote-2.1-Example.xml": (["C5"], ["no_category", "no_endpoint"]),
    "ubl-2.4/examples/UBL-CreditNote-2.1-Example.xml": (["C5"], ["no_category", "no_endpoint"]),
    "en16931/examples/ubl-tc434-creditnote1.xml": (["C8"], []),
    "peppol-bis3/examples/base-creditnote-correction.xml": ([], []),
}


@official.needed
@pytest.mark.parametrize("name", PUBLIC)
def test_public_credit_notes_are_read_and_written_again(name: str) -> None:
    ours, (broken, refused) = ubl(), PUBLIC[name]
    read = ours.read("credit_note", (official.folder() / name).read_bytes())
    assert sorted({problem.rule for problem in check(read.document)}) == broken
    if refused:
        with pytest.raises(MappingError) as raised:
            ours.write_data(read.document.to_dict(), "credit_note", trusted=True)
        assert set(refused) <= {problem.code for problem in raised.value.problems}
        return
    [again] = ours.write_data(read.document.to_dict(), "credit_note", trusted=True)
    assert official.by_schema(again.to_bytes()) == official.by_en16931(again.to_bytes()) == []
    assert ours.read("credit_note", again.to_bytes()).document.to_dict() == read.document.to_dict()


# --- wrong ones ----------------------------------------------------------------------------------------------------


def right() -> dict[str, Any]:
    path = VALID / "restocking-fee-and-freight-refund.json"
    [one] = ubl().write(Credit.model_validate_json(path.read_bytes()), "credit_note")
    return one.record


def test_the_credit_note_that_defects_are_planted_in_is_right() -> None:
    assert ours_finds(ubl(), planted(ubl(), right(), {})) == []


@pytest.mark.parametrize("defect", [pytest.param(one, id=one["story"]) for one in DEFECTS if one["ours"]])
def test_we_find_the_defect(defect: dict[str, Any]) -> None:
    assert ours_finds(ubl(), planted(ubl(), right(), defect["set"])) == defect["ours"]


@official.needed
@pytest.mark.parametrize("defect", [pytest.param(one, id=one["story"]) for one in DEFECTS])
def test_the_official_rules_find_what_is_said_of_them(defect: dict[str, Any]) -> None:
    assert official.findings(planted(ubl(), right(), defect["set"])) == defect["official"]


def test_no_defect_goes_unfound() -> None:
    assert len(DEFECTS) >= 25
    assert [one["story"] for one in DEFECTS if not (one["ours"] or one["official"])] == []


def test_what_breaks_an_invariant_is_not_written() -> None:
    document = parse((VALID / "restocking-fee-and-freight-refund.json").read_bytes())
    document["totals"]["due"]["amount"] = "46.90"
    wrong = Credit.model_validate_json(dump(document))
    with pytest.raises(Exception, match="breaks its invariants"):
        ubl().write(wrong, "credit_note")
