"""The rules of `shipbob.return` written by hand, as a careful programmer would, with the same functions.

It is the yardstick for the compiler: `make bench` checks that both say the same, then compares their speed.
"""

from __future__ import annotations

from typing import Any

from openreturns.mapping import Environment
from openreturns_adapters.shipbob import functions as fn

Record = dict[str, Any]


def to_return(record: Record, env: Environment) -> Record:  # noqa: C901 - what the rules spare one
    """Return the canonical Return of a ShipBob return."""
    uom = env.tenant.settings["unit_of_measure"]
    number = str(record["id"])
    meta: Record = {
        "documentId": f"shipbob-return-{number}",
        "sourceId": number,
        "schema": "openreturns/return/1.1",
        "sourceSystem": "shipbob",
        "correlationId": fn.correlation(record, env),
        "revision": fn.revision(record, env),
        "issuedAt": fn.issued_at(record, env),
    }
    document: Record = {
        "meta": meta,
        "type": "credit",
        "currency": env.tenant.settings["currency"],
        "requestedAt": _instant(record["insert_date"]),
        "number": fn.number(record, env),
        "status": fn.status(record, env),
        "customer": {"id": fn.customer_id(record, env)},
    }
    if (name := record.get("customer_name")) is not None:
        document["customer"]["name"] = name
    refs = []
    if (order := record.get("store_order_id")) is not None:
        refs.append({"type": "sales_order", "id": order})
    if (shipment := record.get("original_shipment_id")) is not None:
        refs.append({"type": "shipment", "id": str(shipment)})
    if refs:
        document["refs"] = refs
    if (center := record.get("fulfillment_center")) is not None:
        document["returnTo"] = {"id": str(center["id"])}
    if (numbers := fn.tracking_numbers(record, env)) is not None:
        document["expectedReceipt"] = {"trackingNumbers": numbers}
    history, words = fn.history(record, env)
    if history is not None:
        document["history"] = history
    own: Record = {}
    for field in ("status", "return_type", "shipment_tracking_number"):
        if (value := record.get(field)) is not None:
            own[f"com.shipbob.{field}"] = value
    if center is not None and (name := center.get("name")) is not None:
        own["com.shipbob.fulfillment_center_name"] = name
    if (channel := record.get("channel")) is not None:
        own["com.shipbob.channel_id"] = channel["id"]
        own["com.shipbob.channel_name"] = channel["name"]
    if words is not None:
        own["com.shipbob.status_history"] = words
    if own:
        document["extensions"] = own
    if (inventory := record.get("inventory")) is not None:
        document["lines"] = [_line(entry, uom, env) for entry in inventory]
    return document


def _line(entry: Record, uom: str, env: Environment) -> Record:  # noqa: C901 - the same
    count = _count(entry["quantity"])
    item: Record = {}
    own: Record = {}
    line: Record = {
        "lineId": str(entry["id"]),
        "item": item,
        "reason": {"code": "other", "note": "not reported"},
        "requested": {"value": count, "uom": uom},
        "expected": {"value": count, "uom": uom},
    }
    if (description := entry.get("name")) is not None:
        item["description"] = description
    if (lot := entry.get("lot_information")) is not None:
        if (name := lot.get("number")) is not None:
            item["lot"] = name
        if (expiration := lot.get("expiration")) is not None:
            item["expiryDate"] = _day(expiration)
        if (days := lot.get("minimumShelfLife")) is not None:
            own["com.shipbob.minimum_shelf_life"] = days
    if (asked := entry.get("action_requested")) is not None:
        if (action := asked.get("action")) is not None:
            own["com.shipbob.action_requested"] = action
        if (kind := asked.get("action_type")) is not None:
            own["com.shipbob.action_type"] = kind
        if (told := asked.get("instructions")) is not None:
            own["com.shipbob.instructions"] = told
    gtin, barcodes = fn.barcodes(entry, env)
    if barcodes is not None:
        own["com.shipbob.barcodes"] = barcodes
    if (sku := fn.sku(entry, env)) is not None:
        item["sku"] = sku
    if gtin is not None:
        item["gtin"] = gtin
    received, receipts = fn.counted(entry, env)
    if received is not None:
        line["received"] = received
    if receipts is not None:
        line["receipts"] = receipts
    if own:
        line["extensions"] = own
    return line


def _count(value: int) -> str:
    if type(value) is not int or not 0 <= value < 10**15:
        raise ValueError(f"{value} is not a number of units")
    return str(value)


def _instant(text: str) -> str:
    if not text.endswith("Z"):
        raise ValueError(f"{text} is not in UTC")
    return text


def _day(text: str) -> str:
    return text[:10]
