"""Provers: nothing is lost in silence, and what is declared lost is lost."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from openreturns._fields import Field, generic
from openreturns.errors import MappingError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import Translation, Translator
from openreturns.mapping._interpret import present
from openreturns.mapping._rules import Direction
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure
from openreturns.testing._filled import set_at, values
from openreturns.testing._smallest import smallest

__all__ = ["engines", "fields", "losses_told"]


def run(translator: Translator, way: Direction, source: Mapping[str, Any]) -> Translation:
    """Translate one way."""
    return translator.to_canonical(source) if way == "in" else translator.to_native(source)


def fields(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by changing one field at a time in a record that has all."""
    translator = candidate.translator(mapping)
    whole = candidate.whole(mapping, way)
    before = run(translator, way, whole)
    for field, other in candidate.changed(mapping, way):
        if _silent(translator, way, field, before.document, other):
            raise _lost(candidate, mapping, way, field, whole)


def _silent(translator: Translator, way: Direction, field: Field, before: object, other: Mapping[str, Any]) -> bool:
    """Whether a changed field makes no difference, and nothing says so."""
    try:
        after = run(translator, way, other)
    except MappingError:
        return False  # refused aloud
    if after.document != before:
        return False
    gone = {generic(loss.native if way == "in" else loss.canonical) for loss in after.losses}
    gone |= {gap.path for gap in translator.mapping.ignored} if way == "in" else set()
    return not covered(field.path, gone)


def covered(path: str, gone: set[str]) -> bool:
    """Whether a field, what it is in, or a part of it is among the paths."""
    return any(
        path == one or path.startswith((one + ".", one + "[]")) or one.startswith((path + "[", path + "."))
        for one in gone
    )


def _lost(
    candidate: Candidate, mapping: DocumentMapping, way: Direction, field: Field, whole: dict[str, Any]
) -> CheckFailure:
    translator = candidate.translator(mapping)
    one, another = values(field, candidate.values(mapping, way))[:2]

    def fails(document: dict[str, Any]) -> bool:
        if not any(present(document, field.path)):
            return False
        other = _with(document, field.path, another)
        return _silent(translator, way, field, run(translator, way, document).document, other)

    shown = smallest(whole, fails)
    what = "document" if way == "in" else "record"
    return CheckFailure(
        f"{one!r} and {another!r} in {field.path} make the same {what}, and nothing tells that the value is lost",
        canonical=field.path if way == "out" else "",
        native=field.path if way == "in" else "",
        value=another,
        document=shown,
    )


def _with(document: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    other = copy.deepcopy(dict(document))
    set_at(other, path, copy.deepcopy(value))
    return other


def losses_told(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a document that has everything."""
    whole = candidate.whole(mapping, way)
    told = {loss.canonical for loss in run(candidate.translator(mapping), way, whole).losses}
    for gap in mapping.losses:
        for pointer in present(whole, gap.path) if gap.kind == "dropped" else ():
            if pointer not in told:
                raise CheckFailure(
                    f"{gap.path} is declared dropped, and of this document it is not told", canonical=pointer
                )


def engines(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a record that has everything, and by each with another value in one field."""
    translator = candidate.translator(mapping)
    for record in (candidate.whole(mapping, way), *(other for _, other in candidate.changed(mapping, way))):
        try:
            slow, notes = translator.interpret(way, record)
        except MappingError as refused:
            _same_refusal(translator, way, record, refused)
            continue
        fast = run(translator, way, record)
        if fast.document != slow:
            raise CheckFailure("the compiled rules make another document than the interpreted ones", document=record)
        if fast.clean and notes.findings:
            raise CheckFailure(f"the compiled rules do not note: {notes.findings[0]}", document=record)


def _same_refusal(translator: Translator, way: Direction, record: Mapping[str, Any], refused: MappingError) -> None:
    try:
        run(translator, way, record)
    except MappingError as error:
        if error.problems != refused.problems:
            raise CheckFailure(f"refused for other reasons when compiled: {error}", document=record) from None
        return
    raise CheckFailure(f"refused when interpreted, and not when compiled: {refused}", document=record)
