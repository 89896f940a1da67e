"""Make classes of plain data that was already found to keep its schema, without judging it a second time.

The schema and the classes give the same verdict on every document (the contract tests hold them to it). So
what the validator has passed goes through pydantic without its checks: as it fills in the fields, nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, TypeVar, cast

from pydantic_core import CoreSchema, SchemaValidator, core_schema

from openreturns.models._base import CanonicalModel
from openreturns.models._generated.common import Money, Quantity
from openreturns.models._scalars import PLAIN

__all__ = ["from_checked"]

_M = TypeVar("_M", bound=CanonicalModel)

_REPEATED: tuple[type[CanonicalModel], ...] = (Quantity, Money)
"""What the lines of a document say many times over: equal values become one object."""


def from_checked(model: type[_M], data: Mapping[str, Any]) -> _M:
    """Return what `model.model_validate_json` makes of the same data, which must keep the strict schema."""
    return cast("_M", _reader(model).validate_python(data))


@cache
def _reader(model: type[CanonicalModel]) -> SchemaValidator:
    model.model_rebuild()  # the classes are built when first asked for
    schema = cast("CoreSchema", _unjudged(model.__pydantic_core_schema__, {}))
    return SchemaValidator(schema, _use_prebuilt=False)  # the classes' own would judge


def _unjudged(schema: Any, known: dict[str, Any]) -> Any:  # noqa: ANN401 - core schemas are dicts of many kinds
    """Return a class's schema without its checks; `known` are the definitions met on the way."""
    plain = schema.get("metadata", {}).get(PLAIN)
    if plain is not None:
        return core_schema.no_info_plain_validator_function(plain)
    kind = schema["type"]
    if kind == "definitions":
        known |= {definition["ref"]: definition for definition in schema["definitions"]}
    if kind == "definition-ref":
        return _unjudged(known[schema["schema_ref"]], known)
    if kind in {"definitions", "nullable"}:  # JSON has no null here, and what is absent gets its default
        return _unjudged(schema["schema"], known)
    if kind == "json-or-python":
        return _unjudged(schema["json_schema"], known)
    if kind == "model-fields":  # a checked document has no others than these
        fields = {name: _unjudged(field, known) for name, field in schema["fields"].items()}
        return {**schema, "fields": fields, "extra_behavior": "ignore"}
    if kind == "tuple":
        return {**schema, "items_schema": [_unjudged(item, known) for item in schema["items_schema"]]}
    if kind in {"model", "model-field", "default"}:
        inner = {**schema, "schema": _unjudged(schema["schema"], known)}
        return _shared(inner) if schema.get("cls") in _REPEATED else inner
    return core_schema.any_schema()


def _shared(schema: Any) -> CoreSchema:  # noqa: ANN401 - the schema of a class
    """Return a class's schema that makes one object of equal data."""
    make = SchemaValidator(schema, _use_prebuilt=False).validate_python
    one, two = schema["schema"]["fields"]
    made = lru_cache(maxsize=4096)(lambda first, second: make({one: first, two: second}))
    return core_schema.no_info_plain_validator_function(lambda data: made(data[one], data[two]))
