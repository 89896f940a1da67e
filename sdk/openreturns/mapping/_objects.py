"""The target objects of one pair of scopes in a compiled mapping: which are sure, what stands in them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from openreturns.mapping._plan import Copy, Loop, Make, Number, Op, Path, Put, Steps, Switch, targets
from openreturns.mapping._rules import Select
from openreturns.mapping._writer import Gather, Step, Writer, at

__all__ = ["Objects", "goals"]


def _gather(ops: tuple[Op, ...]) -> tuple[Step, ...]:
    """Join the steps that fill one object from one source value, so that it is made in one go."""
    inside: dict[Path, list[Step]] = {}
    for op in ops:
        for path in targets(op):
            for size in range(1, len(path)):
                inside.setdefault(path[:size], []).append(op)
    joined: dict[Path, Gather] = {}
    for path, group in sorted(inside.items(), key=lambda item: len(item[0])):
        copies = [op for op in group if isinstance(op, Copy)]
        plain = all(isinstance(op, Copy) or (isinstance(op, Put) and not op.always) for op in group)
        chosen = any(isinstance(step, Select) for op in copies for step in op.target)
        shared = len({op.source for op in copies}) == 1
        if plain and shared and not chosen and not any(path[: len(outer)] == outer for outer in joined):
            parts = tuple(op for op in group if isinstance(op, (Copy, Put)))
            joined[path] = Gather(copies[0].source, path, parts)
    taken = {id(part) for gathered in joined.values() for part in gathered.parts}
    return (*(op for op in ops if id(op) not in taken), *joined.values())


def goals(op: Step) -> tuple[Path, ...]:
    """Return the paths a step may set."""
    return (op.target,) if isinstance(op, Gather) else targets(op)


def _shared_lists(ops: tuple[Op, ...]) -> dict[Path, list[Loop]]:
    """Return the lists that several loops fill, with the loops in the order of the rules."""
    lists: dict[Path, list[Loop]] = {}
    for loop in _loops(ops):
        lists.setdefault(loop.target, []).append(loop)
    return {path: loops for path, loops in lists.items() if len(loops) > 1}


def _loops(ops: tuple[Op, ...]) -> Iterator[Loop]:
    for op in ops:
        if isinstance(op, Loop):
            yield op
        elif isinstance(op, Switch):
            for branch in op.branches:
                yield from _loops(branch.body)


class Objects:
    """The target objects of one scope: each gets a variable; those that are sure to be needed are literals."""

    def __init__(self, ops: Steps, source: str, prefix: str, position: str, writer: Writer) -> None:
        self.ops, self.source, self.prefix = _gather(ops), source, prefix
        self.position, self.writer = position, writer
        self.selected = ops.selected
        paths = dict.fromkeys(path[:size] for op in self.ops for path in goals(op) for size in range(len(path)))
        self.paths = sorted(paths or {(): None}, key=len)
        self.variables = {path: writer.fresh("t") for path in self.paths}
        self.lists = _shared_lists(ops)
        self.joined = {id(op): writer.fresh("j") for loops in self.lists.values() for op in loops}
        self.fetched = self._fetch()
        self.direct = {id(op): text for op in self.ops if (text := self._direct(op))}
        self._share_calls()
        self.sure = {
            path[:size]
            for op in self.ops
            if id(op) in self.direct
            for path in goals(op)
            for size in range(len(path))
            if not any(isinstance(step, Select) for step in path)
        } | {()}

    def _fetch(self) -> dict[Path, str]:
        """Write what takes the values out that are always there and named more than once; return their names."""
        uses: Counter[Path] = Counter()
        for op in self.ops:
            if isinstance(op, (Copy, Gather)) and self.writer.certain(self.prefix, op.source):
                uses[op.source] += self.writer.converted(op, "\0").count("\0")
        fetched = {path: self.writer.fresh("v") for path, times in uses.items() if times > 1}
        for path, name in fetched.items():
            self.writer.line(f"{name} = {at(self.source, path)}")
        return fetched

    def _value(self, path: Path) -> str:
        """Return the expression for a value that is always there."""
        return self.fetched.get(path) or at(self.source, path)

    def _share_calls(self) -> None:
        """Write a conversion that several of the expressions without a test make, once and ahead of them."""
        conversions = Counter(
            self.writer.converted(part, self._value(op.source))
            for op in self.ops
            if id(op) in self.direct and isinstance(op, (Copy, Gather))
            for part in (op.parts if isinstance(op, Gather) else (op,))
            if isinstance(part, Copy)
        )
        for text in [text for text, times in conversions.items() if times > 1 and "(" in text]:
            shared = self.writer.fresh("c")
            self.writer.line(f"{shared} = {text}")
            self.writer.shared[text] = shared
        self.direct = {id(op): self._direct(op) for op in self.ops if id(op) in self.direct}

    def _direct(self, op: Step) -> str:
        """Return the expression of a step that needs no test, or nothing."""
        if any(isinstance(step, Select) for path in goals(op) for step in path):
            return ""
        if isinstance(op, Put) and op.always:
            return self.writer.value(op.value)
        if isinstance(op, Number):
            return f"str({self.position})"
        if isinstance(op, (Copy, Gather)) and self.writer.certain(self.prefix, op.source):
            return self.writer.converted(op, self._value(op.source))
        return ""

    def create(self) -> str:
        """Write the objects, innermost first; return the name of the root."""
        for path in reversed(self.paths):
            pairs = [
                f"{op.target[-1]!r}: {self.direct[id(op)]}"
                for op in self.ops
                if id(op) in self.direct and not isinstance(op, (Make, Switch)) and op.target[:-1] == path
            ]
            pairs += [
                f"{inner[-1]!r}: {self.variables[inner]}"
                for inner in self.paths
                if inner in self.sure and inner[:-1] == path and inner
            ]
            self.writer.line(f"{self.variables[path]} = {{{', '.join(pairs)}}}")
        if self.joined:
            self.writer.line(f"{' = '.join(self.joined.values())} = None")
        return self.variables[()]

    def place(self, target: Path) -> str:
        """Return the left side of an assignment to a target path."""
        return f"{self.variables[target[:-1]]}[{str(target[-1])!r}]"

    def attach(self) -> None:
        """Write what hangs the objects that have something in them onto their parents, innermost first."""
        waiting = [op for op in self.ops if isinstance(op, Put) and id(op) not in self.direct]
        for path in reversed(self.paths):
            self._attach_lists(path)
            self._join_lists(path)
            mine = [op for op in waiting if op.target[:-1] == path]
            for op in mine:
                if op.always or path in self.sure:
                    self.writer.line(f"{self.place(op.target)} = {self.writer.value(op.value)}")
            if path in self.sure:
                continue
            then = [f"{self.place(op.target)} = {self.writer.value(op.value)}" for op in mine if not op.always]
            if not isinstance(path[-1], Select):
                then.append(f"{self.place(path)} = {self.variables[path]}")
            if then:
                self.writer.line(f"if {self.variables[path]}:")
            for text in then:
                self.writer.line(f"    {text}")

    def _join_lists(self, parent: Path) -> None:
        """Write the lists in `parent` that several loops fill, in the order of the rules."""
        for path, loops in self.lists.items():
            if path[:-1] == parent:
                made = [self.joined[id(op)] for op in loops]
                self.writer.line(f"if {' or '.join(f'{name} is not None' for name in made)}:")
                whole = ", ".join(f"*({name} or ())" for name in made)
                self.writer.line(f"    {self.place(path)} = [{whole}]")

    def _attach_lists(self, parent: Path) -> None:
        """Write the lists in `parent` whose elements are selected by key, in the order of the rules."""
        lists: dict[str, list[Path]] = {}
        for path in self.selected:
            if path[:-1] == parent and isinstance(path[-1], Select):
                lists.setdefault(path[-1].name, []).append(path)
        for name, paths in lists.items():
            made = self.writer.fresh("l")
            self.writer.line(f"{made} = []")
            for path in paths:
                step, chosen = path[-1], self.variables[path]
                if isinstance(step, Select):
                    self.writer.line(f"if {chosen}:")
                    self.writer.line(f"    {made}.append({{{step.key!r}: {step.value!r}, **{chosen}}})")
            self.writer.line(f"if {made}:")
            self.writer.line(f"    {self.variables[parent]}[{name!r}] = {made}")
