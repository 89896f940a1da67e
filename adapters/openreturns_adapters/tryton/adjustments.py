"""Stock moves as internal shipments, both ways; rules, losses, ignored fields."""

from openreturns.mapping import (
    Mapping,
    code,
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

from openreturns_adapters.tryton.common import META, MOVED, gaps
from openreturns_adapters.tryton.functions import adjustments as fn
from openreturns_adapters.tryton.functions import shared

__all__ = ["INTERNAL_SHIPMENT"]

INTERNAL_SHIPMENT = Mapping(
    canonical="adjustment",
    native="internal_shipment",
    guards_out=(fn.writable,),
    split=fn.by_route,
    rules=(
        constant(canonical="meta.schema", value=schema_name("adjustment")),
        one_way_in("meta.documentId", fn.document_id, ["id"]),
        one_way_in("meta.sourceId", fn.source_id, ["id"]),
        constant(canonical="meta.sourceSystem", value="tryton"),
        one_way_in("meta.revision", fn.revision, ["state"]),
        one_way_in("meta.issuedAt", fn.issued_at, ["write_date"]),
        one_way_in("meta.correlationId", fn.correlation, ["reference", "number", "id"]),
        one_way_in("number", fn.number, ["reference", "number", "id"]),
        pair("number", "reference", only="out"),
        pair("extensions[org.tryton.number]", "number", only="in"),
        pair("status", "state", code("shipment_state"), only="in"),
        one_way_in("postingDate", fn.posting_date, ["effective_date"]),
        pair("postingDate", "effective_date", only="out"),
        one_way_out(
            "from_location.code",
            fn.from_code,
            ["lines[].from.status", "lines[].from.location.bin", "lines[].from.boundary"],
        ),
        one_way_out(
            "to_location.code", fn.to_code, ["lines[].to.status", "lines[].to.location.bin", "lines[].to.boundary"]
        ),
        each(
            "lines",
            "moves",
            one_way_in("lineId", fn.line_id, ["id"]),
            pair("item.sku", "product.code"),
            pair("item.lot", "lot.number", only="in"),
            one_way_out("lot.number", shared.lot_number, ["item.lot", "item.serials"]),
            one_way_in("quantity", fn.quantity, ["quantity", "unit.symbol"]),
            one_way_out("quantity", fn.moved, ["quantity.value"]),
            pair("quantity.uom", "unit.symbol", lookup("unit_of_measure"), only="out"),
            one_way_in("from", fn.from_position, ["from_location.code"]),
            one_way_in("to", fn.to_position, ["to_location.code"]),
            one_way_out("from_location.code", fn.leaves, ["from.status", "from.location.bin", "from.boundary"]),
            one_way_out("to_location.code", fn.arrives, ["to.status", "to.location.bin", "to.boundary"]),
            one_way_in("reason", fn.reason, ["from_location.code", "to_location.code"]),
        ),
    ),
    losses=(
        *META,
        lossy("status", "an adjustment that is done is posted"),
        *(
            lossy(f"lines[].{side}.{name}", "the location says it, and where the bin is named the location is that")
            for side in ("from", "to")
            for name in ("status", "boundary")
        ),
        *gaps(
            "the shipment has no such field",
            "reverses",
            "refs",
            "lines[].lineId",
            "lines[].toItem",
            "lines[].reason",
            "lines[].disposition",
            "lines[].extensions",
            *(f"lines[].item.{name}" for name in MOVED),
            *(
                f"lines[].{side}.{name}"
                for side in ("from", "to")
                for name in ("owner", "location.id", "location.gln", "location.zone")
            ),
            "approvals",
            "history",
            "note",
            "extensions",
        ),
        *gaps("Tryton values goods by the product's own method", "lines[].valuation"),
    ),
    ignored=(
        ignored("from_location", "the moves say it"),
        ignored("to_location", "the moves say it"),
        *(
            ignored(f"moves[].{name}.id", "another name of the record referred to")
            for name in ("product", "lot", "unit", "from_location", "to_location")
        ),
        ignored("moves[].unit.digits", "a quantity is rounded to them, if it has more"),
        *(
            ignored(name, "taken where the field that says it usually is empty")
            for name in ("planned_date", "create_date")
        ),
        ignored("moves[].state", "the shipment's state is carried"),
        ignored("moves[].cost_price", "in the company's currency, which the shipment does not name"),
    ),
)
