"""Strategies for whole cases and for single documents, all of which keep the schemas and every invariant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from hypothesis import note
from hypothesis import strategies as st

from openreturns.invariants import Case, Invoiced, Options
from openreturns.models import Adjustment, Credit, Disposition, Document, Return
from openreturns.testing.strategies._adjustments import draw_adjustments, draw_loose_adjustment
from openreturns.testing.strategies._credits import draw_credits, draw_loose_credit
from openreturns.testing.strategies._dispositions import draw_disposition, draw_dispositions
from openreturns.testing.strategies._master import MasterData
from openreturns.testing.strategies._returns import DECIDED, draw_return
from openreturns.testing.strategies._story import Data, Story
from openreturns.testing.strategies._words import codes

__all__ = ["DrawnCase", "adjustments", "cases", "credits", "dispositions", "documents", "returns"]

T = TypeVar("T", Return, Disposition, Adjustment, Credit)

_ANY = MasterData()
# A case that has come far holds more, so it is drawn more often; the shortest first.
_STATUSES = (*codes("return-status"), *("dispositioned", "credited", "closed") * 4)
_CREDITS = (None, "draft", "pending_approval", "approved", "rejected")
_MOSTLY_FINAL = ("final", "final", *codes("disposition-status"))
_DONE = ("issued", "applied", "refunded", "voided")
_EARLY = (*_CREDITS, *_DONE)


@dataclass(frozen=True)
class DrawnCase:
    """The documents of one case, which agree with each other: `check_case(case, case.options)` finds nothing.

    Iterating yields all documents in the order of the story.
    """

    return_: Return
    dispositions: tuple[Disposition, ...]
    adjustments: tuple[Adjustment, ...]
    credits: tuple[Credit, ...]

    def __iter__(self) -> Iterator[Document]:
        yield self.return_
        yield from self.dispositions
        yield from self.adjustments
        yield from self.credits

    @cached_property
    def options(self) -> Options:
        """What the original invoices charged: just what the case credits."""
        charged: dict[tuple[str, str], Invoiced] = {}
        for credit in Case(self).counted(Credit):
            for line in credit.lines:
                ref = line.original_invoice
                if ref is not None and ref.line_id is not None:
                    known = charged.get((ref.id, ref.line_id), Invoiced(Decimal(0), Decimal(0)))
                    quantity, amount = known.quantity + line.quantity.value, known.amount + line.amount.amount
                    charged[ref.id, ref.line_id] = Invoiced(quantity, amount, uom=line.quantity.uom)
        return Options(invoiced=charged)


@st.composite
def _cases(draw: st.DrawFn, master: MasterData, statuses: Sequence[str]) -> DrawnCase:
    story = Story(draw, master)
    story.begin()
    status = story.one(statuses)
    return_, lines = draw_return(story, status)
    seen: list[Data] = []
    moved: list[Data] = []
    credited: list[Data] = []
    if status in DECIDED:
        seen, decided = story.apart(draw_dispositions, story, lines, status == "closed")
        moved = story.apart(draw_adjustments, story, lines, decided)
        credit = story.one(_EARLY) if status == "dispositioned" else story.one(_DONE)
        if credit is not None:
            credited = story.apart(draw_credits, story, return_, lines, decided, credit)
    elif status in ("received", "inspected") and story.flip():
        draft, _ = draw_disposition(story, lines, story.one(("draft", "pending_approval")), 1)
        seen = [draft]
    elif status in ("authorized", "in_transit") and story.rarely():  # the customer gets the money first
        credited = draw_credits(story, return_, lines, (), story.one(_DONE))
    case = DrawnCase(
        Return.model_validate(return_),
        tuple(Disposition.model_validate(data) for data in seen),
        tuple(Adjustment.model_validate(data) for data in moved),
        tuple(Credit.model_validate(data) for data in credited),
    )
    _tell(case)
    return case


def _tell(documents: DrawnCase | Sequence[Document]) -> None:
    """Show the documents under a failure: their own text leaves out what could name a person."""
    for document in documents:
        note(document.to_json().decode())


def cases(master: MasterData = _ANY, *, statuses: Sequence[str] = _STATUSES) -> st.SearchStrategy[DrawnCase]:
    """Return a strategy for whole cases: a return and what has followed from it until one of `statuses`.

    The documents keep their schemas and all invariants, alone and together. A failure shrinks towards a return
    of one line, and says the documents as JSON.
    """
    return _cases(master, tuple(statuses))


def returns(master: MasterData = _ANY, *, statuses: Sequence[str] = _STATUSES) -> st.SearchStrategy[Return]:
    """Return a strategy for returns of any of the statuses."""
    return _one(master, Return, lambda story: draw_return(story, story.one(statuses))[0])


@st.composite
def _one(draw: st.DrawFn, master: MasterData, kind: type[T], make: Callable[[Story], Data]) -> T:
    story = Story(draw, master)
    story.begin()
    made = kind.model_validate(make(story))
    _tell([made])
    return made


def dispositions(master: MasterData = _ANY) -> st.SearchStrategy[Disposition]:
    """Return a strategy for dispositions of any status; most are final."""
    return _one(master, Disposition, _disposition)


def _disposition(story: Story) -> Data:
    _, lines = draw_return(story, story.one(("received", "dispositioned")))
    return draw_disposition(story, lines, story.one(_MOSTLY_FINAL), 1)[0]


def adjustments(master: MasterData = _ANY) -> st.SearchStrategy[Adjustment]:
    """Return a strategy for adjustments that stand alone, of any reason and status: counts, holds, transfers, scrap."""
    return _one(master, Adjustment, draw_loose_adjustment)


def credits(master: MasterData = _ANY) -> st.SearchStrategy[Credit]:
    """Return a strategy for credits that stand alone, of any reason, direction and status, with taxes that add up."""
    return _one(master, Credit, draw_loose_credit)


def documents(document: str, master: MasterData = _ANY) -> st.SearchStrategy[Document]:
    """Return the strategy for one kind of document by its name in the schema: `return`, `credit` and so on."""
    made: dict[str, Callable[[MasterData], st.SearchStrategy[Document]]] = {
        "return": returns,
        "disposition": dispositions,
        "adjustment": adjustments,
        "credit": credits,
    }
    return made[document](master)
