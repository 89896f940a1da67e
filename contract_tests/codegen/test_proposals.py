"""What is proposed for a mapping is nearly always right, and most of what is right is proposed."""

from __future__ import annotations

import pytest
from bench.proposals import measured, rows_of
from openreturns_codegen.adapter.choose import Resource
from openreturns_codegen.adapter.codes import crosswalk
from openreturns_codegen.adapter.model import Operation
from openreturns_codegen.adapter.verbs import likely
from openreturns_codegen.adapter.vocabulary import is_personal, words


def test_our_own_mappings_are_found_again_with_their_systems_words_left_out() -> None:
    found = measured()
    told = "\n".join(f"{one.name}: wrong {one.wrong}, missed {one.missed}" for one in found)
    for name, figure, limit, _ in rows_of(found):
        assert figure >= limit, f"{name}: {figure:.3f}\n{told}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rmaLine_No", "return line number"),
        ("RMANumber", "return number"),
        ("SalesCreditMemos", "sales credit memo"),
        ("qty_requested", "quantity requested"),
        ("custcol_line__c", "line"),
        ("größe", "größe"),
    ],
)
def test_names_fall_into_words(name: str, said: str) -> None:
    assert " ".join(words(name)) == said


@pytest.mark.parametrize(
    ("word", "code", "sure"),
    [
        ("PENDING_RECEIPT", "authorized", True),
        ("Cancelled", "cancelled", True),
        ("In_x0020_Transit", "in_transit", True),
        ("zzz", "", False),
        ("RETURNED_IN_PART", "", False),
        ("SUSPECTED", "", False),  # nearly rejected, by its letters
    ],
)
def test_words_find_their_codes(word: str, code: str, *, sure: bool) -> None:
    [found] = crosswalk("return_status", [word])
    assert found.sure is sure
    assert not sure or found.code == code


RMA = {"type": "object", "properties": {"id": {"type": "string"}}}
OFFERED = [
    Operation("GET", "/rmas", gives=RMA, many=True, query=("updatedSince",)),
    Operation("POST", "/rmas", takes=RMA, gives=RMA),
    Operation("GET", "/rmas/{id}", gives=RMA),
    Operation("POST", "/rmas/{id}/cancel"),
    Operation("POST", "/shipments/{id}/cancel"),
    Operation("DELETE", "/rmas/{id}"),
    Operation("GET", "/rmas/{id}/inspection", gives=RMA),
    Operation("POST", "/tasks", name="createPutAway"),
]


@pytest.mark.parametrize(
    ("verb", "found"),
    [
        ("cancel", ["POST /rmas/{id}/cancel (1.00)", "DELETE /rmas/{id} (0.70)"]),
        ("changes", ["GET /rmas (0.80)"]),
        ("disposition", ["GET /rmas/{id}/inspection (1.00)"]),
        ("put_away", ["POST /tasks (0.90)"]),
        ("hear", []),
    ],
)
def test_a_verb_that_is_not_generated_is_told_what_may_serve_it(verb: str, found: list[str]) -> None:
    rma = Resource("rmas", [one for one in OFFERED if one.path in {"/rmas", "/rmas/{id}"}], document="return")
    assert [str(one) for one in likely(verb, "wms", OFFERED, [rma])] == found


@pytest.mark.parametrize(
    ("path", "personal"),
    [
        ("customer.email", True),
        ("sellToAddressLine1", True),
        ("address.line1", True),
        ("sku", False),
        ("customer_name", True),
    ],
)
def test_what_names_a_person_is_marked(path: str, *, personal: bool) -> None:
    assert is_personal(path) is personal
