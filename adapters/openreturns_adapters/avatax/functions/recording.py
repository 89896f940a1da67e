"""What a credit becomes in the tax engine: signs, tax dates, addresses, and what must not be recorded at all."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment, Tenant, money
from openreturns.models import TaxMethod

__all__ = [
    "MARK",
    "TAX_POINT",
    "charge_amount",
    "charge_number",
    "charge_tax_code",
    "commit",
    "items_tax_code",
    "line_override",
    "location",
    "override",
    "reference",
    "tax_method",
    "writable",
]

Record = dict[str, Any]

MARK = "charge:"
_INVOICED = "Return"
"""Why the rates of the invoice's day count."""
TAX_POINT = "Tax point"
"""Why the rates of another day count that is not the invoice's."""
_bare_amount = money.bind(Tenant()).write.call


# --- what must not be recorded --------------------------------------------------------------------------------


def writable(document: Record, env: Environment) -> None:
    """Refuse what would record a wrong tax: each with the place and the way out."""
    problems = [*_refused(document), *_unplaced(document, env)]
    if problems:
        raise MappingError("AvaTax has no return invoice for this", kind="translation", problems=problems)


_NOT_RECORDED = {"rejected": "was rejected", "voided": "is void; void the transaction in AvaTax"}


def _refused(document: Record) -> Iterable[Problem]:
    status = document["status"]
    if status in _NOT_RECORDED:
        yield Problem("not_recordable", f"the credit {_NOT_RECORDED[status]}", "/status", "/commit")
    if document["direction"] != "to_customer":
        yield Problem("vendor_credit", "a vendor's credit is a purchase, not a return of ours", "/direction", "/type")
    if "reverses" in document:
        said = "void the transaction of the other credit; a second return would give the tax back twice"
        yield Problem("reversal", said, "/reverses", "/type")
    if document.get("taxMethod") == "none":
        yield Problem("untaxed", "the credit bears no tax; AvaTax would reckon one", "/taxMethod", "/taxOverride")
    if document.get("taxMethod") == "reversed_from_original":
        for place, line in enumerate(document["lines"]):
            if _invoice_date(line, document) is None:
                said = "the tax is as it was on the invoice, and the day of the invoice is not told"
                at = f"/lines/{place}"
                yield Problem("tax_date", said, f"{at}/originalInvoice/issueDate", f"{at}/taxOverride/taxDate")
    for place, line in enumerate(document["lines"]):
        if line["lineId"].startswith(MARK):
            said = f"ids that start with {MARK!r} are those of charges"
            yield Problem("reserved", said, f"/lines/{place}/lineId", f"/lines/{place}/number")


def _unplaced(document: Record, env: Environment) -> Iterable[Problem]:
    if "address" not in document["buyer"]:
        said = "the tax depends on where the goods were sold to"
        yield Problem("no_address", said, "/buyer/address", "/addresses/shipTo")
    if location(document, env) is None and "address" not in document["seller"]:
        said = "the tax depends on where the goods were sold from; or set location_code"
        yield Problem("no_address", said, "/seller/address", "/addresses/shipFrom")


def location(document: Record, env: Environment) -> str | None:
    """Return the location goods are sold from, where the document has no address of the seller."""
    found = env.tenant.settings.get("location_code")
    return str(found) if found and "address" not in document["seller"] else None


# --- the day whose rates count --------------------------------------------------------------------------------


def _invoice_date(line: Record, document: Record) -> str | None:
    """Return the day of the invoice that a line was charged on, where the document tells."""
    own = line.get("originalInvoice") or {}
    if "issueDate" in own:
        return str(own["issueDate"])
    known = [ref for ref in document.get("originalInvoices") or () if "id" not in own or ref["id"] == own["id"]]
    dates = {ref.get("issueDate") for ref in known}
    return dates.pop() if len(dates) == 1 else None


def _tax_date(line: Record, document: Record) -> tuple[str, str] | None:
    """Return the day whose rates count for a line, and why: the invoice's, unless the tax is reckoned anew."""
    invoiced = None if document.get("taxMethod") == "recalculated" else _invoice_date(line, document)
    if invoiced:
        return invoiced, _INVOICED
    return (document["taxPointDate"], TAX_POINT) if "taxPointDate" in document else None


def _overridden(on: tuple[str, str] | None) -> Record | None:
    return {"type": "TaxDate", "taxDate": on[0], "reason": on[1]} if on else None


