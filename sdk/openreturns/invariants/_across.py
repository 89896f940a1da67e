"""Rules across the documents of a case: what was received is disposed, moved and credited once and no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from openreturns.invariants._case import Case, arrived, at
from openreturns.invariants._exact import ZERO, shown, total
from openreturns.invariants._parts import Finding
from openreturns.invariants._rule import Options
from openreturns.models import Adjustment, Credit, Disposition, Return

__all__ = [
    "a_case_is_one_story",
    "credited_once_a_split",
    "credited_once_an_invoice_line",
    "inspected_was_received",
    "inspectors_do_not_approve",
    "moved_as_decided",
    "one_buyer_and_currency",
    "stock_is_conserved",
]


def inspectors_do_not_approve(case: Case, options: Options) -> Iterator[Finding]:
    """A1, across documents."""
    if options.inspector_may_approve_credit:
        return
    inspectors = {line.inspection.by for d in case.of(Disposition) for line in d.lines if line.inspection is not None}
    for credit in case.of(Credit):
        for index, approval in enumerate(credit.approvals or ()):
            if approval.decision == "approved" and approval.decided_by in inspectors:
                yield at(credit, f"/approvals/{index}/decidedBy"), "who inspected the goods approved the credit"


def inspected_was_received(case: Case, options: Options) -> Iterator[Finding]:
    """D2."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for disposition in case.counted(Disposition):
        owner = case.find(Return, disposition.return_)
        for index, line in enumerate(disposition.lines):
            here = at(disposition, f"/lines/{index}/inspected")
            asked = next((one for one in owner.lines if one.line_id == line.return_line_id), None) if owner else None
            if owner is not None and asked is None:
                yield at(disposition, f"/lines/{index}/returnLineId"), f"{line.return_line_id} is no line of the return"
            came = arrived(asked) if asked is not None else None
            if owner is None or came is None:
                continue
            key = (owner.meta.document_id, line.return_line_id)
            sums[key] += line.inspected.value
            if sums[key] > came:
                yield here, f"{shown(sums[key])} inspected of {shown(came)} received"


def moved_as_decided(case: Case, options: Options) -> Iterator[Finding]:
    """AJ2."""
    for adjustment in case.of(Adjustment):
        for index, line in enumerate(adjustment.lines):
            if case.dangling(line.disposition):
                yield at(adjustment, f"/lines/{index}/disposition"), "names no split of the disposition"
    for moves in case.moves_by_split().values():
        split = case.split(moves[0][2].disposition)
        out = [move for move in moves if move[2].from_.status == "inspection"]
        if split is None or not out:
            continue
        moved, decided = total(line.quantity for _, _, line in out), split[2].quantity.value
        if moved > decided or (options.complete and moved != decided):
            yield out[-1][0] + "/quantity", f"{shown(moved)} moved of {shown(decided)} decided"
        for place, _, line in out:
            to = split[2].to
            if to is not None and (line.to.status, line.to.boundary) != (to.status, to.boundary):
                yield place + "/to", f"goes to {line.to.status}, the disposition says {to.status}"


def stock_is_conserved(case: Case, options: Options) -> Iterator[Finding]:
    """AJ3. What left inspection for one return is no more than what came in for it."""
    received: dict[str, Decimal] = {}
    for return_ in case.of(Return):
        known = [arrived(line) for line in return_.lines]
        if any(value is not None for value in known):
            received[return_.meta.document_id] = sum((value for value in known if value is not None), ZERO)
    into: dict[str, Decimal] = defaultdict(lambda: ZERO)
    out: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for move in case.moves():
        place, _, line = move
        owner = case.return_of_move(move)
        if owner is None or owner.meta.document_id not in received:
            continue
        key, came = owner.meta.document_id, received[owner.meta.document_id]
        sums, verb = (into, "taken in from the customer") if line.from_.boundary == "customer" else (out, "moved on")
        if line.from_.boundary == "customer" or line.from_.status == "inspection":
            sums[key] += line.quantity.value
            if sums[key] > came:
                yield place + "/quantity", f"{shown(sums[key])} {verb} of {shown(came)} received"


