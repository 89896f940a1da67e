"""What the warehouse tells, brought to the return as we know it: its lines matched, its counts made receipts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from openreturns.errors import ContractError, Problem
from openreturns.models import Disposition, Quantity, ReceiptEntry, Return, ReturnLine

__all__ = ["find_lines", "line_numbers", "match_lines", "match_receipts", "received"]

_Lined = TypeVar("_Lined", Return, Disposition)


def line_numbers(seen: Return | Disposition, known: Return) -> dict[str, str]:
    """Return the line ids of a return in another system -> those it has here: see `find_lines`.

    Raises ContractError for goods that stand on no line here or on several: which one would be a guess.
    """
    numbers, strangers = find_lines(seen, known)
    if strangers:
        wrong = [Problem("schema", "the item stands on no line here, or on several", at) for at in strangers.values()]
        raise ContractError("the lines cannot be matched by item", kind="schema", problems=wrong)
    return numbers


def find_lines(seen: Return | Disposition, known: Return) -> tuple[dict[str, str], dict[str, str]]:
    """Return another system's line ids -> ours, and those that belong to none of ours -> where they stand there.

    A line is the one with the same SKU, if one line only has it, or with the same id and SKU: an id alone proves
    nothing, as two systems may both count 1, 2, 3 and mean other goods.
    """
    ours: dict[str | None, list[str]] = {}
    for line in known.lines:
        ours.setdefault(line.item.sku, []).append(line.line_id)
    numbers: dict[str, str] = {}
    strangers: dict[str, str] = {}
    for place, (name, sku) in enumerate(_named(seen)):
        fits = ours.get(sku, []) if sku else []
        if len(fits) == 1:
            numbers[name] = fits[0]
        elif name in fits:
            numbers[name] = name
        else:
            strangers[name] = f"/lines/{place}/item/sku"
    return numbers, strangers


def _named(document: Return | Disposition) -> list[tuple[str, str | None]]:
    if isinstance(document, Return):
        return [(line.line_id, line.item.sku) for line in document.lines]
    return [(line.return_line_id, line.item.sku) for line in document.lines]


def match_lines(document: _Lined, numbers: Mapping[str, str]) -> _Lined:
    """Return the document with its return lines under the ERP's line numbers.

    `numbers` is this system's line id -> the RMA's line number. Raises ContractError for a line it leaves
    out: goods on an unknown line would be credited to nobody.
    """
    data = document.to_dict()
    for line in data["lines"]:
        name = "returnLineId" if "returnLineId" in line else "lineId"
        if line[name] not in numbers:
            known = ", ".join(numbers) or "none"
            raise ContractError(f"the RMA has no line for {line[name]!r}; it has: {known}", kind="schema")
        line[name] = numbers[line[name]]
    return type(document).model_validate(data)


def match_receipts(disposition: Disposition, return_: Return) -> Disposition:
    """Return the disposition with the receipts that the return has.

    A receipt that is named stays if the return has it and as much came in with it. Else the line's only receipt is
    taken; what came in several is of none of them, as where a warehouse counts all deliveries of a return as one and
    `received` makes receipts of the counts.
    """
    receipts = {line.line_id: {one.receipt_id: one for one in line.receipts or ()} for line in return_.lines}
    data = disposition.to_dict()
    for line, seen in zip(data["lines"], disposition.lines, strict=True):
        found = receipts.get(seen.return_line_id, {})
        named = found.get(line.pop("receiptId", ""))
        if named is not None and named.quantity.value >= seen.inspected.value:
            line["receiptId"] = named.receipt_id
        elif len(found) == 1:
            line["receiptId"] = next(iter(found))
    return Disposition.model_validate(data)


def received(return_: Return, seen: Return) -> Return:
    """Return the return with what the warehouse counted since: a receipt on each line of which more has come.

    `seen` is the return as the warehouse has it, its lines under the numbers of `return_` (`match_lines`). A delivery
    that is not known yet is taken as it is. Where a known one counts more now, as where a warehouse counts all
    deliveries as one, the difference is another delivery, under the warehouse's id with the delivery's number. The
    same news twice, or older news, adds nothing, and news that was missed is made up for; if nothing is added, the
    return itself is returned. What it counts on several lines of its own, as where each lot has one, comes together.

    Raises ContractError for a line that is not on the return, or counted in another unit.
    """
    deliveries = {receipt.receipt_id for line in return_.lines for receipt in line.receipts or ()}
    lines = {line.line_id: line for line in return_.lines}
    for line in _together(seen.lines):
        known = lines.get(line.line_id)
        if known is None:
            raise ContractError(f"the return has no line {line.line_id!r}", kind="schema")
        if added := _added(line, known, deliveries):
            total = Quantity(value=_counted(line, known), uom=known.requested.uom)
            lines[line.line_id] = known.replace(receipts=(*(known.receipts or ()), *added), received=total)
    grown = tuple(lines.values())
    return return_ if grown == return_.lines else return_.replace(lines=grown)


def _together(lines: Iterable[ReturnLine]) -> Iterable[ReturnLine]:
    """Return the lines that the warehouse has, those of one line here as one."""
    found: dict[str, ReturnLine] = {}
    for line in lines:
        first = found.get(line.line_id)
        found[line.line_id] = line if first is None else _joined(first, line)
    return found.values()


def _joined(one: ReturnLine, other: ReturnLine) -> ReturnLine:
    """Return two lines as one. What both counted of a delivery is one receipt, of what is true of both parts."""
    receipts: dict[str, ReceiptEntry] = {}
    for line in (one, other):
        _counted(line, one)  # in one unit
        for receipt in line.receipts or ():
            item, before = _item(line, receipt), receipts.get(receipt.receipt_id)
            if before is not None:
                total = Quantity(value=before.quantity.value + receipt.quantity.value, uom=receipt.quantity.uom)
                item = _common(before.item.to_dict() if before.item else {}, item)
                receipt = receipt.replace(quantity=total)
            receipts[receipt.receipt_id] = receipt.replace(item=item)
    common = _common(one.item.to_dict(), other.item.to_dict())
    return one.replace(item=common, receipts=tuple(receipts.values()) or None)


def _common(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return what two parts have in common, and the serial numbers of both."""
    same = {name: value for name, value in one.items() if other.get(name) == value and name != "serials"}
    serials = [*one.get("serials", ()), *(it for it in other.get("serials", ()) if it not in one.get("serials", ()))]
    return {**same, "serials": serials} if serials else same


