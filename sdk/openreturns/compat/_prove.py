"""Whether everything valid under one schema is valid under another: proven, or not proven; never guessed.

A schema is taken apart keyword by keyword. On the side that must be contained, what is not understood is left
out, which only makes the set larger; on the side that must contain, it stops the proof. What is recursive is
proven by induction over the depth of the (finite) document; what is boolean and not proven this way is put to
the containment of jsonschema-rs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from openreturns.compat import _facts as facts
from openreturns.compat import _keywords as words
from openreturns.compat._facts import Conjunction
from openreturns.compat._language import Undecided
from openreturns.compat._proofs import PROOFS
from openreturns.compat._space import BOOLEAN, Space

__all__ = ["Prover"]

_STEPS: Final = 100_000
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


@dataclass
class Prover(Space):
    """Answers about the schemas of one space of definitions."""

    _proven: dict[tuple[frozenset[int], int], bool] = field(default_factory=dict)
    _open: dict[tuple[frozenset[int], int], tuple[int, int]] = field(default_factory=dict)
    _lowest: int = 1 << 30
    _steps: int = 0

    def contains(self, new: Any, old: Any) -> bool:  # noqa: ANN401 - any schema
        """Return whether it is proven that everything valid under `old` is valid under `new`."""
        return self.within(self.flatten((old,)), new)

    def within(self, old: Conjunction, new: Any) -> bool:  # noqa: ANN401 - any schema
        """Return whether it is proven that everything that keeps the conjunction is valid under `new`."""
        self._steps = 0
        self._open.clear()
        self._lowest = 1 << 30
        try:
            return self.proves(old, new, 0)
        except (Undecided, RecursionError):
            return False

    # --- a conjunction against one schema ---------------------------------------------------------------------

    def proves(self, old: Conjunction, new: Any, depth: int) -> bool:  # noqa: ANN401 - any schema
        new = self.target(new)
        if self.everything(new):
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
            self.kept.append((old, new))
            self._proven[key] = result
        return result

    def _prove(self, old: Conjunction, new: Any, depth: int) -> bool:  # noqa: ANN401 - any schema
        if self.impossible(old) or any(self.alike(one, new) for one in old):
            return True
        if new is False:
            return self.covers.nothing(old) if self.boolean(old) else False
        values = self.values(old)
        if values is not None:
            return all(self.covers.valid(new, value) for value in values)
        failed = next((key for key in new if not self._keyword(key, old, new, depth)), None)
        if failed is None:
            return True
        branches = self.cases(old)
        if branches and all(self.proves(branch, new, depth) for branch in branches):
            return True
        if failed in _DESCENDS and not self.boolean(old) and not new.keys() & BOOLEAN:
            return False
        return self.covers.yes(new, old)

    def _keyword(self, key: str, old: Conjunction, new: Mapping[str, Any], depth: int) -> bool:
        if key not in words.ASSERTIONS:
            return True
        about = _ABOUT.get(key)
        if about is not None and not about & facts.atoms(old):
            return True
        rule = PROOFS.get(key)
        return rule is not None and rule(self, old, new, depth)

    # --- disjoint ---------------------------------------------------------------------------------------------

    def disjoint(self, old: Conjunction, new: Any, depth: int) -> bool:  # noqa: ANN401 - any schema
        """Return whether it is proven that no value keeps both."""
        both = self.flatten((*old, new))
        if self._apart(both, 4):
            return True
        if any(
            isinstance(one, dict) and "not" in one and self.proves(self.flatten((new,)), one["not"], depth)
            for one in old
        ):
            return True
        return self.boolean(both) and self.covers.nothing(both)

    def _apart(self, both: Conjunction, deep: int) -> bool:
        if self.impossible(both):
            return True
        values = self.values(both)
        if values is not None:
            return not values
        kinds = facts.atoms(both)
        if kinds == {"string"}:
            return any(one.get("pattern") for one in both) and facts.texts(both, "\n").example() is None
        if kinds != {"object"} or not deep:
            return False
        return any(self._apart(self.flatten(facts.member(both, name)), deep - 1) for name in facts.required(both))
