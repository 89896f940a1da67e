"""The description's schemas: every record as it is sent and as it is answered, made from what its fields hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openreturns.sandbox import Call, Reply

from openreturns_adapters.netsuite.simulator._calls import here
from openreturns_adapters.netsuite.simulator._kinds import ASSIGNMENT, DETAIL, ENUMS, KINDS, Field, Fields, Kind
from openreturns_adapters.netsuite.simulator._kinds import kind as kind_of
from openreturns_adapters.netsuite.simulator._problems import Detail, Refused

__all__ = ["DEFINITIONS", "catalog", "described", "ref", "sent"]

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}

_LIMIT = 10**9  # of numbers a client would send
_SENT: Mapping[str, Schema] = {
    "int": {"type": ["integer", "null"], "minimum": -(2**31), "maximum": 2**31},
    "number": {"type": ["number", "null"], "minimum": -_LIMIT, "maximum": _LIMIT},
    "money": {"type": ["number", "null"], "minimum": -_LIMIT, "maximum": _LIMIT},
    "bool": {"type": ["boolean", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
}
_ANSWERED: Mapping[str, Schema] = {
    "text": _TEXT,
    "int": {"type": "integer"},
    "number": {"type": "number"},
    "money": {"type": "number"},
    "bool": {"type": "boolean"},
    "date": _DAY,
    "moment": _MOMENT,
}


def ref(name: str) -> Schema:
    """Return the reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def sent(kind: Kind) -> str:
    """Return the name of the schema of what is sent of a kind."""
    return f"{kind.name}-write"


