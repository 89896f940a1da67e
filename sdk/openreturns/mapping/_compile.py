"""Write one direction of a mapping out as straight-line Python, and make it a function.

The source is kept in `linecache`, so a traceback out of a compiled mapping shows the line that failed; each has a name
of its own there (another adapter, or tenant, may have a mapping between the same ends), and goes when the mapping does.
Irregular records need no code here: whatever raises is done again by the interpreter, which knows where.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from weakref import finalize

from openreturns._fields import Field
from openreturns.mapping._environment import Environment
from openreturns.mapping._objects import Objects
from openreturns.mapping._plan import Copy, Loop, Make, Number, Path, Put, Steps, Switch
from openreturns.mapping._rules import Gap, Select
from openreturns.mapping._writer import Fetch, Gather, Step, Writer, dig

__all__ = ["Compiled", "compile_ops"]


_number = count(1)
Translate = Callable[[Any, Environment], dict[str, Any]]


@dataclass(frozen=True)
class Compiled:
    """A compiled direction: the function and the Python it was made from."""

    run: Translate
    source: str


def compile_ops(ops: Steps, name: str, fields: Mapping[str, Field], losses: Iterable[Gap] = ()) -> Compiled:
    """Return `ops` as a function of (source document, environment) that returns the target document.

    `fields` are the source contract's fields: where it says a value is always there, no test is written.
    `losses` are the canonical fields whose presence must be noted.
    """
    writer = Writer(fields)
    writer.line("def translate(source, env):")
    writer.indent += 1
    dropped = (gap.path for gap in losses if gap.kind == "dropped" and not _always_there(gap.path, fields))
    _lost(_tree(dropped), "source", writer)
    writer.line(f"return {_scope(ops, 'source', '', 'position', writer)}")
    text = "\n".join(writer.lines) + "\n"
    file = f"<openreturns {name} {next(_number)}>"
    names: dict[str, Any] = {"NOTHING": {}, **writer.names}
    exec(compile(text, file, "exec"), names)  # noqa: S102 - the text is written above, from declared rules
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    finalize(names["translate"], linecache.cache.pop, file, None).atexit = False
    return Compiled(names["translate"], text)


def _scope(ops: Steps, source: str, prefix: str, position: str, writer: Writer) -> str:
    """Write the steps of one pair of objects; return the name of the target object."""
    objects = Objects(ops, source, prefix, position, writer)
    root = objects.create()
    _emit(objects.ops, source, prefix, objects, writer)
    objects.attach()
    return root


def _emit(ops: Iterable[Step], source: str, prefix: str, objects: Objects, writer: Writer) -> None:
    """Write the steps that need tests, then functions, then cases."""
    waiting = [op for op in ops if id(op) not in objects.direct]
    _emit_tree([op for op in waiting if isinstance(op, (Copy, Loop, Gather))], (), source, prefix, objects, writer)
    for op in waiting:
        if isinstance(op, Make):
            made = [writer.fresh("m") for _ in op.targets]
            writer.line(f"{', '.join(made)} = {writer.name(op.by, op.by.__name__)}({source}, env)")
            for value, target in zip(made, op.targets, strict=True):
                writer.line(f"if {value} is not None:")
                writer.line(f"    {objects.place(target)} = {value}")
        elif isinstance(op, Switch):
            _emit_switch(op, source, prefix, objects, writer)


def _emit_tree(ops: list[Fetch], at: Path, value: str, prefix: str, objects: Objects, writer: Writer) -> None:
    """Write the steps below one source value, fetching each value once."""
    for op in ops:
        if op.source == at:
            _emit_one(op, value, prefix, objects, writer)
    below: dict[object, list[Fetch]] = {}
    for op in ops:
        if len(op.source) > len(at):
            step = op.source[len(at)]
            below.setdefault(step.name if isinstance(step, Select) else (step,), []).append(op)
    for key, group in below.items():
        if isinstance(key, str):
            _emit_selected(group, at, key, value, prefix, objects, writer)
        elif isinstance(key, tuple):
            path = (*at, key[0])
            inner = f"{prefix}.{key[0]}" if prefix else str(key[0])
            found = writer.fields.get(inner)
            sure = found is not None and found.required and not found.nullable
            got = writer.fresh("v")
            writer.line(f"{got} = {value}[{key[0]!r}]" if sure else f"{got} = {value}.get({key[0]!r})")
            if not sure:
                writer.line(f"if {got} is not None:")
                writer.indent += 1
            _emit_tree(group, path, got, inner, objects, writer)
            writer.indent -= 0 if sure else 1


def _emit_one(op: Fetch, value: str, prefix: str, objects: Objects, writer: Writer) -> None:
    if isinstance(op, (Copy, Gather)):
        writer.line(f"{objects.place(op.target)} = {writer.converted(op, value)}")
        return
    made, item, number = writer.fresh("l"), writer.fresh("s"), writer.fresh("n")
    counted = any(isinstance(inner, Number) for inner in op.body)
    writer.line(f"if not isinstance({value}, (list, tuple)):")  # nothing in it would show that an object is none
    writer.line("    raise TypeError('not a list')")
    writer.line(f"{made} = []")
    writer.line(f"for {number}, {item} in enumerate({value}, 1):" if counted else f"for {item} in {value}:")
    writer.indent += 1
    if op.where is not None:
        writer.line(f"if not {writer.name(op.where, 'where')}({item}, env):")
        writer.line("    continue")
    target = _scope(op.body, item, prefix + "[]", number, writer)
    writer.line(f"{made}.append({target})")
    writer.indent -= 1
    if op.where is not None:
        writer.line(f"if {made}:")
    writer.line(
        f"{'' if op.where is None else '    '}{objects.joined.get(id(op)) or objects.place(op.target)} = {made}"
    )


def _emit_selected(
    ops: list[Fetch], at: Path, name: str, value: str, prefix: str, objects: Objects, writer: Writer
) -> None:
    """Write one pass over a list that takes the elements chosen by key, and notes the others."""
    steps = list(dict.fromkeys(op.source[len(at)] for op in ops))
    chosen = {step: writer.fresh("e") for step in steps}
    item = writer.fresh("s")
    writer.line(f"{' = '.join(chosen.values())} = None")
    writer.line(f"for {item} in {value}.get({name!r}) or ():")
    for number, (step, variable) in enumerate(chosen.items()):
        if isinstance(step, Select):
            test = f"{item}.get({step.key!r}) == {step.value!r} and {variable} is None"
            writer.line(f"    {'elif' if number else 'if'} {test}:")
            writer.line(f"        {variable} = {item}")
    writer.line("    else:")
    writer.line("        env.noted = True")
    for step, variable in chosen.items():
        group = [op for op in ops if op.source[len(at)] == step]
        carried = {op.source[len(at) + 1] for op in group if len(op.source) > len(at) + 1}
        keys = frozenset({str(c) for c in carried} | ({step.key} if isinstance(step, Select) else set()))
        writer.line(f"if {variable} is not None:")
        writer.indent += 1
        writer.line(f"if not {variable}.keys() <= {writer.name(keys, 'KEYS')}:")
        writer.line("    env.noted = True")
        _emit_tree(group, (*at, step), variable, f"{prefix}.{name}[]".lstrip("."), objects, writer)
        writer.indent -= 1


def _emit_switch(op: Switch, source: str, prefix: str, objects: Objects, writer: Writer) -> None:
    for number, (branch, lost) in enumerate(zip(op.branches, op.left_out, strict=True)):
        if callable(branch.test):
            test = f"{writer.name(branch.test, 'test')}({dig(source, branch.at)})"
        else:
            test = f"{dig(source, branch.at)} == {branch.test!r}"
        writer.line(f"{'elif' if number else 'if'} {test}:")
        writer.indent += 1
        for inner in branch.body:
            if isinstance(inner, Put):
                writer.line(f"{objects.place(inner.target)} = {writer.value(inner.value)}")
        _emit([i for i in branch.body if not isinstance(i, Put)], source, prefix, objects, writer)
        for path in lost:
            writer.line(f"if {dig(source, path)} is not None:")
            writer.line("    env.noted = True")
        if not branch.body and not lost:
            writer.line("pass")
        writer.indent -= 1
    writer.line("else:")
    writer.line("    raise ValueError('no case of the mapping fits')")


Tree = dict[str, "Tree"]


def _always_there(path: str, fields: Mapping[str, Field]) -> bool:
    """Whether every document has this field: its loss is in the mapping's own table, not news."""
    steps = path.split(".")
    above = [".".join(steps[:size]).removesuffix("[]") for size in range(1, len(steps) + 1)]
    return all(name in fields and fields[name].required for name in above)


def _tree(paths: Iterable[str]) -> Tree:
    root: Tree = {}
    for path in paths:
        node = root
        for step in path.split("."):
            node = node.setdefault(step, {})
    return root


def _lost(tree: Tree, value: str, writer: Writer) -> None:
    """Write the tests that note whether a document has anything that is declared dropped."""
    leaves = [name for name, inner in tree.items() if not inner]
    if leaves:
        writer.line(f"if {' or '.join(f'{name!r} in {value}' for name in leaves)}:")
        writer.line("    env.noted = True")
    for name, inner in tree.items():
        if not inner:
            continue
        below = writer.fresh("d")
        if name.endswith("[]"):
            writer.line(f"for {below} in {value}.get({name[:-2]!r}) or ():")
        else:
            writer.line(f"{below} = {value}.get({name!r})")
            writer.line(f"if {below} is not None:")
        writer.indent += 1
        _lost(inner, below, writer)
        writer.indent -= 1
