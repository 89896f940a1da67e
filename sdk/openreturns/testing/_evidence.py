"""What an adapter's author brings beside the adapter: a tenant, values, recorded records, and verbs to act with."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from openreturns._json import parse
from openreturns.errors import ContractError, MappingError

__all__ = ["Evidence", "Record", "evidence_of"]

PLACES = ("contract_tests/{name}", "tests/{name}", "tests", ".")
"""Where the command looks for evidence, from the folder it is called in."""


@dataclass(frozen=True)
class Record:
    """A recorded incident: the vendor's record, what it must become, and the document it was written from.

    The file is JSON: `native_type` (`acme.return`), `story`, `native`, and `expect` (by document name: `document`
    and `findings`, or `problems`), or `written_from` (the canonical document that makes exactly this record).
    """

    name: str
    data: Mapping[str, Any] = field(repr=False)

    @property
    def native_type(self) -> str:
        """The record's contract."""
        return str(self.data["native_type"]).partition(".")[2]

    @property
    def native(self) -> Any:
        """The vendor's record."""
        return self.data["native"]

    @property
    def expect(self) -> Mapping[str, Any]:
        """What it must become, by canonical document."""
        expected: Mapping[str, Any] = self.data.get("expect", {})
        return expected

    @property
    def written_from(self) -> Any:
        """The document that it was written from, or None."""
        return self.data.get("written_from")


@dataclass(frozen=True)
class Evidence:
    """A folder of evidence about one adapter; without a folder there is none.

    - `tenant.toml`: settings and code tables, under the adapter's name;
    - `values.toml`: two values for fields where any value will not do, by `[all]`, `[record.in|out]` or
      `[record.in|out.document]`;
    - `master.toml`: what drawn documents name, as `openreturns.testing.strategies.MasterData` has it;
    - `*.json`: recorded incidents;
    - `cassettes/*.json`: recorded exchanges, see `openreturns.testing.cassettes`;
    - `verbs.toml`: how to act at the vendor, see `openreturns.testing._verbs`.
    """

    name: str
    folder: Path | None

    @cached_property
    def tenant(self) -> Mapping[str, Any]:
        """The adapter's part of the tenant file."""
        found: Mapping[str, Any] = self._toml("tenant.toml").get(self.name, {})
        return found

    @cached_property
    def master(self) -> Mapping[str, Any]:
        """What drawn documents name: the master data that the tenant knows."""
        return self._toml("master.toml")

    @cached_property
    def verbs(self) -> Mapping[str, Any]:
        """How to act at the vendor."""
        return self._toml("verbs.toml")

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """The recorded incidents, by name."""
        paths = sorted(self.folder.glob("*.json")) if self.folder else ()
        return tuple(_record(path) for path in paths)

    @property
    def cassettes(self) -> tuple[Path, ...]:
        """The recorded exchanges with the vendor."""
        return tuple(sorted((self.folder / "cassettes").glob("*.json"))) if self.folder else ()

    def values(self, native: str, canonical: str, way: str) -> dict[str, tuple[Any, ...]]:
        """Return the two values to try, by field path or definition, for one direction of one mapping."""
        rows = self._toml("values.toml")
        parts = ("all", f"{native}.{way}", f"{native}.{way}.{canonical}")
        return {path: tuple(pair) for part in parts for path, pair in rows.get(part, {}).items()}

    def _toml(self, name: str) -> dict[str, Any]:
        path = self.folder / name if self.folder else None
        if path is None or not path.is_file():
            return {}
        try:
            return tomllib.loads(path.read_text("utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise MappingError(f"cannot read {path}: {error}", kind="setting") from None


def _record(path: Path) -> Record:
    try:
        data = parse(path.read_bytes())
    except ContractError as error:
        raise MappingError(f"cannot read {path}: {error.args[0]}", kind="setting") from None
    if not isinstance(data, dict) or not {"native_type", "native"} <= data.keys():
        raise MappingError(f"{path} is no recorded record: it lacks native_type or native", kind="setting")
    return Record(path.stem, data)


def evidence_of(name: str, folder: Path | None = None) -> Evidence:
    """Return the evidence about an adapter in a folder; without one, in the first usual place that has some."""
    if folder is not None:
        return Evidence(name, folder)
    usual = (Path(place.format(name=name)) for place in PLACES)
    return Evidence(name, next((one for one in usual if (one / "tenant.toml").is_file()), None))
