"""How the tables keep what has no exact type on every database: moments, money, and what a text was."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from openreturns.invariants._exact import minor_unit

__all__ = ["digest", "micros", "minor", "moment"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Return a moment as whole microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """Return the moment of whole microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at)


def minor(amount: Decimal, currency: str) -> int:
    """Return an amount in the smallest units of its currency, whole."""
    return int(amount / minor_unit(currency))


def digest(*parts: str) -> str:
    """Return the SHA-256 of texts, each with its length before it."""
    exact = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(exact.encode()).hexdigest()
