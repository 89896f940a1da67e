"""JSON in and out without losing a digit: numbers with a fraction are `Decimal`, never binary float."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import jiter
import orjson

from openreturns.errors import ContractError

__all__ = ["MAX_RECORD_BYTES", "dump", "parse"]

# A return of 10,000 lines is about 6 MB; a record far beyond that is a mistake or an attack.
MAX_RECORD_BYTES = 32 * 1024 * 1024

# A byte order mark tells the encoding, and JSON between systems is UTF-8 without one (RFC 8259, 8.1).
_MARKS = (
    (b"\xef\xbb\xbf", "a UTF-8 byte order mark"),
    (b"\xff\xfe", "a UTF-16 byte order mark"),
    (b"\xfe\xff", "a UTF-16 byte order mark"),
)


def parse(data: bytes | str, *, limit: int = MAX_RECORD_BYTES) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON value in `data`; integers as int, other numbers as exact Decimal.

    Raises ContractError (kind `size`, `encoding` or `json`) if it is larger than `limit` bytes, is not
    UTF-8, or is not JSON as RFC 8259 has it: also refused are NaN, Infinity, a member named twice and
    nesting beyond 200 levels.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > limit:
        raise ContractError(f"the record has {len(raw):,} bytes, the limit is {limit:,}", kind="size")
    try:
        return jiter.from_json(raw, allow_inf_nan=False, catch_duplicate_keys=True, float_mode="decimal")
    except ValueError as error:
        raise _explain(raw, error) from None


def dump(value: object, *, indent: bool = False) -> bytes:
    """Return `value` as compact (or indented) UTF-8 JSON; a Decimal becomes a number, digit for digit."""
    return orjson.dumps(value, default=_decimal, option=orjson.OPT_INDENT_2 if indent else None)


def _decimal(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def _explain(raw: bytes, error: ValueError) -> ContractError:
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return ContractError(f"the record starts with {name}; send UTF-8 without one", kind="encoding")
    if not raw.strip():
        return ContractError("the record is empty", kind="json")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return ContractError(f"the record is not UTF-8: byte {wrong.start} ({wrong.reason})", kind="encoding")
    return ContractError(f"the record is not JSON: {error}", kind="json")
