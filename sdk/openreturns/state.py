"""Which status may follow which, and where goods stand after a decision: what the contract's tables say."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from functools import cache
from typing import Any

from openreturns._schemas import code_list, transitions
from openreturns.models import DispositionValue, LocationRef, StockPosition

__all__ = ["allowed", "default_position", "initial", "path", "positions", "terminal"]


def allowed(document: str, from_: str, to: str, **facts: str) -> bool:
    """Say whether one status may directly follow another.

    `facts` are what some steps depend on: `type` of a return, `disposition` of its goods. A step that
    depends on facts is not allowed while none of them is known to hold.
    """
    return any(step["to"] == to and _holds(step, facts) for step in _steps(document).get(from_, ()))


def path(document: str, from_: str, to: str, **facts: str) -> tuple[str, ...]:
    """Return the shortest chain of statuses from one to another, both included; empty when there is none.

    For systems that skip statuses: a return seen as authorized yesterday and closed today went through
    the statuses between.
    """
    chains: deque[tuple[str, ...]] = deque([(from_,)])
    seen = {from_}
    while chains:
        chain = chains.popleft()
        if chain[-1] == to:
            return chain
        for step in _steps(document).get(chain[-1], ()):
            if step["to"] not in seen and _holds(step, facts):
                seen.add(step["to"])
                chains.append((*chain, step["to"]))
    return ()


@cache
def initial(document: str) -> tuple[str, ...]:
    """Return the statuses in which a document's history may begin."""
    return tuple(_table(document)["initial"])


@cache
def terminal(document: str) -> tuple[str, ...]:
    """Return the statuses after which nothing follows."""
    return tuple(_table(document)["terminal"])


def default_position(code: DispositionValue, location: LocationRef) -> StockPosition | None:
    """Return where goods go when nobody says otherwise; None when they never come into our stock.

    `location` is where they are; it is left out of a position outside our stock.
    Source: code-lists/disposition-position.json.
    """
    known = positions(code)
    if not known:
        return None
    default = known[0]
    return default if default.status == "external" else default.replace(location=location)


@cache
def positions(code: DispositionValue) -> tuple[StockPosition, ...]:
    """Return every position that fits a disposition, the default first, without locations."""
    row = next(row for row in code_list("disposition-position")["values"] if row["code"] == code)
    known = [row["position"], *row.get("also", ())] if "position" in row else []
    return tuple(StockPosition(**position) for position in known)


def _table(document: str) -> Mapping[str, Any]:
    tables = transitions()
    if document not in tables or document == "description":
        raise ValueError(f"no status table of {document!r}; there are: return, disposition, adjustment, credit")
    table: Mapping[str, Any] = tables[document]
    return table


@cache
def _steps(document: str) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    """Return the steps that leave each status."""
    steps = _table(document)["transitions"]
    return {start: tuple(step for step in steps if step["from"] == start) for start in {step["from"] for step in steps}}


def _holds(step: Mapping[str, Any], facts: Mapping[str, str]) -> bool:
    """Say whether a step is free, or one of the facts it depends on holds."""
    when: Mapping[str, Any] = step.get("when", {})
    return not when or any(facts.get(fact) in codes for fact, codes in when.items())
