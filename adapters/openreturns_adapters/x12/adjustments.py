"""What becomes what between a 947 and the canonical Adjustment: rules, losses, ignored fields."""

from typing import Any

from openreturns.mapping import (
    Mapping,
    coded,
    constant,
    dropped,
    each,
    ignored,
    lookup,
    lossy,
    one_way_in,
    one_way_out,
    pair,
    schema_name,
)

from openreturns_adapters.x12.codecs import day, within
from openreturns_adapters.x12.functions import adjustments as fn
from openreturns_adapters.x12.functions import head, parties, references, remarks
from openreturns_adapters.x12.functions.items import lots_once

__all__ = ["INVENTORY_ADJUSTMENT"]

_NUMBERS = fn.NUMBERS
_ITEM = ["item.sku", "item.gtin", "item.customerSku", "item.vendorSku"]
_N9 = ["N9[].N901", "N9[].N902", "N9[].N903", "N9[].N904"]
_MOVE = ["W19.W1901", "W19.W1902"]
_PLACES = ["lines[].from", "lines[].to"]

_LINE: tuple[Any, ...] = (
    one_way_in("lineId", references.line_id("W19Loop"), _N9[:2]),
    one_way_out("N9", fn.line_n9, ["lineId"]),
    *(
        one_way_in(f"item.{name}", _NUMBERS.read(name), _NUMBERS.paths)
        for name in ("sku", "gtin", "customerSku", "vendorSku")
    ),
    one_way_out("W19.W1904", _NUMBERS.write_upc, ["item.gtin"]),
    *(one_way_out(f"W19.W19{n:02}", _NUMBERS.write(n), _ITEM) for n in (5, 6, 7, 8)),
    pair("item.lot", "W19.W1909", only="in"),
    one_way_out("W19.W1909", lots_once, ["item.lot"]),
    one_way_in("item.serials", fn.serials, ["LXLoop[].N9[].N901", "LXLoop[].N9[].N902"]),
    one_way_out("LXLoop", fn.serial_loops, ["item.serials"]),
    one_way_in("item.expiryDate", fn.expiry_in, ["G62[].G6201", "G62[].G6202"]),
    one_way_out("G62", fn.expiry_out, ["item.expiryDate"]),
    one_way_in("quantity.value", fn.count_in, ["W19.W1902"]),
    one_way_out("W19.W1902", fn.count_out, ["quantity.value", "from", "to", "reason.code"]),
    pair("quantity.uom", "W19.W1903", lookup("unit")),
    pair("reason", "W19.W1901", coded("adjustment_reason")),
    one_way_in("from", fn.from_in, _MOVE),
    one_way_in("to", fn.to_in, _MOVE),
)

_UNSAID = (
    "meta.test",
    "reverses",
    "refs[].system",
    "lines[].item.description",
    "lines[].toItem",
    "lines[].reason.note",
    "lines[].reason.source.label",
    "lines[].disposition",
    "lines[].valuation",
    "lines[].extensions",
    "approvals",
    "history",
)

INVENTORY_ADJUSTMENT = Mapping(
    canonical="adjustment",
    native="inventory_adjustment",
    guards_in=(fn.at_warehouse, references.tell_others("W19Loop", "line")),
    guards_out=(head.not_a_test, fn.writable),
    split=fn.each_warehouse,
    rules=(
        constant(canonical="meta.schema", value=schema_name("adjustment")),
        constant(canonical="meta.sourceSystem", value="x12"),
        one_way_in("meta.documentId", head.document_id("947", fn.number), ["W15.W1501", "W15.W1502", "W15.W1503"]),
        one_way_in("meta.correlationId", head.correlation(fn.number), ["W15.W1501", "W15.W1502", "W15.W1503"]),
        one_way_in("meta.revision", head.revision, []),
        one_way_in("meta.issuedAt", head.issued_at(fn.day), ["W15.W1501"]),
        one_way_in("number", fn.number, ["W15.W1501", "W15.W1502", "W15.W1503"]),
        pair("number", "W15.W1502", within(1, 22), only="out"),
        pair("extensions[org.x12.depositor_number]", "W15.W1503", within(1, 22)),
        constant(canonical="status", value="posted"),
        pair("postingDate", "W15.W1501", day),
        one_way_in("refs", references.refs(), _N9),
        one_way_out("N9", fn.refs_out, ["refs"]),
        one_way_in(f"extensions[{parties.WAREHOUSE}]", parties.warehouse_name, parties.HEADS),
        one_way_out("N1Loop", fn.warehouse_out, [*_PLACES, "extensions"]),
        one_way_in("note", remarks.read, ["NTE[].NTE02"]),
        one_way_out("NTE", remarks.written, ["note"]),
        each("lines", "W19Loop", *_LINE),
    ),
    losses=(
        *(dropped(path, "ours, not the partner's") for path in head.OURS),
        *(dropped(path, "a 947 does not say it") for path in _UNSAID),
        dropped("meta.issuedAt", "a 947 has the day of the adjustment only"),
        dropped("status", "a 947 tells of what was posted; anything else is refused"),
        lossy("refs", "documents whose type has a code (128)"),
        lossy("extensions", "those named org.x12 only"),
        lossy("lines[].from", "a signed quantity and its reason say where goods were"),
        lossy("lines[].to", "a signed quantity and its reason say where goods are"),
    ),
    ignored=(
        *(ignored(f"N1Loop[].{name}", "the warehouse's number says where it is") for name in ("N3", "N4", "PER")),
        ignored("G62", "days of the whole are agreed with each partner; the one of the adjustment is W1501"),
        ignored("NTE[].NTE01", "every remark is kept"),
        *(ignored(f"W19Loop[].N9[].N90{n}", "a line's number is enough") for n in (3, 4)),
        *(ignored(f"W19Loop[].LXLoop[].N9[].N90{n}", "a number is enough") for n in (3, 4)),
        ignored("W19Loop[].LXLoop[].LX", "counts the loops"),
        ignored("W19Loop[].LXLoop[].G62", "goods of one line expire on one day, told with the line"),
    ),
)
