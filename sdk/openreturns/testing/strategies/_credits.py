"""Drawn credits: prices, discounts, fees and taxes that add up, settled, voided and given again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from openreturns.testing.strategies._dispositions import Decided
from openreturns.testing.strategies._returns import Line
from openreturns.testing.strategies._story import COUNTS, EXACT, PRICES, Data, Later, Story
from openreturns.testing.strategies._words import PEOPLE, coded, codes

__all__ = ["draw_credits", "draw_loose_credit"]

ZERO = Decimal(0)
_ISSUED = ("issued", "applied", "refunded")
_BEFORE = ("draft", "pending_approval", "approved", "rejected")
_GOODS = ("goods_returned", "defective_goods", "damaged_in_transit", "wrong_goods", "recall", "cancellation", "other")
_NOT_GOODS = tuple(code for code in codes("credit-reason-value") if code not in (*_GOODS, "tax_correction"))
_ALL = (*_GOODS, *_NOT_GOODS)
_METHODS_OF_TAX = (None, *codes("tax-method"))
_STATUSES = codes("credit-status")
_DIRECTIONS = codes("credit-direction")
_WORDS = {
    code: tuple(row for row in coded("credit-reason-value") if row["code"] == code)
    for code in codes("credit-reason-value")
}
# How lines are taxed: category, rate in percent.
_TAXED: tuple[tuple[str, str], ...] = (("S", "21"), ("S", "8.25"), ("AA", "5.5"), ("H", "27"))
_UNTAXED = tuple(code for code in codes("tax-category") if code not in ("S", "AA", "H"))
# State and city tax the same goods at rates of their own.
_AUTHORITIES = (("TX", "6.25"), ("AUSTIN", "2"))
_KINDS = codes("credit-charge-kind")
_EXTRAS = ("freight_refund", "duty_refund", "goodwill", "other")
_METHODS = codes("settlement-method")
_RATES: tuple[Data, ...] = ({"to": "USD", "rate": "1.083700"}, {"to": "JPY", "rate": "161", "date": "2026-01-02"})
_REFS: tuple[tuple[tuple[str, str], ...], ...] = ((), (), (("purchase_order", "PO-1"),), (("case", "7"),))


@dataclass(slots=True)
class _Open:
    """A credit while it is drawn: its rows and how each is taxed."""

    story: Story
    taxed: bool
    by_authority: bool
    rows: list[Data] = field(default_factory=list)
    charges: list[Data] = field(default_factory=list)

    def kind_of_tax(self) -> Data:
        """Return how a line is taxed: by its rate, by those of all authorities, or not at all."""
        story = self.story
        if self.by_authority:
            return {"taxCategory": "S", "taxRate": "8.25"}
        if self.taxed and not story.rarely():
            category, rate = story.one(_TAXED)
            return {"taxCategory": category, "taxRate": rate}
        if self.taxed or story.flip():
            return {"taxCategory": story.one(_UNTAXED)} | ({"taxRate": "0"} if story.flip() else {})
        return {}


def draw_credits(
    story: Story, return_: Data, lines: Sequence[Line], decided: Sequence[Decided], status: str
) -> list[Data]:
    """Return the credits of a case: for what was decided or, before that, for what was agreed."""
    made: list[Data] = []
    first = _for_goods(story, return_, lines, decided, status, 1)
    if first is not None and status == "voided":
        made += [first, _reversal(story, first)]
        again = _for_goods(story, return_, lines, decided, "issued", 3)
        made += [again] if again else []
    elif first is not None:
        made.append(first)
    back = [one for one in decided if one.code == "return_to_vendor"]
    if back and story.flip():
        made.append(_from_vendor(story, back))
    return made


def _for_goods(
    story: Story, return_: Data, lines: Sequence[Line], decided: Sequence[Decided], status: str, number: int
) -> Data | None:
    open_ = _opened(story)
    if decided:
        for one in decided:
            if one.split.get("creditable") is not False and one.code != "pending":
                row = story.then(one.piece.packs, Later.CREDIT, _line, open_, one.line, one.piece.count, _GOODS)
                row |= {"item": one.item, "disposition": one.ref}
                open_.rows.append(row)
    else:
        for line in lines:
            open_.rows.append(story.apart(_line, open_, line, line.agreed, _GOODS))
    if not open_.rows:
        return None
    if story.rarely():  # a gesture or a correction beside the goods
        beside = Line("", {}, "EA", 0, Decimal(1 + story.place(100)), None)
        open_.rows.append(story.apart(_line, open_, beside, 1, _NOT_GOODS))
    for row in open_.rows:
        if "disposition" in row and story.flip():
            row["return"] = story.ref("return", story.number, _return_line(row, decided))
    buyer = return_.get("billTo", return_["customer"])
    basis: Data = {} if all("originalInvoice" in row for row in open_.rows) and story.flip() else _invoices(story)
    data = _head(story, "to_customer", status) | basis
    data |= {"seller": story.one(story.master.companies), "buyer": buyer}
    data["refs"] = [story.ref("return", story.number), *(story.ref(*ref) for ref in story.one(_REFS))]
    return _closed(open_, data, f"{story.number}-credit-{number}", cause=f"{story.number}-return")


def _return_line(row: Data, decided: Sequence[Decided]) -> str:
    return next(one.line.id for one in decided if one.ref is row["disposition"])


def _invoices(story: Story) -> Data:
    return {"originalInvoices": [story.ref("invoice", "INV-1")]}


def _from_vendor(story: Story, back: Sequence[Decided]) -> Data:
    """Return what a vendor credits, or is expected to, for goods that went back to it."""
    vendor = back[0].split["vendor"]
    open_ = _opened(story)
    for one in back:
        if one.split["vendor"]["id"] == vendor["id"]:
            row = story.then(one.piece.packs, Later.CREDIT, _line, open_, one.line, one.piece.count, _GOODS)
            row.pop("originalInvoice", None)
            open_.rows.append(row | {"item": one.item, "disposition": one.ref})
    data = _head(story, "from_vendor", story.one(("issued", "draft")))
    data |= {"seller": vendor, "buyer": story.one(story.master.companies)}
    data["refs"] = [story.ref("vendor_return", "VR-1")]
    return _closed(open_, data, f"{story.number}-vendor-credit")


def draw_loose_credit(story: Story) -> Data:
    """Return a credit that stands alone: of any reason, in any status, also of tax alone."""
    open_ = _opened(story)
    status = story.one(_STATUSES)
    if story.rarely():
        return _of_tax_alone(story, status)

    def line_of(number: int) -> Data:
        uom = story.one(story.master.units)
        price = Decimal(story.draw(PRICES)).scaleb(-story.one((story.digits, 6)))
        line = Line(str(number), story.one(story.master.items), uom, story.one((0, 0, 2)), price, None)
        row = _line(open_, line, story.one(COUNTS), _ALL)
        if story.flip():
            row["item"] = line.item
        return row | {"lineId": str(number)}

    open_.rows = story.several(line_of)
    data = _head(story, story.one(_DIRECTIONS), status)
    data |= {"seller": story.one(story.master.companies), "buyer": story.one(story.master.customers)}
    return _closed(open_, data | _invoices(story), f"{story.number}-loose-credit")


def _of_tax_alone(story: Story, status: str) -> Data:
    none: Data = story.money(ZERO)
    tax = story.money(Decimal(1 + story.place(100)))
    row: Data = {"lineId": "1", "quantity": {"value": "1", "uom": "EA"}, "unitPrice": none, "amount": none}
    row["reason"] = story.one(_WORDS["tax_correction"])
    data = _head(story, "to_customer", status) | _invoices(story)
    data |= {"seller": story.one(story.master.companies), "buyer": story.one(story.master.customers)}
    data |= {
        "lines": [row],
        "taxes": [{"taxType": "VAT", "category": "S", "taxable": story.money(Decimal(100)), "tax": tax}],
    }
    data["totals"] = {"lines": none, "taxExclusive": none, "tax": tax, "taxInclusive": tax, "due": tax}
    data |= story.history("credit", status)
    data["meta"] = story.meta("credit", f"{story.number}-tax-credit")
    return data | {"number": f"{story.number}-tax"}


# ---------------------------------------------------------------- what a credit is made of


def _opened(story: Story) -> _Open:
    taxed = story.flip()
    return _Open(story, taxed, by_authority=taxed and story.rarely())


def _head(story: Story, direction: str, status: str) -> Data:
    data: Data = {"status": status, "direction": direction, "issueDate": story.day(), "currency": story.currency}
    if story.rarely():
        data |= {"taxPointDate": "2026-01-31", "buyerReference": story.id(), "exchangeRate": story.one(_RATES)}
    return data


def _line(open_: _Open, line: Line, count: int, reasons: tuple[str, ...]) -> Data:
    story, price, base = open_.story, line.price, 1
    if price < 10_000 and story.rarely():
        base = 100  # a price per hundred
    exact = EXACT.multiply(line.exactly(count), price)
    row: Data = {
        "lineId": str(len(open_.rows) + 1),
        "quantity": line.quantity(count),
        "unitPrice": {"amount": f"{price * base:f}", "currency": story.currency},
        "reason": story.one(_WORDS[story.one(reasons)]),
    }
    if base > 1:
        row["priceBase"] = {"value": str(base), "uom": line.uom}
    amount = story.rounded(exact)
    if amount and story.rarely():
        discount = story.rounded(amount * (1 + story.place(100)) / 100)
        row["discount"] = story.money(discount)
        amount -= discount
    row["amount"] = story.money(amount)
    if line.invoice is not None:
        row["originalInvoice"] = line.invoice
    return story.extended(row | open_.kind_of_tax())


def _closed(open_: _Open, data: Data, id_: str, *, cause: str | None = None) -> Data:
    """Return the credit with its charges, taxes, totals, settlements and how it came about."""
    story = open_.story
    _charge(open_)
    lines, less, more = (
        _sum(open_.rows),
        _sum(open_.charges, "decreases_credit"),
        _sum(open_.charges, "increases_credit"),
    )
    taxes = _taxes(open_)
    tax = sum((Decimal(row["tax"]["amount"]) for row in taxes), ZERO)
    before = lines - less + more
    totals: Data = {"lines": story.money(lines), "taxExclusive": story.money(before), "tax": story.money(tax)}
    totals["taxInclusive"] = story.money(before + tax)
    if less or story.rarely():
        totals["decreases"] = story.money(less)
    if more or story.rarely():
        totals["increases"] = story.money(more)
    totals |= _due(story, before + tax)
    data |= {"lines": open_.rows, "totals": totals, "number": id_}
    if open_.charges:
        data["charges"] = open_.charges
    data |= _taxation(open_, taxes, tax)
    data |= _settled(story, data["status"], before + tax + Decimal(totals.get("rounding", "0")))
    data |= story.history("credit", data["status"])
    refused = data["status"] == "rejected"
    data |= story.approvals(beyond=data["status"] not in _BEFORE[:2], worth=before + tax, refused=refused)
    data["meta"] = story.meta("credit", id_, cause)
    return story.extended(story.noted(data))


def _sum(rows: Iterable[Data], effect: str = "") -> Decimal:
    return sum((Decimal(row["amount"]["amount"]) for row in rows if not effect or row["effect"] == effect), ZERO)


def _charge(open_: _Open) -> None:
    """Add fees: never more than the lines they are taxed like, or a tax group would be below zero."""
    story = open_.story
    while len(open_.charges) < 2 and story.another():
        story.apart(_one_charge, open_)


def _one_charge(open_: _Open) -> None:
    story = open_.story
    kind = story.one(_KINDS)
    like = open_.rows[0]
    taxed: Data = {name: like[name] for name in ("taxCategory", "taxRate") if name in like}
    left = sum((_signed(row) for row in (*open_.rows, *open_.charges) if _taxed_like(row) == _taxed_like(like)), ZERO)
    increases = kind in _EXTRAS
    amount = story.rounded(Decimal(1 + story.place(100)) if increases else left * (1 + story.place(100)) / 100)
    if not increases and amount > left:
        amount = ZERO
    row: Data = {"kind": kind, "effect": "increases_credit" if increases else "decreases_credit"}
    row |= {"amount": story.money(amount), **taxed}
    if kind == "other" or story.rarely():
        row["reason"] = story.text()
    if story.rarely():
        row |= {"amount": story.money(ZERO), "waivedBy": story.one(PEOPLE["approves"])}
    open_.charges.append(row)


def _signed(row: Data) -> Decimal:
    amount = Decimal(row["amount"]["amount"])
    return -amount if row.get("effect") == "decreases_credit" else amount


def _taxed_like(row: Data) -> tuple[str | None, Decimal]:
    return row.get("taxCategory"), Decimal(row.get("taxRate", "0"))


def _taxes(open_: _Open) -> list[Data]:
    """Return the tax groups: one a category and rate, or one an authority."""
    story = open_.story
    if not open_.taxed:
        return []
    bases: dict[tuple[str | None, Decimal], Decimal] = {}
    for row in (*open_.rows, *open_.charges):
        bases[_taxed_like(row)] = bases.get(_taxed_like(row), ZERO) + _signed(row)
    if open_.by_authority:
        base = sum(bases.values(), ZERO)
        return [
            _group(story, "SalesTax", "S", rate, base) | {"jurisdiction": authority} for authority, rate in _AUTHORITIES
        ]
    groups = []
    for (category, rate), base in bases.items():
        group = _group(story, "VAT", str(category), f"{rate:f}", base)
        if not rate:
            group["exemptionReason"] = "VATEX-EU-G"
            if story.flip():
                del group["rate"]
        groups.append(group)
    return groups


def _group(story: Story, type_: str, category: str, rate: str, base: Decimal) -> Data:
    tax = EXACT.multiply(base, Decimal(rate)) / 100
    made = {"taxType": type_, "category": category, "rate": rate}
    return made | {"taxable": story.money(base), "tax": story.money(tax)}


def _taxation(open_: _Open, taxes: Sequence[Data], tax: Decimal) -> Data:
    story = open_.story
    data: Data = {"taxes": list(taxes)} if taxes else {}
    method = story.one(_METHODS_OF_TAX)
    if method is not None and (method != "none" or not tax):
        data["taxMethod"] = method
    if method == "reversed_from_original" or story.rarely():
        data["taxTransaction"] = story.ref("tax_transaction", "TX-1")
    return data


def _due(story: Story, total: Decimal) -> Data:
    settled = rounding = ZERO
    made: Data = {}
    if story.rarely():
        settled = story.rounded(total / 3)
        made["settled"] = story.money(settled)
    if story.rarely():
        near = (total - settled).quantize(Decimal(1), context=EXACT)
        rounding = near - (total - settled)
        made["rounding"] = f"{rounding:f}" if rounding else "0"
    return made | {"due": story.money(total - settled + rounding)}


def _settled(story: Story, status: str, payable: Decimal) -> Data:
    """Return how the money reaches the customer: not at all yet, at once, or in halves."""
    parts = story.one((0, 0, 1, 2)) if status not in ("applied", "refunded") else story.one((1, 2))
    rows: list[Data] = []
    for _ in range(parts):
        row: Data = {"method": story.one(_METHODS), "amount": story.money(_part(story, payable, parts))}
        row["status"] = (
            "completed" if status in ("applied", "refunded") else story.one(("pending", "completed", "failed"))
        )
        if row["status"] != "pending":
            row["at"] = story.moment()
        if story.rarely():
            row["reference"] = story.id()
        if row["method"] == "apply_to_invoice" or story.rarely():
            row["target"] = story.ref("invoice", "INV-2")
        rows.append(row)
    return {"settlements": rows} if rows else {}


def _part(story: Story, whole: Decimal, parts: int) -> Decimal:
    unit = Decimal(1).scaleb(-story.digits)
    return (whole / parts).quantize(unit, rounding="ROUND_FLOOR", context=EXACT)


def _reversal(story: Story, first: Data) -> Data:
    """Return the credit that takes another back: the same sums, with a reference to it."""
    gone = ("history", "approvals", "settlements", "extensions")
    back = {name: value for name, value in first.items() if name not in gone}
    id_ = f"{story.number}-credit-2"
    return back | {
        "status": "issued",
        "number": id_,
        "reverses": story.ref("credit", first["number"]),
        "meta": story.meta("credit", id_, first["meta"]["documentId"]),
    }
