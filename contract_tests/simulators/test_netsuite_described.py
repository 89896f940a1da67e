"""The description of NetSuite's simulator is what it does: called with all it allows, and much it does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import pytest
import schemathesis
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, Phase, settings
from openreturns.sandbox import serving
from openreturns_adapters.netsuite.simulator import simulator
from openreturns_adapters.netsuite.simulator._kinds import KINDS
from schemathesis.generation.case import Case
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

EXAMPLES = 6


def described(examples: int) -> OpenApiSchema:
    schema = schemathesis.openapi.from_dict(simulator().description)
    schema.config.generation.update(
        deterministic=True,
        max_examples=examples,
        allow_extra_parameters=False,  # the vendor passes over them
    )
    schema.config.phases.coverage.enabled = False  # every wrong value of every field of every record: 50,000 calls
    return schema


MASTERS = [name for name, kind in KINDS.items() if kind.readable and not kind.transaction]
ALIKE = f"/record/v1/({'|'.join(MASTERS)})"
CLOSELY = described(EXAMPLES).exclude(path_regex=ALIKE)
ONCE = described(1).include(path_regex=ALIKE)

# A reference drawn at random names nothing: most become one to a record that the account has.
KNOWN: Mapping[str, Sequence[str]] = {
    "item": ("501", "502", "504", "505", "801"),
    "entity": ("1042", "1055"),
    "customer": ("1042", "1055"),
    "createdFrom": ("90311", "90312", "85002", "87002"),
    "currency": ("1",),
    "location": ("7", "22"),
    "adjLocation": ("7", "22"),
    "account": ("540",),
    "subsidiary": ("1",),
    "doc": ("87002", "90314"),
    "id": ("90311", "90312", "90313", "90314", "85002", "1042", "501", "1", "311", "eid:SO-56002", "eid:RMA-1"),
    "task": ("1",),
}
UNITS = ("1", "2")

# What a record cannot do without; a body drawn at random seldom has all of it.
LINES = {"items": [{"item": {"id": "501"}, "quantity": 1, "rate": 5}]}
NEEDED: Mapping[str, Any] = {
    "returnAuthorization": {"entity": "1042", "item": LINES},
    "vendorReturnAuthorization": {"entity": "4501", "item": LINES},
    "creditMemo": {"entity": "1042", "item": LINES},
    "cashRefund": {"entity": "1042", "item": LINES},
    "itemReceipt": {"createdFrom": "90312", "item": {"items": [{"orderLine": 1, "quantity": 1}]}},
    "inventoryAdjustment": {
        "account": "540",
        "adjLocation": "22",
        "inventory": {"items": [{"item": "501", "adjustQtyBy": 1}]},
    },
}
FILTERS = ("id ANY_OF [90311, 90312]", 'tranDate ON_OR_AFTER "11/22/2026"', "memo EMPTY_NOT OR id IS 90312")
QUERIES = (
    "SELECT id, tranid FROM transaction WHERE type = 'RtnAuth' ORDER BY id DESC",
    "SELECT t.id, l.* FROM transaction t JOIN transactionline l ON l.transaction = t.id",
    "SELECT * FROM inventorybalance WHERE quantityonhand > 5",
)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    vendor = simulator(concurrent=1_000_000, approval="B", certificates={"c-1": public}, administrators=["c-1"])
    vendor.vendor.seed()
    with serving([vendor]) as at, httpx.Client(base_url=at["netsuite"]) as client:
        now, url = int(datetime.now(UTC).timestamp()), f"{at['netsuite']}/auth/oauth2/v1/token"
        claims = {"iss": "sandbox-client", "scope": "rest_webservices", "aud": url, "iat": now, "exp": now + 600}
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(claims, key, algorithm="ES256", headers={"kid": "c-1"}),
        }
        token = client.post(url, data=form).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        sold = {"entity": {"id": "1042"}, "createdFrom": {"externalId": "SO-56002"}}
        lines = {"item": {"items": [{"orderLine": 1, "quantity": 2}, {"orderLine": 2, "quantity": 4}]}}
        for number in ("RMA-1", "RMA-2"):
            client.put(f"/record/v1/returnAuthorization/eid:{number}", json=sold | lines).raise_for_status()
        for target in ("itemReceipt", "creditMemo"):
            client.post(f"/record/v1/returnAuthorization/90311/!transform/{target}").raise_for_status()
        client.post("/record/v1/creditMemo", json={}, headers={"Prefer": "respond-async"}).raise_for_status()
        yield client


def known(name: str, drawn: Any) -> Any:
    """Return something that there is for most of what was drawn; what is of no kind for it stays."""
    text = drawn.get("id", drawn.get("externalId")) if isinstance(drawn, dict) else drawn
    if not isinstance(text, str) or sum(text.encode("utf-8", "replace")) % 5 == 0:
        return drawn
    found = KNOWN[name][len(text) % len(KNOWN[name])]
    return {"id": found} if isinstance(drawn, dict) else found


def filled(kind: str, body: Any, drawn: int) -> Any:
    """Return a body with what its record needs, its own lines now and then."""
    if kind not in NEEDED or not isinstance(body, dict) or drawn % 4 == 0:
        return body
    needed = NEEDED[kind]
    lists = {name: value for name, value in needed.items() if isinstance(value, dict)}
    return {**needed, **body, **(lists if drawn % 4 < 3 else {})}


def settle(value: Any) -> Any:
    """Let a body speak of what there is."""
    if isinstance(value, list):
        return [settle(one) for one in value]
    if not isinstance(value, dict):
        return value
    settled = {}
    for name, one in value.items():
        if name == "units" and isinstance(one, str):
            settled[name] = UNITS[len(one) % 2]
        elif name in KNOWN and name not in ("id", "task") and isinstance(one, str | dict):
            settled[name] = known(name, one)
        elif name.endswith(("Date", "date")) and isinstance(one, str) and one[:2].isdigit():
            settled[name] = "2026-11-2" + one[-1]
        else:
            settled[name] = settle(one)
    return settled


ONE_RUN: Mapping[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


@CLOSELY.parametrize()
@settings(max_examples=EXAMPLES, **ONE_RUN)
def test_every_answer_is_as_described(case: Case[Any], client: httpx.Client) -> None:
    called(case, client)


@ONCE.parametrize()
@settings(max_examples=1, **ONE_RUN)
def test_master_data_is_answered_as_described(case: Case[Any], client: httpx.Client) -> None:
    called(case, client)


def called(case: Case[Any], client: httpx.Client) -> None:
    drawn = len(repr(case.body)) + len(repr(case.query))
    fits = case.meta is not None and case.meta.generation.mode.is_positive
    for name in KNOWN.keys() & case.path_parameters.keys():
        case.path_parameters[name] = known(name, case.path_parameters[name])
    case.body = settle(case.body)
    if fits and case.method in ("POST", "PUT"):
        case.body = filled(re.split("[/{]", case.path)[-1 if "!transform" in case.path else 3], case.body, drawn)
    if fits and "q" in case.query:
        case.query["q"] = FILTERS[drawn % len(FILTERS)]
    if fits and isinstance(case.body, dict) and isinstance(case.body.get("q"), str):
        case.body["q"] = QUERIES[drawn % len(QUERIES)]
    wait = sum(case.headers.get("X-NetSuite-Idempotency-Key", "x").encode("utf-8", "replace")) % 3 == 0
    if wait and "Prefer" in case.headers and case.operation.path.startswith("/record"):
        case.headers["Prefer"] = "respond-async"
    # Told to pass over wrong values, the vendor takes them; here it is to refuse them.
    case.headers.pop("X-NetSuite-PropertyValueValidation", None)
    answer = case.call(base_url=str(client.base_url), headers={"Authorization": client.headers["Authorization"]})
    # What fits may still break a rule of the business, and a job's tasks are refused later.
    later: list[Any] = [negative_data_rejection] if answer.status_code == 202 else []
    case.validate_response(answer, excluded_checks=[positive_data_acceptance, *later])
