"""What becomes what between an 812 and the canonical Credit: rules, losses, ignored fields."""

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
    setting,
)

from openreturns_adapters.x12.codecs import day, implied, within
from openreturns_adapters.x12.functions import credits as fn
from openreturns_adapters.x12.functions import head, parties, references

__all__ = ["CREDIT_DEBIT"]

_NUMBERS = fn.NUMBERS
_ITEM = ["item.sku", "item.gtin", "item.customerSku", "item.vendorSku", "item.lot", "item.serials"]
_N9 = ["N9[].N901", "N9[].N902", "N9[].N903", "N9[].N904"]
_SAC = ["SAC[].SAC01", "SAC[].SAC02", "SAC[].SAC05"]
_SUMS = [*_SAC, "CDDLoop[].CDD.CDD04"]
_SIDES = ("seller", "buyer")

_LINE: tuple[Any, ...] = (
    one_way_in("lineId", fn.line_id, ["CDD.CDD03"]),
    pair("lineId", "CDD.CDD03", within(1, 20), only="out"),
    one_way_out("CDD.CDD02", fn.credited, []),
    pair("reason", "CDD.CDD01", coded("credit_reason")),
    pair("amount", "CDD.CDD04", implied),
    one_way_in("quantity", fn.count_in, ["CDD.CDD07", "CDD.CDD08"]),
    one_way_out("CDD.CDD07", fn.count_out, ["quantity.value"]),
    pair("quantity.uom", "CDD.CDD08", lookup("unit"), only="out"),
    one_way_in("unitPrice", fn.price_in, ["CDD.CDD11", "CDD.CDD09", "CDD.CDD04", "CDD.CDD07"]),
    one_way_out("CDD.CDD11", fn.price_out, ["unitPrice", "priceBase"]),
    *(
        one_way_in(f"item.{name}", _NUMBERS.read(name), _NUMBERS.paths)
        for name in ("sku", "gtin", "customerSku", "vendorSku", "lot")
    ),
    one_way_in("item.serials", _NUMBERS.serials, _NUMBERS.paths),
    *(one_way_out(f"LIN.LIN{n:02}", _NUMBERS.write(n), _ITEM) for n in range(2, 12)),
    one_way_in("originalInvoice", references.document("invoice"), _N9),
    one_way_in("return", references.document("return"), _N9),
    one_way_out("N9", fn.line_n9, ["originalInvoice", "return"]),
)

_UNSAID = (
    "meta.test",
    "taxPointDate",
    "reverses",
    "exchangeRate",
    "originalInvoices[].system",
    "refs[].system",
    "buyerReference",
    "lines[].item.description",
    "lines[].item.expiryDate",
    "lines[].discount",
    "lines[].reason.note",
    "lines[].reason.source.label",
    "lines[].taxCategory",
    "lines[].taxRate",
    "lines[].originalInvoice.system",
    "lines[].return.system",
    "lines[].disposition",
    "lines[].extensions",
    "charges[].taxCategory",
    "charges[].taxRate",
    "charges[].waivedBy",
    "taxMethod",
    "taxTransaction",
    "totals.rounding",
    "totals.settled",
    "settlements",
    "approvals",
    "history",
    "note",
    *(f"{side}.{part}" for side in _SIDES for part in ("taxId", "email", "phone")),
)
_TAX = ("taxType", "category", "taxable", "jurisdiction", "exemptionReason")
_TOTALS = ("lines", "decreases", "increases", "taxExclusive", "tax", "due")
_REST = {
    6: "how a rate is meant; it is read for the tax",
    8: "amounts are told",
    9: "amounts are told",
    10: "amounts are told",
    11: "amounts are told",
    12: "who pays is agreed with the partner",
    13: "a number of the partner's own",
    14: "an option of the partner's own",
}

