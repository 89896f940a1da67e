"""Rules about credits beside the other documents: credited once, to the right party, approved by another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from openreturns.invariants._case import Case, Split, arrived, in_case
from openreturns.invariants._exact import ZERO, minor_unit, shown
from openreturns.invariants._parts import Finding
from openreturns.invariants._rule import Options
from openreturns.models import Credit, CreditLine, Disposition, Party, ReturnLine

__all__ = [
    "credited_once_a_split",
    "credited_once_an_invoice_line",
    "inspectors_do_not_approve",
    "one_buyer_and_currency",
]

# Credits that leave the goods where they are, so that their quantity says nothing about goods.
_NOT_OF_GOODS = frozenset(
    {"price_correction", "tax_correction", "freight_correction", "allowance_or_rebate", "goodwill"}
)
# Credits beyond the price paid: a gesture, or something that never stood on the line.
_NOT_OF_THE_PRICE = _NOT_OF_GOODS - {"price_correction"}


def inspectors_do_not_approve(case: Case, options: Options) -> Iterator[Finding]:
    """A1, across documents."""
    if options.inspector_may_approve_credit:
        return
    inspectors = {line.inspection.by for d in case.of(Disposition) for line in d.lines if line.inspection is not None}
    for credit in case.of(Credit):
        for index, approval in enumerate(credit.approvals or ()):
            if approval.decision == "approved" and approval.decided_by in inspectors:
                yield in_case(credit, f"/approvals/{index}/decidedBy"), "who inspected the goods approved the credit"


class _Cap:
    """What may be credited on one line, and what has been."""

    def __init__(self, quantity: Decimal, uom: str, amount: Decimal | None, source: str, slack: Decimal) -> None:
        self.quantity, self.uom, self.amount, self.source, self.slack = quantity, uom, amount, source, slack
        self.credited = [ZERO, ZERO]
        self.rows = 0

    def exceeded(self, line: CreditLine) -> Iterator[Finding]:
        """Count a line, and yield what is beyond the cap; money is counted in whatever unit the goods are."""
        self.rows += 1
        if line.reason.code not in _NOT_OF_GOODS and line.quantity.uom != self.uom:
            yield "quantity/uom", f"{line.quantity.uom} cannot be compared with the {self.uom} {self.source}"
        elif line.reason.code not in _NOT_OF_GOODS:
            self.credited[0] += line.quantity.value
            if self.credited[0] > self.quantity:
                yield "quantity", f"{shown(self.credited[0])} credited of {shown(self.quantity)} {self.source}"
        if self.amount is not None and line.reason.code not in _NOT_OF_THE_PRICE:
            self.credited[1] += line.amount.amount
            if self.credited[1] > self.amount + self.slack * self.rows:
                yield "amount", f"{shown(self.credited[1])} credited of {shown(self.amount)} {self.source}"


def credited_once_an_invoice_line(case: Case, options: Options) -> Iterator[Finding]:
    """C6. The cap is the original invoice line where it is known; else the return line.

    A return line caps a credit at what was agreed to come back or came, whichever is more, at the price paid;
    each credit line may be rounded.
    """
    caps: dict[tuple[str, str, str], _Cap] = {}
    for credit in case.counted(Credit):
        for index, line in enumerate(credit.lines if credit.direction == "to_customer" else ()):
            known = _cap(case, line, options)
            if known is not None:
                key, cap = known
                for name, said in caps.setdefault(key, cap).exceeded(line):
                    yield in_case(credit, f"/lines/{index}/{name}"), said
    for reversal, original in case.reversals(Credit):
        back, given = reversal.totals.tax_inclusive, original.totals.tax_inclusive
        if back != given:
            said = f"takes back {shown(back.amount)}, {original.number} gave {shown(given.amount)}"
            yield in_case(reversal, "/totals/taxInclusive"), said


def _cap(case: Case, line: CreditLine, options: Options) -> tuple[tuple[str, str, str], _Cap] | None:
    """Return what caps a credit line, with its key; None where neither invoice nor return is known."""
    ref = line.original_invoice
    invoiced = options.invoiced.get((ref.id, ref.line_id)) if ref is not None and ref.line_id is not None else None
    if ref is not None and ref.line_id is not None and invoiced is not None:
        uom = invoiced.uom or line.quantity.uom
        return ("invoice", ref.id, ref.line_id), _Cap(invoiced.quantity, uom, invoiced.amount, "invoiced", ZERO)
    resting = case.credited_line(line)
    if resting is None:
        return None
    return_, asked = resting
    quantity, paid = _returnable(asked), asked.unit_price
    amount = quantity * paid.amount if paid is not None and paid.currency == line.amount.currency else None
    slack = minor_unit(line.amount.currency) / 2
    key = ("return", return_.meta.document_id, asked.line_id)
    return key, _Cap(quantity, asked.requested.uom, amount, "returned", slack)


def _returnable(line: ReturnLine) -> Decimal:
    agreed = line.authorized if line.authorized and line.authorized.uom == line.requested.uom else line.requested
    return max(agreed.value, arrived(line) or ZERO)


def credited_once_a_split(case: Case, _: Options) -> Iterator[Finding]:
    """C7. The customer's credit and the vendor's are counted apart."""
    sums: dict[tuple[str, ...], Decimal] = defaultdict(lambda: ZERO)
    for credit in case.counted(Credit):
        for index, line in enumerate(credit.lines):
            here, ref, split = in_case(credit, f"/lines/{index}"), line.disposition, case.split(line.disposition)
            if case.dangling(ref):
                yield f"{here}/disposition", "names no split of the disposition"
            if ref is None or split is None:
                continue
            if line.reason.code not in _NOT_OF_GOODS and line.quantity.uom != split[2].quantity.uom:
                said = f"{line.quantity.uom} cannot be compared with the {split[2].quantity.uom} in the split"
                yield f"{here}/quantity/uom", said
            elif line.reason.code not in _NOT_OF_GOODS:
                key = (credit.direction, ref.document_id, ref.line_id, ref.split_id)
                sums[key] += line.quantity.value
                if sums[key] > split[2].quantity.value:
                    said = f"{shown(sums[key])} credited of {shown(split[2].quantity.value)} in the split"
                    yield f"{here}/quantity", said
            if split[2].creditable is False and not _may_credit(case, credit, line, split):
                yield f"{here}/disposition", "the inspector found these goods not creditable"


def _may_credit(case: Case, credit: Credit, line: CreditLine, split: Split) -> bool:
    """Say whether goods may be credited that the inspector would not: by approval, as goodwill or credit only."""
    if credit.direction == "from_vendor":
        return True
    owner = case.return_of(credit)
    gesture = line.reason.code == "goodwill" or (owner is not None and owner.type == "credit_only")
    waiting = credit.status == "pending_approval"
    return gesture and (waiting or any(step.decision == "approved" for step in credit.approvals or ()))


def one_buyer_and_currency(case: Case, _: Options) -> Iterator[Finding]:
    """C9. Numbers of parties are compared only where one system gave both."""
    for credit in case.counted(Credit):
        if credit.direction == "from_vendor":
            yield from _one_vendor(case, credit)
            continue
        return_ = case.return_of(credit)
        if return_ is None:
            continue
        if credit.currency != return_.currency:
            yield in_case(credit, "/currency"), f"is {credit.currency}, the return is in {return_.currency}"
        parties = [party for party in (return_.customer, return_.bill_to) if party is not None]
        one_system = credit.meta.source_system == return_.meta.source_system
        if all(_others(credit.buyer, party, one_system=one_system) for party in parties):
            yield in_case(credit, "/buyer/id"), "is neither the returning customer nor the party to bill"


def _one_vendor(case: Case, credit: Credit) -> Iterator[Finding]:
    for index, line in enumerate(credit.lines):
        split = case.split(line.disposition)
        vendor = split[2].vendor if split is not None else None
        one_system = split is not None and split[0].meta.source_system == credit.meta.source_system
        if vendor is not None and _others(credit.seller, vendor, one_system=one_system):
            yield in_case(credit, f"/lines/{index}/disposition"), "is goods of another vendor than the credit's"


def _others(one: Party, other: Party, *, one_system: bool) -> bool:
    """Say whether two parties are known to be different ones."""
    if one_system:
        return one.id != other.id
    ours = {i.scheme: i.value for i in one.identifiers or ()}
    return any(ours.get(i.scheme, i.value) != i.value for i in other.identifiers or ())
