"""The shapes of what is taken and answered, for the description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openreturns.sandbox import Answer

from openreturns_adapters.salesforce.simulator._metadata import Field, SObject

__all__ = ["DEFINITIONS", "answers", "definitions", "ref", "takes"]

Schema = Mapping[str, Any]
_TEXT: Schema = {"type": "string"}
_NUMERIC = ("double", "currency")

_ERRORS: Schema = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["message", "errorCode"],
        "properties": {
            "message": _TEXT,
            "errorCode": {"type": "string", "pattern": "^[A-Z_]+$"},
            "fields": {"type": "array", "items": _TEXT},
            "duplicateResult": {"type": "object"},
        },
        "additionalProperties": False,
    },
}
_ATTRIBUTES: Schema = {
    "type": "object",
    "required": ["type", "url"],
    "properties": {"type": _TEXT, "url": _TEXT},
    "additionalProperties": False,
}
_ROW: Schema = {"type": "object", "required": ["attributes"], "properties": {"attributes": _ATTRIBUTES}}


def _object(*required: str, optional: Mapping[str, Schema] | None = None, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": list(required or properties),
        "properties": {**properties, **(optional or {})},
        "additionalProperties": False,
    }


DEFINITIONS: dict[str, Schema] = {
    "Errors": _ERRORS,
    "Urls": {"type": "array", "minItems": 2, "items": _TEXT},
    "Saved": _object(
        id=_TEXT,
        success={"type": "boolean"},
        errors={"type": "array", "items": {"type": "object"}},
        optional={"created": {"type": "boolean"}},
    ),
    "Token": _object(
        access_token=_TEXT,
        signature=_TEXT,
        token_format={"const": "opaque"},
        instance_url=_TEXT,
        id=_TEXT,
        token_type={"const": "Bearer"},
        issued_at={"type": "string", "pattern": "^[0-9]+$"},
        scope=_TEXT,
    ),
    "TokenError": _object(error=_TEXT, error_description=_TEXT),
    "Page": _object(
        totalSize={"type": "integer", "minimum": 0},
        done={"type": "boolean"},
        records={"type": "array", "items": _ROW},
        optional={"nextRecordsUrl": _TEXT},
    ),
    "Versions": {"type": "array", "items": _object(label=_TEXT, url=_TEXT, version=_TEXT)},
    "Resources": {"type": "object", "additionalProperties": _TEXT},
    "Objects": _object(
        encoding=_TEXT, maxBatchSize={"type": "integer"}, sobjects={"type": "array", "items": {"type": "object"}}
    ),
    "About": _object(objectDescribe={"type": "object"}, recentItems={"type": "array", "items": _ROW}),
    "Description": {
        "type": "object",
        "required": ["name", "keyPrefix", "fields", "childRelationships"],
        "properties": {
            "fields": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "type", "length", "createable", "updateable", "picklistValues"],
                },
            }
        },
    },
    "Limits": {
        "type": "object",
        "required": ["DailyApiRequests"],
        "additionalProperties": _object(Max={"type": "integer"}, Remaining={"type": "integer"}),
    },
    "CompositeRequest": {
        "type": "object",
        "required": ["compositeRequest"],
        "properties": {
            "allOrNone": {"type": "boolean"},
            "compositeRequest": {
                "type": "array",
                "minItems": 1,
                "maxItems": 25,
                "items": {
                    "type": "object",
                    "required": ["method", "url", "referenceId"],
                    "properties": {
                        "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
                        "url": {
                            "type": "string",
                            "pattern": "^/services/data/v[0-9]+[.]0/sobjects/Case(/[a-zA-Z0-9]+)?$",
                        },
                        "referenceId": {"type": "string", "pattern": "^[A-Za-z0-9_]+$"},
                        "body": {"type": ["object", "null"]},
                        "httpHeaders": {"type": "object", "additionalProperties": _TEXT},
                    },
                },
            },
        },
    },
    "CompositeResponse": _object(
        compositeResponse={
            "type": "array",
            "items": _object(
                body={},
                httpHeaders={"type": "object", "additionalProperties": _TEXT},
                httpStatusCode={"type": "integer"},
                referenceId=_TEXT,
            ),
        }
    ),
    "JobRequest": {
        "type": "object",
        "required": ["object", "operation"],
        "properties": {
            "object": _TEXT,
            "operation": {"enum": ["insert", "update", "upsert", "delete"]},
            "externalIdFieldName": _TEXT,
            "contentType": {"const": "CSV"},
            "lineEnding": {"enum": ["LF", "CRLF"]},
            "columnDelimiter": {"enum": ["COMMA", "SEMICOLON", "TAB", "PIPE", "CARET", "BACKQUOTE"]},
        },
    },
    "JobChange": {
        "type": "object",
        "required": ["state"],
        "properties": {"state": {"enum": ["UploadComplete", "Aborted"]}},
    },
    "Job": {
        "type": "object",
        "required": ["id", "object", "operation", "state", "createdDate", "contentType", "apiVersion"],
        "properties": {
            "state": {"enum": ["Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]},
            "apiVersion": {"type": "number"},
            "numberRecordsProcessed": {"type": "integer", "minimum": 0},
            "numberRecordsFailed": {"type": "integer", "minimum": 0},
        },
    },
}


def ref(name: str) -> Schema:
    """Return a reference to a definition."""
    return {"$ref": f"#/components/schemas/{name}"}


def definitions(objects: Mapping[str, SObject]) -> dict[str, Schema]:
    """Return all definitions, with those of an org's objects: as read, and as written on create and on update."""
    return {**DEFINITIONS, **{name: schema for known in objects.values() for name, schema in _of(known).items()}}


