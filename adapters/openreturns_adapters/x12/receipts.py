"""What becomes what between a 944 and the canonical Return, one delivery each: rules, losses, ignored fields."""

from typing import Any

from openreturns.mapping import (
    Mapping,
    constant,
    dropped,
    each,
    ignored,
    lossy,
    one_way_in,
    one_way_out,
    pair,
    schema_name,
    setting,
)

from openreturns_adapters.x12.codecs import within
from openreturns_adapters.x12.functions import head, parties, references, remarks
from openreturns_adapters.x12.functions import receipts as fn

__all__ = ["WAREHOUSE_RECEIPT"]

_NUMBERS = fn.NUMBERS
_ITEM = ["item.sku", "item.gtin", "item.customerSku", "item.vendorSku"]
_N9 = ["N9[].N901", "N9[].N902", "N9[].N903", "N9[].N904"]
_COUNT = ["W07.W0701", "W07.W0702"]
_WRONG = [f"W13Loop[].W13.W130{n}" for n in (1, 2, 3)]

_LINE: tuple[Any, ...] = (
    one_way_in("lineId", references.line_id("W07Loop"), _N9[:2]),
    one_way_out("N9", fn.line_n9, ["lineId", "item.serials"]),
    *(
        one_way_in(f"item.{name}", _NUMBERS.read(name), _NUMBERS.paths)
        for name in ("sku", "gtin", "customerSku", "vendorSku")
    ),
    one_way_out("W07.W0703", _NUMBERS.write_upc, ["item.gtin"]),
    *(one_way_out(f"W07.W07{n:02}", _NUMBERS.write(n), _ITEM) for n in (4, 5, 6, 7, 10, 11)),
    pair("item.lot", "W07.W0708", only="in"),
    one_way_out("W07.W0708", fn.lot_out, ["item.lot"]),
    one_way_in("item.serials", fn.serials, _N9[:2]),
    one_way_in("requested", fn.requested, [*_COUNT, *_WRONG]),
    one_way_in("received", fn.received, _COUNT),
    one_way_in("receipts", fn.receipts, [*_COUNT, *_WRONG]),
    one_way_out("W07.W0701", fn.count_out, ["receipts"]),
    one_way_out("W07.W0702", fn.unit_out, ["receipts"]),
    one_way_out("W13Loop", fn.exceptions, ["receipts"]),
    constant(canonical="reason", value={"code": "other", "note": "not reported"}),
)

_UNSAID = (
    "meta.test",
    "meta.issuedAt",
    "status",
    "type",
    "currency",
    "customer.taxId",
    "customer.email",
    "customer.phone",
    "billTo",
    "shipFrom",
    "returnTo.zone",
    "returnTo.bin",
    "requestedAt",
    "authorization.decision",
    "authorization.decidedBy",
    "authorization.decidedAt",
    "authorization.expiresAt",
    "authorization.declineReason",
    "expectedReceipt",
    "refs[].system",
    "lines[].item.description",
    "lines[].item.expiryDate",
    "lines[].receipts[].location.zone",
    "lines[].receipts[].location.bin",
    "lines[].receipts[].by",
    "lines[].requested",
    "lines[].authorized",
    "lines[].expected",
    "lines[].received",
    "lines[].rejected",
    "lines[].reason",
    "lines[].requestedResolution",
    "lines[].unitPrice",
    "lines[].originalInvoice",
    "lines[].originalOrder",
    "lines[].replacement",
    "lines[].note",
    "lines[].extensions",
    "restockingPolicy",
    "approvals",
    "history",
    "attachments",
)

WAREHOUSE_RECEIPT = Mapping(
    canonical="return",
    native="warehouse_receipt",
    currency_in=head.currency,
    guards_in=(
        fn.adds_up,
        references.of_one_return("W07Loop", fn.number),
        references.tell_others("W07Loop", "line", "serial"),
    ),
    guards_out=(head.not_a_test,),
    split=fn.deliveries,
    rules=(
        constant(canonical="meta.schema", value=schema_name("return")),
        constant(canonical="meta.sourceSystem", value="x12"),
        one_way_in("meta.documentId", head.document_id("944", fn.receipt_number), ["W17.W1703"]),
        one_way_in("meta.correlationId", head.correlation(fn.number), ["W17.W1703", "W17.W1704"]),
        one_way_in("meta.revision", head.revision, []),
        one_way_in("meta.issuedAt", head.issued_at(fn.day), ["W17.W1702"]),
        one_way_in("number", fn.number, ["W17.W1703", "W17.W1704"]),
        pair("number", "W17.W1704", within(1, 22), only="out"),
        constant(canonical="status", value="received"),
        constant(canonical="type", value="credit"),
        one_way_in("currency", head.currency, []),
        one_way_in("customer", fn.whose, parties.HEADS),
        constant(native="W17.W1701", value=setting("reporting_code")),
        one_way_out("W17.W1702", fn.delivered_on, ["lines[].receipts"]),
        one_way_out("W17.W1703", fn.receipt_id, ["lines[].receipts"]),
        pair("extensions[org.x12.shipment]", "W17.W1705", within(1, 30)),
        one_way_in("returnTo", parties.location("warehouse"), parties.HEADS),
        one_way_in(f"extensions[{parties.WAREHOUSE}]", parties.warehouse_name, parties.HEADS),
        one_way_out(
            "N1Loop",
            fn.places,
            ["lines[].receipts", "returnTo", "customer.id", "customer.name", "customer.address", "extensions"],
        ),
        one_way_in("authorization", fn.authorization, _N9[:2]),
        one_way_in("refs", references.refs("authorization"), _N9),
        one_way_out("N9", fn.refs_out, ["refs", "authorization.number"]),
        one_way_in("note", remarks.read, ["NTE[].NTE02"]),
        one_way_out("NTE", remarks.written, ["note"]),
        each("lines", "W07Loop", *_LINE),
        one_way_out("W14.W1401", fn.total, ["lines[].receipts"]),
    ),
    losses=(
        *(dropped(path, "ours, not the partner's") for path in head.OURS),
        *(dropped(path, "a 944 says what came, and nothing else of the return") for path in _UNSAID),
        lossy("customer.identifiers", "one number a party"),
        lossy("customer.address", "goes out, and is not read again"),
        lossy("returnTo.id", "the warehouse that took the goods in"),
        lossy("returnTo.gln", "one number a place"),
        lossy("refs", "documents whose type has a code (128)"),
        lossy("extensions", "those named org.x12 only"),
        lossy("lines[].receipts", "the day, the quantity and what was wrong with it"),
    ),
    ignored=(
        ignored("W17.W1701", "whether more is to come is not this return's to say"),
        *(ignored(f"N1Loop[].{name}", "who is where is agreed with the partner") for name in ("N3", "N4", "PER")),
        ignored("G62", "days are agreed with each partner; the one of the receipt is W1702"),
        ignored("NTE[].NTE01", "every remark is kept"),
        ignored("W07Loop[].W07.W0709", "the kind of a label"),
        *(ignored(f"W07Loop[].N9[].N90{n}", "a number is enough") for n in (3, 4)),
        *(ignored(f"W07Loop[].W13Loop[].W13.W130{n}", "the lot is the line's, the condition is read") for n in (4, 5)),
        ignored("W07Loop[].W13Loop[].N9", "numbers of exceptions are the warehouse's own"),
        ignored("W14", "the sum of the lines; one that is not is refused"),
    ),
)
