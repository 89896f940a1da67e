"""What becomes what between an onX return and the canonical documents: rules, losses, ignored fields."""

from openreturns.mapping import (
    Mapping,
    code,
    coded,
    constant,
    dropped,
    each,
    ignored,
    lossy,
    money,
    one_way_in,
    one_way_out,
    pair,
    schema_name,
    setting,
)

from openreturns_adapters.onx import functions as fn
from openreturns_adapters.onx.codecs import unitless, zulu

__all__ = ["MAPPINGS"]

_NO_FIELD = "onX has no field for it"
_EXCHANGE = [f"exchangeLineItems[].{name}" for name in ("id", "sku", "name", "quantity", "exchangeOrderId")]
_MONEY = ("returnTotal", "exchangeTotal", "refundAmount", "shippingRefundAmount", "returnShippingFees", "restockingFee")

_OF_ORDERS = ("exchangeOrderName", "unitPrice")
_OF_RETURNS = (
    *("createdAt", "tenantId", "orderId", "status", "outcome", "exchangeLineItems", "totalQuantity", "returnMethod"),
    *("returnShippingAddress", "labels", *_MONEY, "refundMethod", "refundStatus", "refundTransactionId", "requestedAt"),
    *("receivedAt", "completedAt", "customerNote", "internalNote", "returnInstructions", "declineReason"),
    *("statusPageUrl", "tags", "customFields"),
)

RETURN = Mapping(
    canonical="return",
    native="return",
    guards_out=(fn.writable,),
    currency_in=fn.currency,
    rules=(
        constant(canonical="meta.schema", value=schema_name("return")),
        constant(canonical="meta.sourceSystem", value="onx"),
        pair("meta.documentId", "id"),
        pair("meta.sourceId", "externalId"),
        one_way_in("meta.revision", fn.revision, ["updatedAt"]),
        pair("meta.issuedAt", "updatedAt", zulu),
        one_way_in("meta.correlationId", fn.correlation, ["returnNumber", "id"]),
        one_way_out("createdAt", fn.created_at, ["requestedAt", "meta.issuedAt"]),
        constant(native="tenantId", value=setting("tenant_id")),
        one_way_in("number", fn.number, ["returnNumber", "id"]),
        pair("number", "returnNumber", only="out"),
        one_way_in("status", fn.status, ["status"]),
        pair("status", "status", code("status"), only="out"),
        one_way_in("type", fn.type_of, ["outcome"]),
        one_way_out("outcome", fn.outcome_of, ["type", "lines[].requestedResolution"]),
        one_way_in("customer.id", fn.customer, ["orderId"]),
        constant(canonical="currency", value=setting("currency")),
        pair("refs[type=sales_order].id", "orderId", only="in"),
        one_way_out("orderId", fn.order_of, ["refs[].type", "refs[].id", "lines[].originalOrder.id"]),
        pair("returnTo.id", "locationId"),
        pair("requestedAt", "requestedAt", zulu),
        one_way_out("receivedAt", fn.received_at, ["lines[].receipts[].receivedAt"]),
        one_way_in("authorization", fn.authorization, ["declineReason"]),
        pair("authorization.declineReason", "declineReason", only="out"),
        one_way_out(
            "labels",
            fn.labels,
            [f"expectedReceipt.{name}" for name in ("trackingNumbers", "carrier", "labelUri", "parcels")],
        ),
        one_way_in(
            "expectedReceipt.parcels", fn.parcels, [f"labels[].{name}" for name in ("trackingNumber", "carrier", "url")]
        ),
        one_way_in("expectedReceipt.trackingNumbers", fn.tracking_numbers, ["labels[].trackingNumber"]),
        one_way_in("expectedReceipt.carrier", fn.carrier, ["labels[].carrier"]),
        one_way_in("expectedReceipt.labelUri", fn.label_uri, ["labels[].url"]),
        one_way_in("note", fn.note, ["customerNote"]),
        pair("note", "customerNote", only="out"),
        one_way_out("totalQuantity", fn.total, ["lines[].requested.value"]),
        one_way_out(
            "exchangeLineItems",
            fn.exchanges,
            [
                *(f"lines[].replacement.item.{name}" for name in ("sku", "description")),
                *("lines[].replacement.quantity", "lines[].replacement.order.id", "lines[].lineId"),
            ],
        ),
        one_way_in("extensions[org.onx.exchange_line_items]", fn.other_exchanges, _EXCHANGE),
        each(
            "lines",
            "returnLineItems",
            one_way_in("lineId", fn.line_id, ["id", "orderLineItemId"]),
            pair("lineId", "id", only="out"),
            one_way_in("originalOrder", fn.original_order, ["orderLineItemId"]),
            one_way_out("orderLineItemId", fn.order_line, ["originalOrder.lineId", "lineId"]),
            pair("item.sku", "sku"),
            pair("item.description", "name"),
            pair("requested", "quantityReturned", unitless),
            pair("reason", "returnReason", coded("reason")),
            pair("unitPrice", "unitPrice", money),
            one_way_in("requestedResolution", fn.resolution, ["id"]),
            one_way_in("replacement", fn.replacement, ["id"]),
            key="id",
        ),
    ),
    losses=(
        lossy("refs", "one order and nothing else"),
        lossy("type", "one word for what the customer gets"),
        lossy("lines[].originalOrder", "one order for all lines"),
        lossy("lines[].receipts", "the last moment goods came in"),
        lossy("lines[].replacement", "an item by its SKU"),
        lossy("expectedReceipt", "a label has a tracking number"),
        *(
            dropped(path, _NO_FIELD)
            for path in (
                *(f"meta.{name}" for name in ("schema", "revision", "sourceSystem", "correlationId", "causationId")),
                *("meta.idempotencyKey", "meta.test", "customer", "billTo", "shipFrom", "currency"),
                *(f"returnTo.{name}" for name in ("gln", "zone", "bin")),
                *(f"authorization.{name}" for name in ("number", "decision", "decidedBy", "decidedAt", "expiresAt")),
                *(f"refs[].{name}" for name in ("lineId", "system", "issueDate")),
                *(f"expectedReceipt.{name}" for name in ("id", "expectedOn", "freightTerms")),
                *(f"lines[].item.{name}" for name in ("gtin", "customerSku", "vendorSku", "lot", "serials")),
                "lines[].item.expiryDate",
                *(f"lines[].{name}" for name in ("authorized", "expected", "received", "rejected", "note")),
                *(f"lines[].receipts[].{name}" for name in ("receiptId", "quantity", "location", "item", "by")),
                *("lines[].receipts[].discrepancy", "lines[].reason.source.label", "lines[].reason.note"),
                *(f"lines[].originalOrder.{name}" for name in ("type", "system", "issueDate")),
                *("lines[].originalInvoice", "lines[].extensions"),
                *(f"lines[].replacement.order.{name}" for name in ("type", "lineId", "system", "issueDate")),
                *(
                    f"lines[].replacement.item.{name}"
                    for name in ("gtin", "customerSku", "vendorSku", "lot", "serials", "expiryDate")
                ),
                *("restockingPolicy", "approvals", "history", "attachments", "extensions"),
            )
        ),
    ),
    ignored=(
        ignored("createdAt", "when it was asked for is told beside it"),
        ignored("tenantId", "whose returns are read is known"),
        ignored("totalQuantity", "the sum of the lines"),
        ignored("receivedAt", "one moment for all lines, and no quantity"),
        ignored("completedAt", "the status says it"),
        *(ignored(name, "money is the credit's to tell") for name in _MONEY),
        *(ignored(f"refund{name}", "money is the credit's to tell") for name in ("Method", "Status", "TransactionId")),
        *(
            ignored(f"returnLineItems[].{name}", "money is the credit's to tell")
            for name in ("refundAmount", "restockFee")
        ),
        ignored("returnLineItems[].inspection", "what was found is the disposition's to tell"),
        *(ignored(f"exchangeLineItems[].{name}", "the order made for it has it") for name in _OF_ORDERS),
        *(ignored(f"labels[].{name}", "the carrier's") for name in ("status", "rate", "createdAt", "updatedAt")),
        *(
            ignored(name, "the portal's, for the customer to read")
            for name in (
                *("returnMethod", "returnShippingAddress", "internalNote", "returnInstructions"),
                *("statusPageUrl", "tags", "customFields"),
            )
        ),
    ),
)

