"""Drawn returns, and the pieces they bring: what later documents of the case are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from openreturns.testing.strategies._story import COUNTS, PRICES, Data, Story, decimal_text
from openreturns.testing.strategies._words import ATTACHMENTS, PEOPLE, coded, codes

__all__ = ["ARRIVED", "DECIDED", "Line", "Piece", "draw_return"]

ARRIVED = frozenset({"partially_received", "received", "inspected", "dispositioned", "credited", "closed"})
DECIDED = frozenset({"dispositioned", "credited", "closed"})
_AGREED = frozenset({"authorized", "in_transit", "expired", *ARRIVED})

# Quantities have any number of digits where the unit is not one of pieces.
_DIGITS = (0, 0, 1, 3, 6)
_PIECES = frozenset({"EA", "C62", "H87", "NAR"})
_LOTS: tuple[Data, ...] = ({}, {}, {"lot": "L-2026-001"}, {"lot": "Ł/7 ü", "expiryDate": "2027-02-28"})
_OUTCOMES = ("whole", "whole", "short", "over", "rejected", "unannounced")
_STATED = ((), ("received",), ("authorized",), ("authorized", "received"), ("authorized", "expected", "received"))
_RESOLUTIONS = (None, *codes("resolution"))
_REASONS = coded("return-reason-value")
_TYPES = codes("return-type")
_DECISIONS = ("authorized", "authorized", "partially_authorized", "not_required")
_REFS: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (),
    (("sales_order", "SO-9"),),
    (("shipment", "1Z 999"), ("case", "00017")),
    (("asn", "A-1"), ("vendor_return", "VR 1")),
    tuple((type_, f"{type_}-1") for type_ in codes("document-type")),
)
_PARCELS: list[Data] = [
    {"trackingNumber": "JD014600003RU", "carrier": "DHL", "labelUri": "https://labels.example/?id=2#a"},
    {"trackingNumber": "1Z 999"},
]
_EXPECTED: tuple[Data, ...] = (
    {},
    *(
        {"id": "N-1", "expectedOn": "2026-12-24", "carrier": "DHL", "trackingNumbers": ["JD014600003RU", "1Z 999"][:n]}
        | {"freightTerms": terms, "labelUri": "https://labels.example/?id=1#a"}
        | ({"parcels": _PARCELS[:n]} if n % 2 else {})
        for n, terms in enumerate(codes("freight-terms"))
    ),
)


_Count: TypeAlias = tuple[int, list[int]]
"""How much a piece is, and what was drawn for its later documents."""


@dataclass(slots=True)
class Piece:
    """A part of a line that is decided as one. `count` is in 10**-digits of the line's unit."""

    count: int
    receipt: str = ""
    serials: list[str] = field(default_factory=list)
    packs: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Line:
    """A line of a return with what later documents need of it."""

    id: str
    item: Mapping[str, Any]
    uom: str
    digits: int
    price: Decimal
    invoice: Data | None
    agreed: int = 0
    over: bool = False
    pieces: list[Piece] = field(default_factory=list)

    def quantity(self, count: int) -> Data:
        """Return a count as a Quantity in the line's unit."""
        return {"value": decimal_text(count, self.digits), "uom": self.uom}

    def exactly(self, count: int) -> Decimal:
        """Return a count as the number it stands for."""
        return Decimal(count).scaleb(-self.digits)

    def item_of(self, serials: list[str]) -> Data:
        """Return the item with these serial numbers."""
        return {**self.item, **({"serials": serials} if serials else {})}


def draw_return(story: Story, status: str) -> tuple[Data, list[Line]]:
    """Return a return of this status and its lines; goods are there from partially_received on."""
    type_ = story.one(_TYPES)
    drawn = story.several(lambda number: _line(story, number, status, type_))
    known, lines = [line for line, _ in drawn], [data for _, data in drawn]
    worth = sum((line.exactly(line.agreed) * line.price for line in known), Decimal(0))
    came = any(line.pieces for line in known)
    facts = {"type": type_} if came else {"type": type_, "disposition": "field_destroy"}
    made: Data = {"number": story.number, "status": status, "type": type_, "currency": story.currency, "lines": lines}
    made["customer"] = story.one(story.master.customers)
    if story.rarely():
        made |= {"billTo": story.one(story.master.customers), "requestedAt": story.moment()}
    if story.rarely():
        made |= {"shipFrom": story.one(story.master.customers), "attachments": list(ATTACHMENTS)}
    if story.flip():
        made["returnTo"] = story.one(story.master.locations)
    made |= _authorization(story, status)
    refs = story.one(_REFS)
    if refs:
        made["refs"] = [story.ref(*ref) for ref in refs]
    expected = story.one(_EXPECTED)
    if expected:
        made["expectedReceipt"] = expected
    if story.rarely():
        made["restockingPolicy"] = {"percent": "12.5", "flat": story.money(Decimal(15))}
    made |= story.history("return", status, **facts)
    made |= story.approvals(beyond=status in _AGREED, worth=worth)
    made["meta"] = story.meta("return", f"{story.number}-return", "event-1")
    return story.extended(story.noted(made)), known


