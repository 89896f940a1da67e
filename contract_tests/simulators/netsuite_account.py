"""A simulated NetSuite account for tests: served, seeded, with a client that signs, and bodies to send."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client
from openreturns._json import parse
from openreturns.sandbox import Clock, Simulator, serving
from openreturns_adapters.netsuite.simulator import simulator
from starlette.types import Receive, Scope, Send

Json = Any
START = datetime(2026, 11, 22, 10, tzinfo=UTC)
DEMO = Path(__file__).parents[2] / "docs" / "demo"
STRICT = {"X-NetSuite-PropertyNameValidation": "Error"}
LATER = {"Prefer": "respond-async"}


class Signed(httpx.Auth):
    """OAuth 1 as the account's default token has it, at the time of the account's clock."""

    def __init__(self, clock: Clock, **changes: Any) -> None:
        self._clock = clock
        self._changes = changes

    def header(self, method: str, url: str) -> str:
        given = {
            "client_key": "sandbox-consumer",
            "client_secret": "sandbox-consumer-secret",
            "resource_owner_key": "sandbox-token",
            "resource_owner_secret": "sandbox-token-secret",
            "signature_method": SIGNATURE_HMAC_SHA256,
            "realm": "1234567_SB1",
            "timestamp": str(int(self._clock.now().timestamp())),
        }
        _, headers, _ = Client(**{**given, **self._changes}).sign(url, method)  # type: ignore[arg-type] # any method
        return str(headers["Authorization"])

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = self.header(request.method, str(request.url))
        yield request


@dataclass
class Served:
    """A seeded account that is being served, and a client of it."""

    vendor: Simulator
    client: httpx.Client
    clock: Clock

    def call(self, method: str, path: str, body: Json = None, **more: Any) -> httpx.Response:
        content = {} if body is None else {"json": body}
        given = path if path.startswith(("/query", "/async", "/system", "/auth")) else f"/record/v1/{path}"
        return self.client.request(method, given, **{"auth": Signed(self.clock), **content, **more})

    def made(self, method: str, path: str, body: Json = None, **more: Any) -> str:
        """The id of a record that was written."""
        answer = self.call(method, path, body, **more)
        assert answer.status_code == 204, answer.text
        return answer.headers["Location"].rpartition("/")[2]

    def read(self, path: str) -> Json:
        answer = self.call("GET", path, params={"expandSubResources": "true"})
        assert answer.status_code == 200, answer.text
        return parse(answer.content)

    def rma(self, key: str = "RMA-1", **changes: Json) -> str:
        return self.made("PUT", f"returnAuthorization/eid:{key}", rma(**changes))

    def receive(self, id: str, *rows: Json, **more: Json) -> httpx.Response:
        body = {"item": {"items": list(rows)}, **more} if rows else {**more}
        return self.call("POST", f"returnAuthorization/{id}/!transform/itemReceipt", body)

    def credit(self, id: str, body: Json = None, target: str = "creditMemo") -> httpx.Response:
        return self.call("POST", f"returnAuthorization/{id}/!transform/{target}", body or {})

    def status(self, id: str) -> str:
        return str(self.read(f"returnAuthorization/{id}")["status"]["id"])

    def on_hand(self, item: str, location: str = "7") -> dict[tuple[str, str, str], Decimal]:
        """Units by bin, status and number."""
        rows = [row for row in self.vendor.step("stock", item=item) if row["location"] == location]
        return {(row["bin"], row["status"], row["number"]): row["units"] for row in rows}


STAGE: list[Simulator] = []
CLIENT: list[httpx.Client] = []


async def on_stage(scope: Scope, receive: Receive, send: Send) -> None:
    """One server for all tests, as starting one takes longer than a test: it serves the account that is on."""
    await STAGE[-1].app(scope, receive, send)


@contextmanager
def theatre() -> Iterator[None]:
    """The server."""
    empty = simulator()
    house = SimpleNamespace(name=empty.name, vendor=empty.vendor, app=on_stage)
    with (
        serving([house]) as at,  # type: ignore[list-item] # all that serving needs of a simulator
        httpx.Client(base_url=at["netsuite"]) as client,
    ):
        CLIENT.append(client)
        yield
        CLIENT.remove(client)


@contextmanager
def playing(vendor: Simulator) -> Iterator[None]:
    """Let an account be the one that is served."""
    STAGE.append(vendor)
    yield
    STAGE.remove(vendor)


@contextmanager
def served(**settings: Any) -> Iterator[Served]:
    clock = Clock(START)
    vendor = simulator(**{"clock": clock, "approval": "B", **settings})
    vendor.vendor.seed()
    with playing(vendor):
        yield Served(vendor, CLIENT[0], clock)


def rma(**changes: Json) -> dict[str, Json]:
    """Two pumps and four gaskets of SO-56002 (id 85003) back to dock 1."""
    return {
        "entity": {"id": "1042"},
        "createdFrom": {"externalId": "SO-56002"},
        "tranDate": "2026-11-22",
        "location": {"id": "7"},
        "item": {
            "items": [
                {"orderLine": 1, "item": {"id": "501"}, "quantity": 2, "rate": 120.5},
                {"orderLine": 2, "item": {"externalId": "G-7"}, "quantity": 4, "rate": 3},
            ]
        },
    } | changes


def lines(*rows: Json) -> dict[str, Json]:
    return {"item": {"items": list(rows)}}


def goods(item: str, quantity: Json, **more: Json) -> dict[str, Json]:
    return {"item": {"externalId": item}, "quantity": quantity, **more}


def assigned(*rows: Json) -> dict[str, Json]:
    return {"inventoryDetail": {"inventoryAssignment": {"items": list(rows)}}}


def adjustment(*rows: Json, **changes: Json) -> dict[str, Json]:
    return {"account": {"id": "540"}, "adjLocation": {"id": "22"}, "inventory": {"items": list(rows)}} | changes


def said(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and place of the first thing that is wrong."""
    body = answer.json()
    assert (body["status"], answer.headers["content-type"].partition(";")[0]) == (
        answer.status_code,
        "application/vnd.oracle.resource+json",
    )
    first = body["o:errorDetails"][0]
    place = next((first[f"o:error{n}"] for n in ("Path", "Header", "QueryParam") if f"o:error{n}" in first), "")
    return answer.status_code, first["o:errorCode"], place


def ql(one: Served, text: str, **query: Json) -> list[Json]:
    answer = one.call("POST", "/query/v1/suiteql", {"q": text}, headers={"Prefer": "transient"}, params=query)
    assert answer.status_code == 200, answer.text
    return [{name: value for name, value in row.items() if name != "links"} for row in answer.json()["items"]]
