"""What follows from a decision: the stock moves of a disposition, the credit it earns, and the tax of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, Any

from openreturns._schemas import schema_name
from openreturns.errors import ContractError, Problem
from openreturns.invariants._exact import minor_unit
from openreturns.models import (
    Adjustment,
    Credit,
    Disposition,
    DispositionLine,
    DispositionSplit,
    LocationRef,
    Money,
    Quantity,
    Return,
    ReturnLine,
    StockPosition,
)

if TYPE_CHECKING:
    from openreturns.ports import TaxQuote  # named only

__all__ = ["adjustments_of", "credit_agreed_to", "credit_of", "rounded", "taxed"]

# Amounts and quantities have up to 21 digits each: their product has 42.
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_DIGITS = 15  # before the point: common.schema.json, DecimalString


def adjustments_of(disposition: Disposition, *, location: str, posting_date: str = "") -> list[Adjustment]:
    """Return the stock moves of a disposition: one document for moves within stock, one for goods that leave it.

    Every split moves from inspection at `location` to where the disposition says. Goods that never came in
    (`customer_keeps`, `field_destroy`) or stay in inspection there do not move. ERP systems take the second
    document only: their receipt has already moved the stock in. `posting_date` is the day in the books, else the
    day of the disposition in UTC. Raises ContractError for a disposition that
    is not final: what may still change moves nothing.
    """
    _refuse_unsettled(disposition)
    here = StockPosition(status="inspection", location=LocationRef(id=location))
    leaving: list[tuple[DispositionLine, DispositionSplit]] = []
    staying: list[tuple[DispositionLine, DispositionSplit]] = []
    for line in disposition.lines:
        for split in line.splits:
            if split.to is not None and split.to.status == "external":
                leaving.append((line, split))
            elif split.to is not None and split.to != here and split.disposition.code != "pending":
                staying.append((line, split))
    return [
        _adjustment(disposition, kind, pairs, here, posting_date)
        for kind, pairs in (("stock", staying), ("exit", leaving))
        if pairs
    ]


def _adjustment(
    disposition: Disposition,
    kind: str,
    pairs: Iterable[tuple[DispositionLine, DispositionSplit]],
    here: StockPosition,
    posting_date: str,
) -> Adjustment:
    meta = disposition.meta
    key = f"{meta.document_id}-{kind}"
    return Adjustment.model_validate(
        {
            "meta": _meta(meta.to_dict(), "adjustment", key),
            "number": key,
            "status": "posted",
            "postingDate": posting_date or meta.issued_at.astimezone(UTC).date().isoformat(),
            "refs": [disposition.return_.to_dict()],
            "lines": [
                {
                    "lineId": str(place),
                    "item": _item(line, split),
                    "quantity": split.quantity.to_dict(),
                    "from": here.to_dict(),
                    "to": split.to.to_dict() if split.to else {},
                    "reason": {"code": "scrap" if split.disposition.code == "scrap" else "disposition"},
                    "disposition": _named(disposition, line, split),
                    **({"toItem": split.target_item.to_dict()} if split.target_item else {}),
                }
                for place, (line, split) in enumerate(pairs, 1)
            ],
        }
    )


def credit_of(return_: Return, disposition: Disposition, *, seller: str, issue_date: str) -> Credit | None:
    """Return the draft credit that a disposition earns at the return's prices, without tax; None for nothing.

    One line a split that is creditable (unless the inspector said no), at the unit price of its return line.
    Raises ContractError for goods whose return line has no price, or one in another unit or currency, and for
    an amount that the contract cannot hold, and for a disposition that is not final.
    """
    _refuse_unsettled(disposition)
    asked = {line.line_id: line for line in return_.lines}
    rows = []
    for line in disposition.lines:
        for split in line.splits:
            if split.creditable is not False and split.disposition.code != "pending":
                price = _priced(return_, line.return_line_id, asked.get(line.return_line_id))
                row = _row(return_, f"{line.line_id}-{split.split_id}", *price, split.quantity)
                rows.append({**row, "item": _item(line, split), "disposition": _named(disposition, line, split)})
    key = f"{disposition.meta.document_id}-credit"  # a return inspected in two parts is credited twice
    return _draft(return_, _meta(disposition.meta.to_dict(), "credit", key), rows, seller, issue_date)


def credit_agreed_to(return_: Return, *, seller: str, issue_date: str) -> Credit | None:
    """Return the draft credit of all that a return agrees to, before any goods or without them; None for nothing.

    One line a return line, of its authorized quantity, at its unit price: a price that is put right where the return
    is `credit_only`, else a preliminary refund. Raises ContractError as `credit_of` does.
    """
    reason = "price_correction" if return_.type == "credit_only" else "goods_returned"
    rows = []
    for line in return_.lines:
        agreed = line.authorized or line.requested
        if agreed.value:
            row = _row(return_, line.line_id, *_priced(return_, line.line_id, line), agreed)
            rows.append({**row, "item": line.item.to_dict(), "reason": {"code": reason}})
    meta = _meta(return_.meta.to_dict(), "credit", f"{return_.meta.document_id}-credit")
    return _draft(return_, meta, rows, seller, issue_date)


def _row(return_: Return, line_id: str, asked: ReturnLine, price: Money, quantity: Quantity) -> dict[str, Any]:
    """Return a credit line for so much of a return line, at its price."""
    of = asked.line_id
    if quantity.uom != asked.requested.uom:
        said = f"return line {of!r} is priced a {asked.requested.uom}, and would be credited a {quantity.uom}"
        raise ContractError(said, kind="schema")
    amount = rounded(_EXACT.multiply(quantity.value, price.amount), return_.currency)
    original = {"originalInvoice": asked.original_invoice.to_dict()} if asked.original_invoice is not None else {}
    return {
        "lineId": line_id,
        "quantity": quantity.to_dict(),
        "unitPrice": price.to_dict(),
        "amount": _money(amount, return_.currency),
        "reason": {"code": "goods_returned"},
        "return": {"type": "return", "id": return_.number, "lineId": of},
        **original,
    }


def _draft(
    return_: Return, meta: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], seller: str, issue_date: str
) -> Credit | None:
    if not rows:
        return None
    total = Decimal(0)
    for row in rows:
        total = _EXACT.add(total, Decimal(row["amount"]["amount"]))
    sum_ = _money(total, return_.currency)
    return Credit.model_validate(
        {
            "meta": meta,
            "number": meta["documentId"],
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
                "tax": _money(rounded(Decimal(0), return_.currency), return_.currency),
                "taxInclusive": sum_,
                "due": sum_,
            },
        }
    )


def taxed(credit: Credit, quote: TaxQuote) -> Credit:
    """Return the credit with the tax that a tax engine found for it, how and as what, and the totals that follow."""
    tax = quote.total.amount if quote.total else sum((one.tax.amount for one in quote.taxes), Decimal(0))
    totals, currency = credit.totals, credit.currency
    inclusive = _EXACT.add(totals.tax_exclusive.amount, tax)
    settled, rounding = totals.settled.amount if totals.settled else 0, totals.rounding or 0
    sums = {"tax": tax, "tax_inclusive": inclusive, "due": inclusive - settled + rounding}
    told = {name: Money.model_validate(_money(rounded(amount, currency), currency)) for name, amount in sums.items()}
    return credit.replace(
        taxes=quote.taxes or None,
        tax_method=quote.method,
        tax_transaction=quote.ref or credit.tax_transaction,
        totals=totals.replace(**told),
    )


def _refuse_unsettled(disposition: Disposition) -> None:
    if disposition.status != "final":
        problem = Problem("schema", f"the disposition is {disposition.status}, not final", "/status")
        raise ContractError("nothing follows from a disposition that may change", kind="schema", problems=[problem])


def _priced(return_: Return, line_id: str, asked: ReturnLine | None) -> tuple[ReturnLine, Money]:
    """Return a line of the return, if it is there, and what was paid for one unit, in the return's currency."""
    price = asked.unit_price if asked is not None else None
    if asked is None or price is None:
        raise ContractError(f"return line {line_id!r} has no price", kind="schema")
    if price.currency != return_.currency:
        said = f"in {price.currency}, the return in {return_.currency}"
        raise ContractError(f"return line {line_id!r} is priced {said}", kind="schema")
    return asked, price


def _named(disposition: Disposition, line: DispositionLine, split: DispositionSplit) -> dict[str, str]:
    return {"documentId": disposition.meta.document_id, "lineId": line.line_id, "splitId": split.split_id}


def _item(line: DispositionLine, split: DispositionSplit) -> dict[str, Any]:
    """Return the item of a split: the batch's item with the serial numbers of this part only."""
    item = {name: value for name, value in line.item.to_dict().items() if name != "serials"}
    serials = split.serials or (line.item.serials if split.quantity == line.inspected else None)
    return {**item, "serials": list(serials)} if serials else item


def _meta(source: Mapping[str, Any], document: str, key: str) -> dict[str, Any]:
    kept = {name: source[name] for name in ("sourceSystem", "issuedAt", "correlationId")}
    named = {"schema": schema_name(document), "documentId": key, "revision": 1}
    return {**named, **kept, "causationId": source["documentId"]}


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return an amount with the digits its currency pays (ISO 4217), rounded half-even."""
    return amount.quantize(minor_unit(currency), context=_EXACT)


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    if amount.adjusted() >= _DIGITS:
        raise ContractError(f"{amount:f} {currency} has more than {_DIGITS} digits before the point", kind="schema")
    return {"amount": f"{amount:f}", "currency": currency}
