"""The payloads of the 2026-01 API as JSON Schemas: names and types are the vendor's, transcribed.

Answers are closed and complete, as this simulator gives them; requests are open, as the vendor passes over what it
does not know.
"""

from __future__ import annotations

import json
from typing import Any

from openreturns.validation import Validator

__all__ = ["DEFINITIONS", "TOPICS", "body_validator", "ref"]

Schema = dict[str, Any]

INT32 = 2_147_483_647

TEXT: Schema = {"type": ["string", "null"]}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MAYBE_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
WHOLE: Schema = {"type": "integer"}
MAYBE_WHOLE: Schema = {"type": ["integer", "null"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
ID: Schema = {"type": "integer", "format": "int32", "minimum": 1, "maximum": INT32}
AMOUNT: Schema = {"type": "number", "format": "double"}

TOPICS = (
    "order.shipped",
    "order.shipment.delivered",
    "order.shipment.exception",
    "order.shipment.on_hold",
    "order.shipment.cancelled",
    "return.created",
    "return.updated",
    "return.completed",
    "billing.charge.created",
    "billing.refund.created",
    "billing.credit.created",
)


def ref(name: str) -> Schema:
    """Return the reference to a payload by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _answer(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _request(required: tuple[str, ...], **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


def _page(items: Schema, name: str = "items", link: Schema | None = None) -> Schema:
    shown = link or {"type": ["string", "null"], "format": "uri"}
    return _answer(**{name: _list(items)}, first=shown, last=shown, next=shown, prev=shown)


_RETURNED: dict[str, Schema] = {
    "id": ID,
    "reference_id": TEXT,
    "status": TEXT,
    "return_type": TEXT,
    "insert_date": MOMENT,
    "completed_date": MAYBE_MOMENT,
    "customer_name": TEXT,
    "channel": ref("ChannelDto"),
    "fulfillment_center": ref("FulfillmentCenterDto"),
    "store_order_id": TEXT,
    "original_shipment_id": MAYBE_WHOLE,
    "tracking_number": TEXT,
    "transactions": _list(ref("TransactionDto")),
}
_RETURNED_ITEM: dict[str, Schema] = {
    "id": ID,
    "name": TEXT,
    "quantity": COUNT,
    "action_requested": ref("ActionRequestedDto"),
    "action_taken": _list(ref("ActionTakenDto")),
}
_LOT_QUANTITIES = (
    "on_hand_quantity",
    "fulfillable_quantity",
    "committed_quantity",
    "awaiting_quantity",
    "internal_transfer_quantity",
)
_LEVELS = (
    "total_on_hand_quantity",
    "total_sellable_quantity",
    "total_fulfillable_quantity",
    "total_committed_quantity",
    "total_awaiting_quantity",
    "total_backordered_quantity",
    "total_exception_quantity",
    "total_internal_transfer_quantity",
)

DEFINITIONS: dict[str, Schema] = {
    "CreateReturnRequest": _request(
        ("fulfillment_center", "inventory", "reference_id"),
        fulfillment_center=_request(("id",), id=ID, name=TEXT),
        inventory={**_list(ref("ReturnInventory")), "minItems": 1},
        reference_id={"type": "string", "minLength": 1, "maxLength": 50},
        original_shipment_id={"type": ["integer", "null"], "minimum": 1, "maximum": INT32},
        tracking_number={"type": ["string", "null"], "maxLength": 500},
    ),
    "ReturnInventory": _request(
        ("id", "quantity", "requested_action"),
        id=ID,
        quantity=ID,
        requested_action=ref("ReturnAction"),
        lot_number=TEXT,
        lot_date=MAYBE_MOMENT,
    ),
    "ReturnAction": {"type": "string", "enum": ["Default", "Restock", "Quarantine", "Dispose"]},
    "PublicReturnV1Dto": _answer(
        **_RETURNED, invoice_amount={"type": ["number", "null"]}, inventory=_list(ref("InventoryItemV1Dto"))
    ),
    "InventoryItemV1Dto": _answer(**_RETURNED_ITEM),
    "PublicReturnDto": _answer(
        **_RETURNED,
        awaiting_arrival_date=MAYBE_MOMENT,
        arrived_date=MAYBE_MOMENT,
        processing_date=MAYBE_MOMENT,
        cancelled_date=MAYBE_MOMENT,
        status_history=_list(ref("StatusHistoryDto")),
        shipment_tracking_number=TEXT,
        invoice=_maybe(ref("InvoiceDto")),
        inventory=_list(ref("InventoryItemDto")),
    ),
    "InventoryItemDto": _answer(
        **_RETURNED_ITEM, sku=TEXT, barcodes=_list({"type": "string"}), lot_information=_maybe(ref("LotInformationDto"))
    ),
    "LotInformationDto": _answer(number=TEXT, expiration=MAYBE_MOMENT, minimumShelfLife=MAYBE_WHOLE),
    "ActionRequestedDto": _answer(action=TEXT, action_type=TEXT, instructions=TEXT),
    "ActionTakenDto": _answer(
        action=TEXT,
        action_reason=TEXT,
        quantity_processed=COUNT,
        image_url={"type": ["string", "null"], "format": "uri"},
    ),
    "StatusHistoryDto": _answer(status=TEXT, timestamp=MOMENT),
    "TransactionDto": _answer(amount=AMOUNT, transaction_type=TEXT),
    "InvoiceDto": _answer(amount=AMOUNT, currency_code=TEXT),
    "ChannelDto": _answer(id=ID, name=TEXT),
    "FulfillmentCenterDto": _answer(id=ID, name=TEXT),
    "PublicReturnDtoPage": _page(ref("PublicReturnDto")),
    # What only is read: the account, its warehouses, its stock.
    "ChannelsV2ViewModel": _answer(items=_list(ref("ChannelV2")), next=TEXT, prev=TEXT),
    "ChannelV2": _answer(id=ID, name=TEXT, application_name=TEXT, scopes=_list({"type": "string"})),
    "FulfillmentCenters": _list(
        _answer(
            id=ID,
            name=TEXT,
            timezone=TEXT,
            address1=TEXT,
            address2=TEXT,
            city=TEXT,
            state=TEXT,
            country=TEXT,
            zip_code=TEXT,
            phone_number=TEXT,
            email=TEXT,
        )
    ),
    "InventoryQuantityResponse": _answer(inventory_id=ID, name=TEXT, sku=TEXT, **dict.fromkeys(_LEVELS, COUNT)),
    "InventoryQuantityPage": _page(ref("InventoryQuantityResponse")),
    "InventoryLotsResponse": _answer(inventory_id=ID, name=TEXT, sku=TEXT, lots=_list(ref("Lot"))),
    "Lot": _answer(
        lot_number=TEXT, lot_date=MAYBE_MOMENT, **dict.fromkeys(_LOT_QUANTITIES, COUNT), locations=_list(ref("LotAt"))
    ),
    "LotAt": _answer(location_id=ID, name=TEXT, **dict.fromkeys(_LOT_QUANTITIES, COUNT)),
    "MerchantHistoryRequest": _request(
        ("facility_id",),
        facility_id=ID,
        inventory_ids={"type": ["array", "null"], "items": WHOLE},
        event_category=TEXT,
        start_date=MAYBE_MOMENT,
        end_date=MAYBE_MOMENT,
        cursor={"type": ["integer", "null"], "minimum": 1, "maximum": INT32},
    ),
    "InventoryHistory": _answer(
        inventory_audit_event_id=WHOLE,
        event_datetime=MOMENT,
        event_category=TEXT,
        inventory_id=ID,
        shipbob_order_id=MAYBE_WHOLE,
        increment=_maybe(ref("InventoryHistoryDetails")),
        decrement=_maybe(ref("InventoryHistoryDetails")),
        additional_reference=_list(_answer(key=TEXT, value=TEXT)),
    ),
    "InventoryHistoryDetails": _answer(
        quantity_change=WHOLE,
        committed_quantity_change=WHOLE,
        inventory_status=TEXT,
        location_id=WHOLE,
        facility_id=ID,
        lot_number=TEXT,
        expiration_date=MAYBE_MOMENT,
        sku=TEXT,
        operational_stage=_maybe(_answer(id=WHOLE, description=TEXT)),
        pack_description_id={"type": "null"},
        yuki_id={"type": "null"},
    ),
    "InventoryHistoryPage": _page(ref("InventoryHistory"), "data"),
    # Webhooks.
    "CreateSubscriptionRequest": _request(
        ("topics", "url"),
        topics={**_list(ref("Topics")), "minItems": 1},
        url={"type": "string", "format": "uri", "pattern": "^https?://[A-Za-z0-9]"},
        description=TEXT,
        secret={
            "type": ["string", "null"],
            "pattern": "^whsec_([A-Za-z0-9+/]{4}){8,20}([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
            "x-personal-data": True,  # never repeated in an error
        },
    ),
    "Topics": {"type": "string", "enum": list(TOPICS)},
    "CreatedWebhook": _answer(
        id={"type": "string"},
        url={"type": "string"},
        topics=_list(ref("Topics")),
        description=TEXT,
        secret={"type": "string"},
        created_at=MOMENT,
    ),
    "Webhook": _answer(
        id={"type": "string"},
        url={"type": "string"},
        topics=_list(ref("Topics")),
        description=TEXT,
        enabled={"type": "boolean"},
        created_at=MOMENT,
    ),
    "GetWebhookResponse": _answer(items=_list(ref("Webhook")), next=TEXT, prev=TEXT),
    # Tokens.
    "TokenRequest": _request(
        ("grant_type", "client_id", "client_secret"),
        grant_type={"type": "string"},
        client_id={"type": "string"},
        client_secret={"type": "string"},
        code={"type": "string"},
        redirect_uri={"type": "string"},
        refresh_token={"type": "string"},
    ),
    "Token": _answer(
        access_token={"type": "string"},
        expires_in=COUNT,
        token_type={"type": "string"},
        refresh_token={"type": "string"},
        scope={"type": "string"},
    ),
    "TokenError": _answer(error={"type": "string"}),
    # Errors.
    "ProblemDetails": _answer(type=TEXT, title=TEXT, status=MAYBE_WHOLE, detail=TEXT, instance=TEXT),
    "ApiError": _answer(
        message=TEXT, errors=_list({"type": "string"}), details={"type": "null"}, stackTrace={"type": "null"}
    ),
    "GatewayError": _answer(statusCode=WHOLE, message={"type": "string"}),
    "Empty": {"type": "object", "properties": {}, "additionalProperties": False},
}


def body_validator(name: str) -> Validator:
    """Return the validator of a request by its name."""
    local = json.loads(json.dumps(DEFINITIONS).replace("#/components/schemas/", "#/$defs/"))
    return Validator({**local[name], "$defs": local})
