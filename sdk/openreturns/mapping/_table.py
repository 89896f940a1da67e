"""A mapping as the table a business analyst would draw: one row a rule, full paths on both sides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from openreturns._fields import generic
from openreturns.errors import Problem
from openreturns.mapping._codecs import Codec
from openreturns.mapping._mapping import Mapping
from openreturns.mapping._rules import Call, Choice, Constant, Each, Numbered, Pair, Rule, Setting

__all__ = ["Row", "holder", "other_side", "plain", "pointed", "rows", "selectors"]

_SELECTOR = re.compile(r"\[(\w+)=([^\]]*)\]")
_MEMBER = re.compile(r"\[[^\]=]+\]$")


@dataclass(frozen=True, slots=True)
class Row:
    """One rule with its full paths; a side that the rule does not touch is empty.

    `reads` are more fields it looks at (a function's), on the side opposite to the one it fills; `value` is
    what a constant writes or a case asks for, `key` the vendor field that tells the elements of a list apart;
    `proposed` is a guess of the generator's that nobody has confirmed.
    """

    canonical: str
    native: str
    how: str
    direction: str
    reads: tuple[str, ...] = ()
    codec: Codec | None = None
    value: object = None
    key: str = ""
    proposed: bool = False


def plain(path: str) -> str:
    """Return a path as the contract spells it: `refs[type=invoice].id` is `refs[].id`."""
    return _SELECTOR.sub("[]", holder(path))


def holder(path: str) -> str:
    """Return the path of the open object that a path names a member of: of `extensions[a.b]`, `extensions`."""
    return _MEMBER.sub("", path)


def pointed(path: str) -> str:
    """Return a path as the place of its value is generalised: `extensions[a.b]` is `extensions.a.b`."""
    return _SELECTOR.sub("[]", _MEMBER.sub(lambda found: f".{found[0][1:-1]}", path))


def selectors(path: str) -> Iterator[tuple[str, str]]:
    """Yield the field and the value by which a path tells list elements apart: `refs[].type`, `invoice`."""
    for found in _SELECTOR.finditer(path):
        yield f"{plain(path[: found.start()])}[].{found[1]}", found[2]


def rows(mapping: Mapping) -> tuple[Row, ...]:
    """Return the rows of a mapping, in the order of its rules."""
    return tuple(_rows(mapping.rules, "", ""))


def _rows(rules: tuple[Rule, ...], canonical: str, native: str) -> Iterator[Row]:
    for rule in rules:
        if isinstance(rule, Pair):
            ends = canonical + rule.canonical, native + rule.native
            yield Row(*ends, rule.codec.name, rule.only or "both", codec=rule.codec, proposed=rule.proposed)
        elif isinstance(rule, Each):
            here = canonical + rule.canonical, native + rule.native
            key = f"{here[1]}[].{rule.key}" if rule.key else ""
            yield Row(*here, "each element", rule.only or "both", key=key)
            inside = _rows(rule.rules, here[0] + "[].", here[1] + "[].")
            yield from inside if rule.only is None else _one_way(inside, rule.only)
        elif isinstance(rule, Numbered):
            yield Row(canonical + rule.canonical, "", "place in the list", "in")
        elif isinstance(rule, Constant):
            yield _constant(rule, canonical, native)
        elif isinstance(rule, Call):
            yield from _call(rule, canonical, native)
        else:
            yield from _choice(rule, canonical, native)


def _one_way(inside: Iterator[Row], way: str) -> Iterator[Row]:
    """Yield the rows of a list that is joined in one direction only; those of the other never hold."""
    return (replace(row, direction=way) for row in inside if row.direction in ("both", way))


def _constant(rule: Constant, canonical: str, native: str) -> Row:
    said = f"setting {rule.value.name}" if isinstance(rule.value, Setting) else f"always {rule.value!r}"
    if rule.side == "canonical":
        return Row(canonical + rule.path, "", said, "in", value=rule.value)
    return Row("", native + rule.path, said, "out", value=rule.value)


def _call(rule: Call, canonical: str, native: str) -> Iterator[Row]:
    how = f"function {rule.by.__name__}"
    for path in rule.paths:
        if rule.direction == "in":
            yield Row(canonical + path, "", how, "in", tuple(native + read for read in rule.of))
        else:
            yield Row("", native + path, how, "out", tuple(canonical + read for read in rule.of))


def _choice(rule: Choice, canonical: str, native: str) -> Iterator[Row]:
    for case in rule.cases:
        for side, prefix, condition in (("in", native, case.native), ("out", canonical, case.canonical)):
            if condition is None:
                continue
            test = condition[1]
            said = getattr(test, "__name__", "holds") if callable(test) else f"is {test!r}"
            path = prefix + condition[0]
            ends = ("", path) if side == "in" else (path, "")
            yield Row(*ends, f"case {said}", "both" if not callable(test) else side, value=test)
        yield from _rows(case.rules, canonical, native)


def other_side(problem: Problem, ends: dict[str, str]) -> str:
    """Return the vendor path a problem's canonical field is filled from, if a rule says."""
    at = generic(problem.canonical)
    missing = problem.message.partition("'")[2].partition("'")[0] if problem.code == "required" else ""
    path = ".".join(part for part in (at, missing) if part)
    while path:
        if path in ends:
            return _pointer(ends[path], problem.canonical)
        path = path.rpartition(".")[0]
    return ""


def _pointer(path: str, beside: str) -> str:
    """Return a path as a pointer, with the list places of the pointer on the other side."""
    places = iter(step for step in beside.split("/") if step.isdigit())
    steps = path.replace("[]", ".[]").split(".")
    return "".join(f"/{next(places, '-') if step == '[]' else step}" for step in steps)
