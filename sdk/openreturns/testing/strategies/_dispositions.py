"""Drawn dispositions: what the inspector decides about each piece, and again about what was put aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from openreturns._schemas import code_list
from openreturns.testing.strategies._returns import Line, Piece
from openreturns.testing.strategies._story import Data, Later, Story
from openreturns.testing.strategies._words import ATTACHMENTS, PEOPLE, coded, codes

__all__ = ["Decided", "draw_disposition", "draw_dispositions", "stock_position"]

_POSITIONS: dict[str, tuple[Data, ...]] = {
    row["code"]: (row["position"], *row.get("also", ())) if "position" in row else ()
    for row in code_list("disposition-position")["values"]
}
_SPOILED = ("damaged", "defective", "expired", "incomplete")
_FOR_NOW = ("pending", "quarantine", "refurbish")
_Decision: TypeAlias = tuple[str, Data | None, str]
_Decisions: TypeAlias = tuple[tuple[_Decision, ...], ...]
# By decision each position and condition that fits it, the plainest first.
_DECISIONS: _Decisions = tuple(
    tuple(
        (code, position, condition)
        for position in known or (None,)
        for condition in codes("condition-value")
        if not (code == "restock" and condition in _SPOILED)
    )
    for code, known in _POSITIONS.items()
)
_COMING = tuple(rows for rows in _DECISIONS if rows[0][1] is not None)
_AGAIN = tuple(rows for rows in _COMING if rows[0][0] not in _FOR_NOW)
_KEPT = tuple(rows for rows in _DECISIONS if rows[0][1] is None)
_DETAILS: tuple[Data, ...] = (
    {},
    {},
    {"creditable": True},
    {"creditable": False},
    {"creditable": False, "customerLiable": True},
    {"customerLiable": False, "hazard": "leaking battery"},
)
_WORDED: dict[str, dict[str, tuple[Data, ...]]] = {
    list_: {code: tuple(row for row in coded(list_) if row["code"] == code) for code in codes(list_)}
    for list_ in ("disposition-value", "condition-value")
}
_OWNERS = (None, None, *codes("stock-owner"))


@dataclass(slots=True, eq=False)
class Decided:
    """A split as later documents need it: of which line and piece, what was decided, under which names."""

    line: Line
    piece: Piece
    split: Data
    ref: Data
    disposition: Data

    @property
    def code(self) -> str:
        """The decision."""
        return str(self.split["disposition"]["code"])

    @property
    def quantity(self) -> Data:
        """How much."""
        return self.line.quantity(self.piece.count)

    @property
    def item(self) -> Data:
        """The item with the serial numbers of this part."""
        return self.line.item_of(self.piece.serials)


def draw_dispositions(story: Story, lines: Sequence[Line], closed: bool) -> tuple[list[Data], list[Decided]]:
    """Return the dispositions of all that came, and the splits that count: those of final ones, each piece once.

    A decision may be taken back and taken again, and what was put aside may be decided by a second one.
    """
    made: list[Data] = []
    first, decided = story.apart(draw_disposition, story, lines, "final", 1, f"{story.number}-return")
    if story.rarely():
        first["status"] = "reversed"
        first.pop("history", None)
        first |= story.history("disposition", "reversed")
        back = _reversal(story, first)
        again, decided = story.apart(draw_disposition, story, lines, "final", 3, first["meta"]["documentId"])
        made += [first, back, again]
    else:
        made.append(first)
    later = [one for one in decided if one.code in _FOR_NOW and one.piece.receipt]
    if later and not closed and story.flip():
        second, decisions = story.apart(_second_look, story, later)
        made.append(second)
        decided = [one for one in decided if one not in later] + decisions
    if story.rarely():
        status = story.one(("draft", "pending_approval"))
        made.append(story.apart(draw_disposition, story, lines, status, 5)[0])
    return made, decided


def draw_disposition(
    story: Story, lines: Sequence[Line], status: str, number: int, cause: str | None = None
) -> tuple[Data, list[Decided]]:
    """Return one disposition of all pieces that came, or of what never comes where none did; and its splits."""
    batches = [(line, receipt) for line in lines for receipt in dict.fromkeys(p.receipt for p in line.pieces)]
    wanted: list[tuple[Line, str, list[Piece]]] = [
        (line, receipt, [piece for piece in line.pieces if piece.receipt == receipt]) for line, receipt in batches
    ]
    if not wanted:
        wanted = [(line, "", [Piece(line.agreed)]) for line in lines]
    return _written(story, wanted, status, number, _COMING if batches else _KEPT, cause)


def _second_look(story: Story, later: Sequence[Decided]) -> tuple[Data, list[Decided]]:
    return _written(
        story,
        [(one.line, one.piece.receipt, [one.piece]) for one in later],
        "final",
        4,
        _AGAIN,
        later[0].ref["documentId"],
    )


def _written(
    story: Story,
    batches: Sequence[tuple[Line, str, list[Piece]]],
    status: str,
    number: int,
    options: _Decisions,
    cause: str | None,
) -> tuple[Data, list[Decided]]:
    id_ = f"{story.number}-disposition-{number}"
    data: Data = {"status": status, "return": story.ref("return", story.number), "lines": []}
    decided: list[Decided] = []
    first = number == 1
    for place, (line, receipt, pieces) in enumerate(batches, 1):
        row = story.then(pieces[0].packs if first else (), Later.BATCH, _batch, story, place, line, receipt, pieces)
        row["splits"] = []
        kept = _DECISIONS if receipt and not line.over and options is _COMING else options
        for n, piece in enumerate(pieces, 1):
            split = story.then(piece.packs if first else (), Later.SPLIT, _split, story, line, piece, n, kept)
            ref = {"documentId": id_, "lineId": row["lineId"], "splitId": split["splitId"]}
            row["splits"].append(split)
            decided.append(Decided(line, piece, split, ref, data))
        if status == "draft" and len(row["splits"]) > 1 and story.flip():
            row["splits"].pop()
        data["lines"].append(row)
    if story.flip():
        data["warehouse"] = story.one(story.master.locations)
    data |= story.history("disposition", status) | story.approvals(
        beyond=status in ("final", "reversed"), worth=Decimal(500)
    )
    data["meta"] = story.meta("disposition", id_, cause)
    return story.extended(data), decided


def _batch(story: Story, place: int, line: Line, receipt: str, pieces: Sequence[Piece]) -> Data:
    row: Data = {
        "lineId": str(place),
        "returnLineId": line.id,
        **({"receiptId": receipt} if receipt and story.flip() else {}),
        "item": line.item_of([serial for piece in pieces for serial in piece.serials]),
        "inspected": line.quantity(sum(piece.count for piece in pieces)),
    }
    if story.flip():
        row["inspection"] = _inspection(story)
    return story.extended(row)


def _inspection(story: Story) -> Data:
    made: Data = {"by": story.one(PEOPLE["inspects"]), "at": story.moment()}
    if story.rarely():
        made |= {"procedure": story.id(), "findings": story.note(), "attachments": list(ATTACHMENTS[1:])}
    return made


def _split(story: Story, line: Line, piece: Piece, number: int, options: _Decisions) -> Data:
    code, position, condition = story.one(story.one(options))
    made: Data = {"splitId": str(number), "quantity": line.quantity(piece.count)}
    if piece.serials:
        made["serials"] = piece.serials
    made |= {"condition": {"code": condition}, "disposition": {"code": code}, **story.one(_DETAILS)}
    if story.rarely():
        made["condition"] = story.one(_WORDED["condition-value"][condition])
        made["disposition"] = story.one(_WORDED["disposition-value"][code])
    if position is not None:
        made["to"] = stock_position(story, position)
    if code == "return_to_vendor":
        made["vendor"] = story.one(story.master.vendors)
        if story.flip():
            made["vendorReturn"] = story.ref("vendor_return", "VR-1")
    if code == "restock_as_other_grade":
        made["targetItem"] = {"sku": "GRADE-B", **story.other_item()}
    return made


def stock_position(story: Story, position: Mapping[str, Any]) -> Data:
    """Return a position in stock with a place and an owner; one outside has an owner only."""
    made = dict(position)
    if made["status"] != "external":
        made["location"] = story.one(story.master.locations)
    owner = story.one(_OWNERS)
    return made | ({"owner": owner} if owner else {})


def _reversal(story: Story, first: Data) -> Data:
    id_ = f"{story.number}-disposition-2"
    back = {name: value for name, value in first.items() if name not in ("history", "approvals", "extensions")}
    return back | {
        "status": "final",
        "reverses": story.ref("disposition", first["meta"]["documentId"]),
        "meta": story.meta("disposition", id_, first["meta"]["documentId"]),
    }
