"""Provers: what vendors do that their contract does not say: new words and fields, nothing where something was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from openreturns._fields import Field
from openreturns.errors import ContractError, MappingError, OpenReturnsError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import Translator
from openreturns.mapping._interpret import present
from openreturns.mapping._rules import Direction
from openreturns.mapping._table import Row, plain, rows
from openreturns.testing._apart import Made, covered, made_of, translated, with_value
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure
from openreturns.testing._drawn import drawn
from openreturns.testing._ends import ends
from openreturns.testing._filled import copied, leaves, values
from openreturns.testing._recorded import document_of
from openreturns.testing._smallest import held

__all__ = ["any_taken", "empty_lists", "missing", "nulls", "unknown_fields", "unknown_words"]

_NEW_FIELD = "aFieldNobodyHasHeardOf"
NEW_WORD = "Word Nobody Has Heard"


def unknown_words(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a new word in every field whose words a code table translates, or the contract lists."""
    whole, chosen = candidate.whole(mapping, way), candidate.values(mapping, way)
    ignored = {gap.path for gap in mapping.ignored}
    coded = {plain(row.native) for row in rows(mapping) if _has_codes(row, candidate.fields(mapping, "out"))}
    for path, field in candidate.fields(mapping, way).items():
        listed = field.schema.get("x-known-values", ())
        if field.kind not in {"text", "code"} or not (path in coded or listed) or covered(path, ignored):
            continue
        usual = values(field, chosen)[0] if values(field, chosen) else None
        new = _NewWord(candidate.translator(mapping), way, path, usual, () if path in coded else listed)
        held(new.told, [with_value(whole, path, NEW_WORD)])


@dataclass(frozen=True)
class _NewWord:
    """A word that nobody knows, in a field; `usual` is a known one, `listed` those that it must not be taken for."""

    translator: Translator
    way: Direction
    path: str
    usual: Any
    listed: Sequence[str]

    def told(self, record: Mapping[str, Any]) -> None:
        """Prove that it is refused, noted, or neither of these and not taken for a known one."""
        if not any(present(record, self.path)):
            return
        known, made = self._made(record, self.usual), self._made(record, NEW_WORD)
        if made is None or known is None or set(made.told) - set(known.told):
            return
        others = [self._made(record, word) for word in self.listed]
        if not self.listed or any(one and one.documents == made.documents for one in others):
            said = f"{NEW_WORD!r} in {self.path} is taken as if somebody knew it"
            raise CheckFailure(said, value=NEW_WORD, **ends(self.translator.mapping, self.way, self.path))

    def _made(self, record: Mapping[str, Any], word: Any) -> Made | None:
        return translated(self.translator, self.way, with_value(record, self.path, word))


def _has_codes(row: Row, ours: Mapping[str, Field]) -> bool:
    """Whether a row reads a word as one of our codes; ids may be what they are."""
    path = plain(row.canonical)
    field = ours.get(f"{path}.code") or ours.get(path)
    return row.direction != "out" and bool(row.codec and row.codec.table) and bool(field and field.codes)


def unknown_fields(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a new field in every object of a record."""
    contract = candidate.configured.contract(mapping.native)
    for place, record in _with_a_new_field(candidate.whole(mapping, way)):
        new = f"{place}/{_NEW_FIELD}"

        def told(one: Mapping[str, Any], new: str = new) -> None:
            unheard = not any(_NEW_FIELD in problem.message for problem in contract.problems(one))
            if unheard and new in dict(leaves(one)):
                said = "a field that the contract does not know is not told: is additionalProperties false there?"
                raise CheckFailure(said, native=new, value="new")

        held(told, [record])


def _with_a_new_field(whole: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    def objects(value: Any, at: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        if isinstance(value, dict):
            yield at
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, below in inner:
            yield from objects(below, (*at, step))

    for place in objects(whole, ()):
        made = copied(whole)
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
    whole, translator = candidate.whole(mapping, way), candidate.translator(mapping)
    for field in candidate.fields(mapping, way).values():
        if not field.nullable:
            continue
        record = with_value(whole, field.path, None)
        _taken(candidate, mapping, way, field, record, "is null")
        if field.required:
            _taken(candidate, mapping, way, field, without(whole, field.path), "is left out")
            continue
        held(partial(_null_is_none, translator, way, field), [record])


def _null_is_none(translator: Translator, way: Direction, field: Field, record: Mapping[str, Any]) -> None:
    null = _outcome(translator, way, with_value(record, field.path, None))
    none = _outcome(translator, way, without(record, field.path))
    if null != none and without(record, field.path) != record:
        said = f"null in {field.path} makes another document than no {field.path.rpartition('.')[2]}"
        raise CheckFailure(said, **ends(translator.mapping, way, field.path))


def empty_lists(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by every list without an element."""
    for field in candidate.fields(mapping, way).values():
        if field.kind in {"list", "array"} and not field.schema.get("minItems"):
            record = with_value(candidate.whole(mapping, way), field.path, [])
            _taken(candidate, mapping, way, field, record, "is an empty list", [])


def _taken(
    candidate: Candidate,
    mapping: DocumentMapping,
    way: Direction,
    field: Field,
    record: Mapping[str, Any],
    what: str,
    value: object = None,
) -> None:
    """Prove that a source is translated or refused."""
    translator = candidate.translator(mapping)

    def taken(one: Mapping[str, Any]) -> None:
        try:
            _outcome(translator, way, one)
        except Exception as error:
            said = f"{type(error).__name__} where {field.path} {what}: {error}"
            raise CheckFailure(said, value=value, **ends(mapping, way, field.path)) from error

    held(taken, [record], candidate.valid(mapping, way))


def _outcome(translator: Translator, way: Direction, record: Mapping[str, Any]) -> object:
    """Return what a source makes, or the codes of its refusal."""
    try:
        return made_of(translator, way, record).documents
    except OpenReturnsError as error:
        return sorted(problem.code for problem in error.problems)


def any_taken(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by drawn records and documents: each is read or written, or refused with what is wrong."""
    ours = candidate.configured

    def taken(source: dict[str, Any]) -> None:
        try:
            if way == "in":
                ours.read(mapping.native, source, mapping.canonical)
            else:
                ours.write(document_of(source), mapping.native)
        except (ContractError, MappingError) as refused:
            if not refused.problems:
                raise CheckFailure(f"is refused without saying what is wrong: {refused}") from refused

    held(taken, drawn(candidate, mapping, way), candidate.valid(mapping, way))


def without(whole: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return a copy of a record without the field at a path."""
    made = copied(dict(whole))
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
