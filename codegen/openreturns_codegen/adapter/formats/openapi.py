"""OpenAPI 3.0 and 3.1, and Swagger 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openreturns_codegen.adapter.formats.records import one_record
from openreturns_codegen.adapter.model import Description, Note, Operation
from openreturns_codegen.adapter.refs import resolve
from openreturns_codegen.adapter.source import Source, malformed

__all__ = ["describe"]

_METHODS = ("get", "post", "put", "patch", "delete")


def describe(given: Sequence[Source]) -> Description:
    """Return what an OpenAPI description tells. Raises MappingError where a part is of another kind than it must be."""
    source = given[0]
    data = source.data
    info, paths = data.get("info"), data.get("paths", {})
    if not isinstance(info, dict):
        raise malformed(source, "/info", "an object with title and version must be here")
    if not isinstance(paths, dict):
        raise malformed(source, "/paths", f"must be an object, not {_kind(paths)}")
    notes: list[Note] = []
    operations = list(_operations(source, paths, notes))
    components = data.get("components") or {}
    schemas = data.get("definitions") or components.get("schemas") or {}
    if not isinstance(schemas, dict):
        raise malformed(source, "/components/schemas", f"must be an object, not {_kind(schemas)}")
    kind, detail = _auth(data.get("securityDefinitions") or components.get("securitySchemes") or {})
    return Description(
        form=f"OpenAPI {data['openapi']}" if "openapi" in data else f"Swagger {data['swagger']}",
        title=str(info.get("title") or source.name),
        version=str(info.get("version") or "1"),
        root=data,
        operations=operations,
        schemas=schemas,
        base_url=_base(data),
        auth=kind,
        auth_detail=detail,
        notes=tuple(notes),
    )


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", type(None): "null", bool: "a boolean"}
    return names.get(type(value), "a number")


def _operations(source: Source, paths: Mapping[str, Any], notes: list[Note]) -> Iterator[Operation]:
    for path, item in paths.items():
        here = f"/paths/{path.replace('~', '~0').replace('/', '~1')}"
        if not isinstance(item, dict):
            raise malformed(source, here, f"must be an object of operations, not {_kind(item)}")
        for method in _METHODS:
            if method in item:
                if not isinstance(item[method], dict):
                    raise malformed(source, f"{here}/{method}", f"must be an operation, not {_kind(item[method])}")
                yield _operation(source, method, path, item, f"{here}/{method}", notes)


def _operation(
    source: Source, method: str, path: str, item: Mapping[str, Any], here: str, notes: list[Note]
) -> Operation:
    root, said = source.data, item[method]
    parameters = [*(item.get("parameters") or ()), *(said.get("parameters") or ())]
    listed = [one for one in (resolve(root, parameter) for parameter in parameters) if isinstance(one, Mapping)]
    responses = said.get("responses") or {}
    if not isinstance(responses, dict):
        raise malformed(source, f"{here}/responses", f"must be an object by status, not {_kind(responses)}")
    body = next((one.get("schema") for one in listed if one.get("in") == "body"), None)
    if body is None and "requestBody" in said:
        body = _json(resolve(root, said["requestBody"]), f"{here}/requestBody", notes)
    good = next((responses[status] for status in ("200", "201", "202", "default", "2XX") if status in responses), None)
    answer = _json(resolve(root, good), f"{here}/responses", notes) if good is not None else None
    takes, takes_in, _ = one_record(root, body)
    gives, gives_in, many = one_record(root, answer)
    return Operation(
        method=method.upper(),
        path=path,
        name=str(said.get("operationId") or ""),
        summary=str(said.get("summary") or said.get("description") or "").strip(),
        takes=takes,
        takes_in=takes_in,
        gives=gives,
        gives_in=gives_in,
        many=many,
        query=tuple(str(one.get("name")) for one in listed if one.get("in") == "query"),
        headers=tuple(str(one.get("name")) for one in listed if one.get("in") == "header"),
        statuses=tuple(int(status) for status in responses if status.isdigit()),
    )


def _json(body: Any, here: str, notes: list[Note]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the schema of the JSON that a body or an answer holds, None for none."""
    if not isinstance(body, Mapping):
        return None
    if "schema" in body:  # Swagger 2
        return body["schema"]
    content = body.get("content") or {}
    for media, one in content.items():
        if "json" in media or media == "*/*":
            return (one or {}).get("schema")
    if content:
        notes.append(Note(here, f"only {', '.join(content)}, and records are taken from JSON"))
    return None


def _base(data: Mapping[str, Any]) -> str:
    if "swagger" in data:
        scheme = (data.get("schemes") or ["https"])[-1]
        return f"{scheme}://{data['host']}{data.get('basePath', '').rstrip('/')}" if data.get("host") else ""
    servers = data.get("servers") or []
    first = servers[0] if isinstance(servers, list) and servers else {}
    url = str(first.get("url", ""))
    for name, variable in (first.get("variables") or {}).items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", name)))
    return url.rstrip("/") if url.startswith("https://") else ""


def _auth(schemes: Mapping[str, Any]) -> tuple[str, str]:
    found = {}
    for scheme in (one for one in schemes.values() if isinstance(one, dict)):
        kind = str(scheme.get("type", "")).lower()
        if kind == "oauth2":
            flows = scheme.get("flows") or {"": scheme}
            found["oauth2"] = next((str(flow["tokenUrl"]) for flow in flows.values() if "tokenUrl" in flow), "")
        elif kind == "basic" or (kind == "http" and str(scheme.get("scheme", "")).lower() == "basic"):
            found["basic"] = ""
        elif kind == "http":
            found["bearer"] = ""
        elif kind == "apikey" and scheme.get("in") == "header":
            named = str(scheme.get("name", "X-API-Key"))
            found["bearer" if named.lower() == "authorization" else "api_key"] = named
    order = ("oauth2", "bearer", "api_key", "basic")
    return next(((kind, found[kind]) for kind in order if kind in found), ("none", ""))
