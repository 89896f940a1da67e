"""What becomes what between a UBL credit note and the canonical Credit: rules, losses, ignored fields."""

from typing import Any, Literal

from openreturns.mapping import (
    Mapping,
    amount,
    constant,
    decimal,
    dropped,
    each,
    ignored,
    lossy,
    one_way_in,
    one_way_out,
    pair,
    schema_name,
)

from openreturns_adapters.ubl.codecs import counted, paid, signed
from openreturns_adapters.ubl.functions import charges, head, lines, parties, references, taxes

__all__ = ["MAPPINGS"]


def _money(ours: str, theirs: str, *, only: Literal["out"] | None = None) -> tuple[Any, ...]:
    return (
        pair(f"{ours}.amount", f"{theirs}.value", paid, only=only),
        pair(f"{ours}.currency", f"{theirs}.currencyID", only=only),
    )


_ADDRESS = {
    "line1": "StreetName",
    "line2": "AdditionalStreetName",
    "city": "CityName",
    "postalCode": "PostalZone",
    "region": "CountrySubentity",
}
_PARTS = [
    "PartyIdentification[].ID.value",
    "PartyIdentification[].ID.schemeID",
    "EndpointID.value",
    "EndpointID.schemeID",
    "PartyLegalEntity[].CompanyID.value",
    "PartyLegalEntity[].CompanyID.schemeID",
]
_TAX = ["PartyTaxScheme[].CompanyID", "PartyTaxScheme[].TaxScheme.ID"]
_NAMES = ["PartyLegalEntity[].RegistrationName"]


def _party(ours: str) -> tuple[Any, ...]:
    theirs = f"{parties.SIDES[ours]}.Party"

    def at(paths: list[str]) -> list[str]:
        return [f"{theirs}.{path}" for path in paths]

    identified = [f"{ours}.id", f"{ours}.identifiers[].scheme", f"{ours}.identifiers[].value"]
    return (
        one_way_in(f"{ours}.id", parties.number(ours), at([*_PARTS, *_TAX, *_NAMES])),
        one_way_out(f"{theirs}.EndpointID", parties.endpoint(ours), identified),
        one_way_out(f"{theirs}.PartyIdentification", parties.identification(ours), [f"{ours}.id"]),
        one_way_in(f"{ours}.identifiers", parties.identifiers(ours), at(_PARTS)),
        one_way_in(f"{ours}.name", parties.name(ours), at(_NAMES)),
        one_way_out(f"{theirs}.PartyLegalEntity", parties.legal(ours), [f"{ours}.name", *identified]),
        one_way_in(f"{ours}.taxId", parties.tax_id(ours), at(_TAX)),
        one_way_out(f"{theirs}.PartyTaxScheme", parties.registrations(ours), [f"{ours}.taxId", f"{ours}.id"]),
        *(pair(f"{ours}.address.{name}", f"{theirs}.PostalAddress.{there}") for name, there in _ADDRESS.items()),
        pair(f"{ours}.address.countryCode", f"{theirs}.PostalAddress.Country.IdentificationCode", only="in"),
        one_way_out(
            f"{theirs}.PostalAddress.Country.IdentificationCode",
            parties.country(ours),
            [f"{ours}.address.countryCode", f"{ours}.id"],
        ),
        pair(f"{ours}.phone", f"{theirs}.Contact.Telephone"),
        pair(f"{ours}.email", f"{theirs}.Contact.ElectronicMail"),
    )


def _category(path: str) -> list[str]:
    return [f"{path}.{name}" for name in ("ID", "Percent")]


_CHARGE = ["AllowanceCharge[].ChargeIndicator", "AllowanceCharge[].Amount.value"]
_SUMS = "LegalMonetaryTotal"
_LINE_SUMS = ["CreditNoteLine[].LineExtensionAmount.value", *(f"CreditNoteLine[].{path}" for path in _CHARGE)]
_NUMBERS = ["Item.SellersItemIdentification.ID.value", "Item.BuyersItemIdentification.ID.value"]
_PROPERTIES = ["Item.AdditionalItemProperty[].Name", "Item.AdditionalItemProperty[].Value"]

