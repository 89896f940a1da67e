"""What a simulated vendor sees and says: a call, a reply, and operations described as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openreturns._json import parse

__all__ = ["Answer", "Call", "Operation", "Reply", "describe"]

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One request. `path` holds the values of the path's parameters, still as text; header names are lower case."""

    method: str
    url: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body as JSON, numbers exact. Raises ContractError where it is none."""
        return parse(self.body)


@dataclass(frozen=True)
class Reply:
    """One answer: `body` is plain data written as JSON (Decimals as numbers), bytes as they are, or None."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """One documented answer of an operation."""

    meaning: str
    schema: Schema | None = None
    media_type: str = "application/json"


@dataclass(frozen=True)
class Operation:
    """One thing the vendor offers: where, what it takes, what it may answer, and the function that does it.

    `path` is an OpenAPI path such as `/return/{id}`; a literal after a parameter (`/return/{id}:cancel`) is
    allowed. `parameters` are the schemas of path and query parameters and headers by name, `required` names
    those that must be there (path parameters always must).
    """

    method: str
    path: str
    do: Callable[[Call], Reply]
    summary: str
    answers: Mapping[int, Answer]
    takes: Schema | None = None
    media_type: str = "application/json"
    query: Mapping[str, Schema] = field(default_factory=dict)
    headers: Mapping[str, Schema] = field(default_factory=dict)
    parameters: Mapping[str, Schema] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    open: bool = False
    """Whether it may be called without credentials (a token endpoint, a ping)."""

    def pattern(self) -> re.Pattern[str]:
        """Return the path as a regular expression with a group a parameter."""
        parts = re.split(r"\{(\w+)\}", self.path)
        text = "".join(re.escape(part) if n % 2 == 0 else f"(?P<{part}>[^/]+?)" for n, part in enumerate(parts))
        return re.compile(text)


def describe(
    title: str, version: str, base: str, operations: tuple[Operation, ...], security: Schema, definitions: Schema
) -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of what is served.

    `security` are the security schemes, `definitions` the schemas that `$ref: #/components/schemas/..` names.
    """
    paths: dict[str, Any] = {}
    for operation in operations:
        entry: dict[str, Any] = {
            "summary": operation.summary,
            "operationId": _operation_id(operation),
            "responses": {str(status): _answer(answer) for status, answer in operation.answers.items()},
        }
        parameters = [
            {
                "name": name,
                "in": place,
                "required": place == "path" or name in operation.required,
                "schema": dict(schema),
            }
            for place, schemas in (
                ("path", _path_schemas(operation)),
                ("query", operation.query),
                ("header", operation.headers),
            )
            for name, schema in schemas.items()
        ]
        if parameters:
            entry["parameters"] = parameters
        if operation.takes is not None:
            content = {operation.media_type: {"schema": dict(operation.takes)}}
            entry["requestBody"] = {"required": True, "content": content}
        if operation.open:
            entry["security"] = []
        paths.setdefault(operation.path, {})[operation.method.lower()] = entry
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": "A simulator: in memory, for tests."},
        "servers": [{"url": base}],
        "security": [{name: []} for name in security],
        "components": {"securitySchemes": dict(security), "schemas": dict(definitions)},
        "paths": paths,
    }


def _operation_id(operation: Operation) -> str:
    return operation.method.lower() + "".join(w.capitalize() for w in re.findall(r"\w+", operation.path))


def _path_schemas(operation: Operation) -> dict[str, Schema]:
    names = re.findall(r"\{(\w+)\}", operation.path)
    return {name: operation.parameters.get(name, {"type": "string", "minLength": 1}) for name in names}


def _answer(answer: Answer) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.meaning}
    if answer.schema is not None:
        described["content"] = {answer.media_type: {"schema": dict(answer.schema)}}
    return described
