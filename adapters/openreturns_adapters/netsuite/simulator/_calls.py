"""What a call gives beside its body: query parameters and headers, typed, or the vendor's refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from openreturns.errors import ContractError
from openreturns.sandbox import Call

from openreturns_adapters.netsuite.simulator._problems import Detail, Refused, parameter
from openreturns_adapters.netsuite.simulator._views import View

__all__ = ["FLAG", "NAMES", "body", "choice", "flag", "here", "is_async", "listed", "number", "view"]

Schema = Mapping[str, Any]

FLAG: Schema = {"type": "boolean"}
_NAMES = ("Error", "Warning", "Ignore")
# The documentation capitalises them, and clients in wide use do not.
NAMES: Schema = {"type": "string", "enum": [*_NAMES, *map(str.lower, _NAMES)]}

_SPOKEN = ("application/json", "application/vnd.oracle.resource+json")
_whole = re.compile(r"[0-9]{1,9}", re.ASCII).fullmatch


def here(call: Call) -> str:
    """Return the address of the REST services as the caller has it."""
    parts = urlsplit(call.url)
    return f"{parts.scheme}://{parts.netloc}/services/rest"


def flag(call: Call, name: str) -> bool:
    """Return a query parameter that is true or false, false by default."""
    text = call.query.get(name, "false")
    if text not in ("true", "false"):
        raise parameter(name, f"Invalid value for the query parameter '{name}'. Provide true or false.")
    return text == "true"


def number(call: Call, name: str, default: int, least: int, most: int) -> int:
    """Return a query parameter that is a number within bounds."""
    text = call.query.get(name)
    if text is None:
        return default
    if not _whole(text) or not least <= int(text) <= most:
        raise parameter(name, f"Invalid value for the query parameter '{name}'. Provide {least} to {most}.")
    return int(text)


def listed(call: Call, name: str) -> list[str]:
    """Return a query parameter that lists names."""
    return [word for part in call.query.get(name, "").split(",") if (word := part.strip())]


def choice(call: Call, name: str, default: str) -> str:
    """Return a header that is one of three words."""
    given = call.headers.get(name.lower(), default)
    if given not in NAMES["enum"]:
        text = f"Invalid value for the request header '{name}'. Provide one of {', '.join(_NAMES)}."
        raise Refused([Detail(text, "INVALID_HEADER", header=name)])
    return given.capitalize()


def is_async(call: Call) -> bool:
    """Whether the caller would rather be told later."""
    return "respond-async" in call.headers.get("prefer", "")


def body(call: Call, *, optional: bool = False) -> Any:  # noqa: ANN401 - any JSON value
    """Return the body, numbers exact."""
    spoken = call.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if optional and not call.body.strip():
        return {}
    if spoken not in _SPOKEN:
        text = "Unsupported media type. Provide the body as application/json."
        raise Refused([Detail(text, "UNSUPPORTED_MEDIA_TYPE", header="Content-Type")], 415)
    try:
        return call.json
    except ContractError as error:
        text = f"Invalid JSON content in the request body: {str(error).partition(chr(10))[0]}"
        raise Refused([Detail(text, "INVALID_CONTENT")]) from None


def view(call: Call) -> View:
    """Return how a record is asked for."""
    only = listed(call, "fields")
    base = f"{here(call)}/record/v1"
    return View(base, flag(call, "expandSubResources"), flag(call, "simpleEnumFormat"), tuple(only))