_LINE = (
    pair("lineId", "ID"),
    pair("quantity.value", "CreditedQuantity.value", counted),
    pair("quantity.uom", "CreditedQuantity.unitCode"),
    pair("unitPrice.amount", "Price.PriceAmount.value", amount),
    pair("unitPrice.currency", "Price.PriceAmount.currencyID"),
    pair("priceBase.value", "Price.BaseQuantity.value", decimal),
    pair("priceBase.uom", "Price.BaseQuantity.unitCode"),
    one_way_in("discount", lines.discount, _CHARGE),
    one_way_out(
        "AllowanceCharge",
        lines.allowances,
        ["discount", "quantity.value", "unitPrice.amount", "priceBase.value", "amount.amount"],
    ),
    one_way_in("amount", lines.amount_in, ["LineExtensionAmount.value", "LineExtensionAmount.currencyID", *_CHARGE]),
    pair("amount.amount", "LineExtensionAmount.value", paid, only="out"),
    pair("amount.currency", "LineExtensionAmount.currencyID", only="out"),
    one_way_in("reason", lines.reason, ["Note", *_PROPERTIES]),
    one_way_out("Note", lines.remark, ["reason.note"]),
    pair("item.description", "Item.Name", only="in"),
    one_way_out(
        "Item.Name",
        lines.item_name,
        ["item.description", "item.sku", "item.gtin", "item.customerSku", "item.vendorSku", "reason.code"],
    ),
    one_way_in("item.sku", lines.numbered, _NUMBERS),
    one_way_in("item.customerSku", lines.customer_numbered, _NUMBERS),
    one_way_in("item.vendorSku", lines.vendor_numbered, _NUMBERS),
    one_way_out("Item.SellersItemIdentification", lines.sellers_item, ["item.sku", "item.vendorSku"]),
    one_way_out("Item.BuyersItemIdentification", lines.buyers_item, ["item.sku", "item.customerSku"]),
    one_way_in(
        "item.gtin",
        lines.gtin,
        ["Item.StandardItemIdentification.ID.value", "Item.StandardItemIdentification.ID.schemeID"],
    ),
    one_way_out("Item.StandardItemIdentification", lines.standard_item, ["item.gtin"]),
    one_way_in("item.lot", lines.property_of(lines.LOT), _PROPERTIES),
    one_way_in("item.serials", lines.serials, _PROPERTIES),
    one_way_in("item.expiryDate", lines.property_of(lines.EXPIRY), _PROPERTIES),
    one_way_in("return", lines.return_of, _PROPERTIES),
    one_way_in(f"extensions[{lines.PROPERTIES}]", lines.other_properties, _PROPERTIES),
    one_way_out(
        "Item.AdditionalItemProperty",
        lines.properties,
        ["item.lot", "item.serials", "item.expiryDate", "reason.code", "return.id", "return.lineId", "extensions"],
    ),
    one_way_in("taxCategory", lines.category, _category("Item.ClassifiedTaxCategory[]")),
    one_way_in("taxRate", lines.rate, _category("Item.ClassifiedTaxCategory[]")),
    one_way_out("Item.ClassifiedTaxCategory", lines.tax_categories, ["taxCategory", "taxRate"]),
)

_REFS = {"shipment": "DespatchDocumentReference", "receipt": "ReceiptDocumentReference"}
_REF_PARTS = ["refs[].type", "refs[].id"]
_INVOICES = [
    *(f"{ref}.{part}" for ref in ("originalInvoices[]", "lines[].originalInvoice") for part in ("id", "issueDate")),
    "reverses.id",
    "reverses.issueDate",
]
_BILLED = [
    f"BillingReference[].{name}DocumentReference.{part}"
    for name in ("Invoice", "CreditNote")
    for part in ("ID", "IssueDate")
]

_NO_LINES = "numbers and dates of invoices stand together, of the document"
_CURRENCIES = (
    "TaxTotal[].TaxSubtotal[].TaxableAmount.currencyID",
    "TaxTotal[].TaxSubtotal[].TaxAmount.currencyID",
    f"{_SUMS}.LineExtensionAmount.currencyID",
    f"{_SUMS}.AllowanceTotalAmount.currencyID",
    f"{_SUMS}.ChargeTotalAmount.currencyID",
    f"{_SUMS}.PayableRoundingAmount.currencyID",
    "CreditNoteLine[].AllowanceCharge[].Amount.currencyID",
)

