"""A GraphQL schema as JSON Schemas: one definition a type, and one for the arguments of each root field.

Types are closed, for a server answers and takes no fields it does not declare. What may be null may be null; an
input without a default that may not is required. A scalar of the vendor's own admits anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from openreturns.errors import ContractError

__all__ = ["read_graphql"]

_SCALARS: Final[dict[str, dict[str, Any]]] = {
    "Int": {"type": "integer", "format": "int32"},
    "Float": {"type": "number"},
    "String": {"type": "string"},
    "Boolean": {"type": "boolean"},
    "ID": {"type": "string"},
}


def read_graphql(text: str, name: str) -> tuple[dict[str, Any], Callable[[], dict[str, int]]]:
    """Return the schemas of a GraphQL text, and what tells the line of each. Raises ContractError."""
    try:
        from graphql import GraphQLError, parse
    except ImportError:
        message = f"{name}: is GraphQL, which needs the extra openreturns[governance]"
        raise ContractError(message, kind="unreadable") from None
    try:
        document = parse(text)
    except GraphQLError as error:
        line = error.locations[0].line if error.locations else 1
        raise ContractError(f"{name}:{line}: is not GraphQL: {error.message}", kind="unreadable") from None
    lines: dict[str, int] = {"": 1}
    definitions: dict[str, Any] = {}
    for node in document.definitions:
        for title, schema in _definitions(node, lines):
            known = definitions.get(title)
            definitions[title] = _joined(known, schema) if known else schema
    return {"$defs": definitions}, lambda: lines


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return a type together with what an `extend` of it says."""
    return {key: value + other[key] if isinstance(value, list) else {**value, **other[key]} if isinstance(value, dict)
            else value for key, value in one.items()}  # fmt: skip


def _definitions(node: Any, lines: dict[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - a syntax tree
    kind = node.kind.removesuffix("_definition").removesuffix("_extension")
    if kind not in {"object_type", "interface_type", "input_object_type", "enum_type", "union_type", "scalar_type"}:
        return
    title = node.name.value
    at = f"/$defs/{title}"
    lines.setdefault(at, node.loc.start_token.line)
    said = _told(node)
    if kind == "enum_type":
        lines.setdefault(f"{at}/enum", node.loc.start_token.line)
        yield title, {"type": "string", "enum": [value.name.value for value in node.values or ()], **said}
    elif kind == "union_type":
        yield title, {"anyOf": [_named(one.name.value) for one in node.types or ()], **said}
    elif kind == "scalar_type":
        yield title, {"title": title, **said}
    else:
        made = _object(node.fields or (), at, lines, is_input=kind == "input_object_type")
        yield title, {**(_one_of(made, node.fields or ()) if _directed(node, "oneOf") else made), **said}
        if title in {"Query", "Mutation"}:
            for one in node.fields or ():
                name = f"{title}.{one.name.value}"
                lines[f"/$defs/{name}"] = one.loc.start_token.line
                yield name, {**_object(one.arguments, f"/$defs/{name}", lines, is_input=True), **_told(one)}


def _object(fields: Any, at: str, lines: dict[str, int], *, is_input: bool) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    properties: dict[str, Any] = {}
    required = []
    for one in fields:
        name = one.name.value
        lines[f"{at}/properties/{name}"] = one.loc.start_token.line
        properties[name] = {**_type(one.type), **_told(one), **(_default(one) if is_input else {})}
        if is_input and one.type.kind == "non_null_type" and one.default_value is None:
            required.append(name)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _default(node: Any) -> dict[str, Any]:  # noqa: ANN401 - a syntax tree
    from graphql import value_from_ast_untyped

    return {} if node.default_value is None else {"default": value_from_ast_untyped(node.default_value)}


def _one_of(made: dict[str, Any], fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return an input of which exactly one field is given, and not as null (`@oneOf`)."""
    given = {one.name.value: {**_present(one.type), **_told(one)} for one in fields}
    return {**made, "properties": given, "minProperties": 1, "maxProperties": 1}


def _type(node: Any) -> dict[str, Any]:  # noqa: ANN401 - a syntax tree
    if node.kind == "non_null_type":
        return _present(node.type)
    return {"anyOf": [_present(node), {"type": "null"}]}


def _present(node: Any) -> dict[str, Any]:  # noqa: ANN401 - a syntax tree
    if node.kind == "list_type":
        return {"type": "array", "items": _type(node.type)}
    return _named(node.name.value)


def _named(name: str) -> dict[str, Any]:
    return dict(_SCALARS.get(name) or {"$ref": f"#/$defs/{name}"})


def _told(node: Any) -> dict[str, Any]:  # noqa: ANN401 - a syntax tree
    said = {"description": node.description.value} if getattr(node, "description", None) else {}
    return {**said, **({"deprecated": True} if _directed(node, "deprecated") else {})}


def _directed(node: Any, name: str) -> bool:  # noqa: ANN401 - a syntax tree
    return any(one.name.value == name for one in node.directives or ())
