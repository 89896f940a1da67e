"""What a cassette holds: exchanges as readable JSON, with exact numbers, one incident a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx

from openreturns._json import dump, parse
from openreturns.errors import ContractError
from openreturns.testing.cassettes._redact import Redaction

__all__ = [
    "Cassette",
    "CassetteError",
    "Exchange",
    "origin_of",
    "read",
    "request_of",
    "response_of",
    "sent_back",
    "write",
]

# Stands for scheme and host of the request in its answer: links lead to wherever the answer is replayed.
ORIGIN = "{origin}"
FORM = "application/x-www-form-urlencoded"


class CassetteError(AssertionError):
    """A cassette has no answer to a request, cannot be read, or would hold what it must not."""


@dataclass(frozen=True)
class Exchange:
    """One request and its answer as plain data, with nothing secret or personal in it.

    `request` has method, path, query (by name the values), headers and, if there was one, the body: as `json`,
    `form`, `text`, or `binary` (only its size and hash: nothing can be taken out of a label; it is replayed as so
    many zeros). `response` has status, headers and body, or `failure`, the kind of error where no answer came.
    `native` is the contract of the records in the answer, `at` where they stand in it: `/items/*`, say.
    """

    request: Mapping[str, Any]
    response: Mapping[str, Any]
    native: str = ""
    at: str = ""


@dataclass(frozen=True)
class Cassette:
    """The exchanges of one incident, in the order they happened.

    `paths` are patterns of addresses whose `{}` belong to one run (`/orders/{}`), `volatile` places in a request
    that do as well: `/body/sentAt`, `/body/lines/*/id`, `/query/since`.
    """

    name: str
    exchanges: tuple[Exchange, ...]
    story: str = ""
    paths: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    file: Path | None = field(default=None, compare=False)


def read(path: Path | str) -> Cassette:
    """Return the cassette in a file. Raises CassetteError for a file that is none."""
    path = Path(path)
    try:
        data = parse(path.read_bytes())
        exchanges = tuple(
            Exchange(one["request"], one["response"], one.get("native", ""), one.get("at", ""))
            for one in data["exchanges"]
        )
        told = {name: tuple(data.get(name, ())) for name in ("paths", "volatile")}
    except (OSError, ContractError, KeyError, TypeError, AttributeError) as error:
        raise CassetteError(f"cannot read the cassette {path}: {error}") from None
    return Cassette(path.stem, exchanges, data.get("story", ""), file=path, **told)


def write(cassette: Cassette, path: Path | str, redaction: Redaction) -> None:
    """Write a cassette. Raises CassetteError, and writes nothing, if something that was taken out is in it.

    What was found to be secret or personal late in the incident is taken out of its beginning as well.
    """
    told = {"story": cassette.story, "paths": list(cassette.paths), "volatile": list(cassette.volatile)}
    exchanges = [
        {
            **{name: said for name, said in (("native", one.native), ("at", one.at)) if said},
            "request": redaction.value(one.request),
            "response": redaction.value(one.response),
        }
        for one in cassette.exchanges
    ]
    data = {**{name: said for name, said in told.items() if said}, "exchanges": exchanges}
    leaks = redaction.leaks(data)
    if leaks:
        raise CassetteError(f"{cassette.name} would hold what must not be written: {', '.join(leaks)}")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(dump(data, indent=True) + b"\n")


# ---------------------------------------------------------------- between HTTP and plain data


def request_of(request: httpx.Request, redaction: Redaction) -> dict[str, Any]:
    """Return a request as plain data, redacted; without its host, as every sandbox and account has its own."""
    request.read()
    headers = redaction.headers(request.headers.multi_items())
    query = redaction.pairs(parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True))
    body = _body(request.content, request.headers.get("content-type", ""), redaction)
    return _whole({"method": request.method, "path": redaction.text(request.url.path)}, query, headers, body)


def _whole(
    data: dict[str, Any], query: Mapping[str, Any], headers: Mapping[str, str], body: Mapping[str, Any]
) -> dict[str, Any]:
    said = {"query": query, "headers": headers}
    return {**data, **{name: value for name, value in said.items() if value}, **body}


def response_of(response: httpx.Response, redaction: Redaction, origin: str) -> dict[str, Any]:
    """Return an answer as plain data, redacted; its body unpacked, `origin` in it replaced."""
    body = _body(
        response.content.replace(origin.encode(), ORIGIN.encode()), response.headers.get("content-type", ""), redaction
    )
    headers = redaction.headers((name, value.replace(origin, ORIGIN)) for name, value in response.headers.multi_items())
    return _whole({"status": response.status_code}, {}, headers, body)


def origin_of(request: httpx.Request) -> str:
    """Return scheme and host of a request."""
    return f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"


def _body(content: bytes, media_type: str, redaction: Redaction) -> dict[str, Any]:
    if not content:
        return {}
    if media_type.partition(";")[0].strip().lower() == FORM:
        return {"form": redaction.pairs(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))}
    try:
        return {"json": redaction.value(parse(content))}
    except (ContractError, ValueError):
        pass
    try:
        return {"text": redaction.text(content.decode("utf-8"))}
    except UnicodeDecodeError:
        return {"binary": {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}}


def sent_back(response: Mapping[str, Any], request: httpx.Request) -> httpx.Response:
    """Return a recorded answer as HTTP; raise the error that was recorded instead of one."""
    if "failure" in response:
        kind: type[httpx.TransportError] = getattr(httpx, response["failure"], httpx.ReadError)
        raise kind("as recorded", request=request)
    if "json" in response:
        content = dump(response["json"])
    elif "binary" in response:
        content = bytes(response["binary"]["bytes"])
    elif "form" in response:
        content = urlencode(response["form"], doseq=True).encode()
    else:
        content = str(response.get("text", "")).encode()
    here = origin_of(request)
    headers = {name: value.replace(ORIGIN, here) for name, value in response.get("headers", {}).items()}
    stream = httpx.ByteStream(content.replace(ORIGIN.encode(), here.encode()))  # not yet read, as from a network
    return httpx.Response(response["status"], headers=headers, stream=stream, request=request)
