"""Returns, dispositions, adjustments and credits as an integration would hand them to our adapters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from live.shop import Sold
from openreturns.models import Adjustment, Credit, Disposition, Return

__all__ = ["GASKET", "PUMP", "adjustment", "credit", "disposition", "position", "received", "return_of"]

PUMP, GASKET = "P-100", "G-7"
LOT = "L-2026-001"
# The day that the shop invoices by: an ERP numbers no credit before an invoice of a later day.
_NOW = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
_CENT = Decimal("0.01")
GOOD = {"seal_intact": True, "weight_kg": "5.0"}
BAD = {"seal_intact": False, "weight_kg": "4.95"}


def meta(kind: str, number: str, revision: int = 1) -> dict[str, Any]:
    return {
        "schema": f"openreturns/{kind}/1.1",
        "documentId": f"{kind}-{number}",
        "revision": revision,
        "sourceSystem": "shop",
        "issuedAt": _NOW,
        "correlationId": number,
    }


def eaches(value: str | Decimal) -> dict[str, str]:
    return {"value": f"{Decimal(value):f}", "uom": "EA"}


def money(value: str | Decimal, currency: str) -> dict[str, str]:
    return {"amount": f"{Decimal(value):.2f}", "currency": currency}


def return_of(
    sold: Sold,
    number: str,
    *wanted: tuple[str, str, str],
    customer: str = "C-1001",
    currency: str = "USD",
    kind: str = "credit",
    replacement: str = "",
) -> Return:
    """A return of lines of a sale, in its order: product, quantity, price."""
    lines: list[dict[str, Any]] = []
    for place, (sku, quantity, price) in enumerate(wanted):
        original = (
            {"originalInvoice": {"type": "invoice", "id": sold.invoice, "lineId": str(sold.invoice_lines[place])}}
            if kind == "credit_only"
            else {"originalOrder": {"type": "sales_order", "id": sold.number, "lineId": str(sold.lines[place])}}
        )
        line = {
            "lineId": str(place + 1),
            "item": {"sku": sku},
            "requested": eaches(quantity),
            "reason": {"code": "defective"},
            "unitPrice": money(price, currency),
            **original,
        }
        if replacement:
            line["replacement"] = {"item": {"sku": sku}, "quantity": eaches(replacement)}
        lines.append(line)
    return Return.model_validate(
        {
            "meta": meta("return", number),
            "number": number,
            "status": "requested",
            "type": kind,
            "customer": {"id": customer},
            "currency": currency,
            "lines": lines,
        }
    )


def received(
    return_: Return, receipt: str, *counted: str, lot: str = LOT, points: Mapping[str, Any] | None = GOOD
) -> Return:
    """The return with one more delivery: how much came on each line ("0" for nothing), what the inspection found."""
    data = return_.to_dict()
    data["status"] = "received"
    for line, count in zip(data["lines"], counted, strict=True):
        authorized = line["requested"]
        line["authorized"] = line["expected"] = authorized
        if Decimal(count):
            item = {"sku": line["item"]["sku"], **({"lot": lot} if line["item"]["sku"] == PUMP else {})}
            entry = {"receiptId": receipt, "quantity": eaches(count), "receivedAt": _NOW, "item": item}
            if Decimal(count) > Decimal(authorized["value"]):
                entry["discrepancy"] = "over"
            line["receipts"] = [*line.get("receipts", ()), entry]
            line["received"] = eaches(sum((Decimal(one["quantity"]["value"]) for one in line["receipts"]), Decimal(0)))
    if points is not None:
        data["extensions"] = {"org.tryton.inspection": {receipt: dict(points)}}
    return Return.model_validate(data)


def position(status: str) -> dict[str, Any]:
    """A stock position of the warehouse, or with `external:` a place outside it."""
    name, _, boundary = status.partition(":")
    return {"status": name, "boundary": boundary} if boundary else {"status": name, "location": {"id": "WH"}}


_CONDITIONS = {"restock": "new_sealed", "quarantine": "damaged", "scrap": "damaged", "return_to_vendor": "defective"}
_PLACES = {
    "restock": "available",
    "quarantine": "quarantine",
    "scrap": "external:scrap",
    "return_to_vendor": "vendor_return",
}


def disposition(
    number: str, receipt: str, *decided: tuple[str, str, str, str], lot: str = LOT, worn: Sequence[str] = ()
) -> Disposition:
    """What was decided about a delivery: line, product, disposition, quantity; the same line may come again.

    Goods of the dispositions in `worn` are noted to be so.
    """
    batches: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for line, sku, code, quantity in decided:
        batches.setdefault((line, sku), []).append((code, quantity))
    lines = []
    for (line, sku), splits in batches.items():
        total = sum((Decimal(quantity) for _, quantity in splits), Decimal(0))
        lines.append(
            {
                "lineId": f"{receipt}-{line}",
                "returnLineId": line,
                "receiptId": receipt,
                "item": {"sku": sku, **({"lot": lot} if sku == PUMP else {})},
                "inspected": eaches(total),
                "splits": [
                    {
                        "splitId": f"{receipt}-{line}-{place}",
                        "quantity": eaches(quantity),
                        "condition": {"code": _CONDITIONS[code]},
                        "disposition": {"code": code, **({"note": "worn"} if code in worn else {})},
                        "to": position(_PLACES[code]),
                        **({"vendor": {"id": "S-1"}} if code == "return_to_vendor" else {}),
                    }
                    for place, (code, quantity) in enumerate(splits, 1)
                ],
            }
        )
    return Disposition.model_validate(
        {
            "meta": meta("disposition", f"{number}-{receipt}"),
            "status": "final",
            "return": {"type": "return", "id": number},
            "warehouse": {"id": "WH"},
            "lines": lines,
        }
    )


def adjustment(number: str, quantity: str, source: str, target: str, *, sku: str = PUMP, lot: str = LOT) -> Adjustment:
    """Goods that go from one place to another."""
    reasons = {"external:scrap": "scrap", "external:count": "count_correction"}
    item = {"sku": sku, **({"lot": lot} if sku == PUMP else {})}
    return Adjustment.model_validate(
        {
            "meta": meta("adjustment", number),
            "number": number,
            "status": "posted",
            "postingDate": dt.datetime.now(dt.UTC).date().isoformat(),
            "lines": [
                {
                    "lineId": "1",
                    "item": item,
                    "quantity": eaches(quantity),
                    "from": position(source),
                    "to": position(target),
                    "reason": {"code": reasons.get(target, "location_transfer")},
                }
            ],
        }
    )


def credit(
    return_: Return,
    number: str,
    *credited: tuple[str, str],
    fee: str = "",
    rate: str = "0.0825",
    tax: str | None = None,
    invoice: str = "",
) -> Credit:
    """Credited lines of a return (line, quantity) at its prices; `fee` is kept, `tax` is the rate's if not said."""
    lines: list[dict[str, Any]] = []
    total = Decimal(0)
    of = {line.line_id: line for line in return_.lines}
    for place, (line, quantity) in enumerate(credited, 1):
        price = of[line].unit_price
        assert price
        amount = (price.amount * Decimal(quantity)).quantize(_CENT, ROUND_HALF_EVEN)
        total += amount
        reason = "price_correction" if return_.type == "credit_only" else "goods_returned"
        lines.append(
            {
                "lineId": str(place),
                "item": {"sku": of[line].item.sku},
                "quantity": eaches(quantity),
                "unitPrice": money(price.amount, return_.currency),
                "amount": money(amount, return_.currency),
                "reason": {"code": reason},
                "return": {"type": "return", "id": return_.number, "lineId": line},
            }
        )
    kept = Decimal(fee or 0)
    net = total - kept
    due = Decimal(tax) if tax else (net * Decimal(rate)).quantize(_CENT, ROUND_HALF_EVEN)

    def cash(value: Decimal) -> dict[str, str]:
        return money(value, return_.currency)

    charges: Sequence[Mapping[str, Any]] = [
        {"kind": "restocking_fee", "effect": "decreases_credit", "amount": cash(kept), "reason": "Restocking"}
    ]
    return Credit.model_validate(
        {
            "meta": meta("credit", number),
            "number": number,
            "status": "approved",
            "direction": "to_customer",
            "issueDate": dt.datetime.now(dt.UTC).date().isoformat(),
            "seller": {"id": "MAIN"},
            "buyer": return_.customer.to_dict(),
            "currency": return_.currency,
            "refs": [{"type": "return", "id": return_.number}],
            **({"originalInvoices": [{"type": "invoice", "id": invoice}]} if invoice else {}),
            "lines": lines,
            **({"charges": charges} if kept else {}),
            "taxes": [
                {
                    "taxType": "sales",
                    "category": "S",
                    "rate": f"{(Decimal(rate) * 100).normalize():f}",
                    "taxable": cash(net),
                    "tax": cash(due),
                }
            ],
            "totals": {
                "lines": cash(total),
                **({"decreases": cash(kept)} if kept else {}),
                "taxExclusive": cash(net),
                "tax": cash(due),
                "taxInclusive": cash(net + due),
                "due": cash(net + due),
            },
        }
    )
