"""All mappings between AvaTax and the canonical Credit, by direction: rules, losses, ignored fields."""

from typing import Any

from openreturns.mapping import (
    Mapping,
    code,
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
    setting,
)

from openreturns_adapters.avatax.codecs import document_code, given_back, limited, unitless
from openreturns_adapters.avatax.functions import reading, recording

__all__ = ["MAPPINGS"]

# --- recording a credit's tax ---------------------------------------------------------------------------------

_LIMITS = {"line1": 100, "line2": 100, "city": 50, "postalCode": 11}


def _address(party: str, place: str) -> tuple[Any, ...]:
    """Return the rules that send a party's address, each text as long as AvaTax takes it."""
    texts = (
        pair(f"{party}.address.{name}", f"addresses.{place}.{name}", limited(size)) for name, size in _LIMITS.items()
    )
    return (
        *texts,
        pair(f"{party}.address.region", f"addresses.{place}.region"),
        pair(f"{party}.address.countryCode", f"addresses.{place}.country"),
    )


TRANSACTION_CREATE = Mapping(
    canonical="credit",
    native="transaction_create",
    directions=("out",),
    guards_out=(recording.writable,),
    rules=(
        constant(native="type", value="ReturnInvoice"),
        constant(native="companyCode", value=setting("company_code")),
        pair("number", "code", document_code),
        pair("issueDate", "date"),
        pair("buyer.id", "customerCode", limited(50)),
        pair("buyer.taxId", "businessIdentificationNo", limited(25)),
        pair("currency", "currencyCode"),
        one_way_out("commit", recording.commit, ["status"]),
        one_way_out(
            "referenceCode",
            recording.reference,
            ["originalInvoices[].id", "lines[].originalInvoice.id"],
        ),
        pair("refs[type=purchase_order].id", "purchaseOrderNo", limited(50)),
        pair("refs[type=return].id", "description"),
        pair("exchangeRate.rate", "exchangeRate", decimal),
        pair("exchangeRate.to", "exchangeRateCurrencyCode"),
        pair("exchangeRate.date", "exchangeRateEffectiveDate"),
        one_way_out(
            "taxOverride",
            recording.override,
            ["taxMethod", "taxPointDate", "originalInvoices[].issueDate", "lines[].originalInvoice.issueDate"],
        ),
        one_way_out("addresses.shipFrom.locationCode", recording.location, ["seller.address.countryCode"]),
        *_address("seller", "shipFrom"),
        *_address("buyer", "shipTo"),
        each(
            "lines",
            "lines",
            pair("lineId", "number", limited(50)),
            pair("quantity", "quantity", unitless),
            pair("amount", "amount", given_back),
            constant(native="taxIncluded", value=False),
            pair("item.sku", "itemCode", limited(50)),
            one_way_out("taxCode", recording.items_tax_code, ["item.sku"]),
            pair("item.description", "description"),
            pair("return.id", "ref1", limited(250)),
            pair("return.lineId", "ref2", limited(250)),
            one_way_out("taxOverride", recording.line_override, ["originalInvoice.issueDate"]),
            only="out",
        ),
        each(
            "charges",
            "lines",
            one_way_out("number", recording.charge_number, ["kind"]),
            constant(native="quantity", value=1),
            one_way_out("amount", recording.charge_amount, ["amount", "effect"]),
            constant(native="taxIncluded", value=False),
            pair("kind", "itemCode", code("charge_item")),
            one_way_out("taxCode", recording.charge_tax_code, ["kind"]),
            pair("reason", "description"),
            only="out",
        ),
    ),
    losses=(
        lossy("status", "AvaTax knows saved and committed"),
        lossy("direction", "a return is of a customer; others are refused"),
        lossy("taxPointDate", "the rates are those of the invoice's day where it is known"),
        lossy("refs", "only the return and the customer's purchase order are sent"),
        lossy("originalInvoices", "one invoice is sent"),
        lossy("lines[].originalInvoice", "one invoice is sent, of the document"),
        lossy("lines[].quantity", "AvaTax has no units"),
        dropped("lines[].discount", "the amount has it in it"),
        lossy("charges[].kind", "the number of the line says it"),
        dropped("meta", "AvaTax keeps the number of the credit, nothing about the message"),
        dropped("reverses", "the transaction of the other credit is voided; writing this one is refused"),
        dropped("seller.id", "the tenant's company is sent"),
        dropped("totals", "AvaTax adds up; compare the totals once it has"),
        dropped("taxes", "AvaTax finds the taxes"),
        dropped("taxTransaction", "it is what is made here"),
        *(
            dropped(path, "the tax does not depend on it")
            for path in (
                "seller.name",
                "seller.identifiers",
                "seller.taxId",
                "seller.email",
                "seller.phone",
                "buyer.name",
                "buyer.identifiers",
                "buyer.email",
                "buyer.phone",
                "buyerReference",
                "originalInvoices[].type",
                "originalInvoices[].lineId",
                "originalInvoices[].system",
                "lines[].item.gtin",
                "lines[].item.customerSku",
                "lines[].item.vendorSku",
                "lines[].item.lot",
                "lines[].item.serials",
                "lines[].item.expiryDate",
                "lines[].unitPrice",
                "lines[].priceBase",
                "lines[].reason",
                "lines[].originalInvoice.type",
                "lines[].originalInvoice.lineId",
                "lines[].originalInvoice.system",
                "lines[].return.type",
                "lines[].return.system",
                "lines[].return.issueDate",
                "lines[].disposition",
                "lines[].extensions",
                "charges[].waivedBy",
                "settlements",
                "approvals",
                "history",
                "note",
                "extensions",
            )
        ),
        *(
            dropped(path, "AvaTax finds out how it is taxed")
            for path in (
                "lines[].taxCategory",
                "lines[].taxRate",
                "charges[].taxCategory",
                "charges[].taxRate",
            )
        ),
    ),
)