def credited_once_an_invoice_line(case: Case, options: Options) -> Iterator[Finding]:
    """C6. Without the invoice at hand, the return's price times what was asked back is the cap."""
    amounts: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    counts: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for credit in case.counted(Credit):
        for index, line in enumerate(credit.lines):
            ref = line.original_invoice
            if credit.direction != "to_customer" or ref is None or ref.line_id is None:
                continue
            invoiced = options.invoiced.get((ref.id, ref.line_id))
            if invoiced is None:
                continue
            key = (ref.id, ref.line_id)
            amounts[key] += line.amount.amount
            goods = line.reason.code not in ("price_correction", "tax_correction", "allowance_or_rebate", "goodwill")
            counts[key] += line.quantity.value if goods else ZERO
            if counts[key] > invoiced.quantity:
                said = f"{shown(counts[key])} credited of {shown(invoiced.quantity)} invoiced"
                yield at(credit, f"/lines/{index}/quantity"), said
            if amounts[key] > invoiced.amount:
                said = f"{shown(amounts[key])} credited of {shown(invoiced.amount)} invoiced"
                yield at(credit, f"/lines/{index}/amount"), said


def credited_once_a_split(case: Case, options: Options) -> Iterator[Finding]:
    """C7."""
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(lambda: ZERO)
    for credit in case.counted(Credit):
        for index, line in enumerate(credit.lines):
            place = at(credit, f"/lines/{index}")
            split = case.split(line.disposition)
            if case.dangling(line.disposition):
                yield f"{place}/disposition", "names no split of the disposition"
            if line.disposition is None or split is None or credit.direction != "to_customer":
                continue
            ref = line.disposition
            key = (ref.document_id, ref.line_id, ref.split_id)
            sums[key] += line.quantity.value
            if sums[key] > split[2].quantity.value:
                said = f"{shown(sums[key])} credited of {shown(split[2].quantity.value)} in the split"
                yield f"{place}/quantity", said
            if split[2].creditable is False and line.reason.code != "goodwill":
                yield f"{place}/disposition", "the inspector found these goods not creditable"


def one_buyer_and_currency(case: Case, options: Options) -> Iterator[Finding]:
    """C9."""
    for credit in case.counted(Credit):
        return_ = case.return_of(credit)
        if return_ is None or credit.direction != "to_customer":
            continue
        if credit.currency != return_.currency:
            yield at(credit, "/currency"), f"is {credit.currency}, the return is in {return_.currency}"
        parties = {return_.customer.id} | ({return_.bill_to.id} if return_.bill_to else set())
        if credit.buyer.id not in parties:
            yield at(credit, "/buyer/id"), "is neither the returning customer nor the party to bill"


def a_case_is_one_story(case: Case, options: Options) -> Iterator[Finding]:
    """G1."""
    wanted = case.documents[0].meta.correlation_id if case.documents else ""
    ids = {document.meta.document_id for document in case.documents}
    content: dict[str, bytes] = {}
    revisions: dict[str, list[int]] = defaultdict(list)
    for document in case.documents:
        meta = document.meta
        revisions[meta.document_id].append(meta.revision)
        if meta.correlation_id != wanted:
            yield at(document, "/meta/correlationId"), f"is {meta.correlation_id}, the case is {wanted}"
        if meta.causation_id is not None and meta.causation_id not in ids:
            yield at(document, "/meta/causationId"), f"{meta.causation_id} is no document of the case"
        key = meta.idempotency_key or f"{meta.document_id}:{meta.revision}"
        if content.setdefault(key, document.to_json()) != document.to_json():
            yield at(document, "/meta/idempotencyKey"), f"{key} stands for two different contents"
    for document in case.latest:
        seen = sorted(set(revisions[document.meta.document_id]))
        if seen != list(range(seen[0], seen[-1] + 1)):
            yield at(document, "/meta/revision"), f"revisions {', '.join(map(str, seen))}: one is missing"
