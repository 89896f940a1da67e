"""One direction of a mapping as plain steps: what the interpreter walks and the compiler writes out.

A path here is a tuple of steps from the scope's source or target object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from openreturns.mapping._codecs import Converter
from openreturns.mapping._environment import Tenant
from openreturns.mapping._mapping import Mapping
from openreturns.mapping._rules import (
    Call,
    Case,
    Choice,
    Constant,
    Direction,
    Each,
    Function,
    Numbered,
    Pair,
    Rule,
    Select,
    Setting,
    Step,
    parse_path,
)

__all__ = [
    "Branch",
    "Copy",
    "Loop",
    "Make",
    "Number",
    "Op",
    "Path",
    "Put",
    "Steps",
    "Switch",
    "plan",
    "sources",
    "targets",
]

Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """Take the value at `source`, if there is one, convert it, set it at `target`."""

    source: Path
    target: Path
    convert: Converter
    rule: str


@dataclass(frozen=True, slots=True)
class Put:
    """Set a fixed value; unless `always`, only where the object around it has something else in it."""

    target: Path
    value: Any
    always: bool


@dataclass(frozen=True, slots=True)
class Make:
    """Set what a function makes of the source scope, if it makes something; of several targets, each its own."""

    targets: tuple[Path, ...]
    by: Function
    of: tuple[Path, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Number:
    """Set the element's place in its list, from 1, as text."""

    target: Path


@dataclass(frozen=True, slots=True)
class Loop:
    """Make a list of objects from a list of objects; `where` picks the elements that belong to it."""

    source: Path
    target: Path
    where: Function | None
    body: Steps
    rule: str


@dataclass(frozen=True, slots=True)
class Branch:
    """Steps to take if `test` holds for the value at `at`."""

    at: Path
    test: object
    body: Steps

    def holds(self, value: object) -> bool:
        """Whether the condition holds for a value."""
        return bool(self.test(value)) if callable(self.test) else value == self.test


@dataclass(frozen=True)
class Switch:
    """Take the first branch that holds; refuse where none does."""

    branches: tuple[Branch, ...]

    @cached_property
    def left_out(self) -> tuple[tuple[Path, ...], ...]:
        """For each branch the paths that only other branches read: what is lost when it is taken."""
        read = [{path for op in branch.body for path in sources(op)} for branch in self.branches]
        tested = {branch.at for branch in self.branches}
        return tuple(tuple(sorted(set().union(*read) - mine - tested, key=str)) for mine in read)


class Steps(tuple["Op", ...]):
    """The steps of one pair of objects, and what a plan asks of all of them: the same for every document."""

    @cached_property
    def selected(self) -> tuple[Path, ...]:
        """The paths they set that end in a selected list element, in order of first mention."""
        return _selects(self, targets)

    @cached_property
    def read_selected(self) -> tuple[Path, ...]:
        """The paths they read that end in a selected list element, in order of first mention."""
        return _selects(self, sources)


Op = Copy | Put | Make | Number | Loop | Switch


def plan(mapping: Mapping, direction: Direction, tenant: Tenant) -> Steps:
    """Return the steps of one direction of a mapping for one tenant."""
    return _steps(mapping.rules, direction, tenant)


def _steps(rules: tuple[Rule, ...], direction: Direction, tenant: Tenant) -> Steps:
    ops = [op for rule in rules for op in _rule(rule, direction, tenant)]
    filled = [op for op in ops if not isinstance(op, Put)]
    alone = {path[:-1] for op in ops for path in targets(op)} - {
        path[:size] for op in filled for path in targets(op) for size in range(len(path))
    }
    return Steps(
        Put(op.target, op.value, op.always or len(op.target) == 1 or op.target[:-1] in alone)
        if isinstance(op, Put)
        else op
        for op in ops
    )


def _rule(rule: Rule, direction: Direction, tenant: Tenant) -> Iterator[Op]:
    inward = direction == "in"
    if isinstance(rule, (Pair, Each)) and rule.only not in (None, direction):
        return
    if isinstance(rule, Pair):
        yield from _pair(rule, inward, tenant)
    elif isinstance(rule, Each):
        ends = parse_path(rule.native), parse_path(rule.canonical)
        source, target = ends if inward else ends[::-1]
        where = rule.where_in if inward else rule.where_out
        name = f"{rule.canonical}[] = {rule.native}[]"
        yield Loop(source, target, where, _steps(rule.rules, direction, tenant), name)
    elif isinstance(rule, Constant):
        if (rule.side == "canonical") == inward:
            value = tenant.setting(rule.value.name) if isinstance(rule.value, Setting) else rule.value
            yield Put(parse_path(rule.path), value, always=False)
    elif isinstance(rule, Call):
        if rule.direction == direction:
            of = tuple(parse_path(p.replace("[]", "")) for p in rule.of)
            name = f"{', '.join(rule.paths)} by {rule.by.__name__}"
            yield Make(tuple(map(parse_path, rule.paths)), rule.by, of, name)
    elif isinstance(rule, Numbered):
        if inward:
            yield Number(parse_path(rule.canonical))
    else:
        yield Switch(tuple(_case(case, rule, inward, tenant) for case in rule.cases))


def _pair(rule: Pair, inward: bool, tenant: Tenant) -> Iterator[Copy]:
    canonical, native = parse_path(rule.canonical), parse_path(rule.native)
    bound = rule.codec.bind(tenant)
    name = f"{rule.canonical} = {rule.native} ({rule.codec.name})"
    if not inward:
        yield Copy(canonical, native, bound.write, name)
        return
    for below, converter in bound.parts.items():
        yield Copy(native, canonical + (parse_path(below) if below else ()), converter, name)


def _case(case: Case, choice: Choice, inward: bool, tenant: Tenant) -> Branch:
    tested, told = (case.native, case.canonical) if inward else (case.canonical, case.native)
    body = _steps(case.rules, "in" if inward else "out", tenant)
    sets = () if told is None or callable(told[1]) else (Put(parse_path(told[0]), told[1], always=True),)
    at, test = (parse_path(tested[0]), tested[1]) if tested else ((), _anything)
    return Branch(at, test, Steps((*sets, *body)))


def _anything(value: object) -> bool:
    return True


def targets(op: Op) -> tuple[Path, ...]:
    """Return the paths a step may set."""
    if isinstance(op, Switch):
        return tuple(path for branch in op.branches for inner in branch.body for path in targets(inner))
    return op.targets if isinstance(op, Make) else (op.target,)


def sources(op: Op) -> tuple[Path, ...]:
    """Return the paths a step reads in its own scope."""
    if isinstance(op, Switch):
        inner = [path for branch in op.branches for step in branch.body for path in sources(step)]
        return (*(branch.at for branch in op.branches if branch.at), *inner)
    if isinstance(op, Make):
        return op.of
    return (op.source,) if isinstance(op, (Copy, Loop)) else ()


def _selects(ops: Steps, paths: Callable[[Op], tuple[Path, ...]]) -> tuple[Path, ...]:
    found = {
        path[: size + 1]: None
        for op in ops
        for path in paths(op)
        for size, step in enumerate(path)
        if isinstance(step, Select)
    }
    return tuple(found)
