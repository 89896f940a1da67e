"""GraphQL schemas: queries are reads, mutations are writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from openreturns.errors import MappingError

from openreturns_codegen.adapter.formats.records import one_record
from openreturns_codegen.adapter.model import Description, Operation
from openreturns_codegen.adapter.source import Source

__all__ = ["describe"]

_SCALARS = {
    "Int": {"type": "integer"},
    "Float": {"type": "number"},
    "Boolean": {"type": "boolean"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Date": {"type": "string", "format": "date"},
}


def describe(given: Sequence[Source]) -> Description:
    """Return what a schema in GraphQL's definition language tells. Raises MappingError where it does not parse."""
    import graphql

    text = "\n".join(source.text for source in given)
    try:
        schema = graphql.build_schema(text, assume_valid_sdl=True)
    except graphql.GraphQLSyntaxError as error:
        line = error.locations[0].line if error.locations else 1
        raise MappingError(f"{given[0].name}:{line}: /: {error.message}", kind="description") from None
    except (TypeError, graphql.GraphQLError) as error:
        raise MappingError(f"{given[0].name}:1: /: {error}", kind="description") from None
    schemas = {
        name: _object(type_)
        for name, type_ in schema.type_map.items()
        if not name.startswith("__") and hasattr(type_, "fields")
    }
    root = {"$defs": schemas}
    return Description(
        form="GraphQL",
        title=given[0].name.split(".")[0],
        version="1",
        root=root,
        operations=list(_operations(schema, root)),
        schemas=schemas,
        auth="bearer",
    )


def _object(type_: Any) -> dict[str, Any]:  # noqa: ANN401 - graphql's object and input types
    fields = {name: _field(one) for name, one in type_.fields.items()}
    required = [name for name, one in type_.fields.items() if _name(one.type).endswith("!")]
    return {"type": "object", "properties": fields, **({"required": required} if required else {})}


def _field(one: Any) -> dict[str, Any]:  # noqa: ANN401 - graphql's own
    return {**_type(one.type), **({"description": one.description} if one.description else {})}


def _name(type_: Any) -> str:  # noqa: ANN401 - graphql's own
    return str(type_)


def _type(type_: Any) -> dict[str, Any]:  # noqa: ANN401 - graphql's own
    import graphql

    if graphql.is_non_null_type(type_):
        return _type(type_.of_type)
    if graphql.is_list_type(type_):
        return {"type": "array", "items": _type(type_.of_type)}
    if graphql.is_enum_type(type_):
        return {"type": "string", "enum": list(type_.values)}
    if graphql.is_scalar_type(type_):
        return dict(_SCALARS.get(type_.name, {"type": "string"}))
    if graphql.is_union_type(type_):
        return {"oneOf": [{"$ref": f"#/$defs/{one.name}"} for one in type_.types]}
    edges = getattr(type_, "fields", {})
    node = _node(edges)
    return {"type": "array", "items": _type(node)} if node is not None else {"$ref": f"#/$defs/{type_.name}"}


def _node(fields: Any) -> Any:  # noqa: ANN401 - graphql's own
    """Return the type of what a connection lists, None for a type that is no connection."""
    import graphql

    if "nodes" in fields:
        return graphql.get_named_type(fields["nodes"].type)
    if "edges" in fields:
        edge = graphql.get_named_type(fields["edges"].type)
        return graphql.get_named_type(edge.fields["node"].type) if "node" in getattr(edge, "fields", {}) else None
    return None


def _operations(schema: Any, root: dict[str, Any]) -> Iterator[Operation]:  # noqa: ANN401 - graphql's own
    for method, type_ in (("QUERY", schema.query_type), ("MUTATION", schema.mutation_type)):
        for name, one in (type_.fields if type_ else {}).items():
            gives, gives_in, many = one_record(root, _type(one.type))
            inputs = [_type(argument.type) for argument in one.args.values()]
            objects = [one for one in inputs if "$ref" in one]
            yield Operation(
                method,
                name,
                name=name,
                summary=one.description or "",
                takes=objects[0] if objects and method == "MUTATION" else None,
                gives=gives,
                gives_in=gives_in,
                many=many,
                query=tuple(one.args),
            )
