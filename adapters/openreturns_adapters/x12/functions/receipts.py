"""A delivery as a 944: what came, what of it was wrong, added up at the end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment

from openreturns_adapters.x12.codecs import fits, shown
from openreturns_adapters.x12.functions import head, references
from openreturns_adapters.x12.functions.items import Numbers, lots_once
from openreturns_adapters.x12.functions.parties import location, loops, warehouse_loop

__all__ = [
    "NUMBERS",
    "adds_up",
    "authorization",
    "count_out",
    "day",
    "delivered_on",
    "deliveries",
    "exceptions",
    "line_n9",
    "lot_out",
    "number",
    "places",
    "receipt_id",
    "receipt_number",
    "receipts",
    "received",
    "refs_out",
    "requested",
    "serials",
    "total",
    "unit_out",
    "whose",
]

Record = dict[str, Any]

NUMBERS = Numbers("W07", (4, 6, 10), upc=3)
_DIGITS = (7, 7, 15)
_ZERO = Decimal(0)


# --- reading --------------------------------------------------------------------------------------------------


def number(record: Record, env: Environment) -> str:
    """Return the number of the return: the depositor's order; the receipt's where there is none."""
    head = record["W17"]
    return str(head.get("W1704") or head["W1703"])


def receipt_number(record: Record, env: Environment) -> str:
    """Return the number of the receipt."""
    return str(record["W17"]["W1703"])


def authorization(record: Record, env: Environment) -> Record | None:
    """Return the number of the authorization: goods that came under one are authorized."""
    number = references.said("authorization")(record, env)
    return {"number": number, "decision": "authorized"} if number else None


def day(record: Record, env: Environment) -> str:
    """Return the day of the receipt."""
    return str(record["W17"]["W1702"])


def adds_up(record: Record, env: Environment) -> None:
    """Refuse a total that is not the sum of the lines: something was cut off, or came twice."""
    summed = sum((Decimal(line["W07"]["W0701"]) for line in record["W07Loop"]), _ZERO)
    told = Decimal(record["W14"]["W1401"])
    if summed != told:
        message = f"the lines add up to {shown(summed)}, and W1401 says {shown(told)}"
        raise MappingError(message, kind="translation", problems=[Problem("total", message, "", "/W14/W1401")])


def whose(record: Record, env: Environment) -> Record:
    """Return whose goods came: the customer, or else the depositor, who is told; the receipt where neither is named."""
    loops, table = record.get("N1Loop") or (), env.tenant.table("party")
    heads = {table.code(loop["N1"]["N101"]): loop["N1"] for loop in loops}
    found: Record = next((heads[role] for role in ("customer", "shipFrom", "depositor") if role in heads), {})
    number = found.get("N104") or found.get("N102") or f"x12-receipt-{record['W17']['W1703']}"
    return {"id": number, **({"name": found["N102"]} if found.get("N102") else {})}


def _exceptions(line: Record, env: Environment) -> list[tuple[str, Decimal]]:
    found: list[tuple[str, Decimal]] = []
    for loop in line.get("W13Loop") or ():
        row = loop["W13"]
        if row["W1302"] != line["W07"]["W0702"]:
            raise ValueError("an exception (W13) is counted in another unit than its line")
        if row["W1301"] < 0:
            raise ValueError("an exception (W13) is below zero")
        found.append((env.code("condition", row["W1303"]), Decimal(row["W1301"])))
    return found


def _quantity(count: Decimal, line: Record, env: Environment) -> Record:
    return {"value": shown(count), "uom": env.code("unit", line["W07"]["W0702"])}


def requested(line: Record, env: Environment) -> Record:
    """Return what was to come: what came and what is missing, without what is too much."""
    count = Decimal(line["W07"]["W0701"])
    for kind, part in _exceptions(line, env):
        count += part if kind == "short" else -part if kind == "over" else _ZERO
    if count < 0:
        raise ValueError("more is too much than came")
    return _quantity(count, line, env)


def received(line: Record, env: Environment) -> Record:
    """Return what came."""
    return _quantity(Decimal(line["W07"]["W0701"]), line, env)


def receipts(line: Record, env: Environment) -> list[Record]:
    """Return what came in this delivery, each part by what was wrong with it."""
    parts = [(kind, count) for kind, count in _exceptions(line, env) if kind not in ("short", "none") and count]
    short = any(kind == "short" and count for kind, count in _exceptions(line, env))
    good = Decimal(line["W07"]["W0701"]) - sum((count for _, count in parts), _ZERO)
    if good < 0:
        raise ValueError("more is wrong than came")
    if good or not parts:
        parts.insert(0, ("short" if short else "none", good))
    return [_receipt(place, kind, count, line, env) for place, (kind, count) in enumerate(parts)]


def _receipt(place: int, kind: str, count: Decimal, line: Record, env: Environment) -> Record:
    said = env.root["W17"]
    where = env.once(_warehouse)
    name = said["W1703"] if not place else f"{said['W1703']}-{place + 1}"
    found = {
        "receiptId": name,
        "quantity": _quantity(count, line, env),
        "receivedAt": head.at(said["W1702"], None, head.zoned(None, env)),
        **({"location": where} if where else {}),
    }
    return found if kind == "none" else {**found, "discrepancy": kind}


def _warehouse(record: Record, env: Environment) -> Record | None:
    found: Record | None = location("warehouse")(record, env)
    return found


def serials(line: Record, env: Environment) -> list[str] | None:
    """Return the serial numbers of the goods."""
    return references.said_all(line.get("N9"), "serial", env) or None


# --- writing --------------------------------------------------------------------------------------------------


def _all(document: Record) -> list[Record]:
    return [receipt for line in document["lines"] for receipt in line.get("receipts") or ()]


def _delivery(name: str, names: Iterable[str]) -> str:
    """Return the receipt that a part of one belongs to: GR-5-2 is of GR-5, where there is a GR-5."""
    whole, _, part = name.rpartition("-")
    return whole if part.isdigit() and whole in names else name


def deliveries(document: Record) -> Iterable[Record]:
    """Return the return once a delivery, with the lines that came in it."""
    names = dict.fromkeys(receipt["receiptId"] for receipt in _all(document))
    parts = []
    for one in dict.fromkeys(_delivery(name, names) for name in names):
        lines = []
        for line in document["lines"]:
            came = [r for r in line.get("receipts") or () if _delivery(r["receiptId"], names) == one]
            lines += [{**line, "receipts": came}] if came else []
        parts.append({**document, "lines": lines})
    return parts


def receipt_id(document: Record, env: Environment) -> str:
    """Return the number of the receipt."""
    names = {receipt["receiptId"] for receipt in _all(document)}
    name = _delivery(str(_all(document)[0]["receiptId"]), names)
    if len(name) > 12:
        raise ValueError(f"the receipt's number has {len(name)} characters, and W1703 holds 12")
    return name


def delivered_on(document: Record, env: Environment) -> str:
    """Return the day of the delivery, by the tenant's clock."""
    offset = str(env.tenant.setting("utc_offset"))
    zone = datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo
    days = {datetime.fromisoformat(one["receivedAt"]).astimezone(zone).date() for one in _all(document)}
    if len(days) > 1:
        raise ValueError("one delivery came on several days")
    return f"{days.pop():%Y%m%d}"