def _of(known: SObject) -> dict[str, Schema]:
    shown = {name: _shown(field) for name, field in known.fields.items()}
    found: dict[str, Schema] = {
        known.name: {
            "type": "object",
            "required": ["attributes", "Id"],
            "properties": {"attributes": _ATTRIBUTES, **shown},
            "additionalProperties": False,
        }
    }
    if known.writeable:
        found[f"{known.name}Create"] = {
            "type": "object",
            "required": [field.name for field in known.fields.values() if field.required],
            "properties": {f.name: takes(f) for f in known.fields.values() if f.createable},
            "additionalProperties": False,
        }
        found[f"{known.name}Update"] = {
            "type": "object",
            "properties": {f.name: takes(f) for f in known.fields.values() if f.updateable},
            "additionalProperties": False,
        }
    return found


def takes(field: Field) -> Schema:
    """Return the schema of a field as a client may send it."""
    kind: Schema = {"type": ["string", "null"], "maxLength": field.length}
    if field.type in _NUMERIC:
        limit = 10 ** (field.precision - field.scale)
        kind = {"type": ["number", "null"], "exclusiveMinimum": -limit, "exclusiveMaximum": limit}
    elif field.type == "boolean":
        kind = {"type": ["boolean", "null"]}
    elif field.type == "int":
        kind = {"type": ["integer", "null"]}
    elif field.type == "date":
        kind = {"type": ["string", "null"], "format": "date"}
    elif field.type == "datetime":
        kind = {"type": ["string", "null"], "format": "date-time"}
    elif field.type == "email":
        kind = {"type": ["string", "null"], "format": "email", "maxLength": field.length}
    elif field.to:
        kind = {"type": ["string", "null"], "pattern": "^[0-9A-Za-z]{15}([A-Z0-5]{3})?$"}
    elif field.restricted and field.values:
        kind = {"enum": [*field.values, None]}
    if field.required:
        kind = {**kind, "type": kind["type"][0]} if "type" in kind else {"enum": list(field.values)}
    return {**kind, "minLength": 1} if field.required and kind.get("type") == "string" else kind


def _shown(field: Field) -> Schema:
    kinds = {"boolean": "boolean", "int": "integer", "double": "number", "currency": "number"}
    kind = {"type": [kinds.get(field.type, "string"), "null"]}
    if field.type == "datetime":
        return {**kind, "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$"}
    if field.type == "date":
        return {**kind, "format": "date"}
    return kind


_MEANINGS = {
    201: "created",
    204: "done, nothing to say",
    300: "several records have the value; nothing was done",
    304: "not modified since",
    400: "the call cannot be carried out",
    401: "no session, or one that has ended",
    403: "not allowed, or over the limit of calls",
    404: "there is no such thing",
    405: "the resource has no such method",
    412: "modified since",
    415: "not a content type that is taken",
    500: "something broke",
    503: "the service is not available",
}


def answers(*refused: int, **good: Schema | None) -> dict[int, Answer]:
    """Return documented answers: `s200=schema` for those with a body, errors by their status."""
    common = (401, 403, 404, 500, 503)
    listed = {int(name[1:]): Answer(_MEANINGS.get(int(name[1:]), "done"), schema) for name, schema in good.items()}
    return listed | {status: Answer(_MEANINGS[status], ref("Errors")) for status in sorted({*common, *refused})}
