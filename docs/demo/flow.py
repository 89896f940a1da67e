"""A return's way through ERP, warehouse, service desk and tax engine, over their ports; nothing here knows a vendor.

A plain script: what it knows of a return is lost with the process. Everything it does can be done again, since each
write is done once under its key, and looked up where its outcome is not known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias, TypeVar

from openreturns import Credit, Disposition, Return
from openreturns.errors import OutcomeUnknownError, RejectedError, RetryableError
from openreturns.flow import adjustments_of, credit_of, line_numbers, match_lines, match_receipts, received, taxed
from openreturns.idempotency import Done, Outcome, Rejected
from openreturns.models import Document, DocumentRef, ReturnLine
from openreturns.ports import Crm, EligibleLine, Erp, Tax, Wms
from openreturns.state import terminal

__all__ = ["Case", "Systems", "advance", "cancel", "judged", "request", "start"]

Told: TypeAlias = Callable[["Case", str], None]

TRIES = 6
PATIENCE = 0.05  # seconds: the sandbox is well again sooner than a vendor, which says when to come again
PLACE = "22"  # where the warehouse inspects
SELLER = "1"  # the company that credits
UNIT = "EA"


@dataclass(frozen=True)
class Systems:
    """The four systems that have to agree."""

    erp: Erp
    wms: Wms
    crm: Crm
    tax: Tax


@dataclass
class Case:
    """What we know of one return."""

    return_: Return
    about: str = ""
    erp: DocumentRef | None = None
    wms: DocumentRef | None = None
    everywhere: int = 0
    """The revision of the return that all systems are known to have."""
    documents: list[Document] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether nothing more is to happen."""
        return self.return_.status in terminal("return")

    @property
    def story(self) -> list[Document]:
        """All documents of the case."""
        return [self.return_, *self.documents]

    def now(self, **changed: Any) -> None:  # noqa: ANN401 - fields of the return
        """Change the return, which makes another revision of it."""
        data = self.return_.to_dict()
        data["meta"] |= {"revision": self.return_.meta.revision + 1, "issuedAt": datetime.now(UTC).isoformat()}
        self.return_ = Return.model_validate({**data, **changed})


def request(number: str, asked: Mapping[str, Any], customer: Mapping[str, Any]) -> Return:
    """Return what a customer asks for, as the canonical document."""
    units = {"uom": UNIT}
    return Return.model_validate(
        {
            "meta": {
                "schema": "openreturns/return/1.0",
                "documentId": f"return-{number}",
                "revision": 1,
                "sourceSystem": "portal",
                "issuedAt": datetime.now(UTC).isoformat(),
                "correlationId": number,
            },
            "number": number,
            "status": "requested",
            "type": "credit",
            "customer": {"id": asked["customer"], "name": customer["name"], "address": customer["address"]},
            "currency": customer["currency"],
            "returnTo": {"id": PLACE},
            "refs": [{"type": "sales_order", "id": asked["order"]}],
            "lines": [
                {
                    "lineId": str(place),
                    "item": {"sku": line["sku"], **({"serials": line["serials"]} if "serials" in line else {})},
                    "requested": {"value": str(line["units"]), **units},
                    "reason": {"code": line["reason"]},
                    "originalInvoice": {"type": "invoice", "id": asked["invoice"], "lineId": line["line"]},
                    "originalOrder": {"type": "sales_order", "id": asked["order"], "lineId": line["line"]},
                }
                for place, line in enumerate(asked["lines"], 1)
            ],
        }
    )


# --- what happens, in order -----------------------------------------------------------------------------------


def start(case: Case, systems: Systems, told: Told) -> None:
    """Open the service desk's case, and let the return begin, or decline it, by what was sold."""
    done(lambda: systems.crm.open_case(case.return_))
    told(case, "requested")
    eligible = again(lambda: systems.erp.check_eligibility(case.return_))
    reasons = [line.reason for line in eligible if line.reason]
    if reasons:
        case.now(status="declined", authorization={"decision": "declined", "declineReason": "; ".join(reasons)})
        done(lambda: systems.crm.update_case(case.return_))
        told(case, "declined")
        return
    case.now(status="authorized", authorization={"decision": "authorized"}, lines=agreed(case.return_, eligible))
    case.erp = done(lambda: systems.erp.authorize(case.return_))
    told(case, "authorized")
    case.wms = done(lambda: systems.wms.announce(case.return_))
    done(lambda: systems.crm.update_case(case.return_))
    case.everywhere = case.return_.meta.revision
    told(case, "announced")


def agreed(return_: Return, eligible: Sequence[EligibleLine]) -> list[dict[str, Any]]:
    """Return the lines as they are agreed to: all that was asked for, at the price and from the invoice it was sold."""
    by_id = {line.line_id: line for line in eligible}
    lines = []
    for line in return_.lines:
        found, data = by_id[line.line_id], line.to_dict()
        data |= {"authorized": data["requested"], "expected": data["requested"]}
        data["unitPrice"] = found.unit_price.to_dict() if found.unit_price else None
        data["originalInvoice"] = found.original.to_dict() if found.original else None
        lines.append({name: value for name, value in data.items() if value is not None})
    return lines


def cancel(case: Case, systems: Systems, told: Told) -> None:
    """Take a return back that nothing has come of: first at the warehouse, which may have it already."""
    assert case.wms is not None
    assert case.erp is not None
    wms, erp = case.wms, case.erp
    done(lambda: systems.wms.cancel(wms))
    done(lambda: systems.erp.cancel(erp))
    case.now(status="cancelled")
    done(lambda: systems.crm.update_case(case.return_))
    told(case, "cancelled")


