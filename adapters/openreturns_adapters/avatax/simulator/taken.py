"""What the operations take: null is the same as nothing, and a field that nobody knows is passed over."""

from __future__ import annotations

from collections.abc import Mapping

from openreturns_adapters.avatax.simulator.reference import Schema, ref
from openreturns_adapters.avatax.simulator.words import (
    ADJUSTMENT_REASONS,
    DOCUMENT_TYPES,
    OVERRIDES,
    REFUND_TYPES,
    VOID_REASONS,
)

__all__ = ["TAKEN"]


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
TAKEN: Mapping[str, Schema] = {
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
