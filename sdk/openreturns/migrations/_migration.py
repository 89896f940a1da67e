"""One step between two versions: what both have is carried, the rest is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from openreturns import _schemas
from openreturns._fields import Field, fields
from openreturns.errors import MappingError, Problem
from openreturns.mapping import Bound, Codec, Converter, Tenant, Translation, Translator, check, each, pair
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._rules import Gap, Rule
from openreturns.mapping._table import plain, rows
from openreturns.validation import Validator

__all__ = ["Change", "Migration", "narrowed"]

Load = Callable[[str, str], dict[str, Any]]
"""Returns the whole schema of a document in a version."""

_KINDS: Final = frozenset(
    {"text", "code", "decimal", "timestamp", "date", "integer", "number", "boolean", "array", "map", "any"}
)
_AS_IS: Final = Converter(lambda value, env: value, "{v}")
_BOUND: Final = Bound({"": _AS_IS}, _AS_IS)
_KEPT: Final = Codec("kept", _KINDS, _KINDS, lambda tenant: _BOUND)
_NAME: Final = "meta.schema"  # each version's own
_NOBODY: Final = Tenant()


def narrowed(known: frozenset[str], instead: str) -> Codec:
    """Return the codec of a closed list that the newer version has more words of.

    Downwards, a word that the older one does not know becomes `instead`, and the document says that it lost it.
    Raises ValueError where the older one does not know `instead` either.
    """
    if instead not in known:
        raise ValueError(f"{instead!r} is none of the older version's words")

    def down(value: Any, env: Any) -> Any:  # noqa: ANN401 - a code, and the environment
        if value in known:
            return value
        env.lose(f"the older version has no {value!r}: written as {instead!r}")
        return instead

    write = Converter(down, "narrowed({v}, env)", {"narrowed": down})
    return Codec("narrowed", _KINDS, _KINDS, lambda tenant: Bound({"": _AS_IS}, write))


@dataclass(frozen=True)
class Change:
    """What one document's versions do not have in common.

    `rules` carry what changed its place or its form, `losses` are the fields of the newer version that the older
    one has no place for, `gone` the fields of the older one that the newer one no longer has.
    """

    rules: tuple[Rule, ...] = ()
    losses: tuple[Gap, ...] = ()
    gone: tuple[Gap, ...] = ()


def _load(document: str, version: str) -> dict[str, Any]:
    return _schemas.bundle(document, version=version)


@dataclass(frozen=True, eq=False)
class Migration:
    """The step from `old` to `new`; documents that are not in `changes` have no field that differs."""

    old: str
    new: str
    changes: Mapping[str, Change] = field(default_factory=dict)
    load: Load = _load

    def up(self, name: str, data: Mapping[str, Any]) -> Translation:
        """Return a valid document of the older version as one of the newer. Raises MappingError."""
        return self.translator(name).to_canonical(data)

    def down(self, name: str, data: Mapping[str, Any]) -> Translation:
        """Return a valid document of the newer version as one of the older, and what it lost. Raises MappingError."""
        return self.translator(name).to_native(data)

    def problems(self, name: str) -> tuple[Problem, ...]:
        """Return what is wrong with the declaration for one document: fields nobody accounts for, and the rest."""
        new, old = self.fields[name]
        return check(self.mapping(name), new, old, _NOBODY)

    def translator(self, name: str) -> Translator:
        """Return the compiled step of a document. Raises MappingError (kind `declaration`) for one declared wrong."""
        if name not in self._translators:
            wrong = self.problems(name)
            if wrong:
                message = f"the migration of {name} from {self.old} to {self.new} is not declared right"
                raise MappingError(message, kind="declaration", problems=wrong)
            new, old = self.fields[name]
            self._translators[name] = Translator(self.mapping(name), _NOBODY, canonical_fields=new, native_fields=old)
        return self._translators[name]

    @cached_property
    def _translators(self) -> dict[str, Translator]:
        return {}

    @cached_property
    def fields(self) -> dict[str, tuple[dict[str, Field], dict[str, Field]]]:
        """The fields of each document, newer and older."""
        return {
            name: (fields(self.load(name, self.new)), fields(self.load(name, self.old))) for name in _schemas.DOCUMENTS
        }

    def validator(self, name: str, version: str) -> Validator:
        """Return the validator of a document in one of the two versions."""
        if (name, version) not in self._validators:
            self._validators[name, version] = Validator(self.load(name, version))
        return self._validators[name, version]

    @cached_property
    def _validators(self) -> dict[tuple[str, str], Validator]:
        return {}

    def mapping(self, name: str) -> DocumentMapping:
        """Return the whole mapping of a document, with the rules for all that both versions have."""
        change = self.changes.get(name, Change())
        new, old = self.fields[name]
        declared = DocumentMapping(name, f"{name} {self.old}", change.rules)
        told = (row for row in rows(declared) if row.how != "each element")
        said = {plain(path) for row in told for path in (row.canonical, row.native, *row.reads) if path}
        said |= {gap.path for gap in (*change.losses, *change.gone)} | {_NAME}
        return DocumentMapping(
            canonical=name,
            native=declared.native,
            rules=(
                pair(_NAME, _NAME, _renamed(*(_schemas.schema_name(name, one) for one in (self.old, self.new)))),
                *_merged((*change.rules, *_carried(new, old, said))),
            ),
            losses=change.losses,
            ignored=change.gone,
        )


def _renamed(old: str, new: str) -> Codec:
    """Return the codec of what a document says it is: each version's own name."""
    up = Converter(lambda value, env: new, repr(new))
    down = Converter(lambda value, env: old, repr(old))
    return Codec("version", _KINDS, _KINDS, lambda tenant: Bound({"": up}, down))


def _carried(new: Mapping[str, Field], old: Mapping[str, Field], said: set[str], at: str = "") -> Iterator[Rule]:
    """Yield the rules for what both versions have and nothing else is said of, lists within lists."""
    for path, here in new.items():
        below = path.removeprefix(at)
        if not path.startswith(at) or "[]" in below or path not in old or path in said:
            continue
        if here.kind == "list":
            inside = tuple(_carried(new, old, said, f"{path}[]."))
            if inside:
                yield each(below, below, *inside)
        elif here.leaf:
            yield pair(below, below, _KEPT)


def _merged(given: tuple[Rule, ...]) -> Iterator[Rule]:
    """Yield the rules, those of one list together: a list is read once."""
    from openreturns.mapping._rules import Each

    lists: dict[tuple[str, str], list[Rule]] = {}
    for rule in given:
        if isinstance(rule, Each):
            lists.setdefault((rule.canonical, rule.native), []).extend(rule.rules)
    done: set[tuple[str, str]] = set()
    for rule in given:
        if not isinstance(rule, Each):
            yield rule
        elif (rule.canonical, rule.native) not in done:
            done.add((rule.canonical, rule.native))
            yield each(rule.canonical, rule.native, *_merged(tuple(lists[rule.canonical, rule.native])))
