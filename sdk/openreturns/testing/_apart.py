"""Two documents that differ in one field: told apart on the other side, told as lost, or refused."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openreturns._fields import Field, generic
from openreturns.errors import OpenReturnsError, Problem
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import Translator
from openreturns.mapping._interpret import present
from openreturns.mapping._rules import Direction
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure
from openreturns.testing._filled import set_at
from openreturns.testing._smallest import smallest

__all__ = ["Made", "apart", "covered", "made_of", "translated", "with_value"]


@dataclass(frozen=True)
class Made:
    """What a source makes: one document, or as many records as its mapping splits it into, and what is told."""

    documents: list[dict[str, Any]]
    losses: tuple[Problem, ...]
    findings: tuple[Problem, ...]

    @property
    def told(self) -> tuple[Problem, ...]:
        """What is told as lost or as something to look at."""
        return self.losses + self.findings


def made_of(translator: Translator, way: Direction, source: Mapping[str, Any]) -> Made:
    """Translate a source. Raises what the translator raises."""
    split = translator.mapping.split if way == "out" else None
    run = translator.to_canonical if way == "in" else translator.to_native
    made = [run(part) for part in (split(source) if split else (source,))]
    losses, findings = ([p for one in made for p in getattr(one, name)] for name in ("losses", "findings"))
    return Made([one.document for one in made], tuple(losses), tuple(findings))


def translated(translator: Translator, way: Direction, source: Mapping[str, Any]) -> Made | None:
    """Return what a source makes, or None where it is refused."""
    try:
        return made_of(translator, way, source)
    except OpenReturnsError:
        return None


def apart(
    candidate: Candidate,
    mapping: DocumentMapping,
    way: Direction,
    field: Field,
    values: tuple[Any, Any],
    whole: dict[str, Any] | None = None,
) -> bool:
    """Hold two values of one field of a whole source apart; return whether both were taken.

    Raises CheckFailure where both make the same and nothing tells, or declares, that the value is lost.
    """
    translator = candidate.translator(mapping)
    source = candidate.whole(mapping, way) if whole is None else whole
    made = [translated(translator, way, with_value(source, field.path, value)) for value in values]
    if _silent(translator, way, field, made):
        raise _failure(translator, way, field, values, source)
    return None not in made


def _silent(translator: Translator, way: Direction, field: Field, made: list[Made | None]) -> bool:
    one, another = made
    if one is None or another is None or one.documents != another.documents or one.told != another.told:
        return False
    gone = {gap.path for gap in translator.mapping.ignored} if way == "in" else set()
    gone |= {generic(problem.native if way == "in" else problem.canonical) for problem in one.told} - {""}
    return not covered(field.path, gone)


def covered(path: str, gone: set[str]) -> bool:
    """Whether a field, what it is in, or a part of it is among the paths."""
    return any(
        path == one or path.startswith((one + ".", one + "[]")) or one.startswith((path + "[", path + "."))
        for one in gone
    )


def with_value(source: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy of a record with another value in the field at a path."""
    other = copy.deepcopy(dict(source))
    set_at(other, path, copy.deepcopy(value))
    return other


def _failure(
    translator: Translator, way: Direction, field: Field, values: tuple[Any, Any], source: dict[str, Any]
) -> CheckFailure:
    def fails(document: dict[str, Any]) -> bool:
        if not any(present(document, field.path)):
            return False
        made = [translated(translator, way, with_value(document, field.path, value)) for value in values]
        return _silent(translator, way, field, made)

    shown = smallest(with_value(source, field.path, values[1]), fails)
    what = "document" if way == "in" else "record"
    said = f"{values[0]!s} and {values[1]!s} in {field.path} make the same {what}, and nothing tells what is lost"
    ends = {"native": field.path} if way == "in" else {"canonical": field.path}
    return CheckFailure(said, value=values[1], document=shown, **ends)
