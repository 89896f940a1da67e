"""What a ShipBob record says between its lines: derived values, plain functions, no clock and no I/O.

Each takes the scope it stands in (the return, an inventory entry, an action) and the environment.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, cast

from openreturns import state
from openreturns.errors import MappingError, Problem
from openreturns.gs1 import is_gtin
from openreturns.mapping import Environment
from openreturns.models import DispositionValue, LocationRef

__all__ = [
    "acted_upon",
    "barcodes",
    "correlation",
    "counted",
    "customer_id",
    "decided",
    "disposition_of",
    "disposition_status",
    "first_tracking_number",
    "gtin",
    "history",
    "inspected",
    "inspection",
    "issued_at",
    "merged_once",
    "number",
    "one_unit_or_more",
    "position",
    "quantity_to_announce",
    "receipt_id",
    "requested_action",
    "revision",
    "sku",
    "status",
    "tracking_numbers",
]

Record = dict[str, Any]

_MOMENTS = (
    "insert_date",
    "awaiting_arrival_date",
    "arrived_date",
    "processing_date",
    "completed_date",
    "cancelled_date",
)


def _number(record: Record) -> str:
    return str(record.get("reference_id") or f"shipbob-{record['id']}")


def number(record: Record, env: Environment) -> str:
    """Return the RMA number; goods that came unannounced have none, and go by the vendor's number."""
    return _number(record)


def correlation(record: Record, env: Environment) -> str:
    """Return the caller's correlation id, or the RMA number that all systems share."""
    return str(env.given.get("correlation_id") or _number(record))


def customer_id(record: Record, env: Environment) -> str:
    """Return an id for the returning party: the warehouse knows the order, not the customer's account."""
    order = record.get("store_order_id")
    return f"shipbob-order-{order}" if order else f"shipbob-return-{record['id']}"


def revision(record: Record, env: Environment) -> int:
    """Return a number that grows with what the warehouse reports: status changes, actions, and units counted.

    A recount that takes units away makes it smaller; ShipBob has no number of its own to go by.
    """
    count = len(record.get("status_history") or ())
    for item in record.get("inventory") or ():
        if actions := item.get("action_taken"):
            count += len(actions)
            for action in actions:
                count += action["quantity_processed"]
    return count or 1


def issued_at(record: Record, env: Environment) -> str:
    """Return the latest moment the record knows of."""
    latest, _, _ = env.once(_moments)
    return latest


def _moments(record: Record, env: Environment) -> tuple[str, list[str], bool]:
    """Return the latest moment, those of the status changes, and whether all moments compare as their text does."""
    changes = [change["timestamp"] for change in record.get("status_history") or ()]
    moments = [*filter(None, map(record.get, _MOMENTS)), *changes]
    # They do if all are spelled 2026-11-30T12:00:00Z, as ShipBob does. The contract knows no shorter spelling of a
    # moment, so the sum of their lengths tells.
    text = "".join(moments)
    as_text = len(text) == 20 * len(moments) == 20 * text.count("Z") and "t" not in text
    return max(moments) if as_text else max(moments, key=_moment), changes, as_text


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone; a time without one is not a moment")
    return moment


def _when(change: tuple[str, str]) -> datetime:
    return _moment(change[0])


def _processed(item: Record) -> int:
    count: int = 0
    for action in item.get("action_taken") or ():
        count += action["quantity_processed"]
    return count


def _code(record: Record, env: Environment) -> str:
    word = record.get("status")
    if word is None:
        return "requested"
    code = env.code("return_status", word)
    if code != "received":
        return code
    inventory = record.get("inventory") or ()
    counted = sum(_processed(item) for item in inventory)
    return "partially_received" if 0 < counted < sum(item["quantity"] for item in inventory) else code


def status(record: Record, env: Environment) -> str:
    """Return the status; part of the goods counted before completion is a partial receipt (no vendor word)."""
    return env.once(_code)


