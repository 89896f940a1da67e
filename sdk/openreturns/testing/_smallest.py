"""The smallest document that still shows what is wrong: what a person wants to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from openreturns._fields import generic
from openreturns.errors import OpenReturnsError
from openreturns.testing._check import CheckFailure, Inapplicable, NoEvidence
from openreturns.testing._filled import copied

__all__ = ["held", "places", "raised", "smallest"]

_TRIES = 2_000

Prove: TypeAlias = Callable[[Any], None]
"""Raises CheckFailure for a document that is not as it should be."""


def held(prove: Prove, documents: Iterable[Any], valid: Callable[[Any], bool] = lambda part: True) -> None:
    """Prove of each document. Raises CheckFailure of the smallest part of the first one that fails, failing alike.

    Whatever else `prove` raises is a failure too. Parts that are not `valid` are not looked at, if the document is.
    """
    for document in documents:
        failure = _failed(prove, document)
        if failure is not None:
            raise _of_the_smallest(prove, document, failure, valid) from failure.__cause__


def _failed(prove: Prove, document: Any) -> CheckFailure | None:
    try:
        prove(document)
    except CheckFailure as failure:
        return failure
    except (Inapplicable, NoEvidence, ImportError):  # something is not installed: no fault of the adapter
        raise
    except Exception as error:  # noqa: BLE001 - whatever the adapter raises is the adapter's
        return raised(error, document)
    return None


def raised(error: Exception, document: object = None) -> CheckFailure:
    """Return the failure that an error of the adapter is, at the places that it names."""
    problems = error.problems if isinstance(error, OpenReturnsError) else ()
    at = {"canonical": problems[0].canonical, "native": problems[0].native} if problems else {}
    failure = CheckFailure(f"{type(error).__name__}: {error}", document=document, **at)
    failure.__cause__ = error
    return failure


def _of_the_smallest(prove: Prove, document: Any, failure: CheckFailure, valid: Callable[[Any], bool]) -> CheckFailure:
    any_part = not valid(document)

    def alike(part: Any) -> CheckFailure | None:
        found = _failed(prove, part)
        return found if found is not None and _about(found) == _about(failure) else None

    small = smallest(document, lambda part: (any_part or valid(part)) and alike(part) is not None)
    told = alike(small)
    if told is None:  # it failed by chance
        small, told = document, failure
    told.document = small
    return told


def _about(failure: CheckFailure) -> tuple[str, ...]:
    """Return what a failure is about, wherever in its lists it is."""
    places = (generic(one) or one for one in (failure.canonical, failure.native))
    return (*places, repr(failure.__cause__))


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
    made = copied(document)
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