def _days(document: Record) -> Iterable[tuple[str, str]]:
    """Yield every day that a document tells for its tax, with the place."""
    if "taxPointDate" in document:
        yield "/taxPointDate", document["taxPointDate"]
    places = [(f"/originalInvoices/{n}", ref) for n, ref in enumerate(document.get("originalInvoices") or ())]
    places += [(f"/lines/{n}/originalInvoice", line.get("originalInvoice", {})) for n, line in _lines(document)]
    yield from ((f"{place}/issueDate", ref["issueDate"]) for place, ref in places if "issueDate" in ref)


def _lines(document: Record) -> Iterable[tuple[int, Record]]:
    return enumerate(document["lines"])


def _tax_dates(document: Record, env: Environment) -> list[tuple[str, str] | None]:
    """Return the day whose rates count for each line, and why."""
    return [_tax_date(line, document) for line in document["lines"]]


def override(document: Record, env: Environment) -> Record | None:
    """Return what decides the rates of the whole document: one day for all lines, else each line has its own."""
    dates = set(env.once(_tax_dates))
    used = {on[0] for on in dates if on}
    for place, on in _days(document):
        if on not in used:
            env.lose("the rates are those of another day", below=place)
    if len(dates) == 1:
        return _overridden(dates.pop())
    if document.get("charges"):
        env.finding("charge_tax_date", "lines are of several days; charges are taxed at the rates of the issue date")
    return None


def line_override(line: Record, env: Environment) -> Record | None:
    """Return what decides the rates of a line, where not all lines are of one day."""
    several = len(set(env.once(_tax_dates))) > 1
    return _overridden(_tax_date(line, env.root)) if several else None


def tax_method(record: Record) -> TaxMethod | None:
    """Return how the tax of a written record is found; None where the days of invoices count for some lines only."""
    whole = record.get("taxOverride", {})
    goods = [line for line in record["lines"] if not line["number"].startswith(MARK)]
    invoiced = {line.get("taxOverride", whole).get("reason") == _INVOICED for line in goods}
    if len(invoiced) > 1:
        return None
    return "reversed_from_original" if invoiced == {True} else "recalculated"


# --- what it refers to ----------------------------------------------------------------------------------------


def reference(document: Record, env: Environment) -> str | None:
    """Return the number of the original invoice; others than the first have no place."""
    found: list[str] = []
    places = [(f"/originalInvoices/{n}", ref) for n, ref in enumerate(document.get("originalInvoices") or ())]
    places += [
        (f"/lines/{n}/originalInvoice", line["originalInvoice"])
        for n, line in enumerate(document["lines"])
        if "originalInvoice" in line
    ]
    for place, ref in places:
        found = found or [ref["id"]]
        if ref["id"] != found[0]:
            env.lose("AvaTax has one reference, the first invoice", below=place)
    return found[0] if found else None


# --- amounts --------------------------------------------------------------------------------------------------


def commit(document: Record, env: Environment) -> bool:
    """Whether the tax is final: it is once the credit is issued."""
    if document["status"] not in ("draft", "issued"):
        env.lose("AvaTax knows saved and committed", below="/status")
    return document["status"] in ("issued", "applied", "refunded")


def _paid(value: Record, env: Environment) -> Decimal:
    number: Decimal = _bare_amount(value, env)
    return number


def _back(number: Decimal) -> Decimal:
    return number.copy_negate() if number else number  # a minus sign would round, and zero has none


def items_tax_code(line: Record, env: Environment) -> str | None:
    """Return what kind of goods it is for the tax: the tenant's for the item, else the general one."""
    sku = (line.get("item") or {}).get("sku")
    found = env.tenant.table("tax_code").write.get(sku) if sku else None
    return found or env.tenant.settings.get("tax_code")


# --- charges --------------------------------------------------------------------------------------------------


def charge_number(charge: Record, env: Environment) -> str:
    """Return the mark by which a charge's line is known again."""
    place = next(n for n, one in enumerate(env.root["charges"], 1) if one is charge)
    return f"{MARK}{charge['kind']}:{place}"


def charge_amount(charge: Record, env: Environment) -> Decimal:
    """Return the amount as AvaTax wants it: what the customer gets is negative, what is kept is positive."""
    amount = _paid(charge["amount"], env)
    return amount if charge["effect"] == "decreases_credit" else _back(amount)


def charge_tax_code(charge: Record, env: Environment) -> str | None:
    """Return the tax code that the tenant gives charges of this kind."""
    return env.tenant.table("charge_tax_code").write.get(charge["kind"])