def places(document: Record, env: Environment) -> list[Record]:
    """Return the loops that name the warehouse, where the goods came to, and whose they are."""
    found = [one["location"] for one in _all(document) if one.get("location")]
    planned = document.get("returnTo")
    if not found and not planned:
        raise ValueError("nothing says which warehouse took the goods in")
    if len({place["id"] for place in found}) > 1:
        raise ValueError("one delivery was taken in by several warehouses")
    if found and planned and any(planned.get(name) != found[0].get(name) for name in ("id", "gln")):
        env.lose("the warehouse that took the goods in is told", below="/returnTo")
    return [
        warehouse_loop(found[0] if found else document["returnTo"], document, env),
        *loops(("customer", "shipFrom"))(document, env),
    ]


def _count(line: Record) -> Decimal:
    units = {receipt["quantity"]["uom"] for receipt in line["receipts"]}
    if len(units) > 1:
        raise ValueError("one line came in several units")
    return sum((Decimal(receipt["quantity"]["value"]) for receipt in line["receipts"]), _ZERO)


def count_out(line: Record, env: Environment) -> Decimal:
    """Return how much came."""
    return fits(_count(line), _DIGITS, env)


def unit_out(line: Record, env: Environment) -> str:
    """Return its unit of measure (355)."""
    return env.tenant.table("unit").word(line["receipts"][0]["quantity"]["uom"])


def total(document: Record, env: Environment) -> Decimal:
    """Return how much came in all."""
    return fits(sum((_count(line) for line in document["lines"]), _ZERO), _DIGITS, env)


def exceptions(line: Record, env: Environment) -> list[Record] | None:
    """Return what was wrong with what came: for damage with the reason that X12 wants (W1305)."""
    table = env.tenant.table("condition")
    found = []
    for receipt in line["receipts"]:
        kind = receipt.get("discrepancy", "none")
        if receipt.get("item"):
            raise ValueError("other goods came than were announced, and a 944 line is of one kind of goods")
        if kind in ("none", "short", "unannounced"):
            if kind != "none":
                env.lose(f"a 944 does not say {kind} of what came", below="/receipts")
            continue
        row = {
            "W1301": Decimal(receipt["quantity"]["value"]),
            "W1302": env.tenant.table("unit").word(receipt["quantity"]["uom"]),
            "W1303": table.word(kind),
        }
        if kind == "damaged":
            row["W1305"] = str(env.tenant.setting("damage_reason"))
        found.append({"W13": row})
    return found or None


def lot_out(line: Record, env: Environment) -> str | None:
    """Return the lot of what came."""
    if line["item"].get("expiryDate"):
        env.lose("a 944 does not say when goods expire", below="/item/expiryDate")
    return lots_once(line, env)


def line_n9(line: Record, env: Environment) -> list[Record]:
    """Return the line's number and serial numbers as references."""
    rows = references.numbered("line", line["lineId"], env)
    for serial in line["item"].get("serials") or ():
        rows += references.numbered("serial", serial, env)
    return rows


def refs_out(document: Record, env: Environment) -> list[Record] | None:
    """Return the authorization's number and the documents referred to."""
    rows = references.numbered("authorization", (document.get("authorization") or {}).get("number"), env)
    return [*rows, *references.documents(document, env)] or None
