"""A file of JSON, YAML or GraphQL as values, and the line each value stands on."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from openreturns.errors import ContractError

__all__ = ["Text", "escape", "read_text"]


@dataclass
class Text:
    """One file: its values, and on demand where they stand."""

    name: str
    value: Any
    _places: Callable[[], dict[str, int]]

    @cached_property
    def lines(self) -> dict[str, int]:
        """The line of each value by its JSON pointer, counted from 1."""
        return self._places()

    def line(self, pointer: str) -> int:
        """Return the line of a value, or of the nearest value around it that the file has."""
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)


def escape(name: str) -> str:
    """Return a member's name as a step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def read_text(data: bytes, name: str) -> Text:
    """Return a file parsed. Raises ContractError (kind `unreadable`) that says what is wrong with it and where."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(name, f"is not UTF-8: byte {error.start}") from None
    if name.endswith(".graphql"):
        from openreturns.compat._graphql import read_graphql

        return Text(name, *read_graphql(text, name))
    if name.endswith((".yaml", ".yml")):
        value, lines = _read_yaml(text, name)
        return Text(name, value, lambda: lines)
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_members)
    except json.JSONDecodeError as error:
        raise _unreadable(f"{name}:{error.lineno}", f"is not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, f"is not JSON: {error}") from None
    return Text(name, value, lambda: dict(_json_lines(text)))


def _unreadable(name: str, why: str) -> ContractError:
    return ContractError(f"{name}: {why}", kind="unreadable")


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not a number in JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value] # add says nothing, on purpose
        raise ValueError(f"the member {twice!r} is there twice")
    return members


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def _json_lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield the pointer and line of each value of a text that is known to be JSON."""
    breaks = [found.start() for found in re.finditer("\n", text)]
    stack: list[tuple[str, int]] = []  # where a container stands, and the place in it, -1 in an object
    at, key = "", None
    for token in _TOKEN.finditer(text):
        mark = token[0]
        line = bisect_right(breaks, token.start()) + 1
        if mark in "}]":
            at = stack.pop()[0]
        elif mark == ",":
            around, place = stack[-1]
            stack[-1] = (around, place + 1 if place >= 0 else place)
            key = None
        elif mark != ":":
            inside = stack[-1] if stack else None
            if inside and inside[1] < 0 and key is None:
                key = json.loads(mark)
                yield f"{inside[0]}/{escape(key)}", line
                continue
            at = (
                ""
                if inside is None
                else f"{inside[0]}/{escape(key) if inside[1] < 0 and key is not None else inside[1]}"
            )
            if inside is None or inside[1] >= 0:
                yield at, line
            if mark in "{[":
                stack.append((at, -1 if mark == "{" else 0))
                key = None


_CORE = (
    (re.compile(r"(?:null|Null|NULL|~|)\Z"), lambda _: None),
    (re.compile(r"(?:true|True|TRUE)\Z"), lambda _: True),
    (re.compile(r"(?:false|False|FALSE)\Z"), lambda _: False),
    (re.compile(r"[-+]?[0-9]+\Z"), int),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"), Decimal),
)


def _read_yaml(text: str, name: str) -> tuple[Any, dict[str, int]]:
    """Return the values of a YAML text by YAML 1.2's core schema, in which a date is a text."""
    try:
        import yaml
    except ImportError:
        raise _unreadable(name, "is YAML, which needs the extra openreturns[governance]") from None
    lines: dict[str, int] = {}

    def made(node: Any, at: str) -> Any:  # noqa: ANN401 - any value
        lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            pairs = []
            for key, value in node.value:
                place = f"{at}/{escape(str(key.value))}"
                lines[place] = key.start_mark.line + 1
                pairs.append((str(key.value), made(value, place)))
            return _members(pairs)
        if isinstance(node, yaml.SequenceNode):
            return [made(value, f"{at}/{place}") for place, value in enumerate(node.value)]
        if not node.style:  # not quoted
            return next((kind(node.value) for form, kind in _CORE if form.match(node.value)), node.value)
        return node.value

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(text, Loader=loader)
        return (None if root is None else made(root, "")), lines
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _unreadable(f"{name}:{mark.line + 1}" if mark else name, f"is not YAML: {error}") from None
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, f"is not YAML as JSON has it: {error}") from None
