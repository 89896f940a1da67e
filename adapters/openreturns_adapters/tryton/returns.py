"""A return as a complaint with its return sale and shipments (read), and the complaint as it is made (written)."""

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

from openreturns_adapters.tryton.common import ITEM, META, PARTY, gaps
from openreturns_adapters.tryton.functions import complaints, lines, shared
from openreturns_adapters.tryton.functions import returns as fn

__all__ = ["COMPLAINT", "RMA"]

_ASKED = (
    "complaint.description",
    "complaint.origin",
    "complaint.origin_model",
    "complaint.state",
    "currency",
    *(
        f"complaint.actions[].{lines}[].{name}"
        for lines in ("sale_lines", "invoice_lines")
        for name in ("quantity", "unit_price", "line.id", "line.unit.symbol", "line.product.code")
    ),
    *(f"sale.lines[].{name}" for name in ("id", "type", "product.code")),
)
_STATES = (
    "complaint.state",
    "sale.state",
    "sale.invoices[].state",
    "credit_note.state",
    "shipments[].state",
    "replacements[].state",
)
_MOVE = ("origin", "state", "quantity", "unit.symbol", "lot.number", "write_date")
_RECEIVED = (
    *(f"shipments[].{name}" for name in ("reference", "state", "warehouse.code")),
    *(f"shipments[].incoming_moves[].{name}" for name in _MOVE),
)
_SENT = (
    *(f"replacements[].{name}" for name in ("reference", "number", "state")),
    *(f"replacements[].lines[].{name}" for name in ("type", "quantity", "unit.symbol", "product.code")),
)
_WHERE_NOTHING_ELSE = "taken where the field that says it usually is empty"