def history(record: Record, env: Environment) -> tuple[list[Record] | None, list[str] | None]:
    """Return the status changes, and the vendor's own words for them in its order.

    Steps that the vendor does not report are filled in and say so.
    """
    words = [entry.get("status") for entry in record.get("status_history") or ()]
    _, moments, as_text = env.once(_moments)
    if not all(words):
        moments = [at for at, word in zip(moments, words, strict=True) if word]
        words = [word for word in words if word]
    if not words:
        return None, None
    order = words
    if not as_text or sorted(moments) != moments:
        listed = sorted(zip(moments, words, strict=True), key=_when)
        moments, order = [at for at, _ in listed], [word for _, word in listed]
    code = env.tenant.table("return_status").require
    codes = [code(word, env) for word in order[:-1]]
    changes = []
    for place, step in _steps(tuple(order), (*codes, env.once(_code))):
        change = step.copy()
        change["at"] = moments[place]
        changes.append(change)
    return changes, words


@lru_cache(maxsize=1024)  # most returns go the same way
def _steps(words: tuple[str, ...], codes: tuple[str, ...]) -> tuple[tuple[int, Record], ...]:
    """Return each change of a history but for its moment, and the place of the report that told it."""
    if codes[-1] == "partially_received":  # "Arrived" was about the truck; the count says that part is missing
        codes = tuple("partially_received" if code == "received" else code for code in codes)
    changes: list[tuple[int, Record]] = []
    before = ""
    for place, code in enumerate(codes):
        between = state.path("return", before, code)[1:] if before else ()
        for step in (between or (code,)) if code != before else ():
            implied = {"cause": f"implied by {words[place]}"} if step != code else {}
            changes.append((place, {"to": step, **({"from": before} if before else {}), **implied}))
            before = step
    return tuple(changes)


def tracking_numbers(record: Record, env: Environment) -> list[str] | None:
    """Return the parcel's tracking number as the list that the contract has."""
    return [record["tracking_number"]] if record.get("tracking_number") else None


def sku(item: Record, env: Environment) -> str | None:
    """Return the SKU: the record's, the tenant's table's, or, without barcode, the vendor's number."""
    known = item.get("sku") or env.tenant.table("inventory").code(str(item["id"]))
    return known or (None if gtin(item, env) else f"shipbob-{item['id']}")


def gtin(item: Record, env: Environment) -> str | None:
    """Return the first barcode that is a GTIN (8, 12, 13 or 14 digits with the right check digit)."""
    return barcodes(item, env)[0]


def barcodes(item: Record, env: Environment) -> tuple[str | None, list[str] | None]:
    """Return the GTIN, and all barcodes where they say more than that."""
    codes: list[str] = item.get("barcodes") or []
    for code in codes:
        if is_gtin(code):
            return code, codes if len(codes) > 1 else None
    return None, codes or None


def _delivery(record: Record, env: Environment) -> tuple[str, str, str, bool]:
    """Return the one delivery that a ShipBob return has: id, moment, unit, and whether nothing more is to come."""
    status = record.get("status")
    done = status is not None and env.code("return_status", status) == "dispositioned"
    at = record.get("arrived_date") or issued_at(record, env)
    return f"shipbob-{record['id']}", at, env.tenant.settings["unit_of_measure"], done


def counted(item: Record, env: Environment) -> tuple[Record | None, list[Record] | None]:
    """Return how much was counted, once something was, and the one receipt that a ShipBob return has.

    Whether it is short or over is known when the return is completed.
    """
    actions = item.get("action_taken")
    if not actions:
        return None, None
    count = 0
    for action in actions:
        count += action["quantity_processed"]
    number, at, uom, complete = env.once(_delivery)
    said = str(count)
    received = {"value": said, "uom": uom}
    if not count:
        return received, None
    receipt = {"receiptId": number, "quantity": {"value": said, "uom": uom}, "receivedAt": at}
    if count != item["quantity"]:
        if count > item["quantity"]:
            receipt["discrepancy"] = "over"
        elif complete:
            receipt["discrepancy"] = "short"
    return received, [receipt]


# --- disposition -------------------------------------------------------------------------------------------


def disposition_status(record: Record, env: Environment) -> str:
    """Return `final` once the warehouse has completed the return."""
    return "final" if env.once(_code) == "dispositioned" else "draft"


def decided(record: Record, env: Environment) -> None:
    """Refuse a record that says nothing about the goods yet."""
    if not any(_processed(item) for item in record.get("inventory") or ()):
        missing = Problem("not_yet", "no action was taken on any unit: nothing is decided yet", native="/inventory")
        raise MappingError(missing.message, kind="translation", problems=[missing])


