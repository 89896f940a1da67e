"""An adapter's manifest: what may stand in it, and the reading of it, which tells all that is wrong at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, TypedDict, Union, get_args, get_origin, get_type_hints, is_typeddict

from openreturns.errors import MappingError, Problem
from openreturns.idempotency import Rule

__all__ = ["Manifest", "SettingRow", "read_manifest"]

_WORDS: Final = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


class _Row(TypedDict):
    native: str
    canonical: str
    directions: list[Literal["in", "out"]]


class DocumentRow(_Row, total=False):
    """A record, the document it is mapped to, the verbs that use it; `format` names what writes it down."""

    verbs: list[str]
    format: str


class _Setting(TypedDict):
    name: str
    type: Literal["string", "integer", "boolean"]
    description: str


class SettingRow(_Setting, total=False):
    """What a tenant says: needed by all (true), by some records or the client (their names), or not."""

    required: bool | list[str]
    default: str | int | bool
    values: list[str | int]


class OnlyIf(TypedDict, total=False):
    """What some accounts of the vendor can do and others cannot: the setting (a boolean) that says that one can."""

    credit_ahead: str


class TableRow(TypedDict):
    """A code table of tables.toml, and what it is about."""

    name: str
    description: str


class _Answer(TypedDict):
    status: int
    kind: str


class AnswerRow(_Answer, total=False):
    """What the vendor answers, and what it means."""

    code: str
    body: str
    headers: dict[str, Any]
    retry_after: int


class RateLimit(TypedDict, total=False):
    """What the vendor grants: calls in a time, calls at one time, and the headers that tell."""

    requests: int
    per_seconds: int
    concurrent: int
    window: str
    scope: str
    retry_after_header: str
    remaining_header: str


class Webhooks(TypedDict, total=False):
    """How the vendor signs what it sends, about what it sends, and how far the body is to be trusted."""

    signature: str
    topics: list[str]
    answer_within_seconds: int
    trust: str


class _Needed(TypedDict):
    name: str
    title: str
    roles: list[str]
    vendor: str
    api_version: str


class Manifest(_Needed, total=False):
    """What an adapter is and what its vendor promises, as manifest.toml says it."""

    schemas: str
    clients: dict[str, str]
    base_url: str
    sandbox_url: str
    simulator: str
    sandbox: dict[str, Any]
    auth: list[str]
    documents: list[DocumentRow]
    idempotency: dict[str, Rule]
    unsupported: dict[str, str]
    only_if: OnlyIf
    rate_limit: RateLimit
    errors: list[AnswerRow]
    webhooks: Webhooks
    settings: list[SettingRow]
    code_tables: list[TableRow]


def read_manifest(path: Path) -> Manifest:
    """Return the manifest in a file.

    Raises MappingError (kind `declaration`) for a file that cannot be read, and with every entry that is missing,
    unknown or of another form.
    """
    try:
        data: Any = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"cannot read the manifest {path}: {error}", kind="declaration") from None
    wrong = [Problem("manifest", said) for said in _wrong(Manifest, data, "")]
    if wrong:
        raise MappingError(f"the manifest {path} is not right", kind="declaration", problems=wrong)
    found: Manifest = data
    return found


def _wrong(form: Any, value: object, at: str) -> Iterator[str]:  # noqa: ANN401 - any type
    """Yield what is wrong with a value that should be of a form."""
    origin, inner = get_origin(form), get_args(form)
    if is_typeddict(form):
        yield from _wrong_table(form, value, at)
    elif origin is Literal:
        if value not in inner:
            yield f"{at} is {value!r}; there are: {', '.join(map(str, inner))}"
    elif origin in {Union, UnionType}:
        if all(any(_wrong(one, value, at)) for one in inner):
            yield f"{at} must be {' or '.join(_word(one) for one in inner)}, got {value!r}"
    elif form is not Any and type(value) is not (origin or form):
        yield f"{at} must be {_word(form)}, got {value!r}"
    else:
        yield from _wrong_inside(inner, value, at)


def _wrong_inside(inner: tuple[Any, ...], value: object, at: str) -> Iterator[str]:
    if inner and isinstance(value, list):
        for place, one in enumerate(value):
            yield from _wrong(inner[0], one, f"{at}[{place}]")
    elif inner and isinstance(value, dict):
        for name, one in value.items():
            yield from _wrong(inner[1], one, f"{at}.{name}")


def _wrong_table(form: Any, value: object, at: str) -> Iterator[str]:  # noqa: ANN401 - any type
    if not isinstance(value, Mapping):
        yield f"{at} must be a table, got {value!r}"
        return
    known, below = _hints(form), f"{at}." if at else ""
    yield from (f"{below}{name} is missing" for name in known if name in form.__required_keys__ - value.keys())
    for name, one in value.items():
        if name in known:
            yield from _wrong(known[name], one, f"{below}{name}")
        else:
            near = get_close_matches(name, known, 1)
            yield f"{below}{name} is unknown; " + (f"is it {near[0]}?" if near else f"there are: {', '.join(known)}")


@cache  # each tenant's adapter reads the manifest, and this takes longer than the rest
def _hints(form: Any) -> dict[str, Any]:  # noqa: ANN401 - any type
    return get_type_hints(form)


def _word(form: Any) -> str:  # noqa: ANN401 - any type
    origin = get_origin(form) or form
    of = f" of which each is {_word(get_args(form)[0])}" if origin is list else ""
    return _WORDS[origin] + of
