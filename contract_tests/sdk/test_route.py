"""A way between two systems is the way to the canonical document and on from there, record by record."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openreturns import adapter, adapter_names, load_tenant
from openreturns._json import dump, parse
from openreturns._schemas import DOCUMENTS, folder
from openreturns.errors import ContractError, MappingError, OpenReturnsError
from openreturns.route import Route, Routed

HERE = Path(__file__).parents[1]
TENANTS: dict[str, Any] = {name: load_tenant(HERE / name / "tenant.toml")[name] for name in adapter_names()}
INCIDENTS = {
    f"{name}/{path.stem}": parse(path.read_bytes()) for name in adapter_names() for path in (HERE / name).glob("*.json")
}
READ = [
    pytest.param(incident, document, id=f"{name}-{document}")
    for name, incident in INCIDENTS.items()
    for document, expected in incident.get("expect", {}).items()
    if "document" in expected
]
SENT = [pytest.param(incident, id=name) for name, incident in INCIDENTS.items() if "written_from" in incident]
WRITABLE = [
    (f"{name}.{mapping.native}", mapping.canonical)
    for name in adapter_names()
    for mapping in adapter(name).mappings
    if "out" in mapping.directions
]
CARRIED_ON = [
    pytest.param(incident, document, target, id=f"{name}-{target}")
    for name, incident in INCIDENTS.items()
    for target, document in WRITABLE
    if "document" in incident.get("expect", {}).get(document, {})
]


@cache
def way(source: str, target: str, via: str | None = None) -> Route:
    return Route(source, target, TENANTS, via)


def outcome(route: Route, data: bytes) -> Routed | list[str]:
    """What a record becomes, or what is wrong with it."""
    try:
        return route.run(data)
    except OpenReturnsError as error:
        return [str(problem) for problem in error.problems]


@pytest.mark.parametrize(("incident", "document"), READ)
def test_a_vendor_record_becomes_its_document(incident: Any, document: str) -> None:
    route = way(incident["native_type"], document)
    done = route.run(route.reads.write(incident["native"]))
    assert [parse(record) for record in done.records] == [incident["expect"][document]["document"]]
    assert {finding.code for finding in done.findings} <= set(incident["expect"][document].get("findings", ()))


@pytest.mark.parametrize("incident", SENT)
def test_a_document_becomes_the_vendors_record(incident: Any) -> None:
    document = incident["written_from"]["meta"]["schema"].split("/")[1]
    route = way(document, incident["native_type"])
    done = route.run(dump(incident["written_from"]))
    assert [route.writes.read(record) for record in done.records] == [incident["native"]]


@pytest.mark.parametrize(("incident", "document", "target"), CARRIED_ON)
def test_a_way_from_system_to_system_is_the_two_ways_one_after_the_other(
    incident: Any, document: str, target: str
) -> None:
    source = incident["native_type"]
    data = way(source, document).reads.write(incident["native"])
    read = way(source, document).run(data)
    [middle] = read.records
    straight, steps = outcome(way(source, target, document), data), outcome(way(document, target), middle)
    if isinstance(straight, Routed) and isinstance(steps, Routed):
        assert straight.records == steps.records
        assert straight.losses == read.losses + steps.losses
    else:
        assert straight == steps


def test_what_reading_lost_is_told_by_whoever_reads() -> None:
    incident = next(one for one in INCIDENTS.values() if one["native_type"] == "netsuite.credit_memo")
    record = {**incident["native"], "discountTotal": Decimal("5.00")}
    ours = adapter("netsuite", TENANTS["netsuite"])
    [lost] = ours.read("credit_memo", record, "credit").losses
    assert (lost.code, lost.canonical) == ("loss", "/charges")
    assert way("netsuite.credit_memo", "credit").run(dump(record)).losses == (lost,)
    assert not ours.read("credit_memo", incident["native"], "credit").losses


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_stays_the_document_it_is(document: str) -> None:
    for path in sorted((folder() / "examples" / document / "valid").glob("*.json")):
        data = path.read_bytes()
        assert [parse(record) for record in way(document, document).run(data).records] == [parse(data)]


# source, target, via -> what is said
NO_WAY: list[tuple[str, str, str | None, str]] = [
    ("refund", "return", None, "'refund' is neither adapter.record nor one of: return, disposition"),
    ("return", "refund", None, "'refund' is neither adapter.record nor one of"),
    ("nosuch.return", "return", None, "no adapter 'nosuch' is installed"),
    ("shipbob.nosuch", "return", None, "shipbob has no mapping 'nosuch'"),
    ("shipbob.return_create", "return", None, "shipbob.return_create cannot be read"),
    ("return", "shipbob.return", None, "shipbob.return cannot be written"),
    ("return", "disposition", None, "no document can"),
    ("credit", "shipbob.return_create", None, "no document can"),
    ("shipbob.return", "credit", None, "no document can"),
    ("shipbob.return", "netsuite.item_receipt", "disposition", "no document can"),
    ("return", "return", "credit", "no document can"),
]


@pytest.mark.parametrize(("source", "target", "via", "said"), NO_WAY)
def test_where_there_is_no_way_the_error_says_why(source: str, target: str, via: str | None, said: str) -> None:
    with pytest.raises(MappingError) as raised:
        Route(source, target, TENANTS, via)
    assert raised.value.kind == "unknown_name"
    assert said in str(raised.value)


def test_the_document_in_between_is_known_beforehand() -> None:
    assert way("shipbob.return", "netsuite.item_receipt").document == "return"
    assert way("shipbob.return", "disposition").document == "disposition"


def test_a_tenant_that_says_something_unknown_is_refused_before_any_record() -> None:
    with pytest.raises(MappingError) as raised:
        Route("shipbob.return", "return", {"shipbob": {"settings": {"colour": "red"}}})
    assert raised.value.kind == "setting"


MINIMAL = json.loads((folder() / "examples" / "return" / "valid" / "minimal.json").read_text("utf-8"))

# source, what came in, the kind of error, the places told
WRONG: dict[str, tuple[str, bytes, str, set[tuple[str, str]]]] = {
    "no JSON": ("shipbob.return", b"{", "json", set()),
    "another encoding": ("return", b"\xef\xbb\xbf{}", "encoding", set()),
    "no record": ("shipbob.return", b"[]", "contract_drift", {("", "")}),
    "a field of another type": ("shipbob.return", b'{"id":"x"}', "contract_drift", {("", ""), ("", "/id")}),
    "a document that breaks its schema": (
        "return",
        dump({**MINIMAL, "currency": "usd", "colour": 1}),
        "schema",
        {("", ""), ("/currency", "")},
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_record_that_is_wrong_is_refused_with_its_places(what: str) -> None:
    source, data, kind, places = WRONG[what]
    with pytest.raises(ContractError) as raised:
        way(source, "return").run(data)
    assert raised.value.kind == kind
    assert {(problem.canonical, problem.native) for problem in raised.value.problems} == places


def test_nothing_that_breaks_an_invariant_goes_out() -> None:
    broken = json.loads(json.dumps(MINIMAL))
    broken["currency"] = "XQQ"
    for target in ("return", "netsuite.item_receipt"):
        with pytest.raises(ContractError) as raised:
            way("return", target).run(dump(broken))
        assert raised.value.kind == "invariant"
        assert "M1" in {problem.code for problem in raised.value.problems}
