"""Postman collections: requests with sample bodies and saved answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from openreturns._json import parse
from openreturns.errors import ContractError

from openreturns_codegen.adapter.formats.inferred import inferred
from openreturns_codegen.adapter.formats.records import one_record
from openreturns_codegen.adapter.model import Description, Note, Operation
from openreturns_codegen.adapter.source import Source, malformed

__all__ = ["describe"]


def describe(source: Source) -> Description:
    """Return what a collection tells: schemas are those of its samples."""
    data, notes = source.data, list[Note]()
    if not isinstance(data["item"], list):
        raise malformed(source, "/item", "must be the list of requests")
    variables = {str(one.get("key")): str(one.get("value", "")) for one in data.get("variable") or ()}
    operations = [_operation(at, one, notes) for at, one in _requests(data["item"], "/item")]
    kind = {"bearer": "bearer", "basic": "basic", "apikey": "api_key", "oauth2": "oauth2"}
    auth = (data.get("auth") or {}).get("type", "")
    base = next((value for value in variables.values() if value.startswith("https://")), "")
    info = data["info"] if isinstance(data["info"], dict) else {}
    return Description(
        form="Postman collection",
        title=str(info.get("name") or source.name),
        version=str(info.get("version") or "1"),
        root={},
        operations=operations,
        base_url=base.rstrip("/"),
        auth=kind.get(auth, "none"),
        notes=tuple(notes),
    )


def _requests(items: Any, at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:  # noqa: ANN401 - any JSON value
    for place, item in enumerate(items if isinstance(items, list) else ()):
        here = f"{at}/{place}"
        if isinstance(item, Mapping) and "item" in item:
            yield from _requests(item["item"], f"{here}/item")
        elif isinstance(item, Mapping) and isinstance(item.get("request"), Mapping):
            yield here, item


def _operation(at: str, item: Mapping[str, Any], notes: list[Note]) -> Operation:
    request = item["request"]
    url = request.get("url") or ""
    raw = url if isinstance(url, str) else str(url.get("raw", ""))
    answers = [one for one in item.get("response") or () if isinstance(one, Mapping)]
    good = [_sample(one.get("body"), at, notes) for one in answers if int(one.get("code") or 200) < 300]
    body = _sample((request.get("body") or {}).get("raw"), f"{at}/request", notes)
    takes, takes_in, _ = one_record({}, inferred([body]) if body is not None else None)
    found = [one for one in good if one is not None]
    gives, gives_in, many = one_record({}, inferred(found) if found else None)
    return Operation(
        str(request.get("method") or "GET").upper(),
        _path(raw),
        name=str(item.get("name") or ""),
        summary=str(item.get("name") or ""),
        takes=takes,
        takes_in=takes_in,
        gives=gives,
        gives_in=gives_in,
        many=many,
        query=tuple(one.partition("=")[0] for one in raw.partition("?")[2].split("&") if one),
        headers=tuple(str(one.get("key")) for one in request.get("header") or () if isinstance(one, Mapping)),
        statuses=tuple(int(one["code"]) for one in answers if one.get("code")),
    )


def _path(raw: str) -> str:
    path = raw.partition("?")[0]
    path = re.sub(r"^(https?://[^/]+|\{\{[^}]+\}\})", "", path)
    path = re.sub(r"/:(\w+)", r"/{\1}", path)
    return re.sub(r"\{\{(\w+)\}\}", r"{\1}", path) or "/"


def _sample(text: Any, at: str, notes: list[Note]) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        return parse(text.encode())
    except ContractError as error:
        notes.append(Note(at, f"a sample that is no JSON: {error.args[0]}"))
        return None
