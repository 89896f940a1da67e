"""A credit as a sales credit memo: rules, losses, ignored fields; nothing else."""

from openreturns.mapping import (
    Mapping,
    constant,
    decimal,
    digits,
    dropped,
    each,
    ignored,
    lookup,
    lossy,
    money,
    pair,
)

from openreturns_adapters.business_central import functions as fn

__all__ = ["MAPPINGS"]

_OWN_SUM = "Business Central works it out from lines and tax groups: compare it after posting"

CREDIT_CREATE = Mapping(
    canonical="credit",
    native="sales_credit_memo_create",
    directions=("out",),
    guards_out=(fn.for_a_customer, fn.given, fn.no_charges, fn.priced_by_one),
    rules=(
        pair("number", "externalDocumentNumber"),
        pair("issueDate", "creditMemoDate"),
        pair("taxPointDate", "postingDate"),
        pair("buyer.id", "customerNumber"),
        pair("buyer.name", "customerName"),
        pair("buyer.address.line1", "sellToAddressLine1"),
        pair("buyer.address.line2", "sellToAddressLine2"),
        pair("buyer.address.city", "sellToCity"),
        pair("buyer.address.region", "sellToState"),
        pair("buyer.address.postalCode", "sellToPostCode"),
        pair("buyer.address.countryCode", "sellToCountry"),
        pair("buyer.phone", "phoneNumber"),
        pair("buyer.email", "email"),
        pair("currency", "currencyCode"),
        pair("refs[type=invoice].id", "invoiceNumber"),
        each(
            "lines",
            "salesCreditMemoLines",
            constant(native="lineType", value="Item"),
            pair("lineId", "sequence", digits),
            pair("item.sku", "lineObjectNumber"),
            pair("item.description", "description"),
            pair("quantity.value", "quantity", decimal),
            pair("quantity.uom", "unitOfMeasureCode", lookup("unit_of_measure")),
            pair("unitPrice", "unitPrice", money),
            pair("discount", "discountAmount", money),
            key="sequence",
        ),
    ),
    losses=(
        lossy("refs", "only the invoice is kept"),
        *(
            dropped(path, "a sales credit memo has no field for it")
            for path in (
                "meta",
                "seller",
                "buyer.identifiers",
                "buyer.taxId",
                "exchangeRate",
                "originalInvoices",
                "buyerReference",
                "lines[].item.gtin",
                "lines[].item.customerSku",
                "lines[].item.vendorSku",
                "lines[].item.lot",
                "lines[].item.serials",
                "lines[].item.expiryDate",
                "lines[].originalInvoice",
                "lines[].return",
                "lines[].disposition",
                "lines[].extensions",
                "settlements",
                "approvals",
                "history",
                "note",
                "extensions",
            )
        ),
        *(dropped(path, _OWN_SUM) for path in ("lines[].amount", "totals", "taxes", "taxMethod", "taxTransaction")),
        dropped(
            "status",
            "Business Central's own: a memo is a draft until it is posted; a credit that is not given is refused",
        ),
        dropped("reverses", "the other memo is cancelled; writing this one is refused"),
        dropped("direction", "a sales credit memo is for a customer; another is refused"),
        dropped("lines[].priceBase", "a price is of one unit; another is refused"),
        dropped("lines[].reason", "a memo has one reason, by an id of the company"),
        dropped("lines[].taxCategory", "the tax group of the item decides"),
        dropped("lines[].taxRate", "the tax group of the item decides"),
        dropped("charges", "fees need ledger accounts; a credit with charges is refused"),
    ),
    ignored=(
        ignored("customerReturnReasonId", "an id of the company's list, for the memo as a whole"),
        ignored("salesCreditMemoLines[].taxCode", "the item's own, where it is not sent"),
        ignored("salesCreditMemoLines[].locationId", "an id of the company's list"),
    ),
)

MAPPINGS = (CREDIT_CREATE,)
