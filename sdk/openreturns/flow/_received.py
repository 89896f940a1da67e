"""What the warehouse tells, brought to the return as we know it: its lines matched, its counts made receipts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from openreturns.errors import ContractError, Problem
from openreturns.models import Disposition, Quantity, Return, ReturnLine

__all__ = ["line_numbers", "match_lines", "match_receipts", "received"]

_Lined = TypeVar("_Lined", Return, Disposition)


def line_numbers(seen: Return, known: Return) -> dict[str, str]:
    """Return the line ids of a return in another system -> those it has here, by the item's SKU.

    Raises ContractError for goods that stand on no line here or on several: which one would be a guess.
    """
    counts = Counter(line.item.sku for line in known.lines)
    lines = {line.item.sku: line.line_id for line in known.lines}
    wrong = [
        Problem("schema", f"{line.item.sku!r} stands on {counts[line.item.sku]} lines here", f"/lines/{place}/item/sku")
        for place, line in enumerate(seen.lines)
        if line.item.sku is None or counts[line.item.sku] != 1
    ]
    if wrong:
        raise ContractError(f"the lines of {seen.number} cannot be matched by item", kind="schema", problems=wrong)
    return {line.line_id: lines[line.item.sku] for line in seen.lines}


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
    """Return the disposition with the receipts that the return has; what came in several is of none of them.

    For warehouses that count all deliveries of a return as one, whose counts `received` makes receipts of.
    """
    receipts = {line.line_id: [one.receipt_id for one in line.receipts or ()] for line in return_.lines}
    data = disposition.to_dict()
    for line in data["lines"]:
        line.pop("receiptId", None)
        found = receipts.get(line["returnLineId"], [])
        line |= {"receiptId": found[0]} if len(found) == 1 else {}
    return Disposition.model_validate(data)


def received(return_: Return, seen: Return) -> Return:
    """Return the return with what the warehouse counted since: a receipt on each line of which more has come.

    `seen` is the return as the warehouse has it, its lines under the numbers of `return_` (`match_lines`). Its
    counts are totals, so that the same news twice, or older news, adds nothing, and news that was missed is made
    up for. The receipts added at a time are one delivery, under the warehouse's receipt id, from the second on with
    the delivery's number. The return itself is returned if nothing was added.

    Raises ContractError for a line that is not on the return, or counted in another unit.
    """
    deliveries = {receipt.receipt_id for line in return_.lines for receipt in line.receipts or ()}
    data = return_.to_dict()
    lines = {line["lineId"]: line for line in data["lines"]}
    grown = False
    for line in seen.lines:
        known = next((one for one in return_.lines if one.line_id == line.line_id), None)
        if known is None:
            raise ContractError(f"the return has no line {line.line_id!r}", kind="schema")
        more = _counted(line, known) - _counted(known, known)
        if more > 0:
            grown = True
            receipt = _receipt(line, more, known.requested.uom, len(deliveries) + 1)
            own = lines[line.line_id]
            own["receipts"] = [*own.get("receipts", ()), receipt]
            total = Quantity(value=_counted(line, known), uom=known.requested.uom)
            own["received"] = total.to_dict()
    return Return.model_validate(data) if grown else return_


def _counted(line: ReturnLine, known: ReturnLine) -> Decimal:
    uom = known.requested.uom
    for receipt in line.receipts or ():
        if receipt.quantity.uom != uom:
            said = f"line {line.line_id!r} was counted in {receipt.quantity.uom}, and asked for in {uom}"
            raise ContractError(said, kind="schema")
    return sum((receipt.quantity.value for receipt in line.receipts or ()), Decimal(0))


def _receipt(line: ReturnLine, more: Decimal, uom: str, number: int) -> dict[str, Any]:
    newest = (line.receipts or ())[-1].to_dict()
    item = {**line.item.to_dict(), **newest.get("item", {})}
    exact = {"item": item} if item.keys() & {"lot", "serials", "expiryDate"} else {}
    name = newest["receiptId"] if number == 1 else f"{newest['receiptId']}-{number}"
    own = {"receiptId": name, "quantity": Quantity(value=more, uom=uom).to_dict()}
    return {**newest, **own, **exact}
