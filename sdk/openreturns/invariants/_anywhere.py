"""Rules about values wherever they stand: money, quantities, items, reasons, positions, ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from openreturns.gs1 import check_digit
from openreturns.invariants._exact import fits, known, minor_units, shown
from openreturns.invariants._parts import Finding, Parts
from openreturns.invariants._rule import Options
from openreturns.models import (
    Address,
    AdjustmentLine,
    AdjustmentReason,
    CanonicalModel,
    Credit,
    CreditCharge,
    CreditLine,
    CreditReason,
    DispositionLine,
    DispositionSplit,
    ExchangeRate,
    ItemRef,
    Money,
    Quantity,
    ReceiptEntry,
    Replacement,
    Return,
    ReturnLine,
    ReturnReason,
    SignedMoney,
    StockPosition,
    TaxAmount,
)

__all__ = [
    "a_serial_goes_one_way",
    "amounts_fit_the_currency",
    "countries_are_known",
    "currencies_are_known",
    "gtins_check",
    "ids_are_unique",
    "items_are_named",
    "one_currency",
    "one_unit_a_line",
    "others_are_explained",
    "outside_has_a_boundary",
    "serials_fit_the_quantity",
    "tax_categories_are_known",
    "units_are_known",
]

# Prices may need more digits than the currency pays: 0.0125 EUR a screw.
_PRICES = ("/unitPrice", "/unitCost")
# Units of which one is one piece, so that serial numbers can be counted against the quantity.
_PIECES = frozenset({"C62", "EA", "H87", "NAR"})


def currencies_are_known(parts: Parts, _: Options) -> Iterator[Finding]:
    """M1."""
    for at, currency in _currencies(parts):
        if currency not in minor_units():
            yield at, f"{currency} is not a currency of ISO 4217"


def _document_currencies(parts: Parts) -> list[str]:
    return [r.currency for _, r in parts.of(Return)] + [c.currency for _, c in parts.of(Credit)]


def _moneys(parts: Parts) -> list[tuple[str, Money | SignedMoney]]:
    return [*parts.of(Money), *parts.of(SignedMoney)]


def _currencies(parts: Parts) -> Iterator[tuple[str, str]]:
    for currency in _document_currencies(parts):
        yield "/currency", currency
    for at, rate in parts.of(ExchangeRate):
        yield f"{at}/to", rate.to
    for at, money in _moneys(parts):
        yield f"{at}/currency", money.currency


def amounts_fit_the_currency(parts: Parts, _: Options) -> Iterator[Finding]:
    """M2. Unit prices are free; an amount is judged by its value, so 100.00 JPY is 100 JPY."""
    for at, amount, currency in _amounts(parts):
        if currency in minor_units() and not fits(amount, currency):
            yield at, f"{shown(amount)} {currency} has more digits than the {minor_units()[currency]} of {currency}"


def _amounts(parts: Parts) -> Iterator[tuple[str, Decimal, str]]:
    for at, money in _moneys(parts):
        if not at.endswith(_PRICES):
            yield f"{at}/amount", money.amount, money.currency
    for _, credit in parts.of(Credit):
        if credit.totals.rounding is not None:
            yield "/totals/rounding", credit.totals.rounding, credit.currency


def one_currency(parts: Parts, _: Options) -> Iterator[Finding]:
    """M3. A document without a currency of its own has that of its first amount."""
    money = _moneys(parts)
    wanted = next(iter([*_document_currencies(parts), *(m.currency for _, m in money)]), "")
    for at, one in money:
        if one.currency != wanted:
            yield f"{at}/currency", f"{one.currency} in a document in {wanted}"


def countries_are_known(parts: Parts, _: Options) -> Iterator[Finding]:
    """P1."""
    for at, address in parts.of(Address):
        if address.country_code not in known("country"):
            yield f"{at}/countryCode", f"{address.country_code} is not a country of ISO 3166-1"


def tax_categories_are_known(parts: Parts, _: Options) -> Iterator[Finding]:
    """C11. Source: EN 16931, BR-CL-17 and BR-CL-18."""
    taxed: list[tuple[str, str | None]] = [(f"{at}/category", group.category) for at, group in parts.of(TaxAmount)]
    taxed += [(f"{at}/taxCategory", line.tax_category) for at, line in parts.of(CreditLine)]
    taxed += [(f"{at}/taxCategory", charge.tax_category) for at, charge in parts.of(CreditCharge)]
    for at, category in taxed:
        if category is not None and category not in known("tax-category"):
            yield at, f"{category} is not a tax category of UN/CEFACT code list 5305"


def units_are_known(parts: Parts, _: Options) -> Iterator[Finding]:
    """Q1."""
    for at, quantity in parts.of(Quantity):
        if quantity.uom not in known("unit-of-measure"):
            yield f"{at}/uom", f"{quantity.uom} is not a unit of UN/ECE Recommendation 20 or 21"


def one_unit_a_line(parts: Parts, _: Options) -> Iterator[Finding]:
    """Q2. A replacement is another item and may be counted otherwise."""
    for at, wanted, others in _line_quantities(parts):
        for where, quantity in others:
            if quantity is not None and quantity.uom != wanted.uom:
                yield f"{at}/{where}/uom", f"{quantity.uom} on a line counted in {wanted.uom}"


Named = list[tuple[str, Quantity | None]]


def _line_quantities(parts: Parts) -> Iterator[tuple[str, Quantity, Named]]:
    """Yield each line with the quantity that sets its unit, and its other quantities."""
    for at, line in parts.of(ReturnLine):
        named: Named = [(name, getattr(line, name)) for name in ("authorized", "expected", "received", "rejected")]
        named += [(f"receipts/{i}/quantity", r.quantity) for i, r in enumerate(line.receipts or ())]
        yield at, line.requested, named
    for at, inspected in parts.of(DispositionLine):
        yield at, inspected.inspected, [(f"splits/{i}/quantity", s.quantity) for i, s in enumerate(inspected.splits)]
    for at, credited in parts.of(CreditLine):
        yield at, credited.quantity, [("priceBase", credited.price_base)]


def items_are_named(parts: Parts, _: Options) -> Iterator[Finding]:
    """I1. Source for credits: EN 16931, where a line has a name (BT-153) and need not have an identifier."""
    in_words = bool(parts.of(Credit))
    for at, item in parts.of(ItemRef):
        if not (item.sku or item.gtin or item.customer_sku or item.vendor_sku or (in_words and item.description)):
            yield at, "needs one of sku, gtin, customerSku, vendorSku" + (" or description" if in_words else "")


def gtins_check(parts: Parts, _: Options) -> Iterator[Finding]:
    """I2. Source: GS1 General Specifications, check digit by weights 3 and 1 from the right."""
    for at, item in parts.of(ItemRef):
        if item.gtin is not None and item.gtin[-1] != check_digit(item.gtin[:-1]):
            yield (
                f"{at}/gtin",
                f"{item.gtin} ends in {item.gtin[-1]}, the check digit is {check_digit(item.gtin[:-1])}",
            )


def serials_fit_the_quantity(parts: Parts, _: Options) -> Iterator[Finding]:
    """I3. Counted only where one unit is one piece: two cases may well hold twenty serial numbers."""
    for at, serials, quantity in _serialised(parts):
        twice = sorted(serial for serial, count in Counter(serials).items() if count > 1)
        if twice:
            yield at, f"the serial numbers {', '.join(twice)} stand here more than once"
        elif quantity.uom in _PIECES and len(serials) > quantity.value:
            yield at, f"{len(serials)} serial numbers for a quantity of {shown(quantity.value)}"
    for at, line in parts.of(DispositionLine):
        yield from _every_piece_placed(at, line)


def _every_piece_placed(at: str, line: DispositionLine) -> Iterator[Finding]:
    """Check that splits name the very pieces of a line whose pieces all have serial numbers."""
    pieces = line.item.serials or ()
    if len(pieces) != line.inspected.value or not any(split.serials for split in line.splits):
        return
    known = frozenset(pieces)
    for index, split in enumerate(line.splits):
        here, serials = f"{at}/splits/{index}/serials", split.serials or ()
        strange = [serial for serial in serials if serial not in known]
        if strange:
            yield here, f"{', '.join(strange)} not among the serial numbers of the line"
        elif len(serials) < split.quantity.value:
            yield here, f"{len(serials)} serial numbers for {shown(split.quantity.value)} pieces that all have one"


# Where an item stands beside the quantity of it: class, item and its name in JSON, quantity.
_ITEMS: tuple[tuple[type[CanonicalModel], str, str, str], ...] = (
    (ReturnLine, "item", "item", "requested"),
    (ReceiptEntry, "item", "item", "quantity"),
    (Replacement, "item", "item", "quantity"),
    (DispositionLine, "item", "item", "inspected"),
    (DispositionSplit, "target_item", "targetItem", "quantity"),
    (AdjustmentLine, "item", "item", "quantity"),
    (AdjustmentLine, "to_item", "toItem", "quantity"),
    (CreditLine, "item", "item", "quantity"),
)


def _serialised(parts: Parts) -> Iterator[tuple[str, tuple[str, ...], Quantity]]:
    """Yield each list of serial numbers with the quantity it belongs to."""
    for kind, name, wire, quantity in _ITEMS:
        for at, part in parts.of(kind):
            item: ItemRef | None = getattr(part, name)
            if item is not None and item.serials:
                yield f"{at}/{wire}/serials", item.serials, getattr(part, quantity)
    for at, split in parts.of(DispositionSplit):
        if split.serials:
            yield f"{at}/serials", split.serials, split.quantity


def a_serial_goes_one_way(parts: Parts, _: Options) -> Iterator[Finding]:
    """I4. Two items may use the same serial number, so it is counted per item."""
    seen: dict[tuple[str | None, ...], str] = {}
    for at, line in parts.of(DispositionLine):
        item = line.item
        for index, split in enumerate(line.splits):
            here = f"{at}/splits/{index}/serials"
            for serial in dict.fromkeys(split.serials or ()):
                first = seen.setdefault((item.sku, item.gtin, item.customer_sku, item.vendor_sku, serial), here)
                if first != here:
                    yield here, f"the serial number {serial} is already at {first}"


def others_are_explained(parts: Parts, _: Options) -> Iterator[Finding]:
    """R1. A charge has no source; its reason says what it is for."""
    reasons: list[tuple[str, ReturnReason | AdjustmentReason | CreditReason]] = [
        *parts.of(ReturnReason),
        *parts.of(AdjustmentReason),
        *parts.of(CreditReason),
    ]
    for at, reason in reasons:
        if reason.code == "other" and reason.source is None and reason.note is None:
            yield at, "the code other needs a source or a note"
    for at, charge in parts.of(CreditCharge):
        if charge.kind == "other" and charge.reason is None:
            yield at, "the kind other needs a reason"


def outside_has_a_boundary(parts: Parts, _: Options) -> Iterator[Finding]:
    """S1."""
    for at, position in parts.of(StockPosition):
        outside = position.status == "external"
        if outside and position.boundary is None:
            yield at, "the status external needs a boundary"
        if not outside and position.boundary is not None:
            yield (
                f"{at}/boundary",
                f"the boundary {position.boundary} belongs to the status external, not {position.status}",
            )
        if outside and position.location is not None:
            yield f"{at}/location", "goods outside our stock have no location of ours"
        if not outside and position.location is None:
            yield at, f"the status {position.status} needs a location"


def ids_are_unique(parts: Parts, _: Options) -> Iterator[Finding]:
    """T1. One delivery may bring several lines, so a receiptId is unique within its line; so is a splitId."""
    for at, names in _id_lists(parts):
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name in seen:
                yield at.format(index), f"{name} is used twice"
            seen.add(name)
    document = parts.document
    if not isinstance(document, Return) and document.reverses is not None:
        own = {document.meta.document_id, getattr(document, "number", None)}
        if document.reverses.id in own:
            yield "/reverses/id", "a document cannot take back itself"


def _id_lists(parts: Parts) -> Iterator[tuple[str, list[str]]]:
    yield "/lines/{}/lineId", [line.line_id for line in parts.document.lines]
    for at, line in parts.of(DispositionLine):
        yield f"{at}/splits/{{}}/splitId", [split.split_id for split in line.splits]
    for at, asked in parts.of(ReturnLine):
        yield f"{at}/receipts/{{}}/receiptId", [entry.receipt_id for entry in asked.receipts or ()]
