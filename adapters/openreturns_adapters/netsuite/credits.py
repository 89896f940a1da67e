"""Credits in NetSuite: the credit memo both ways; rules, losses, ignored fields."""

from openreturns.mapping import (
    Mapping,
    code,
    coded,
    constant,
    dropped,
    each,
    ignored,
    lookup,
    lossy,
    money,
    one_way_in,
    one_way_out,
    pair,
    schema_name,
)

from openreturns_adapters.netsuite.codecs import internal_id
from openreturns_adapters.netsuite.common import HEADER_IGNORED, IDENTITY, NOT_KEPT, beside, paging
from openreturns_adapters.netsuite.functions import credit_sums as sums
from openreturns_adapters.netsuite.functions import credits as fn
from openreturns_adapters.netsuite.functions import returns, shared

__all__ = ["CREDIT_MEMO"]

# Of an inventory assignment only the number of the lot or the goods is read.
_UNREAD = (
    *("internalId", "issueInventoryNumber", "binNumber", "toBinNumber", "inventoryStatus", "toInventoryStatus"),
    *("expirationDate", "quantity", "secondaryQuantity", "licensePlateNumber"),
)

_GOODS = each(
    "lines",
    "item.items",
    one_way_in("lineId", shared.line_id, ["custcol_openreturns_line", "line"]),
    pair("lineId", "custcol_openreturns_line", only="out"),
    one_way_in("item.sku", shared.sku, ["item.refName", "item.externalId", "item.id"]),
    pair("item.sku", "item.externalId", only="out"),
    pair("item.description", "description"),
    one_way_in("item.lot", returns.lots, ["inventoryDetail.inventoryAssignment.items[].receiptInventoryNumber"]),
    one_way_in("item.serials", returns.serials, ["inventoryDetail.inventoryAssignment.items[].receiptInventoryNumber"]),
    one_way_in("quantity", shared.quantity, ["quantity", "units"]),
    one_way_out("quantity", fn.quantity, ["quantity"]),
    one_way_out("units", fn.units, ["quantity"]),
    one_way_in("unitPrice", fn.price, ["amount", "quantity"]),
    one_way_in("priceBase", fn.price_base, ["amount", "quantity"]),
    pair("amount", "amount", money, only="in"),
    one_way_out("amount", fn.credited, ["amount", "quantity", "unitPrice", "priceBase"]),
    one_way_in("reason", fn.reason, ["custcol_openreturns_reason"]),
    pair("reason", "custcol_openreturns_reason", coded("credit_reason"), only="out"),
    one_way_in("return", fn.line_return, ["orderDoc.id", "orderLine"]),
    one_way_in("originalInvoice", fn.line_invoice, ["orderDoc.id", "orderLine"]),
    one_way_out("orderLine", fn.order_line, ["return.type", "return.id", "return.lineId", "originalInvoice.lineId"]),
    one_way_in("disposition", shared.split_ref, ["custcol_openreturns_split"]),
    one_way_out("custcol_openreturns_split", shared.split_text, ["disposition"]),
    one_way_in("extensions", fn.line_extensions, ["line", "item.id", "taxCode.id", "orderLine"]),
    key="custcol_openreturns_line",
    where_in=fn.is_goods,
)

# Fees and extras are lines of their own beside the goods; what stands in a field of the record goes back there.
_CHARGES = (
    one_way_in(
        "charges",
        sums.charges,
        [
            "shippingCost",
            "handlingCost",
            "discountTotal",
            "item.items[].custcol_openreturns_line",
            "item.items[].amount",
            "item.items[].description",
            "item.items[].item.refName",
        ],
    ),
    each(
        "charges",
        "item.items",
        one_way_out("custcol_openreturns_line", sums.charge_line_id, ["kind"]),
        pair("kind", "item.externalId", code("charge_item"), only="out"),
        pair("reason", "description", only="out"),
        one_way_out("amount", sums.charge_amount, ["amount", "effect"]),
        key="custcol_openreturns_line",
        only="out",
        where_out=sums.is_charge_line,
    ),
    one_way_out("shippingCost", sums.shipping_cost, ["charges"]),
    one_way_out("handlingCost", sums.handling_cost, ["charges"]),
    one_way_out("discountTotal", sums.discount_total, ["charges"]),
)