def _item(line: ReturnLine, receipt: ReceiptEntry) -> dict[str, Any]:
    """Return the item of a receipt: that of its line, with what was found of its own."""
    return {**line.item.to_dict(), **(receipt.item.to_dict() if receipt.item else {})}


def _added(line: ReturnLine, known: ReturnLine, deliveries: Collection[str]) -> list[ReceiptEntry]:
    more = _counted(line, known) - _counted(known, known)
    added = []
    for receipt in line.receipts or ():
        if more > 0 and receipt.receipt_id not in deliveries:
            counted = min(receipt.quantity.value, more)
            added.append(_receipt(line, receipt, receipt.receipt_id, counted))
            more -= counted
    if more > 0:
        newest = (line.receipts or ())[-1]
        added.append(_receipt(line, newest, f"{newest.receipt_id}-{len(deliveries) + 1}", more))
    return added


def _counted(line: ReturnLine, known: ReturnLine) -> Decimal:
    uom = known.requested.uom
    for receipt in line.receipts or ():
        if receipt.quantity.uom != uom:
            said = f"line {line.line_id!r} was counted in {receipt.quantity.uom}, and asked for in {uom}"
            raise ContractError(said, kind="schema")
    return sum((receipt.quantity.value for receipt in line.receipts or ()), Decimal(0))


def _receipt(line: ReturnLine, receipt: ReceiptEntry, name: str, counted: Decimal) -> ReceiptEntry:
    """Return a receipt of so much, with the lot and the serial numbers that the warehouse counted."""
    item = _item(line, receipt)
    exact = item if item.keys() & {"lot", "serials", "expiryDate"} else None
    return receipt.replace(
        receipt_id=name, quantity=Quantity(value=counted, uom=receipt.quantity.uom), item=exact or receipt.item
    )
