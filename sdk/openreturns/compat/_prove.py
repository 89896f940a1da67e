"""Whether everything valid under one schema is valid under another: proven, or not proven; never guessed.

A schema is taken apart keyword by keyword. On the side that must be contained, what is not understood is left
out, which only makes the set larger; on the side that must contain, it stops the proof. What is recursive is
proven by induction over the depth of the (finite) document; what is boolean and not proven this way is put to
the containment of jsonschema-rs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any, Final

from openreturns.compat import _facts as facts
from openreturns.compat import _keywords as words
from openreturns.compat._covers import Covers, Definitions
from openreturns.compat._facts import Conjunction
from openreturns.compat._language import Undecided, every, length, some, word

__all__ = ["Prover"]

_TARGET: Final = "#/$defs/"
_STEPS: Final = 400_000
_ECMA_LINES: Final = "\n\r\u2028\u2029"
# What may be said of a value of one kind only.
_ABOUT: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("pattern", "minLength", "maxLength", "format"), frozenset({"string"})),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), frozenset({"integer", "fraction"})
    ),
    **dict.fromkeys(
        ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "unevaluatedItems"),
        frozenset({"array"}),
    ),
    **dict.fromkeys(
        (
            "properties", "patternProperties", "additionalProperties", "required", "propertyNames", "minProperties",
            "maxProperties", "dependentRequired", "dependentSchemas", "unevaluatedProperties",
        ),
        frozenset({"object"}),
    ),
}  # fmt: skip
_DESCENDS: Final = frozenset(
    {"properties", "patternProperties", "additionalProperties", "items", "prefixItems", "$ref"}
)
_BOOLEAN: Final = frozenset({
    "anyOf", "oneOf", "not", "if", "contains", "dependentSchemas", "dependentRequired",
    "unevaluatedProperties", "unevaluatedItems",
})  # fmt: skip
_UNEVALUATED: Final = ("unevaluatedProperties", "unevaluatedItems")


@dataclass
class Prover:
    """Answers about the schemas of one space of definitions. `formats` says whether a format is an assertion."""

    definitions: Definitions
    formats: bool = True
    _proven: dict[tuple[frozenset[int], int], bool] = field(default_factory=dict)
    _open: dict[tuple[frozenset[int], int], tuple[int, int]] = field(default_factory=dict)
    _flat: dict[tuple[int, ...], Conjunction] = field(default_factory=dict)
    _kept: list[object] = field(default_factory=list)
    """Schemas made here, kept so that no other takes their identity."""
    _lowest: int = 1 << 30
    _steps: int = 0

    def __post_init__(self) -> None:
        self.covers = Covers(self.definitions, formats=self.formats)

    def contains(self, new: Any, old: Any) -> bool:  # noqa: ANN401 - any schema
        """Return whether it is proven that everything valid under `old` is valid under `new`."""
        return self.within(self.flatten((old,)), new)

    def within(self, old: Conjunction, new: Any) -> bool:  # noqa: ANN401 - any schema
        """Return whether it is proven that everything that keeps the conjunction is valid under `new`."""
        self._steps = 0
        self._open.clear()
        self._lowest = 1 << 30
        try:
            return self._within(old, new, 0)
        except (Undecided, RecursionError):
            return False

    # --- a conjunction against one schema ---------------------------------------------------------------------

    def _within(self, old: Conjunction, new: Any, depth: int) -> bool:  # noqa: ANN401 - any schema
        new = self.target(new)
        if self._everything(new):
            return True
        key = (frozenset(map(id, old)), id(new))
        known = self._proven.get(key)
        if known is not None:
            return known
        if key in self._open:
            at, opened = self._open[key]
            if opened >= depth:
                return False
            self._lowest = min(self._lowest, at)
            return True
        self._steps += 1
        if self._steps > _STEPS:
            raise Undecided("too large to prove")
        here, outer = len(self._open), self._lowest
        self._open[key] = here, depth
        self._lowest = 1 << 30
        result = self._prove(old, new, depth)
        del self._open[key]
        leaned = self._lowest < here
        self._lowest = min(outer, self._lowest) if leaned else outer
        if not leaned or not result:
            self._kept.append((old, new))
            self._proven[key] = result
        return result

    def _prove(self, old: Conjunction, new: Any, depth: int) -> bool:  # noqa: ANN401 - any schema
        if self._impossible(old) or any(self.alike(one, new) for one in old):
            return True
        if new is False:
            return self.covers.nothing(old) if self._boolean(old) else False
        values = self._values(old)
        if values is not None:
            return all(self.covers.valid(new, value) for value in values)
        failed = next((key for key in new if not self._keyword(key, old, new, depth)), None)
        if failed is None:
            return True
        branches = self.cases(old)
        if branches and all(self._within(branch, new, depth) for branch in branches):
            return True
        if failed in _DESCENDS and not self._boolean(old) and not new.keys() & _BOOLEAN:
            return False
        return self.covers.yes(new, old)

    def alike(self, old: Any, new: Any) -> bool:  # noqa: ANN401 - any schema
        """Return whether two schemas say the same in the same words."""
        pair = (id(old), id(new))
        if pair not in self._same:
            assumed: set[tuple[int, int]] = set()
            self._same[pair] = self._spelled_alike(old, new, assumed)
            if self._same[pair]:
                self._same.update(dict.fromkeys(assumed, True))
            self._kept.append((old, new))
        return self._same[pair]

    _same: dict[tuple[int, int], bool] = field(default_factory=dict)

    def _spelled_alike(self, old: Any, new: Any, assumed: set[tuple[int, int]]) -> bool:  # noqa: ANN401
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

    def _value_alike(self, key: str, old: Any, new: Any, assumed: set[tuple[int, int]]) -> bool:  # noqa: ANN401
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

    def _keyword(self, key: str, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        if key not in words.ASSERTIONS:
            return True
        about = _ABOUT.get(key)
        if about is not None and not about & facts.atoms(old):
            return True
        rule = _RULES.get(key)
        return rule is not None and rule(self, old, new, depth)

    def _boolean(self, old: Conjunction) -> bool:
        return any(isinstance(one, dict) and one.keys() & _BOOLEAN for one in old)

    # --- what a conjunction is --------------------------------------------------------------------------------

    def target(self, node: Any) -> Any:  # noqa: ANN401 - any schema
        while isinstance(node, dict) and "$ref" in node and not node.keys() & words.ASSERTIONS:
            node = self.definitions[node["$ref"].removeprefix(_TARGET)]
        if isinstance(node, dict) and "$ref" in node:  # a reference with assertions beside it
            return self._made(
                node,
                "$ref",
                lambda: {**_without(node, "$ref"), "allOf": [{"$ref": node["$ref"]}, *node.get("allOf", ())]},
            )
        if isinstance(node, dict) and node.keys() & set(_UNEVALUATED) and not node.keys() & set(words.IN_PLACE):
            return self._made(node, "evaluated", lambda: _evaluated(node))
        return node

    def flatten(self, schemas: Conjunction) -> Conjunction:
        key = tuple(map(id, schemas))
        if key not in self._flat:
            found: dict[int, Any] = {}
            for schema in schemas:
                for part in self._parts(schema):
                    found[id(part)] = part
            self._kept.append(schemas)
            self._flat[key] = tuple(found.values())
        return self._flat[key]

    def _parts(self, schema: Any) -> list[Any]:  # noqa: ANN401 - any schema
        node = self.target(schema)
        if isinstance(node, bool):
            return [] if node else [False]
        if "allOf" not in node:
            return [node]
        inner = [part for one in node["allOf"] for part in self._parts(one)]
        if node.keys() & set(_UNEVALUATED):  # what is evaluated depends on all that stands beside it
            return [node, *inner]
        rest = self._made(node, "allOf", lambda: _without(node, "allOf"))
        return [rest, *inner] if rest.keys() & words.ASSERTIONS else inner

    _cache: dict[tuple[int, str], Any] = field(default_factory=dict)

    def _made(self, node: Mapping[str, Any], how: str, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - any schema
        """Return a schema made from another, the same one each time."""
        key = (id(node), how)
        if key not in self._cache:
            self._kept.append(node)
            self._cache[key] = make()
        return self._cache[key]

    def _impossible(self, old: Conjunction, deep: int = 5) -> bool:
        """Return whether it is plain that a conjunction admits nothing; a required member is followed so deep."""
        kinds = facts.atoms(old)
        if not kinds or any("not" in one and self._everything(one["not"]) for one in old):
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
            if any(self._impossible(inner, deep - 1) for inner in members):
                return True
        what = {"string": "Length", "array": "Items", "object": "Properties"}.get(next(iter(kinds)))
        low, high = facts.counts(old, what) if what else (0, None)
        return high is not None and low > high

    def _everything(self, schema: Any) -> bool:  # noqa: ANN401 - any schema
        node = self.target(schema)
        return node is True or (isinstance(node, dict) and not node.keys() & words.ASSERTIONS)

    def _values(self, old: Conjunction) -> list[Any] | None:
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
                    other = self._made(one, key, partial(_without, one, key, *_UNEVALUATED))
                    return [self.flatten((*rest, other, branch)) for branch in one[key]]
            if "if" in one:
                other = self._made(one, "if", partial(_without, one, "if", "then", "else", *_UNEVALUATED))
                holds = (one["if"], one.get("then", True))
                negated = self._made(one, "else", partial(_schema, **{"not": one["if"]}))
                fails = (negated, one.get("else", True))
                return [self.flatten((*rest, other, *branch)) for branch in (holds, fails)]
        return []

    # --- disjoint ---------------------------------------------------------------------------------------------

    def _disjoint(self, old: Conjunction, new: Any, depth: int) -> bool:  # noqa: ANN401 - any schema
        """Return whether it is proven that no value keeps both."""
        both = self.flatten((*old, new))
        if self._apart(both, 4):
            return True
        if any(
            isinstance(one, dict) and "not" in one and self._within(self.flatten((new,)), one["not"], depth)
            for one in old
        ):
            return True
        return self._boolean(both) and self.covers.nothing(both)

    def _apart(self, both: Conjunction, deep: int) -> bool:
        if self._impossible(both):
            return True
        values = self._values(both)
        if values is not None:
            return not values
        kinds = facts.atoms(both)
        if kinds == {"string"}:
            return any(one.get("pattern") for one in both) and facts.texts(both, "\n").example() is None
        if kinds != {"object"} or not deep:
            return False
        return any(self._apart(self.flatten(facts.member(both, name)), deep - 1) for name in facts.required(both))

    # --- keywords ---------------------------------------------------------------------------------------------

    def _types(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        return facts.atoms(old) <= facts.atoms(({"type": new["type"]},))

    def _numbers(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        low, high = facts.bounds(old)
        wanted_low, wanted_high = facts.bounds(
            (_only(new, "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"),)
        )
        enough = wanted_low is None or (low is not None and low >= wanted_low)
        if not enough or wanted_high is None:
            return enough
        return high is not None and (high[0], not high[1]) <= (wanted_high[0], not wanted_high[1])

    def _multiple(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        step = Fraction(str(new["multipleOf"]))
        steps = [Fraction(str(one["multipleOf"])) for one in old if "multipleOf" in one]
        steps += [Fraction(1)] if "fraction" not in facts.atoms(old) else []
        return any((one / step).denominator == 1 for one in steps)

    def _pattern(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        wanted = new["pattern"]
        if any(one.get("pattern") == wanted for one in old):
            return True
        if facts.known_language(wanted, "\n") is None:
            return False
        return all(
            facts.texts(old, lines).within(facts.known_language(wanted, lines) or every())
            for lines in ("\n", _ECMA_LINES)
        )

    def _length(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        wanted = int(new.get("minLength", 0)), new.get("maxLength")
        low, high = facts.counts(old, "Length")
        if low >= wanted[0] and (wanted[1] is None or (high is not None and high <= wanted[1])):
            return True
        return facts.texts(old, "\n").within(length(wanted[0], None if wanted[1] is None else int(wanted[1])))

    def _format(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        return new["format"] not in words.FORMATS or any(one.get("format") == new["format"] for one in old)

    def _properties(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        return all(
            self._within(self.flatten(facts.member(old, name)), inner, depth + 1)
            for name, inner in new["properties"].items()
        )

    def _other_members(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        """Prove both `patternProperties` and `additionalProperties`."""
        patterns = new.get("patternProperties", {})
        named = {name for one in old for name in one.get("properties", {})}
        for expression, inner in patterns.items():
            if not all(
                self._within(self.flatten(facts.member(old, name)), inner, depth + 1)
                for name in named
                if facts.matches(expression, name)
            ):
                return False
            for lines in ("\n", _ECMA_LINES):
                wanted = facts.known_language(expression, lines) or every()
                for said, _ in facts.regions(old, wanted, lines):
                    if not self._within(self.flatten(said), inner, depth + 1):
                        return False
        if "additionalProperties" not in new or new["additionalProperties"] is True:
            return True
        return self._additional(old, new, new["additionalProperties"], depth)

    def _additional(self, old: Conjunction, new: Mapping[str, Any], inner: Any, depth: int) -> bool:  # noqa: ANN401
        patterns = new.get("patternProperties", {})
        here = new.get("properties", {})
        named = {name for one in old for name in one.get("properties", {})}
        for name in named - here.keys():
            covered = any(facts.matches(expression, name) for expression in patterns)
            if not covered and not self._within(self.flatten(facts.member(old, name)), inner, depth + 1):
                return False
        for lines in ("\n", _ECMA_LINES):
            wanted = ~some(word(name) for name in here)
            for expression in patterns:
                language = facts.known_language(expression, lines)
                wanted = wanted & ~language if language is not None else wanted
            if not all(
                self._within(self.flatten(said), inner, depth + 1) for said, _ in facts.regions(old, wanted, lines)
            ):
                return False
        return True

    def _required(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        return frozenset(new["required"]) <= facts.required(old)

    def _names(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        own = tuple(one["propertyNames"] for one in old if "propertyNames" in one)
        for name in sorted({name for one in old for name in one.get("properties", {})}):
            there = not self._impossible(self.flatten(facts.member(old, name)))
            if (
                there
                and not self.covers.valid(new["propertyNames"], name)
                and all(self.covers.valid(one, name) for one in own)
            ):
                return False
        for said, expression in facts.regions(old, every(), "\n"):
            if self._impossible(self.flatten(said)):
                continue
            name_of = {"type": "string", **({"pattern": expression} if expression else {})}
            about = self._made(new, f"names {expression}", partial(_schema, **name_of))
            if not self._within(self.flatten((about, *own)), new["propertyNames"], depth + 1):
                return False
        return True

    def _dependent(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        there = facts.required(old)
        for name, needed in new["dependentRequired"].items():
            given = there.union(*(one.get("dependentRequired", {}).get(name, ()) for one in old))
            if not set(needed) <= given | {name} and not self._impossible(self.flatten(facts.member(old, name))):
                return False
        return True

    def _dependent_schemas(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        for name, inner in new["dependentSchemas"].items():
            if self._impossible(self.flatten(facts.member(old, name))):
                continue
            needs = self._made(new, f"has {name}", partial(_schema, type="object", required=[name]))
            more = [one["dependentSchemas"][name] for one in old if name in one.get("dependentSchemas", {})]
            if not self._within(self.flatten((*old, needs, *more)), inner, depth):
                return False
        return True

    def _items(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        """Prove both `prefixItems` and `items`."""
        _, high = facts.counts(old, "Items")
        listed = new.get("prefixItems", ())
        longest = max([len(listed), *(len(one.get("prefixItems", ())) for one in old)])
        for place in range(longest):
            inner = listed[place] if place < len(listed) else new.get("items", True)
            if (high is None or place < high) and not self._within(
                self.flatten(facts.item(old, place)), inner, depth + 1
            ):
                return False
        if high is not None and high <= longest:
            return True
        return self._within(self.flatten(facts.item(old, None)), new.get("items", True), depth + 1)

    def _unique(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        _, high = facts.counts(old, "Items")
        return not new["uniqueItems"] or any(one.get("uniqueItems") for one in old) or (high is not None and high <= 1)

    def _has(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        least, most = int(new.get("minContains", 1)), new.get("maxContains")
        low, high = facts.counts(old, "Items")
        if most is not None and not (high is not None and high <= most):
            return False
        if least == 0:
            return True
        holding = (one for one in old if "contains" in one and int(one.get("minContains", 1)) >= least)
        if any(self._within(self.flatten((one["contains"],)), new["contains"], depth + 1) for one in holding):
            return True
        every_item = all(not one.get("prefixItems") for one in old)
        return (
            low >= least
            and every_item
            and self._within(self.flatten(facts.item(old, None)), new["contains"], depth + 1)
        )

    def _all(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        return all(self._within(old, inner, depth) for inner in new["allOf"])

    def _any(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        return any(self._within(old, inner, depth) for inner in new["anyOf"])

    def _one(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        for place, inner in enumerate(new["oneOf"]):
            others = [other for at, other in enumerate(new["oneOf"]) if at != place]
            if self._within(old, inner, depth) and all(self._disjoint(old, other, depth) for other in others):
                return True
        return False

    def _not(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        return self._disjoint(old, new["not"], depth)

    def _if(self, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        condition, then, other = new["if"], new.get("then", True), new.get("else", True)
        if self._disjoint(old, condition, depth):
            return self._within(old, other, depth)
        if not self._within(self.flatten((*old, condition)), then, depth):
            return False
        if self._within(old, condition, depth):
            return True
        negated = self._made(new, "else", partial(_schema, **{"not": condition}))
        return self._within(self.flatten((*old, negated)), other, depth)


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


def _counted(what: str) -> Callable[[Prover, Conjunction, Mapping[str, Any], int], bool]:
    def proven(prover: Prover, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        low, high = facts.counts(old, what)
        most = new.get(f"max{what}")
        return low >= int(new.get(f"min{what}", 0)) and (most is None or (high is not None and high <= most))

    return proven


def _nothing_more(prover: Prover, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
    return True  # proven with the keyword it belongs to


def _without(node: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in keys}


def _schema(**said: Any) -> dict[str, Any]:  # noqa: ANN401 - any keyword's value
    return said


def _only(node: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key in keys}


_RULES: Final[Mapping[str, Callable[[Prover, Conjunction, Mapping[str, Any], int], bool]]] = {
    "type": Prover._types,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), Prover._numbers),
    "multipleOf": Prover._multiple,
    "pattern": Prover._pattern,
    **dict.fromkeys(("minLength", "maxLength"), Prover._length),
    "format": Prover._format,
    "properties": Prover._properties,
    **dict.fromkeys(("patternProperties", "additionalProperties"), Prover._other_members),
    "required": Prover._required,
    "propertyNames": Prover._names,
    **dict.fromkeys(("minProperties", "maxProperties"), _counted("Properties")),
    "dependentRequired": Prover._dependent,
    "dependentSchemas": Prover._dependent_schemas,
    **dict.fromkeys(("items", "prefixItems"), Prover._items),
    **dict.fromkeys(("minItems", "maxItems"), _counted("Items")),
    "uniqueItems": Prover._unique,
    "contains": Prover._has,
    **dict.fromkeys(("minContains", "maxContains", "then", "else"), _nothing_more),
    "allOf": Prover._all,
    "anyOf": Prover._any,
    "oneOf": Prover._one,
    "not": Prover._not,
    "if": Prover._if,
}
