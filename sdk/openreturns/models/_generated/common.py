# Generated from schemas/1.1.0/common.schema.json. Do not edit: python -m openreturns_codegen
"""The common classes."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StrictBool, StrictInt, StrictStr

from openreturns.models._base import CanonicalModel
from openreturns.models._scalars import Date, DecimalString, SignedDecimalString, Timestamp

CurrencyCode: TypeAlias = Annotated[StrictStr, Field(max_length=3, pattern="^[A-Z]{3}$")]
"""An ISO 4217 currency code of three letters; membership in the list is checked by an invariant."""


CountryCode: TypeAlias = Annotated[StrictStr, Field(max_length=2, pattern="^[A-Z]{2}$")]
"""An ISO 3166-1 country code of two letters."""


UnitOfMeasure: TypeAlias = Annotated[StrictStr, Field(max_length=3, pattern="^[A-Z0-9]{1,3}$")]
"""A unit code of UN/ECE Recommendation 20, or of Recommendation 21 with X before it (EA each, C62 one, XCS case, KGM kilogram); membership is checked by an invariant."""


TaxCategory: TypeAlias = Annotated[StrictStr, Field(max_length=2, pattern="^[A-Z]{1,2}$")]
"""A tax category of UN/CEFACT code list 5305: S standard, Z zero, E exempt, AE reverse charge, K intra-community, G export, O out of scope."""


SchemaName: TypeAlias = Annotated[
    StrictStr, Field(max_length=40, pattern="^openreturns/(return|disposition|adjustment|credit)/1\\.[01]$")
]
"""The name of a document's contract: openreturns, the document, major and minor version. A document of 1.0 keeps 1.1 as well."""


Id: TypeAlias = Annotated[
    StrictStr,
    Field(
        max_length=255,
        min_length=1,
        pattern="^[^\\x00-\\x20\\x7f-\\xa0\\u1680\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000\\ufeff]([^\\x00-\\x1f\\x7f-\\x9f]*[^\\x00-\\x20\\x7f-\\xa0\\u1680\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000\\ufeff])?$",
    ),
]
"""An identifier or code exactly as its owner spells it. Blanks may stand inside but not at either end; no control characters."""


Text: TypeAlias = Annotated[StrictStr, Field(max_length=255, min_length=1, pattern="^[^\\x00-\\x1f\\x7f]+$")]
"""One line of words for people; no control characters."""


Note: TypeAlias = Annotated[
    StrictStr, Field(max_length=2000, min_length=1, pattern="^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]+$")
]
"""Words for people, several lines allowed; no control characters but tab and line ends."""


Uri: TypeAlias = Annotated[
    StrictStr,
    Field(max_length=2000, min_length=3, pattern='^[A-Za-z][A-Za-z0-9+.-]*:[^\\x00-\\x20\\x7f-\\xa0<>"{}|\\\\^`]+$'),
]
"""An absolute URI: a scheme, a colon and no blanks. Kept as written."""


Email: TypeAlias = Annotated[
    StrictStr, Field(max_length=254, min_length=3, pattern="^[^\\x00-\\x20\\x7f-\\xa0@]+@[^\\x00-\\x20\\x7f-\\xa0@]+$")
]
"""An e-mail address, checked loosely: something, one at sign, something."""


Phone: TypeAlias = Annotated[StrictStr, Field(max_length=40, min_length=2, pattern="^[0-9+(#][0-9 +./()#x-]*$")]
"""A telephone number as people write it: digits, blanks and + - . / ( ) # x."""


Gtin: TypeAlias = Annotated[StrictStr, Field(max_length=14, min_length=8, pattern="^([0-9]{8}|[0-9]{12,14})$")]
"""A GS1 trade item number of 8, 12, 13 or 14 digits; the check digit is checked by an invariant."""


Gln: TypeAlias = Annotated[StrictStr, Field(max_length=13, pattern="^[0-9]{13}$")]
"""A GS1 location number of 13 digits."""


Sha256: TypeAlias = Annotated[StrictStr, Field(max_length=64, pattern="^[0-9a-f]{64}$")]
"""A SHA-256 hash in lower-case hexadecimal."""


MediaType: TypeAlias = Annotated[
    StrictStr, Field(max_length=127, pattern="^[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*$")
]
"""An Internet media type in lower case, such as image/jpeg."""


