"""Hold a request to the vendor's own schema of it, and say in the vendor's errors all that is wrong at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from openreturns.errors import ContractError
from openreturns.sandbox import Call

from openreturns_adapters.avatax.simulator.models import DEFINITIONS
from openreturns_adapters.avatax.simulator.problems import Fault, Refused, fault

__all__ = ["body", "day", "flag", "whole", "word"]

Schema = Mapping[str, Any]
Model = dict[str, Any]

_LARGEST = Decimal("1e13")  # beyond any invoice; the service's own numbers end before
_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, Decimal),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def body(call: Call, name: str) -> Model:
    """Return the body of a call as the model of this name, without its nulls. Raises Refused."""
    if not call.body.strip():
        raise fault("ModelRequiredException", f"Send a {name} as JSON.")
    try:
        value = call.json
    except ContractError as error:
        raise fault("JsonFormatError", str(error)) from None
    found = list(_wrong(value, DEFINITIONS[name], ""))
    if found:
        raise Refused(*found)
    cleaned: Model = _without_nulls(value)
    return cleaned


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value if one is not None] if isinstance(value, list) else value


def _wrong(value: Any, schema: Schema, at: str) -> Iterator[Fault]:  # noqa: ANN401 - any JSON value
    if "anyOf" in schema:
        if value is None:
            return
        schema = schema["anyOf"][0]
    if "$ref" in schema:
        schema = DEFINITIONS[schema["$ref"].rpartition("/")[2]]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if value is None and "null" in kinds:
        return
    kind = kinds[0]
    if not isinstance(value, _KINDS[kind]) or (kind == "number" and isinstance(value, bool)):
        yield Fault("ModelStateInvalid", f"The field takes a value of kind {kind}.", at or "model")
        return
    yield from _CHECKS.get(kind, _nothing)(value, schema, at)


def _nothing(value: Any, schema: Schema, at: str) -> Iterator[Fault]:  # noqa: ANN401 - any JSON value
    yield from ()


def _text(value: str, schema: Schema, at: str) -> Iterator[Fault]:
    limit = schema.get("maxLength")
    if limit is not None and len(value) > limit:
        yield Fault("StringLengthError", f"The field takes up to {limit} characters.", at)
    if len(value) < schema.get("minLength", 0):
        yield Fault("ValueRequiredError", "The field needs a value.", at)
    if "enum" in schema and value not in schema["enum"]:
        known = ", ".join(one for one in schema["enum"] if one is not None)
        yield Fault("InvalidEnumValue", f"The field takes one of: {known}.", at)
    if schema.get("format") == "date" and day(value) is None:
        yield Fault("DateFormatError", "The field takes a date such as 2026-11-25.", at)


def _number(value: int | Decimal, schema: Schema, at: str) -> Iterator[Fault]:
    if not -_LARGEST < value < _LARGEST:
        yield Fault("InvalidDecimalValue", "The number is larger than the service keeps.", at)


def _object(value: Model, schema: Schema, at: str) -> Iterator[Fault]:
    prefix = f"{at}." if at else ""
    for name in schema.get("required", ()):
        if value.get(name) is None:
            yield Fault("ValueRequiredError", "The field needs a value.", prefix + name)
    for name, one in schema.get("properties", {}).items():
        if value.get(name) is not None:
            yield from _wrong(value[name], one, prefix + name)


def _array(value: list[Any], schema: Schema, at: str) -> Iterator[Fault]:
    for place, one in enumerate(value):
        yield from _wrong(one, schema["items"], f"{at}[{place}]")


_CHECKS: Mapping[str, Any] = {"string": _text, "number": _number, "object": _object, "array": _array}


def day(text: str) -> date | None:
    """Return the date of ISO 8601 text, with or without a time behind it; None where it is none."""
    head, mark, rest = text.partition("T")
    if mark and not rest:
        return None
    try:
        return date.fromisoformat(head) if len(head) == 10 else None
    except ValueError:
        return None


# --- query parameters --------------------------------------------------------------------------------------------


def word(call: Call, name: str, known: tuple[str, ...]) -> str | None:
    """Return a query parameter that is one of the known words. Raises Refused."""
    value = call.query.get(name)
    if value is not None and value not in known:
        raise fault("InvalidEnumValue", f"The parameter takes one of: {', '.join(known)}.", name)
    return value


def flag(call: Call, name: str) -> bool:
    """Return a query parameter that is true or false, false where it is not there. Raises Refused."""
    value = call.query.get(name, "false")
    if value not in ("true", "false"):
        raise fault("ModelStateInvalid", "The parameter is true or false.", name)
    return value == "true"


def whole(call: Call, name: str, largest: int) -> int:
    """Return a query parameter that is a number from 0, 0 where it is not there. Raises Refused."""
    value = call.query.get(name, "0")
    if not (value.isascii() and value.isdigit()):
        raise fault("ModelStateInvalid", "The parameter is a whole number.", name)
    if len(value) > 12 or int(value) > largest:
        raise fault("QueryParameterOutOfRange", f"The parameter is from 0 to {largest}.", name)
    return int(value)
