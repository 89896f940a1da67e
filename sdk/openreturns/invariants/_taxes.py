"""The rule about a credit's tax groups: no more is taxed than is credited, and each tax is what its rate makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import NamedTuple, TypeAlias

from openreturns.invariants._exact import ZERO, minor_unit, shown, total
from openreturns.invariants._parts import Finding, Parts
from openreturns.invariants._rule import Options
from openreturns.models import Credit, TaxAmount

__all__ = ["tax_groups_add_up"]


class _Row(NamedTuple):
    """A line or charge as a tax sees it; a charge that decreases the credit has an amount below zero."""

    category: str | None
    rate: Decimal
    amount: Decimal
    is_line: bool = False


_Key: TypeAlias = tuple[str, Decimal]
"""A tax category and its rate in percent; no rate is zero."""
_Tax: TypeAlias = list[tuple[int, TaxAmount]]
"""The groups of one tax, with their places."""


def tax_groups_add_up(parts: Parts, _: Options) -> Iterator[Finding]:
    """C4. Source: EN 16931, BR-S-08 and its siblings, which let a group be wrong by almost 1.00; a ledger does not.

    A fee of another rate than the goods has a group of its own, below zero. A credit of tax alone (every reason
    `tax_correction`) has groups without lines.
    """
    for _at, credit in parts.of(Credit):
        stated, reckoned = credit.totals.tax.amount, total(group.tax for group in credit.taxes or ())
        if stated != reckoned:
            yield "/totals/tax", f"is {shown(stated)}, adds up to {shown(reckoned)}"
        if all(line.reason.code == "tax_correction" for line in credit.lines):
            continue
        rows, taxes = _rows(credit), _taxes(credit)
        alone = len(taxes) == 1
        bases = _bases(rows)
        for groups in taxes:
            found = [*_each(groups, rows, bases, alone=alone)]
            yield from found or _together(groups, rows, bases)
        if alone:
            yield from _missing(credit, rows, bases)
        for index, group in enumerate(credit.taxes or ()):
            yield from _rounded(credit, index, group, rows, alone=alone)


def _rows(credit: Credit) -> list[_Row]:
    rows = [_Row(line.tax_category, line.tax_rate or ZERO, line.amount.amount, True) for line in credit.lines]
    for charge in credit.charges or ():
        sign = -1 if charge.effect == "decreases_credit" else 1
        rows.append(_Row(charge.tax_category, charge.tax_rate or ZERO, sign * charge.amount.amount))
    return rows


def _taxes(credit: Credit) -> list[_Tax]:
    """Return the groups by tax. State, county and city are taxes of their own: each taxes the same line."""
    numbered = [*enumerate(credit.taxes or ())]
    types = {group.tax_type for _, group in numbered}
    places = {group.jurisdiction for _, group in numbered} - {None}
    if len(types) <= 1 and len(places) <= 1:
        return [numbered]
    taxes: dict[tuple[str, str | None], _Tax] = defaultdict(list)
    for index, group in numbered:
        taxes[group.tax_type, group.jurisdiction].append((index, group))
    return [*taxes.values()]


def _bases(rows: Sequence[_Row]) -> dict[_Key, Decimal]:
    """Return what is credited by category and rate, as far as the rows say how they are taxed."""
    sums: dict[_Key, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        if row.category is not None:
            sums[row.category, row.rate] += row.amount
    return sums


def _unsaid(rows: Sequence[_Row]) -> tuple[Decimal, Decimal]:
    """Return what rows without a category may take from a group and add to it; many systems state no category."""
    amounts = [row.amount for row in rows if row.category is None]
    return sum((a for a in amounts if a < ZERO), ZERO), sum((a for a in amounts if a > ZERO), ZERO)


def _each(groups: _Tax, rows: Sequence[_Row], bases: Mapping[_Key, Decimal], *, alone: bool) -> Iterator[Finding]:
    """Hold each group to the lines and charges of its category, and where no other tax shares them, of its rate.

    Beside other taxes a line's rate is that of all together; it need not be taxed by each of them.
    """
    less, more = _unsaid(rows)
    for index, group in groups:
        if alone:
            low, high = (bases.get(_key(group), ZERO) + unsaid for unsaid in (less, more))
        elif group.tax.amount == ZERO:
            continue  # what one authority taxes another may exempt
        else:
            known = [base for (category, _), base in bases.items() if category == group.category]
            low, high = (
                sum((pick(base, ZERO) for base in known), unsaid) for pick, unsaid in ((min, less), (max, more))
            )
        if not low <= group.taxable.amount <= high:
            credited = shown(high) if low == high else f"{shown(low)} to {shown(high)}"
            yield f"/taxes/{index}/taxable", f"is {shown(group.taxable.amount)}, lines and charges are {credited}"


def _together(groups: _Tax, rows: Sequence[_Row], bases: Mapping[_Key, Decimal]) -> Iterator[Finding]:
    """Check that one tax taxes nothing twice: not more than the credit before tax.

    A fee of another category is not of the taxed; one without a category is taken to make the taxed smaller.
    """
    credited = sum((max(base, ZERO) for base in bases.values()), sum(_unsaid(rows), ZERO))
    taxed = ZERO
    for index, group in groups:
        taxed += max(group.taxable.amount, ZERO)
        if taxed > credited:
            yield f"/taxes/{index}/taxable", f"{shown(taxed)} taxed, lines and charges are {shown(credited)}"
            return


def _missing(credit: Credit, rows: Sequence[_Row], bases: Mapping[_Key, Decimal]) -> Iterator[Finding]:
    if credit.status == "draft" or credit.tax_method == "none":
        return
    grouped = {_key(group) for group in credit.taxes or ()}
    less, more = _unsaid(rows)
    for (category, rate), base in bases.items():
        surely = base + less > ZERO or base + more < ZERO
        if surely and rate > ZERO and (category, rate) not in grouped:
            yield "/taxes", f"{shown(base)} of category {category} at {shown(rate)} % is in no tax group"


def _key(group: TaxAmount) -> _Key:
    return group.category, group.rate or ZERO


def _rounded(credit: Credit, index: int, group: TaxAmount, rows: Sequence[_Row], *, alone: bool) -> Iterator[Finding]:
    """Check a tax against its rate. It may be rounded once, either way, or line by line to the nearest.

    Tax engines round each line; Japan rounds once, and may round down. A tax reversed from the original is a part
    of one that was rounded before, so it may be half a minor unit a line further off.
    """
    if group.rate is None:
        return
    unit, reckoned = minor_unit(group.tax.currency), group.taxable.amount * group.rate / 100
    inside = [row for row in rows if row.category is None or _of(row, group, alone=alone)]
    offs = [_off(row.amount * group.rate / 100, unit) for row in inside]
    if sum((row.amount for row in inside), ZERO) != group.taxable.amount:  # which of them are in it is not known
        offs = [(min(low, ZERO), max(high, ZERO)) for low, high in offs]
    reversed_ = credit.tax_method == "reversed_from_original"
    again = unit / 2 * sum(row.is_line for row in inside if reversed_)
    low = min(-unit, sum((low for low, _ in offs), -again))
    high = max(unit, sum((high for _, high in offs), again))
    if not low <= group.tax.amount - reckoned <= high:
        said = f"{shown(group.rate)} % of {shown(group.taxable.amount)} is {shown(reckoned)}"
        yield f"/taxes/{index}/tax", f"is {shown(group.tax.amount)}, {said}"


def _of(row: _Row, group: TaxAmount, *, alone: bool) -> bool:
    return row.category == group.category and (not alone or row.rate == (group.rate or ZERO))


def _off(exact: Decimal, unit: Decimal) -> tuple[Decimal, Decimal]:
    """Return by how much rounding to the nearest changes an amount, at least and at most: a tie goes either way."""
    first, second = (exact.quantize(unit, rounding) - exact for rounding in (ROUND_HALF_DOWN, ROUND_HALF_UP))
    return min(first, second), max(first, second)
