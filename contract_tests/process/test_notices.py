"""What the process tells is CloudEvents 1.0, is what its schema says, and is described as it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as Theirs
from openreturns._schemas import load
from openreturns.errors import RejectedError
from openreturns.notices import NOTICES, PREFIX, SCHEMA, CloudEvent
from openreturns.process import events
from openreturns.process.outbox import Outbox
from process.systems import NOON, Told, told

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "schemas" / "event" / "1.0.0"


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


EVENT, DOCUMENT = read(FOLDER / "event.schema.json"), read(FOLDER / "asyncapi.json")
COMMON = load("common")
REGISTRY = jsonschema_rs.Registry([(EVENT["$id"], EVENT), (COMMON["$id"], COMMON)])


def valid(schema: Any, document: Any) -> None:
    jsonschema_rs.validator_for(schema, registry=REGISTRY, validate_formats=True).validate(document)


def everything_told() -> list[CloudEvent]:
    """One of each kind of notice at least that the process's own decisions write."""
    process = told()
    process.asked_for("RMA-1")
    process.came_in(("R1", "2"), number="RMA-1")
    process.inspected("RMA-1", code="return_to_vendor", quantity="2")
    process.world.failing["authorize"] = [RejectedError("closed", kind="business_rule")]
    process.asked_for("RMA-2")
    process.asked_for("RMA-3")
    process.event(events.CancelRequested, "RMA-3")
    replaced(process)
    process.event(events.CancelRequested, "RMA-4")
    return [one.event for one in Outbox(process.store, "https://returns.example.com/process").waiting("t", NOON, 1000)]


def replaced(process: Told) -> None:
    from process.systems import asked_for

    asked = asked_for("RMA-4")
    replacement = {"item": {"sku": "SKU-78"}, "quantity": {"value": "1", "uom": "EA"}}
    line = asked.lines[0].replace(replacement=replacement)
    process.event(events.ReturnRequested, "RMA-4", return_=asked.replace(lines=(line,), type="replacement_in_advance"))


TOLD = everything_told()


def test_everything_that_can_be_told_was() -> None:
    kinds = {event.type.removeprefix(PREFIX) for event in TOLD}
    assert kinds >= {name for name in NOTICES if not name.startswith("return.")}
    assert kinds <= set(NOTICES)


@pytest.mark.parametrize("event", TOLD, ids=lambda event: event.type)
def test_an_event_is_what_its_schema_and_the_schema_of_its_data_say(event: CloudEvent) -> None:
    body = json.loads(event.to_json())
    valid(EVENT, body)
    valid({"$ref": body["dataschema"]}, body["data"])
    assert body["dataschema"].startswith(SCHEMA)
    assert CloudEvent.model_validate_json(event.to_json()) == event


@pytest.mark.parametrize("event", TOLD, ids=lambda event: event.type)
def test_another_library_reads_an_event_as_we_wrote_it(event: CloudEvent) -> None:
    theirs = JSONFormat().read(Theirs, event.to_json())
    assert (theirs.get_id(), theirs.get_source(), theirs.get_type()) == (event.id, event.source, event.type)
    assert (theirs.get_subject(), theirs.get_time()) == (event.subject, event.time)
    assert theirs.get_extension("correlationid") == event.correlationid
    assert theirs.get_data() == event.to_dict()["data"]


def test_an_event_says_what_led_to_it() -> None:
    first = next(event for event in TOLD if event.type == "org.openreturns.return.requested")
    assert (first.subject, first.correlationid, first.causationid) == ("RMA-1", "case-RMA-1", "event-1")


def test_the_document_is_asyncapi_3_and_what_is_not_is_seen() -> None:
    official = jsonschema_rs.validator_for(read(HERE / "asyncapi-3.0.0.json"))
    official.validate(DOCUMENT)
    wrong = json.loads(json.dumps(DOCUMENT))
    wrong["operations"]["tell.return.closed"]["action"] = "emit"
    assert not official.is_valid(wrong)


@pytest.mark.parametrize("event", TOLD, ids=lambda event: event.type)
def test_the_document_describes_what_is_told(event: CloudEvent) -> None:
    name = event.type.removeprefix(PREFIX)
    [ref] = DOCUMENT["channels"][name]["messages"].values()
    assert ref == {"$ref": f"#/components/messages/{name}"}
    payload = DOCUMENT["components"]["messages"][name]["payload"]
    valid(payload, json.loads(event.to_json()))
    others = [one for one in TOLD if one.type != event.type]
    for other in others:
        with pytest.raises(jsonschema_rs.ValidationError):
            valid(payload, json.loads(other.to_json()))


def test_every_reference_of_the_document_leads_somewhere() -> None:
    for operation in DOCUMENT["operations"].values():
        for ref in (operation["channel"], *operation["messages"]):
            node: Any = DOCUMENT
            for part in ref["$ref"].removeprefix("#/").split("/"):
                node = node[part]
