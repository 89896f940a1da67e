"""What follows from a decision: the stock moves of a disposition and the credit it earns, as new documents.

Pure functions: same documents in, same documents out; ids derive from the documents, so that doing it twice
makes the same document and not a second one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, TypeVar

from openreturns._schemas import code_list
from openreturns.errors import ContractError
from openreturns.models import Adjustment, Credit, Disposition, DispositionLine, DispositionSplit, Return

__all__ = ["adjustments_of", "credit_of", "match_lines"]

# Amounts and quantities have up to 21 digits each: their product has 42.
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)


_Lined = TypeVar("_Lined", Return, Disposition)


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


def adjustments_of(disposition: Disposition, *, location: str) -> list[Adjustment]:
    """Return the stock moves of a disposition: one document for moves within stock, one for goods that leave it.

    Every split moves from inspection at `location` to where the disposition says. Goods that never came in
    (`customer_keeps`, `field_destroy`) do not move. ERP systems take the second document only: their receipt
    has already moved the stock in.
    """
    splits = [(line, split) for line in disposition.lines for split in line.splits if split.to is not None]
    leaving = [pair for pair in splits if pair[1].to is not None and pair[1].to.status == "external"]
    staying = [pair for pair in splits if pair not in leaving and pair[1].disposition.code != "pending"]
    return [
        _adjustment(disposition, kind, pairs, location)
        for kind, pairs in (("stock", staying), ("exit", leaving))
        if pairs
    ]


def _adjustment(
    disposition: Disposition, kind: str, pairs: Iterable[tuple[DispositionLine, DispositionSplit]], location: str
) -> Adjustment:
    meta = disposition.meta
    key = f"{meta.document_id}-{kind}"
    return Adjustment.model_validate(
        {
            "meta": _meta(meta.to_dict(), "adjustment", key),
            "number": key,
            "status": "posted",
            "postingDate": meta.issued_at.date().isoformat(),
            "refs": [disposition.return_.to_dict()],
            "lines": [
                {
                    "lineId": str(place),
                    "item": line.item.to_dict(),
                    "quantity": split.quantity.to_dict(),
                    "from": {"status": "inspection", "location": {"id": location}},
                    "to": split.to.to_dict() if split.to else {},
                    "reason": {"code": "scrap" if split.disposition.code == "scrap" else "disposition"},
                    "disposition": {
                        "documentId": meta.document_id,
                        "lineId": line.line_id,
                        "splitId": split.split_id,
                    },
                }
                for place, (line, split) in enumerate(pairs, 1)
            ],
        }
    )


def credit_of(return_: Return, disposition: Disposition, *, seller: str, issue_date: str) -> Credit | None:
    """Return the draft credit that a disposition earns at the return's prices, without tax; None for nothing.

    One line a split that is creditable (unless the inspector said no), at the unit price of its return line.
    Raises ContractError for goods whose return line has no price.
    """
    lines = {line.line_id: line for line in return_.lines}
    rows: list[dict[str, Any]] = []
    total = Decimal(0)
    for line in disposition.lines:
        asked = lines.get(line.return_line_id)
        if asked is None or asked.unit_price is None:
            raise ContractError(f"return line {line.return_line_id!r} has no price", kind="schema")
        for split in line.splits:
            if split.creditable is False or split.disposition.code == "pending":
                continue
            amount = _rounded(_EXACT.multiply(split.quantity.value, asked.unit_price.amount), asked.unit_price.currency)
            total = _EXACT.add(total, amount)
            row: dict[str, Any] = {
                "lineId": f"{line.line_id}-{split.split_id}",
                "item": line.item.to_dict(),
                "quantity": split.quantity.to_dict(),
                "unitPrice": asked.unit_price.to_dict(),
                "amount": _money(amount, return_.currency),
                "reason": {"code": "goods_returned"},
                "return": {"type": "return", "id": return_.number, "lineId": line.return_line_id},
                "disposition": {
                    "documentId": disposition.meta.document_id,
                    "lineId": line.line_id,
                    "splitId": split.split_id,
                },
            }
            if asked.original_invoice is not None:
                row["originalInvoice"] = asked.original_invoice.to_dict()
            rows.append(row)
    if not rows:
        return None
    key = f"credit-{return_.number}"
    sum_ = _money(total, return_.currency)
    return Credit.model_validate(
        {
            "meta": _meta(disposition.meta.to_dict(), "credit", key),
            "number": key,
            "status": "draft",
            "direction": "to_customer",
            "issueDate": issue_date,
            "seller": {"id": seller},
            "buyer": return_.customer.to_dict(),
            "currency": return_.currency,
            "refs": [{"type": "return", "id": return_.number}],
            "lines": rows,
            "totals": {
                "lines": sum_,
                "taxExclusive": sum_,
                "tax": _money(_rounded(Decimal(0), return_.currency), return_.currency),
                "taxInclusive": sum_,
                "due": sum_,
            },
        }
    )


def _meta(source: Mapping[str, Any], document: str, key: str) -> dict[str, Any]:
    kept = {name: source[name] for name in ("sourceSystem", "issuedAt", "correlationId")}
    named = {"schema": f"openreturns/{document}/1.0", "documentId": key, "revision": 1}
    return {**named, **kept, "causationId": source["documentId"]}


def _rounded(amount: Decimal, currency: str) -> Decimal:
    units = next((v["minorUnits"] for v in code_list("currency")["values"] if v["code"] == currency), 2)
    return amount.quantize(Decimal(1).scaleb(-units), context=_EXACT)


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"amount": f"{amount:f}", "currency": currency}
