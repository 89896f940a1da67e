"""What a NetSuite record says between its lines, and what it wants computed: plain functions, no clock, no I/O."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from openreturns.mapping import Environment

__all__ = [
    "authorization_number",
    "authorized",
    "correlation",
    "currency",
    "decision",
    "deliveries",
    "document_id",
    "erp_lines",
    "expires",
    "extensions",
    "inventory_detail",
    "is_goods",
    "is_received",
    "issued_at",
    "line_extensions",
    "line_id",
    "line_unit",
    "lots",
    "memo",
    "number",
    "one_lot_a_line",
    "order_id",
    "ordered",
    "original_order",
    "reason",
    "receipt_id",
    "received",
    "received_at",
    "received_on",
    "received_quantity",
    "received_unit",
    "requested",
    "return_type",
    "revision",
    "serials",
    "sku",
    "status",
    "subsidiary",
    "tran_date",
    "unit",
    "unit_code",
]

Record = dict[str, Any]


def _text(number: int | Decimal) -> str:
    """Return a JSON number as canonical text: 2.0 units are 2."""
    text = f"{number:f}" if isinstance(number, Decimal) else str(number)
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- identity ----------------------------------------------------------------------------------------------


def number(record: Record, env: Environment) -> str | None:
    """Return the number people use: our external id, else the transaction number."""
    return record.get("externalId") or record.get("tranId") or record.get("id")


def document_id(record: Record, env: Environment) -> str:
    """Return the canonical id kept on the record, or one made from the vendor's for records others made."""
    kept = record.get("custbody_openreturns_document")
    return str(kept or f"netsuite-{record.get('id') or record.get('externalId')}")


def revision(record: Record, env: Environment) -> int:
    """Return the canonical revision kept on the record; 1 for records others made."""
    return int(record.get("custbody_openreturns_revision", 1))


def correlation(record: Record, env: Environment) -> str | None:
    """Return the caller's correlation id, the one kept on the record, or the number all systems share."""
    given = env.given.get("correlation_id") or record.get("custbody_openreturns_correlation")
    return str(given) if given else number(record, env)


def issued_at(record: Record, env: Environment) -> str | None:
    """Return when the record last changed; for a record not read back yet, what the caller says."""
    return record.get("lastModifiedDate") or record.get("createdDate") or env.given.get("issued_at")


def subsidiary(document: Record, env: Environment) -> str | None:
    """Return the tenant's subsidiary; accounts without OneWorld have none."""
    return env.tenant.settings.get("subsidiary_id")


def currency(record: Record, env: Environment) -> str:
    """Return the ISO 4217 code of a record; a record without currency is in the base currency."""
    known = record.get("currency") or {}
    if "id" in known:
        return env.code("currency", known["id"])
    return str(env.tenant.setting("base_currency"))


# --- the return authorization ------------------------------------------------------------------------------


def status(record: Record, env: Environment) -> str | None:
    """Return the status; a record as sent has only the order status."""
    letter = (record.get("status") or record.get("orderStatus") or {}).get("id")
    return env.code("return_status", letter) if letter else None


def return_type(record: Record, env: Environment) -> str:
    """Return the return type kept on the record; a credit where others made the record."""
    return str(record.get("custbody_openreturns_type", "credit"))


def decision(record: Record, env: Environment) -> str | None:
    """Return the decision that the status implies; nothing for a cancelled return."""
    now = status(record, env)
    if now in (None, "cancelled"):
        return None
    if now == "requested":
        return "pending"
    closed = any(line.get("isClosed") for line in record["item"]["items"])
    return "partially_authorized" if closed and now == "authorized" else "authorized"


def authorization_number(record: Record, env: Environment) -> str | None:
    """Return the transaction number, which customers know the authorisation by."""
    return record.get("tranId") if decision(record, env) else None


def extensions(record: Record, env: Environment) -> Record | None:
    """Return what only this vendor has, verbatim."""
    values = {
        "status": (record.get("status") or {}).get("id"),
        "order_status": (record.get("orderStatus") or {}).get("id"),
        "tran_id": record.get("tranId"),
        "tran_date": record.get("tranDate"),
        "memo": record.get("memo"),
        "authorization_expires": record.get("custbody_openreturns_expires"),
    }
    named = {f"com.netsuite.{name}": value for name, value in values.items() if value is not None}
    return named or None


def memo(document: Record, env: Environment) -> str | None:
    """Return the memo; other extensions have no place here."""
    own = document.get("extensions") or {}
    for name in own.keys() - {"com.netsuite.memo"}:
        env.lose("NetSuite has no such field", below=f"/extensions/{name}")
    return own.get("com.netsuite.memo")


def tran_date(document: Record, env: Environment) -> str | None:
    """Return the date of the request, as its own zone has it; the time of day has no place."""
    moment = document.get("requestedAt")
    if moment is None:
        return None
    env.lose("only the date is sent", below="/requestedAt")
    return str(moment)[:10]


def expires(document: Record, env: Environment) -> str | None:
    """Return the date the authorisation expires; the time of day has no place."""
    moment = (document.get("authorization") or {}).get("expiresAt")
    if moment is None:
        return None
    env.lose("only the date is sent", below="/authorization/expiresAt")
    return str(moment)[:10]


# --- lines -------------------------------------------------------------------------------------------------


# Lines that carry no goods; source: itemType of the return authorization's lines.
_NO_GOODS = frozenset({"Discount", "Markup", "Subtotal", "Description", "Group", "EndGroup"})


