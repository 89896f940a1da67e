"""Read a canonical document: strictly, or tolerantly where the writer may know a later minor version.

A tolerant reader sets aside what version 1.0 has no place for and says where it stood: fields nobody has
heard of, codes of a later list (they become the list's catch-all, the word kept as its source), the newer
version itself. What it hands on keeps the strict schema. Another major version is refused by both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from openreturns._json import parse
from openreturns._schemas import DOCUMENTS, VERSION, bundle
from openreturns.errors import ContractError, Problem
from openreturns.models import DOCUMENTS as CLASSES
from openreturns.models import Document
from openreturns.models._checked import from_checked
from openreturns.validation import document_validator, fractions

__all__ = ["CATCH_ALLS", "Reading", "SetAside", "read_document", "read_value"]

CATCH_ALLS = ("other", "unidentified", "pending")
"""How a list says that it has no better word; the first of them that it has is its catch-all."""

_KNOWN = VERSION.rpartition(".")[0]
_CONTRACT = re.compile(r"openreturns/([a-z]+)/(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})", re.ASCII)

_Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SetAside:
    """One thing the contract has no place for: where it stood, and what it was.

    The problem's code is `unknown_field`, `unknown_code` or `newer_version`. The value may name a person.
    """

    problem: Problem
    value: Any = field(repr=False)

    def to_dict(self) -> dict[str, object]:
        """Return the problem and the value as plain data."""
        return {**self.problem.to_dict(), "value": self.value}


@dataclass(frozen=True)
class Reading:
    """A document that keeps the strict schema, and what was set aside to make it so."""

    name: str
    data: dict[str, Any] = field(repr=False)
    set_aside: tuple[SetAside, ...] = ()

    @cached_property
    def document(self) -> Document:
        """The document as its class."""
        return from_checked(CLASSES[self.name], self.data)


def read_document(
    record: bytes | str | Mapping[str, Any], name: str | None = None, *, tolerant: bool = False
) -> Reading:
    """Return one canonical document as plain data that keeps the strict schema of the version known here.

    `name` is the document asked for; without it, meta.schema decides. Raises ContractError with every
    problem and its place: `json`, `encoding` or `size` for what is no record, `version` for a version that
    is not known here, `schema` for everything else.
    """
    return read_value(parse(record) if isinstance(record, bytes | str) else record, name, tolerant=tolerant)


def read_value(
    value: Any,  # noqa: ANN401 - any JSON value
    name: str | None = None,
    *,
    tolerant: bool = False,
) -> Reading:
    """Do the same with any JSON value that is parsed already: text is a value here, and no document."""
    found, newer = _contract(value, name, tolerant=tolerant)
    _check(found, value, form="tolerant" if tolerant else "strict")
    if not tolerant:
        _check_numbers(found, value)
        return Reading(found, dict(value))
    aside: list[SetAside] = []
    schema = bundle(found)
    data = _kept(schema, schema, value, "", aside)
    if newer:
        data["meta"] = {**data["meta"], "schema": f"openreturns/{found}/{_KNOWN}"}
        said = f"read as version {_KNOWN}, the latest known here"
        aside.insert(0, SetAside(Problem("newer_version", said, "/meta/schema"), newer))
    _check_numbers(found, data)
    _check(found, data, form="strict")
    return Reading(found, data, tuple(aside))


def _contract(value: object, name: str | None, *, tolerant: bool) -> tuple[str, str]:
    """Return which document this is, and the name of its contract if that is a newer one."""
    meta = value.get("meta") if isinstance(value, Mapping) else None
    said = meta.get("schema") if isinstance(meta, Mapping) else None
    match = _CONTRACT.fullmatch(said) if isinstance(said, str) else None
    if match is None or match[1] not in DOCUMENTS:
        raise _refusal("meta.schema does not name a canonical document", _names(name), kind="schema")
    found, major, minor = match[1], int(match[2]), int(match[3])
    if name not in (None, found):
        raise _refusal(f"meta.schema names a {found}, not a {name}", _names(name), kind="schema")
    known_major, known_minor = map(int, _KNOWN.split("."))
    if major != known_major:
        raise _refusal(f"version {major}.{minor} of {found} is not known here", _names(found), kind="version")
    if minor > known_minor and not tolerant:
        newer = f"version {major}.{minor} of {found} is newer than is known here; a tolerant reader takes it"
        raise _refusal(newer, _names(found), kind="version")
    return found, match[0] if minor > known_minor else ""


def _names(name: str | None) -> tuple[str, ...]:
    return tuple(f"openreturns/{one}/{_KNOWN}" for one in ([name] if name else DOCUMENTS))


def _refusal(message: str, known: tuple[str, ...], *, kind: str) -> ContractError:
    return ContractError(message, kind=kind, problems=[Problem(kind, message, "/meta/schema", known=known)])


def _check(name: str, value: object, *, form: str) -> None:
    document_validator(name, form=form).check(value, f"the {name}")


def _check_numbers(name: str, value: object) -> None:
    problems = fractions(value)
    if problems:
        raise ContractError(f"the {name} breaks its contract", kind="schema", problems=problems)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _kept(root: _Schema, schema: _Schema, value: Any, at: str, aside: list[SetAside]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a copy of what the schema has a place for; the rest goes to `aside`."""
    schema = _resolved(root, schema)
    if isinstance(value, list):
        items = schema.get("items", {})
        return [_kept(root, items, item, f"{at}/{number}", aside) for number, item in enumerate(value)]
    if not isinstance(value, Mapping) or "properties" not in schema:
        return value
    known = schema["properties"]
    kept = {}
    for key, item in value.items():
        place = f"{at}/{_escaped(key)}"
        if key in known:
            kept[key] = _kept(root, known[key], item, place, aside)
        else:
            aside.append(SetAside(Problem("unknown_field", "the contract has no such field", place), item))
    return _coded(root, known, kept, at, aside) if {"code", "source"} <= known.keys() else kept


def _coded(root: _Schema, known: _Schema, kept: dict[str, Any], at: str, aside: list[SetAside]) -> dict[str, Any]:
    """Let the code of a later list read as the catch-all, and keep the word as its source if there is none."""
    listed = _resolved(root, known["code"])
    codes, code = listed.get("enum", ()), kept["code"]
    if not codes or code in codes:
        return kept
    catch_all = next(one for one in CATCH_ALLS if one in codes)
    aside.append(SetAside(Problem("unknown_code", f"{code!r} is read as {catch_all!r}", f"{at}/code"), code))
    source = {"scheme": f"openreturns:{listed['title']}", "value": code}
    return {"code": catch_all, "source": source, **{key: item for key, item in kept.items() if key != "code"}}


def _resolved(root: _Schema, schema: _Schema) -> _Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema
