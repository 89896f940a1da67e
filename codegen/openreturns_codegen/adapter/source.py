"""Read a vendor's description as plain data, and say of anything wrong in it where it stands: line and pointer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from openreturns._json import parse
from openreturns.errors import ContractError, MappingError

__all__ = ["Source", "malformed", "read"]

_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True)
class Source:
    """One file: its name, its text, and where it is JSON or YAML, what it holds (keys are text, numbers exact)."""

    name: str
    text: str = field(repr=False)
    data: Any = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        """The SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def line(self, pointer: str) -> int:
        """Return the line on which the value at a JSON pointer begins; of its nearest parent, where it is not there."""
        node = yaml.compose(self.text, yaml.CSafeLoader)
        for step in (one.replace("~1", "/").replace("~0", "~") for one in pointer.split("/")[1:]):
            inner = _child(node, step)
            if inner is None:
                break
            node = inner
        return node.start_mark.line + 1 if node else 1


def malformed(source: Source, pointer: str, said: str) -> MappingError:
    """Return the error of something in a description that makes no sense, with its line and pointer."""
    return MappingError(f"{source.name}:{source.line(pointer)}: {pointer or '/'}: {said}", kind="description")


def _child(node: Any, step: str) -> Any:  # noqa: ANN401 - yaml's nodes are not typed
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if str(key.value) == step), None)
    if isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
        return node.value[int(step)]
    return None


def read(path: Path) -> Source:
    """Return a file. Raises MappingError (kind `description`) for one that is too large, no text, or malformed."""
    if path.stat().st_size > _LARGEST:
        raise MappingError(f"{path.name}: larger than {_LARGEST} bytes", kind="description")
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingError(f"{path.name}: is not UTF-8 at byte {error.start}", kind="description") from None
    suffix = path.suffix.lower()
    if suffix == ".json" or text.lstrip()[:1] in {"{", "["}:
        return Source(path.name, text, _json(path.name, text))
    if suffix in {".yaml", ".yml"}:
        return Source(path.name, text, _yaml(path.name, text))
    return Source(path.name, text)


def _json(name: str, text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return parse(text.encode())
    except ContractError as error:
        import json

        try:
            json.loads(text)
        except json.JSONDecodeError as wrong:
            raise MappingError(f"{name}:{wrong.lineno}: /: {wrong.msg}", kind="description") from None
        raise MappingError(f"{name}:1: /: {error.args[0]}", kind="description") from None


class _Loader(yaml.CSafeLoader):
    """YAML as descriptions mean it: no dates, `no` is a word, numbers are exact."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - yaml's own
        first: [(tag, pattern) for tag, pattern in rows if not tag.endswith(("timestamp", "bool"))]
        for first, rows in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: _number(str(node.value)))


def _number(text: str) -> Any:  # noqa: ANN401 - a number, or the text where it is none for JSON
    try:
        number = Decimal(text.replace("_", ""))
    except ArithmeticError:
        return text
    return number if number.is_finite() else text


def _yaml(name: str, text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        data = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise MappingError(f"{name}:{line}: /: {error.problem or error.context}", kind="description") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MappingError(f"{name}:1: /: {str(error).splitlines()[0]}", kind="description") from None
    try:
        return _plain(data, {})
    except RecursionError:
        raise MappingError(f"{name}:1: /: nests too deep, or an anchor holds itself", kind="description") from None


def _plain(value: Any, known: dict[int, Any]) -> Any:  # noqa: ANN401 - any YAML value
    """Return the value as JSON has it: keys are text. What an anchor shares stays shared."""
    if isinstance(value, Mapping | list):
        if id(value) not in known:
            known[id(value)] = _Open
            made: Any = (
                {_key(key): _plain(inner, known) for key, inner in value.items()}
                if isinstance(value, Mapping)
                else [_plain(inner, known) for inner in value]
            )
            known[id(value)] = made
        if known[id(value)] is _Open:
            raise RecursionError
        return known[id(value)]
    return value


class _Open:
    """Stands for a value that is being made: meeting it again inside itself is a circle of anchors."""


def _key(key: object) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)
