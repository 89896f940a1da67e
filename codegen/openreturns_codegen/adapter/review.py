"""Walk through what was guessed: a person confirms a rule, or takes it out, and the mapping says so."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openreturns.errors import MappingError

__all__ = ["Guess", "confirm", "guesses", "reject", "words"]

_MARK = "proposed"


@dataclass(frozen=True, slots=True)
class Guess:
    """A rule of a mapping's text that nobody has confirmed: where it begins and ends, and what it joins.

    `inside` are the lists that it stands in, canonical and vendor's. Lines and columns are counted as Python does.
    """

    canonical: str
    native: str
    codec: str
    inside: tuple[str, str]
    mapping: str
    start: tuple[int, int]
    end: tuple[int, int]

    @property
    def paths(self) -> tuple[str, str]:
        """The canonical path and the vendor's from the top of their records."""
        ours, theirs = (f"{outer}[]." if outer else "" for outer in self.inside)
        return ours + self.canonical, theirs + self.native

    def __str__(self) -> str:
        return f"{self.mapping}: {' <- '.join(self.paths)} ({self.codec})"

    def to_dict(self) -> dict[str, str]:
        """Return what is guessed, without its place."""
        ours, theirs = self.paths
        return {"mapping": self.mapping, "canonical": ours, "native": theirs, "codec": self.codec}


def guesses(path: Path) -> list[Guess]:
    """Return the unconfirmed rules of a `mapping.py`, in its order. Raises MappingError where it is no Python."""
    text = path.read_text("utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise MappingError(f"{path}:{error.lineno}: {error.msg}", kind="description") from None
    return sorted(_found(tree, "", ("", "")), key=lambda one: one.start)


def _found(node: ast.AST, mapping: str, inside: tuple[str, str]) -> Iterator[Guess]:
    for child in ast.iter_child_nodes(node):
        here, within = mapping, inside
        if isinstance(child, ast.Assign) and isinstance(child.targets[0], ast.Name):
            here = child.targets[0].id
        if isinstance(child, ast.Call):
            texts = [one.value for one in child.args if isinstance(one, ast.Constant)]
            named = child.func.id if isinstance(child.func, ast.Name) else ""
            if named == "each" and len(texts) > 1:
                within = (str(texts[0]), str(texts[1]))
            if named == "pair" and any(one.arg == _MARK for one in child.keywords):
                codec = ast.unparse(child.args[2]) if len(child.args) > 2 else "same"
                ends = (child.lineno, child.col_offset), (child.end_lineno or 0, child.end_col_offset or 0)
                yield Guess(str(texts[0]), str(texts[1]), codec, within, here, *ends)
        yield from _found(child, here, within)


def words(path: Path) -> list[tuple[str, str, str]]:
    """Return the words of a `tables.toml` that nobody has confirmed: table, word, and the code that was guessed."""
    found = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    return [(name, word, code) for name, table in found.items() for word, code in table.get("proposed", {}).items()]


def confirm(path: Path, guess: Guess) -> None:
    """Take the mark off a rule; nothing else of the text changes, but the score beside it goes."""
    _replaced(path, guess, keep=True)


def reject(path: Path, guess: Guess, reason: str) -> None:
    """Take a rule out and declare what nothing carries now: ours under losses, theirs under ignored, with the reason.

    What every document must have is then left to a rule that a person writes: the adapter's check names it.
    """
    _replaced(path, guess, keep=False)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    at = next(place for place, line in enumerate(lines) if line.startswith(f"{guess.mapping} = "))
    end = next((place for place in range(at + 1, len(lines)) if lines[place].startswith(")")), len(lines))
    ours, theirs = guess.paths
    gaps = {} if "[type=" in ours else {"    losses=(": f'dropped("{ours}", "{reason}")'}
    if not any(f'"{guess.native}"' in line for line in lines[at:end]):  # another rule may carry it
        gaps["    ignored=("] = f'ignored("{theirs}", "{reason}")'
    for head, gap in gaps.items():
        place = next(n for n in range(at, len(lines)) if lines[n].startswith(head))
        lines.insert(place + 1, f"        {gap},\n")
    path.write_text("".join(lines), "utf-8")


def _replaced(path: Path, guess: Guess, *, keep: bool) -> None:
    """Write the mapping with the rule's own text without its mark, or without the rule; comments beside it go."""
    lines = path.read_bytes().splitlines(keepends=True)
    (first, start), (last, end) = guess.start, guess.end
    rule = b"".join(lines[first - 1 : last])[start : len(b"".join(lines[first - 1 : last - 1])) + end]
    bare = re.sub(rb",\s*proposed=True", b"", rule)
    after = lines[last - 1][end:].partition(b"#")[0].rstrip()
    lines[first - 1 : last] = [lines[first - 1][:start] + bare + after + b"\n"] if keep else []
    path.write_bytes(b"".join(lines))
