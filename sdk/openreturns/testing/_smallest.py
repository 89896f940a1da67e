"""The smallest document that still shows what is wrong: what a person wants to look at."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["places", "smallest"]

_TRIES = 2_000


def smallest(document: Any, fails: Callable[[Any], bool]) -> Any:
    """Return a document of which no member or element can be left out without `fails` becoming false.

    `fails` holds for the document given, is asked about parts of it, and an exception of it means no. After
    2,000 questions the smallest so far is returned.
    """
    left = _TRIES
    shrunk = True
    while shrunk and left:
        shrunk = False
        for place in sorted(places(document), key=len):
            smaller = _without(document, place)
            if smaller is None:
                continue
            left -= 1
            if not left:
                break
            if _holds(fails, smaller):
                document, shrunk = smaller, True
    return document


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of everything in a JSON value, as steps from the root."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in inner:
        yield (*at, step)
        yield from places(below, (*at, step))


def _without(document: Any, place: tuple[str | int, ...]) -> Any:
    """Return a copy without what is at a place, or None if there is nothing any more."""
    made = copy.deepcopy(document)
    target = made
    try:
        for step in place[:-1]:
            target = target[step]
        del target[place[-1]]
    except (LookupError, TypeError):
        return None
    return made


def _holds(fails: Callable[[Any], bool], document: Any) -> bool:
    try:
        return fails(document)
    except Exception:  # noqa: BLE001 - whatever else is wrong with a part, it is not what is shown
        return False