def acted_upon(item: Record, env: Environment) -> bool:
    """Whether the warehouse did something with units of this entry."""
    return _processed(item) > 0


def one_unit_or_more(action: Record, env: Environment) -> bool:
    """Whether an action was taken on any unit."""
    return bool(action["quantity_processed"] > 0)


def receipt_id(item: Record, env: Environment) -> str:
    """Return the id of the one receipt that a ShipBob return has."""
    return env.once(_delivery)[0]


def inspected(item: Record, env: Environment) -> Record:
    """Return how many units were inspected: those that an action was taken on."""
    return {"value": str(_processed(item)), "uom": env.tenant.settings["unit_of_measure"]}


def inspection(item: Record, env: Environment) -> Record:
    """Return who inspected (the vendor names nobody), when, and the pictures taken."""
    record = env.root
    pictures = [action["image_url"] for action in item["action_taken"] if action.get("image_url")]
    at = record.get("completed_date") or record.get("processing_date") or issued_at(record, env)
    return {"by": "shipbob", "at": at} | ({"attachments": [{"uri": uri} for uri in pictures]} if pictures else {})


def disposition_of(action: Record, env: Environment) -> Record:
    """Return the disposition; units without an action word wait for one."""
    word, reason = action.get("action"), action.get("action_reason")
    note = {"note": reason} if reason else {}
    if word is None:
        return {"code": "pending", **note}
    table = env.tenant.table("disposition")
    return {"code": table.require(word, env), "source": {"scheme": table.scheme, "value": word}, **note}


def position(action: Record, env: Environment) -> Record | None:
    """Return where the units went: what the disposition means, in the return's warehouse."""
    word = action.get("action")
    code = env.tenant.table("disposition").code(word) if word else None
    center = env.root.get("fulfillment_center") or {}
    where = str(center["id"]) if center else env.tenant.settings.get("warehouse_id", "shipbob")
    position = _position(code or "pending", where)
    return dict(position) if position else None


@cache
def _position(code: str, where: str) -> Record | None:
    position = state.default_position(cast("DispositionValue", code), LocationRef(id=where))
    return position.to_dict() if position else None


# --- announcing --------------------------------------------------------------------------------------------


def merged_once(document: Record, env: Environment) -> None:
    """Refuse a return that names an item twice: this vendor takes each inventory number once a return."""
    counts = Counter(line["item"].get("sku") for line in document["lines"])
    twice = sorted(sku for sku, count in counts.items() if sku and count > 1)
    if twice:
        raise ValueError(f"ShipBob takes each item once a return; on several lines: {', '.join(twice)}")


def first_tracking_number(document: Record, env: Environment) -> str | None:
    """Return the first tracking number; the vendor has room for one."""
    numbers = (document.get("expectedReceipt") or {}).get("trackingNumbers") or ()
    if len(numbers) > 1:
        env.lose("ShipBob has room for one tracking number")
    return numbers[0] if numbers else None


def quantity_to_announce(line: Record, env: Environment) -> int:
    """Return how many units to expect: announced, else authorised, else requested. Refuses fractions."""
    names = [name for name in ("expected", "authorized", "requested") if name in line]
    chosen = line[names[0]]
    uom = env.tenant.setting("unit_of_measure")
    if chosen["uom"] != uom:
        raise ValueError(f"the quantity is in {chosen['uom']}, ShipBob counts in {uom}")
    count = Decimal(chosen["value"])
    if count != count.to_integral_value():
        raise ValueError(f"{count} is not a whole number, and ShipBob counts whole units")
    if any(line[name] != chosen for name in names[1:]):
        env.lose(f"only the quantity {names[0]} is announced")
    return int(count)


def requested_action(line: Record, env: Environment) -> str:
    """Return what the warehouse is asked to do with the goods: the line's own wish, else the tenant's setting."""
    own = line.get("extensions") or {}
    for name in own.keys() - {"com.shipbob.action_requested"}:
        env.lose("ShipBob has no such field", below=f"/extensions/{name}")
    return str(own.get("com.shipbob.action_requested") or env.tenant.setting("requested_action"))
