"""Descriptions that are hard to read, and those that must be refused: made here, no vendor's own."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["HARD", "WRONG", "large"]

_LINE: dict[str, Any] = {
    "type": "object",
    "required": ["sku", "quantity"],
    "properties": {
        "sku": {"type": "string"},
        "quantity": {"type": "integer"},
        "reason": {"type": "string", "enum": ["DEFECTIVE", "WRONG_ITEM", "OTHER"]},
        "return": {"$ref": "#/components/schemas/Rma"},
    },
}
_RMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "rma_number", "status", "lines"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "rma_number": {"type": "string"},
        "status": {"type": "string", "enum": ["pending", "approved", "received", "closed"]},
        "customer_id": {"type": "string", "nullable": True},
        "updated_at": {"type": "string", "format": "date-time"},
        "parent": {"$ref": "#/components/schemas/Rma"},
        "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
    },
}


_WHOLES = {
    "Rma": {
        **_RMA,
        "properties": {
            **_RMA["properties"],
            "requested_at": {"type": "integer", "format": "int64"},
            "currency": {"type": "string"},
        },
    },
    "Line": {**_LINE, "properties": {**_LINE["properties"], "unit_price": {"type": "integer"}}},
}
_KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}


def _ref(name: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


def _openapi(schemas: dict[str, Any], paths: dict[str, Any] | None = None, record: str = "Rma") -> dict[str, Any]:
    body, answer = _ref(record), {"200": {"description": "ok", **_ref(record)}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Acme", "version": "2026-01"},
        "servers": [{"url": "https://api.acme.example/v1"}],
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        },
        "paths": paths
        or {
            "/rmas": {"post": {"requestBody": body, "responses": answer}},
            "/rmas/{rma-id}": {"get": {"responses": answer}, "delete": {"responses": {"204": {"description": "gone"}}}},
        },
    }


_VARIANTS = {
    "Base": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
    "Rma": {
        "discriminator": {"propertyName": "kind", "mapping": {"b2b": "#/components/schemas/Business"}},
        "allOf": [{"$ref": "#/components/schemas/Base"}, {"type": "object", "properties": _RMA["properties"]}],
        "oneOf": [{"$ref": "#/components/schemas/Business"}, {"$ref": "#/components/schemas/Consumer"}],
    },
    "Business": {"allOf": [{"$ref": "#/components/schemas/Base"}], "properties": {"vat": {"type": "string"}}},
    "Consumer": {
        "type": "object",
        "properties": {"e-mail": {"type": "string"}, "score": {"type": ["string", "integer"]}},
    },
    "Line": _LINE,
}
_NAMES = {
    "Rma": {
        "type": "object",
        "properties": {
            "class": {"type": "string"},
            "größe": {"type": "number"},
            "数量": {"type": "integer"},
            "a b": {"type": "string"},
            "x.y": {"type": "string"},
            "__proto__": {"type": "string"},
            'quo"te': {"type": "string"},
            "return": {"type": "string"},
            "None": {"type": "boolean"},
            "lines": {"type": "array", "items": {"type": "object", "properties": {"import": {"type": "string"}}}},
        },
    },
}
_EMPTY = {
    "Rma": {
        "type": "object",
        "properties": {
            "id": {},
            "anything": {"type": "object"},
            "lines": {"type": "array"},
            "gone": {"$ref": "#/nowhere"},
        },
    }
}
_YAML = """
openapi: 3.1.0
info: {title: "Anchors: a \\"test\\"", version: 2.0}
x-shared: &line
  type: object
  properties: &fields
    sku: {type: string}
    qty: {type: number, example: 1.50}
    note: {type: [string, "null"], example: no}
paths:
  /return-orders:
    get:
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses:
        200: {description: ok, content: {application/json: {schema: {type: array, items: &rma
          {type: object, required: [returnOrderNumber], properties: {returnOrderNumber: {type: string},
           createdOn: {type: string, format: date}, items: {type: array, items: *line}}}}}}}
        429: {description: slow down}
    post:
      requestBody: {content: {application/json: {schema: *rma}}}
      responses: {201: {description: made, content: {application/json: {schema: *rma}}}}