def _authorization(story: Story, status: str) -> Data:
    if status == "declined":
        return {"authorization": {"decision": "declined", "declineReason": story.text()}}
    if not story.flip():
        return {}
    if status == "requested":
        return {"authorization": {"decision": "pending"}}
    made: Data = {"decision": story.one(_DECISIONS), "decidedAt": story.moment(), "expiresAt": story.moment()}
    if story.flip():
        made |= {"number": f"{story.number}-A", "decidedBy": story.one(PEOPLE["approves"])}
    return {"authorization": made}


def _line(story: Story, number: int, status: str, type_: str) -> tuple[Line, Data]:
    line = _blank(story, number)
    data: Data = {"lineId": line.id}
    counts, outcome = _counts(story, number, status)
    came = sum(count for row in counts for count, _ in row)
    extra = story.one(COUNTS) if outcome in ("short", "rejected") or not counts else 0
    less = counts[-1][-1][0] if outcome == "over" and sum(map(len, counts)) > 1 else 0
    line.over = less > 0
    coming = came + extra - less
    line.agreed = coming
    wish = line.agreed + (story.one(COUNTS) if story.rarely() else 0)
    serialised = story.master.lots and line.digits == 0 and line.uom in _PIECES and came <= 12 and story.flip()
    receipts = [story.apart(_receipt, story, line, n, row, serialised) for n, row in enumerate(counts, 1)]
    if receipts and outcome in ("over", "unannounced", "short"):
        receipts[-1]["discrepancy"] = outcome
    stated = story.one(_STATED)
    known = {"authorized": coming, "expected": coming, "received": came}
    if "authorized" not in stated:
        line.agreed = wish
    data |= {
        "item": line.item_of([s for p in line.pieces for s in p.serials][:coming]),
        "requested": line.quantity(wish),
    }
    data |= {name: line.quantity(known[name]) for name in stated if name != "received" or status in ARRIVED}
    if outcome == "rejected" and receipts:
        data["rejected"] = line.quantity(extra)
    data["reason"] = story.one(_REASONS)
    resolution = story.one(_RESOLUTIONS)
    if resolution is not None:
        data["requestedResolution"] = resolution
    if line.price or story.flip():
        data["unitPrice"] = {"amount": f"{line.price:f}", "currency": story.currency}
    if line.invoice is not None:
        data["originalInvoice"] = line.invoice
    if receipts:
        data["receipts"] = receipts
    return line, _rare(story, line, data, type_)


def _blank(story: Story, number: int) -> Line:
    uom = story.one(story.master.units)
    pays = Decimal(story.draw(PRICES)).scaleb(-story.one((story.digits, story.digits, 6)))
    item = {**story.one(story.master.items), **(story.one(_LOTS) if story.master.lots else {})}
    invoice = story.ref("invoice", "INV-1", str(number)) if story.flip() else None
    return Line(str(number), item, uom, 0 if uom in _PIECES else story.one(_DIGITS), pays, invoice)


def _counts(story: Story, number: int, status: str) -> tuple[list[list[_Count]], str]:
    """Return the pieces of each delivery, and how they compare with what was expected."""
    partial = status in ("partially_received", "closed") and number > 1 and story.flip()
    if status not in ARRIVED or partial:
        return [], "whole"
    counts = story.several(
        lambda _: story.several(lambda _: (story.one(COUNTS), story.packs() if status in DECIDED else [])), 2
    )
    return counts, story.one(_OUTCOMES)


_DETAILS = ((), (), ("location",), ("by",), ("item", "location"), ("item", "by", "discrepancy"))
_DISCREPANCIES = codes("receipt-discrepancy")


def _receipt(story: Story, line: Line, number: int, counts: list[_Count], serialised: bool) -> Data:
    id_ = f"R{number}"
    pieces = [
        Piece(count, id_, [f"SN-{next(story.serials):05d}" for _ in range(count)] if serialised else [], packs)
        for count, packs in counts
    ]
    line.pieces += pieces
    data: Data = {
        "receiptId": id_,
        "quantity": line.quantity(sum(count for count, _ in counts)),
        "receivedAt": story.moment(),
    }
    for name in story.one(_DETAILS):
        if name == "location":
            data[name] = story.one(story.master.locations)
        elif name == "item":
            data[name] = line.item_of([serial for piece in pieces for serial in piece.serials])
        elif name == "by":
            data[name] = story.one(PEOPLE["asks"])
        else:
            data[name] = story.one(_DISCREPANCIES)
    return data


def _rare(story: Story, line: Line, data: Data, type_: str) -> Data:
    if story.rarely():
        data["note"] = story.note()
    if story.rarely():
        data["originalOrder"] = story.ref("sales_order", "SO-9", line.id)
    if type_ in ("exchange", "replacement_in_advance") or story.rarely():
        item = {**story.one(story.master.items), **story.other_item()}
        made: Data = {"item": item, "quantity": line.quantity(line.agreed)}
        if story.flip():
            made["order"] = story.ref("replacement_order", "RO-1")
        data["replacement"] = made
    return story.extended(data)
