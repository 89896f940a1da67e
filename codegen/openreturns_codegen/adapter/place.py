"""Put generated files where they belong and keep what people changed: three-way, file by file, line by line."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from openreturns.errors import MappingError

from openreturns_codegen.adapter.settings import FOLDER

__all__ = ["Placed", "merged", "place"]

_BASE = f"{FOLDER}/generated.json"


@dataclass(frozen=True)
class Placed:
    """What became of the files.

    `written` are new or as generated, `kept` as people changed them, `merged` both; `conflicts` are kept as they are,
    with the generated text beside them in a file that ends in `.new`.
    """

    written: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def place(files: Mapping[str, str], target: Path) -> Placed:
    """Bring a folder up to generated files. A folder that is not there appears whole, or not at all.

    Raises MappingError (kind `declaration`) where files of the same names stand that were not generated.
    """
    if not target.exists() or not any(target.iterdir()):
        _appear(files, target)
        return Placed(written=tuple(files))
    theirs = [name for name in files if (target / name).exists()]
    if theirs and not (target / _BASE).is_file():
        said = f"{target} was not generated, and has a {theirs[0]} of its own; name another folder"
        raise MappingError(said, kind="declaration")
    base: dict[str, str] = _base(target)
    done: dict[str, list[str]] = {"written": [], "kept": [], "merged": [], "conflicts": [], "removed": []}
    for name, text in files.items():
        path = target / name
        mine = path.read_text("utf-8") if path.is_file() else None
        how, result = _settled(base.get(name), mine, text)
        if how == "conflicts":
            _put(path.with_name(f"{path.name}.new"), text)
        elif result is not None and result != mine:
            _put(path, result)
        if how and (how != "written" or result != mine):
            done[how].append(name)
    for name in sorted(set(base) - set(files)):
        path = target / name
        if path.is_file() and path.read_text("utf-8") == base[name]:
            path.unlink()
            done["removed"].append(name)
    _put(target / _BASE, _packed(files))
    return Placed(**{how: tuple(names) for how, names in done.items()})


def _settled(base: str | None, mine: str | None, text: str) -> tuple[str, str | None]:
    """Return what becomes of one file, and its text; None where it stays away."""
    if mine in (text, base):  # also a new file: there is neither
        return "written", text
    if mine is None:
        return "kept", None  # a person took it away
    if base == text:
        return "kept", mine
    both = merged((base or "").splitlines(True), mine.splitlines(True), text.splitlines(True))
    return ("conflicts", None) if both is None else ("merged", both)


def merged(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> str | None:
    """Return lines with both sides' changes; None where both changed the same lines, or lines that touch."""
    changes = sorted([*_changes(base, mine), *_changes(base, theirs)])
    made: list[str] = []
    at = 0
    for place_, (start, end, lines) in enumerate(changes):
        before = changes[place_ - 1] if place_ else None
        if before == (start, end, lines):
            continue
        if before is not None and start <= before[1]:
            return None
        made += [*base[at:start], *lines]
        at = end
    return "".join([*made, *base[at:]])


def _changes(base: Sequence[str], other: Sequence[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    for tag, start, end, first, last in SequenceMatcher(None, base, other, autojunk=False).get_opcodes():
        if tag != "equal":
            yield start, end, tuple(other[first:last])


def _base(target: Path) -> dict[str, str]:
    path = target / _BASE
    found: dict[str, str] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def _packed(files: Mapping[str, str]) -> str:
    return json.dumps(dict(sorted(files.items())), indent=0, ensure_ascii=False) + "\n"


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")


def _appear(files: Mapping[str, str], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as aside:
        whole = Path(aside, target.name)
        for name, text in files.items():
            _put(whole / name, text)
        _put(whole / _BASE, _packed(files))
        if target.exists():
            target.rmdir()
        os.replace(whole, target)
