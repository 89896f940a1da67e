"""What the line items of a return order say, and how lines of a return are said in them."""

from __future__ import annotations

from decimal import Decimal

from openreturns.decimals import plain
from openreturns.mapping import Environment

from openreturns_adapters.salesforce.codecs import readable_id
from openreturns_adapters.salesforce.functions import orders
from openreturns_adapters.salesforce.functions.shared import Record, cut, fits, line_key, named
from openreturns_adapters.salesforce.ids import full_id

__all__ = [
    "authorized",
    "expected",
    "expected_out",
    "extensions",
    "item",
    "key",
    "line_id",
    "note",
    "reason",
    "reason_word",
    "received",
    "received_out",
    "rejected",
    "rejected_out",
    "requested",
    "requested_out",
    "resolution",
    "resolution_word",
    "unit",
]

_PLACES = 18, 0
"""Digits of expected, received and rejected quantities: whole units."""


def line_id(line: Record, env: Environment) -> str | None:
    """Return the line's id within the return: what stands after the return's number, else the vendor's number."""
    kept = line.get("RMA_Line__c")
    if kept:
        head, colon, tail = kept.rpartition(":")
        return str(tail if colon and head == orders.number(env.root, env) else kept)
    return line.get("ReturnOrderLineItemNumber") or (full_id(line["Id"]) if line.get("Id") else None)


def key(line: Record, env: Environment) -> str:
    """Return the line's external id, unique in the org."""
    return line_key(env.root["number"], line["lineId"])


def item(line: Record, env: Environment) -> Record | None:
    """Return the item: the tenant's SKU for the product, the product's own, else the vendor's id of what it is."""
    product = line.get("Product2") or {}
    description = {"description": cut(product["Name"], 255, env)} if product.get("Name") else {}
    known = line.get("Product2Id") and readable_id(line["Product2Id"], "product", env)
    sku = known or product.get("StockKeepingUnit") or product.get("ProductCode")
    if not sku:
        names = (
            "Product2Id",
            "AssetId",
            "OrderItemId",
            "OrderItemSummaryId",
            "ProductItemId",
            "ProductRequestLineItemId",
        )
        sku = next((full_id(line[name]) for name in names if line.get(name)), None)
        if sku is None:
            return None
        env.finding("unknown_item", f"{sku} is not in the code table 'product': the Salesforce id stands as SKU")
    return {"sku": sku, **description}


# --- quantities --------------------------------------------------------------------------------------------


def _quantity(line: Record, name: str, env: Environment) -> Record | None:
    if line.get(name) is None:
        return None
    word = line.get("QuantityUnitOfMeasure")
    uom = env.code("unit_of_measure", word) if word else str(env.tenant.setting("unit_of_measure"))
    return {"value": plain(line[name]), "uom": uom}


def requested(line: Record, env: Environment) -> Record | None:
    """Return what the customer asks to return; Order Management keeps only what is expected."""
    return _quantity(line, "QuantityReturned", env) or expected(line, env)


def expected(line: Record, env: Environment) -> Record | None:
    """Return what is expected."""
    return _quantity(line, "QuantityExpected", env)


def authorized(line: Record, env: Environment) -> Record | None:
    """Return what may come back: nothing is agreed to before the return order is approved."""
    if orders.status(env.root, env) in ("requested", "declined", "cancelled"):
        return None
    return expected(line, env) or requested(line, env)


def received(line: Record, env: Environment) -> Record | None:
    """Return what has arrived, once something has."""
    return _quantity(line, "QuantityReceived", env) if line.get("QuantityReceived") else None


def rejected(line: Record, env: Environment) -> Record | None:
    """Return what was turned away, once something was."""
    return _quantity(line, "QuantityRejected", env) if line.get("QuantityRejected") else None


def _number(line: Record, name: str, digits: tuple[int, int]) -> Decimal | None:
    if name not in line:
        return None
    if line[name]["uom"] != line["requested"]["uom"]:
        raise ValueError(f"{name} is in {line[name]['uom']} and requested in another unit; a line item has one")
    return fits(line[name]["value"], *digits)


def requested_out(line: Record, env: Environment) -> Decimal | None:
    """Return the quantity asked for; the field keeps 2 decimals."""
    return _number(line, "requested", (14, 2))


def expected_out(line: Record, env: Environment) -> Decimal | None:
    """Return the quantity announced, else agreed to where that is not all: Salesforce has one field for both."""
    agreed, coming = line.get("authorized"), line.get("expected")
    if coming is None:
        return None if agreed == line["requested"] else _number(line, "authorized", _PLACES)
    if agreed not in (coming, None):
        env.lose("Salesforce has one quantity: what is expected", below="/authorized")
    return _number(line, "expected", _PLACES)


