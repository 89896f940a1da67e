"""Every verb that changes something at a vendor, with what proves that it was done once: rows for all client tests."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from openreturns import adapter
from openreturns.idempotency import Done, Outcome
from openreturns.models import Return
from openreturns.sandbox import Simulator, serving
from openreturns.transport import Budget, Time

TESTS = Path(__file__).parents[1]
NO_WAIT = Time(sleep=lambda seconds: None)


@dataclass(frozen=True)
class Verb:
    """A verb of an adapter that changes something.

    `write` matches the call that does it, `rule` is its idempotency. `prepare` makes what one run needs, from
    the run's number; `act` does it; `effects` counts at the vendor, asked by HTTP, how often it was done.
    """

    system: str
    name: str
    write: str
    rule: str
    prepare: Callable[[Any, int], Any]
    act: Callable[[Any, Any], Outcome]
    effects: Callable[[httpx.Client, Any], int]

    def __str__(self) -> str:
        return f"{self.system}.{self.name}"


@dataclass(frozen=True)
class Vendor:
    """A vendor: its simulator, the headers of a plain client, and how to connect an adapter to it."""

    simulator: Callable[[], Simulator]
    headers: Mapping[str, str]
    connection: Mapping[str, Any]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Connected:
    """A served vendor: the adapter's client, the simulator, and a plain HTTP client."""

    client: Any
    simulator: Simulator
    api: httpx.Client


@contextmanager
def connected(system: str, **more: Any) -> Iterator[Connected]:
    """Serve a vendor, seeded, and connect to it."""
    vendor = VENDORS[system]
    simulator = vendor.simulator()
    simulator.vendor.seed()
    own: dict[str, Any] = tomllib.loads((TESTS / system / "tenant.toml").read_text("utf-8"))[system]
    own["settings"] = {**own.get("settings", {}), **vendor.settings}
    with serving([simulator]) as at, httpx.Client(base_url=at[system], headers=vendor.headers) as api:
        given = {"base_url": at[system], "time": NO_WAIT, "budget": Budget(), **vendor.connection, **more}
        with adapter(system, own).connect(**given) as client:
            yield Connected(client, simulator, api)


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


VENDORS = {
    "shipbob": Vendor(
        shipbob, {"Authorization": "Bearer sandbox-token"}, {"token": "sandbox-token"}, {"channel_id": 433808}
    ),
}

VERBS = [
    Verb("shipbob", "announce", "POST /return", "lookup", asked_for, lambda c, r: c.announce(r), announcements),
    Verb(
        "shipbob",
        "cancel",
        "POST /return/*:cancel",
        "lookup",
        lambda client, number: done(client.announce(asked_for(client, number))),
        lambda client, ref: client.cancel(ref),
        cancellations,
    ),
]
