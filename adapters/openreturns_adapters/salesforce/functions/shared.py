"""What every Salesforce record has: exact numbers, moments, keys, problems with both places."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment, Tenant, timestamp

from openreturns_adapters.salesforce.codecs import checked_key

__all__ = ["Record", "cut", "fits", "line_key", "moment", "named", "refuse"]

Record = dict[str, Any]

_moment = timestamp.bind(Tenant()).parts[""].call


def refuse(code: str, message: str, canonical: str, native: str) -> None:
    """Refuse a document, naming the place on both sides."""
    raise MappingError(message, kind="translation", problems=[Problem(code, message, canonical, native)])


def fits(value: str, whole: int, places: int) -> Decimal:
    """Return a number that a field of so many digits keeps as it is. Raises ValueError for one it would round."""
    number = Decimal(value)
    if number != round(number, places) or number.adjusted() >= whole:
        kept = f"{places} decimals" if places else "whole numbers"
        raise ValueError(f"{value} does not fit: Salesforce keeps {kept} of at most {whole} digits before the point")
    return number


def moment(text: str | None, env: Environment) -> str | None:
    """Return a moment as RFC 3339 spells it."""
    return str(_moment(text, env)) if text else None


def line_key(number: str, line: str) -> str:
    """Return the external id of a line: the return's number, a colon, the line. Raises ValueError for an unfit id."""
    if ":" in line:
        raise ValueError("a line id with a colon in it could not be told from the return's number")
    return f"{checked_key(number)}:{checked_key(line)}"


def named(values: Record) -> Record | None:
    """Return values under this vendor's extension names, those that are there."""
    return {f"com.salesforce.{name}": value for name, value in values.items() if value is not None} or None


def cut(text: str | None, length: int, env: Environment) -> str | None:
    """Return a text without what is beyond `length`, which leaves a finding."""
    if text is None or len(text) <= length:
        return text or None
    env.finding("cut", f"a text of {len(text)} characters was cut to {length}")
    return text[:length]
