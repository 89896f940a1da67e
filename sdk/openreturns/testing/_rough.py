"""Provers: what vendors do that their contract does not say: new words and fields, nothing where something was."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from openreturns._fields import Field
from openreturns.errors import OpenReturnsError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._rules import Direction
from openreturns.mapping._table import Row, plain, rows
from openreturns.testing._apart import covered, made_of, translated, with_value
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure

__all__ = ["empty_lists", "missing", "nulls", "unknown_fields", "unknown_words"]

_NEW_FIELD = "aFieldNobodyHasHeardOf"
NEW_WORD = "Word Nobody Has Heard"


def unknown_words(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a new word in every field whose words a code table translates, or the contract lists."""
    translator, whole = candidate.translator(mapping), candidate.whole(mapping, way)
    ignored = {gap.path for gap in mapping.ignored}
    translated_by = {
        plain(row.native): row for row in rows(mapping) if _has_codes(row, candidate.fields(mapping, "out"))
    }
    usual = set(made_of(translator, way, whole).told)
    for path, field in candidate.fields(mapping, way).items():
        row, listed = translated_by.get(path), field.schema.get("x-known-values", ())
        if field.kind not in {"text", "code"} or not (row or listed) or covered(path, ignored):
            continue
        record = with_value(whole, path, NEW_WORD)
        made = translated(translator, way, record)
        if made is None or set(made.told) - usual:
            continue
        known = {word: translated(translator, way, with_value(whole, path, word)) for word in listed}
        alike = [word for word, one in known.items() if one and one.documents == made.documents]
        if row or alike:
            said = f"{NEW_WORD!r} in {path} is taken as if somebody knew it"
            joined = row.canonical if row else ""
            raise CheckFailure(said, canonical=joined, native=path, value=NEW_WORD, document=record)


def _has_codes(row: Row, ours: Mapping[str, Field]) -> bool:
    """Whether a row reads a word as one of our codes; ids may be what they are."""
    path = plain(row.canonical)
    field = ours.get(f"{path}.code") or ours.get(path)
    return row.direction != "out" and bool(row.codec and row.codec.table) and bool(field and field.codes)


def unknown_fields(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a new field in every object of a record."""
    whole, contract = candidate.whole(mapping, way), candidate.configured.contract(mapping.native)
    for place, record in _with_a_new_field(whole):
        if not any(_NEW_FIELD in problem.message for problem in contract.problems(record)):
            said = "a field that the contract does not know is not told: is additionalProperties false there?"
            raise CheckFailure(said, native=f"{place}/{_NEW_FIELD}", value="new", document=record)


def _with_a_new_field(whole: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    def objects(value: Any, at: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        if isinstance(value, dict):
            yield at
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, below in inner:
            yield from objects(below, (*at, step))

    for place in objects(whole, ()):
        made = copy.deepcopy(whole)
        target: Any = made
        for step in place:
            target = target[step]
        target[_NEW_FIELD] = "new"
        yield "".join(f"/{step}" for step in place), made


def missing(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by leaving out every optional field, one at a time."""
    for field in candidate.fields(mapping, way).values():
        if not field.required:
            _taken(candidate, mapping, way, field, without(candidate.whole(mapping, way), field.path), "is left out")


def nulls(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a null in every field that may have one: it says the same as no field."""
    whole = candidate.whole(mapping, way)
    for field in candidate.fields(mapping, way).values():
        if field.nullable:
            record = with_value(whole, field.path, None)
            null = _taken(candidate, mapping, way, field, record, "is null")
            none = _taken(candidate, mapping, way, field, without(whole, field.path), "is left out")
            if not field.required and null != none:
                said = f"null in {field.path} makes another document than no {field.path.rpartition('.')[2]}"
                raise CheckFailure(said, native=field.path, value=None, document=record)


def empty_lists(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by every list without an element."""
    for field in candidate.fields(mapping, way).values():
        if field.kind in {"list", "array"} and not field.schema.get("minItems"):
            record = with_value(candidate.whole(mapping, way), field.path, [])
            _taken(candidate, mapping, way, field, record, "is an empty list")


def _taken(
    candidate: Candidate, mapping: DocumentMapping, way: Direction, field: Field, record: Mapping[str, Any], what: str
) -> object:
    """Return what a source makes, or the codes of its refusal. Raises CheckFailure where it is neither."""
    try:
        made = made_of(candidate.translator(mapping), way, record)
    except OpenReturnsError as error:
        return sorted(problem.code for problem in error.problems)
    except Exception as error:
        said = f"{type(error).__name__} where {field.path} {what}: {error}"
        ends = {"native": field.path} if way == "in" else {"canonical": field.path}
        raise CheckFailure(said, document=record, **ends) from error
    return made.documents


def without(whole: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return a copy of a record without the field at a path."""
    made = copy.deepcopy(dict(whole))
    *steps, last = path.split(".")
    target: Any = made
    for step in steps:
        name, many, _ = step.partition("[")
        target = target.get(name)
        target = target[0] if many and target else target
        if not isinstance(target, dict):
            return made
    target.pop(last, None)
    return made
