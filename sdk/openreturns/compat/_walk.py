"""The change from one schema to another, place by place, each difference under the name of its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from openreturns.compat import _keywords as words
from openreturns.compat._differences import Change, Sayer, equal, limits, texts, told, types, values
from openreturns.compat._prove import Prover
from openreturns.compat._text import escape

__all__ = ["Change", "only", "walk"]


@dataclass(frozen=True, slots=True)
class _Here:
    """Where the walk is."""

    at: str = ""
    plain: bool = True
    trail: frozenset[int] = frozenset()
    old_in: str = ""
    new_in: str = ""


_MISSING: Final = object()


def walk(
    prover: Prover, old: str, new: str, seen: set[tuple[int, int]], apart: Set[tuple[int, int]] = frozenset()
) -> Iterator[Change]:
    """Yield the changes from one definition to another, those below shared definitions once for all that use them.

    `apart` are pairs of schemas that are walked on their own, wherever they are used.
    """
    was, now = prover.definitions[old], prover.definitions[new]
    yield from _Walk(prover, seen, apart - {(id(was), id(now))}).pair(was, now, _Here(old_in=old, new_in=new))


# Keywords that mean something together only.
_TOGETHER: Final = (
    ("enum", "const"),
    ("anyOf", "oneOf"),
    ("items", "prefixItems"),
    ("contains", "minContains", "maxContains"),
    ("if", "then", "else"),
)


def only(change: Change, writer: Any, reader: Any) -> Any:  # noqa: ANN401 - any schema
    """Return the writer's schema with nothing but this change made, so that it can be judged by itself."""
    if writer is False or isinstance(reader, bool) or not change.below:
        return reader
    mine = {} if writer is True else writer
    key = change.below.split("/")[1]
    name = change.now if change.was is None else change.was
    made = dict(mine)
    if key in {"properties", "required"} and isinstance(name, str):
        made["properties"] = _as_in(mine.get("properties", {}), reader.get("properties", {}), name)
        needed = set(mine.get("required", ())) - {name} | (set(reader.get("required", ())) & {name})
        made["required"] = sorted(needed)
        return made
    for one in next((group for group in _TOGETHER if key in group), (key,)):
        made.pop(one, None)
        made |= {one: reader[one]} if one in reader else {}
    return made


def _told_beside(old: Any, new: Any, at: str) -> Iterator[Change]:  # noqa: ANN401 - any schema
    """Yield what is told otherwise beside a reference, of this one place and not of all that refer to the same.

    Where only one side refers, what a reference says beside itself cannot be told from what the other says of all.
    """
    refer = [isinstance(node, dict) and "$ref" in node and not node.keys() & words.ASSERTIONS for node in (old, new)]
    if all(refer):
        yield from told(old, new, Sayer(at, old, new))


def _as_in(mine: Mapping[str, Any], theirs: Mapping[str, Any], name: str) -> dict[str, Any]:
    made = {one: schema for one, schema in mine.items() if one != name}
    return {**made, name: theirs[name]} if name in theirs else made


