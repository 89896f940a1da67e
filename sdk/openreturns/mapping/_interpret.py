"""The slow, careful pass: walks the steps one by one, knows every place, gathers everything wrong at once.

It is the reference: the compiled pass must make the same document, and never notes less.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import DecimalException
from typing import Any

from openreturns.errors import MappingError, Problem
from openreturns.mapping._environment import Environment
from openreturns.mapping._plan import (
    Copy,
    Loop,
    Make,
    Number,
    Op,
    Path,
    Put,
    Steps,
    Switch,
    sources,
    targets,
)
from openreturns.mapping._rules import Direction, Gap, Select

__all__ = ["BAD_VALUE", "interpret", "present"]

_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", int: "a number"}

BAD_VALUE = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, MappingError)


class _KindError(TypeError):
    """A value of another kind than the mapping expects; `path` leads to it from the scope's source."""

    def __init__(self, path: Path, wanted: str, value: object) -> None:
        super().__init__(f"is not {wanted} but {_KINDS.get(type(value), 'a number')}")
        self.path = path


@dataclass(slots=True)
class _Scope:
    """One pair of objects being joined, where they stand, and what the whole pass found wrong so far."""

    source: Any
    source_at: str
    target_at: str
    index: int
    direction: Direction
    env: Environment
    problems: list[Problem]
    target: dict[str, Any] = field(default_factory=dict)

    def here(self, source: Path, target: Path) -> tuple[str, str]:
        """Return the canonical and the vendor pointer of a step."""
        return self.ends(_written(target), _pointer(self.source, source))

    def ends(self, target: str, source: str) -> tuple[str, str]:
        """Return the canonical and the vendor pointer of two places below the objects being joined."""
        both = self.target_at + target, self.source_at + source
        return both if self.direction == "in" else both[::-1]


