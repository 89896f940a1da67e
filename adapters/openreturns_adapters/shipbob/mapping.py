"""What becomes what between ShipBob and the canonical documents: rules, losses, ignored fields; nothing else."""

from openreturns.mapping import (
    Mapping,
    constant,
    counted,
    day,
    digits,
    dropped,
    each,
    ignored,
    lookup,
    lossy,
    numbered,
    one_way_in,
    one_way_out,
    pair,
    prefixed,
    schema_name,
    setting,
    timestamp,
)

from openreturns_adapters.shipbob import functions as fn

__all__ = ["MAPPINGS"]

units = counted("unit_of_measure")

# --- a return as the warehouse sees it, in the two shapes it is answered in -----------------------------------

_HEAD = (
    constant(canonical="meta.schema", value=schema_name("return")),
    pair("meta.documentId", "id", prefixed("shipbob-return-")),
    pair("meta.sourceId", "id", digits),
    constant(canonical="meta.sourceSystem", value="shipbob"),
    one_way_in("meta.correlationId", fn.correlation, ["reference_id", "id"]),
    one_way_in("number", fn.number, ["reference_id", "id"]),
    constant(canonical="type", value="credit"),
    one_way_in("customer.id", fn.customer_id, ["store_order_id", "id"]),
    pair("customer.name", "customer_name"),
    constant(canonical="currency", value=setting("currency")),
    pair("requestedAt", "insert_date", timestamp),
    pair("refs[type=sales_order].id", "store_order_id"),
    pair("refs[type=shipment].id", "original_shipment_id", digits),
    pair("returnTo.id", "fulfillment_center.id", digits),
    one_way_in("expectedReceipt.trackingNumbers", fn.tracking_numbers, ["tracking_number"]),
    pair("extensions[com.shipbob.status]", "status"),
    pair("extensions[com.shipbob.return_type]", "return_type"),
    pair("extensions[com.shipbob.channel_id]", "channel.id"),
    pair("extensions[com.shipbob.channel_name]", "channel.name"),
    pair("extensions[com.shipbob.fulfillment_center_name]", "fulfillment_center.name"),
)

_LINE = (
    pair("lineId", "id", digits),
    pair("item.description", "name"),
    pair("requested", "quantity", units),
    pair("expected", "quantity", units),
    one_way_in(["received", "receipts"], fn.counted, ["action_taken[].quantity_processed", "quantity"]),
    constant(canonical="reason", value={"code": "other", "note": "not reported"}),
    pair("extensions[com.shipbob.action_requested]", "action_requested.action"),
    pair("extensions[com.shipbob.action_type]", "action_requested.action_type"),
    pair("extensions[com.shipbob.instructions]", "action_requested.instructions"),
)

_NOT_REPORTED = (
    *(
        dropped(path, "ShipBob does not report it")
        for path in (
            "meta.causationId",
            "meta.idempotencyKey",
            "meta.test",
            "customer.identifiers",
            "customer.taxId",
            "customer.address",
            "customer.email",
            "customer.phone",
            "billTo",
            "shipFrom",
            "returnTo.gln",
            "returnTo.zone",
            "returnTo.bin",
            "authorization",
            "expectedReceipt.id",
            "expectedReceipt.expectedOn",
            "expectedReceipt.carrier",
            "expectedReceipt.freightTerms",
            "expectedReceipt.labelUri",
            "expectedReceipt.parcels",
            "lines[].item.customerSku",
            "lines[].item.vendorSku",
            "lines[].item.serials",
            "lines[].authorized",
            "lines[].rejected",
            "lines[].requestedResolution",
            "lines[].unitPrice",
            "lines[].originalInvoice",
            "lines[].originalOrder",
            "lines[].replacement",
            "lines[].note",
            "restockingPolicy",
            "approvals",
            "attachments",
            "note",
        )
    ),
    lossy("refs", "only the order and the outgoing shipment are known"),
)

_FEES = "what the warehouse charges the distributor, not a credit to the customer"

