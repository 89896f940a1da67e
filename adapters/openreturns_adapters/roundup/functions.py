"""What an issue tells of a return; plain functions, no clock and no I/O."""

from __future__ import annotations

import re
from typing import Any

from openreturns.mapping import Environment

__all__ = ["message", "priority", "title"]

Record = dict[str, Any]
_is_number = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}").fullmatch


def title(document: Record, env: Environment) -> str:
    """Return the title, by which the issue is found again: the RMA number and nothing that changes.

    Refuses a number with a character that a search would take for something else.
    """
    if not _is_number(document["number"]):
        raise ValueError(f"{document['number']!r} cannot be looked for: letters, digits, points and dashes only")
    return f"Return {document['number']}"


def priority(document: Record, env: Environment) -> str:
    """Return the tenant's priority."""
    return str(env.tenant.setting("priority"))


def message(document: Record, env: Environment) -> str:
    """Return where the return stands, a line for each of its lines; names and remarks of people stay out of it."""
    head = f"Return {document['number']} of {document['customer']['id']}, {_words(document['status'])}"
    return "\n".join([head, *(_about(line) for line in document["lines"])])


def _about(line: Record) -> str:
    item = line["item"]
    names = [item[name] for name in ("sku", "gtin") if name in item]
    parts = [f"{_quantity(line['requested'])} {' '.join(names) or 'of another item'}"]
    parts.append(_words(line["reason"]["code"]))
    parts += [f"{name} {_quantity(line[name])}" for name in ("authorized", "received", "rejected") if name in line]
    return ", ".join(parts)


def _quantity(quantity: Record) -> str:
    return f"{quantity['value']} {quantity['uom']}"


def _words(code: str) -> str:
    return code.replace("_", " ")
