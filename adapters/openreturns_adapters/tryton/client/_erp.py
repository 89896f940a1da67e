"""Tryton as the ERP: eligibility, complaints, receipts, stock moves, credit notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from openreturns import Adapter
from openreturns.errors import Problem
from openreturns.idempotency import Done, Outcome, Rejected, key
from openreturns.models import Adjustment, Credit, Disposition, DocumentRef, Return
from openreturns.ports import Change, EligibleLine, Erp

from openreturns_adapters.tryton.client._credit import Credits
from openreturns_adapters.tryton.client._desk import Desk, attempt
from openreturns_adapters.tryton.client._eligible import eligible
from openreturns_adapters.tryton.client._moves import Moves
from openreturns_adapters.tryton.client._receiving import Receiving
from openreturns_adapters.tryton.client._replacement import Replacements
from openreturns_adapters.tryton.client._rma import Rmas
from openreturns_adapters.tryton.client._rpc import Call
from openreturns_adapters.tryton.functions.warehouse import OWN_DISPOSITION

__all__ = ["TrytonErp"]


class TrytonErp(Erp):
    """One database of a Tryton server; what it takes is said of `Desk`."""

    def __init__(self, adapter: Adapter, **connection: Any) -> None:  # noqa: ANN401 - Desk says what it takes
        self._desk = Desk(adapter, **connection)
        self._receiving = Receiving(self._desk)
        self._credits = Credits(self._desk)
        self._rmas = Rmas(self._desk)
        self._moves = Moves(self._desk)
        self._replacements = Replacements(self._desk)

    def close(self) -> None:
        """Close the connections."""
        self._desk.close()

    # ------------------------------------------------------------ verbs

    def check_eligibility(self, return_: Return) -> Sequence[EligibleLine]:
        """Return what of each line may come back, by what was sold and what other complaints already took."""
        return eligible(self._desk.records, return_, self._desk.adapter.tenant)

    def authorize(self, return_: Return) -> Outcome:
        """Record the RMA: a complaint, approved, and the return sale and shipment that follow from it.

        Rejected (kind `needs_approval`) where another person has to approve; done once they have, when it is called
        again.
        """
        [written] = self._desk.adapter.write(return_, "complaint")
        how = self._how("authorize", return_)
        return attempt(how, lambda: self._rmas.authorize(written.record, how))

    def cancel(self, ref: DocumentRef) -> Outcome:
        """Cancel an RMA that nothing has been received on: the complaint, or the shipments of its return sale.

        Rejected (kind `business_rule`) while a replacement is ordered.
        """
        how = Call("cancel", key("tryton", ref.id, "cancel"))
        return attempt(how, lambda: self._rmas.cancel(ref.id, how))

    def receive(self, return_: Return) -> Sequence[Outcome]:
        """Record the receipts of a return, each on the return shipment that waits for goods.

        Where a quality control asks for an inspection, what it found is taken from the return's extension
        `org.tryton.inspection`; without it the receipt is rejected (kind `needs_confirmation`). One that failed
        holds the receipt back (kind `business_rule`) until its alerts are resolved.
        """
        written = self._desk.adapter.write(return_, "receipt")
        return [self._receiving.receive(one.record, return_) for one in written]

    def post_adjustment(self, adjustment: Adjustment) -> Outcome:
        """Move stock by an internal shipment, one a route: all are made, or the first that is not is told.

        What follows from a disposition that was read from Tryton has been moved by the put-away already, and is done.
        """
        if self._put_away_by_tryton(adjustment):
            return Done(self._desk.ref("disposition", adjustment.refs[0].id if adjustment.refs else ""), repeated=True)
        outcome: Outcome | None = None
        for written in self._desk.adapter.write(adjustment, "internal_shipment"):
            how = Call(
                "post_adjustment",
                key("tryton", written.record["reference"], "post_adjustment"),
                adjustment.meta.correlation_id,
            )
            outcome = attempt(how, partial(self._moves.move, written.record, how))
            if not isinstance(outcome, Done):
                return outcome
        return outcome or Rejected((Problem("nothing", "the adjustment moves nothing"),), "nothing")

    def _put_away_by_tryton(self, adjustment: Adjustment) -> bool:
        """Whether all lines name splits of Tryton's own dispositions: the moves of its put-away."""
        moves = [line.disposition for line in adjustment.lines]
        if not all(split and split.document_id.startswith(OWN_DISPOSITION) for split in moves):
            return False
        ids = [int(split.split_id) for split in moves if split]
        rows = self._desk.rpc.call(Call("post_adjustment"), "stock.move", "read", ids, ["state"])
        return all(row["state"] == "done" for row in rows)

    def order_replacement(self, return_: Return) -> Sequence[Outcome]:
        """Order what is sent instead: a sale for each line that has a replacement, at the price of what comes back.

        It is confirmed, so that the warehouse has a shipment to pick and Tryton an invoice to post.
        """
        [written] = self._desk.adapter.write(return_, "complaint")
        outcomes = []
        for line, row in zip(return_.lines, written.record["lines"], strict=True):
            if "replacement" in row:
                once = key("tryton", return_.number, "order_replacement", line.line_id)
                how = Call("order_replacement", once, return_.meta.correlation_id)
                order = partial(self._replacements.order, return_.number, line.line_id, row["replacement"], how)
                outcomes.append(attempt(how, order))
        return outcomes

    def issue_credit(self, credit: Credit) -> Outcome:
        """Post the credit note that Tryton drafted for the return, brought to what is credited.

        Rejected (kind `business_rule`), and nothing posted, where Tryton works out another total.
        """
        [written] = self._desk.adapter.write(credit, "credit_note")
        how = Call("issue_credit", key("tryton", credit.number, "issue_credit"), credit.meta.correlation_id)
        return attempt(how, lambda: self._credits.issue(written.record, how))

    def void_credit(self, credit: Credit) -> Outcome:
        """Cancel a posted credit note by an invoice over the same, which Tryton makes, posts and sets against it.

        Rejected (kind `business_rule`) where the credit note is not posted, or paid out already.
        """
        how = Call("void_credit", key("tryton", credit.number, "void_credit"), credit.meta.correlation_id)
        return attempt(how, lambda: self._credits.void(credit.number, how))

    def read(self, ref: DocumentRef) -> Return | Disposition | Adjustment | Credit:
        """Return a return or its disposition by the RMA number, a credit or an adjustment by its record id."""
        return self._desk.document(ref)

    def changes(self, since: datetime) -> Iterator[Change]:
        """Yield what changed since a moment, oldest first; what changed ten minutes before it comes again."""
        return self._desk.changes(since)

    def _how(self, verb: str, document: Return) -> Call:
        return Call(verb, key("tryton", document.number, verb), document.meta.correlation_id)
