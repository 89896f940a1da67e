"""JSON in and out without losing a digit: numbers with a fraction are `Decimal`, never binary float."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import MAX_PREC, Clamped, Context, Decimal, Inexact, InvalidOperation, Overflow, Subnormal
from typing import Any, NoReturn

import msgspec
import orjson

from openreturns._fields import pointer
from openreturns.errors import ContractError

__all__ = ["MAX_RECORD_BYTES", "dump", "dump_canonical", "parse", "refuse_too_large", "unusual"]

# A return of 10,000 lines is about 6 MB; a record far beyond that is a mistake or an attack.
MAX_RECORD_BYTES = 32 * 1024 * 1024

# A byte order mark tells the encoding, and JSON between systems is UTF-8 without one (RFC 8259, 8.1).
_MARKS = (
    (b"\xef\xbb\xbf", "a UTF-8 byte order mark"),
    (b"\xff\xfe", "a UTF-16 byte order mark"),
    (b"\xfe\xff", "a UTF-16 byte order mark"),
)


# Python writes no whole number of more digits (4,300), and would work on 1e99999999 until the memory is gone.
_MOST_DIGITS = sys.int_info.default_max_str_digits
_exact = Context(
    prec=MAX_PREC,
    Emax=_MOST_DIGITS - 1,
    Emin=1 - _MOST_DIGITS,
    traps=[Clamped, Inexact, InvalidOperation, Overflow, Subnormal],
).create_decimal

_decode = msgspec.json.Decoder(float_hook=_exact).decode


def parse(data: bytes | str, *, limit: int = MAX_RECORD_BYTES) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON value in `data`; integers as int, other numbers as exact Decimal.

    Raises ContractError (kind `size`, `encoding` or `json`) if it is larger than `limit` bytes, is not
    UTF-8, or is not JSON as RFC 8259 has it: also refused are NaN, Infinity, a member named twice, nesting
    beyond 254 levels, and numbers of more than 64 bits, or with a fraction or exponent beyond 4,300 digits.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    refuse_too_large(raw, limit)
    try:
        value = _decode(raw)
        written = orjson.dumps(value, default=_decimal)
        # What gives the same bytes again has lost nothing: no member was there twice, no digit is gone.
        if written == raw or written == msgspec.json.format(raw, indent=-1):
            return value
    except (ValueError, TypeError, ArithmeticError, RecursionError, msgspec.MsgspecError):
        pass
    try:
        return _parse_carefully(raw)
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise _explain(raw, error) from None


def refuse_too_large(data: bytes, limit: int = MAX_RECORD_BYTES) -> None:
    """Raise ContractError (kind `size`) for a record of more than `limit` bytes."""
    if len(data) > limit:
        raise ContractError(f"the record has {len(data):,} bytes, the limit is {limit:,}", kind="size")


def _parse_carefully(raw: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Do the same slowly, for numbers and escapes that could be spelled otherwise, and to say what is wrong."""
    value = json.loads(
        raw.decode("utf-8"), parse_float=_number, parse_constant=_refuse_constant, object_pairs_hook=_members
    )
    try:
        dump(value)  # refuses half a surrogate pair, and nesting beyond 254 levels
    except TypeError:
        for place, number in unusual(value):
            if isinstance(number, _Beyond):
                raise ValueError(
                    f"{number} at {pointer(place) or 'its root'} is beyond {_MOST_DIGITS:,} digits"
                ) from None
        raise
    return value


class _Beyond:
    """A number with more digits, or zeros before or behind them, than are read."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text if len(self._text) <= 40 else f"{self._text[:37]}..."


def _number(text: str) -> Decimal | _Beyond:
    try:
        return _exact(text)
    except ArithmeticError:
        return _Beyond(text)


def unusual(value: object) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Yield whatever is neither whole number, text, true, false nor null, with its place."""
    # Not recursive: extension fields may be nested as deep as the parser allows.
    todo: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while todo:
        place, node = todo.pop()
        if isinstance(node, Mapping):
            todo += [((*place, key), item) for key, item in node.items() if type(item) is not str]
        elif isinstance(node, (list, tuple)):
            todo += [((*place, number), item) for number, item in enumerate(node) if type(item) is not str]
        elif not isinstance(node, bool | int | str | None):
            yield place, node


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        [(twice, _), *_] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"duplicate key {twice!r}")
    return members


def dump(value: object, *, indent: bool = False) -> bytes:
    """Return `value` as compact (or indented) UTF-8 JSON; a Decimal becomes a number, digit for digit."""
    return orjson.dumps(value, default=_decimal, option=orjson.OPT_INDENT_2 if indent else None)


def dump_canonical(value: object) -> bytes:
    """Return canonical data as compact JSON: whole numbers and text. Nothing if there is another number in it."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return b""


def _decimal(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def _explain(raw: bytes, error: Exception) -> ContractError:
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return ContractError(f"the record starts with {name}; send UTF-8 without one", kind="encoding")
    if not raw.strip():
        return ContractError("the record is empty", kind="json")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return ContractError(f"the record is not UTF-8: byte {wrong.start} ({wrong.reason})", kind="encoding")
    deep = isinstance(error, RecursionError) or "Recursion" in str(error)
    reason = "it is nested beyond the recursion limit of 254" if deep else str(error)
    if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data" and error.lineno > 1:
        reason += "; records a line each are JSON Lines, in a file .jsonl"
    return ContractError(f"the record is not JSON: {reason}", kind="json")
