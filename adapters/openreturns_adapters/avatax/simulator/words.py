"""The words of the vendor's enumerations, in the vendor's order."""

from __future__ import annotations

__all__ = [
    "ADJUSTMENT_REASONS",
    "DOCUMENT_TYPES",
    "JURISDICTION_TYPES",
    "JURIS_TYPES",
    "OVERRIDES",
    "QUALITIES",
    "REFUND_TYPES",
    "STATUSES",
    "VOID_REASONS",
]

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