RETURN = Mapping(
    canonical="return",
    native="return",
    directions=("in",),
    rules=(
        *_HEAD,
        one_way_in("meta.revision", fn.revision, ["status_history", "inventory[].action_taken"]),
        one_way_in(
            "meta.issuedAt",
            fn.issued_at,
            [
                "insert_date",
                "status_history[].timestamp",
                "awaiting_arrival_date",
                "arrived_date",
                "processing_date",
                "completed_date",
                "cancelled_date",
            ],
        ),
        one_way_in("status", fn.status, ["status", "inventory[].quantity", "inventory[].action_taken"]),
        one_way_in(["history", "extensions[com.shipbob.status_history]"], fn.history, ["status_history", "status"]),
        pair("extensions[com.shipbob.shipment_tracking_number]", "shipment_tracking_number"),
        each(
            "lines",
            "inventory",
            *_LINE,
            one_way_in("item.sku", fn.sku, ["sku", "id"]),
            one_way_in(["item.gtin", "extensions[com.shipbob.barcodes]"], fn.barcodes, ["barcodes"]),
            pair("item.lot", "lot_information.number"),
            pair("item.expiryDate", "lot_information.expiration", day),
            pair("extensions[com.shipbob.minimum_shelf_life]", "lot_information.minimumShelfLife"),
        ),
    ),
    losses=_NOT_REPORTED,
    ignored=(
        ignored("invoice", _FEES),
        ignored("transactions", _FEES),
        ignored("inventory[].action_taken[].action", "what happened to the goods is the disposition's to say"),
        ignored("inventory[].action_taken[].action_reason", "the disposition's"),
        ignored("inventory[].action_taken[].image_url", "the disposition's"),
    ),
)

RETURN_V1 = Mapping(
    canonical="return",
    native="return_v1",
    directions=("in",),
    rules=(
        *_HEAD,
        one_way_in("meta.revision", fn.revision, ["inventory[].action_taken"]),
        one_way_in("meta.issuedAt", fn.issued_at, ["insert_date", "completed_date"]),
        one_way_in("status", fn.status, ["status", "inventory[].quantity", "inventory[].action_taken"]),
        each(
            "lines",
            "inventory",
            *_LINE,
            one_way_in("item.sku", fn.sku, ["id"]),
        ),
    ),
    losses=(
        *_NOT_REPORTED,
        dropped("history", "this shape has no dates but the first and the last"),
        dropped("lines[].item.gtin", "this shape has no barcodes"),
        dropped("lines[].item.lot", "this shape has no lots"),
        dropped("lines[].item.expiryDate", "this shape has no lots"),
    ),
    ignored=(
        ignored("invoice_amount", _FEES),
        ignored("transactions", _FEES),
        ignored("inventory[].action_taken[].action", "what happened to the goods is the disposition's to say"),
        ignored("inventory[].action_taken[].action_reason", "the disposition's"),
        ignored("inventory[].action_taken[].image_url", "the disposition's"),
    ),
)

# --- what the warehouse decided about the goods ---------------------------------------------------------------

