"""What every system holds of our returns, beside what we think it holds: each difference with its value and its owner.

The systems are asked for what changed; nothing of ours is taken for theirs. Of a return that is closed our own story
is held beside them, so that what all of them lack is seen too. Some findings need no system at all: a credit without a
receipt, more credited than came in at the price it was sold for, tax that was not given back. A finding keeps when it
was first seen, and when it was gone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from openreturns.errors import ContractError, MappingError, RejectedError
from openreturns.invariants._exact import exact, minor_unit
from openreturns.models import Adjustment, Credit, Disposition, Document, DocumentRef, Return
from openreturns.ports import Port, Wms
from openreturns.process import _documents as documents
from openreturns.process import telemetry
from openreturns.process._facts import route_of
from openreturns.process._owners import owned
from openreturns.process._values import digest, minor
from openreturns.process.policy import Policy
from openreturns.process.state import ProcessState
from openreturns.process.store import Store
from openreturns.reconciliation import Books, Difference, reconcile

__all__ = ["Open", "compare", "examine", "held_by", "unclaimed"]

log = logging.getLogger("openreturns.reconciliation")

_KEEPS: Mapping[str, frozenset[type[Document]]] = {
    "erp": frozenset({Return, Adjustment, Credit}),
    "wms": frozenset({Return, Disposition}),
    "crm": frozenset({Return}),
    "tax": frozenset({Credit}),
}


@dataclass(frozen=True)
class Open:
    """Something that does not fit: which return, what, between whom, how much is at stake, who looks, what to do."""

    number: str
    code: str
    subject: str
    message: str
    systems: tuple[str, ...]
    value: Decimal | None
    currency: str

    @property
    def id(self) -> str:
        """The same as long as it is the same thing."""
        return digest("reconciliation", self.number, self.code, self.subject)

    def row(self) -> dict[str, Any]:
        """Return what the table of findings keeps: with who has to look, and what to do."""
        return {
            "id": self.id,
            "number": self.number,
            "code": self.code,
            "subject": self.subject,
            "message": self.message,
            "systems": ", ".join(self.systems),
            **owned(self.code),
            "currency": self.currency,
            "value_minor": None if self.value is None else minor(self.value, self.currency),
        }


def held_by(ports: Mapping[str, Sequence[Port]], policy: Policy, since: datetime) -> list[Books]:
    """Return what each connected system holds of all that changed in it since a moment: in each of its roles.

    One that cannot say what changed, or be read, has no part in the comparison, nor has a record that cannot be read,
    which is logged. What the policy says of an inspector's notes is taken into dispositions: a system's own say nothing
    of credit.
    """
    return [
        Books(
            name if len(own) == 1 else f"{name} ({port.role})",
            _keeps(port),
            [_judged(one, policy) for one in _read(port, since)],
        )
        for name, own in ports.items()
        for port in own
        if {"changes", "status" if isinstance(port, Wms) else "read"} <= port.supported()
    ]


def _keeps(port: Port) -> frozenset[type[Document]]:
    """Return what a system is asked for. A warehouse that is told where to put goods decides nothing of its own."""
    kept = _KEEPS[port.role]
    return kept - {Disposition} if "put_away" in port.supported() else kept


def _read(port: Port, since: datetime) -> Iterator[Document]:
    kept = _keeps(port)
    kinds = {kind.__name__.lower() for kind in kept if kind is not Disposition}  # a return's id is its disposition's
    for ref in dict.fromkeys(change.ref for change in port.changes(since) if change.ref.type in kinds):
        try:
            if isinstance(port, Wms):
                yield port.status(ref)
                yield from _decision(port, ref) if Disposition in kept else ()
            else:
                yield port.read(ref)
        except (ContractError, MappingError) as error:
            log.warning(
                "system=%s entity=%s/%s cannot be read (%s): not compared", ref.system, ref.type, ref.id, error.kind
            )


def _decision(port: Wms, ref: DocumentRef) -> Iterator[Disposition]:
    try:
        yield port.disposition(ref)
    except RejectedError as error:
        if error.kind not in {"not_yet", "unsupported"}:
            raise


def compare(books: Sequence[Books], states: Sequence[ProcessState], policy: Policy) -> list[Open]:
    """Return everything that does not fit, of the returns that we carry: among the systems and in our own story."""
    by_number = {state.number: state for state in states}
    with exact():
        found = [
            _open(difference, by_number[difference.return_number])
            for difference in _differences(books, by_number)
            if difference.return_number in by_number
            and _is_one(difference, books, by_number[difference.return_number], policy)
        ]
        for state in states:
            found += _leaks(state, policy)
    return found


def _differences(books: Sequence[Books], states: Mapping[str, ProcessState]) -> list[Difference]:
    """Return where systems differ, and of the closed returns that any of them holds, where they differ from us."""
    theirs = reconcile(books)
    closed = {one: states[one] for one in theirs.returns if one in states and states[one].stage == "closed"}
    ours = reconcile([*books, *_our_own(list(closed.values()))]).differences if closed else ()
    return [
        *(one for one in theirs.differences if one.return_number not in closed),
        *(one for one in ours if one.return_number in closed),
    ]


def _is_one(difference: Difference, books: Sequence[Books], state: ProcessState, policy: Policy) -> bool:
    """Whether those who have a say in it hold a thing differently.

    Of a credit ahead of its goods, or without any, who decides on goods knows nothing yet; a warehouse is not told of
    a return without goods at all, nor of goods that the customer keeps. Of a return that was called off, one system
    goes on telling what was authorized and another takes it back: `live` and `open` tell who did not end it.
    """
    if difference.fact == "authorized" and state.ending:
        return False
    held, deciding = dict(difference.held), {one.system for one in books if Disposition in one.keeps}
    silent: set[str] = set()
    if difference.fact == "credited":
        silent = {"process", *deciding} if _is_ahead(state) else set()
        held |= {one: held[one] + _kept(state, difference.of, one) for one in deciding & held.keys()}
    if state.return_.type == "credit_only":
        route = route_of(state, policy)
        silent |= {f"{route.wms} (wms)", *({route.wms} - {route.erp, route.crm, route.tax})}
    return len({amount for system, amount in held.items() if system not in silent}) > 1


def _kept(state: ProcessState, of: str, system: str) -> Decimal:
    """Return how many creditable units the customer keeps or destroys by somebody else's decision than a system's."""
    return sum(
        (
            split.quantity.value
            for one in state.standing
            for line in one.lines
            for split in line.splits
            if one.meta.source_system != system and f"{line.item.sku} {split.quantity.uom}" == of
            if split.disposition.code in documents.NEVER_SENT and split.creditable is not False
        ),
        Decimal(0),
    )


def _is_ahead(state: ProcessState) -> bool:
    """Whether a credit is out of what was agreed to, of which nobody has decided yet, or ever will."""
    number = documents.ahead_of(state.return_)
    out = any(one.number == number and one.status != "voided" for one in state.credits)
    return out and (state.return_.type == "credit_only" or state.return_.status in {*_AHEAD, "received", "inspected"})


def _our_own(states: Sequence[ProcessState]) -> tuple[Books, ...]:
    """Return what we hold: of goods, and of credits, for in one book what was decided would be counted again."""
    goods: list[Document] = []
    for state in states:
        goods += [state.return_, *state.standing]
    given = [one for state in states for one in state.credits if state.over("issue_credit", one.number)]
    return (
        Books("process", frozenset({Return, Disposition}), goods),
        Books("process (credits)", frozenset({Credit}), given),
    )


def _judged(document: Document, policy: Policy) -> Document:
    return documents.judged(document, policy.not_creditable) if isinstance(document, Disposition) else document


def _open(difference: Difference, state: ProcessState) -> Open:
    amounts = difference.held.values()
    gap = max(amounts) - min(amounts)
    money = difference.fact in {"net", "tax"}
    said = ", ".join(f"{system} {amount:f}" for system, amount in difference.held.items())
    return Open(
        state.number,
        difference.fact,
        difference.of,
        f"{difference.fact} of {difference.of}: {said}",
        tuple(difference.held),
        gap if money else _worth(state, difference, gap),
        difference.of if money else state.return_.currency,
    )


def _worth(state: ProcessState, difference: Difference, gap: Decimal) -> Decimal | None:
    """Return what goods cost, or what a document is about; of a credit that is not ours, all that the return is."""
    if difference.fact == "credits":
        known = {one.number: one.totals.tax_inclusive.amount for one in state.credits}
        return gap * known.get(difference.of.removeprefix("credit "), documents.value_of(state.return_))
    if difference.fact in {"documents", "live", "open"}:
        return documents.value_of(state.return_)
    sku = difference.of.rpartition(" ")[0]
    prices = [line.unit_price.amount for line in state.return_.lines if line.item.sku == sku and line.unit_price]
    return gap * prices[0] if prices else None


# --- what leaks without any system's doing ------------------------------------------------------------------------


def _leaks(state: ProcessState, policy: Policy) -> Iterator[Open]:
    issued = [one for one in state.credits if one.status != "voided" and state.over("issue_credit", one.number)]
    yield from _beyond_receipts(state, issued)
    for credit in issued:
        if credit.totals.tax.amount and not _is_done(state, "commit", credit.number):
            yield _leak(state, "tax_not_reversed", credit.number, "its tax is not recorded", credit.totals.tax.amount)
        yield from _fee(state, credit, policy)
    for credit in state.credits:
        void = state.effect("void", credit.number)
        if void is not None and (void.dead or void.status == "discarded") and credit.totals.tax.amount:
            said = "it was taken back, and its recorded tax was not"
            yield _leak(state, "tax_not_voided", credit.number, said, credit.totals.tax.amount)
    yield from _unclaimed(state)


def _is_done(state: ProcessState, step: str, subject: str) -> bool:
    """Whether a step was done, by the process: what somebody gave up may not be."""
    effect = state.effect(step, subject)
    return effect is not None and effect.status == "done"


def _unclaimed(state: ProcessState) -> Iterator[Open]:
    """Yield goods of a vendor's that are on their way back or gone, and that no vendor was asked to credit."""
    prices = {line.line_id: line.unit_price.amount for line in state.return_.lines if line.unit_price}
    for disposition in state.standing:
        for line in disposition.lines:
            for split in line.splits:
                subject = f"{disposition.meta.document_id}/{line.line_id}/{split.split_id}"
                price = prices.get(line.return_line_id)
                value = split.quantity.value * price if price is not None else None
                if f"vendor_claim/{subject}" in state.placed:
                    continue
                if f"vendor_claim/{subject}" in state.asked:
                    yield _leak(state, "vendor_claim_open", subject, "no vendor has been asked for it yet", value)
                elif split.disposition.code in documents.LET_GO and split.vendor is not None:
                    said = f"gone for {split.disposition.code}, and its vendor was not asked to credit it"
                    yield _leak(state, "scrap_not_claimed", subject, said, value)


