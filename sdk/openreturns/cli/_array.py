"""The members of a JSON array as the bytes they came in, so that a wrong one is one wrong record."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator

from openreturns.errors import ContractError

__all__ = ["members"]

# Up to the next mark outside a string, in one match however long that is; commas are marks between members only.
_SKIPPED = rb'(?:[^"%s]++|"(?:[^"\\]++|\\.)*+")*+([%s])'
_OUTSIDE, _INSIDE = (re.compile(_SKIPPED % (marks, marks), re.DOTALL) for marks in (rb"\[\]{},", rb"\[\]{}"))


def members(data: bytes) -> Iterator[bytes]:
    """Yield the members of an array, unread. Only what parts them is looked at: a member may be anything.

    Raises ContractError (kind `json`), before the first, where the array itself is broken: no end, brackets that
    do not fit, nothing between two commas, more text behind it.
    """
    start = data.index(b"[") + 1
    ends = _ends(data, start)
    if len(ends) == 1 and not data[start : ends[0]].strip():
        return
    for end in ends:
        yield data[start:end].strip()
        start = end + 1


def _ends(data: bytes, start: int) -> array[int]:
    """Return where each member ends."""
    ends = array("Q")
    at, depth = start, 1
    while depth:
        found = (_OUTSIDE if depth == 1 else _INSIDE).match(data, at)
        if found is None:
            raise _broken("it has no end")
        at, mark = found.end(), found[1]
        if mark in b"[{":
            depth += 1
        elif mark != b",":
            depth -= 1
        if depth == 0 or mark == b",":
            if (ends or mark == b",") and not data[start : at - 1].strip():
                raise _broken(f"member {len(ends) + 1} is missing")
            ends.append(at - 1)
            start = at
    if mark != b"]":
        raise _broken("it ends in }")
    if data[at:].strip():
        raise _broken("more follows its end")
    return ends


def _broken(reason: str) -> ContractError:
    return ContractError(f"the array is not JSON: {reason}", kind="json")
