"""Credits as Tryton's credit notes, both ways; rules, losses, ignored fields."""

from openreturns.mapping import (
    Mapping,
    code,
    constant,
    ignored,
    lossy,
    one_way_in,
    one_way_out,
    pair,
    schema_name,
)

from openreturns_adapters.tryton.common import ITEM, META, PARTY, gaps
from openreturns_adapters.tryton.functions import credit_notes
from openreturns_adapters.tryton.functions import credits as fn

__all__ = ["CREDIT_NOTE"]

_LINE = tuple(
    f"lines[].{name}"
    for name in ("product.code", "description", "note", "unit.symbol", "quantity", "unit_price", "amount")
)

CREDIT_NOTE = Mapping(
    canonical="credit",
    native="credit_note",
    currency_in=fn.currency,
    guards_in=(fn.negative,),
    guards_out=(credit_notes.buyer_only,),
    rules=(
        constant(canonical="meta.schema", value=schema_name("credit")),
        one_way_in("meta.documentId", fn.document_id, ["id"]),
        one_way_in("meta.sourceId", fn.source_id, ["id"]),
        constant(canonical="meta.sourceSystem", value="tryton"),
        one_way_in("meta.revision", fn.revision, ["state"]),
        one_way_in("meta.issuedAt", fn.issued_at, ["write_date"]),
        one_way_in("meta.correlationId", fn.correlation, ["rma", "reference", "number", "id"]),
        one_way_in("number", fn.number, ["reference", "number", "id"]),
        pair("number", "reference", only="out"),
        pair("extensions[org.tryton.number]", "number", only="in"),
        pair("status", "state", code("invoice_state"), only="in"),
        constant(canonical="direction", value="to_customer"),
        one_way_in("issueDate", fn.issue_date, ["invoice_date"]),
        pair("issueDate", "invoice_date", only="out"),
        one_way_in("seller", fn.seller, ["company"]),
        pair("buyer.id", "party.code"),
        pair("buyer.name", "party.name", only="in"),
        pair("currency", "currency.code"),
        one_way_in("refs", fn.refs, ["rma"]),
        one_way_in("originalInvoices", fn.original_invoices, ["original_invoices"]),
        one_way_out("rma", credit_notes.rma, ["refs[].type", "refs[].id", "lines[].return.id"]),
        one_way_in("lines", fn.lines, [*_LINE, "rma", "currency.code"]),
        one_way_in("charges", fn.charges, [*_LINE, "currency.code"]),
        one_way_in(
            "taxes",
            fn.taxes,
            ["taxes[].base", "taxes[].amount", "taxes[].tax.name", "taxes[].tax.rate", "currency.code"],
        ),
        one_way_in("taxMethod", fn.tax_method, ["taxes[].base"]),
        one_way_in(
            "totals",
            fn.totals,
            [
                "untaxed_amount",
                "tax_amount",
                "total_amount",
                "amount_to_pay",
                "lines[].amount",
                "lines[].product.code",
                "currency.code",
            ],
        ),
        one_way_in("settlements", fn.settlements, ["total_amount", "amount_to_pay", "state", "currency.code"]),
        one_way_out(
            "lines",
            credit_notes.lines,
            [
                "lines[].lineId",
                "lines[].item.sku",
                "lines[].quantity",
                "lines[].unitPrice.amount",
                "lines[].amount.amount",
                "lines[].priceBase",
                "lines[].discount",
                "lines[].return.lineId",
                "charges[].kind",
                "charges[].effect",
                "charges[].amount.amount",
                "charges[].reason",
            ],
        ),
        one_way_out("untaxed_amount", credit_notes.untaxed, ["totals.taxExclusive.amount"]),
        one_way_out("tax_amount", credit_notes.tax, ["totals.tax.amount"]),
        one_way_out("total_amount", credit_notes.total, ["totals.taxInclusive.amount"]),
    ),
    losses=(
        *META,
        lossy("status", "a credit that is written is posted"),
        lossy("refs", "the return only is kept"),
        lossy("lines[].return.id", "a credit note is for one return"),
        lossy("charges", "a charge that was waived is no line"),
        *gaps(
            "the credit has one currency",
            "lines[].unitPrice.currency",
            "lines[].amount.currency",
            "charges[].amount.currency",
            "totals.taxExclusive.currency",
            "totals.tax.currency",
            "totals.taxInclusive.currency",
        ),
        *gaps("the credit note keeps the return's number only", "refs[].lineId", "refs[].system", "refs[].issueDate"),
        *gaps("the opposite of the other credit note is made; writing it is refused", "reverses"),
        *gaps("Tryton works the tax out from the lines", "taxes", "taxMethod", "taxTransaction", "taxPointDate"),
        *gaps(
            "the credit note has no such field",
            "direction",
            "seller",
            *(f"buyer.{name}" for name in PARTY),
            "exchangeRate",
            "originalInvoices",
            "buyerReference",
            "lines[].item.lot",
            *(f"lines[].item.{name}" for name in ITEM),
            "lines[].reason",
            "lines[].taxCategory",
            "lines[].taxRate",
            "lines[].originalInvoice",
            "lines[].return.type",
            "lines[].return.system",
            "lines[].return.issueDate",
            "lines[].disposition",
            "lines[].extensions",
            "charges[].taxCategory",
            "charges[].taxRate",
            "charges[].waivedBy",
            "approvals",
            "history",
            "note",
            "extensions",
        ),
        *gaps("Tryton adds the lines up itself", "totals.lines", "totals.decreases", "totals.increases"),
        *gaps("Tryton settles by its own payments", "totals.rounding", "totals.settled", "totals.due", "settlements"),
    ),
    ignored=(
        ignored("type", "always `out`; the sign tells"),
        *(
            ignored(f"{path}.id", "another name of the record referred to")
            for path in ("party", "currency", "lines[].product", "lines[].unit", "taxes[]", "taxes[].tax")
        ),
        ignored("lines[].origin", "the note has the line of the return"),
        ignored("lines[].unit.digits", "a quantity is rounded to them, if it has more"),
        *(
            ignored(name, "taken where the field that says it usually is empty")
            for name in ("create_date", "lines[].id", "taxes[].description")
        ),
    ),
)
