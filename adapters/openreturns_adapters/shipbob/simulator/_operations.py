"""What ShipBob offers, as a table: where, with which scope, what it takes, what it may answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from openreturns.sandbox import Answer, Call, Operation, Reply

from openreturns_adapters.shipbob.simulator._access import Access
from openreturns_adapters.shipbob.simulator._filters import SORTS
from openreturns_adapters.shipbob.simulator._given import Given, checked
from openreturns_adapters.shipbob.simulator._returns import Returns
from openreturns_adapters.shipbob.simulator._schemas import ID, INT32, ref
from openreturns_adapters.shipbob.simulator._stock import Stock
from openreturns_adapters.shipbob.simulator._webhooks import Webhooks

__all__ = ["Served", "operations"]

Schema = Mapping[str, Any]
Schemas = Mapping[str, Schema]

_TEXT: Schema = {"type": "string"}
_IDS: Schema = {"type": "string", "pattern": "^([0-9]{1,10}(,[0-9]{1,10})*)?$"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_PAGE: Schema = {"type": "integer", "format": "int32", "minimum": 1, "maximum": INT32}
_SIZE: Schema = {"type": "integer", "format": "int32", "minimum": 1, "maximum": 250}
_CURSOR: Schema = {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}
_FLAG: Schema = {"type": "boolean"}

_EVERYWHERE = {
    401: Answer("No valid token.", ref("GatewayError")),
    403: Answer("The token or the channel may not do this.", ref("GatewayError")),
    429: Answer("Too many calls in the last minute.", ref("GatewayError")),
    500: Answer("The vendor's own mistake.", ref("ProblemDetails")),
}
_ERRORS = {
    400: Answer("A parameter is wrong, or the state does not allow it.", ref("ProblemDetails")),
    404: Answer("There is none.", ref("ProblemDetails")),
    422: Answer("The data is wrong, or the state does not allow it.", ref("ApiError")),
}


@dataclass(frozen=True)
class Served:
    """An operation, and the scope that a token needs for it."""

    operation: Operation
    scope: str


_RETURN_QUERY: Schemas = {
    "Ids": _IDS,
    "ReferenceIds": _TEXT,
    "Status": _TEXT,
    "FulfillmentCenterIds": _IDS,
    "TrackingNumbers": _TEXT,
    "OriginalShipmentIds": _IDS,
    "InventoryIds": _IDS,
    "StartDate": _MOMENT,
    "EndDate": _MOMENT,
    "ReturnTypes": _TEXT,
    "ReturnActions": _TEXT,
    "StoreOrderIds": _TEXT,
    "CompletedStartDate": _MOMENT,
    "CompletedEndDate": _MOMENT,
    "Sortby": {"type": "string", "enum": list(SORTS)},
    "SortOrder": {"type": "string", "enum": ["Asc", "Desc"]},
    "Cursor": _PAGE,
    "Limit": _SIZE,
}
_LEVEL_QUERY: Schemas = {
    "SearchBy": _TEXT,
    "InventoryIds": _IDS,
    "IsActive": _FLAG,
    "IsDigital": _FLAG,
    "PageSize": _SIZE,
    "SortBy": {"type": "string", "enum": ["InventoryId", "Name", "Sku"]},
    "Cursor": _PAGE,
}
_OLDER_PAGE: Schemas = {"RecordsPerPage": _SIZE, "Cursor": _CURSOR}


@dataclass(frozen=True)
class _Offer:
    """One row of the table; `wrong` and `unfit` are the statuses for a wrong parameter and a wrong body."""

    line: str
    do: Callable[[Given], Reply]
    scope: str
    summary: str
    answers: Mapping[int, str]
    errors: tuple[int, ...] = ()
    takes: str = ""
    query: Schemas = field(default_factory=dict)
    headers: Schemas = field(default_factory=dict)
    parameters: Schemas = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    wrong: int = 400
    unfit: int = 422


def operations(access: Access, returns: Returns, stock: Stock, webhooks: Webhooks) -> list[Served]:
    """Return everything that is offered."""
    return [
        *(_served(one, access) for one in (*_of_returns(returns), *_of_stock(stock), *_of_webhooks(webhooks))),
        Served(_token(access), ""),
    ]


def _of_returns(returns: Returns) -> list[_Offer]:
    channel = {"shipbob_channel_id": ID}
    return [
        _Offer(
            "POST /return",
            returns.create,
            "returns_write",
            "Announce a return.",
            {201: "PublicReturnV1Dto"},
            errors=(400, 422),
            takes="CreateReturnRequest",
            headers=channel,
            required=frozenset(channel),
        ),
        _Offer(
            "GET /return",
            returns.find,
            "returns_read",
            "List returns.",
            {200: "PublicReturnDtoPage"},
            errors=(400, 404),
            query=_RETURN_QUERY,
            headers=channel,
        ),
        _Offer(
            "GET /return/{id}",
            returns.get,
            "returns_read",
            "Read a return.",
            {200: "PublicReturnDto"},
            errors=(400, 404),
            parameters={"id": ID},
            headers=channel,
        ),
        _Offer(
            "PUT /return/{id}",
            returns.change,
            "returns_write",
            "Change an announced return.",
            {200: "PublicReturnV1Dto"},
            errors=(404, 422),
            takes="CreateReturnRequest",
            parameters={"id": ID},
            wrong=404,
        ),
        _Offer(
            "POST /return/{id}:cancel",
            returns.cancel,
            "returns_write",
            "Cancel an announced return.",
            {200: "Empty"},
            errors=(400,),
            parameters={"id": ID},
        ),
    ]


def _of_stock(stock: Stock) -> list[_Offer]:
    return [
        _Offer(
            "GET /channel",
            stock.channels,
            "channels_read",
            "List the channels.",
            {200: "ChannelsV2ViewModel"},
            errors=(400,),
            query=_OLDER_PAGE,
        ),
        _Offer(
            "GET /fulfillment-center",
            stock.centers,
            "locations_read",
            "List the warehouses.",
            {200: "FulfillmentCenters"},
        ),
        _Offer(
            "GET /inventory-level",
            stock.levels,
            "inventory_read",
            "List stock by item.",
            {200: "InventoryQuantityPage"},
            errors=(400,),
            query=_LEVEL_QUERY,
        ),
        _Offer(
            "GET /inventory-level/{inventoryId}",
            stock.level,
            "inventory_read",
            "Tell the stock of an item.",
            {200: "InventoryQuantityResponse"},
            errors=(400,),
            parameters={"inventoryId": ID},
        ),
        _Offer(
            "GET /inventory-level/{inventoryId}/lots",
            stock.lots,
            "inventory_read",
            "Tell the stock of an item by lot.",
            {200: "InventoryLotsResponse"},
            errors=(400,),
            parameters={"inventoryId": ID},
        ),
        _Offer(
            "POST /inventory/history:query",
            stock.history,
            "inventory_read",
            "List the movements of stock.",
            {200: "InventoryHistoryPage"},
            errors=(400,),
            takes="MerchantHistoryRequest",
            query={"cursor": _PAGE},
            unfit=400,
        ),
    ]


def _of_webhooks(webhooks: Webhooks) -> list[_Offer]:
    return [
        _Offer(
            "POST /webhook",
            webhooks.create,
            "webhooks_write",
            "Subscribe to events.",
            {200: "CreatedWebhook"},
            errors=(422,),
            takes="CreateSubscriptionRequest",
        ),
        _Offer(
            "GET /webhook",
            webhooks.subscriptions,
            "webhooks_read",
            "List the subscriptions.",
            {200: "GetWebhookResponse"},
            errors=(400,),
            query=_OLDER_PAGE,
        ),
        _Offer(
            "DELETE /webhook/{id}",
            webhooks.delete,
            "webhooks_write",
            "End a subscription.",
            {204: ""},
            parameters={"id": {"type": "string", "minLength": 1}},
        ),
    ]


def _served(offer: _Offer, access: Access) -> Served:
    """Return the operation of a row: with the answers that every one may give, and its checks in front."""
    method, path = offer.line.split()
    good = {status: Answer("Done.", ref(name) if name else None) for status, name in offer.answers.items()}
    parts = {"path": offer.parameters, "query": offer.query, "headers": offer.headers}
    run = checked(offer.do, parts, offer.takes, required=offer.required, wrong=offer.wrong, unfit=offer.unfit)

    def counted(call: Call) -> Reply:
        reply = run(call)
        return replace(reply, headers={**reply.headers, "x-remaining-calls": str(access.remaining)})

    operation = Operation(
        method,
        path,
        counted,
        offer.summary,
        {**good, **{status: _ERRORS[status] for status in offer.errors}, **_EVERYWHERE},
        takes=ref(offer.takes) if offer.takes else None,
        query=offer.query,
        headers=offer.headers,
        parameters=offer.parameters,
        required=offer.required,
    )
    return Served(operation, offer.scope)


def _token(access: Access) -> Operation:
    """Return the token endpoint, which the vendor has at another host (auth.shipbob.com)."""
    return Operation(
        "POST",
        "/connect/token",
        access.token,
        "Get an OAuth token for a code or a refresh token.",
        {200: Answer("Done.", ref("Token")), 400: Answer("Refused.", ref("TokenError")), 500: _EVERYWHERE[500]},
        takes=ref("TokenRequest"),
        media_type="application/x-www-form-urlencoded",
        open=True,
    )
