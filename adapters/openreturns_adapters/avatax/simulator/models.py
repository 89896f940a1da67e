"""The vendor's payloads as JSON Schemas: what its operations take and give, in the vendor's own names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "ADJUSTMENT_REASONS",
    "DEFINITIONS",
    "DOCUMENT_TYPES",
    "ref",
]

Schema = dict[str, Any]

DOCUMENT_TYPES = (
    "SalesOrder",
    "SalesInvoice",
    "PurchaseOrder",
    "PurchaseInvoice",
    "ReturnOrder",
    "ReturnInvoice",
    "InventoryTransferOrder",
    "InventoryTransferInvoice",
    "ReverseChargeOrder",
    "ReverseChargeInvoice",
    "CustomsOrder",
    "CustomsInvoice",
    "InventoryTransferOutboundOrder",
    "InventoryTransferOutboundInvoice",
    "Any",
)
STATUSES = (
    "Temporary",
    "Saved",
    "Posted",
    "Committed",
    "Cancelled",
    "Adjusted",
    "Queued",
    "PendingApproval",
    "Uncommitted",
    "Any",
)
OVERRIDES = (
    "None",
    "TaxAmount",
    "Exemption",
    "TaxDate",
    "AccruedTaxAmount",
    "DeriveTaxable",
    "OutOfHarbor",
    "TaxAmountByTaxType",
    "VendorChargedTax",
)
ADJUSTMENT_REASONS = (
    "NotAdjusted",
    "SourcingIssue",
    "ReconciledWithGeneralLedger",
    "ExemptCertApplied",
    "PriceAdjusted",
    "ProductReturned",
    "ProductExchanged",
    "BadDebt",
    "Other",
    "Offline",
)
VOID_REASONS = ("Unspecified", "PostFailed", "DocDeleted", "DocVoided", "AdjustmentCancelled")
REFUND_TYPES = ("Full", "Partial", "TaxOnly", "Percentage")
JURIS_TYPES = ("STA", "CTY", "CIT", "STJ", "CNT")
JURISDICTION_TYPES = ("Country", "State", "County", "City", "Special")
QUALITIES = (
    "NotCoded",
    "External",
    "CountryCentroid",
    "RegionCentroid",
    "PartialCentroid",
    "PostalCentroidGood",
    "PostalCentroidBetter",
    "PostalCentroidBest",
    "Intersection",
    "Interpolated",
    "Rooftop",
    "Constant",
)


def ref(name: str) -> Schema:
    """Return a reference to one of the definitions."""
    return {"$ref": f"#/components/schemas/{name}"}


# --- what is taken: null is the same as nothing, and a field that nobody knows is passed over --------------------


def _maybe(kind: str, **more: object) -> Schema:
    return {"type": [kind, "null"], **more}


def _text(limit: int = 0) -> Schema:
    return _maybe("string", maxLength=limit) if limit else _maybe("string")


def _word(values: tuple[str, ...]) -> Schema:
    return {"type": ["string", "null"], "enum": [*values, None]}


def _taken(required: tuple[str, ...], **properties: Schema) -> Schema:
    needed = {name: _needed(schema) if name in required else schema for name, schema in properties.items()}
    return {"type": "object", "properties": needed, "required": list(required)}


def _needed(schema: Schema) -> Schema:
    """Return a schema without its null: a required field has a value."""
    kinds = schema.get("type")
    rest = {"type": kinds[0]} if isinstance(kinds, list) else {}
    words = {"enum": [value for value in schema["enum"] if value is not None]} if "enum" in schema else {}
    filled = {"minLength": 1} if rest.get("type") == "string" and not words else {}
    return {**filled, **schema, **rest, **words}


_NUMBER, _FLAG, _DAY = _maybe("number"), _maybe("boolean"), _maybe("string", format="date")


def _optional(name: str) -> Schema:
    return {"anyOf": [ref(name), {"type": "null"}]}


def _several(schema: Schema) -> Schema:
    return _maybe("array", items=schema)


_PLACES = (
    "singleLocation",
    "shipFrom",
    "shipTo",
    "pointOfOrderOrigin",
    "pointOfOrderAcceptance",
    "goodsPlaceOrServiceRendered",
    "import",
    "billTo",
)
_ADDRESS = {
    "line1": _text(100),
    "line2": _text(100),
    "line3": _text(100),
    "city": _text(50),
    "region": _text(),
    "country": _text(),
    "postalCode": _text(11),
    "latitude": _NUMBER,
    "longitude": _NUMBER,
}
_TAKEN: Mapping[str, Schema] = {
    "TokenRequest": {
        "type": "object",
        "properties": {
            "grant_type": {"type": "string", "enum": ["client_credentials"]},
            **{name: {"type": "string"} for name in ("client_id", "client_secret", "scope")},
        },
        "required": ["grant_type", "client_id", "client_secret"],
    },
    "AddressLocationInfo": _taken((), locationCode=_text(), **_ADDRESS),
    "AddressesModel": _taken((), **{name: _optional("AddressLocationInfo") for name in _PLACES}),
    "AddressValidationInfo": _taken((), **_ADDRESS, textCase=_word(("Upper", "Mixed"))),
    "TransactionParameterModel": _taken((), name=_text(), value=_text(), unit=_text()),
    "TransactionUserDefinedFieldModel": _taken((), name=_text(), value=_text()),
    "TaxOverrideByTaxType": _taken((), taxTypeId=_text(), taxAmount=_NUMBER),
    "TaxOverrideModel": _taken(
        (),
        type=_word(OVERRIDES),
        taxAmount=_NUMBER,
        taxDate=_DAY,
        reason=_text(),
        taxAmountByTaxTypes=_several(ref("TaxOverrideByTaxType")),
    ),
    "LineItemModel": _taken(
        ("amount",),
        number=_text(50),
        quantity=_NUMBER,
        amount=_NUMBER,
        addresses=_optional("AddressesModel"),
        taxCode=_text(25),
        entityUseCode=_text(25),
        customerUsageType=_text(25),
        itemCode=_text(50),
        exemptionCode=_text(),
        discounted=_FLAG,
        taxIncluded=_FLAG,
        revenueAccount=_text(50),
        ref1=_text(250),
        ref2=_text(250),
        description=_text(2096),
        businessIdentificationNo=_text(25),
        taxOverride=_optional("TaxOverrideModel"),
        parameters=_several(ref("TransactionParameterModel")),
        userDefinedFields=_several(ref("TransactionUserDefinedFieldModel")),
        hsCode=_text(25),
        merchantSellerIdentifier=_text(100),
        marketplaceLiabilityType=_word(("Marketplace", "Seller")),
        originationDocumentId=_text(50),
        category=_text(4000),
        summary=_text(4000),
    ),
    "CreateTransactionModel": _taken(
        ("customerCode", "date", "lines"),
        code=_text(50),
        type=_word(DOCUMENT_TYPES),
        companyCode=_text(50),
        customerCode=_text(50),
        date=_DAY,
        lines=_several(ref("LineItemModel")),
        commit=_FLAG,
        referenceCode=_text(1024),
        purchaseOrderNo=_text(50),
        salespersonCode=_text(25),
        entityUseCode=_text(25),
        customerUsageType=_text(25),
        exemptionNo=_text(25),
        discount=_NUMBER,
        addresses=_optional("AddressesModel"),
        parameters=_several(ref("TransactionParameterModel")),
        userDefinedFields=_several(ref("TransactionUserDefinedFieldModel")),
        reportingLocationCode=_text(50),
        batchCode=_text(25),
        taxOverride=_optional("TaxOverrideModel"),
        currencyCode=_text(3),
        exchangeRate=_NUMBER,
        exchangeRateEffectiveDate=_DAY,
        exchangeRateCurrencyCode=_text(3),
        businessIdentificationNo=_text(25),
        isSellerImporterOfRecord=_FLAG,
        description=_text(2048),
        email=_text(50),
        debugLevel=_word(("Normal", "Diagnostic")),
        customerSupplierName=_text(200),
        deliveryTerms=_word(("DAP", "DDP")),
        serviceMode=_word(("Automatic", "Local", "Remote")),
    ),
    "CreateOrAdjustTransactionModel": _taken(
        ("createTransactionModel",),
        adjustmentReason=_word(ADJUSTMENT_REASONS),
        adjustmentDescription=_text(),
        createTransactionModel=ref("CreateTransactionModel"),
    ),
    "AdjustTransactionModel": _taken(
        ("adjustmentReason", "newTransaction"),
        adjustmentReason=_word(ADJUSTMENT_REASONS),
        adjustmentDescription=_text(),
        newTransaction=ref("CreateTransactionModel"),
    ),
    "RefundTransactionModel": _taken(
        ("refundDate",),
        refundTransactionCode=_text(50),
        refundDate=_DAY,
        refundType=_word(REFUND_TYPES),
        refundPercentage=_NUMBER,
        refundLines=_several({"type": "string"}),
        referenceCode=_text(1024),
    ),
    "CommitTransactionModel": _taken(("commit",), commit=_FLAG),
    "VoidTransactionModel": _taken(("code",), code=_word(VOID_REASONS)),
    "VerifyTransactionModel": _taken((), verifyTransactionDate=_DAY, verifyTotalAmount=_NUMBER, verifyTotalTax=_NUMBER),
    "ChangeTransactionCodeModel": _taken(("newCode",), newCode=_text(50)),
    "LockTransactionModel": _taken(("isLocked",), isLocked=_FLAG),
    "SettleTransactionModel": _taken(
        (),
        verify=_optional("VerifyTransactionModel"),
        changeCode=_optional("ChangeTransactionCodeModel"),
        commit=_optional("CommitTransactionModel"),
    ),
}


# --- what is given: nothing but these fields ---------------------------------------------------------------------


def _given(required: tuple[str, ...], **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


_ID, _T, _N, _B = {"type": "integer"}, {"type": "string"}, {"type": "number"}, {"type": "boolean"}
_D, _AT = {"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _one(values: tuple[str, ...]) -> Schema:
    return {"type": "string", "enum": list(values)}


_DETAIL = dict.fromkeys(("taxableAmount", "exemptAmount", "nonTaxableAmount", "rate", "tax", "taxCalculated"), _N)
_LINE_SUMS = dict.fromkeys(
    ("lineAmount", "discountAmount", "exemptAmount", "taxableAmount", "tax", "taxCalculated"), _N
)
_TOTALS = dict.fromkeys(
    ("totalAmount", "totalExempt", "totalDiscount", "totalTax", "totalTaxable", "totalTaxCalculated"), _N
)

_GIVEN: Mapping[str, Schema] = {
    "AvaTaxMessage": _given((), summary=_T, details=_T, refersTo=_T, severity=_T, source=_T),
    "Token": _given(
        ("access_token", "token_type", "expires_in", "scope"), access_token=_T, token_type=_T, expires_in=_ID, scope=_T
    ),
    "TokenError": _given(("error",), error=_one(("unsupported_grant_type", "invalid_client", "invalid_scope"))),
    "ErrorDetail": _given(
        ("code", "number", "message", "faultCode", "severity"),
        code=_T,
        number=_ID,
        message=_T,
        description=_T,
        faultCode=_one(("Client", "Server")),
        helpLink=_T,
        refersTo=_T,
        severity=_one(("Error", "Warning", "Exception")),
    ),
    "ErrorResult": _given(
        ("error",),
        error=_given(
            ("code", "message", "target", "details"),
            code=_T,
            message=_T,
            target=_T,
            details=_list(ref("ErrorDetail")),
        ),
    ),
    "PingResultModel": _given(
        ("version", "authenticated", "authenticationType"),
        version=_T,
        authenticated=_B,
        authenticationType=_one(("None", "UsernamePassword", "AccountIdLicenseKey", "OpenIdBearerToken")),
        authenticatedUserName=_T,
        authenticatedUserId=_ID,
        authenticatedAccountId=_ID,
        authenticatedCompanyId=_ID,
    ),
    "TransactionAddressModel": _given(
        ("id", "transactionId", "boundaryLevel"),
        id=_ID,
        transactionId=_ID,
        boundaryLevel=_one(("Address", "Zip9", "Zip5")),
        **dict.fromkeys(("line1", "line2", "line3", "city", "region", "country", "postalCode"), _T),
        latitude=_T,
        longitude=_T,
    ),
    "TransactionLineDetailModel": _given(
        ("id", "transactionId", "transactionLineId", "jurisName", "jurisType", "rate", "tax", "taxableAmount"),
        id=_ID,
        transactionId=_ID,
        transactionLineId=_ID,
        country=_T,
        region=_T,
        jurisCode=_T,
        jurisName=_T,
        jurisType=_one(JURIS_TYPES),
        jurisdictionType=_one(JURISDICTION_TYPES),
        **_DETAIL,
        taxType=_T,
        taxName=_T,
        taxSubTypeId=_T,
        rateType=_T,
        liabilityType=_one(("Seller", "BuyersAgent")),
        reportingTax=_N,
    ),
    "TransactionLineModel": _given(
        ("id", "transactionId", "lineNumber", "lineAmount", "quantity", "tax", "taxableAmount"),
        id=_ID,
        transactionId=_ID,
        lineNumber=_T,
        **dict.fromkeys(
            (
                *("itemCode", "description", "taxCode", "entityUseCode", "customerUsageType"),
                *("ref1", "ref2", "revAccount", "hsCode", "businessIdentificationNo", "merchantSellerIdentifier"),
                *("marketplaceLiabilityType", "originationDocumentId", "category", "summary", "exemptNo"),
            ),
            _T,
        ),
        quantity=_N,
        **_LINE_SUMS,
        taxDate=_D,
        taxIncluded=_B,
        isItemTaxable=_B,
        taxOverrideType=_one(OVERRIDES),
        taxOverrideAmount=_N,
        taxOverrideReason=_T,
        sourcing=_one(("Mixed", "Destination", "Origin")),
        details=_list(ref("TransactionLineDetailModel")),
        parameters=_list(ref("TransactionParameterModel")),
        userDefinedFields=_list(ref("TransactionUserDefinedFieldModel")),
    ),
    "TransactionSummary": _given(
        ("jurisName", "jurisType", "taxType", "rate", "tax", "taxable"),
        **dict.fromkeys(
            (
                *("country", "region", "jurisCode", "jurisName"),
                *("taxType", "taxSubType", "taxName", "rateType"),
            ),
            _T,
        ),
        jurisType=_one(JURISDICTION_TYPES),
        **dict.fromkeys(("taxable", "rate", "tax", "taxCalculated", "nonTaxable", "exemption"), _N),
    ),
    "TaxDetailsByTaxType": _given(
        ("taxType",),
        taxType=_T,
        **dict.fromkeys(("totalTaxable", "totalExempt", "totalNonTaxable", "totalTax"), _N),
    ),
    "TransactionModel": _given(
        ("id", "code", "companyId", "date", "status", "type", "customerCode", "totalAmount", "totalTax", "locked"),
        id=_ID,
        code=_T,
        companyId=_ID,
        date=_D,
        paymentDate=_D,
        status=_one(STATUSES),
        type=_one(DOCUMENT_TYPES),
        **dict.fromkeys(
            (
                *("currencyCode", "exchangeRateCurrencyCode", "customerCode", "customerVendorCode"),
                *("referenceCode", "purchaseOrderNo", "salespersonCode", "entityUseCode", "customerUsageType"),
                *("exemptNo", "reportingLocationCode", "batchCode", "businessIdentificationNo", "description"),
                *("email", "customerSupplierName", "deliveryTerms", "taxOverrideReason", "adjustmentDescription"),
                *("region", "country"),
            ),
            _T,
        ),
        reconciled=_B,
        locked=_B,
        isSellerImporterOfRecord=_B,
        version=_ID,
        **_TOTALS,
        adjustmentReason=_one(ADJUSTMENT_REASONS),
        taxOverrideType=_one(OVERRIDES),
        taxOverrideAmount=_N,
        exchangeRate=_N,
        exchangeRateEffectiveDate=_D,
        taxDate=_D,
        modifiedDate=_AT,
        lines=_list(ref("TransactionLineModel")),
        addresses=_list(ref("TransactionAddressModel")),
        summary=_list(ref("TransactionSummary")),
        taxDetailsByTaxType=_list(ref("TaxDetailsByTaxType")),
        parameters=_list(ref("TransactionParameterModel")),
        userDefinedFields=_list(ref("TransactionUserDefinedFieldModel")),
        messages=_list(ref("AvaTaxMessage")),
        invoiceMessages=_list(_T),
    ),
    "FetchResult": _given(
        ("value",),
        **{"@recordsetCount": _ID, "@nextLink": _T, "pageKey": _T},
        value=_list(ref("TransactionModel")),
    ),
    "CoordinateInfo": _given((), latitude=_N, longitude=_N),
    "ValidatedAddressInfo": _given(
        (),
        addressType=_T,
        **dict.fromkeys(("line1", "line2", "line3", "city", "region", "country", "postalCode"), _T),
        latitude=_N,
        longitude=_N,
    ),
    "TaxAuthorityInfo": _given(
        ("jurisdictionName",),
        avalaraId=_T,
        jurisdictionName=_T,
        jurisdictionType=_one(JURISDICTION_TYPES),
        signatureCode=_T,
    ),
    "AddressResolutionModel": _given(
        ("address", "resolutionQuality"),
        address=ref("ValidatedAddressInfo"),
        validatedAddresses=_list(ref("ValidatedAddressInfo")),
        coordinates=ref("CoordinateInfo"),
        resolutionQuality=_one(QUALITIES),
        taxAuthorities=_list(ref("TaxAuthorityInfo")),
        messages=_list(ref("AvaTaxMessage")),
    ),
}

DEFINITIONS: Mapping[str, Schema] = {**_TAKEN, **_GIVEN}
