"""What the operations give: nothing but these fields."""

from __future__ import annotations

from collections.abc import Mapping

from openreturns_adapters.avatax.simulator.reference import Schema, ref
from openreturns_adapters.avatax.simulator.words import (
    ADJUSTMENT_REASONS,
    DOCUMENT_TYPES,
    JURIS_TYPES,
    JURISDICTION_TYPES,
    OVERRIDES,
    QUALITIES,
    STATUSES,
)

__all__ = ["GIVEN"]


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

GIVEN: Mapping[str, Schema] = {
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