"""
_SDL = """
type Query { rma(id: ID!): Rma }
type Mutation { createRma(input: RmaInput!): Rma }
enum State { REQUESTED APPROVED RECEIVED CLOSED }
type Rma { id: ID!, name: String!, status: State!, parent: Rma, returnLineItems: [Line!]! }
type Line { id: ID!, quantity: Int!, sku: String, rma: Rma }
input RmaInput { orderId: ID!, lines: [LineInput!]! }
input LineInput { sku: String!, quantity: Int! }
"""
_POSTMAN = {
    "info": {"name": "Acme", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
    "variable": [{"key": "base", "value": "https://api.acme.example"}],
    "auth": {"type": "bearer"},
    "item": [
        {
            "name": "Returns",
            "item": [
                {
                    "name": "Get a return",
                    "request": {"method": "GET", "url": {"raw": "{{base}}/returns/:id"}},
                    "response": [{"code": 200, "body": '{"id": 7, "rma": "R-1", "lines": [{"sku": "A", "qty": 2}]}'}],
                },
                {
                    "name": "Make a return",
                    "request": {
                        "method": "POST",
                        "url": "{{base}}/returns",
                        "body": {"raw": '{"rma": "R-1", "lines": [{"sku": "A", "qty": 2}]}'},
                    },
                    "response": [{"code": 201, "body": "no JSON"}],
                },
            ],
        }
    ],
}
_SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "CreditMemo", "$defs": {"Line": _LINE}}
_XML = '<return version="2"><number>R-1</number><lines><line><sku>A</sku><quantity>2</quantity></line></lines></return>'


def large(operations: int, padding: int) -> dict[str, Any]:
    """Return a description of many operations, its sentences padded; the returns are among the last."""
    words = "Says what it does at some length. " * padding
    paths: dict[str, Any] = {}
    for number in range(operations // 2):
        answer = {"200": {"description": words, **_ref(f"Thing{number}")}}
        paths[f"/things{number}"] = {"get": {"description": words, "responses": answer}}
        paths[f"/things{number}/{{id}}"] = {"get": {"description": words, "responses": answer}}
    things = {
        f"Thing{number}": {"type": "object", "properties": {f"field{n}": {"type": "string"} for n in range(20)}}
        for number in range(operations // 2)
    }
    small = _openapi({})["paths"]
    return _openapi({"Rma": _RMA, "Line": _LINE, **things}, {**paths, **small})


HARD: dict[str, tuple[str, dict[str, str]]] = {
    "circles": ("wms", {"api.json": json.dumps(_openapi({"Rma": _RMA, "Line": _LINE}))}),
    "wholes": ("wms", {"api.json": json.dumps(_openapi(_WHOLES))}),
    "alternatives": ("erp", {"api.json": json.dumps(_openapi(_VARIANTS))}),
    "names": ("wms", {"api.json": json.dumps(_openapi(_NAMES))}),
    "empty": ("wms", {"api.json": json.dumps(_openapi(_EMPTY))}),
    "anchors": ("wms", {"api.yaml": _YAML}),
    "megabytes": ("wms", {"api.json": json.dumps(large(400, 130))}),
    "graphql": ("erp", {"schema.graphql": _SDL}),
    "postman": ("wms", {"acme.postman_collection.json": json.dumps(_POSTMAN)}),
    "schema": (
        "tax",
        {"credit.schema.json": json.dumps({**_SCHEMA, "type": "object", "properties": {"number": {"type": "string"}}})},
    ),
    "samples": (
        "wms",
        {
            "return-1.json": '{"rmaNumber": "R-1", "at": "2026-10-05T10:00:00Z", "lines": [{"sku": "A", "qty": 1}]}',
            "return-2.json": '{"rmaNumber": "R-2", "at": null, "lines": [{"sku": "B", "qty": 2.5, "lot": "L"}]}',
        },
    ),
    "csv": ("wms", {"returns.csv": "rma_number;sku;qty\nR-1;A;2\nR-2;B;1\n"}),
    "xml": ("wms", {"return.xml": _XML}),
    "case": ("crm", {"case.json": '{"caseNumber": "C-1", "status": "open", "account_id": "7"}'}),
}

WRONG: dict[str, tuple[dict[str, str], str]] = {
    "json": ({"api.json": '{"openapi": "3.0.0",\n "info": }'}, "api.json:2: /: "),
    "yaml": ({"api.yaml": "openapi: 3.0.0\npaths: [\n"}, "api.yaml:3: /: "),
    "paths": (
        {"api.yaml": "openapi: 3.0.0\ninfo: {title: A}\npaths:\n - a\n"},
        "api.yaml:4: /paths: must be an object",
    ),
    "operation": (
        {"api.yaml": "openapi: 3.0.0\ninfo: {title: A}\npaths:\n  /returns:\n    get: 7\n"},
        "api.yaml:5: /paths/~1returns/get: must be an operation",
    ),
    "no info": ({"api.yaml": "openapi: 3.0.0\n"}, "api.yaml:1: /info: "),
    "own anchor": ({"api.yaml": "openapi: 3.0.0\ninfo: &a {title: *a}\n"}, "api.yaml:1: /: nests too deep"),
    "graphql": ({"a.graphql": "type A {\n  b: \n}"}, "a.graphql:3: /: "),
    "csv": ({"a.csv": "a,b\n1\n"}, "a.csv:2: /: 1 values under 2 names"),
    "xml": ({"a.xml": "<a>\n<b></a>"}, "a.xml:2: /: "),
    "entities": ({"a.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "a.xml:1: /: document types are not read"),
    "nothing": (
        {"api.json": '{"openapi": "3.0.0", "info": {"title": "A"}, "paths": {}}'},
        "has no record to translate",
    ),
    "no text": ({"api.json": "\udcff"}, "api.json: is not UTF-8"),
}
