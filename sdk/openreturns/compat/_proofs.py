"""How each keyword is proven: that everything which keeps a conjunction keeps it too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from openreturns.compat import _facts as facts
from openreturns.compat import _keywords as words
from openreturns.compat._facts import Conjunction
from openreturns.compat._language import every, length, some, word
from openreturns.compat._scalars import padded
from openreturns.compat._space import said as schema

if TYPE_CHECKING:
    from openreturns.compat._prove import Prover

__all__ = ["PROOFS"]

_Node: TypeAlias = Mapping[str, Any]
_FEW: Final = 40
# RFC 3986 and 3987: each of the first is one of the second.
_WITHIN: Final = (
    ("uri", "uri-reference"), ("uri", "iri"), ("uri", "iri-reference"),
    ("uri-reference", "iri-reference"), ("iri", "iri-reference"),
)  # fmt: skip
_SPELLED: Final = ("pattern", "format", "not", "enum", "const")
_ECMA_LINES: Final = "\n\r\u2028\u2029"


def _types(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    return facts.atoms(old) <= facts.atoms(({"type": new["type"]},))


def _numbers(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    low, high = facts.bounds(old)
    wanted_low, wanted_high = facts.bounds((_only(new, "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"),))
    enough = wanted_low is None or (low is not None and low >= wanted_low)
    if not enough or wanted_high is None:
        return enough
    return high is not None and (high[0], not high[1]) <= (wanted_high[0], not wanted_high[1])


def _multiple(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    step = Fraction(str(new["multipleOf"]))
    steps = [Fraction(str(one["multipleOf"])) for one in old if "multipleOf" in one]
    steps += [Fraction(1)] if "fraction" not in facts.atoms(old) else []
    return any((one / step).denominator == 1 for one in steps)


def _pattern(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    wanted = new["pattern"]
    if any(one.get("pattern") == wanted for one in old):
        return True
    if facts.known_language(wanted, "\n") is None:
        return False
    return all(
        facts.texts(old, lines).within(facts.known_language(wanted, lines) or every()) for lines in ("\n", _ECMA_LINES)
    )


def _length(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    wanted = int(new.get("minLength", 0)), new.get("maxLength")
    low, high = facts.counts(old, "Length")
    if low >= wanted[0] and (wanted[1] is None or (high is not None and high <= wanted[1])):
        return True
    if all(one.keys().isdisjoint(_SPELLED) for one in old):
        return False  # nothing but lengths is said, and they have been compared
    texts = facts.texts(old, "\n")
    longer = padded(texts, int(wanted[1]) + 1) if wanted[1] is not None else ()
    if any(all(prover.covers.valid(one, text) for one in old) for text in longer):
        return False  # which is found much sooner than the shortest such text
    return texts.within(length(wanted[0], None if wanted[1] is None else int(wanted[1])))


def _format(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    wanted = new["format"]
    enough = {wanted, *(narrow for narrow, wide in _WITHIN if wide == wanted)}
    return wanted not in words.FORMATS or any(one.get("format") in enough for one in old)


def _listed(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    """Prove `enum` and `const` for texts of a pattern that only a few have."""
    if facts.atoms(old) != {"string"}:
        return False
    found = facts.texts(old, "\n").all_of_few(_FEW)
    return found is not None and all(prover.covers.valid(new, text) for text in found)


def _properties(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    return all(
        prover.proves(prover.flatten(facts.member(old, name)), inner, depth + 1)
        for name, inner in new["properties"].items()
    )


def _other_members(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    """Prove both `patternProperties` and `additionalProperties`."""
    patterns = new.get("patternProperties", {})
    named = {name for one in old for name in one.get("properties", {})}
    for expression, inner in patterns.items():
        if not all(
            prover.proves(prover.flatten(facts.member(old, name)), inner, depth + 1)
            for name in named
            if facts.matches(expression, name)
        ):
            return False
        for lines in ("\n", _ECMA_LINES):
            wanted = facts.known_language(expression, lines) or every()
            for inside, _ in facts.regions(old, wanted, lines):
                if not prover.proves(prover.flatten(inside), inner, depth + 1):
                    return False
    if "additionalProperties" not in new or new["additionalProperties"] is True:
        return True
    return _additional(prover, old, new, new["additionalProperties"], depth)


def _additional(prover: Prover, old: Conjunction, new: _Node, inner: Any, depth: int) -> bool:  # noqa: ANN401 - any JSON value
    patterns = new.get("patternProperties", {})
    here = new.get("properties", {})
    named = {name for one in old for name in one.get("properties", {})}
    for name in named - here.keys():
        covered = any(facts.matches(expression, name) for expression in patterns)
        if not covered and not prover.proves(prover.flatten(facts.member(old, name)), inner, depth + 1):
            return False
    for lines in ("\n", _ECMA_LINES):
        wanted = ~some(word(name) for name in here)
        for expression in patterns:
            language = facts.known_language(expression, lines)
            wanted = wanted & ~language if language is not None else wanted
        if not all(
            prover.proves(prover.flatten(inside), inner, depth + 1) for inside, _ in facts.regions(old, wanted, lines)
        ):
            return False
    return True


def _required(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    return frozenset(new["required"]) <= facts.required(old)


def _names(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    own = tuple(one["propertyNames"] for one in old if "propertyNames" in one)
    for name in sorted({name for one in old for name in one.get("properties", {})}):
        there = not prover.impossible(prover.flatten(facts.member(old, name)))
        if (
            there
            and not prover.covers.valid(new["propertyNames"], name)
            and all(prover.covers.valid(one, name) for one in own)
        ):
            return False
    for inside, expression in facts.regions(old, every(), "\n"):
        if prover.impossible(prover.flatten(inside)):
            continue
        name_of = {"type": "string", **({"pattern": expression} if expression else {})}
        about = prover.made(new, f"names {expression}", partial(schema, **name_of))
        if not prover.proves(prover.flatten((about, *own)), new["propertyNames"], depth + 1):
            return False
    return True


def _dependent(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    there = facts.required(old)
    for name, needed in new["dependentRequired"].items():
        given = there.union(*(one.get("dependentRequired", {}).get(name, ()) for one in old))
        if not set(needed) <= given | {name} and not prover.impossible(prover.flatten(facts.member(old, name))):
            return False
    return True


def _dependent_schemas(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    for name, inner in new["dependentSchemas"].items():
        if prover.impossible(prover.flatten(facts.member(old, name))):
            continue
        needs = prover.made(new, f"has {name}", partial(schema, type="object", required=[name]))
        more = [one["dependentSchemas"][name] for one in old if name in one.get("dependentSchemas", {})]
        if not prover.proves(prover.flatten((*old, needs, *more)), inner, depth):
            return False
    return True


def _items(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    """Prove both `prefixItems` and `items`."""
    _, high = facts.counts(old, "Items")
    listed = new.get("prefixItems", ())
    longest = max([len(listed), *(len(one.get("prefixItems", ())) for one in old)])
    for place in range(longest):
        inner = listed[place] if place < len(listed) else new.get("items", True)
        if (high is None or place < high) and not prover.proves(
            prover.flatten(facts.item(old, place)), inner, depth + 1
        ):
            return False
    if high is not None and high <= longest:
        return True
    return prover.proves(prover.flatten(facts.item(old, None)), new.get("items", True), depth + 1)


def _unique(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    _, high = facts.counts(old, "Items")
    return not new["uniqueItems"] or any(one.get("uniqueItems") for one in old) or (high is not None and high <= 1)


def _has(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    least, most = int(new.get("minContains", 1)), new.get("maxContains")
    low, high = facts.counts(old, "Items")
    if most is not None and not (high is not None and high <= most):
        return False
    if least == 0:
        return True
    holding = (one for one in old if "contains" in one and int(one.get("minContains", 1)) >= least)
    if any(prover.proves(prover.flatten((one["contains"],)), new["contains"], depth + 1) for one in holding):
        return True
    every_item = all(not one.get("prefixItems") for one in old)
    return (
        low >= least and every_item and prover.proves(prover.flatten(facts.item(old, None)), new["contains"], depth + 1)
    )


def _all(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    return all(prover.proves(old, inner, depth) for inner in new["allOf"])


def _any(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    return any(prover.proves(old, inner, depth) for inner in new["anyOf"])


def _one(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    for place, inner in enumerate(new["oneOf"]):
        others = [other for at, other in enumerate(new["oneOf"]) if at != place]
        if prover.proves(old, inner, depth) and all(prover.disjoint(old, other, depth) for other in others):
            return True
    return False


def _not(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    return prover.disjoint(old, new["not"], depth)


def _if(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    condition, then, other = new["if"], new.get("then", True), new.get("else", True)
    if prover.disjoint(old, condition, depth):
        return prover.proves(old, other, depth)
    if not prover.proves(prover.flatten((*old, condition)), then, depth):
        return False
    if prover.proves(old, condition, depth):
        return True
    negated = prover.made(new, "else", partial(schema, **{"not": condition}))
    return prover.proves(prover.flatten((*old, negated)), other, depth)


def _counted(what: str) -> _Proof:
    def proven(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
        low, high = facts.counts(old, what)
        most = new.get(f"max{what}")
        return low >= int(new.get(f"min{what}", 0)) and (most is None or (high is not None and high <= most))

    return proven


def _nothing_more(prover: Prover, old: Conjunction, new: _Node, depth: int) -> bool:
    return True  # proven with the keyword it belongs to


def _only(node: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key in keys}


_Proof: TypeAlias = "Callable[[Prover, Conjunction, _Node, int], bool]"
PROOFS: Final[Mapping[str, _Proof]] = {
    "type": _types,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _numbers),
    "multipleOf": _multiple,
    "pattern": _pattern,
    **dict.fromkeys(("minLength", "maxLength"), _length),
    "format": _format,
    **dict.fromkeys(("enum", "const"), _listed),
    "properties": _properties,
    **dict.fromkeys(("patternProperties", "additionalProperties"), _other_members),
    "required": _required,
    "propertyNames": _names,
    **dict.fromkeys(("minProperties", "maxProperties"), _counted("Properties")),
    "dependentRequired": _dependent,
    "dependentSchemas": _dependent_schemas,
    **dict.fromkeys(("items", "prefixItems"), _items),
    **dict.fromkeys(("minItems", "maxItems"), _counted("Items")),
    "uniqueItems": _unique,
    "contains": _has,
    **dict.fromkeys(("minContains", "maxContains", "then", "else"), _nothing_more),
    "allOf": _all,
    "anyOf": _any,
    "oneOf": _one,
    "not": _not,
    "if": _if,
}
