"""What a later version of the contract brought, for a mapping that was written before: lost, and told as lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from openreturns import _schemas
from openreturns._fields import fields
from openreturns.errors import MappingError
from openreturns.mapping._mapping import Mapping
from openreturns.mapping._rules import dropped
from openreturns.mapping._table import plain, rows

__all__ = ["written_for"]


def written_for(mapping: Mapping, version: str) -> Mapping:
    """Return a mapping that was written for a version of the contract as one for the newest.

    A field of a later version that it says nothing of is declared lost; so a minor version breaks no mapping. Raises
    MappingError (kind `declaration`) for a version that this package does not carry.
    """
    if version == _schemas.VERSION:
        return mapping
    if version not in _schemas.versions():
        there = ", ".join(_schemas.versions())
        raise MappingError(f"the contract {version} is not in this package; it has: {there}", kind="declaration")
    reason = f"the mapping is for version {version}, which has no such field"
    return replace(mapping, losses=(*mapping.losses, *(dropped(path, reason) for path in _later(mapping, version))))


def _later(mapping: Mapping, version: str) -> Iterator[str]:
    """Yield the fields that came after a version and that nothing is said of, the topmost of each branch."""
    known, now = (fields(_schemas.bundle(mapping.canonical, version=one)) for one in (version, _schemas.VERSION))
    said = {gap.path for gap in mapping.losses} | {plain(row.canonical) for row in rows(mapping) if row.canonical}
    for path in now:
        if path not in known and not any(_within(path, one) for one in said):
            said.add(path)
            yield path


def _within(path: str, whole: str) -> bool:
    return path == whole or path.startswith((f"{whole}.", f"{whole}[]"))
