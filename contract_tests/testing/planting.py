"""How a defect is planted into a good adapter: in its rules, its manifest, or what it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pkgutil import resolve_name
from typing import Any

import pytest
from openreturns import Adapter, _tenants
from openreturns.mapping import Bound, Codec, Converter
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._rules import Call, Choice, Each, Gap, Pair, Rule

Plant = Callable[[Adapter, pytest.MonkeyPatch], Adapter]
Change = Callable[[Rule], Rule | None]


@dataclass(frozen=True)
class Mutant:
    """A check, the defect that it must find, and the adapter that it is planted in; `select` names the cases."""

    killer: str
    name: str
    adapter: str
    plant: Plant
    select: str = "*"


def mappings(native: str, change: Callable[[DocumentMapping], DocumentMapping]) -> Plant:
    """Change the mappings of a record."""

    def plant(good: Adapter, patch: pytest.MonkeyPatch) -> Adapter:
        made = [change(one) if one.native == native else one for one in good.mappings]
        assert made != list(good.mappings), "nothing was planted"
        return Adapter(good.folder, made)

    return plant


def rules(native: str, change: Change) -> Plant:
    """Change the rules of a record, those inside of lists and cases too; None takes a rule away."""
    return mappings(native, lambda mapping: replace(mapping, rules=_changed(mapping.rules, change)))


def _changed(found: tuple[Rule, ...], change: Change) -> tuple[Rule, ...]:
    made = [change(_inside(rule, change)) for rule in found]
    return tuple(rule for rule in made if rule is not None)


def _inside(rule: Rule, change: Change) -> Rule:
    if isinstance(rule, Each):
        return replace(rule, rules=_changed(rule.rules, change))
    if isinstance(rule, Choice):
        return replace(rule, cases=tuple(replace(one, rules=_changed(one.rules, change)) for one in rule.cases))
    return rule


def function(native: str, name: str, by: Callable[..., Any]) -> Plant:
    """Put a function in the place of the one with a name; `by(scope, environment, good)` may call the good one."""

    def change(rule: Rule) -> Rule:
        if not isinstance(rule, Call) or rule.by.__name__ != name:
            return rule
        good = rule.by

        def planted(scope: Any, environment: Any) -> Any:
            return by(scope, environment, good)

        return replace(rule, by=planted)

    return rules(native, change)


def codec(
    native: str, path: str, *, read: Callable[..., Any] | None = None, write: Callable[..., Any] | None = None
) -> Plant:
    """Change what a codec makes on its way in or out: `read(value, environment, good)`, the same for `write`."""

    def change(rule: Rule) -> Rule:
        if not isinstance(rule, Pair) or rule.native != path:
            return rule
        return replace(rule, codec=_codec(rule.codec, read, write))

    return rules(native, change)


def _codec(good: Codec, read: Callable[..., Any] | None, write: Callable[..., Any] | None) -> Codec:
    def converter(one: Converter, by: Callable[..., Any] | None) -> Converter:
        return one if by is None else Converter(lambda value, env: by(value, env, one.call))

    def bind(tenant: Any) -> Bound:
        bound = good.bind(tenant)
        return Bound({below: converter(one, read) for below, one in bound.parts.items()}, converter(bound.write, write))

    return replace(good, bind=bind)


def expression(native: str, path: str) -> Plant:
    """Let the compiled form of a codec leave the value out that its function writes."""

    def change(rule: Rule) -> Rule:
        if not isinstance(rule, Pair) or rule.native != path:
            return rule
        good = rule.codec

        def bind(tenant: Any) -> Bound:
            bound = good.bind(tenant)
            return Bound(bound.parts, Converter(bound.write.call, "'' if {v} else ''"))

        return replace(rule, codec=replace(good, bind=bind))

    return rules(native, change)


def reduced(canonical: str) -> Plant:
    """Leave out the mappings to a document."""
    return lambda good, patch: Adapter(good.folder, [one for one in good.mappings if one.canonical != canonical])


def without(native: str, path: str) -> Plant:
    """Take away the rules that fill a canonical or a vendor field."""
    return rules(native, lambda rule: None if path in {getattr(rule, side, "") for side in _SIDES} else rule)


_SIDES = ("canonical", "native", "path")


def unconfirmed(native: str, path: str) -> Plant:
    """Mark the rules of a vendor field as guesses that nobody has confirmed."""

    def change(rule: Rule) -> Rule:
        return replace(rule, proposed=True) if isinstance(rule, Pair) and rule.native == path else rule

    return rules(native, change)


def gaps(native: str, *, drop: str = "", ignore: str = "", forget: str = "") -> Plant:
    """Declare another field dropped or ignored, or one no longer."""

    def change(mapping: DocumentMapping) -> DocumentMapping:
        losses = [one for one in mapping.losses if one.path != forget]
        losses += [Gap(drop, "planted", "dropped")] if drop else []
        ignored = [*mapping.ignored, *([Gap(ignore, "planted", "ignored")] if ignore else [])]
        return replace(mapping, losses=tuple(losses), ignored=tuple(ignored))

    return mappings(native, change)


def manifest(**changes: Any) -> Plant:
    """Change entries of the manifest; tables are brought up to date, everything else is replaced."""

    def plant(good: Adapter, patch: pytest.MonkeyPatch) -> Adapter:
        made = Adapter.__init__

        def planted(self: Adapter, *given: Any, **more: Any) -> None:
            made(self, *given, **more)
            held: dict[str, Any] = self.manifest  # type: ignore[assignment] # not read again, so that all may be planted
            for name, value in changes.items():
                old = held.get(name)
                held[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value

        patch.setattr(Adapter, "__init__", planted)
        return Adapter(good.folder, good.mappings)

    return plant


def table(name: str, change: Callable[[dict[str, Any]], None]) -> Plant:
    """Change a code table of the adapter."""

    def plant(good: Adapter, patch: pytest.MonkeyPatch) -> Adapter:
        made = _tenants._merged

        def planted(adapter: str, tables: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
            merged = made(adapter, tables, given)
            change(merged[name])
            return merged

        patch.setattr(_tenants, "_merged", planted)
        return Adapter(good.folder, good.mappings)

    return plant


def patched(target: str, value: Any) -> Plant:
    """Put a value in the place of what a dotted name says."""

    def plant(good: Adapter, patch: pytest.MonkeyPatch) -> Adapter:
        patch.setattr(target, value)
        return good

    return plant


def wrapped(target: str, by: Callable[..., Any]) -> Plant:
    """Put a function around one: `by(good, *given, **more)`."""

    def plant(adapter: Adapter, patch: pytest.MonkeyPatch) -> Adapter:
        module, _, path = target.partition(":")
        good = resolve_name(target)
        owner = resolve_name(f"{module}:{path.rpartition('.')[0]}") if "." in path else resolve_name(module)

        def planted(*given: Any, **more: Any) -> Any:
            return by(good, *given, **more)

        patch.setattr(owner, path.rpartition(".")[2], planted)
        return adapter

    return plant