# A preliminary refund is ahead of its goods until they are in.
_AHEAD = frozenset({"authorized", "in_transit", "partially_received"})


def _beyond_receipts(state: ProcessState, issued: Sequence[Credit]) -> Iterator[Open]:
    """Yield what was credited beyond what came in; beyond what was agreed to, while that is ahead of the goods."""
    ahead = state.return_.status in _AHEAD or state.return_.type == "credit_only"
    lines = {line.line_id: line for line in state.return_.lines}
    for line_id, line in lines.items():
        own = [
            one
            for credit in issued
            for one in credit.lines
            if one.return_ is not None and one.return_.line_id == line_id
        ]
        credited = sum((one.quantity.value for one in own), Decimal(0))
        amount = sum((one.amount.amount for one in own), Decimal(0))
        counts = (line.authorized or line.requested) if ahead else line.received
        came = counts.value if counts else Decimal(0)
        kept = _never_sent(state, line_id)
        if credited and not came and not kept:
            yield _leak(state, "credit_without_receipt", line_id, "credited, and nothing came in", amount)
        elif line.unit_price:
            beyond = amount - (came + kept) * line.unit_price.amount
            rounded = minor_unit(state.return_.currency) / 2 * len(own)  # each part to what the currency pays
            if beyond <= rounded:
                continue
            yield _leak(state, "credited_too_much", line_id, f"{credited:f} credited of {came + kept:f}", beyond)


