"""What becomes of credits on their way to a credit note: what is refused, and what settings and tables change."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from openreturns import adapter
from openreturns._json import parse
from openreturns.errors import MappingError
from openreturns.validation import document_validator

HERE = Path(__file__).parent
TENANT = tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["ubl"]
GOOD: dict[str, Any] = parse((HERE / "fee-kept-and-freight-given-back.json").read_bytes())["written_from"]

Record = dict[str, Any]


def changed(changes: Record) -> Record:
    """The good credit with other values at some pointers; an empty text takes the value away."""
    document = copy.deepcopy(GOOD)
    for pointer, value in changes.items():
        *steps, last = pointer.split("/")[1:]
        target: Any = document
        for step in steps:
            target = target[int(step) if isinstance(target, list) else step]
        if value == "":
            del target[last]
        else:
            target[last] = value
    return document


def note(changes: Record, **settings: Any) -> Record:
    tenant = {**TENANT, "settings": {**TENANT["settings"], **settings}}
    [written] = adapter("ubl", tenant).write_data(changed(changes), "credit_note", trusted=True)
    return written.record


REFUSED = tomllib.loads((HERE / "refused.toml").read_text("utf-8"))["credit"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["story"]) for case in REFUSED])
def test_what_makes_no_lawful_credit_note_is_refused_with_the_rule(case: Record) -> None:
    assert document_validator("credit").problems(changed(case["set"])) == ()
    with pytest.raises(MappingError) as raised:
        note(case["set"], **case.get("settings", {}))
    told = [f"{problem.canonical} {problem.message}" for problem in raised.value.problems]
    assert len(told) == len(case["problems"]), told
    assert [words for words, line in zip(case["problems"], told, strict=True) if words not in line] == [], told


def test_types_follow_the_tenant_s_table() -> None:
    tenant = {**TENANT, "tables": {**TENANT["tables"], "type_code": {"write": {"defective_goods": "81"}}}}
    [written] = adapter("ubl", tenant).write_data(GOOD, "credit_note")
    assert written.record["CreditNoteTypeCode"] == "81"


def test_several_reasons_make_an_ordinary_credit_note() -> None:
    other = {**GOOD["lines"][0], "lineId": "2", "reason": {"code": "price_correction"}}
    assert note({"/lines": [GOOD["lines"][0], other]})["CreditNoteTypeCode"] == "381"


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        ("Reverse charge", None, "Reverse charge"),
        ("VATEX-EU-AE", "VATEX-EU-AE", None),
        ("VATEX-EU-AE: Reverse charge", "VATEX-EU-AE", "Reverse charge"),
    ],
)
def test_why_no_tax_is_due_may_have_a_code(said: str, code: str | None, text: str | None) -> None:
    document = parse(
        (HERE.parents[1] / "schemas/1.1.0/examples/credit/valid/self-billed-vendor-credit.json").read_bytes()
    )
    document["taxes"][0]["exemptionReason"] = said
    ubl = adapter("ubl", TENANT)
    [written] = ubl.write_data(document, "credit_note", trusted=True)
    category = written.record["TaxTotal"][0]["TaxSubtotal"][0]["TaxCategory"]
    assert (category.get("TaxExemptionReasonCode"), category.get("TaxExemptionReason")) == (code, text)
    [group] = ubl.read("credit_note", written.to_bytes()).document.to_dict()["taxes"]
    assert group["exemptionReason"] == said


def test_who_is_paid_may_be_another() -> None:
    assert note({}, payee_name="Factor NV", payee_id="F-1")["PayeeParty"] == {
        "PartyIdentification": [{"ID": {"value": "F-1"}}],
        "PartyName": [{"Name": "Factor NV"}],
    }


def test_an_address_of_the_table_wins_and_the_other_identifier_is_the_register() -> None:
    two = [{"scheme": "0208", "value": "0000000196"}, {"scheme": "0088", "value": "5412345000013"}]
    party = note({"/buyer/identifiers": two})["AccountingCustomerParty"]["Party"]
    assert party["EndpointID"] == {"value": "0000000196", "schemeID": "0208"}
    assert party["PartyLegalEntity"][0]["CompanyID"] == {"value": "5412345000013", "schemeID": "0088"}


def test_a_second_tax_category_of_a_line_or_charge_is_told() -> None:
    record = note({})
    second = {"ID": "Z", "Percent": 0, "TaxScheme": {"ID": "VAT"}}
    record["CreditNoteLine"][0]["Item"]["ClassifiedTaxCategory"].append(second)
    record["AllowanceCharge"][1]["TaxCategory"].append(second)
    found = adapter("ubl", TENANT).read("credit_note", record).findings
    told = [one.message.partition(" has")[0] for one in found if one.code == "several_tax_categories"]
    assert told == ["line 1", "charge 2"]
