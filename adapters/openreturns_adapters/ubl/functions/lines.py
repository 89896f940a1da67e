"""Lines of a credit note: what is credited, with lot, serial numbers, reason and return among the item's properties."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, get_args

from openreturns.gs1 import is_gtin
from openreturns.mapping import Environment
from openreturns.models import CreditReasonValue

from openreturns_adapters.ubl import codecs
from openreturns_adapters.ubl.functions import parties, taxes

__all__ = [
    "adds",
    "allowances",
    "amount_in",
    "buyers_item",
    "category",
    "charged",
    "customer_numbered",
    "discount",
    "gtin",
    "item_name",
    "numbered",
    "other_properties",
    "properties",
    "property_of",
    "rate",
    "reason",
    "remark",
    "return_of",
    "sellers_item",
    "serials",
    "standard_item",
    "tax_categories",
    "vendor_numbered",
]

Record = dict[str, Any]
Function = Callable[[Record, Environment], Any]

ZERO = Decimal(0)
_GTIN = "0160"
_GTIN_SPELLED = (None, _GTIN, "GTIN")
LOT, SERIAL, EXPIRY, REASON, RETURN, RETURN_LINE = (
    "Lot",
    "Serial number",
    "Expiry date",
    "Credit reason",
    "RMA",
    "RMA line",
)
_OURS = (LOT, SERIAL, EXPIRY, REASON, RETURN, RETURN_LINE)
_REASONS = frozenset(get_args(CreditReasonValue))


# --- which lines are lines ------------------------------------------------------------------------------------


def adds(line: Record, env: Environment) -> bool:
    """Whether a line adds to the credit; what takes from it is a charge."""
    return codecs.turned(line["LineExtensionAmount"]["value"], env) >= 0


def _allowances(line: Record, *, charge: bool) -> Iterator[Decimal]:
    for one in line.get("AllowanceCharge") or ():
        if one["ChargeIndicator"] is charge and one.get("AllowanceChargeReason") != _ROUNDING:
            yield one["Amount"]["value"]


def charged(line: Record, env: Environment) -> Decimal:
    """Return what a line is charged beyond quantity times price, less allowances: a charge of the document here."""
    return codecs.turned(sum(_allowances(line, charge=True), ZERO), env)


def amount_in(line: Record, env: Environment) -> Record:
    """Return the amount of a line without its charges."""
    return codecs.money_in(codecs.turned(line["LineExtensionAmount"]["value"], env) - charged(line, env), env)


def discount(line: Record, env: Environment) -> Record | None:
    """Return what a line's allowances take off."""
    off = codecs.turned(sum(_allowances(line, charge=False), ZERO), env)
    return codecs.money_in(off, env) if off else None


_ROUNDING = "Rounding"
_TOLERANCE = Decimal("0.02")
"""By how much a line's amount may differ from quantity times price (PEPPOL-EN16931-R120)."""


def allowances(line: Record, env: Environment) -> list[Record] | None:
    """Return a line's discount as its allowance, and where a coarse currency rounds the line, the rounding beside it.

    Seven at 18.5 yen are 129 yen, and Peppol wants it to the cent.
    """
    off = codecs.number_of(line["discount"], env) if "discount" in line else ZERO
    base = Decimal(line["priceBase"]["value"]) if "priceBase" in line else Decimal(1)
    reckoned = Decimal(line["quantity"]["value"]) * Decimal(line["unitPrice"]["amount"]) / base - off
    beyond = Decimal(line["amount"]["amount"]) - reckoned
    rows = [_row("Discount", -off, env)] if "discount" in line else []
    if abs(beyond) > _TOLERANCE:
        rows.append(_row(_ROUNDING, beyond.quantize(_CENT), env))
    return rows or None


_CENT = Decimal("0.01")


def _row(reason: str, value: Decimal, env: Environment) -> Record:
    """Return what a line is charged (above zero) or allowed."""
    return {
        "ChargeIndicator": value > 0,
        "AllowanceChargeReason": reason,
        "Amount": codecs.money_out(abs(value), env),
    }


# --- the item -------------------------------------------------------------------------------------------------


def _numbers(line: Record, env: Environment) -> tuple[str | None, str | None]:
    """Return the seller's and the buyer's number of an item: ours and the customer's, or the vendor's and ours."""
    item = line.get("item") or {}
    if env.root["direction"] == "to_customer":
        return item.get("sku"), item.get("customerSku")
    return item.get("vendorSku"), item.get("sku")


def sellers_item(line: Record, env: Environment) -> Record | None:
    """Return the seller's number of an item."""
    _lose_third(line, env)
    return _identified(_numbers(line, env)[0])


def buyers_item(line: Record, env: Environment) -> Record | None:
    """Return the buyer's number of an item."""
    return _identified(_numbers(line, env)[1])


def _lose_third(line: Record, env: Environment) -> None:
    third = "vendorSku" if env.root["direction"] == "to_customer" else "customerSku"
    if third in (line.get("item") or {}):
        env.lose("a credit note has the numbers of seller and buyer", below=f"/item/{third}")


def _identified(number: str | None, **scheme: str) -> Record | None:
    return {"ID": {"value": number, **scheme}} if number else None


def standard_item(line: Record, env: Environment) -> Record | None:
    """Return an item's GTIN."""
    return _identified((line.get("item") or {}).get("gtin"), schemeID=_GTIN)


