"""A vendor's new description: what it does to the mapping, the package made again, and what needs a person."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from openreturns.compat import open_source
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
    package: Package
    placed: Placed


def update(folder: Path, given: Sequence[Path]) -> Updated:
    """Bring a generated package up to a new description. Raises MappingError as `create`; then nothing is written.

    What is compared are the package's contracts with those that the new description makes: what a contract leaves out
    of a description concerns nobody.
    """
    made = made_from(folder)
    records = made.get("records", {})
    planned = package_of(made["name"], made["role"], given, records)
    impacts = _drift(folder, planned)
    package, placed = create(made["name"], made["role"], given, folder, records)
    return Updated(impacts, package, placed)


def _drift(folder: Path, planned: Package) -> tuple[Impact, ...]:
    ours = loaded(folder, planned.module)
    records = {mapping.native: mapping.native for mapping in ours.mappings}
    with tempfile.TemporaryDirectory() as aside:
        path = Path(aside, "new.json")
        path.write_text(json.dumps({"$defs": dict(planned.contracts)}), "utf-8")
        new = replace(open_source(str(path)), label="the new description")
        return tuple(vendor_impact(ours, new, records=records).impacts)
