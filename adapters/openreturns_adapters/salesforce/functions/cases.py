"""What a case tells of a return."""

from __future__ import annotations

from openreturns.mapping import Environment

from openreturns_adapters.salesforce.functions import orders
from openreturns_adapters.salesforce.functions.shared import Record

__all__ = ["company", "description", "email", "origin", "own_id", "phone", "reason", "subject"]

_DESCRIPTION = 32_000


def own_id(document: Record, env: Environment) -> str | None:
    """Return the id of the case that the return came from, if it did: it may have no number of ours yet."""
    for place, ref in enumerate(document.get("refs") or ()):
        if ref["type"] != "case":
            env.lose("a case refers to no other documents", below=f"/refs/{place}")
    return orders.case_id(document, env)


def subject(document: Record, env: Environment) -> str:
    """Return the one line that the service desk sees in its list."""
    return f"Return {document['number']}"[:255]


def description(document: Record, env: Environment) -> str:
    """Return the goods and where they stand, a line each; names and remarks of people stay out of it."""
    lines = [f"Return {document['number']}, {_words(document['status'])}"]
    lines += [_about(line) for line in document["lines"]]
    kept, room = 0, _DESCRIPTION - 40
    while kept < len(lines) and len(lines[kept]) < room:
        room -= len(lines[kept]) + 1
        kept += 1
    left = len(lines) - kept
    if left:
        env.lose(f"the description has no room for the last {left} lines", below="/lines")
    return "\n".join([*lines[:kept], *([f"and {left} more"] if left else [])])


def _about(line: Record) -> str:
    item = line["item"]
    parts = [f"{_quantity(line['requested'])} {item.get('sku') or item.get('gtin') or 'of another item'}"]
    parts.append(_words(line["reason"]["code"]))
    for name in ("authorized", "received", "rejected"):
        if name in line:
            parts.append(f"{name} {_quantity(line[name])}")
    return ", ".join(parts)


def _quantity(quantity: Record) -> str:
    return f"{quantity['value']} {quantity['uom']}"


def _words(code: str) -> str:
    return code.replace("_", " ")


def origin(document: Record, env: Environment) -> str | None:
    """Return how cases of returns come in, by the tenant's word; none where the org asks for none."""
    return env.tenant.setting("case_origin") or None


def reason(document: Record, env: Environment) -> str | None:
    """Return the case's one reason: that of all its lines, else the word for `other`."""
    codes = {line["reason"]["code"] for line in document["lines"]}
    if len(codes) > 1:
        env.lose("a case has one reason; the description has each line's", below="/lines")
    [code] = codes if len(codes) == 1 else {"other"}
    words = env.tenant.table("case_reason").write
    word = words.get(code) or words.get("other")
    if code not in words:
        env.lose("the case has no word for this reason; the description has it", below="/lines")
    return word


def company(document: Record, env: Environment) -> str | None:
    """Return the name the request came with."""
    return _supplied(document, "name", 80, env)


def email(document: Record, env: Environment) -> str | None:
    """Return the address that the request came with."""
    return _supplied(document, "email", 80, env)


def phone(document: Record, env: Environment) -> str | None:
    """Return the number that the request came with."""
    return _supplied(document, "phone", 40, env)


def _supplied(document: Record, name: str, length: int, env: Environment) -> str | None:
    value: str | None = document["customer"].get(name)
    if value is not None and len(value) > length:
        env.lose(f"Salesforce has room for {length} characters; it is left out whole", below=f"/customer/{name}")
        return None
    return value
