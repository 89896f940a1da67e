"""From any version to any other, step by step, each result held to the schema of its version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from openreturns import _schemas
from openreturns._json import dump
from openreturns.errors import ContractError, Problem
from openreturns.migrations._migration import Migration
from openreturns.migrations._steps import MIGRATIONS
from openreturns.models import Adjustment, CanonicalModel, Credit, Disposition, Document, Return, classes_of
from openreturns.models._checked import from_checked
from openreturns.validation import Validator, document_validator

__all__ = ["Migrated", "known", "migrate", "newest", "raised", "version_of"]

_NAME: Final = re.compile(r"openreturns/([a-z]+)/([0-9]+)\.([0-9]+)", re.ASCII)


@dataclass(frozen=True)
class Migrated:
    """A document in the version asked for, the versions it went through, and what it lost on the way."""

    name: str
    data: dict[str, Any] = field(repr=False)
    versions: tuple[str, ...]
    losses: tuple[Problem, ...] = ()

    @cached_property
    def document(self) -> Document:
        """The document as its class, that of the version asked for."""
        return from_checked(classes_of(self.versions[-1])[self.name], self.data)

    def to_json(self) -> bytes:
        """Return the document as compact JSON."""
        return dump(self.data)


def version_of(data: object, among: Sequence[str] | None = None) -> tuple[str, str]:
    """Return the name of a document and the version it says it keeps, such as `return`, `1.0.0`.

    Of the versions `among` (those of this package) with its major and minor number, the latest. Raises ContractError
    (kind `version`) for a document that does not say, and for a version that is not known.
    """
    meta = data.get("meta") if isinstance(data, Mapping) else None
    said = meta.get("schema") if isinstance(meta, Mapping) else None
    found = _NAME.fullmatch(said) if isinstance(said, str) else None
    if found is None or found[1] not in _schemas.DOCUMENTS:
        message = "a document says in meta.schema which it is and of which version, such as openreturns/return/1.0"
        raise ContractError(message, kind="version", problems=[Problem("version", message, "/meta/schema")])
    versions = among or _schemas.versions()
    fitting = [one for one in versions if one.split(".")[:2] == [found[2], found[3]]]
    if not fitting:
        message = f"version {found[2]}.{found[3]} is not known here"
        raise ContractError(
            message, kind="version", problems=[Problem("version", message, "/meta/schema", known=tuple(versions))]
        )
    return found[1], fitting[-1]


def migrate(
    data: Mapping[str, Any] | CanonicalModel, to: str, *, migrations: Sequence[Migration] = MIGRATIONS
) -> Migrated:
    """Return a document in another version of the contract, up or down: so a writer keeps to the version it pinned.

    What comes in keeps the schema of its version and what goes out that of the other. Raises ContractError
    (kind `version`) for a version that no step leads to, (kind `schema`) for a document that breaks its schema,
    MappingError where the other version cannot say it.
    """
    given = data.to_dict() if isinstance(data, CanonicalModel) else data
    versions = known(to, migrations)
    name, at = version_of(given, versions)
    _validator(name, at, migrations).check(given, f"the {name} of version {at}")
    return _through(name, given, versions, at, to, migrations)


def _through(
    name: str, data: Mapping[str, Any], versions: Sequence[str], at: str, to: str, migrations: Sequence[Migration]
) -> Migrated:
    """Return a document that keeps the schema of the version `at` in the version `to`."""
    here, there = versions.index(at), versions.index(to)
    steps = migrations[here:there] if here <= there else tuple(reversed(migrations[there:here]))
    now, through = dict(data), [at]
    losses: list[Problem] = []
    for step in steps:
        done = step.up(name, now) if here <= there else step.down(name, now)
        now, version = done.document, step.new if here <= there else step.old
        losses += done.losses
        through.append(version)
        _validator(name, version, migrations).check(now, f"the {name} made of version {version}")
    return Migrated(name, now, tuple(through), tuple(losses))


def raised(name: str, data: Mapping[str, Any], at: str, to: str) -> dict[str, Any]:
    """Return a document that keeps the schema of the version `at` in the newer version `to`. Raises MappingError."""
    return _through(name, data, known(to), at, to, MIGRATIONS).data


def newest(document: CanonicalModel) -> Document:
    """Return a document of any version's class as one of the newest, itself where it is one. Raises as `migrate`."""
    if isinstance(document, Return | Disposition | Adjustment | Credit):
        return document
    return migrate(document, _schemas.VERSION).document


def known(to: str, migrations: Sequence[Migration] = MIGRATIONS) -> tuple[str, ...]:
    """Return the versions that the steps go through.

    Raises ContractError (kind `version`) where `to` is none of them.
    """
    versions = (migrations[0].old, *(step.new for step in migrations)) if migrations else _schemas.versions()
    if to not in versions:
        raise ContractError(f"no version {to}; there are: {', '.join(versions)}", kind="version")
    return versions


def _validator(name: str, version: str, migrations: Sequence[Migration]) -> Validator:
    for step in migrations:
        if version in (step.old, step.new):
            return step.validator(name, version)
    return document_validator(name, version=version)
