"""What a document of an account says: one made from a request, and one that takes another back."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from openreturns_adapters.avatax.simulator import taxing
from openreturns_adapters.avatax.simulator.checking import day
from openreturns_adapters.avatax.simulator.problems import Fault, Refused, fault

__all__ = ["day_text", "made", "number", "refund_of", "refund_part"]

Model = dict[str, Any]


def made(model: Model, kind: str, company: int, code: str, lines: Sequence[Model]) -> Model:
    """Return the document that a request makes of its taxed lines: the first version, as yet without numbers."""
    same = (
        *("customerCode", "referenceCode", "purchaseOrderNo", "salespersonCode", "entityUseCode"),
        *("customerUsageType", "reportingLocationCode", "batchCode", "businessIdentificationNo", "description"),
        *("email", "customerSupplierName", "deliveryTerms", "isSellerImporterOfRecord", "exchangeRate"),
        *("exchangeRateCurrencyCode", "parameters", "userDefinedFields"),
    )
    recorded = kind.endswith("Invoice")
    status = ("Committed" if model.get("commit") else "Saved") if recorded else "Temporary"
    override, on = model.get("taxOverride", {}), day_text(model["date"])
    return {
        "id": 0,
        "code": code,
        "companyId": company,
        "date": on,
        "paymentDate": on,
        "status": status,
        "type": kind,
        "currencyCode": model.get("currencyCode", "USD"),
        **{name: model[name] for name in same if name in model},
        **({"exemptNo": model["exemptionNo"]} if "exemptionNo" in model else {}),
        **_rate_day(model),
        "customerVendorCode": model["customerCode"],
        "reconciled": False,
        "locked": False,
        "version": 1,
        "adjustmentReason": "NotAdjusted",
        **_override(override),
        "taxDate": day_text(override["taxDate"]) if override.get("type") == "TaxDate" else on,
        "lines": lines,
        "addresses": _addresses(model),
    }


def refund_of(original: Model, kind: str, part: Decimal, code: str, model: Model, *, by_tax_date: bool) -> Model:
    """Return the ReturnInvoice that takes a sale, or this part of it, back."""
    unit = taxing.unit_of(original["currencyCode"])
    lines = [
        taxing.scaled(line, part, unit, amounts=kind != "TaxOnly") for line in _refunded_lines(original, kind, model)
    ]
    on = day_text(model["refundDate"])
    override = {"type": "TaxDate", "taxDate": original["taxDate"], "reason": "Refund"}
    if not by_tax_date:
        tax = sum((line["tax"] for line in lines), Decimal(0))
        override = {"type": "TaxAmount", "taxAmount": tax, "reason": "Refund"}
    document = {
        **original,
        "code": code,
        "type": "ReturnInvoice",
        "date": on,
        "paymentDate": on,
        "status": "Committed",
        "locked": False,
        "version": 1,
        "adjustmentReason": "NotAdjusted",
        **_override(override),
        "referenceCode": model.get("referenceCode", original["code"]),
        "lines": lines,
        "addresses": [dict(address) for address in original["addresses"]],
    }
    document.pop("adjustmentDescription", None)
    return document


def refund_part(kind: str, model: Model) -> Decimal:
    """Return which part of the lines is taken back. Raises Refused for what does not go together."""
    percentage, lines = model.get("refundPercentage"), model.get("refundLines")
    if kind == "TaxOnly" and percentage is not None:
        raise fault("RefundPercentageForTaxOnly", "Leave the percentage out.", "refundPercentage")
    if kind == "Percentage" and percentage is None:
        raise fault("RefundPercentageMissing", "Give the percentage.", "refundPercentage")
    if kind == "Full" and percentage not in (None, 100):
        raise fault("RefundTypeAndPercentageMismatch", "A full refund is of 100 percent.", "refundPercentage")
    if percentage is not None and not 0 < percentage <= 100:
        code = "RefundTypeAndPercentageMismatch" if kind == "Partial" else "RefundPercentageOutOfRange"
        raise fault(code, "The percentage is above 0 and up to 100.", "refundPercentage")
    if kind == "Partial" and not lines:
        raise fault("RefundLinesRequired", "Name the lines.", "refundLines")
    if kind != "Partial" and lines:
        raise fault("RefundTypeAndLineMismatch", f"A {kind} refund takes no lines.", "refundLines")
    return Decimal(percentage) / 100 if percentage is not None else Decimal(1)


def _refunded_lines(original: Model, kind: str, model: Model) -> list[Model]:
    if kind != "Partial":
        return list(original["lines"])
    known = {line["lineNumber"] for line in original["lines"]}
    wrong = [n for n, number in enumerate(model["refundLines"]) if number not in known]
    if wrong:
        raise Refused(*(Fault("LineNoOutOfRange", "There is no such line.", f"refundLines[{n}]") for n in wrong))
    return [line for line in original["lines"] if line["lineNumber"] in model["refundLines"]]


def day_text(text: str) -> str:
    """Return the day of a moment that the body of a request names."""
    found = day(text)
    assert found is not None  # checked with the body
    return found.isoformat()


def _rate_day(model: Model) -> Model:
    name = "exchangeRateEffectiveDate"
    return {name: day_text(model[name])} if name in model else {}


def _override(override: Model) -> Model:
    """Return what a document says of its override."""
    if override.get("type", "None") == "None":
        return {"taxOverrideType": "None", "taxOverrideAmount": Decimal(0), "taxOverrideReason": ""}
    return {
        "taxOverrideType": override["type"],
        "taxOverrideAmount": Decimal(override.get("taxAmount", 0)),
        "taxOverrideReason": override.get("reason", ""),
    }


def _addresses(model: Model) -> list[Model]:
    """Return each address of a document once."""
    found: list[Model] = []
    for holder in (model, *model["lines"]):
        for given in holder.get("addresses", {}).values():
            kept = {name: str(value) for name, value in given.items() if name != "locationCode"}
            if kept not in found:
                found.append(kept)
    return [{"boundaryLevel": "Address" if "line1" in one else "Zip5", **one} for one in found]


def number(document: Model, first: int, ids: itertools.count[int]) -> None:
    """Give a document and all its parts their numbers; an estimate has none."""

    def following() -> int:
        return next(ids) if first else 0

    document["id"] = first
    for address in document["addresses"]:
        address |= {"id": following(), "transactionId": first}
    for line in document["lines"]:
        line |= {"id": following(), "transactionId": first}
        for detail in line["details"]:
            detail |= {"id": following(), "transactionId": first, "transactionLineId": line["id"]}
