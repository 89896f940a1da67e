"""What a call gives, checked against the description: typed values, or everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from openreturns.errors import ContractError
from openreturns.sandbox import Call, Reply
from openreturns.validation import Validator

from openreturns_adapters.shipbob.simulator._answers import problem
from openreturns_adapters.shipbob.simulator._schemas import body_validator

__all__ = ["Given", "checked"]

Schemas = Mapping[str, Mapping[str, Any]]

_whole = re.compile(r"-?[0-9]{1,18}").fullmatch


@dataclass(frozen=True)
class Given:
    """A call whose parts keep their schemas."""

    url: str
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, Any]
    body: Any


def checked(
    do: Callable[[Given], Reply],
    parts: Mapping[str, Schemas],
    body: str,
    *,
    required: frozenset[str],
    wrong: int,
    unfit: int,
) -> Callable[[Call], Reply]:
    """Return the function of an operation that looks at everything first.

    `parts` are the schemas of path, query and headers, `body` names that of the body. A parameter that does not
    fit is answered with status `wrong`, a body with `unfit`.
    """
    parameters = {part: _Part(schemas, required) for part, schemas in parts.items()}
    validator = body_validator(body) if body else None
    whole = {path for path, field in validator.fields.items() if field.kind == "integer"} if validator else set()

    def run(call: Call) -> Reply:
        errors: list[str] = []
        values = {part: reader.read(getattr(call, part), errors) for part, reader in parameters.items()}
        if errors:
            return problem(wrong, " ".join(errors))
        if validator is None:
            return do(Given(call.url, **values, body=None))
        try:
            sent = call.json
        except ContractError as error:
            return problem(unfit, str(error))
        broken = [f"{p.canonical}: {p.message}" for p in validator.problems(sent)]
        broken += [f"{place}: must be integer" for place in _spelled_with_a_point(sent) if _field(place) in whole]
        if broken:
            return problem(unfit, "The request is not valid.", errors=broken)
        return do(Given(call.url, **values, body=sent))

    return run


def _spelled_with_a_point(value: object, place: str = "") -> Iterator[str]:
    """Yield where numbers are written with a point: 1.0 is whole to a JSON Schema and not to the vendor."""
    if isinstance(value, Decimal):
        yield place
    elif isinstance(value, (dict, list)):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _spelled_with_a_point(inner, f"{place}/{name}")


def _field(place: str) -> str:
    """Return the field that a place is of: `/inventory/0/quantity` is `inventory[].quantity`."""
    return re.sub(r"/[0-9]+", "[]", place).removeprefix("/").replace("/", ".")


class _Part:
    """The parameters of one part of a call: path, query or headers."""

    def __init__(self, schemas: Schemas, required: frozenset[str]) -> None:
        self._schemas = schemas
        self._required = required & schemas.keys()
        self._validators = {name: Validator(schema) for name, schema in schemas.items()}

    def read(self, found: Mapping[str, str], errors: list[str]) -> dict[str, Any]:
        """Return the values by name, and add what is wrong to the errors."""
        values = {name: _typed(found[name], schema) for name, schema in self._schemas.items() if name in found}
        errors += [f"The {name} parameter is required." for name in sorted(self._required - values.keys())]
        wrong = [name for name, value in values.items() if not self._validators[name].is_valid(value)]
        errors += [f"The value given for {name} is not valid." for name in wrong]
        return values


def _typed(text: str, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value that a parameter's text stands for, or the text where it stands for none."""
    if schema.get("type") == "integer" and _whole(text):
        return int(text)
    if schema.get("type") == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text
