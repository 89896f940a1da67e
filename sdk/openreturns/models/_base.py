"""What every canonical class can do: read and write its JSON exactly, and be copied with changes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

__all__ = ["CanonicalModel", "wire_name"]


_HEADLINE = ("number", "status", "lines")


def wire_name(field: str) -> str:
    """Return a field's name in JSON: `return_` is `return`, `unit_price` is `unitPrice`."""
    return to_camel(field.rstrip("_"))


class CanonicalModel(BaseModel, frozen=True):
    """A value of the contract: unchangeable, closed, with nothing guessed or converted.

    In Python fields have snake_case names, in JSON camelCase; a constructor takes either.
    """

    model_config = ConfigDict(
        alias_generator=wire_name,
        defer_build=True,  # building all validators takes longer than importing everything else
        extra="forbid",
        hide_input_in_errors=True,  # an error may be logged, a customer's address may not
    )

    def __init__(self, /, **fields: Any) -> None:  # noqa: ANN401 - type checkers see each class's own fields
        self.__pydantic_validator__.validate_python(fields, self_instance=self, by_alias=True, by_name=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        return _exact(handler(source))

    def to_json(self) -> bytes:
        """Return the document as compact JSON: camelCase, in the schema's order, absent fields left out."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_none=True)

    def to_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes as Python's dict, list, str, int and bool."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 - the constructor checks them
        """Return a copy with the changes, checked like a new document; None takes an optional field away."""
        return type(self)(**{name: getattr(self, name) for name in type(self).model_fields} | changes)

    def __repr_args__(self) -> Any:  # noqa: ANN401 - pydantic's own type is private
        yield from _shown(self)

    def __str__(self) -> str:
        return repr(self)


def _shown(model: CanonicalModel) -> Iterator[tuple[str, object]]:
    """Yield what a person needs to recognise a value, never a field that may name a person."""
    names = type(model).model_fields
    document = "meta" in names
    for name in _HEADLINE if document else names:
        value = getattr(model, name, None)
        if value is not None and name not in _personal(type(model)):
            yield name, len(value) if isinstance(value, tuple) else value
    if document:
        yield "revision", model.meta.revision  # type: ignore[attr-defined] # documents have it


@cache
def _personal(model: type[CanonicalModel]) -> frozenset[str]:
    """Return the fields that may name or reach a natural person, as the schema marks them."""
    said = {name: field.json_schema_extra for name, field in model.model_fields.items()}
    return frozenset(name for name, extra in said.items() if extra)


def _exact(schema: CoreSchema) -> CoreSchema:
    """Let an absent field be None in Python, but refuse a null in JSON: the contract knows no null.

    Done once per class, so reading a document costs nothing more.
    """
    model: Any = schema
    while model["type"] != "model-fields":
        if model["type"] == "model":
            model["custom_init"] = False  # ours only lets Python use its own names; JSON need not pass it
        model = model["schema"]
    for field in model["fields"].values():
        default = field["schema"]
        if default["type"] == "default" and default["schema"]["type"] == "nullable":
            nullable = default["schema"]
            default["schema"] = core_schema.json_or_python_schema(nullable["schema"], nullable)
    return schema
