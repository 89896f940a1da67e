"""What a credit memo says between its lines: its origin, prices, charges, taxes and totals, to the last digit."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from openreturns.decimals import exact, plain
from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment

from openreturns_adapters.netsuite.functions.credit_sums import is_charge, tax_word
from openreturns_adapters.netsuite.functions.shared import (
    Record,
    bare,
    money_of,
    named,
    reason_of,
    unit,
)

__all__ = [
    "applied_document",
    "applied_kind",
    "created_from",
    "credited",
    "exchange_rate",
    "extensions",
    "invoices",
    "is_application",
    "is_applied",
    "is_goods",
    "line_extensions",
    "line_invoice",
    "line_return",
    "order_line",
    "other_origin",
    "price",
    "price_base",
    "quantity",
    "rate_to_books",
    "reason",
    "return_id",
    "seller",
    "subsidiary",
    "their_reference",
    "units",
    "writable",
]

_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)  # an amount has up to 21 digits, a product twice as many
_SIX_PLACES = Decimal("0.000001")


# --- what cannot be written -----------------------------------------------------------------------------------

_LINE_DIGITS = 18  # NetSuite's line numbers are int64


def writable(document: Record, env: Environment) -> None:
    """Refuse what creating a credit memo would get wrong: each with the place and the way out."""
    problems = [*_refused(document), *_other_returns(document)]
    if problems:
        raise MappingError("NetSuite has no credit memo for this", kind="translation", problems=problems)
    _same_order_line(document, env)
    if document["status"] != "issued":
        env.lose("NetSuite issues a credit memo by making it, and derives the rest from what is left", below="/status")


_NOT_POSTED = {
    "pending_approval": "is not approved yet",
    "rejected": "was rejected",
    "voided": "is void; void the memo in NetSuite",
}


def _refused(document: Record) -> Iterable[Problem]:
    status = document["status"]
    if status in _NOT_POSTED:
        yield Problem("not_postable", f"the credit {_NOT_POSTED[status]}", "/status", "/status")
    if document["direction"] != "to_customer":
        said = "a vendor's credit is a vendor credit in NetSuite; a credit memo would pay a customer"
        yield Problem("vendor_credit", said, "/direction", "/entity")
    if "reverses" in document:
        said = "NetSuite voids the other credit memo; a second one would credit the customer twice"
        yield Problem("reversal", said, "/reverses", "/status")


def _returns(document: Record) -> Iterable[tuple[str, Record]]:
    """Yield every return that the credit names, with the place."""
    for place, ref in enumerate(document.get("refs") or ()):
        if ref["type"] == "return":
            yield f"/refs/{place}", ref
    for place, line in enumerate(document["lines"]):
        if "return" in line:
            yield f"/lines/{place}/return", line["return"]


def _other_returns(document: Record) -> Iterable[Problem]:
    """Yield what names another return than the first: a memo is made from one return authorization."""
    first = ""
    for where, ref in _returns(document):
        first = first or ref["id"]
        if ref["type"] != "return":
            said = f"is a {ref['type']}; a credit memo's lines come from a return"
            yield Problem("origin", said, f"{where}/type", "/createdFrom")
        elif ref["id"] != first:
            said = f"is {ref['id']} beside {first}: make one credit a return"
            yield Problem("several_returns", said, f"{where}/id", "/createdFrom")


def _same_order_line(document: Record, env: Environment) -> None:
    """Note lines that credit the same return line: NetSuite knows the lines of a memo by it."""
    seen: dict[str, list[str]] = {}
    for line in document["lines"]:
        if "lineId" in line.get("return", {}):
            seen.setdefault(line["return"]["lineId"], []).append(line["lineId"])
    for order_line, lines in seen.items():
        if len(lines) > 1:
            said = f"lines {', '.join(lines)} credit line {order_line} of the return: compare the memo's amount"
            env.finding("same_order_line", said)


# --- where it comes from --------------------------------------------------------------------------------------


def _origin(record: Record, env: Environment) -> str | None:
    """Return the kind of record a memo was made from, which only its display name says: Invoice #INV1."""
    made_from = record.get("createdFrom")
    if not made_from or "id" not in made_from:
        return None
    return env.tenant.table("created_from").code(_first_words(made_from)) or "other"


def _first_words(made_from: Record) -> str:
    return (made_from.get("refName") or "").partition("#")[0].strip() or "no name"


def return_id(record: Record, env: Environment) -> str | None:
    """Return the internal id of the return authorization it was made from; of one made by hand, what it says."""
    origin = _origin(record, env)
    if origin is None:
        return record.get("salesReturn")
    return str(record["createdFrom"]["id"]) if origin == "return" else None


def other_origin(record: Record, env: Environment) -> str | None:
    """Return the id of a record it was made from that is neither return nor invoice."""
    if _origin(record, env) != "other":
        return None
    env.code("created_from", _first_words(record["createdFrom"]))  # leaves the finding
    return str(record["createdFrom"]["id"])


def invoices(record: Record, env: Environment) -> list[Record] | None:
    """Return the invoice it was made from; those it is applied to are settlements, not what it corrects."""
    return [{"type": "invoice", "id": record["createdFrom"]["id"]}] if _origin(record, env) == "invoice" else None


