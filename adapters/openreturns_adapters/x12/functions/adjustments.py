"""An adjustment as a 947: signed quantities, and what they say of where goods were and are."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment

from openreturns_adapters.x12.codecs import fits, shown
from openreturns_adapters.x12.functions import references
from openreturns_adapters.x12.functions.head import one_day
from openreturns_adapters.x12.functions.items import Numbers
from openreturns_adapters.x12.functions.parties import location, warehouse_loop

__all__ = [
    "NUMBERS",
    "at_warehouse",
    "count_in",
    "count_out",
    "day",
    "each_warehouse",
    "expiry_in",
    "expiry_out",
    "from_in",
    "line_n9",
    "number",
    "refs_out",
    "serial_loops",
    "serials",
    "to_in",
    "warehouse_out",
    "writable",
]

Record = dict[str, Any]

NUMBERS = Numbers("W19", (5, 7), upc=4)
_EXPIRES = "36"
"""Qualifier (432) of the day on which goods expire; assumed."""
_DIGITS = (10, 10, 10)


def number(record: Record, env: Environment) -> str:
    """Return the number of the adjustment; the depositor's, or the day, where the warehouse has none."""
    head = record["W15"]
    return str(head.get("W1502") or head.get("W1503") or head["W1501"])


def day(record: Record, env: Environment) -> str:
    """Return the day of the adjustment."""
    return str(record["W15"]["W1501"])


def at_warehouse(record: Record, env: Environment) -> None:
    """Refuse a 947 that does not say in which warehouse."""
    if location("warehouse")(record, env) is None:
        message = f"no N1 loop names the warehouse ({env.tenant.table('party').word('warehouse')})"
        raise MappingError(message, kind="translation", problems=[Problem("warehouse", message, "", "/N1Loop")])


# --- from and to ----------------------------------------------------------------------------------------------


def _ends(reason: str, adds: bool, warehouse: Record, env: Environment) -> tuple[Record, Record]:
    """Return from and to of a line: stock that may be sold, and what the table `other_side` has for the reason."""
    status, _, boundary = env.tenant.table("other_side").word(reason).partition(".")
    stock = {"status": "available", "location": warehouse}
    other = {"status": status, "boundary": boundary} if boundary else {"status": status, "location": warehouse}
    return (other, stock) if adds else (stock, other)


def _ends_in(line: Record, env: Environment) -> tuple[Record, Record]:
    signed = line["W19"]["W1902"]
    if not signed:
        raise ValueError("a quantity of zero adjusts nothing")
    warehouse = env.once(_warehouse)
    return _ends(env.code("adjustment_reason", line["W19"]["W1901"]), signed > 0, warehouse, env)


def _warehouse(record: Record, env: Environment) -> Record:
    found = location("warehouse")(record, env)
    return found or {}


def from_in(line: Record, env: Environment) -> Record:
    """Return where the goods were."""
    return _ends_in(line, env)[0]


def to_in(line: Record, env: Environment) -> Record:
    """Return where the goods are."""
    return _ends_in(line, env)[1]


def count_in(line: Record, env: Environment) -> str:
    """Return how much was moved, without the sign."""
    return shown(Decimal(line["W19"]["W1902"]).copy_abs())


def _adds(line: Record) -> bool:
    """Return whether stock grows by a line. Raises ValueError where a signed quantity cannot say it."""
    ends = line["from"]["status"], line["to"]["status"]
    if ends[1] == "available" != ends[0] or (ends[0] == "external" != ends[1]):
        return True
    if ends[0] == "available" != ends[1] or (ends[1] == "external" != ends[0]):
        return False
    raise ValueError(f"a signed quantity cannot say that goods go from {ends[0]} to {ends[1]}")


def count_out(line: Record, env: Environment) -> Decimal:
    """Return the signed quantity, and tell where from and to are not those that it will be read as."""
    adds = _adds(line)
    ends = _ends(line["reason"]["code"], adds, _place(line), env)
    for name, end in zip(("from", "to"), ends, strict=True):
        if line[name] != end:
            env.lose(f"is read from a 947 as {end['status']} {end.get('boundary', '')}".strip(), below=f"/{name}")
    count = fits(Decimal(line["quantity"]["value"]), _DIGITS, env)
    return count if adds else count.copy_negate()


# --- the warehouse --------------------------------------------------------------------------------------------


def _place(line: Record) -> Record:
    found = [line[name]["location"] for name in ("from", "to") if line[name].get("location")]
    if not found:
        raise ValueError("a line names no warehouse")
    if len({place["id"] for place in found}) > 1:
        raise ValueError("a 947 is of one warehouse, and the goods go from one to another")
    return {name: found[0][name] for name in ("id", "gln") if name in found[0]}


def each_warehouse(document: Record) -> Iterable[Record]:
    """Return the adjustment once a warehouse, with the lines of that one."""
    parts: dict[str, list[Record]] = {}
    for line in document["lines"]:
        ends = [line[name].get("location") for name in ("from", "to")]
        parts.setdefault(next((end["id"] for end in ends if end), ""), []).append(line)
    return [{**document, "lines": lines} for lines in parts.values()]


def warehouse_out(document: Record, env: Environment) -> list[Record]:
    """Return the loop that names the warehouse."""
    return [warehouse_loop(_place(document["lines"][0]), document, env)]


def writable(document: Record, env: Environment) -> None:
    """Refuse what is not posted, and what a 947 has no way to say."""
    if document["status"] != "posted":
        raise ValueError(f"a 947 tells of what was done, and the adjustment is {document['status']}")
    if document.get("reverses"):
        raise ValueError("a 947 does not say that it takes back another")
    for line in document["lines"]:
        if line.get("toItem"):
            raise ValueError(f"line {line['lineId']} becomes another item, and a 947 does not say which")


# --- lines ----------------------------------------------------------------------------------------------------


def line_n9(line: Record, env: Environment) -> list[Record]:
    """Return the line's number as a reference."""
    return references.numbered("line", line["lineId"], env)


def refs_out(document: Record, env: Environment) -> list[Record] | None:
    """Return the documents that the adjustment refers to."""
    return references.documents(document, env) or None


def serials(line: Record, env: Environment) -> list[str] | None:
    """Return the serial numbers of the goods."""
    return references.serials(line.get("LXLoop"), env)


def serial_loops(line: Record, env: Environment) -> list[Record] | None:
    """Return the loop that says the serial numbers."""
    return references.lot_loops(line["item"], env, lot=False)


def expiry_in(line: Record, env: Environment) -> str | None:
    """Return the day on which the goods expire."""
    days = {row["G6202"] for row in line.get("G62") or () if row.get("G6201") == _EXPIRES}
    return one_day(days, "the goods of one line expire")


def expiry_out(line: Record, env: Environment) -> list[Record] | None:
    """Return the day on which the goods expire."""
    day = line["item"].get("expiryDate")
    return [{"G6201": _EXPIRES, "G6202": day.replace("-", "")}] if day else None
