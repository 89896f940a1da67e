"""Every disposition and stock move of the examples as events: valid by GS1's own schema, nothing of the goods lost."""

from __future__ import annotations

import json
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from openreturns import Adjustment, Disposition, adapter
from openreturns._json import dump, parse
from openreturns._schemas import folder
from openreturns.errors import ContractError, MappingError
from openreturns.mapping import Tenant
from openreturns_adapters.epcis import uris
from standards import official

HERE = Path(__file__).parent
TENANT = tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["epcis"]
EPCIS = adapter("epcis", TENANT)
EXAMPLES = folder() / "examples"
KINDS: dict[str, Any] = {"disposition": Disposition, "adjustment": Adjustment}

Record = dict[str, Any]


def documents(kind: str) -> list[Any]:
    paths = [*(EXAMPLES / kind / "valid").glob("*.json"), *(EXAMPLES / "cases").glob(f"*/{kind}*.json")]
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in sorted(paths)]


def told(kind: str, path: Path) -> list[Record]:
    """The events of a document, or none where it may still change or goods become others."""
    data = parse(path.read_bytes())
    document = KINDS[kind].model_validate_json(path.read_bytes())
    if data["status"] in ("final", "reversed", "posted") and not any("toItem" in line for line in data["lines"]):
        return [one.record for one in EPCIS.write(document, "object_event")]
    with pytest.raises(MappingError, match=r"an event never changes|goods become other goods"):
        EPCIS.write(document, "object_event")
    return []


EVERY = [pytest.param(kind, *one.values, id=f"{kind}-{one.id}") for kind in KINDS for one in documents(kind)]


@official.needed
@pytest.mark.parametrize(("kind", "path"), EVERY)
def test_every_event_is_valid_by_the_schema_of_gs1(kind: str, path: Path) -> None:
    schema = json.loads((official.folder() / "epcis-2.0" / "EPCIS-JSON-Schema.json").read_text("utf-8"))
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    for event in told(kind, path):
        assert [error.message for error in validator.iter_errors(json.loads(dump(event)))] == []


@official.needed
def test_the_schema_of_gs1_refuses_a_word_it_does_not_know() -> None:
    schema = json.loads((official.folder() / "epcis-2.0" / "EPCIS-JSON-Schema.json").read_text("utf-8"))
    event = parse((HERE / "expired-lot-scrapped.json").read_bytes())["native"]
    wrong = json.loads(dump({**event, "disposition": "thrown_away"}))
    assert not jsonschema_rs.is_valid(schema, wrong)


@pytest.mark.parametrize(("kind", "path"), EVERY)
def test_events_tell_of_all_goods_and_each_has_an_id_of_its_own(kind: str, path: Path) -> None:
    events = told(kind, path)
    lines = parse(path.read_bytes())["lines"]
    parts = [part for line in lines for part in line.get("splits", [line])]
    ids = {event["eventID"] for event in events}
    assert len(ids) == len(events) in (0, len(parts))
    for event, part in zip(events, parts, strict=False):
        counted = sum(Decimal(row["quantity"]) for row in event.get("quantityList", ()))
        assert counted + len(event.get("epcList", ())) == Decimal(part["quantity"]["value"])


@pytest.mark.parametrize("path", documents("disposition"))
def test_what_is_read_again_decides_the_same(path: Path) -> None:
    original = parse(path.read_bytes())
    parts = [(line, split) for line in original["lines"] for split in line["splits"]]
    for event, (line, split) in zip(told("disposition", path), parts, strict=False):
        read = EPCIS.read("object_event", event, "disposition").document.to_dict()
        [again] = read["lines"]
        [one] = again["splits"]
        assert (again["lineId"], again["returnLineId"]) == (line["lineId"], line["returnLineId"])
        for name in ("splitId", "serials", "creditable"):
            assert one.get(name) == split.get(name)
        for name in ("condition", "disposition"):
            assert one[name]["code"] == split[name]["code"]
        assert one["quantity"]["value"] == split["quantity"]["value"]


def test_a_revision_tells_the_same_event() -> None:
    """A repository that hears it twice keeps it once."""
    document = parse((EXAMPLES / "disposition" / "valid" / "minimal.json").read_bytes())
    ids = []
    for revision in (1, 2):
        document["meta"]["revision"] = revision
        [one] = EPCIS.write_data(document, "object_event")
        ids.append(one.record["eventID"])
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("kind", "what"),
    [("TransformationEvent", {}), ("AggregationEvent", {"parentID": "urn:epc:id:sscc:5412345.0000000001"})],
)
def test_other_kinds_of_events_are_refused(kind: str, what: Record) -> None:
    event = parse((HERE / "expired-lot-scrapped.json").read_bytes())["native"]
    with pytest.raises(ContractError, match="/type: not one of the allowed values"):
        EPCIS.read("object_event", {**event, "type": kind, **what}, "disposition")


