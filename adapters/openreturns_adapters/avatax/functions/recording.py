"""What a credit becomes in the tax engine: signs, tax dates, addresses, and what must not be recorded at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment, Tenant, money

__all__ = [
    "MARK",
    "charge_amount",
    "charge_number",
    "charge_tax_code",
    "code",
    "commit",
    "credited",
    "items_tax_code",
    "limited",
    "line_override",
    "location",
    "never",
    "override",
    "purchase_order",
    "quantity",
    "reference",
    "return_line",
    "return_number",
    "writable",
]

Record = dict[str, Any]

MARK = "charge:"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,50}").fullmatch
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


# --- texts that have a limit ----------------------------------------------------------------------------------


def limited(path: str, limit: int) -> Callable[[Record, Environment], str | None]:
    """Return a function that gives the text at a path, and refuses one that AvaTax would refuse as too long."""
    steps = path.split(".")

    def text(scope: Record, env: Environment) -> str | None:
        value: Any = scope
        for step in steps:
            value = (value or {}).get(step)
        return _short(value, limit)

    return text


def _short(value: str | None, limit: int) -> str | None:
    if value is not None and len(value) > limit:
        raise ValueError(f"has {len(value)} characters, AvaTax takes {limit}")
    return value


def code(document: Record, env: Environment) -> str:
    """Return the number; characters that a path cannot hold would make it unfindable."""
    number = str(document["number"])
    if not _PLAIN(number):
        raise ValueError("an AvaTax code is up to 50 of the characters A-Z a-z 0-9 . _ -")
    return number


# --- the day whose rates count --------------------------------------------------------------------------------


def _invoice_date(line: Record, document: Record) -> str | None:
    """Return the day of the invoice that a line was charged on, where the document tells."""
    own = line.get("originalInvoice") or {}
    if "issueDate" in own:
        return str(own["issueDate"])
    known = [ref for ref in document.get("originalInvoices") or () if "id" not in own or ref["id"] == own["id"]]
    dates = {ref.get("issueDate") for ref in known}
    return dates.pop() if len(dates) == 1 else None


def _tax_date(line: Record, document: Record) -> str | None:
    """Return the day whose rates count for a line: the invoice's, unless the tax is reckoned anew."""
    own = document.get("taxPointDate")
    return own if document.get("taxMethod") == "recalculated" else _invoice_date(line, document) or own


def _overridden(on: str | None) -> Record | None:
    return {"type": "TaxDate", "taxDate": on, "reason": "Return"} if on else None


def _days(document: Record) -> Iterable[tuple[str, str]]:
    """Yield every day that a document tells for its tax, with the place."""
    if "taxPointDate" in document:
        yield "/taxPointDate", document["taxPointDate"]
    places = [(f"/originalInvoices/{n}", ref) for n, ref in enumerate(document.get("originalInvoices") or ())]
    places += [(f"/lines/{n}/originalInvoice", line.get("originalInvoice", {})) for n, line in _lines(document)]
    yield from ((f"{place}/issueDate", ref["issueDate"]) for place, ref in places if "issueDate" in ref)


def _lines(document: Record) -> Iterable[tuple[int, Record]]:
    return enumerate(document["lines"])


def override(document: Record, env: Environment) -> Record | None:
    """Return what decides the rates of the whole document: one day for all lines, else each line has its own."""
    dates = {_tax_date(line, document) for line in document["lines"]}
    for place, on in _days(document):
        if on not in dates:
            env.lose("the rates are those of another day", below=place)
    if len(dates) == 1:
        return _overridden(dates.pop())
    if document.get("charges"):
        env.finding("charge_tax_date", "lines are of several days; charges are taxed at the rates of the issue date")
    return None


def line_override(line: Record, env: Environment) -> Record | None:
    """Return what decides the rates of a line, where not all lines are of one day."""
    document = env.root
    if len({_tax_date(one, document) for one in document["lines"]}) == 1:
        return None
    return _overridden(_tax_date(line, document))


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
    return _short(found[0], 1024) if found else None


def purchase_order(document: Record, env: Environment) -> str | None:
    """Return the customer's purchase order."""
    orders = (ref["id"] for ref in document.get("refs") or () if ref["type"] == "purchase_order")
    return _short(next(orders, None), 50)


def return_number(line: Record, env: Environment) -> str | None:
    """Return the number of the return that a line belongs to, its own or the document's."""
    own = line.get("return")
    if own is None:
        own = next((ref for ref in env.root.get("refs") or () if ref["type"] == "return"), None)
    return _short(own["id"], 250) if own else None


def return_line(line: Record, env: Environment) -> str | None:
    """Return the line of the return."""
    return _short((line.get("return") or {}).get("lineId"), 250)


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


def credited(line: Record, env: Environment) -> Decimal:
    """Return the amount as AvaTax wants it on a return: what the customer gets is negative."""
    if "discount" in line:
        env.lose("the amount is sent, the discount is in it", below="/discount")
    return _back(_paid(line["amount"], env))


def quantity(line: Record, env: Environment) -> Decimal:
    """Return the quantity; AvaTax counts without a unit."""
    if line["quantity"]["uom"] != env.tenant.setting("unit_of_measure"):
        env.lose("AvaTax has no units", below="/quantity/uom")
    number = Decimal(line["quantity"]["value"])
    if not number:
        raise ValueError("AvaTax takes a quantity of zero for one")
    return number


def items_tax_code(line: Record, env: Environment) -> str | None:
    """Return what kind of goods it is for the tax: the tenant's for the item, else the general one."""
    sku = (line.get("item") or {}).get("sku")
    found = env.tenant.table("tax_code").write.get(sku) if sku else None
    return found or env.tenant.settings.get("tax_code")


# --- charges --------------------------------------------------------------------------------------------------


def never(line: Record, env: Environment) -> bool:
    """Leave the reading to the other mapping."""
    return False


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
