"""Rules about a Disposition: its splits, where they go, and that what was inspected had come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from openreturns import state
from openreturns.invariants._case import Case, arrived, in_case
from openreturns.invariants._exact import ZERO, shown, total
from openreturns.invariants._parts import Finding, Parts
from openreturns.invariants._rule import Options
from openreturns.models import Disposition, DispositionLine, DispositionSplit, ItemRef, Return, ReturnLine

__all__ = [
    "disposed_is_inspected",
    "inspected_was_received",
    "positions_fit_dispositions",
    "spoiled_goods_stay_out",
]

_SPOILED = ("damaged", "defective", "expired", "incomplete")
# Decisions for now: the same goods are looked at again, and another Disposition decides.
_FOR_NOW = frozenset({"pending", "quarantine", "refurbish"})
_IDENTIFIERS = ("sku", "gtin", "customer_sku", "vendor_sku")


def disposed_is_inspected(parts: Parts, _: Options) -> Iterator[Finding]:
    """D1."""
    for _at, document in parts.of(Disposition):
        open_ = document.status in ("draft", "pending_approval")
        for index, line in enumerate(document.lines):
            if any(split.quantity.uom != line.inspected.uom for split in line.splits):
                continue
            decided, inspected = total(split.quantity for split in line.splits), line.inspected.value
            if decided > inspected or (decided < inspected and not open_):
                yield f"/lines/{index}/splits", f"{shown(decided)} disposed of {shown(inspected)} inspected"


def positions_fit_dispositions(parts: Parts, _: Options) -> Iterator[Finding]:
    """D3. A draft may leave out what is not known yet, but not contradict itself."""
    draft = parts.document.status == "draft"
    for line_at, line in parts.of(DispositionLine):
        for index, split in enumerate(line.splits):
            here, code = f"{line_at}/splits/{index}", split.disposition.code
            fitting = [(position.status, position.boundary) for position in state.positions(code)]
            if split.to is not None and (split.to.status, split.to.boundary) not in fitting:
                yield f"{here}/to", f"{code} does not lead to {split.to.status} {split.to.boundary or ''}".rstrip()
            if split.to is None and fitting and code != "pending" and not draft:
                yield here, f"{code} needs a position the goods go to"
            if split.vendor is None and code == "return_to_vendor" and not draft:
                yield here, "return_to_vendor needs a vendor"
            if code == "restock_as_other_grade":
                yield from _other_grade(here, line.item, split, draft=draft)


def _other_grade(at: str, item: ItemRef, split: DispositionSplit, *, draft: bool) -> Iterator[Finding]:
    target = split.target_item
    if target is None:
        if not draft:
            yield at, "restock_as_other_grade needs a targetItem"
        return
    both = [(getattr(item, name), getattr(target, name)) for name in _IDENTIFIERS]
    known = [(old, new) for old, new in both if old is not None and new is not None]
    if known and all(old == new for old, new in known):
        yield f"{at}/targetItem", "is the item as found, not another grade"


def spoiled_goods_stay_out(parts: Parts, _: Options) -> Iterator[Finding]:
    """D4."""
    for at, split in parts.of(DispositionSplit):
        if split.condition.code in _SPOILED and split.disposition.code == "restock":
            yield f"{at}/disposition", f"{split.condition.code} goods are restocked under the same item"


def inspected_was_received(case: Case, _: Options) -> Iterator[Finding]:
    """D2. Goods put into quarantine, refurbished or left pending are inspected again and decided once."""
    inspected: dict[tuple[str, ...], Decimal] = defaultdict(lambda: ZERO)
    for disposition in case.counted(Disposition):
        owner = case.find(Return, disposition.return_)
        for index, line in enumerate(disposition.lines if owner else ()):
            here = in_case(disposition, f"/lines/{index}")
            asked = next((one for one in owner.lines if one.line_id == line.return_line_id), None) if owner else None
            if asked is None:
                yield f"{here}/returnLineId", f"{line.return_line_id} is no line of the return"
            elif line.inspected.uom == asked.requested.uom:
                yield from _had_come(here, disposition.meta.document_id, line, asked, inspected)
                yield from _had_been_asked(here, line, asked, inspected)


def _had_come(
    here: str, document: str, line: DispositionLine, asked: ReturnLine, sums: dict[tuple[str, ...], Decimal]
) -> Iterator[Finding]:
    """Check a line against its return line and its receipt; `sums` holds what the lines before it took."""
    came = {"": arrived(asked)}
    if line.receipt_id is not None and asked.receipts:
        receipt = next((one for one in asked.receipts if one.receipt_id == line.receipt_id), None)
        if receipt is None:
            yield f"{here}/receiptId", f"{line.receipt_id} is no receipt of the return line"
        else:
            came[line.receipt_id] = receipt.quantity.value
    ours = [split for split in line.splits if state.positions(split.disposition.code)]
    kept = total(split.quantity for split in line.splits if not state.positions(split.disposition.code))
    decided = total(split.quantity for split in ours if split.disposition.code not in _FOR_NOW)
    for scope, limit in came.items():
        seen, final = ("seen", document, asked.line_id, scope), ("final", asked.line_id, scope)
        sums[seen] += line.inspected.value - kept
        sums[final] += decided
        taken = max(sums[seen], sums[final])
        if limit is not None and taken > limit:
            yield f"{here}/inspected", f"{shown(taken)} inspected of {shown(limit)} received"
            return


def _had_been_asked(
    here: str, line: DispositionLine, asked: ReturnLine, sums: dict[tuple[str, ...], Decimal]
) -> Iterator[Finding]:
    """Check that a customer keeps or destroys no more than was to come."""
    kept = total(split.quantity for split in line.splits if not state.positions(split.disposition.code))
    limit = asked.authorized or asked.requested
    sums["kept", asked.line_id] += kept
    if kept and limit.uom == line.inspected.uom and sums["kept", asked.line_id] > limit.value:
        yield f"{here}/splits", f"{shown(sums['kept', asked.line_id])} left with the customer of {shown(limit.value)}"
