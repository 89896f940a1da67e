"""Rules about an Adjustment: that it moves something, at the right value, as decided, and conserves stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from openreturns.invariants._case import Case, Key, Move, Split, arrived, in_case, key_of
from openreturns.invariants._exact import ZERO, near, shown
from openreturns.invariants._parts import Finding, Parts
from openreturns.invariants._rule import Options
from openreturns.models import Adjustment, AdjustmentLine, Return, StockPosition

__all__ = ["adjusted_lines_move", "moved_as_decided", "stock_is_conserved", "valuation_adds_up"]

Place = tuple[str, str, str, str]


def _place(position: StockPosition) -> Place:
    """Return what the ledger knows of a position; bins and zones are the warehouse's own business."""
    where = position.location.id if position.location else ""
    return position.status, position.boundary or "", where, position.owner or "own"


def adjusted_lines_move(parts: Parts, _: Options) -> Iterator[Finding]:
    """AJ1. Within one place another bin or another item is a move as well."""
    for at_, line in parts.of(AdjustmentLine):
        if line.quantity.value == ZERO:
            yield f"{at_}/quantity", "nothing is moved"
        there = _place(line.from_) == _place(line.to) and line.from_.location == line.to.location
        if there and (line.to_item is None or line.to_item == line.item):
            yield f"{at_}/to", "is where the goods already are"


def valuation_adds_up(parts: Parts, _: Options) -> Iterator[Finding]:
    """AJ4. A tie may be rounded either way."""
    for at_, line in parts.of(AdjustmentLine):
        value = line.valuation
        if value is None:
            continue
        for name, cost in (("unitCost", value.unit_cost), ("extended", value.extended)):
            if value.method == "zero" and cost is not None and cost.amount != ZERO:
                yield f"{at_}/valuation/{name}", f"is {shown(cost.amount)}, the line is valued at zero"
        if value.unit_cost is not None and value.extended is not None:
            reckoned = line.quantity.value * value.unit_cost.amount
            if not near(value.extended.amount, reckoned, value.extended.currency):
                said = f"{shown(line.quantity.value)} x {shown(value.unit_cost.amount)} is {shown(reckoned)}"
                yield f"{at_}/valuation/extended", f"is {shown(value.extended.amount)}, {said}"


def moved_as_decided(case: Case, options: Options) -> Iterator[Finding]:
    """AJ2. Goods may be put away in several goes, by way of another place, and go on from where they were put."""
    for adjustment in case.of(Adjustment):
        for index, line in enumerate(adjustment.lines):
            if case.dangling(line.disposition):
                yield in_case(adjustment, f"/lines/{index}/disposition"), "names no split of the disposition"
    for moves in case.moves_by_split().values():
        split = case.split(moves[0][2].disposition)
        if split is not None:
            yield from _moved_as_much(case, split, moves, options)
            yield from _moved_to_the_place(split[2].to, moves)


def _moved_as_much(case: Case, split: Split, moves: list[Move], options: Options) -> Iterator[Finding]:
    """Compare what left the place where the goods waited with the split."""
    decided = split[2].quantity
    onward = {_place(line.to) for _, _, line in moves if _place(line.from_) != _place(line.to)}
    first = [move for move in moves if _place(move[2].from_) not in onward and move[2].quantity.uom == decided.uom]
    moved = ZERO
    for where, _, line in first:
        moved += line.quantity.value
        if moved > decided.value:
            yield f"{where}/quantity", f"{shown(moved)} moved of {shown(decided.value)} decided"
    if first and moved < decided.value and _over(case.find(Return, split[0].return_), options):
        yield f"{first[-1][0]}/quantity", f"only {shown(moved)} moved of {shown(decided.value)} decided"


def _over(return_: Return | None, options: Options) -> bool:
    """Say whether nothing is on its way any more, so that what is missing is missing."""
    return options.complete or (return_ is not None and return_.status == "closed")


