"""Defects planted in a credit note, and what we say of it when it is read."""

from __future__ import annotations

import copy
import re
from decimal import Decimal
from typing import Any

from openreturns import Adapter
from openreturns.errors import OpenReturnsError, Problem
from openreturns.invariants import RULES

Record = dict[str, Any]

_INVARIANTS = frozenset(rule.id for rule in RULES)
_is_number = re.compile(r"-?[0-9]+(\.[0-9]+)?").fullmatch


def planted(ours: Adapter, record: Record, changes: Record) -> bytes:
    """The XML of a record with other values at some pointers; an empty text takes a value away.

    A key that is no pointer is a text of the XML, replaced wherever it stands. `copy` repeats the element before.
    """
    changed = copy.deepcopy(record)
    for pointer, value in changes.items():
        if pointer.startswith("/"):
            _set(changed, pointer, value)
    data = ours.format("credit_note").write(changed)
    for text, other in changes.items():
        if not text.startswith("/"):
            data = data.replace(text.encode(), other.encode())
    return data


def _set(record: Record, pointer: str, value: Any) -> None:
    *steps, last = pointer.split("/")[1:]
    target: Any = record
    for step in steps:
        target = target[int(step) if isinstance(target, list) else step]
    if isinstance(target, list):
        target[int(last) : int(last) + 1] = [copy.deepcopy(target[-1]) if value == "copy" else _exact(value, last)]
    elif value == "":
        del target[last]
    else:
        target[last] = _exact(value, last)


def _exact(value: Any, name: str) -> Any:
    """Numbers of a table are texts, exact as a record has them where the contract says number."""
    if isinstance(value, dict):
        return {key: _exact(one, key) for key, one in value.items()}
    numeric = name == "Percent" or (name == "value" and isinstance(value, str) and "." in value)
    return Decimal(value) if numeric and _is_number(value) else value


def ours_finds(ours: Adapter, data: bytes) -> list[str]:
    """Our rules and problem codes that a credit note breaks when it is read."""
    try:
        problems = ours.read("credit_note", data).findings
    except OpenReturnsError as error:
        problems = error.problems or (Problem(error.kind, str(error)),)
    return sorted({one.rule if one.rule in _INVARIANTS else one.code for one in problems})