DISPOSITION = Mapping(
    canonical="disposition",
    native="return",
    directions=("in",),
    guards_in=(fn.decided,),
    rules=(
        constant(canonical="meta.schema", value=schema_name("disposition")),
        constant(canonical="meta.sourceSystem", value="onx"),
        one_way_in("meta.documentId", fn.disposition_id, ["id"]),
        pair("meta.sourceId", "externalId"),
        one_way_in("meta.revision", fn.revision, ["updatedAt"]),
        pair("meta.issuedAt", "updatedAt", zulu),
        one_way_in("meta.correlationId", fn.correlation, ["returnNumber", "id"]),
        constant(canonical="status", value="final"),
        constant(canonical="return.type", value="return"),
        one_way_in("return.id", fn.number, ["returnNumber", "id"]),
        pair("warehouse.id", "locationId"),
        each(
            "lines",
            "returnLineItems",
            one_way_in("lineId", fn.line_id, ["id", "orderLineItemId"]),
            one_way_in("returnLineId", fn.line_id, ["id", "orderLineItemId"]),
            pair("extensions[org.onx.order_line_item_id]", "orderLineItemId"),
            pair("item.sku", "sku"),
            pair("item.description", "name"),
            pair("inspected", "quantityReturned", unitless),
            one_way_in(
                "inspection",
                fn.inspection,
                [f"inspection.{name}" for name in ("inspectedBy", "inspectedAt", "images")],
            ),
            one_way_in(
                "splits",
                fn.splits,
                [
                    "quantityReturned",
                    *(f"inspection.{name}" for name in ("conditionCategory", "dispositionOutcome", "note")),
                    "inspection.warehouseLocationId",
                ],
            ),
            where_in=fn.has_inspection,
        ),
    ),
    losses=tuple(
        dropped(path, "onX does not tell it")
        for path in (
            *(f"meta.{name}" for name in ("causationId", "idempotencyKey", "test")),
            *(f"return.{name}" for name in ("lineId", "system", "issueDate")),
            *("reverses", "warehouse.gln", "warehouse.zone", "warehouse.bin", "lines[].receiptId"),
            *(f"lines[].item.{name}" for name in ("gtin", "customerSku", "vendorSku", "lot", "serials", "expiryDate")),
            *("approvals", "history", "extensions"),
        )
    ),
    ignored=(
        *(
            ignored(f"returnLineItems[].{name}", "money is the credit's to tell")
            for name in ("refundAmount", "restockFee")
        ),
        *(ignored(f"returnLineItems[].{name}", "the return's to tell") for name in ("returnReason", "unitPrice")),
        *(ignored(name, "the return's to tell") for name in _OF_RETURNS),
    ),
)

MAPPINGS = (RETURN, DISPOSITION)
