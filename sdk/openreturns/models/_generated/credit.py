# Generated from schemas/1.1.0/credit.schema.json. Do not edit: python -m openreturns_codegen
"""The credit classes."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from openreturns.models._base import CanonicalModel
from openreturns.models._scalars import Date, DecimalString, Extensions, SignedDecimalString, Timestamp

from . import common

CreditStatus: TypeAlias = Literal[
    "draft", "pending_approval", "approved", "rejected", "issued", "applied", "refunded", "voided"
]
"""How far a credit has come."""


CreditDirection: TypeAlias = Literal["to_customer", "from_vendor"]
"""Who credits whom."""


CreditChargeKind: TypeAlias = Literal[
    "restocking_fee",
    "return_freight_fee",
    "inspection_fee",
    "handling_fee",
    "damage_deduction",
    "freight_refund",
    "duty_refund",
    "goodwill",
    "other",
]
"""What a fee, deduction or extra is for."""


CreditEffect: TypeAlias = Literal["decreases_credit", "increases_credit"]
"""Whether a charge makes the credit smaller or larger."""


TaxMethod: TypeAlias = Literal["recalculated", "reversed_from_original", "none"]
"""How the tax of a credit was found."""


SettlementMethod: TypeAlias = Literal[
    "account_credit", "apply_to_invoice", "original_payment", "bank_transfer", "check", "store_credit", "offset", "none"
]
"""How the credited money reaches the customer."""


SettlementStatus: TypeAlias = Literal["pending", "completed", "failed"]
"""How far a settlement has come."""


class ExchangeRate(CanonicalModel, frozen=True):
    """The rate into the currency of the books."""

    to: common.CurrencyCode
    """Currency of the books."""
    rate: DecimalString
    """How much of it one unit of the document's currency is worth."""
    date: Date | None = None
    """The day the rate is of."""


class CreditLine(CanonicalModel, frozen=True):
    """One item or service credited."""

    line_id: common.Id
    """The line, unique in the document."""
    item: common.ItemRef | None = None
    """The item; a service or an allowance has a description only, or none."""
    quantity: common.Quantity
    """How much is credited."""
    unit_price: common.Money
    """Price before tax and discount, of priceBase units."""
    price_base: common.Quantity | None = None
    """How many units the price is for; absent means one."""
    discount: common.Money | None = None
    """Discount on the line before tax."""
    amount: common.Money
    """Quantity times price over price base, less the discount, without tax."""
    reason: common.CreditReason
    """Why it is credited."""
    tax_category: common.TaxCategory | None = None
    """How the line is taxed."""
    tax_rate: DecimalString | None = None
    """Tax rate in percent."""
    original_invoice: common.DocumentRef | None = None
    """Invoice line it was charged on; caps the credit."""
    return_: common.DocumentRef | None = None
    """Return line it belongs to."""
    disposition: common.SplitRef | None = None
    """The inspector's decision it rests on."""
    extensions: Annotated[Extensions | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Vendor or customer fields of this line."""


class CreditCharge(CanonicalModel, frozen=True):
    """A fee, deduction or extra of the whole credit."""

    kind: CreditChargeKind
    """What it is for."""
    effect: CreditEffect
    """Whether it makes the credit smaller or larger."""
    amount: common.Money
    """How much, before tax."""
    reason: Annotated[common.Text | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Why, in words printed on the document."""
    tax_category: common.TaxCategory | None = None
    """How it is taxed."""
    tax_rate: DecimalString | None = None
    """Tax rate in percent."""
    waived_by: Annotated[common.Id | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Who let the customer off it."""


class CreditTotals(CanonicalModel, frozen=True):
    """The sums of the credit."""

    lines: common.Money
    """Sum of the lines' amounts."""
    decreases: common.Money | None = None
    """Sum of the charges that make the credit smaller."""
    increases: common.Money | None = None
    """Sum of the charges that make it larger."""
    tax_exclusive: common.Money
    """Lines less decreases plus increases."""
    tax: common.Money
    """Sum of the taxes."""
    tax_inclusive: common.Money
    """taxExclusive plus tax."""
    rounding: SignedDecimalString | None = None
    """Added to reach a round amount due, in the document's currency; the only amount that may be below zero."""
    settled: common.Money | None = None
    """What was settled before."""
    due: common.Money
    """taxInclusive less settled plus rounding."""


class Settlement(CanonicalModel, frozen=True):
    """One way in which credited money reaches the customer."""

    method: SettlementMethod
    """How."""
    amount: common.Money
    """How much."""
    target: common.DocumentRef | None = None
    """The invoice or payment it goes to."""
    status: SettlementStatus
    """How far it has come."""
    at: Timestamp | None = None
    """When it was completed or failed."""
    reference: Annotated[common.Id | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """The payment provider's or bank's reference."""


class Credit(CanonicalModel, frozen=True):
    """A credit memo: to a customer for returned goods, or from a vendor for goods sent on to it."""

    meta: common.Meta
    """What the document says about itself."""
    number: common.Id
    """The number shown to people: credit memo number."""
    status: CreditStatus
    """How far the credit has come; an issued one never changes, it is voided or reversed."""
    direction: CreditDirection
    """Who credits whom; from_vendor is a credit we expect or receive, self-billed when we issue it."""
    issue_date: Date
    """The day it is issued."""
    tax_point_date: Date | None = None
    """The day the tax counts for, where it is another."""
    reverses: common.DocumentRef | None = None
    """The credit this one takes back."""
    seller: common.Party
    """The party that gives the credit."""
    buyer: common.Party
    """The party that gets it."""
    currency: common.CurrencyCode
    """The one currency of all amounts in the document."""
    exchange_rate: ExchangeRate | None = None
    """The rate into the currency of the books, where it is another."""
    original_invoices: tuple[common.DocumentRef, ...] | None = None
    """The invoices credited."""
    refs: tuple[common.DocumentRef, ...] | None = None
    """Related documents: return, disposition, purchase order."""
    buyer_reference: Annotated[common.Id | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """The buyer's own reference; Peppol needs it or a purchase order among the refs."""
    lines: Annotated[tuple[CreditLine, ...], Field(min_length=1)]
    """What is credited, at least one."""
    charges: tuple[CreditCharge, ...] | None = None
    """Fees, deductions and extras."""
    taxes: tuple[common.TaxAmount, ...] | None = None
    """The tax, one entry a group."""
    tax_method: TaxMethod | None = None
    """How the tax was found."""
    tax_transaction: common.DocumentRef | None = None
    """The transaction in the tax engine; required when the tax was reversed from the original."""
    totals: CreditTotals
    """The sums."""
    settlements: tuple[Settlement, ...] | None = None
    """How the money reaches the customer."""
    approvals: tuple[common.Approval, ...] | None = None
    """Approval steps of this document."""
    history: tuple[common.StatusChange, ...] | None = None
    """How the status came about, oldest first; the last entry leads to the present status."""
    note: Annotated[common.Note | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Remark on the credit as a whole, printed where the credit is."""
    extensions: Annotated[Extensions | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Vendor or customer fields of this document."""
