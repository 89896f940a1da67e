"""What the documents of one drawn case share: whose case it is, its money, its clock, how far each document came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import IntEnum
from functools import cache
from itertools import count
from typing import Any, TypeVar

from hypothesis import strategies as st

from openreturns import state
from openreturns._schemas import schema_name, transitions
from openreturns.testing.strategies._choices import Choices
from openreturns.testing.strategies._master import MINOR_UNITS, MasterData
from openreturns.testing.strategies._words import ANYTHING, EXTENSIONS, IDS, NOTES, PEOPLE, TEXTS

__all__ = ["COUNTS", "EXACT", "PRICES", "Data", "Later", "Story", "decimal_text"]

T = TypeVar("T")
Data = dict[str, Any]

EXACT = Context(prec=64, rounding=ROUND_HALF_EVEN)
# Mostly a handful; sometimes enough for every digit a quantity may have. Shrinks to one.
COUNTS = (*range(1, 13), 25, 99, 100, 144, 999, 1000, 4097, 123_457, 999_999, 1_000_000)
PRICES = st.integers(0, 999_999)
_FIRST_DAY = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_STEPS = (timedelta(hours=5), timedelta(days=1), timedelta(seconds=1), timedelta(0), timedelta(days=11, minutes=7))
_ZONES = ("Z", "+01:00", "-08:00", "+05:45", "+14:00")
_FRACTIONS = ("", "", ".5", ".123456")
# What links to other documents say beside type and id, the same in the whole case.
_LINKED: tuple[Data, ...] = ({}, {}, {"issueDate": "2026-01-04"}, {"lineId": "10", "system": "ERP 2"})
_OTHER_ITEMS: tuple[Data, ...] = (
    {},
    {"description": "Grade B", "lot": "B-1", "expiryDate": "2028-01-31", "serials": ["B-0001"]},
    {"gtin": "05412345678915", "customerSku": "K/77-B", "vendorSku": "0042-B"},
)


# Of a long list this many are drawn as often as all the others together.
_COMMON = 6
_LONG = 100


def decimal_text(scaled: int, digits: int) -> str:
    """Return a whole number of 10**-digits as a canonical decimal: 1250 and 2 are 12.50."""
    whole, part = divmod(scaled, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


class Later(IntEnum):
    """What later documents say about a piece of goods."""

    BATCH = 0
    SPLIT = 1
    MOVE = 2
    CREDIT = 3


@dataclass(slots=True)
class Story(Choices):
    """A case while it is drawn. Every choice goes through `draw`, so a failure shrinks."""

    master: MasterData
    number: str = ""
    currency: str = ""
    system: str = ""
    now: datetime = _FIRST_DAY
    step: timedelta = _STEPS[0]
    zone: str = "Z"
    fraction: str = ""
    linked: Data = field(default_factory=dict)
    serials: Iterator[int] = field(default_factory=lambda: count(1))

    def begin(self) -> None:
        """Draw what holds for the whole case."""
        self.currency = self.one(self.master.currencies)
        self.now += timedelta(days=self.place(400))
        self.step, self.zone = self.one(_STEPS), self.one(_ZONES)
        self.fraction = self.one(_FRACTIONS)
        self.number = self.one(("RMA-1", "RMA-2026-000417", "r 7/ß", "9007199254740993"))
        self.linked = self.one(_LINKED)
        self.system = self.one(("erp.main", "wms", "Système-№2"))

    # ------------------------------------------------------------ choices

    def one(self, options: Sequence[T]) -> T:
        """Return one of the options; of a long list the first few are chosen as often as all the others."""
        size = len(options)
        if size < _LONG:
            return options[self.place(size)]
        return options[self.place(size if self.flip() else _COMMON)]

    def several(self, make: Callable[[int], T], most: int = 3) -> list[T]:
        """Return one or more of something, by its number from 1; mostly one."""
        made = [self.apart(make, 1)]
        while len(made) < most and self.another():
            made.append(self.apart(make, len(made) + 1))
        return made

    def packs(self) -> list[int]:
        """Draw now what later documents choose about the same thing: with the thing, a failure drops all of it."""
        return [self.pack() for _ in Later]

    def then(self, packs: Sequence[int], later: Later, make: Callable[..., T], *given: Any) -> T:  # noqa: ANN401 - whatever it takes
        """Return what is made, choosing by what was drawn for it before, if it was."""
        return self.by(packs[later], make, *given) if packs else self.apart(make, *given)

    def id(self) -> str:
        """Return an identifier as its owner spells it."""
        return self._said(IDS)

    def text(self) -> str:
        """Return a line of words."""
        return self._said(TEXTS)

    def note(self) -> str:
        """Return words on several lines."""
        return self._said(NOTES)

    def _said(self, known: Sequence[str]) -> str:
        """Return words that systems really send or that break systems, and sometimes anything at all."""
        place = self.place(len(known) + 8)
        return known[place] if place < len(known) else self.draw(ANYTHING)

    def noted(self, data: Data) -> Data:
        """Return a document, sometimes with a remark on the whole."""
        if self.rarely():
            data["note"] = self.note()
        return data

    def extended(self, data: Data) -> Data:
        """Return a document or a line, sometimes with extension fields."""
        if self.rarely():
            data["extensions"] = self.one(EXTENSIONS)
        return data

    def ref(self, type_: str, id_: str, line_id: str = "") -> Data:
        """Return a link to another document, or to a line of it; in some cases links say more."""
        named = {"lineId": line_id} if line_id else {}
        return {"type": type_, "id": id_, **self.linked, **named}

    def other_item(self) -> Data:
        """Return what tells another grade or a replacement from the item it was."""
        return self.one(_OTHER_ITEMS)

    # ------------------------------------------------------------ money, time

    @property
    def digits(self) -> int:
        """How many digits follow the point in what the currency pays."""
        return MINOR_UNITS[self.currency]

    def money(self, amount: Decimal) -> Data:
        """Return an amount, which has no more digits than the currency pays."""
        return {"amount": f"{self.rounded(amount):f}", "currency": self.currency}

    def rounded(self, amount: Decimal) -> Decimal:
        """Return an exact amount rounded half-even to what the currency pays."""
        return amount.quantize(Decimal(1).scaleb(-self.digits), context=EXACT)

    def moment(self) -> str:
        """Return the next moment of the case, later than the one before, or the same."""
        self.now += self.step
        if self.zone == "Z":
            return f"{self.now:%Y-%m-%dT%H:%M:%S}{self.fraction}Z"
        hours, minutes = int(self.zone[1:3]), int(self.zone[4:])
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if self.zone[0] == "-" else 1)
        return f"{self.now.astimezone(timezone(offset)):%Y-%m-%dT%H:%M:%S}{self.fraction}{self.zone}"

    def day(self) -> str:
        """Return the day it is."""
        return f"{self.now:%Y-%m-%d}"

    # ------------------------------------------------------------ what every document has

    def meta(self, document: str, id_: str, cause: str | None = None) -> Data:
        """Return what a document says about itself."""
        data: Data = {
            "schema": schema_name(document),
            "documentId": id_,
            "revision": 1,
            "sourceSystem": self.system,
            "issuedAt": self.moment(),
            "correlationId": self.number,
        }
        if cause is not None and self.flip():
            data["causationId"] = cause
        if self.rarely():
            data |= {"revision": 7, "sourceId": f"{id_}-src", "idempotencyKey": f"{id_} once", "test": self.flip()}
        return data

    def history(self, document: str, status: str, **facts: str) -> Data:
        """Return nothing, or how the status came about: any way the status table allows, with one detour at most."""
        chain = self.one(_ways(document, status, tuple(sorted(facts.items()))))
        changes = [
            {"to": to, "at": self.moment()} | ({"from": chain[n - 1]} if n else {}) for n, to in enumerate(chain)
        ]
        if changes and self.rarely():
            changes[-1] |= {"by": self.one(PEOPLE["asks"]), "cause": self.text()}
        return {"history": changes} if changes else {}

    def approvals(self, *, beyond: bool, worth: Decimal | None = None, refused: bool = False) -> Data:
        """Return nothing, or approval steps that fit a document that is `beyond` approval, or one that was refused.

        `worth` is what is approved, where a limit is to hold it.
        """
        decided = ("rejected",) if refused else self.one(_DECIDED if beyond else _ANY)
        rows = [self._approval(n, decision, worth) for n, decision in enumerate(decided)]
        return {"approvals": rows} if rows else {}

    def _approval(self, number: int, decision: str, worth: Decimal | None) -> Data:
        # Refused and asked for again is the same step twice; two granted steps are two.
        row: Data = {"step": "manager" if decision == "rejected" or number == 0 else f"step {number}"}
        row["decision"] = decision
        if decision != "pending":
            row |= {"decidedBy": self.one(PEOPLE["approves"]), "decidedAt": self.moment()}
        if self.flip():
            row["requestedBy"] = self.one(PEOPLE["asks"])
        if self.rarely():
            row["note"] = self.note()
        if decision == "approved" and worth is not None and self.rarely():
            row["limit"] = self.money(worth.quantize(Decimal(1), rounding="ROUND_CEILING", context=EXACT))
        return row


_DECIDED: tuple[tuple[str, ...], ...] = ((), (), (), ("approved",), ("approved", "approved"), ("waived",))
_OPEN: tuple[tuple[str, ...], ...] = (("pending",), ("rejected",), ("approved", "pending"))
_ANY = (*_DECIDED, *_OPEN)


@cache
def _ways(document: str, status: str, facts: tuple[tuple[str, str], ...]) -> tuple[tuple[str, ...], ...]:
    """Return no history, and each one that leads to a status, the shortest first; half of the time there is none."""
    known: Mapping[str, str] = dict(facts)
    statuses = sorted({step[end] for step in transitions()[document]["transitions"] for end in ("from", "to")})
    found = {
        (*head, *tail[1:])
        for start in state.initial(document)
        for via in statuses
        if (head := state.path(document, start, via, **known)) and (tail := state.path(document, via, status, **known))
    }
    ways = sorted(found, key=lambda way: (len(way), way))
    return ((),) * max(1, len(ways) // 2) + tuple(ways)
