"""Record ids: 15 characters that tell upper from lower case, and 3 more so that nobody has to."""

from __future__ import annotations

import re
import string

__all__ = ["full_id", "key", "looks_like_id", "new_id"]

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SUFFIX = string.ascii_uppercase + "012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")


def new_id(prefix: str, number: int) -> str:
    """Return the id of an object's n-th record, 18 characters."""
    text = ""
    for _ in range(5):
        number, rest = divmod(number, 62)
        text = _DIGITS[rest] + text
    return full_id(f"{prefix}gL00000{text}")


def full_id(short: str) -> str:
    """Return the 18 characters for 15: the last three say which letters are upper case."""
    chunks = (short[:5], short[5:10], short[10:15])
    return short + "".join(_SUFFIX[sum(1 << n for n, char in enumerate(chunk) if char.isupper())] for chunk in chunks)


def key(given: str) -> str:
    """Return what an id is compared by, given as 15 or as 18 characters."""
    return given[:15]


def looks_like_id(text: str) -> bool:
    """Return whether a text could be an id at all."""
    return _SHAPE.fullmatch(text) is not None and (len(text) == 15 or full_id(text[:15]) == text)
