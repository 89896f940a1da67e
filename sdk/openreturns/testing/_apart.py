"""Two documents that differ in one field: told apart on the other side, told as lost, or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from openreturns.testing._ends import ends
from openreturns.testing._filled import copied, set_at, value_at
from openreturns.testing._smallest import smallest

__all__ = ["Made", "apart", "covered", "made_of", "parts", "translated", "with_value", "with_value_at"]


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
    run = translator.to_canonical if way == "in" else translator.to_native
    made = [run(part) for part in (parts(translator.mapping, source) if way == "out" else (source,))]
    losses, findings = ([p for one in made for p in getattr(one, name)] for name in ("losses", "findings"))
    return Made([one.document for one in made], tuple(losses), tuple(findings))


def parts(mapping: DocumentMapping, document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the documents that each make one record."""
    return list(mapping.split(document)) if mapping.split else (document,)


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
    pointer: str = "",
) -> bool:
    """Hold two values of one field of a whole source apart; return whether anything was: one of them was taken.

    They are put at the pointer, if there is one, else into the first element of each list on the way to the field.

    Raises CheckFailure where both make the same and nothing tells, or declares, that the value is lost.
    """
    translator = candidate.translator(mapping)
    source = candidate.whole(mapping, way) if whole is None else whole
    two = _Two(translator, way, field, values, pointer)
    made = two.made(source)
    if two.silent(made):
        raise two.failure(source)
    return any(made)


@dataclass(frozen=True)
class _Two:
    """Two values of a field, and what they make of a source."""

    translator: Translator
    way: Direction
    field: Field
    values: tuple[Any, Any]
    pointer: str

    def put(self, source: Mapping[str, Any], value: object) -> dict[str, Any]:
        if self.pointer:
            return with_value_at(source, self.pointer, value)
        return with_value(source, self.field.path, value)

    def made(self, source: Mapping[str, Any]) -> list[Made | None]:
        return [translated(self.translator, self.way, self.put(source, value)) for value in self.values]

    def silent(self, made: list[Made | None]) -> bool:
        """Whether both make the same, of which nothing says so; where nothing is made, nothing can be lost."""
        one, another = made
        if one is None or another is None or one.documents != another.documents or one.told != another.told:
            return False
        gone = {gap.path for gap in self.translator.mapping.ignored} if self.way == "in" else set()
        gone |= {generic(problem.native if self.way == "in" else problem.canonical) for problem in one.told} - {""}
        return bool(one.documents) and not covered(self.field.path, gone)

    def failure(self, source: Mapping[str, Any]) -> CheckFailure:
        def fails(document: dict[str, Any]) -> bool:
            return any(present(document, self.field.path)) and self.silent(self.made(document))

        shown = smallest(self.put(source, self.values[1]), fails)
        what = "document" if self.way == "in" else "record"
        said = f"{self.values[0]!s} and {self.values[1]!s} in {self.field.path} make the same {what}"
        places = ends(self.translator.mapping, self.way, self.field.path, self.pointer)
        return CheckFailure(f"{said}, and nothing tells what is lost", value=self.values[1], document=shown, **places)


def covered(path: str, gone: set[str]) -> bool:
    """Whether a field, what it is in, or a part of it is among the paths."""
    return any(
        path == one or path.startswith((one + ".", one + "[]")) or one.startswith((path + "[", path + "."))
        for one in gone
    )


def with_value_at(source: Mapping[str, Any], pointer: str, value: object) -> dict[str, Any]:
    """Return a copy of a record with another value at a JSON pointer, where there is one. Raises LookupError."""
    other = copied(dict(source))
    holder, _, last = pointer.rpartition("/")
    target, name = value_at(other, holder), last.replace("~1", "/").replace("~0", "~")
    if name not in target:
        raise LookupError(pointer)
    target[name] = copied(value)
    return other


def with_value(source: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy of a record with another value in the field at a path."""
    other = copied(dict(source))
    set_at(other, path, copied(value))
    return other
