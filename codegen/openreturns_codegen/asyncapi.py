"""The AsyncAPI 3 document of what the process tells the world, made from the table of its notices."""

from __future__ import annotations

from typing import Any

from openreturns.notices import MEDIA_TYPE, NOTICES, PREFIX, SCHEMA, Kind

__all__ = ["asyncapi"]

_ID = "#/components/messages"


def asyncapi(version: str) -> dict[str, Any]:
    """Return the document; `version` is that of the events' schema."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "openreturns process",
            "version": version,
            "description": "What the process tells the world. Each event is delivered at least once and keeps its id; "
            "the events of one return come in their order.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": MEDIA_TYPE,
        "channels": {name: _channel(name) for name in NOTICES},
        "operations": {
            f"tell.{name}": {
                "action": "send",
                "summary": kind.sentence,
                "channel": {"$ref": f"#/channels/{name}"},
                "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
            }
            for name, kind in NOTICES.items()
        },
        "components": {"messages": {name: _message(name, kind) for name, kind in NOTICES.items()}},
    }


def _channel(name: str) -> dict[str, Any]:
    return {
        "address": PREFIX.partition(".")[2] + name,
        "description": "On a broker the subject or topic; a file and a webhook take the events of all channels.",
        "messages": {name: {"$ref": f"{_ID}/{name}"}},
    }


def _message(name: str, kind: Kind) -> dict[str, Any]:
    own = {"properties": {"type": {"const": PREFIX + name}, "dataschema": {"const": kind.schema}}}
    data = {"properties": {"data": {"$ref": kind.schema}}}
    return {
        "name": PREFIX + name,
        "summary": kind.sentence,
        "contentType": MEDIA_TYPE,
        "payload": {"allOf": [{"$ref": SCHEMA}, own, data]},
        "correlationId": {"location": "$message.payload#/correlationid"},
    }