def _moved_to_the_place(wanted: StockPosition | None, moves: list[Move]) -> Iterator[Finding]:
    """Check that every move leads to the place decided, is on the way to it, or goes on from it."""
    leaving = {_place(line.from_) for _, _, line in moves if _place(line.from_) != _place(line.to)}
    reached = {_place(p) for _, _, line in moves for p in (line.from_, line.to) if _fits(p, wanted)}
    while onward := {_place(line.to) for _, _, line in moves if _place(line.from_) in reached} - reached:
        reached |= onward
    for where, _, line in moves:
        passing = line.to.status == "in_transit" or _place(line.to) in leaving
        if _place(line.to) not in reached and not passing:
            said = " ".join(filter(None, _place(wanted)[:3])) if wanted else "nowhere: the goods stay away"
            yield f"{where}/to", f"goes to {' '.join(filter(None, _place(line.to)[:3]))}, the disposition says {said}"


def _fits(position: StockPosition, wanted: StockPosition | None) -> bool:
    if wanted is None:
        return False
    there, asked = _place(position), _place(wanted)
    return there[:2] == asked[:2] and asked[2] in ("", there[2]) and there[3] == asked[3]


def stock_is_conserved(case: Case, options: Options) -> Iterator[Finding]:
    """AJ3. What came is what lies in all our places and what has left them, counted in each unit.

    Where receipts are posted as Adjustments, no more may be taken in than came; where the ERP's receipt has
    moved the stock already, no more may leave the place it was put to.
    """
    moves_of: dict[Key, list[Move]] = defaultdict(list)
    for move in case.moves():
        if (owner := case.return_of_move(move)) is not None:
            moves_of[key_of(owner)].append(move)
    for return_ in case.of(Return):
        moves = moves_of[key_of(return_)]
        for uom, came in _arrived(return_).items():
            counted = [move for move in moves if move[2].quantity.uom == uom]
            yield from _taken_in(return_, counted, came, over=_over(return_, options))
            yield from _moved_on(counted, came - sum(map(_inward, counted), ZERO))
    for reversal, original in case.reversals(Adjustment):
        if _flows(reversal, back=True) != _flows(original):
            yield in_case(reversal, "/lines"), f"do not take back what {original.number} moved"


def _arrived(return_: Return) -> dict[str, Decimal]:
    """Return what is known to have come, by unit."""
    came: dict[str, Decimal] = {}
    for line in return_.lines:
        here = arrived(line)
        if here is not None:
            came[line.requested.uom] = came.get(line.requested.uom, ZERO) + here
    return came


def _inward(move: Move) -> Decimal:
    """Return how much a move takes in from the customer; below zero when it corrects that."""
    line = move[2]
    if line.from_.boundary == "customer" and line.to.status != "external":
        return line.quantity.value
    corrects = line.reason.code == "receipt_correction" and line.to.boundary == "customer"
    return -line.quantity.value if corrects else ZERO


def _taken_in(return_: Return, moves: list[Move], came: Decimal, *, over: bool) -> Iterator[Finding]:
    taken = ZERO
    for move in moves:
        taken += _inward(move)
        if taken > came and _inward(move) > ZERO:
            yield f"{move[0]}/quantity", f"{shown(taken)} taken in of {shown(came)} received"
    if over and ZERO < taken < came:
        yield in_case(return_, "/lines"), f"{shown(came)} received, only {shown(taken)} taken in"


def _moved_on(moves: list[Move], there: Decimal) -> Iterator[Finding]:
    """Compare what left our places, beyond what moves brought into them, with what receipts put there."""
    balance: dict[Place, Decimal] = defaultdict(lambda: ZERO)
    for _, _, line in moves:
        balance[_place(line.from_)] -= line.quantity.value
        balance[_place(line.to)] += line.quantity.value
    short = {place for place, left in balance.items() if left < ZERO and place[0] != "external"}
    drawn = -sum((balance[place] for place in short), ZERO)
    if drawn > max(there, ZERO):
        where = [place for place, _, line in moves if _place(line.from_) in short][-1]
        yield f"{where}/quantity", f"{shown(drawn)} moved on, {shown(max(there, ZERO))} were there"


def _flows(adjustment: Adjustment, *, back: bool = False) -> dict[tuple[Place, Place, str], Decimal]:
    """Return how much an adjustment moves from where to where; `back` turns every move round."""
    flows: dict[tuple[Place, Place, str], Decimal] = defaultdict(lambda: ZERO)
    for line in adjustment.lines:
        start, end = _place(line.from_), _place(line.to)
        flows[(end, start, line.quantity.uom) if back else (start, end, line.quantity.uom)] += line.quantity.value
    return flows
