"""An adapter as the kit sees it: what it declares, and the evidence about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from openreturns._fields import Field
from openreturns._manifest import Manifest
from openreturns.adapters import Adapter, adapter
from openreturns.errors import MappingError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import Translator
from openreturns.mapping._rules import Direction
from openreturns.testing._check import NoEvidence
from openreturns.testing._evidence import Evidence, evidence_of
from openreturns.testing._filled import Chosen, changed, filled, worded
from openreturns.validation import document_validator

__all__ = ["CASES", "Candidate", "candidate"]

CASES = 100
"""How many documents and records are drawn, of each kind."""


@dataclass(frozen=True)
class Candidate:
    """An adapter to be proven. `seed` is what everything drawn at random is drawn from, `cases` how much is drawn.

    `memory` keeps what several checks need and is dear to make. `settings` go before those of the evidence.
    """

    adapter: Adapter
    evidence: Evidence
    seed: int = 0
    cases: int = CASES
    memory: dict[str, Any] = field(default_factory=dict, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The adapter's name."""
        return self.adapter.name

    @property
    def manifest(self) -> Manifest:
        """The adapter's manifest."""
        return self.adapter.manifest

    @property
    def mappings(self) -> tuple[DocumentMapping, ...]:
        """The adapter's mappings."""
        return self.adapter.mappings

    @cached_property
    def configured(self) -> Adapter:
        """The adapter, bound to the tenant of the evidence."""
        tenant = self.evidence.tenant
        return self.adapter.configure({**tenant, "settings": {**tenant.get("settings", {}), **self.settings}})

    def translator(self, mapping: DocumentMapping) -> Translator:
        """Return a mapping, bound to the tenant of the evidence. Raises NoEvidence where a setting is missing."""
        try:
            return self.configured.translator(mapping.native, mapping.canonical)
        except MappingError as error:
            if error.kind == "setting":
                raise NoEvidence(f"tenant.toml: {error.args[0]}") from None
            raise

    def fields(self, mapping: DocumentMapping, way: Direction) -> Mapping[str, Field]:
        """Return the fields of the side that is read when a mapping runs this way."""
        if way == "out":
            return document_validator(mapping.canonical).fields
        return self.configured.contract(mapping.native).fields

    def valid(self, mapping: DocumentMapping, way: Direction) -> Callable[[Any], bool]:
        """Return what says whether a source of this direction keeps its schema."""
        judge = document_validator(mapping.canonical) if way == "out" else self.configured.contract(mapping.native)
        return judge.is_valid

    def values(self, mapping: DocumentMapping, way: Direction) -> Chosen:
        """Return the values for fields where any value will not do: words of code tables, and those of the evidence."""
        table_words = worded(mapping, way, self.configured.tenant)
        return {**table_words, **self.evidence.values(mapping.native, mapping.canonical, way)}

    def whole(self, mapping: DocumentMapping, way: Direction) -> dict[str, Any]:
        """Return a record with a value in every field that the source of this direction can have.

        Raises NoEvidence where some of the values cannot be translated.
        """
        key = f"whole:{mapping.native}:{mapping.canonical}:{way}"
        if key not in self.memory:
            made = filled(self.fields(mapping, way), self.values(mapping, way))
            try:
                self.translator(mapping).interpret(way, made)
            except MappingError as error:
                where = f"[{mapping.native}.{way}]"
                told = "; ".join(str(problem) for problem in error.problems)
                raise NoEvidence(f"values.toml needs values under {where} that can be translated: {told}") from None
            self.memory[key] = made
        found: dict[str, Any] = self.memory[key]
        return found

    def changed(self, mapping: DocumentMapping, way: Direction) -> Iterator[tuple[Field, dict[str, Any]]]:
        """Yield each field, and the whole record with another value in that field."""
        return changed(self.whole(mapping, way), self.fields(mapping, way), self.values(mapping, way))


def candidate(name: str, folder: Path | None = None, *, seed: int = 0, cases: int = CASES) -> Candidate:
    """Return an installed adapter to be proven, with the evidence in a folder.

    Raises MappingError (kind `unknown_name`) for an adapter that is not installed.
    """
    return Candidate(adapter(name), evidence_of(name, folder), seed, cases)
