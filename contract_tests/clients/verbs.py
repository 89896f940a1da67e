"""Every verb that changes something at a vendor, with what proves that it was done once: rows for all client tests."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from clients import story
from clients.refunds import REFUNDS, sell
from openreturns import adapter
from openreturns.idempotency import Done, Outcome
from openreturns.models import Credit, Return
from openreturns.sandbox import Simulator, serving
from openreturns.testing._at import NO_WAIT
from openreturns.transport import Answer, Basic, Budget, OAuth1, Outgoing
from openreturns.transport._auth import basic

TESTS = Path(__file__).parents[1]
EXAMPLES = TESTS.parent / "schemas" / "1.1.0" / "examples"


@dataclass(frozen=True)
class Sent:
    """A call as a client makes it."""

    method: str
    path: str
    at: Mapping[str, Any]
    json: Any


@dataclass(frozen=True)
class Verb:
    """A verb of an adapter that changes something.

    `write` matches the call that does it. `prepare` makes what one run needs, from the run's number; `act` does
    it; `effects` counts at the vendor, asked by HTTP, how often it was done. `careless` is there where this vendor
    does it twice if told twice: it takes out of a call what the vendor knows it by, and `total` counts all that
    there is of the kind.
    """

    system: str
    name: str
    write: str
    prepare: Callable[[Any, int], Any]
    act: Callable[[Any, Any], Outcome]
    effects: Callable[[httpx.Client, Any], int]
    careless: Callable[[Sent], Sent] | None = None
    total: Callable[[httpx.Client], int] | None = None

    @property
    def port(self) -> str:
        """The port's name of the verb."""
        return self.name.partition(",")[0]

    def __str__(self) -> str:
        return f"{self.system}.{self.name}"


@dataclass(frozen=True)
class Vendor:
    """A vendor: its simulator, the headers of a plain client, and how to connect an adapter to it."""

    simulator: Callable[[], Simulator]
    headers: Mapping[str, str]
    connection: Mapping[str, Any]
    settings: Mapping[str, Any]
    auth: httpx.Auth | None = None


@dataclass(frozen=True)
class Connected:
    """A served vendor: the adapter's client, the simulator, and a plain HTTP client."""

    client: Any
    simulator: Simulator
    api: httpx.Client


@contextmanager
def connected(
    system: str, *, simulator: Simulator | None = None, settings: Mapping[str, Any] | None = None, **more: Any
) -> Iterator[Connected]:
    """Serve a vendor, seeded, and connect to it."""
    vendor = VENDORS[system]
    simulator = simulator or vendor.simulator()
    simulator.vendor.seed()
    with serving([simulator]) as at, httpx.Client(base_url=at[system], headers=vendor.headers, auth=vendor.auth) as api:
        given = {"base_url": at[system], "time": NO_WAIT, "budget": Budget(), **vendor.connection, **more}
        with adapter(system, settings_of(system, settings)).connect(**given) as client:
            yield Connected(client, simulator, api)


