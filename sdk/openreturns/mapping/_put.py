"""Bring an existing vendor record up to a document: keep what the mapping does not carry, send what changed."""

from __future__ import annotations

from collections.abc import Mapping as Values
from dataclasses import dataclass
from typing import Any

from openreturns.mapping._mapping import Mapping
from openreturns.mapping._rules import Choice, Each, Rule
from openreturns.mapping._table import plain, rows

__all__ = ["Patch", "put"]


@dataclass(frozen=True, slots=True)
class Patch:
    """An update: `record` is the whole record afterwards, `changes` the least to send.

    In `changes` a field that goes away is null, a changed list element stands with the field that tells it
    apart; `replaced` are the lists (by vendor path) that must be replaced whole, as elements went away.
    """

    record: dict[str, Any]
    changes: dict[str, Any]
    replaced: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Carried:
    """What the mapping writes: the vendor paths, and by which field the elements of a list are told apart."""

    paths: frozenset[str]
    keys: Values[str, str]


def put(mapping: Mapping, written: Values[str, Any], onto: Values[str, Any]) -> Patch:
    """Return the update of the vendor record `onto` to what `written` (made by `mapping`) says."""
    paths = {plain(row.native) for row in rows(mapping) if row.native and row.direction != "in"}
    parents = {".".join(path.split(".")[:size]) for path in paths for size in range(1, path.count(".") + 1)}
    carried = _Carried(frozenset(paths | parents), dict(_keys(mapping.rules, "")))
    replaced: list[str] = []
    record, changes = _object(written, onto, "", carried, replaced)
    return Patch(record, changes, tuple(replaced))


def _keys(rules: tuple[Rule, ...], at: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for rule in rules:
        if isinstance(rule, Each) and rule.only != "in":
            path = at + rule.native
            found += [(path, rule.key)] if rule.key else []
            found += _keys(rule.rules, path + "[].")
        elif isinstance(rule, Choice):
            for case in rule.cases:
                found += _keys(case.rules, at)
    return found


def _object(
    new: Values[str, Any], old: Values[str, Any], at: str, carried: _Carried, replaced: list[str]
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
            if difference:
                changes[name] = difference
        elif value != before:
            record[name] = changes[name] = value
    for name in old.keys() - new.keys():
        if (at + name) in carried.paths and old[name] is not None:
            record.pop(name)
            changes[name] = None
    return record, changes


def _list(
    new: list[Any], old: list[Any], at: str, carried: _Carried, replaced: list[str]
) -> tuple[list[Any], list[Any]]:
    key = carried.keys.get(at)
    known = {item.get(key): item for item in old if isinstance(item, dict) and item.get(key) is not None}
    ours = {item.get(key) for item in new if isinstance(item, dict)} - {None}
    if key is None or len(known) != len(old) or len(ours) != len(new):
        return (old, []) if new == old else (new, new)
    record, changes = [], []
    for item in new:
        whole, changed = _object(item, known.get(item[key], {}), at + "[].", carried, replaced)
        record.append(whole)
        if changed:
            changes.append({key: item[key], **changed})
    if known.keys() - ours:
        replaced.append(at)
        return record, record
    return record, changes
