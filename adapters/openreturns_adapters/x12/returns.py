"""What becomes what between a 180, a 944 and the canonical Return: rules, losses, ignored fields."""

from typing import Any

from openreturns.mapping import (
    Mapping,
    code,
    constant,
    decimal,
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

from openreturns_adapters.x12.codecs import within
from openreturns_adapters.x12.functions import head, parties, references, remarks, rma

__all__ = ["RMA"]

_NUMBERS = rma.NUMBERS
_LOOPS = ["QTYLoop[].LXLoop[].N9[].N901", "QTYLoop[].LXLoop[].N9[].N902"]
_N9 = ["N9[].N901", "N9[].N902", "N9[].N903", "N9[].N904"]
_ITEM = ["item.sku", "item.gtin", "item.customerSku", "item.vendorSku"]

_PARTIES = ("customer", "billTo", "shipFrom")
_UNSAID = (
    "meta.test",
    "type",
    "currency",
    "requestedAt",
    "authorization.decidedBy",
    "authorization.decidedAt",
    "authorization.expiresAt",
    "expectedReceipt",
    "returnTo.zone",
    "returnTo.bin",
    "refs[].system",
    "lines[].expected",
    "lines[].received",
    "lines[].rejected",
    "lines[].reason.source.label",
    "lines[].requestedResolution",
    "lines[].originalInvoice.system",
    "lines[].originalOrder.system",
    "lines[].replacement",
    "lines[].receipts",
    "restockingPolicy",
    "approvals",
    "history",
    "attachments",
    *(f"{name}.{part}" for name in _PARTIES for part in ("taxId", "email", "phone")),
)

_LINE: tuple[Any, ...] = (
    one_way_in("lineId", references.line_id("BLILoop"), ["N9[].N901", "N9[].N902"]),
    *(
        one_way_in(f"item.{name}", _NUMBERS.read(name), _NUMBERS.paths)
        for name in ("sku", "gtin", "customerSku", "vendorSku")
    ),
    *(one_way_out(f"BLI.BLI{n:02}", _NUMBERS.write(n), _ITEM) for n in (1, 2, 8, 9, 10, 11, 12, 13)),
    pair("requested.value", "BLI.BLI03", decimal, only="in"),
    pair("requested.uom", "BLI.BLI04", lookup("unit"), only="in"),
    one_way_in("authorized", rma.authorized, ["BLI.BLI03", "BLI.BLI04"]),
    one_way_out("BLI.BLI03", rma.requested_out, ["requested", "authorized"]),
    one_way_out("BLI.BLI04", rma.unit_out, ["requested", "authorized"]),
    pair("unitPrice", "BLI.BLI06", money),
    one_way_in("originalInvoice", references.document("invoice"), _N9),
    one_way_in("originalOrder", references.document("sales_order"), _N9),
    one_way_out("N9", rma.line_n9, ["lineId", "originalInvoice", "originalOrder"]),
    one_way_in("reason", rma.reason_in, ["RDR.RDR02", "RDR.RDR04"]),
    one_way_out("RDR.RDR02", rma.reason_out, ["reason.code", "reason.source.scheme", "reason.source.value"]),
    pair("reason.note", "RDR.RDR04", within(1, 80), only="out"),
    one_way_in("item.description", rma.description_in, ["PID[].PID05"]),
    one_way_out("PID", rma.description_out, ["item.description"]),
    pair("extensions[org.x12.response_reason]", "RDR.RDR03"),
    one_way_in("extensions[org.x12.used]", rma.used_in, ["RDR.RDR05"]),
    one_way_out("RDR.RDR05", rma.used_out, ["extensions"]),
    one_way_in("note", remarks.read, ["NTE[].NTE02"]),
    one_way_out("NTE", remarks.written, ["note"]),
    one_way_in("item.lot", rma.lot, _LOOPS),
    one_way_in("item.serials", rma.serials, _LOOPS),
    one_way_in("item.expiryDate", rma.expiry, ["QTYLoop[].LXLoop[].DTM[].DTM01", "QTYLoop[].LXLoop[].DTM[].DTM02"]),
    one_way_out("QTYLoop", rma.quantity_loops, ["item.lot", "item.serials", "item.expiryDate", "requested"]),
)

RMA = Mapping(
    canonical="return",
    native="rma",
    currency_in=head.currency,
    guards_in=(
        rma.customer_known,
        references.of_one_return("BLILoop", rma.number),
        references.tell_others("BLILoop", "line", "invoice", "sales_order"),
    ),
    guards_out=(head.not_a_test, head.own_currency),
    rules=(
        constant(canonical="meta.schema", value=schema_name("return")),
        constant(canonical="meta.sourceSystem", value="x12"),
        one_way_in("meta.documentId", head.document_id("180", rma.number), ["BGN.BGN02"]),
        one_way_in("meta.correlationId", head.correlation(rma.number), ["BGN.BGN02"]),
        one_way_in("meta.revision", head.revision, []),
        one_way_in(
            "meta.issuedAt",
            head.issued_at(rma.day, rma.time, rma.zone),
            ["BGN.BGN03", "BGN.BGN04", "BGN.BGN05"],
        ),
        one_way_out("BGN.BGN03", rma.day_out, ["meta.issuedAt"]),
        one_way_out("BGN.BGN04", rma.time_out, ["meta.issuedAt"]),
        constant(native="BGN.BGN05", value="UT"),
        pair("number", "BGN.BGN02", within(1, 30, 50, 80)),
        one_way_in("status", rma.status, ["BGN.BGN01", "RDR.RDR01"]),
        one_way_out("BGN.BGN01", rma.purpose, ["status"]),
        constant(canonical="type", value="credit"),
        one_way_in("currency", head.currency, []),
        pair("authorization.decision", "RDR.RDR01", code("decision")),
        one_way_in("authorization.number", references.said("authorization"), ["N9[].N901", "N9[].N902"]),
        pair("authorization.declineReason", "RDR.RDR04", within(1, 80)),
        pair("extensions[org.x12.response_reason]", "RDR.RDR03"),
        pair("extensions[org.x12.return_reason]", "RDR.RDR02"),
        pair("extensions[org.x12.order]", "PRF.PRF01", within(1, 22)),
        one_way_in("refs", references.refs("authorization"), _N9),
        one_way_out("N9", rma.header_n9, ["refs", "authorization.number"]),
        *(one_way_in(name, parties.party(name), parties.PATHS) for name in _PARTIES),
        one_way_in("returnTo", parties.location("returnTo"), parties.PATHS),
        one_way_out(
            "N1Loop",
            parties.loops(*((name, name) for name in (*_PARTIES, "returnTo"))),
            [*_PARTIES, "returnTo"],
        ),
        one_way_in("note", remarks.read, ["NTE[].NTE02"]),
        one_way_out("NTE", remarks.written, ["note"]),
        each("lines", "BLILoop", *_LINE),
    ),
    losses=(
        *(dropped(path, "ours, not the partner's") for path in head.OURS),
        *(dropped(path, "a 180 does not say it") for path in _UNSAID),
        lossy("status", "a 180 asks, answers, announces or cancels; what comes after is an announcement"),
        lossy("lines[].requested", "an answer states what is authorized"),
        lossy("lines[].reason", "an answer has its own reason"),
        lossy("lines[].extensions", "those named org.x12 only"),
        lossy("refs", "documents whose type has a code (128)"),
        lossy("extensions", "those named org.x12 only"),
        *(lossy(f"{name}.identifiers", "one number a party") for name in _PARTIES),
        lossy("returnTo.gln", "one number a place"),
    ),
    ignored=(
        ignored("BGN.BGN06", "the number of an earlier 180; the return's own is BGN02"),
        ignored("RDR.RDR05", "each line says it of its own goods"),
        ignored("DTM", "what days mean is agreed with each partner; none is needed here"),
        ignored("NTE[].NTE01", "every remark is kept"),
        ignored("N1Loop[].PER", "people to talk to stay with the partner"),
        ignored("BLILoop[].BLI.BLI05", "the kind of price is agreed with the partner"),
        ignored("BLILoop[].BLI.BLI07", "prices are for one unit"),
        *(ignored(f"BLILoop[].PID[].PID{n:02}", "the description in words is read") for n in (1, 2, 3, 4)),
        ignored("BLILoop[].RDR.RDR01", "the decision is the whole return's"),
        ignored("BLILoop[].NTE[].NTE01", "every remark is kept"),
        ignored("BLILoop[].QTYLoop[].QTY", "the line's quantity is stated in BLI03"),
        ignored("BLILoop[].QTYLoop[].LXLoop[].LX", "counts the loops"),
        *(ignored(f"BLILoop[].QTYLoop[].LXLoop[].N9[].N90{n}", "a number is enough") for n in (3, 4)),
        *(ignored(f"BLILoop[].QTYLoop[].LXLoop[].DTM[].DTM0{n}", "goods expire on a day") for n in (3, 4)),
    ),
)
