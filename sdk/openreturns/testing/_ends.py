"""Both places of what a check found: the field where it shows, and what the rules join it with."""

from __future__ import annotations

from collections.abc import Iterator

from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._rules import Direction
from openreturns.mapping._table import Row, plain, rows

__all__ = ["ends"]

_SHOWN = 3


def ends(mapping: DocumentMapping, way: Direction, path: str, at: str = "", *, made: bool = False) -> dict[str, str]:
    """Return the places of a field on both sides, as CheckFailure takes them.

    The field is one of what is translated this way, or of what is made of it. On its own side its place is `at`, or
    the path; on the other the fields that rules join it with, none for a field that is declared lost or ignored.
    """
    source, target = ("canonical", "native") if way == "out" else ("native", "canonical")
    mine, other = (target, source) if made else (source, target)
    joined: list[str] = []
    for row in rows(mapping):
        joins = row.direction in ("both", way) and (row.codec or row.reads)
        if joins and any(_touch(path, plain(one)) for one in _fields(row, mine, source)):
            joined += _fields(row, other, source)
    known = list(dict.fromkeys(joined))
    more = [f"and {len(known) - _SHOWN} more"] if len(known) > _SHOWN else []
    return {mine: at or path, other: ", ".join([*known[:_SHOWN], *more])}


def _fields(row: Row, side: str, source: str) -> Iterator[str]:
    own = getattr(row, side)
    yield from (own,) if own else ()
    yield from row.reads if side == source else ()


def _touch(path: str, other: str) -> bool:
    return path == other or path.startswith((f"{other}.", f"{other}[]")) or other.startswith((f"{path}.", f"{path}[]"))
