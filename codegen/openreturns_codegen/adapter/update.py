"""A vendor's new description: what it does to the mapping, the package made again, and what needs a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openreturns.compat import open_source
from openreturns.errors import OpenReturnsError
from openreturns.impact import Impact, vendor_impact

from openreturns_codegen.adapter.create import create, loaded, package_of
from openreturns_codegen.adapter.place import Placed
from openreturns_codegen.adapter.plan import Package
from openreturns_codegen.adapter.settings import made_from

__all__ = ["Updated", "update"]


@dataclass(frozen=True)
class Updated:
    """What an update did: the consequences for the mapping as it was, the package, and what became of its files."""

    impacts: tuple[Impact, ...]
    unmatched: tuple[str, ...]
    package: Package
    placed: Placed


def update(folder: Path, given: Sequence[Path]) -> Updated:
    """Bring a generated package up to a new description. Raises MappingError as `create`; then nothing is written.

    Records in forms that the impact engine does not read (samples, Postman collections) are regenerated without a
    report; `unmatched` names the records that it found nothing like.
    """
    made = made_from(folder)
    planned = package_of(made["name"], made["role"], given, made.get("records", {}))
    components = {one.native: one.contract.component for one in planned.drafts if one.contract.component}
    impacts, unmatched = _drift(folder, made["name"], given, components)
    package, placed = create(made["name"], made["role"], given, folder, made.get("records", {}))
    return Updated(impacts, unmatched, package, placed)


def _drift(
    folder: Path, name: str, given: Sequence[Path], components: Mapping[str, str]
) -> tuple[tuple[Impact, ...], tuple[str, ...]]:
    ours = loaded(folder, f"{name}_returns")
    try:
        there = {mapping.native for mapping in ours.mappings}
        named = {native: one for native, one in components.items() if native in there}
        report = vendor_impact(ours, open_source(str(given[0])), records=named)
    except OpenReturnsError:
        return (), tuple(sorted({mapping.native for mapping in ours.mappings}))
    return tuple(report.impacts), tuple(report.unmatched)
