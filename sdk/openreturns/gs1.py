"""Numbers of the GS1 system. Source: GS1 General Specifications, section 7.9 (check digits)."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["check_digit", "is_gtin"]


@lru_cache(maxsize=4096)  # a warehouse sees the same goods again and again
def check_digit(digits: str) -> str:
    """Return the digit that completes a GS1 number: weights 3 and 1 from the right, filled up to a ten."""
    weighted = 3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))
    return str(-weighted % 10)


@lru_cache(maxsize=4096)
def is_gtin(text: str) -> bool:
    """Whether text is a trade item number: 8, 12, 13 or 14 digits, the last of which checks."""
    plain = text.isascii() and text.isdigit() and len(text) in (8, 12, 13, 14)
    return plain and text[-1] == check_digit(text[:-1])
