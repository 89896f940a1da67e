"""Schemas of two sides in one space: references followed, conjunctions flattened, and what is plain about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from openreturns.compat import _facts as facts
from openreturns.compat import _keywords as words
from openreturns.compat._covers import Covers, Definitions
from openreturns.compat._facts import Conjunction

__all__ = ["BOOLEAN", "Space", "said"]

_TARGET: Final = "#/$defs/"
BOOLEAN: Final = frozenset({
    "anyOf", "oneOf", "not", "if", "contains", "dependentSchemas", "dependentRequired",
    "unevaluatedProperties", "unevaluatedItems",
})  # fmt: skip
"""Keywords by which a schema says more than its parts do."""
_UNEVALUATED: Final = ("unevaluatedProperties", "unevaluatedItems")
_EVERY_MEMBER: Final = frozenset({"additionalProperties", "unevaluatedProperties"})


@dataclass
class Space:
    """The definitions of both sides, and schemas made from them, each the same one whenever it is asked for.

    `formats` says whether a format is an assertion.
    """

    definitions: Definitions
    formats: bool = True
    kept: list[object] = field(default_factory=list)
    """Schemas made here, kept so that no other takes their identity."""
    _flat: dict[tuple[int, ...], Conjunction] = field(default_factory=dict)
    _cache: dict[tuple[int, str], Any] = field(default_factory=dict)
    _same: dict[tuple[int, int], bool] = field(default_factory=dict)
    _whole: set[int] = field(default_factory=set)
    """Schemas whose parts stand beside them already."""

    def __post_init__(self) -> None:
        self.covers = Covers(self.definitions, formats=self.formats)

    def target(self, node: Any) -> Any:  # noqa: ANN401 - any schema
        """Return what a reference leads to, a schema without one as it is; neither has a `$ref` at its root."""
        while isinstance(node, dict) and "$ref" in node and not node.keys() & words.ASSERTIONS:
            node = self.definitions[node["$ref"].removeprefix(_TARGET)]
        if isinstance(node, dict) and "$ref" in node:  # a reference with assertions beside it
            node = self.made(
                node,
                "$ref",
                lambda: {**_without(node, "$ref"), "allOf": [{"$ref": node["$ref"]}, *node.get("allOf", ())]},
            )
        if isinstance(node, dict) and node.keys() & set(_UNEVALUATED):
            if not node.keys() & set(words.IN_PLACE):
                return self.made(node, "evaluated", lambda: _evaluated(node))
            if "unevaluatedProperties" in node:
                return self.made(node, "named", lambda: self._named(node))
        return node

    def _named(self, node: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any schema
        """Return a schema of parts that always apply, with the members that no part names said by name."""
        parts = list(self._always(node))
        own, *others = [part for part in parts if part is not None]
        if len(others) + 1 < len(parts):
            return node  # some apply now and then
        if "additionalProperties" in own or any(_EVERY_MEMBER & part.keys() for part in others):
            return _without(node, _UNEVALUATED[0])
        names = {name: True for part in (own, *others) for name in part.get("properties", {})}
        patterns = {name: True for part in (own, *others) for name in part.get("patternProperties", {})}
        rest = {"properties": names, "patternProperties": patterns, "additionalProperties": node[_UNEVALUATED[0]]}
        return {**_without(node, _UNEVALUATED[0]), "allOf": [*node.get("allOf", ()), rest]}

    def _always(self, node: Mapping[str, Any]) -> Iterator[Mapping[str, Any] | None]:
        """Yield a schema and the parts that apply whenever it does; None where some apply now and then."""
        yield node
        if node.keys() & {"anyOf", "oneOf", "if", "dependentSchemas"}:
            yield None
        for part in node.get("allOf", ()):
            while isinstance(part, dict) and "$ref" in part:
                target = self.definitions[part["$ref"].removeprefix(_TARGET)]
                yield from self._always(_without(part, "$ref"))
                part = target
            if isinstance(part, dict):
                yield from self._always(part)

    def flatten(self, schemas: Conjunction) -> Conjunction:
        """Return the schemas that say together what these do, those within `allOf` beside the others."""
        key = tuple(map(id, schemas))
        if key not in self._flat:
            found: dict[int, Any] = {}
            for schema in schemas:
                for part in self._parts(schema):
                    found[id(part)] = part
            self.kept.append(schemas)
            self._flat[key] = tuple(found.values())
        return self._flat[key]

    def _parts(self, schema: Any) -> list[Any]:  # noqa: ANN401 - any schema
        node = self.target(schema)
        if isinstance(node, bool):
            return [] if node else [False]
        if "allOf" not in node or id(node) in self._whole:
            return [node]
        inner = [part for one in node["allOf"] for part in self._parts(one)]
        if node.keys() & set(_UNEVALUATED):  # what is evaluated depends on all that stands beside it
            whole = self.made(node, "whole", partial(dict, node))
            self._whole.add(id(whole))
            return [whole, *inner]
        rest = self.made(node, "allOf", lambda: _without(node, "allOf"))
        return [rest, *inner] if rest.keys() & words.ASSERTIONS else inner

    def made(self, node: Mapping[str, Any], how: str, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - any schema
        """Return a schema made from another, the same one each time."""
        key = (id(node), how)
        if key not in self._cache:
            self.kept.append(node)
            self._cache[key] = make()
        return self._cache[key]

    def impossible(self, old: Conjunction, deep: int = 5) -> bool:
        """Return whether it is plain that a conjunction admits nothing; a required member is followed so deep."""
        kinds = facts.atoms(old)
        if not kinds or any("not" in one and self.everything(one["not"]) for one in old):
            return True
        if len(kinds) > 1 and kinds != {"integer", "fraction"}:
            return False
        low: Any
        high: Any
        if kinds <= {"integer", "fraction"}:
            low, high = facts.bounds(old)
            return bool(low and high and (low[0] > high[0] or (low[0] == high[0] and (low[1] or high[1]))))
        if kinds == {"object"} and deep:
            members = (self.flatten(facts.member(old, name)) for name in facts.required(old))
            if any(self.impossible(inner, deep - 1) for inner in members):
                return True
        what = {"string": "Length", "array": "Items", "object": "Properties"}.get(next(iter(kinds)))
        low, high = facts.counts(old, what) if what else (0, None)
        return high is not None and low > high

    def everything(self, schema: Any) -> bool:  # noqa: ANN401 - any schema
        node = self.target(schema)
        if isinstance(node, bool):
            return node
        said = node.keys() & words.ASSERTIONS
        return not said or (said == {"anyOf"} and any(self.everything(one) for one in node["anyOf"]))

    def values(self, old: Conjunction) -> list[Any] | None:
        """Return all values that a conjunction admits, where it lists them."""
        listed = [one["enum"] if "enum" in one else [one["const"]] for one in old if one.keys() & {"enum", "const"}]
        if not listed:
            kinds = facts.atoms(old)
            if kinds <= {"null", "boolean"}:
                listed = [[None, True, False]]
            elif kinds == {"integer"}:
                low, high = facts.bounds(old)
                if low is None or high is None or high[0] - low[0] > 64:
                    return None
                listed = [list(range(int(low[0]), int(high[0]) + 1))]
            else:
                return None
        shortest = min(listed, key=len)
        return [value for value in shortest if all(self.covers.valid(one, value) for one in old)]

    def cases(self, old: Conjunction) -> list[Conjunction]:
        """Return conjunctions that together admit all that one admits, by the first choice in it."""
        for place, one in enumerate(old):
            rest = (*old[:place], *old[place + 1 :])
            if one is False:
                continue
            for key in ("anyOf", "oneOf"):
                if key in one:
                    other = self.made(one, key, partial(_without, one, key, *_UNEVALUATED))
                    return [self.flatten((*rest, other, branch)) for branch in one[key]]
            if "if" in one:
                other = self.made(one, "if", partial(_without, one, "if", "then", "else", *_UNEVALUATED))
                holds = (one["if"], one.get("then", True))
                negated = self.made(one, "else", partial(said, **{"not": one["if"]}))
                fails = (negated, one.get("else", True))
                return [self.flatten((*rest, other, *branch)) for branch in (holds, fails)]
        return []

    def boolean(self, old: Conjunction) -> bool:
        return any(isinstance(one, dict) and one.keys() & BOOLEAN for one in old)

    def alike(self, old: Any, new: Any) -> bool:  # noqa: ANN401 - any schema
        """Return whether two schemas say the same in the same words."""
        pair = (id(old), id(new))
        if pair not in self._same:
            assumed: set[tuple[int, int]] = set()
            self._same[pair] = self._spelled_alike(old, new, assumed)
            if self._same[pair]:
                self._same.update(dict.fromkeys(assumed, True))
            self.kept.append((old, new))
        return self._same[pair]

    def _spelled_alike(self, old: Any, new: Any, assumed: set[tuple[int, int]]) -> bool:  # noqa: ANN401 - any JSON value
        if isinstance(old, bool) or isinstance(new, bool):
            return old is new
        pair = (id(old), id(new))
        if pair in assumed:
            return True
        known = self._same.get(pair)
        if known is not None:
            return known
        assumed.add(pair)
        said, says = ({key for key in node if key in words.ASSERTIONS or key == "$ref"} for node in (old, new))
        return said == says and all(self._value_alike(key, old[key], new[key], assumed) for key in said)

    def _value_alike(self, key: str, old: Any, new: Any, assumed: set[tuple[int, int]]) -> bool:  # noqa: ANN401 - any JSON value
        if key == "$ref":
            return self._spelled_alike(self.target({key: old}), self.target({key: new}), assumed)
        if key in words.SINGLE:
            return self._spelled_alike(old, new, assumed)
        if key in words.LISTS:
            pairs = zip(old, new, strict=False)
            return len(old) == len(new) and all(self._spelled_alike(*pair, assumed) for pair in pairs)
        if key in words.MAPS:
            return old.keys() == new.keys() and all(self._spelled_alike(old[name], new[name], assumed) for name in old)
        return repr(old) == repr(new)


def _evaluated(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema that says all about its members and elements itself without the words for what others say."""
    said = dict(node)
    members = said.pop("unevaluatedProperties", True)
    if members is not True:
        said.setdefault("additionalProperties", members)
    if "contains" not in said:  # which evaluates elements too
        elements = said.pop("unevaluatedItems", True)
        if elements is not True:
            said.setdefault("items", elements)
    return said


def _without(node: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in keys}


def said(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - any keyword's value
    """Return a schema of these keywords."""
    return said
