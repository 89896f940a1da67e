"""What an inventory adjustment says about stock: positions, lots and serial numbers behind a quantity."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from openreturns.decimals import plain
from openreturns.mapping import Environment

from openreturns_adapters.netsuite.functions.shared import Record, sku

__all__ = [
    "ASSIGNMENTS",
    "NUMBER_IDS",
    "OUTSIDE",
    "adjustment_location",
    "arriving",
    "becomes",
    "described",
    "item",
    "kept_assignments",
    "leaving",
    "location",
    "moved",
    "number_ids",
    "numbers",
    "one_serial",
    "other_half",
    "other_serial",
    "to_item",
    "to_location",
]

OUTSIDE = "external"
ASSIGNMENTS, NUMBER_IDS = "com.netsuite.assignments", "com.netsuite.inventory_number_ids"


def other_half(line: Record, env: Environment) -> Record | None:
    """Return the line with the same id that moves as much of another item the other way: goods that change item."""
    mark = line.get("custcol_openreturns_line")
    if mark is None:
        return None
    lines: list[Record] = env.root["inventory"]["items"]
    same = [other for other in lines if other.get("custcol_openreturns_line") == mark]
    if len(same) != 2 or same[0].get("units") != same[1].get("units"):
        return None
    if same[0]["adjustQtyBy"] != -same[1]["adjustQtyBy"]:
        return None
    return same[1] if same[0] is line else same[0]


def moved(line: Record) -> Decimal:
    """Return how much a canonical line moves."""
    return Decimal(line["quantity"]["value"])


# --- positions ------------------------------------------------------------------------------------------------


def _assignments(line: Record) -> list[Record]:
    detail = (line.get("inventoryDetail") or {}).get("inventoryAssignment") or {}
    return list(detail.get("items") or ())


def location(line: Record, env: Environment) -> Record:
    """Return the position in our stock that a line changes."""
    entries = _assignments(line)
    statuses = {env.code("inventory_status", e["inventoryStatus"]["id"]) for e in entries if "inventoryStatus" in e}
    if len(statuses) > 1:
        raise ValueError(f"one line changes stock of several statuses: {', '.join(sorted(statuses))}")
    place = (line.get("location") or env.root.get("adjLocation") or {}).get("id") or env.tenant.setting("location_id")
    bins = {entry["binNumber"]["id"] for entry in entries if "binNumber" in entry}
    if len(bins) > 1:
        env.finding("several_bins", f"{len(bins)} bins on one line: only the location is told")
    where = {"id": place, **({"bin": bins.pop()} if len(bins) == 1 else {})}
    return {"status": statuses.pop() if statuses else "available", "location": where}


def becomes(line: Record, env: Environment) -> Record:
    """Return the position that regraded goods arrive at."""
    return location(other_half(line, env) or line, env)


def to_location(line: Record, env: Environment) -> str:
    """Return the location that goods arrive at."""
    place = line["to"].get("location")
    if place is None:
        raise ValueError("the position that goods arrive at names no location")
    return str(place["id"])


def adjustment_location(document: Record, env: Environment) -> str:
    """Return the location the record belongs to: the first that it changes."""
    line = document["lines"][0]
    side = "to" if line["from"]["status"] == OUTSIDE else "from"
    return str((line[side].get("location") or {}).get("id") or env.tenant.setting("location_id"))


# --- items, lots and serial numbers ---------------------------------------------------------------------------


def _number(entry: Record, name: str | None, env: Environment) -> str | None:
    """Return a lot or serial number: as text where it comes in, by the record's name or the tenant's table else."""
    if "receiptInventoryNumber" in entry:
        return str(entry["receiptInventoryNumber"])
    known = entry.get("issueInventoryNumber") or {}
    if known.get("refName") or "id" not in known:
        return known.get("refName")
    return env.code("inventory_number", known["id"]).removeprefix(f"{name}/")


def item(line: Record, env: Environment) -> Record:
    """Return the item with its lot or serial numbers; several lots are kept among the extensions."""
    several = len(_assignments(line))
    found = described(line, env)
    if several > 1 and "serials" not in found:
        env.finding("several_lots", f"{several} lots or bins on one line: they are kept among the extensions")
    return found


def described(line: Record, env: Environment) -> Record:
    """Return the item of a line, with the lot or serial numbers it has room for."""
    name, entries = sku(line, env), _assignments(line)
    found: Record = {"sku": name} if name else {}
    known = numbers(line, env) or str(line.get("serialNumbers") or "").split()
    if known and _serialised(line, entries):
        found["serials"] = known
    elif len(known) == 1 and len(entries) < 2:
        found["lot"] = known[0]
    expiries = {entry.get("expirationDate") for entry in entries} or {None}
    expiry = (expiries.pop() or line.get("expirationDate")) if len(expiries) == 1 else None
    return {**found, "expiryDate": expiry} if expiry else found


def numbers(line: Record, env: Environment) -> list[str]:
    """Return the lot or serial numbers that a line's assignments name."""
    name = sku(line, env)
    return [number for number in (_number(entry, name, env) for entry in _assignments(line)) if number]


def _serialised(line: Record, entries: list[Record]) -> bool:
    """Whether the numbers are serial numbers: so costed, each assigned to one unit of several, or marked by us."""
    method = (line.get("costingMethod") or {}).get("id")
    single = len(entries) > 1 and all(abs(entry.get("quantity", 0)) == 1 for entry in entries)
    marked = line.get("custcol_openreturns_serial") is True
    return method == "SERIAL" or (method != "LOT" and (single or marked))