# --- reading what was recorded --------------------------------------------------------------------------------

TRANSACTION = Mapping(
    canonical="credit",
    native="transaction",
    directions=("in",),
    currency_in=reading.currency,
    guards_in=(reading.readable,),
    rules=(
        constant(canonical="meta.schema", value=schema_name("credit")),
        one_way_in("meta.documentId", reading.document_id, ["code"]),
        one_way_in("meta.revision", reading.revision, ["version"]),
        constant(canonical="meta.sourceSystem", value="avatax"),
        one_way_in("meta.sourceId", reading.source_id, ["id"]),
        one_way_in("meta.issuedAt", reading.issued_at, ["modifiedDate"]),
        one_way_in("meta.correlationId", reading.correlation, ["code"]),
        pair("number", "code"),
        pair("status", "status", code("status")),
        constant(canonical="direction", value="to_customer"),
        pair("issueDate", "date"),
        one_way_in("taxPointDate", reading.tax_point, ["taxDate", "date"]),
        one_way_in("seller.id", reading.company, ["companyId"]),
        pair("buyer.id", "customerCode"),
        pair("buyer.taxId", "businessIdentificationNo"),
        one_way_in("currency", reading.currency, ["currencyCode"]),
        one_way_in(
            "exchangeRate",
            reading.exchange_rate,
            ["exchangeRate", "exchangeRateCurrencyCode", "exchangeRateEffectiveDate"],
        ),
        one_way_in("originalInvoices", reading.invoices, ["referenceCode"]),
        pair("refs[type=purchase_order].id", "purchaseOrderNo"),
        one_way_in("refs[type=return].id", reading.return_id, ["lines[].ref1"]),
        each(
            "lines",
            "lines",
            pair("lineId", "lineNumber"),
            pair("item.sku", "itemCode"),
            pair("item.description", "description"),
            one_way_in("quantity", reading.quantity, ["quantity"]),
            one_way_in("unitPrice", reading.price, ["lineAmount", "quantity"]),
            one_way_in("priceBase", reading.price_base, ["lineAmount", "quantity"]),
            one_way_in("discount", reading.discount, ["discountAmount"]),
            one_way_in("amount", reading.line_amount, ["lineAmount", "discountAmount"]),
            one_way_in("reason", reading.reason, ["lineAmount", "tax"]),
            one_way_in("taxCategory", reading.category, ["exemptAmount", "taxableAmount", "details[].rate"]),
            one_way_in("taxRate", reading.tax_rate, ["exemptAmount", "taxableAmount", "details[].rate"]),
            one_way_in("return", reading.line_return, ["ref1", "ref2"]),
            one_way_in(
                "extensions",
                reading.line_extensions,
                ["taxCode", "taxDate", "tax", "taxOverrideType", "taxOverrideAmount", "taxOverrideReason"],
            ),
            where_in=reading.is_goods,
        ),
        one_way_in(
            "charges",
            reading.charges,
            ["lines[].lineNumber", "lines[].lineAmount", "lines[].itemCode", "lines[].description"],
        ),
        one_way_in(
            "taxes",
            reading.taxes,
            [
                f"summary[].{name}"
                for name in (
                    "country",
                    "region",
                    "jurisType",
                    "jurisCode",
                    "taxType",
                    "rate",
                    "taxable",
                    "tax",
                    "nonTaxable",
                    "exemption",
                )
            ],
        ),
        one_way_in(
            "taxMethod",
            reading.tax_method,
            [
                "taxOverrideType",
                "taxOverrideReason",
                "lines[].taxOverrideType",
                "lines[].taxOverrideReason",
            ],
        ),
        one_way_in("taxTransaction", reading.tax_transaction, ["code", "status"]),
        one_way_in("totals", reading.totals, ["totalAmount", "totalTax", "lines[].lineAmount"]),
        one_way_in(
            "extensions",
            reading.extensions,
            [
                "status",
                "type",
                "companyId",
                "description",
                "adjustmentReason",
                "adjustmentDescription",
                "locked",
                "taxOverrideType",
                "taxOverrideAmount",
                "taxOverrideReason",
                "exchangeRate",
                "messages[].summary",
            ],
        ),
    ),
    losses=(
        lossy("refs", "only the return and the customer's purchase order are known"),
        *(
            dropped(path, "AvaTax does not tell it")
            for path in (
                "meta.causationId",
                "meta.idempotencyKey",
                "meta.test",
                "reverses",
                "seller.name",
                "seller.identifiers",
                "seller.taxId",
                "seller.address",
                "seller.email",
                "seller.phone",
                "buyer.name",
                "buyer.identifiers",
                "buyer.address",
                "buyer.email",
                "buyer.phone",
                "buyerReference",
                "lines[].item.gtin",
                "lines[].item.customerSku",
                "lines[].item.vendorSku",
                "lines[].item.lot",
                "lines[].item.serials",
                "lines[].item.expiryDate",
                "lines[].originalInvoice",
                "lines[].disposition",
                "settlements",
                "approvals",
                "note",
                "history",
            )
        ),
    ),
    ignored=(
        *(
            ignored(path, "another name of a field beside it")
            for path in ("customerVendorCode", "customerUsageType", "paymentDate")
        ),
        *(
            ignored(path, "the lines and the summary say it")
            for path in (
                "totalDiscount",
                "totalExempt",
                "totalTaxable",
                "totalTaxCalculated",
                "taxDetailsByTaxType",
                "region",
                "country",
                "lines[].taxCalculated",
                "lines[].isItemTaxable",
                "lines[].sourcing",
                "lines[].taxIncluded",
            )
        ),
        *(
            ignored(f"lines[].details[].{name}", "the summary adds them up")
            for name in (
                "id",
                "transactionId",
                "transactionLineId",
                "country",
                "region",
                "jurisCode",
                "jurisName",
                "jurisType",
                "jurisdictionType",
                "tax",
                "taxCalculated",
                "taxableAmount",
                "exemptAmount",
                "nonTaxableAmount",
                "reportingTax",
                "taxType",
                "taxName",
                "taxSubTypeId",
                "rateType",
                "liabilityType",
            )
        ),
        *(
            ignored(f"summary[].{name}", "a rendering of the code, or finer than a group")
            for name in ("jurisName", "taxName", "taxSubType", "rateType", "taxCalculated")
        ),
        *(
            ignored(path, "what the tax was reckoned from, no part of the story")
            for path in (
                "entityUseCode",
                "exemptNo",
                "salespersonCode",
                "reportingLocationCode",
                "batchCode",
                "email",
                "customerSupplierName",
                "deliveryTerms",
                "isSellerImporterOfRecord",
                "reconciled",
                "addresses",
                "parameters",
                "userDefinedFields",
                "invoiceMessages",
                "messages[].details",
                "messages[].refersTo",
                "messages[].severity",
                "messages[].source",
                "lines[].id",
                "lines[].transactionId",
                "lines[].hsCode",
                "lines[].entityUseCode",
                "lines[].customerUsageType",
                "lines[].exemptNo",
                "lines[].businessIdentificationNo",
                "lines[].revAccount",
                "lines[].merchantSellerIdentifier",
                "lines[].marketplaceLiabilityType",
                "lines[].originationDocumentId",
                "lines[].category",
                "lines[].summary",
                "lines[].parameters",
                "lines[].userDefinedFields",
            )
        ),
    ),
)

MAPPINGS = (TRANSACTION_CREATE, TRANSACTION)
