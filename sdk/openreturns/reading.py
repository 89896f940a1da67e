"""Read a canonical document: strictly, or tolerantly where the writer may know a later minor version.

A tolerant reader sets aside what its version has no place for and says where it stood: fields nobody has
heard of, codes of a later list (they become the list's catch-all, the word kept as its source), the newer
version itself. What it hands on keeps the strict schema. An older minor version is held to its own schema and then
migrated; another major version is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from openreturns._json import parse
from openreturns._schemas import DOCUMENTS, VERSION, bundle, order, schema_name, versions
from openreturns.errors import ContractError, Problem
from openreturns.models import Document, classes_of
from openreturns.models._checked import from_checked
from openreturns.validation import document_validator, fractions

__all__ = ["CATCH_ALLS", "Reading", "SetAside", "read_document", "read_value"]

CATCH_ALLS = ("other", "unidentified", "pending")
"""How a list says that it has no better word; the first of them that it has is its catch-all."""

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
    """A document that keeps the strict schema of a version, and what was set aside to make it so."""

    name: str
    data: dict[str, Any] = field(repr=False)
    set_aside: tuple[SetAside, ...] = ()
    version: str = VERSION

    @cached_property
    def document(self) -> Document:
        """The document as its class, that of the version it was read as."""
        return from_checked(classes_of(self.version)[self.name], self.data)


def read_document(
    record: bytes | str | Mapping[str, Any], name: str | None = None, *, tolerant: bool = False, version: str = VERSION
) -> Reading:
    """Return one canonical document as plain data that keeps the strict schema of `version`, the newest as a rule.

    `name` is the document asked for; without it, meta.schema decides. Raises ContractError with every
    problem and its place: `json`, `encoding` or `size` for what is no record, `version` for a version that
    is not known here, `schema` for everything else.
    """
    value = parse(record) if isinstance(record, bytes | str) else record
    return read_value(value, name, tolerant=tolerant, version=version)


def read_value(
    value: Any,  # noqa: ANN401 - any JSON value
    name: str | None = None,
    *,
    tolerant: bool = False,
    version: str = VERSION,
) -> Reading:
    """Do the same with any JSON value that is parsed already: text is a value here, and no document."""
    found, said, of = _contract(value, name, version, tolerant=tolerant)
    if order(of) < order(version):
        from openreturns.migrations import raised  # most documents are of the newest version, and need no mapping

        older = read_value(value, found, tolerant=tolerant, version=of)
        return Reading(found, raised(found, older.data, of, version), older.set_aside, version)
    _check(found, value, version, form="tolerant" if tolerant else "strict")
    if not tolerant:
        _check_numbers(found, value)
        return Reading(found, dict(value), version=version)
    aside: list[SetAside] = []
    schema = bundle(found, version=version)
    data = _kept(schema, schema, value, "", aside)
    known = schema_name(found, version)
    if of != version:
        data["meta"] = {**data["meta"], "schema": known}
        why = "the latest known here" if version == VERSION else "which was asked for"
        told = f"read as version {known.rpartition('/')[2]}, {why}"
        aside.insert(0, SetAside(Problem("newer_version", told, "/meta/schema"), said))
    _check_numbers(found, data)
    _check(found, data, version, form="strict")
    return Reading(found, data, tuple(aside), version)


def _contract(value: object, name: str | None, version: str, *, tolerant: bool) -> tuple[str, str, str]:
    """Return which document this is, the name of its contract, and its version: one known here or a newer one."""
    meta = value.get("meta") if isinstance(value, Mapping) else None
    said = meta.get("schema") if isinstance(meta, Mapping) else None
    match = _CONTRACT.fullmatch(said) if isinstance(said, str) else None
    if match is None or match[1] not in DOCUMENTS:
        raise _refusal("meta.schema does not name a canonical document", _names(name, version), kind="schema")
    found, major, minor = match[1], int(match[2]), int(match[3])
    if name not in (None, found):
        raise _refusal(f"meta.schema names a {found}, not a {name}", _names(name, version), kind="schema")
    if (major, minor) == order(version)[:2]:
        return found, match[0], version
    if major == order(version)[0] and minor > order(version)[1]:
        if tolerant:
            return found, match[0], f"{major}.{minor}.0"
        newer = f"version {major}.{minor} of {found} is newer than is known here; a tolerant reader takes it"
        raise _refusal(newer, _names(found, version), kind="version")
    older = [one for one in versions() if order(one)[:2] == (major, minor) and order(one) < order(version)]
    if not older:
        raise _refusal(f"version {major}.{minor} of {found} is not known here", _names(found, version), kind="version")
    return found, match[0], older[-1]


def _names(name: str | None, version: str) -> tuple[str, ...]:
    return tuple(schema_name(one, version) for one in ([name] if name else DOCUMENTS))


def _refusal(message: str, known: tuple[str, ...], *, kind: str) -> ContractError:
    return ContractError(message, kind=kind, problems=[Problem(kind, message, "/meta/schema", known=known)])


def _check(name: str, value: object, version: str, *, form: str) -> None:
    document_validator(name, form=form, version=version).check(value, f"the {name}")


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
