"""What of a return's lines may come back: sold on their invoices, and on no other RMA nor line of this return yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openreturns.decimals import exact, exactly, plain
from openreturns.errors import ContractError
from openreturns.mapping import Environment, Tenant
from openreturns.models import DocumentRef, Money, Quantity, Return, ReturnLine
from openreturns.ports import EligibleLine

from openreturns_adapters.netsuite.functions import credits as memo
from openreturns_adapters.netsuite.functions.shared import Record, currency, money_of, unit_code

__all__ = ["Sale", "eligible"]

_PLACES = 6  # of a canonical amount


@dataclass(frozen=True, slots=True)
class Sale:
    """An invoice, and the RMAs made from it or from its sales order.

    Of an order with several invoices all RMAs count against each invoice: too little is for a person to look at, too
    much would be credited twice.
    """

    invoice: Record
    rmas: Sequence[Record]


def eligible(return_: Return, sales: Mapping[str, Sale], tenant: Tenant) -> list[EligibleLine]:
    """Return how much of each line may come back, in the unit and at the price of its invoice; nothing without one.

    `sales` are by the number of the invoice. What one line of the return takes is not there for the next; what the
    return's own RMA has, if it is there already, takes nothing. Raises MappingError for a currency or unit that the
    tenant's code tables do not list, ContractError for an invoice with what no document can hold.
    """
    left: dict[tuple[str, int], Decimal] = {}
    try:
        with exactly():
            return [_line(line, return_, sales, tenant, left) for line in return_.lines]
    except (ValueError, TypeError):
        raise ContractError("an invoice is not one of goods sold at a price", kind="contract_drift") from None


def _line(
    line: ReturnLine,
    return_: Return,
    sales: Mapping[str, Sale],
    tenant: Tenant,
    left: dict[tuple[str, int], Decimal],
) -> EligibleLine:
    asked = line.requested
    nothing = Quantity(value=Decimal(0), uom=asked.uom)
    number = line.original_invoice.id if line.original_invoice else ""
    if number not in sales:
        return EligibleLine(line.line_id, nothing, reason="no invoice was found")
    sale = sales[number]
    env = Environment(tenant, sale.invoice, {})
    env.currency = currency(sale.invoice, env)
    rows = _sold(line, sale.invoice)
    for row in rows:
        if (number, row["line"]) not in left:
            left[number, row["line"]] = _left(row, return_, sale, env)
    if not rows:
        return EligibleLine(line.line_id, nothing, reason="the invoice has no such line")
    sold = next((row for row in rows if left[number, row["line"]]), rows[0])
    there, unit = left[number, sold["line"]], unit_code(sold, env)
    if unit != asked.uom:
        may, reason = there, f"sold by {unit}, asked for by {asked.uom}"
    else:
        may = min(asked.value, there)
        left[number, sold["line"]] = there - may
        reason = "" if may == asked.value else f"{plain(there)} of {plain(asked.value)} are left of what was sold"
    price, base = _price(sold, env)
    return EligibleLine(
        line.line_id,
        Quantity(value=may, uom=unit),
        unit_price=price,
        price_base=base,
        original=_named(sold, sale.invoice),
        reason=reason,
    )


def _named(sold: Record, invoice: Record) -> DocumentRef:
    return DocumentRef.model_validate(
        {
            "type": "invoice",
            "id": str(invoice["tranId"]),
            "lineId": str(sold["line"]),
            "system": "netsuite",
            "issueDate": invoice["tranDate"],
        }
    )


def _sold(line: ReturnLine, invoice: Record) -> list[Record]:
    """Return the invoice's line that the return names, else those with the item."""
    named = line.original_invoice.line_id if line.original_invoice else None
    rows = [one for one in invoice["item"]["items"] if "quantity" in one]
    if named:
        return [one for one in rows if str(one["line"]) == named]
    return [one for one in rows if (one.get("item") or {}).get("refName") == line.item.sku]


def _price(sold: Record, env: Environment) -> tuple[Money | None, Quantity | None]:
    """Return the price and what it is of: NetSuite's rate, of one unit.

    A rate of more digits than a price can have is told as on a credit memo: by the amount and what it was paid for.
    """
    if "rate" not in sold or exact(sold["rate"]) < 0:
        return None, None
    if len(plain(sold["rate"]).partition(".")[2]) <= _PLACES:
        return Money.model_validate(money_of(sold["rate"], env)), None
    if "amount" not in sold or not sold["quantity"]:
        return None, None
    base = memo.price_base(sold, env)
    return Money.model_validate(memo.price(sold, env)), Quantity.model_validate(base) if base else None


def _left(sold: Record, return_: Return, sale: Sale, env: Environment) -> Decimal:
    """Return how many units of an invoice's line are on no other RMA."""
    others = (rma for rma in sale.rmas if rma.get("externalId") != return_.number)
    taken = sum((_taken(rma, sale.invoice, sold, env) for rma in others), Decimal(0))
    return max(Decimal(plain(sold["quantity"])) - taken, Decimal(0))


def _taken(rma: Record, invoice: Record, sold: Record, env: Environment) -> Decimal:
    """Return how many units of an invoice's line are on an RMA; of a closed line only those that came.

    What is on it in another unit takes all: how many of the one are in the other is not known here.
    """
    from_invoice = str((rma.get("createdFrom") or {}).get("id")) == str(invoice["id"])
    number = sold["line"] if from_invoice else sold.get("orderLine")
    taken = Decimal(0)
    for one in rma["item"]["items"]:
        if number is not None and one.get("orderLine") == number:
            count = Decimal(plain(one.get("quantityReceived", 0) if one.get("isClosed") else one["quantity"]))
            same = one.get("units") == sold.get("units") or unit_code(one, env) == unit_code(sold, env)
            taken += count if same or not count else exact(sold["quantity"])
    return taken
