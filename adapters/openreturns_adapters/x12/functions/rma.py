"""A return as a 180: asked for, answered, announced."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment

from openreturns_adapters.x12.codecs import holds, shown
from openreturns_adapters.x12.functions import references
from openreturns_adapters.x12.functions.head import day_at, one_day
from openreturns_adapters.x12.functions.items import Numbers
from openreturns_adapters.x12.functions.parties import party_id

__all__ = [
    "ANSWER",
    "NUMBERS",
    "authorized",
    "customer_known",
    "day",
    "day_out",
    "description_in",
    "description_out",
    "expiry",
    "header_n9",
    "line_n9",
    "lot",
    "number",
    "purpose",
    "quantity_loops",
    "reason_in",
    "reason_out",
    "requested_out",
    "serials",
    "status",
    "time",
    "time_out",
    "unit_out",
    "used_in",
    "used_out",
    "zone",
]

Record = dict[str, Any]

NUMBERS = Numbers("BLI", (1, 8, 10, 12))
ANSWER = "authorized"
_EXPIRES = "036"
"""Qualifier (374) of the day on which goods expire."""


def number(record: Record, env: Environment) -> str:
    """Return the number of the return."""
    return str(record["BGN"]["BGN02"])


def day(record: Record, env: Environment) -> str:
    """Return the day on which the set was made."""
    return str(record["BGN"]["BGN03"])


def time(record: Record, env: Environment) -> str | None:
    """Return the time of that day."""
    said: str | None = record["BGN"].get("BGN04")
    return said


def zone(record: Record, env: Environment) -> str | None:
    """Return the time code."""
    said: str | None = record["BGN"].get("BGN05")
    return said


def day_out(document: Record, env: Environment) -> str:
    """Return the day on which the document was issued, in universal time."""
    return day_at(document["meta"]["issuedAt"], env)[0]


def time_out(document: Record, env: Environment) -> str:
    """Return the time of that day."""
    return day_at(document["meta"]["issuedAt"], env)[1]


def status(record: Record, env: Environment) -> str:
    """Return where the return stands: by its purpose, and for an answer by what was decided."""
    found = env.code("purpose", record["BGN"]["BGN01"])
    decided = (record.get("RDR") or {}).get("RDR01")
    decision = env.code("decision", decided) if decided else ""
    if found != ANSWER:
        return found
    return {"declined": "declined", "pending": "requested"}.get(decision, ANSWER)


def purpose(document: Record, env: Environment) -> str:
    """Return the purpose (353): asked, answered or announced; cancelled."""
    table = env.tenant.table("purpose")
    answered = "declined" if document["status"] == "declined" else ""
    code = ANSWER if answered else document["status"]
    word = table.word(code)
    if table.code(word) != code:
        env.lose(f"{code!r} is written as {word!r}, which reads back as {table.code(word)!r}", below="/status")
    return word


def customer_known(record: Record, env: Environment) -> None:
    """Refuse a 180 that does not say whose return it is."""
    if party_id("customer")(record, env) is None:
        word = env.tenant.table("party").word("customer")
        message = f"no N1 loop says who returns the goods ({word}); or name the role in the code table party"
        raise MappingError(message, kind="translation", problems=[Problem("party", message, "/customer", "/N1Loop")])


def header_n9(document: Record, env: Environment) -> list[Record] | None:
    """Return the references of the whole return, its authorization's number first."""
    rows = references.numbered("authorization", (document.get("authorization") or {}).get("number"), env)
    rows += references.documents(document, env)
    return rows or None


# --- lines ----------------------------------------------------------------------------------------------------

_RESPONSE = "org.x12.response_reason"


def reason_in(line: Record, env: Environment) -> Record:
    """Return why goods come back: the line's reason, else the one of the whole return, else that none was told."""
    own, whole = line.get("RDR") or {}, env.root.get("RDR") or {}
    word = own.get("RDR02") or whole.get("RDR02")
    if not word:
        return {"code": "other", "note": own.get("RDR04") or "not reported"}
    table = env.tenant.table("return_reason")
    note = {"note": own["RDR04"]} if own.get("RDR04") else {}
    return {"code": table.require(word, env), "source": {"scheme": table.scheme, "value": word}, **note}


def reason_out(line: Record, env: Environment) -> str | None:
    """Return the reason (1293), where no reason of an answer stands in its place: the two exclude each other."""
    if (line.get("extensions") or {}).get(_RESPONSE):
        env.lose("an answer states its own reason instead (RDR02 and RDR03 exclude each other)", below="/reason")
        return None
    table, reason = env.tenant.table("return_reason"), line["reason"]
    source = reason.get("source")
    if source and source["scheme"] == table.scheme and table.stands_for(source["value"], reason["code"]):
        return str(source["value"])
    if source:
        env.lose("the word of another system, or of another reason, is not kept", below="/reason/source")
    return table.word(reason["code"])


