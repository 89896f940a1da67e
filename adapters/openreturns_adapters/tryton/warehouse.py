"""Deliveries, announcements and put-away as written, dispositions as read."""

from openreturns.mapping import (
    Mapping,
    constant,
    each,
    ignored,
    lookup,
    lossy,
    one_way_in,
    one_way_out,
    pair,
    schema_name,
)

from openreturns_adapters.tryton.common import META, MOVED, PARTY, gaps
from openreturns_adapters.tryton.functions import returns, shared
from openreturns_adapters.tryton.functions import warehouse as fn

__all__ = ["ANNOUNCEMENT", "PUT_AWAY", "RECEIPT", "RMA_DISPOSITION"]

_HEAD = (
    "status",
    "type",
    "billTo",
    "shipFrom",
    "currency",
    "requestedAt",
    "authorization",
    "refs",
    "expectedReceipt",
    "restockingPolicy",
    "approvals",
    "history",
    "attachments",
    "note",
)
_LINE = (
    "rejected",
    "reason",
    "requestedResolution",
    "unitPrice",
    "originalInvoice",
    "originalOrder",
    "replacement",
    "note",
    "extensions",
)

RECEIPT = Mapping(
    canonical="return",
    native="receipt",
    directions=("out",),
    guards_out=(shared.no_slash,),
    split=fn.deliveries,
    rules=(
        pair("number", "rma"),
        one_way_out("reference", fn.receipt_reference, ["number", "lines[].receipts[].receiptId"]),
        one_way_out(
            "moves",
            fn.delivered,
            [
                "lines[].lineId",
                "lines[].item.sku",
                "lines[].item.lot",
                "lines[].item.serials",
                "lines[].receipts[].quantity",
                "lines[].receipts[].item.sku",
                "lines[].receipts[].item.lot",
                "lines[].receipts[].item.serials",
            ],
        ),
        one_way_out("over", fn.over, ["lines[].receipts[].discrepancy"]),
        one_way_out("points", fn.points, ["extensions"]),
    ),
    losses=(
        *META,
        lossy("lines[].item.lot", "the lot that came is kept"),
        lossy("lines[].receipts[].discrepancy", "that more came than was agreed is said, and nothing else"),
        lossy("extensions", "only what the inspection found is kept: org.tryton.inspection"),
        *gaps(
            "the complaint has it, or the shipment has no such field",
            *_HEAD,
            "customer",
            "returnTo",
            *(f"lines[].{name}" for name in (*_LINE, "requested", "authorized", "expected", "received")),
            *(f"lines[].item.{name}" for name in MOVED),
        ),
        *gaps(
            "the shipment has no such field",
            "lines[].receipts[].receivedAt",
            "lines[].receipts[].location",
            "lines[].receipts[].by",
            *(f"lines[].receipts[].item.{name}" for name in MOVED),
        ),
    ),
)

ANNOUNCEMENT = Mapping(
    canonical="return",
    native="announcement",
    directions=("out",),
    guards_out=(shared.no_slash,),
    rules=(
        pair("number", "reference"),
        pair("customer.id", "customer.code"),
        one_way_out("warehouse.code", fn.warehouse, ["returnTo.id"]),
        each(
            "lines",
            "incoming_moves",
            pair("item.sku", "product.code"),
            pair("requested.uom", "unit.symbol", lookup("unit_of_measure")),
            one_way_out("quantity", fn.expected, ["expected.value", "authorized.value", "requested.value"]),
            one_way_out("lot.number", shared.lot_number, ["item.lot", "item.serials"]),
        ),
    ),
    losses=(
        *META,
        lossy("lines[].expected", "one quantity is announced"),
        *gaps(
            "the warehouse is told what comes, not why or at what price",
            *_HEAD,
            "returnTo.gln",
            "returnTo.zone",
            "returnTo.bin",
            "extensions",
            *(f"customer.{name}" for name in PARTY),
            *(f"lines[].{name}" for name in (*_LINE, "lineId", "received", "receipts")),
            "lines[].authorized.uom",
            "lines[].expected.uom",
            *(f"lines[].item.{name}" for name in MOVED),
        ),
    ),
)