def _closed(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def _properties(fields: Fields, *, answered: bool) -> dict[str, Schema]:
    return {name: (_shown if answered else _taken)(one) for name, one in fields.items() if answered or not one.own}


def _taken(one: Field) -> Schema:
    if one.holds == "ref":
        return ref("reference-write")
    if one.holds == "detail":
        return ref("inventoryDetail-write")
    if one.holds == "enum":
        return {"anyOf": [{"type": "null"}, {"enum": list(ENUMS[one.of[0]])}]}
    if one.holds == "text":
        return {"type": ["string", "null"], "maxLength": min(one.longest, 60)}
    return _SENT[one.holds]


def _shown(one: Field) -> Schema:
    if one.holds == "ref":
        return ref("reference")
    if one.holds == "detail":
        return ref("inventoryDetail")
    if one.holds == "enum":
        words = list(ENUMS[one.of[0]])
        return {"anyOf": [_closed(id={"enum": words}, refName=_TEXT), {"enum": words}]}
    return _ANSWERED[one.holds]


def _lines(fields: Fields, *, answered: bool, **more: Schema) -> Schema:
    line = {"type": "object", "properties": {**_properties(fields, answered=answered), **more}}
    items: Schema = {"type": "array", "items": line}
    if not answered:
        return {"type": "object", "required": ["items"], "properties": {"items": {**items, "maxItems": 3}}}
    counts = {"count": _COUNT, "hasMore": {"type": "boolean"}, "offset": _COUNT, "totalResults": _COUNT}
    return {
        "type": "object",
        "required": ["links"],
        "properties": {"links": ref("links"), **counts, "items": items},
        "additionalProperties": False,
    }


def _record(kind: Kind, *, answered: bool) -> Schema:
    lists = {name: _lines(fields, answered=answered) for name, fields in kind.lists.items()}
    properties = {**_properties(kind.fields, answered=answered), **lists}
    if not answered:
        return {"type": "object", "properties": properties}
    return {"type": "object", "required": ["links", "id"], "properties": {"links": ref("links"), **properties}}


def _many(kind: Kind) -> Schema:
    items = {"type": "array", "minItems": 1, "maxItems": 2, "items": ref(sent(kind))}
    return {"type": "object", "required": ["items"], "properties": {"items": items}}


_LINK = _closed(rel=_TEXT, href=_TEXT)
_ERROR = {
    "type": "object",
    "required": ["detail", "o:errorCode"],
    "properties": {
        "detail": {"type": "string", "minLength": 1},
        "o:errorCode": {"type": "string", "pattern": "^[A-Z_]+$"},
        "o:errorPath": _TEXT,
        "o:errorHeader": _TEXT,
        "o:errorQueryParam": _TEXT,
        "o:errorUrl": _TEXT,
    },
    "additionalProperties": False,
}


def _page(item: Schema) -> Schema:
    return _closed(
        links=ref("links"),
        count=_COUNT,
        hasMore={"type": "boolean"},
        offset=_COUNT,
        totalResults=_COUNT,
        items={"type": "array", "items": item},
    )


_REFERENCE = {
    "type": "object",
    "required": ["id", "refName", "links"],
    "properties": {"links": ref("links"), "id": _TEXT, "externalId": _TEXT, "refName": _TEXT},
    "additionalProperties": False,
}
_REFERENCE_SENT = {
    "anyOf": [
        {"type": "null"},
        {"type": "string", "pattern": "^[1-9][0-9]{0,5}$"},
        {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string", "pattern": "^[1-9][0-9]{0,5}$"}},
        },
        {
            "type": "object",
            "required": ["externalId"],
            "properties": {"externalId": {"type": "string", "minLength": 1}},
        },
    ]
}

DEFINITIONS: dict[str, Schema] = {
    "error": _closed(
        type={"type": "string", "format": "uri"},
        title=_TEXT,
        status={"type": "integer"},
        **{"o:errorDetails": {"type": "array", "minItems": 1, "items": _ERROR}},
    ),
    "links": {"type": "array", "items": _LINK},
    "reference": _REFERENCE,
    "reference-write": _REFERENCE_SENT,
    "stubs": _page({"type": "object", "required": ["links", "id"]}),
    "rows": _page({"type": "object", "required": ["links"]}),
    "inventoryDetail": {
        "type": "object",
        "properties": {
            **_properties(DETAIL, answered=True),
            "inventoryAssignment": _lines(ASSIGNMENT, answered=True),
        },
        "additionalProperties": False,
    },
    "inventoryDetail-write": {
        "type": "object",
        "properties": {
            **_properties(DETAIL, answered=False),
            "inventoryAssignment": _lines(ASSIGNMENT, answered=False),
        },
    },
    "token": _closed(access_token=_TEXT, expires_in={"type": "string", "pattern": "^[0-9]+$"}, token_type=_TEXT),
    "tokenRequest": {
        "type": "object",
        "required": ["grant_type", "client_assertion_type", "client_assertion"],
        "properties": {
            "grant_type": {"const": "client_credentials"},
            "client_assertion_type": {"const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
            "client_assertion": _TEXT,
        },
    },
    "tokenError": _closed(error={"enum": ["invalid_request", "invalid_grant", "invalid_client", "invalid_scope"]}),
    "governanceLimits": _closed(
        accountConcurrencyLimit=_COUNT, accountUnallocatedConcurrencyLimit=_COUNT, concurrencyLimitType=_TEXT
    ),
    "query": {"type": "object", "required": ["q"], "properties": {"q": {"type": "string", "minLength": 1}}},
    "job": _closed(
        completed={"type": "boolean"},
        id=_TEXT,
        progress={"enum": ["pending", "processing", "succeeded", "failed"]},
        task={"type": "object", "required": ["links"], "properties": {"links": ref("links")}},
        links=ref("links"),
    ),
    "task": {
        "type": "object",
        "required": ["completed", "id", "progress", "links"],
        "properties": {
            "completed": {"type": "boolean"},
            "id": _TEXT,
            "progress": {"enum": ["pending", "processing", "succeeded", "failed"]},
            "startTime": _MOMENT,
            "endTime": _MOMENT,
            "links": ref("links"),
        },
        "additionalProperties": False,
    },
    "tasks": _page({"type": "object", "required": ["links", "id"]}),
    **{kind.name: _record(kind, answered=True) for kind in KINDS.values() if kind.readable},
    **{sent(kind): _record(kind, answered=False) for kind in KINDS.values() if kind.writable},
    **{f"{sent(kind)}-many": _many(kind) for kind in KINDS.values() if kind.writable},
    "catalog": {"type": "object", "required": ["items"], "properties": {"items": {"type": "array"}}},
}


# --- the metadata catalogue ----------------------------------------------------------------------------------------


def catalog(call: Call) -> Reply:
    """Answer which records there are."""
    base = f"{here(call)}/record/v1/metadata-catalog"
    names = [kind.name for kind in KINDS.values() if kind.readable]
    items = [{"name": name, "links": [{"rel": "canonical", "href": f"{base}/{name}"}]} for name in names]
    return Reply(200, {"items": items, "links": [{"rel": "self", "href": base}]})


def described(call: Call) -> Reply:
    """Answer what fields a record has, and which of them a list can be filtered by."""
    found = kind_of(call.path["record"])
    if found is None or not found.readable:
        raise Refused([Detail("The record type does not exist.", "NONEXISTENT_ID")], 404)
    fields = {name: {**_plainly(one), "x-ns-filterable": one.holds != "detail"} for name, one in found.fields.items()}
    lists = {
        name: {"type": "object", "properties": {"items": {"type": "array", "items": _properties_of(fields)}}}
        for name, fields in found.lists.items()
    }
    schema = {"type": "object", "title": found.label, "properties": {**fields, **lists}}
    return Reply(200, schema, {"Content-Type": "application/schema+json"})


def _properties_of(fields: Fields) -> Schema:
    return {"type": "object", "properties": {name: _plainly(one) for name, one in fields.items()}}


def _plainly(one: Field) -> Schema:
    if one.holds in ("ref", "detail"):
        return {"type": "object", "readOnly": one.own}
    if one.holds == "enum":
        return {"type": "string", "enum": list(ENUMS[one.of[0]]), "readOnly": one.own}
    sort = {"int": "integer", "number": "number", "money": "number", "bool": "boolean"}.get(one.holds, "string")
    form = {"date": {"format": "date"}, "moment": {"format": "date-time"}}.get(one.holds, {})
    return {"type": sort, **form, "readOnly": one.own}
