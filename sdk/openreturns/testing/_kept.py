"""Provers: nothing is lost in silence, and what is declared lost is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openreturns._fields import Field, generic
from openreturns.errors import MappingError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import Translator
from openreturns.mapping._interpret import present
from openreturns.mapping._rules import Direction
from openreturns.testing._apart import apart, parts, translated, with_value
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure
from openreturns.testing._drawn import carried_values, drawn, sources
from openreturns.testing._ends import ends
from openreturns.testing._filled import difference, leaves, value_at, values
from openreturns.testing._smallest import held

__all__ = ["engines", "fields", "losses_told", "losses_true"]


def fields(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by changing one field at a time: in a record that has all, and in drawn ones what codecs carry."""
    chosen = candidate.values(mapping, way)
    for field in candidate.fields(mapping, way).values():
        if field.leaf:
            one, another = values(field, chosen)[:2] if values(field, chosen) else (None, None)
            apart(candidate, mapping, way, field, (one, another))
    for document, pointer, field, pair in carried_values(candidate, mapping, way):
        apart(candidate, mapping, way, field, pair, document, pointer)


def losses_told(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a document that has everything, and by drawn ones."""
    given = (candidate.whole(mapping, way), *drawn(candidate, mapping, way))
    each = (part for one in given for part in parts(mapping, one))
    held(lambda part: _tells_its_losses(candidate, mapping, way, part), each)


def _tells_its_losses(candidate: Candidate, mapping: DocumentMapping, way: Direction, part: Any) -> None:
    try:
        told = {loss.canonical for loss in candidate.translator(mapping).to_native(part).losses}
    except MappingError:
        return  # refused: nothing is written of it
    for gap in mapping.losses:
        for pointer in present(part, gap.path) if gap.kind == "dropped" else ():
            if pointer not in told:
                said = f"{gap.path} is declared dropped, and of this document it is not told"
                places = ends(mapping, way, gap.path, pointer)
                raise CheckFailure(said, value=value_at(part, pointer), document=part, **places)


def losses_true(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by changing each field that is declared lost: the other side must not see it."""
    gone = {gap.path for gap in mapping.ignored}
    if way == "out":
        gone = {gap.path for gap in mapping.losses if gap.kind == "dropped"}
    for field, other in candidate.changed(mapping, way):
        if _within(field, gone):
            _is_lost(candidate, mapping, way, field, other)


def _is_lost(candidate: Candidate, mapping: DocumentMapping, way: Direction, field: Field, other: Any) -> None:
    translator, one = candidate.translator(mapping), values(field, candidate.values(mapping, way))[0]

    def reaches(document: Any) -> None:
        before = translated(translator, way, with_value(document, field.path, one))
        after = translated(translator, way, document)
        if before and after and _differ(before.documents, after.documents):
            how = "dropped" if way == "out" else "ignored"
            said = f"{field.path} is declared {how}, and reaches the other side"
            raise CheckFailure(said, value=one, document=document, **ends(mapping, way, field.path))

    held(reaches, [other])


def _differ(one: object, other: object) -> bool:
    """Whether values differ; where only elements came or went, the field says which ones belong to the list."""
    before, after = dict(leaves(one)), dict(leaves(other))
    return before.keys() == after.keys() and before != after


def _within(field: Field, gone: set[str]) -> bool:
    return any(field.path == one or field.path.startswith((one + ".", one + "[]")) for one in gone)


def engines(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a record that has everything, by each with another value in one field, and by drawn ones."""
    translator = candidate.translator(mapping)
    held(lambda record: _agree(translator, way, record), _records(candidate, mapping, way))


def _agree(translator: Translator, way: Direction, record: Mapping[str, Any]) -> None:
    try:
        slow, notes = translator.interpret(way, record)
    except MappingError as refused:
        _same_refusal(translator, way, record, refused)
        return
    fast = translator.to_canonical(record) if way == "in" else translator.to_native(record)
    if fast.document != slow:
        place, (one, another) = difference(slow, fast.document)
        said = f"the compiled rules make {another!r}, the interpreted ones {one!r}"
        raise CheckFailure(said, value=another, document=record, **_made(translator, way, place))
    if fast.clean and notes.findings:
        raise CheckFailure(f"the compiled rules do not note: {notes.findings[0]}", document=record)


def _made(translator: Translator, way: Direction, place: str) -> dict[str, str]:
    """Return both places of something that was made: the field, and the fields that rules make it of."""
    return ends(translator.mapping, way, generic(place), place, made=True)


def _records(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> Iterator[Mapping[str, Any]]:
    for record in sources(candidate, mapping, way):
        yield from parts(mapping, record) if way == "out" else (record,)


def _same_refusal(translator: Translator, way: Direction, record: Mapping[str, Any], refused: MappingError) -> None:
    try:
        made = translator.to_canonical(record) if way == "in" else translator.to_native(record)
    except MappingError as error:
        if error.problems != refused.problems:
            raise CheckFailure(f"refused for other reasons when compiled: {error}", document=record) from None
        return
    said = f"refused when interpreted, and not when compiled: {refused}"
    raise CheckFailure(said, value=made.document, document=record)
