"""ShipBob's API 2026-01 in memory: returns, stock, webhooks, with its limits and its state rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Literal

from openreturns.sandbox import Call, Clock, Operation, Outbox, Reply, Simulator, Vendor

from openreturns_adapters.shipbob.simulator._access import SCOPES, Access
from openreturns_adapters.shipbob.simulator._account import Account
from openreturns_adapters.shipbob.simulator._answers import problem
from openreturns_adapters.shipbob.simulator._operations import operations
from openreturns_adapters.shipbob.simulator._returns import Channel, Returns, Rules
from openreturns_adapters.shipbob.simulator._schemas import DEFINITIONS
from openreturns_adapters.shipbob.simulator._steps import Warehouse
from openreturns_adapters.shipbob.simulator._stock import Stock
from openreturns_adapters.shipbob.simulator._webhooks import Payload, Webhooks, signature
from openreturns_adapters.shipbob.simulator._wire import Spelling

__all__ = ["SCOPES", "signature", "simulator"]

_READING = tuple(scope for scope in SCOPES if scope.endswith("_read"))


def simulator(
    *,
    token: str = "sandbox-token",  # noqa: S107 - opens nothing but the simulation
    tokens: Mapping[str, Collection[str]] | None = None,
    client_id: str = "sandbox-client",
    client_secret: str = "sandbox-secret",  # noqa: S107 - as above
    refresh_token: str = "sandbox-refresh",  # noqa: S107 - as above
    token_seconds: int = 3600,
    channel_id: int = 433808,
    first_return_id: int = 78101,
    calls: int = 150,
    window_seconds: int = 60,
    throttled_seconds: int = 1,
    page_size: int = 50,
    clock: Clock | None = None,
    outbox: Outbox | None = None,
    webhook_body: Payload = "plain",
    duplicate_references: bool = False,
    known_shipments: bool = False,
    nothing_is_404: bool = False,
    spaced_status: bool = False,
    spaced_history: bool = True,
    return_to_sender: Literal["ReturnToSender", "RTS"] = "ReturnToSender",
    fee: Decimal = Decimal("4.50"),
    return_to_sender_fee: Decimal = Decimal("6.25"),
    seed: int = 0,
) -> Simulator:
    """Return a merchant's account at ShipBob, empty until it is seeded.

    `token` may do everything, `tokens` are others with their scopes; OAuth tokens come from `/connect/token`, which
    the vendor has at another host. `channel_id` is the channel that may write; the one before it may only read.
    `calls` in `window_seconds` are allowed, to all users of an application together (the default clock, which moves
    a second at every look, lets nobody reach the limit); `throttled_seconds` is what a fault tells to wait. What the
    vendor leaves open can be had both ways: whether a reference is taken twice, a shipment must be known, an empty
    list is 404, how statuses are spelled, where a webhook has the return's number. Doubled and shuffled webhooks are
    the outbox's.
    """
    clock = clock or Clock()
    outbox = outbox or Outbox(tries=8)
    account = Account(clock, first_return_id)
    access = Access(
        clock,
        {token: SCOPES, **(tokens or {})},
        (client_id, client_secret),
        refresh_token,
        token_seconds=token_seconds,
        limit=calls,
        window_seconds=window_seconds,
    )
    channels = {
        channel_id - 1: Channel("Storefront", "Storefront", _READING),
        channel_id: Channel("API", "API", SCOPES),
    }
    webhooks = Webhooks(clock, outbox, webhook_body, seed=seed, page_size=page_size)
    spelling = Spelling(spaced_status, spaced_history, return_to_sender)
    rules = Rules(duplicate_references, known_shipments, nothing_is_404)
    returns = Returns(account, channels, webhooks, spelling, rules, page_size)
    warehouse = Warehouse(account, returns, channel_id, fee, return_to_sender_fee)
    offered = operations(access, returns, Stock(account, channels, page_size), webhooks)
    scopes = {(one.operation.method, one.operation.path): one.scope for one in offered}

    def refuse(operation: Operation, call: Call) -> Reply | None:
        return None if operation.open else access.refuse(scopes[operation.method, operation.path], call)

    vendor = Vendor(
        name="shipbob",
        title="ShipBob, simulated",
        version="2026-01",
        base="/2026-01",
        operations=[one.operation for one in offered],
        security={"bearer": {"type": "http", "scheme": "bearer"}},
        definitions=DEFINITIONS,
        refuse=refuse,
        problem=lambda status, message: problem(status, message, retry_after=throttled_seconds),
        seed=warehouse.seed,
        steps=warehouse.steps(access, webhooks),
        held=lambda: {"returns": account.returns, "stock": account.stock},
    )
    return Simulator(vendor, outbox)
