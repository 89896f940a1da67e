"""Published versions: never changed, raised by what a change asks for, each locked by the hashes of its files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from openreturns.compat._source import read_at
from openreturns.errors import ContractError

__all__ = [
    "LOCK",
    "Broken",
    "Version",
    "broken",
    "enough",
    "folders",
    "lock_of",
    "locked_at",
    "publish",
    "raised",
    "version_in",
]

LOCK: Final = "published.json"
_VERSION: Final = re.compile(r"(?<![0-9.])([0-9]+)\.([0-9]+)\.([0-9]+)(?![0-9.])")
_SIZES: Final = ("patch", "minor", "major")

Version = tuple[int, int, int]
Lock = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Broken:
    """One way in which a published version is not what was published."""

    version: str
    file: str
    said: str


def version_in(text: str) -> Version | None:
    """Return the version that a text such as an `$id` or a folder's name holds, None where it holds none or several."""
    found = {tuple(map(int, match.groups())) for match in _VERSION.finditer(text)}
    if len(found) != 1:
        return None
    major, minor, patch = found.pop()
    return major, minor, patch


def raised(old: Version, new: Version) -> str:
    """Return by how much a version was raised: patch, minor, major, or nothing (also for one that went back)."""
    if new <= old:
        return ""
    return "major" if new[0] > old[0] else "minor" if new[1] > old[1] else "patch"


def enough(given: str, needed: str) -> bool:
    """Return whether a version was raised by as much as is needed."""
    return given in _SIZES and _SIZES.index(given) >= _SIZES.index(needed)


def folders(root: Path) -> dict[str, Path]:
    """Return the versions below a folder, oldest first."""
    found = (path for path in root.iterdir() if path.is_dir() and _VERSION.fullmatch(path.name))
    return {path.name: path for path in sorted(found, key=lambda path: version_in(path.name) or (0, 0, 0))}


def _read_lock(data: bytes | None, where: str) -> Lock:
    """Return what a lock says: the hash of each file of each published version. Raises ContractError."""
    if data is None:
        return {}
    try:
        lock = json.loads(data)
    except ValueError as error:
        raise ContractError(f"{where}: is no lock of published versions: {error}", kind="unreadable") from None
    sound = isinstance(lock, dict) and all(
        isinstance(files, dict) and all(isinstance(one, str) for one in files.values()) for files in lock.values()
    )
    if not sound:
        raise ContractError(f"{where}: a lock has hashes by file by version", kind="unreadable")
    locked: Lock = lock
    return locked


def hashes(folder: Path) -> dict[str, str]:
    """Return the hash of every file of a version, whatever it is: examples and code lists are published too.

    Of a text, line ends do not count, which version control may change.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
        for path in files
    }


def lock_of(root: Path) -> Lock:
    """Return the lock of a folder of versions; nothing is published where there is none."""
    path = root / LOCK
    return _read_lock(path.read_bytes() if path.is_file() else None, str(path))


def locked_at(root: Path, commit: str) -> Lock:
    """Return the lock as it was at a git commit. Raises ContractError where there is no such commit."""
    return _read_lock(read_at(commit, root / LOCK), f"{commit}:{root / LOCK}")


def publish(root: Path, version: str) -> Path:
    """Lock a version as it stands, and return the lock.

    Raises ContractError for one that is not there, or that was published as something else.
    """
    there = folders(root)
    if version not in there:
        raise ContractError(f"{root}: no version {version}; there are: {', '.join(there) or 'none'}", kind="version")
    lock: dict[str, Any] = dict(lock_of(root))
    now = hashes(there[version])
    if lock.get(version, now) != now:
        raise ContractError(f"{version} is published and never changes; publish a new version", kind="version")
    lock[version] = now
    ordered = {name: lock[name] for name in sorted(lock, key=lambda name: version_in(name) or (0, 0, 0))}
    path = root / LOCK
    path.write_text(json.dumps(ordered, indent=2) + "\n", "utf-8")
    return path


def broken(root: Path, before: Lock | None = None) -> Iterator[Broken]:
    """Yield every way in which published versions are not what was published.

    `before` is the lock as it was at another commit: what it holds must still be locked, and the same.
    """
    lock = lock_of(root)
    for version, files in (before or {}).items():
        if version not in lock:
            yield Broken(version, LOCK, "was published and is no longer locked")
        elif lock[version] != files:
            yield Broken(version, LOCK, "is locked with other hashes than it was published with")
    there = folders(root)
    for version, files in lock.items():
        now = hashes(there[version]) if version in there else {}
        for file in sorted(files.keys() | now.keys()):
            if file not in now:
                yield Broken(version, file, "was published and is gone")
            elif file not in files:
                yield Broken(version, file, "was added after publication")
            elif now[file] != files[file]:
                yield Broken(version, file, "changed after publication")
