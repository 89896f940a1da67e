"""The tax of a transaction: per line and authority, exact, rounded half-even to the currency's smallest unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from openreturns_adapters.avatax.simulator.checking import day
from openreturns_adapters.avatax.simulator.places import destination
from openreturns_adapters.avatax.simulator.problems import Fault, Refused, fault
from openreturns_adapters.avatax.simulator.rates import JURIS_CODES, Rate, RateTable

__all__ = ["Policy", "rounded", "scaled", "summary", "tax_types", "taxed_lines", "totals", "unit_of"]

Model = dict[str, Any]
ZERO = Decimal(0)

# Currencies of ISO 4217 whose smallest unit is not a hundredth.
_WHOLE = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"),
    *("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
)
_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_PLACES = {
    **dict.fromkeys(_WHOLE, 0),
    **dict.fromkeys(_THOUSANDTHS, 3),
}
_REASON_NEEDED = ("TaxAmount", "Exemption", "TaxDate")
_SHORTEST = 60  # digits: products of any two numbers the service takes keep all of theirs


@dataclass(frozen=True)
class Policy:
    """What decides the tax beside the document: rates, exempt customers, codes of goods that nobody taxes."""

    rates: RateTable
    exempt: set[str]
    untaxed_codes: frozenset[str] = frozenset({"NT"})


def unit_of(currency: str) -> Decimal:
    """Return the smallest amount of a currency."""
    return Decimal(1).scaleb(-_PLACES.get(currency, 2))


def rounded(value: Decimal, unit: Decimal) -> Decimal:
    """Return an amount in whole units, half-even; zero has no sign."""
    return value.quantize(unit, ROUND_HALF_EVEN) + ZERO


def _spread(total: Decimal, weights: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Return parts of a total by weight, each in whole units, that add up to it exactly."""
    whole = sum(weights, ZERO)
    shares = [total * weight / whole if whole else total / len(weights) for weight in weights]
    parts = [rounded(share, unit) for share in shares]
    if parts:
        parts[-1] += total - sum(parts, ZERO)
    return parts


def taxed_lines(model: Model, policy: Policy) -> list[Model]:
    """Return the lines of a create model with their taxes. Raises Refused for what cannot be taxed."""
    with localcontext() as context:
        context.prec = _SHORTEST
        unit = unit_of(model.get("currencyCode", "USD"))
        _check_overrides(model)
        discounts = _discounts(model, unit)
        lines = [_line(model, line, place, discounts[place], policy, unit) for place, line in enumerate(model["lines"])]
        override = model.get("taxOverride", {})
        if override.get("type") == "TaxAmount":
            _set_taxes(lines, Decimal(override.get("taxAmount", 0)), unit)
        return lines


def _check_overrides(model: Model) -> None:
    found = []
    for at, holder in (("", model), *((f"lines[{n}].", line) for n, line in enumerate(model["lines"]))):
        override = holder.get("taxOverride", {})
        if override.get("type") in _REASON_NEEDED and not override.get("reason"):
            found.append(Fault("ValueRequiredError", "An override says why.", f"{at}taxOverride.reason"))
        if override.get("type") == "TaxDate" and "taxDate" not in override:
            found.append(Fault("ValueRequiredError", "The override names the date.", f"{at}taxOverride.taxDate"))
    if found:
        raise Refused(*found)


def _discounts(model: Model, unit: Decimal) -> list[Decimal]:
    """Return each line's part of the document's discount, by amount, over the lines that take it."""
    total = rounded(Decimal(model.get("discount", 0)), unit)
    takers = [n for n, line in enumerate(model["lines"]) if line.get("discounted")]
    if total and not takers:
        raise fault("NoLinesDiscounted", "Set discounted on the lines that take the discount.", "discount")
    weights = [abs(Decimal(model["lines"][n]["amount"])) for n in takers]
    parts = dict(zip(takers, _spread(total, weights, unit), strict=True))
    return [parts.get(n, ZERO) for n in range(len(model["lines"]))]


# --- one line ----------------------------------------------------------------------------------------------------


def _tax_day(model: Model, line: Model) -> date:
    for override in (line.get("taxOverride", {}), model.get("taxOverride", {})):
        if override.get("type") == "TaxDate":
            found = day(override["taxDate"])
            if found is not None:
                return found
    found = day(model["date"])
    assert found is not None  # checked with the body
    return found


def _is_exempt(model: Model, line: Model, policy: Policy) -> bool:
    overridden = {holder.get("taxOverride", {}).get("type") for holder in (model, line)}
    if "Exemption" in overridden:  # the entity's exemption is passed over
        return False
    stated = any(
        holder.get(name) for holder in (model, line) for name in ("exemptionNo", "entityUseCode", "exemptionCode")
    )
    return stated or model["customerCode"] in policy.exempt


