"""What every transaction set says of itself: its number, its moment, its currency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from openreturns.mapping import Environment

__all__ = [
    "at",
    "correlation",
    "currency",
    "day_at",
    "document_id",
    "issued_at",
    "not_a_test",
    "own_currency",
    "revision",
    "zoned",
]

Record = dict[str, Any]
Function = Callable[[Record, Environment], Any]

OURS = (
    "meta.schema",
    "meta.documentId",
    "meta.revision",
    "meta.sourceSystem",
    "meta.sourceId",
    "meta.correlationId",
    "meta.causationId",
    "meta.idempotencyKey",
)
"""What is ours to know, and no partner's: in no transaction set."""

_UTC = ("UT", "GM")
"""Codes of the universal time; other time codes have no fixed offset, or a local one."""


def currency(record: Record, env: Environment) -> str:
    """Return the currency of a set that does not name one: the tenant's."""
    return str(env.tenant.setting("currency"))


def revision(record: Record, env: Environment) -> int:
    """Return the revision: a transaction set does not count its own."""
    given = env.given.get("revision")
    return int(str(given)) if given else 1


def document_id(set_id: str, number: Function) -> Function:
    """Make the function that returns the id of the document: its set and its number."""

    def set_and_number(record: Record, env: Environment) -> str:
        return f"x12-{set_id}-{number(record, env)}"

    return set_and_number


def correlation(number: Function) -> Function:
    """Make the function that returns the case: what the caller knows, else the number."""

    def given_or_number(record: Record, env: Environment) -> str:
        return str(env.given.get("correlation_id") or number(record, env))

    return given_or_number


def at(day: str, time: str | None, zone: str) -> str:
    """Return a moment of a day, a time of day (or none) and an offset."""
    said = time or "0000"
    clock = f"{said[:2]}:{said[2:4]}:{said[4:6] or '00'}"
    fraction = f".{said[6:]}" if said[6:] else ""
    return f"{day[:4]}-{day[4:6]}-{day[6:8]}T{clock}{fraction}{zone}"


def zoned(code: str | None, env: Environment) -> str:
    """Return the offset of a time code: universal time, or the tenant's where none is said."""
    if code in _UTC:
        return "Z"
    if code:
        raise ValueError(f"{code} is a time code without a known offset; universal time is {_UTC[0]}")
    return str(env.tenant.setting("utc_offset"))


def issued_at(day: Function, time: Function | None = None, zone: Function | None = None) -> Function:
    """Make the function that returns when a set was made: what the caller knows, else what it says."""

    def made(record: Record, env: Environment) -> str:
        if given := env.given.get("issued_at"):
            return str(given)
        said = time(record, env) if time else None
        return at(day(record, env), said, zoned(zone(record, env) if zone else None, env))

    return made


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def one_day(days: set[str], what: str) -> str | None:
    """Return the one day of a set, as a date; None where there is none. Raises ValueError for several."""
    if len(days) > 1:
        raise ValueError(f"{what} on several days")
    return next((f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in days), None)


def day_at(text: str, env: Environment) -> tuple[str, str]:
    """Return the day and the time of day of a moment, in universal time; losing what is below a hundredth second."""
    moment = _moment(text)
    fraction = f"{moment.microsecond // 10_000:02}" if moment.microsecond else ""
    if moment.microsecond % 10_000:
        env.lose("X12 keeps time to a hundredth of a second")
    seconds = f"{moment:%S}{fraction}"
    return f"{moment:%Y%m%d}", f"{moment:%H%M}{'' if seconds == '00' else seconds}"


def not_a_test(document: Record, env: Environment) -> None:
    """Refuse a test document where the envelope would say production."""
    if document["meta"].get("test") and env.tenant.setting("usage_indicator") == "P":
        raise ValueError("the document is a test, and the usage indicator says production (P)")


def own_currency(document: Record, env: Environment) -> None:
    """Refuse a document in another currency than the tenant's, where the set has no place to say which it is."""
    if document["currency"] != env.tenant.setting("currency"):
        own = env.tenant.setting("currency")
        raise ValueError(f"the document is in {document['currency']}, and this set is always in {own}")
