"""What an item receipt wants of a return: one delivery a record, one quantity a line."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from openreturns.errors import MappingError
from openreturns.mapping import Environment

from openreturns_adapters.netsuite.functions.shared import Record, unit

__all__ = [
    "deliveries",
    "erp_lines",
    "inventory_detail",
    "is_received",
    "one_lot_a_line",
    "receipt_id",
    "received_at",
    "received_on",
    "received_quantity",
    "received_unit",
]


def deliveries(document: Record) -> list[Record]:
    """Return the return once a delivery, with only that delivery's receipts on its lines."""
    ids = dict.fromkeys(receipt["receiptId"] for line in document["lines"] for receipt in line.get("receipts") or ())
    parts = []
    for receipt_id in ids:
        lines = [
            {**line, "receipts": [r for r in line.get("receipts") or () if r["receiptId"] == receipt_id]}
            for line in document["lines"]
        ]
        parts.append({**document, "lines": lines})
    return parts


def erp_lines(document: Record, env: Environment) -> None:
    """Refuse line numbers of another system, or note them where the tenant says so: NetSuite takes the RMA's."""
    system = document["meta"]["sourceSystem"]
    if system != "netsuite":
        message = f"the line numbers are {system}'s: match them to the RMA's before sending (flow.match_lines)"
        if env.tenant.setting("foreign_line_numbers") == "refuse":
            raise ValueError(message)
        env.finding("foreign_line_numbers", message)


def one_lot_a_line(document: Record, env: Environment) -> None:
    """Refuse several receipts of one delivery on one line: NetSuite has one quantity a line."""
    for line in document["lines"]:
        if len(line.get("receipts") or ()) > 1:
            raise ValueError(f"line {line['lineId']} has several receipts in one delivery; add them up first")


def _receipts(document: Record) -> list[Record]:
    return [receipt for line in document["lines"] for receipt in line.get("receipts") or ()]


def receipt_id(document: Record, env: Environment) -> str:
    """Return the delivery's id."""
    return str(_receipts(document)[0]["receiptId"])


def received_on(document: Record, env: Environment) -> str:
    """Return the day of the delivery where the books are kept; the time of day has no place."""
    first = min(datetime.fromisoformat(receipt["receivedAt"]) for receipt in _receipts(document))
    env.lose("only the date of receipt is sent, as it was in the tenant's time zone")
    return first.astimezone(_zone(env.tenant.setting("time_zone"))).date().isoformat()


def _zone(name: str) -> tzinfo:
    """Return a time zone; systems without a zone database know UTC."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise MappingError(
            f"the setting time_zone is {name!r}, which this system does not know", kind="setting"
        ) from None


def is_received(line: Record, env: Environment) -> bool:
    """Return whether this delivery had any of the line: lines left out would be received in full."""
    return bool(line.get("receipts"))


def received_quantity(line: Record, env: Environment) -> Decimal | None:
    """Return how much of the line came."""
    receipts = line.get("receipts")
    return Decimal(receipts[0]["quantity"]["value"]) if receipts else None


def received_unit(line: Record, env: Environment) -> str | None:
    """Return the unit id of what came."""
    receipts = line.get("receipts")
    return unit(receipts[0]["quantity"], env) if receipts else None


def received_at(line: Record, env: Environment) -> str | None:
    """Return the location it came to: the receipt's, else the return's, else the tenant's."""
    receipts = line.get("receipts")
    if not receipts:
        return None
    place = receipts[0].get("location") or env.root.get("returnTo") or {}
    return str(place.get("id") or env.tenant.setting("location_id"))


def inventory_detail(line: Record, env: Environment) -> Record | None:
    """Return lots, serials and bin of what came, as NetSuite's inbound assignments."""
    receipts = line.get("receipts")
    if not receipts:
        return None
    receipt = receipts[0]
    came = receipt.get("item") or {}
    item = {**line["item"], **came}
    for name in ("lot", "serials", "expiryDate"):
        if line["item"].get(name, item.get(name)) != item.get(name):
            env.lose("what was received is sent, not what was announced", below=f"/item/{name}")
    place = (receipt.get("location") or {}).get("bin")
    count = Decimal(receipt["quantity"]["value"])
    numbers = item.get("serials") or ([item["lot"]] if item.get("lot") else [])
    if not numbers and place is None:
        return None
    if item.get("serials") and len(item["serials"]) != count:
        raise ValueError(f"{len(item['serials'])} serials for {count} units; NetSuite wants one a unit")
    if item.get("serials") and item.get("lot"):
        at = "/receipts/0/item/lot" if "lot" in came else "/item/lot"
        env.lose("NetSuite has no lot beside serial numbers", below=at)
    each = Decimal(1) if item.get("serials") else count
    shared = {"binNumber": {"id": place}} if place else {}
    shared |= {"expirationDate": item["expiryDate"]} if item.get("expiryDate") else {}
    rows = [{"receiptInventoryNumber": n, **shared, "quantity": each} for n in numbers]
    return {"quantity": count, "inventoryAssignment": {"items": rows or [{**shared, "quantity": count}]}}