def _kept(line: Model) -> Model:
    """Return what the answer repeats of a line."""
    same = (
        *("itemCode", "description", "taxCode", "entityUseCode", "customerUsageType", "ref1", "ref2", "hsCode"),
        *("businessIdentificationNo", "merchantSellerIdentifier", "marketplaceLiabilityType", "parameters"),
        *("originationDocumentId", "category", "summary", "userDefinedFields"),
    )
    kept = {name: line[name] for name in same if name in line}
    if "revenueAccount" in line:
        kept["revAccount"] = line["revenueAccount"]
    if "exemptionCode" in line:
        kept["exemptNo"] = line["exemptionCode"]
    override = line.get("taxOverride", {})
    if override.get("type", "None") != "None":
        kept["taxOverrideType"] = override["type"]
        kept |= {f"taxOverride{name[0].upper()}{name[1:]}": override[name] for name in ("reason",) if name in override}
        if "taxAmount" in override:
            kept["taxOverrideAmount"] = override["taxAmount"]
    return kept


def _line(model: Model, line: Model, place: int, discount: Decimal, policy: Policy, unit: Decimal) -> Model:
    amount, on = rounded(Decimal(line["amount"]), unit), _tax_day(model, line)
    where = destination(model, line)
    rates = policy.rates.at(where, on)
    exempt = _is_exempt(model, line, policy)
    net = amount - discount
    taxable = ZERO if exempt or line.get("taxCode") in policy.untaxed_codes or not rates else net
    if line.get("taxIncluded") and taxable:
        taxable = rounded(net / (1 + sum((rate.rate for rate in rates), ZERO)), unit)
    details = [_detail(rate, where, net, taxable, exempt, unit) for rate in rates]
    if line.get("taxIncluded") and taxable:
        _set_details(details, net - taxable, unit)
        details = [{**detail, "taxCalculated": detail["tax"]} for detail in details]
    done = {
        "id": 0,
        "transactionId": 0,
        "lineNumber": line.get("number") or str(place + 1),
        **_kept(line),
        "quantity": Decimal(line.get("quantity") or 1),
        "lineAmount": amount,
        "discountAmount": discount,
        "exemptAmount": net if exempt else ZERO,
        "taxableAmount": taxable,
        "tax": _sum(details, "tax"),
        "taxCalculated": _sum(details, "taxCalculated"),
        "taxDate": on.isoformat(),
        "taxIncluded": bool(line.get("taxIncluded")),
        "isItemTaxable": line.get("taxCode") not in policy.untaxed_codes,
        "sourcing": "Destination",
        "details": details,
    }
    _override(done, line.get("taxOverride", {}), rates, unit)
    return done


def _detail(rate: Rate, where: Model, net: Decimal, taxable: Decimal, exempt: bool, unit: Decimal) -> Model:
    tax = rounded(taxable * rate.rate, unit)
    return {
        "id": 0,
        "transactionId": 0,
        "transactionLineId": 0,
        "country": rate.country,
        "region": rate.region or where.get("region") or rate.country,
        "jurisCode": rate.code,
        "jurisName": rate.name,
        "jurisType": JURIS_CODES[rate.kind],
        "jurisdictionType": rate.kind,
        "rate": rate.rate,
        "taxableAmount": taxable,
        "exemptAmount": net if exempt else ZERO,
        "nonTaxableAmount": ZERO if exempt or taxable else net,
        "tax": tax,
        "taxCalculated": tax,
        "reportingTax": tax,
        "taxType": rate.tax_type,
        "taxName": rate.tax_name,
        "taxSubTypeId": "S",
        "rateType": "Standard" if rate.kind == "Country" else "General",
        "liabilityType": "Seller",
    }


def _override(line: Model, override: Model, rates: Sequence[Rate], unit: Decimal) -> None:
    """Put a line's own override of the tax in its place; what was calculated stays beside it."""
    kind = override.get("type")
    if kind == "TaxAmount" and "taxAmount" in override:
        _set_taxes([line], Decimal(override["taxAmount"]), unit)
    elif kind == "TaxAmountByTaxType":
        parts = (Decimal(part.get("taxAmount", 0)) for part in override.get("taxAmountByTaxTypes", ()))
        _set_taxes([line], sum(parts, ZERO), unit)
    elif kind == "DeriveTaxable" and "taxAmount" in override:
        whole = sum((rate.rate for rate in rates), ZERO)
        if whole:
            taxable = rounded(Decimal(override["taxAmount"]) / whole, unit)
            line["taxableAmount"] = taxable
            for detail in line["details"]:
                detail["taxableAmount"] = taxable
                detail["nonTaxableAmount"] = line["lineAmount"] - line["discountAmount"] - taxable
            _set_taxes([line], Decimal(override["taxAmount"]), unit)