CREDIT_NOTE = Mapping(
    canonical="credit",
    native="credit_note",
    currency_in=head.currency,
    guards_in=(head.readable, taxes.told_once),
    guards_out=(head.writable,),
    rules=(
        constant(canonical="meta.schema", value=schema_name("credit")),
        one_way_in("meta.documentId", head.document_id, ["ID"]),
        one_way_in("meta.revision", head.revision, ["ID"]),
        constant(canonical="meta.sourceSystem", value="ubl"),
        pair("meta.sourceId", "ID", only="in"),
        one_way_in("meta.issuedAt", head.issued_at, ["IssueDate"]),
        one_way_in("meta.correlationId", head.correlation, ["ID"]),
        one_way_out("CustomizationID", head.customization, ["number"]),
        one_way_out("ProfileID", head.profile, ["number"]),
        pair("number", "ID"),
        constant(canonical="status", value="issued"),
        one_way_in("direction", parties.direction, ["AccountingSupplierParty.Party.EndpointID.value"]),
        pair("issueDate", "IssueDate"),
        pair("taxPointDate", "TaxPointDate"),
        one_way_out("CreditNoteTypeCode", head.type_code, ["lines[].reason.code", "status", "extensions"]),
        one_way_in(f"extensions[{head.TYPE_CODE}]", head.told_type, ["CreditNoteTypeCode"]),
        one_way_in("note", head.remark, ["Note"]),
        one_way_in(f"extensions[{head.NOTES}]", head.other_remarks, ["Note"]),
        one_way_out("Note", head.remarks, ["note", "extensions"]),
        pair("extensions[org.oasis-open.ubl.accounting_cost]", "AccountingCost"),
        pair("currency", "DocumentCurrencyCode"),
        one_way_out("BuyerReference", head.buyer_reference, ["buyerReference"]),
        pair("buyerReference", "BuyerReference", only="in"),
        one_way_out("OrderReference", references.order, _REF_PARTS),
        *(one_way_out(theirs, references.placed(ours), _REF_PARTS) for ours, theirs in _REFS.items()),
        one_way_out("AdditionalDocumentReference", references.additional, _REF_PARTS),
        one_way_in(
            "refs",
            references.refs,
            [
                "OrderReference.ID",
                "OrderReference.SalesOrderID",
                *(f"{name}[].ID" for name in _REFS.values()),
                "AdditionalDocumentReference[].ID",
                "AdditionalDocumentReference[].DocumentDescription",
            ],
        ),
        one_way_in("originalInvoices", references.invoices, _BILLED),
        one_way_in("reverses", references.reverses, _BILLED),
        one_way_out("BillingReference", references.billing, [*_INVOICES, *_REF_PARTS]),
        *_party("seller"),
        *_party("buyer"),
        one_way_out("PayeeParty", head.payee, ["number"]),
        one_way_out(
            "AllowanceCharge",
            charges.written,
            [f"charges[].{name}" for name in ("kind", "effect", "amount", "reason", "taxCategory", "taxRate")],
        ),
        one_way_in(
            "charges",
            charges.charges,
            [
                *_CHARGE,
                "AllowanceCharge[].Amount.currencyID",
                "AllowanceCharge[].AllowanceChargeReasonCode",
                "AllowanceCharge[].AllowanceChargeReason",
                *_category("AllowanceCharge[].TaxCategory[]"),
                *_LINE_SUMS,
            ],
        ),
        one_way_out("TaxTotal", taxes.tax_total, ["taxes", "totals.tax"]),
        one_way_in(
            "taxes",
            taxes.groups,
            [
                *(f"TaxTotal[].TaxSubtotal[].{name}.value" for name in ("TaxableAmount", "TaxAmount")),
                *_category("TaxTotal[].TaxSubtotal[].TaxCategory"),
                "TaxTotal[].TaxSubtotal[].TaxCategory.TaxScheme.ID",
                "TaxTotal[].TaxSubtotal[].TaxCategory.TaxExemptionReason",
                "TaxTotal[].TaxSubtotal[].TaxCategory.TaxExemptionReasonCode",
            ],
        ),
        one_way_in("totals.tax", charges.tax, ["TaxTotal[].TaxAmount.value", "TaxTotal[].TaxAmount.currencyID"]),
        one_way_in("totals.lines", charges.line_total, [f"{_SUMS}.LineExtensionAmount.value", *_LINE_SUMS]),
        one_way_in("totals.decreases", charges.decreases, [f"{_SUMS}.AllowanceTotalAmount.value", *_LINE_SUMS]),
        one_way_in("totals.increases", charges.increases, [f"{_SUMS}.ChargeTotalAmount.value", *_LINE_SUMS]),
        *_money("totals.lines", f"{_SUMS}.LineExtensionAmount", only="out"),
        one_way_out(f"{_SUMS}.AllowanceTotalAmount", charges.allowed, ["totals.decreases", "charges[].effect"]),
        one_way_out(f"{_SUMS}.ChargeTotalAmount", charges.charged, ["totals.increases", "charges[].effect"]),
        *_money("totals.taxExclusive", f"{_SUMS}.TaxExclusiveAmount"),
        *_money("totals.taxInclusive", f"{_SUMS}.TaxInclusiveAmount"),
        *_money("totals.settled", f"{_SUMS}.PrepaidAmount"),
        pair("totals.rounding", f"{_SUMS}.PayableRoundingAmount.value", signed),
        one_way_out(f"{_SUMS}.PayableRoundingAmount.currencyID", charges.rounded_in, ["totals.rounding", "currency"]),
        *_money("totals.due", f"{_SUMS}.PayableAmount"),
        each("lines", "CreditNoteLine", *_LINE, where_in=lines.adds),
    ),
    losses=(
        lossy("status", "a credit note is an issued one"),
        dropped("direction", "read again it follows from whose address the seller has"),
        lossy("refs", "one order, and of what is corrected, where a credit is taken back, only that"),
        *(dropped(f"refs[].{name}", "numbers only") for name in ("lineId", "system", "issueDate")),
        lossy("originalInvoices", "a credit note that takes back names that credit only"),
        *(dropped(f"originalInvoices[].{name}", _NO_LINES) for name in ("type", "lineId", "system")),
        lossy("lines[].originalInvoice", "a credit note that takes back names that credit only"),
        lossy("taxes", "one group a category and rate, all of it VAT"),
        lossy("charges", "the kind is told by code or in words where there are any"),
        lossy("extensions", "further remarks and the buyer's booking account only"),
        lossy("lines[].extensions", "properties of the item only"),
        lossy("seller.identifiers", "an electronic address and a register"),
        lossy("buyer.identifiers", "an electronic address and a register"),
        lossy("lines[].item", "seller and buyer have a number each, nobody else"),
        *(dropped(f"lines[].originalInvoice.{name}", _NO_LINES) for name in ("type", "lineId", "system")),
        *(dropped(f"reverses.{name}", "the number of the credit is enough") for name in ("type", "lineId", "system")),
        *(
            dropped(path, "EN 16931 has no place for it")
            for path in (
                "meta",
                "exchangeRate",
                "lines[].reason.source",
                "lines[].return.type",
                "lines[].return.system",
                "lines[].return.issueDate",
                "lines[].disposition",
                "charges[].waivedBy",
            )
        ),
        *(
            dropped(path, "ours, not the buyer's")
            for path in ("taxMethod", "taxTransaction", "settlements", "approvals", "history")
        ),
    ),
    ignored=(
        ignored("UBLVersionID", "the version does not change what it says"),
        ignored("CustomizationID", "the rules it keeps are not what it says"),
        ignored("ProfileID", "the process it belongs to is not what it says"),
        *(ignored(path, "every amount is in the document's currency, or it is refused") for path in _CURRENCIES),
        *(
            ignored(path, "no part of a credit")
            for path in (
                "TaxCurrencyCode",
                "InvoicePeriod",
                "ContractDocumentReference",
                "OriginatorDocumentReference",
                "PayeeParty",
                "TaxRepresentativeParty",
                "Delivery",
                "PaymentMeans",
                "PaymentTerms",
                "CreditNoteLine[].AccountingCost",
                "CreditNoteLine[].InvoicePeriod",
                "CreditNoteLine[].OrderLineReference",
                "CreditNoteLine[].DocumentReference",
                "CreditNoteLine[].Item.Description",
                "CreditNoteLine[].Item.OriginCountry",
                "CreditNoteLine[].Item.CommodityClassification",
            )
        ),
        *(
            ignored(f"{side}.Party.{path}", "a party has two lines of address, a name and a tax number here")
            for side in parties.SIDES.values()
            for path in (
                "PartyName",
                "PostalAddress.AddressLine",
                "PartyLegalEntity[].CompanyLegalForm",
                "Contact.Name",
            )
        ),
        *(
            ignored(f"{name}[].{path}", "number and kind say which document it is")
            for name in (*_REFS.values(), "AdditionalDocumentReference")
            for path in ("IssueDate", "DocumentTypeCode", "DocumentType")
        ),
        *(ignored(f"{name}[].DocumentDescription", "its place says what it is") for name in _REFS.values()),
        *(
            ignored(f"BillingReference[].{name}DocumentReference.{path}", "its place says what it is")
            for name in ("Invoice", "CreditNote")
            for path in ("DocumentTypeCode", "DocumentType", "DocumentDescription")
        ),
        *(
            ignored(path, "how an amount was reckoned; the amount counts")
            for path in (
                "AllowanceCharge[].MultiplierFactorNumeric",
                "AllowanceCharge[].BaseAmount",
                "CreditNoteLine[].AllowanceCharge[].MultiplierFactorNumeric",
                "CreditNoteLine[].AllowanceCharge[].BaseAmount",
                "CreditNoteLine[].Price.AllowanceCharge",
            )
        ),
        *(
            ignored(f"CreditNoteLine[].AllowanceCharge[].{path}", "a line has one discount here, taxed as the line is")
            for path in ("AllowanceChargeReasonCode", "AllowanceChargeReason", "TaxCategory")
        ),
        *(
            ignored(f"{where}.{path}", "the tax group says which tax it is, and why none is due")
            for where in ("AllowanceCharge[].TaxCategory[]", "CreditNoteLine[].Item.ClassifiedTaxCategory[]")
            for path in ("TaxExemptionReasonCode", "TaxExemptionReason", "TaxScheme")
        ),
        *(
            ignored(f"CreditNoteLine[].Item.{name}ItemIdentification.ID.schemeID", "the number's owner is known")
            for name in ("Buyers", "Sellers")
        ),
    ),
)

MAPPINGS = (CREDIT_NOTE,)
