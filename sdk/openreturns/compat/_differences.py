"""The differences of two schemas in what they say about a value themselves, and what a difference is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from openreturns.compat import _keywords as words
from openreturns.compat._facts import known_language
from openreturns.compat._language import Undecided

__all__ = ["Change", "Sayer", "equal", "limits", "texts", "told", "types", "values"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: its rule, where in the document it counts, the two schemas, what was and what is.

    `below` is the JSON pointer from the schema to what changed. `plain` says that the schemas apply to values as
    they stand: outside `not`, conditions and choices, where less may be more. `trail` are the schemas on the way.
    """

    rule: str
    at: str
    old: Any
    new: Any
    below: str = ""
    was: object = None
    now: object = None
    said: str = ""
    plain: bool = True
    trail: frozenset[int] = frozenset()
    old_in: str = ""
    new_in: str = ""
    """The definitions that the two schemas stand in."""


@dataclass(frozen=True, slots=True)
class Sayer:
    """Makes changes of one pair of schemas."""

    at: str
    old: Any
    new: Any

    def __call__(
        self,
        rule: str,
        below: str,
        *,
        was: object = None,
        now: object = None,
        said: str = "",
        at: str | None = None,
        trail: frozenset[int] = frozenset(),
        plain: bool = True,
    ) -> Change:
        place = self.at if at is None else at
        return Change(rule, place, self.old, self.new, f"/{below}", was, now, said, plain, trail)


_LIMITS: Final = (
    ("LENGTH", ("minLength", "maxLength")),
    ("ITEMS_COUNT", ("minItems", "maxItems")),
    ("PROPERTIES_COUNT", ("minProperties", "maxProperties")),
)
_TOLD: Final = (
    ("discriminator", "DISCRIMINATOR_CHANGED"),
    ("default", "DEFAULT_CHANGED"),
    *((key, "CONTENT_CHANGED") for key in ("contentEncoding", "contentMediaType", "contentSchema")),
)
_ACCESS: Final = ("readOnly", "writeOnly")


def equal(one: object, other: object) -> bool:
    """Return whether two values of keywords are spelled alike: 1 is not true, and not 1.0."""
    return repr(one) == repr(other)


def _listed(node: Mapping[str, Any]) -> set[str]:
    kinds = node.get("type", words.TYPES)
    return {kinds} if isinstance(kinds, str) else set(kinds)


def types(was: Mapping[str, Any], now: Mapping[str, Any], say: Sayer) -> Iterator[Change]:
    """Yield the differences of the types."""
    old, new = _listed(was), _listed(now)
    if old == new or ("enum" in was and "enum" in now and not {"type"} & (was.keys() & now.keys())):
        return
    if {"null"} == old - new or {"null"} == new - old:
        yield say(
            "NULLABILITY_REMOVED" if "null" in old else "NULLABILITY_ADDED",
            "type",
            was=was.get("type"),
            now=now.get("type"),
        )
        old, new = old - {"null"}, new - {"null"}
    wider = new | ({"integer"} if "number" in new else set())
    narrower = old | ({"integer"} if "number" in old else set())
    if old == new:
        return
    rule = "TYPE_WIDENED" if old <= wider else "TYPE_NARROWED" if new <= narrower else "TYPE_CHANGED"
    yield say(rule, "type", was=was.get("type"), now=now.get("type"))


def values(was: Mapping[str, Any], now: Mapping[str, Any], say: Sayer) -> Iterator[Change]:
    """Yield the differences of the values that are listed."""
    if ("const" in was and "const" in now) and not equal(was["const"], now["const"]):
        yield say("CONST_CHANGED", "const", was=was["const"], now=now["const"])
        return
    old, new = (_options(node) for node in (was, now))
    if old is None and new is not None:
        yield say("ENUM_ADDED", "enum" if "enum" in now else "const", now=new)
    elif old is not None and new is None:
        yield say("ENUM_REMOVED", "enum" if "enum" in was else "const", was=old)
    elif old is not None and new is not None:
        before, after = set(map(repr, old)), set(map(repr, new))  # spelled alike, as `equal` has it
        gone = [value for value in old if repr(value) not in after]
        come = [value for value in new if repr(value) not in before]
        if gone:
            yield say("ENUM_VALUE_NO_DELETE", "enum", was=gone)
        if come:
            yield say("ENUM_VALUE_ADDED", "enum", now=come)


