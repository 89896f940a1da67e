"""The shop's moments: a day and a time without a zone, in UTC; pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from openreturns.mapping import Bound, Codec, Converter, Environment

__all__ = ["utc"]

_FORM = "%Y-%m-%d %H:%M:%S"
_is_spelled = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d").fullmatch


def _read(value: Any, env: Environment) -> str:  # noqa: ANN401 - whatever the record holds
    if not isinstance(value, str):
        raise TypeError("not a text with date and time")
    if not _is_spelled(value):
        raise ValueError(f"{value!r:.40} is no date and time as 2026-11-22 10:00:00")
    return datetime.strptime(value, _FORM).replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


def _write(value: Any, env: Environment) -> str:  # noqa: ANN401 - whatever the document holds
    moment = datetime.fromisoformat(value)
    if moment.microsecond:
        raise ValueError(f"{value} is finer than a second; cutting it off would make another moment")
    return moment.astimezone(UTC).strftime(_FORM)


utc = Codec(
    "utc",
    frozenset({"timestamp"}),
    frozenset({"text"}),
    lambda tenant: Bound({"": Converter(_read)}, Converter(_write)),
)
"""A moment, and the shop's day and time in UTC."""