StatusName: TypeAlias = Annotated[StrictStr, Field(max_length=40, pattern="^[a-z]+(_[a-z]+)*$")]
"""One of the document's own status words; which words may follow each other stands in transitions.json."""


ReturnReasonValue: TypeAlias = Literal[
    "changed_mind",
    "ordered_wrong",
    "wrong_item",
    "wrong_quantity",
    "not_as_described",
    "fit_or_style",
    "defective",
    "damaged",
    "damaged_in_transit",
    "expired_or_short_dated",
    "late_delivery",
    "recall",
    "warranty",
    "overstock",
    "agreement",
    "core_or_container",
    "sample",
    "other",
]
"""Why the customer sends goods back."""


DispositionValue: TypeAlias = Literal[
    "restock",
    "restock_as_other_grade",
    "refurbish",
    "repair_and_return",
    "quarantine",
    "return_to_vendor",
    "scrap",
    "recycle",
    "donate",
    "liquidate",
    "return_to_customer",
    "customer_keeps",
    "field_destroy",
    "pending",
]
"""What happens to goods that came back."""


ConditionValue: TypeAlias = Literal[
    "new_sealed",
    "new_open_box",
    "like_new",
    "used_good",
    "used_worn",
    "damaged",
    "defective",
    "incomplete",
    "expired",
    "unidentified",
]
"""The state in which the inspector found the goods."""


AdjustmentReasonValue: TypeAlias = Literal[
    "customer_return_receipt",
    "disposition",
    "status_change",
    "condition_regrade",
    "damage",
    "scrap",
    "donation",
    "vendor_return_shipment",
    "count_correction",
    "receipt_correction",
    "hold",
    "hold_release",
    "reidentification",
    "location_transfer",
    "reversal",
    "other",
]
"""Why stock moves from one position to another."""


CreditReasonValue: TypeAlias = Literal[
    "goods_returned",
    "defective_goods",
    "damaged_in_transit",
    "wrong_goods",
    "short_shipment",
    "not_received",
    "price_correction",
    "quantity_correction",
    "tax_correction",
    "freight_correction",
    "allowance_or_rebate",
    "goodwill",
    "recall",
    "duplicate_billing",
    "cancellation",
    "other",
]
"""Why money is credited."""


DocumentType: TypeAlias = Literal[
    "sales_order",
    "invoice",
    "credit",
    "return",
    "disposition",
    "adjustment",
    "shipment",
    "receipt",
    "purchase_order",
    "vendor_return",
    "replacement_order",
    "case",
    "payment",
    "tax_transaction",
    "asn",
    "other",
]
"""The kind of business document a reference points at."""


ApprovalDecision: TypeAlias = Literal["pending", "approved", "rejected", "waived"]
"""What an approver decided."""


StockStatus: TypeAlias = Literal[
    "available", "inspection", "quarantine", "damaged", "vendor_return", "reserved", "in_transit", "external"
]
"""What may be done with stock at a position."""


StockOwner: TypeAlias = Literal["own", "customer", "vendor", "third_party"]
"""Who owns the stock."""


StockBoundary: TypeAlias = Literal["customer", "vendor", "scrap", "donation", "recycler", "liquidator", "count"]
"""Where goods outside our own stock come from or go to."""


class Money(CanonicalModel, frozen=True):
    """An amount in one currency, never below zero."""

    amount: DecimalString
    """The amount in units of the currency, not in cents; how many digits may follow the point depends on the currency (totals and tax) or is six (unit prices)."""
    currency: CurrencyCode
    """The currency of the amount; every amount of a document has the document's own currency."""


class SignedMoney(CanonicalModel, frozen=True):
    """An amount in one currency that may be below zero: of a tax group that makes the credit smaller."""

    amount: SignedDecimalString
    """The amount in units of the currency, not in cents."""
    currency: CurrencyCode
    """The currency of the amount."""


class Quantity(CanonicalModel, frozen=True):
    """How much of an item, never below zero."""

    value: DecimalString
    """The number of units."""
    uom: UnitOfMeasure
    """The unit counted in; all quantities of one line share it."""


class Identifier(CanonicalModel, frozen=True):
    """An identifier of a party in a public or agreed scheme."""

    scheme: Id
    """The scheme: an ISO 6523 or EAS code (0088 for GLN, 0060 for DUNS), or a word such as vat. Peppol and X12 name segments need it."""
    value: Annotated[Id, Field(json_schema_extra={"x-personal-data": True})]
    """The identifier in that scheme."""