def received_out(line: Record, env: Environment) -> Decimal | None:
    """Return the quantity that has arrived: as stated, else the sum of the receipts."""
    stated = _number(line, "received", _PLACES)
    counted = [_number({**line, "receipt": one["quantity"]}, "receipt", _PLACES) for one in line.get("receipts") or ()]
    if not counted:
        _tell_zero(stated, "received", env)
        return stated
    total = sum((one for one in counted if one is not None), Decimal())
    if stated not in (None, total):
        raise ValueError(f"{stated} received, and the receipts add up to {total}")
    return total


def rejected_out(line: Record, env: Environment) -> Decimal | None:
    """Return the quantity turned away."""
    turned_away = _number(line, "rejected", _PLACES)
    _tell_zero(turned_away, "rejected", env)
    return turned_away


def _tell_zero(quantity: Decimal | None, name: str, env: Environment) -> None:
    """Tell that a quantity of 0 comes back as none: Salesforce fills it in where nobody has said anything."""
    if quantity is not None and not quantity:
        env.lose("to Salesforce, 0 and nothing said are one", below=f"/{name}")


def unit(line: Record, env: Environment) -> str | None:
    """Return the unit's word; nothing for the tenant's own unit where no word is configured."""
    table, uom = env.tenant.table("unit_of_measure"), line["requested"]["uom"]
    if uom not in table.write and uom == env.tenant.setting("unit_of_measure"):
        return None
    return table.word(uom)


# --- reasons and wishes ------------------------------------------------------------------------------------


def reason(line: Record, env: Environment) -> Record:
    """Return the reason, with the org's own word."""
    word = line.get("ReasonForReturn")
    if not word:
        return {"code": "other", "note": "Salesforce holds no reason"}
    table = env.tenant.table("return_reason")
    return {"code": table.require(word, env), "source": {"scheme": table.scheme, "value": word}}


def reason_word(line: Record, env: Environment) -> str | None:
    """Return the org's word for the reason: the one kept beside it, else the tenant's; told as lost without one."""
    given, table = line["reason"], env.tenant.table("return_reason")
    source = given.get("source")
    if source and source["scheme"] == table.scheme:
        if table.stands_for(source["value"], given["code"]):
            return str(source["value"])
        env.lose("the word kept as source no longer says the code", below="/reason/source")
    elif source:
        env.lose("the word of another system is not kept", below="/reason/source")
    word = table.write.get(given["code"])
    if word is None or given["code"] in table.lossy:
        what = "Salesforce has no word for this reason" if word is None else f"{word!r} reads back as another reason"
        env.lose(what, below="/reason/code")
    return word


def resolution(line: Record, env: Environment) -> str | None:
    """Return what the customer asks for; a word that nobody knows leaves a finding and nothing else."""
    word = line.get("RepaymentMethod")
    if not word:
        return None
    table = env.tenant.table("resolution")
    code = table.code(word)
    if code is None:
        env.finding("unknown_code", f"{word!r} is not in the code table 'resolution'", sorted(table.read))
    return code


def resolution_word(line: Record, env: Environment) -> str | None:
    """Return the org's word for what the customer asks for; told as lost where there is none."""
    code = line.get("requestedResolution")
    if code is None:
        return None
    table = env.tenant.table("resolution")
    word = table.write.get(code)
    if word is None or code in table.lossy:
        env.lose("Salesforce has no word of its own for this", below="/requestedResolution")
    return word


def note(line: Record, env: Environment) -> str | None:
    """Return the remark; what is longer than a remark may be is cut, with a finding."""
    return cut(line.get("Description"), 2000, env)


def extensions(line: Record, env: Environment) -> Record | None:
    """Return what only this vendor has of a line, verbatim; the price is with tax, and text."""
    price, product = line.get("GrossUnitPrice"), line.get("Product2") or {}
    values = {
        "processing_plan": line.get("ProcessingPlan"),
        "repayment_method": line.get("RepaymentMethod"),
        "reason_for_rejection": line.get("ReasonForRejection"),
        "reason_for_change": line.get("ReasonForChangeText"),
        "gross_unit_price": None if price is None else plain(price),
        "line_item_number": line.get("ReturnOrderLineItemNumber"),
        "id": line.get("Id"),
        "product_id": line.get("Product2Id"),
        "product_code": product.get("ProductCode"),
        "stock_keeping_unit": product.get("StockKeepingUnit"),
        "asset_id": line.get("AssetId"),
        "order_item_id": line.get("OrderItemId"),
        "order_item_summary_id": line.get("OrderItemSummaryId"),
        "product_item_id": line.get("ProductItemId"),
        "product_request_line_item_id": line.get("ProductRequestLineItemId"),
        "change_order_item_id": line.get("ChangeOrderItemId"),
    }
    return named(values)