def _line_origin(line: Record, env: Environment, wanted: str) -> Record | None:
    if "orderLine" not in line or _origin(env.root, env) != wanted:
        return None
    document = (line.get("orderDoc") or {}).get("id") or env.root["createdFrom"]["id"]
    return {"type": wanted, "id": document, "lineId": str(line["orderLine"])}


def line_return(line: Record, env: Environment) -> Record | None:
    """Return the return line it credits."""
    return _line_origin(line, env, "return")


def line_invoice(line: Record, env: Environment) -> Record | None:
    """Return the invoice line it credits."""
    return _line_origin(line, env, "invoice")


def _basis(document: Record) -> Record | None:
    """Return the one document a memo is made from: its return, else its only invoice."""
    for _, ref in _returns(document):
        return ref
    lines = (line["originalInvoice"] for line in document["lines"] if "originalInvoice" in line)
    found = {ref["id"]: ref for ref in [*(document.get("originalInvoices") or ()), *lines]}
    return next(iter(found.values())) if len(found) == 1 else None


def created_from(document: Record, env: Environment) -> Record | None:
    """Return the record to make the memo from: by our number for it, or by NetSuite's own id."""
    basis = _basis(document)
    for place, ref in enumerate(document.get("originalInvoices") or ()):
        if basis is None or ref["id"] != basis["id"] or basis["type"] == "return":
            env.lose("the memo is not made from this invoice", below=f"/originalInvoices/{place}")
    if basis is None:
        return None
    own = basis.get("system", document["meta"]["sourceSystem"]) == "netsuite"
    return {"id" if own else "externalId": basis["id"]}


def order_line(line: Record, env: Environment) -> int | None:
    """Return the line of the record the memo is made from."""
    basis, ref, invoice = _basis(env.root), line.get("return"), line.get("originalInvoice")
    if invoice is not None and (basis is None or basis["id"] != invoice["id"] or basis["type"] == "return"):
        env.lose("the memo is not made from this invoice", below="/originalInvoice")
    elif invoice is not None:
        ref = invoice
    if ref is None or "lineId" not in ref:
        return None
    if not (ref["lineId"].isascii() and ref["lineId"].isdigit() and len(ref["lineId"]) <= _LINE_DIGITS):
        raise ValueError(f"{ref['lineId']!r} is not one of NetSuite's line numbers")
    return int(ref["lineId"])


def their_reference(document: Record, env: Environment) -> str | None:
    """Return the customer's reference: the purchase order, else the buyer's own."""
    orders = [ref["id"] for ref in document.get("refs") or () if ref["type"] == "purchase_order"]
    own = document.get("buyerReference")
    if own is not None and own != next(iter(orders), None):
        env.lose("NetSuite has one reference, read back as a purchase order", below="/buyerReference")
    return next(iter(orders), own)


# --- parties and the books ------------------------------------------------------------------------------------


def seller(record: Record, env: Environment) -> Record:
    """Return the subsidiary that credits; accounts without OneWorld are one company, known by the account."""
    own = record.get("subsidiary") or {}
    found = {"id": own.get("id") or env.tenant.setting("account_id"), "name": own.get("refName")}
    return {name: value for name, value in found.items() if value}


def subsidiary(document: Record, env: Environment) -> str | None:
    """Return the subsidiary: the one that NetSuite itself named, else the tenant's."""
    own = document["seller"]["id"]
    if document["meta"]["sourceSystem"] == "netsuite" and own != env.tenant.setting("account_id"):
        return str(own)
    sent = env.tenant.settings.get("subsidiary_id")
    if own != sent:
        env.lose("the tenant's subsidiary is sent", below="/seller/id")
    return sent


def exchange_rate(record: Record, env: Environment) -> Record | None:
    """Return the rate into the books, where they are kept in another currency and the rate fits six places."""
    rate, books = record.get("exchangeRate"), env.tenant.setting("base_currency")
    if rate is None or (rate == 1 and env.currency == books):
        return None
    if exact(rate) % _SIX_PLACES:
        env.finding("exchange_rate", "the rate has more than six places; it is kept among the extensions")
        return None
    return {"to": books, "rate": plain(rate)}


def rate_to_books(document: Record, env: Environment) -> Decimal | None:
    """Return the rate into the books; NetSuite has no other."""
    rate = document.get("exchangeRate")
    if rate is None:
        return None
    if rate["to"] != env.tenant.setting("base_currency"):
        raise ValueError(f"the rate is into {rate['to']}, the books are in {env.tenant.setting('base_currency')}")
    return Decimal(rate["rate"])


