"""Documents that one schema admits and another does not: looked for where the proof fails, and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Final

from openreturns.compat import _facts as facts
from openreturns.compat import _keywords as words
from openreturns.compat._facts import Conjunction
from openreturns.compat._language import length, some, word
from openreturns.compat._prove import Prover
from openreturns.compat._scalars import OF_KIND, exact_texts, example, numbers, simple_texts

__all__ = ["Sampler"]

_DEEP: Final = 9
_KEPT: Final = 14
_TRIED: Final = 3000
_EFFORT: Final = 25_000  # values tried on the way to one answer; with none by then, there is no answer


@dataclass
class Sampler:
    """Makes values of schemas; the prover says where it is worth looking."""

    prover: Prover
    focus: frozenset[int] | None = None
    """The schemas on the way to one change: only there are values varied. None varies them wherever a proof fails."""
    _bases: dict[tuple[int, ...], Any] = field(default_factory=dict)
    _told: dict[tuple[tuple[int, ...], tuple[int, ...]], list[Any]] = field(default_factory=dict)
    """What was found to tell two conjunctions apart, so that whatever holds them need not look again."""
    _failed: dict[tuple[int, ...], int] = field(default_factory=dict)
    """How deep a value was wanted when there was none; deeper down there is none either."""
    _steps: int = 0
    """How many values may yet be tried to tell two conjunctions apart."""
    _tries: int = 0
    """How many values may yet be made at all."""

    def witnesses(self, new: Any, old: Any, *, limit: int = 400) -> list[Any]:  # noqa: ANN401 - any schema
        """Return documents that are valid under `old` and not under `new`, each checked, small ones first."""
        self._steps = self._tries = _EFFORT
        admits, refuses = self.prover.covers.validator(old), self.prover.covers.validator(new)
        found = []
        for value in islice(self._values(self.prover.flatten((old,)), self.prover.flatten((new,)), 0), _TRIED):
            if admits.is_valid(value) and not refuses.is_valid(value):
                found.append(value)
                if len(found) == limit:
                    break
        return sorted(_distinct(found), key=_size)

    def contradictions(self, new: Any, old: Any) -> list[Any]:  # noqa: ANN401 - any schema
        """Return documents that refute a proof that `old` is within `new`: none, unless the proof is wrong."""
        self._steps, self._tries = 0, _EFFORT
        admits, refuses = self.prover.covers.validator(old), self.prover.covers.validator(new)
        tried = islice(self._values(self.prover.flatten((old,)), self.prover.flatten((new,)), 0), 60)
        return [value for value in tried if admits.is_valid(value) and not refuses.is_valid(value)]

    # --- values of a conjunction, those that tell it from the other one first ---------------------------------

    def _best(self, old: Conjunction, new: Conjunction, depth: int) -> list[Any]:
        """Return some values of `old`, those that `new` refuses first."""
        pair = (tuple(map(id, old)), tuple(map(id, new)))
        if pair in self._told:
            return self._told[pair]
        if self._steps <= 0 or depth > _DEEP or self._within(old, new):
            return self._some(old, depth)
        telling: list[Any] = []
        others: list[Any] = []
        for value in islice(self._values(old, new, depth), 500):
            self._steps -= 1
            if self._steps <= 0:
                break
            if not self._valid(old, value):
                continue
            (others if self._valid(new, value) else telling).append(value)
            if len(telling) >= _KEPT:
                break
        if not others and telling:
            others = self._some(self.prover.flatten((*old, *new)), depth)
        best = [*sorted(_distinct(telling), key=_size)[:_KEPT], *_distinct(others)[:3]]
        if telling:
            self._told[pair] = best
        return best

    def _some(self, old: Conjunction, depth: int) -> list[Any]:
        """Return a few values of a conjunction, one of each kind it admits."""
        base = self._base(old, depth)
        if base is _NONE:
            return []
        kinds = facts.atoms(old)
        others = (value for kind in facts.ATOMS if kind in kinds for value in OF_KIND[kind][-1:])
        return _distinct([base, *(value for value in others if self._valid(old, value))])

    def _within(self, old: Conjunction, new: Conjunction) -> bool:
        if self.focus is not None and not self.focus.intersection(map(id, (*old, *new))):
            return True
        return all(self.prover.within(old, one) for one in new)

    def _valid(self, schemas: Conjunction, value: object) -> bool:
        return all(self.prover.covers.valid(one, value) for one in schemas)

    def _base(self, old: Conjunction, depth: int) -> Any:  # noqa: ANN401 - any JSON value
        """Return one small value of a conjunction, or _NONE."""
        key = tuple(sorted(map(id, old)))
        if key in self._bases:
            return self._bases[key]
        if depth >= self._failed.get(key, _DEEP + 1):
            return _NONE
        self._failed[key] = depth  # what needs itself to be made is not made
        tried = islice(self._values(old, (), depth + 1), 300)
        found = next((value for value in tried if self._valid(old, value)), _NONE)
        if found is not _NONE:
            self._bases[key] = found
            del self._failed[key]
        return found

    def _values(self, old: Conjunction, new: Conjunction, depth: int) -> Iterator[Any]:
        """Yield candidates, unchecked."""
        if depth > _DEEP or False in old or self._tries <= 0:
            return
        hints = [*self._hints(old), *self._hints(new)]
        yield from chain.from_iterable(one["enum"] if "enum" in one else [one["const"]] for one in hints if _lists(one))
        kinds = facts.atoms(old)
        for branch in self._branches(old):
            for value in self._of_kinds(branch, new, hints, facts.atoms(branch) & kinds, depth):
                self._tries -= 1
                if self._tries <= 0:
                    return
                yield value

    def _branches(self, old: Conjunction) -> list[Conjunction]:
        """Return the conjunction by each choice that stands in it, at least itself."""
        todo: list[Conjunction] = [old]
        done: list[Conjunction] = []
        while todo and len(done) + len(todo) < 24:
            one = todo.pop(0)
            cases = self.prover.cases(one)
            if cases:
                todo.extend(cases)
            else:
                done.append(one)
        return [*done, *todo]

    def _of_kinds(
        self, old: Conjunction, new: Conjunction, hints: list[Any], kinds: frozenset[str], depth: int
    ) -> Iterator[Any]:
        for kind in facts.ATOMS:
            if kind not in kinds:
                continue
            if kind == "string":
                yield from self._texts(old, new, hints)
            elif kind in {"integer", "fraction"}:
                yield from numbers(hints, whole=kind == "integer")
            elif kind == "array":
                yield from self._arrays(old, new, hints, depth)
            elif kind == "object":
                yield from self._objects(old, new, hints, depth)
            yield from OF_KIND[kind]

    def _hints(self, schemas: Iterable[Any]) -> list[Any]:
        """Return the schemas applied to the same value, whatever they are there for."""
        found: list[Any] = []
        todo = list(schemas)
        while todo and len(found) < 60:
            node = self.prover.target(todo.pop())
            if isinstance(node, bool):
                continue
            found.append(node)
            for key in words.IN_PLACE:
                inner = node.get(key, ())
                todo.extend(
                    inner
                    if isinstance(inner, list)
                    else inner.values()
                    if key in words.MAPS and inner
                    else [inner]
                    if isinstance(inner, dict) and inner
                    else ()
                )
        return found

    def _texts(self, old: Conjunction, new: Conjunction, hints: list[Any]) -> Iterator[str]:
        """Yield simple texts, and where none of them tells the two apart, those that automata give."""
        simple = list(dict.fromkeys(simple_texts(old, hints)))
        yield from simple
        if not new or not any(self._valid(old, text) and not self._valid(new, text) for text in simple):
            yield from exact_texts(old, new, hints)

    # --- arrays -----------------------------------------------------------------------------------------------

    def _arrays(self, old: Conjunction, new: Conjunction, hints: list[Any], depth: int) -> Iterator[list[Any]]:
        low, high = facts.counts(old, "Items")
        listed = max((len(one.get("prefixItems", ())) for one in hints), default=0)
        limits = {int(one[key]) for one in hints for key in _ARRAY_LIMITS if key in one}
        sizes = {low, low + 1, listed, listed + 1, 1, 2, *limits, *(limit + 1 for limit in limits)}
        sizes |= {limit - 1 for limit in limits}
        fitting = sorted(size for size in sizes if low <= size <= 300 and (high is None or size <= high))
        has = [
            value
            for one in hints
            if "contains" in one
            for value in self._best(self.prover.flatten((one["contains"],)), (), depth + 1)
        ]
        for size in fitting:
            base = self._elements(old, size, depth)
            if base is None:
                continue
            yield base
            for place in dict.fromkeys((*range(min(size, listed + 1)), size - 1)) if size else ():
                for value in (*self._best(self._at(old, place), self._at(new, place), depth + 1), *has):
                    yield [*base[:place], value, *base[place + 1 :]]
            if size > 1:
                for value in (*self._best(self._at(old, listed), self._at(new, listed), depth + 1)[:6], *has):
                    yield [value] * size
                    yield [value, *base[1:]]
                    yield [*[value] * (size - 1), base[-1]]

    def _at(self, schemas: Conjunction, place: int) -> Conjunction:
        return self.prover.flatten(facts.item(schemas, place))

    def _elements(self, old: Conjunction, size: int, depth: int) -> list[Any] | None:
        """Return elements that differ where that can be."""
        unlike: list[Any] = []
        for place in range(size):
            inner = self._at(old, place)
            base = self._base(inner, depth)
            if base is _NONE:
                return None
            if base in unlike and any(one.get("uniqueItems") for one in old):
                tried = (value for value in islice(self._values(inner, (), depth + 1), 200) if value not in unlike)
                base = next((value for value in tried if self._valid(inner, value)), base)
            unlike.append(base)
        return unlike

    # --- objects ----------------------------------------------------------------------------------------------

    def _objects(self, old: Conjunction, new: Conjunction, hints: list[Any], depth: int) -> Iterator[dict[str, Any]]:
        needed = sorted(facts.required(old))
        base: dict[str, Any] = {}
        for name in needed:
            value = self._base(self._of(old, name), depth)
            if value is _NONE:
                return
            base[name] = value
        yield base
        names = dict.fromkeys(chain(needed, chain.from_iterable(one.get("properties", {}) for one in hints)))
        names |= dict.fromkeys(chain.from_iterable(one.get("required", ()) for one in hints))
        for one in hints:
            for name, others in one.get("dependentRequired", {}).items():
                names |= dict.fromkeys((name, *others))
            names |= dict.fromkeys(one.get("dependentSchemas", {}))
        told = self._told_apart(old, new, list(names), depth)
        for name in needed:
            yield from ({**base, name: value} for value in told.get(name, ()))
        for name in names.keys() - base.keys():
            values = told.get(name) or self._some(self._of(old, name), depth)
            yield from ({**base, name: value} for value in values)
        whole = self._filled(old, base, list(names), depth)
        yield whole
        for name in names:
            yield {key: value for key, value in whole.items() if key != name}
            yield from ({**whole, name: value} for value in told.get(name, ())[:3])
        for name in self._other_names(old, new, hints):
            for value in self._best(self._of(old, name), self._of(new, name), depth + 1):
                yield {**base, name: value}
                yield {**whole, name: value}
        yield from self._counted(old, hints, base, whole, depth)
        yield from self._in_pairs(base, whole, told, list(names))

    def _told_apart(self, old: Conjunction, new: Conjunction, names: list[str], depth: int) -> dict[str, list[Any]]:
        """Return values of the members for which old is not proven to be within new."""
        told = {}
        for name in names:
            mine = self._of(old, name)
            theirs = (*self._of(new, name), *self._hinted(new, name))
            if not self._within(mine, theirs):
                told[name] = self._best(mine, theirs, depth + 1)
        return told

    def _hinted(self, new: Conjunction, name: str) -> Conjunction:
        """Return what the choices and conditions of a conjunction say about a member."""
        deeper = [one for one in self._hints(new) if one not in new]
        return self.prover.flatten(
            tuple(one["properties"][name] for one in deeper if name in one.get("properties", {}))
        )

    def _of(self, schemas: Conjunction, name: str) -> Conjunction:
        return self.prover.flatten(facts.member(schemas, name))

    def _one(self, schemas: Conjunction, depth: int) -> list[Any]:
        base = self._base(schemas, depth)
        return [] if base is _NONE else [base]

    def _filled(self, old: Conjunction, base: Mapping[str, Any], names: list[str], depth: int) -> dict[str, Any]:
        whole = dict(base)
        for name in names[:60]:
            if name not in whole:
                whole.update((name, value) for value in self._one(self._of(old, name), depth))
        return whole

    def _other_names(self, old: Conjunction, new: Conjunction, hints: list[Any]) -> Iterator[str]:
        named = some(word(name) for one in hints for name in one.get("properties", {}))
        allowed = facts.texts([one["propertyNames"] for one in old if "propertyNames" in one], "\n") & ~named
        patterns = [facts.known_language(e, "\n") for one in hints for e in one.get("patternProperties", {})]
        patterns += [
            facts.texts((one["propertyNames"],), "\n") for one in hints if isinstance(one.get("propertyNames"), dict)
        ]
        known = [one for one in patterns if one is not None]
        for one in known:
            yield from example(allowed & one)
            yield from example(allowed & ~one)
            yield from (name for other in known for name in example(allowed & one & ~other))
        plain = allowed & ~some(known)
        yield from example(plain & length(5, None))
        yield from example(plain)
        yield from (name for name in ("other",) if name not in {n for one in hints for n in one.get("properties", {})})

    def _counted(
        self, old: Conjunction, hints: list[Any], base: Mapping[str, Any], whole: Mapping[str, Any], depth: int
    ) -> Iterator[dict[str, Any]]:
        """Yield objects of as many members as a limit speaks of, and one more or less."""
        limits = {int(one[key]) for one in hints for key in ("minProperties", "maxProperties") if key in one}
        for size in sorted({at for limit in limits for at in (limit - 1, limit, limit + 1)}):
            others = [f"other{number}" for number in range(min(size, 50))]
            for names in ((*whole, *others), others):
                made = dict(base)
                for name in names:
                    if len(made) < size:
                        made.update((name, value) for value in self._one(self._of(old, name), depth))
                yield made

    def _in_pairs(
        self, base: Mapping[str, Any], whole: Mapping[str, Any], told: Mapping[str, list[Any]], names: list[str]
    ) -> Iterator[dict[str, Any]]:
        """Yield objects that differ in two members at once, which conditions ask for."""
        optional = [name for name in names if name in whole and name not in base][:8]
        for one in optional:
            for other in optional:
                yield {**base, one: whole[one], other: whole[other]}
        for one, values in islice(told.items(), 6):
            for other, others in islice(told.items(), 6):
                if one < other:
                    yield from ({**base, one: a, other: b} for a in values[:5] for b in others[:5])


_NONE: Final = object()
_ARRAY_LIMITS: Final = ("minItems", "maxItems", "minContains", "maxContains")


def _lists(node: Mapping[str, Any]) -> bool:
    return "enum" in node or "const" in node


def _distinct(values: list[Any]) -> list[Any]:
    return list({repr(value): value for value in values}.values())


def _size(value: object) -> tuple[int, str]:
    said = repr(value)
    return len(said), said
