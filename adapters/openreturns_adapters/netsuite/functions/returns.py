"""What a return authorization says between its lines."""

from __future__ import annotations

from decimal import Decimal

from openreturns.decimals import plain
from openreturns.mapping import Environment

from openreturns_adapters.netsuite.codecs import shared_number
from openreturns_adapters.netsuite.functions.shared import Record, named, reason_of, unit, unit_code

__all__ = [
    "authorization_number",
    "authorized",
    "decision",
    "expires",
    "extensions",
    "is_goods",
    "line_extensions",
    "line_unit",
    "lots",
    "order_id",
    "ordered",
    "original_order",
    "reason",
    "received",
    "return_type",
    "serials",
    "status",
    "tran_date",
]


def status(record: Record, env: Environment) -> str | None:
    """Return the status; a record as sent has only the order status.

    NetSuite waits for the goods of a return whatever was credited of it; one that is credited without any has none.
    """
    letter = (record.get("status") or record.get("orderStatus") or {}).get("id")
    found = env.code("return_status", letter) if letter else None
    return "credited" if found == "authorized" and _is_done_without_goods(record, env) else found


def _is_done_without_goods(record: Record, env: Environment) -> bool:
    lines = record["item"]["items"]
    billed = all(line.get("quantityBilled", 0) >= line.get("quantity", 0) for line in lines)
    return return_type(record, env) == "credit_only" and bool(lines) and billed


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
        "authorization_expires": record.get("custbody_openreturns_expires"),
    }
    return named(values)


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


# Lines that carry no goods; source: itemType of the return authorization's lines.
_NO_GOODS = frozenset({"Discount", "Markup", "Subtotal", "Description", "Group", "EndGroup"})


def is_goods(line: Record, env: Environment) -> bool:
    """Whether a line is about goods; the others leave a finding, as their money is not the return's to say."""
    kind = (line.get("itemType") or {}).get("id")
    if kind in _NO_GOODS:
        env.finding("line_left_out", f"line {line.get('line')} is a {kind} line, no goods: it is the credit's to say")
        return False
    return True


def line_extensions(line: Record, env: Environment) -> Record | None:
    """Return what only this vendor has of a line, verbatim."""
    values = {
        "line": line.get("line"),
        "item_id": (line.get("item") or {}).get("id"),
        "is_closed": line.get("isClosed"),
        "quantity_billed": plain(line["quantityBilled"]) if line.get("quantityBilled") else None,
    }
    return named(values)


_NOTHING_AUTHORIZED = ("requested", "cancelled")


def authorized(line: Record, env: Environment) -> Record | None:
    """Return what may come back: nothing is authorised yet in status A; a closed line ends at what came."""
    if "quantity" not in line or status(env.root, env) in (*_NOTHING_AUTHORIZED, None):
        return None
    count = line.get("quantityReceived", 0) if line.get("isClosed") else line["quantity"]
    return {"value": plain(count), "uom": unit_code(line, env)}


def received(line: Record, env: Environment) -> Record | None:
    """Return what was received, once something was."""
    count = line.get("quantityReceived", 0)
    return {"value": plain(count), "uom": unit_code(line, env)} if count else None


def ordered(line: Record, env: Environment) -> Decimal:
    """Return the quantity of the RMA line: what is authorised, else what is requested."""
    chosen = line["authorized"] if "authorized" in line else line["requested"]
    if chosen != line["requested"]:
        env.lose("NetSuite has one quantity: what is authorised", below="/requested")
    if "authorized" in line and env.root["status"] in _NOTHING_AUTHORIZED:
        env.lose("nothing is authorised of an RMA that is not approved", below="/authorized")
    return Decimal(chosen["value"])


def line_unit(line: Record, env: Environment) -> str | None:
    """Return the unit id of the RMA line's quantity."""
    return unit(line["authorized"] if "authorized" in line else line["requested"], env)


def reason(line: Record, env: Environment) -> Record:
    """Return the reason kept on the line."""
    return reason_of(line, env, "return_reason")


def original_order(line: Record, env: Environment) -> Record | None:
    """Return the order line that was sold; the order is the line's own, else the one the RMA came from."""
    order = (line.get("orderDoc") or env.root.get("createdFrom") or {}).get("id")
    if order is None or "orderLine" not in line:
        return None
    return {"type": "sales_order", "id": shared_number(order, "sales_order", env), "lineId": str(line["orderLine"])}


def order_id(line: Record, env: Environment) -> str | None:
    """Return the order's id; only a sales order has a place here."""
    order = line.get("originalOrder")
    if order is None:
        return None
    if order["type"] != "sales_order":
        raise ValueError(f"the original order is a {order['type']}, NetSuite's line refers to a sales order")
    return str(env.tenant.table("sales_order").write.get(order["id"], order["id"]))


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