_SETTLEMENTS = each(
    "settlements",
    "apply.items",
    constant(canonical="method", value="apply_to_invoice"),
    constant(canonical="status", value="completed"),
    constant(native="apply", value=True),
    pair("amount", "amount", money),
    one_way_in("target.type", fn.applied_kind, ["type"]),
    pair("target.id", "doc.id", only="in"),
    one_way_out("doc.id", fn.applied_document, ["target.id", "target.type", "method", "status"]),
    pair("target.issueDate", "applyDate", only="in"),
    where_in=fn.is_applied,
    where_out=fn.is_application,
)

CREDIT_MEMO = Mapping(
    canonical="credit",
    native="credit_memo",
    currency_in=shared.currency,
    guards_out=(fn.writable,),
    rules=(
        constant(canonical="meta.schema", value=schema_name("credit")),
        *IDENTITY,
        pair("status", "status.id", code("credit_status"), only="in"),
        constant(canonical="direction", value="to_customer"),
        pair("issueDate", "tranDate"),
        one_way_in("seller", fn.seller, ["subsidiary.id", "subsidiary.refName"]),
        one_way_out("subsidiary.id", fn.subsidiary, ["seller.id"]),
        pair("buyer.id", "entity.id", internal_id("customer")),
        pair("buyer.name", "entity.refName", only="in"),
        one_way_in("currency", shared.currency, ["currency.id"]),
        pair("currency", "currency.id", lookup("currency"), only="out"),
        one_way_in("exchangeRate", fn.exchange_rate, ["exchangeRate"]),
        one_way_out("exchangeRate", fn.rate_to_books, ["exchangeRate.to", "exchangeRate.rate"]),
        one_way_in("refs[type=return].id", fn.return_id, ["createdFrom.id", "createdFrom.refName", "salesReturn"]),
        one_way_in("refs[type=other].id", fn.other_origin, ["createdFrom.id", "createdFrom.refName"]),
        one_way_in("originalInvoices", fn.invoices, ["createdFrom.id", "createdFrom.refName"]),
        one_way_out(
            "createdFrom",
            fn.created_from,
            ["refs[type=return].id", "originalInvoices[].id", "originalInvoices[].type", "lines[].return.id"],
        ),
        pair("refs[type=purchase_order].id", "otherRefNum", only="in"),
        one_way_out("otherRefNum", fn.their_reference, ["refs[type=purchase_order].id", "buyerReference"]),
        constant(native="autoApply", value=False),
        _GOODS,
        *_CHARGES,
        one_way_in(
            "taxes",
            sums.taxes,
            [
                "taxTotal",
                "tax2Total",
                *(
                    f"taxDetails.items[].{name}"
                    for name in (
                        "taxType",
                        "taxCode.id",
                        "taxRate",
                        "taxBasis",
                        "netAmount",
                        "taxAmount",
                    )
                ),
            ],
        ),
        one_way_in(
            "totals",
            sums.totals,
            ["subtotal", "total", "totalAfterTaxes", "applied", "unapplied", "amountPaid", "amountRemaining"],
        ),
        _SETTLEMENTS,
        one_way_in(
            "extensions",
            fn.extensions,
            [
                "status.id",
                "createdDate",
                "tranId",
                "createdFrom.refName",
                "salesReturn",
                "shippingTaxAmount",
                "total",
            ],
        ),
        pair("note", "memo"),
    ),
    losses=(
        *NOT_KEPT,
        lossy("lines[].return", "the RMA that the memo is made from is in the address and not in the body"),
        lossy("status", "NetSuite derives the status: open, and applied once nothing is left"),
        lossy("direction", "a credit memo is to a customer; others are refused"),
        lossy("seller.id", "the tenant's subsidiary is sent, unless NetSuite itself named one"),
        lossy("refs", "only the return and the customer's purchase order are kept"),
        lossy("originalInvoices", "a memo is made from one record: the return where there is one"),
        lossy("lines[].originalInvoice", "a memo is made from one record: the return where there is one"),
        lossy("lines[].unitPrice", "NetSuite has quantity and amount"),
        lossy("settlements[].method", "only applications to invoices are part of a credit memo"),
        lossy("settlements[].status", "an application that is written is completed"),
        dropped("extensions", "NetSuite has no such fields"),
        dropped("totals", "NetSuite reckons the totals; compare them once it has"),
        dropped("taxes", "NetSuite reckons the taxes; compare them once it has"),
        dropped("taxMethod", "NetSuite reckons the taxes"),
        dropped("taxTransaction", "NetSuite reckons the taxes"),
        dropped("reverses", "the other memo is voided; writing it is refused"),
        lossy("lines[].discount", "the amount has it in it"),
        lossy("charges[].effect", "the sign of the amount says it, and nothing has none"),
        lossy("buyerReference", "NetSuite has one reference, read back as a purchase order"),
        *(
            dropped(path, "the item receipt has it")
            for path in ("lines[].item.lot", "lines[].item.serials", "lines[].item.expiryDate")
        ),
        *(
            dropped(path, "the record has no such field")
            for path in (
                "taxPointDate",
                "seller.name",
                "seller.identifiers",
                "seller.taxId",
                "seller.address",
                "seller.email",
                "seller.phone",
                "buyer.name",
                "buyer.identifiers",
                "buyer.taxId",
                "buyer.address",
                "buyer.email",
                "buyer.phone",
                "exchangeRate.date",
                "originalInvoices[].lineId",
                "originalInvoices[].system",
                "originalInvoices[].issueDate",
                "lines[].item.gtin",
                "lines[].item.customerSku",
                "lines[].item.vendorSku",
                "lines[].reason.note",
                "lines[].reason.source.label",
                "lines[].taxCategory",
                "lines[].taxRate",
                "lines[].originalInvoice.system",
                "lines[].originalInvoice.issueDate",
                "lines[].return.system",
                "lines[].return.issueDate",
                "lines[].extensions",
                "charges[].taxCategory",
                "charges[].taxRate",
                "charges[].waivedBy",
                "settlements[].target.lineId",
                "settlements[].target.system",
                "settlements[].target.issueDate",
                "settlements[].at",
                "settlements[].reference",
            )
        ),
    ),
    ignored=(
        *HEADER_IGNORED,
        *paging("item"),
        *paging("apply"),
        *paging("taxDetails"),
        *beside("entity", "externalId", "links"),
        *beside("subsidiary", "externalId", "links"),
        *beside("createdFrom", "externalId", "links"),
        *beside("currency"),
        *beside("item.items[].orderDoc"),
        *beside("item.items[].item", "externalId", "links"),
        *beside("item.items[].taxCode"),
        *beside("taxDetails.items[].taxCode"),
        *beside("apply.items[].doc"),
        ignored("status.refName", "a rendering of the id beside it"),
        ignored("apply.items[].apply", "the list also offers documents that it is not applied to"),
        *(
            ignored(path, "bookkeeping of the account, no part of the story")
            for path in ("location", "account", "postingPeriod", "nexus", "autoApply", "taxDetailsOverride")
        ),
        *(
            ignored(f"item.items[].{name}", reason)
            for name, reason in (
                ("rate", "rounded; amount over quantity is the price"),
                ("grossAmt", "the taxes say it"),
                ("lineUniqueKey", "a second key of the line"),
                ("price", "the level the rate came from"),
                ("location", "where the goods are is the receipt's to say"),
                ("itemIsFulfilled", "where the goods are is the receipt's to say"),
            )
        ),
        *(
            ignored(f"item.items[].inventoryDetail.{name}", "beside lots and serial numbers it is the receipt's to say")
            for name in (
                *("quantity", "unit", "location", "toLocation"),
                *(f"inventoryAssignment.{one}" for one in ("count", "hasMore", "offset", "totalResults", "links")),
                *(f"inventoryAssignment.items[].{one}" for one in _UNREAD),
            )
        ),
        *(
            ignored(f"apply.items[].{name}", "about the invoice itself")
            for name in ("line", "due", "total", "refNum", "currency")
        ),
        *(
            ignored(f"taxDetails.items[].{name}", "which line it was; the tax is told by group")
            for name in ("lineName", "lineType", "taxDetailsReference")
        ),
        ignored("taxDetails.items[].netAmount", "the tax basis is the same without what is not taxed"),
    ),
)