DISPOSITION = Mapping(
    canonical="disposition",
    native="return",
    directions=("in",),
    guards_in=(fn.decided,),
    rules=(
        constant(canonical="meta.schema", value=schema_name("disposition")),
        pair("meta.documentId", "id", prefixed("shipbob-disposition-")),
        pair("meta.sourceId", "id", digits),
        constant(canonical="meta.sourceSystem", value="shipbob"),
        one_way_in("meta.correlationId", fn.correlation, ["reference_id", "id"]),
        one_way_in("meta.revision", fn.revision, ["status_history", "inventory[].action_taken"]),
        one_way_in(
            "meta.issuedAt",
            fn.issued_at,
            [
                "insert_date",
                "status_history[].timestamp",
                "awaiting_arrival_date",
                "arrived_date",
                "processing_date",
                "completed_date",
                "cancelled_date",
            ],
        ),
        one_way_in("status", fn.disposition_status, ["status"]),
        constant(canonical="return.type", value="return"),
        one_way_in("return.id", fn.number, ["reference_id", "id"]),
        pair("warehouse.id", "fulfillment_center.id", digits),
        each(
            "lines",
            "inventory",
            pair("lineId", "id", digits),
            pair("returnLineId", "id", digits),
            one_way_in("receiptId", fn.receipt_id, ["action_taken[].quantity_processed"]),
            one_way_in("item.sku", fn.sku, ["sku", "id"]),
            one_way_in("item.gtin", fn.gtin, ["barcodes"]),
            pair("item.description", "name"),
            pair("item.lot", "lot_information.number"),
            pair("item.expiryDate", "lot_information.expiration", day),
            one_way_in("inspected", fn.inspected, ["action_taken[].quantity_processed"]),
            one_way_in("inspection", fn.inspection, ["action_taken[].image_url"]),
            each(
                "splits",
                "action_taken",
                numbered("splitId"),
                pair("quantity", "quantity_processed", units),
                constant(canonical="condition", value={"code": "unidentified", "note": "ShipBob does not grade"}),
                one_way_in("disposition", fn.disposition_of, ["action", "action_reason"]),
                one_way_in("to", fn.position, ["action"]),
                where_in=fn.one_unit_or_more,
            ),
            where_in=fn.acted_upon,
        ),
    ),
    losses=tuple(
        dropped(path, "ShipBob does not report it")
        for path in (
            "meta.causationId",
            "meta.idempotencyKey",
            "meta.test",
            "return.lineId",
            "return.system",
            "return.issueDate",
            "reverses",
            "warehouse.gln",
            "warehouse.zone",
            "warehouse.bin",
            "lines[].item.customerSku",
            "lines[].item.vendorSku",
            "lines[].item.serials",
            "lines[].splits[].serials",
            "lines[].splits[].targetItem",
            "lines[].splits[].vendor",
            "lines[].splits[].vendorReturn",
            "lines[].splits[].creditable",
            "lines[].splits[].customerLiable",
            "lines[].splits[].hazard",
            "lines[].extensions",
            "approvals",
            "history",
            "extensions",
        )
    ),
    ignored=(
        ignored("invoice", _FEES),
        ignored("transactions", _FEES),
        *(
            ignored(path, "the return's to say")
            for path in (
                "return_type",
                "customer_name",
                "channel",
                "fulfillment_center.name",
                "store_order_id",
                "original_shipment_id",
                "tracking_number",
                "shipment_tracking_number",
                "status_history[].status",
                "inventory[].quantity",
                "inventory[].action_requested",
                "inventory[].lot_information.minimumShelfLife",
            )
        ),
    ),
)

# --- announcing a return to the warehouse ---------------------------------------------------------------------

RETURN_CREATE = Mapping(
    canonical="return",
    native="return_create",
    directions=("out",),
    guards_out=(fn.merged_once,),
    rules=(
        constant(native="fulfillment_center.id", value=setting("fulfillment_center_id")),
        pair("number", "reference_id"),
        pair("refs[type=shipment].id", "original_shipment_id", digits),
        one_way_out("tracking_number", fn.first_tracking_number, ["expectedReceipt.trackingNumbers"]),
        each(
            "lines",
            "inventory",
            pair("item.sku", "id", lookup("inventory", "integer")),
            one_way_out("quantity", fn.quantity_to_announce, ["expected", "authorized", "requested"]),
            one_way_out("requested_action", fn.requested_action, ["extensions"]),
            pair("item.lot", "lot_number"),
            pair("item.expiryDate", "lot_date", day),
        ),
    ),
    losses=(
        lossy("refs", "only the outgoing shipment is sent"),
        lossy("lines[].expected", "one quantity is sent"),
        lossy("lines[].extensions", "only com.shipbob.action_requested is sent"),
        lossy("expectedReceipt.trackingNumbers", "one tracking number is sent"),
        *(
            dropped(path, "the warehouse is told what comes, not why or at what price")
            for path in (
                "meta",
                "status",
                "type",
                "customer",
                "billTo",
                "shipFrom",
                "returnTo",
                "currency",
                "requestedAt",
                "authorization",
                "expectedReceipt.id",
                "expectedReceipt.expectedOn",
                "expectedReceipt.carrier",
                "expectedReceipt.freightTerms",
                "expectedReceipt.labelUri",
                "expectedReceipt.parcels",
                "lines[].lineId",
                "lines[].item.gtin",
                "lines[].item.customerSku",
                "lines[].item.vendorSku",
                "lines[].item.description",
                "lines[].item.serials",
                "lines[].received",
                "lines[].rejected",
                "lines[].reason",
                "lines[].requestedResolution",
                "lines[].unitPrice",
                "lines[].originalInvoice",
                "lines[].originalOrder",
                "lines[].replacement",
                "lines[].receipts",
                "lines[].note",
                "restockingPolicy",
                "approvals",
                "history",
                "attachments",
                "note",
                "extensions",
            )
        ),
    ),
    ignored=(ignored("fulfillment_center.name", "the number says which"),),
)

MAPPINGS = (RETURN, RETURN_V1, DISPOSITION, RETURN_CREATE)
