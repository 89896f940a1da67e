"""Bring an existing vendor record up to a document: keep what the mapping does not carry, send what changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Values
from dataclasses import dataclass
from typing import Any

from openreturns.mapping._mapping import Mapping
from openreturns.mapping._rules import Choice, Each, Rule
from openreturns.mapping._table import rows

__all__ = ["Patch", "put"]

_member = re.compile(r"\[([^\]=]+)\]$").sub
_step = re.compile(r"\.(?![^\[]*\])").split
_chosen = re.compile(r"(.+)\[(\w+)=([^\]]*)\]").fullmatch


@dataclass(frozen=True, slots=True)
class Patch:
    """An update: `record` is the whole record afterwards, `changes` the least to send.

    In `changes` a field that goes away is null, a changed list element stands with the field that tells it
    apart; `replaced` are the lists (by vendor path) that must be replaced whole: elements of them went away, or
    nothing tells the elements apart.
    """

    record: dict[str, Any]
    changes: dict[str, Any]
    replaced: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Carried:
    """What the mapping writes, by vendor path: fields and lists, the objects they stand in, elements told by a key.

    `keys` name the field that tells the elements of a list apart, `chosen` the elements that rules select, as key and
    value: the others of such a list are the vendor's.
    """

    paths: frozenset[str]
    parents: frozenset[str]
    keys: Values[str, str]
    chosen: Values[str, tuple[tuple[str, str], ...]]


def put(mapping: Mapping, written: Values[str, Any], onto: Values[str, Any]) -> Patch:
    """Return the update of the vendor record `onto` to what `written` (made by `mapping`) says."""
    replaced: dict[str, None] = {}
    record, changes = _object(written, onto, "", _carried(mapping), replaced)
    return Patch(record, changes, tuple(replaced))


def _carried(mapping: Mapping) -> _Carried:
    written = (row.native for row in rows(mapping) if row.native and row.direction != "in")
    paths = dict.fromkeys(_member(r".\1", path) for path in written)
    parents: set[str] = set()
    chosen: dict[str, dict[tuple[str, str], None]] = {}
    for path in paths:
        steps = _step(path)
        above = [".".join(steps[:size]) for size in range(1, len(steps))]
        parents.update(above)
        for found in filter(None, map(_chosen, above)):
            chosen.setdefault(found[1], {})[found[2], found[3]] = None
    elements = {path: tuple(those) for path, those in chosen.items()}
    return _Carried(frozenset(paths), frozenset(parents), dict(_keys(mapping.rules, "")), elements)


def _keys(rules: tuple[Rule, ...], at: str) -> Iterator[tuple[str, str]]:
    for rule in rules:
        if isinstance(rule, Each) and rule.only != "in":
            path = at + rule.native
            if rule.key:
                yield path, rule.key
            yield from _keys(rule.rules, path + "[].")
        elif isinstance(rule, Choice):
            for case in rule.cases:
                yield from _keys(case.rules, at)


def _object(
    new: Values[str, Any], old: Values[str, Any], at: str, carried: _Carried, replaced: dict[str, None]
) -> tuple[dict[str, Any], dict[str, Any]]:
    record: dict[str, Any] = dict(old)
    changes: dict[str, Any] = {}
    for name, value in new.items():
        before = old.get(name)
        path = at + name
        if isinstance(value, dict) and isinstance(before, dict):
            record[name], changed = _object(value, before, path + ".", carried, replaced)
            if changed:
                changes[name] = changed
        elif isinstance(value, list) and isinstance(before, list):
            record[name], difference = _list(value, before, path, carried, replaced)
            if difference is not None:
                changes[name] = difference
        elif value != before:
            record[name] = changes[name] = value
    for name in [name for name in old if name not in new]:
        left, changed = _without(old[name], at + name, carried, replaced)
        if changed is not None:
            changes[name] = changed if left else None
            record[name] = left
            if not left:
                del record[name]
    return record, changes


def _without(old: Any, path: str, carried: _Carried, replaced: dict[str, None]) -> tuple[Any, Any]:  # noqa: ANN401 - any JSON value
    """Return what is left of a value of which nothing is written any more, and what of it changes: None for nothing."""
    if path in carried.paths:
        if isinstance(old, list) and old:
            replaced[path] = None
        return None, None if old is None else ()
    if isinstance(old, dict) and path in carried.parents:
        left, changed = _object({}, old, path + ".", carried, replaced)
        return left, changed or None
    if isinstance(old, list) and path in carried.chosen:
        return _list([], old, path, carried, replaced)
    return old, None


def _list(
    new: list[Any], old: list[Any], at: str, carried: _Carried, replaced: dict[str, None]
) -> tuple[list[Any], list[Any] | None]:
    """Return a list as it is afterwards, and what to send of it: None where nothing changed."""
    if at in carried.chosen:
        return _elements(new, old, at, carried, replaced)
    key = carried.keys.get(at)
    known = {item.get(key): item for item in old if isinstance(item, dict) and item.get(key) is not None}
    ours = {item.get(key) for item in new if isinstance(item, dict)} - {None}
    if key is None or len(known) != len(old) or len(ours) != len(new):
        if _says(old, new, at, carried):
            return old, None
        if old:
            replaced[at] = None
        return new, new
    record, changes = [], []
    for item in new:
        whole, changed = _object(item, known.get(item[key], {}), at + "[].", carried, replaced)
        record.append(whole)
        if changed:
            changes.append({key: item[key], **changed})
    if known.keys() - ours:
        replaced[at] = None
        return record, record
    return record, changes or None


def _says(old: list[Any], new: list[Any], at: str, carried: _Carried) -> bool:
    """Whether a list says already what is written, element by element; the vendor's elements may have more in them."""
    return len(old) == len(new) and all(
        not _object(ours, theirs, at + "[].", carried, {})[1]
        if isinstance(ours, dict) and isinstance(theirs, dict)
        else ours == theirs
        for ours, theirs in zip(new, old, strict=True)
    )


def _elements(
    new: list[Any], old: list[Any], at: str, carried: _Carried, replaced: dict[str, None]
) -> tuple[list[Any], list[Any] | None]:
    """Do the same for a list of which the rules select elements: the vendor's other elements stay."""
    record: dict[int, Any] = dict(enumerate(old))
    changes: list[Any] = []
    gone = False
    for key, value in carried.chosen[at]:
        ours, place = _selected(new, key, value), _place(old, key, value)
        if place is None and ours is not None:
            record[len(old) + len(changes)] = ours
            changes.append(ours)
        elif place is not None:
            wanted = {key: value} if ours is None else ours
            left, changed = _object(wanted, old[place], f"{at}[{key}={value}].", carried, replaced)
            if changed:
                record[place] = left
                changes.append({key: value, **changed})
            if changed and ours is None and left == wanted:
                del record[place]
                gone = True
    if gone:
        replaced[at] = None
        return list(record.values()), list(record.values())
    return list(record.values()), changes or None


def _place(listed: list[Any], key: str, value: str) -> int | None:
    found = (n for n, item in enumerate(listed) if isinstance(item, dict) and item.get(key) == value)
    return next(found, None)


def _selected(listed: list[Any], key: str, value: str) -> Any:  # noqa: ANN401 - any JSON value
    place = _place(listed, key, value)
    return None if place is None else listed[place]
