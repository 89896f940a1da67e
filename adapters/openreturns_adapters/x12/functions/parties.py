"""Parties and places (N1 loops), by the role (98) that each has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from openreturns.mapping import Environment

__all__ = ["HEADS", "PATHS", "WAREHOUSE", "location", "loops", "party", "party_id", "warehouse_loop", "warehouse_name"]

Record = dict[str, Any]
Function = Callable[[Record, Environment], Any]

HEADS = [f"N1Loop[].N1.N10{n}" for n in (1, 2, 3, 4)]
"""All that a party's or place's number and name are read from."""
_HEAD = ["N1.N101", "N1.N102", "N1.N103", "N1.N104"]
PATHS = [f"N1Loop[].{path}" for path in (*_HEAD, "N3[].N301", "N3[].N302", "N4.N401", "N4.N402", "N4.N403", "N4.N404")]
"""All that parties are read from."""
_GLN_SCHEME = "0088"
_GLN = "UL"
"""Qualifier (66) of a global location number."""


def _loop(record: Record, role: str, env: Environment) -> Record | None:
    found = [loop for loop in record.get("N1Loop") or () if env.code("party", loop["N1"]["N101"]) == role]
    if len(found) > 1:
        raise ValueError(f"there are {len(found)} N1 loops of one role ({role})")
    return found[0] if found else None


def party_id(role: str, fallback: Function | None = None) -> Function:
    """Make the function that returns a party's number; its name where it has none."""

    def find(record: Record, env: Environment) -> str | None:
        head = (_loop(record, role, env) or {}).get("N1", {})
        found = head.get("N104") or head.get("N102")
        return found or (fallback(record, env) if fallback else None)

    return find


_ROLES = {"buyer": "customer"}
"""Fields that are called otherwise than the role that they have in the table `party`."""


def party(field: str) -> Function:
    """Make the function that returns a party with its name and address, or None."""
    role = _ROLES.get(field, field)
    number = party_id(role)

    def find(record: Record, env: Environment) -> Record | None:
        loop, known = _loop(record, role, env), number(record, env)
        if loop is None or known is None:
            return None
        head = loop["N1"]
        found: Record = {"id": known}
        if head.get("N102"):
            found["name"] = head["N102"]
        if head.get("N103") == _GLN:
            found["identifiers"] = [{"scheme": _GLN_SCHEME, "value": head["N104"]}]
        if address := _address(loop, env):
            found["address"] = address
        return found

    return find


def _address(loop: Record, env: Environment) -> Record | None:
    lines = [row[name] for row in loop.get("N3") or () for name in ("N301", "N302") if row.get(name)]
    place = loop.get("N4") or {}
    said = {"city": "N401", "region": "N402", "postalCode": "N403"}
    found: Record = {f"line{n}": line for n, line in enumerate(lines[:2], 1)}
    if len(lines) > 2:
        raise ValueError(f"the address has {len(lines)} lines, and two are known here")
    found.update({name: place[element] for name, element in said.items() if place.get(element)})
    country = place.get("N404")
    if not found and not country:
        return None
    return {**found, "countryCode": country or env.tenant.setting("country")}


def location(role: str) -> Function:
    """Make the function that returns a place by its number, or None."""

    def find(record: Record, env: Environment) -> Record | None:
        loop = _loop(record, role, env)
        head = (loop or {}).get("N1", {})
        number = head.get("N104") or head.get("N102")
        if number is None:
            return None
        gln = {"gln": number} if head.get("N103") == _GLN else {}
        return {"id": number, **gln}

    return find


WAREHOUSE = "org.x12.warehouse"
"""The extension that keeps the warehouse's name."""


def warehouse_name(record: Record, env: Environment) -> str | None:
    """Return the warehouse's name, where it has one beside its number."""
    table = env.tenant.table("party")
    heads = [loop["N1"] for loop in record.get("N1Loop") or () if table.code(loop["N1"]["N101"]) == "warehouse"]
    return heads[0].get("N102") if heads and heads[0].get("N104") else None


# --- writing --------------------------------------------------------------------------------------------------


def loops(*roles: tuple[str, str]) -> Function:
    """Make the function that returns the loops of the fields and roles given, for those that the document has."""

    def fill(document: Record, env: Environment) -> list[Record] | None:
        found = [_written(document[name], name, role, env) for name, role in roles if document.get(name)]
        return found or None

    return fill


def _written(who: Record, name: str, role: str, env: Environment) -> Record:
    word = env.tenant.table("party").word(role)
    gln = next((one["value"] for one in who.get("identifiers") or () if one["scheme"] == _GLN_SCHEME), who.get("gln"))
    if gln and gln != who["id"]:
        env.lose("X12 has one number a party: its own is sent, not its GLN", below=f"/{name}")
    qualifier = _GLN if gln == who["id"] else str(env.tenant.setting("party_qualifier"))
    head = {"N101": word, "N103": qualifier, "N104": _sized(who["id"], 80, 2)}
    if who.get("name"):
        head["N102"] = _sized(who["name"], 60)
    return {"N1": head, **_place(who.get("address") or {})}


def warehouse_loop(place: Record, document: Record, env: Environment) -> Record:
    """Return the loop that names a warehouse, with the name that the document's extension keeps."""
    gln = place.get("gln") == place["id"]
    name = (document.get("extensions") or {}).get(WAREHOUSE)
    named = {"N102": name} if name else {}
    qualifier = _GLN if gln else str(env.tenant.setting("party_qualifier"))
    word = env.tenant.table("party").word("warehouse")
    return {"N1": {"N101": word, **named, "N103": qualifier, "N104": place["id"]}}


def _place(address: Record) -> Record:
    lines = {f"N30{n}": _sized(address[f"line{n}"], 55) for n in (1, 2) if address.get(f"line{n}")}
    if "N302" in lines and "N301" not in lines:
        lines = {"N301": lines["N302"]}
    parts: Sequence[tuple[str, str, int, int]] = (
        ("N401", "city", 2, 30),
        ("N402", "region", 2, 2),
        ("N403", "postalCode", 3, 15),
        ("N404", "countryCode", 2, 3),
    )
    place = {name: _sized(address[key], most, least) for name, key, least, most in parts if address.get(key)}
    return {**({"N3": [lines]} if lines else {}), **({"N4": place} if place else {})}


def _sized(text: str, most: int, least: int = 1) -> str:
    if not least <= len(text) <= most:  # the text may be personal: it is not repeated
        raise ValueError(f"a text of {len(text)} characters stands where X12 has {least} to {most}")
    return text
