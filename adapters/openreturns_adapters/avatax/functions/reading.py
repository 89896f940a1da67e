"""What the tax engine's answer says as a credit: signs the other way, taxes by authority, totals as it states them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openreturns.decimals import exact, plain
from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment, Tenant, amount

from openreturns_adapters.avatax.functions.recording import MARK, TAX_POINT

__all__ = [
    "category",
    "charges",
    "company",
    "correlation",
    "currency",
    "discount",
    "document_id",
    "exchange_rate",
    "extensions",
    "invoices",
    "is_goods",
    "issued_at",
    "line_amount",
    "line_extensions",
    "line_return",
    "price",
    "price_base",
    "quantity",
    "readable",
    "reason",
    "return_id",
    "revision",
    "source_id",
    "tax_method",
    "tax_point",
    "tax_rate",
    "tax_transaction",
    "taxes",
    "totals",
]

Record = dict[str, Any]

ZERO = Decimal(0)
_SIX_PLACES = Decimal("0.000001")
_RETURNS = ("ReturnInvoice", "ReturnOrder")
_amount_text = amount.bind(Tenant()).parts[""].call


def _of(record: Record, name: str) -> Decimal:
    return exact(record.get(name, 0))


def _money(value: Decimal, env: Environment) -> Record:
    """Return an amount as Money in the document's currency, exact; below zero is refused."""
    return {"amount": _amount_text(value, env), "currency": env.currency}


def _back(record: Record, name: str) -> Decimal:
    """Return what a negative number of the vendor's gives back."""
    number = _of(record, name)
    return number.copy_negate() if number else ZERO


# --- what cannot be read --------------------------------------------------------------------------------------


def readable(record: Record, env: Environment) -> None:
    """Refuse what is no credit, or not told whole."""
    problems = [*_unreadable(record)]
    if problems:
        raise MappingError("the transaction makes no credit", kind="translation", problems=problems)


def _unreadable(record: Record) -> Iterable[Problem]:
    if record["type"] not in _RETURNS:
        yield Problem("not_a_return", f"a {record['type']} is no return", "/direction", "/type")
    if record["status"] == "Adjusted":
        yield Problem("superseded", "a newer version replaced it; read that one", "/status", "/status")
    if not record.get("lines"):
        yield Problem("incomplete", "ask for the lines: $include=Lines,Details,Summary", "/lines", "/lines")
    if "summary" not in record and record["totalTax"]:
        yield Problem("incomplete", "ask for the taxes: $include=Lines,Details,Summary", "/taxes", "/summary")
    for place, line in enumerate(record.get("lines") or ()):
        if line.get("taxIncluded"):
            said = "amounts with their tax in them are not read"
            yield Problem("tax_included", said, f"/lines/{place}/amount", f"/lines/{place}/taxIncluded")


# --- the document ---------------------------------------------------------------------------------------------


def currency(record: Record, env: Environment) -> str:
    """Return the currency; the vendor's default is the US dollar."""
    return str(record.get("currencyCode", "USD"))


def document_id(record: Record, env: Environment) -> str:
    """Return a document id made from the vendor's code."""
    return f"avatax-{record['code']}"


def source_id(record: Record, env: Environment) -> str | None:
    """Return the vendor's number; an estimate has none."""
    return str(record["id"]) if record.get("id") else None


def revision(record: Record, env: Environment) -> int:
    """Return the version, which adjustments count up."""
    return int(record.get("version", 1))


def issued_at(record: Record, env: Environment) -> str | None:
    """Return when it last changed, to the microsecond, in UTC where no zone is said; else what the caller says."""
    text = record.get("modifiedDate")
    if text is None:
        given = env.given.get("issued_at")
        return str(given) if given else None
    moment = datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return moment.isoformat().replace("+00:00", "Z")


def correlation(record: Record, env: Environment) -> str:
    """Return the caller's correlation id, else the number all systems share."""
    return str(env.given.get("correlation_id") or record["code"])


def company(record: Record, env: Environment) -> str:
    """Return the code of the company; the answer has only the vendor's number of it."""
    return str(env.tenant.setting("company_code"))


def tax_point(record: Record, env: Environment) -> str | None:
    """Return the day whose rates count, where it is not the document's own."""
    on = str(record.get("taxDate", record["date"]))[:10]
    return on if on != record["date"] else None


def invoices(record: Record, env: Environment) -> list[Record] | None:
    """Return the original invoice, by the reference that this adapter writes."""
    return [{"type": "invoice", "id": record["referenceCode"]}] if record.get("referenceCode") else None


def return_id(record: Record, env: Environment) -> str | None:
    """Return the number of the return, where all lines are of one."""
    found = {line.get("ref1") for line in record["lines"] if is_goods(line, env)}
    return found.pop() or None if len(found) == 1 else None