PUT_AWAY = Mapping(
    canonical="disposition",
    native="put_away",
    directions=("out",),
    guards_out=(fn.final,),
    rules=(
        pair("return.id", "rma"),
        one_way_out(
            "moves",
            fn.away,
            [
                "lines[].returnLineId",
                "lines[].receiptId",
                "lines[].item.sku",
                "lines[].item.lot",
                "lines[].item.serials",
                "lines[].splits[].serials",
                "lines[].splits[].quantity",
                "lines[].splits[].to.status",
                "lines[].splits[].to.boundary",
                "lines[].splits[].to.location.bin",
                "lines[].splits[].disposition.code",
                "lines[].splits[].targetItem",
            ],
        ),
    ),
    losses=(
        *META,
        lossy("status", "what is put away is final"),
        *gaps("a disposition that takes another back is refused", "reverses"),
        lossy("lines[].splits[].to.status", "the location says it, and where the bin is named the location is that"),
        lossy("lines[].splits[].to.boundary", "the location says it, and where the bin is named the location is that"),
        *gaps(
            "a move says what goes where, and nothing of why",
            "return.type",
            "return.lineId",
            "return.system",
            "return.issueDate",
            "warehouse",
            "lines[].lineId",
            "lines[].inspected",
            "lines[].inspection",
            "lines[].extensions",
            *(f"lines[].item.{name}" for name in MOVED),
            "lines[].splits[].splitId",
            "lines[].splits[].condition",
            "lines[].splits[].disposition",
            "lines[].splits[].vendor",
            "lines[].splits[].vendorReturn",
            "lines[].splits[].creditable",
            "lines[].splits[].customerLiable",
            "lines[].splits[].hazard",
            "lines[].splits[].to.owner",
            "lines[].splits[].to.location.id",
            "lines[].splits[].to.location.gln",
            "lines[].splits[].to.location.zone",
            "approvals",
            "history",
            "extensions",
        ),
    ),
)

RMA_DISPOSITION = Mapping(
    canonical="disposition",
    native="rma",
    directions=("in",),
    guards_in=(fn.put_away,),
    rules=(
        constant(canonical="meta.schema", value=schema_name("disposition")),
        one_way_in("meta.documentId", fn.disposition_id, ["complaint.id"]),
        one_way_in("meta.sourceId", returns.source_id, ["complaint.id"]),
        constant(canonical="meta.sourceSystem", value="tryton"),
        one_way_in("meta.correlationId", returns.correlation, ["complaint.reference", "complaint.number"]),
        one_way_in(
            "meta.revision",
            returns.revision,
            [
                "complaint.state",
                "sale.state",
                "sale.invoices[].state",
                "credit_note.state",
                "shipments[].state",
                "replacements[].state",
            ],
        ),
        one_way_in(
            "meta.issuedAt",
            returns.issued_at,
            [
                "complaint.create_date",
                "complaint.write_date",
                "sale.write_date",
                "sale.invoices[].write_date",
                "credit_note.write_date",
                "shipments[].create_date",
                "shipments[].write_date",
                "replacements[].write_date",
            ],
        ),
        one_way_in("status", fn.disposition_status, ["shipments[].state"]),
        constant(canonical="return.type", value="return"),
        one_way_in("return.id", returns.number, ["complaint.reference", "complaint.number", "complaint.id"]),
        pair("extensions[org.tryton.number]", "complaint.number"),
        one_way_in("warehouse.id", returns.warehouse, ["shipments[].warehouse.code"]),
        one_way_in(
            "lines",
            fn.disposition_lines,
            [
                "complaint.description",
                "complaint.actions[].sale_lines[].line.product.code",
                "sale.lines[].id",
                "sale.lines[].type",
                "sale.lines[].product.code",
                "shipments[].reference",
                "shipments[].state",
                *(f"shipments[].incoming_moves[].{name}" for name in ("id", "origin", "lot.number")),
                *(
                    f"shipments[].inventory_moves[].{name}"
                    for name in ("id", "origin", "state", "quantity", "unit.symbol", "to_location.code")
                ),
            ],
        ),
    ),
    losses=(
        *gaps(
            "Tryton does not keep it",
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
            "lines[].extensions",
            "approvals",
            "history",
        ),
    ),
    ignored=(
        *(
            ignored(path, "the return's to say")
            for path in (
                "complaint.customer",
                "currency",
                "complaint.origin",
                "complaint.origin_model",
                "complaint.approved_by",
                "complaint.actions[].id",
                "complaint.actions[].action",
                "complaint.actions[].result",
                "complaint.actions[].invoice_lines",
                *(
                    f"complaint.actions[].sale_lines[].{name}"
                    for name in (
                        "id",
                        "quantity",
                        "unit_price",
                        "line.id",
                        "line.unit",
                        "line.product.id",
                        "line.unit_price",
                    )
                ),
                "sale.id",
                "sale.number",
                "sale.invoices[].id",
                *(f"sale.lines[].{name}" for name in ("quantity", "unit", "product.id", "unit_price")),
                "credit_note.id",
                "shipments[].warehouse.id",
                "shipments[].customer",
                *(f"replacements[].{name}" for name in ("id", "number", "reference", "lines")),
                "log",
            )
        ),
        *(
            ignored(f"shipments[].incoming_moves[].{name}", "the receipt's to say")
            for name in (
                "state",
                "quantity",
                "unit",
                "product",
                "lot.id",
                "from_location",
                "to_location",
                "effective_date",
                "create_date",
                "write_date",
            )
        ),
        *(
            ignored(f"shipments[].{name}", "the delivery's id, where its reference has none")
            for name in ("id", "number")
        ),
        *(
            ignored(f"shipments[].inventory_moves[].{name}", "the same as of the goods received, or bookkeeping")
            for name in (
                "product",
                "lot",
                "unit.id",
                "unit.digits",
                "to_location.id",
                "from_location",
                "effective_date",
                "create_date",
                "write_date",
            )
        ),
    ),
)