class Address(CanonicalModel, frozen=True):
    """A postal address; tax sourcing and pick-up need it."""

    line1: Annotated[Text | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Street and number, first line."""
    line2: Annotated[Text | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Second line: building, floor, dock."""
    city: Annotated[Text | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Town or city."""
    region: Text | None = None
    """State, province or region, by its ISO 3166-2 part or its name. Sales tax in North America needs it."""
    postal_code: Annotated[Text | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Postal code as the country writes it."""
    country_code: CountryCode
    """The country."""


class Party(CanonicalModel, frozen=True):
    """A company or person in the business: customer, seller, vendor, payer."""

    id: Id
    """The party's number in the source system."""
    name: Annotated[Text | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """The party's name as printed on documents."""
    identifiers: tuple[Identifier, ...] | None = None
    """Further identifiers of the party, such as its GLN or DUNS number."""
    tax_id: Annotated[Id | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Tax registration number, with its country prefix where there is one. Tax engines and electronic invoices need it."""
    address: Address | None = None
    """Where the party is; for a pick-up, where the goods are."""
    email: Annotated[Email | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Address for messages about this document."""
    phone: Annotated[Phone | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Number for calls about this document."""


class LocationRef(CanonicalModel, frozen=True):
    """A warehouse or site, and a place in it."""

    id: Id
    """The warehouse or site in the source system."""
    gln: Gln | None = None
    """Its GS1 location number; EPCIS needs it."""
    zone: Id | None = None
    """Zone or area inside the warehouse."""
    bin: Id | None = None
    """Bin or shelf inside the warehouse."""


class ItemRef(CanonicalModel, frozen=True):
    """An item, by at least one of sku, gtin, customerSku and vendorSku, and which lot or pieces of it. What a credit line credits may have a description only."""

    sku: Id | None = None
    """Our own item number."""
    gtin: Gtin | None = None
    """GS1 trade item number of the counted unit."""
    customer_sku: Id | None = None
    """The customer's item number."""
    vendor_sku: Id | None = None
    """The vendor's item number."""
    description: Text | None = None
    """What the item is, in words."""
    lot: Id | None = None
    """Lot or batch number; recalls and 947 advices need it."""
    serials: tuple[Id, ...] | None = None
    """Serial numbers of the pieces meant, each once, never more than the quantity."""
    expiry_date: Date | None = None
    """Last day the goods may be used or sold."""


class DocumentRef(CanonicalModel, frozen=True):
    """A link to another business document, or to one line of it."""

    type: DocumentType
    """The kind of document pointed at."""
    id: Id
    """Its number in its own system."""
    line_id: Id | None = None
    """One line of it."""
    system: Id | None = None
    """The system the number belongs to, when it is not this document's meta.sourceSystem."""
    issue_date: Date | None = None
    """The day it was issued; a UBL billing reference needs it."""


class SplitRef(CanonicalModel, frozen=True):
    """A link to one split of a Disposition: the decision that caused a stock move or a credit."""

    document_id: Id
    """meta.documentId of the Disposition."""
    line_id: Id
    """lineId of the disposition line."""
    split_id: Id
    """splitId of the split."""


class SourceCode(CanonicalModel, frozen=True):
    """The word another system used, kept unchanged beside the canonical code."""

    scheme: Id
    """Whose code list it is, such as x12:1293 or shopify."""
    value: Id
    """The code as that system spells it."""
    label: Text | None = None
    """What that system shows to people for it."""


class ReturnReason(CanonicalModel, frozen=True):
    """Why goods come back: one canonical code, the other system's own word where there was one, and a remark."""

    code: ReturnReasonValue
    """The canonical code. The code other needs a source or a note beside it."""
    source: SourceCode | None = None
    """The other system's code it was read from."""
    note: Annotated[Note | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """A remark in words."""


class DispositionCode(CanonicalModel, frozen=True):
    """What happens to the goods: one canonical code, the other system's own word where there was one, and a remark."""

    code: DispositionValue
    """The canonical code."""
    source: SourceCode | None = None
    """The other system's code it was read from."""
    note: Annotated[Note | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """A remark in words."""


class ConditionGrade(CanonicalModel, frozen=True):
    """The state the goods were found in: one canonical code, the other system's own word where there was one, and a remark."""

    code: ConditionValue
    """The canonical code."""
    source: SourceCode | None = None
    """The other system's code it was read from."""
    note: Annotated[Note | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """A remark in words."""


class AdjustmentReason(CanonicalModel, frozen=True):
    """Why stock moves: one canonical code, the other system's own word where there was one, and a remark."""

    code: AdjustmentReasonValue
    """The canonical code. The code other needs a source or a note beside it."""
    source: SourceCode | None = None
    """The other system's code it was read from."""
    note: Annotated[Note | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """A remark in words."""


class CreditReason(CanonicalModel, frozen=True):
    """Why money is credited: one canonical code, the other system's own word where there was one, and a remark."""

    code: CreditReasonValue
    """The canonical code. The code other needs a source or a note beside it."""
    source: SourceCode | None = None
    """The other system's code it was read from."""
    note: Annotated[Note | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """A remark in words."""


class StockPosition(CanonicalModel, frozen=True):
    """A place in the stock books: what may be done with the goods, where they are and whose they are."""

    status: StockStatus
    """What may be done with the goods here; external means outside our stock."""
    location: LocationRef | None = None
    """Where the goods are; required unless the status is external."""
    owner: StockOwner | None = None
    """Whose goods they are; absent means our own."""
    boundary: StockBoundary | None = None
    """Which outside, required when the status is external and only then."""


class TaxAmount(CanonicalModel, frozen=True):
    """The tax of one group: one tax type, category, rate and jurisdiction."""

    tax_type: Id
    """The tax, such as VAT, GST or SalesTax."""
    category: TaxCategory
    """How the goods are taxed."""
    rate: DecimalString | None = None
    """The rate in percent."""
    taxable: SignedMoney
    """The amount the tax is reckoned on: lines less deductions, below zero where deductions alone are taxed so."""
    tax: SignedMoney
    """The tax, below zero where the amount is."""
    jurisdiction: Id | None = None
    """The authority the tax belongs to, by the tax engine's code."""
    exemption_reason: Text | None = None
    """Why no tax is due; electronic invoices need it for exempt groups."""


class Approval(CanonicalModel, frozen=True):
    """One step of an approval and what became of it."""

    step: Id
    """The name of the step in the approval rule."""
    decision: ApprovalDecision
    """The decision."""
    requested_by: Annotated[Id | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Who asked; never the one who decides."""
    decided_by: Annotated[Id | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Who decided."""
    decided_at: Timestamp | None = None
    """When it was decided."""
    limit: Money | None = None
    """The highest amount this step may approve."""
    note: Annotated[Note | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Remark of the approver."""


class StatusChange(CanonicalModel, frozen=True):
    """One change of the document's status; entries are only ever added."""

    from_: StatusName | None = None
    """Status before; absent for the first entry."""
    to: StatusName
    """Status after."""
    at: Timestamp
    """When it changed."""
    by: Annotated[Id | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """Person or system that changed it."""
    cause: Annotated[Text | None, Field(json_schema_extra={"x-personal-data": True})] = None
    """What made it change, such as an event or a message."""


class Attachment(CanonicalModel, frozen=True):
    """A file that belongs to the document: photo, test report, letter."""

    uri: Annotated[Uri, Field(json_schema_extra={"x-personal-data": True})]
    """Where the file is."""
    media_type: MediaType | None = None
    """What kind of file it is."""
    sha256: Sha256 | None = None
    """Hash of the file's bytes, to see that it is still the same file."""


class Meta(CanonicalModel, frozen=True):
    """What every document says about itself: which contract, which revision, from where, and what it follows from."""

    schema_: SchemaName
    """The contract this document keeps."""
    document_id: Id
    """The document, the same for all its revisions."""
    revision: Annotated[StrictInt, Field(ge=1, le=2147483647)]
    """The revision, counted from 1 without a gap; each is a full snapshot."""
    source_system: Id
    """The system the document comes from; numbers without a system of their own belong to it."""
    source_id: Id | None = None
    """The record's key in that system."""
    issued_at: Timestamp
    """When this revision was made."""
    correlation_id: Id
    """The case: the same in all documents of one return, for tracing."""
    causation_id: Id | None = None
    """The document or event this one follows from."""
    idempotency_key: Id | None = None
    """Doing this twice has the effect of once; absent means documentId, a colon and the revision."""
    test: StrictBool | None = None
    """True for a document that must not move goods or money."""