def exchange_rate(record: Record, env: Environment) -> Record | None:
    """Return the rate, where somebody gave one: 1 into another currency stands where nobody did."""
    rate, into = record.get("exchangeRate"), record.get("exchangeRateCurrencyCode")
    if rate is None or into is None or into == env.currency or rate == 1:
        return None
    if exact(rate) % _SIX_PLACES:
        env.finding("exchange_rate", "the rate has more than six places; it is kept among the extensions")
        return None
    on = record.get("exchangeRateEffectiveDate")
    return {"to": into, "rate": plain(exact(rate)), **({"date": on} if on else {})}


def _is_of_the_original(holder: Record) -> bool:
    """Whether the tax follows the original: its amount, or the rates of its day."""
    word = holder.get("taxOverrideType")
    return word == "TaxAmount" or (word == "TaxDate" and holder.get("taxOverrideReason") != TAX_POINT)


def tax_method(record: Record, env: Environment) -> str:
    """Return how the tax was found: a refund states the original's amount, a return the original's day."""
    found = any(_is_of_the_original(holder) for holder in (record, *record["lines"]))
    return "reversed_from_original" if found else "recalculated"


def tax_transaction(record: Record, env: Environment) -> Record | None:
    """Return the tax document; an estimate is none."""
    if record["status"] == "Temporary":
        return None
    return {"type": "tax_transaction", "id": record["code"], "system": "avatax"}


# --- lines ----------------------------------------------------------------------------------------------------


def is_goods(line: Record, env: Environment) -> bool:
    """Whether a line credits goods; what is so marked, or is kept from the credit, is a charge."""
    return not line["lineNumber"].startswith(MARK) and line["lineAmount"] <= 0


def _gross(line: Record) -> Decimal:
    return _back(line, "lineAmount")


def _net(line: Record) -> Decimal:
    """Return what is credited of a line, less the discount that the sale had."""
    return _gross(line) - _back(line, "discountAmount")


def line_amount(line: Record, env: Environment) -> Record:
    """Return the amount credited."""
    return _money(_net(line), env)


def discount(line: Record, env: Environment) -> Record | None:
    """Return the line's part of the document's discount."""
    taken = _back(line, "discountAmount")
    return _money(taken, env) if taken else None


def _count(line: Record) -> Decimal:
    return _of(line, "quantity") or Decimal(1)


def quantity(line: Record, env: Environment) -> Record:
    """Return the quantity, in the tenant's unit; the vendor takes none and zero for one."""
    return {"value": plain(_count(line)), "uom": env.tenant.setting("unit_of_measure")}


def _priced(line: Record) -> tuple[Decimal, bool]:
    """Return the price of one unit; of all of them, and true, where no price of six places makes the amount."""
    gross, count = _gross(line), _count(line)
    one = (gross / count).quantize(_SIX_PLACES) if gross.adjusted() < 12 else gross
    return (one, False) if one * count == gross else (gross, True)


def price(line: Record, env: Environment) -> Record:
    """Return the price that makes the amount."""
    return _money(_priced(line)[0], env)


def price_base(line: Record, env: Environment) -> Record | None:
    """Return the quantity that the price is of, where it is not one."""
    return quantity(line, env) if _priced(line)[1] else None


def reason(line: Record, env: Environment) -> Record:
    """Return the reason of the adjustment; a document that was not adjusted holds none."""
    word = env.root.get("adjustmentReason", "NotAdjusted")
    if not line["lineAmount"] and line.get("tax"):
        return {"code": "tax_correction", "note": "only the tax is given back"}
    if word == "NotAdjusted":
        return {"code": "other", "note": "AvaTax holds no reason"}
    table = env.tenant.table("credit_reason")
    return {"code": table.require(word, env), "source": {"scheme": table.scheme, "value": word}}


def line_return(line: Record, env: Environment) -> Record | None:
    """Return the return line, by the references that this adapter writes."""
    if not line.get("ref1"):
        return None
    found = {"type": "return", "id": line["ref1"]}
    return {**found, "lineId": line["ref2"]} if line.get("ref2") else found


def _rate(line: Record) -> Decimal:
    return sum((_of(detail, "rate") for detail in line.get("details") or ()), ZERO)


def category(line: Record, env: Environment) -> str | None:
    """Return how the line is taxed; not known without its details, and none where it is taxed in part."""
    taxable, exempt = bool(line.get("taxableAmount")), bool(line.get("exemptAmount"))
    if taxable == exempt:
        return None if exempt or line.get("tax") or "details" not in line else "O"
    if exempt:
        return "E"
    return None if "details" not in line else "S" if _rate(line) else "Z"


def tax_rate(line: Record, env: Environment) -> str | None:
    """Return the rates of all authorities together, in percent."""
    return plain(_rate(line) * 100) if category(line, env) in ("S", "Z") else None


# --- charges, taxes, totals -----------------------------------------------------------------------------------


def _charge_lines(record: Record, env: Environment) -> list[Record]:
    return [line for line in record["lines"] if not is_goods(line, env)]