RMA = Mapping(
    canonical="return",
    native="rma",
    directions=("in",),
    currency_in=fn.currency,
    rules=(
        constant(canonical="meta.schema", value=schema_name("return")),
        one_way_in("meta.documentId", fn.document_id, ["complaint.id"]),
        one_way_in("meta.sourceId", fn.source_id, ["complaint.id"]),
        constant(canonical="meta.sourceSystem", value="tryton"),
        one_way_in("meta.revision", fn.revision, _STATES),
        one_way_in(
            "meta.issuedAt",
            fn.issued_at,
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
        one_way_in("meta.correlationId", fn.correlation, ["complaint.reference", "complaint.number", "complaint.id"]),
        one_way_in("number", fn.number, ["complaint.reference", "complaint.number", "complaint.id"]),
        one_way_in("status", fn.status, _STATES),
        one_way_in("type", fn.return_type, ["complaint.actions[].action", "replacements[].state"]),
        one_way_in("customer.id", fn.customer_id, ["complaint.customer.code"]),
        one_way_in("customer.name", fn.customer_name, ["complaint.customer.name"]),
        one_way_in("currency", fn.currency, ["currency"]),
        one_way_in("requestedAt", fn.requested_at, ["complaint.create_date"]),
        one_way_in(
            "authorization",
            fn.authorization,
            [
                "complaint.reference",
                "complaint.number",
                "complaint.id",
                "complaint.state",
                "log[].event",
                "log[].target",
                "log[].create_date",
                "log[].user",
            ],
        ),
        one_way_in("refs", fn.refs, ["complaint.origin", "complaint.origin_model"]),
        one_way_in("returnTo.id", fn.warehouse, ["shipments[].warehouse.code"]),
        pair("extensions[org.tryton.number]", "complaint.number"),
        pair("extensions[org.tryton.sale_number]", "sale.number"),
        one_way_in("lines", lines.lines, [*_ASKED, *_RECEIVED, *_SENT]),
    ),
    losses=(
        *gaps(
            "Tryton does not keep it",
            "meta.causationId",
            "meta.idempotencyKey",
            "meta.test",
            *(f"customer.{name}" for name in PARTY if name != "name"),
            "billTo",
            "shipFrom",
            "returnTo.gln",
            "returnTo.zone",
            "returnTo.bin",
            "expectedReceipt",
            "restockingPolicy",
            "approvals",
            "history",
            "attachments",
            "note",
        ),
        lossy("extensions", "only Tryton's own numbers are known"),
    ),
    ignored=(
        *(
            ignored(path, "another name of the record referred to")
            for path in (
                "complaint.customer.id",
                "complaint.approved_by.id",
                "complaint.actions[].id",
                "complaint.actions[].result",
                "sale.id",
                "sale.invoices[].id",
                "credit_note.id",
                "shipments[].warehouse.id",
                *(
                    f"{path}.{name}.id"
                    for path in ("sale.lines[]", "shipments[].incoming_moves[]", "replacements[].lines[]")
                    for name in ("unit", "product")
                ),
                *(
                    f"complaint.actions[].{lines}[].{name}"
                    for lines in ("sale_lines", "invoice_lines")
                    for name in ("id", "line.unit.id", "line.product.id")
                ),
                "shipments[].incoming_moves[].lot.id",
            )
        ),
        *(
            ignored(path, _WHERE_NOTHING_ELSE)
            for path in (
                "complaint.approved_by.rec_name",
                *(f"complaint.actions[].{lines}[].line.unit_price" for lines in ("sale_lines", "invoice_lines")),
                *(f"sale.lines[].{name}" for name in ("quantity", "unit.symbol", "unit_price")),
                "shipments[].id",
                "shipments[].number",
                "shipments[].customer",
                "shipments[].incoming_moves[].product.code",
                "shipments[].incoming_moves[].create_date",
            )
        ),
        *(
            ignored(f"{path}.unit.digits", "a quantity is rounded to them, if it has more")
            for path in (
                "complaint.actions[].sale_lines[].line",
                "complaint.actions[].invoice_lines[].line",
                "sale.lines[]",
                "shipments[].incoming_moves[]",
                "replacements[].lines[]",
            )
        ),
        ignored("replacements[].id", "the order's number is carried"),
        ignored("replacements[].lines[].id", "the order is one line"),
        ignored("replacements[].lines[].unit_price", "the price is the order's"),
        ignored("shipments[].inventory_moves", "where the goods went is the disposition's to say"),
        *(
            ignored(f"shipments[].incoming_moves[].{name}", "the same for every delivery, or said by the warehouse")
            for name in ("id", "from_location", "to_location", "effective_date")
        ),
    ),
)

COMPLAINT = Mapping(
    canonical="return",
    native="complaint",
    directions=("out",),
    guards_out=(shared.no_slash, complaints.one_origin),
    rules=(
        pair("number", "reference"),
        pair("customer.id", "customer.code"),
        one_way_out("origin_model", complaints.origin_model, ["type"]),
        one_way_out("action", complaints.action, ["type"]),
        one_way_out(
            "origin",
            complaints.origin,
            [
                "type",
                "refs[].type",
                "refs[].id",
                "lines[].originalOrder.id",
                "lines[].originalInvoice.id",
            ],
        ),
        one_way_out(
            "description", complaints.description, ["lines[].lineId", "lines[].item.sku", "lines[].reason.code"]
        ),
        each(
            "lines",
            "lines",
            one_way_out("line", complaints.original_line, ["originalOrder.lineId", "originalInvoice.lineId"]),
            pair("item.sku", "product.code"),
            pair("requested.uom", "unit.symbol", lookup("unit_of_measure")),
            one_way_out("quantity", complaints.requested, ["requested.value", "authorized.value"]),
            one_way_out("unit_price", complaints.price, ["unitPrice"]),
            one_way_out("replacement", complaints.replacement, ["replacement"]),
        ),
    ),
    losses=(
        *META,
        lossy("type", "Tryton knows goods that come back, and credits without goods"),
        lossy("refs", "one sale or invoice is kept"),
        lossy("lines[].originalOrder", "what a complaint is about is one sale, or one invoice"),
        lossy("lines[].originalInvoice", "what a complaint is about is one sale, or one invoice"),
        lossy("lines[].requested", "one quantity is kept: what is authorised"),
        lossy("lines[].replacement", "the product and quantity are kept, for the sale that sends it"),
        *gaps(
            "the complaint has no such field",
            "status",
            *(f"customer.{name}" for name in PARTY),
            "billTo",
            "shipFrom",
            "returnTo",
            "currency",
            "requestedAt",
            "authorization",
            "refs[].lineId",
            "refs[].system",
            "refs[].issueDate",
            "expectedReceipt",
            "lines[].item.lot",
            *(f"lines[].item.{name}" for name in ITEM),
            "lines[].authorized.uom",
            "lines[].expected",
            "lines[].received",
            "lines[].rejected",
            "lines[].reason.source",
            "lines[].reason.note",
            "lines[].requestedResolution",
            *(
                f"lines[].{original}.{name}"
                for original in ("originalOrder", "originalInvoice")
                for name in ("type", "system", "issueDate")
            ),
            "lines[].receipts",
            "lines[].note",
            "lines[].extensions",
            "restockingPolicy",
            "approvals",
            "history",
            "attachments",
            "note",
            "extensions",
        ),
    ),
)
