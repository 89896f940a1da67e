"""Provers: nothing is lost in silence, and what is declared lost is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openreturns._fields import Field
from openreturns.errors import MappingError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import Translator
from openreturns.mapping._interpret import present
from openreturns.mapping._rules import Direction
from openreturns.testing._apart import apart, translated
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure
from openreturns.testing._filled import leaves, values

__all__ = ["engines", "fields", "losses_told", "losses_true"]


def fields(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by changing one field at a time in a record that has all."""
    chosen = candidate.values(mapping, way)
    for field in candidate.fields(mapping, way).values():
        if field.leaf:
            one, another = values(field, chosen)[:2] if values(field, chosen) else (None, None)
            apart(candidate, mapping, way, field, (one, another))


def losses_told(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a document that has everything."""
    whole = candidate.whole(mapping, way)
    made = translated(candidate.translator(mapping), way, whole)
    told = {loss.canonical for loss in made.losses} if made else set()
    for gap in mapping.losses:
        for pointer in present(whole, gap.path) if gap.kind == "dropped" else ():
            if pointer not in told:
                said = f"{gap.path} is declared dropped, and of this document it is not told"
                raise CheckFailure(said, canonical=pointer, document=whole)


def losses_true(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by changing each field that is declared lost: the other side must not see it."""
    translator = candidate.translator(mapping)
    gone = {gap.path for gap in mapping.ignored}
    if way == "out":
        gone = {gap.path for gap in mapping.losses if gap.kind == "dropped"}
    before = translated(translator, way, candidate.whole(mapping, way))
    for field, other in candidate.changed(mapping, way):
        after = translated(translator, way, other) if _within(field, gone) else before
        if before and after and _differ(before.documents, after.documents):
            said = f"{field.path} is declared {'dropped' if way == 'out' else 'ignored'}, and reaches the other side"
            ends = {"native": field.path} if way == "in" else {"canonical": field.path}
            raise CheckFailure(said, document=other, **ends)


def _differ(one: object, other: object) -> bool:
    """Whether values differ; where only elements came or went, the field says which ones belong to the list."""
    before, after = dict(leaves(one)), dict(leaves(other))
    return before.keys() == after.keys() and before != after


def _within(field: Field, gone: set[str]) -> bool:
    return any(field.path == one or field.path.startswith((one + ".", one + "[]")) for one in gone)


def engines(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a record that has everything, and by each with another value in one field."""
    translator = candidate.translator(mapping)
    for record in _records(candidate, mapping, way):
        try:
            slow, notes = translator.interpret(way, record)
        except MappingError as refused:
            _same_refusal(translator, way, record, refused)
            continue
        fast = translator.to_canonical(record) if way == "in" else translator.to_native(record)
        if fast.document != slow:
            raise CheckFailure("the compiled rules make another document than the interpreted ones", document=record)
        if fast.clean and notes.findings:
            raise CheckFailure(f"the compiled rules do not note: {notes.findings[0]}", document=record)


def _records(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> Iterator[Mapping[str, Any]]:
    for record in (candidate.whole(mapping, way), *(other for _, other in candidate.changed(mapping, way))):
        yield from mapping.split(record) if mapping.split and way == "out" else (record,)


def _same_refusal(translator: Translator, way: Direction, record: Mapping[str, Any], refused: MappingError) -> None:
    try:
        made = translator.to_canonical(record) if way == "in" else translator.to_native(record)
    except MappingError as error:
        if error.problems != refused.problems:
            raise CheckFailure(f"refused for other reasons when compiled: {error}", document=record) from None
        return
    said = f"refused when interpreted, and not when compiled: {refused}"
    raise CheckFailure(said, value=made.document, document=record)