# --- names of goods and places -------------------------------------------------------------------------------------

TENANT_OF: Tenant = EPCIS.tenant
GOODS = {
    "https://id.gs1.org/01/05412345678908": uris.Goods("05412345678908"),
    "https://id.gs1.org/01/05412345678908/10/L%2F1": uris.Goods("05412345678908", lot="L/1"),
    "https://id.gs1.org/01/05412345678908/21/S%201": uris.Goods("05412345678908", serial="S 1"),
    "https://example.com/some/where/01/05412345678908/21/7": uris.Goods("05412345678908", serial="7"),
    "urn:epc:id:sgtin:5412345.067890.S-1": uris.Goods("05412345678908", serial="S-1"),
    "urn:epc:class:lgtin:5412345.067890.L-1": uris.Goods("05412345678908", lot="L-1"),
    "urn:epc:idpat:sgtin:5412345.067890.*": uris.Goods("05412345678908"),
    "urn:openreturns:item:P%2F7/10/L1": uris.Goods(sku="P/7", lot="L1"),
    "urn:epc:id:sscc:5412345.0000000001": None,
}


@pytest.mark.parametrize("uri", GOODS)
def test_goods_are_known_by_links_and_by_names(uri: str) -> None:
    assert uris.goods(uri, TENANT_OF) == GOODS[uri]


def test_a_gtin_that_does_not_check_is_refused() -> None:
    with pytest.raises(ValueError, match="no GTIN"):
        uris.goods("https://id.gs1.org/01/05412345678907", TENANT_OF)


PLACES = {
    "https://id.gs1.org/414/5412345000013": {"id": "DC1", "gln": "5412345000013"},
    "https://id.gs1.org/414/5412345000013/254/A-01": {"id": "DC1", "gln": "5412345000013", "bin": "A-01"},
    "https://id.gs1.org/414/5412345000020": {"id": "5412345000020", "gln": "5412345000020"},
    "urn:epc:id:sgln:541234500001..0": {"id": "DC1", "gln": "5412345000013"},
    "urn:openreturns:location:DC%202/254/B": {"id": "DC 2", "bin": "B"},
    "https://example.com/dock/7": {"id": "https://example.com/dock/7"},
}


@pytest.mark.parametrize("uri", PLACES)
def test_places_are_known_by_links_and_by_names(uri: str) -> None:
    assert uris.place_of(uri, TENANT_OF) == PLACES[uri]


def received(**other: Any) -> Record:
    native: Record = parse((HERE / "three-kinds-received-under-one-rma.json").read_bytes())["native"]
    return native | other


def test_goods_of_several_rmas_are_never_given_to_the_first() -> None:
    listed = received()["bizTransactionList"]
    second = {"type": "rma", "bizTransaction": "urn:epcglobal:cbv:bt:5412345000013:RMA-1501"}
    with pytest.raises(MappingError) as refused:
        EPCIS.read("object_event", received(bizTransactionList=[*listed, second]), "return")
    assert "several_rmas" in {one.code for one in refused.value.problems}
    spelled = {"type": "rma", "bizTransaction": "https://example.com/rma/RMA-1500"}
    both = EPCIS.read("object_event", received(bizTransactionList=[*listed, spelled]), "return").document
    assert both == EPCIS.read("object_event", received(), "return").document


def test_goods_that_are_no_more_were_not_received() -> None:
    with pytest.raises(MappingError) as refused:
        EPCIS.read("object_event", received(action="DELETE"), "return")
    assert [one.code for one in refused.value.problems] == ["not_received"]


def test_pieces_keep_the_lots_that_their_own_links_tell() -> None:
    link = "https://id.gs1.org/01/05412345678908"
    event = received(epcList=[f"{link}/10/L/21/S-1", f"{link}/10/M/21/S-2", f"{link}/21/S-3"])
    event["quantityList"] = [{"epcClass": f"{link}/10/L", "quantity": 4}]
    lines = EPCIS.read("object_event", event, "return").document.to_dict()["lines"]
    seen = [(line["item"].get("lot"), line["item"]["serials"], line["received"]["value"]) for line in lines]
    assert seen == [("L", ["S-1"], "5"), ("M", ["S-2"], "1"), (None, ["S-3"], "1")]
