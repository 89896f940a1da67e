"""What ShipBob tells is taken for a hint about one return, if it is ShipBob's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from clients.verbs import Connected, asked_for, connected, done
from openreturns.errors import ContractError, RejectedError
from openreturns.sandbox import Delivery
from openreturns.webhooks import Received
from openreturns_adapters.shipbob.simulator import signature

ENDPOINT = "https://hooks.example.com/shipbob"
SECRET = "whsec_b3BlbnMgbm90aGluZw=="


@pytest.fixture
def served() -> Iterator[Connected]:
    with connected("shipbob") as one:
        yield one


def told(served: Connected) -> tuple[Any, list[Delivery], list[str]]:
    secret = served.client.subscribe(ENDPOINT)
    ref = done(served.client.announce(asked_for(None, 1)))
    served.simulator.step("carry_out", id=int(ref.id))
    return ref, served.simulator.outbox.take(), [secret]


def signed(body: bytes) -> Received:
    now = int(time.time())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(now)}
    return Received(body, {**headers, "webhook-signature": signature(SECRET, "msg_1", now, body)})


def test_each_webhook_names_the_return_that_changed(served: Connected) -> None:
    ref, deliveries, secrets = told(served)
    changes = [served.client.hear(Received(one.body, one.headers), secrets) for one in deliveries]
    assert {change.ref for change in changes} == {ref}
    assert len({change.event_id for change in changes}) == len(deliveries) == 4
    assert "hear" in served.client.supported()


def test_what_is_not_genuine_changes_nothing(served: Connected) -> None:
    _, [one, *_], secrets = told(served)
    for body, given in ((one.body.replace(b"7", b"8"), secrets), (one.body, [SECRET])):
        with pytest.raises(RejectedError) as refused:
            served.client.hear(Received(body, one.headers), given)
        assert refused.value.kind == "auth"


@pytest.mark.parametrize("body", [b'{"id": 78101}', b'{"return_id": 78101}', b'{"data": {"id": 78101}}'])
def test_the_number_is_found_wherever_the_vendor_puts_it(body: bytes, served: Connected) -> None:
    assert served.client.hear(signed(body), [SECRET]).ref.id == "78101"


@pytest.mark.parametrize("body", [b"{}", b"[]", b"no json", b'{"id": "78101"}', b'{"data": 7}'])
def test_a_webhook_about_nothing_is_a_drift_of_the_contract(body: bytes, served: Connected) -> None:
    with pytest.raises(ContractError) as drift:
        served.client.hear(signed(body), [SECRET])
    assert drift.value.kind == "contract_drift"