def advance(case: Case, systems: Systems, not_creditable: Collection[str], told: Told) -> None:
    """Bring all systems up to what the warehouse has now; nothing to do where it has nothing new."""
    if case.ended or case.wms is None:
        return
    ref = case.wms
    seen = again(lambda: systems.wms.status(ref))
    numbers = line_numbers(seen, case.return_)
    receive(case, match_lines(seen, numbers), systems, told)
    if seen.status != "dispositioned":
        return
    disposition = match_lines(again(lambda: systems.wms.disposition(ref)), numbers)
    if disposition.status == "final":
        disposition = match_receipts(disposition, case.return_)
        settle(case, judged(disposition, not_creditable), systems, told)


def receive(case: Case, seen: Return, systems: Systems, told: Told) -> None:
    """Record what came since, one item receipt a delivery; the service desk is told how much.

    What is to be recorded is noted first, and kept until all systems have it: a delivery whose receipt is not
    known to be there stays that delivery, however much more has come since.
    """
    came = received(case.return_, seen)
    if came is not case.return_:
        complete = all(line.received and line.received.value >= line.requested.value for line in came.lines)
        lines = raised(came, systems) if any(_over(line) for line in came.lines) else came.lines
        status = "received" if complete else "partially_received"
        case.now(status=status, lines=[line.to_dict() for line in lines])
    if case.everywhere == case.return_.meta.revision:
        return
    if any(one.discrepancy == "over" for line in case.return_.lines for one in line.receipts or ()):
        done(lambda: systems.erp.authorize(case.return_))
    all_done(lambda: systems.erp.receive(case.return_))
    done(lambda: systems.crm.update_case(case.return_))
    case.everywhere = case.return_.meta.revision
    told(case, case.return_.status.replace("_", " "))


def raised(return_: Return, systems: Systems) -> Sequence[ReturnLine]:
    """Return the lines with no less on the RMA than came: the ERP takes in no more than that.

    Raises RejectedError where more came than was sold.
    """
    lines = [
        line.replace(requested=line.received, authorized=line.received, expected=line.received) if _over(line) else line
        for line in return_.lines
    ]
    eligible = again(lambda: systems.erp.check_eligibility(return_.replace(lines=tuple(lines))))
    reasons = [line.reason for line in eligible if line.reason]
    if reasons:
        raise RejectedError(f"{return_.number}: more came than was sold: {'; '.join(reasons)}", kind="business_rule")
    return lines


def _over(line: ReturnLine) -> bool:
    return line.received is not None and line.received.value > line.requested.value


def judged(disposition: Disposition, not_creditable: Collection[str]) -> Disposition:
    """Return the disposition with what the customer has to bear: units whose reason is one of those given."""
    data = disposition.to_dict()
    for line in data["lines"]:
        for split in line["splits"]:
            if split["disposition"].get("note") in not_creditable:
                split |= {"creditable": False, "customerLiable": True}
    return Disposition.model_validate(data)


def settle(case: Case, disposition: Disposition, systems: Systems, told: Told) -> None:
    """Carry out a final decision: stock, tax, credit, and the end of the service desk's case."""
    moves = adjustments_of(disposition, location=PLACE)
    case.documents = [disposition, *moves]
    for move in moves:
        if any(line.to.status == "external" for line in move.lines):  # the receipt has moved the rest
            done(partial(systems.erp.post_adjustment, move))
    case.now(status="dispositioned")
    told(case, "adjusted")
    day = disposition.meta.issued_at.astimezone(UTC).date().isoformat()
    draft = credit_of(case.return_, disposition, seller=SELLER, issue_date=day)
    if draft is not None:
        case.documents.append(paid(draft, systems))
        case.now(status="credited")
        told(case, "credited")
    case.now(status="closed")
    done(lambda: systems.crm.update_case(case.return_))
    told(case, "closed")


def paid(draft: Credit, systems: Systems) -> Credit:
    """Return the credit, its tax recorded and itself issued."""
    quote = again(lambda: systems.tax.quote(draft))
    credit = taxed(draft, quote).model_copy(update={"status": "issued"})
    done(lambda: systems.tax.commit(credit))
    done(lambda: systems.erp.issue_credit(credit))
    return credit


# --- until it is known ------------------------------------------------------------------------------------------


def done(write: Callable[[], Outcome]) -> DocumentRef:
    """Do it until it is known to be done: doing it again is looking first, as no verb here has the rule `none`.

    An unknown outcome is looked up that way, and so is a read-back that gave an older state than the write's.
    Raises RejectedError for what the other system does not want.
    """
    return all_done(lambda: [write()])[0]


def all_done(write: Callable[[], Sequence[Outcome]]) -> list[DocumentRef]:
    """Do several things until all are known to be done."""
    for _ in range(TRIES):
        outcomes = again(write)
        refs = [outcome.ref for outcome in outcomes if isinstance(outcome, Done)]
        if len(refs) == len(outcomes):
            return refs
        for outcome in outcomes:
            if isinstance(outcome, Rejected) and outcome.kind != "not_as_sent":
                raise RejectedError(str(outcome.problem), kind=outcome.kind, problems=outcome.problems)
    raise OutcomeUnknownError(f"not known to be done after {TRIES} times: {outcomes}", key="")


_Result = TypeVar("_Result")


def again(ask: Callable[[], _Result]) -> _Result:
    """Ask until there is an answer: what the client gives up on, for a vendor that is busy or down."""
    for _ in range(TRIES):
        try:
            return ask()
        except RetryableError as error:
            time.sleep(min(error.retry_after or 0.0, PATIENCE))
    return ask()
