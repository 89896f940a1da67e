"""What a rule is, and what a caller may set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from openreturns.invariants._case import Case
from openreturns.invariants._parts import Finding, Parts

__all__ = ["CaseCheck", "DocumentCheck", "Invoiced", "Options", "Rule"]


@dataclass(frozen=True, slots=True)
class Invoiced:
    """What was charged on one line of an original invoice: quantity, amount before tax, tax rate in percent.

    `uom` is the unit of the quantity; without it the first credit of the line is taken to count in the same.
    """

    quantity: Decimal
    amount: Decimal
    tax_rate: Decimal | None = None
    uom: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What a company decides for itself, and what it knows beyond the documents.

    `inspector_may_approve_credit` gives up one segregation of duties, for teams too small to keep it.
    `complete` says that the documents of a case are all there are and nothing is on its way any more: what
    is missing then counts as missing. `invoiced` holds original invoice lines by invoice number and line.
    """

    inspector_may_approve_credit: bool = False
    complete: bool = False
    invoiced: Mapping[tuple[str, str], Invoiced] = field(default_factory=dict)


DocumentCheck = Callable[[Parts, Options], Iterator[Finding]]
CaseCheck = Callable[[Case, Options], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One numbered rule that JSON Schema cannot hold.

    `check` looks at one document, `across` at the documents of a case together; most rules have one of
    them. `documents` are those it looks at. An id is never used again for another rule.
    """

    id: str
    sentence: str
    documents: tuple[str, ...]
    check: DocumentCheck | None = None
    across: CaseCheck | None = None

    @property
    def scope(self) -> Literal["L", "X", "LX"]:
        """L: inside one document; X: across documents; LX: both."""
        if self.across is None:
            return "L"
        return "X" if self.check is None else "LX"
