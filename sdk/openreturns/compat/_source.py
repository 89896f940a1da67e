"""Where a set of schemas comes from: a folder, a file, a git commit, or a version this package carries."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from posixpath import normpath

from openreturns import _schemas
from openreturns._tolerant import tolerant
from openreturns.compat._text import Text, read_text
from openreturns.errors import ContractError

__all__ = ["Source", "named", "open_source", "read_at", "sources", "tolerant_source"]

_SUFFIXES = (".json", ".yaml", ".yml", ".graphql")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
# Beside schemas stand things that are none: examples, code lists, the readers' form made from the schemas.
_BESIDE = frozenset({"examples", "code-lists", "tolerant", "node_modules"})


@dataclass
class Source:
    """Files by name, relative to where the set begins. What no file names is read when a reference asks for it."""

    label: str
    names: tuple[str, ...]
    read: Callable[[str], bytes | None]
    """Returns the bytes of a file by name, None where there is none."""
    shown: Callable[[str], str]
    """Returns how a file is called in a report."""
    _texts: dict[str, Text | None] = field(default_factory=dict)

    alone: bool = False
    """Whether one file was asked for: its own name is then no matter."""
    opened: bool = False
    """Whether the schemas are taken in the reader's form."""

    def text(self, name: str) -> Text | None:
        """Return a file, parsed once. Raises ContractError where it is neither JSON nor YAML."""
        if name not in self._texts:
            data = self.read(name)
            text = None if data is None else read_text(data, self.shown(name))
            if text is not None and self.opened and isinstance(text.value, dict):
                text.value = tolerant(text.value)
            self._texts[name] = text
        return self._texts[name]


def sources(new: str, against: str) -> tuple[Source, Source]:
    """Return the two sets to compare; `against` may be a commit at which to look for the path of `new`.

    One file against many is compared with the file of its name.
    """
    one, other = open_source(new), open_source(against, like=new)
    return _narrowed(one, other), _narrowed(other, one)


def _narrowed(many: Source, one: Source) -> Source:
    if one.alone and not many.alone and one.names[0] in many.names:
        return replace(many, names=one.names, alone=True)
    return many


def open_source(where: str, *, like: str = "") -> Source:
    """Return the set at a path, a published version, `COMMIT` (of the path `like`) or `COMMIT:PATH`.

    Raises ContractError (kind `unreadable`) where there is nothing of that name.
    """
    path = Path(where)
    if path.is_dir():
        return _folder(path)
    if path.is_file():
        return _file(path)
    if _VERSION.fullmatch(where) and _schemas.folder(where).is_dir():
        return _folder(_schemas.folder(where), label=f"openreturns {where}", relative=True)
    commit, _, inside = where.partition(":")
    found = _git(commit, inside or like) if commit and (inside or like) else None
    if found is None:
        tried = "no such path, published version or git commit"
        raise ContractError(f"{where}: {tried}; give a folder, a file, a tag, or COMMIT:PATH", kind="unreadable")
    return found


def tolerant_source(source: Source) -> Source:
    """Return a set as a tolerant reader has it: objects take members nobody has heard of."""
    return replace(source, opened=True, _texts={})


def _wanted(name: PurePosixPath) -> bool:
    return name.suffix in _SUFFIXES and not any(part in _BESIDE or part.startswith(".") for part in name.parts)


def _folder(folder: Path, *, label: str = "", relative: bool = False) -> Source:
    found = (PurePosixPath(path.relative_to(folder).as_posix()) for path in folder.rglob("*") if path.is_file())
    names = _schemas_among(sorted(name for name in found if _wanted(name)))
    if not names:
        raise ContractError(f"{folder}: no schema in it ({', '.join(_SUFFIXES)})", kind="unreadable")
    return Source(
        label or str(folder),
        names,
        lambda name: (folder / name).read_bytes() if (folder / name).is_file() else None,
        lambda name: f"{label}/{name}" if relative else str(folder / name),
    )


def _schemas_among(names: list[PurePosixPath]) -> tuple[str, ...]:
    """Return the files called schemas where any is; else all."""
    called = [name for name in names if ".schema." in name.name]
    return tuple(map(str, called or names))


def _file(path: Path) -> Source:
    """Return one file; what its references name is read from beside it."""
    folder = path.parent
    return Source(
        str(path),
        (path.name,),
        lambda name: (folder / name).read_bytes() if (folder / name).is_file() else None,
        lambda name: str(folder / name),
        alone=True,
    )


def _git(commit: str, path: str) -> Source | None:
    """Return the set at a path of a commit, None where git knows no such commit."""
    found = _within(commit, Path(path))
    if found is None:
        return None
    top, inside = found
    listed = _run(top, "ls-tree", "-r", "-z", "--name-only", commit, "--", inside) or b""
    files = [name for name in listed.decode("utf-8", "surrogateescape").split("\0") if name]
    if not files:
        raise ContractError(f"{commit}: the commit has no {inside}", kind="unreadable")
    single = files == [inside]
    base = PurePosixPath(inside).parent if single else PurePosixPath(inside)
    below = [PurePosixPath(name).relative_to(base) for name in files]
    names = (below[0].name,) if single else _schemas_among([name for name in below if _wanted(name)])
    if not names:
        raise ContractError(f"{commit}:{inside}: no schema in it ({', '.join(_SUFFIXES)})", kind="unreadable")

    def shown(name: str) -> str:
        return f"{commit}:{normpath((base / name).as_posix())}"

    return Source(
        f"{commit}:{inside}", names, lambda name: _run(top, "cat-file", "blob", shown(name)), shown, alone=single
    )


def _within(commit: str, path: Path) -> tuple[Path, str] | None:
    """Return the top of the repository around a path and the path below it, None where git knows no such commit."""
    place = path.absolute()
    start = next(parent for parent in (place, *place.parents) if parent.is_dir())
    if commit.startswith("-") or _run(start, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}") is None:
        return None
    top = Path((_run(start, "rev-parse", "--show-toplevel") or b"").decode().strip())
    return top, place.resolve().relative_to(top.resolve()).as_posix()


def read_at(commit: str, path: Path) -> bytes | None:
    """Return a file as it was at a commit, None where it was not there. Raises ContractError for no commit."""
    found = _within(commit, path)
    if found is None:
        raise ContractError(f"{commit}: no such git commit", kind="unreadable")
    return _run(found[0], "cat-file", "blob", f"{commit}:{found[1]}")


def _run(folder: Path, *arguments: str) -> bytes | None:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)  # noqa: S603, S607 - git, and arguments of ours
    except FileNotFoundError:
        raise ContractError(
            "git is not installed, and the other side is named by a commit", kind="unreadable"
        ) from None
    return done.stdout if done.returncode == 0 else None


def named(source: Source) -> Mapping[str, Text]:
    """Return the files of a set that were listed, parsed."""
    return {name: text for name in source.names if (text := source.text(name)) is not None}