def settings_of(system: str, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the tenant's part for an adapter, as the simulated account has it."""
    own: dict[str, Any] = tomllib.loads((TESTS / system / "tenant.toml").read_text("utf-8"))[system]
    return {**own, "settings": {**own.get("settings", {}), **VENDORS[system].settings, **(more or {})}}


def done(outcome: Outcome) -> Any:
    """Return the reference of what is done."""
    assert isinstance(outcome, Done), outcome
    return outcome.ref


# ---------------------------------------------------------------- ShipBob


def shipbob() -> Simulator:
    from openreturns_adapters.shipbob.simulator import simulator

    return simulator(calls=100_000, duplicate_references=True)


def asked_for(client: Any, number: int) -> Return:
    fixture = json.loads((TESTS / "shipbob" / "announce-two-lines-one-for-quarantine.json").read_text("utf-8"))
    return Return.model_validate({**fixture["written_from"], "number": f"RMA-{number:06}"})


def announcements(api: httpx.Client, return_: Return) -> int:
    answer = api.get("/return", params={"ReferenceIds": return_.number})
    return 0 if answer.status_code == 404 else len(answer.json()["items"])


def cancellations(api: httpx.Client, ref: Any) -> int:
    history = api.get(f"/return/{ref.id}").json()["status_history"]
    return [entry["status"] for entry in history].count("Cancelled")


# ---------------------------------------------------------------- AvaTax


def avatax() -> Simulator:
    from openreturns_adapters.avatax.simulator import simulator

    return simulator()


def credited(client: Any, number: int) -> Credit:
    text = (EXAMPLES / "credit" / "valid" / "restocking-fee-and-freight-refund.json").read_text("utf-8")
    return Credit.model_validate({**json.loads(text), "number": f"CM-{number:06}"})


def committed_credit(client: Any, number: int) -> Credit:
    credit = credited(client, number)
    done(client.commit(credit))
    return credit


def refundable(client: Any, number: int) -> Credit:
    """A credit that is a refund of a recorded sale, each time of another type."""
    credit = REFUNDS[number % len(REFUNDS)].credit(number)
    sell(client, credit)
    return credit


def recorded(api: httpx.Client, credit: Credit) -> int:
    """How many versions and documents a credit's number has: one, if it was recorded once."""
    answer = api.get(f"/companies/DEFAULT/transactions/{credit.number}", params={"documentType": "ReturnInvoice"})
    return int(answer.json()["version"]) if answer.status_code == 200 else 0


def codeless(sent: Sent) -> Sent:
    """A document without our code: the vendor gives it one."""
    return Sent(sent.method, sent.path, sent.at, {name: value for name, value in sent.json.items() if name != "code"})


def refund_without_code(sent: Sent) -> Sent:
    """A refund without our code: every one is another."""
    body = {name: value for name, value in sent.json.items() if name != "refundTransactionCode"}
    return Sent(sent.method, sent.path, sent.at, body)


def committed_documents(api: httpx.Client) -> int:
    asked = {"$filter": "status eq Committed and date ge 1900-01-01"}
    return int(api.get("/companies/DEFAULT/transactions", params=asked).json()["@recordsetCount"])


def voided(api: httpx.Client, credit: Credit) -> int:
    answer = api.get(f"/companies/DEFAULT/transactions/{credit.number}", params={"documentType": "ReturnInvoice"})
    return int(answer.json()["status"] == "Cancelled")


# ---------------------------------------------------------------- NetSuite


def signed() -> OAuth1:
    return OAuth1(
        consumer_key="sandbox-consumer",
        consumer_secret="sandbox-consumer-secret",
        token="sandbox-token",
        token_secret="sandbox-token-secret",
        realm="1234567_SB1",
    )


def netsuite() -> Simulator:
    from openreturns_adapters.netsuite.simulator import simulator

    return simulator(concurrent=100, negative_stock=True)


class SignedNow(httpx.Auth):
    """OAuth 1 for a plain HTTP client."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        outgoing = Outgoing(request.method, str(request.url))
        request.headers.update(signed().headers(outgoing, lambda one: Answer(500)))
        yield request


def authorized(client: Any, number: int) -> Return:
    document = story.returned(number)
    done(client.authorize(document))
    return document


def creditable(client: Any, number: int) -> Credit:
    [received] = client.receive(authorized(client, number))
    done(received)
    return story.credited(number)


def held(record: str, name: Callable[[Any], str]) -> Callable[[httpx.Client, Any], int]:
    """Count the records whose external id has a text in it: what was done, under whatever id."""

    def count(api: httpx.Client, document: Any) -> int:
        query = {"q": f'externalId IS "{name(document)}"'}
        answer = api.get(f"/record/v1/{record}", params=query)
        return int(answer.json()["totalResults"])

    return count


def closed_returns(api: httpx.Client, ref: Any) -> int:
    record = api.get(f"/record/v1/returnAuthorization/{ref.id}", params={"expandSubResources": "true"}).json()
    return int(all(line["isClosed"] for line in record["item"]["items"]))


def posted(sent: Sent) -> Sent:
    """An upsert under our key as a plain create."""
    body = {name: value for name, value in sent.json.items() if name != "externalId"}
    return Sent("POST", sent.path.removesuffix("/eid:{eid}"), {}, body)


def every(record: str) -> Callable[[httpx.Client], int]:
    return lambda api: int(api.get(f"/record/v1/{record}").json()["totalResults"])


def only(outcomes: Sequence[Outcome]) -> Outcome:
    [outcome] = outcomes
    return outcome


# ---------------------------------------------------------------- Salesforce


def salesforce() -> Simulator:
    from openreturns_adapters.salesforce.simulator import simulator

    return simulator(daily_calls=100_000)


@cache
def seeded() -> Mapping[str, Mapping[str, str]]:
    """The ids of what a seeded org holds, the same in each."""
    ids: Mapping[str, Mapping[str, str]] = salesforce().vendor.seed()
    return ids


class LoggedIn(httpx.Auth):
    """A session of a plain HTTP client."""

    requires_response_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        form = {"grant_type": "client_credentials", **SALESFORCE_APP}
        answer = yield httpx.Request("POST", request.url.copy_with(raw_path=b"/services/oauth2/token"), data=form)
        request.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield request


def complained(client: Any, number: int) -> Return:
    """A return as the service desk gets it, under the ids of the seeded org."""
    fixture = json.loads((TESTS / "salesforce" / "return-order-as-sent.json").read_text("utf-8"))["written_from"]
    ids = seeded()
    data = {**fixture, "number": f"RMA-{number:06}", "status": "requested"}
    data["customer"] = {**data["customer"], "id": ids["Account"]["C-1042"]}
    data["returnTo"] = {"id": ids["Location"]["71"]}
    data["refs"] = [{"type": "sales_order", "id": ids["Order"]["SO-56001"]}]
    for line in data["lines"]:
        line["item"] = {"sku": ids["Product2"][line["item"]["sku"]]}
    return Return.model_validate(data)


def followed(client: Any, number: int) -> Return:
    """The same return, closed since its case was opened."""
    document = complained(client, number)
    done(client.open_case(document))
    later = document.meta.model_copy(update={"revision": document.meta.revision + 1})
    return document.model_copy(update={"status": "closed", "meta": later})


def asked_of(api: httpx.Client, query: str) -> list[Any]:
    answer = api.get("/services/data/v62.0/query", params={"q": query}).raise_for_status()
    records: list[Any] = answer.json()["records"]
    return records


def cases(api: httpx.Client, document: Return) -> int:
    return len(asked_of(api, f"SELECT Id FROM Case WHERE Subject = 'Return {document.number}'"))


def closed_cases(api: httpx.Client, document: Return) -> int:
    where = f"Subject = 'Return {document.number}' AND IsClosed = true"
    return len(asked_of(api, f"SELECT Id FROM Case WHERE {where}")) if cases(api, document) == 1 else 0


def counted(api: httpx.Client, sobject: str) -> int:
    return len(asked_of(api, f"SELECT Id FROM {sobject}"))


def created_case(sent: Sent) -> Sent:
    """An upsert under our key as a plain create."""
    return Sent("POST", "/sobjects/Case", {}, sent.json)


def created_parts(sent: Sent) -> Sent:
    """A composite of upserts under our keys as one of plain creates; the case goes before it, as it is."""
    if "compositeRequest" not in sent.json:
        return sent
    parts = [
        {**part, "method": "POST", "url": part["url"].rsplit("/", 2)[0]} if "__c/" in part["url"] else part
        for part in sent.json["compositeRequest"]
    ]
    return Sent(sent.method, sent.path, {}, {**sent.json, "compositeRequest": parts})


def orders_and_lines(api: httpx.Client, document: Return) -> int:
    """How often there is a return order with its lines: one, if it and each line was made once."""
    orders = asked_of(api, f"SELECT Id FROM ReturnOrder WHERE RMA_Number__c = '{document.number}'")
    lines = asked_of(api, f"SELECT Id FROM ReturnOrderLineItem WHERE RMA_Line__c LIKE '{document.number}:%'")
    return len(orders) if len(lines) == len(document.lines) * len(orders) else -1


VENDORS = {
    "shipbob": Vendor(
        shipbob, {"Authorization": "Bearer sandbox-token"}, {"token": "sandbox-token"}, {"channel_id": 433808}
    ),
    "avatax": Vendor(
        avatax,
        {"Authorization": basic("2000000000", "sandbox-license-key")},
        {"auth": Basic("2000000000", "sandbox-license-key")},
        {},
    ),
}

VENDORS["netsuite"] = Vendor(netsuite, {}, {"auth": signed()}, {}, SignedNow())

SALESFORCE_APP = {"client_id": "sandbox-consumer-key", "client_secret": "sandbox-consumer-secret"}
VENDORS["salesforce"] = Vendor(salesforce, {}, SALESFORCE_APP, {"return_orders": True}, LoggedIn())

VERBS = [
    Verb(
        "salesforce",
        "open_case",
        "PATCH */sobjects/Case/*",
        complained,
        lambda client, document: client.open_case(document),
        cases,
        created_case,
        lambda api: counted(api, "Case"),
    ),
    Verb(
        "salesforce",
        "open_case, its return order",
        "POST */composite",
        complained,
        lambda client, document: client.open_case(document),
        orders_and_lines,
        created_parts,
        lambda api: counted(api, "ReturnOrder"),
    ),
    Verb(
        "salesforce",
        "update_case",
        "PATCH */sobjects/Case/*",
        followed,
        lambda client, document: client.update_case(document),
        closed_cases,
    ),
    Verb(
        "netsuite",
        "authorize",
        "PUT */returnAuthorization/*",
        lambda client, number: story.returned(number),
        lambda client, document: client.authorize(document),
        held("returnAuthorization", lambda document: document.number),
        posted,
        every("returnAuthorization"),
    ),
    Verb(
        "netsuite",
        "cancel",
        "PATCH */returnAuthorization/*",
        lambda client, number: done(client.authorize(story.returned(number))),
        lambda client, ref: client.cancel(ref),
        closed_returns,
    ),
    Verb(
        "netsuite",
        "receive",
        "POST */!transform/itemReceipt",
        authorized,
        lambda client, document: only(client.receive(document)),
        held("itemReceipt", lambda document: document.lines[0].receipts[0].receipt_id),
    ),
    Verb(
        "netsuite",
        "post_adjustment",
        "PUT */inventoryAdjustment/*",
        lambda client, number: story.moved_out(number),
        lambda client, document: client.post_adjustment(document),
        held("inventoryAdjustment", lambda document: document.number),
        posted,
        every("inventoryAdjustment"),
    ),
    Verb(
        "netsuite",
        "issue_credit",
        "POST */!transform/creditMemo",
        creditable,
        lambda client, document: client.issue_credit(document),
        held("creditMemo", lambda document: document.number),
    ),
    Verb(
        "shipbob",
        "announce",
        "POST /return",
        asked_for,
        lambda client, document: client.announce(document),
        announcements,
        lambda sent: sent,  # our number is no key there: only looking first keeps it from happening
        lambda api: len(api.get("/return").json()["items"]),
    ),
    Verb(
        "shipbob",
        "cancel",
        "POST /return/*:cancel",
        lambda client, number: done(client.announce(asked_for(client, number))),
        lambda client, ref: client.cancel(ref),
        cancellations,
    ),
    Verb(
        "avatax",
        "commit",
        "POST */transactions/create*",
        credited,
        lambda client, document: client.commit(document),
        recorded,
        codeless,
        committed_documents,
    ),
    Verb(
        "avatax",
        "commit, as a refund",
        "POST */refund",
        refundable,
        lambda client, document: client.commit(document),
        recorded,
        refund_without_code,
        committed_documents,
    ),
    Verb(
        "avatax",
        "void",
        "POST */void",
        committed_credit,
        lambda client, document: client.void(document),
        voided,
    ),
]
