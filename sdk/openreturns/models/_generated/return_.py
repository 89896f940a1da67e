# Generated from schemas/1.1.0/return.schema.json. Do not edit: python -m openreturns_codegen
"""The return classes."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from openreturns.models._base import CanonicalModel
from openreturns.models._scalars import Date, DecimalString, Extensions, Timestamp

from . import common

ReturnStatus: TypeAlias = Literal[
    "requested",
    "authorized",
    "declined",
    "in_transit",
    "partially_received",
    "received",
    "inspected",
    "dispositioned",
    "credited",
    "closed",
    "cancelled",
    "expired",
]
"""How far a return has come."""


ReturnType: TypeAlias = Literal[
    "credit", "exchange", "replacement_in_advance", "repair", "recall", "core", "vendor_stock_rotation", "credit_only"
]
"""Which later documents a return leads to."""


AuthorizationDecision: TypeAlias = Literal["pending", "authorized", "partially_authorized", "declined", "not_required"]
"""What was decided about a request to return goods."""


FreightTerms: TypeAlias = Literal["prepaid_by_seller", "collect_from_customer", "customer_arranged", "none"]
"""Who arranges and pays the way back."""


Resolution: TypeAlias = Literal["credit", "refund", "exchange", "replacement", "repair", "none"]
"""What the customer asks for."""


ReceiptDiscrepancy: TypeAlias = Literal["none", "short", "over", "wrong_item", "damaged", "unannounced"]
"""How a receipt differs from what was announced."""


class Authorization(CanonicalModel, frozen=True):
    """The answer to the request to return goods."""

    number: common.Id | None = None
    """Authorisation number, where it is not the return's own."""
    decision: AuthorizationDecision
    """The decision."""
    decided_by: Annotated[common.Id | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Who decided."""
    decided_at: Timestamp | None = None
    """When it was decided."""
    expires_at: Timestamp | None = None
    """Until when the goods must be on their way."""
    decline_reason: Annotated[common.Text | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Why it was declined; required when it was."""


class Parcel(CanonicalModel, frozen=True):
    """One parcel of a return on its way."""

    tracking_number: common.Id
    """The carrier's number of the parcel."""
    carrier: common.Id | None = None
    """Its carrier, by code or name."""
    label_uri: Annotated[common.Uri | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Where its shipping label can be fetched."""


class Replacement(CanonicalModel, frozen=True):
    """What is sent instead, beside whatever happens to the returned goods."""

    item: common.ItemRef
    """The item sent."""
    quantity: common.Quantity
    """How much of it is sent."""
    order: common.DocumentRef | None = None
    """The order it is sent with."""


class ReceiptEntry(CanonicalModel, frozen=True):
    """One receipt of goods of this line; a line may arrive in several."""

    receipt_id: common.Id
    """The receipt, unique in the document."""
    quantity: common.Quantity
    """How much arrived."""
    received_at: Timestamp
    """When it arrived and was counted."""
    location: common.LocationRef | None = None
    """Where it was put."""
    item: common.ItemRef | None = None
    """What really arrived, with its lot and serial numbers, where it differs or is more exact."""
    discrepancy: ReceiptDiscrepancy | None = None
    """How it differs from what was announced."""
    by: Annotated[common.Id | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Who received it."""


class RestockingPolicy(CanonicalModel, frozen=True):
    """The fee agreed when the return was authorised; the fee charged stands in the Credit."""

    percent: DecimalString | None = None
    """Percent of the line's value before tax, 0 to 100."""
    flat: common.Money | None = None
    """A fixed amount for the return."""


class ReturnLine(CanonicalModel, frozen=True):
    """One item the customer returns, and how much of it was asked for, agreed, announced and received."""

    line_id: common.Id
    """The line, unique in the document."""
    item: common.ItemRef
    """The item."""
    requested: common.Quantity
    """How much the customer asks to return."""
    authorized: common.Quantity | None = None
    """How much was agreed to; never more than requested."""
    expected: common.Quantity | None = None
    """How much the warehouse was told to expect; never more than authorized."""
    received: common.Quantity | None = None
    """How much was received; the sum of the receipts."""
    rejected: common.Quantity | None = None
    """How much was turned away at the dock."""
    reason: common.ReturnReason
    """Why it is returned."""
    requested_resolution: Resolution | None = None
    """What the customer asks for."""
    unit_price: common.Money | None = None
    """Price paid for one unit before tax; basis of the credit."""
    original_invoice: common.DocumentRef | None = None
    """Invoice line it was sold on; caps the credit."""
    original_order: common.DocumentRef | None = None
    """Order line it was sold on."""
    replacement: Replacement | None = None
    """What is sent instead."""
    receipts: tuple[ReceiptEntry, ...] | None = None
    """Receipts of this line, oldest first."""
    note: Annotated[common.Note | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Remark of the customer or the clerk."""
    extensions: Annotated[Extensions | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Vendor or customer fields of this line."""


class ExpectedReceipt(CanonicalModel, frozen=True):
    """What the warehouse is told to expect."""

    id: common.Id | None = None
    """Number of the notice in the warehouse system."""
    expected_on: Date | None = None
    """Day the goods should arrive."""
    carrier: common.Id | None = None
    """Carrier, by its code or name, where all parcels have one. Deprecated: parcels say it of each."""
    tracking_numbers: tuple[common.Id, ...] | None = None
    """The carrier's tracking numbers, one a parcel."""
    freight_terms: FreightTerms | None = None
    """Who arranges and pays the way back."""
    label_uri: Annotated[common.Uri | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Where the shipping label can be fetched. Deprecated: parcels say it of each."""
    parcels: tuple[Parcel, ...] | None = None
    """The parcels on their way, each with its carrier and label; their numbers are among the tracking numbers."""


class Return(CanonicalModel, frozen=True):
    """A customer's return, from the request to its end (RMA, return order): who sends what back, why, what was agreed and what has arrived."""

    meta: common.Meta
    """What the document says about itself."""
    number: common.Id
    """The return's number shown to people: RMA or return order number."""
    status: ReturnStatus
    """How far the return has come; follows from the lines."""
    type: ReturnType
    """Which later documents the return leads to."""
    customer: common.Party
    """The party that returns the goods."""
    bill_to: common.Party | None = None
    """The party to credit, where it is another."""
    ship_from: common.Party | None = None
    """Where the goods are picked up, where it is elsewhere."""
    return_to: common.LocationRef | None = None
    """Where the goods go."""
    currency: common.CurrencyCode
    """The one currency of all amounts in the document."""
    requested_at: Timestamp | None = None
    """When the customer asked."""
    authorization: Authorization | None = None
    """The answer to the request."""
    refs: tuple[common.DocumentRef, ...] | None = None
    """Related documents: order, invoice, case, shipment, notice, vendor return."""
    expected_receipt: ExpectedReceipt | None = None
    """What the warehouse is told to expect."""
    lines: Annotated[tuple[ReturnLine, ...], Field(min_length=1)]
    """The items returned, at least one."""
    restocking_policy: RestockingPolicy | None = None
    """The restocking fee agreed."""
    approvals: tuple[common.Approval, ...] | None = None
    """Approval steps of this document."""
    history: tuple[common.StatusChange, ...] | None = None
    """How the status came about, oldest first; the last entry leads to the present status."""
    attachments: tuple[common.Attachment, ...] | None = None
    """Photos and papers the customer sent."""
    note: Annotated[common.Note | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Remark of the customer or the clerk on the return as a whole; each line may have its own."""
    extensions: Annotated[Extensions | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Vendor or customer fields of this document."""
