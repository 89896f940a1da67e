"""Salesforce record ids: 15 characters that tell upper from lower case, or these and 3 more so that nobody has to."""

from __future__ import annotations

import re

__all__ = ["full_id", "is_id", "same_id"]

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_is_shape = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?").fullmatch


def full_id(record_id: str) -> str:
    """Return the 18 characters of an id: the last three say which of the 15 before are upper case."""
    short = record_id[:15]
    chunks = (short[:5], short[5:10], short[10:])
    bits = (sum(1 << place for place, char in enumerate(chunk) if char.isupper()) for chunk in chunks)
    return short + "".join(_SUFFIX[bit] for bit in bits)


def is_id(text: str, prefix: str = "") -> bool:
    """Return whether a text is an id of the object with this prefix; 18 characters must fit together."""
    return _is_shape(text) is not None and text.startswith(prefix) and text in (text[:15], full_id(text))


def same_id(one: str, other: str) -> bool:
    """Return whether two ids name one record, each given in 15 or 18 characters."""
    return one[:15] == other[:15] if is_id(one) and is_id(other) else one == other