def _options(node: Mapping[str, Any]) -> list[Any] | None:
    return list(node["enum"]) if "enum" in node else [node["const"]] if "const" in node else None


def texts(was: Mapping[str, Any], now: Mapping[str, Any], say: Sayer) -> Iterator[Change]:
    """Yield the differences about texts."""
    old, new = was.get("pattern"), now.get("pattern")
    if old != new:
        yield say(_compared(old, new), "pattern", was=old, now=new)
    old, new = (node.get("format", node.get("x-format")) for node in (was, now))
    if old != new:
        known = [name in words.FORMATS for name in (old, new)]
        if not any(known):
            silent = all(name in {None, *_HINTS} for name in (old, new))
            rule = "DESCRIPTION_CHANGED" if silent else "FORMAT_UNKNOWN"
        else:
            rule = "FORMAT_CHANGED" if all(known) else "FORMAT_ADDED" if known[1] else "FORMAT_REMOVED"
        yield say(rule, "format", was=old, now=new)
        if any(known) and not all(known) and {old, new} - {None, *_HINTS, *words.FORMATS}:
            yield say("FORMAT_UNKNOWN", "format", was=old, now=new)


# Formats of OpenAPI that say how a value is shown or held, or that are said in keywords (the integers).
_HINTS: Final = ("password", "float", "double", "binary", "int32", "int64")


def _compared(old: str | None, new: str | None) -> str:
    if old is None or new is None:
        return "PATTERN_TIGHTENED" if old is None else "PATTERN_LOOSENED"
    one, other = known_language(old, "\n"), known_language(new, "\n")
    try:
        if one is None or other is None:
            return "PATTERN_UNDECIDED"
        inside, around = one.within(other), other.within(one)
    except (Undecided, RecursionError):
        return "PATTERN_UNDECIDED"
    return "PATTERN_LOOSENED" if inside else "PATTERN_TIGHTENED" if around else "PATTERN_CHANGED"


def limits(was: Mapping[str, Any], now: Mapping[str, Any], say: Sayer) -> Iterator[Change]:
    """Yield the differences of bounds and counts."""
    for name, (least, most) in _LIMITS:
        for key, up in ((least, True), (most, False)):
            yield from _limit(was.get(key), now.get(key), f"{name}_", key, say, up=up)
    for key, up in (("minimum", True), ("exclusiveMinimum", True), ("maximum", False), ("exclusiveMaximum", False)):
        yield from _limit(was.get(key), now.get(key), "RANGE_", key, say, up=up)
    if not equal(was.get("multipleOf"), now.get("multipleOf")):
        yield say("MULTIPLE_OF_CHANGED", "multipleOf", was=was.get("multipleOf"), now=now.get("multipleOf"))


def _limit(old: Any, new: Any, name: str, key: str, say: Sayer, *, up: bool) -> Iterator[Change]:  # noqa: ANN401 - any JSON value
    if old == new:
        return
    tighter = old is None or (new is not None and (Fraction(str(new)) > Fraction(str(old))) == up)
    yield say(f"{name}{'TIGHTENED' if tighter else 'LOOSENED'}", key, was=old, now=new, said=key)


def told(was: Mapping[str, Any], now: Mapping[str, Any], say: Sayer) -> Iterator[Change]:
    """Yield the differences of what people and tools are told."""
    for key, rule in _TOLD:
        if not equal(was.get(key), now.get(key)):
            yield say(rule, key, was=was.get(key), now=now.get(key))
    for key in _ACCESS:
        if bool(was.get(key)) != bool(now.get(key)):
            yield say("ACCESS_CHANGED", key, was=was.get(key), now=now.get(key), said=key)
    if now.get("deprecated") and not was.get("deprecated"):
        sunset = now.get("x-sunset")
        yield say("DEPRECATED_ADDED", "deprecated", now=f"until {sunset}" if sunset else None)
        if not sunset:
            yield say("DEPRECATED_WITHOUT_SUNSET", "deprecated")
    for key in ("title", "description"):
        if was.get(key) != now.get(key):
            yield say("DESCRIPTION_CHANGED", key, was=was.get(key), now=now.get(key))
