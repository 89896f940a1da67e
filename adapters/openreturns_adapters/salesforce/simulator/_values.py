"""Values as the org keeps them, and as JSON and CSV have them. Numbers are Decimals, digit for digit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from openreturns_adapters.salesforce.simulator._errors import Refused
from openreturns_adapters.salesforce.simulator._metadata import Field

__all__ = ["moment", "read", "shown"]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)")
_NUMBER = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?")
_PLACES = 10  # 18 before the point and these are as many digits as a Decimal keeps in every operation
_KINDS = {str: "STRING", bool: "BOOLEAN", int: "NUMBER_INT", Decimal: "NUMBER_FLOAT"}


def moment(text: str) -> datetime | None:
    """Return a datetime in UTC, to the millisecond, or None for what is none; the offset may have a colon or not."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        given = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return given.replace(microsecond=given.microsecond // 1000 * 1000)


def shown(field: Field, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a kept value as JSON has it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}+0000"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        plain = value.normalize()
        # The vendor's numbers are doubles in its own runtime, and a whole one is written 2.0.
        return plain.quantize(Decimal("0.1")) if plain == plain.to_integral_value() else Decimal(f"{plain:f}")
    return value


def read(field: Field, given: Any, *, rounded: bool) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value to keep for a JSON value. Raises Refused as the vendor refuses it."""
    if given is None or given == "":
        return None
    return _READERS.get(field.type, _text)(field, given, rounded)


def _text(field: Field, given: object, rounded: bool) -> str | None:
    if not isinstance(given, str):
        raise _not_a(field, "string", given)
    if len(given) > field.length:
        message = f"{field.label}: data value too large: {given[:255]} (max length={field.length})"
        raise Refused("STRING_TOO_LONG", message, [field.name])
    return given.strip() or None


def _picklist(field: Field, given: object, rounded: bool) -> str | None:
    text = _text(field, given, rounded)
    if field.restricted and text not in (*field.values, None):
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name])
    return text


def _boolean(field: Field, given: object, rounded: bool) -> bool:
    if not isinstance(given, bool):
        raise _not_a(field, "boolean", given)
    return given


def _number(field: Field, given: object, rounded: bool) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, int | Decimal | str):
        raise _not_a(field, "double", given)
    if isinstance(given, str) and not _NUMBER.fullmatch(given):
        raise _not_a(field, "double", given)
    try:
        number = Decimal(given)
        whole = number.adjusted() + 1 if number else 0
        places = -int(number.as_tuple().exponent)
        if whole > field.precision - field.scale or places > _PLACES:
            raise InvalidOperation
        return number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP) if rounded else number
    except InvalidOperation:
        message = f"{field.label}: value outside of valid range on numeric field: {str(given)[:60]}"
        raise Refused("NUMBER_OUTSIDE_VALID_RANGE", message, [field.name]) from None


def _whole(field: Field, given: object, rounded: bool) -> int:
    if isinstance(given, str) and re.fullmatch(r"-?[0-9]{1,10}", given):
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or abs(given) >= 2**31:
        raise _not_a(field, "int", given)
    return given


def _date(field: Field, given: object, rounded: bool) -> date:
    try:
        if isinstance(given, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", given):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise _not_a(field, "date", given)


def _datetime(field: Field, given: object, rounded: bool) -> datetime:
    found = moment(given) if isinstance(given, str) else None
    if found is None:
        raise _not_a(field, "datetime", given)
    return found


def _email(field: Field, given: object, rounded: bool) -> str | None:
    text = _text(field, given, rounded)
    if text is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text):
        raise Refused("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", [field.name])
    return text


def _not_a(field: Field, kind: str, given: object) -> Refused:
    if isinstance(given, Mapping | list):
        found = "START_OBJECT" if isinstance(given, Mapping) else "START_ARRAY"
    else:
        found = f"VALUE_{_KINDS.get(type(given), 'STRING')} value {str(given)[:60]}"
    message = f"Cannot deserialize instance of {kind} from {found} or request may be missing a required field: "
    return Refused("JSON_PARSER_ERROR", message + field.name)


_READERS: Mapping[str, Callable[[Field, Any, bool], Any]] = {
    "picklist": _picklist,
    "boolean": _boolean,
    "double": _number,
    "currency": _number,
    "int": _whole,
    "date": _date,
    "datetime": _datetime,
    "email": _email,
}
