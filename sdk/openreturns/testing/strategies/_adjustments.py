"""Drawn adjustments: goods taken in, moved as decided, moved on, counted; posted, waiting, failed, taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from openreturns.testing.strategies._dispositions import Decided, stock_position
from openreturns.testing.strategies._returns import Line
from openreturns.testing.strategies._story import COUNTS, EXACT, PRICES, Data, Later, Story
from openreturns.testing.strategies._words import coded, codes

__all__ = ["draw_adjustments", "draw_loose_adjustment"]

_METHODS = codes("valuation-method")
_OUT: Data = {"status": "external", "boundary": "customer"}
# Where goods go from where, by reason: in stock (a status) or outside (a boundary after a blank).
_ROUTES: tuple[tuple[str, str, str], ...] = (
    ("count_correction", " count", "available"),
    ("count_correction", "quarantine", " count"),
    ("customer_return_receipt", " customer", "inspection"),
    ("receipt_correction", "inspection", " customer"),
    ("disposition", "inspection", "available"),
    ("disposition", "inspection", " liquidator"),
    ("disposition", "inspection", " recycler"),
    ("status_change", "available", "reserved"),
    ("condition_regrade", "available", "available"),
    ("reidentification", "available", "available"),
    ("damage", "available", "damaged"),
    ("scrap", "damaged", " scrap"),
    ("donation", "reserved", " donation"),
    ("vendor_return_shipment", "vendor_return", " vendor"),
    ("hold", "available", "quarantine"),
    ("hold_release", "quarantine", "available"),
    ("location_transfer", "available", "in_transit"),
    ("reversal", "available", "inspection"),
    ("other", "inspection", "reserved"),
)
_REASONS = {
    code: tuple(row for row in coded("adjustment-reason-value") if row["code"] == code) for code, _, _ in _ROUTES
}
_STATUSES = codes("adjustment-status")


def draw_adjustments(story: Story, lines: Sequence[Line], decided: Sequence[Decided]) -> list[Data]:
    """Return the adjustments of a case: nothing or all of what came is taken in, and of what was decided is moved.

    Half of a thing would be a finding once the return is closed.
    """
    made: list[Data] = []
    dock = {"status": "inspection", "location": story.one(story.master.locations)}
    if story.rarely():
        rows = [
            _row(
                story,
                n,
                line.item,
                line.quantity(sum(p.count for p in line.pieces)),
                _OUT,
                dock,
                "customer_return_receipt",
            )
            for n, line in enumerate((line for line in lines if line.pieces), 1)
        ]
        made += [_document(story, "posted", "in", rows)] if rows else []
    moving = [
        one for one in decided if "to" in one.split and one.code != "pending" and not _same(one.split["to"], dock)
    ]
    if moving and story.flip():
        made += _moves(story, moving, dock)
    if story.rarely():
        status = story.one(("draft", "pending_approval", "failed"))
        made.append(_document(story, status, "later", [_loose(story, 1)]))
    return made


def _same(position: Data, dock: Data) -> bool:
    """Whether goods stay where they are, as far as the stock books know: bins are the warehouse's business."""
    there = (position["status"], position.get("location", {}).get("id"), position.get("owner", "own"))
    return there == ("inspection", dock["location"]["id"], "own")


def _moves(story: Story, moving: Sequence[Decided], dock: Data) -> list[Data]:
    rows = [story.then(one.piece.packs, Later.MOVE, _moved, story, n, one, dock) for n, one in enumerate(moving, 1)]
    first = _document(story, "posted", "moves", rows, cause=moving[0].ref["documentId"])
    if story.rarely():
        return [*_taken_back(story, first), _document(story, "posted", "moves-again", rows)]
    onward = [one for one in moving if one.split["to"]["status"] == "available"]
    if onward and story.rarely():
        return [
            first,
            _document(story, "posted", "onward", [_onward(story, n, one) for n, one in enumerate(onward, 1)]),
        ]
    return [first]