def one_serial(line: Record, env: Environment) -> bool | None:
    """Mark the serial number of a single unit, which looks like a lot's."""
    return _marked(line["item"])


def other_serial(line: Record, env: Environment) -> bool | None:
    """Mark the serial number of a single unit of what the goods become."""
    return _marked(line.get("toItem") or {})


def _marked(thing: Record) -> bool | None:
    return True if len(thing.get("serials") or ()) == 1 else None


def to_item(line: Record, env: Environment) -> Record | None:
    """Return the item that regraded goods become."""
    other = other_half(line, env)
    return item(other, env) if other is not None else None


def kept_assignments(line: Record, env: Environment) -> list[Record] | None:
    """Return the assignments of a line that the canonical item has no room for, amounts as text."""
    entries = _assignments(line)
    if len(entries) < 2 or "serials" in described(line, env):
        return None
    names = ("receiptInventoryNumber", "issueInventoryNumber", "binNumber", "inventoryStatus", "expirationDate")
    return [
        {**{name: entry[name] for name in names if name in entry}, "quantity": plain(entry["quantity"])}
        for entry in entries
    ]


def _from_kept(line: Record, sign: int) -> Record | None:
    """Return the assignments as they were read, if the item names no number of its own."""
    kept = (line.get("extensions") or {}).get(ASSIGNMENTS)
    if not kept or "lot" in line["item"] or "serials" in line["item"]:
        return None
    amounts = [Decimal(entry["quantity"]) for entry in kept]
    if sum(amounts) != sign * moved(line):
        raise ValueError(f"the assignments kept among the extensions are not of {plain(moved(line))} units")
    rows = [
        {name: {"id": value["id"]} if isinstance(value, dict) else value for name, value in entry.items()}
        | {"quantity": amount}
        for entry, amount in zip(kept, amounts, strict=True)
    ]
    return {"quantity": sign * moved(line), "inventoryAssignment": {"items": rows}}


def _inventory_number(line: Record, number: str, env: Environment) -> str:
    """Return the internal id of a lot or serial number in stock: as it was read, else by the tenant's table."""
    known = (line.get("extensions") or {}).get(NUMBER_IDS) or {}
    return str(known.get(number) or env.tenant.table("inventory_number").word(f"{line['item'].get('sku')}/{number}"))


def number_ids(line: Record, env: Environment) -> Record | None:
    """Return the internal ids of the numbers that leave, to write them back by."""
    found = {}
    for entry in _assignments(line):
        number = _number(entry, sku(line, env), env)
        if number and "issueInventoryNumber" in entry and "id" in entry["issueInventoryNumber"]:
            found[number] = entry["issueInventoryNumber"]["id"]
    return found or None


def leaving(line: Record, env: Environment) -> Record | None:
    """Return lots, serial numbers, bin and status of what leaves; numbers are records that NetSuite has."""
    if "expiryDate" in line["item"]:
        env.lose("the lot in stock has its own expiry date", below="/item/expiryDate")
    return _from_kept(line, -1) or _detail(
        line,
        env,
        ("item", "from"),
        -1,
        lambda number: {"issueInventoryNumber": {"id": _inventory_number(line, number, env)}},
    )


def arriving(line: Record, env: Environment) -> Record | None:
    """Return lots, serial numbers, bin and status of what arrives; numbers are text."""
    side = "toItem" if "toItem" in line else "item"
    thing = line[side]
    expires = {"expirationDate": thing["expiryDate"]} if "expiryDate" in thing else {}
    if expires and not (thing.get("lot") or thing.get("serials")):
        env.lose("only a lot or serial number has an expiry date", below=f"/{side}/expiryDate")
    kept = _from_kept(line, 1) if side == "item" else None
    return kept or _detail(line, env, (side, "to"), 1, lambda number: {"receiptInventoryNumber": number, **expires})


def _detail(
    line: Record, env: Environment, sides: tuple[str, str], sign: int, numbered: Callable[[str], Record]
) -> Record | None:
    """Return the assignments of a line: one a serial number, else one."""
    thing, position, count = line[sides[0]], line[sides[1]], moved(line)
    serials, lot = thing.get("serials"), thing.get("lot")
    if serials and len(serials) != count:
        raise ValueError(f"{len(serials)} serials for {plain(count)} units; NetSuite wants one a unit")
    if serials and lot:
        env.lose("NetSuite has no lot beside serial numbers", below=f"/{sides[0]}/lot")
    where = _where(position, env, sides[1])
    known = serials or ([lot] if lot else [])
    if not known and not where:
        return None
    one = Decimal(1) if serials else count
    rows = [{**numbered(number), **where, "quantity": sign * one} for number in known]
    return {
        "quantity": sign * count,
        "inventoryAssignment": {"items": rows or [{**where, "quantity": sign * count}]},
    }


def _where(position: Record, env: Environment, side: str) -> Record:
    """Return bin and stock status; a status that the tenant's table does not list is not told."""
    place = (position.get("location") or {}).get("bin")
    word = env.tenant.table("inventory_status").write.get(position["status"])
    if word is None and position["status"] != "available":
        env.lose("the code table 'inventory_status' has no id for it", below=f"/{side}/status")
    found = {"binNumber": {"id": place}} if place else {}
    return found | ({"inventoryStatus": {"id": word}} if word else {})
