"""A Salesforce org in memory: cases, return orders, accounts and goods over the REST API, composite and bulk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from openreturns.sandbox import Clock, Outbox, Simulator, Vendor

from openreturns_adapters.salesforce.simulator._access import Access, App, Limits
from openreturns_adapters.salesforce.simulator._bulk import Jobs
from openreturns_adapters.salesforce.simulator._checks import Rule, Rules
from openreturns_adapters.salesforce.simulator._clock import LiveClock
from openreturns_adapters.salesforce.simulator._errors import problem
from openreturns_adapters.salesforce.simulator._ids import new_id
from openreturns_adapters.salesforce.simulator._metadata import load
from openreturns_adapters.salesforce.simulator._org import Org
from openreturns_adapters.salesforce.simulator._queries import Queries
from openreturns_adapters.salesforce.simulator._schemas import definitions
from openreturns_adapters.salesforce.simulator._service import Service
from openreturns_adapters.salesforce.simulator._story import Story, set_up

__all__ = ["Rule", "simulator"]

_STATUSES = {"New": False, "Working": False, "Escalated": False, "Closed": True}
_RETURN_ORDERS = ("ReturnOrder", "ReturnOrderLineItem")


def simulator(
    *,
    client_id: str = "sandbox-consumer-key",
    client_secret: str = "sandbox-consumer-secret",  # noqa: S107 - opens nothing but the simulation
    username: str = "integration@distributor.example.com",
    public_key: str | None = None,
    audiences: Sequence[str] = ("https://login.salesforce.com", "https://test.salesforce.com"),
    scope: str = "api id",
    session_seconds: int = 7200,
    assertion_seconds: int = 180,
    skew_seconds: int = 60,
    daily_calls: int = 15_000,
    api_enabled: bool = True,
    versions: range = range(42, 69),
    page_size: int = 2000,
    bulk_polls: int = 1,
    fields: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
    case_statuses: Mapping[str, bool] | None = None,
    validation: Sequence[Rule] = (),
    duplicates: Mapping[str, str] | None = None,
    read_only: Collection[str] = (),
    field_service: bool = True,
    order_management: bool = False,
    rounded: bool = False,
    clock: Clock | None = None,
    outbox: Outbox | None = None,
) -> Simulator:
    """Return an org that has its setup and no business data until it is seeded.

    Clients come as the connected app `client_id`, by its secret or by a token that the private key to `public_key`
    (PEM) signed; a session ends after `session_seconds` without a call. `daily_calls` are counted over 24 hours.
    `fields` adds fields to objects, or changes settings of those there are, such as another external id, one that is
    not unique, or other picklist values: `{"Case": {"RMA_Number__c": {"unique": False}}}`. `case_statuses` are the
    statuses of a case and whether each is closed, the first is the default. `duplicates` names by object the field
    whose equal values a duplicate rule finds; `read_only` the objects that the user must not write. Without
    `field_service` and `order_management` there are no return orders; with the latter they are created activated.
    `rounded` rounds numbers half up to the places of their field, else they are kept as sent, as the API does.
    """
    clock = clock or LiveClock()
    licensed = field_service or order_management
    statuses = _STATUSES if case_statuses is None else case_statuses
    changed: dict[str, dict[str, Mapping[str, Any]]] = {name: dict(some) for name, some in (fields or {}).items()}
    case = changed.setdefault("Case", {})
    case["Status"] = {"values": list(statuses), "default": next(iter(statuses)), **case.get("Status", {})}
    objects = load(changed, () if licensed else _RETURN_ORDERS)
    rules = Rules(validation, duplicates or {}, frozenset(read_only), order_management, rounded)
    org = Org(objects, clock, rules)
    set_up(org, username, statuses)
    app = App(
        client_id,
        client_secret,
        username,
        public_key,
        tuple(audiences),
        scope,
        org_id=new_id("00D", 1),
        user_id=org.user_id,
    )
    limits = Limits(
        timedelta(seconds=session_seconds),
        timedelta(seconds=assertion_seconds),
        timedelta(seconds=skew_seconds),
        daily_calls,
        api_enabled,
        versions,
    )
    access = Access(app, limits, clock)
    story = Story(org, access)
    vendor = Vendor(
        name="salesforce",
        title="Salesforce REST API, simulated",
        version="62.0",
        base="",
        operations=Service(org, access, Queries(org, page_size), Jobs(org, bulk_polls)).operations,
        security={"session": {"type": "http", "scheme": "bearer"}},
        definitions=definitions(objects),
        refuse=access.refuse,
        problem=problem,
        seed=story.seed,
        steps=story.steps(),
        held=org.held,
    )
    return Simulator(vendor, outbox)
