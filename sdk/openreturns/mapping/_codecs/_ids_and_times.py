"""Codecs of ids, moments and days."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from openreturns.mapping._codecs._codec import AS_IS, Codec, Converter, another_kind, calling, joined

if TYPE_CHECKING:
    from openreturns.mapping._environment import Environment

__all__ = ["day", "digits", "digits_of", "epoch", "integer_of", "prefixed", "timestamp"]

_is_integer = re.compile(r"0|-?[1-9][0-9]{0,17}").fullmatch


def digits_of(value: int) -> str:
    """Return the text of a vendor's whole-number id. Raises TypeError for another kind of value."""
    if type(value) is not int:
        raise another_kind(value, "a whole number")
    return str(value)


def integer_of(text: str) -> int:
    """Return the whole number of an id's text. Raises TypeError and ValueError for what is none."""
    if not isinstance(text, str):
        raise another_kind(text, "a text")
    if not _is_integer(text):
        raise ValueError(f"{text!s:.40} is not one of this vendor's whole-number ids")
    return int(text)


_read_digits = calling(digits_of, "digits", "str({v}) if type({v}) is int")

digits = joined("digits", "text", "integer", _read_digits, calling(integer_of, "integer"))
"""A canonical id and the vendor's whole-number id."""


def prefixed(prefix: str) -> Codec:
    """Join an id that carries `prefix` on our side to the vendor's bare whole number."""

    def read(value: int) -> str:
        return prefix + digits_of(value)

    def write(text: str) -> int:
        if not isinstance(text, str):
            raise another_kind(text, "a text")
        if not text.startswith(prefix):
            raise ValueError(f"{text:.40} does not start with {prefix!r}")
        return integer_of(text.removeprefix(prefix))

    return joined(f"prefixed {prefix!r}", "text", "integer", calling(read, "read"), calling(write, "write"))


_is_instant = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
).fullmatch
_beyond_microseconds = re.compile(r"[.,][0-9]{6}[0-9]*[1-9]").search


def _instant(text: str) -> str:
    """Return a timestamp as it is spelled, or respelled as RFC 3339; refuse one without a zone rather than guess."""
    if not isinstance(text, str):
        raise another_kind(text, "a text with date, time and zone")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone; a time without one is not a moment")
    if _is_instant(text):
        return text
    if _beyond_microseconds(text):
        raise ValueError(f"{text!r} is finer than a microsecond; cutting it off would make another moment")
    return moment.isoformat().replace("+00:00", "Z")


timestamp = joined("timestamp", "timestamp", "timestamp text", calling(_instant, "instant"), AS_IS)
"""A moment; the vendor's spelling is kept, a time without zone is refused."""


_SINCE = datetime(1970, 1, 1, tzinfo=UTC)
_TICKS = {"seconds": timedelta(seconds=1), "milliseconds": timedelta(milliseconds=1)}


def epoch(unit: str) -> Codec:
    """Join a moment to a vendor's whole number of `seconds` or `milliseconds` since 1970 (UTC).

    A moment between two of them is refused; that it was spelled otherwise, with a zone say, is told as lost.
    """
    tick = _TICKS[unit]

    def write(text: str, env: Environment) -> int:
        count, rest = divmod(datetime.fromisoformat(_instant(text)) - _SINCE, tick)
        if rest:
            raise ValueError(f"{text} is finer than {unit}, in which this vendor counts")
        if (kept := _since(tick, count)) != text:
            env.lose(f"the same moment is kept as {kept}")
        return count

    read = calling(partial(_since, tick), "since")
    return joined(
        f"epoch in {unit}", "timestamp", "integer", read, Converter(write, "write({v}, env)", {"write": write})
    )


def _since(tick: timedelta, count: int) -> str:
    if type(count) is not int:
        raise another_kind(count, "a whole number")
    return (_SINCE + count * tick).isoformat().replace("+00:00", "Z")


def _day(text: str) -> str:
    if not isinstance(text, str):
        raise another_kind(text, "a text with a date")
    datetime.fromisoformat(text)  # refuses what is no date
    return text[:10]


day = joined("day", "date", "timestamp text", calling(_day, "day"), Converter(lambda v, env: f"{v}T00:00:00Z"))
"""A canonical date and the vendor's timestamp on that day, as the vendor spells the day."""
