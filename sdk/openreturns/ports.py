"""What an adapter offers to the reverse flow: one small class of verbs a role, in canonical documents.

An adapter's client subclasses its role and writes the verbs its vendor has; each of the others refuses before
anything is sent. A verb that changes something returns an outcome (`openreturns.idempotency`): `Done`, `Rejected`
or `Unknown`; a success status alone is no proof, so every verb reads back what it did and compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from openreturns.errors import Problem, RejectedError
from openreturns.idempotency import Outcome
from openreturns.models import (
    Adjustment,
    Credit,
    Disposition,
    DocumentRef,
    Money,
    Party,
    Quantity,
    Return,
    TaxAmount,
    TaxMethod,
)

if TYPE_CHECKING:
    from openreturns.webhooks import Received  # named only: most ports hear nothing

__all__ = ["ROLES", "Change", "Crm", "EligibleLine", "Erp", "Port", "Standing", "Tax", "TaxQuote", "Wms"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed in the other system: which record, when, and the id of the event if there was one."""

    ref: DocumentRef
    at: datetime
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class EligibleLine:
    """How much of one line of a return may come back, at what price, by the original order or invoice.

    `reason` says why not all of it; `unit_price` is per `price_base` (or per unit, without one).
    """

    line_id: str
    returnable: Quantity
    unit_price: Money | None = None
    price_base: Quantity | None = None
    original: DocumentRef | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a customer may return goods without a person looking at it, and if not, why."""

    good: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TaxQuote:
    """The tax of a credit: its groups, and their sum; `ref` names it in the tax engine once it is recorded.

    `method` is how it was found, so that it is recorded as it was quoted; None where no one word is true of it.
    """

    taxes: tuple[TaxAmount, ...] = field(default=())
    total: Money | None = None
    ref: DocumentRef | None = None
    method: TaxMethod | None = None


class Port:
    """The verbs of a role. A verb that an adapter does not write refuses, before anything is sent."""

    role: ClassVar[str] = ""
    verbs: ClassVar[tuple[str, ...]] = ("read", "changes", "hear")
    writes: ClassVar[tuple[str, ...]] = ()
    """The verbs that change something there; a manifest's [idempotency] says of each how it is done once."""

    @classmethod
    def supported(cls) -> frozenset[str]:
        """Return the verbs that this adapter writes itself."""
        role = ROLES[cls.role]
        return frozenset(verb for verb in cls.verbs if getattr(cls, verb) is not getattr(role, verb))

    def read(self, ref: DocumentRef) -> Return | Disposition | Adjustment | Credit:
        """Return the document that a reference names. Raises RejectedError (kind `not_found`)."""
        self._refuse("read")

    def changes(self, since: datetime) -> Iterator[Change]:
        """Yield what changed since a moment, oldest first; what changed at that very moment may come again.

        What may have changed without a moment to tell comes each time, with an `event_id` by what it holds.
        """
        self._refuse("changes")

    def hear(self, received: Received, secrets: Sequence[str]) -> Change:
        """Return what a webhook says has changed, if it is genuine: read that again, and believe no more of it.

        Raises RejectedError (kind `auth`) for one that is not the vendor's, unchanged and recent.
        """
        self._refuse("hear")

    def close(self) -> None:
        """Close the connections."""

    def __enter__(self) -> Any:  # noqa: ANN401 - the adapter's own class
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refuse(self, verb: str) -> NoReturn:
        message = f"this adapter has no {self.role}.{verb}; its manifest says why"
        raise RejectedError(message, kind="unsupported", problems=[Problem("unsupported", message)])


class Erp(Port):
    """The system of record for stock and money."""

    role = "erp"
    writes = ("authorize", "cancel", "receive", "post_adjustment", "order_replacement", "issue_credit", "void_credit")
    verbs = (*Port.verbs, "check_eligibility", *writes)

    def check_eligibility(self, return_: Return) -> Sequence[EligibleLine]:
        """Return what of each line may come back, by what was sold and not yet returned."""
        self._refuse("check_eligibility")

    def authorize(self, return_: Return) -> Outcome:
        """Record the RMA."""
        self._refuse("authorize")

    def cancel(self, ref: DocumentRef) -> Outcome:
        """Cancel an RMA that nothing has been received on."""
        self._refuse("cancel")

    def receive(self, return_: Return) -> Sequence[Outcome]:
        """Record the receipts of a return, one record a delivery."""
        self._refuse("receive")

    def post_adjustment(self, adjustment: Adjustment) -> Outcome:
        """Move stock."""
        self._refuse("post_adjustment")

    def order_replacement(self, return_: Return) -> Sequence[Outcome]:
        """Order what is sent instead of each line that has a replacement: one order a line, shipped by the warehouse.

        Give the lines whose replacement is due; each is ordered once, whichever others are given with it.
        """
        self._refuse("order_replacement")

    def issue_credit(self, credit: Credit) -> Outcome:
        """Record the credit memo."""
        self._refuse("issue_credit")

    def void_credit(self, credit: Credit) -> Outcome:
        """Take a credit memo back that is out: void it, or post a document of the opposite sign."""
        self._refuse("void_credit")


class Wms(Port):
    """The warehouse that the goods come back to."""

    role = "wms"
    verbs = (*Port.verbs, "announce", "cancel", "status", "disposition", "put_away")
    writes = ("announce", "cancel", "put_away")

    def announce(self, return_: Return) -> Outcome:
        """Tell the warehouse what to expect."""
        self._refuse("announce")

    def cancel(self, ref: DocumentRef) -> Outcome:
        """Take an announcement back before the goods are there."""
        self._refuse("cancel")

    def status(self, ref: DocumentRef) -> Return:
        """Return the return as the warehouse sees it now: its status and its receipts."""
        self._refuse("status")

    def disposition(self, ref: DocumentRef) -> Disposition:
        """Return what was decided about the goods. Raises RejectedError (kind `not_yet`) before anything was."""
        self._refuse("disposition")

    def put_away(self, disposition: Disposition) -> Outcome:
        """Put received goods where a disposition says, in a warehouse that does not decide itself."""
        self._refuse("put_away")


class Crm(Port):
    """Where the customer's case is kept."""

    role = "crm"
    verbs = (*Port.verbs, "open_case", "update_case", "standing")
    writes = ("open_case", "update_case")

    def open_case(self, return_: Return) -> Outcome:
        """Open the case of a return, or find it open."""
        self._refuse("open_case")

    def update_case(self, return_: Return) -> Outcome:
        """Bring the case up to the return's status."""
        self._refuse("update_case")

    def standing(self, party: Party) -> Standing:
        """Return whether the customer may return goods as a matter of course."""
        self._refuse("standing")


class Tax(Port):
    """The engine that knows what tax a credit gives back."""

    role = "tax"
    verbs = (*Port.verbs, "quote", "commit", "void")
    writes = ("commit", "void")

    def quote(self, credit: Credit) -> TaxQuote:
        """Return the tax of a credit without recording anything."""
        self._refuse("quote")

    def commit(self, credit: Credit) -> Outcome:
        """Record the tax of a credit, found as its quote was; one that is not the credit's is `not_as_sent`."""
        self._refuse("commit")

    def void(self, credit: Credit) -> Outcome:
        """Take back what was recorded for a credit, which may be voided by now."""
        self._refuse("void")


ROLES: dict[str, type[Port]] = {"erp": Erp, "wms": Wms, "crm": Crm, "tax": Tax}
