"""One mapping: a canonical document, a vendor's payload, and every field of both accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from openreturns.mapping._environment import Environment
from openreturns.mapping._rules import Direction, Function, Gap, Rule

__all__ = ["Mapping"]


def _document_currency(document: Any, environment: Environment) -> str:  # noqa: ANN401 - any document
    return str(document.get("currency", ""))


@dataclass(frozen=True, eq=False)
class Mapping:
    """What becomes what, declared once for both directions.

    `canonical` is a document name, `native` the name of the vendor contract. `directions` are `in` (vendor's
    record read) and `out` (vendor's record written). Every canonical path stands in `rules` or `losses`,
    every vendor path in `rules` or `ignored`; `openreturns.mapping.check` holds them to it.
    `currency_in(record, environment)` tells the document's currency before any amount is read. `guards_in`
    and `guards_out` raise ValueError for a document that cannot be translated as a whole; `split` makes the
    several canonical documents that need one vendor record each (one item receipt a delivery).
    """

    canonical: str
    native: str
    rules: tuple[Rule, ...]
    directions: tuple[Direction, ...] = ("in", "out")
    losses: tuple[Gap, ...] = ()
    ignored: tuple[Gap, ...] = ()
    currency_in: Function | None = None
    currency_out: Function = _document_currency
    guards_in: tuple[Function, ...] = ()
    guards_out: tuple[Function, ...] = ()
    split: Callable[[Any], Iterable[Any]] | None = None