def _never_sent(state: ProcessState, line_id: str) -> Decimal:
    """Return how many units the customer keeps or destroys: they are credited, and never come in."""
    return sum(
        (
            split.quantity.value
            for one in state.standing
            for line in one.lines
            if line.return_line_id == line_id
            for split in line.splits
            if split.disposition.code in documents.NEVER_SENT
        ),
        Decimal(0),
    )


def _fee(state: ProcessState, credit: Credit, policy: Policy) -> Iterator[Open]:
    fee = policy.restocking_fee
    owed = documents.fee_of(credit, state.return_, fee.percent, fee.waived_for, state.credits)
    charged = any(one.kind == "restocking_fee" for one in credit.charges or ())
    if owed and not charged:
        yield _leak(state, "fee_not_charged", credit.number, "the restocking fee is not charged", owed)


def _leak(state: ProcessState, code: str, subject: str, message: str, value: Decimal | None) -> Open:
    return Open(state.number, code, subject, message, ("process",), value, state.return_.currency)


# --- kept -------------------------------------------------------------------------------------------------------


def examine(
    store: Store, ports: Mapping[str, Sequence[Port]], policy: Policy, since: datetime, now: datetime
) -> list[dict[str, Any]]:
    """Compare, keep what was found, and return all that is open: with when each was first seen."""
    states = store.states()
    found = compare(held_by(ports, policy, since), states, policy)
    rows = store.keep_findings([one.row() for one in found], now)
    telemetry.leaked(rows)
    return [*rows, *unclaimed(store, policy, now)]


_BLIND: Mapping[str, tuple[str, str]] = {
    "goods.received": ("blind_receipt", "goods came in"),
    "goods.inspected": ("blind_disposition", "goods were inspected"),
}


def unclaimed(store: Store, policy: Policy, now: datetime) -> list[dict[str, Any]]:
    """Keep, and return, a finding for goods whose return nobody has asked for after the policy's time."""
    before = now - timedelta(hours=policy.blind_receipt_hours)
    found = []
    for one in store.stranded():
        if one.type in _BLIND and one.reason == "unknown_return" and one.at <= before:
            code, what = _BLIND[one.type]
            said = f"{what} of {one.number}, and no return of that number was asked for"
            found.append(Open(one.number, code, one.id, said, ("warehouse",), None, "").row())
    return store.keep_findings(found, now, "inbox")
