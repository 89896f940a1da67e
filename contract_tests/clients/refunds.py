"""Sales recorded at AvaTax, and credits that take them back in each way: rows for the client tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

from openreturns.models import Credit

EXAMPLE = (
    Path(__file__).parents[2] / "schemas/1.1.0/examples/credit/valid/restocking-fee-and-freight-refund.json"
).read_text("utf-8")
CENT, TAXED_AT = Decimal("0.01"), Decimal("0.20")
SOLD = {"1": ("3", "37.50"), "2": ("4", "12.00")}
"""Lines of a sale: number, quantity and net value; France's tax of 20 % is 7.50 and 2.40."""
TAX = Decimal("9.90")


@dataclass(frozen=True)
class Back:
    """A credit: by number of the sale's line, what comes back of its quantity and value; and what a refund of it is.

    `refund` is what the RefundTransactionModel says beside its number, day and reference; without it the credit is
    recorded by its own lines. `tax` is what the credit says it gives back, else that of its lines.
    """

    lines: Mapping[str, tuple[str, str]]
    refund: Mapping[str, Any] | None = None
    recorded: tuple[str, str] = ("0", "0")
    tax: Decimal | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tax_only(self) -> bool:
        return self.tax is not None

    def credit(self, number: int) -> Credit:
        """Return the credit, of a sale of its own."""
        data = json.loads(EXAMPLE)
        example, invoice = data["lines"][0], f"INV-{number:06}"
        net = sum((Decimal(amount) for _, amount in self.lines.values()), Decimal(0))
        tax = (net * TAXED_AT).quantize(CENT, ROUND_HALF_EVEN) if self.tax is None else self.tax
        data["buyer"]["address"] = {"city": "Lyon", "postalCode": "69001", "countryCode": "FR"}
        data |= {"number": f"CM-{number:06}", "lines": [], "settlements": []}
        del data["charges"]
        data["originalInvoices"] = [{**data["originalInvoices"][0], "id": invoice}]
        for line_id, (quantity, amount) in self.lines.items():
            line = {**example, "lineId": line_id, "quantity": {"value": quantity, "uom": "EA"}, "amount": _eur(amount)}
            line["taxRate"] = f"{TAXED_AT * 100:f}"
            line["unitPrice"], line["priceBase"] = line["amount"], line["quantity"]
            line["originalInvoice"] = {**example["originalInvoice"], "id": invoice, "lineId": line_id}
            line["reason"] = {"code": "tax_correction" if self.tax_only else "price_correction"}
            data["lines"].append(line)
        data["taxes"] = [{**data["taxes"][0], "rate": f"{TAXED_AT * 100:f}", "taxable": _eur(net), "tax": _eur(tax)}]
        sums = {"lines": net, "taxExclusive": net, "tax": tax, "taxInclusive": net + tax, "due": net + tax}
        data["totals"] = {name: _eur(value) for name, value in sums.items()}
        return Credit.model_validate({**data, **self.more})


ANEW = {"taxMethod": "recalculated", "taxTransaction": None}
BACKS = {
    "all of it": Back(SOLD, {"refundType": "Full"}, ("-49.50", "-9.90")),
    "a whole line": Back({"2": SOLD["2"]}, {"refundType": "Partial", "refundLines": ["2"]}, ("-12.00", "-2.40")),
    "half the price": Back(
        {"1": ("3", "18.75"), "2": ("4", "6.00")},
        {"refundType": "Percentage", "refundPercentage": Decimal(50)},
        ("-24.75", "-4.95"),
    ),
    "two and a half percent of a line": Back(
        {"2": ("4", "0.30")},
        {"refundType": "Partial", "refundLines": ["2"], "refundPercentage": Decimal("2.5")},
        ("-0.30", "-0.06"),
    ),
    "the tax only": Back({"1": ("3", "0.00"), "2": ("4", "0.00")}, {"refundType": "TaxOnly"}, ("0", "-9.90"), TAX),
    "the tax only, on one line": Back({"1": ("1", "0.00")}, {"refundType": "TaxOnly"}, ("0", "-9.90"), TAX),
    "one piece of three": Back({"1": ("1", "12.50")}, None, ("-12.50", "-2.50")),
    "a third of the price": Back({"1": ("3", "12.50")}, None, ("-12.50", "-2.50")),
    "a part of another size of each line": Back({"1": ("3", "18.75"), "2": ("4", "5.00")}, None, ("-23.75", "-4.75")),
    "more than was paid": Back({"2": ("4", "12.01")}, None, ("-12.01", "-2.40")),
    "a line that was not sold": Back({"3": ("4", "12.00")}, None, ("-12.00", "-2.40")),
    "all of it, its tax found anew and the same": Back(SOLD, {"refundType": "Full"}, ("-49.50", "-9.90"), more=ANEW),
    "a part whose tax is rounded": Back({"1": ("3", "0.03")}, None, ("-0.03", "-0.01")),
}
REFUNDS = [back for back in BACKS.values() if back.refund]


def _eur(amount: Decimal | str) -> dict[str, str]:
    return {"amount": str(amount), "currency": "EUR"}


def sell(client: Any, credit: Credit, **changes: Any) -> None:
    """Record the sale that a credit is of."""
    [written] = client._adapter.write(credit, "transaction_create")
    same = ("companyCode", "customerCode", "currencyCode", "addresses")
    sale = {name: written.record[name] for name in same if name in written.record}
    sale |= {"type": "SalesInvoice", "code": _invoice(credit), "date": "2026-09-14", "commit": True}
    sale["lines"] = [
        {"number": number, "quantity": Decimal(quantity), "amount": Decimal(amount)}
        for number, (quantity, amount) in SOLD.items()
    ]
    client._client.request("sell", "POST", "/transactions/create", json={**sale, **changes})


def _invoice(credit: Credit) -> str:
    refs: Sequence[Any] = credit.original_invoices or ()
    return str(refs[0].id)
