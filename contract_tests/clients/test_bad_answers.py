"""What a vendor does that it did not do before: new words, other names, less permission, and very much at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from clients import story
from clients.verbs import asked_for, committed_credit, connected, done
from openreturns._json import dump, parse
from openreturns.errors import ContractError, MappingError
from openreturns.idempotency import Done, Rejected
from openreturns.models import DocumentRef, Return
from openreturns.transport import Answer, Outgoing
from openreturns.transport._wire import Wire, Within
from openreturns_adapters.shipbob.simulator import simulator as shipbob

LINES = 10_000
Change = Callable[[dict[str, Any]], None]


def change_answers(client: Any, method: str, change: Change, patched: pytest.MonkeyPatch) -> None:
    """Let the vendor answer calls of one method otherwise."""
    wire: Wire = client._client._wire
    plain = wire.send

    def send(outgoing: Outgoing, within: Within) -> Answer:
        answer = plain(outgoing, within)
        if outgoing.method != method or answer.status >= 300 or not answer.content:
            return answer
        record = parse(answer.content)
        change(record)
        return replace(answer, content=dump(record))

    patched.setattr(wire, "send", send)


def renamed(name: str, to: str) -> Change:
    def change(record: dict[str, Any]) -> None:
        record[to] = record.pop(name)

    return change


# How a record is made and read at each vendor, a field that its contract requires, and one that it does not.
RECORDS: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "shipbob": (lambda client: done(client.announce(asked_for(client, 1))), "insert_date", "tracking_number"),
    "netsuite": (lambda client: done(client.authorize(story.returned(1))), "item", "tranId"),
    "avatax": (
        lambda client: DocumentRef(type="credit", id=committed_credit(client, 1).number),
        "totalTax",
        "referenceCode",
    ),
}


@pytest.mark.parametrize("system", RECORDS)
def test_a_field_under_another_name_is_drift_and_named(
    system: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make, required, optional = RECORDS[system]
    with connected(system) as there:
        ref = make(there.client)
        there.client.read(ref)
        with monkeypatch.context() as patched:
            change_answers(there.client, "GET", renamed(optional, "brand_new"), patched)
            caplog.clear()
            there.client.read(ref)
            there.client.read(ref)
        told = [record.getMessage() for record in caplog.records if record.name == "openreturns.adapters"]
        assert len(told) == 1, "each place is told once"
        assert told[0].startswith(f"vendor={system} record=")
        assert "contract_drift at=/ unknown field: 'brand_new'" in told[0]
        with monkeypatch.context() as patched:
            change_answers(there.client, "GET", renamed(required, "brand_new"), patched)
            with pytest.raises(ContractError) as raised:
                there.client.read(ref)
    assert raised.value.kind == "contract_drift"
    assert [(one.code, one.message) for one in raised.value.problems] == [("required", f"{required!r} is required")]


def test_a_status_nobody_knows_is_named_with_those_that_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    with connected("shipbob") as there:
        ref = done(there.client.announce(asked_for(there.client, 1)))
        change_answers(there.client, "GET", lambda record: record.update(status="Teleported"), monkeypatch)
        with pytest.raises(MappingError) as raised:
            there.client.status(ref)
    [problem] = [one for one in raised.value.problems if one.canonical == "/status"]
    assert problem.code == "unknown_code"
    assert "Teleported" in problem.message
    assert "AwaitingArrival" in problem.known


def test_a_token_without_the_scope_is_a_refusal_and_sends_nothing_again() -> None:
    vendor = shipbob(tokens={"reader": ("returns_read",)})
    with connected("shipbob", simulator=vendor, token="reader") as there:
        outcome = there.client.announce(asked_for(there.client, 1))
    assert isinstance(outcome, Rejected)
    assert outcome.kind == "auth"
    assert [(call.method, call.status) for call in vendor.calls if call.method == "POST"] == [("POST", 403)]


def test_a_return_of_ten_thousand_lines_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def swell(record: dict[str, Any]) -> None:
        [entry, *_] = record["inventory"]
        record["inventory"] = [{**entry, "id": 9_000_000 + n, "quantity": n + 1} for n in range(LINES)]

    with connected("shipbob") as there:
        ref = done(there.client.announce(asked_for(there.client, 1)))
        change_answers(there.client, "GET", swell, monkeypatch)
        document = there.client.status(ref)
    assert isinstance(document, Return)
    assert len(document.lines) == LINES
    assert sum(line.requested.value for line in document.lines) == LINES * (LINES + 1) // 2


def test_a_return_of_ten_thousand_lines_is_sent_whole_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    with connected("netsuite") as there:
        wire: Wire = there.client._client._wire
        plain = wire.send

        def send(outgoing: Outgoing, within: Within) -> Answer:
            if outgoing.method == "PUT":
                heard.append(len(json.loads(outgoing.content)["item"]["items"]))
            return plain(outgoing, within)

        monkeypatch.setattr(wire, "send", send)
        asked = story.returned(1).to_dict()
        [line, *_] = asked["lines"]
        bare = {name: value for name, value in line.items() if name not in {"receipts", "received"}}
        asked["lines"] = [{**bare, "lineId": str(n + 1)} for n in range(LINES)]
        outcome = there.client.authorize(Return.model_validate(asked))
    assert heard == [LINES]
    assert isinstance(outcome, Done)
