"""What can happen to a return: the events that the process decides on, each durable before it is answered.

An event's `id` is its source's and the same each time it is delivered; `by` names the person or system that caused
it, which is what segregation of duties is judged by.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field, TypeAdapter

from openreturns.models import Disposition, DocumentRef, Money, Return, SettlementMethod
from openreturns.process._model import Kept

__all__ = [
    "EVENT",
    "ApprovalGiven",
    "ApprovalRefused",
    "ApprovalStep",
    "CancelRequested",
    "CommandsFinished",
    "DeadLetterDiscarded",
    "DeadLetterRetried",
    "DeadlinePassed",
    "DispositionReversed",
    "Event",
    "GoodsInspected",
    "GoodsReceived",
    "OrderPlaced",
    "Result",
    "ResultStatus",
    "ReturnRequested",
    "Settled",
    "types",
]

ApprovalStep: TypeAlias = Literal["return", "credit", "write_off"]


class _Event(Kept, frozen=True):
    id: str = Field(min_length=1, max_length=200)
    at: datetime
    by: str = ""


class ReturnRequested(_Event, frozen=True):
    """A customer, a portal or a service desk asks for a return."""

    type: Literal["return.requested"] = "return.requested"
    return_: Return


class GoodsReceived(_Event, frozen=True):
    """The warehouse reports what came in: the return as it sees it now, with all its receipts."""

    type: Literal["goods.received"] = "goods.received"
    seen: Return


class GoodsInspected(_Event, frozen=True):
    """The warehouse reports what was decided about goods."""

    type: Literal["goods.inspected"] = "goods.inspected"
    disposition: Disposition


class DispositionReversed(_Event, frozen=True):
    """A decision is taken back: its stock moves are reversed, a credit that is out goes to a person."""

    type: Literal["disposition.reversed"] = "disposition.reversed"
    document_id: str
    reason: str = Field(min_length=1)


class ApprovalGiven(_Event, frozen=True):
    """Somebody agrees: to the return, to a credit above limits, to goods being written off."""

    type: Literal["approval.given"] = "approval.given"
    step: ApprovalStep
    subject: str = ""


class ApprovalRefused(_Event, frozen=True):
    """Somebody says no."""

    type: Literal["approval.refused"] = "approval.refused"
    step: ApprovalStep
    subject: str = ""
    reason: str = Field(min_length=1)


class CancelRequested(_Event, frozen=True):
    """The customer or the service desk takes the request back."""

    type: Literal["cancel.requested"] = "cancel.requested"
    reason: str = ""


class Settled(_Event, frozen=True):
    """The customer has what a credit gives, or a part of it: paid out, or set off."""

    type: Literal["credit.settled"] = "credit.settled"
    credit: str
    method: SettlementMethod = "account_credit"
    reference: str = ""
    amount: Money | None = None
    """How much it is; left out, all that is due yet."""


class OrderPlaced(_Event, frozen=True):
    """A replacement order or a vendor's claim that the process asked for is placed elsewhere."""

    type: Literal["order.placed"] = "order.placed"
    kind: Literal["replacement", "vendor_claim"]
    subject: str
    ref: DocumentRef


class DeadlinePassed(_Event, frozen=True):
    """Time is up: of a stage, an awaited event or a pause before another try."""

    type: Literal["deadline.passed"] = "deadline.passed"
    name: str


ResultStatus: TypeAlias = Literal["done", "rejected", "unknown", "later", "poison"]


class Result(Kept, frozen=True):
    """What came of one command.

    `status`: `done`; `rejected`: the system said no; `unknown`: no answer, and looking it up told nothing;
    `later`: nothing was done, try again after `retry_after` seconds; `poison`: the command itself is wrong.
    """

    key: str
    status: ResultStatus
    ref: DocumentRef | None = None
    repeated: bool = False
    kind: str = ""
    problems: tuple[str, ...] = ()
    retry_after: int | None = None
    answer: str = ""
    """What a question brought, as JSON: eligible lines, a customer's standing, a tax quote."""


class CommandsFinished(_Event, frozen=True):
    """The results of commands that an earlier decision gave."""

    type: Literal["commands.finished"] = "commands.finished"
    results: tuple[Result, ...]


class DeadLetterRetried(_Event, frozen=True):
    """A person has mended the cause; the command may be tried again."""

    type: Literal["dead_letter.retried"] = "dead_letter.retried"
    key: str


class DeadLetterDiscarded(_Event, frozen=True):
    """A person gives a command up, or has done it by hand, and says why."""

    type: Literal["dead_letter.discarded"] = "dead_letter.discarded"
    key: str
    reason: str = Field(min_length=1)


Event: TypeAlias = Annotated[
    ReturnRequested
    | GoodsReceived
    | GoodsInspected
    | DispositionReversed
    | ApprovalGiven
    | ApprovalRefused
    | CancelRequested
    | Settled
    | OrderPlaced
    | DeadlinePassed
    | CommandsFinished
    | DeadLetterRetried
    | DeadLetterDiscarded,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads any event: `EVENT.validate_json(data)`."""


def types() -> tuple[str, ...]:
    """Return the `type` of every event."""
    union, _ = get_args(Event)
    return tuple(kind.model_fields["type"].default for kind in get_args(union))