def item_name(line: Record, env: Environment) -> str:
    """Return what an item is called: its description, else a number, else why it is credited."""
    item = line.get("item") or {}
    called = (item.get(name) for name in ("description", "sku", "gtin", "customerSku", "vendorSku"))
    reason = line["reason"]
    return next(filter(None, called), None) or str(reason.get("note") or reason["code"].replace("_", " ").capitalize())


def properties(line: Record, env: Environment) -> list[Record] | None:
    """Return what else is told of an item, by name: ours first, then those a credit note was read with."""
    item, returned = line.get("item") or {}, line.get("return") or {}
    rows = [
        (LOT, item.get("lot")),
        *((SERIAL, serial) for serial in item.get("serials") or ()),
        (EXPIRY, item.get("expiryDate")),
        (REASON, line["reason"]["code"]),
        (RETURN, returned.get("id")),
        (RETURN_LINE, returned.get("lineId")),
    ]
    own = [{"Name": name, "Value": value} for name, value in rows if value]
    kept = (line.get("extensions") or {}).get(PROPERTIES) or {}
    return [*own, *({"Name": name, "Value": value} for name, value in kept.items())]


PROPERTIES = "org.oasis-open.ubl.item_properties"


# --- reading the item -----------------------------------------------------------------------------------------


def _item(line: Record) -> Record:
    item: Record = line["Item"]
    return item


def _number_of(line: Record, name: str) -> str | None:
    found = _item(line).get(name)
    return str(found["ID"]["value"]) if found else None


def numbered(line: Record, env: Environment) -> str | None:
    """Return our number of an item: the seller's in a credit to a customer, the buyer's in a vendor's."""
    ours = "SellersItemIdentification" if _of_ours(env) else "BuyersItemIdentification"
    return _number_of(line, ours)


def vendor_numbered(line: Record, env: Environment) -> str | None:
    """Return the vendor's number of an item in a vendor's credit."""
    return None if _of_ours(env) else _number_of(line, "SellersItemIdentification")


def customer_numbered(line: Record, env: Environment) -> str | None:
    """Return the customer's number of an item in a credit to a customer."""
    return _number_of(line, "BuyersItemIdentification") if _of_ours(env) else None


def _of_ours(env: Environment) -> bool:
    return env.once(parties.direction) == "to_customer"


def gtin(line: Record, env: Environment) -> str | None:
    """Return an item's standard number if it is a GTIN; another is told."""
    named = _item(line).get("StandardItemIdentification")
    if named is None:
        return None
    number, scheme = str(named["ID"]["value"]), named["ID"].get("schemeID")
    if scheme in _GTIN_SPELLED and is_gtin(number):
        return number
    env.finding("not_a_gtin", f"the standard item number {number} of scheme {scheme} is no GTIN")
    return None


def _values(line: Record, name: str) -> list[str]:
    return [one["Value"] for one in _item(line).get("AdditionalItemProperty") or () if one["Name"] == name]


def property_of(name: str) -> Function:
    """Make the function that returns the item property of a name."""

    def item_property(line: Record, env: Environment) -> str | None:
        return next(iter(_values(line, name)), None)

    return item_property


def serials(line: Record, env: Environment) -> list[str] | None:
    """Return the serial numbers among an item's properties."""
    return _values(line, SERIAL) or None


def other_properties(line: Record, env: Environment) -> Record | None:
    """Return the properties that are not ours, by name."""
    rows = _item(line).get("AdditionalItemProperty") or ()
    return {one["Name"]: one["Value"] for one in rows if one["Name"] not in _OURS} or None


def return_of(line: Record, env: Environment) -> Record | None:
    """Return the return a line belongs to."""
    number, place = (next(iter(_values(line, name)), None) for name in (RETURN, RETURN_LINE))
    return {"type": "return", "id": number, **({"lineId": place} if place else {})} if number else None


def reason(line: Record, env: Environment) -> Record:
    """Return why a line is credited: as its properties say, else as the type of the credit note does."""
    told = next(iter(_values(line, REASON)), None)
    remark = "\n".join(line.get("Note") or ())
    note = {"note": remark} if remark else {}
    if told in _REASONS and (note or told != "other"):
        return {"code": told, **note}
    type_code = env.root.get("CreditNoteTypeCode")
    if type_code is None:
        return {"code": "other", "note": remark or "not told"}
    table = env.tenant.table("type_code")
    source = {"scheme": table.scheme, "value": type_code}
    return {"code": table.code(type_code) or "other", "source": source, **note}


def remark(line: Record, env: Environment) -> list[str] | None:
    """Return what is said of a line's reason in words."""
    note = line["reason"].get("note")
    return [note] if note else None


def category(line: Record, env: Environment) -> str | None:
    """Return how a line is taxed."""
    found: str | None = taxes.category_in(_item(line).get("ClassifiedTaxCategory")).get("taxCategory")
    return found


def rate(line: Record, env: Environment) -> str | None:
    """Return a line's tax rate in percent."""
    found: str | None = taxes.category_in(_item(line).get("ClassifiedTaxCategory")).get("taxRate")
    return found


def tax_categories(line: Record, env: Environment) -> list[Record]:
    """Return how a line is taxed."""
    return [taxes.category_out(line, env)]