def _moved(story: Story, number: int, one: Decided, dock: Data) -> Data:
    reason = "scrap" if one.code == "scrap" else "disposition"
    row = _row(story, number, one.item, one.quantity, dock, one.split["to"], reason)
    row["disposition"] = one.ref
    if "targetItem" in one.split:
        row["toItem"] = one.split["targetItem"]
    return row


def _onward(story: Story, number: int, one: Decided) -> Data:
    """Return a move of goods on from where their disposition put them."""
    item = one.split.get("targetItem", one.item)
    there = {**one.split["to"], "status": story.one(("quarantine", "damaged", "in_transit"))}
    reason = {"quarantine": "hold", "damaged": "damage", "in_transit": "location_transfer"}[there["status"]]
    return _row(story, number, item, one.quantity, one.split["to"], there, reason)


def _taken_back(story: Story, first: Data) -> list[Data]:
    first["status"] = "reversed"
    first.pop("history", None)
    first |= story.history("adjustment", "reversed")
    rows = [
        {**row, "from": row["to"], "to": row["from"], "reason": {"code": "reversal"}}
        for row in ({k: v for k, v in row.items() if k != "toItem"} for row in first["lines"])
    ]
    back = _document(story, "posted", "back", rows, cause=first["meta"]["documentId"])
    return [first, back | {"reverses": story.ref("adjustment", first["number"])}]


def draw_loose_adjustment(story: Story) -> Data:
    """Return an adjustment that stands alone: of any reason, in any status."""
    rows = story.several(lambda number: _loose(story, number))
    data = _document(story, story.one(_STATUSES), "loose", rows)
    return data | ({"reverses": story.ref("adjustment", "ADJ-0")} if story.rarely() else {})


def _loose(story: Story, number: int) -> Data:
    reason, start, end = story.one(_ROUTES)
    units = tuple(story.master.units)
    item, quantity = story.one(story.master.items), {"value": str(story.one(COUNTS)), "uom": story.one(units)}
    row = _row(story, number, item, quantity, _place(story, start), _place(story, end), reason)
    if start == end:
        row["toItem"] = {"sku": "GRADE-B", **story.other_item()}
    return row


def _place(story: Story, said: str) -> Data:
    if said.startswith(" "):
        return {"status": "external", "boundary": said[1:]}
    return stock_position(story, {"status": said})


def _row(
    story: Story, number: int, item: Mapping[str, Any], quantity: Data, start: Data, end: Data, reason: str
) -> Data:
    row: Data = {"lineId": str(number), "item": item, "quantity": quantity, "from": start, "to": end}
    row["reason"] = story.one(_REASONS[reason])
    if story.rarely():
        row["valuation"] = _valuation(story, Decimal(quantity["value"]))
    return story.extended(row)


def _valuation(story: Story, quantity: Decimal) -> Data:
    made: Data = {"method": story.one(_METHODS)}
    if made["method"] != "zero":
        cost = Decimal(story.draw(PRICES)).scaleb(-story.one((story.digits, 6)))
        made["unitCost"] = {"amount": f"{cost:f}", "currency": story.currency}
        made["extended"] = story.money(EXACT.multiply(quantity, cost))
    if story.flip():
        made |= {"account": "1200", "offsetAccount": "5000", "costCenter": story.id()}
    return made


def _document(story: Story, status: str, name: str, rows: Sequence[Data], *, cause: str | None = None) -> Data:
    number = f"{story.number}-{name}"
    beyond = status in ("posted", "reversed")
    worth = sum(
        (Decimal(v["extended"]["amount"]) for row in rows if "extended" in (v := row.get("valuation", {}))), Decimal(0)
    )
    data: Data = {"number": number, "status": status, "postingDate": story.day(), "lines": list(rows)}
    if story.flip():
        data["refs"] = [story.ref("return", story.number)]
    data |= story.history("adjustment", status) | story.approvals(beyond=beyond, worth=worth)
    data["meta"] = story.meta("adjustment", f"{number}-adjustment", cause)
    return story.extended(story.noted(data))
