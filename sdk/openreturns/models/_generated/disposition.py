# Generated from schemas/1.1.0/disposition.schema.json. Do not edit: python -m openreturns_codegen
"""The disposition classes."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StrictBool

from openreturns.models._base import CanonicalModel
from openreturns.models._scalars import Extensions, Timestamp

from . import common

DispositionStatus: TypeAlias = Literal["draft", "pending_approval", "final", "reversed"]
"""How far the inspector's decision has come."""


class Inspection(CanonicalModel, frozen=True):
    """How the goods were inspected."""

    by: Annotated[common.Id, Field(json_schema_extra={"x-personal-data": True})]
    """The inspector."""
    at: Timestamp
    """When the inspection ended."""
    procedure: common.Id | None = None
    """The instruction or test plan followed."""
    findings: Annotated[common.Note | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """What was found, in words."""
    attachments: tuple[common.Attachment, ...] | None = None
    """Photos and test reports."""


class DispositionSplit(CanonicalModel, frozen=True):
    """One part of an inspected batch: its condition, what happens to it and where it goes."""

    split_id: common.Id
    """The split, unique in the document."""
    quantity: common.Quantity
    """How much of the batch; all splits of a final line add up to the quantity inspected."""
    serials: tuple[common.Id, ...] | None = None
    """Serial numbers of the pieces in this split; a piece is in one split only."""
    condition: common.ConditionGrade
    """The state the goods were found in."""
    disposition: common.DispositionCode
    """What happens to them."""
    to: common.StockPosition | None = None
    """Where they go in the stock books; absent when the goods never come to us."""
    target_item: common.ItemRef | None = None
    """The item they become, when restocked as another grade."""
    vendor: common.Party | None = None
    """The vendor they go back to; required for return_to_vendor."""
    vendor_return: common.DocumentRef | None = None
    """The return to the vendor they go out with."""
    creditable: StrictBool | None = None
    """Whether the inspector lets the customer be credited for them."""
    customer_liable: StrictBool | None = None
    """Whether the customer may be charged for the damage."""
    hazard: common.Text | None = None
    """A danger the handler must know about: leaking, battery, chemical."""


class DispositionLine(CanonicalModel, frozen=True):
    """One received batch as the inspector found it."""

    line_id: common.Id
    """The line, unique in the document."""
    return_line_id: common.Id
    """The line of the Return it belongs to."""
    receipt_id: common.Id | None = None
    """The receipt of that line it arrived with."""
    item: common.ItemRef
    """The item as found, which may differ from the one announced."""
    inspected: common.Quantity
    """How much was inspected."""
    inspection: Inspection | None = None
    """Who inspected it, when and how."""
    splits: Annotated[tuple[DispositionSplit, ...], Field(min_length=1)]
    """What happens to which part, at least one."""
    extensions: Annotated[Extensions | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Vendor or customer fields of this line."""


class Disposition(CanonicalModel, frozen=True):
    """The inspector's decision about goods that came back: their condition and what happens to each part."""

    meta: common.Meta
    """What the document says about itself."""
    status: DispositionStatus
    """How far the decision has come; a final one never changes, it is reversed."""
    return_: common.DocumentRef
    """The return the goods belong to."""
    reverses: common.DocumentRef | None = None
    """The disposition this one takes back."""
    warehouse: common.LocationRef | None = None
    """Where the goods were inspected; EPCIS needs it as read point."""
    lines: Annotated[tuple[DispositionLine, ...], Field(min_length=1)]
    """The batches inspected, at least one."""
    approvals: tuple[common.Approval, ...] | None = None
    """Approval steps of this document."""
    history: tuple[common.StatusChange, ...] | None = None
    """How the status came about, oldest first; the last entry leads to the present status."""
    extensions: Annotated[Extensions | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Vendor or customer fields of this document."""
