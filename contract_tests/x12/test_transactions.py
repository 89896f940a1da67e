"""A record and its bytes are the same thing in every release, and what has no room is refused with its place."""

from __future__ import annotations

import json
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openreturns.errors import ContractError, MappingError, OpenReturnsError
from x12.cases import HERE, SETS, partner, recorded

RECORDED = list(recorded())
RELEASES = ("004010", "005010", "006030")
EXAMPLES = Path(__file__).parents[2] / "schemas/1.1.0/examples"


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(("kind", "record"), [row[1:] for row in RECORDED], ids=[row[0] for row in RECORDED])
def test_a_record_is_its_bytes_in_every_release(kind: str, record: dict[str, Any], release: str) -> None:
    form = partner(release=release).format(kind)
    data = form.write(record)
    assert data.startswith(f"ST*{SETS[kind]}*0001~".encode())
    assert form.read(data) == record
    assert form.write(form.read(data)) == data


@pytest.mark.parametrize("release", RELEASES)
def test_lines_of_a_944_stand_in_loops_of_their_own_from_005010_on(release: str) -> None:
    record = next(record for _, kind, record in RECORDED if kind == "warehouse_receipt")
    data = partner(release=release).format("warehouse_receipt").write(record)
    assert data.count(b"~LX*") == (0 if release == "004010" else len(record["W07Loop"]))


def test_delimiters_are_the_partners() -> None:
    marks = {"element_separator": "|", "segment_terminator": "\n", "component_separator": "!", "line_break": True}
    form = partner(**marks).format("rma")
    record = next(record for _, kind, record in RECORDED if kind == "rma")
    data = form.write(record)
    assert data.splitlines()[0] == b"ST|180|0001"
    assert form.read(data) == record


@pytest.mark.parametrize(
    "marks",
    [
        {"element_separator": "A"},
        {"element_separator": "~"},
        {"component_separator": ""},
        {"segment_terminator": "~~"},
        {"element_separator": " "},
        {"release": "004030"},
        {"usage_indicator": "X"},
    ],
    ids=str,
)
def test_settings_that_make_no_x12_are_refused(marks: dict[str, object]) -> None:
    with pytest.raises(MappingError) as caught:
        partner(**marks).format("rma")
    assert caught.value.kind == "setting"


REFUSED = tomllib.loads((HERE / "refused.toml").read_text("utf-8"))


@pytest.mark.parametrize("case", REFUSED["document"], ids=lambda case: str(case["story"]))
def test_what_x12_has_no_room_for_is_refused_with_its_place(case: dict[str, Any]) -> None:
    document = json.loads((EXAMPLES / case["example"]).read_bytes())
    document["currency"] = case.get("currency", document.get("currency", ""))
    for pointer, value in case["set"].items():
        *steps, last = (int(step) if step.isdigit() else step for step in pointer.strip("/").split("/"))
        place: Any = document
        for step in steps:
            place = place[step]
        place[last] = value
    x12 = partner(currency=document.get("currency") or "USD", **case.get("settings", {}))
    with pytest.raises(OpenReturnsError) as caught:
        _ = [written.to_bytes() for written in x12.write_data(document, case["native"], trusted=True)]
    told = [str(problem) for problem in caught.value.problems] or [str(caught.value)]
    assert any(case["problem"] in one for one in told), told
    for release in case.get("accepted", ()):
        again = partner(**{**case.get("settings", {}), "currency": x12.tenant.setting("currency"), "release": release})
        assert [written.to_bytes() for written in again.write_data(document, case["native"], trusted=True)]


@pytest.mark.parametrize("case", REFUSED["set"], ids=lambda case: str(case["story"]))
def test_a_broken_transaction_set_is_refused_with_every_place(case: dict[str, Any]) -> None:
    lines = case["segments"].strip().splitlines()
    form = partner().format(case["native"])
    with pytest.raises(ContractError) as caught:
        form.read("".join(line.strip() for line in lines).encode())
    assert [problem.native for problem in caught.value.problems] == case["places"]
    assert caught.value.kind == "x12"


