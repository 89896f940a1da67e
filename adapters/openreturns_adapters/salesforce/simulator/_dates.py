"""SOQL's date literals: TODAY, LAST_N_DAYS:7 and others, as spans of time in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta

__all__ = ["span"]

_DAY = timedelta(days=1)


def span(literal: str, now: datetime) -> tuple[datetime, datetime] | None:
    """Return the first moment of a span and the first after it, or None for a word that is no date literal."""
    name, _, count = literal.upper().partition(":")
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if count:
        return _days(name, today, int(count)) if len(count) <= 5 else None
    month = today.replace(day=1)
    spans = {
        "TODAY": (today, today + _DAY),
        "YESTERDAY": (today - _DAY, today),
        "TOMORROW": (today + _DAY, today + 2 * _DAY),
        "THIS_MONTH": (month, _next_month(month)),
        "LAST_MONTH": ((month - _DAY).replace(day=1), month),
        "THIS_YEAR": (month.replace(month=1), month.replace(year=month.year + 1, month=1)),
        "LAST_90_DAYS": (today - 90 * _DAY, today + _DAY),
    }
    return spans.get(name)


def _days(name: str, today: datetime, count: int) -> tuple[datetime, datetime] | None:
    if name == "LAST_N_DAYS":
        return today - count * _DAY, today + _DAY
    if name == "NEXT_N_DAYS":
        return today + _DAY, today + (count + 1) * _DAY
    return None


def _next_month(month: datetime) -> datetime:
    return (month + 31 * _DAY).replace(day=1)
