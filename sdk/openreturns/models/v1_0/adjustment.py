# Generated from schemas/1.0.0/adjustment.schema.json. Do not edit: python -m openreturns_codegen
"""The adjustment classes."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from openreturns.models._base import CanonicalModel
from openreturns.models._scalars import Date, Extensions

from . import common

AdjustmentStatus: TypeAlias = Literal["draft", "pending_approval", "posted", "failed", "reversed"]
"""How far a stock move has come."""


ValuationMethod: TypeAlias = Literal["standard", "average", "fifo", "original_cost", "zero", "specified"]
"""At which cost stock moves in the books."""


class Valuation(CanonicalModel, frozen=True):
    """How the move enters the books."""

    method: ValuationMethod
    """At which cost."""
    unit_cost: common.Money | None = None
    """Cost of one unit."""
    extended: common.Money | None = None
    """Cost of the whole line: quantity times unit cost, rounded half-even to the currency's minor unit."""
    account: common.Id | None = None
    """Stock account."""
    offset_account: common.Id | None = None
    """Account on the other side."""
    cost_center: common.Id | None = None
    """Cost centre charged."""


class AdjustmentLine(CanonicalModel, frozen=True):
    """One move of one item from one position to another."""

    line_id: common.Id
    """The line, unique in the document."""
    item: common.ItemRef
    """The item moved."""
    quantity: common.Quantity
    """How much is moved; more than zero."""
    from_: common.StockPosition
    """Where it leaves; goods from a customer leave external, customer."""
    to: common.StockPosition
    """Where it arrives; scrapped goods arrive at external, scrap."""
    to_item: common.ItemRef | None = None
    """The item it becomes, when it changes its identity or grade."""
    reason: common.AdjustmentReason
    """Why it moves."""
    disposition: common.SplitRef | None = None
    """The inspector's decision that caused it."""
    valuation: Valuation | None = None
    """How it enters the books."""
    extensions: Annotated[Extensions | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Vendor or customer fields of this line."""


class Adjustment(CanonicalModel, frozen=True):
    """Stock moves in double entry: every line says from where to where. Posted only where the receipt or the credit has not already moved the stock."""

    meta: common.Meta
    """What the document says about itself."""
    number: common.Id
    """The number shown to people: journal or adjustment number."""
    status: AdjustmentStatus
    """How far the move has come; a posted one never changes, it is reversed."""
    posting_date: Date
    """The day it counts for in the books."""
    reverses: common.DocumentRef | None = None
    """The adjustment this one takes back."""
    refs: tuple[common.DocumentRef, ...] | None = None
    """Related documents: return, disposition, receipt."""
    lines: Annotated[tuple[AdjustmentLine, ...], Field(min_length=1)]
    """The moves, at least one."""
    approvals: tuple[common.Approval, ...] | None = None
    """Approval steps of this document."""
    history: tuple[common.StatusChange, ...] | None = None
    """How the status came about, oldest first; the last entry leads to the present status."""
    extensions: Annotated[Extensions | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Vendor or customer fields of this document."""