@dataclass
class _Walk:
    prover: Prover
    seen: set[tuple[int, int]]
    apart: Set[tuple[int, int]]
    today: date = field(default_factory=date.today)

    def pair(self, old: Any, new: Any, here: _Here) -> Iterator[Change]:  # noqa: ANN401 - any schema
        """Yield the changes of a schema and all within it."""
        for change in _told_beside(old, new, here.at):
            yield replace(change, plain=here.plain, old_in=here.old_in, new_in=here.new_in)
        old, old_name = self._followed(old)
        new, new_name = self._followed(new)
        if (id(old), id(new)) in self.seen or (id(old), id(new)) in self.apart:
            return
        self.seen.add((id(old), id(new)))
        marks = {id(old), id(new), *map(id, self.prover.flatten((old, new)))}
        here = replace(here, trail=here.trail | marks, old_in=old_name or here.old_in, new_in=new_name or here.new_in)
        was, now = old_name.partition(".")[2], new_name.partition(".")[2]
        if was and now and was != now:
            yield Change("REF_TARGET_CHANGED", here.at, old, new, was=was, now=now)
        for change in self._between(old, new, here):
            yield replace(
                change, trail=here.trail | change.trail, plain=here.plain and change.plain,
                old_in=change.old_in or here.old_in, new_in=change.new_in or here.new_in,
            )  # fmt: skip

    def _followed(self, node: Any) -> tuple[Any, str]:  # noqa: ANN401 - any schema
        """Return what a reference leads to, and the name of that definition."""
        name = ""
        while isinstance(node, dict) and "$ref" in node and not node.keys() & words.ASSERTIONS:
            name = node["$ref"].rpartition("/")[2]
            node = self.prover.definitions[name]
        return node, name

    def _between(self, old: Any, new: Any, here: _Here) -> Iterator[Change]:  # noqa: ANN401 - any schema
        if old is False or new is False:
            if old is not new:
                rule = "SCHEMA_FORBIDDEN" if new is False else "SCHEMA_PERMITTED"
                yield Change(rule, here.at, old, new)
            return
        was, now = ({} if node is True else node for node in (old, new))
        if {"unevaluatedProperties", "unevaluatedItems"} & (was.keys() | now.keys()):
            here = replace(here, plain=False)  # what a part names, the whole takes
        say = Sayer(here.at, old, new)
        yield from types(was, now, say)
        yield from values(was, now, say)
        yield from texts(was, now, say)
        yield from limits(was, now, say)
        yield from told(was, now, say)
        yield from self._objects(was, now, say, here)
        yield from self._arrays(was, now, say, here)
        yield from self._choices(was, now, say, here)
        if "$ref" in was or "$ref" in now:
            yield from self.pair(_only_ref(was), _only_ref(now), here)

    # --- objects ----------------------------------------------------------------------------------------------

    def _objects(self, was: Mapping[str, Any], now: Mapping[str, Any], say: Sayer, here: _Here) -> Iterator[Change]:
        old, new = was.get("properties", {}), now.get("properties", {})
        needed, needs = set(was.get("required", ())), set(now.get("required", ()))
        gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
        for name in gone:
            yield from self._deleted(name, old[name], say, here)
        for name in come:
            required = name in needs and name not in needed
            rule = "PROPERTY_ADD_REQUIRED" if required else "PROPERTY_ADDED"
            place = replace(here, at=_member(here.at, name))
            yield say(rule, f"properties/{escape(name)}", now=name, at=place.at, trail=_ids(new[name], self.prover))
        yield from _renamed(gone, come, old, new, say, self.prover)
        for name in sorted((needs - needed) - set(come)):
            yield say("PROPERTY_BECAME_REQUIRED", "required", now=name, at=_member(here.at, name))
        for name in sorted((needed - needs) - set(gone)):
            yield say("PROPERTY_BECAME_OPTIONAL", "required", was=name, at=_member(here.at, name))
        for name in (name for name in old if name in new):
            yield from self.pair(old[name], new[name], replace(here, at=_member(here.at, name)))
        yield from self._openness(was, now, say, here)
        yield from self._patterned(was, now, say, here)
        yield from self._single(was, now, "propertyNames", "PROPERTY_NAMES_CHANGED", say, here)
        for key in ("dependentRequired", "dependentSchemas"):
            if not equal(was.get(key, {}), now.get(key, {})) and not self._alike_under(was, now, key):
                yield say("DEPENDENCY_CHANGED", key, was=was.get(key), now=now.get(key))

    def _deleted(self, name: str, schema: Any, say: Sayer, here: _Here) -> Iterator[Change]:  # noqa: ANN401 - any JSON value
        node, _ = self._followed(schema)
        notice = {**node, **schema} if isinstance(node, dict) and isinstance(schema, dict) else {}
        sunset = str(notice.get("x-sunset", ""))
        at = _member(here.at, name)
        trail = _ids(schema, self.prover)
        yield say("PROPERTY_NO_DELETE", "properties", was=name, at=at, trail=trail)
        if not notice.get("deprecated") or not sunset or sunset > self.today.isoformat():
            why = f"its sunset is {sunset}" if sunset and notice.get("deprecated") else ""
            yield say("PROPERTY_NO_DELETE_UNLESS_DEPRECATED", "properties", was=name, said=why, at=at, trail=trail)

    def _openness(self, was: Mapping[str, Any], now: Mapping[str, Any], say: Sayer, here: _Here) -> Iterator[Change]:
        for key in ("additionalProperties", "unevaluatedProperties"):
            old, new = was.get(key, True), now.get(key, True)
            if old is new:
                continue
            if new is False:
                yield say("OPENNESS_CLOSED", key)
            elif old is False:
                yield say("OPENNESS_OPENED", key)
            elif key in was and key in now:
                yield from self.pair(old, new, replace(here, at=f"{here.at}.*" if here.at else "*"))
            else:
                yield say("OPENNESS_CHANGED", key, was=was.get(key), now=now.get(key))

    def _patterned(self, was: Mapping[str, Any], now: Mapping[str, Any], say: Sayer, here: _Here) -> Iterator[Change]:
        old, new = was.get("patternProperties", {}), now.get("patternProperties", {})
        for pattern in (pattern for pattern in old if pattern in new):
            yield from self.pair(old[pattern], new[pattern], replace(here, at=f"{here.at}.*" if here.at else "*"))
        if old.keys() != new.keys():
            yield say("PATTERN_PROPERTIES_CHANGED", "patternProperties", was=sorted(old), now=sorted(new))

    # --- arrays -----------------------------------------------------------------------------------------------

    def _arrays(self, was: Mapping[str, Any], now: Mapping[str, Any], say: Sayer, here: _Here) -> Iterator[Change]:
        inside = replace(here, at=f"{here.at}[]")
        old, new = was.get("prefixItems", ()), now.get("prefixItems", ())
        for place, (one, other) in enumerate(zip(old, new, strict=False)):
            yield from self.pair(one, other, replace(here, at=f"{here.at}[{place}]"))
        if len(old) != len(new):
            yield say("ITEMS_TUPLE_CHANGED", "prefixItems", was=len(old), now=len(new))
        for key in ("items", "unevaluatedItems"):
            if key in was and key in now:
                yield from self.pair(was[key], now[key], inside)
            elif key in was and was[key] is not True:
                yield say("ITEMS_REMOVED", key)
            elif key in now and now[key] is not True:
                yield say("ITEMS_ADDED", key)
        if bool(was.get("uniqueItems")) != bool(now.get("uniqueItems")):
            yield say("UNIQUE_ITEMS_ADDED" if now.get("uniqueItems") else "UNIQUE_ITEMS_REMOVED", "uniqueItems")
        counts = [{key: node.get(key) for key in ("minContains", "maxContains")} for node in (was, now)]
        if counts[0] != counts[1] and ("contains" in was or "contains" in now):
            yield say("CONTAINS_CHANGED", "contains", was=counts[0], now=counts[1])
        else:
            yield from self._single(was, now, "contains", "CONTAINS_CHANGED", say, here)

    # --- choices and conditions -------------------------------------------------------------------------------

    def _choices(self, was: Mapping[str, Any], now: Mapping[str, Any], say: Sayer, here: _Here) -> Iterator[Change]:
        for key in ("anyOf", "oneOf"):
            other = "oneOf" if key == "anyOf" else "anyOf"
            if key in was and key in now:
                yield from self._branches(was[key], now[key], key, say, here)
            elif key in was and other in now and other not in was:
                yield say("ONEOF_OVERLAP", other, was=key, now=other)
            elif key in was and not (other in now and key not in now and other not in was):
                yield say("CHOICE_REMOVED", key)
            elif key in now and not (other in was and other not in now):
                yield say("CHOICE_ADDED", key)
        if "allOf" in was or "allOf" in now:
            yield from self._parts(was.get("allOf", ()), now.get("allOf", ()), say, here)
        yield from self._single(was, now, "not", "NOT_CHANGED", say, here)
        changed = [key for key in ("if", "then", "else") if not self._alike_under(was, now, key)]
        if changed and ("if" in was or "if" in now):
            yield say("CONDITION_CHANGED", changed[0], plain=True)

    def _branches(self, old: list[Any], new: list[Any], key: str, say: Sayer, here: _Here) -> Iterator[Change]:
        pairs, gone, come = self._aligned(old, new)
        # Of a choice of exactly one, a branch that admits more can take a document from all others.
        inside = replace(here, plain=here.plain and key == "anyOf")
        for place, at in pairs:
            yield from self.pair(old[place], new[at], inside)
        for place in gone:
            yield say("ONEOF_BRANCH_REMOVED", key, was=self._called(old[place]), trail=_ids(old[place], self.prover))
        for at in come:
            yield say("ONEOF_BRANCH_ADDED", f"{key}/{at}", now=self._called(new[at]), trail=_ids(new[at], self.prover))

    def _parts(self, old: list[Any], new: list[Any], say: Sayer, here: _Here) -> Iterator[Change]:
        pairs, gone, come = self._aligned(old, new)
        for place, at in pairs:
            yield from self.pair(old[place], new[at], here)
        for place in gone:
            yield say("ALLOF_PART_REMOVED", "allOf", was=self._called(old[place]))
        for at in come:
            yield say("ALLOF_PART_ADDED", f"allOf/{at}", now=self._called(new[at]), trail=_ids(new[at], self.prover))

    def _aligned(self, old: list[Any], new: list[Any]) -> tuple[list[tuple[int, int]], list[int], list[int]]:
        """Return which branches belong together: those that say the same, those called the same, those left over."""
        left, right = list(range(len(old))), list(range(len(new)))
        pairs: list[tuple[int, int]] = []
        tests: tuple[Callable[[int, int], bool], ...] = (
            lambda one, other: self.prover.alike(old[one], new[other]),
            lambda one, other: bool(self._name(old[one])) and self._name(old[one]) == self._name(new[other]),
        )
        for test in tests:
            for one in list(left):
                found = next((other for other in right if test(one, other)), None)
                if found is not None:
                    pairs.append((one, found))
                    left.remove(one)
                    right.remove(found)
        nameless = [one for one in left if not self._name(old[one])]
        for one, other in zip(nameless, [at for at in right if not self._name(new[at])], strict=False):
            if self._kind(old[one]) == self._kind(new[other]):
                pairs.append((one, other))
                left.remove(one)
                right.remove(other)
        return sorted(pairs), left, right

    def _name(self, schema: Any) -> str:  # noqa: ANN401 - any schema
        """Return what a branch is called: the constants that tell it apart, its title, or its definition."""
        node, name = self._followed(schema)
        if not isinstance(node, dict):
            return ""
        members = ((key, self._followed(inner)[0]) for key, inner in sorted(node.get("properties", {}).items()))
        tags = [f"{key}={inner['const']}" for key, inner in members if isinstance(inner, dict) and "const" in inner]
        return ", ".join(tags) or str(node.get("title", "")) or name.partition(".")[2]

    def _called(self, schema: Any) -> str:  # noqa: ANN401 - any schema
        return self._name(schema) or str(self._kind(schema) or "a schema")

    def _kind(self, schema: Any) -> object:  # noqa: ANN401 - any schema
        node, _ = self._followed(schema)
        return node.get("type") if isinstance(node, dict) else node

    def _single(
        self, was: Mapping[str, Any], now: Mapping[str, Any], key: str, rule: str, say: Sayer, here: _Here
    ) -> Iterator[Change]:
        """Yield a change of a schema whose own changes say little about the value."""
        if not self._alike_under(was, now, key):
            yield say(rule, key)

    def _alike_under(self, was: Mapping[str, Any], now: Mapping[str, Any], key: str) -> bool:
        old, new = was.get(key, _MISSING), now.get(key, _MISSING)
        if old is _MISSING or new is _MISSING:
            return old is new
        if key in words.MAPS:
            return old.keys() == new.keys() and all(self.prover.alike(old[name], new[name]) for name in old)
        return self.prover.alike(old, new) if key in words.SINGLE else equal(old, new)


def _ids(schema: Any, prover: Prover) -> frozenset[int]:  # noqa: ANN401 - any schema
    return frozenset({id(schema), *map(id, prover.flatten((schema,)))})


def _member(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _only_ref(node: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any schema
    return {"$ref": node["$ref"]} if "$ref" in node else True


def _renamed(
    gone: list[str], come: list[str], old: Mapping[str, Any], new: Mapping[str, Any], say: Sayer, prover: Prover
) -> Iterator[Change]:
    for name in gone:
        alike = [other for other in come if prover.alike(old[name], new[other]) and old[name] not in (True, {})]
        if len(alike) == 1:
            yield say("PROPERTY_RENAME_HINT", f"properties/{escape(alike[0])}", was=name, now=alike[0])