def extensions(record: Record, env: Environment) -> Record | None:
    """Return what only this vendor has, verbatim; amounts that repeat others only where they differ."""
    rate = record.get("exchangeRate")
    codes = [tax_word(row) for row in (record.get("taxDetails") or {}).get("items") or () if row.get("taxCode")]
    made_from = (record.get("createdFrom") or {}).get("id")
    return named(
        {
            "status": (record.get("status") or {}).get("id"),
            "created_date": record.get("createdDate"),
            "tran_id": record.get("tranId"),
            "created_from": (record.get("createdFrom") or {}).get("refName"),
            "sales_return": _differing(record.get("salesReturn"), made_from) if made_from else None,
            "exchange_rate": plain(rate) if rate is not None and exact(rate) % _SIX_PLACES else None,
            "tax_codes": codes or None,
            "shipping_tax_amount": _number(record.get("shippingTaxAmount") or None),
            "total_before_taxes": _number(record.get("total") if "totalAfterTaxes" in record else None),
            "amount_paid": _number(_differing(record.get("amountPaid"), record.get("applied"))),
            "amount_remaining": _number(_differing(record.get("amountRemaining"), record.get("unapplied"))),
        }
    )


def _differing(value: Any, known: object) -> Any:  # noqa: ANN401 - passes through
    return value if value != known else None


def _number(value: int | Decimal | None) -> str | None:
    return plain(value) if value is not None else None


# --- goods ----------------------------------------------------------------------------------------------------


def is_goods(line: Record, env: Environment) -> bool:
    """Whether a line credits goods; the others are charges, and text lines are left out with a finding."""
    if "quantity" not in line and "amount" not in line:
        env.finding("line_left_out", f"line {line.get('line')} has neither quantity nor amount: it is only text")
        return False
    return not is_charge(line, env)


def line_extensions(line: Record, env: Environment) -> Record | None:
    """Return what only this vendor has of a line, verbatim."""
    item, tax = line.get("item") or {}, line.get("taxCode") or {}
    free = _origin(env.root, env) not in ("return", "invoice")
    return named(
        {
            "line": line.get("line"),
            "item_id": item.get("id"),
            "tax_code": tax.get("id") or tax.get("refName"),
            "order_line": line.get("orderLine") if free else None,
        }
    )


def reason(line: Record, env: Environment) -> Record:
    """Return the reason kept on the line."""
    return reason_of(line, env, "credit_reason")


def _priced(amount: Decimal, quantity: Decimal) -> tuple[Decimal, bool]:
    """Return the price of one unit; of all of them, and true, where no price of six places makes the amount."""
    one = _EXACT.divide(amount, quantity)
    if one.adjusted() < 15:
        one = one.quantize(_SIX_PLACES, context=_EXACT)
        if _EXACT.multiply(one, quantity) == amount:
            return one, False
    return amount, True


def price(line: Record, env: Environment) -> Record:
    """Return the price that makes the amount; the vendor's own rate is rounded, the amount is what is paid."""
    return money_of(_priced(exact(line["amount"]), exact(line["quantity"]))[0], env)


def price_base(line: Record, env: Environment) -> Record | None:
    """Return the quantity that the price is of, where it is not one."""
    quantity = exact(line["quantity"])
    whole = _priced(exact(line["amount"]), quantity)[1]
    return {"value": plain(quantity), "uom": _uom(line, env)} if whole else None


def _uom(line: Record, env: Environment) -> str:
    units = line.get("units")
    return env.code("unit_of_measure", units) if units else str(env.tenant.setting("unit_of_measure"))


def credited(line: Record, env: Environment) -> Decimal:
    """Return the amount; NetSuite has quantity and amount, and a price only where they make it."""
    amount, stated = bare(line["amount"], env), bare(line["unitPrice"], env)
    quantity = Decimal(line["quantity"]["value"])
    base = line.get("priceBase")
    if "discount" in line:
        env.lose("the amount is sent, the discount is in it", below="/discount")
    made = _priced(amount, quantity) if quantity else (amount, True)
    if made != (stated, base is not None) or (base is not None and base != line["quantity"]):
        for name in ("unitPrice", "priceBase"):
            if name in line:
                env.lose("quantity and amount are sent, and make another price", below=f"/{name}")
    return amount


def quantity(line: Record, env: Environment) -> Decimal:
    """Return the quantity credited."""
    return Decimal(line["quantity"]["value"])


def units(line: Record, env: Environment) -> str | None:
    """Return the unit id of the quantity."""
    return unit(line["quantity"], env)


# --- settlements ----------------------------------------------------------------------------------------------


def is_applied(entry: Record, env: Environment) -> bool:
    """Whether the credit is applied to this document; the list also offers open ones it is not applied to."""
    return bool(entry.get("apply"))


def applied_kind(entry: Record, env: Environment) -> str | None:
    """Return the kind of document it is applied to."""
    return env.code("applied_to", entry["type"]) if "type" in entry else "invoice"


def is_application(settlement: Record, env: Environment) -> bool:
    """Whether a settlement is an application to a document; NetSuite has records of their own for payments."""
    if settlement["method"] == "apply_to_invoice" and settlement["status"] != "failed":
        return True
    env.lose("only applications to invoices stand on a credit memo; the rest stays open on the account")
    return False


def applied_document(settlement: Record, env: Environment) -> str:
    """Return the internal id of the document to apply the credit to."""
    target = settlement.get("target")
    if target is None or target["type"] not in ("invoice", "other"):
        raise ValueError("an application names the invoice it goes to")
    return str(target["id"])