def is_goods(line: Record, env: Environment) -> bool:
    """Whether a line is about goods; the others leave a finding, as their money is not the return's to say."""
    kind = (line.get("itemType") or {}).get("id")
    if kind in _NO_GOODS:
        env.finding("line_left_out", f"line {line.get('line')} is a {kind} line, no goods: it is the credit's to say")
        return False
    return True


def line_id(line: Record, env: Environment) -> str | None:
    """Return the canonical line id kept on the line, else the vendor's line number."""
    kept = line.get("custcol_openreturns_line")
    return str(kept if kept is not None else line["line"]) if kept is not None or "line" in line else None


def sku(line: Record, env: Environment) -> str | None:
    """Return the item's number: its name in NetSuite, else its external id, else its internal id."""
    item = line.get("item") or {}
    return item.get("refName") or item.get("externalId") or item.get("id")


def unit_code(line: Record, env: Environment) -> str:
    """Return the UN/ECE code of a line's unit; lines without one count in the tenant's unit."""
    units = line.get("units")
    return env.code("unit_of_measure", units) if units else str(env.tenant.setting("unit_of_measure"))


def unit(quantity: Record, env: Environment) -> str | None:
    """Return the vendor's unit id; nothing for the tenant's own unit where no id is configured."""
    table, uom = env.tenant.table("unit_of_measure"), quantity["uom"]
    if uom not in table.write and uom == env.tenant.setting("unit_of_measure"):
        return None
    return table.word(uom)


def line_extensions(line: Record, env: Environment) -> Record | None:
    """Return what only this vendor has of a line, verbatim."""
    values = {
        "line": line.get("line"),
        "item_id": (line.get("item") or {}).get("id"),
        "is_closed": line.get("isClosed"),
    }
    return {f"com.netsuite.{name}": value for name, value in values.items() if value is not None} or None


def requested(line: Record, env: Environment) -> Record | None:
    """Return the quantity of a line."""
    return {"value": _text(line["quantity"]), "uom": unit_code(line, env)} if "quantity" in line else None


def authorized(line: Record, env: Environment) -> Record | None:
    """Return what may come back: nothing is authorised yet in status A; a closed line ends at what came."""
    if "quantity" not in line or status(env.root, env) in ("requested", "cancelled", None):
        return None
    count = line.get("quantityReceived", 0) if line.get("isClosed") else line["quantity"]
    return {"value": _text(count), "uom": unit_code(line, env)}


def received(line: Record, env: Environment) -> Record | None:
    """Return what was received, once something was."""
    count = line.get("quantityReceived", 0)
    return {"value": _text(count), "uom": unit_code(line, env)} if count else None


def ordered(line: Record, env: Environment) -> Decimal:
    """Return the quantity of the RMA line: what is authorised, else what is requested."""
    chosen = line["authorized"] if "authorized" in line else line["requested"]
    if chosen != line["requested"]:
        env.lose("NetSuite has one quantity: what is authorised", below="/requested")
    return Decimal(chosen["value"])


def line_unit(line: Record, env: Environment) -> str | None:
    """Return the unit id of the RMA line's quantity."""
    return unit(line["authorized"] if "authorized" in line else line["requested"], env)


def reason(line: Record, env: Environment) -> Record:
    """Return the reason kept on the line; NetSuite has none of its own."""
    word = line.get("custcol_openreturns_reason")
    if word is None:
        return {"code": "other", "note": "NetSuite holds no reason"}
    table = env.tenant.table("return_reason")
    return {"code": table.require(word, env), "source": {"scheme": table.scheme, "value": word}}


def original_order(line: Record, env: Environment) -> Record | None:
    """Return the order line that was sold; the order is the line's own, else the one the RMA came from."""
    order = (line.get("orderDoc") or env.root.get("createdFrom") or {}).get("id")
    if order is None or "orderLine" not in line:
        return None
    return {"type": "sales_order", "id": order, "lineId": str(line["orderLine"])}


def order_id(line: Record, env: Environment) -> str | None:
    """Return the order's id; only a sales order has a place here."""
    order = line.get("originalOrder")
    if order is None:
        return None
    if order["type"] != "sales_order":
        raise ValueError(f"the original order is a {order['type']}, NetSuite's line refers to a sales order")
    return str(order["id"])


def _assigned(line: Record) -> list[Record]:
    detail = (line.get("inventoryDetail") or {}).get("inventoryAssignment") or {}
    return [entry for entry in detail.get("items") or () if entry.get("receiptInventoryNumber")]


def serials(line: Record, env: Environment) -> list[str] | None:
    """Return the serial numbers: those listed as text, else assignments of single units."""
    listed = str(line.get("serialNumbers") or "").split()
    entries = _assigned(line)
    single = len(entries) > 1 and all(entry.get("quantity") == 1 for entry in entries)
    return listed or ([entry["receiptInventoryNumber"] for entry in entries] if single else None)


def lots(line: Record, env: Environment) -> str | None:
    """Return the lot where the line names one; several lots on a line leave a finding."""
    entries = _assigned(line)
    if not entries or serials(line, env):
        return None
    if len(entries) > 1:
        env.finding("several_lots", f"{len(entries)} lots on one line: the first is kept")
    return str(entries[0]["receiptInventoryNumber"])


# --- the item receipt --------------------------------------------------------------------------------------


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
    """Note line numbers of another system: NetSuite takes the RMA's."""
    system = document["meta"]["sourceSystem"]
    if system != "netsuite":
        message = f"the line numbers are {system}'s: match them to the RMA's before sending"
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
    """Return the day of the delivery; the time of day has no place."""
    moments = sorted((r["receivedAt"] for r in _receipts(document)), key=datetime.fromisoformat)
    env.lose("only the date of receipt is sent")
    return str(moments[0])[:10]


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
