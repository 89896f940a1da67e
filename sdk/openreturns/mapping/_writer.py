"""The text of a compiled mapping as it grows: its lines, the names that stand in it, and expressions for values."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openreturns._fields import Field
from openreturns.mapping._codecs import Converter
from openreturns.mapping._plan import Copy, Loop, Op, Path, Put
from openreturns.mapping._rules import Select

__all__ = ["Fetch", "Gather", "Step", "Writer", "at", "dig"]


@dataclass(frozen=True, slots=True)
class Gather:
    """All the steps that fill one target object from one source value: written as one literal."""

    source: Path
    target: Path
    parts: tuple[Copy | Put, ...]


Step = Op | Gather
Fetch = Copy | Loop | Gather

# What the text itself says: a mapping's own function of that name gets another one.
_TAKEN = frozenset({*keyword.kwlist, *dir(builtins), "source", "env", "translate", "NOTHING"})
_is_fresh = re.compile(r"[a-z][0-9]+").fullmatch
_names = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?<![\w.])[^\W\d]\w*""").sub  # or texts, which stay


@dataclass
class Writer:
    fields: Mapping[str, Field]
    lines: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    """Conversions that are made once and ahead, by the name of what they made."""
    indent: int = 0
    count: int = 0

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def name(self, value: object, stem: str) -> str:
        """Return a name for a value that the text mentions; equal values share one."""
        for known, there in self.names.items():
            if there is value:
                return known
        clean = "".join(c if c.isalnum() else "_" for c in stem).strip("_") or "value"
        free = clean.isidentifier() and clean not in self.names and clean not in _TAKEN and not _is_fresh(clean)
        name = clean if free else self.fresh(f"f_{clean}_")
        self.names[name] = value
        return name

    def converted(self, op: Copy | Gather, value: str) -> str:
        """Return the expression that converts `value`."""
        if isinstance(op, Gather):
            return self._literal(op.parts, len(op.target), value)
        if not op.convert.expression:
            text = f"{self.name(op.convert.call, 'convert')}({value}, env)"
        else:
            text = self._renamed(op.convert).format(v=value)
        return self.shared.get(text, text)

    def _renamed(self, convert: Converter) -> str:
        """Return a converter's expression with the names that its helpers have in the whole text."""
        names = {name: self.name(thing, name) for name, thing in convert.names.items()}
        parts = convert.expression.split("{v}")
        return "{v}".join(_names(lambda found: names.get(found[0], found[0]), part) for part in parts)

    def _literal(self, parts: Iterable[Copy | Put], depth: int, value: str) -> str:
        """Return the object that `parts` make, as a literal."""
        members: dict[str, list[Copy | Put]] = {}
        for part in parts:
            members.setdefault(str(part.target[depth]), []).append(part)
        texts = []
        for name, inside in members.items():
            first = inside[0]
            if len(first.target) > depth + 1:
                texts.append(f"{name!r}: {self._literal(inside, depth + 1, value)}")
            elif isinstance(first, Put):
                texts.append(f"{name!r}: {self.value(first.value)}")
            else:
                texts.append(f"{name!r}: {self.converted(first, value)}")
        return f"{{{', '.join(texts)}}}"

    def value(self, value: object) -> str:
        """Return an expression for a fixed value; objects and lists are made anew each time."""
        if isinstance(value, (str, int, bool, dict, list)):
            return repr(value)
        return self.name(value, "value")

    def certain(self, prefix: str, path: Path) -> bool:
        """Whether the source contract says that the value at `path` is always there."""
        at = prefix
        for step in path:
            if isinstance(step, Select):
                return False
            at = f"{at}.{step}" if at else step
            found = self.fields.get(at)
            if found is None or not found.required or found.nullable:
                return False
        return True


def at(source: str, path: Path) -> str:
    """Return an expression for a nested value that is always there."""
    return source + "".join(f"[{step!r}]" for step in path)


def dig(source: str, path: Path) -> str:
    """Return an expression for a nested value that may be absent at any level."""
    text = source
    for number, step in enumerate(path):
        got = f"{text}.get({step!r})"
        text = got if number == len(path) - 1 else f"({got} or NOTHING)"
    return text