CREDIT_DEBIT = Mapping(
    canonical="credit",
    native="credit_debit",
    currency_in=fn.currency,
    guards_in=(fn.readable, references.tell_others("CDDLoop", "invoice", "return")),
    guards_out=(head.not_a_test, fn.writable),
    rules=(
        constant(canonical="meta.schema", value=schema_name("credit")),
        constant(canonical="meta.sourceSystem", value="x12"),
        one_way_in("meta.documentId", head.document_id("812", fn.number), ["BCD.BCD02"]),
        one_way_in("meta.correlationId", head.correlation(fn.number), ["BCD.BCD02"]),
        one_way_in("meta.revision", head.revision, []),
        one_way_in("meta.issuedAt", head.issued_at(fn.day), ["BCD.BCD01"]),
        pair("number", "BCD.BCD02", within(1, 22)),
        pair("issueDate", "BCD.BCD01", day),
        constant(canonical="status", value="issued"),
        constant(native="BCD.BCD03", value=setting("handling_code")),
        one_way_out("BCD.BCD05", fn.direction_out, ["direction", "seller.id"]),
        one_way_in("direction", fn.direction, parties.PATHS),
        one_way_in("currency", fn.currency, ["CUR.CUR02"]),
        one_way_out("CUR", fn.currency_said, ["currency"]),
        one_way_in("originalInvoices", fn.invoices_in, ["BCD.BCD06", "BCD.BCD07", *_N9]),
        one_way_out("BCD.BCD06", fn.invoice_day, ["originalInvoices"]),
        one_way_out("BCD.BCD07", fn.invoice_number, ["originalInvoices"]),
        pair("extensions[org.x12.vendor_order]", "BCD.BCD08", within(1, 22)),
        pair("extensions[org.x12.purchase_order_date]", "BCD.BCD09"),
        pair("extensions[org.x12.purchase_order]", "BCD.BCD10", within(1, 22)),
        pair("extensions[org.x12.purpose]", "BCD.BCD11"),
        one_way_in("refs", references.refs("invoice"), _N9),
        one_way_out("N9", fn.refs_out, ["refs", "originalInvoices"]),
        *(one_way_in(side, parties.party(side), parties.PATHS) for side in _SIDES),
        one_way_out("N1Loop", parties.loops(("seller", "seller"), ("buyer", "customer")), [*_SIDES]),
        each("lines", "CDDLoop", *_LINE),
        one_way_in("charges", fn.charges_in, [*_SAC, "SAC[].SAC15"]),
        one_way_in("taxes", fn.taxes_in, [*_SUMS, "SAC[].SAC07"]),
        one_way_out("SAC", fn.sac, ["charges", "taxes"]),
        one_way_in("totals", fn.totals_in, [*_SUMS, "BCD.BCD04"]),
        one_way_out("BCD.BCD04", fn.total_in, ["totals.taxInclusive"]),
    ),
    losses=(
        *(dropped(path, "ours, not the partner's") for path in head.OURS),
        *(dropped(path, "an 812 does not say it") for path in _UNSAID),
        dropped("meta.issuedAt", "an 812 has the day of issue only"),
        dropped("status", "an 812 tells of an issued credit; what is not issued is refused"),
        lossy("direction", "the setting own_id says whose credit it is"),
        *(lossy(f"{side}.identifiers", "one number a party") for side in _SIDES),
        *(dropped(f"taxes[].{name}", "an 812 has the amount and rate of one tax") for name in _TAX),
        *(dropped(f"totals.{name}", "the whole is told, and the parts it adds up from") for name in _TOTALS),
        lossy("charges[].kind", "kinds that have no code of their own are told in words"),
        lossy("refs", "documents whose type has a code (128)"),
        lossy("extensions", "those named org.x12 only"),
        lossy("lines[].priceBase", "a price of several is refused"),
    ),
    ignored=(
        ignored("CUR.CUR01", "whose currency it is does not change it"),
        ignored("BCD.BCD03", "what is to be done with the adjustment is agreed with the partner"),
        ignored("BCD.BCD05", "a credit; a debit is refused"),
        ignored("N1Loop[].PER", "people to talk to stay with the partner"),
        *(ignored(f"SAC[].SAC{n:02}", "codes of other agencies; the description is read") for n in (3, 4)),
        *(ignored(f"SAC[].SAC{n:02}", why) for n, why in _REST.items()),
        ignored("CDDLoop[].CDD.CDD02", "a credit; a debit is refused"),
        *(ignored(f"CDDLoop[].CDD.CDD{n:02}", "agreed with the partner; not needed") for n in (5, 6, 10)),
        ignored("CDDLoop[].LIN.LIN01", "the line's number is CDD03"),
    ),
)