def description_in(line: Record, env: Environment) -> str | None:
    """Return what the goods are called."""
    return " ".join(row["PID05"] for row in line.get("PID") or () if row.get("PID05")) or None


def description_out(line: Record, env: Environment) -> list[Record] | None:
    """Return what the goods are called, in free form."""
    text = line["item"].get("description")
    return [{"PID01": "F", "PID05": holds(text, (80, 80, 80), env)}] if text else None


def line_n9(line: Record, env: Environment) -> list[Record] | None:
    """Return the references of a line: its number, its invoice and order."""
    rows = references.numbered("line", line["lineId"], env)
    rows += references.to_n9([line[name] for name in ("originalInvoice", "originalOrder") if line.get(name)], env)
    return rows


def authorized(line: Record, env: Environment) -> Record | None:
    """Return the quantity authorized: an answer and an announcement state that one."""
    bli = line["BLI"]
    if bli.get("BLI03") is None or status(env.root, env) not in (ANSWER, "in_transit"):
        return None
    value = bli["BLI03"]
    return {"value": shown(value), "uom": env.code("unit", bli["BLI04"])}


def _stated(line: Record, env: Environment) -> Record:
    """Return the quantity that is stated: what was authorized, once there is an answer, else what is asked for."""
    answered = env.root["status"] not in ("requested", "declined", "cancelled", "expired")
    authorized = line.get("authorized")
    if answered and authorized and authorized != line["requested"]:
        env.lose("an answer states the quantity authorized only", below="/requested")
        return dict(authorized)
    if authorized and not answered:
        env.lose("what is asked for or declined states the quantity asked for only", below="/authorized")
    return dict(line["requested"])


def requested_out(line: Record, env: Environment) -> Any:  # noqa: ANN401 - a Decimal
    """Return the quantity that is stated."""
    return Decimal(_stated(line, env)["value"])


def unit_out(line: Record, env: Environment) -> str:
    """Return its unit of measure (355)."""
    return env.tenant.table("unit").word(_stated(line, env)["uom"])


def used_in(line: Record, env: Environment) -> bool | None:
    """Return whether the goods were used, where it is said."""
    said = (line.get("RDR") or {}).get("RDR05")
    if said not in (None, "Y", "N"):
        raise ValueError(f"{said} is neither Y nor N")
    return None if said is None else said == "Y"


def used_out(line: Record, env: Environment) -> str | None:
    """Return whether the goods were used."""
    said = (line.get("extensions") or {}).get("org.x12.used")
    return None if said is None else {True: "Y", False: "N"}[said]


# --- lots and serial numbers: QTY and LX loops ----------------------------------------------------------------


def _loops(line: Record) -> list[Record]:
    return [inner for loop in line.get("QTYLoop") or () for inner in loop.get("LXLoop") or ()]


def lot(line: Record, env: Environment) -> str | None:
    """Return the lot of the goods. Raises ValueError for several: they are lines of their own."""
    lots = {number for loop in _loops(line) for number in references.said_all(loop.get("N9"), "lot", env)}
    if len(lots) > 1:
        raise ValueError(f"the line has {len(lots)} lots; a lot is a line of its own")
    return lots.pop() if lots else None


def serials(line: Record, env: Environment) -> list[str] | None:
    """Return the serial numbers of the goods."""
    return references.serials(_loops(line), env)


def expiry(line: Record, env: Environment) -> str | None:
    """Return the day on which the goods expire."""
    days = {row["DTM02"] for loop in _loops(line) for row in loop.get("DTM") or () if row["DTM01"] == _EXPIRES}
    return one_day(days, "the goods of one line expire")


def quantity_loops(line: Record, env: Environment) -> list[Record] | None:
    """Return the loop that says lot, serial numbers and expiry date, where the goods have any."""
    item = line["item"]
    loops = references.lot_loops(item, env)
    if item.get("expiryDate"):
        loops = loops or [{"LX": {"LX01": 1}}]
        loops[0]["DTM"] = [{"DTM01": _EXPIRES, "DTM02": item["expiryDate"].replace("-", "")}]
    if not loops:
        return None
    quantity = {"QTY01": str(env.tenant.setting("quantity_qualifier")), "QTY02": requested_out(line, env)}
    return [{"QTY": quantity, "LXLoop": loops}]