def interpret(
    ops: Steps, source: object, env: Environment, direction: Direction, losses: tuple[Gap, ...] = ()
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the translated document and everything that is wrong; losses and findings are in `env`.

    `losses` are the declared gaps; those that this document has are noted when writing.
    """
    scope = _Scope(source, "", "", 0, direction, env, [])
    if not isinstance(source, dict):
        return {}, [Problem("type", str(_KindError((), "an object", source)))]
    _run(ops, scope)
    for gap in losses if direction == "out" else ():
        if gap.kind == "dropped":
            for pointer in present(source, gap.path):
                env.here = (pointer, "")
                env.lose(gap.reason)
    return scope.target, scope.problems


def present(document: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - any document
    """Yield the pointer of every value that a document has at a field path such as `lines[].item.lot`."""
    first, _, rest = path.partition(".")
    name = first.removesuffix("[]")
    value = document.get(name) if isinstance(document, dict) else None
    if value is None:
        return
    if not rest:
        yield f"/{name}"
    elif first.endswith("[]"):
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from (f"/{name}/{index}{inner}" for inner in present(item, rest))
    else:
        yield from (f"/{name}{inner}" for inner in present(value, rest))


def _run(ops: Steps, scope: _Scope) -> None:
    """Run the steps, fixed values last: some of them stand only beside something else."""
    for op in ops:
        if not isinstance(op, Put):
            _attempt(op, scope)
    for op in ops:
        if isinstance(op, Put) and (op.always or _get(scope.target, op.target[:-1])):
            _set(scope.target, op.target, op.value)
    _settle(scope.target, ops.selected)
    for path in ops.read_selected:
        with suppress(_KindError):  # told by the step that takes it
            _unselected(path, ops, scope)


def _attempt(op: Op, scope: _Scope) -> None:
    source = op.source if isinstance(op, (Copy, Loop)) else ()
    target = () if isinstance(op, Switch) else targets(op)[0]
    scope.env.here = scope.here(source, target)
    try:
        _step(op, scope)
    except _KindError as error:
        here = scope.ends(_written(target), _pointer(scope.source, error.path))
        scope.problems.append(Problem("type", str(error), *here, rule=getattr(op, "rule", "")))
    except BAD_VALUE as error:
        scope.problems.append(_problem(error, scope.here(source, target), getattr(op, "rule", "")))


def _step(op: Op, scope: _Scope) -> None:
    if isinstance(op, Copy):
        value = _get(scope.source, op.source)
        if value is not None:
            _set(scope.target, op.target, op.convert.call(value, scope.env))
    elif isinstance(op, Make):
        made = op.by(scope.source, scope.env)
        values = (made,) if len(op.targets) == 1 else tuple(made)
        if len(values) != len(op.targets):
            raise ValueError(f"{op.by.__name__} made {len(values)} values for {len(op.targets)} fields")
        for target, value in zip(op.targets, values, strict=True):
            if value is not None:
                _set(scope.target, target, value)
    elif isinstance(op, Number):
        _set(scope.target, op.target, str(scope.index + 1))
    elif isinstance(op, Loop):
        _loop(op, scope)
    elif isinstance(op, Switch):
        _switch(op, scope)


def _loop(op: Loop, scope: _Scope) -> None:
    items = _get(scope.source, op.source)
    if items is None:
        return
    if not isinstance(items, (list, tuple)):
        raise _KindError(op.source, "a list", items)
    made: list[dict[str, Any]] = []
    source_at, target_at = scope.source_at + _pointer(scope.source, op.source), scope.target_at
    before = _get(scope.target, op.target) or []
    for index, item in enumerate(items):
        scope.env.here = scope.here((), ()) if op.where is None else _element(scope, op, source_at, index)
        if not isinstance(item, dict):
            message = str(_KindError((), "an object", item))
            scope.problems.append(Problem("type", message, *_element(scope, op, source_at, index), rule=op.rule))
            continue
        if op.where is not None and not op.where(item, scope.env):
            continue
        here = f"{target_at}{_written(op.target)}/{len(before) + len(made)}"
        inner = _Scope(item, f"{source_at}/{index}", here, index, scope.direction, scope.env, scope.problems)
        _run(op.body, inner)
        made.append(inner.target)
    if made or op.where is None:
        _set(scope.target, op.target, before + made)


def _element(scope: _Scope, op: Loop, source_at: str, index: int) -> tuple[str, str]:
    """Return the pointers of a list element that may have no counterpart: the list stands for it."""
    ends = scope.target_at + _written(op.target), f"{source_at}/{index}"
    return ends if scope.direction == "in" else ends[::-1]


def _switch(op: Switch, scope: _Scope) -> None:
    for branch, lost in zip(op.branches, op.left_out, strict=True):
        value = _get(scope.source, branch.at) if branch.at else None
        if branch.holds(value):
            _run_branch(branch.body, scope)
            for path in lost:
                if _get(scope.source, path) is not None:
                    scope.env.here = scope.here(path, ())
                    scope.env.lose("has no place on the other side in this case")
            return
    tested = ", ".join(sorted({_written(branch.at)[1:].replace("/", ".") for branch in op.branches}))
    raise ValueError(f"no case of the mapping fits this {tested}")


def _run_branch(body: Steps, scope: _Scope) -> None:
    for op in body:
        if isinstance(op, Put):
            _set(scope.target, op.target, op.value)
        else:
            _attempt(op, scope)


def _unselected(path: Path, ops: Steps, scope: _Scope) -> None:
    """Note the fields of a chosen list element, and the elements never chosen, that no step takes."""
    step, before = path[-1], path[:-1]
    if not isinstance(step, Select):
        return
    chosen = _get(scope.source, path)
    if isinstance(chosen, dict):
        carried = {str(p[len(path)]) for op in ops for p in sources(op) if p[: len(path)] == path != p}
        for name in sorted(chosen.keys() - carried - {step.key}):
            _lose_at(scope, f"{scope.source_at}{_pointer(scope.source, path)}/{name}")
    beside = [p for p in ops.read_selected if p[:-1] == before and isinstance(p[-1], Select)]
    if beside[0] == path:
        taken = [_get(scope.source, p) for p in beside]
        listed = (*before, step.name)
        for index, item in enumerate(_get(scope.source, listed) or ()):
            if not any(item is one for one in taken):
                _lose_at(scope, f"{scope.source_at}{_pointer(scope.source, listed)}/{index}")


def _lose_at(scope: _Scope, pointer: str) -> None:
    scope.env.here = ("", pointer) if scope.direction == "in" else (pointer, "")
    scope.env.lose("no rule carries it")


def _get(value: Any, path: Path) -> Any:  # noqa: ANN401 - any JSON value
    for size, step in enumerate(path):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _KindError(path[:size], "an object", value)
        value = _chosen(value.get(step.name), step, path[:size]) if isinstance(step, Select) else value.get(step)
    return value


def _chosen(listed: Any, step: Select, before: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Return the element of a list that a step selects, or None."""
    if isinstance(listed, _Elements):
        return listed.get(step)
    if listed is not None and not isinstance(listed, (list, tuple)):
        raise _KindError((*before, step.name), "a list", listed)
    for index, item in enumerate(listed or ()):
        if not isinstance(item, dict):
            raise _KindError((*before, step.name, str(index)), "an object", item)
        if item.get(step.key) == step.value:
            return item
    return None


class _Elements(dict[Select, dict[str, Any]]):
    """Selected elements of a list that is still being made."""


def _set(target: dict[str, Any], path: Path, value: object) -> None:
    for step in path[:-1]:
        if isinstance(step, Select):
            target = target.setdefault(step.name, _Elements()).setdefault(step, {})
        else:
            target = target.setdefault(step, {})
    last = path[-1]
    target[last if isinstance(last, str) else last.name] = value


def _settle(target: dict[str, Any], paths: tuple[Path, ...]) -> None:
    """Turn the selected elements into a list, in the order the rules mention them."""
    for path in paths:
        step = path[-1]
        parent = _get(target, path[:-1])
        if not isinstance(step, Select) or not isinstance(parent, dict):
            continue
        elements = parent.get(step.name)
        if isinstance(elements, _Elements):
            order = [p[-1] for p in paths if p[:-1] == path[:-1]]
            parent[step.name] = [
                {s.key: s.value, **elements[s]} for s in order if isinstance(s, Select) and s in elements
            ]


def _pointer(source: Any, path: Path) -> str:  # noqa: ANN401 - any JSON value
    text, value = "", source
    for step in path:
        below = value.get(step.name if isinstance(step, Select) else step) if isinstance(value, dict) else None
        if isinstance(step, Select):
            listed = below if isinstance(below, (list, tuple)) else ()
            found = [i for i, item in enumerate(listed) if isinstance(item, dict) and item.get(step.key) == step.value]
            text += f"/{step.name}/{found[0]}" if found else f"/{step}"
            value = listed[found[0]] if found else None
        else:
            text += f"/{step}"
            value = below
    return text


def _written(path: Path) -> str:
    return "".join(f"/{step}" for step in path)


def _problem(error: Exception, here: tuple[str, str], rule: str) -> Problem:
    if isinstance(error, MappingError):
        first = error.problems[0] if error.problems else Problem("mapping", str(error))
        return Problem(first.code, str(error.args[0]), *here, rule=rule, known=first.known)
    if isinstance(error, KeyError):
        return Problem("missing", f"{error.args[0]!r} is missing", *here, rule=rule)
    if isinstance(error, AttributeError):
        return Problem("type", "is not an object where the mapping expects one", *here, rule=rule)
    if isinstance(error, DecimalException):  # which says no more than a list of classes
        return Problem("value", f"its numbers cannot be reckoned with: {type(error).__name__}", *here, rule=rule)
    return Problem("value", str(error), *here, rule=rule)
