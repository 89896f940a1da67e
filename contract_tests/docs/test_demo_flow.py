"""The demo's script does each thing until it is known to be done, and forgets nothing that it has not seen done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from clients import story
from demo.flow import TRIES, Case, Systems, advance, done
from openreturns.errors import OutcomeUnknownError, Problem, RejectedError, RetryableError
from openreturns.idempotency import Done, Outcome, Rejected, Unknown
from openreturns.models import DocumentRef, Quantity, Return
from openreturns.ports import Crm, Erp, Tax, Wms

REF = DocumentRef(type="return", id="1")
STALE = Rejected((Problem("not_as_sent", "an older state"),), "not_as_sent")
REFUSED = Rejected((Problem("closed", "the period is closed"),), "business_rule")


def answering(*outcomes: Outcome | Exception) -> tuple[Callable[[], Outcome], list[int]]:
    """A verb that ends so, one call after the other, and how often it was called."""
    waiting, calls = list(outcomes), [0]

    def write() -> Outcome:
        calls[0] += 1
        outcome = waiting.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return write, calls


@pytest.mark.parametrize("doubt", [Unknown("key"), STALE, RetryableError("busy", retry_after=0.0)])
def test_what_is_not_known_to_be_done_is_done_again(doubt: Outcome | Exception) -> None:
    write, calls = answering(doubt, doubt, Done(REF))
    assert done(write) == REF
    assert calls == [3]


def test_what_is_refused_is_not_done_again() -> None:
    write, calls = answering(REFUSED)
    with pytest.raises(RejectedError, match="the period is closed") as refused:
        done(write)
    assert (refused.value.kind, calls) == ("business_rule", [1])


def test_what_stays_unknown_is_told() -> None:
    write, calls = answering(*[Unknown("key")] * TRIES)
    with pytest.raises(OutcomeUnknownError):
        done(write)
    assert calls == [TRIES]


class Books(Erp):
    """An ERP that is down for a while, and then keeps what it is given, each receipt once."""

    def __init__(self, down: int) -> None:
        self.down = down
        self.held: dict[str, Decimal] = {}

    def receive(self, return_: Return) -> Sequence[Outcome]:
        for line in return_.lines:
            for receipt in line.receipts or ():
                known = self.held.setdefault(receipt.receipt_id, receipt.quantity.value)
                assert known == receipt.quantity.value, "another delivery under the same id"
                if self.down:
                    self.down -= 1
                    raise RetryableError("after the receipt was made", retry_after=0.0)
        return [Done(REF) for _ in self.held]


class Warehouse(Wms):
    def __init__(self, return_: Return) -> None:
        self.return_ = return_

    def status(self, ref: DocumentRef) -> Return:
        return self.return_

    def counted(self, units: int) -> None:
        receipt = {"receiptId": "count-1", "receivedAt": "2026-10-05T10:00:00Z"}
        data = self.return_.to_dict()
        data["lines"][0]["receipts"] = [{**receipt, "quantity": {"value": str(units), "uom": "EA"}}]
        self.return_ = Return.model_validate(data)


class Desk(Crm):
    def __init__(self) -> None:
        self.told: list[Any] = []

    def update_case(self, return_: Return) -> Outcome:
        self.told.append(return_.lines[0].received)
        return Done(REF)


def test_a_delivery_stays_that_delivery_until_every_system_has_it() -> None:
    asked = story.returned(1)
    line = asked.lines[0].replace(receipts=None, received=None, requested=Quantity(value=Decimal(10), uom="EA"))
    return_ = asked.replace(lines=(line,))
    erp, wms, crm = Books(down=TRIES + 1), Warehouse(return_), Desk()
    systems, case = Systems(erp, wms, crm, Tax()), Case(return_, wms=REF)
    case.everywhere = return_.meta.revision

    wms.counted(4)
    with pytest.raises(RetryableError):
        advance(case, systems, (), lambda case, step: None)
    assert crm.told == []

    wms.counted(9)  # more has come while the first delivery is in doubt
    advance(case, systems, (), lambda case, step: None)
    assert erp.held == {"count-1": Decimal(4), "count-1-2": Decimal(5)}
    assert [quantity.value for quantity in crm.told] == [9]

    advance(case, systems, (), lambda case, step: None)
    assert len(crm.told) == 1