def charges(record: Record, env: Environment) -> list[Record] | None:
    """Return the charges: lines so marked, and lines that take from the credit."""
    return [_charge(line, env) for line in _charge_lines(record, env)] or None


def _charge(line: Record, env: Environment) -> Record:
    number, net = line["lineNumber"], _net(line)
    marked = number.startswith(MARK)
    kind = number.split(":")[1] if marked else env.code("charge_item", line.get("itemCode") or "no item")
    more = {"taxCategory": category(line, env), "taxRate": tax_rate(line, env), "reason": line.get("description")}
    return {
        "kind": kind,
        "effect": "decreases_credit" if net < 0 else "increases_credit",
        "amount": _money(abs(net), env),
        **{name: value for name, value in more.items() if value is not None},
    }


# What a row of the summary can hold beside each other: its field, and the tax category.
_PARTS = (("taxable", "S"), ("exemption", "E"), ("nonTaxable", "O"))


def taxes(record: Record, env: Environment) -> list[Record] | None:
    """Return a group for each authority, tax, rate and category."""
    found = [
        _group(row, name, kind, env)
        for row in record.get("summary") or ()
        for name, kind in _PARTS
        if row.get(name) or (name == "taxable" and row["tax"])
    ]
    return found or None


def _group(row: Record, name: str, kind: str, env: Environment) -> Record:
    word = row["taxType"]
    taxed = name == "taxable"
    group = {
        "taxType": env.tenant.table("tax_type").code(word) or word,
        "category": "Z" if taxed and not row["rate"] else kind,
        "taxable": _money(_back(row, name), env),
        "tax": _money(_back(row, "tax") if taxed else ZERO, env),
        "jurisdiction": "-".join(_authority(row)),
    }
    if taxed:
        group["rate"] = plain(exact(row["rate"]) * 100)
    return {**group, "exemptionReason": "exempt in AvaTax"} if kind == "E" else group


def _authority(row: Record) -> Iterable[str]:
    """Yield what names an authority: codes of a state and of a city in it may be the same."""
    region = row.get("region")
    names = (row.get("country"), region if region != row.get("country") else None, row["jurisType"])
    return [name for name in (*names, row.get("jurisCode")) if name]


def totals(record: Record, env: Environment) -> Record:
    """Return the totals as the vendor states them, so that the invariants can doubt them.

    Only what it has no field for is reckoned: goods and charges apart.
    """
    goods = sum((_net(line) for line in record["lines"] if is_goods(line, env)), ZERO)
    charged = [_net(line) for line in _charge_lines(record, env)]
    exclusive, tax = _back(record, "totalAmount"), _back(record, "totalTax")
    sums = {"lines": goods}
    for name, sign in (("decreases", -1), ("increases", 1)):
        amounts = [sign * one for one in charged if sign * one > 0]
        sums |= {name: sum(amounts, ZERO)} if amounts else {}
    sums |= {"taxExclusive": exclusive, "tax": tax, "taxInclusive": exclusive + tax, "due": exclusive + tax}
    negative = [name for name, value in sums.items() if value < 0]
    if negative:
        raise ValueError(f"{', '.join(negative)} would be below zero")
    return {name: _money(value, env) for name, value in sums.items()}


# --- what has no place ----------------------------------------------------------------------------------------


def _named(values: Record) -> Record | None:
    return {f"com.avalara.{name}": value for name, value in values.items() if value not in (None, "")} or None


def _text(record: Record, name: str) -> str | None:
    number = record.get(name)
    return plain(exact(number)) if number else None


def _given(record: Record, *names: str) -> Record:
    return {"_".join(_words(name)): record.get(name) for name in names}


def _words(name: str) -> list[str]:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).split()


def extensions(record: Record, env: Environment) -> Record | None:
    """Return what only this vendor has, verbatim."""
    kept = ("status", "type", "companyId", "description", "adjustmentDescription", "taxOverrideReason")
    rate = record.get("exchangeRate")
    beside = {
        "locked": record.get("locked") or None,
        "adjustment_reason": _word(record.get("adjustmentReason"), "NotAdjusted"),
        "tax_override_type": _word(record.get("taxOverrideType"), "None"),
        "tax_override_amount": _text(record, "taxOverrideAmount"),
        "exchange_rate": plain(exact(rate)) if rate is not None and exact(rate) % _SIX_PLACES else None,
        "messages": [message["summary"] for message in record.get("messages") or () if "summary" in message] or None,
    }
    return _named({**_given(record, *kept), **beside})


def _word(word: str | None, nothing: str) -> str | None:
    return word if word != nothing else None


def line_extensions(line: Record, env: Environment) -> Record | None:
    """Return what only this vendor has of a line, verbatim."""
    beside = {
        "tax_override_type": _word(line.get("taxOverrideType"), "None"),
        "tax_override_amount": _text(line, "taxOverrideAmount"),
    }
    kept = ("taxCode", "taxDate", "taxOverrideReason")
    return _named({**_given(line, *kept), "tax": _text(line, "tax"), **beside})