@pytest.mark.parametrize(
    "data", [b"", b"\x00\xff" * 40, b"{}", b"ST*180*0001", b"ST*180*0001~", b"BGN*13~SE*2*0001~"], ids=repr
)
def test_what_is_no_transaction_set_is_refused(data: bytes) -> None:
    with pytest.raises(ContractError) as caught:
        partner().format("rma").read(data)
    assert caught.value.kind == "x12"


@pytest.mark.parametrize(
    ("currency", "amount", "number"),
    [("USD", "31.25", 3125), ("JPY", "3125", 3125), ("KWD", "3.125", 3125), ("USD", "0.05", 5)],
)
def test_implied_decimals_are_those_of_the_currency(currency: str, amount: str, number: int) -> None:
    from openreturns.mapping import Environment
    from openreturns_adapters.x12.codecs import from_implied, to_implied

    env = Environment(partner().tenant, {}, {})
    env.currency = currency
    assert to_implied(amount, env) == number
    assert from_implied(number, env) == amount


def test_two_decimals_are_implied_where_the_partner_always_means_two() -> None:
    from openreturns.mapping import Environment
    from openreturns_adapters.x12.codecs import from_implied, to_implied

    env = Environment(partner(implied_decimals="2").tenant, {}, {})
    env.currency = "JPY"
    assert to_implied("3125", env) == 312500
    assert Decimal(from_implied(312500, env)) == 3125
    env.currency = "KWD"
    with pytest.raises(ValueError, match="more decimals than the 2"):
        to_implied("3.125", env)


@pytest.mark.parametrize(("code", "word"), [("other", "ZZ"), ("damaged", "DA")])
def test_an_unknown_reason_goes_back_until_somebody_says_which_it_is(code: str, word: str) -> None:
    document = json.loads((EXAMPLES / "return" / "valid" / "minimal.json").read_text("utf-8"))
    document["lines"][0]["reason"] = {"code": code, "source": {"scheme": "x12:1293", "value": "ZZ"}}
    [written] = partner(currency=document["currency"]).write_data(document, "rma")
    assert f"RDR**{word}".encode() in written.to_bytes()


LOOPS = {"warehouse_receipt": "W07Loop", "rma": "BLILoop", "inventory_adjustment": "W19Loop", "credit_debit": "CDDLoop"}


def refers(kind: str, code: str, number: str, *places: int) -> dict[str, Any]:
    """The first recorded set of a kind, some of whose lines refer to one thing more."""
    record = next(one for _, found, one in RECORDED if found == kind)
    lines = [
        {**line, "N9": [*line.get("N9", ()), {"N901": code, "N902": number}]} if place in places else line
        for place, line in enumerate(record[LOOPS[kind]])
    ]
    return {**record, LOOPS[kind]: lines}


@pytest.mark.parametrize("code", ["RZ", "RM"])
def test_goods_of_another_return_are_never_given_to_that_of_the_head(code: str) -> None:
    record = {**refers("warehouse_receipt", code, "RMA-OTHER", 0), "N9": [{"N901": "RZ", "N902": "RMA-HEAD"}]}
    with pytest.raises(MappingError) as caught:
        partner().read("warehouse_receipt", record)
    assert [one.code for one in caught.value.problems] == ["several_returns"]
    same = {**refers("warehouse_receipt", code, "RMA-HEAD", 0), "N9": [{"N901": "RZ", "N902": "RMA-HEAD"}]}
    partner().read("warehouse_receipt", same)


@pytest.mark.parametrize("kind", LOOPS)
def test_what_a_line_refers_to_and_has_no_place_for_is_told(kind: str) -> None:
    found = partner().read(kind, refers(kind, "SI", "SHIP-77", 0)).findings
    assert [one.message for one in found if one.code == "reference" and "SHIP-77" in one.message]