def _set_taxes(lines: Sequence[Model], total: Decimal, unit: Decimal) -> None:
    """Spread a stated tax over lines by what was calculated, else by amount, and over their authorities."""
    bearing = [line for line in lines if line["details"]]
    weights = [abs(line["taxCalculated"]) for line in bearing]
    if not any(weights):
        weights = [abs(line["lineAmount"]) for line in bearing]
    for line, tax in zip(bearing, _spread(rounded(total, unit), weights, unit), strict=True):
        _set_details(line["details"], tax, unit)
        line["tax"] = tax


def _set_details(details: Sequence[Model], tax: Decimal, unit: Decimal) -> None:
    weights = [detail["rate"] for detail in details]
    for detail, part in zip(details, _spread(tax, weights, unit), strict=True):
        detail["tax"] = detail["reportingTax"] = part


# --- the other way, and sums -------------------------------------------------------------------------------------


def scaled(line: Model, part: Decimal, unit: Decimal, *, amounts: bool = True) -> Model:
    """Return a line taken back: `part` of its tax and, but for a refund of the tax only, of its amounts."""
    with localcontext() as context:
        context.prec = _SHORTEST

        def back(value: Decimal, factor: Decimal) -> Decimal:
            return rounded(-value * factor, unit)

        money, tax = (part if amounts else ZERO), ("tax", "taxCalculated", "reportingTax")
        sums = ("lineAmount", "discountAmount", "exemptAmount", "taxableAmount", "nonTaxableAmount")

        def entry(given: Model) -> Model:
            taken = {name: back(given[name], money) for name in sums if name in given}
            return {**given, **taken, **{name: back(given[name], part) for name in tax if name in given}}

        details = [entry(detail) for detail in line["details"]]
        whole = {**entry(line), "details": details}
        return {**whole, "tax": _sum(details, "tax"), "taxCalculated": _sum(details, "taxCalculated")}


def _sum(entries: Iterable[Model], name: str) -> Decimal:
    return sum((entry[name] for entry in entries), ZERO)


def totals(lines: Sequence[Model]) -> Model:
    """Return the sums of a document's lines."""
    amount, discount = _sum(lines, "lineAmount"), _sum(lines, "discountAmount")
    return {
        "totalAmount": amount - discount,
        "totalExempt": _sum(lines, "exemptAmount"),
        "totalDiscount": discount,
        "totalTax": _sum(lines, "tax"),
        "totalTaxable": _sum(lines, "taxableAmount"),
        "totalTaxCalculated": _sum(lines, "taxCalculated"),
    }


def summary(lines: Sequence[Model]) -> list[Model]:
    """Return the taxes by authority, tax and rate."""
    groups: dict[tuple[Any, ...], list[Model]] = {}
    for line in lines:
        for detail in line["details"]:
            names = ("country", "region", "jurisdictionType", "jurisCode", "taxType", "taxName", "rate")
            groups.setdefault(tuple(detail[name] for name in names), []).append(detail)
    return [_summed(entries) for entries in groups.values()]


def _summed(entries: Sequence[Model]) -> Model:
    first = entries[0]
    return {
        **{name: first[name] for name in ("country", "region", "jurisCode", "jurisName", "taxType", "taxName")},
        "jurisType": first["jurisdictionType"],
        "taxSubType": first["taxSubTypeId"],
        "rateType": first["rateType"],
        "rate": first["rate"],
        "taxable": _sum(entries, "taxableAmount"),
        "tax": _sum(entries, "tax"),
        "taxCalculated": _sum(entries, "taxCalculated"),
        "nonTaxable": _sum(entries, "nonTaxableAmount"),
        "exemption": _sum(entries, "exemptAmount"),
    }


def tax_types(groups: Sequence[Model]) -> list[Model]:
    """Return the sums by tax type."""
    names = {"totalTaxable": "taxable", "totalExempt": "exemption", "totalNonTaxable": "nonTaxable", "totalTax": "tax"}
    found: dict[str, list[Model]] = {}
    for group in groups:
        found.setdefault(group["taxType"], []).append(group)
    return [
        {"taxType": kind, **{name: _sum(entries, of) for name, of in names.items()}} for kind, entries in found.items()
    ]
